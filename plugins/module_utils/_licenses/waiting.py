# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waiting until no device holds a license any more: the service may take its time, and a campaign may assign one again.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import time
import typing as t
from dataclasses import dataclass, replace

from ansible_collections.verizon.fota.plugins.module_utils._licenses.states import Reader, Reading, State
from ansible_collections.verizon.fota.plugins.module_utils._support.concurrency import run_all
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.errors import ThingSpaceError

_FIRST_PAUSE = 1.0
_LONGEST_PAUSE = 30.0


@dataclass(frozen=True)
class Wait:
    """How long to wait, in seconds. ``sleep`` gives true when it was interrupted."""

    timeout: float
    sleep: t.Callable[[float], object] = time.sleep
    clock: t.Callable[[], float] = time.monotonic


@dataclass(frozen=True)
class Seen:
    """What was read last. ``licensed`` still hold a license, the account does not know ``strangers``, ``unread`` could not be
    read, each with the reason, and all others hold none. ``stop`` says why the wait ended before its time, if so.
    """

    licensed: list[str]
    strangers: list[str]
    unread: dict[str, str]
    stop: str | None = None


def until_unlicensed(
    reader: t.Callable[[], Reader],
    batches: list[list[str]],
    wait: Wait,
    concurrency: int,
    interrupted: t.Callable[[], str | None],
    progress: t.Callable[[int], None],
) -> Seen:
    """Read these devices until none holds a license, or the time is over: at least once in any case.

    ``reader`` makes what reads: a new one each time, since one of them reads the license list only once. ``progress`` is told
    how many devices are without a license.
    """
    began, pause = wait.clock(), _FIRST_PAUSE
    todo = batches
    strangers: list[str] = []
    held: frozenset[str] = frozenset()
    while True:
        seen = _read(reader(), todo, strangers, concurrency, interrupted)
        # Who was seen with a license, and cannot be read now, was last seen with a license.
        held = frozenset(seen.licensed).union(held.intersection(seen.unread))
        seen = replace(
            seen, licensed=sorted(held), unread={imei: why for imei, why in seen.unread.items() if imei not in held}
        )
        left = len(seen.licensed) + len(seen.unread)
        progress(sum(map(len, batches)) - left)
        remaining = wait.timeout - (wait.clock() - began)
        if seen.stop is not None or not left or remaining <= 0:
            return seen
        if wait.sleep(min(pause, remaining)):
            return replace(seen, stop=interrupted() or "it was interrupted")
        pause = min(2 * pause, _LONGEST_PAUSE)
        again = frozenset(seen.licensed).union(seen.unread)
        todo = [[imei for imei in batch if imei in again] for batch in todo]
        todo = [batch for batch in todo if batch]


def _read(
    reader: Reader,
    batches: list[list[str]],
    strangers: list[str],
    concurrency: int,
    interrupted: t.Callable[[], str | None],
) -> Seen:
    licensed: list[str] = []
    unread: dict[str, str] = {}

    def read(imeis: list[str]) -> str | None:
        try:
            readings: t.Mapping[str, Reading] = reader.read(imeis)
        except ThingSpaceError as error:
            unread.update(dict.fromkeys(imeis, str(error)))
            return None if error.info.transient else str(error)
        for imei, reading in readings.items():
            if reading.state is State.LICENSED:
                licensed.append(imei)
            elif reading.state in (State.NOT_FOUND, State.ABSENT, State.INVALID):
                strangers.append(imei)
            elif reading.state is not State.UNLICENSED:
                unread[imei] = reading.reason or State.UNREAD.value
        return None

    completion = run_all(read, batches, concurrency, interrupted)
    for imeis in [*completion.not_started, *completion.crashed]:
        unread.update((imei, completion.stop or State.UNREAD.value) for imei in imeis if imei not in unread)
    return Seen(licensed, strangers, unread, completion.stop)
