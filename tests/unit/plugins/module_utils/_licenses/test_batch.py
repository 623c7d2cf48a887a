# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from itertools import repeat

import pytest

from ansible_collections.verizon.fota.plugins.module_utils._licenses import batch as one_batch
from ansible_collections.verizon.fota.plugins.module_utils._licenses.outcomes import REMOVAL
from ansible_collections.verizon.fota.plugins.module_utils._licenses.run_request import Rules
from ansible_collections.verizon.fota.plugins.module_utils._licenses.states import LICENSED, Reader, Reading, State
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.errors import (
    ErrorInfo,
    ErrorKind,
    ThingSpaceError,
)
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.license_change import EntryDetails
from ansible_collections.verizon.fota.tests.unit.plugins.module_utils.fake_account import (
    FakeAccount,
    as_normal,
    imeis,
    leaving_out,
    lost,
    lost_after,
    raising,
    rejecting,
    responding,
)

UNREAD = Reading(State.UNREAD, "no response")
A, B, C = imeis(3)


def remove(account, requested, before=LICENSED, **rules):
    readings = dict.fromkeys(requested, before)
    return one_batch.change(REMOVAL, account.remove, Reader(account), requested, readings, Rules(**rules))


def outcomes(batch):
    return [device.outcome for device in batch.devices]


def entry(imei, status=None, reason=None):
    return {"deviceId": imei, "status": status, "resultReason": reason}


# A response that settles the outcome


def test_every_device_gets_the_outcome_of_its_row():
    account = FakeAccount([A, B], locked={B})

    batch = remove(account, [C, B, A])

    assert [(device.imei, device.outcome) for device in batch.devices] == [(C, "failed"), (B, "failed"), (A, "removed")]
    assert batch.stop is None
    assert (account.removals, account.reads) == ([[C, B, A]], [])


def test_status_reason_and_times_of_a_row_are_kept():
    row = {
        **entry(A, "Success", "Success"),
        "updatedTime": "2021-06-10T15:13:30.941Z",
        "recentAttemptTime": "2021-06-10T15:23:30.941Z",
        "nextAttemptTime": "2021-06-11T15:13:30.941Z",
    }
    [device] = remove(FakeAccount([A], on_remove=[responding(row)]), [A]).devices

    assert device.details == EntryDetails(
        "Success",
        "Success",
        "2021-06-10T15:13:30.941Z",
        "2021-06-10T15:23:30.941Z",
        "2021-06-11T15:13:30.941Z",
    )


@pytest.mark.parametrize(
    ("before", "outcome"),
    [(LICENSED, "removed"), (UNREAD, "unlicensed")],
)
def test_no_license_means_removed_only_where_there_was_one(before, outcome):
    account = FakeAccount(unlicensed_devices=[A])

    assert outcomes(remove(account, [A], before)) == [outcome]


@pytest.mark.parametrize(
    ("before", "ignore", "outcome"),
    [
        (UNREAD, False, "failed"),
        (UNREAD, True, "unlicensed"),
        (LICENSED, False, "failed"),
        (LICENSED, True, "failed"),
    ],
)
def test_a_device_that_is_not_found_is_ignored_only_if_requested_and_not_known_to_be_licensed(before, ignore, outcome):
    assert outcomes(remove(FakeAccount(), [A], before, unknown_devices_fail=not ignore)) == [outcome]


# A response that is lost, or does not settle the outcome


def test_a_lost_response_that_acted_is_removed_without_a_second_write():
    account = FakeAccount([A, B], on_remove=[lost_after])

    assert outcomes(remove(account, [A, B])) == ["removed", "removed"]
    assert account.removals == [[A, B]]


def test_a_lost_response_that_did_not_act_is_sent_again_after_a_pause():
    account, pauses = FakeAccount([A], on_remove=[lost, lost, lost]), []

    assert outcomes(remove(account, [A], sleep_before_retry=pauses.append)) == ["removed"]
    assert account.removals == [[A]] * 4
    assert pauses == [0, 1, 2]


def test_three_retries_by_default():
    account = FakeAccount([A], on_remove=repeat(lost))

    assert outcomes(remove(account, [A])) == ["failed"]
    assert len(account.removals) == 4


def test_only_what_still_holds_a_license_is_sent_again():
    def half(act, requested):
        account.holders.remove(A)
        return lost(act, requested)

    account = FakeAccount([A, B], on_remove=[half])

    assert outcomes(remove(account, [A, B])) == ["removed", "removed"]
    assert account.removals == [[A, B], [B]]


def test_retries_end_with_the_last_message_of_the_service():
    account = FakeAccount(
        [A], on_remove=[lost, lost, rejecting(ErrorKind.NO_VALID_RESPONSE, "HTTP 502: bad gateway"), as_normal]
    )

    [device] = remove(account, [A], retries=2).devices

    assert (device.outcome, device.details.reason) == ("failed", "HTTP 502: bad gateway")
    assert (len(account.removals), account.holders) == (3, {A})


def test_no_license_after_a_lost_try_means_removed():
    # The first try acts late: the state is read in between, and still shows the license.
    def late(act, requested):
        account.holders.discard(A)
        return act()

    account = FakeAccount([A], on_remove=[lost, late])

    [device] = remove(account, [A], UNREAD).devices

    assert (device.outcome, device.details.reason) == ("removed", "No license attached to device")


@pytest.mark.parametrize("behavior", [lost_after, leaving_out(A)], ids=["lost", "left out"])
def test_a_device_that_was_sent_unread_and_is_free_afterwards_is_removed(behavior):
    assert outcomes(remove(FakeAccount([A], on_remove=[behavior]), [A], UNREAD)) == ["removed"]


def acting_late(act, requested):
    """An earlier try acts only now, and this one is turned away."""
    act()
    raise ThingSpaceError(ErrorInfo(ErrorKind.THROTTLED, "HTTP 429"))


def test_a_device_that_a_late_try_freed_while_another_was_turned_away_is_removed():
    account = FakeAccount([A], on_remove=[lost, acting_late])

    assert outcomes(remove(account, [A], UNREAD)) == ["removed"]


def test_a_device_that_was_licensed_and_is_free_is_removed_although_its_only_try_was_turned_away():
    assert outcomes(remove(FakeAccount([A], on_remove=[acting_late]), [A])) == ["removed"]


@pytest.mark.parametrize(
    ("info", "stop"),
    [
        (ErrorInfo(ErrorKind.UNAUTHENTICATED, "the session has expired"), True),
        (ErrorInfo(ErrorKind.REJECTED, "Inactive account"), True),
        (ErrorInfo(ErrorKind.NO_VALID_RESPONSE, "no response for a minute", service_down=True), True),
        (ErrorInfo(ErrorKind.NO_VALID_RESPONSE, "no response"), False),
        (ErrorInfo(ErrorKind.UNAVAILABLE, "HTTP 403"), False),
    ],
)
def test_what_keeps_a_state_from_being_read_again_ends_the_run_where_it_concerns_all(info, stop):
    rejection = raising(ThingSpaceError(info))
    account = FakeAccount([A], on_remove=[lost_after], on_read=repeat(rejection), on_list=repeat(rejection))

    batch = remove(account, [A])

    assert (outcomes(batch), batch.stop) == (["unknown"], info.message if stop else None)


def test_a_lost_response_whose_state_cannot_be_read_is_unknown():
    account = FakeAccount([A, B], on_remove=[lost_after], on_read=[lost])

    batch = remove(account, [A, B])

    assert (outcomes(batch), batch.stop) == (["unknown", "unknown"], None)
    assert "no response within 30 s" in batch.devices[0].details.reason
    assert len(account.removals) == 1


@pytest.mark.parametrize(
    ("on_read", "on_list", "outcome"),
    [
        (leaving_out(A), as_normal, "removed"),
        (leaving_out(A), lost, "unknown"),
        (rejecting(ErrorKind.INVALID_DEVICE_LIST), as_normal, "unknown"),
    ],
    ids=["left out", "left out, and the license list is lost", "rejected"],
)
def test_a_device_that_is_not_read_again_is_removed_only_if_the_license_list_shows_it(on_read, on_list, outcome):
    account = FakeAccount([A], on_remove=[lost_after], on_read=repeat(on_read), on_list=repeat(on_list))

    assert outcomes(remove(account, [A])) == [outcome]


def test_tokens_that_end_before_the_state_is_read_again_leave_it_unknown():
    account = FakeAccount(
        [A],
        on_remove=[lost_after],
        on_read=[raising(ThingSpaceError(ErrorInfo(ErrorKind.UNAUTHENTICATED, "the session has expired")))],
    )

    [device] = remove(account, [A]).devices

    assert device.outcome == "unknown"
    assert "the session has expired" in device.details.reason


@pytest.mark.parametrize(
    "response",
    [
        [],
        [entry(A)],
        [entry(A, "UpgradePending")],
        [entry(A, "Success", "No license attached to device")],
        [entry(A, "Failure", "Internal error.")],
        [entry(A, "Success"), entry(A, "Failure", "No license attached to device")],
        [entry(B, "Success")],
    ],
    ids=["missing", "no status", "unknown status", "contradiction", "failure of any kind", "twice", "another device"],
)
class TestAnUnclearResponse:
    def test_means_removed_if_the_license_is_removed(self, response):
        account = FakeAccount([A], on_remove=[responding(*response, acting=True)])

        assert outcomes(remove(account, [A])) == ["removed"]
        assert account.reads == [[A]]

    def test_means_failed_where_it_stays(self, response):
        account = FakeAccount([A], on_remove=repeat(responding(*response)))

        [device] = remove(account, [A], retries=1).devices

        assert device.outcome == "failed"
        assert device.details.reason

    def test_means_unknown_where_nothing_can_be_read(self, response):
        account = FakeAccount([A], on_remove=repeat(responding(*response)), on_read=[lost])

        assert outcomes(remove(account, [A])) == ["unknown"]


def test_the_same_row_twice_counts_once():
    account = FakeAccount([A], on_remove=[responding(entry(A, "Success"), entry(A, "Success"))])

    assert outcomes(remove(account, [A])) == ["removed"]
    assert account.reads == []


def test_only_devices_left_out_of_the_response_are_read_again():
    account = FakeAccount([A, B, C], on_remove=[leaving_out(B)])

    assert outcomes(remove(account, [A, B, C])) == ["removed"] * 3
    assert (account.removals, account.reads) == ([[A, B, C]], [[B]])


def test_an_unrecognized_status_is_sent_again():
    account = FakeAccount([A], on_remove=[responding(entry(A, "UpgradePending"))])

    assert outcomes(remove(account, [A])) == ["removed"]
    assert len(account.removals) == 2


UNRECOGNIZED = responding(entry(A, "Failure", "Not today."))


@pytest.mark.parametrize(
    "on_read", [as_normal, lost, rejecting(ErrorKind.UNAVAILABLE)], ids=["read", "lost", "unavailable"]
)
@pytest.mark.parametrize("before", [LICENSED, UNREAD, Reading(State.UNAVAILABLE)])
def test_a_failure_with_an_unrecognized_reason_is_failed_with_that_reason_only(before, on_read):
    account = FakeAccount(
        [A], on_remove=[UNRECOGNIZED], on_read=repeat(on_read), on_list=repeat(rejecting(ErrorKind.UNAVAILABLE))
    )

    [device] = remove(account, [A], before).devices

    assert (device.outcome, device.changed) == ("failed", False)
    assert (device.details.status, device.details.reason) == ("Failure", "Not today.")
    assert len(account.removals) == 1


def test_an_internal_error_is_sent_again_where_the_license_stays():
    account = FakeAccount([A], on_remove=[responding(entry(A, "Failure", "Internal error."))])

    assert outcomes(remove(account, [A])) == ["removed"]
    assert len(account.removals) == 2


def test_a_failure_that_the_service_explains_is_not_sent_again():
    account = FakeAccount([A], locked={A})

    remove(account, [A])

    assert len(account.removals) == 1


# Whether a device had to be changed, or may have been


@pytest.mark.parametrize(
    ("before", "way", "touched"),
    [
        (LICENSED, as_normal, True),
        (UNREAD, as_normal, True),
        (LICENSED, rejecting(ErrorKind.REJECTED), True),
        (UNREAD, rejecting(ErrorKind.REJECTED), False),
        (UNREAD, responding(entry(A, "Failure", "No license attached to device")), False),
        (UNREAD, responding(entry(A, "Failure", "Upgrade pending")), True),
        (UNREAD, lost_after, True),
    ],
)
def test_a_device_is_touched_if_it_had_a_license_or_may_have_lost_it(before, way, touched):
    [device] = remove(FakeAccount([A], on_remove=[way]), [A], before=before).devices
    assert device.touched is touched


@pytest.mark.parametrize(
    ("before", "ways", "uncertain"),
    [
        (LICENSED, [lost_after], False),
        (UNREAD, [as_normal], False),
        (UNREAD, [lost_after], True),
        # It is sent again, because it was read as licensed.
        (UNREAD, [lost, lost_after], False),
    ],
)
def test_a_removed_device_is_uncertain_if_nothing_says_that_it_held_a_license(before, ways, uncertain):
    [device] = remove(FakeAccount([A], on_remove=ways), [A], before=before).devices
    assert (device.outcome, device.uncertain) == ("removed", uncertain)
    unknown_before = "; whether it held a license before is not known"
    assert (device.details.reason or "").endswith(unknown_before) is uncertain


def test_a_device_that_is_read_as_declared_is_not_uncertain():
    no_license = responding(entry(A, "Failure", "No license attached to device"))
    [device] = remove(FakeAccount([], [A], on_remove=[no_license]), [A], before=UNREAD).devices
    assert (device.outcome, device.uncertain) == ("unlicensed", False)


def test_no_license_after_a_rejection_that_may_have_been_carried_out_is_uncertain():
    news = rejecting(ErrorKind.INVALID_DEVICE_LIST, "news", known=False)
    batch = remove(FakeAccount([A], [B], on_remove=[news, as_normal, as_normal]), [A, B], before=UNREAD)
    assert [(device.outcome, device.uncertain) for device in batch.devices] == [("removed", False), ("removed", True)]
    assert (
        batch.devices[1].details.reason
        == "No license attached to device; whether it held a license before is not known"
    )


def test_a_device_of_a_list_that_may_have_been_carried_out_is_touched():
    news = rejecting(ErrorKind.INVALID_DEVICE_LIST, "news", known=False)
    batch = remove(FakeAccount([], on_remove=[news]), [A, B], before=UNREAD)
    assert [device.touched for device in batch.devices] == [True, True]
