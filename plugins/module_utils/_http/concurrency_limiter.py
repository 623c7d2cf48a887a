# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How many requests may be under way at the same time: fewer after the server asked to wait, slowly more again.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import threading
import typing as t
from contextlib import contextmanager

# So many answers in a row, for each request that may be under way, earn one more.
_ANSWERS_FOR_MORE = 4


class Pace:
    """Lets so many requests be under way, shared by the threads that send them."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._limit = most
        self._under_way = 0
        self._turns = 0
        self._slowed_at = 0
        self._answers = 0
        self._changed = threading.Condition()

    @property
    def limit(self) -> int:
        return self._limit

    @contextmanager
    def slot(self) -> t.Iterator[int]:
        """Wait for a turn, and take it for the length of the block. Returns its number."""
        with self._changed:
            self._changed.wait_for(lambda: self._under_way < self._limit)
            self._under_way += 1
            self._turns += 1
            number = self._turns
        try:
            yield number
        finally:
            with self._changed:
                self._under_way -= 1
                self._changed.notify_all()

    def on_throttled(self, slot: int) -> None:
        """Halve the number, because the server asked to wait in this turn: once for all turns that were under way then."""
        with self._changed:
            self._answers = 0
            if slot > self._slowed_at:
                self._slowed_at = self._turns
                self._limit = max(1, self._limit // 2)

    def on_success(self) -> None:
        """Note that an answer came: after enough of them there may be one request more."""
        with self._changed:
            self._answers += 1
            if self._limit < self._most and self._answers >= _ANSWERS_FOR_MORE * self._limit:
                self._answers = 0
                self._limit += 1
                self._changed.notify_all()
