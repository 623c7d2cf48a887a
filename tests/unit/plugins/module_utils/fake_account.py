# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A FOTA account in memory, and the behaviors of calls that go wrong."""

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

# The behavior of a call: gets a function that does what a normal service would do, and the devices of the request.
Behavior = t.Callable[[t.Callable[[], t.Any], t.Sequence[str]], t.Any]


def imeis(count: int) -> list[str]:
    """Return so many distinct IMEIs."""
    return [f"{990003425730000 + number:015d}" for number in range(count)]


def row(verdict: Verdict, status: str, reason: str | None = None) -> Row:
    return Row(verdict, {"status": status, "resultReason": reason})


@dataclass
class FakeAccount:
    """Does what ThingSpace does for an account, and records each call. ``on_...``: the behaviors of the next calls."""

    licensed_devices: t.Iterable[str] = ()
    unlicensed_devices: t.Iterable[str] = ()
    locked: t.Container[str] = ()
    malformed: t.Container[str] = ()
    limit: int = 1000
    on_remove: t.Iterable[Behavior] = ()
    on_assign: t.Iterable[Behavior] = ()
    on_read: t.Iterable[Behavior] = ()
    on_list: t.Iterable[Behavior] = ()
    on_totals: t.Iterable[Behavior] = ()
    removals: list[list[str]] = field(default_factory=list)
    assignments: list[list[str]] = field(default_factory=list)
    reads: list[list[str]] = field(default_factory=list)
    listings: int = 0

    def __post_init__(self) -> None:
        # The late effects of removals whose response was lost: after so many calls, for these devices.
        self.due: list[tuple[int, list[str]]] = []
        self.holders = set(self.licensed_devices)
        self._known = self.holders | set(self.unlicensed_devices)
        calls = ("on_remove", "on_assign", "on_read", "on_list", "on_totals")
        self._behaviors = {name: iter(getattr(self, name)) for name in calls}

    def list_devices(self, requested: t.Sequence[str]) -> dict[str, DeviceStatus]:
        self.reads.append(list(requested))
        return self._go("on_read", lambda: self._seen(requested), requested)

    def licensed(self, during_change: bool = False) -> frozenset[str]:
        self.listings += 1
        return self._go("on_list", lambda: frozenset(self.holders), ())

    def remove(self, requested: t.Sequence[str]) -> tuple[dict[str, Row], LicenseTotals]:
        self.removals.append(list(requested))
        return self._go("on_remove", lambda: self._removed(requested), requested)

    def assign(self, requested: t.Sequence[str]) -> tuple[dict[str, Row], LicenseTotals]:
        self.assignments.append(list(requested))
        return self._go("on_assign", lambda: self._assigned(requested), requested)

    def totals(self) -> LicenseTotals:
        return self._go("on_totals", lambda: LicenseTotals(9000, len(self.holders)), ())

    def _go(self, calls: str, as_normal: t.Callable[[], t.Any], requested: t.Sequence[str]) -> t.Any:
        for _calls, late in [due for due in self.due if due[0] == 0]:
            self.holders.difference_update(late)
        self.due = [(calls_left - 1, late) for calls_left, late in self.due if calls_left]
        behavior = next(self._behaviors[calls], None)
        return behavior(as_normal, requested) if behavior else as_normal()

    def _check(self, requested: t.Sequence[str]) -> None:
        if len(requested) > self.limit or any(imei in self.malformed for imei in requested):
            raise ThingSpaceError(ErrorInfo(ErrorKind.INVALID_DEVICE_LIST, "Invalid device id format"))

    def _seen(self, requested: t.Sequence[str]) -> dict[str, DeviceStatus]:
        self._check(requested)
        return {imei: DeviceStatus(True, imei in self.holders) for imei in requested if imei in self._known}

    def _removed(self, requested: t.Sequence[str]) -> tuple[dict[str, Row], LicenseTotals]:
        self._check(requested)
        return {imei: self._remove_one(imei) for imei in requested}, LicenseTotals(9000, len(self.holders))

    def _remove_one(self, imei: str) -> Row:
        if imei not in self._known:
            return row(Verdict.NOT_FOUND, "Failure", "Device Not Found.")
        if imei in self.locked:
            return row(Verdict.REJECTED, "Failure", "License removal not allowed for devices that ...")
        if imei not in self.holders:
            return row(Verdict.ALREADY, "Failure", "No license attached to device")
        self.holders.remove(imei)
        return row(Verdict.CHANGED, "Success", "Success")

    def _assigned(self, requested: t.Sequence[str]) -> tuple[dict[str, Row], LicenseTotals]:
        self._check(requested)
        return {imei: self._assign_one(imei) for imei in requested}, LicenseTotals(9000, len(self.holders))

    def _assign_one(self, imei: str) -> Row:
        if imei not in self._known:
            return row(Verdict.NOT_FOUND, "Failure", "Device Not Found.")
        if imei in self.holders:
            return row(Verdict.ALREADY, "LicenseAssignSuccess", "Device license preexisting")
        self.holders.add(imei)
        return row(Verdict.CHANGED, "LicenseAssignSuccess", "Success")


def as_normal(act: t.Callable[[], t.Any], requested: t.Sequence[str]) -> t.Any:
    return act()


def lost(act: t.Callable[[], t.Any], requested: t.Sequence[str]) -> t.Any:
    """The service does not act, and there is no response."""
    raise ThingSpaceError(ErrorInfo(ErrorKind.NO_VALID_RESPONSE, "no response within 30 s"))


def lost_after(act: t.Callable[[], t.Any], requested: t.Sequence[str]) -> t.Any:
    """The service acts, and its response is lost."""
    act()
    raise ThingSpaceError(ErrorInfo(ErrorKind.NO_VALID_RESPONSE, "no response within 30 s"))


def lost_and_late(account: FakeAccount, calls: int) -> Behavior:
    """The response to a removal is lost, and the service acts after so many more calls."""

    def behavior(act: t.Callable[[], t.Any], requested: t.Sequence[str]) -> t.Any:
        account.due.append((calls, [imei for imei in requested if imei not in account.locked]))
        raise ThingSpaceError(ErrorInfo(ErrorKind.NO_VALID_RESPONSE, "no response within 30 s"))

    return behavior


def rejecting(kind: ErrorKind, message: str = "rejected", known: bool = True) -> Behavior:
    def behavior(act: t.Callable[[], t.Any], requested: t.Sequence[str]) -> t.Any:
        # A service that is unreachable after all retries counts as down, unless other requests succeeded.
        raise ThingSpaceError(ErrorInfo(kind, message, known, service_down=kind is ErrorKind.UNREACHABLE))

    return behavior


def raising(error: Exception) -> Behavior:
    def behavior(act: t.Callable[[], t.Any], requested: t.Sequence[str]) -> t.Any:
        raise error

    return behavior


def leaving_out(*left_out: str) -> Behavior:
    """The response to a removal or a read lacks these devices."""

    def behavior(act: t.Callable[[], t.Any], requested: t.Sequence[str]) -> t.Any:
        response = act()
        rows = response[0] if isinstance(response, tuple) else response
        for imei in left_out:
            rows.pop(imei, None)
        return response

    return behavior


def without_license_state(act: t.Callable[[], t.Any], requested: t.Sequence[str]) -> t.Any:
    """The response to a read does not state which devices are licensed."""
    return {imei: status._replace(licensed=None) for imei, status in act().items()}


def responding(*entries: dict[str, t.Any], acting: bool = False) -> Behavior:
    """The response to a removal has exactly these entries, whether the service acts or not."""

    def behavior(act: t.Callable[[], t.Any], requested: t.Sequence[str]) -> t.Any:
        if acting:
            act()
        return parse_removal({"deviceList": list(entries)})

    return behavior
