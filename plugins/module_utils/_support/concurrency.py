# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Work on several items in parallel, until all are done or one of them returns a reason to stop.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import contextlib
import traceback
import typing as t
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

T = t.TypeVar("T")


@dataclass(frozen=True)
class Completion(t.Generic[T]):
    """How the work ended: why it stopped early (``None``: it did not), the items that were not started, and those that crashed."""

    stop: str | None
    not_started: list[T]
    crashed: list[T]


def run_all(
    work: t.Callable[[T], str | None], items: t.Iterable[T], concurrency: int, interrupted: t.Callable[[], str | None]
) -> Completion[T]:
    """Call ``work`` for every item, ``concurrency`` at a time. It returns ``None``, or why no further item should be started.

    ``interrupted`` is called before each item, and returns the same.
    Calls in flight when the first reason to stop arrives are finished. An exception in ``work`` counts as such
    a reason, so that the results of the other calls are not lost.
    """
    pending = deque(items)
    stops: list[str] = []
    crashed: list[T] = []

    def keep_working() -> None:
        while not stops and interrupted() is None:
            try:
                item = pending.popleft()
            except IndexError:
                return
            try:
                stop = work(item)
            except Exception as error:
                crashed.append(item)
                stop = bug_report(error)
            if stop is not None:
                stops.append(stop)

    workers = min(concurrency, len(pending))
    if workers:
        # If no more threads can be started, those that exist do the work, or only this one.
        with ThreadPoolExecutor(workers) as pool, contextlib.suppress(RuntimeError):
            for _number in range(workers):
                pool.submit(keep_working)
        keep_working()
    stop = (interrupted() or stops[0]) if stops else interrupted() if pending else None
    return Completion(stop, list(pending), crashed)


def bug_report(error: Exception) -> str:
    """Return the message for an unexpected exception."""
    where = traceback.extract_tb(error.__traceback__)[-1]
    file = where.filename.rpartition("/")[2]
    return f"an error in verizon.fota itself, please report it: {error!r} ({file}, line {where.lineno})"
