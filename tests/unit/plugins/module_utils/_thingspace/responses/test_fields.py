# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What all responses with a device list have in common: IDs, lists, numbers, and any JSON at all."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.device_list import parse_devices
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.fields import UnexpectedResponse
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.license_change import (
    parse_assignment,
    parse_removal,
)
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.license_page import parse_license_page

A, B = "990003425730535", "012345678901234"
PARSERS = [parse_removal, parse_assignment, parse_devices, parse_license_page]
NAMES = ["deviceList", "deviceId", "status", "resultReason", "licTotalCount", "licUsedCount", "licenseAssigned"]
NAMES += ["requestStatus", "hasMoreData", "lastSeenDeviceId", "totalLicense"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["Success", "Failure", A]),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(NAMES), inner),
)


@pytest.mark.parametrize(
    ("device_id", "imei"),
    [(A, A), (f" {A} ", A), (int(A), A), (int(B), B), (str(int(B)), B), (float(A), A)],
    ids=["text", "blanks", "number", "leading zero lost", "leading zero lost in text", "float"],
)
def test_devices_are_matched_by_imei_in_every_type(device_id, imei):
    assert list(parse_removal({"deviceList": [{"deviceId": device_id}]})[0]) == [imei]


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
