# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The outcome of one device as far as it is known without a removal: before it, and after the run."""

from __future__ import annotations

import pytest

from ansible_collections.verizon.fota.plugins.module_utils._licenses import device_outcome
from ansible_collections.verizon.fota.plugins.module_utils._licenses.decision_table import Response
from ansible_collections.verizon.fota.plugins.module_utils._licenses.device_outcome import Device
from ansible_collections.verizon.fota.plugins.module_utils._licenses.outcomes import ASSIGNMENT, REMOVAL
from ansible_collections.verizon.fota.plugins.module_utils._licenses.states import (
    ABSENT,
    LICENSED,
    NOT_FOUND,
    UNLICENSED,
    UNLISTED,
    Reading,
    State,
)
from ansible_collections.verizon.fota.plugins.module_utils._licenses.upgrades import Effect
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.license_change import Row, Verdict
from ansible_collections.verizon.fota.tests.unit.plugins.module_utils.fake_account import imeis

UNREAD = Reading(State.UNREAD, "no response")
INVALID = Reading(State.INVALID, "Invalid device id format")
[A] = imeis(1)


def entry(status, reason):
    return {"deviceId": A, "status": status, "resultReason": reason}


# What the state that was read before settles


@pytest.mark.parametrize(
    ("reading", "ignore", "outcome"),
    [
        (UNLICENSED, False, "unlicensed"),
        (NOT_FOUND, False, "failed"),
        (NOT_FOUND, True, "unlicensed"),
        (ABSENT, False, "failed"),
        (ABSENT, True, "unlicensed"),
        (INVALID, False, "failed"),
        (INVALID, True, "failed"),
        (LICENSED, False, None),
        (UNREAD, False, None),
        (UNREAD, True, None),
    ],
)
def test_a_reading_settles_the_outcome_or_leaves_it_to_the_removal(reading, ignore, outcome):
    device = device_outcome.settled(REMOVAL, A, reading, ignore)

    assert (device and device.outcome) == outcome


@pytest.mark.parametrize(
    ("reading", "reason"), [(INVALID, "Invalid device id format"), (UNLISTED, UNLISTED.reason), (UNLICENSED, None)]
)
def test_a_decided_device_has_the_reason_of_its_reading(reading, reason):
    assert device_outcome.settled(REMOVAL, A, reading, False).details.reason == reason


@pytest.mark.parametrize(
    ("reading", "outcome", "reason"),
    [
        (LICENSED, "removed", None),
        (UNREAD, "unknown", "no response"),
        (Reading(State.UNREAD), "unknown", "its state could not be read"),
    ],
)
def test_a_forecast_promises_only_what_was_read(reading, outcome, reason):
    device = device_outcome.forecast(REMOVAL, A, reading)

    assert (device.outcome, device.details.reason) == (outcome, reason)


@pytest.mark.parametrize(
    ("upgrade", "outcome"),
    [
        (Effect("it was upgraded", rejected=True), "failed"),
        (Effect("it is scheduled", cancels=True), "removed"),
        (Effect("its history cannot be read"), "unknown"),
    ],
)
def test_a_forecast_heeds_the_upgrades_of_a_device(upgrade, outcome):
    device = device_outcome.forecast(REMOVAL, A, LICENSED, upgrade)

    assert (device.outcome, device.details.reason) == (outcome, upgrade.reason)


def test_an_unread_device_stays_unknown_whatever_its_upgrades():
    assert device_outcome.forecast(REMOVAL, A, UNREAD, Effect("it was upgraded", rejected=True)).outcome == "unknown"


@pytest.mark.parametrize(
    ("outcome", "changed", "failed"),
    [
        ("removed", True, False),
        ("unlicensed", False, False),
        ("failed", False, True),
        ("unknown", True, True),
        ("skipped", False, True),
    ],
)
def test_each_outcome_is_changed_and_failed_as_documented(outcome, changed, failed):
    device = Device(A, outcome)

    assert (device.changed, device.failed) == (changed, failed)


# What is read after the run


def test_a_device_with_a_license_again_keeps_its_status_and_reason():
    before = Device(A, "unknown", entry("UpgradePending", "no response"))

    device = device_outcome.changed_back(REMOVAL, A, "unknown", before)

    assert (device.outcome, device.details.status) == ("failed", "UpgradePending")
    assert device.details.reason == "no response; read again: it holds a license"


@pytest.mark.parametrize("outcome", ["removed", "unlicensed", "unknown"])
def test_a_device_of_which_nothing_was_kept_fails_all_the_same_once_it_holds_a_license(outcome):
    device = device_outcome.changed_back(REMOVAL, A, outcome, None)

    assert device.outcome == "failed"
    assert device.details.reason


@pytest.mark.parametrize(
    ("device", "before", "outcome"),
    [
        (device_outcome.unknown(A), UNREAD, "removed"),
        (Device(A, "unknown", touched=True), UNREAD, "removed"),
        (Device(A, "failed", touched=True), UNREAD, "removed"),
        (Device(A, "unknown"), LICENSED, "removed"),
        (Device(A, "failed"), LICENSED, "removed"),
        (device_outcome.skipped(A), LICENSED, "removed"),
        (Device(A, "unknown"), UNREAD, "unlicensed"),
        (Device(A, "failed"), UNREAD, "unlicensed"),
        (device_outcome.skipped(A), UNREAD, "unlicensed"),
    ],
)
def test_a_device_that_is_free_in_the_end_was_freed_where_it_may_have_been(device, before, outcome):
    assert device_outcome.changed_meanwhile(REMOVAL, device, before).outcome == outcome


@pytest.mark.parametrize(
    ("device", "before", "uncertain"),
    [
        (device_outcome.unknown(A), UNREAD, True),
        (device_outcome.unknown(A), LICENSED, False),
        (Device(A, "failed", touched=True), UNREAD, False),
    ],
)
def test_a_device_that_is_free_in_the_end_is_uncertain_if_it_may_never_have_held_a_license(device, before, uncertain):
    assert device_outcome.changed_meanwhile(REMOVAL, device, before).uncertain is uncertain


def test_a_device_without_a_license_at_the_end_keeps_its_status_and_reason():
    revised = device_outcome.changed_meanwhile(
        REMOVAL, Device(A, "failed", entry("Failure", "Try later.")), LICENSED
    ).details
    without_reason = device_outcome.changed_meanwhile(REMOVAL, Device(A, "failed"), LICENSED).details

    assert (revised.status, revised.reason) == ("Failure", "Try later; read again: it holds no license")
    assert without_reason.reason == "failed; read again: it holds no license"


# The last message of the service


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (None, "no response"),
        (entry("Odd", "Try later"), "Try later"),
        (entry(None, "Try later"), "Try later"),
        (entry("Odd", None), "the service returned the status Odd"),
        (entry(None, None), "the service returned no status"),
    ],
)
def test_the_last_message_is_the_reason_or_the_status(row, message):
    found = device_outcome.last_message(row and Row(Verdict.UNCLEAR, row), "no response")
    assert found == message


@pytest.mark.parametrize(
    ("outcome", "response", "after", "reason"),
    [
        ("skipped", Response.NEVER_SENT, None, device_outcome.NOT_SENT),
        ("failed", Response.NEVER_SENT, None, "HTTP 503: busy; still licensed, and not sent again: the end"),
        ("failed", Response.NEVER_SENT, LICENSED, "HTTP 503: busy; still licensed, and not sent again: the end"),
        ("failed", Response.REJECTED, None, "HTTP 503: busy."),
        ("removed", Response.AMBIGUOUS, UNLICENSED, "HTTP 503: busy; read again: it holds no license"),
        ("removed", Response.AMBIGUOUS, ABSENT, "HTTP 503: busy; read again: it holds no license"),
        ("failed", Response.AMBIGUOUS, NOT_FOUND, NOT_FOUND.reason),
        ("failed", Response.AMBIGUOUS, ABSENT, ABSENT.reason),
        ("failed", Response.AMBIGUOUS, INVALID, INVALID.reason),
        ("failed", Response.AMBIGUOUS, LICENSED, "HTTP 503: busy."),
    ],
)
def test_the_reason_is_what_the_service_said_and_what_was_read_again(outcome, response, after, reason):
    decision = device_outcome.Decision(outcome, response, None, LICENSED, "HTTP 503: busy.", after, "the end")
    assert device_outcome.reason_for(REMOVAL, decision) == reason


@pytest.mark.parametrize("after", [UNLICENSED, ABSENT])
def test_a_device_that_could_not_be_assigned_a_license_has_the_reason_of_the_service(after):
    decision = device_outcome.Decision("failed", Response.AMBIGUOUS, None, UNLICENSED, "HTTP 503: busy.", after)
    assert device_outcome.reason_for(ASSIGNMENT, decision) == "HTTP 503: busy."
