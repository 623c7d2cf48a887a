# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults: what the client sees, what the service did, and which requests meet them."""

from __future__ import annotations

import contextlib
import http.client
import json
import pathlib
import signal
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from email.utils import parsedate_to_datetime

import pytest
import requests
import trustme

from ansible_collections.verizon.fota.tests import simulator as package
from ansible_collections.verizon.fota.tests.simulator import (
    Account,
    Device,
    Dialect,
    Fault,
    Faults,
    Injected,
    Simulator,
)
from ansible_collections.verizon.fota.tests.simulator import __main__ as main
from ansible_collections.verizon.fota.tests.simulator.fault_kinds import parse_fault
from ansible_collections.verizon.fota.tests.simulator.fleets import ACCOUNT, DOCUMENT_IMEIS, default_account

REMOVE = f"/fota/v3/licenses/{ACCOUNT}/remove"
LICENSES = f"/licenses/{ACCOUNT}/index/0"
IMEIS = [f"99000000000{number:04d}" for number in range(20)]
ASKED = list(DOCUMENT_IMEIS)
LICENSED = set(DOCUMENT_IMEIS[:2])

OF_LICENSED = [Account(ACCOUNT, devices=[Device(imei, licensed=True) for imei in IMEIS])]


def with_faults(client_of, *faults, seed=0, accounts=None, **options):
    schedule = Faults(faults, seed=seed)
    return client_of(accounts, around=schedule.around, **options), schedule


def removed(client):
    return {imei for _account, imei in client.simulator.removed}


def statuses(client):
    return [logged.status for logged in client.simulator.requests]


def rows_of(answer):
    return {row["deviceId"]: row for row in answer.json()["deviceList"]}


def address(simulator):
    return "127.0.0.1", int(simulator.origin.rsplit(":", 1)[1])


def wait_for(condition):
    until = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.005)


def raw_removal(client, connection):
    """Send a removal by hand."""
    body = json.dumps({"deviceList": ASKED})
    head = "".join("{}: {}\r\n".format(*item) for item in client.headers.items())
    request = f"POST /api{REMOVE} HTTP/1.1\r\nHost: x\r\n{head}Content-Length: {len(body)}\r\n\r\n{body}"
    connection.sendall(request.encode())


# Connections


@pytest.mark.parametrize("acted", [False, True])
def test_reset(client_of, acted):
    client, faults = with_faults(client_of, Fault("reset", on="remove", acted=acted, times=1))
    with socket.create_connection(address(client.simulator), timeout=20) as connection:
        raw_removal(client, connection)
        # An end with FIN would be b"".
        with pytest.raises(ConnectionResetError):
            connection.recv(1)

    assert removed(client) == (LICENSED if acted else set())
    assert statuses(client) == [None]
    assert faults.injected == [Injected(Fault("reset", on="remove", acted=acted, times=1), REMOVE, 1)]
    assert client.remove(ASKED).status_code == 200


@pytest.mark.parametrize("acted", [False, True])
def test_hang_until_the_client_closes(client_of, acted):
    client, _faults = with_faults(client_of, Fault("hang", on="remove", acted=acted))
    before = threading.active_count()
    with pytest.raises(requests.exceptions.ReadTimeout):
        client.session.post(
            client.simulator.url + REMOVE, json={"deviceList": ASKED}, headers=client.headers, timeout=0.1
        )
    wait_for(lambda: threading.active_count() == before)
    assert removed(client) == (LICENSED if acted else set())
    assert statuses(client) == [None]


def trusting():
    """A client's context that believes any certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def server_context():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    return context


@pytest.mark.parametrize("secure", [False, True])
@pytest.mark.parametrize("kind", ["hang", "slow", "huge"])
def test_stopping_ends_what_takes_long(kind, secure):
    threads = set(threading.enumerate())
    context = server_context() if secure else None
    faults = Faults([Fault(kind, acted=kind == "slow", seconds=600)])
    simulator = Simulator([default_account()], around=faults.around, ssl_context=context).start()
    port = address(simulator)[1]
    connections = []
    for _one in range(4):
        connection = http.client.HTTPConnection("127.0.0.1", port)
        if secure:
            connection = http.client.HTTPSConnection("127.0.0.1", port, context=trusting())
        connection.request("GET", "/api/fota/v3" + LICENSES)
        connections.append(connection)
    wait_for(lambda: len(faults.injected) == 4)
    time.sleep(0.1)

    began = time.monotonic()
    simulator.stop()

    assert time.monotonic() - began < 1
    assert set(threading.enumerate()) == threads
    for connection in connections:
        connection.close()


def test_tls(client_of):
    """The kinds that handle the connection themselves, over https."""
    client, _faults = with_faults(
        client_of,
        Fault("reset", on="remove", acted=True, times=1),
        Fault("cut", on="remove", acted=True, times=1),
        Fault("slow", on="remove", acted=True, times=1, seconds=0.1),
        Fault("huge", on="remove", byte=3_000_000),
        ssl_context=server_context(),
    )

    def remove():
        connection = http.client.HTTPSConnection(*address(client.simulator), context=trusting(), timeout=20)
        try:
            body = json.dumps({"deviceList": ASKED})
            connection.request("POST", "/api" + REMOVE, body, client.headers)
            return connection.getresponse().read()
        finally:
            connection.close()

    with pytest.raises(ConnectionResetError):
        remove()
    assert removed(client) == LICENSED
    # Either is how http.client says that the body was short, depending on Python.
    with pytest.raises((http.client.IncompleteRead, ssl.SSLError)):
        remove()
    assert len(json.loads(remove())["deviceList"]) == 3
    # Without a length, the end without a farewell is an error to some.
    with contextlib.suppress(ssl.SSLError):
        assert len(remove()) == 3_000_000


def test_slow(client_of):
    client, _faults = with_faults(client_of, Fault("slow", on="remove", acted=True, seconds=0.4))
    began = time.monotonic()
    answer = client.call("POST", REMOVE, json={"deviceList": ASKED}, stream=True)
    pieces = list(answer.raw.stream(1))
    assert 0.35 < time.monotonic() - began < 3
    assert [row["status"] for row in json.loads(b"".join(pieces))["deviceList"]] == ["Success", "Success", "Failure"]
    assert removed(client) == LICENSED
    wait_for(lambda: statuses(client) == [200])


@pytest.mark.parametrize("byte", [None, 0, 1, 20, 10**9])
@pytest.mark.parametrize("acted", [False, True])
def test_cut(client_of, acted, byte):
    client, _faults = with_faults(client_of, Fault("cut", on="remove", acted=acted, byte=byte))
    with socket.create_connection(address(client.simulator), timeout=20) as connection:
        raw_removal(client, connection)
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        length = int(answer.getheader("Content-Length"))
        with pytest.raises(http.client.IncompleteRead) as caught:
            answer.read()
    assert len(caught.value.partial) == {None: length // 2, 10**9: length - 1}.get(byte, byte)
    assert removed(client) == (LICENSED if acted else set())
    assert statuses(client) == [200]


def test_huge(client_of):
    client, _faults = with_faults(client_of, Fault("huge", times=2), Fault("huge", byte=300_000))
    answer = client.call("POST", REMOVE, json={"deviceList": ASKED}, stream=True)
    assert "Content-Length" not in answer.headers
    assert len(answer.raw.read(5_000_000)) == 5_000_000
    answer.close()
    with socket.create_connection(address(client.simulator), timeout=20) as connection:
        # Nobody reads: the service does not fill its memory, and ends when the client does.
        raw_removal(client, connection)
        wait_for(lambda: len(client.simulator.requests) == 2)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    assert len(client.remove(ASKED).content) == 300_000
    assert removed(client) == set()
    wait_for(lambda: statuses(client) == [200, 200, 200])


# Answers that are not the service's


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
def test_answers_in_place_of_the_services(client_of, fault, status, content_type, text, acted):
    values = dict(vars(fault), acted=acted, on="remove")
    client, faults = with_faults(client_of, Fault(**values))

    answer = client.call("POST", REMOVE, json={"deviceList": ASKED}, allow_redirects=False)

    assert (answer.status_code, answer.headers["Content-Type"].split(";")[0]) == (status, content_type)
    assert text in answer.text and bool(text) == bool(answer.text)
    assert removed(client) == (LICENSED if acted else set())
    assert statuses(client) == [status]
    assert [injected.fault.kind for injected in faults.injected] == [fault.kind]
    assert client.get(LICENSES).status_code == 200


def test_throttled_in_the_dialect_of_numbers(client_of):
    client, _faults = with_faults(client_of, Fault("throttled", code="900803"), dialect=Dialect(fault_code="number"))
    assert client.get(LICENSES).json()["fault"]["code"] == 900803


@pytest.mark.parametrize("header_case", Fault.HEADER_CASES)
@pytest.mark.parametrize("kind", ["throttled", "status", "html"])
def test_retry_after(client_of, kind, header_case):
    client, _faults = with_faults(client_of, Fault(kind, retry_after="soon; 1", header_case=header_case))
    answer = client.get(LICENSES)
    assert {name: value for name, value in answer.headers.items() if name.lower() == "retry-after"} == {
        header_case: "soon; 1"
    }


@pytest.mark.parametrize("seconds", [7200, -7200])
def test_retry_after_a_date(client_of, seconds):
    client, _faults = with_faults(client_of, Fault("throttled", retry_after=f"date:{seconds}"))
    answer = client.get(LICENSES)
    ahead = parsedate_to_datetime(answer.headers["Retry-After"]).timestamp() - time.time()
    assert abs(ahead - seconds) < 5


def test_redirect(client_of):
    client, _faults = with_faults(client_of, Fault("redirect", status=307, location="http://127.0.0.1:1/x"))
    answer = client.call("GET", "/x", allow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (307, "http://127.0.0.1:1/x")


def test_echo(client_of):
    client, _faults = with_faults(client_of, Fault("echo"))
    message = client.remove(ASKED).json()["errorMessage"]
    assert client.headers["Authorization"] in message
    assert client.headers["VZ-M2M-Token"] in message
    assert "\x1b[31m\x00" in message and "\r\n" in message
    assert "Basic " in client.access_token().json()["errorMessage"]


# The service's answers, distorted


@pytest.mark.parametrize("kind", ["bom", "gzip"])
def test_answers_that_must_be_understood(client_of, kind):
    client, _faults = with_faults(client_of, Fault(kind, acted=True))
    answer = client.remove(ASKED)
    assert (answer.headers.get("Content-Encoding") == "gzip") == (kind == "gzip")
    assert answer.content.startswith(b"\xef\xbb\xbf") == (kind == "bom")
    told = json.loads(answer.content.decode("utf-8-sig"))
    assert [row["status"] for row in told["deviceList"]] == ["Success", "Success", "Failure"]
    assert removed(client) == LICENSED
    assert client.access_token().content and client.log_in().status_code == 200


@pytest.mark.parametrize("acted", [False, True])
def test_malformed(client_of, acted):
    client, _faults = with_faults(client_of, Fault("malformed", on="remove", acted=acted))
    text = client.remove(ASKED).text
    with pytest.raises(ValueError, match="delimiter"):
        json.loads(text)
    assert '"accountName": "0642233522-00001"\n  "licTotalCount": 9000\n' in text
    assert text.count('"Success"') == (4 if acted else 0)
    assert removed(client) == (LICENSED if acted else set())


def test_malformed_without_members(client_of):
    client, _faults = with_faults(client_of, Fault("malformed", acted=True), dialect=Dialect(list_endpoint="403"))
    assert client.get(f"/reports/{ACCOUNT}/devices/{ASKED[0]}").text == "["
    # XML
    assert client.get(LICENSES).text.endswith("</am:fault")
    assert client.log_in().text.count("}") == 0


@pytest.mark.parametrize("acted", [False, True])
def test_list(client_of, acted):
    client, _faults = with_faults(client_of, Fault("list", on="remove", acted=acted))
    (told,) = client.remove(ASKED).json()
    assert [row["deviceId"] for row in told["deviceList"]] == ASKED
    assert ("Success" in [row["status"] for row in told["deviceList"]]) == acted
    assert removed(client) == (LICENSED if acted else set())


@pytest.mark.parametrize("acted", [False, True])
def test_null_list(client_of, acted):
    client, _faults = with_faults(client_of, Fault("null_list", acted=acted))
    assert client.remove(ASKED).json()["deviceList"] is None
    assert client.devices(ASKED).json()["deviceList"] is None
    assert client.get(LICENSES).json()["deviceList"] is None
    assert removed(client) == (LICENSED if acted else set())
    # Without rows, an answer stays as it is.
    assert client.remove([]).json()["errorMessage"] == "Device list is empty"
    assert client.call("POST", REMOVE, data=b"no JSON").json()["errorCode"] == "INVALID_PARAMETER"


@pytest.mark.parametrize("rows", Dialect.CHOICES["rows"])
@pytest.mark.parametrize("id_type", Dialect.CHOICES["id_type"])
@pytest.mark.parametrize("acted", [False, True])
def test_missing_row(client_of, acted, id_type, rows):
    client, _faults = with_faults(
        client_of,
        Fault("missing_row", on="remove", acted=acted),
        accounts=OF_LICENSED,
        dialect=Dialect(id_type=id_type, rows=rows),
    )
    told = {str(imei).zfill(15): row["status"] for imei, row in rows_of(client.remove(IMEIS)).items()}
    missing = set(IMEIS) - set(told)
    assert 1 <= len(missing) <= 11
    assert {told[imei] for imei in told if imei in IMEIS} == {"Success"}
    if acted:
        assert removed(client) == set(IMEIS)
    else:
        spared = set(IMEIS) - removed(client)
        assert spared and spared <= missing
        # What the dialect leaves out by itself was removed.
        assert len(missing - spared) <= (rows == "missing")


@pytest.mark.parametrize("acted", [False, True])
def test_missing_row_of_reads(client_of, acted):
    client, _faults = with_faults(client_of, Fault("missing_row", acted=acted), accounts=OF_LICENSED)
    for answer in (client.devices(IMEIS), client.get(LICENSES)):
        assert 10 <= len(rows_of(answer)) < 20
    assert rows_of(client.remove(IMEIS[:1])) == {}
    assert removed(client) == (set(IMEIS[:1]) if acted else set())


@pytest.mark.parametrize("reason_key", Dialect.CHOICES["reason_key"])
@pytest.mark.parametrize("acted", [False, True])
def test_unknown_status(client_of, acted, reason_key):
    client, _faults = with_faults(
        client_of, Fault("unknown_status", acted=acted), accounts=OF_LICENSED, dialect=Dialect(reason_key=reason_key)
    )
    told = rows_of(client.remove(IMEIS))
    assert list(told) == IMEIS
    pending = {imei for imei, row in told.items() if row["status"] == "UpgradePending"}
    assert 1 <= len(pending) <= 10
    assert all(told[imei][reason_key].startswith("Upgrade pending, ") for imei in pending)
    assert {told[imei]["status"] for imei in set(IMEIS) - pending} == {"Success"}
    assert removed(client) == (set(IMEIS) if acted else set(IMEIS) - pending)


def test_the_client_cannot_tell_whether_the_service_acted(client_of):
    told = []
    for acted in (False, True):
        fault = Fault("unknown_status", acted=acted)
        client, _faults = with_faults(client_of, fault, seed=3, accounts=OF_LICENSED)
        rows = client.remove(IMEIS).json()["deviceList"]
        told.append([{key: row[key] for key in row if not key.endswith("Time")} for row in rows])
        assert {tuple(row) for row in rows} == {tuple(rows[0])}
    assert [row["status"] for row in told[0]] == [row["status"] for row in told[1]]


# Tokens


@pytest.mark.parametrize(("kind", "status"), [("expire_session", 400), ("expire_access", 401)])
def test_expire(client_of, kind, status):
    client, faults = with_faults(client_of, Fault(kind, times=1))
    assert client.access_token().status_code == 200
    assert faults.injected == []
    assert client.remove(ASKED).status_code == status
    assert client.remove(ASKED).status_code == status
    assert removed(client) == set()
    access_token, session_token = client.simulator.issue_tokens()
    client.headers.update({"Authorization": "Bearer " + access_token, "VZ-M2M-Token": session_token})
    assert client.remove(ASKED).status_code == 200
    assert [injected.number for injected in faults.injected] == [2]


@pytest.mark.parametrize("kind", ["expire_session", "expire_access"])
def test_expire_leaves_newer_tokens_alone(client_of, kind):
    client, _faults = with_faults(client_of, Fault(kind, times=1))
    stale = dict(client.headers, **{"VZ-M2M-Token": "stale", "Authorization": "Bearer stale"})
    assert client.call("POST", REMOVE, json={"deviceList": ASKED}, headers=stale).status_code == 401
    assert client.remove(ASKED).status_code == 200


def test_a_log_in_that_counts_though_nobody_hears_of_it(client_of):
    client, _faults = with_faults(client_of, Fault("reset", on="log_in", acted=True))
    with pytest.raises(requests.exceptions.ConnectionError):
        client.log_in(password="wrong")
    assert client.simulator.failed_log_ins(client.simulator.credentials.username) == 1


# Which requests meet them


@pytest.mark.parametrize("on", Fault.ON)
def test_on(client_of, on):
    client, faults = with_faults(client_of, Fault("throttled", on=on))
    calls = {
        "token": client.access_token,
        "log_in": client.log_in,
        "remove": lambda: client.remove(ASKED),
        "devices": lambda: client.devices(ASKED),
        "licenses": lambda: client.get(LICENSES),
        "history": lambda: client.get(f"/reports/{ACCOUNT}/devices/{ASKED[0]}"),
        "subscription": lambda: client.get(f"/subscriptions/{ACCOUNT}"),
        "log_out": lambda: client.call("POST", "/m2m/v1/session/logout"),
    }
    seen = {}
    for name, call in calls.items():
        seen[name] = call().status_code
        client.headers["VZ-M2M-Token"] = client.simulator.issue_tokens()[1]
    assert {name for name, status in seen.items() if status == 429} == (set(calls) if on == "*" else {on})
    assert len(faults.injected) == (len(calls) if on == "*" else 1)
    assert set(seen.values()) <= {200, 429}


def test_the_query_form_of_licenses(client_of):
    client, faults = with_faults(client_of, Fault("empty", on="licenses"), dialect=Dialect(list_path="query"))
    assert client.get(f"/licenses/{ACCOUNT}?lastSeenDeviceId=0").text == ""
    assert faults.injected[0].path == f"/fota/v3/licenses/{ACCOUNT}?lastSeenDeviceId=0"


def test_times_skip_and_order(client_of):
    client, faults = with_faults(
        client_of,
        Fault("status", on="licenses", status=503, skip=1, times=2),
        Fault("throttled", skip=2, times=1),
    )
    seen = [client.get(LICENSES).status_code for _request in range(6)]
    # The second fault does not count what met the first.
    assert seen == [200, 503, 503, 200, 429, 200]
    assert [injected.number for injected in faults.injected] == [2, 3, 5]
    client.simulator.reset()
    assert faults.injected == []
    access_token, session_token = client.simulator.issue_tokens()
    client.headers.update({"Authorization": "Bearer " + access_token, "VZ-M2M-Token": session_token})
    assert [client.get(LICENSES).status_code for _request in range(6)] == seen


def test_probability_is_reproducible(client_of):
    def seen(seed):
        faults = [
            Fault("throttled", on="licenses", probability=0.3),
            Fault("missing_row", on="devices", acted=True, probability=0.8),
        ]
        client, schedule = with_faults(client_of, *faults, seed=seed, accounts=OF_LICENSED)
        told = []
        for _request in range(20):
            told.append(client.get(LICENSES).status_code)
            told.append(tuple(rows_of(client.devices(IMEIS))))
        return told, [(one.fault.kind, one.number) for one in schedule.injected]

    first, second, other = seen(7), seen(7), seen(8)
    assert first == second != other
    kinds = [kind for kind, _number in first[1]]
    assert 1 <= kinds.count("throttled") <= 14
    assert 8 <= kinds.count("missing_row") < 20


def test_never_and_nothing(client_of):
    client, faults = with_faults(client_of, Fault("reset", probability=0))
    assert client.get(LICENSES).status_code == 200
    assert faults.injected == []
    nothing = Faults.nothing()
    client = client_of(around=nothing.around)
    assert client.remove(ASKED).status_code == 200
    assert (nothing.injected, nothing.faults) == ([], ())


def test_threads(client_of):
    client, faults = with_faults(
        client_of,
        Fault("throttled", times=7),
        Fault("reset", on="remove", acted=True, times=3),
        accounts=OF_LICENSED,
    )

    def remove(imei):
        try:
            return requests.post(
                client.simulator.url + REMOVE, json={"deviceList": [imei]}, headers=client.headers, timeout=20
            ).status_code
        except requests.exceptions.ConnectionError:
            return None

    with ThreadPoolExecutor(8) as pool:
        seen = list(pool.map(remove, IMEIS))

    assert (seen.count(429), seen.count(None), seen.count(200)) == (7, 3, 10)
    assert len(removed(client)) == 13
    assert sorted(injected.number for injected in faults.injected) == list(range(1, 11))
    logged = statuses(client)
    assert (logged.count(429), logged.count(None), logged.count(200)) == (7, 3, 10)


@pytest.mark.parametrize("combination", Fault.COMBINATIONS, ids=str)
def test_every_combination(client_of, combination):
    """Each call under each fault that can meet it: no crash, and a service that stays well."""
    kind, on, acted = combination
    more = {"byte": 1000} if kind == "huge" else {}
    client, faults = with_faults(client_of, Fault(kind, on, acted, seconds=0.02, **more))
    calls = [
        ("POST", "/ts/v1/oauth2/token", {"data": {"grant_type": "client_credentials"}}),
        ("POST", "/m2m/v1/session/login", {"json": {}}),
        ("POST", REMOVE, {"json": {"deviceList": ASKED}}),
        ("POST", f"/fota/v3/devices/{ACCOUNT}", {"json": {"deviceList": ASKED}}),
        ("GET", "/fota/v3" + LICENSES, {}),
        ("GET", f"/fota/v3/reports/{ACCOUNT}/devices/{ASKED[0]}", {}),
        ("GET", f"/fota/v3/subscriptions/{ACCOUNT}", {}),
        ("POST", "/m2m/v1/session/logout", {}),
    ]
    for method, path, body in calls:
        url = client.simulator.url + path
        try:
            client.session.request(
                method,
                url,
                headers=client.headers,
                timeout=0.05 if kind == "hang" else 20,
                allow_redirects=False,
                **body,
            )
        except requests.exceptions.RequestException:
            assert kind in ("reset", "hang", "cut")
    assert faults.injected
    assert {injected.fault.kind for injected in faults.injected} == {kind}
    if acted or (on not in ("remove", "*") and not kind.startswith("expire")):
        assert removed(client) == LICENSED
    elif kind in ("missing_row", "unknown_status"):
        # All devices but one to half of them
        assert len(set(ASKED) - removed(client)) in (1, 2)
    elif on in ("remove", "*"):
        assert removed(client) == set()
    assert client.session.get(client.simulator.origin + "/_simulator/ready", timeout=20).status_code == 200


# What makes no sense


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"kind": "fire"}, "kind: 'fire' is none of reset, "),
        ({"kind": "reset", "on": "revoke"}, "on: "),
        ({"kind": "reset", "header_case": "Retry-after"}, "header_case: "),
        ({"kind": "status", "body": "long"}, "body: "),
        ({"kind": "html", "body": "empty"}, "body: for status only"),
        ({"kind": "throttled", "code": 900808}, "code: "),
        ({"kind": "bom"}, "bom with on=\\* and acted=False makes no sense"),
        ({"kind": "expire_session", "acted": True}, "makes no sense"),
        ({"kind": "expire_session", "on": "log_in"}, "makes no sense"),
        ({"kind": "expire_access", "on": "token"}, "makes no sense"),
        ({"kind": "unknown_status", "on": "devices"}, "makes no sense"),
        ({"kind": "cut", "on": "log_in"}, "makes no sense"),
        ({"kind": "list", "on": "history", "acted": True}, "makes no sense"),
        ({"kind": "reset", "probability": 1.1}, "probability: "),
        ({"kind": "reset", "times": 0}, "times: "),
        ({"kind": "reset", "skip": -1}, "skip: "),
        ({"kind": "slow", "acted": True, "seconds": -1}, "seconds: "),
        ({"kind": "cut", "byte": -1}, "byte: "),
        ({"kind": "reset", "byte": 1}, "byte: for cut and huge only"),
        ({"kind": "reset", "retry_after": "1"}, "retry_after: for html, status, throttled only"),
        ({"kind": "throttled", "retry_after": "date:soon"}, "retry_after: date: and whole seconds"),
        ({"kind": "reset", "status": 500}, "status: for "),
        ({"kind": "status", "status": 200}, "status: 400 to 599 for status"),
    ],
)
def test_refused(values, message):
    with pytest.raises(ValueError, match=message):
        Fault(**values)


def test_kinds_are_in_combinations():
    assert {kind for kind, _on, _acted in Fault.COMBINATIONS} == set(Fault.KINDS)
    for kind, on, acted in Fault.COMBINATIONS:
        Fault(kind, on, acted)


# From outside


def test_parse():
    text = "kind=cut,on=remove,acted=true,times=2,byte=7,probability=0.5,skip=1"
    assert parse_fault(text) == Fault("cut", on="remove", acted=True, times=2, byte=7, probability=0.5, skip=1)
    assert parse_fault("kind=throttled,code=900801,retry_after=date:5,status=503") == Fault(
        "throttled", code="900801", retry_after="date:5", status=503
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "fault: "),
        ("on=remove", "kind=… is required"),
        ("kind=reset,colour=red", "'colour' is none of"),
        ("kind=reset,acted=maybe", "acted: "),
        ("kind=reset,times=two", "times: "),
        ("kind=cut,on=log_in", "makes no sense"),
    ],
)
def test_parse_refuses(text, message):
    with pytest.raises(ValueError, match=message):
        parse_fault(text)


def test_control_lists_what_was_injected(client_of):
    client, faults = with_faults(client_of, Fault("status", on="licenses", status=503, times=1))
    client.remove(ASKED)
    client.get(LICENSES)
    url = client.simulator.origin + "/_simulator/"
    (told,) = client.session.get(url + "faults", timeout=20).json()
    assert (told["path"], told["number"]) == ("/fota/v3" + LICENSES, 2)
    assert Fault(**told["fault"]) == faults.faults[0]
    client.session.post(url + "reset", timeout=20)
    assert client.session.get(url + "faults", timeout=20).json() == []


def test_control_without_a_schedule(client):
    assert client.session.get(client.simulator.origin + "/_simulator/faults", timeout=20).json() == []


def test_command_line():
    command = [sys.executable, "-B", "-m", "tests.simulator", "--port", "0", "--fault-seed", "7"]
    command += ["--fault", "kind=throttled,on=licenses,times=1,retry_after=3", "--fault", "kind=empty,on=licenses"]
    root = str(pathlib.Path(package.__file__).parents[2])
    process = subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, universal_newlines=True)
    try:
        url = process.stdout.readline().split()[0]
        answers = [requests.get(f"{url}/fota/v3{LICENSES}", timeout=20) for _request in range(2)]
        assert [(answer.status_code, answer.headers.get("Retry-After")) for answer in answers] == [
            (429, "3"),
            (200, None),
        ]
        told = requests.get(url[: -len("/api")] + "/_simulator/faults", timeout=20).json()
        assert [one["fault"]["kind"] for one in told] == ["throttled", "empty"]
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("fault", ["kind=fire", "reset", "kind=reset,times=0"])
def test_command_line_refuses(fault, capsys):
    with pytest.raises(SystemExit) as ended:
        main.main(["--fault", fault])
    assert ended.value.code == 2
    assert "error: " in capsys.readouterr().err
