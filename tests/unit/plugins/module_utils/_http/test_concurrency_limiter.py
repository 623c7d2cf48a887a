# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The number of requests in flight: its bounds, how it falls and how it comes back."""

from __future__ import annotations

import threading

import pytest

from ansible_collections.verizon.fota.plugins.module_utils._http.concurrency_limiter import ConcurrencyLimiter
from ansible_collections.verizon.fota.plugins.module_utils._support.concurrency import run_all


def never():
    return None


def succeed(limiter, count):
    for _success in range(count):
        limiter.on_success()


def earn(limiter):
    """Let requests succeed until the limit rises; return how many it took."""
    limit = limiter.limit
    for count in range(1, 1000):
        limiter.on_success()
        if limiter.limit > limit:
            return count
    return None


def burst(limiter, size):
    """Let the server throttle so many requests that are in flight together."""
    with limiter.slot() as first:
        if size > 1:
            burst(limiter, size - 1)
        limiter.on_throttled(first)


class Watched:
    """Counts how many are in flight at once."""

    def __init__(self):
        self.maximum = self._now = 0
        self._lock = threading.Lock()

    def __enter__(self):
        with self._lock:
            self._now += 1
            self.maximum = max(self.maximum, self._now)

    def __exit__(self, *_unused):
        with self._lock:
            self._now -= 1


@pytest.mark.parametrize("maximum", [1, 3, 8])
def test_never_more_than_the_limit_are_in_flight(maximum):
    limiter, watched = ConcurrencyLimiter(maximum), Watched()

    def work(item):
        with limiter.slot(), watched:
            threading.Event().wait(0.001)

    assert run_all(work, range(100), 16, never).stop is None
    assert watched.maximum == maximum


def test_never_more_than_a_limit_that_fell_are_in_flight():
    limiter, watched = ConcurrencyLimiter(8), Watched()
    burst(limiter, 1)

    def work(item):
        with limiter.slot(), watched:
            threading.Event().wait(0.001)

    run_all(work, range(100), 16, never)
    assert watched.maximum == limiter.limit == 4


def test_a_request_that_waits_gets_a_slot_when_another_ends():
    limiter, inside = ConcurrencyLimiter(1), threading.Event()

    def enter():
        with limiter.slot():
            inside.set()

    waiting = threading.Thread(target=enter)
    with limiter.slot():
        waiting.start()
        assert not inside.wait(0.05)
    assert inside.wait(5)
    waiting.join()


def test_a_request_that_waits_gets_a_slot_when_the_limit_rises():
    limiter, inside = ConcurrencyLimiter(2), threading.Event()
    burst(limiter, 1)

    def enter():
        with limiter.slot():
            inside.set()

    waiting = threading.Thread(target=enter)
    with limiter.slot():
        waiting.start()
        assert not inside.wait(0.05)
        earn(limiter)
        assert inside.wait(5)
    waiting.join()


def test_a_request_that_fails_frees_its_slot():
    limiter = ConcurrencyLimiter(1)
    for _request in range(3):
        with pytest.raises(KeyError), limiter.slot():
            raise KeyError
    with limiter.slot() as number:
        assert number == 4


@pytest.mark.parametrize("size", [1, 2, 8])
def test_a_burst_halves_the_limit_once(size):
    limiter = ConcurrencyLimiter(8)
    burst(limiter, size)
    assert limiter.limit == 4


def test_each_further_burst_halves_it_again_down_to_one():
    limiter, limits = ConcurrencyLimiter(9), []
    for _burst in range(6):
        burst(limiter, 1)
        limits.append(limiter.limit)
    assert limits == [4, 2, 1, 1, 1, 1]


def test_a_request_that_began_before_the_limit_fell_does_not_lower_it_again():
    limiter = ConcurrencyLimiter(8)
    with limiter.slot() as early:
        burst(limiter, 2)
        assert limiter.limit == 4
        limiter.on_throttled(early)
        assert limiter.limit == 4
    burst(limiter, 1)
    assert limiter.limit == 2


def test_it_recovers_one_by_one_and_never_beyond_the_maximum():
    limiter = ConcurrencyLimiter(8)
    burst(limiter, 1)
    taken = [earn(limiter) for _more in range(4)]
    assert limiter.limit == 8
    assert taken == sorted(set(taken)), "the more may be in flight, the more successes it takes"
    assert earn(limiter) is None
    assert limiter.limit == 8


def test_a_throttled_request_resets_the_count_of_successes():
    limiter = ConcurrencyLimiter(2)
    burst(limiter, 1)
    needed = earn(limiter)
    burst(limiter, 1)
    succeed(limiter, needed - 1)
    burst(limiter, 1)
    succeed(limiter, needed - 1)
    assert limiter.limit == 1
    limiter.on_success()
    assert limiter.limit == 2


def test_it_stays_within_its_bounds_whatever_comes():
    limiter, limits = ConcurrencyLimiter(4), set()

    def work(item):
        with limiter.slot() as slot:
            if item % 7 == 0:
                limiter.on_throttled(slot)
            else:
                limiter.on_success()
            limits.add(limiter.limit)

    run_all(work, range(3000), 8, never)
    assert {1, 2} <= limits <= {1, 2, 3, 4}
