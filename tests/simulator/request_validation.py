# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a request may contain: the list of devices, the protocol, and where a page of a list starts."""

from __future__ import annotations

import json
import re
from typing import Any, Callable, Sequence

from . import accounts, errors
from .accounts import AccountState, Device
from .dialect import Dialect
from .errors import ServiceError
from .settings import Settings

_IMEI = re.compile(r"[0-9]{15}")


def parse_json(body: bytes) -> Any:
    """Return the JSON content of a body, or None if it is not JSON (which is always UTF-8)."""
    try:
        return json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError):
        return None


def device_list(body: bytes, max_batch: int, too_large_status: int) -> list[str]:
    """Return the IMEIs of a request; one invalid entry rejects the request."""
    content = parse_json(body)
    imeis = content.get("deviceList") if isinstance(content, dict) else None
    if not isinstance(imeis, list):
        raise ServiceError(errors.invalid_parameter("Input binding error"))
    if not imeis:
        raise ServiceError(errors.invalid_parameter("Device list is empty"))
    if len(imeis) > max_batch:
        message = f"Device list exceeds the maximum size of {max_batch}"
        raise ServiceError(errors.invalid_parameter(message, too_large_status))
    if not all(isinstance(imei, str) and _IMEI.fullmatch(imei) for imei in imeis):
        raise ServiceError(errors.invalid_parameter("Invalid device id format"))
    return imeis


def protocol_filter(protocol: str | None, dialect: Dialect) -> Callable[[Device], bool]:
    """Return which devices a call lists. protocol: in its query; `all` is from an older page."""
    if protocol is None and dialect.without_protocol == "LWM2M":
        protocol = "LWM2M"
    if protocol in (None, "all"):
        return lambda _device: True
    if protocol not in accounts.PROTOCOLS:
        raise ServiceError(errors.invalid_parameter("Input binding error"))
    recognized = accounts.PROTOCOLS[protocol]
    return lambda device: device.protocol == recognized


def device_page(
    state: AccountState, last_seen: str, matches: Callable[[Device], bool], settings: Settings
) -> tuple[list[Device], bool]:
    """Return the devices after that one, and whether more follow."""
    by_number = settings.dialect.list_cursor == "number"
    found = state.devices_after(last_seen, settings.page_size, matches, by_number)
    if found is None:
        raise ServiceError(errors.invalid_parameter("LastSeenDeviceId Not Valid"))
    return found


def page_after(
    rows: Sequence[Any], ids: Sequence[str], last_seen: str, settings: Settings
) -> tuple[Sequence[Any], bool]:
    """Return the rows after the one with that id ("0" to start), and whether more follow."""
    if last_seen == "0":
        first = 0
    elif last_seen in ids:
        first = ids.index(last_seen) + 1
    else:
        raise ServiceError(errors.invalid_parameter("LastSeenDeviceId Not Valid"))
    end = first + settings.page_size
    return rows[first:end], end < len(rows)
