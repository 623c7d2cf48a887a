# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Connections, threads, start and stop, the log."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
import trustme

from ansible_collections.verizon.fota.tests.simulator import Account, Device, Simulator
from ansible_collections.verizon.fota.tests.simulator.fleets import (
    ACCOUNT,
    DOCUMENT_IMEIS,
    default_account,
    fleet,
)
from ansible_collections.verizon.fota.tests.simulator.http_server import Connections
from ansible_collections.verizon.fota.tests.simulator.service import Service
from ansible_collections.verizon.fota.tests.simulator.settings import Settings

REMOVE = f"/fota/v3/licenses/{ACCOUNT}/remove"


def port_of(simulator):
    return int(simulator.origin.rsplit(":", 1)[1])


@pytest.fixture(name="tls")
def fixture_tls(tmp_path):
    """Return a server's context, and the certificate file of its authority."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    return context, str(tmp_path / "ca.pem")


# Start and stop


def test_stopping_frees_the_port_and_leaves_no_thread():
    before = set(threading.enumerate())
    simulator = Simulator([default_account()])
    simulator.start()
    port = port_of(simulator)
    # A persistent connection, one that never sends anything, and one in the middle of a request
    kept, silent, partial = (http.client.HTTPConnection("127.0.0.1", port) for _one in range(3))
    kept.request("GET", "/_simulator/ready")
    assert kept.getresponse().read()
    silent.connect()
    partial.connect()
    partial.sock.sendall(b"POST /api/x HTTP/1.1\r\nContent-Length: 10\r\n\r\n1")

    simulator.stop()

    assert set(threading.enumerate()) == before
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=5)
    with Simulator([default_account()], port=port) as second:
        assert port_of(second) == port
    for connection in (kept, silent, partial):
        connection.close()


@pytest.mark.parametrize("secure", [False, True])
def test_stopping_ends_requests_in_flight(client_of, tls, secure):
    client = client_of(latency=60, ssl_context=tls[0] if secure else None)
    client.session.verify = tls[1]
    with ThreadPoolExecutor() as pool:
        response = pool.submit(client.remove, list(DOCUMENT_IMEIS))
        while not client.simulator.requests:
            time.sleep(0.01)
        began = time.monotonic()
        client.simulator.stop()
        assert time.monotonic() - began < 10
        assert response.result().status_code == 200
    assert client.simulator.writes[0].status == 200


def test_a_port_in_use_is_an_error(client):
    with pytest.raises(OSError), Simulator([], port=port_of(client.simulator)):
        pass
    assert client.remove(list(DOCUMENT_IMEIS)).status_code == 200


def test_stop_and_start_again():
    simulator = Simulator([default_account()])
    for _round in range(3):
        with simulator:
            assert simulator.wait(0) is False
            ready = requests.get(simulator.origin + "/_simulator/ready", timeout=20)
            assert ready.json() == {"ready": True}
        simulator.stop()
    with simulator, pytest.raises(RuntimeError):
        simulator.start()
    with pytest.raises(RuntimeError):
        _never = Simulator([]).url


def test_a_connection_after_the_stop_is_not_read():
    connections = Connections()
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.settimeout(10)
        connections.end()
        connections.add(ours)
        assert ours.recv(1) == b""


# Connections


def test_a_connection_serves_many_requests_without_delay(client):
    connection = http.client.HTTPConnection("127.0.0.1", port_of(client.simulator))
    connection.connect()
    own = connection.sock
    body = json.dumps({"deviceList": list(DOCUMENT_IMEIS)})
    durations = []
    for _request in range(20):
        began = time.monotonic()
        connection.request("POST", "/api" + REMOVE, body, client.headers)
        response = connection.getresponse()
        assert response.version == 11
        assert response.status == 200 and response.read()
        durations.append(time.monotonic() - began)
    assert connection.sock is own
    # Nagle's algorithm costs 40 ms each.
    assert sorted(durations)[10] < 0.03
    connection.close()


def test_a_body_that_nobody_reads_does_not_become_the_next_request(client):
    for _request in range(3):
        response = client.call("POST", "/nothing", data=b"GET /x HTTP/1.1\r\n\r\n" * 1000)
        assert response.status_code == 404
    assert client.remove(list(DOCUMENT_IMEIS)).status_code == 200
    assert len(client.simulator.requests) == 4


def test_a_chunked_body(client):
    body = json.dumps({"deviceList": list(DOCUMENT_IMEIS)}).encode()

    responses = [client.call("POST", REMOVE, data=iter([body[:10], body[10:]])) for _again in range(2)]

    assert [response.status_code for response in responses] == [200, 200]
    assert client.simulator.writes[0].body == body


def test_a_request_that_is_cut_short_does_nothing(client):
    headers = "".join("{}: {}\r\n".format(*item) for item in client.headers.items())
    body = json.dumps({"deviceList": list(DOCUMENT_IMEIS)})
    with socket.create_connection(("127.0.0.1", port_of(client.simulator)), timeout=20) as cut:
        head = "POST /api%s HTTP/1.1\r\n%sContent-Length: %d\r\n\r\n"
        cut.sendall((head % (REMOVE, headers, len(body) + 1) + body).encode())
        cut.shutdown(socket.SHUT_WR)
        assert cut.recv(100) == b""

    assert client.simulator.removed == []
    assert client.simulator.requests == []


def test_tls(client_of, tls):
    context, authority = tls
    client = client_of(ssl_context=context)
    assert client.simulator.url.startswith("https://127.0.0.1:")
    # A client that never starts the handshake blocks no other.
    with socket.create_connection(("127.0.0.1", port_of(client.simulator)), timeout=20):
        client.session.verify = authority
        for _request in range(3):
            assert client.remove(list(DOCUMENT_IMEIS)).status_code == 200
        with pytest.raises(requests.exceptions.SSLError):
            client.call("POST", REMOVE, verify=True)
        client.simulator.stop()


# Threads


def test_many_threads_remove_each_license_once(client_of):
    devices = fleet(4000, seed=1)
    client = client_of([Account(ACCOUNT, devices=devices)])
    imeis = [device.imei for device in devices]
    batches = [imeis[start : start + 100] for start in range(0, 4000, 100)] * 2

    with ThreadPoolExecutor(16) as pool:
        responses = list(pool.map(client.remove, batches))

    done = [
        row["deviceId"] for response in responses for row in response.json()["deviceList"] if row["status"] == "Success"
    ]
    removed = [imei for _account, imei in client.simulator.removed]
    assert len(done) == len(set(done)) == len(removed)
    assert set(done) == set(removed)
    before = {device.imei for device in devices if device.licensed}
    assert client.simulator.licensed(ACCOUNT) == before - set(done)
    assert len(client.simulator.writes) == 80


def test_requests_in_flight_are_counted(client_of):
    client = client_of(latency=0.3)
    began = time.monotonic()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(client.remove, [list(DOCUMENT_IMEIS)] * 8))
    durations = time.monotonic() - began
    client.remove(list(DOCUMENT_IMEIS))

    counts = [logged.in_flight for logged in client.simulator.requests]

    # The delay is outside the lock: eight at a time wait no longer than one.
    assert 0.3 <= durations < 8 * 0.3
    assert counts[:8] == list(range(1, 9))
    assert counts[8] == 1


def test_calls_of_many_threads_do_not_mix():
    """Without HTTP, whose waits would separate the calls."""
    imeis = [f"{number:015d}" for number in range(1000)]
    devices = [Device(imei, licensed=True) for imei in imeis]
    service = Service([Account(ACCOUNT, devices=devices)], Settings())
    body = json.dumps({"deviceList": imeis}).encode()
    together = threading.Barrier(8)

    def remove(_call):
        together.wait(20)
        return service.remove(ACCOUNT, body)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as pool:
            responses = list(pool.map(remove, range(8)))
    finally:
        sys.setswitchinterval(interval)

    counts = [sum(row["status"] == "Success" for row in response["deviceList"]) for response in responses]
    assert sorted(counts) == [0] * 7 + [1000]
    assert [response["licUsedCount"] for response in responses] == [0] * 8
    assert len(service.removed()) == 1000


# Log


def test_the_log(client):
    client.remove(list(DOCUMENT_IMEIS))
    client.get(f"/licenses/{ACCOUNT}/index/0?x=%20y")
    client.call("POST", "/fota/v3/devices/" + ACCOUNT, data=b"no json")
    client.session.get(client.simulator.origin + "/_simulator/ready", timeout=20)

    write, read, bad = client.simulator.requests

    assert (write.method, write.path, write.status) == ("POST", REMOVE, 200)
    assert write.json == {"deviceList": list(DOCUMENT_IMEIS)}
    assert json.loads(write.body) == write.json
    assert write.headers["vz-m2m-token"] == client.headers["VZ-M2M-Token"]
    assert write.headers["Content-Type"] == "application/json"
    assert (read.method, read.path) == ("GET", f"/fota/v3/licenses/{ACCOUNT}/index/0?x=%20y")
    assert read.json is None
    assert (bad.status, bad.body, bad.json) == (400, b"no json", None)
    assert client.simulator.writes == [write]


def test_middleware(client_of):
    """What faults need: fail before or after the service acted, cut a response."""

    def middleware(app):
        def wrapped(environ, start_response):
            how = environ.get("HTTP_X_FAULT")
            if how == "before":
                raise ConnectionResetError
            if how == "instead":
                start_response("503 Service Unavailable", [("Content-Type", "text/html")])
                return [b"<html>"]
            response = app(environ, start_response)
            if how == "after":
                raise ConnectionResetError
            return [b"".join(response)[:20]] if how == "cut" else response

        return wrapped

    client = client_of(middleware=middleware)

    def remove(imei, fault):
        headers = dict(client.headers, **{"X-Fault": fault})
        return client.call("POST", REMOVE, json={"deviceList": [imei]}, headers=headers)

    first, second, _third = DOCUMENT_IMEIS
    with pytest.raises(requests.exceptions.ConnectionError):
        remove(first, "before")
    assert client.simulator.removed == []
    assert remove(first, "instead").text == "<html>"
    assert client.simulator.removed == []
    with pytest.raises(requests.exceptions.ConnectionError):
        remove(first, "after")
    assert client.simulator.removed == [(ACCOUNT, first)]
    began = time.monotonic()
    with pytest.raises(requests.exceptions.RequestException):
        remove(second, "cut")
    assert time.monotonic() - began < 10
    assert client.simulator.removed == [(ACCOUNT, first), (ACCOUNT, second)]
    assert remove(first, "none").json()["deviceList"][0]["status"] == "Failure"
    statuses = [logged.status for logged in client.simulator.requests]
    assert statuses == [None, 503, None, 200, 200]
