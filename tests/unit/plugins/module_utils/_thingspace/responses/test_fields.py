# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What all responses with a device list have in common: IDs, lists, numbers, and any JSON at all."""

from __future__ import annotations

import json
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses import fields
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.device_list import parse_devices
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.fields import UnexpectedResponse
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.license_change import (
    parse_assignment,
    parse_removal,
)
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.license_page import parse_license_page
from ansible_collections.verizon.fota.tests.unit.examples import examples

A, B = "990003425730535", "012345678901234"
PARSERS = [parse_removal, parse_assignment, parse_devices, parse_license_page]
NAMES = ["deviceList", "deviceId", "status", "resultReason", "licTotalCount", "licUsedCount", "licenseAssigned"]
NAMES += ["requestStatus", "hasMoreData", "lastSeenDeviceId", "totalLicense"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["Success", "Failure", A]),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(NAMES), inner),
)

IDS = st.one_of(
    st.from_regex(r"[0-9]{15}", fullmatch=True),
    st.sampled_from([A, B, f" {A}", B[1:], int(B), float(A), "9" * 16, "٠" * 15, "²" * 15, "x" * 15, None, True, []]),
)
ENTRIES = st.fixed_dictionaries(
    {"deviceId": IDS},
    optional={
        "status": st.sampled_from(["Success", "Failure", "", 0]),
        "resultReason": st.sampled_from(["Success", "Device Not Found.", "other", None]),
        "licenseAssigned": st.sampled_from([True, False, "true", "", None]),
        "requestStatus": st.sampled_from(["Success", "Failure", "Pending"]),
        "assignmentTime": st.text(max_size=3),
    },
)


@pytest.mark.parametrize(
    ("device_id", "imei"),
    [(A, A), (f" {A} ", A), (int(A), A), (int(B), B), (str(int(B)), B), (float(A), A)],
    ids=["text", "blanks", "number", "leading zero lost", "leading zero lost in text", "float"],
)
def test_devices_are_matched_by_imei_in_every_type(device_id, imei):
    assert list(parse_removal({"deviceList": [{"deviceId": device_id}]})[0]) == [imei]


@pytest.mark.parametrize("device_id", ["12345", 12345, 12345.0])
def test_a_short_number_is_another_id(device_id):
    assert list(parse_removal({"deviceList": [{"deviceId": device_id}]})[0]) == ["12345"]


def test_entries_that_name_no_device_are_ignored():
    entries = [None, "x", 1, [], {}, {"deviceId": None}, {"deviceId": True}, {"deviceId": 1.5}, {"deviceId": A}]

    assert list(parse_removal({"deviceList": entries})[0]) == [A]


@pytest.mark.parametrize("parse", PARSERS)
@pytest.mark.parametrize("content", [None, [], "x", 1, {}, {"deviceList": None}, {"deviceList": {}}, object()])
def test_content_without_a_device_list_is_unexpected(parse, content):
    with pytest.raises(UnexpectedResponse):
        parse(content)


@pytest.mark.parametrize("parse", PARSERS)
@given(content=JSON | st.fixed_dictionaries({"deviceList": st.lists(JSON)}, optional=dict.fromkeys(NAMES[1:], JSON)))
def test_any_json_is_parsed_or_unexpected(parse, content):
    content = json.loads(json.dumps(content))
    try:
        parse(content)
    except UnexpectedResponse:
        assert (
            not isinstance(content, dict)
            or parse is parse_license_page
            or "deviceList" not in content
            or (not isinstance(content["deviceList"], list))
        )


@pytest.mark.parametrize("parse", PARSERS)
def test_a_number_of_endless_digits_is_ignored(parse):
    parse({"deviceList": [], "licTotalCount": "9" * 5000, "totalLicense": "9" * 5000, "hasMoreData": False})


@pytest.mark.parametrize("parse", PARSERS)
@settings(max_examples=examples(300), deadline=None)
@given(entries=st.lists(ENTRIES, max_size=5) | st.lists(ENTRIES | JSON, max_size=5))
def test_entries_as_documented_are_parsed_like_any_others(parse, entries):
    content = {"deviceList": entries, "hasMoreData": False}
    with mock.patch.object(fields, "_distinct_imeis", lambda entries: None):
        one_by_one = parse(content)

    assert parse(content) == one_by_one
