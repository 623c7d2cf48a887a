# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The outcome of one device as far as it can be told without a removal: before it, and after the run."""

from __future__ import annotations

import pytest

from ansible_collections.verizon.fota.plugins.module_utils._licenses import removal
from ansible_collections.verizon.fota.plugins.module_utils._licenses.removal import Rules
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
from ansible_collections.verizon.fota.tests.unit.plugins.module_utils.fake_account import imeis

UNREAD = Reading(State.UNREAD, "no answer")
REFUSED = Reading(State.INVALID, "Invalid device id format")
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
        (REFUSED, False, "failed"),
        (REFUSED, True, "failed"),
        (LICENSED, False, None),
        (UNREAD, False, None),
        (UNREAD, True, None),
    ],
)
def test_a_reading_settles_the_outcome_or_leaves_it_to_the_removal(reading, ignore, outcome):
    device = removal.settled(A, reading, Rules(unknown_devices_fail=not ignore))

    assert (device and device.outcome) == outcome


@pytest.mark.parametrize(
    ("reading", "reason"), [(REFUSED, "Invalid device id format"), (UNLISTED, UNLISTED.reason), (UNLICENSED, None)]
)
def test_what_is_settled_bears_the_words_of_its_reading(reading, reason):
    assert removal.settled(A, reading, Rules()).words.reason == reason


@pytest.mark.parametrize(
    ("reading", "outcome", "reason"),
    [
        (LICENSED, "removed", None),
        (UNREAD, "unknown", "no answer"),
        (Reading(State.UNREAD), "unknown", "its state could not be read"),
    ],
)
def test_a_forecast_promises_only_what_was_read(reading, outcome, reason):
    device = removal.forecast(A, reading)

    assert (device.outcome, device.words.reason) == (outcome, reason)


@pytest.mark.parametrize(
    ("upgrade", "outcome"),
    [
        (Effect("it was upgraded", refused=True), "failed"),
        (Effect("it is scheduled", cancels=True), "removed"),
        (Effect("its history cannot be read"), "unknown"),
    ],
)
def test_a_forecast_heeds_the_upgrades_of_a_device(upgrade, outcome):
    device = removal.forecast(A, LICENSED, upgrade)

    assert (device.outcome, device.words.reason) == (outcome, upgrade.reason)


def test_an_unread_device_stays_unknown_whatever_its_upgrades():
    assert removal.forecast(A, UNREAD, Effect("it was upgraded", refused=True)).outcome == "unknown"


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
    device = removal.Device(A, outcome)

    assert (device.changed, device.failed) == (changed, failed)


# What is read after the run


def test_a_device_that_holds_a_license_again_keeps_what_the_service_said_of_it():
    before = removal.Device(A, "unknown", entry("UpgradePending", "no answer"))

    device = removal.licensed_again(A, "unknown", before)

    assert (device.outcome, device.words.status) == ("failed", "UpgradePending")
    assert device.words.reason == "no answer; read again: it holds a license"


@pytest.mark.parametrize("outcome", ["removed", "unlicensed", "unknown"])
def test_a_device_of_which_nothing_was_kept_fails_all_the_same_once_it_holds_a_license(outcome):
    device = removal.licensed_again(A, outcome, None)

    assert device.outcome == "failed"
    assert device.words.reason


@pytest.mark.parametrize(
    ("device", "before", "outcome"),
    [
        (removal.unknown(A), UNREAD, "removed"),
        (removal.Device(A, "unknown", held=True), UNREAD, "removed"),
        (removal.Device(A, "failed", held=True), UNREAD, "removed"),
        (removal.Device(A, "unknown"), LICENSED, "removed"),
        (removal.Device(A, "failed"), LICENSED, "removed"),
        (removal.skipped(A), LICENSED, "removed"),
        (removal.Device(A, "unknown"), UNREAD, "unlicensed"),
        (removal.Device(A, "failed"), UNREAD, "unlicensed"),
        (removal.skipped(A), UNREAD, "unlicensed"),
    ],
)
def test_a_device_that_is_free_in_the_end_was_freed_where_it_may_have_been(device, before, outcome):
    assert removal.freed_meanwhile(device, before).outcome == outcome


def test_a_device_that_is_free_in_the_end_keeps_what_the_service_said_of_it():
    said = removal.freed_meanwhile(removal.Device(A, "failed", entry("Failure", "Try later")), LICENSED).words
    unsaid = removal.freed_meanwhile(removal.Device(A, "failed"), LICENSED).words

    assert (said.status, said.reason) == ("Failure", "Try later; read again: it holds no license")
    assert unsaid.reason == "failed; read again: it holds no license"
