# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Assignments: POST /licenses/{acc}/assign."""

from __future__ import annotations

import pytest

from ansible_collections.verizon.fota.tests.simulator import Account, Device, Dialect, Fault, Faults
from ansible_collections.verizon.fota.tests.simulator.fleets import ACCOUNT

A, B, C = ("1" * 15, "2" * 15, "3" * 15)


def rows(response):
    assert response.status_code == 200
    return [(row["deviceId"], row["status"], row["resultReason"]) for row in response.json()["deviceList"]]


def account(total=9000, licensed=(), **device):
    return Account(ACCOUNT, total, [Device(imei, licensed=imei in licensed, **device) for imei in (A, B)])


def test_the_example_of_the_page(client_of):
    client = client_of([account()])

    response = client.assign([A, C])

    assert rows(response) == [(A, "Success", "Success"), (C, "Failure", "Device Not Found.")]
    assert (response.json()["licTotalCount"], response.json()["licUsedCount"]) == (9000, 1)
    assert client.simulator.licensed(ACCOUNT) == {A}
    assert client.simulator.assigned == [(ACCOUNT, A)]


@pytest.mark.parametrize(
    ("choices", "expected"),
    [
        ({}, ("Success", "Device license preexisting")),
        ({"status_values": "v1"}, ("LicenseAssignSuccess", "Device license preexisting")),
        ({"has_license_status": "failure"}, ("Failure", "Device license preexisting")),
        (
            {
                "has_license": "License already assigned to device",
                "has_license_status": "failure",
                "status_values": "v1",
            },
            ("LicenseAssignFailed", "License already assigned to device"),
        ),
    ],
)
def test_a_device_that_holds_a_license_keeps_it(client_of, choices, expected):
    client = client_of([account(licensed=[A])], dialect=Dialect(**choices))

    assert rows(client.assign([A])) == [(A, *expected)]
    assert client.simulator.licensed(ACCOUNT) == {A}
    assert client.simulator.assigned == []


def test_an_internal_error_assigns_nothing(client_of):
    client = client_of([account(internal_error=True)])

    assert rows(client.assign([A])) == [(A, "Failure", "Internal error.")]
    assert client.simulator.licensed(ACCOUNT) == set()


def test_devices_without_a_free_license_get_none(client_of):
    client = client_of([account(total=1)])

    assert rows(client.assign([A, B])) == [
        (A, "Success", "Success"),
        (B, "Failure", "No unused licenses available."),
    ]
    assert client.simulator.licensed(ACCOUNT) == {A}


def test_an_exhausted_pool_may_reject_the_whole_request(client_of):
    client = client_of([account(total=1)], dialect=Dialect(exhausted_pool="rejected"))

    response = client.assign([A, B])

    assert (response.status_code, response.json()["errorCode"]) == (400, "INVALID_PARAMETER")
    assert client.simulator.licensed(ACCOUNT) == set()
    assert client.assign([A]).status_code == 200


@pytest.mark.parametrize("endpoint", ["403", "404"])
def test_an_account_may_not_have_the_call(client_of, endpoint):
    client = client_of([account()], dialect=Dialect(assign_endpoint=endpoint))

    assert client.assign([A]).status_code == int(endpoint)
    assert client.simulator.licensed(ACCOUNT) == set()


def test_the_license_list_has_the_time_of_the_assignment(client_of):
    client = client_of([account(licensed=[B])])
    client.assign([A])

    times = {
        row["deviceId"]: row["assignmentTime"]
        for row in client.get(f"/licenses/{ACCOUNT}/index/0").json()["deviceList"]
    }

    assert times[B].startswith("2021-06-10") and times[A] > times[B]


@pytest.mark.parametrize("acted", [False, True])
def test_a_response_may_be_lost_before_or_after_the_assignment(client_of, acted):
    faults = Faults([Fault("status", on="assign", acted=acted, times=1)])
    client = client_of([account()], middleware=faults.middleware)

    assert client.assign([A]).status_code == 500
    assert client.simulator.licensed(ACCOUNT) == ({A} if acted else set())
