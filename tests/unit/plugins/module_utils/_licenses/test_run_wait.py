# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A run that waits for the declared state: what was read last is the outcome."""

from __future__ import annotations

from collections import Counter

import pytest

from ansible_collections.verizon.fota.plugins.module_utils._licenses.outcomes import REMOVAL
from ansible_collections.verizon.fota.plugins.module_utils._licenses.run import execute
from ansible_collections.verizon.fota.plugins.module_utils._licenses.run_request import Rules, RunRequest, Wait
from ansible_collections.verizon.fota.plugins.module_utils._licenses.run_state import RunState
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.errors import ErrorKind
from ansible_collections.verizon.fota.tests.unit.plugins.module_utils.fake_account import (
    FakeAccount,
    as_normal,
    imeis,
    lost,
    rejecting,
)

IMEIS = imeis(4)


def run(account, written=None, **order):
    lines = [] if written is None else written
    wait = Wait(10, lambda seconds: None, iter(range(100)).__next__)
    record = RunState(REMOVAL, list, lines.extend)
    stop = execute(account, RunRequest(IMEIS, wait=wait, **order), record)
    assert +record.counts == Counter(device.outcome for device in record.kept.values())
    return {imei: (device.outcome, device.details.reason) for imei, device in record.kept.items()}, stop, record


def then(act):
    """A reading before which something happens to the account."""

    def behavior(as_normal_service, requested):
        act()
        return as_normal_service()

    return behavior


def test_a_removed_device_stays_removed():
    found, stop, _record = run(FakeAccount(IMEIS, []))

    assert {outcome for outcome, _reason in found.values()} == {"removed"}
    assert stop is None


def test_a_license_that_came_back_is_a_failure():
    account = FakeAccount(IMEIS[:2], IMEIS[2:])
    account._behaviors["on_read"] = iter([as_normal, *[then(lambda: account.holders.update(IMEIS[1:3]))] * 99])

    found, stop, record = run(account)

    assert found[IMEIS[0]][0] == "removed"
    assert found[IMEIS[1]] == ("failed", "its license was removed, but it holds one again")
    assert found[IMEIS[2]] == ("failed", "it held no license when the run began, but holds one now")
    assert found[IMEIS[3]][0] == "unlicensed"
    assert stop is None
    assert record.changed == {IMEIS[0]}


def test_a_rejected_device_that_is_freed_later_is_removed():
    account = FakeAccount(IMEIS[:1], IMEIS[1:], locked=IMEIS[:1])
    account._behaviors["on_read"] = iter([as_normal, as_normal, then(account.holders.clear)])

    found, _stop, record = run(account)

    assert found[IMEIS[0]] == (
        "removed",
        "License removal not allowed for devices that ...; read again: it holds no license",
    )
    assert record.changed == set(IMEIS[:1])


def test_a_rejected_device_that_keeps_its_license_keeps_its_reason():
    found, _stop, _record = run(FakeAccount(IMEIS[:1], IMEIS[1:], locked=IMEIS[:1]))

    assert found[IMEIS[0]] == ("failed", "License removal not allowed for devices that ...")


@pytest.mark.parametrize(("was_removed", "outcome"), [(True, "removed"), (False, "failed")])
def test_an_unknown_device_is_known_once_it_could_be_read(was_removed, outcome):
    account = FakeAccount(IMEIS[:1], IMEIS[1:], on_remove=[lost])
    after = account.holders.clear if was_removed else lambda: None
    account._behaviors["on_read"] = iter(
        [as_normal, rejecting(ErrorKind.NO_VALID_RESPONSE, "no response"), *[then(after)] * 99]
    )

    found, stop, _record = run(account, rules=Rules(retries=0), batch_size=4)

    assert found[IMEIS[0]][0] == outcome
    assert found[IMEIS[0]][1].endswith("holds no license" if was_removed else "holds a license")
    assert stop is None


def test_a_device_that_the_account_does_not_know_is_not_waited_for():
    account = FakeAccount(IMEIS[:1], IMEIS[1:3])

    found, _stop, _record = run(account)

    assert found[IMEIS[3]][0] == "failed"
    assert all(IMEIS[3] not in requested for requested in account.reads[-1:])


def test_where_nothing_had_to_be_removed_nothing_is_read_again():
    account = FakeAccount([], IMEIS)

    run(account)

    assert len(account.reads) == 1


def test_a_run_that_ended_early_does_not_wait():
    account = FakeAccount(IMEIS, [], on_remove=[rejecting(ErrorKind.REJECTED, "Inactive account")])

    _found, stop, _record = run(account)

    assert stop == "Inactive account"
    assert len(account.reads) == 1


def test_check_mode_does_not_wait():
    account = FakeAccount(IMEIS, [])

    run(account, check_mode=True)

    assert len(account.reads) == 1


def test_devices_that_cannot_be_read_again_keep_their_outcome_and_the_run_says_so():
    account = FakeAccount(IMEIS, [])
    account._behaviors["on_read"] = iter([as_normal, *[rejecting(ErrorKind.THROTTLED, "HTTP 429")] * 99])

    found, stop, _record = run(account)

    assert {outcome for outcome, _reason in found.values()} == {"removed"}
    assert stop == f"4 devices could not be read again in the end, {IMEIS[0]} among them: HTTP 429"


def test_a_service_that_ends_the_wait_is_named():
    account = FakeAccount(IMEIS, [])
    account._behaviors["on_read"] = iter(
        [as_normal, *[rejecting(ErrorKind.UNAUTHENTICATED, "the session is over")] * 99]
    )

    assert run(account)[1] == "while it waited for the declared state: the session is over"


def test_a_changed_outcome_is_written_once_more():
    account = FakeAccount(IMEIS[:2], IMEIS[2:])
    account._behaviors["on_read"] = iter([as_normal, *[then(lambda: account.holders.update(IMEIS[:1]))] * 99])
    lines = []

    run(account, written=lines)

    assert [line.outcome for line in lines if line.imei == IMEIS[0]] == ["removed", "failed"]
    assert [line.outcome for line in lines if line.imei == IMEIS[1]] == ["removed"]


def test_an_unclear_response_for_an_unread_device_is_not_reported_as_a_removal():
    """Its state was never read before, the service rejected its IMEI, and it is found without a license."""
    account = FakeAccount([], IMEIS, malformed=())
    account.malformed = {IMEIS[0]}
    account._behaviors["on_read"] = iter(
        [rejecting(ErrorKind.NO_VALID_RESPONSE, "no response"), *[then(account.malformed.clear)] * 99]
    )

    found, _stop, _record = run(account)

    assert found[IMEIS[0]][0] == "unlicensed"


def test_a_license_seen_once_more_and_then_unreadable_is_a_failure():
    account = FakeAccount(IMEIS, [])
    back = then(lambda: account.holders.update(IMEIS[:1]))
    account._behaviors["on_read"] = iter([as_normal, back, *[rejecting(ErrorKind.REJECTED, "Inactive account")] * 99])

    found, stop, _record = run(account)

    assert found[IMEIS[0]] == ("failed", "its license was removed, but it holds one again")
    assert stop == "while it waited for the declared state: Inactive account"


def test_devices_whose_license_came_back_were_changed_all_the_same():
    account = FakeAccount(IMEIS, [])
    account._behaviors["on_read"] = iter([as_normal, *[then(lambda: account.holders.update(IMEIS))] * 99])

    _found, _stop, record = run(account)

    assert record.changed_back == len(IMEIS)


def test_all_outcomes_are_revised_even_if_they_cannot_be_written():
    account = FakeAccount(IMEIS, [])
    account._behaviors["on_read"] = iter([as_normal] * 4 + [then(lambda: account.holders.update(IMEIS))] * 99)
    full = []

    class FullFromTheFirstRevisionOn(RunState):
        def revise(self, devices):
            full.append(True)
            return super().revise(devices)

    record = FullFromTheFirstRevisionOn(REMOVAL, list, lambda devices: "the disk is full" if full else None)
    wait = Wait(0, lambda seconds: None, iter(range(100)).__next__)

    stop = execute(account, RunRequest(IMEIS, wait=wait, batch_size=1), record)

    assert stop == "the disk is full"
    assert +record.counts == Counter(failed=4)


def test_a_rejected_device_that_was_never_read_had_a_license():
    account = FakeAccount(IMEIS[:1], IMEIS[1:], locked=IMEIS[:1])
    account._behaviors["on_read"] = iter(
        [rejecting(ErrorKind.NO_VALID_RESPONSE, "no response"), as_normal, then(account.holders.clear)]
    )

    found, _stop, _record = run(account)

    assert found[IMEIS[0]][0] == "removed"
