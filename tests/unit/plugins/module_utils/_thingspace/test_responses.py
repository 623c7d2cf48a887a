# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.verizon.fota.plugins.module_utils._thingspace import responses
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses import (
    DeviceStatus,
    EntryDetails,
    LicensePage,
    Totals,
    Verdict,
)

A, B = "990003425730535", "012345678901234"
TIME = "2021-06-10T15:13:30.941Z"


def verdict(status, reason=None):
    rows, _totals = responses.removal({"deviceList": [{"deviceId": A, "status": status, "resultReason": reason}]})
    return rows[A].verdict


def sighting(**entry):
    return responses.list_devices({"deviceList": [{"deviceId": A, **entry}]})[A]


# Removals


def test_the_answer_of_the_document_is_read():
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

    rows, totals = responses.removal(content)

    assert [(imei, row.verdict) for imei, row in rows.items()] == [(A, Verdict.CHANGED), (B, Verdict.ALREADY)]
    assert responses.words(rows[A].entry) == EntryDetails("Success", "Success", TIME, TIME, TIME)
    assert responses.words(rows[B].entry) == EntryDetails("Failure", "No license attached to device")
    assert totals == Totals(9000, 998)


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
            Verdict.REFUSED,
        ),
        (
            "Failure",
            "Upgrade pending, the device upgrade is estimated to be scheduled for 06 Oct 22 18:05 UTC",
            Verdict.REFUSED,
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
def test_status_and_reason_give_one_verdict(status, reason, expected):
    assert verdict(status, reason) is expected


@pytest.mark.parametrize(
    ("status", "reason", "expected"),
    [
        # "Assign Licenses to Devices" in its versions 1 to 3, and the SDKs
        ("LicenseAssignSuccess", "Success", Verdict.CHANGED),
        ("Success", "Success", Verdict.CHANGED),
        ("LicenseAssignSuccess", None, Verdict.CHANGED),
        ("Success", "License assigned successfully.", Verdict.CHANGED),
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
        # The words of a removal say nothing of an assignment.
        ("Failure", "No license attached to device", Verdict.UNRECOGNIZED),
        ("UpgradePending", "Device license preexisting", Verdict.UNCLEAR),
    ],
)
def test_the_verdict_of_an_assignment_is_read_from_the_status_and_the_reason(status, reason, expected):
    entry = {"deviceId": A, "status": status, "resultReason": reason}
    rows, _totals = responses.assignment({"deviceList": [entry]})

    assert rows[A].verdict is expected


def test_a_license_that_a_device_has_already_says_nothing_of_a_removal():
    entry = {"deviceId": A, "status": "Failure", "resultReason": "Device license preexisting"}

    assert responses.removal({"deviceList": [entry]})[0][A].verdict is Verdict.UNRECOGNIZED


@pytest.mark.parametrize("name", ["resultReason", "Reason", "reason"])
def test_every_name_of_the_reason_is_read(name):
    rows, _totals = responses.removal({"deviceList": [{"deviceId": A, "status": "Failure", name: "Device Not Found."}]})

    assert (rows[A].verdict, responses.words(rows[A].entry)) == (
        Verdict.NOT_FOUND,
        EntryDetails("Failure", "Device Not Found."),
    )


def test_rows_that_contradict_each_other_are_unclear_whatever_their_number():
    success, failure = ({"deviceId": A, "status": status, "Reason": "Success"} for status in ("Success", "Failure"))

    for entries in ([success, failure], [failure, success], [success, failure, success]):
        assert responses.removal({"deviceList": entries})[0][A].verdict is Verdict.UNCLEAR
    assert responses.removal({"deviceList": [success, success]})[0][A].verdict is Verdict.CHANGED


@pytest.mark.parametrize(
    ("device_id", "imei"),
    [(A, A), (f" {A} ", A), (int(A), A), (int(B), B), (str(int(B)), B), (float(A), A)],
    ids=["text", "blanks", "number", "leading zero lost", "leading zero lost in text", "float"],
)
def test_devices_are_matched_by_imei_in_every_type(device_id, imei):
    assert list(responses.removal({"deviceList": [{"deviceId": device_id}]})[0]) == [imei]


def test_entries_that_name_no_device_are_left_aside():
    entries = [None, "x", 1, [], {}, {"deviceId": None}, {"deviceId": True}, {"deviceId": 1.5}, {"deviceId": A}]

    assert list(responses.removal({"deviceList": entries})[0]) == [A]


@pytest.mark.parametrize(
    ("content", "totals"),
    [
        ({"licTotalCount": 3, "licUsedCount": 2}, Totals(3, 2)),
        ({"licCount": "3", "licUsedCount": "2"}, Totals(3, 2)),
        ({"licTotalCount": 0, "licUsedCount": 0}, Totals(0, 0)),
        ({"licTotalCount": None, "licCount": 3}, Totals(3, None)),
        ({"licTotalCount": True, "licUsedCount": "two"}, Totals(None, None)),
        ({}, Totals(None, None)),
    ],
)
def test_totals_are_read_in_every_dialect(content, totals):
    assert responses.removal({"deviceList": [], **content})[1] == totals


# Devices by list


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({"licenseAssigned": True}, DeviceStatus(True, True)),
        ({"licenseAssigned": False}, DeviceStatus(True, False)),
        ({"licenseAssigned": "TRUE"}, DeviceStatus(True, True)),
        ({"licenseAssigned": "false"}, DeviceStatus(True, False)),
        ({"licenseAssigned": "maybe"}, DeviceStatus(True, None)),
        ({"licenseAssigned": 1}, DeviceStatus(True, None)),
        ({}, DeviceStatus(True, None)),
        ({"requestStatus": "Success"}, DeviceStatus(True, None)),
        ({"requestStatus": "Failure"}, DeviceStatus(False, None)),
        (
            {"requestStatus": "Failure", "resultReason": "Device Not Found."},
            DeviceStatus(False, None, "Device Not Found."),
        ),
        ({"requestStatus": "Failure", "resultReason": "Internal error."}, DeviceStatus(True, None, "Internal error.")),
        ({"requestStatus": "Failure", "licenseAssigned": True}, DeviceStatus(True, True)),
        ({"requestStatus": "Success", "licenseAssigned": False}, DeviceStatus(True, False)),
        ({"requestStatus": None, "licenseAssigned": False}, DeviceStatus(True, False)),
        ({"requestStatus": "Pending", "licenseAssigned": False}, DeviceStatus(True, None)),
        (
            {"requestStatus": "Error", "licenseAssigned": False, "resultReason": "Internal error."},
            DeviceStatus(True, None, "Internal error."),
        ),
    ],
)
def test_a_sighting_says_no_more_than_the_answer(entry, expected):
    assert sighting(**entry) == expected


def test_a_device_that_is_not_found_is_unknown_even_where_the_answer_says_it_has_no_license():
    found = sighting(licenseAssigned=False, requestStatus="Failure", resultReason="Device Not Found.")

    assert not found.known


def test_sightings_that_contradict_each_other_tell_nothing():
    entries = [{"deviceId": A, "licenseAssigned": licensed} for licensed in (True, False, True)]

    assert responses.list_devices({"deviceList": entries})[A].licensed is None


# The license list


@pytest.mark.parametrize(
    ("content", "page"),
    [
        ({"hasMoreData": True, "lastSeenDeviceId": B}, LicensePage({A: None}, B, Totals())),
        ({"hasMoreData": "true", "lastSeenDeviceId": int(B)}, LicensePage({A: None}, B, Totals())),
        ({"hasMoreData": False, "lastSeenDeviceId": B}, LicensePage({A: None}, None, Totals())),
        (
            {"hasMoreData": False, "totalLicense": 5, "assignedLicenses": 1},
            LicensePage({A: None}, None, Totals(5, 1)),
        ),
        ({"hasMoreData": False, "totalLicenses": 5}, LicensePage({A: None}, None, Totals(5, None))),
    ],
)
def test_a_page_tells_what_follows(content, page):
    assert responses.license_page({"deviceList": [{"deviceId": A}], **content}) == page


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"hasMoreData": None},
        {"hasMoreData": True},
        {"hasMoreData": True, "lastSeenDeviceId": ""},
        # Half of a character, which no address can hold
        {"hasMoreData": True, "lastSeenDeviceId": "\ud800"},
    ],
)
def test_a_page_that_does_not_tell_what_follows_is_no_answer(content):
    with pytest.raises(responses.UnexpectedResponse):
        responses.license_page({"deviceList": [], **content})


@pytest.mark.parametrize("written", [{}, {"deviceList": None}, {"deviceList": []}], ids=["absent", "null", "list"])
@pytest.mark.parametrize("more", [{}, {"lastSeenDeviceId": "0"}, {"assignedLicenses": "0"}])
def test_an_account_without_assigned_licenses_needs_no_list(written, more):
    content = {"hasMoreData": False, "assignedLicenses": 0, "totalLicense": 5, **written, **more}
    assert responses.license_page(content) == LicensePage({}, None, Totals(5, 0))


@pytest.mark.parametrize("written", [{}, {"deviceList": None}], ids=["absent", "null"])
@pytest.mark.parametrize(
    "told",
    [
        {"hasMoreData": False},
        {"assignedLicenses": 0},
        {"assignedLicenses": 0, "hasMoreData": None},
        {"assignedLicenses": 0, "hasMoreData": "perhaps"},
        {"assignedLicenses": 0, "hasMoreData": True, "lastSeenDeviceId": A},
        {"assignedLicenses": 1, "hasMoreData": False},
        {"assignedLicenses": None, "hasMoreData": False},
        {"assignedLicenses": False, "hasMoreData": False},
        {"totalLicense": 0, "hasMoreData": False},
    ],
)
def test_a_page_without_a_list_is_no_answer_where_it_does_not_say_that_there_is_nothing_to_list(written, told):
    with pytest.raises(responses.UnexpectedResponse, match="no deviceList"):
        responses.license_page({**written, **told})


@pytest.mark.parametrize(
    ("told", "cursor"),
    [
        ("1000", "1000"),
        (1000, "1000"),
        (10000.0, "10000"),
        (4999010640000, "004999010640000"),
        (99999999999, "99999999999"),
        (100000000000, "000100000000000"),
        (A, A),
        (True, None),
        (None, None),
    ],
)
def test_a_cursor_is_an_imei_or_how_many_rows_were_seen(told, cursor):
    content = {"deviceList": [], "hasMoreData": True, "lastSeenDeviceId": told}
    if cursor is None:
        with pytest.raises(responses.UnexpectedResponse):
            responses.license_page(content)
    else:
        assert responses.license_page(content).next_after == cursor


@pytest.mark.parametrize(
    ("entry", "time"),
    [
        ({"assignmentTime": "2017-11-29 20:15:42.738 +0000 UTC"}, "2017-11-29 20:15:42.738 +0000 UTC"),
        ({"assignmentTime": ""}, None),
        ({"assignmentTime": None}, None),
        ({}, None),
    ],
)
def test_a_page_tells_when_licenses_were_assigned(entry, time):
    page = responses.license_page({"deviceList": [{"deviceId": A, **entry}], "hasMoreData": False})
    assert page.assigned == {A: time}


# The subscription


@pytest.mark.parametrize(
    ("purchase_type", "event_based"),
    [
        ("TS-HFOTA-EVNT", True),
        (" ts-hfota-evnt ,", True),
        ("TS-HFOTA-EVNT,TS-HFOTA-EVNT", True),
        ("TS-HFOTA-MRC", False),
        ("TS-HFOTA-MRC, TS-HFOTA-EVNT", False),
        ("TS-HFOTA-EVNT2", False),
        (" , ", None),
        (None, None),
    ],
)
def test_an_account_is_event_based_when_all_its_purchases_are(purchase_type, event_based):
    content = {"purchaseType": purchase_type, "licenseCount": "9000", "licenseUsedCount": 7, "updateTime": "now"}
    read = responses.subscription(content)
    assert (read.event_based, read.totals, read.updated_time) == (event_based, Totals(9000, 7), "now")


@pytest.mark.parametrize("content", [None, [], "x", {}, {"accountName": "0642233522-00001"}, object()])
def test_content_without_a_subscription_is_no_answer(content):
    with pytest.raises(responses.UnexpectedResponse):
        responses.subscription(content)


# Upgrades


@pytest.mark.parametrize("content", [None, {}, {"deviceList": []}, "Not Found"])
def test_content_without_a_list_of_upgrades_is_no_answer(content):
    with pytest.raises(responses.UnexpectedResponse):
        responses.history(content)
    with pytest.raises(responses.UnexpectedResponse):
        responses.campaigns(content)


def test_a_device_whose_id_nobody_could_print_is_none():
    page = responses.license_page({"deviceList": [{"deviceId": "\ud800"}, {"deviceId": A}], "hasMoreData": False})
    assert page.assigned == {A: None}


def test_a_campaign_whose_id_no_address_can_hold_is_no_answer():
    with pytest.raises(responses.UnexpectedResponse):
        responses.campaigns({"campaignList": [{"id": "\ud800"}], "hasMoreData": False})


def test_when_an_upgrade_began_does_not_tell_when_it_ended():
    entry = {"status": "UpgradeSuccess", "startDate": "2021-06-01", "id": "c"}
    assert [upgrade.time for upgrade in responses.history([entry, {**entry, "reportUpdatedTime": "2021-06-02"}])] == [
        None,
        "2021-06-02",
    ]


# Anything

READERS = [responses.removal, responses.list_devices, responses.license_page]
NAMES = ["deviceList", "deviceId", "status", "resultReason", "licTotalCount", "licUsedCount", "licenseAssigned"]
NAMES += ["requestStatus", "hasMoreData", "lastSeenDeviceId", "totalLicense"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["Success", "Failure", A]),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(NAMES), inner),
)


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("content", [None, [], "x", 1, {}, {"deviceList": None}, {"deviceList": {}}, object()])
def test_content_without_a_device_list_is_no_answer(read, content):
    with pytest.raises(responses.UnexpectedResponse):
        read(content)


@pytest.mark.parametrize("read", READERS)
@given(content=JSON | st.fixed_dictionaries({"deviceList": st.lists(JSON)}, optional=dict.fromkeys(NAMES[1:], JSON)))
def test_any_json_is_an_answer_or_none(read, content):
    content = json.loads(json.dumps(content))
    try:
        read(content)
    except responses.UnexpectedResponse:
        assert (
            not isinstance(content, dict)
            or read is responses.license_page
            or "deviceList" not in content
            or (not isinstance(content["deviceList"], list))
        )


@given(
    content=st.dictionaries(st.sampled_from(["purchaseType", "licenseCount", "licenseUsedCount", "updateTime"]), JSON)
)
def test_any_json_is_a_subscription_or_none(content):
    content = json.loads(json.dumps(content))
    try:
        assert responses.subscription(content).event_based in (True, False, None)
    except responses.UnexpectedResponse:
        assert set(content) <= {"updateTime"}


@pytest.mark.parametrize("read", READERS[::2])
def test_a_number_of_endless_digits_is_left_aside(read):
    read({"deviceList": [], "licTotalCount": "9" * 5000, "totalLicense": "9" * 5000, "hasMoreData": False})
