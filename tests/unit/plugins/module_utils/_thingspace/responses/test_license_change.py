# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Removals and assignments: verdicts, details and totals in every dialect."""

from __future__ import annotations

from unittest import mock

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses import license_change
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.license_change import (
    DOCUMENTED_DETAILS,
    EntryDetails,
    Verdict,
    entry_details,
    parse_assignment,
    parse_removal,
)
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.license_totals import LicenseTotals

A, B = "990003425730535", "012345678901234"
TIME = "2021-06-10T15:13:30.941Z"


def verdict(status, reason=None):
    rows, _totals = parse_removal({"deviceList": [{"deviceId": A, "status": status, "resultReason": reason}]})
    return rows[A].verdict


def test_the_response_of_the_document_is_parsed():
    content = {
        "accountName": "0642233522-00001",
        "licCount": 9000,
        "licUsedCount": 998,
        "deviceList": [
            {
                "deviceId": A,
                "status": "Success",
                "resultReason": "Success",
                "updatedTime": TIME,
                "recentAttemptTime": TIME,
                "nextAttemptTime": TIME,
            },
            {"deviceId": B, "status": "Failure", "resultReason": "No license attached to device"},
        ],
    }

    rows, totals = parse_removal(content)

    assert [(imei, row.verdict) for imei, row in rows.items()] == [(A, Verdict.CHANGED), (B, Verdict.ALREADY)]
    assert entry_details(rows[A].entry) == EntryDetails("Success", "Success", TIME, TIME, TIME)
    assert entry_details(rows[B].entry) == EntryDetails("Failure", "No license attached to device")
    assert totals == LicenseTotals(9000, 998)


@pytest.mark.parametrize(
    ("status", "reason", "expected"),
    [
        ("Success", None, Verdict.CHANGED),
        ("success", "Success", Verdict.CHANGED),
        ("LicenseRemoveSuccess", "", Verdict.CHANGED),
        ("Success", "LicenseRemoveSuccess", Verdict.CHANGED),
        ("Success", "License was removed successfully.", Verdict.CHANGED),
        ("Success", "Removal successful", Verdict.CHANGED),
        ("Success", "License removed", Verdict.CHANGED),
        ("Success", "anything else", Verdict.UNCLEAR),
        ("Success", "Internal error.", Verdict.UNCLEAR),
        ("Success", "Removal scheduled", Verdict.UNCLEAR),
        ("Success", "Unsuccessful", Verdict.UNCLEAR),
        ("Success", "License was not removed", Verdict.UNCLEAR),
        ("Success", "License removal is not allowed", Verdict.UNCLEAR),
        ("Success", "No license attached to device", Verdict.UNCLEAR),
        ("Success", "Device Not Found.", Verdict.UNCLEAR),
        ("Success", "Upgrade pending, the device upgrade …", Verdict.UNCLEAR),
        ("Failure", "No license attached to device", Verdict.ALREADY),
        ("LicenseRemoveFailed", "no licence attached to this device.", Verdict.ALREADY),
        ("Failure", "License not assigned to the device", Verdict.ALREADY),
        ("Failure", "Device has no license assigned", Verdict.ALREADY),
        ("Failure", "Device Not Found.", Verdict.NOT_FOUND),
        ("Failure", "Device does not exist.", Verdict.NOT_FOUND),
        ("Failure", "The device was not found in this account", Verdict.NOT_FOUND),
        (
            "Failure",
            "License removal not allowed for devices that have ever upgraded firmware.",
            Verdict.REJECTED,
        ),
        (
            "Failure",
            "Upgrade pending, the device upgrade is estimated to be scheduled for 06 Oct 22 18:05 UTC",
            Verdict.REJECTED,
        ),
        ("Failure", "Internal error.", Verdict.UNCLEAR),
        ("Failure", None, Verdict.UNCLEAR),
        ("Failure", "Could not tell whether no license attached to device", Verdict.UNRECOGNIZED),
        ("UpgradePending", None, Verdict.UNCLEAR),
        ("NotSuccess", None, Verdict.UNCLEAR),
        ("", "", Verdict.UNCLEAR),
        (None, "Success", Verdict.UNCLEAR),
        (["Success"], None, Verdict.UNCLEAR),
    ],
)
def test_status_and_reason_have_one_verdict(status, reason, expected):
    assert verdict(status, reason) is expected


@pytest.mark.parametrize(
    ("status", "reason", "expected"),
    [
        # "Assign Licenses to Devices" in its versions 1 to 3, and the SDKs
        ("LicenseAssignSuccess", "Success", Verdict.CHANGED),
        ("Success", "Success", Verdict.CHANGED),
        ("LicenseAssignSuccess", None, Verdict.CHANGED),
        ("Success", "License assigned successfully.", Verdict.CHANGED),
        ("Success", "License assigned to device", Verdict.UNCLEAR),
        ("Success", "License assigned", Verdict.CHANGED),
        ("LicenseRemoveSuccess", "Success", Verdict.UNCLEAR),
        ("LicenseAssignSuccess", "Device license preexisting", Verdict.ALREADY),
        ("Failure", "Device license pre-existing.", Verdict.ALREADY),
        ("LicenseAssignFailed", "License already assigned to device", Verdict.ALREADY),
        ("Failure", "The device already has a license", Verdict.ALREADY),
        ("Failure", "Device does not exist.", Verdict.NOT_FOUND),
        ("LicenseAssignFailed", "Device Not Found.", Verdict.NOT_FOUND),
        ("Failure", "Internal error.", Verdict.UNCLEAR),
        ("LicenseAssignFailed", None, Verdict.UNCLEAR),
        ("LicenseAssignFailed", "No licenses available", Verdict.UNRECOGNIZED),
        ("Success", "License removed", Verdict.UNCLEAR),
        ("Success", "Assignment scheduled", Verdict.UNCLEAR),
        # The reasons of a removal say nothing of an assignment.
        ("Failure", "No license attached to device", Verdict.UNRECOGNIZED),
        ("UpgradePending", "Device license preexisting", Verdict.UNCLEAR),
    ],
)
def test_the_verdict_of_an_assignment_is_read_from_the_status_and_the_reason(status, reason, expected):
    entry = {"deviceId": A, "status": status, "resultReason": reason}
    rows, _totals = parse_assignment({"deviceList": [entry]})

    assert rows[A].verdict is expected


def test_a_license_that_a_device_has_already_says_nothing_of_a_removal():
    entry = {"deviceId": A, "status": "Failure", "resultReason": "Device license preexisting"}

    assert parse_removal({"deviceList": [entry]})[0][A].verdict is Verdict.UNRECOGNIZED


@pytest.mark.parametrize("name", ["resultReason", "Reason", "reason"])
def test_every_name_of_the_reason_is_accepted(name):
    rows, _totals = parse_removal({"deviceList": [{"deviceId": A, "status": "Failure", name: "Device Not Found."}]})

    assert (rows[A].verdict, entry_details(rows[A].entry)) == (
        Verdict.NOT_FOUND,
        EntryDetails("Failure", "Device Not Found."),
    )


def test_rows_that_contradict_each_other_are_unclear_whatever_their_number():
    success, failure = ({"deviceId": A, "status": status, "Reason": "Success"} for status in ("Success", "Failure"))

    for entries in ([success, failure], [failure, success], [success, failure, success]):
        assert parse_removal({"deviceList": entries})[0][A].verdict is Verdict.UNCLEAR
    assert parse_removal({"deviceList": [success, success]})[0][A].verdict is Verdict.CHANGED


@pytest.mark.parametrize(
    ("content", "totals"),
    [
        ({"licTotalCount": 3, "licUsedCount": 2}, LicenseTotals(3, 2)),
        ({"licCount": "3", "licUsedCount": "2"}, LicenseTotals(3, 2)),
        ({"licTotalCount": 0, "licUsedCount": 0}, LicenseTotals(0, 0)),
        ({"licTotalCount": None, "licCount": 3}, LicenseTotals(3, None)),
        ({"licTotalCount": True, "licUsedCount": "two"}, LicenseTotals(None, None)),
        ({}, LicenseTotals(None, None)),
    ],
)
def test_totals_are_parsed_in_every_dialect(content, totals):
    assert parse_removal({"deviceList": [], **content})[1] == totals


VALUES = (
    st.sampled_from(["Success", TIME, " blank", "two  blanks", "", "x" * 400]) | st.text() | st.integers() | st.none()
)


@given(entry=st.fixed_dictionaries({}, optional=dict.fromkeys((*DOCUMENTED_DETAILS, "Reason"), VALUES)))
@example(entry=dict.fromkeys(DOCUMENTED_DETAILS, "Success"))
def test_an_entry_as_documented_has_the_same_details_as_any_other(entry):
    with mock.patch.object(license_change, "are_lines", lambda texts: False):
        one_by_one = entry_details(entry)

    assert entry_details(entry) == one_by_one
