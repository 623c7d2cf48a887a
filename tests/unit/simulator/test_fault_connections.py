# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults of connections: what the client receives, and what the service did."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import ssl
import struct
import threading
import time

import pytest
import requests
import trustme

from ansible_collections.verizon.fota.tests.simulator import (
    Fault,
    Faults,
    InjectedFault,
    Simulator,
)
from ansible_collections.verizon.fota.tests.simulator.fleets import default_account
from ansible_collections.verizon.fota.tests.unit.simulator.fault_helpers import (
    LICENSED,
    LICENSES,
    REMOVE,
    REQUESTED,
    address,
    removed,
    statuses,
    wait_for,
    with_faults,
)


def raw_removal(client, connection):
    """Send a removal as raw bytes."""
    body = json.dumps({"deviceList": REQUESTED})
    head = "".join("{}: {}\r\n".format(*item) for item in client.headers.items())
    request = f"POST /api{REMOVE} HTTP/1.1\r\nHost: x\r\n{head}Content-Length: {len(body)}\r\n\r\n{body}"
    connection.sendall(request.encode())


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
    assert faults.injected == [InjectedFault(Fault("reset", on="remove", acted=acted, times=1), REMOVE, 1)]
    assert client.remove(REQUESTED).status_code == 200


@pytest.mark.parametrize("acted", [False, True])
def test_hang_until_the_client_closes(client_of, acted):
    client, _faults = with_faults(client_of, Fault("hang", on="remove", acted=acted))
    before = threading.active_count()
    with pytest.raises(requests.exceptions.ReadTimeout):
        client.session.post(
            client.simulator.url + REMOVE, json={"deviceList": REQUESTED}, headers=client.headers, timeout=0.1
        )
    wait_for(lambda: threading.active_count() == before)
    assert removed(client) == (LICENSED if acted else set())
    assert statuses(client) == [None]


def trusting():
    """Return a client's context that accepts any certificate."""
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
    simulator = Simulator([default_account()], middleware=faults.middleware, ssl_context=context).start()
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
    """The kinds that use the connection directly, over https."""
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
            body = json.dumps({"deviceList": REQUESTED})
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
    # Without a length, some Python versions report an end without close_notify.
    with contextlib.suppress(ssl.SSLError):
        assert len(remove()) == 3_000_000


def test_slow(client_of):
    client, _faults = with_faults(client_of, Fault("slow", on="remove", acted=True, seconds=0.4))
    began = time.monotonic()
    response = client.call("POST", REMOVE, json={"deviceList": REQUESTED}, stream=True)
    pieces = list(response.raw.stream(1))
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
        response = http.client.HTTPResponse(connection)
        response.begin()
        length = int(response.getheader("Content-Length"))
        with pytest.raises(http.client.IncompleteRead) as caught:
            response.read()
    assert len(caught.value.partial) == {None: length // 2, 10**9: length - 1}.get(byte, byte)
    assert removed(client) == (LICENSED if acted else set())
    assert statuses(client) == [200]


def test_huge(client_of):
    client, _faults = with_faults(client_of, Fault("huge", times=2), Fault("huge", byte=300_000))
    response = client.call("POST", REMOVE, json={"deviceList": REQUESTED}, stream=True)
    assert "Content-Length" not in response.headers
    assert len(response.raw.read(5_000_000)) == 5_000_000
    response.close()
    with socket.create_connection(address(client.simulator), timeout=20) as connection:
        # The client reads nothing: the simulator keeps little in memory, and stops when the client closes.
        raw_removal(client, connection)
        wait_for(lambda: len(client.simulator.requests) == 2)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    assert len(client.remove(REQUESTED).content) == 300_000
    assert removed(client) == set()
    wait_for(lambda: statuses(client) == [200, 200, 200])
