# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.verizon.fota.plugins.module_utils._licenses.outcomes import REMOVAL
from ansible_collections.verizon.fota.plugins.module_utils._licenses.run_request import Wait
from ansible_collections.verizon.fota.plugins.module_utils._licenses.states import Reader
from ansible_collections.verizon.fota.plugins.module_utils._licenses.waiting import until_reached
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.errors import ErrorKind
from ansible_collections.verizon.fota.tests.unit.plugins.module_utils.fake_account import (
    FakeAccount,
    as_normal,
    imeis,
    leaving_out,
    lost,
    rejecting,
)

IMEIS = imeis(6)


class Clock:
    """Time that only passes while somebody waits; ``events`` happen after so many waits."""

    def __init__(self, *events):
        self.now = 0.0
        self.waits = []
        self.events = list(events)

    def sleep(self, seconds):
        self.now += seconds
        self.waits.append(seconds)
        if self.events:
            return self.events.pop(0)()
        return None


def wait_for(account, clock, timeout=100, interrupted=lambda: None, batches=None):
    lines = []
    seen = until_reached(
        REMOVAL,
        lambda: Reader(account),
        batches or [IMEIS[:4], IMEIS[4:]],
        Wait(timeout, clock.sleep, lambda: clock.now),
        2,
        interrupted,
        lines.append,
    )
    return seen, lines


def test_without_licensed_devices_there_is_no_wait():
    account, clock = FakeAccount([], IMEIS), Clock()

    seen, lines = wait_for(account, clock)

    assert (seen.unchanged, seen.unread, seen.not_found, seen.stop) == ([], {}, [], None)
    assert (clock.waits, lines) == ([], [6])


def test_it_waits_until_the_last_license_is_removed():
    account = FakeAccount(IMEIS[:3], IMEIS)
    clock = Clock(lambda: account.holders.discard(IMEIS[0]), lambda: None, account.holders.clear)

    seen, lines = wait_for(account, clock)

    assert (seen.unchanged, seen.stop) == ([], None)
    assert clock.waits == [1, 2, 4]
    assert lines == [3, 4, 4, 6]


def test_a_device_that_is_no_longer_as_declared_at_the_end_is_unchanged():
    account = FakeAccount(IMEIS[:1], IMEIS)
    clock = Clock(lambda: account.holders.add(IMEIS[5]), lambda: account.holders.discard(IMEIS[0]))

    seen, _lines = wait_for(account, clock)

    assert (seen.unchanged, seen.unread, seen.stop) == ([IMEIS[5]], {}, None)


def test_so_is_one_when_the_time_is_over():
    account = FakeAccount(IMEIS[:1], IMEIS)

    seen, _lines = wait_for(account, Clock(lambda: account.holders.add(IMEIS[5])), timeout=2)

    assert seen.unchanged == [IMEIS[0], IMEIS[5]]


def test_devices_that_cannot_be_read_at_the_end_count_as_they_were_read_last():
    account = FakeAccount(IMEIS[:1], IMEIS, on_read=[as_normal, as_normal, as_normal, lost, lost])

    seen, _lines = wait_for(account, Clock(account.holders.clear))

    assert (seen.unchanged, seen.unread, seen.stop) == ([], {}, None)


def test_until_the_end_only_those_that_are_left_are_read_again():
    account = FakeAccount(IMEIS[:1], IMEIS)
    clock = Clock(lambda: None, account.holders.clear)

    wait_for(account, clock)

    assert account.reads[2:4] == [IMEIS[:1]] * 2
    assert sorted(account.reads[4:]) == [IMEIS[1:4], IMEIS[4:]]


def test_after_the_timeout_it_reports_which_devices_hold_a_license():
    account, clock = FakeAccount(IMEIS[2:4], IMEIS), Clock()

    seen, _lines = wait_for(account, clock, timeout=10)

    assert sorted(seen.unchanged) == IMEIS[2:4]
    assert seen.stop is None
    assert sum(clock.waits) == 10


def test_without_time_it_reads_once():
    account, clock = FakeAccount(IMEIS, []), Clock()

    seen, _lines = wait_for(account, clock, timeout=0)

    assert len(seen.unchanged) == 6
    assert (clock.waits, len(account.reads)) == ([], 2)


def test_pauses_do_not_grow_without_end():
    clock = Clock()

    wait_for(FakeAccount(IMEIS, []), clock, timeout=200)

    assert max(clock.waits) == 30


def test_devices_that_the_account_does_not_know_are_not_waited_for():
    seen, _lines = wait_for(FakeAccount([], IMEIS[:5]), Clock())

    assert seen.not_found == IMEIS[5:]


def test_a_reading_that_fails_is_tried_again():
    account, clock = FakeAccount([], IMEIS, on_read=[rejecting(ErrorKind.NO_VALID_RESPONSE), as_normal]), Clock()

    seen, lines = wait_for(account, clock, batches=[IMEIS])

    assert (seen.unread, lines) == ({}, [0, 6])


def test_what_could_never_be_read_is_named_with_the_reason():
    account = FakeAccount([], IMEIS, on_read=[rejecting(ErrorKind.THROTTLED, "HTTP 429")] * 99)

    seen, _lines = wait_for(account, Clock(), timeout=5, batches=[IMEIS])

    assert seen.unread == dict.fromkeys(IMEIS, "HTTP 429")


def test_a_service_that_rejects_for_all_ends_the_wait():
    account, clock = FakeAccount([], IMEIS, on_read=[rejecting(ErrorKind.UNAUTHENTICATED, "no tokens")] * 9), Clock()

    seen, _lines = wait_for(account, clock)

    assert seen.stop == "no tokens"
    assert set(seen.unread) == set(IMEIS)
    assert clock.waits == []


@pytest.mark.parametrize("waits_before", [0, 1])
def test_an_interruption_ends_the_wait(waits_before):
    account = FakeAccount(IMEIS[:2], IMEIS)
    checks = []

    def ask():
        checks.append(True)
        return True

    clock = Clock(*[lambda: None] * waits_before, ask)

    seen, _lines = wait_for(account, clock, interrupted=lambda: "SIGTERM" if checks else None)

    assert (sorted(seen.unchanged), seen.stop) == (IMEIS[:2], "SIGTERM")


def test_the_license_list_is_read_once_for_all_batches_each_time():
    account = FakeAccount(IMEIS[:1], IMEIS, on_read=[rejecting(ErrorKind.UNAVAILABLE)] * 99)
    clock = Clock(account.holders.clear)

    seen, _lines = wait_for(account, clock, batches=[[imei] for imei in IMEIS])

    assert seen.unchanged == []
    assert account.listings == 2


def test_a_device_that_a_response_leaves_out_is_requested_again():
    account = FakeAccount(IMEIS[:2], IMEIS, on_read=[leaving_out(IMEIS[0])])

    seen, _lines = wait_for(account, Clock(), timeout=0, batches=[IMEIS])

    assert sorted(seen.unchanged) == IMEIS[:2]


def test_who_was_seen_with_a_license_and_cannot_be_read_any_more_was_last_seen_with_it():
    account, clock = FakeAccount(IMEIS[:2], IMEIS), Clock()
    account._behaviors["on_read"] = iter([as_normal, *[rejecting(ErrorKind.NO_VALID_RESPONSE, "no response")] * 99])

    seen, _lines = wait_for(account, clock, timeout=5, batches=[IMEIS])

    assert seen.unchanged == IMEIS[:2]
    assert seen.unread == {}


def test_who_was_seen_free_after_that_is_free():
    account = FakeAccount(IMEIS[:2], IMEIS)
    clock = Clock(lambda: account.holders.discard(IMEIS[0]))
    account._behaviors["on_read"] = iter(
        [
            as_normal,
            rejecting(ErrorKind.NO_VALID_RESPONSE, "no response"),
            as_normal,
            rejecting(ErrorKind.NO_VALID_RESPONSE),
        ]
    )

    seen, _lines = wait_for(account, clock, timeout=8, batches=[IMEIS])

    assert seen.unchanged == IMEIS[1:2]
