# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs that assign licenses, where they are more than the mirror image of a removal."""

from __future__ import annotations

from collections import Counter
from itertools import repeat

import pytest

from ansible_collections.verizon.fota.plugins.module_utils._licenses.guards import AssignmentGuards
from ansible_collections.verizon.fota.plugins.module_utils._licenses.outcomes import ASSIGNMENT
from ansible_collections.verizon.fota.plugins.module_utils._licenses.run import execute
from ansible_collections.verizon.fota.plugins.module_utils._licenses.run_request import RunRequest, Wait
from ansible_collections.verizon.fota.plugins.module_utils._licenses.run_state import RunState
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.errors import ErrorKind
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.license_totals import LicenseTotals
from ansible_collections.verizon.fota.tests.unit.plugins.module_utils.fake_account import (
    FakeAccount,
    as_normal,
    imeis,
    leaving_out,
    lost_after,
    rejecting,
)

A, B, C, D = IMEIS = imeis(4)


def run(account, **options):
    state = RunState(ASSIGNMENT, list)
    stop = execute(account, RunRequest(IMEIS, ASSIGNMENT, guards=AssignmentGuards(), **options), state)
    assert +state.counts == Counter(device.outcome for device in state.kept.values())
    return state, {imei: (state.kept[imei].outcome, state.kept[imei].details.reason) for imei in IMEIS}, stop


def test_only_unlicensed_devices_are_sent_and_none_is_removed():
    account = FakeAccount([A], [B, C])

    state, found, stop = run(account)

    # D is in no list, so that only the response shows that the account does not have it.
    assert account.assignments == [[B, C, D]] and account.removals == []
    assert [outcome for outcome, _reason in found.values()] == ["licensed", "assigned", "assigned", "failed"]
    assert found[D][1] == "Device Not Found."
    assert stop is None
    assert state.totals.latest() == LicenseTotals(9000, 3)


def test_a_second_run_sends_nothing():
    account = FakeAccount(IMEIS)

    _state, found, stop = run(account)

    assert (account.assignments, {outcome for outcome, _reason in found.values()}, stop) == ([], {"licensed"}, None)


def test_check_mode_sends_nothing_and_forecasts_the_assignment():
    account = FakeAccount([A], [B, C, D])

    state, found, _stop = run(account, check_mode=True)

    assert account.assignments == []
    assert [outcome for outcome, _reason in found.values()] == ["licensed", "assigned", "assigned", "assigned"]
    assert state.changeable == [B, C, D]


def test_a_lost_response_is_read_again():
    account = FakeAccount([], IMEIS, on_assign=[lost_after])

    _state, found, _stop = run(account)

    assert found == dict.fromkeys(IMEIS, ("assigned", "no response within 30 s; read again: it holds a license"))
    assert len(account.assignments) == 1


def test_a_device_that_is_in_no_list_may_be_of_another_protocol_and_is_sent():
    account = FakeAccount([], IMEIS, on_read=repeat(leaving_out(A)))

    _state, found, _stop = run(account)

    assert found[A][0] == "assigned"


def test_a_device_that_the_account_may_not_have_takes_none_of_its_free_licenses():
    account = FakeAccount([A], [B, C], on_totals=[lambda act, requested: LicenseTotals(3, 1)])

    _state, found, stop = run(account)

    assert (stop, [outcome for outcome, _reason in found.values()]) == (
        None,
        ["licensed", "assigned", "assigned", "failed"],
    )


def test_a_forecast_from_the_license_list_alone_says_what_could_not_be_read():
    account = FakeAccount([A], [B, C], on_read=[rejecting(ErrorKind.UNAVAILABLE)] * 9)

    _state, found, _stop = run(account, check_mode=True)

    assert found[D][0] == "assigned"
    assert found[D][1].endswith("whether the account knows it could not be read")


def test_what_the_account_has_free_is_checked_before_anything_is_sent():
    account = FakeAccount([], IMEIS, on_totals=[lambda act, requested: LicenseTotals(8, 6)])

    _state, found, stop = run(account)

    assert account.assignments == []
    assert set(found.values()) == {("skipped", "not sent: the account has too few free licenses")}
    assert stop.startswith("4 licenses would be assigned, but the account has only 2 free")


def test_a_wait_ends_when_all_devices_hold_a_license():
    account = FakeAccount([], IMEIS)

    def loses_a_license(act, requested):
        account.holders.discard(A)
        return act()

    account._behaviors["on_read"] = iter([as_normal, loses_a_license, as_normal])

    _state, found, stop = run(account, wait=Wait(0, lambda seconds: None, iter(range(100)).__next__))

    assert stop is None
    assert found[A] == ("failed", "a license was assigned to it, but it holds none again")
    assert found[B][0] == "assigned"


@pytest.mark.parametrize("kind", [ErrorKind.UNAVAILABLE, ErrorKind.REJECTED])
def test_an_account_that_may_not_assign_ends_the_run(kind):
    account = FakeAccount([], IMEIS, on_assign=repeat(rejecting(kind, "HTTP 403: no")))

    _state, found, stop = run(account, batch_size=2)

    assert stop == "HTTP 403: no"
    assert [outcome for outcome, _reason in found.values()] == ["failed", "failed", "skipped", "skipped"]
