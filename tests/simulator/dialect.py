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

from . import accounts
from .accounts import Device

JsonObject = Dict[str, Any]


@dataclass(frozen=True)
class Dialect:
    """One choice for each contradiction; `CHOICES` names the allowed values, the default first.

    status_words: `plain` is the document's and v2's, `v1` is that of the v1 pages.
    upgrade_pending_status: how a running upgrade refuses: the word for failure, or
        `UpgradePending` as in the SDK's example for v3.
    rows: which rows a remove or devices-by-list answer has, compared with the devices asked for.
    log_in_refused: the HTTP status of a refused log-in; no page tells it.
    campaign_key: the key of the campaign in an upgrade history (page or SDK).
    fault_code: whether the gateway's code is text (Verizon's pages) or a number (WSO2's).
    fault_form: whether the gateway's errors are JSON (Verizon's pages) or XML (WSO2's default).
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
    }

    def __post_init__(self) -> None:
        for name, allowed in self.CHOICES.items():
            value = getattr(self, name)
            if value not in allowed:
                raise ValueError("{}: {!r} is none of {}".format(name, value, ", ".join(map(repr, allowed))))


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


def devices_answer(dialect: Dialect, account: str, found: Sequence[tuple[str, Device | None, bool]]) -> JsonObject:
    """The answer to POST /devices/{acc} ("Devices by list").

    found: (IMEI, the device or None when the account does not have it, licensed) for each IMEI.
    """

    def row(device: Device, licensed: bool, reason: str) -> JsonObject:
        field: Any = licensed
        if dialect.license_field == "text":
            field = "true" if licensed else "false"
        # Written as one literal, since fleets ask for many; no field of a device is None.
        whole = {
            "deviceId": device_id(dialect, device.imei),
            "mdn": device.mdn,
            "make": device.make,
            "model": device.model,
            "firmware": device.firmware,
            "protocol": "LWM2M",
            "fotaEligible": device.fota_eligible,
            "licenseAssigned": field,
            "requestStatus": "Success",
            "resultReason": reason,
        }
        if dialect.license_field == "absent":
            del whole["licenseAssigned"]
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
    return {
        "accountName": account,
        "deviceCount": sum(device is not None for _imei, device, _licensed in found),
        "deviceList": _arranged(dialect, rows, unasked),
    }


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
    return {
        "accountName": account,
        dialect.list_total_key: total,
        "assignedLicenses": assigned,
        "hasMoreData": more,
        "lastSeenDeviceId": page[-1].imei if page else last_seen,
        "maxPageSize": page_size,
        "deviceList": [
            without_none(
                {
                    "deviceId": device_id(dialect, device.imei),
                    "assignmentTime": time_text(dialect, device.assigned_time),
                }
            )
            for device in page
        ],
    }


def token_answer(dialect: Dialect, token: str, seconds_left: float) -> JsonObject:
    """The answer to POST /ts/v1/oauth2/token; `expires_in` in whole seconds."""
    left: Any = max(0, int(seconds_left))
    if dialect.expires_in == "text":
        left = str(left)
    answer = {"access_token": token, "scope": "ts.application.ro", "token_type": "Bearer"}
    return answer if dialect.expires_in == "absent" else dict(answer, expires_in=left)
