# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The paths under /_simulator, for tests in other processes."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from ansible_collections.verizon.fota.tests.simulator import Account, Device
from ansible_collections.verizon.fota.tests.simulator.fleets import ACCOUNT, DOCUMENT_IMEIS

SUBSCRIPTION = "/subscriptions/" + ACCOUNT


def control(client, method, path, **more):
    return client.session.request(method, client.simulator.origin + "/_simulator/" + path, timeout=20, **more)


def test_requests(client):
    client.remove(list(DOCUMENT_IMEIS))

    (logged,) = control(client, "GET", "requests").json()

    assert logged["method"] == "POST"
    assert logged["path"] == f"/fota/v3/licenses/{ACCOUNT}/remove"
    assert logged["json"] == {"deviceList": list(DOCUMENT_IMEIS)}
    assert logged["status"] == 200
    assert logged["in_flight"] == 1
    assert logged["headers"]["Content-Type"] == "application/json"


def test_accounts(client_of):
    client = client_of([Account("a/b", 7, [Device("1" * 15, licensed=True), Device("2" * 15)])])

    assert control(client, "GET", "accounts/a%2Fb").json() == {
        "account": "a/b",
        "license_total": 7,
        "license_used": 1,
        "licensed": ["1" * 15],
    }
    assert control(client, "GET", "accounts/other").status_code == 404


def test_tokens(client):
    tokens = control(client, "POST", "tokens").json()

    client.headers["Authorization"] = "Bearer " + tokens["access_token"]
    client.headers["VZ-M2M-Token"] = tokens["session_token"]
    assert client.get(SUBSCRIPTION).status_code == 200


@pytest.mark.parametrize(("what", "status"), [("sessions", 400), ("access_tokens", 401)])
def test_expire(client, what, status):
    assert control(client, "POST", "expire", json={"what": what}).status_code == 200

    assert client.get(SUBSCRIPTION).status_code == status


@pytest.mark.parametrize("body", [b"", b"[]", b'{"what": "everything"}'])
def test_expire_something_else(client, body):
    assert control(client, "POST", "expire", data=body).status_code == 400

    assert client.get(SUBSCRIPTION).status_code == 200


def test_reset(client):
    licensed = client.simulator.licensed(ACCOUNT)
    client.remove(list(DOCUMENT_IMEIS))
    for _attempt in range(5):
        client.log_in(password="wrong")
    client.simulator.advance(10 * 365 * 24 * 3600)

    assert control(client, "POST", "reset").status_code == 200

    assert client.simulator.licensed(ACCOUNT) == licensed
    assert client.simulator.removed == []
    assert client.simulator.requests == []
    assert not client.simulator.locked(client.simulator.credentials.username)
    assert client.get(SUBSCRIPTION).status_code == 401
    access_token, session_token = client.simulator.issue_tokens()
    client.headers.update({"Authorization": "Bearer " + access_token})
    client.headers.update({"VZ-M2M-Token": session_token})
    year = int(client.get(SUBSCRIPTION).json()["updateTime"][:4])
    assert abs(year - datetime.now(timezone.utc).year) <= 1


def test_shutdown_requests_the_stop(client):
    assert client.simulator.wait(0) is False

    assert control(client, "POST", "shutdown").status_code == 200

    assert client.simulator.wait(10) is True
