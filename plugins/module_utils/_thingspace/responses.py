# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the answers of the FOTA calls say, whatever dialect they are written in.

Sources disagree on names, words and types ("Remove FOTA Licenses" in its versions 1, 2 and 3; Verizon's Python SDK);
every form is read. Devices are matched by their exact IMEI; rows that nobody asked for are left aside.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import enum
import functools
import re
import typing as t
from dataclasses import dataclass

from ansible_collections.verizon.fota.plugins.module_utils._support.text import one_line

_IMEI_DIGITS = 15
# A number below it counts rows; no IMEI has more than three leading zeros to lose.
_SMALLEST_IMEI = 10 ** (_IMEI_DIGITS - 4)
_REASON = ("resultReason", "Reason", "reason")
_SUCCESS = frozenset(("success", "licenseremovesuccess", "licenseassignsuccess"))
_FAILURE = frozenset(("failure", "licenseremovefailed", "licenseassignfailed"))
_BY_EVENT = "ts hfota evnt"
_NO_LICENSE = re.compile(
    r"(the |this )?(device )?(has |had )?(no licen[sc]e|licen[sc]e (is |was )?not)( is| was)?"
    r" (attached|assigned)( to (the |this )?device)?"
    r"|(the |this )?device (has no|does not have a|has not a) licen[sc]e"
)
# "Assign Licenses to Devices" of version 2 and the SDKs of version 3 have "Device license preexisting", with a success status.
_HAS_LICENSE = re.compile(
    r"(the |this )?(device )?licen[sc]e (is |was )?(already )?(pre ?existing|existing|assigned|attached)( to (the |this )?device)?"
    r"|(the |this )?device (already has|has already) a licen[sc]e"
)
_NOT_FOUND = re.compile(r"(the |this )?device (was )?(not found|does not exist)( in (the |this )?account)?")
_SUCCEEDED = re.compile(r"(licen[sc]e ?)?((remov(e|al|ed)|was) ?)*(success(ful(ly)?)?)?")
_ASSIGNED = re.compile(r"(licen[sc]e ?)?((assign(ment|ed)?|was) ?)*(success(ful(ly)?)?)?")
_INTERNAL_ERROR = "internal error"
_REFUSED = re.compile(r"licen[sc]e removal not allowed\b.*|upgrade pending\b.*")


class Verdict(enum.Enum):
    """What the response to a removal or an assignment says of one device."""

    CHANGED = "its license was removed, or assigned, as requested"
    ALREADY = "it had no license to remove, or had one already"
    NOT_FOUND = "the account does not know it"
    REFUSED = "nothing was changed"
    UNRECOGNIZED = "a failure for a reason that nobody recognizes"
    UNCLEAR = "nothing that tells whether the license is still there"


class EntryDetails(t.NamedTuple):
    """What the service said of one device, in its own words; None where it said nothing."""

    status: str | None = None
    reason: str | None = None
    updated_time: str | None = None
    recent_attempt_time: str | None = None
    next_attempt_time: str | None = None


class Row(t.NamedTuple):
    """One device in the answer of a removal: the verdict, and the entry as it came."""

    verdict: Verdict
    entry: t.Mapping[str, t.Any]


@dataclass(frozen=True)
class Totals:
    """The licenses of the account: how many it has and how many are assigned; None where it was not said."""

    total: int | None = None
    used: int | None = None

    def over(self, earlier: Totals) -> Totals:
        """Return these, and the earlier ones where an answer did not say them."""
        return Totals(
            earlier.total if self.total is None else self.total, earlier.used if self.used is None else self.used
        )


class DeviceStatus(t.NamedTuple):
    """One device as the account knows it: licensed or not, None where the answer does not tell."""

    known: bool
    licensed: bool | None
    reason: str | None = None


_LICENSED = DeviceStatus(True, True)
_UNLICENSED = DeviceStatus(True, False)


@dataclass(frozen=True)
class LicensePage:
    """A page of the account's licensed devices, each with the time of its assignment as the service wrote it, if it did.

    ``next_after`` is None on the last page.
    """

    assigned: t.Mapping[str, str | None]
    next_after: str | None
    totals: Totals


@dataclass(frozen=True)
class Subscription:
    """What the account pays for; None where the service did not say it."""

    purchase_type: str | None
    totals: Totals
    updated_time: str | None

    @property
    def event_based(self) -> bool | None:
        """Whether every purchase is billed by event, so that there are no licenses; None where that was not said."""
        types = {name for name in (_plain(part) for part in (self.purchase_type or "").split(",")) if name}
        return types == {_BY_EVENT} if types else None


class Upgrade(t.NamedTuple):
    """A finished upgrade of a device's firmware: how it ended, when, in which campaign; None where it was not said."""

    status: str | None
    time: str | None
    campaign: str | None


class Campaign(t.NamedTuple):
    """A campaign of upgrades; the start is a date."""

    id: str
    name: str | None
    start: str | None


class CampaignDevice(t.NamedTuple):
    """How the upgrade of a device stands in a campaign: the status, the reason and the time that the service gives."""

    imei: str
    status: str | None
    reason: str | None = None
    time: str | None = None


class UnexpectedResponse(ValueError):
    """The content is not what the call answers with."""


def words(entry: t.Mapping[str, t.Any]) -> EntryDetails:
    """Read the words out of an entry of a removal. A fleet has a million, so this is done where they are needed."""
    return EntryDetails(
        _words(entry, "status"),
        _words(entry, *_REASON),
        _words(entry, "updatedTime"),
        _words(entry, "recentAttemptTime"),
        _words(entry, "nextAttemptTime"),
    )


def verdict(entry: t.Mapping[str, t.Any], assigns: bool = False) -> Verdict:
    """Read the verdict out of an entry of a removal, or of an assignment."""
    status, reason = entry.get("status"), entry.get(_REASON[0])
    if isinstance(status, str) and isinstance(reason, str) and status and reason:
        # As nearly every entry of a million is written.
        return _verdict(status, reason, assigns)
    return _verdict(_words(entry, "status"), _words(entry, *_REASON), assigns)


def with_reason(reason: str | None, entry: t.Mapping[str, t.Any] | None = None) -> dict[str, t.Any]:
    """Return an entry like this one, if any, with a reason of our own."""
    return {**(entry or {}), _REASON[0]: reason}


def removal(content: t.Any) -> tuple[dict[str, Row], Totals]:
    """Read the response of POST /licenses/{acc}/remove: a row for each device, and the account's totals."""
    return _rows(content, assigns=False)


def assignment(content: t.Any) -> tuple[dict[str, Row], Totals]:
    """Read the response of POST /licenses/{acc}/assign, which has the form of the other."""
    return _rows(content, assigns=True)


def _rows(content: t.Any, assigns: bool) -> tuple[dict[str, Row], Totals]:
    rows: dict[str, Row] = {}
    for imei, entry in _device_list(content):
        row = Row(verdict(entry, assigns), entry)
        known = rows.setdefault(imei, row)
        if known is not row and known.verdict is not row.verdict:
            rows[imei] = Row(Verdict.UNCLEAR, with_reason("the answer contradicts itself", entry))
    return rows, Totals(
        _count(content, "licTotalCount", "licCount"),
        _count(content, "licUsedCount"),
    )


def list_devices(content: t.Any) -> dict[str, DeviceStatus]:
    """Read the answer of POST /devices/{acc}. A device that the account does not know may be missing from it."""
    seen: dict[str, DeviceStatus] = {}
    for imei, entry in _device_list(content, may_lack=_counts_none(content, "deviceCount")):
        sighting = _device_status(entry)
        known = seen.setdefault(imei, sighting)
        if known is not sighting and (known.known, known.licensed) != (sighting.known, sighting.licensed):
            seen[imei] = DeviceStatus(True, None, "the answer contradicts itself")
    return seen


def license_page(content: t.Any) -> LicensePage:
    """Read a page of GET /licenses/{acc}/index/… or GET /licenses/{acc}?lastSeenDeviceId=…

    For an account without assigned licenses, the list may be null or missing (it is optional in Verizon's SDKs).
    """
    may_lack = _is_last(content) and _counts_none(content, "assignedLicenses")
    assigned = {imei: _words(entry, "assignmentTime") for imei, entry in _device_list(content, may_lack)}
    totals = Totals(_count(content, "totalLicense", "totalLicenses"), _count(content, "assignedLicenses"))
    return LicensePage(assigned, _next_cursor(content, _cursor(content.get("lastSeenDeviceId"))), totals)


def upgrade_times(content: t.Any) -> tuple[dict[str, str | None], str | None]:
    """Read a page of GET /devices/{acc}: when each device was last upgraded, None where that is not said.

    Return also the cursor of the next page, ``None`` on the last one.
    """
    found = {imei: _words(entry, "upgradeTime") for imei, entry in _device_list(content, may_lack=_is_last(content))}
    return found, _next_cursor(content, _cursor(content.get("lastSeenDeviceId")))


def subscription(content: t.Any) -> Subscription:
    """Read the answer of GET /subscriptions/{acc}."""
    if not isinstance(content, dict) or not {"purchaseType", "licenseCount", "licenseUsedCount"} & set(content):
        raise UnexpectedResponse("the answer tells nothing of a subscription")
    totals = Totals(_count(content, "licenseCount"), _count(content, "licenseUsedCount"))
    return Subscription(_words(content, "purchaseType"), totals, _words(content, "updateTime"))


def history(content: t.Any) -> list[Upgrade]:
    """Read the answer of GET /reports/{acc}/devices/{imei}: the finished upgrades of one device."""
    if not isinstance(content, list):
        raise UnexpectedResponse("the answer is no list of upgrades")
    return [
        Upgrade(
            _words(entry, "status"),
            _words(entry, "reportUpdatedTime"),
            _words(entry, "campaignId", "id"),
        )
        for entry in content
        if isinstance(entry, dict)
    ]


def campaigns(content: t.Any) -> tuple[list[Campaign], str | None]:
    """Read a page of GET /reports/{acc}/firmware/campaigns, and the campaign after which the next page begins, if any."""
    entries = content.get("campaignList") if isinstance(content, dict) else None
    # Verizon's SDK lets it be null.
    if not isinstance(entries, list) and not (isinstance(content, dict) and "campaignList" in content):
        raise UnexpectedResponse("the answer has no campaignList")
    found = [
        Campaign(_for_address(str(entry["id"])), _words(entry, "campaignName"), _words(entry, "startDate"))
        for entry in entries or ()
        if isinstance(entry, dict) and isinstance(entry.get("id"), (str, int)) and entry["id"] != ""
    ]
    return found, _next_cursor(content, _words(content, "lastSeenCampaignId"))


def campaign_devices(content: t.Any) -> tuple[list[CampaignDevice], str | None]:
    """Read a page of GET /reports/{acc}/campaigns/{id}/devices, and the device after which the next page begins, if any."""
    may_lack = _is_last(content) and not _count(content, "totalDevice")
    found = [
        CampaignDevice(imei, _words(entry, "status"), _words(entry, *_REASON), _words(entry, "updatedTime"))
        for imei, entry in _device_list(content, may_lack)
    ]
    return found, _next_cursor(content, _cursor(content.get("lastSeenDeviceId")))


def _next_cursor(content: dict[str, t.Any], last_seen: str | None) -> str | None:
    """Return after what the next page begins, None on the last page."""
    more = _truth(content.get("hasMoreData"))
    if more is None or (more and not last_seen):
        raise UnexpectedResponse("the page does not tell whether another one follows")
    return _for_address(str(last_seen)) if more else None


def _for_address(text: str) -> str:
    """Return a text that is to stand in an address. JSON can hold what no address can: halves of characters."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise UnexpectedResponse("the answer holds half of a character") from None
    return text


def _device_list(content: t.Any, may_lack: bool = False) -> t.Iterator[tuple[str, dict[str, t.Any]]]:
    """Return the rows of a response. ``may_lack``: it says elsewhere that there are none, so the list may be null or missing."""
    entries = content.get("deviceList") if isinstance(content, dict) else None
    if entries is None and may_lack:
        entries = []
    if not isinstance(entries, list):
        raise UnexpectedResponse("the answer has no deviceList")
    return _named(entries)


def _is_last(content: t.Any) -> bool:
    """Return whether a page says that it is the last one."""
    return isinstance(content, dict) and _truth(content.get("hasMoreData")) is False


def _counts_none(content: t.Any, name: str) -> bool:
    """Return whether a response says that it counts nothing."""
    return isinstance(content, dict) and _count(content, name) == 0


def _cursor(value: t.Any) -> str | None:
    """Return what the next page is asked for with: an IMEI, or how many rows were seen, which has no leading zeros to restore."""
    text = _id(value)
    if text and not isinstance(value, str) and int(text) < _SMALLEST_IMEI:
        return str(int(text))
    return text


def _named(entries: list[t.Any]) -> t.Iterator[tuple[str, dict[str, t.Any]]]:
    for entry in entries:
        if isinstance(entry, dict):
            imei = _imei(entry.get("deviceId"))
            if imei is not None:
                yield imei, entry


def _imei(value: t.Any) -> str | None:
    """Return a deviceId as text, with the leading zeros that it has lost, perhaps, as a number on its way."""
    text = _id(value)
    return text.zfill(_IMEI_DIGITS) if text and text.isascii() and text.isdigit() else text


def _id(value: t.Any) -> str | None:
    """Return an id as text. A JSON number has lost the leading zeros."""
    if isinstance(value, str):
        # JSON can hold halves of characters, which nothing can print.
        return value.strip() if value.isprintable() else None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value).zfill(_IMEI_DIGITS)
    return None


@functools.lru_cache(maxsize=4096)
def _verdict(status: str | None, reason: str | None, assigns: bool) -> Verdict:
    word, why = _plain(status), _plain(reason)
    if assigns and word in _SUCCESS | _FAILURE and _HAS_LICENSE.fullmatch(why):
        return Verdict.ALREADY
    if word in _SUCCESS:
        return Verdict.CHANGED if (_ASSIGNED if assigns else _SUCCEEDED).fullmatch(why) else Verdict.UNCLEAR
    if word not in _FAILURE:
        return Verdict.UNCLEAR
    if not assigns and _NO_LICENSE.fullmatch(why):
        return Verdict.ALREADY
    if is_not_found(reason):
        return Verdict.NOT_FOUND
    if _REFUSED.fullmatch(why):
        return Verdict.REFUSED
    return Verdict.UNCLEAR if not why or why == _INTERNAL_ERROR else Verdict.UNRECOGNIZED


def _device_status(entry: dict[str, t.Any]) -> DeviceStatus:
    licensed = _truth(entry.get("licenseAssigned"))
    if licensed:
        return _LICENSED
    word = _plain(_words(entry, "requestStatus"))
    if not word or word in _SUCCESS:
        return DeviceStatus(True, None) if licensed is None else _UNLICENSED
    reason = _words(entry, *_REASON)
    if word not in _FAILURE:
        # A word that nobody knows may mean that the rest was not looked up.
        return DeviceStatus(True, None, reason)
    not_found = not reason or is_not_found(reason)
    # Where it failed for another reason, the account may know it all the same.
    return DeviceStatus(not not_found, None, reason)


@functools.lru_cache(maxsize=4096)
def _plain(text: str | None) -> str:
    """Fold case, punctuation and blanks: words vary in them."""
    return " ".join(re.sub(r"[^a-z0-9]+", " ", (text or "").lower()).split())


def is_not_found(reason: str | None) -> bool:
    """Return whether a reason says that the account does not have the device."""
    return _NOT_FOUND.fullmatch(_plain(reason)) is not None


def is_imei(text: str) -> bool:
    """Return whether a deviceId names a device in the way in which the service documents it."""
    return len(text) == _IMEI_DIGITS and text.isascii() and text.isdigit()


def _words(entry: t.Mapping[str, t.Any], *names: str) -> str | None:
    for name in names:
        value = entry.get(name)
        if isinstance(value, str):
            if value:
                return one_line(value)
        elif isinstance(value, (int, float)):
            return one_line(str(value))
    return None


def _truth(value: t.Any) -> bool | None:
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}.get(value.strip().lower()) if isinstance(value, str) else None


def _count(content: dict[str, t.Any], *names: str) -> int | None:
    for name in names:
        value = content.get(name)
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10:
            return int(value)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
    return None
