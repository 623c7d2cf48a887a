# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Devices by list: whether the account has a device, and whether it is licensed."""

from __future__ import annotations

import pytest

from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.device_list import (
    DeviceStatus,
    parse_devices,
)

A = "990003425730535"


def status_of(**entry):
    return parse_devices({"deviceList": [{"deviceId": A, **entry}]})[A]


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
def test_a_status_says_no_more_than_the_response(entry, expected):
    assert status_of(**entry) == expected


def test_a_device_that_is_not_found_is_unknown_even_if_the_response_says_it_has_no_license():
    found = status_of(licenseAssigned=False, requestStatus="Failure", resultReason="Device Not Found.")

    assert not found.in_account


def test_entries_that_contradict_each_other_leave_it_unknown():
    entries = [{"deviceId": A, "licenseAssigned": licensed} for licensed in (True, False, True)]

    assert parse_devices({"deviceList": entries})[A].licensed is None
