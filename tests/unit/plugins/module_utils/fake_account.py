# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A FOTA account in memory, and the ways in which a call to it can go wrong."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.verizon.fota.plugins.module_utils._thingspace.errors import (
    ErrorInfo,
    ErrorKind,
    ThingSpaceError,
)
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.device_list import DeviceStatus
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.license_change import (
    Row,
    Verdict,
    parse_removal,
)
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.license_totals import LicenseTotals

# How a call goes: it is given what an honest service would do, and the devices it is about.
Way = t.Callable[[t.Callable[[], t.Any], t.Sequence[str]], t.Any]


def imeis(count: int) -> list[str]:
    """Return so many different IMEIs."""
    return [f"{990003425730000 + number:015d}" for number in range(count)]


def row(verdict: Verdict, status: str, reason: str | None = None) -> Row:
    return Row(verdict, {"status": status, "resultReason": reason})


@dataclass
class FakeAccount:
    """Does what ThingSpace does for an account; notes each call; ``on_...`` says how the next calls go, then honestly."""

    licensed_devices: t.Iterable[str] = ()
    unlicensed_devices: t.Iterable[str] = ()
    locked: t.Container[str] = ()
    malformed: t.Container[str] = ()
    limit: int = 1000
    on_remove: t.Iterable[Way] = ()
    on_assign: t.Iterable[Way] = ()
    on_read: t.Iterable[Way] = ()
    on_list: t.Iterable[Way] = ()
    on_totals: t.Iterable[Way] = ()
    removals: list[list[str]] = field(default_factory=list)
    assignments: list[list[str]] = field(default_factory=list)
    reads: list[list[str]] = field(default_factory=list)
    listings: int = 0

    def __post_init__(self) -> None:
        # What a removal whose answer was lost does later: after so many calls, to these devices.
        self.due: list[tuple[int, list[str]]] = []
        self.holders = set(self.licensed_devices)
        self._known = self.holders | set(self.unlicensed_devices)
        calls = ("on_remove", "on_assign", "on_read", "on_list", "on_totals")
        self._ways = {name: iter(getattr(self, name)) for name in calls}

    def list_devices(self, wanted: t.Sequence[str]) -> dict[str, DeviceStatus]:
        self.reads.append(list(wanted))
        return self._go("on_read", lambda: self._seen(wanted), wanted)

    def licensed(self, after_removal: bool = False) -> frozenset[str]:
        self.listings += 1
        return self._go("on_list", lambda: frozenset(self.holders), ())

    def remove(self, wanted: t.Sequence[str]) -> tuple[dict[str, Row], LicenseTotals]:
        self.removals.append(list(wanted))
        return self._go("on_remove", lambda: self._removed(wanted), wanted)

    def assign(self, wanted: t.Sequence[str]) -> tuple[dict[str, Row], LicenseTotals]:
        self.assignments.append(list(wanted))
        return self._go("on_assign", lambda: self._assigned(wanted), wanted)

    def totals(self) -> LicenseTotals:
        return self._go("on_totals", lambda: LicenseTotals(9000, len(self.holders)), ())

    def _go(self, calls: str, honest: t.Callable[[], t.Any], wanted: t.Sequence[str]) -> t.Any:
        for _calls, late in [due for due in self.due if due[0] == 0]:
            self.holders.difference_update(late)
        self.due = [(calls_left - 1, late) for calls_left, late in self.due if calls_left]
        way = next(self._ways[calls], None)
        return way(honest, wanted) if way else honest()

    def _check(self, wanted: t.Sequence[str]) -> None:
        if len(wanted) > self.limit or any(imei in self.malformed for imei in wanted):
            raise ThingSpaceError(ErrorInfo(ErrorKind.INVALID_DEVICE_LIST, "Invalid device id format"))

    def _seen(self, wanted: t.Sequence[str]) -> dict[str, DeviceStatus]:
        self._check(wanted)
        return {imei: DeviceStatus(True, imei in self.holders) for imei in wanted if imei in self._known}

    def _removed(self, wanted: t.Sequence[str]) -> tuple[dict[str, Row], LicenseTotals]:
        self._check(wanted)
        return {imei: self._remove_one(imei) for imei in wanted}, LicenseTotals(9000, len(self.holders))

    def _remove_one(self, imei: str) -> Row:
        if imei not in self._known:
            return row(Verdict.NOT_FOUND, "Failure", "Device Not Found.")
        if imei in self.locked:
            return row(Verdict.REJECTED, "Failure", "License removal not allowed for devices that ...")
        if imei not in self.holders:
            return row(Verdict.ALREADY, "Failure", "No license attached to device")
        self.holders.remove(imei)
        return row(Verdict.CHANGED, "Success", "Success")

    def _assigned(self, wanted: t.Sequence[str]) -> tuple[dict[str, Row], LicenseTotals]:
        self._check(wanted)
        return {imei: self._assign_one(imei) for imei in wanted}, LicenseTotals(9000, len(self.holders))

    def _assign_one(self, imei: str) -> Row:
        if imei not in self._known:
            return row(Verdict.NOT_FOUND, "Failure", "Device Not Found.")
        if imei in self.holders:
            return row(Verdict.ALREADY, "LicenseAssignSuccess", "Device license preexisting")
        self.holders.add(imei)
        return row(Verdict.CHANGED, "LicenseAssignSuccess", "Success")


def honest(act: t.Callable[[], t.Any], wanted: t.Sequence[str]) -> t.Any:
    return act()


def lost(act: t.Callable[[], t.Any], wanted: t.Sequence[str]) -> t.Any:
    """The service never acts, and nobody is told."""
    raise ThingSpaceError(ErrorInfo(ErrorKind.NO_VALID_RESPONSE, "no answer within 30 s"))


def lost_after(act: t.Callable[[], t.Any], wanted: t.Sequence[str]) -> t.Any:
    """The service acts, and its answer is lost."""
    act()
    raise ThingSpaceError(ErrorInfo(ErrorKind.NO_VALID_RESPONSE, "no answer within 30 s"))


def lost_and_late(account: FakeAccount, calls: int) -> Way:
    """The answer to a removal is lost, and the service acts after so many more calls."""

    def way(act: t.Callable[[], t.Any], wanted: t.Sequence[str]) -> t.Any:
        account.due.append((calls, [imei for imei in wanted if imei not in account.locked]))
        raise ThingSpaceError(ErrorInfo(ErrorKind.NO_VALID_RESPONSE, "no answer within 30 s"))

    return way


def refusing(kind: ErrorKind, words: str = "refused", known: bool = True) -> Way:
    def way(act: t.Callable[[], t.Any], wanted: t.Sequence[str]) -> t.Any:
        # Who could not be reached with so much patience is dead, unless others got through.
        raise ThingSpaceError(ErrorInfo(kind, words, known, service_down=kind is ErrorKind.UNREACHABLE))

    return way


def raising(error: Exception) -> Way:
    def way(act: t.Callable[[], t.Any], wanted: t.Sequence[str]) -> t.Any:
        raise error

    return way


def leaving_out(*left_out: str) -> Way:
    """The answer to a removal or a reading lacks these devices."""

    def way(act: t.Callable[[], t.Any], wanted: t.Sequence[str]) -> t.Any:
        answer = act()
        rows = answer[0] if isinstance(answer, tuple) else answer
        for imei in left_out:
            rows.pop(imei, None)
        return answer

    return way


def untold(act: t.Callable[[], t.Any], wanted: t.Sequence[str]) -> t.Any:
    """The answer to a reading does not tell who is licensed."""
    return {imei: sighting._replace(licensed=None) for imei, sighting in act().items()}


def answering(*entries: dict[str, t.Any], acting: bool = False) -> Way:
    """The answer to a removal has these entries, word for word, whether the service acts or not."""

    def way(act: t.Callable[[], t.Any], wanted: t.Sequence[str]) -> t.Any:
        if acting:
            act()
        return parse_removal({"deviceList": list(entries)})

    return way
