# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The calls that only read: devices by list, licensed devices, subscription."""

from __future__ import annotations

import pytest

from ansible_collections.verizon.fota.tests.simulator import Account, Device, Dialect
from ansible_collections.verizon.fota.tests.simulator.fleets import (
    ACCOUNT,
    DOCUMENT_IMEIS,
)

PROTOCOLS = ("LWM2M", "OMADM", "HTTP")
UNKNOWN = "1" * 15


def is_rejected(response, message):
    body = {"errorCode": "INVALID_PARAMETER", "errorMessage": message}
    return (response.status_code, response.json()) == (400, body)


# Devices by list


def test_devices_by_list(client):
    response = client.devices([DOCUMENT_IMEIS[2], DOCUMENT_IMEIS[0]]).json()

    assert response["accountName"] == ACCOUNT
    assert response["deviceCount"] == 2
    rows = response["deviceList"]
    assert [row["deviceId"] for row in rows] == [DOCUMENT_IMEIS[2], DOCUMENT_IMEIS[0]]
    assert [row["licenseAssigned"] for row in rows] == [False, True]
    assert {"mdn", "make", "model", "firmware", "protocol", "fotaEligible"} <= set(rows[0])
    assert client.simulator.writes == []


def test_devices_by_list_follow_a_removal(client):
    client.remove([DOCUMENT_IMEIS[0]])

    row = client.devices([DOCUMENT_IMEIS[0]]).json()["deviceList"][0]

    assert row["licenseAssigned"] is False


@pytest.mark.parametrize("choice", ["missing", "failure"])
def test_a_device_that_the_account_does_not_have(client_of, choice):
    client = client_of(dialect=Dialect(unknown_in_list=choice))

    response = client.devices([UNKNOWN, DOCUMENT_IMEIS[0]]).json()

    rows = {row["deviceId"]: row for row in response["deviceList"]}
    assert response["deviceCount"] == 1
    assert rows[DOCUMENT_IMEIS[0]]["requestStatus"] == "Success"
    if choice == "missing":
        assert list(rows) == [DOCUMENT_IMEIS[0]]
    else:
        assert rows[UNKNOWN] == {
            "deviceId": UNKNOWN,
            "requestStatus": "Failure",
            "resultReason": "Device Not Found.",
        }


@pytest.mark.parametrize(("choice", "values"), [("bool", [True, False]), ("text", ["true", "false"]), ("absent", None)])
def test_license_field(client_of, choice, values):
    client = client_of(dialect=Dialect(license_field=choice))

    rows = client.devices([DOCUMENT_IMEIS[0], DOCUMENT_IMEIS[2]]).json()["deviceList"]

    if values is None:
        assert not any("licenseAssigned" in row for row in rows)
    else:
        assert [row["licenseAssigned"] for row in rows] == values


BY_PROTOCOL = {protocol: Device(f"{number:015d}", protocol=protocol) for number, protocol in enumerate(PROTOCOLS, 1)}


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", ["LWM2M", "OMADM", "HTTP"]),
        ("?protocol=all", ["LWM2M", "OMADM", "HTTP"]),
        ("?protocol=LWM2M", ["LWM2M"]),
        ("?protocol=OMADM", ["OMADM"]),
        ("?protocol=OMDADM", ["OMADM"]),
        ("?protocol=OMD-DM", ["OMADM"]),
        ("?protocol=HTTP", ["HTTP"]),
    ],
)
@pytest.mark.parametrize("without", ["all", "LWM2M"])
def test_calls_for_devices_by_protocol(client_of, without, query, shown):
    client = client_of(
        [Account(ACCOUNT, devices=list(BY_PROTOCOL.values()))], dialect=Dialect(without_protocol=without)
    )
    imeis = [device.imei for device in BY_PROTOCOL.values()]

    by_list = client.call("POST", f"/fota/v3/devices/{ACCOUNT}{query}", json={"deviceList": imeis}).json()
    every = client.get(f"/devices/{ACCOUNT}{query}").json()

    expected = [without] if not query and without != "all" else shown
    for response in (by_list, every):
        assert [row["protocol"] for row in response["deviceList"]] == expected
    assert by_list["deviceCount"] == len(expected)
    assert is_rejected(client.get(f"/devices/{ACCOUNT}?protocol=SMTP"), "Input binding error")


def test_a_device_of_another_protocol_is_listed_as_unknown(client_of):
    dialect = Dialect(without_protocol="LWM2M", unknown_in_list="failure")
    client = client_of([Account(ACCOUNT, devices=[BY_PROTOCOL["HTTP"]])], dialect=dialect)

    (row,) = client.devices([BY_PROTOCOL["HTTP"].imei]).json()["deviceList"]

    assert row["requestStatus"] == "Failure"


# Licensed devices


def pages(client, start="0", form="index"):
    """Return every page from ``start`` on."""
    got = []
    while True:
        query = f"/licenses/{ACCOUNT}?lastSeenDeviceId={start}"
        index = f"/licenses/{ACCOUNT}/index/{start}"
        response = client.get(index if form == "index" else query)
        assert response.status_code == 200
        got.append(response.json())
        start = got[-1]["lastSeenDeviceId"]
        if not got[-1]["hasMoreData"]:
            return got


@pytest.mark.parametrize("form", ["index", "query"])
@pytest.mark.parametrize("size", [1, 7, 41, 42, 43, 1000])
def test_pages_of_licensed_devices(client_of, form, size):
    devices = [Device(f"{7 * n:015d}", licensed=n % 3 != 0) for n in range(62, -1, -1)]
    client = client_of([Account(ACCOUNT, devices=devices)], dialect=Dialect(list_path=form), page_size=size)

    got = pages(client, form=form)

    imeis = [row["deviceId"] for page in got for row in page["deviceList"]]
    assert imeis == sorted(device.imei for device in devices if device.licensed)
    assert [len(page["deviceList"]) for page in got[:-1]] == [size] * (len(got) - 1)
    assert len(got) == -(-42 // size)
    for page in got:
        assert page["accountName"] == ACCOUNT
        assert page["totalLicense"] == 9000
        assert page["assignedLicenses"] == 42
        assert page["maxPageSize"] == size
        assert page["deviceList"][0]["assignmentTime"] == "2021-06-10T15:13:30.941Z"


def test_a_device_that_lost_its_license_still_leads_to_the_next_page(client_of):
    client = client_of(page_size=1)
    last_seen = client.get(f"/licenses/{ACCOUNT}/index/0").json()["lastSeenDeviceId"]
    client.remove([last_seen])
    left = sorted(client.simulator.licensed(ACCOUNT))
    assert last_seen not in left

    rest = pages(client, last_seen)

    assert [row["deviceId"] for page in rest for row in page["deviceList"]] == left


@pytest.mark.parametrize("last_seen", [UNKNOWN, "1", "", "x"])
@pytest.mark.parametrize("form", ["index", "query"])
def test_an_unknown_cursor(client_of, form, last_seen):
    client = client_of(dialect=Dialect(list_path=form))
    if form == "query":
        path = f"/licenses/{ACCOUNT}?lastSeenDeviceId={last_seen}"
    elif last_seen:
        path = f"/licenses/{ACCOUNT}/index/{last_seen}"
    else:
        return

    assert is_rejected(client.get(path), "LastSeenDeviceId Not Valid")


@pytest.mark.parametrize("form", ["index", "query"])
def test_only_one_form_of_the_list_is_served(client_of, form):
    client = client_of(dialect=Dialect(list_path=form))
    responses = {
        "index": client.get(f"/licenses/{ACCOUNT}/index/0"),
        "query": client.get(f"/licenses/{ACCOUNT}?lastSeenDeviceId=0"),
    }

    assert responses.pop(form).status_code == 200
    other = responses.popitem()[1]
    assert (other.status_code, other.json()["fault"]["code"]) == (404, "900906")


def test_an_account_without_licenses_has_one_empty_page(client_of):
    client = client_of([Account(ACCOUNT, devices=[Device(UNKNOWN)])])

    (page,) = pages(client)

    assert page["deviceList"] == []
    assert page["assignedLicenses"] == 0


@pytest.mark.parametrize("id_type", ["text", "number"])
def test_pages_by_the_number_of_rows_seen(client_of, id_type):
    devices = [Device(f"{n:015d}", licensed=True) for n in range(1, 24)]
    dialect = Dialect(list_cursor="number", id_type=id_type)
    client = client_of([Account(ACCOUNT, devices=devices)], dialect=dialect, page_size=10)

    got = pages(client)

    assert [page["lastSeenDeviceId"] for page in got] == [
        number if id_type == "number" else str(number) for number in (10, 20, 23)
    ]
    assert [int(row["deviceId"]) for page in got for row in page["deviceList"]] == list(range(1, 24))
    assert is_rejected(client.get(f"/licenses/{ACCOUNT}/index/x"), "LastSeenDeviceId Not Valid")


@pytest.mark.parametrize(
    ("choice", "written"), [("list", {"deviceList": []}), ("null", {"deviceList": None}), ("absent", {})]
)
def test_lists_without_rows(client_of, choice, written):
    client = client_of([Account(ACCOUNT, devices=[Device(UNKNOWN)])], dialect=Dialect(empty_lists=choice))

    for response in (
        client.get(f"/licenses/{ACCOUNT}/index/0").json(),
        client.get(f"/devices/{ACCOUNT}?protocol=HTTP").json(),
        client.devices(["2" * 15]).json(),
    ):
        assert {key: value for key, value in response.items() if key == "deviceList"} == written
    campaigns = client.get(f"/reports/{ACCOUNT}/firmware/campaigns").json()
    assert campaigns["campaignList"] == ([] if choice == "list" else None)


@pytest.mark.parametrize("choice", ["ok", "403", "404"])
@pytest.mark.parametrize("endpoint", ["devices_endpoint", "list_endpoint"])
def test_unavailable_endpoints(client_of, endpoint, choice):
    client = client_of(dialect=Dialect(**{endpoint: choice}))
    responses = {
        "devices_endpoint": client.devices(list(DOCUMENT_IMEIS)),
        "list_endpoint": client.get(f"/licenses/{ACCOUNT}/index/0"),
    }

    response = responses.pop(endpoint)

    assert responses.popitem()[1].status_code == 200
    assert client.remove(list(DOCUMENT_IMEIS)).status_code == 200
    assert response.status_code == (200 if choice == "ok" else int(choice))
    if choice == "403":
        assert response.headers["Content-Type"].startswith("application/xml")
        assert response.text.startswith('<am:fault xmlns:am="http://wso2.org/apimanager">')
    if choice == "404":
        assert response.json()["fault"]["code"] == "900906"


# Subscription, and paths that do not exist


def test_subscription(client_of):
    client = client_of([Account(ACCOUNT, 50, [Device(UNKNOWN, licensed=True)], purchase_type="TS-HFOTA-EVNT")])

    response = client.get("/subscriptions/" + ACCOUNT).json()

    assert response.pop("updateTime").endswith("Z")
    assert response == {
        "accountName": ACCOUNT,
        "purchaseType": "TS-HFOTA-EVNT",
        "licenseCount": 50,
        "licenseUsedCount": 1,
    }


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/fota/v3/nothing"),
        ("GET", f"/api/fota/v3/licenses/{ACCOUNT}/remove"),
        ("POST", "/api/fota/v3/licenses//remove"),
        ("POST", f"/api/fota/v3/licenses/{ACCOUNT}/remove/"),
        ("POST", f"/api/fota/v2/licenses/{ACCOUNT}/remove"),
        ("POST", "/api/fota/v3/licenses/a/b/remove"),
        ("GET", f"/api//fota/v3/subscriptions/{ACCOUNT}"),
        ("DELETE", f"/api/fota/v3/devices/{ACCOUNT}"),
        ("GET", "/api/ts/v1/oauth2/token"),
        ("GET", "/"),
    ],
)
def test_other_paths_do_not_exist(client, method, path):
    response = client.session.request(method, client.simulator.origin + path, headers=client.headers, timeout=20)

    assert response.status_code == 404
    assert response.json()["fault"]["code"] == "900906"
    assert response.json()["fault"]["message"].startswith("No matching resource found")
