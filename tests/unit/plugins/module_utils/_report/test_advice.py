# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Advice is found whatever replaces an ellipsis, is true of what the runs did, and only devices that the account does not have
cost nothing.
"""

from __future__ import annotations

import pytest

from ansible_collections.verizon.fota.plugins.module_utils._licenses import device_outcome
from ansible_collections.verizon.fota.plugins.module_utils._licenses.guards import AssignmentGuards
from ansible_collections.verizon.fota.plugins.module_utils._licenses.outcomes import ASSIGNMENT
from ansible_collections.verizon.fota.plugins.module_utils._licenses.states import NOT_REPORTED, State
from ansible_collections.verizon.fota.plugins.module_utils._report.advice import advice, is_unknown_device
from ansible_collections.verizon.fota.plugins.module_utils._report.contents import Groups
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.errors import (
    ErrorInfo,
    ErrorKind,
    ThingSpaceError,
)
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.license_totals import LicenseTotals


@pytest.mark.parametrize(
    ("outcome", "reason", "beginning"),
    [
        ("failed", "Device Not Found.", "The account does not have this device."),
        ("failed", "the device was not found", "The account does not have this device."),
        (
            "failed",
            "Upgrade pending, the device upgrade is estimated to be scheduled for 7 Nov 26 01:00 UTC",
            "An upgrade is",
        ),
        ("failed", "HTTP 503: busy", "If the message does not say enough"),
        (
            "failed",
            "HTTP 503: busy; still licensed, and not sent again: it was interrupted by SIGTERM",
            "An error stopped",
        ),
        (
            "failed",
            "HTTP 404: x (is account, or THINGSPACE_ACCOUNT, the right one?)",
            "The account is unknown or inactive.",
        ),
        ("failed", "x; read again: it holds a license", "Detected with wait. The license was not removed, or"),
        ("failed", "its license was removed, but it holds one again", "Detected with wait. Most likely, a campaign"),
        ("removed", "x; read again: it holds no license", "The response was lost"),
        # The end corrects what the service said before it.
        ("removed", "Internal error; read again: it holds no license", "The response was lost"),
        (
            "removed",
            "x; read again: it holds no license; whether it held a license before is not known",
            "The device holds no license now.",
        ),
        ("failed", "an upgrade is in progress (In progress: x, campaign y from 2026-11-01)", "The service will reject"),
        (
            "unknown",
            "what became of it is not known, and its state could not be read again: run the task again (HTTP 502)",
            "The response to the removal was lost",
        ),
        ("unknown", "an unrecognized message", "Run the same task again."),
        ("skipped", "", "Fix what the message of the run reports"),
    ],
)
def test_advice_is_found(outcome, reason, beginning):
    assert advice("remove", outcome, reason).startswith(beginning)


@pytest.mark.parametrize(
    ("outcome", "reason", "beginning"),
    [
        ("assigned", "HTTP 503: busy; read again: it holds a license", "The response was lost"),
        ("assigned", "Success; whether it held a license before is not known", "The device holds a license now."),
        ("failed", "x; read again: it holds no license", "Detected with wait."),
        ("failed", "a license was assigned to it, but it holds none again", "Detected with wait. Most likely, another"),
        (
            "failed",
            "Internal error.",
            "The service failed for this device, even after retries, and the device still has no",
        ),
        ("failed", "No unused licenses available.", "The account has too few unused licenses. Buy licenses"),
        ("failed", "HTTP 400: Not enough licenses available", "The account has too few unused licenses. Buy licenses"),
        (
            "failed",
            "the device was not found",
            "The account does not have this device. Check the account and the IMEI.",
        ),
        ("unknown", "an unrecognized message", "Run the same task again."),
        ("failed", "HTTP 503: busy", "If the message does not say enough"),
    ],
)
def test_an_assignment_has_advice_of_its_own(outcome, reason, beginning):
    assert advice("assign", outcome, reason).startswith(beginning)


def unreadable():
    raise ThingSpaceError(ErrorInfo(ErrorKind.REJECTED, "no"))


def limits():
    yield AssignmentGuards(1).exceeded(2, unreadable)
    yield AssignmentGuards().exceeded(2, unreadable)
    yield AssignmentGuards().exceeded(2, lambda: LicenseTotals(9, 8))


TEXTS = ASSIGNMENT.texts
OF_ASSIGNMENTS = [
    *(
        (outcome, f"{message}{text}")
        for message in (
            "Internal error",
            "HTTP 502: x",
            "Device Not Found",
            "Upgrade pending, until 06 Oct 22 18:05 UTC",
        )
        for outcome, text in (
            ("assigned", TEXTS.read_changed),
            ("failed", TEXTS.read_unchanged),
            ("failed", TEXTS.read_before),
            ("failed", f"{TEXTS.not_sent_again}it was interrupted by SIGTERM"),
            ("failed", "; it was not sent, and its state could not be read"),
            ("assigned", device_outcome.NOT_KNOWN_BEFORE),
            ("assigned", f"{TEXTS.read_changed}{device_outcome.NOT_KNOWN_BEFORE}"),
        )
    ),
    ("failed", TEXTS.changed_back),
    ("failed", TEXTS.no_longer),
    ("unknown", device_outcome.unknown("0" * 15).details.reason),
    ("failed", f"{device_outcome.unknown('0' * 15).details.reason}{TEXTS.read_unchanged}"),
    ("skipped", device_outcome.NOT_SENT),
    *(("skipped", exceeded.reason) for exceeded in limits()),
    ("failed", device_outcome.NOT_MENTIONED),
    ("failed", device_outcome.last_message(device_outcome.Row("", {"status": "Odd"}), "")),
    ("failed", device_outcome.last_message(device_outcome.Row("", {}), "")),
    ("failed", State.NOT_FOUND.value),
    ("failed", State.INVALID.value),
    # In check mode
    *(("unknown", state.value) for state in (State.ABSENT, State.UNREAD, State.MISSING)),
    ("unknown", NOT_REPORTED.reason),
]
# What only a removal has, does, or means.
NOT_OF_ASSIGNMENTS = (
    "removal",
    "unknown_devices",
    "the role restore",
    "campaign",
    "check_upgrades",
    "has been removed",
    "still has its license",
    "no license now",
    "may have a license",
    "the license stays",
)


@pytest.mark.parametrize(("outcome", "reason"), OF_ASSIGNMENTS)
def test_no_reason_of_an_assignment_has_the_advice_of_a_removal(outcome, reason):
    groups = Groups(1, ASSIGNMENT)
    found = groups.add({"imei": "0" * 15, "outcome": outcome, "reason": reason}).advice
    assert found
    assert not [text for text in NOT_OF_ASSIGNMENTS if text in found]
    assert found == advice("assign", outcome, reason)


@pytest.mark.parametrize("outcome", ["failed", "unknown"])
@pytest.mark.parametrize(
    "reason",
    [
        "Upgrade pending, the device upgrade is estimated to be scheduled for 06 Oct 22 18:05 UTC",
        "License removal not allowed for devices that have ever upgraded firmware.",
    ],
)
def test_what_the_service_says_of_a_removal_means_nothing_in_an_assignment(outcome, reason):
    assert advice("remove", outcome, reason)
    assert "license" not in advice("assign", outcome, reason)


@pytest.mark.parametrize("reason", ["", "an unrecognized message", "read again"])
def test_a_failure_with_another_text_has_none(reason):
    assert advice("remove", "failed", reason) == advice("assign", "failed", reason) == ""


@pytest.mark.parametrize(
    ("outcome", "reason", "unknown"),
    [
        ("failed", "Device Not Found.", True),
        ("failed", "the device does not exist in this account", True),
        ("failed", "the account does not have this device", True),
        ("failed", "has no license in this account and is not among its devices", True),
        ("failed", "Device not found in the campaign, its license stays", False),
        ("failed", "the service rejects this IMEI", False),
        ("failed", "", False),
        ("unlicensed", "Device Not Found.", False),
        ("unknown", "Device Not Found.", False),
    ],
)
def test_only_what_the_account_does_not_have_costs_nothing(outcome, reason, unknown):
    assert is_unknown_device(outcome, reason) is unknown
