# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The whole list of devices: read all, plan, and remove in batches, several in flight; wait for the end, if asked to.

Everything is read before the first removal is sent, so that a limit on removals and a failing service stop the run
before it changes anything, and so that check mode and a real run take the same path up to that point.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import threading
import typing as t
from collections import Counter
from dataclasses import dataclass, field

from ansible_collections.verizon.fota.plugins.module_utils._licenses import removal
from ansible_collections.verizon.fota.plugins.module_utils._licenses.account_totals import LatestTotals
from ansible_collections.verizon.fota.plugins.module_utils._licenses.bisection import BatchLimit
from ansible_collections.verizon.fota.plugins.module_utils._licenses.guards import Guards
from ansible_collections.verizon.fota.plugins.module_utils._licenses.outcomes import FAILED, REMOVED, UNLICENSED
from ansible_collections.verizon.fota.plugins.module_utils._licenses.removal import Device, Rules, Service
from ansible_collections.verizon.fota.plugins.module_utils._licenses.states import Reader, Reading, State
from ansible_collections.verizon.fota.plugins.module_utils._licenses.upgrades import (
    Effect,
    Reports,
    UpgradesUnavailable,
    effects,
)
from ansible_collections.verizon.fota.plugins.module_utils._licenses.waiting import Seen, Wait, until_unlicensed
from ansible_collections.verizon.fota.plugins.module_utils._support.concurrency import run_all
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.errors import ErrorKind, ThingSpaceError
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses import Totals

# Devices that hold no license of this account.
_NOT_HERE = (State.NOT_FOUND, State.ABSENT, State.INVALID)


class Account(Service, Reports, t.Protocol):
    """All calls of ThingSpace that a run may need. Each raises ThingSpaceError."""

    def totals(self) -> Totals:
        """Read how many licenses the account has and uses."""


@dataclass(frozen=True)
class RemovalRequest:
    """What is asked for. ``imeis`` are distinct; ``check_upgrades`` is for check mode, ``wait`` for a real run."""

    imeis: list[str]
    check_mode: bool = False
    batch_size: int = 1000
    concurrency: int = 1
    guards: Guards = field(default_factory=Guards)
    check_upgrades: bool = False
    wait: Wait | None = None
    rules: Rules = field(default_factory=Rules)


class RunState:
    """What has become of the devices so far; several threads add to it.

    Only devices that ``keep`` wants are kept whole: a fleet of a million would not fit. ``write`` puts devices where they
    outlast the run, and returns why it could not, from then on always. With ``follow``, the IMEIs of those that lose their
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
        self.totals = LatestTotals()
        self._keep = keep
        self._write = write
        self._follow = follow
        self._lock = threading.Lock()

    def add(self, devices: t.Collection[Device]) -> str | None:
        """Add devices. Returns why they could not be written."""
        unwritten = self._write(devices)
        with self._lock:
            self.counts.update([device.outcome for device in devices])
            if self._follow:
                self.removed.update([device.imei for device in devices if device.outcome == REMOVED])
            self.kept.update([(device.imei, device) for device in devices if self._keep(device)])
        return unwritten

    def revise(self, devices: t.Collection[Device]) -> str | None:
        """Put these outcomes in place of those that the same devices had before. Only for a record that follows."""
        with self._lock:
            for device in devices:
                before = self.outcome(device.imei)
                self.counts[before] -= 1
                self.came_back += before == REMOVED
                self.removed.discard(device.imei)
                self.kept.pop(device.imei, None)
        return self.add(devices)

    def outcome(self, imei: str) -> str:
        """Return the outcome of a device, where all failures are kept and those that lose their license are followed."""
        if imei in self.kept:
            return self.kept[imei].outcome
        return REMOVED if imei in self.removed else UNLICENSED


# Told how far a run is: what it does ("read", "upgrades", "remove", "wait"), how many devices are done, of how many.
Progress = t.Callable[[str, int, int], None]


def run_removal(
    account: Account, order: RemovalRequest, record: RunState, progress: Progress = lambda phase, done, total: None
) -> str | None:
    """Carry out an order; every device ends in the record. Returns why the run ended early, None when it did not."""
    reader = Reader(account)
    batches = _batches(order.imeis, order.batch_size)
    readings, stop = _read(reader, batches, order, progress)
    wanted = _ToRemove([], [])
    for number, imeis in enumerate(batches):
        unwritten = record.add(_plan(imeis, readings.get(number), order.rules, wanted))
        stop = stop or unwritten
    refusal = None if stop else order.guards.refusal(len(wanted.imeis), lambda: _totals(account, record))
    if refusal is not None:
        stop = refusal.message
    if stop is not None:
        _skip(order, wanted, record, refusal.reason if refusal else removal.NOT_SENT)
    elif order.check_mode:
        stop = _forecast(account, order, wanted, record, progress)
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
class _ToRemove:
    """The devices whose licenses are to be removed, each with its reading: two lists, since there may be a million."""

    imeis: list[str]
    readings: list[Reading]

    def batch(self, start: int, size: int) -> dict[str, Reading]:
        """Return so many of them from there on."""
        end = start + size
        return dict(zip(self.imeis[start:end], self.readings[start:end]))


def _plan(imeis: list[str], readings: list[Reading] | None, rules: Rules, wanted: _ToRemove) -> list[Device]:
    """Return the devices for which nothing is to be done; the others are added to those wanted."""
    if readings is None:
        return [removal.skipped(imei) for imei in imeis]
    settled = []
    for imei, reading in zip(imeis, readings):
        device = removal.settled(imei, reading, rules)
        if device is None:
            wanted.imeis.append(imei)
            wanted.readings.append(reading)
        else:
            settled.append(device)
    return settled


def _read(
    reader: Reader, batches: list[list[str]], order: RemovalRequest, progress: Progress
) -> tuple[dict[int, list[Reading]], str | None]:
    """Return the readings of each batch, by its number, and why not all could be read."""
    readings: dict[int, list[Reading]] = {}
    tell = _counting(progress, "read", len(order.imeis))

    def read(number: int) -> str | None:
        imeis = batches[number]
        try:
            found = reader.read(imeis)
            readings[number] = [found[imei] for imei in imeis]
        except ThingSpaceError as error:
            info = error.info
            # A real run can do without: the answer of the removal decides then.
            if not info.transient and (order.check_mode or info.kind is not ErrorKind.UNAVAILABLE):
                return _unreadable(error)
            state = State.UNAVAILABLE if info.kind is ErrorKind.UNAVAILABLE else State.UNREAD
            readings[number] = [Reading(state, str(error))] * len(imeis)
        tell(len(imeis))
        return None

    return readings, run_all(read, range(len(batches)), order.concurrency, order.rules.interrupted).stop


def _unreadable(error: ThingSpaceError) -> str:
    if error.info.kind is ErrorKind.UNAVAILABLE:
        return (
            "a forecast needs the devices of the account or its list of licenses, and the account may read neither:"
            f" {error}"
        )
    return str(error)


def _totals(account: Account, record: RunState) -> Totals:
    totals = account.totals()
    record.totals.start_with(totals)
    return totals


def _forecast(
    account: Account, order: RemovalRequest, wanted: _ToRemove, record: RunState, progress: Progress
) -> str | None:
    """Record what a removal would do. Return why the run ended early."""
    upgrades: dict[str, Effect] = {}
    if order.check_upgrades:
        tell = _counting(progress, "upgrades", len(wanted.imeis))
        try:
            upgrades = effects(account, wanted.imeis, order.concurrency, order.rules.interrupted, tell)
        except UpgradesUnavailable as error:
            _skip(order, wanted, record, removal.NOT_SENT)
            return str(error)
    stop: str | None = None
    for start in range(0, len(wanted.imeis), order.batch_size):
        batch = wanted.batch(start, order.batch_size)
        forecast = [removal.forecast(imei, reading, upgrades.get(imei)) for imei, reading in batch.items()]
        stop = record.add(forecast) or stop
    record.cancels = [imei for imei in wanted.imeis if imei in upgrades and upgrades[imei].cancels]
    return stop


def _skip(order: RemovalRequest, wanted: _ToRemove, record: RunState, reason: str) -> None:
    """Record that nothing is sent for any of the devices."""
    for start in range(0, len(wanted.imeis), order.batch_size):
        record.add([removal.skipped(imei, reason) for imei in wanted.batch(start, order.batch_size)])


def _remove(
    account: Account, reader: Reader, order: RemovalRequest, wanted: _ToRemove, record: RunState, progress: Progress
) -> str | None:
    limit = BatchLimit()
    tell = _counting(progress, "remove", len(wanted.imeis))
    tell(0)

    def remove(start: int) -> str | None:
        before = wanted.batch(start, order.batch_size)
        batch = removal.remove(account, reader, list(before), before, order.rules, limit, record.totals)
        unwritten = record.add(batch.devices)
        tell(len(before))
        return unwritten or batch.stop

    starts = range(0, len(wanted.imeis), order.batch_size)
    completion = run_all(remove, starts, order.concurrency, order.rules.interrupted)
    for start in completion.not_started:
        record.add([removal.skipped(imei) for imei in wanted.batch(start, order.batch_size)])
    for start in completion.crashed:
        record.add([removal.unknown(imei) for imei in wanted.batch(start, order.batch_size)])
    if record.totals.outdated():
        _read_last_totals(account, record, completion.stop)
    return completion.stop


def _read_last_totals(account: Account, record: RunState, stop: str | None) -> None:
    """Read the totals after a removal whose response was lost. They are no reason to fail, or to go on with a run that ended."""
    try:
        if stop is None:
            _totals(account, record)
            return
    except ThingSpaceError:
        pass
    record.totals.forget_used()


def _wait(
    account: Account,
    order: RemovalRequest,
    wait: Wait,
    before: list[dict[str, Reading]],
    record: RunState,
    progress: Progress,
) -> str | None:
    """Wait until none of these devices holds a license; what was read last becomes their outcome."""
    # Those that the account does not know hold none.
    known = [[imei for imei, reading in batch.items() if reading.state not in _NOT_HERE] for batch in before]
    total = sum(map(len, known))
    seen = until_unlicensed(
        lambda: Reader(account),
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


def _revised(seen: Seen, before: list[dict[str, Reading]], record: RunState) -> list[Device]:
    """Return the devices whose outcome is another one, now that they were read again."""
    revised = [
        removal.licensed_again(imei, record.outcome(imei), record.kept.get(imei))
        for imei in seen.licensed
        if record.outcome(imei) != FAILED
    ]
    not_free = frozenset(seen.licensed).union(seen.strangers, seen.unread)
    readings = {imei: batch[imei] for batch in before for imei in batch if imei in record.kept}
    for imei, device in record.kept.items():
        reading = readings[imei]
        if device.failed and imei not in not_free and reading.state not in _NOT_HERE:
            revised.append(removal.freed_meanwhile(device, reading))
    return revised


def _counting(progress: Progress, phase: str, total: int) -> t.Callable[[int], None]:
    """Return what is told of each piece of work how many devices it was about."""
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
