# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fields of responses: texts, truth values, counts, device IDs and cursors, in every type and under every name.

Sources disagree on names, words and types ("Remove FOTA Licenses" in its versions 1, 2 and 3; Verizon's Python SDK);
every form is read.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import functools
import re
import typing as t

from ansible_collections.verizon.fota.plugins.module_utils._support.text import are_digits, one_line

# The names of the reason, whose spelling differs from source to source.
T = t.TypeVar("T")

REASON = ("resultReason", "Reason", "reason")

_IMEI_DIGITS = 15
# A number below it counts rows; no IMEI has more than three leading zeros to lose.
_SMALLEST_IMEI = 10 ** (_IMEI_DIGITS - 4)
_NOT_FOUND = re.compile(r"(the |this )?device (was )?(not found|does not exist)( in (the |this )?account)?")


class UnexpectedResponse(ValueError):
    """The content is not that of a response to this call."""


def text(entry: t.Mapping[str, t.Any], *names: str) -> str | None:
    """Return the first of these fields that has a text or number, as text on one line."""
    for name in names:
        value = entry.get(name)
        if isinstance(value, str):
            if value:
                return one_line(value)
        elif isinstance(value, (int, float)):
            return one_line(str(value))
    return None


def truth(value: t.Any) -> bool | None:
    """Return a truth value, which may be written as text; ``None`` if it is none."""
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}.get(value.strip().lower()) if isinstance(value, str) else None


def count(content: dict[str, t.Any], *names: str) -> int | None:
    """Return the first of these fields that has a whole number, which may be written as text."""
    for name in names:
        value = content.get(name)
        if isinstance(value, str) and are_digits(value) and len(value) < 10:
            return int(value)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
    return None


@functools.lru_cache(maxsize=4096)
def normalized(value: str | None) -> str:
    """Return a status or reason without case, punctuation and repeated blanks, in which they vary."""
    return " ".join(re.sub(r"[^a-z0-9]+", " ", (value or "").lower()).split())


def is_success(status: str) -> bool:
    """Return whether a normalized status is that of success which all calls have."""
    return status == "success"


def is_failure(status: str) -> bool:
    """Return whether a normalized status is that of failure which all calls have."""
    return status == "failure"


def is_not_found(reason: str | None) -> bool:
    """Return whether a reason says that the account does not have the device."""
    return _NOT_FOUND.fullmatch(normalized(reason)) is not None


def is_imei(device_id: str) -> bool:
    """Return whether a device ID is an IMEI as the service documents it."""
    return len(device_id) == _IMEI_DIGITS and are_digits(device_id)


def devices(content: t.Any, optional: bool = False) -> t.Iterable[tuple[str, dict[str, t.Any]]]:
    """Return the entries of the device list, each with its IMEI. Raises ``UnexpectedResponse``.

    ``optional``: the response says elsewhere that there are none, so the list may be null or missing.
    """
    entries = _device_list(content, optional)
    imeis = _distinct_imeis(entries)
    return _with_imei(entries) if imeis is None else zip(imeis, entries)


def parse_each_device(
    content: t.Any,
    parse: t.Callable[[list[dict[str, t.Any]]], t.Iterable[T]],
    merge: t.Callable[[T, T], T],
    optional: bool = False,
) -> dict[str, T]:
    """Return by IMEI what ``parse`` returns of the entries of the device list. Like ``devices``.

    ``merge`` is called for a device with several entries.
    """
    entries = _device_list(content, optional)
    imeis = _distinct_imeis(entries)
    if imeis is not None:
        return dict(zip(imeis, parse(entries)))
    found: dict[str, T] = {}
    for imei, entry in _with_imei(entries):
        [value] = parse([entry])
        found[imei] = merge(found[imei], value) if imei in found else value
    return found


def is_last_page(content: t.Any) -> bool:
    """Return whether a page says that it is the last one."""
    return isinstance(content, dict) and truth(content.get("hasMoreData")) is False


def counts_none(content: t.Any, name: str) -> bool:
    """Return whether a response says in this field that it counts nothing."""
    return isinstance(content, dict) and count(content, name) == 0


def next_device_cursor(content: dict[str, t.Any]) -> str | None:
    """Return the cursor of the next page of devices, ``None`` on the last page. Raises ``UnexpectedResponse``.

    It is an IMEI, or how many rows were seen, which has no leading zeros to restore.
    """
    value = content.get("lastSeenDeviceId")
    cursor = _device_id(value)
    if cursor and not isinstance(value, str) and int(cursor) < _SMALLEST_IMEI:
        cursor = str(int(cursor))
    return next_cursor(content, cursor)


def next_cursor(content: dict[str, t.Any], last_seen: str | None) -> str | None:
    """Return the cursor of the next page, ``None`` on the last page. Raises ``UnexpectedResponse``."""
    more = truth(content.get("hasMoreData"))
    if more is None or (more and not last_seen):
        raise UnexpectedResponse("the page does not say whether another one follows")
    return for_url(str(last_seen)) if more else None


def for_url(value: str) -> str:
    """Return a text that is to be part of a URL. JSON can contain surrogates, which a URL cannot."""
    try:
        value.encode()
    except UnicodeEncodeError:
        raise UnexpectedResponse("the response contains half of a character") from None
    return value


def _device_list(content: t.Any, optional: bool) -> list[t.Any]:
    entries = content.get("deviceList") if isinstance(content, dict) else None
    if entries is None and optional:
        return []
    if not isinstance(entries, list):
        raise UnexpectedResponse("the response has no deviceList")
    return entries


def _distinct_imeis(entries: list[t.Any]) -> list[str] | None:
    """Return the IMEIs of entries that are all as documented, each about another device; ``None`` if they are not.

    Nearly every response has such entries, and a fleet has a million of them.
    """
    try:
        imeis = [entry["deviceId"] for entry in entries]
        joined = "".join(imeis)
    except (KeyError, TypeError):
        return None
    documented = set(map(len, imeis)) == {_IMEI_DIGITS} and are_digits(joined)
    return imeis if documented and len(set(imeis)) == len(imeis) else None


def _with_imei(entries: list[t.Any]) -> t.Iterator[tuple[str, dict[str, t.Any]]]:
    for entry in entries:
        if isinstance(entry, dict):
            imei = _imei(entry.get("deviceId"))
            if imei is not None:
                yield imei, entry


def _imei(value: t.Any) -> str | None:
    """Return a device ID as text, with the leading zeros that it may have lost as a number on its way."""
    device_id = _device_id(value)
    if not (device_id and are_digits(device_id)):
        return device_id
    if int(device_id) >= _SMALLEST_IMEI:
        return device_id.zfill(_IMEI_DIGITS)
    # Another ID
    return device_id if isinstance(value, str) else str(int(device_id))


def _device_id(value: t.Any) -> str | None:
    """Return an ID as text. A JSON number has lost the leading zeros."""
    if isinstance(value, str):
        # JSON can contain surrogates, which nothing can print.
        return value.strip() if value.isprintable() else None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value).zfill(_IMEI_DIGITS)
    return None
