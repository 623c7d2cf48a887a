# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The licenses of the account as they are after the last request that changed some, whichever response arrived last.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import itertools
import threading
import typing as t

from ansible_collections.verizon.fota.plugins.module_utils._licenses.decision_table import (
    MAY_HAVE_CHANGED,
    classify_error,
)
from ansible_collections.verizon.fota.plugins.module_utils._licenses.outcomes import Target
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.errors import ThingSpaceError
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.license_totals import LicenseTotals

T = t.TypeVar("T")


class LatestTotals:
    """Collects the totals that responses report, from several threads, and keeps those of the last request.

    A response that was complete before another request began is older than that one. Of responses that overlap, the one with
    the fewest licenses in use is the last if the run removes licenses, and the one with the most if it assigns them.
    """

    def __init__(self, target: Target) -> None:
        self._newer = max if target.licensed else min
        self._earlier = LicenseTotals()
        # When a request ended, counted in events, and what its response reported; None where it may have acted without one.
        self._candidates: list[tuple[int, LicenseTotals | None]] = []
        self._events = itertools.count()
        self._lock = threading.Lock()

    def start_with(self, totals: LicenseTotals) -> None:
        """Note what was read before the first request, or after the last one."""
        self._earlier, self._candidates = totals.over(self.latest()), []

    def of(self, call: t.Callable[[], tuple[T, LicenseTotals]]) -> T:
        """Return what a request returns, and note its totals. Raises what the call raises."""
        with self._lock:
            began = next(self._events)
        try:
            rows, totals = call()
        except ThingSpaceError as error:
            if classify_error(error.info) in MAY_HAVE_CHANGED:
                self._add(began, None)
            raise
        if totals != LicenseTotals():
            self._add(began, totals)
        return rows

    def outdated(self) -> bool:
        """Return whether a request without a response may have been the last one."""
        return any(totals is None for _ended, totals in self._candidates)

    def forget_used(self) -> None:
        """Note that it is not known how many licenses are in use now."""
        self._earlier, self._candidates = LicenseTotals(self.latest().total), []

    def latest(self) -> LicenseTotals:
        """Return the totals after the last request that reported any; what was never reported is ``None``."""
        with self._lock:
            return self._reported()

    def _add(self, began: int, totals: LicenseTotals | None) -> None:
        with self._lock:
            newer = [candidate for candidate in self._candidates if candidate[0] > began]
            # What those that are dropped reported counts where nothing newer says it.
            self._earlier = self._reported()
            self._candidates = [*newer, (next(self._events), totals)]

    def _reported(self) -> LicenseTotals:
        reported = [totals for _ended, totals in self._candidates if totals is not None]
        with_used = [totals for totals in reported if totals.used is not None]
        last = self._newer(with_used, key=_used) if with_used else next(iter(reported), LicenseTotals())
        return last.over(self._earlier)


def _used(totals: LicenseTotals) -> int:
    return totals.used or 0
