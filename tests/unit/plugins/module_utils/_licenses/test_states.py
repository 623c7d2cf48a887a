# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import math
from itertools import chain, repeat
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.verizon.fota.plugins.module_utils._licenses import states as states_module
from ansible_collections.verizon.fota.plugins.module_utils._licenses.states import (
    ABSENT,
    LICENSED,
    NOT_REPORTED,
    UNLICENSED,
    UNLISTED,
    IncompleteReadings,
    Reader,
    Reading,
    State,
)
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.errors import ErrorKind, ThingSpaceError
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.device_list import DeviceStatus
from ansible_collections.verizon.fota.tests.unit.plugins.module_utils.fake_account import (
    FakeAccount,
    as_normal,
    imeis,
    leaving_out,
    lost,
    rejecting,
    without_license_state,
)

A, B, C = imeis(3)
UNAVAILABLE = rejecting(ErrorKind.UNAVAILABLE, "HTTP 403")


def states(readings):
    return {imei: reading.state for imei, reading in readings.items()}


def seeing(**status):
    return lambda act, requested: dict.fromkeys(requested, DeviceStatus(**status))


def test_one_call_reads_the_state_of_many_devices():
    account = FakeAccount([A], [B])

    assert Reader(account).read([B, A]) == {A: LICENSED, B: UNLICENSED}
    assert (account.reads, account.listings) == ([[B, A]], 0)


def test_missing_devices_are_looked_up_in_the_license_list_once():
    account = FakeAccount([A])
    reader = Reader(account)

    assert reader.read([A, B]) == {A: LICENSED, B: ABSENT}
    assert reader.read([C]) == {C: ABSENT}
    assert account.listings == 1


def test_the_reason_of_a_device_that_is_not_found_is_kept():
    account = FakeAccount(on_read=[seeing(in_account=False, licensed=None, reason="Device Not Found.")])

    assert Reader(account).read([A]) == {A: Reading(State.NOT_FOUND, "Device Not Found.")}


# Answers that leave devices out


def test_a_device_left_out_by_mistake_is_requested_again():
    account = FakeAccount([A], [B], on_read=[leaving_out(A)])

    assert Reader(account).read([A, B]) == {A: LICENSED, B: UNLICENSED}


@pytest.mark.parametrize("count", [1, 5, 11])
def test_a_licensed_device_of_another_protocol_is_found_in_the_license_list(count):
    requested = imeis(count)
    account = FakeAccount(requested[:4], on_read=repeat(leaving_out(*requested)))

    readings = Reader(account).read(requested)

    assert [imei for imei in requested if readings[imei] == LICENSED] == requested[:4]
    assert (len(account.reads), account.listings) == (2, 1)


@pytest.mark.parametrize(
    ("on_list", "state"), [(UNAVAILABLE, State.MISSING), (lost, State.UNREAD)], ids=["unavailable", "lost"]
)
def test_missing_devices_are_left_open_where_the_license_list_cannot_be_read(on_list, state):
    readings = Reader(FakeAccount(on_list=repeat(on_list))).read([A, B])

    assert set(states(readings).values()) == {state}


# Refusals of a call


def test_a_rejected_device_is_found_in_few_calls_and_hides_no_other():
    requested = imeis(1000)
    account = FakeAccount(requested, malformed={requested[321]})

    readings = Reader(account).read(requested)

    assert [imei for imei in requested if readings[imei] != LICENSED] == [requested[321]]
    assert readings[requested[321]] == Reading(State.INVALID, "Invalid device id format")
    assert len(account.reads) <= 1 + 2 * math.ceil(math.log2(1000))


def test_a_rejection_without_a_reason_leaves_the_device_unread():
    account = FakeAccount([A], on_read=[rejecting(ErrorKind.INVALID_DEVICE_LIST, "HTTP 400: oops", known=False)])

    assert Reader(account).read([A]) == {A: Reading(State.UNREAD, "HTTP 400: oops")}


def test_a_list_that_is_too_long_is_halved():
    requested = imeis(10)

    assert set(Reader(FakeAccount(requested, limit=3)).read(requested).values()) == {LICENSED}


TRANSIENT = (ErrorKind.NO_VALID_RESPONSE, ErrorKind.THROTTLED)


@pytest.mark.parametrize("kind", TRANSIENT)
def test_a_part_that_is_lost_takes_nothing_from_the_others(kind):
    requested = imeis(4)
    account = FakeAccount(requested, limit=2, on_read=[as_normal, as_normal, rejecting(kind, "HTTP 502")])

    readings = Reader(account).read(requested)

    assert [readings[imei].state for imei in requested] == [State.LICENSED] * 2 + [State.UNREAD] * 2
    assert readings[requested[3]].reason == "HTTP 502"


@pytest.mark.parametrize(
    "kind",
    [kind for kind in ErrorKind if kind not in (ErrorKind.INVALID_DEVICE_LIST, ErrorKind.UNAVAILABLE, *TRANSIENT)],
)
def test_other_rejections_are_raised(kind):
    account = FakeAccount([A], on_read=[rejecting(kind)])

    with pytest.raises(ThingSpaceError) as caught:
        Reader(account).read([A])

    assert caught.value.info.kind is kind
    assert account.listings == 0


# The license list in place of devices by list


def test_the_license_list_is_read_if_devices_by_list_is_unavailable():
    account = FakeAccount([A], [B], on_read=[UNAVAILABLE])

    assert Reader(account).read([A, B, C]) == {A: LICENSED, B: UNLISTED, C: UNLISTED}


def test_both_calls_are_tried_once_for_all_batches():
    account = FakeAccount([A], on_read=repeat(UNAVAILABLE))
    reader = Reader(account)

    assert reader.read([A]) == {A: LICENSED}
    assert reader.read([B]) == {B: UNLISTED}
    assert (len(account.reads), account.listings) == (1, 1)


def test_reading_again_reads_a_new_list():
    account = FakeAccount([A], on_read=repeat(UNAVAILABLE))
    reader = Reader(account)
    reader.read([A])
    account.remove([A])

    assert reader.read_again([A]) == {A: UNLISTED}
    assert reader.read([A]) == {A: LICENSED}, "a batch that is read later sees the plan's list"


def test_if_neither_call_is_available_it_is_reported_and_remembered():
    account = FakeAccount([A], on_read=repeat(UNAVAILABLE), on_list=repeat(UNAVAILABLE))
    reader = Reader(account)

    for _batch in range(3):
        with pytest.raises(ThingSpaceError) as caught:
            reader.read([A])
        assert caught.value.info.kind is ErrorKind.UNAVAILABLE

    assert (len(account.reads), account.listings) == (1, 1)


def test_a_list_that_was_lost_is_requested_again_by_the_next_batch():
    account = FakeAccount([A], on_read=repeat(UNAVAILABLE), on_list=[lost])
    reader = Reader(account)

    with pytest.raises(ThingSpaceError):
        reader.read([A])

    assert reader.read([A]) == {A: LICENSED}


# Devices by list without a word about licenses


def test_the_license_list_is_read_if_devices_by_list_lacks_the_license():
    account = FakeAccount([A], [B], on_read=repeat(without_license_state))

    assert Reader(account).read([A, B, C]) == {A: LICENSED, B: UNLICENSED, C: ABSENT}


def test_devices_that_no_call_reports_are_unreadable():
    account = FakeAccount([A], on_read=repeat(without_license_state), on_list=repeat(UNAVAILABLE))

    assert Reader(account).read([A]) == {A: NOT_REPORTED}


def test_a_list_without_a_response_leaves_the_other_devices_unread():
    account = FakeAccount([A], on_read=repeat(without_license_state), on_list=[lost])

    assert Reader(account).read([A])[A].state is State.UNREAD


def test_responses_with_one_device_each_end():
    def one_more(act, requested):
        return {requested[0]: act()[requested[0]]} if requested[0] in act() else {}

    requested = imeis(20)
    account = FakeAccount(requested, on_read=chain([as_normal], repeat(one_more)))
    reader = Reader(account)
    reader.read(requested)

    assert set(reader.read(requested).values()) == {LICENSED}
    assert len(account.reads) <= 21


def without_reason(act, requested):
    """A reading fails for A, and does not say why."""
    return {**act(), A: DeviceStatus(False, None)}


def test_a_failure_without_a_reason_is_as_good_as_missing():
    account = FakeAccount([A, B], on_read=[without_reason] * 2, on_list=[as_normal, lost])

    assert Reader(account).read([A, B])[A] == LICENSED
    assert Reader(account).read([A, B])[A].state is State.UNREAD


# Errors after a part was read


@pytest.mark.parametrize("kind", [ErrorKind.UNAUTHENTICATED, ErrorKind.INTERRUPTED])
def test_what_the_devices_call_returned_is_kept_if_the_missing_ones_cannot_be_read(kind):
    account = FakeAccount([A], [B], on_read=[as_normal, rejecting(kind, "no")])

    with pytest.raises(IncompleteReadings) as error:
        Reader(account).read([A, B, C])

    assert error.value.readings == {A: LICENSED, B: UNLICENSED}


def test_what_the_devices_call_returned_is_kept_if_it_is_unavailable_afterwards():
    account = FakeAccount([A], [B], on_read=[as_normal, rejecting(ErrorKind.UNAVAILABLE, "HTTP 404")])

    found = Reader(account).read([A, B, C])

    assert (found[A], found[B], found[C].state) == (LICENSED, UNLICENSED, State.ABSENT)


def test_what_the_devices_call_returned_is_kept_if_the_license_list_cannot_be_read():
    account = FakeAccount([A], [B], on_list=[rejecting(ErrorKind.UNAUTHENTICATED, "no tokens")])

    with pytest.raises(IncompleteReadings) as error:
        Reader(account).read_again([A, B, C])

    assert error.value.readings == {A: LICENSED, B: UNLICENSED}


STATUSES = st.builds(
    DeviceStatus, st.booleans(), st.sampled_from([True, True, False, None]), st.none() | st.just("why")
)


@given(found=st.dictionaries(st.sampled_from([A, B, C]), st.just(DeviceStatus(True, True)) | STATUSES))
def test_usual_statuses_are_read_like_any_others(found):
    def read():
        account = FakeAccount([A, C], [B], on_read=repeat(lambda act, requested: found))
        return Reader(account).read([A, B, C])

    with mock.patch.object(states_module, "_USUAL", {}):
        one_by_one = read()

    assert read() == one_by_one
