# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How answers are worded. Public sources contradict each other, and a real answer may follow any
of them: a `Dialect` chooses one form for each contradiction.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any, ClassVar, Dict, Sequence

from . import accounts, upgrades
from .accounts import Device

JsonObject = Dict[str, Any]


@dataclass(frozen=True)
class Dialect:
    """One choice for each contradiction; `CHOICES` names the allowed values, the default first.

    status_words: `plain` is the document's and v2's, `v1` is that of the v1 pages.
    upgrade_pending_status: how a running upgrade refuses: the word for failure, or
        `UpgradePending` as in the SDK's example for v3.
    rows: which rows a remove or devices-by-list answer has, compared with the devices asked for.
    unknown_in_list: also for a device that a call leaves out because of its protocol.
    log_in_refused: the HTTP status of a refused login; no page tells it.
    campaign_key: the key of the campaign in an upgrade history (page or SDK).
    fault_code: whether the gateway's code is text (Verizon's pages) or a number (WSO2's).
    fault_form: whether the gateway's errors are JSON (Verizon's pages) or XML (WSO2's default).
    list_cursor: `lastSeenDeviceId` of the lists of licenses and devices: an IMEI (the pages), or how many rows
        were seen, as in the SDK's example of the license list ("1000").
    empty_lists: how a list without rows is written: the SDK takes deviceList and campaignList for optional or lets
        them be null. `absent` concerns deviceList alone.
    without_protocol: what the calls for devices return without the query `protocol`; no page tells it.
    upgrade_time: `upgradeTime` in the list of all devices: 01/01/1900 where a device was never upgraded (v1), the zero
        of Go's times there, only there where one was, or never (the SDK takes it for optional). `last attempt`: also
        that of an upgrade that failed; no page tells whether it is.
    assignment_time: `assignmentTime` in the license list: told, or null (the SDK takes it for optional).
    history: whether an upgrade history goes back six months only (v1; the other versions are silent).
    campaigns_path: /reports/{acc}/firmware/campaigns (SDK) or /reports/{acc}/campaigns (v3's page).
    campaign_words: the statuses of campaigns that the service knows; other words are refused as a filter, where
        unknown_campaign_word says so, or no campaign has them. No page tells which.
    """

    status_words: str = "plain"
    upgrade_pending_status: str = "failure"
    total_key: str = "licTotalCount"
    reason_key: str = "resultReason"
    id_type: str = "text"
    rows: str = "exact"
    times: str = "iso"
    no_license: str = "No license attached to device"
    unknown_device_reason: str = "Device Not Found."
    refused_upgrade_reason: str = "License removal not allowed for devices that have ever upgraded firmware."
    unknown_in_list: str = "missing"
    license_field: str = "bool"
    list_path: str = "index"
    list_total_key: str = "totalLicense"
    campaign_key: str = "campaignId"
    session_expired: str = "connectivity-400"
    bearer_expired: str = "900901"
    log_in_refused: str = "400"
    fault_code: str = "text"
    fault_form: str = "json"
    devices_endpoint: str = "ok"
    list_endpoint: str = "ok"
    expires_in: str = "number"
    list_cursor: str = "imei"
    empty_lists: str = "list"
    without_protocol: str = "all"
    account_devices_endpoint: str = "ok"
    upgrade_time: str = "1900"
    assignment_time: str = "told"
    history: str = "all"
    campaigns_path: str = "firmware"
    campaign_words: str = "sdk"
    unknown_campaign_word: str = "refused"

    CHOICES: ClassVar[dict[str, tuple[str, ...]]] = {
        "status_words": ("plain", "v1"),
        "upgrade_pending_status": ("failure", "UpgradePending"),
        "total_key": ("licTotalCount", "licCount"),
        "reason_key": ("resultReason", "Reason"),
        "id_type": ("text", "number"),
        "rows": ("exact", "missing", "doubled", "reordered", "unasked"),
        "times": ("iso", "go", "none"),
        "no_license": (
            "No license attached to device",
            "No license attached to device.",
            "no license attached to the device",
            "No License Attached",
            "Device has no license attached",
        ),
        "unknown_device_reason": ("Device Not Found.", "Device does not exist."),
        "refused_upgrade_reason": ("License removal not allowed for devices that have ever upgraded firmware.",),
        "unknown_in_list": ("missing", "failure"),
        "license_field": ("bool", "text", "absent"),
        "list_path": ("index", "query"),
        "list_total_key": ("totalLicense", "totalLicenses"),
        "campaign_key": ("campaignId", "id"),
        "session_expired": (
            "connectivity-400",
            "connectivity-401",
            "invalid-400",
            "invalid-401",
            "uws-401",
            "uws-500",
        ),
        "bearer_expired": ("900901", "900903"),
        "log_in_refused": ("400", "401"),
        "fault_code": ("text", "number"),
        "fault_form": ("json", "xml"),
        "devices_endpoint": ("ok", "403", "404"),
        "list_endpoint": ("ok", "403", "404"),
        "expires_in": ("number", "text", "absent"),
        "list_cursor": ("imei", "number"),
        "empty_lists": ("list", "null", "absent"),
        "without_protocol": ("all", "LWM2M"),
        "account_devices_endpoint": ("ok", "403", "404"),
        "upgrade_time": ("1900", "0001", "last attempt", "if upgraded", "absent"),
        "assignment_time": ("told", "null"),
        "history": ("all", "six months"),
        "campaigns_path": ("firmware", "plain"),
        "campaign_words": ("sdk", "lifecycle"),
        "unknown_campaign_word": ("refused", "empty"),
    }
    # Dialects that have a name. sdk: what Verizon's Python SDK accepts in every call.
    NAMED: ClassVar[dict[str, dict[str, str]]] = {
        "sdk": {
            "list_path": "query",
            "total_key": "licCount",
            "list_total_key": "totalLicenses",
            "times": "iso",
            "id_type": "text",
            "reason_key": "resultReason",
            "license_field": "bool",
            "campaign_key": "campaignId",
            "campaigns_path": "firmware",
            "campaign_words": "sdk",
            "expires_in": "number",
        },
    }

    def __post_init__(self) -> None:
        for name, allowed in self.CHOICES.items():
            value = getattr(self, name)
            if value not in allowed:
                raise ValueError("{}: {!r} is none of {}".format(name, value, ", ".join(map(repr, allowed))))

    @classmethod
    def named(cls, name: str, **more: str) -> Dialect:
        """The dialect with this name, with other choices for some fields. Raises ValueError for a name that is not known."""
        if name not in cls.NAMED:
            raise ValueError("dialect: {!r} is none of {}".format(name, ", ".join(cls.NAMED)))
        return cls(**{**cls.NAMED[name], **more})


def device_id(dialect: Dialect, imei: str) -> Any:
    return int(imei) if dialect.id_type == "number" else imei


def time_text(dialect: Dialect, moment: datetime) -> str | None:
    """A time of an answer, to the millisecond, in UTC; None where the dialect gives no times."""
    if dialect.times == "none":
        return None
    moment = moment.astimezone(timezone.utc)
    millisecond = moment.microsecond // 1000
    if dialect.times == "go":
        return f"{moment:%Y-%m-%d %H:%M:%S}.{millisecond:03d} +0000 UTC"
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{millisecond:03d}Z"


def upgrade_time_text(dialect: Dialect, device: Device, now: datetime) -> str | None:
    """The `upgradeTime` of a device; None where it is not told."""
    if dialect.upgrade_time == "absent":
        return None
    if dialect.upgrade_time == "last attempt" and device.upgrade_in_campaign in upgrades.FAILED:
        return time_text(dialect, now)
    if device.upgrade_times:
        return time_text(dialect, device.upgrade_times[-1])
    # "If a device has never been upgraded", as version 1 has it
    return {"if upgraded": None, "0001": "0001-01-01T00:00:00Z"}.get(dialect.upgrade_time, "01/01/1900 0:0:0")


def with_list(dialect: Dialect, answer: JsonObject, name: str, rows: list[JsonObject]) -> JsonObject:
    """An answer with a list, written as the dialect writes those without rows."""
    if rows or dialect.empty_lists == "list":
        return {**answer, name: rows}
    return answer if dialect.empty_lists == "absent" and name == "deviceList" else {**answer, name: None}


def without_none(row: JsonObject) -> JsonObject:
    return {key: value for key, value in row.items() if value is not None}


def _stranger(imeis: Sequence[str]) -> str:
    """An IMEI that nobody asked for."""
    asked = set(imeis)
    return next(imei for imei in map("{:015d}".format, range(999000000000000, 10**15)) if imei not in asked)


def _arranged(dialect: Dialect, rows: list[JsonObject], unasked: JsonObject) -> list[JsonObject]:
    """The rows as the dialect's `rows` has them."""
    if dialect.rows == "missing" and len(rows) > 1:
        return rows[:-1]
    if dialect.rows == "doubled":
        return rows[:1] + rows
    if dialect.rows == "reordered":
        return rows[::-1]
    if dialect.rows == "unasked":
        return [unasked] + rows
    return rows


def removal_wording(dialect: Dialect, outcome: str, now: datetime) -> tuple[str, str]:
    """Status word and reason for the outcome of one device."""
    plain = dialect.status_words == "plain"
    success = "Success" if plain else "LicenseRemoveSuccess"
    failure = "Failure" if plain else "LicenseRemoveFailed"
    if outcome == accounts.REMOVED:
        return success, "Success"
    if outcome == accounts.UPGRADE_RUNNING:
        # Form of the date as in the published reason: 06 Oct 22 18:05 UTC
        at = (now + timedelta(days=1)).strftime("%d %b %y %H:%M UTC")
        pending = dialect.upgrade_pending_status == "UpgradePending"
        return (
            "UpgradePending" if pending else failure,
            "Upgrade pending, the device upgrade is estimated to be scheduled for " + at,
        )
    reasons = {
        accounts.NO_LICENSE: dialect.no_license,
        accounts.UNKNOWN_DEVICE: dialect.unknown_device_reason,
        accounts.EVER_UPGRADED: dialect.refused_upgrade_reason,
        accounts.INTERNAL_ERROR: "Internal error.",
    }
    return failure, reasons[outcome]


def removal_answer(
    dialect: Dialect,
    account: str,
    total: int,
    used: int,
    outcomes: Sequence[tuple[str, str]],
    now: datetime,
) -> JsonObject:
    """The answer to POST /licenses/{acc}/remove (the document, "Success Responses").

    outcomes: (IMEI, outcome) for each device asked for.
    """
    attempted = time_text(dialect, now)
    # The document's example: the next attempt is a day later for a failure, the same for a success.
    next_day = time_text(dialect, now + timedelta(days=1))
    wordings = {outcome: removal_wording(dialect, outcome, now) for outcome in {o for _imei, o in outcomes}}

    def rest(status: str, reason: str, next_attempt: str | None) -> JsonObject:
        """A row without its device: the same for all devices with one outcome, and fleets ask for many."""
        return without_none(
            {
                "status": status,
                dialect.reason_key: reason,
                "updatedTime": attempted,
                "recentAttemptTime": attempted,
                "nextAttemptTime": next_attempt,
            }
        )

    rests = {
        outcome: rest(*wording, attempted if outcome == accounts.REMOVED else next_day)
        for outcome, wording in wordings.items()
    }
    rows = [{"deviceId": device_id(dialect, imei), **rests[outcome]} for imei, outcome in outcomes]
    imeis = [imei for imei, _outcome in outcomes]
    unasked = {
        "deviceId": device_id(dialect, _stranger(imeis)),
        **rest(
            removal_wording(dialect, accounts.NO_LICENSE, now)[0],
            f"Superseded by device 1{imeis[0]}0",
            next_day,
        ),
    }
    return {
        "accountName": account,
        dialect.total_key: total,
        "licUsedCount": used,
        "deviceList": _arranged(dialect, rows, unasked),
    }


def _device_row(dialect: Dialect, device: Device, licensed: bool) -> JsonObject:
    """What both calls for devices say of one."""
    field: Any = licensed
    if dialect.license_field == "text":
        field = "true" if licensed else "false"
    # Written as one literal, since fleets ask for many; no field of a device is None.
    row = {
        "deviceId": device_id(dialect, device.imei),
        "mdn": device.mdn,
        "make": device.make,
        "model": device.model,
        "firmware": device.firmware,
        "protocol": device.protocol,
        "fotaEligible": device.fota_eligible,
        "licenseAssigned": field,
    }
    if dialect.license_field == "absent":
        del row["licenseAssigned"]
    return row


def devices_answer(dialect: Dialect, account: str, found: Sequence[tuple[str, Device | None, bool]]) -> JsonObject:
    """The answer to POST /devices/{acc} ("Devices by list").

    found: (IMEI, the device or None when the account does not have it, licensed) for each IMEI.
    """

    def row(device: Device, licensed: bool, reason: str) -> JsonObject:
        whole = _device_row(dialect, device, licensed)
        whole["requestStatus"] = "Success"
        whole["resultReason"] = reason
        return whole

    rows = []
    for imei, device, licensed in found:
        if device is not None:
            rows.append(row(device, licensed, "Success"))
        elif dialect.unknown_in_list == "failure":
            rows.append(
                {
                    "deviceId": device_id(dialect, imei),
                    "requestStatus": "Failure",
                    "resultReason": dialect.unknown_device_reason,
                }
            )
    imeis = [imei for imei, _device, _licensed in found]
    unasked = row(Device(_stranger(imeis)), True, f"Supersedes device 1{imeis[0]}0")
    count = sum(device is not None for _imei, device, _licensed in found)
    answer = {"accountName": account, "deviceCount": count}
    return with_list(dialect, answer, "deviceList", _arranged(dialect, rows, unasked))


def account_devices_answer(
    dialect: Dialect,
    account: str,
    page: Sequence[tuple[Device, bool]],
    more: bool,
    seen: Any,
    page_size: int,
    now: datetime,
) -> JsonObject:
    """One page of GET /devices/{acc}: all devices, each with whether it is licensed (V3AccountDeviceList)."""
    rows = [
        without_none(
            {
                **_device_row(dialect, device, licensed),
                "status": "Active",
                "upgradeTime": upgrade_time_text(dialect, device, now),
            }
        )
        for device, licensed in page
    ]
    answer = {"accountName": account, "hasMoreData": more, "lastSeenDeviceId": seen, "maxPageSize": page_size}
    return with_list(dialect, answer, "deviceList", rows)


def cursor(dialect: Dialect, last_seen: str, page: Sequence[Device]) -> Any:
    """The `lastSeenDeviceId` of a page of licenses or devices that was asked for with another one."""
    if not page:
        return last_seen
    if dialect.list_cursor == "number":
        number = int(last_seen) + len(page)
        return number if dialect.id_type == "number" else str(number)
    return device_id(dialect, page[-1].imei)


def licenses_answer(
    dialect: Dialect,
    account: str,
    total: int,
    assigned: int,
    page: Sequence[Device],
    more: bool,
    last_seen: str,
    page_size: int,
) -> JsonObject:
    """One page of the licensed devices of an account."""

    def row(device: Device) -> JsonObject:
        identified = {"deviceId": device_id(dialect, device.imei)}
        if dialect.assignment_time == "null":
            return {**identified, "assignmentTime": None}
        return without_none({**identified, "assignmentTime": time_text(dialect, device.assigned_time)})

    rows = [row(device) for device in page]
    answer = {
        "accountName": account,
        dialect.list_total_key: total,
        "assignedLicenses": assigned,
        "hasMoreData": more,
        "lastSeenDeviceId": cursor(dialect, last_seen, page),
        "maxPageSize": page_size,
    }
    return with_list(dialect, answer, "deviceList", rows)


def token_answer(dialect: Dialect, token: str, seconds_left: float) -> JsonObject:
    """The answer to POST /ts/v1/oauth2/token; `expires_in` in whole seconds."""
    left: Any = max(0, int(seconds_left))
    if dialect.expires_in == "text":
        left = str(left)
    answer = {"access_token": token, "scope": "ts.application.ro", "token_type": "Bearer"}
    return answer if dialect.expires_in == "absent" else dict(answer, expires_in=left)
