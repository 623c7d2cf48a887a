# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The run: read all devices, plan, check the limits, change licenses in batches, several in flight; wait, if requested.

Everything is read before the first license is changed, so that a limit and a failing service stop the run before it changes
anything, and so that check mode and a real run take the same path up to that point.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import itertools
import operator
import threading
import typing as t
from dataclasses import dataclass

from ansible_collections.verizon.fota.plugins.module_utils._licenses import waiting
from ansible_collections.verizon.fota.plugins.module_utils._licenses.bisection import BatchLimit
from ansible_collections.verizon.fota.plugins.module_utils._licenses.decision_table import unchanged
from ansible_collections.verizon.fota.plugins.module_utils._licenses.device_outcome import (
    NOT_SENT,
    Device,
    Group,
    forecast,
    settled,
    skipped,
    unknown,
)
from ansible_collections.verizon.fota.plugins.module_utils._licenses.outcomes import Target
from ansible_collections.verizon.fota.plugins.module_utils._licenses.run_request import RunRequest, Wait
from ansible_collections.verizon.fota.plugins.module_utils._licenses.run_state import RunState
from ansible_collections.verizon.fota.plugins.module_utils._licenses.states import (
    Reader,
    Reading,
    State,
    readings_despite,
)
from ansible_collections.verizon.fota.plugins.module_utils._support.concurrency import run_all
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.errors import ErrorKind, ThingSpaceError
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.license_totals import LicenseTotals

if t.TYPE_CHECKING:
    from ansible_collections.verizon.fota.plugins.module_utils._licenses.service_calls import Account
    from ansible_collections.verizon.fota.plugins.module_utils._licenses.upgrade_effects import Effect

R = t.TypeVar("R")

# Called with how far a run is: what it does ("read", "upgrades", the action of the target, "wait"), how many devices are done, of how many.
Progress = t.Callable[[str, int, int], None]


def execute(
    account: Account, request: RunRequest, state: RunState, progress: Progress = lambda phase, done, total: None
) -> str | None:
    """Execute a request; every device ends in ``state``. Return why the run ended early, ``None`` if it did not.

    What not every run needs is imported where it is needed, but before anything is sent: each of these files takes as long
    as the request of a batch.
    """
    reader = Reader(account)
    batches = _batches(request.imeis, request.batch_size)
    readings, stop = _read(reader, batches, request, progress)
    to_change = _ToChange([], [])
    for number, imeis in enumerate(batches):
        unwritten = state.add_groups(_plan(imeis, readings.get(number) or [None] * len(imeis), request, to_change))
        stop = stop or unwritten
    exceeded = None
    if not stop:
        exceeded = request.guards.exceeded(
            len(to_change.imeis), lambda: _totals(account, state), lambda: _unread(to_change, request.target)
        )
    if exceeded is not None:
        stop = exceeded.message
    if stop is not None:
        _skip(request, to_change, state, exceeded.reason if exceeded else NOT_SENT)
    elif request.check_mode:
        stop = _forecast(account, request, to_change, state, progress)
    else:
        stop = _change(account, reader, request, to_change, state, progress)
        if stop is None and request.wait is not None and to_change.imeis:
            before = [
                {imei: reading for imei, reading in zip(imeis, readings[number]) if reading}
                for number, imeis in enumerate(batches)
            ]
            stop = _wait(account, request, request.wait, before, state, progress)
    if state.follow:
        state.changeable = [
            imei
            for imei, reading in zip(to_change.imeis, to_change.readings)
            if reading.state is unchanged(request.target) or imei in state.changed
        ]
    return stop


@dataclass(frozen=True)
class _ToChange:
    """The devices to change, each with its reading: two lists, since there may be a million."""

    imeis: list[str]
    readings: list[Reading]

    def batch(self, start: int, size: int) -> dict[str, Reading]:
        """Return so many of them from there on."""
        end = start + size
        return dict(zip(self.imeis[start:end], self.readings[start:end]))


def _unread(to_change: _ToChange, target: Target) -> int:
    """Return of how many of these devices it is not known that they have to be changed, as a forecast says, too."""
    return sum(reading.state is not unchanged(target) for reading in to_change.readings)


def _plan(imeis: list[str], readings: list[Reading | None], request: RunRequest, to_change: _ToChange) -> list[Group]:
    """Return the devices for which nothing is to be done; the others are added to those to change. ``None``: not read."""
    target, ignore_unknown = request.target, not request.rules.unknown_devices_fail
    done: list[Group] = []
    for reading, alike in _by_reading(imeis, readings):
        if reading is None:
            done.append(Group(skipped(alike[0]), alike))
            continue
        device = settled(target, alike[0], reading, ignore_unknown)
        if device is None:
            to_change.imeis.extend(alike)
            to_change.readings.extend([reading] * len(alike))
        else:
            done.append(Group(device, alike))
    return done


def _by_reading(imeis: list[str], readings: list[R]) -> t.Iterator[tuple[R, list[str]]]:
    """Return the devices in order, those together that follow each other and have the same reading: nearly always all."""
    if readings and readings.count(readings[0]) == len(readings):
        yield readings[0], imeis
        return
    for reading, alike in itertools.groupby(zip(imeis, readings), operator.itemgetter(1)):
        yield reading, [imei for imei, _reading in alike]


def _read(
    reader: Reader, batches: list[list[str]], request: RunRequest, progress: Progress
) -> tuple[dict[int, list[Reading | None]], str | None]:
    """Return the readings of each batch, by its number, and why not all could be read: those are ``None``, or missing."""
    readings: dict[int, list[Reading | None]] = {}
    count = _counting(progress, "read", len(request.imeis))

    def read(number: int) -> str | None:
        imeis = batches[number]
        try:
            readings[number] = list(reader.read(imeis).values())
        except ThingSpaceError as error:
            info, known = error.info, readings_despite(error)
            # A real run can continue: the response to the request decides then.
            if not info.transient and (request.check_mode or info.kind is not ErrorKind.UNAVAILABLE):
                readings[number] = [known.get(imei) for imei in imeis]
                return _unreadable(error)
            unread = Reading(State.UNAVAILABLE if info.kind is ErrorKind.UNAVAILABLE else State.UNREAD, str(error))
            readings[number] = [known.get(imei, unread) for imei in imeis]
        count(len(imeis))
        return None

    return readings, run_all(read, range(len(batches)), request.concurrency, request.rules.interrupted).stop


def _unreadable(error: ThingSpaceError) -> str:
    if error.info.kind is ErrorKind.UNAVAILABLE:
        return (
            "a forecast needs the devices of the account or its list of licenses, and the account may read neither:"
            f" {error}"
        )
    return str(error)


def _totals(account: Account, state: RunState) -> LicenseTotals:
    totals = account.totals()
    state.totals.start_with(totals)
    return totals


def _forecast(
    account: Account, request: RunRequest, to_change: _ToChange, state: RunState, progress: Progress
) -> str | None:
    """Record what the requests would do. Return why the run ended early."""
    upgrades: dict[str, Effect] = {}
    if request.check_upgrades:
        from ansible_collections.verizon.fota.plugins.module_utils._licenses import upgrades as all_upgrades

        count = _counting(progress, "upgrades", len(to_change.imeis))
        try:
            upgrades = all_upgrades.effects(
                account, to_change.imeis, request.concurrency, request.rules.interrupted, count
            )
        except all_upgrades.UpgradesUnavailable as error:
            _skip(request, to_change, state, NOT_SENT)
            return str(error)
    stop: str | None = None
    for start in range(0, len(to_change.imeis), request.batch_size):
        end = start + request.batch_size
        groups: list[Group] = []
        for reading, imeis in _by_reading(to_change.imeis[start:end], to_change.readings[start:end]):
            # Upgrades differ from device to device.
            parts = [[imei] for imei in imeis] if upgrades else [imeis]
            groups += [Group(forecast(request.target, one[0], reading, upgrades.get(one[0])), one) for one in parts]
        stop = state.add_groups(groups) or stop
    state.cancels = [
        imei
        for imei, reading in zip(to_change.imeis, to_change.readings)
        if imei in upgrades and upgrades[imei].cancels and reading.state is unchanged(request.target)
    ]
    return stop


def _skip(request: RunRequest, to_change: _ToChange, state: RunState, reason: str) -> None:
    """Record that nothing is sent for any of the devices."""
    starts = range(0, len(to_change.imeis), request.batch_size)
    _record(request, to_change, state, starts, lambda imei: skipped(imei, reason))


def _record(
    request: RunRequest,
    to_change: _ToChange,
    state: RunState,
    starts: t.Iterable[int],
    outcome: t.Callable[[str], Device],
) -> None:
    """Record the same outcome for all devices of the batches that start there."""
    for start in starts:
        imeis = to_change.imeis[start : start + request.batch_size]
        state.add_groups([Group(outcome(imeis[0]), imeis)])


def _change(
    account: Account, reader: Reader, request: RunRequest, to_change: _ToChange, state: RunState, progress: Progress
) -> str | None:
    """Send the devices to change. Return why the run ended early."""
    from ansible_collections.verizon.fota.plugins.module_utils._licenses import batch as one_batch

    limit = BatchLimit()
    target = request.target
    send = account.assign if target.licensed else account.remove
    count = _counting(progress, target.action, len(to_change.imeis))
    count(0)

    def change(start: int) -> str | None:
        before = to_change.batch(start, request.batch_size)
        batch = one_batch.change(target, send, reader, list(before), before, request.rules, limit, state.totals)
        unwritten = state.add(batch.devices)
        count(len(before))
        return unwritten or batch.stop

    starts = range(0, len(to_change.imeis), request.batch_size)
    completion = run_all(change, starts, request.concurrency, request.rules.interrupted)
    _record(request, to_change, state, completion.not_started, skipped)
    _record(request, to_change, state, completion.crashed, unknown)
    if state.totals.outdated():
        _read_last_totals(account, state, completion.stop)
    return completion.stop


def _read_last_totals(account: Account, state: RunState, stop: str | None) -> None:
    """Read the totals after a request whose response was lost. They are no reason to fail, or to go on with a run that ended."""
    try:
        if stop is None:
            _totals(account, state)
            return
    except ThingSpaceError:
        pass
    state.totals.forget_used()


def _wait(
    account: Account,
    request: RunRequest,
    wait: Wait,
    before: list[dict[str, Reading]],
    state: RunState,
    progress: Progress,
) -> str | None:
    """Wait until all of these devices are as declared; what was read last becomes their outcome."""
    target = request.target
    known = [[imei for imei, reading in batch.items() if waiting.is_here(target, reading)] for batch in before]
    total = sum(map(len, known))
    seen = waiting.until_reached(
        target,
        lambda: Reader(account),
        [imeis for imeis in known if imeis],
        wait,
        request.concurrency,
        request.rules.interrupted,
        lambda done: progress("wait", done, total),
    )
    devices = waiting.revised(seen, before, state)
    unwritten: str | None = None
    for start in range(0, len(devices), request.batch_size):
        unwritten = state.revise(devices[start : start + request.batch_size]) or unwritten
    if unwritten is not None:
        return unwritten
    if seen.stop is not None:
        return f"while it waited for the declared state: {seen.stop}"
    if seen.unread:
        imei, reason = next(iter(seen.unread.items()))
        return f"{len(seen.unread)} devices could not be read again in the end, {imei} among them: {reason}"
    return None


def _counting(progress: Progress, phase: str, total: int) -> t.Callable[[int], None]:
    """Return a function that adds the devices of a finished batch, and reports the progress."""
    done = 0
    lock = threading.Lock()

    def count(more: int) -> None:
        nonlocal done
        with lock:
            done += more
            progress(phase, done, total)

    return count


def _batches(imeis: list[str], size: int) -> list[list[str]]:
    return [imeis[start : start + size] for start in range(0, len(imeis), size)]
