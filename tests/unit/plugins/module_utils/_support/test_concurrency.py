# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import threading
import time

import pytest

from ansible_collections.verizon.fota.plugins.module_utils._support.concurrency import Completion, run_all


def never():
    return None


@pytest.mark.parametrize("concurrency", [1, 3, 100])
def test_every_item_is_worked_on_once(concurrency):
    done = []

    assert run_all(done.append, range(50), concurrency, never) == Completion(None, [], [])
    assert sorted(done) == list(range(50))


def test_no_items_are_no_work():
    assert run_all(lambda item: "never called", [], 4, never) == Completion(None, [], [])


def test_one_at_a_time_keeps_the_order():
    done = []
    run_all(done.append, range(50), 1, never)

    assert done == list(range(50))


def test_as_many_as_allowed_are_under_way_at_once():
    # Each waits for the others: with fewer at once, the barrier breaks and the run fails.
    together = threading.Barrier(4, timeout=5)

    def work(item):
        together.wait()

    assert run_all(work, range(4), 4, never).stop is None


def test_no_more_than_allowed_are_under_way_at_once():
    free, most = threading.Semaphore(3), []

    def work(item):
        most.append(free.acquire(blocking=False))
        time.sleep(0.002)
        free.release()

    run_all(work, range(60), 3, never)

    assert all(most)


def test_a_reason_to_stop_skips_the_rest():
    done = []

    def work(item):
        done.append(item)
        return "enough" if item == 2 else None

    assert run_all(work, range(6), 1, never) == Completion("enough", [3, 4, 5], [])
    assert done == [0, 1, 2]


def test_what_is_under_way_is_finished():
    both, stopped, finished = threading.Barrier(2, timeout=5), threading.Event(), []

    def work(item):
        both.wait()
        if item == 0:
            stopped.set()
            return "enough"
        stopped.wait(5)
        finished.append(item)
        return None

    assert run_all(work, range(4), 2, never) == Completion("enough", [2, 3], [])
    assert finished == [1]


def test_the_first_reason_is_the_one_that_is_reported():
    both, first = threading.Barrier(2, timeout=5), threading.Event()

    def work(item):
        both.wait()
        if item == 1:
            first.wait(5)
            # The other worker notes its reason right after it has set the event.
            threading.Event().wait(0.1)
            return "second"
        first.set()
        return "first"

    assert run_all(work, range(2), 2, never).stop == "first"


def test_an_error_is_reported_with_its_place_and_ends_the_work():
    def work(item):
        if item == 1:
            raise KeyError("oops")

    completion = run_all(work, range(4), 1, never)

    assert (completion.not_started, completion.crashed) == ([2, 3], [1])
    assert "KeyError('oops')" in completion.stop
    assert "test_concurrency.py, line " in completion.stop


def test_an_empty_reason_is_a_reason():
    assert run_all(lambda item: "", range(3), 1, never) == Completion("", [1, 2], [])


def test_nothing_is_begun_after_an_interruption():
    done = []

    completion = run_all(done.append, range(6), 1, lambda: "Ctrl-C" if len(done) == 2 else None)

    assert (done, completion) == ([0, 1], Completion("Ctrl-C", [2, 3, 4, 5], []))


def test_an_interruption_after_the_last_item_is_none():
    done = []

    assert run_all(done.append, range(2), 1, lambda: "Ctrl-C" if len(done) == 2 else None).stop is None
