# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How many requests may be in flight: fewer after the server throttled one, then slowly more again.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import threading
import typing as t
from contextlib import contextmanager

# So many successes in a row, for each request that may be in flight, allow one more.
_SUCCESSES_PER_INCREASE = 4


class ConcurrencyLimiter:
    """Limits how many requests are in flight. Shared by the threads that send them."""

    def __init__(self, maximum: int) -> None:
        self._maximum = maximum
        self._limit = maximum
        self._in_flight = 0
        self._last_slot = 0
        self._last_slot_when_reduced = 0
        self._successes = 0
        self._changed = threading.Condition()

    @property
    def limit(self) -> int:
        return self._limit

    @contextmanager
    def slot(self) -> t.Iterator[int]:
        """Wait for a slot, and hold it for the duration of the block. Return its number."""
        with self._changed:
            self._changed.wait_for(lambda: self._in_flight < self._limit)
            self._in_flight += 1
            self._last_slot += 1
            number = self._last_slot
        try:
            yield number
        finally:
            with self._changed:
                self._in_flight -= 1
                self._changed.notify_all()

    def on_throttled(self, slot: int) -> None:
        """Halve the limit, because the server throttled the request of this slot: once for all requests that were in flight."""
        with self._changed:
            self._successes = 0
            if slot > self._last_slot_when_reduced:
                self._last_slot_when_reduced = self._last_slot
                self._limit = max(1, self._limit // 2)

    def on_success(self) -> None:
        """Count a response: after enough of them, the limit rises by one."""
        with self._changed:
            self._successes += 1
            if self._limit < self._maximum and self._successes >= _SUCCESSES_PER_INCREASE * self._limit:
                self._successes = 0
                self._limit += 1
                self._changed.notify_all()
