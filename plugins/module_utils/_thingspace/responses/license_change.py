# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The responses of POST ``/licenses/{acc}/remove`` and ``/licenses/{acc}/assign``: a verdict for each device.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import contextlib
import enum
import functools
import operator
import re
import typing as t

from ansible_collections.verizon.fota.plugins.module_utils._support.text import are_lines
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.fields import (
    REASON,
    count,
    is_failure,
    is_not_found,
    is_success,
    normalized,
    parse_each_device,
    text,
)
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.license_totals import LicenseTotals

# The status words of versions 1 and 3: of a removal, and of an assignment.
_SUCCESS = ("licenseremovesuccess", "licenseassignsuccess")
_FAILURE = ("licenseremovefailed", "licenseassignfailed")
_NO_LICENSE = re.compile(
    r"(the |this )?(device )?(has |had )?(no licen[sc]e|licen[sc]e (is |was )?not)( is| was)?"
    r" (attached|assigned)( to (the |this )?device)?"
    r"|(the |this )?device (has no|does not have a|has not a) licen[sc]e"
)
# "Assign Licenses to Devices" of version 2 and the SDKs of version 3 have "Device license preexisting", with a success status.
_HAS_LICENSE = re.compile(
    r"(the |this )?(device )?licen[sc]e (is |was )?(pre ?existing|already (existing|assigned|attached))( to (the |this )?device)?"
    r"|(the |this )?device (already has|has already) a licen[sc]e"
)
_REMOVED = re.compile(r"(licen[sc]e ?)?((remov(e|al|ed)|was) ?)*(success(ful(ly)?)?)?")
_ASSIGNED = re.compile(r"(licen[sc]e ?)?((assign(ment|ed)?|was) ?)*(success(ful(ly)?)?)?")
_REJECTED = re.compile(r"licen[sc]e removal not allowed\b.*|upgrade pending\b.*")
# The names of all details, in the order of EntryDetails, in an entry as nearly all are.
DOCUMENTED_DETAILS = ("status", REASON[0], "updatedTime", "recentAttemptTime", "nextAttemptTime")
# Returns these details as they came. Raises KeyError for an entry without one of them.
documented_details = operator.itemgetter(*DOCUMENTED_DETAILS)
_status_and_reason = operator.itemgetter(*DOCUMENTED_DETAILS[:2])
_INTERNAL_ERROR = "internal error"


class Verdict(enum.Enum):
    """The verdict of a removal or an assignment for one device."""

    CHANGED = "its license was removed, or assigned, as requested"
    ALREADY = "it had no license to remove, or had one already"
    NOT_FOUND = "the account does not have this device"
    REJECTED = "nothing was changed"
    UNRECOGNIZED = "a failure for an unrecognized reason"
    UNCLEAR = "nothing that says whether the license is still there"


class EntryDetails(t.NamedTuple):
    """What the service reports for one device; ``None`` for fields that it does not return."""

    status: str | None = None
    reason: str | None = None
    updated_time: str | None = None
    recent_attempt_time: str | None = None
    next_attempt_time: str | None = None


class Row(t.NamedTuple):
    """One device in the response: the verdict, and the entry as it came."""

    verdict: Verdict
    entry: t.Mapping[str, t.Any]


def parse_removal(content: t.Any) -> tuple[dict[str, Row], LicenseTotals]:
    """Return a row for each device of a removal, and the account's totals. Raises ``UnexpectedResponse``."""
    return _parse(content, assigns=False)


def parse_assignment(content: t.Any) -> tuple[dict[str, Row], LicenseTotals]:
    """Return a row for each device of an assignment, whose response has the form of a removal's."""
    return _parse(content, assigns=True)


def entry_details(entry: t.Mapping[str, t.Any]) -> EntryDetails:
    """Return the details of an entry. A fleet has a million, so they are read only if they are needed."""
    with contextlib.suppress(KeyError, TypeError):
        details = documented_details(entry)
        if are_lines(details):
            return EntryDetails(*details)
    return EntryDetails(
        text(entry, "status"),
        text(entry, *REASON),
        text(entry, "updatedTime"),
        text(entry, "recentAttemptTime"),
        text(entry, "nextAttemptTime"),
    )


def with_reason(reason: str | None, entry: t.Mapping[str, t.Any] | None = None) -> dict[str, t.Any]:
    """Return an entry like this one, if any, with another reason."""
    return {**(entry or {}), REASON[0]: reason}


def verdict(entry: t.Mapping[str, t.Any], assigns: bool = False) -> Verdict:
    """Return the verdict of an entry of a removal, or of an assignment."""
    return _verdict(text(entry, "status"), text(entry, *REASON), assigns)


def _parse(content: t.Any, assigns: bool) -> tuple[dict[str, Row], LicenseTotals]:
    rows = parse_each_device(content, lambda entries: _rows(entries, assigns), _merged)
    return rows, LicenseTotals(count(content, "licTotalCount", "licCount"), count(content, "licUsedCount"))


def _rows(entries: list[dict[str, t.Any]], assigns: bool) -> t.Iterable[Row]:
    """Return a row for each entry. Nearly all of a million have the same status and the same reason."""
    with contextlib.suppress(KeyError, TypeError):  # an entry without one of both, or with one that is no text
        texts = list(map(_status_and_reason, entries))
        distinct = set(texts)
        if all(isinstance(value, str) and value for pair in distinct for value in pair):
            verdicts = {pair: _verdict(*pair, assigns) for pair in distinct}
            return map(Row, map(verdicts.__getitem__, texts), entries)
    return [Row(verdict(entry, assigns), entry) for entry in entries]


def _merged(first: Row, second: Row) -> Row:
    if first.verdict is second.verdict:
        return first
    return Row(Verdict.UNCLEAR, with_reason("the response contradicts itself", second.entry))


@functools.lru_cache(maxsize=4096)
def _verdict(status_text: str | None, reason_text: str | None, assigns: bool) -> Verdict:
    status, reason = normalized(status_text), normalized(reason_text)
    success = is_success(status) or status == _SUCCESS[assigns]
    failure = is_failure(status) or status == _FAILURE[assigns]
    if assigns and (success or failure) and _HAS_LICENSE.fullmatch(reason):
        return Verdict.ALREADY
    if success:
        return Verdict.CHANGED if (_ASSIGNED if assigns else _REMOVED).fullmatch(reason) else Verdict.UNCLEAR
    if not failure:
        return Verdict.UNCLEAR
    if not assigns and _NO_LICENSE.fullmatch(reason):
        return Verdict.ALREADY
    if is_not_found(reason_text):
        return Verdict.NOT_FOUND
    if _REJECTED.fullmatch(reason):
        return Verdict.REJECTED
    return Verdict.UNCLEAR if not reason or reason == _INTERNAL_ERROR else Verdict.UNRECOGNIZED
