# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Refusals of a whole call to remove: for one device, for its size, for all devices."""

from __future__ import annotations

import math
from itertools import repeat

import pytest

from ansible_collections.verizon.fota.plugins.module_utils._licenses import batch as one_batch
from ansible_collections.verizon.fota.plugins.module_utils._licenses.bisection import BatchLimit
from ansible_collections.verizon.fota.plugins.module_utils._licenses.outcomes import REMOVAL
from ansible_collections.verizon.fota.plugins.module_utils._licenses.run_request import Rules
from ansible_collections.verizon.fota.plugins.module_utils._licenses.states import LICENSED, Reader, Reading, State
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.errors import (
    ErrorInfo,
    ErrorKind,
    ThingSpaceError,
)
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.device_list import DeviceStatus
from ansible_collections.verizon.fota.tests.unit.plugins.module_utils.fake_account import (
    FakeAccount,
    as_normal,
    imeis,
    leaving_out,
    lost,
    lost_after,
    lost_and_late,
    raising,
    rejecting,
    responding,
)

A, B = imeis(2)
REJECTED = (ErrorKind.REJECTED, ErrorKind.UNAVAILABLE, ErrorKind.ACCESS_TOKEN, ErrorKind.SESSION_TOKEN)


def remove(account, requested, **rules):
    return one_batch.change(
        REMOVAL, account.remove, Reader(account), requested, dict.fromkeys(requested, LICENSED), Rules(**rules)
    )


def outcomes(batch):
    return [device.outcome for device in batch.devices]


@pytest.mark.parametrize("rejected_device", [0, 1, 499, 500, 998, 999])
def test_one_rejected_device_costs_few_calls_and_no_other_device(rejected_device):
    requested = imeis(1000)
    account = FakeAccount(requested, malformed={requested[rejected_device]})

    batch = remove(account, requested)

    expected = ["removed"] * 1000
    expected[rejected_device] = "failed"
    assert outcomes(batch) == expected
    assert (batch.devices[rejected_device].details.reason, batch.stop) == ("Invalid device id format", None)
    assert len(account.removals) <= 1 + 2 * math.ceil(math.log2(1000))
    assert account.reads == []


def test_every_one_of_several_rejected_devices_is_found():
    requested = imeis(64)
    account = FakeAccount(requested, malformed=set(requested[::9]))

    batch = remove(account, requested)

    assert [device.imei for device in batch.devices if device.outcome == "failed"] == requested[::9]
    assert account.holders == set(requested[::9])


def test_a_list_that_is_too_long_is_halved_in_order():
    requested = imeis(7)
    account = FakeAccount(requested, limit=2)

    assert outcomes(remove(account, requested)) == ["removed"] * 7
    assert sum((part for part in account.removals if len(part) <= 2), []) == requested


def test_a_half_without_a_response_is_read_and_sent_again():
    requested = imeis(4)
    account = FakeAccount(requested, limit=2, on_remove=[as_normal, lost, as_normal, lost_after])

    assert outcomes(remove(account, requested)) == ["removed"] * 4
    assert account.removals == [requested, requested[:2], requested[2:], requested[:2]]


@pytest.mark.parametrize("kind", REJECTED)
def test_a_rejection_for_all_fails_what_was_sent_and_ends_the_run(kind):
    account = FakeAccount([A, B], on_remove=[rejecting(kind, "Inactive account")])

    batch = remove(account, [A, B])

    assert (outcomes(batch), batch.stop) == (["failed"] * 2, "Inactive account")
    assert [device.details.reason for device in batch.devices] == ["Inactive account"] * 2
    assert len(account.removals) == 1


@pytest.mark.parametrize("kind", REJECTED)
def test_a_rejection_for_all_skips_the_rest_and_keeps_what_was_done(kind):
    requested = imeis(8)
    account = FakeAccount(requested, limit=2, on_remove=[as_normal, as_normal, as_normal, rejecting(kind)])

    batch = remove(account, requested)

    assert outcomes(batch) == ["removed"] * 2 + ["failed"] * 2 + ["skipped"] * 4
    assert account.holders == set(requested[2:])


def test_tokens_that_cannot_be_renewed_end_the_run():
    account = FakeAccount(
        [A], on_remove=[raising(ThingSpaceError(ErrorInfo(ErrorKind.UNAUTHENTICATED, "the access token has expired")))]
    )

    batch = remove(account, [A])

    assert batch.stop == "the access token has expired"
    assert outcomes(batch) == ["skipped"]


def test_nothing_more_is_sent_once_what_was_sent_cannot_be_read_again_for_good():
    requested = imeis(6)
    expired = raising(ThingSpaceError(ErrorInfo(ErrorKind.UNAUTHENTICATED, "the session has expired")))
    account = FakeAccount(requested, limit=3, on_remove=[as_normal, lost], on_read=[expired])

    batch = remove(account, requested)

    assert (outcomes(batch), batch.stop) == (["unknown"] * 3 + ["skipped"] * 3, "the session has expired")
    assert account.removals == [requested, requested[:3]]


def test_what_never_left_is_skipped():
    account = FakeAccount([A, B], on_remove=[rejecting(ErrorKind.UNREACHABLE, "cannot connect")])

    batch = remove(account, [A, B])

    assert (outcomes(batch), batch.stop) == (["skipped"] * 2, "cannot connect")


@pytest.mark.parametrize("kind", [*REJECTED, ErrorKind.UNREACHABLE])
@pytest.mark.parametrize("first", [lost, responding()], ids=["lost", "empty"])
def test_what_was_sent_before_the_end_is_never_called_skipped(first, kind):
    requested = imeis(4)
    ways = [as_normal, first, rejecting(kind, "the end")]
    account = FakeAccount(requested, limit=2, on_remove=ways)

    batch = remove(account, requested)

    rest = "skipped" if kind is ErrorKind.UNREACHABLE else "failed"
    assert outcomes(batch) == ["failed", "failed", rest, rest]
    assert batch.devices[0].details.reason.endswith("still licensed, and not sent again: the end")


def test_what_was_sent_and_waits_for_another_try_at_the_end_is_never_called_skipped():
    account = FakeAccount(
        [A, B], on_remove=[lost, rejecting(ErrorKind.INVALID_DEVICE_LIST), rejecting(ErrorKind.REJECTED, "the end")]
    )

    batch = remove(account, [A, B])

    assert outcomes(batch) == ["failed"] * 2
    assert [device.details.reason[-7:] for device in batch.devices] == ["the end"] * 2


def test_a_service_that_keeps_throttling_fails_the_devices_in_bounded_time():
    pauses = []
    account = FakeAccount([A, B], on_remove=repeat(rejecting(ErrorKind.THROTTLED, "HTTP 429")))

    batch = remove(account, [A, B], retries=2, sleep_before_retry=pauses.append)

    assert outcomes(batch) == ["failed", "failed"]
    assert (len(account.removals), len(pauses)) == (3, 2)


def test_a_throttled_call_has_removed_nothing():
    account = FakeAccount(unlicensed_devices=[A], on_remove=[rejecting(ErrorKind.THROTTLED, "HTTP 429")])
    unread = {A: Reading(State.UNREAD, "HTTP 429")}

    batch = one_batch.change(REMOVAL, account.remove, Reader(account), [A], unread, Rules())

    assert outcomes(batch) == ["unlicensed"]


def test_an_unrecognized_rejection_of_every_device_costs_few_calls():
    requested = imeis(1000)
    account = FakeAccount(
        requested, on_remove=repeat(rejecting(ErrorKind.INVALID_DEVICE_LIST, "HTTP 400: news", known=False))
    )

    batch = remove(account, requested)

    assert set(outcomes(batch)) <= {"failed", "skipped"}
    assert len(account.removals) < 100


def test_each_outcome_stands_at_the_place_of_its_device():
    requested = imeis(50)[::-1]
    account = FakeAccount(requested[::2], requested[1::2], limit=3, on_remove=[lost, as_normal, lost_after])

    assert [device.imei for device in remove(account, requested).devices] == requested


def test_what_could_not_be_sent_while_others_got_through_is_sent_again():
    unreachable = raising(ThingSpaceError(ErrorInfo(ErrorKind.UNREACHABLE, "cannot connect")))
    account = FakeAccount([A, B], on_remove=[unreachable])

    batch = remove(account, [A, B])

    assert (outcomes(batch), batch.stop) == (["removed"] * 2, None)


@pytest.mark.parametrize(
    ("holds", "known", "before", "outcome", "reads"),
    [
        # It may have been freed by the request that was rejected.
        (False, False, Reading(State.UNREAD), "removed", 1),
        (True, False, Reading(State.UNREAD), "removed", 1),
        (True, False, LICENSED, "failed", 1),
        (True, True, LICENSED, "failed", 0),
        (True, True, Reading(State.UNREAD), "failed", 0),
    ],
)
def test_an_unrecognized_rejection_does_not_decide_a_device(holds, known, before, outcome, reads):
    rejected_once = [rejecting(ErrorKind.INVALID_DEVICE_LIST, "HTTP 400: a proxy", known)]
    account = FakeAccount([A] if holds else [], [] if holds else [A], on_remove=rejected_once)

    batch = one_batch.change(REMOVAL, account.remove, Reader(account), [A], {A: before}, Rules())

    assert (outcomes(batch), len(account.reads)) == ([outcome], reads)


@pytest.mark.parametrize(
    ("ways", "before", "outcome"),
    [
        ([rejecting(ErrorKind.THROTTLED, "HTTP 429")], LICENSED, "failed"),
        ([lost, rejecting(ErrorKind.THROTTLED, "HTTP 429")], LICENSED, "unknown"),
        ([lost], LICENSED, "unknown"),
        ([rejecting(ErrorKind.THROTTLED, "HTTP 429")], Reading(State.UNREAD), "failed"),
    ],
)
def test_what_was_turned_away_and_cannot_be_read_again_is_as_it_was_read_before(ways, before, outcome):
    reads = [as_normal] * (len(ways) - 1) + [rejecting(ErrorKind.NO_VALID_RESPONSE, "no response")]
    account = FakeAccount([A], on_remove=ways, on_read=reads)

    batch = one_batch.change(REMOVAL, account.remove, Reader(account), [A], {A: before}, Rules(retries=len(ways) - 1))

    (device,) = batch.devices
    assert device.outcome == outcome
    last_read = "it held a license when it was last read" in device.details.reason
    assert last_read == (outcome == "failed" and before is LICENSED)


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("before", [LICENSED, Reading(State.UNREAD)])
def test_a_late_effect_of_a_lost_try_is_found_behind_the_rejection_of_the_next(before, known):
    account = FakeAccount([A])
    rejection = rejecting(ErrorKind.INVALID_DEVICE_LIST, "HTTP 400: holds none", known)
    account._behaviors["on_remove"] = iter([lost_and_late(account, 1), rejection])

    batch = one_batch.change(REMOVAL, account.remove, Reader(account), [A], {A: before}, Rules())

    assert outcomes(batch) == ["removed"] and account.holders == set()


@pytest.mark.parametrize("holds", [False, True])
def test_repeated_unrecognized_rejections_do_not_decide_unread_devices(holds):
    requested = imeis(6)
    rejection = rejecting(ErrorKind.INVALID_DEVICE_LIST, "HTTP 400: a proxy", known=False)
    account = FakeAccount(requested if holds else [], [] if holds else requested, on_remove=repeat(rejection))

    batch = one_batch.change(
        REMOVAL, account.remove, Reader(account), requested, dict.fromkeys(requested, Reading(State.UNREAD)), Rules()
    )

    assert outcomes(batch) == ["failed" if holds else "removed"] * 6
    assert batch.stop == "HTTP 400: a proxy"


def test_a_device_missing_from_a_complete_license_list_holds_no_license():
    account = FakeAccount([], on_remove=[rejecting(ErrorKind.THROTTLED, "HTTP 429")])

    (device,) = one_batch.change(REMOVAL, account.remove, Reader(account), [A], {A: LICENSED}, Rules()).devices

    assert (device.outcome, device.details.reason) == ("removed", "HTTP 429; read again: it holds no license")


@pytest.mark.parametrize(("earlier", "held"), [([], False), ([lost], True)])
def test_a_device_that_is_not_found_may_have_been_freed_by_an_earlier_try(earlier, held):
    not_found = responding({"deviceId": A, "status": "Failure", "resultReason": "Device Not Found."})
    account = FakeAccount([A], on_remove=[*earlier, not_found])

    (device,) = one_batch.change(
        REMOVAL, account.remove, Reader(account), [A], {A: Reading(State.UNREAD)}, Rules()
    ).devices

    assert (device.outcome, device.touched) == ("failed", held)


def test_a_rejection_for_all_on_a_later_try_ends_the_run_after_reading_again():
    account = FakeAccount([A], on_remove=[lost, rejecting(ErrorKind.REJECTED, "Inactive account")])

    batch = remove(account, [A])

    assert (outcomes(batch), batch.stop, len(account.reads)) == (["failed"], "Inactive account", 2)
    assert len(account.removals) == 2


@pytest.mark.parametrize("kind", [ErrorKind.REJECTED, ErrorKind.UNAVAILABLE])
def test_a_late_effect_of_a_lost_try_is_found_behind_a_rejection_that_ends_the_run(kind):
    account = FakeAccount([A, B])
    account._behaviors["on_remove"] = iter([lost_and_late(account, 1), rejecting(kind)])

    batch = remove(account, [A, B])

    assert (outcomes(batch), batch.stop, account.holders) == (["removed"] * 2, "rejected", set())


def rejecting_after(kind, message="HTTP 400: news", **info):
    """The service acts, and a proxy turns its response into an unrecognized error."""

    def behavior(act, requested):
        act()
        raise ThingSpaceError(ErrorInfo(kind, message, recognized=False, **info))

    return behavior


REDIRECT = rejecting_after(ErrorKind.REJECTED, "HTTP 302: Found", redirect=True)
UNRECOGNIZED = rejecting_after(ErrorKind.INVALID_DEVICE_LIST)


@pytest.mark.parametrize("rejection", [UNRECOGNIZED, rejecting_after(ErrorKind.REJECTED, "HTTP 409"), REDIRECT])
def test_an_unread_device_that_an_unrecognized_rejection_freed_is_removed(rejection):
    account = FakeAccount([A], on_remove=[rejection])

    batch = one_batch.change(REMOVAL, account.remove, Reader(account), [A], {A: Reading(State.UNREAD)}, Rules())

    assert (outcomes(batch), account.holders) == (["removed"], set())


@pytest.mark.parametrize(
    "end",
    [
        rejecting(ErrorKind.REJECTED, "Inactive account"),
        rejecting(ErrorKind.UNAUTHENTICATED),
        rejecting(ErrorKind.UNAVAILABLE, "HTTP 403"),
        rejecting(ErrorKind.UNREACHABLE, "connection refused"),
        rejecting(ErrorKind.INTERRUPTED),
        raising(ThingSpaceError(ErrorInfo(ErrorKind.THROTTLED, "HTTP 429", service_down=True))),
    ],
)
def test_devices_of_a_list_that_was_rejected_with_an_unrecognized_error_are_read_before_the_run_ends(end):
    account = FakeAccount([A, B], on_remove=[UNRECOGNIZED, end])

    batch = remove(account, [A, B])

    assert (outcomes(batch), account.holders) == (["removed"] * 2, set())
    assert batch.stop and len(account.removals) == 2


@pytest.mark.parametrize(
    "end", [rejecting(ErrorKind.REJECTED, "the end"), rejecting(ErrorKind.UNAUTHENTICATED, "the end")]
)
def test_exposed_devices_that_keep_their_license_are_failed_and_not_skipped(end):
    account = FakeAccount([A, B], on_remove=[rejecting(ErrorKind.INVALID_DEVICE_LIST, "news.", known=False), end])

    batch = remove(account, [A, B])

    assert (outcomes(batch), account.holders) == (["failed"] * 2, {A, B})
    assert batch.devices[1].details.reason == "news; still licensed, and not sent again: the end"


@pytest.mark.parametrize("count", [7, 1000])
def test_no_device_is_skipped_when_every_removal_acts_and_is_rejected_with_an_unrecognized_error(count):
    requested = imeis(count)
    account = FakeAccount(requested, on_remove=repeat(UNRECOGNIZED))

    batch = remove(account, requested)

    assert (set(outcomes(batch)), account.holders) == ({"removed"}, set())
    assert len(account.removals) <= 20


def test_if_nothing_can_be_read_a_4xx_is_assumed_to_have_changed_nothing():
    unavailable = repeat(rejecting(ErrorKind.UNAVAILABLE, "HTTP 403"))
    rejections = [rejecting(ErrorKind.INVALID_DEVICE_LIST, "HTTP 400: news", known=False)] * 2
    account = FakeAccount([A], [B], on_remove=rejections, on_read=unavailable, on_list=unavailable)
    before = dict.fromkeys([A, B], Reading(State.UNAVAILABLE))

    batch = one_batch.change(REMOVAL, account.remove, Reader(account), [A, B], before, Rules())

    assert outcomes(batch) == ["failed", "unlicensed"]


@pytest.mark.parametrize(("ignore", "outcome"), [(False, "failed"), (True, "unlicensed")])
def test_a_device_that_is_missing_here_and_from_a_complete_license_list_is_not_found(ignore, outcome):
    account = FakeAccount([B], on_remove=[responding()])
    rules = Rules(unknown_devices_fail=not ignore)

    batch = one_batch.change(REMOVAL, account.remove, Reader(account), [A], {A: Reading(State.UNREAD)}, rules)

    assert outcomes(batch) == [outcome]


@pytest.mark.parametrize(
    ("on_read", "outcome"), [([], "removed"), ([rejecting(ErrorKind.REJECTED, "HTTP 302: Found", False)], "unknown")]
)
def test_an_unrecognized_rejection_may_have_been_acted_on(on_read, outcome):
    batch = remove(FakeAccount([A, B], on_remove=[REDIRECT], on_read=on_read), [A, B])

    assert (outcomes(batch), batch.stop) == ([outcome] * 2, "HTTP 302: Found")


def test_a_rejected_token_means_not_acted_on_even_with_an_unrecognized_error():
    rejection = rejecting(ErrorKind.ACCESS_TOKEN, "HTTP 401", known=False)

    (device,) = remove(FakeAccount([A], on_remove=[rejection], on_read=[rejection]), [A]).devices

    assert (device.outcome, device.details.reason) == ("failed", "HTTP 401")


def test_what_ends_the_run_before_anything_is_sent_ends_it_for_the_other_parts_too():
    account = FakeAccount([A, B], on_remove=[rejecting(ErrorKind.UNAUTHENTICATED)])

    batch = one_batch.change(
        REMOVAL, account.remove, Reader(account), [A, B], {A: LICENSED, B: LICENSED}, Rules(), BatchLimit(devices=1)
    )

    assert (outcomes(batch), batch.stop, account.removals) == (["skipped"] * 2, "rejected", [[A]])


def not_found(act, requested):
    return {imei: DeviceStatus(False, None, "Device Not Found.") for imei in requested}


@pytest.mark.parametrize(("fail", "outcome"), [(True, "failed"), (False, "unlicensed")])
def test_an_unread_device_that_is_not_found_later_had_no_license(fail, outcome):
    account = FakeAccount([], on_remove=[leaving_out(A)], on_read=[not_found])
    rules = Rules(unknown_devices_fail=fail)

    (device,) = one_batch.change(
        REMOVAL, account.remove, Reader(account), [A], {A: Reading(State.UNREAD)}, rules
    ).devices

    assert (device.outcome, device.details.reason) == (outcome, "Device Not Found.")


@pytest.mark.parametrize("fail", [True, False])
def test_an_unread_device_missing_from_every_response_may_have_been_removed(fail):
    account = FakeAccount([A], on_remove=[leaving_out(A)], on_read=repeat(leaving_out(A)), on_list=repeat(lost))
    rules = Rules(unknown_devices_fail=fail)

    (device,) = one_batch.change(
        REMOVAL, account.remove, Reader(account), [A], {A: Reading(State.UNREAD)}, rules
    ).devices

    assert (device.outcome, account.holders) == ("unknown", set())


def test_a_device_not_found_that_held_a_license_is_unknown():
    account = FakeAccount([], on_remove=[leaving_out(A)], on_read=[not_found])

    assert outcomes(remove(account, [A])) == ["unknown"]
