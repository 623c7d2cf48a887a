# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pages of the license list: what follows, when licenses were assigned, lists that are missing."""

from __future__ import annotations

import pytest

from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.fields import UnexpectedResponse
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.license_page import (
    LicensePage,
    parse_license_page,
)
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.license_totals import LicenseTotals

A, B = "990003425730535", "012345678901234"


@pytest.mark.parametrize(
    ("content", "page"),
    [
        ({"hasMoreData": True, "lastSeenDeviceId": B}, LicensePage({A: None}, B, LicenseTotals())),
        ({"hasMoreData": "true", "lastSeenDeviceId": int(B)}, LicensePage({A: None}, B, LicenseTotals())),
        ({"hasMoreData": False, "lastSeenDeviceId": B}, LicensePage({A: None}, None, LicenseTotals())),
        (
            {"hasMoreData": False, "totalLicense": 5, "assignedLicenses": 1},
            LicensePage({A: None}, None, LicenseTotals(5, 1), "totalLicense"),
        ),
        (
            {"hasMoreData": False, "totalLicense": None, "totalLicenses": 5},
            LicensePage({A: None}, None, LicenseTotals(5, None), "totalLicenses"),
        ),
    ],
)
def test_a_page_says_what_follows(content, page):
    assert parse_license_page({"deviceList": [{"deviceId": A}], **content}) == page


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"hasMoreData": None},
        {"hasMoreData": True},
        {"hasMoreData": True, "lastSeenDeviceId": ""},
        # A surrogate, which no URL can contain
        {"hasMoreData": True, "lastSeenDeviceId": "\ud800"},
    ],
)
def test_a_page_that_does_not_say_what_follows_is_unexpected(content):
    with pytest.raises(UnexpectedResponse):
        parse_license_page({"deviceList": [], **content})


@pytest.mark.parametrize("written", [{}, {"deviceList": None}, {"deviceList": []}], ids=["absent", "null", "list"])
@pytest.mark.parametrize("more", [{}, {"lastSeenDeviceId": "0"}, {"assignedLicenses": "0"}])
def test_an_account_without_assigned_licenses_needs_no_list(written, more):
    content = {"hasMoreData": False, "assignedLicenses": 0, "totalLicense": 5, **written, **more}
    assert parse_license_page(content) == LicensePage({}, None, LicenseTotals(5, 0), "totalLicense")


@pytest.mark.parametrize("written", [{}, {"deviceList": None}], ids=["absent", "null"])
@pytest.mark.parametrize(
    "stated",
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
def test_a_page_without_a_list_is_unexpected_if_it_does_not_say_that_there_is_nothing_to_list(written, stated):
    with pytest.raises(UnexpectedResponse, match="no deviceList"):
        parse_license_page({**written, **stated})


@pytest.mark.parametrize(
    ("value", "cursor"),
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
def test_a_cursor_is_an_imei_or_how_many_rows_were_seen(value, cursor):
    content = {"deviceList": [], "hasMoreData": True, "lastSeenDeviceId": value}
    if cursor is None:
        with pytest.raises(UnexpectedResponse):
            parse_license_page(content)
    else:
        assert parse_license_page(content).next_after == cursor


@pytest.mark.parametrize(
    ("entry", "time"),
    [
        ({"assignmentTime": "2017-11-29 20:15:42.738 +0000 UTC"}, "2017-11-29 20:15:42.738 +0000 UTC"),
        ({"assignmentTime": ""}, None),
        ({"assignmentTime": None}, None),
        ({}, None),
    ],
)
def test_a_page_says_when_licenses_were_assigned(entry, time):
    page = parse_license_page({"deviceList": [{"deviceId": A, **entry}], "hasMoreData": False})
    assert page.assigned == {A: time}


def test_a_device_whose_id_cannot_be_printed_is_ignored():
    page = parse_license_page({"deviceList": [{"deviceId": "\ud800"}, {"deviceId": A}], "hasMoreData": False})
    assert page.assigned == {A: None}
