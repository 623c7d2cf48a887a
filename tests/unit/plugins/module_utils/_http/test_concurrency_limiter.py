# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The number of requests under way: its bounds, how it falls and how it comes back."""

from __future__ import annotations

import threading

import pytest

from ansible_collections.verizon.fota.plugins.module_utils._http.concurrency_limiter import Pace
from ansible_collections.verizon.fota.plugins.module_utils._support.concurrency import run_all


def never():
    return None


def answers(pace, count):
    for _answer in range(count):
        pace.on_success()


def earn(pace):
    """Let answers come until there may be one more; give how many it took."""
    limit = pace.limit
    for count in range(1, 1000):
        pace.on_success()
        if pace.limit > limit:
            return count
    return None


def burst(pace, size):
    """Let the server ask to wait in so many turns that are under way together."""
    with pace.slot() as first:
        if size > 1:
            burst(pace, size - 1)
        pace.on_throttled(first)


class Watched:
    """Counts how many are within at once."""

    def __init__(self):
        self.most = self._now = 0
        self._lock = threading.Lock()

    def __enter__(self):
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)

    def __exit__(self, *_unused):
        with self._lock:
            self._now -= 1


@pytest.mark.parametrize("most", [1, 3, 8])
def test_never_more_than_the_limit_are_under_way(most):
    pace, watched = Pace(most), Watched()

    def work(item):
        with pace.slot(), watched:
            threading.Event().wait(0.001)

    assert run_all(work, range(100), 16, never).stop is None
    assert watched.most == most


def test_never_more_than_a_limit_that_fell_are_under_way():
    pace, watched = Pace(8), Watched()
    burst(pace, 1)

    def work(item):
        with pace.slot(), watched:
            threading.Event().wait(0.001)

    run_all(work, range(100), 16, never)
    assert watched.most == pace.limit == 4


def test_a_turn_that_waits_is_let_in_when_another_ends():
    pace, inside = Pace(1), threading.Event()

    def enter():
        with pace.slot():
            inside.set()

    waiting = threading.Thread(target=enter)
    with pace.slot():
        waiting.start()
        assert not inside.wait(0.05)
    assert inside.wait(5)
    waiting.join()


def test_a_turn_that_waits_is_let_in_when_the_limit_rises():
    pace, inside = Pace(2), threading.Event()
    burst(pace, 1)

    def enter():
        with pace.slot():
            inside.set()

    waiting = threading.Thread(target=enter)
    with pace.slot():
        waiting.start()
        assert not inside.wait(0.05)
        earn(pace)
        assert inside.wait(5)
    waiting.join()


def test_a_turn_that_breaks_is_over():
    pace = Pace(1)
    for _turn in range(3):
        with pytest.raises(KeyError), pace.slot():
            raise KeyError
    with pace.slot() as number:
        assert number == 4


@pytest.mark.parametrize("size", [1, 2, 8])
def test_a_burst_halves_the_limit_once(size):
    pace = Pace(8)
    burst(pace, size)
    assert pace.limit == 4


def test_each_further_burst_halves_it_again_down_to_one():
    pace, limits = Pace(9), []
    for _burst in range(6):
        burst(pace, 1)
        limits.append(pace.limit)
    assert limits == [4, 2, 1, 1, 1, 1]


def test_a_turn_that_began_before_the_limit_fell_does_not_lower_it_again():
    pace = Pace(8)
    with pace.slot() as early:
        burst(pace, 2)
        assert pace.limit == 4
        pace.on_throttled(early)
        assert pace.limit == 4
    burst(pace, 1)
    assert pace.limit == 2


def test_it_recovers_one_by_one_and_never_beyond_the_most():
    pace = Pace(8)
    burst(pace, 1)
    taken = [earn(pace) for _more in range(4)]
    assert pace.limit == 8
    assert taken == sorted(set(taken)), "the more may be under way, the more answers it takes"
    assert earn(pace) is None
    assert pace.limit == 8


def test_one_that_asks_to_wait_spoils_the_answers_before_it():
    pace = Pace(2)
    burst(pace, 1)
    needed = earn(pace)
    burst(pace, 1)
    answers(pace, needed - 1)
    burst(pace, 1)
    answers(pace, needed - 1)
    assert pace.limit == 1
    pace.on_success()
    assert pace.limit == 2


def test_it_stays_within_its_bounds_whatever_comes():
    pace, limits = Pace(4), set()

    def work(item):
        with pace.slot() as slot:
            if item % 7 == 0:
                pace.on_throttled(slot)
            else:
                pace.on_success()
            limits.add(pace.limit)

    run_all(work, range(3000), 8, never)
    assert {1, 2} <= limits <= {1, 2, 3, 4}
