# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The bodies of successful responses to token and FOTA calls, in each dialect."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any, Dict, Sequence

from . import accounts, upgrades
from .accounts import Device
from .dialect import Dialect

JsonObject = Dict[str, Any]


def device_id(dialect: Dialect, imei: str) -> Any:
    return int(imei) if dialect.id_type == "number" else imei


def time_text(dialect: Dialect, moment: datetime) -> str | None:
    """Return a time of a response, to the millisecond, in UTC; None if the dialect has no times."""
    if dialect.times == "none":
        return None
    moment = moment.astimezone(timezone.utc)
    millisecond = moment.microsecond // 1000
    if dialect.times == "go":
        return f"{moment:%Y-%m-%d %H:%M:%S}.{millisecond:03d} +0000 UTC"
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{millisecond:03d}Z"


def upgrade_time_text(dialect: Dialect, device: Device, now: datetime) -> str | None:
    """Return the ``upgradeTime`` of a device; None if it is absent."""
    if dialect.upgrade_time == "absent":
        return None
    if dialect.upgrade_time == "last attempt" and device.upgrade_in_campaign in upgrades.FAILED:
        return time_text(dialect, now)
    if device.upgrade_times:
        return time_text(dialect, device.upgrade_times[-1])
    # "If a device has never been upgraded", as version 1 has it
    return {"if upgraded": None, "0001": "0001-01-01T00:00:00Z"}.get(dialect.upgrade_time, "01/01/1900 0:0:0")


def with_list(dialect: Dialect, response: JsonObject, name: str, rows: list[JsonObject]) -> JsonObject:
    """Return the response with this list, which the dialect may leave out if it has no rows."""
    if rows or dialect.empty_lists == "list":
        return {**response, name: rows}
    return response if dialect.empty_lists == "absent" and name == "deviceList" else {**response, name: None}


def without_none(row: JsonObject) -> JsonObject:
    return {key: value for key, value in row.items() if value is not None}


def _unrequested_imei(imeis: Sequence[str]) -> str:
    """Return an IMEI that is not among these."""
    requested = set(imeis)
    return next(imei for imei in map("{:015d}".format, range(999000000000000, 10**15)) if imei not in requested)


def _arrange_rows(dialect: Dialect, rows: list[JsonObject], unrequested: JsonObject) -> list[JsonObject]:
    """Return the rows as the dialect's ``rows`` selects."""
    if dialect.rows == "missing" and len(rows) > 1:
        return rows[:-1]
    if dialect.rows == "doubled":
        return rows[:1] + rows
    if dialect.rows == "reordered":
        return rows[::-1]
    if dialect.rows == "unrequested":
        return [unrequested] + rows
    return rows


def status_and_reason(dialect: Dialect, outcome: str, now: datetime, action: str = "Remove") -> tuple[str, str]:
    """Return status and reason for the outcome of one device. action: ``Remove`` or ``Assign``."""
    plain = dialect.status_values == "plain"
    success = "Success" if plain else f"License{action}Success"
    failure = "Failure" if plain else f"License{action}Failed"
    if outcome in (accounts.REMOVED, accounts.LICENSE_ASSIGNED):
        return success, "Success"
    if outcome == accounts.HAS_LICENSE:
        return success if dialect.has_license_status == "success" else failure, dialect.has_license
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
        accounts.EVER_UPGRADED: dialect.ever_upgraded_reason,
        accounts.INTERNAL_ERROR: "Internal error.",
        accounts.NO_FREE_LICENSE: "No unused licenses available.",
    }
    return failure, reasons[outcome]


def change_response(
    dialect: Dialect,
    account: str,
    total: int,
    used: int,
    outcomes: Sequence[tuple[str, str]],
    now: datetime,
    action: str = "Remove",
) -> JsonObject:
    """Return the response to POST /licenses/{acc}/remove (the document, "Success Responses"), or …/assign, which is the same.

    outcomes: (IMEI, outcome) for each device of the request.
    """
    attempted = time_text(dialect, now)
    # The document's example: the next attempt is a day later for a failure, the same for a success.
    next_day = time_text(dialect, now + timedelta(days=1))
    texts = {outcome: status_and_reason(dialect, outcome, now, action) for outcome in {o for _imei, o in outcomes}}

    def row_without_device(status: str, reason: str, next_attempt: str | None) -> JsonObject:
        """Return what all devices with one outcome have in common, built once because requests contain many devices."""
        return without_none(
            {
                "status": status,
                dialect.reason_key: reason,
                "updatedTime": attempted,
                "recentAttemptTime": attempted,
                "nextAttemptTime": next_attempt,
            }
        )

    rows_without_device = {
        outcome: row_without_device(
            *text, attempted if outcome in (accounts.REMOVED, accounts.LICENSE_ASSIGNED) else next_day
        )
        for outcome, text in texts.items()
    }
    rows = [{"deviceId": device_id(dialect, imei), **rows_without_device[outcome]} for imei, outcome in outcomes]
    imeis = [imei for imei, _outcome in outcomes]
    unrequested = {
        "deviceId": device_id(dialect, _unrequested_imei(imeis)),
        **row_without_device(
            status_and_reason(dialect, accounts.NO_LICENSE, now, action)[0],
            f"Superseded by device 1{imeis[0]}0",
            next_day,
        ),
    }
    return {
        "accountName": account,
        dialect.total_key: total,
        "licUsedCount": used,
        "deviceList": _arrange_rows(dialect, rows, unrequested),
    }


def _device_row(dialect: Dialect, device: Device, licensed: bool) -> JsonObject:
    """Return the fields of a device that both calls for devices return."""
    field: Any = licensed
    if dialect.license_field == "text":
        field = "true" if licensed else "false"
    # One literal, because requests contain many devices; no field of a device is None.
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


def devices_response(dialect: Dialect, account: str, found: Sequence[tuple[str, Device | None, bool]]) -> JsonObject:
    """Return the response to POST /devices/{acc} ("Devices by list").

    found: (IMEI, the device or None if the account does not have it, licensed) for each IMEI.
    """

    def row(device: Device, licensed: bool, reason: str) -> JsonObject:
        full_row = _device_row(dialect, device, licensed)
        full_row["requestStatus"] = "Success"
        full_row["resultReason"] = reason
        return full_row

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
    unrequested = row(Device(_unrequested_imei(imeis)), True, f"Supersedes device 1{imeis[0]}0")
    count = sum(device is not None for _imei, device, _licensed in found)
    response = {"accountName": account, "deviceCount": count}
    return with_list(dialect, response, "deviceList", _arrange_rows(dialect, rows, unrequested))


def account_devices_response(
    dialect: Dialect,
    account: str,
    page: Sequence[tuple[Device, bool]],
    more: bool,
    seen: Any,
    page_size: int,
    now: datetime,
) -> JsonObject:
    """Return one page of GET /devices/{acc}: all devices, each with whether it is licensed (V3AccountDeviceList)."""
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
    response = {"accountName": account, "hasMoreData": more, "lastSeenDeviceId": seen, "maxPageSize": page_size}
    return with_list(dialect, response, "deviceList", rows)


def cursor(dialect: Dialect, last_seen: str, page: Sequence[Device]) -> Any:
    """Return the ``lastSeenDeviceId`` of a page of licenses or devices.

    last_seen: the one in the request for this page.
    """
    if not page:
        return last_seen
    if dialect.list_cursor == "number":
        number = int(last_seen) + len(page)
        return number if dialect.id_type == "number" else str(number)
    return device_id(dialect, page[-1].imei)


def licenses_response(
    dialect: Dialect,
    account: str,
    total: int,
    assigned: int,
    page: Sequence[Device],
    more: bool,
    last_seen: str,
    page_size: int,
) -> JsonObject:
    """Return one page of the licensed devices of an account."""

    def row(device: Device) -> JsonObject:
        identified = {"deviceId": device_id(dialect, device.imei)}
        if dialect.assignment_time == "null":
            return {**identified, "assignmentTime": None}
        return without_none({**identified, "assignmentTime": time_text(dialect, device.assigned_time)})

    rows = [row(device) for device in page]
    response = {
        "accountName": account,
        dialect.list_total_key: total,
        "assignedLicenses": assigned,
        "hasMoreData": more,
        "lastSeenDeviceId": cursor(dialect, last_seen, page),
        "maxPageSize": page_size,
    }
    return with_list(dialect, response, "deviceList", rows)


def token_response(dialect: Dialect, token: str, seconds_left: float) -> JsonObject:
    """Return the response to POST /ts/v1/oauth2/token; ``expires_in`` in whole seconds."""
    left: Any = max(0, int(seconds_left))
    if dialect.expires_in == "text":
        left = str(left)
    response = {"access_token": token, "scope": "ts.application.ro", "token_type": "Bearer"}
    return response if dialect.expires_in == "absent" else dict(response, expires_in=left)
