# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!
"""The whole list of devices: read all, plan, and remove in batches, several in flight; wait for the end, if asked to.

Everything is read before the first removal is sent, so that a limit on removals and a failing service stop the run
before it changes anything, and so that check mode and a real run take the same path up to that point.
"""

from __future__ import annotations

import threading
import typing as t
from collections import Counter
from dataclasses import dataclass, field

from ansible_collections.verizon.fota.plugins.module_utils import _licenses
from ansible_collections.verizon.fota.plugins.module_utils._answers import Totals
from ansible_collections.verizon.fota.plugins.module_utils._divided_calls import Limit
from ansible_collections.verizon.fota.plugins.module_utils._guards import Guards
from ansible_collections.verizon.fota.plugins.module_utils._in_flight import fly
from ansible_collections.verizon.fota.plugins.module_utils._licenses import Device, Rules, Service
from ansible_collections.verizon.fota.plugins.module_utils._refusals import Kind, Refused
from ansible_collections.verizon.fota.plugins.module_utils._states import Reader, Reading, State
from ansible_collections.verizon.fota.plugins.module_utils._upgrades import Effect, NotKnown, Reports, effects
from ansible_collections.verizon.fota.plugins.module_utils._waiting import Seen, Wait, until_unlicensed


class Account(Service, Reports, t.Protocol):
    """All calls of ThingSpace that a run may need. Each raises Refused."""

    def totals(self) -> Totals:
        """Read how many licenses the account has and uses."""


@dataclass(frozen=True)
class Order:
    """What is asked for. C(imeis) are distinct; C(check_upgrades) is for check mode, C(wait) for a real run."""

    imeis: list[str]
    check_mode: bool = False
    batch_size: int = 1000
    concurrency: int = 1
    guards: Guards = field(default_factory=Guards)
    check_upgrades: bool = False
    wait: Wait | None = None
    rules: Rules = field(default_factory=Rules)


class Record:
    """What has become of the devices so far; several threads add to it.

    Only devices that C(keep) wants are kept whole: a fleet of a million would not fit. C(write) puts devices where they
    outlast the run, and gives why it could not, from then on always. With C(follow), the IMEIs of those that lose their
    license are kept, too.
    """

    def __init__(
        self,
        keep: t.Callable[[Device], bool],
        write: t.Callable[[t.Collection[Device]], str | None] = lambda devices: None,
        follow: bool = True,
    ) -> None:
        self.counts: Counter[str] = Counter()
        self.kept: dict[str, Device] = {}
        self.removed: set[str] = set()
        self.licensed_before: list[str] = []
        self.cancels: list[str] = []
        # How many devices lost their license, and hold one again.
        self.came_back = 0
        self.totals = Totals()
        self._keep = keep
        self._write = write
        self._follow = follow
        self._lock = threading.Lock()

    def add(self, devices: t.Collection[Device], totals: Totals | None = None) -> str | None:
        """Add devices. Gives why they could not be written."""
        unwritten = self._write(devices)
        with self._lock:
            self.counts.update([device.outcome for device in devices])
            if self._follow:
                self.removed.update([device.imei for device in devices if device.outcome == _licenses.REMOVED])
            self.kept.update([(device.imei, device) for device in devices if self._keep(device)])
            if totals is not None:
                self.totals = totals.over(self.totals)
        return unwritten

    def revise(self, devices: t.Collection[Device]) -> str | None:
        """Put these outcomes in place of those that the same devices had before. Only for a record that follows."""
        with self._lock:
            for device in devices:
                before = self.outcome(device.imei)
                self.counts[before] -= 1
                self.came_back += before == _licenses.REMOVED
                self.removed.discard(device.imei)
                self.kept.pop(device.imei, None)
        return self.add(devices)

    def outcome(self, imei: str) -> str:
        """Give the outcome of a device, where all failures are kept and those that lose their license are followed."""
        if imei in self.kept:
            return self.kept[imei].outcome
        return _licenses.REMOVED if imei in self.removed else _licenses.UNLICENSED


# Told how far a run is: what it does ("read", "upgrades", "remove", "wait"), how many devices are done, of how many.
Progress = t.Callable[[str, int, int], None]


def carry_out(
    account: Account, order: Order, record: Record, progress: Progress = lambda phase, done, total: None
) -> str | None:
    """Carry out an order; every device ends in the record. Gives why the run ended early, None when it did not."""
    # A stranger that may be ignored is green without a word, so it has to be one for sure.
    reader = Reader(account, confirm_strangers=not order.rules.unknown_devices_fail)
    batches = _batches(order.imeis, order.batch_size)
    readings, stop = _read(reader, batches, order, progress)
    wanted = _Wanted([], [])
    for number, imeis in enumerate(batches):
        unwritten = record.add(_plan(imeis, readings.get(number), order.rules, wanted))
        stop = stop or unwritten
    refusal = None if stop else order.guards.refusal(len(wanted.imeis), lambda: _totals(account, record))
    if refusal is not None:
        stop = refusal.message
        for start in range(0, len(wanted.imeis), order.batch_size):
            batch = wanted.batch(start, order.batch_size)
            stop = record.add([_licenses.skipped(imei, refusal.reason) for imei in batch]) or stop
    elif stop is not None or order.check_mode:
        stop = _forecast(account, order, wanted, stop, record, progress)
    else:
        stop = _remove(account, reader, order, wanted, record, progress)
        if stop is None and order.wait is not None and wanted.imeis:
            before = [dict(zip(imeis, readings[number])) for number, imeis in enumerate(batches)]
            stop = _wait(account, order, order.wait, before, record, progress)
    record.licensed_before = [
        imei
        for imei, reading in zip(wanted.imeis, wanted.readings)
        if reading.state is State.LICENSED or imei in record.removed
    ]
    return stop


@dataclass(frozen=True)
class _Wanted:
    """The devices whose licenses are to be removed, each with its reading: two lists, since there may be a million."""

    imeis: list[str]
    readings: list[Reading]

    def batch(self, start: int, size: int) -> dict[str, Reading]:
        """Give so many of them from there on."""
        end = start + size
        return dict(zip(self.imeis[start:end], self.readings[start:end]))


def _plan(imeis: list[str], readings: list[Reading] | None, rules: Rules, wanted: _Wanted) -> list[Device]:
    """Give the devices for which nothing is to be done; the others are added to those wanted."""
    if readings is None:
        return [_licenses.skipped(imei) for imei in imeis]
    settled = []
    for imei, reading in zip(imeis, readings):
        device = _licenses.settled(imei, reading, rules)
        if device is None:
            wanted.imeis.append(imei)
            wanted.readings.append(reading)
        else:
            settled.append(device)
    return settled


def _read(
    reader: Reader, batches: list[list[str]], order: Order, progress: Progress
) -> tuple[dict[int, list[Reading]], str | None]:
    """Give the readings of each batch, by its number, and why not all could be read."""
    readings: dict[int, list[Reading]] = {}
    tell = _counting(progress, "read", len(order.imeis))

    def read(number: int) -> str | None:
        imeis = batches[number]
        try:
            found = reader.read(imeis)
            readings[number] = [found[imei] for imei in imeis]
        except Refused as error:
            fault = error.fault
            # A real run can do without: the answer of the removal decides then.
            if not fault.passing and (order.check_mode or fault.kind is not Kind.NOT_TO_BE_HAD):
                return _unreadable(error)
            readings[number] = [Reading(State.UNREAD, str(error))] * len(imeis)
        tell(len(imeis))
        return None

    return readings, fly(read, range(len(batches)), order.concurrency, order.rules.interrupted).stop


def _unreadable(error: Refused) -> str:
    if error.fault.kind is Kind.NOT_TO_BE_HAD:
        return (
            "a forecast needs the devices of the account or its list of licenses, and the account may read neither:"
            f" {error}"
        )
    return str(error)


def _totals(account: Account, record: Record) -> Totals:
    record.totals = account.totals()
    return record.totals


def _forecast(
    account: Account, order: Order, wanted: _Wanted, stop: str | None, record: Record, progress: Progress
) -> str | None:
    """Record what a removal would do, or, when something stops it, that nothing is sent. Gives why the run ended early."""
    upgrades: dict[str, Effect] = {}
    if stop is None and order.check_upgrades:
        tell = _counting(progress, "upgrades", len(wanted.imeis))
        try:
            upgrades = effects(account, wanted.imeis, order.concurrency, order.rules.interrupted, tell)
        except NotKnown as error:
            stop = str(error)
    for start in range(0, len(wanted.imeis), order.batch_size):
        batch = wanted.batch(start, order.batch_size)
        unwritten = record.add(
            [
                _licenses.skipped(imei) if stop else _licenses.forecast(imei, reading, upgrades.get(imei))
                for imei, reading in batch.items()
            ]
        )
        stop = stop or unwritten
    record.cancels = [imei for imei in wanted.imeis if imei in upgrades and upgrades[imei].cancels]
    return stop


def _remove(
    account: Account, reader: Reader, order: Order, wanted: _Wanted, record: Record, progress: Progress
) -> str | None:
    limit = Limit()
    tell = _counting(progress, "remove", len(wanted.imeis))

    def remove(start: int) -> str | None:
        before = wanted.batch(start, order.batch_size)
        batch = _licenses.remove(account, reader, list(before), before, order.rules, limit)
        unwritten = record.add(batch.devices, batch.totals)
        tell(len(before))
        return unwritten or batch.stop

    starts = range(0, len(wanted.imeis), order.batch_size)
    flight = fly(remove, starts, order.concurrency, order.rules.interrupted)
    for start in flight.left:
        record.add([_licenses.skipped(imei) for imei in wanted.batch(start, order.batch_size)])
    for start in flight.broken:
        record.add([_licenses.unknown(imei) for imei in wanted.batch(start, order.batch_size)])
    return flight.stop


def _wait(
    account: Account,
    order: Order,
    wait: Wait,
    before: list[dict[str, Reading]],
    record: Record,
    progress: Progress,
) -> str | None:
    """Wait until none of these devices holds a license; what was read last becomes their outcome."""
    # Those that the account does not know hold none.
    known = [
        [imei for imei, reading in batch.items() if reading.state not in (State.STRANGER, State.REFUSED)]
        for batch in before
    ]
    total = sum(map(len, known))
    seen = until_unlicensed(
        lambda: Reader(account, confirm_strangers=not order.rules.unknown_devices_fail),
        [imeis for imeis in known if imeis],
        wait,
        order.concurrency,
        order.rules.interrupted,
        lambda done: progress("wait", done, total),
    )
    revised = _revised(seen, before, record)
    unwritten: str | None = None
    for start in range(0, len(revised), order.batch_size):
        unwritten = record.revise(revised[start : start + order.batch_size]) or unwritten
    if unwritten is not None:
        return unwritten
    if seen.stop is not None:
        return f"while it waited for the declared state: {seen.stop}"
    if seen.unread:
        imei, why = next(iter(seen.unread.items()))
        return f"{len(seen.unread)} devices could not be read again after the removal, {imei} among them: {why}"
    return None


def _revised(seen: Seen, before: list[dict[str, Reading]], record: Record) -> list[Device]:
    """Give the devices whose outcome is another one, now that they were read again."""
    revised = [
        _licenses.licensed_again(imei, record.outcome(imei), record.kept.get(imei))
        for imei in seen.licensed
        if record.outcome(imei) != _licenses.FAILED
    ]
    not_free = frozenset(seen.licensed).union(seen.strangers, seen.unread)
    readings = {imei: batch[imei] for batch in before for imei in batch if imei in record.kept}
    for imei, device in record.kept.items():
        reading = readings[imei]
        if device.failed and imei not in not_free and reading.state not in (State.STRANGER, State.REFUSED):
            revised.append(_licenses.freed_meanwhile(device, reading))
    return revised


def _counting(progress: Progress, phase: str, total: int) -> t.Callable[[int], None]:
    """Give what is told of each piece of work how many devices it was about."""
    done = 0
    lock = threading.Lock()

    def tell(count: int) -> None:
        nonlocal done
        with lock:
            done += count
            progress(phase, done, total)

    return tell


def _batches(imeis: list[str], size: int) -> list[list[str]]:
    return [imeis[start : start + size] for start in range(0, len(imeis), size)]
