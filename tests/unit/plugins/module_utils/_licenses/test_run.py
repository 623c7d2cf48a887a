# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections import Counter
from itertools import chain, repeat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.verizon.fota.plugins.module_utils._licenses import run as run_module
from ansible_collections.verizon.fota.plugins.module_utils._licenses.device_outcome import forecast, settled
from ansible_collections.verizon.fota.plugins.module_utils._licenses.guards import RemovalGuards
from ansible_collections.verizon.fota.plugins.module_utils._licenses.outcomes import REMOVAL, TARGETS
from ansible_collections.verizon.fota.plugins.module_utils._licenses.run import execute
from ansible_collections.verizon.fota.plugins.module_utils._licenses.run_request import Rules, RunRequest
from ansible_collections.verizon.fota.plugins.module_utils._licenses.run_state import RunState
from ansible_collections.verizon.fota.plugins.module_utils._licenses.states import (
    LICENSED,
    MISSING,
    NOT_FOUND,
    UNLICENSED,
    Reading,
    State,
)
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.errors import (
    ErrorInfo,
    ErrorKind,
    ThingSpaceError,
)
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.license_totals import LicenseTotals
from ansible_collections.verizon.fota.tests.unit.plugins.module_utils.fake_account import (
    FakeAccount,
    as_normal,
    imeis,
    lost,
    lost_after,
    raising,
    rejecting,
    without_license_state,
)

IMEIS = imeis(12)
UNAVAILABLE = rejecting(ErrorKind.UNAVAILABLE, "HTTP 403")


def run(account, requested=IMEIS, keep=list, **order):
    record = RunState(REMOVAL, keep)
    stop = execute(account, RunRequest(requested, **order), record)
    return record, stop


def outcomes(record, requested=IMEIS):
    return [record.kept[imei].outcome for imei in requested]


def mixed(**ways):
    """Four devices with a license, four without one, four that the account does not know."""
    return FakeAccount(IMEIS[:4], IMEIS[4:8], **ways)


# Plan and removal


def test_only_licensed_devices_are_sent():
    account = mixed()

    record, stop = run(account)

    assert outcomes(record) == ["removed"] * 4 + ["unlicensed"] * 4 + ["failed"] * 4
    assert account.removals == [IMEIS[:4]]
    assert (stop, record.totals.latest()) == (None, LicenseTotals(9000, 0))


def test_a_second_run_writes_nothing():
    account = mixed()
    run(account)
    account.removals.clear()

    record, _stop = run(account, IMEIS[:8])

    assert outcomes(record, IMEIS[:8]) == ["unlicensed"] * 8
    assert account.removals == []


def test_unknown_devices_are_ignored_on_request():
    record, _stop = run(mixed(), rules=Rules(unknown_devices_fail=False))

    assert +record.counts == Counter(removed=4, unlicensed=8)


@pytest.mark.parametrize("concurrency", [1, 3, 64])
def test_batches_cover_every_device_once(concurrency):
    requested = imeis(95)
    account = FakeAccount(requested)

    record, _stop = run(account, requested, batch_size=10, concurrency=concurrency)

    assert outcomes(record, requested) == ["removed"] * 95
    assert sorted(sum(account.removals, [])) == requested
    assert {len(batch) for batch in account.removals} == {10, 5}


def test_everything_is_read_before_the_first_removal():
    account = FakeAccount(
        IMEIS, on_read=chain(repeat(as_normal, 5), [rejecting(ErrorKind.REJECTED, "Inactive account")])
    )

    record, stop = run(account, batch_size=2)

    assert (stop, account.removals) == ("Inactive account", [])
    assert outcomes(record) == ["skipped"] * 12


def test_an_early_end_keeps_what_was_done_and_skips_the_rest():
    account = FakeAccount(IMEIS, on_remove=[as_normal, lost_after, rejecting(ErrorKind.REJECTED, "Inactive account")])

    record, stop = run(account, batch_size=3)

    assert stop == "Inactive account"
    assert outcomes(record) == ["removed"] * 6 + ["failed"] * 3 + ["skipped"] * 3
    assert account.holders == set(IMEIS[6:])


def test_tokens_that_end_while_reading_end_the_run():
    account = FakeAccount(
        IMEIS,
        on_read=[as_normal, raising(ThingSpaceError(ErrorInfo(ErrorKind.UNAUTHENTICATED, "the session has expired")))],
    )

    record, stop = run(account, batch_size=6)

    assert (stop, account.removals) == ("the session has expired", [])
    assert outcomes(record) == ["skipped"] * 12


def test_what_was_read_as_unlicensed_stays_so_when_the_run_ends_early():
    account = mixed(on_read=[as_normal, as_normal, rejecting(ErrorKind.REJECTED)])

    record, _stop = run(account, batch_size=4)

    assert outcomes(record) == ["skipped"] * 4 + ["unlicensed"] * 4 + ["skipped"] * 4


def test_an_error_in_the_collection_loses_nothing_that_others_have_done():
    account = FakeAccount(IMEIS, on_remove=[as_normal, raising(ZeroDivisionError("oops"))])

    record, stop = run(account, batch_size=4)

    assert outcomes(record) == ["removed"] * 4 + ["unknown"] * 4 + ["skipped"] * 4
    assert "ZeroDivisionError" in stop


def test_an_error_in_the_collection_while_reading_sends_nothing():
    account = FakeAccount(IMEIS, on_read=[raising(ZeroDivisionError("oops"))])

    record, stop = run(account)

    assert (outcomes(record), account.removals) == (["skipped"] * 12, [])
    assert "ZeroDivisionError" in stop


# Check mode


def test_check_mode_forecasts_what_a_real_run_does_and_writes_nothing():
    checked, real = mixed(), mixed()

    forecast, checked_stop = run(checked, check_mode=True)
    record, real_stop = run(real)

    assert checked.removals == []
    assert outcomes(forecast) == outcomes(record)
    assert (forecast.counts, checked_stop) == (record.counts, real_stop)
    assert (forecast.changeable, forecast.changed) == (record.changeable, record.changed)


def test_check_mode_does_not_know_what_it_could_not_read():
    account = mixed(on_read=repeat(lost))

    record, stop = run(account, check_mode=True)

    assert (set(outcomes(record)), stop, account.removals) == ({"unknown"}, None, [])


# The calls that read are unavailable


@pytest.mark.parametrize("check_mode", [True, False])
def test_the_license_list_is_enough_for_either_mode(check_mode):
    account = mixed(on_read=repeat(UNAVAILABLE))

    record, stop = run(account, check_mode=check_mode, batch_size=5)

    assert outcomes(record) == ["removed"] * 4 + ["unlicensed"] * 8
    assert (stop, account.listings, len(account.reads)) == (None, 1, 1)
    assert account.removals == ([] if check_mode else [IMEIS[:4]])


def test_check_mode_fails_where_neither_call_is_to_be_had():
    account = mixed(on_read=repeat(UNAVAILABLE), on_list=repeat(UNAVAILABLE))

    record, stop = run(account, check_mode=True)

    assert "a forecast needs the devices of the account or its list of licenses" in stop
    assert "HTTP 403" in stop
    assert (outcomes(record), account.removals) == (["skipped"] * 12, [])


def test_a_real_run_relies_on_the_removal_if_neither_call_is_available():
    account = mixed(on_read=repeat(UNAVAILABLE), on_list=repeat(UNAVAILABLE))

    record, stop = run(account)

    assert (outcomes(record), stop) == (["removed"] * 4 + ["unlicensed"] * 4 + ["failed"] * 4, None)


def test_a_lost_response_is_unknown_if_neither_call_is_available():
    account = mixed(on_read=repeat(UNAVAILABLE), on_list=repeat(UNAVAILABLE), on_remove=[lost_after])

    record, _stop = run(account)

    assert set(outcomes(record)) == {"unknown"}
    assert len(account.removals) == 1


@pytest.mark.parametrize(
    "behavior", [lost, rejecting(ErrorKind.THROTTLED), without_license_state], ids=["lost", "throttled", "not reported"]
)
def test_a_real_run_sends_what_could_not_be_read(behavior):
    account = mixed(on_read=repeat(behavior), on_list=repeat(UNAVAILABLE))

    record, _stop = run(account, IMEIS[:8])

    assert outcomes(record, IMEIS[:8]) == ["removed"] * 4 + ["unlicensed"] * 4


@pytest.mark.parametrize(
    "kind",
    [ErrorKind.REJECTED, ErrorKind.ACCESS_TOKEN, ErrorKind.SESSION_TOKEN, ErrorKind.UNREACHABLE],
    ids=lambda kind: kind.name,
)
def test_a_reading_that_is_rejected_for_all_ends_the_run(kind):
    account = FakeAccount(IMEIS, on_read=[rejecting(kind, "no")])

    record, stop = run(account)

    assert (stop, account.removals, outcomes(record)) == ("no", [], ["skipped"] * 12)


# The limit on removals


@pytest.mark.parametrize("check_mode", [True, False])
@pytest.mark.parametrize("limit", [0, 3])
def test_too_many_removals_are_rejected_before_the_first_one(limit, check_mode):
    account = mixed()

    record, stop = run(account, guards=RemovalGuards(limit), check_mode=check_mode, batch_size=2)

    assert f"4 licenses would be removed, more than max_removals allows ({limit})" in stop
    assert outcomes(record) == ["skipped"] * 4 + ["unlicensed"] * 4 + ["failed"] * 4
    reasons = {device.details.reason for device in record.kept.values() if device.outcome == "skipped"}
    assert reasons == {"not sent: more than max_removals allows"}
    assert (account.removals, len(account.holders)) == ([], 4)


def test_as_many_removals_as_allowed_are_done():
    record, stop = run(mixed(), guards=RemovalGuards(4))

    assert (record.counts["removed"], stop) == (4, None)


def test_what_could_not_be_read_counts_against_the_limit():
    account = FakeAccount(unlicensed_devices=IMEIS, on_read=[lost])

    _record, stop = run(account, guards=RemovalGuards(11))

    assert "12 licenses" in stop
    assert account.removals == []


# The record


@pytest.mark.parametrize("check_mode", [True, False])
def test_counts_add_up(check_mode):
    account = FakeAccount(
        IMEIS[:9],
        IMEIS[9:11],
        locked={IMEIS[1]},
        malformed={IMEIS[2]},
        on_remove=[lost, rejecting(ErrorKind.REJECTED)],
    )

    record, _stop = run(account, batch_size=2, concurrency=2, check_mode=check_mode)

    assert sum(record.counts.values()) == len(record.kept) == 12
    assert set(record.counts) <= set(REMOVAL.names)


def test_only_selected_devices_are_kept_and_all_are_counted():
    record, _stop = run(mixed(), keep=lambda devices: [device for device in devices if device.failed])

    assert sorted(record.kept) == IMEIS[8:]
    assert sum(record.counts.values()) == 12


def test_the_licensed_devices_before_the_run_are_recorded_in_order():
    requested = IMEIS[::-1]
    account = FakeAccount(IMEIS[:4], IMEIS[4:8], locked={IMEIS[0]})

    record, _stop = run(account, requested)

    assert record.changeable == IMEIS[:4][::-1]
    assert record.changed == set(IMEIS[1:4])


def test_a_device_that_turns_out_to_have_had_a_license_is_recorded_as_such():
    record, _stop = run(mixed(on_read=[lost]))

    assert record.changeable == IMEIS[:4]


@pytest.mark.parametrize(
    ("on_totals", "used"), [([], 0), ([rejecting(ErrorKind.UNAVAILABLE)], None)], ids=["read again", "unavailable"]
)
def test_the_licenses_in_use_are_not_those_before_a_removal_whose_response_was_lost(on_totals, used):
    account = FakeAccount(IMEIS[:4], on_remove=[as_normal, lost_after], on_totals=on_totals)

    record, stop = run(account, IMEIS[:4], batch_size=2)

    assert (stop, outcomes(record, IMEIS[:4])) == (None, ["removed"] * 4)
    assert record.totals.latest() == LicenseTotals(9000, used)


@pytest.mark.parametrize("check_mode", [False, True])
def test_what_was_read_before_an_error_that_ends_the_run_is_not_forgotten(check_mode):
    account = mixed(on_list=[rejecting(ErrorKind.UNREACHABLE, "HTTP 500")])

    record, stop = run(account, check_mode=check_mode)

    assert (stop, account.removals) == ("HTTP 500", [])
    assert outcomes(record) == ["skipped"] * 4 + ["unlicensed"] * 4 + ["skipped"] * 4


READINGS = st.lists(
    st.sampled_from([LICENSED, UNLICENSED, NOT_FOUND, Reading(State.UNREAD, "why"), MISSING]), max_size=6
)


@given(readings=READINGS, ignore=st.booleans(), target=st.sampled_from(TARGETS))
def test_devices_with_the_same_reading_are_planned_together_as_each_by_itself(readings, ignore, target):
    requested = IMEIS[: len(readings)]
    request = RunRequest(requested, target, rules=Rules(unknown_devices_fail=not ignore))
    each = [settled(target, imei, reading, ignore) for imei, reading in zip(requested, readings)]
    to_change = run_module._ToChange([], [])

    groups = run_module._plan(requested, readings, request, to_change)
    assert [device for group in groups for device in group.devices()] == [device for device in each if device]
    planned = [(imei, reading) for imei, reading, device in zip(requested, readings, each) if device is None]
    assert list(zip(to_change.imeis, to_change.readings)) == planned


@given(readings=READINGS, target=st.sampled_from(TARGETS))
def test_devices_with_the_same_reading_are_forecast_together_as_each_by_itself(readings, target):
    requested = IMEIS[: len(readings)]
    state = RunState(target, list)
    request = RunRequest(requested, target, check_mode=True, batch_size=4)

    assert run_module._forecast(FakeAccount(), request, run_module._ToChange(requested, readings), state, print) is None
    assert list(state.kept.values()) == [forecast(target, *each) for each in zip(requested, readings)]
