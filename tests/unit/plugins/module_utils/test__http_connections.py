# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which response is that of a request, and which requests share a connection."""

from __future__ import annotations

import ssl
import time

import pytest
import trustme

from ansible_collections.verizon.fota.plugins.module_utils._http import Client, Connection, NoAnswer, Request
from ansible_collections.verizon.fota.tests.unit.plugins.module_utils.fake_server import (
    another_request,
    saying,
    server,
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
    """Certificates for any server, which a client accepts with C(validate_certs=False)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("localhost", "thingspace.example").configure_cert(context)
    return context


def final(body=b"{}", status=b"200 OK", headers=b""):
    return b"HTTP/1.1 %s\r\nContent-Length: %d\r\n%s\r\n%s" % (status, len(body), headers, body)


def in_turn(*contents, pause=0.0):
    """Send each of these in answer to one request of the same connection; several as a list of pieces."""

    def reply(connection):
        for number, content in enumerate(contents):
            if number:
                another_request(connection)
            for piece in content if isinstance(content, list) else [content]:
                connection.sendall(piece)
                time.sleep(pause)
        another_request(connection)

    return reply


def client_of(served, **connection):
    return Client(Connection(served.url, **{"timeout": 5, "validate_certs": False, **connection}))


def bodies(served, count, **connection):
    with client_of(served, **connection) as client:
        return [client.exchange(Request("GET", served.url)).body for _number in range(count)]


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
    def answer(body):
        whole = [informational, final(body)]
        return whole if pieces else [b"".join(whole)]

    with server(in_turn(answer(b"1"), answer(b"2"), pause=0.01 * pieces)) as served:
        assert bodies(served, 2) == [b"1", b"2"]


def test_the_end_of_a_connection_after_an_informational_response_is_no_response():
    with server(saying(HINTS)) as served, pytest.raises(NoAnswer, match="lost the connection") as caught:
        bodies(served, 1)

    assert caught.value.sent


def test_a_switch_of_the_protocol_is_no_response_and_ends_the_connection():
    switched = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n" + final(b"late")
    with server(in_turn(switched), in_turn(final(b"other"))) as served, client_of(served) as client:
        with pytest.raises(NoAnswer, match="switched to another protocol") as caught:
            client.exchange(Request("GET", served.url))
        assert caught.value.sent
        assert client.exchange(Request("GET", served.url)).body == b"other"


def test_informational_responses_without_an_end_are_not_waited_for():
    def endless(connection):
        while True:
            connection.sendall(HINTS)
            time.sleep(0.02)

    begin = time.monotonic()
    with server(endless) as served, pytest.raises(NoAnswer, match="gave no answer within 0.2 s") as caught:
        bodies(served, 1, timeout=0.2)

    assert caught.value.sent
    assert time.monotonic() - begin < 2


def test_a_proxy_may_send_informational_responses_before_its_tunnel_is_there(monkeypatch, tls):
    seen = []
    through = tunnel(tls, seen, saying(HINTS + final(b"1")))

    def way(connection):
        connection.sendall(HINTS)
        through(connection)

    with server(way) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        with Client(Connection("https://thingspace.example", validate_certs=False, timeout=5)) as client:
            assert client.exchange(Request("GET", "https://thingspace.example/")).body == b"1"
    assert len(seen) == 1


# Bytes that nobody asked for


@pytest.mark.parametrize("before", [0, 100, 8192, 8200, 16384])
@pytest.mark.parametrize("encrypted", [False, True])
@pytest.mark.parametrize("late", [0.0, 0.02])
def test_what_follows_a_response_never_answers_the_next_request(tls, late, encrypted, before):
    """C(before): the bytes in front of the unwanted ones. TLS delivers 16384 at once, of which 8192 are read first."""
    first = final(b"1", headers=b"X: " + b"x" * before + b"\r\n") if before else final(b"1")
    first = first.replace(b"x" * max(0, len(first) - before), b"", 1)
    unwanted = final(b"unwanted")

    def careless(connection):
        if late:
            connection.sendall(first)
            time.sleep(late)
            connection.sendall(unwanted)
        else:
            connection.sendall(first + unwanted)
        another_request(connection)
        connection.sendall(final(b"2"))

    with server(careless, in_turn(final(b"2")), tls=tls if encrypted else None) as served, client_of(served) as client:
        assert client.exchange(Request("GET", served.url)).body == b"1"
        time.sleep(2 * late)
        assert client.exchange(Request("GET", served.url)).body == b"2"
