# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waiting until all devices are as declared: the service may take its time, and a campaign may assign a license again.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import itertools
import typing as t
from dataclasses import dataclass, replace

from ansible_collections.verizon.fota.plugins.module_utils._licenses.decision_table import as_seen, reached, unchanged
from ansible_collections.verizon.fota.plugins.module_utils._licenses.device_outcome import (
    Device,
    changed_back,
    changed_meanwhile,
)
from ansible_collections.verizon.fota.plugins.module_utils._licenses.outcomes import FAILED, Target
from ansible_collections.verizon.fota.plugins.module_utils._licenses.run_request import Wait
from ansible_collections.verizon.fota.plugins.module_utils._licenses.run_state import RunState
from ansible_collections.verizon.fota.plugins.module_utils._licenses.states import (
    Reader,
    Reading,
    State,
    readings_despite,
)
from ansible_collections.verizon.fota.plugins.module_utils._support.concurrency import run_all
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.errors import ThingSpaceError

_FIRST_PAUSE = 1.0
_LONGEST_PAUSE = 30.0
# Devices that the account does not have: they hold no license of it, and get none.
_NOT_HERE = (State.NOT_FOUND, State.ABSENT, State.INVALID)


@dataclass(frozen=True)
class Seen:
    """What was read last. ``unchanged`` are not as declared, the account does not have ``not_found``, ``unread`` could not be
    read, each with the reason, and all others are as declared. ``stop`` says why the wait ended before its time, if so.
    """

    unchanged: list[str]
    not_found: list[str]
    unread: dict[str, str]
    stop: str | None = None


def is_here(target: Target, reading: Reading) -> bool:
    """Return whether the account has this device, as far as is known."""
    return as_seen(target, reading.state) not in _NOT_HERE


def until_reached(
    target: Target,
    reader: t.Callable[[], Reader],
    batches: list[list[str]],
    wait: Wait,
    concurrency: int,
    interrupted: t.Callable[[], str | None],
    progress: t.Callable[[int], None],
) -> Seen:
    """Read these devices until all are as declared, or the time is over, but at least once. At the end, those that were as
    declared earlier are read again: what counts is the end.

    ``reader`` returns a new reader for each round, since a reader reads the license list only once. ``progress`` is
    called with the number of devices that are as declared.
    """
    began, pause = wait.clock(), _FIRST_PAUSE
    pending = batches
    not_found: list[str] = []
    last_unchanged: frozenset[str] = frozenset()
    while True:
        current = reader()
        seen = _read(target, current, pending, not_found, concurrency, interrupted)
        # A device that was read as unchanged, and cannot be read now, was last read as unchanged.
        last_unchanged = frozenset(seen.unchanged).union(last_unchanged.intersection(seen.unread))
        unread = {imei: reason for imei, reason in seen.unread.items() if imei not in last_unchanged}
        seen = replace(seen, unchanged=sorted(last_unchanged), unread=unread)
        left = len(seen.unchanged) + len(seen.unread)
        progress(sum(map(len, batches)) - left)
        remaining = wait.timeout - (wait.clock() - began)
        if seen.stop is not None:
            return seen
        if not left or remaining <= 0:
            return _with_earlier(seen, target, current, batches, pending, concurrency, interrupted)
        if wait.sleep(min(pause, remaining)):
            return replace(seen, stop=interrupted() or "it was interrupted")
        pause = min(2 * pause, _LONGEST_PAUSE)
        again = frozenset(seen.unchanged).union(seen.unread)
        pending = [[imei for imei in batch if imei in again] for batch in pending]
        pending = [batch for batch in pending if batch]


def _with_earlier(
    seen: Seen,
    target: Target,
    reader: Reader,
    batches: list[list[str]],
    last: list[list[str]],
    concurrency: int,
    interrupted: t.Callable[[], str | None],
) -> Seen:
    """Return what was read last, after devices that were not read in the last round were read again."""
    read = frozenset(itertools.chain.from_iterable(last))
    earlier = [[imei for imei in batch if imei not in read] for batch in batches]
    again = _read(target, reader, [batch for batch in earlier if batch], [], concurrency, interrupted)
    # One that cannot be read now was last read as declared.
    return replace(seen, unchanged=sorted([*seen.unchanged, *again.unchanged]), stop=again.stop)


def _read(
    target: Target,
    reader: Reader,
    batches: list[list[str]],
    not_found: list[str],
    concurrency: int,
    interrupted: t.Callable[[], str | None],
) -> Seen:
    not_yet: list[str] = []
    unread: dict[str, str] = {}

    def read(imeis: list[str]) -> str | None:
        stop: str | None = None
        try:
            readings: t.Mapping[str, Reading] = reader.read(imeis)
        except ThingSpaceError as error:
            readings = readings_despite(error)
            unread.update((imei, str(error)) for imei in imeis if imei not in readings)
            stop = None if error.info.transient else str(error)
        for imei, reading in readings.items():
            state = as_seen(target, reading.state)
            if state is unchanged(target):
                not_yet.append(imei)
            elif state in _NOT_HERE:
                not_found.append(imei)
            elif state is not reached(target):
                unread[imei] = reading.reason or State.UNREAD.value
        return stop

    completion = run_all(read, batches, concurrency, interrupted)
    for imeis in [*completion.not_started, *completion.crashed]:
        unread.update((imei, completion.stop or State.UNREAD.value) for imei in imeis if imei not in unread)
    return Seen(not_yet, not_found, unread, completion.stop)


def revised(seen: Seen, before: list[dict[str, Reading]], state: RunState) -> list[Device]:
    """Return the devices whose outcome is another one, now that they were read again."""
    target = state.target
    found = [
        changed_back(target, imei, state.outcome(imei), state.kept.get(imei))
        for imei in seen.unchanged
        if state.outcome(imei) != FAILED
    ]
    not_reached = frozenset(seen.unchanged).union(seen.not_found, seen.unread)
    readings = {imei: batch[imei] for batch in before for imei in batch if imei in state.kept}
    for imei, device in state.kept.items():
        if device.failed and imei not in not_reached and is_here(target, readings[imei]):
            found.append(changed_meanwhile(target, device, readings[imei]))
    return found
