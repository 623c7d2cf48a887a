# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults of responses and tokens: what the client receives, and what the service did."""

from __future__ import annotations

import json
import time
from email.utils import parsedate_to_datetime

import pytest
import requests

from ansible_collections.verizon.fota.tests.simulator import (
    Dialect,
    Fault,
)
from ansible_collections.verizon.fota.tests.simulator.fleets import ACCOUNT
from ansible_collections.verizon.fota.tests.unit.simulator.fault_helpers import (
    IMEIS,
    LICENSED,
    LICENSED_ACCOUNT,
    LICENSES,
    REMOVE,
    REQUESTED,
    removed,
    rows_of,
    statuses,
    with_faults,
)

# Responses that replace the service's


@pytest.mark.parametrize("acted", [False, True])
@pytest.mark.parametrize(
    ("fault", "status", "content_type", "text"),
    [
        (Fault("empty"), 200, "text/html", ""),
        (Fault("html"), 200, "text/html", "<!DOCTYPE html>"),
        (Fault("html", status=403), 403, "text/html", "403 Forbidden"),
        (Fault("status"), 500, "text/html", "500 Internal Server Error"),
        (Fault("status", status=502, body="empty"), 502, "text/html", ""),
        (Fault("status", status=503), 503, "text/html", "503 Service Unavailable"),
        (Fault("status", status=599), 599, "text/html", "599 Unknown"),
        (Fault("throttled"), 429, "application/json", '"900800"'),
        (Fault("throttled", status=503, code=900807), 503, "application/json", '"900807"'),
        (Fault("redirect"), 302, "text/html", "302 Found"),
        (Fault("echo"), 400, "application/json", "INVALID_PARAMETER"),
    ],
)
def test_replaced_responses(client_of, fault, status, content_type, text, acted):
    values = dict(vars(fault), acted=acted, on="remove")
    client, faults = with_faults(client_of, Fault(**values))

    response = client.call("POST", REMOVE, json={"deviceList": REQUESTED}, allow_redirects=False)

    assert (response.status_code, response.headers["Content-Type"].split(";")[0]) == (status, content_type)
    assert text in response.text and bool(text) == bool(response.text)
    assert removed(client) == (LICENSED if acted else set())
    assert statuses(client) == [status]
    assert [injected.fault.kind for injected in faults.injected] == [fault.kind]
    assert client.get(LICENSES).status_code == 200


def test_throttled_in_the_dialect_of_numbers(client_of):
    client, _faults = with_faults(client_of, Fault("throttled", code="900803"), dialect=Dialect(fault_code="number"))
    assert client.get(LICENSES).json()["fault"]["code"] == 900803


@pytest.mark.parametrize(
    ("fault", "status", "start"),
    [
        (Fault("throttled"), 429, '<amt:fault xmlns:amt="http://wso2.org/apimanager/throttling"><amt:code>900800<'),
        (Fault("rejected", code="900901", status=503), 503, '<am:fault xmlns:am="http://wso2.org/apimanager">'),
    ],
)
def test_errors_of_the_gateway_in_xml(client_of, fault, status, start):
    client, _faults = with_faults(client_of, fault, dialect=Dialect(fault_form="xml"))
    response = client.remove(REQUESTED)
    assert (response.status_code, response.headers["Content-Type"]) == (status, "application/xml")
    assert response.text.startswith(start) and f"code>{fault.sent_code}</" in response.text
    assert removed(client) == set()


@pytest.mark.parametrize("fault_form", Dialect.CHOICES["fault_form"])
def test_rejected_tokens_and_unknown_paths_in_each_form(client_of, fault_form):
    client = client_of(dialect=Dialect(fault_form=fault_form))
    unknown = client.get("/nothing")
    is_rejected = client.call("POST", REMOVE, json={"deviceList": REQUESTED}, headers={"Authorization": "Bearer x"})
    assert [response.text.startswith("<am:fault") for response in (unknown, is_rejected)] == [fault_form == "xml"] * 2
    assert "900906" in unknown.text and "900901" in is_rejected.text


@pytest.mark.parametrize("code", Fault.CODES["rejected"])
def test_rejected(client_of, code):
    client, _faults = with_faults(client_of, Fault("rejected", code=code, status=404))
    response = client.remove(REQUESTED)
    content = response.json()
    assert response.status_code == 404
    assert (
        content["fault"]["code"] == code if "fault" in content else content["errorCode"] == f"UnifiedWebService.{code}"
    )
    assert removed(client) == set()


@pytest.mark.parametrize("header_case", Fault.HEADER_CASES)
@pytest.mark.parametrize("kind", ["throttled", "status", "html"])
def test_retry_after(client_of, kind, header_case):
    client, _faults = with_faults(client_of, Fault(kind, retry_after="soon; 1", header_case=header_case))
    response = client.get(LICENSES)
    assert {name: value for name, value in response.headers.items() if name.lower() == "retry-after"} == {
        header_case: "soon; 1"
    }


@pytest.mark.parametrize("seconds", [7200, -7200])
def test_retry_after_a_date(client_of, seconds):
    client, _faults = with_faults(client_of, Fault("throttled", retry_after=f"date:{seconds}"))
    response = client.get(LICENSES)
    ahead = parsedate_to_datetime(response.headers["Retry-After"]).timestamp() - time.time()
    assert abs(ahead - seconds) < 5


def test_redirect(client_of):
    client, _faults = with_faults(client_of, Fault("redirect", status=307, location="http://127.0.0.1:1/x"))
    response = client.call("GET", "/x", allow_redirects=False)
    assert (response.status_code, response.headers["Location"]) == (307, "http://127.0.0.1:1/x")


def test_echo(client_of):
    client, _faults = with_faults(client_of, Fault("echo"))
    message = client.remove(REQUESTED).json()["errorMessage"]
    assert client.headers["Authorization"] in message
    assert client.headers["VZ-M2M-Token"] in message
    assert "\x1b[31m\x00" in message and "\r\n" in message
    assert "Basic " in client.access_token().json()["errorMessage"]


# The service's responses, distorted


@pytest.mark.parametrize("kind", ["bom", "gzip"])
def test_complete_responses_in_another_form(client_of, kind):
    client, _faults = with_faults(client_of, Fault(kind, acted=True))
    response = client.remove(REQUESTED)
    assert (response.headers.get("Content-Encoding") == "gzip") == (kind == "gzip")
    assert response.content.startswith(b"\xef\xbb\xbf") == (kind == "bom")
    content = json.loads(response.content.decode("utf-8-sig"))
    assert [row["status"] for row in content["deviceList"]] == ["Success", "Success", "Failure"]
    assert removed(client) == LICENSED
    assert client.access_token().content and client.log_in().status_code == 200


@pytest.mark.parametrize("acted", [False, True])
def test_malformed(client_of, acted):
    client, _faults = with_faults(client_of, Fault("malformed", on="remove", acted=acted))
    text = client.remove(REQUESTED).text
    with pytest.raises(ValueError, match="delimiter"):
        json.loads(text)
    assert '"accountName": "0642233522-00001"\n  "licTotalCount": 9000\n' in text
    assert text.count('"Success"') == (4 if acted else 0)
    assert removed(client) == (LICENSED if acted else set())


def test_malformed_without_members(client_of):
    client, _faults = with_faults(client_of, Fault("malformed", acted=True), dialect=Dialect(list_endpoint="403"))
    assert client.get(f"/reports/{ACCOUNT}/devices/{REQUESTED[0]}").text == "["
    # XML
    assert client.get(LICENSES).text.endswith("</am:fault")
    assert client.log_in().text.count("}") == 0


@pytest.mark.parametrize("acted", [False, True])
def test_list(client_of, acted):
    client, _faults = with_faults(client_of, Fault("list", on="remove", acted=acted))
    (content,) = client.remove(REQUESTED).json()
    assert [row["deviceId"] for row in content["deviceList"]] == REQUESTED
    assert ("Success" in [row["status"] for row in content["deviceList"]]) == acted
    assert removed(client) == (LICENSED if acted else set())


@pytest.mark.parametrize("acted", [False, True])
def test_null_list(client_of, acted):
    client, _faults = with_faults(client_of, Fault("null_list", acted=acted))
    assert client.remove(REQUESTED).json()["deviceList"] is None
    assert client.devices(REQUESTED).json()["deviceList"] is None
    assert client.get(LICENSES).json()["deviceList"] is None
    assert removed(client) == (LICENSED if acted else set())
    # A response without rows is unchanged.
    assert client.remove([]).json()["errorMessage"] == "Device list is empty"
    assert client.call("POST", REMOVE, data=b"no JSON").json()["errorCode"] == "INVALID_PARAMETER"


@pytest.mark.parametrize("rows", Dialect.CHOICES["rows"])
@pytest.mark.parametrize("id_type", Dialect.CHOICES["id_type"])
@pytest.mark.parametrize("acted", [False, True])
def test_missing_row(client_of, acted, id_type, rows):
    client, _faults = with_faults(
        client_of,
        Fault("missing_row", on="remove", acted=acted),
        accounts=LICENSED_ACCOUNT,
        dialect=Dialect(id_type=id_type, rows=rows),
    )
    content = {str(imei).zfill(15): row["status"] for imei, row in rows_of(client.remove(IMEIS)).items()}
    missing = set(IMEIS) - set(content)
    assert 1 <= len(missing) <= 11
    assert {content[imei] for imei in content if imei in IMEIS} == {"Success"}
    if acted:
        assert removed(client) == set(IMEIS)
    else:
        unchanged = set(IMEIS) - removed(client)
        assert unchanged and unchanged <= missing
        # What the dialect leaves out by itself was removed.
        assert len(missing - unchanged) <= (rows == "missing")


@pytest.mark.parametrize("acted", [False, True])
def test_missing_row_of_reads(client_of, acted):
    client, _faults = with_faults(client_of, Fault("missing_row", acted=acted), accounts=LICENSED_ACCOUNT)
    for response in (client.devices(IMEIS), client.get(LICENSES)):
        assert 10 <= len(rows_of(response)) < 20
    assert rows_of(client.remove(IMEIS[:1])) == {}
    assert removed(client) == (set(IMEIS[:1]) if acted else set())


@pytest.mark.parametrize("reason_key", Dialect.CHOICES["reason_key"])
@pytest.mark.parametrize("acted", [False, True])
def test_unknown_status(client_of, acted, reason_key):
    client, _faults = with_faults(
        client_of,
        Fault("unknown_status", acted=acted),
        accounts=LICENSED_ACCOUNT,
        dialect=Dialect(reason_key=reason_key),
    )
    content = rows_of(client.remove(IMEIS))
    assert list(content) == IMEIS
    pending = {imei for imei, row in content.items() if row["status"] == "UpgradePending"}
    assert 1 <= len(pending) <= 10
    assert all(content[imei][reason_key].startswith("Upgrade pending, ") for imei in pending)
    assert {content[imei]["status"] for imei in set(IMEIS) - pending} == {"Success"}
    assert removed(client) == (set(IMEIS) if acted else set(IMEIS) - pending)


def test_the_client_cannot_know_whether_the_service_acted(client_of):
    content = []
    for acted in (False, True):
        fault = Fault("unknown_status", acted=acted)
        client, _faults = with_faults(client_of, fault, seed=3, accounts=LICENSED_ACCOUNT)
        rows = client.remove(IMEIS).json()["deviceList"]
        content.append([{key: row[key] for key in row if not key.endswith("Time")} for row in rows])
        assert {tuple(row) for row in rows} == {tuple(rows[0])}
    assert [row["status"] for row in content[0]] == [row["status"] for row in content[1]]


# Tokens


@pytest.mark.parametrize(("kind", "status"), [("expire_session", 400), ("expire_access", 401)])
def test_expire(client_of, kind, status):
    client, faults = with_faults(client_of, Fault(kind, times=1))
    assert client.access_token().status_code == 200
    assert faults.injected == []
    assert client.remove(REQUESTED).status_code == status
    assert client.remove(REQUESTED).status_code == status
    assert removed(client) == set()
    access_token, session_token = client.simulator.issue_tokens()
    client.headers.update({"Authorization": "Bearer " + access_token, "VZ-M2M-Token": session_token})
    assert client.remove(REQUESTED).status_code == 200
    assert [injected.number for injected in faults.injected] == [2]


@pytest.mark.parametrize("kind", ["expire_session", "expire_access"])
def test_expire_leaves_newer_tokens_alone(client_of, kind):
    client, _faults = with_faults(client_of, Fault(kind, times=1))
    stale = dict(client.headers, **{"VZ-M2M-Token": "stale", "Authorization": "Bearer stale"})
    assert client.call("POST", REMOVE, json={"deviceList": REQUESTED}, headers=stale).status_code == 401
    assert client.remove(REQUESTED).status_code == 200


def test_a_log_in_that_counts_though_nobody_hears_of_it(client_of):
    client, _faults = with_faults(client_of, Fault("reset", on="login", acted=True))
    with pytest.raises(requests.exceptions.ConnectionError):
        client.log_in(password="wrong")
    assert client.simulator.failed_logins(client.simulator.credentials.username) == 1
