# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The response of POST ``/devices/{acc}``: which devices the account has, and whether they are licensed.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import typing as t

from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.fields import (
    REASON,
    counts_none,
    is_failure,
    is_not_found,
    is_success,
    normalized,
    parse_each_device,
    text,
    truth,
)


class DeviceStatus(t.NamedTuple):
    """Whether the account has a device, and whether it is licensed, ``None`` if the response does not say it."""

    in_account: bool
    licensed: bool | None
    reason: str | None = None


_LICENSED = DeviceStatus(True, True)
_UNLICENSED = DeviceStatus(True, False)


def parse_devices(content: t.Any) -> dict[str, DeviceStatus]:
    """Return the status of each device. One that the account does not have may be missing. Raises ``UnexpectedResponse``."""
    return parse_each_device(content, _statuses, _merged, optional=counts_none(content, "deviceCount"))


def _statuses(entries: list[dict[str, t.Any]]) -> t.Iterable[DeviceStatus]:
    # Nearly all of a million entries, as documented.
    return [_LICENSED if entry.get("licenseAssigned") is True else _device_status(entry) for entry in entries]


def _device_status(entry: dict[str, t.Any]) -> DeviceStatus:
    licensed = entry.get("licenseAssigned")
    if licensed is False and entry.get("requestStatus") == "Success":
        return _UNLICENSED
    licensed = truth(licensed)
    if licensed:
        return _LICENSED
    status = normalized(text(entry, "requestStatus"))
    if not status or is_success(status):
        return DeviceStatus(True, None) if licensed is None else _UNLICENSED
    reason = text(entry, *REASON)
    if not is_failure(status):
        # An unrecognized status may mean that the rest was not looked up.
        return DeviceStatus(True, None, reason)
    # If it failed for another reason, the account may still have the device.
    return DeviceStatus(bool(reason) and not is_not_found(reason), None, reason)


def _merged(first: DeviceStatus, second: DeviceStatus) -> DeviceStatus:
    return first if first[:2] == second[:2] else DeviceStatus(True, None, "the response contradicts itself")
