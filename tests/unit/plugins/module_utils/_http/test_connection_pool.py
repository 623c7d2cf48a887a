# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which response belongs to a request, and which requests share a connection."""

from __future__ import annotations

import gc
import os
import socket
import ssl
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
import trustme

from ansible_collections.verizon.fota.plugins.module_utils._http.client import Client, Connection
from ansible_collections.verizon.fota.plugins.module_utils._http.messages import Request
from ansible_collections.verizon.fota.plugins.module_utils._http.transport_errors import TransportError
from ansible_collections.verizon.fota.tests.unit.plugins.module_utils.fake_server import (
    another_request,
    closing,
    resetting,
    sending,
    server,
    silent,
    tunnel,
)

PROXIES = ("https_proxy", "all_proxy", "no_proxy")
HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\nConnection: close\r\nContent-Length: 9\r\n\r\n"


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch):
    for name in (*PROXIES, *map(str.upper, PROXIES)):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(name="tls", scope="module")
def _tls():
    """Certificates for any server, which a client accepts with ``validate_certs=False``."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("localhost", "thingspace.example").configure_cert(context)
    return context


def final(body=b"{}", status=b"200 OK", headers=b""):
    return b"HTTP/1.1 %s\r\nContent-Length: %d\r\n%s\r\n%s" % (status, len(body), headers, body)


def in_turn(*contents, pause=0.0):
    """Send each of these in response to one request of the same connection; several as a list of pieces."""

    def reply(connection):
        for number, content in enumerate(contents):
            if number:
                another_request(connection)
            for piece in content if isinstance(content, list) else [content]:
                connection.sendall(piece)
                time.sleep(pause)
        another_request(connection)

    return reply


@contextmanager
def client_of(served, **connection):
    with Client(Connection(served.url, **{"timeout": 5, "validate_certs": False, **connection})) as client:
        yield client
    # Since urllib3 2, connections end with their pool, which errors refer to.
    gc.collect()


def bodies(served, count, **connection):
    with client_of(served, **connection) as client:
        return [client.exchange(Request("GET", served.url)).body for _number in range(count)]


def failure(client, served, at_most=None, **request):
    """Make an exchange that fails; return the message and fields of its error, which itself would keep connections open."""
    try:
        client.exchange(Request(**{"method": "GET", "url": served.url, **request}), at_most)
    except TransportError as error:
        return SimpleNamespace(message=str(error), **vars(error))
    raise AssertionError("it did not fail")


# Informational responses (1xx)


@pytest.mark.parametrize(
    "informational",
    [
        HINTS,
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"HTTP/1.1 102 Processing\r\n\r\n",
        b"HTTP/1.1 103\r\n\r\n",
        b"HTTP/1.0 199 Whatever\r\nX: y\r\n\r\n",
        HINTS * 50,
        b"HTTP/1.1 100 Continue\r\nA: b\r\n\r\n" + HINTS + b"HTTP/1.1 102 Processing\r\n\r\n" * 3,
    ],
    ids=["103", "100", "102", "without a reason", "HTTP/1.0", "many", "mixed"],
)
@pytest.mark.parametrize("pieces", [False, True])
def test_informational_responses_are_skipped_and_the_connection_is_kept(informational, pieces):
    def response(body):
        complete = [informational, final(body)]
        return complete if pieces else [b"".join(complete)]

    with server(in_turn(response(b"1"), response(b"2"), pause=0.01 * pieces)) as served:
        assert bodies(served, 2) == [b"1", b"2"]


def test_the_end_of_a_connection_after_an_informational_response_is_no_response():
    with server(sending(HINTS)) as served, pytest.raises(TransportError, match="lost the connection") as caught:
        bodies(served, 1)

    assert caught.value.sent


def test_a_switch_of_the_protocol_is_no_response_and_ends_the_connection():
    switched = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n" + final(b"late")
    with server(in_turn(switched), in_turn(final(b"other"))) as served, client_of(served) as client:
        error = failure(client, served)
        assert error.sent and error.message.endswith("switched to another protocol")
        assert client.exchange(Request("GET", served.url)).body == b"other"


def test_informational_responses_without_an_end_are_not_waited_for():
    def endless(connection):
        while True:
            connection.sendall(HINTS)
            time.sleep(0.02)

    begin = time.monotonic()
    with server(endless) as served, pytest.raises(TransportError, match="sent no response within 0.2 s") as caught:
        bodies(served, 1, timeout=0.2)

    assert caught.value.sent
    assert time.monotonic() - begin < 2


def test_a_proxy_may_send_informational_responses_before_its_tunnel_is_there(monkeypatch, tls):
    seen = []
    through = tunnel(tls, seen, sending(HINTS + final(b"1")))

    def way(connection):
        connection.sendall(HINTS)
        through(connection)

    with server(way) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        with Client(Connection("https://thingspace.example", validate_certs=False, timeout=5)) as client:
            assert client.exchange(Request("GET", "https://thingspace.example/")).body == b"1"
    assert len(seen) == 1


# Unrequested bytes


@pytest.mark.parametrize("before", [0, 100, 8192, 8200, 16384])
@pytest.mark.parametrize("encrypted", [False, True])
@pytest.mark.parametrize("late", [False, True])
def test_bytes_after_a_response_never_become_the_next_response(tls, late, encrypted, before):
    """``before``: the bytes before the unrequested ones. TLS delivers 16384 at once, of which 8192 are read first."""
    first = final(b"1", headers=b"X: " + b"x" * before + b"\r\n") if before else final(b"1")
    first = first.replace(b"x" * max(0, len(first) - before), b"", 1)
    unwanted = final(b"unwanted")
    responded, sent = threading.Event(), threading.Event()

    def careless(connection):
        connection.sendall(first if late else first + unwanted)
        if late:
            responded.wait(5)
            connection.sendall(unwanted)
        sent.set()
        another_request(connection)
        connection.sendall(final(b"2"))

    with server(careless, in_turn(final(b"2")), tls=tls if encrypted else None) as served, client_of(served) as client:
        assert client.exchange(Request("GET", served.url)).body == b"1"
        responded.set()
        sent.wait(5)
        assert client.exchange(Request("GET", served.url)).body == b"2"


# Fresh connections, and those that were used before


def lose(connection):
    """Respond to a request, and lose the next one of the same connection."""
    connection.sendall(final(b"1"))
    another_request(connection)


def test_a_request_that_wants_a_fresh_connection_gets_one_which_is_kept_afterwards():
    with server(in_turn(final(b"1")), in_turn(final(b"2"), final(b"3"))) as served, client_of(served) as client:
        requests = [Request("GET", served.url, fresh_connection=fresh) for fresh in (False, True, False)]
        assert [client.exchange(request).body for request in requests] == [b"1", b"2", b"3"]


def test_what_wants_a_fresh_connection_is_not_reused_when_it_is_lost():
    with server(resetting, lose) as served, client_of(served) as client:
        assert not failure(client, served, fresh_connection=True).reused
        assert client.exchange(Request("GET", served.url)).body == b"1"


@pytest.mark.parametrize("encrypted", [False, True])
@pytest.mark.parametrize(
    "ending",
    [
        closing,
        resetting,
        silent,
        sending(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"),
        sending(b"nonsense\r\n\r\n"),
        sending(final(b"", b"408 Request Timeout", b"Connection: close\r\n")),
        lambda connection: os.write(connection.fileno(), final(b"", b"408 Request Timeout")),
    ],
    ids=["closed", "reset", "silent", "cut", "not HTTP", "408", "408 in clear"],
)
def test_after_a_loss_on_a_reused_connection_none_is_reused(tls, ending, encrypted):
    def losing(connection):
        lose(connection)
        ending(connection)

    others = [in_turn(final(body)) for body in (b"2", b"3", b"4")]
    with server(losing, *others, tls=tls if encrypted else None) as served, client_of(served) as client:
        assert client.exchange(Request("POST", served.url)).body == b"1"
        error = failure(client, served, 0.3 if ending is silent else None)
        assert (error.sent, error.reused, error.permanent) == (True, True, False)
        # In other threads neither
        with ThreadPoolExecutor() as pool:
            found = [pool.submit(client.exchange, Request("GET", served.url)).result().body for _request in range(3)]
        assert found == [b"2", b"3", b"4"]


@pytest.mark.parametrize(
    ("headers", "version"), [(b"Connection: close\r\n", b"1.1"), (b"", b"1.0"), (b"Connection: keep-alive\r\n", b"1.0")]
)
def test_a_connection_that_is_not_kept_by_agreement_is_no_reused_one(headers, version):
    response = final(b"1", headers=headers).replace(b"HTTP/1.1", b"HTTP/" + version)
    kept = b"keep-alive" in headers
    first = in_turn(response, response) if kept else sending(response)
    with server(first, resetting, lose) as served, client_of(served) as client:
        assert client.exchange(Request("GET", served.url)).body == b"1"
        if kept:
            assert client.exchange(Request("GET", served.url)).body == b"1"
        else:
            assert not failure(client, served).reused


def test_a_connection_that_has_ended_meanwhile_is_no_reused_one():
    ended = threading.Event()

    def ending(connection):
        connection.sendall(final(b"1"))
        connection.shutdown(socket.SHUT_RDWR)
        ended.set()

    with server(ending, resetting) as served, client_of(served) as client:
        client.exchange(Request("GET", served.url))
        ended.wait(5)
        error = failure(client, served)

    assert (error.sent, error.reused) == (True, False)


def test_a_408_on_a_fresh_connection_is_the_response():
    with server(sending(final(b"late", b"408 Request Timeout"))) as served, client_of(served) as client:
        assert client.exchange(Request("GET", served.url)).status == 408


# Nothing was sent before the connection is open


@pytest.mark.parametrize("ending", [closing, resetting, silent])
@pytest.mark.parametrize("through", ["no proxy", "a proxy", "a tunnel"])
def test_what_breaks_before_the_connection_is_ready_was_never_sent(monkeypatch, ending, through):
    def way(connection):
        connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        connection.recv(1)
        ending(connection)

    with server(way if through == "a tunnel" else ending) as served:
        if through != "no proxy":
            monkeypatch.setenv("https_proxy", served.url)
        served.url = served.url.replace("http:", "https:")
        with client_of(served) as client:
            error = failure(client, served, 0.3 if ending is silent else None, method="POST")
    assert len(served.requests) == 1, "a hello, or a wish for a tunnel"
    assert (error.sent, error.permanent, error.reused) == (False, False, False)
    if ending is silent and through == "no proxy":
        assert error.message.endswith("accepted no connection within 0.3 s")
