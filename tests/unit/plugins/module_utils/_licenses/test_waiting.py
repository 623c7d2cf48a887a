# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.verizon.fota.plugins.module_utils._licenses.outcomes import REMOVAL
from ansible_collections.verizon.fota.plugins.module_utils._licenses.states import Reader
from ansible_collections.verizon.fota.plugins.module_utils._licenses.waiting import Wait, until_reached
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.errors import ErrorKind
from ansible_collections.verizon.fota.tests.unit.plugins.module_utils.fake_account import (
    FakeAccount,
    honest,
    imeis,
    leaving_out,
    refusing,
)

WANTED = imeis(6)


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
    told = []
    seen = until_reached(
        REMOVAL,
        lambda: Reader(account),
        batches or [WANTED[:4], WANTED[4:]],
        Wait(timeout, clock.sleep, lambda: clock.now),
        2,
        interrupted,
        told.append,
    )
    return seen, told


def test_without_licensed_devices_there_is_no_wait():
    account, clock = FakeAccount([], WANTED), Clock()

    seen, told = wait_for(account, clock)

    assert (seen.unchanged, seen.unread, seen.not_found, seen.stop) == ([], {}, [], None)
    assert (clock.waits, told) == ([], [6])


def test_it_waits_until_the_last_license_is_removed():
    account = FakeAccount(WANTED[:3], WANTED)
    clock = Clock(lambda: account.holders.discard(WANTED[0]), lambda: None, account.holders.clear)

    seen, told = wait_for(account, clock)

    assert (seen.unchanged, seen.stop) == ([], None)
    assert clock.waits == [1, 2, 4]
    assert told == [3, 4, 4, 6]


def test_only_those_that_are_left_are_read_again():
    account = FakeAccount(WANTED[:1], WANTED)
    clock = Clock(account.holders.clear)

    wait_for(account, clock)

    assert account.reads[2:] == [WANTED[:1]]


def test_after_the_timeout_it_reports_which_devices_hold_a_license():
    account, clock = FakeAccount(WANTED[2:4], WANTED), Clock()

    seen, _told = wait_for(account, clock, timeout=10)

    assert sorted(seen.unchanged) == WANTED[2:4]
    assert seen.stop is None
    assert sum(clock.waits) == 10


def test_without_time_it_reads_once():
    account, clock = FakeAccount(WANTED, []), Clock()

    seen, _told = wait_for(account, clock, timeout=0)

    assert len(seen.unchanged) == 6
    assert (clock.waits, len(account.reads)) == ([], 2)


def test_pauses_do_not_grow_without_end():
    clock = Clock()

    wait_for(FakeAccount(WANTED, []), clock, timeout=200)

    assert max(clock.waits) == 30


def test_devices_that_the_account_does_not_know_are_not_waited_for():
    seen, _told = wait_for(FakeAccount([], WANTED[:5]), Clock())

    assert seen.not_found == WANTED[5:]


def test_a_reading_that_fails_is_tried_again():
    account, clock = FakeAccount([], WANTED, on_read=[refusing(ErrorKind.NO_VALID_RESPONSE), honest]), Clock()

    seen, told = wait_for(account, clock, batches=[WANTED])

    assert (seen.unread, told) == ({}, [0, 6])


def test_what_could_never_be_read_is_named_with_the_reason():
    account = FakeAccount([], WANTED, on_read=[refusing(ErrorKind.THROTTLED, "HTTP 429")] * 99)

    seen, _told = wait_for(account, Clock(), timeout=5, batches=[WANTED])

    assert seen.unread == dict.fromkeys(WANTED, "HTTP 429")


def test_a_service_that_rejects_for_all_ends_the_wait():
    account, clock = FakeAccount([], WANTED, on_read=[refusing(ErrorKind.UNAUTHENTICATED, "no tokens")] * 9), Clock()

    seen, _told = wait_for(account, clock)

    assert seen.stop == "no tokens"
    assert set(seen.unread) == set(WANTED)
    assert clock.waits == []


@pytest.mark.parametrize("waits_before", [0, 1])
def test_an_interruption_ends_the_wait(waits_before):
    account = FakeAccount(WANTED[:2], WANTED)
    asked = []

    def ask():
        asked.append(True)
        return True

    clock = Clock(*[lambda: None] * waits_before, ask)

    seen, _told = wait_for(account, clock, interrupted=lambda: "SIGTERM" if asked else None)

    assert (sorted(seen.unchanged), seen.stop) == (WANTED[:2], "SIGTERM")


def test_the_license_list_is_read_once_for_all_batches_each_time():
    account = FakeAccount(WANTED[:1], WANTED, on_read=[refusing(ErrorKind.UNAVAILABLE)] * 99)
    clock = Clock(account.holders.clear)

    seen, _told = wait_for(account, clock, batches=[[imei] for imei in WANTED])

    assert seen.unchanged == []
    assert account.listings == 2


def test_a_device_that_a_response_leaves_out_is_requested_again():
    account = FakeAccount(WANTED[:2], WANTED, on_read=[leaving_out(WANTED[0])])

    seen, _told = wait_for(account, Clock(), timeout=0, batches=[WANTED])

    assert sorted(seen.unchanged) == WANTED[:2]


def test_who_was_seen_with_a_license_and_cannot_be_read_any_more_was_last_seen_with_it():
    account, clock = FakeAccount(WANTED[:2], WANTED), Clock()
    account._ways["on_read"] = iter([honest, *[refusing(ErrorKind.NO_VALID_RESPONSE, "no answer")] * 99])

    seen, _told = wait_for(account, clock, timeout=5, batches=[WANTED])

    assert seen.unchanged == WANTED[:2]
    assert seen.unread == {}


def test_who_was_seen_free_after_that_is_free():
    account = FakeAccount(WANTED[:2], WANTED)
    clock = Clock(lambda: account.holders.discard(WANTED[0]))
    account._ways["on_read"] = iter(
        [honest, refusing(ErrorKind.NO_VALID_RESPONSE, "no answer"), honest, refusing(ErrorKind.NO_VALID_RESPONSE)]
    )

    seen, _told = wait_for(account, clock, timeout=8, batches=[WANTED])

    assert seen.unchanged == WANTED[1:2]
