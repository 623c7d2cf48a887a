# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Removals: POST /licenses/{acc}/remove."""

from __future__ import annotations

import json
from datetime import datetime, timezone

import pytest

from ansible_collections.verizon.fota.tests.simulator import Account, Device, Dialect
from ansible_collections.verizon.fota.tests.simulator.fleets import (
    ACCOUNT,
    DOCUMENT_IMEIS,
    fleet,
)

# "Example Success Response" of the document, with the commas that it lacks, without times.
DOCUMENT_RESPONSE = """
{
  "accountName": "0642233522-00001",
  "licCount": 9000,
  "licUsedCount": 998,
  "deviceList": [
    {"deviceId": "990003425730535", "status": "Success", "resultReason": "Success"},
    {"deviceId": "990000473475989", "status": "Success", "resultReason": "Success"},
    {"deviceId": "900000000000999", "status": "Failure",
     "resultReason": "No license attached to device"}
  ]
}
"""


def test_the_example_of_the_document(client_of):
    first, second, third = DOCUMENT_IMEIS
    devices = [Device(first, licensed=True), Device(second, licensed=True), Device(third)]
    devices += [Device(f"{number:015d}", licensed=True) for number in range(998)]
    client = client_of(
        [Account(ACCOUNT, license_total=9000, devices=devices)],
        dialect=Dialect(total_key="licCount", times="none"),
    )

    response = client.remove(list(DOCUMENT_IMEIS))

    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/json"
    assert response.json() == json.loads(DOCUMENT_RESPONSE)
    assert client.simulator.removed == [(ACCOUNT, first), (ACCOUNT, second)]
    assert len(client.simulator.licensed(ACCOUNT)) == 998


@pytest.mark.parametrize(
    ("device", "status", "reason", "licensed_after"),
    [
        (Device("1" * 15, licensed=True), "Success", "Success", False),
        (Device("1" * 15, licensed=True, upgrade_scheduled=True), "Success", "Success", False),
        (Device("1" * 15), "Failure", "No license attached to device", False),
        (Device("1" * 15, upgraded=True), "Failure", "No license attached to device", False),
        (Device("2" * 15, licensed=True), "Failure", "Device Not Found.", False),
        (
            Device("1" * 15, licensed=True, upgraded=True),
            "Failure",
            "License removal not allowed for devices that have ever upgraded firmware.",
            True,
        ),
        (
            Device("1" * 15, licensed=True, upgrade_running=True),
            "Failure",
            "Upgrade pending, the device upgrade is estimated to be scheduled for ",
            True,
        ),
        (Device("1" * 15, licensed=True, internal_error=True), "Failure", "Internal error.", True),
    ],
)
def test_each_state_of_a_device(client_of, device, status, reason, licensed_after):
    client = client_of([Account(ACCOUNT, devices=[device])])

    row = client.remove(["1" * 15]).json()["deviceList"][0]

    assert row["deviceId"] == "1" * 15
    assert row["status"] == status
    assert row["resultReason"].startswith(reason)
    assert ("1" * 15 in client.simulator.licensed(ACCOUNT)) is licensed_after
    assert bool(client.simulator.removed) is (status == "Success")


def test_totals_are_those_after_the_removal(client):
    used = len(client.simulator.licensed(ACCOUNT))

    response = client.remove([DOCUMENT_IMEIS[0]]).json()

    assert response["licTotalCount"] == 9000
    assert response["licUsedCount"] == used - 1


def test_the_same_device_twice_has_its_license_taken_once(client):
    rows = client.remove([DOCUMENT_IMEIS[0]] * 2).json()["deviceList"]

    assert [row["status"] for row in rows] == ["Success", "Failure"]
    assert client.simulator.removed == [(ACCOUNT, DOCUMENT_IMEIS[0])]


def test_times_are_now_and_a_failure_is_attempted_a_day_later(client):
    before = datetime.now(timezone.utc).replace(microsecond=0)
    done, failed = client.remove([DOCUMENT_IMEIS[0], DOCUMENT_IMEIS[2]]).json()["deviceList"]

    def moment(text):
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=timezone.utc)

    assert 0 <= (moment(done["updatedTime"]) - before).total_seconds() < 60
    assert done["nextAttemptTime"] == done["recentAttemptTime"] == done["updatedTime"]
    waited = moment(failed["nextAttemptTime"]) - moment(failed["recentAttemptTime"])
    assert waited.total_seconds() == 24 * 3600


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "Input binding error"),
        (b"{", "Input binding error"),
        (b"\xff", "Input binding error"),
        (b"[" * 100000, "Input binding error"),
        (b'["990003425730535"]', "Input binding error"),
        (b"{}", "Input binding error"),
        (b'{"devceList": ["990003425730535"]}', "Input binding error"),
        (b'{"deviceList": "990003425730535"}', "Input binding error"),
        (b'{"deviceList": []}', "Device list is empty"),
        (b'{"deviceList": [990003425730535]}', "Invalid device id format"),
        (b'{"deviceList": ["990003425730535", ""]}', "Invalid device id format"),
        (b'{"deviceList": ["990003425730535", "99000342573053"]}', "Invalid device id format"),
        (b'{"deviceList": ["990003425730535\\n"]}', "Invalid device id format"),
        (b'{"deviceList": ["99000342573053x"]}', "Invalid device id format"),
        ('{"deviceList": ["99000342573053٥"]}'.encode(), "Invalid device id format"),
    ],
)
@pytest.mark.parametrize("path", ["/licenses/%s/remove", "/devices/%s"])
def test_an_invalid_body_changes_nothing(client, path, body, message):
    licensed = client.simulator.licensed(ACCOUNT)

    response = client.call("POST", "/fota/v3" + path % ACCOUNT, data=body)

    assert response.status_code == 400
    assert response.json() == {"errorCode": "INVALID_PARAMETER", "errorMessage": message}
    assert client.simulator.licensed(ACCOUNT) == licensed


@pytest.mark.parametrize("status", [400, 413])
def test_more_devices_than_a_call_may_have(client_of, status):
    client = client_of(max_batch=2, too_large_status=status)
    licensed = client.simulator.licensed(ACCOUNT)

    assert client.remove(list(DOCUMENT_IMEIS)).status_code == status
    response = client.devices(list(DOCUMENT_IMEIS))

    assert response.status_code == status
    assert response.json() == {
        "errorCode": "INVALID_PARAMETER",
        "errorMessage": "Device list exceeds the maximum size of 2",
    }
    assert client.simulator.licensed(ACCOUNT) == licensed
    assert client.remove(list(DOCUMENT_IMEIS[:2])).status_code == 200


@pytest.mark.parametrize(
    ("name", "message"),
    [("0000000000-00001", "Invalid account name format"), ("asleep", "Inactive account")],
)
def test_an_account_that_is_unavailable(client_of, name, message):
    client = client_of([Account("asleep", devices=[Device("1" * 15)], active=False)])

    responses = [
        client.remove(["1" * 15], name),
        client.devices(["1" * 15], name),
        client.get(f"/licenses/{name}/index/0"),
        client.get("/reports/{}/devices/{}".format(name, "1" * 15)),
        client.get(f"/reports/{name}/firmware/campaigns"),
        client.get(f"/reports/{name}/campaigns/1/devices"),
        client.get(f"/subscriptions/{name}"),
    ]

    for response in responses:
        assert response.status_code == 400
        assert response.json() == {"errorCode": "INVALID_PARAMETER", "errorMessage": message}


def test_accounts_do_not_share_licenses(client_of):
    imei = "1" * 15
    client = client_of([Account(name, devices=[Device(imei, licensed=True)]) for name in "ab"])

    client.remove([imei], "a")

    assert client.simulator.licensed("a") == frozenset()
    assert client.simulator.licensed("b") == {imei}


@pytest.mark.parametrize(
    ("name", "sent"),
    [("0642233522/00001", "0642233522%2F00001"), ("ä b?#%", "%C3%A4%20b%3F%23%25")],
)
def test_an_account_is_one_segment_whatever_it_contains(client_of, name, sent):
    client = client_of([Account(name, devices=[Device("1" * 15, licensed=True)])])
    path = f"/fota/v3/licenses/{sent}/remove"

    response = client.call("POST", path, json={"deviceList": ["1" * 15]})

    assert response.json()["accountName"] == name
    assert client.simulator.licensed(name) == frozenset()
    assert client.simulator.requests[-1].path == path


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ("exact", ["1", "2", "3"]),
        ("missing", ["1", "2"]),
        ("doubled", ["1", "1", "2", "3"]),
        ("reordered", ["3", "2", "1"]),
        ("unrequested", ["?", "1", "2", "3"]),
    ],
)
@pytest.mark.parametrize("call", ["remove", "devices"])
def test_rows_of_a_response(client_of, call, rows, expected):
    devices = [Device(digit * 15, licensed=True) for digit in "123"]
    client = client_of([Account(ACCOUNT, devices=devices)], dialect=Dialect(rows=rows))
    requested = [device.imei for device in devices]

    response = getattr(client, call)(requested).json()

    shown = [row["deviceId"] for row in response["deviceList"]]
    assert [imei[0] if imei in requested else "?" for imei in shown] == expected
    if rows == "unrequested":
        assert requested[0] in response["deviceList"][0]["resultReason"]
        assert len(shown[0]) == 15
    # Whatever the response contains, the service processed all devices.
    assert len(client.simulator.licensed(ACCOUNT)) == (0 if call == "remove" else 3)
    single = getattr(client, call)(requested[:1]).json()["deviceList"]
    assert requested[0] in [row["deviceId"] for row in single]


def test_a_whole_fleet(client_of):
    devices = fleet(3000, seed=5)
    client = client_of([Account(ACCOUNT, devices=devices)])

    for start in range(0, 3000, 1000):
        imeis = [device.imei for device in devices[start : start + 1000]]
        rows = client.remove(imeis).json()["deviceList"]
        assert [row["deviceId"] for row in rows] == imeis

    kept = {
        device.imei
        for device in devices
        if device.licensed and (device.upgraded or device.upgrade_running or device.internal_error)
    }
    assert kept and client.simulator.licensed(ACCOUNT) == kept
