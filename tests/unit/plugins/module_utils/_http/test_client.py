# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One exchange with a server: the request, the response, and the limits of time and size."""

from __future__ import annotations

import gzip
import time
from itertools import chain, repeat
from types import SimpleNamespace

import pytest
import urllib3
import yaml

from ansible_collections.verizon.fota.plugins.module_utils._http import client
from ansible_collections.verizon.fota.plugins.module_utils._http.client import Client, Connection
from ansible_collections.verizon.fota.plugins.module_utils._http.messages import Request
from ansible_collections.verizon.fota.tests.unit.agreement.guides import ROOT
from ansible_collections.verizon.fota.tests.unit.plugins.module_utils._http.exchanges import exchange, failing_exchange
from ansible_collections.verizon.fota.tests.unit.plugins.module_utils.fake_server import (
    dripping,
    resetting,
    responding,
    sending,
    server,
    silent,
)

# Requests and responses


def test_a_response_has_status_headers_in_lower_case_and_body():
    with server(responding(b'{"a": 1}', "418 Teapot", X_Thing="ü")) as served:
        response = exchange(served.url)

    assert (response.status, response.body) == (418, b'{"a": 1}')
    assert response.headers["x-thing"]


def test_a_request_is_sent_as_it_is():
    with server(responding()) as served:
        exchange(f"{served.url}/a%2Fb?c=%C3%BC", "POST", b'{"deviceList": []}', {"VZ-M2M-Token": "t"})

    head, _blank, body = served.requests[0].partition("\r\n\r\n")
    lines = head.split("\r\n")
    assert lines[0] == "POST /a%2Fb?c=%C3%BC HTTP/1.1"
    version = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["version"]
    assert {"VZ-M2M-Token: t", "Accept: application/json", f"User-Agent: verizon.fota/{version}"} < set(lines)
    assert body == '{"deviceList": []}'


def test_a_compressed_response_is_unpacked():
    with server(responding(gzip.compress(b"{}"), Content_Encoding="gzip")) as served:
        assert exchange(served.url).body == b"{}"


def test_a_connection_is_kept_for_the_next_request():
    def twice(connection):
        for _response in range(2):
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
            connection.recv(65536)

    # A second connection would get no response.
    with server(twice) as served, Client(Connection(served.url, timeout=1)) as client:
        assert [client.exchange(Request("GET", served.url)).status for _request in range(2)] == [200, 200]


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary", "308 Permanent"])
def test_a_redirect_is_not_followed(status):
    with server(responding(b"secret")) as other, server(responding(b"", status, Location=other.url)) as served:
        response = exchange(served.url, headers={"VZ-M2M-Token": "t"})

    assert response.status == int(status[:3])
    assert other.requests == []


@pytest.mark.parametrize("place", ["http://[::1", "/f\u00fcr", "", "http://h:port/"])
def test_a_redirect_is_a_response_wherever_it_points(place):
    head = f"HTTP/1.1 302 Found\r\nContent-Length: 4\r\nLocation: {place}\r\n\r\n".encode("latin-1")
    with server(sending(head + b"gone")) as served:
        response = exchange(served.url)

    assert (response.status, response.body) == (302, b"gone")


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer mine"}])
def test_netrc_is_not_read(monkeypatch, tmp_path, headers):
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login eve password evil\ndefault login eve password evil\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with server(responding()) as served:
        exchange(served.url, headers=headers)

    sent = [line for line in served.requests[0].split("\r\n") if line.lower().startswith("authorization")]
    assert sent == [f"Authorization: {value}" for value in headers.values()]


# Limits of time and size


def test_a_response_of_32_mib_is_read_and_a_larger_one_is_none():
    with server(responding(b"x" * 2**25)) as served:
        assert len(exchange(served.url).body) == 2**25
    with server(responding(b"x" * (2**25 + 1))) as served:
        assert str(failing_exchange(served.url)).endswith("sent more than 33554432 bytes")


def test_a_request_is_sent_once_even_if_it_could_be_repeated():
    with server(resetting, responding()) as served:
        assert failing_exchange(served.url).sent
        assert len(served.requests) == 1


def test_no_response_ends_with_the_timeout_and_may_have_been_acted_on():
    with server(silent) as served:
        error = failing_exchange(served.url, timeout=0.1)

    assert error.sent
    assert str(error).endswith("sent no response within 0.1 s")


def test_a_body_that_stops_half_way_ends_with_the_timeout():
    def stalling(connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nx")
        silent(connection)

    with server(stalling) as served:
        assert failing_exchange(served.url, timeout=0.1).sent


@pytest.mark.parametrize("status", ["200 OK", "302 Found"])
def test_a_response_that_comes_too_slowly_is_none(status):
    with server(dripping(status)) as served:
        assert "did not finish its response in time" in str(failing_exchange(served.url, timeout=0.1))


@pytest.mark.skipif(not hasattr(urllib3.HTTPResponse, "read1"), reason="urllib3 before 2.1 waits for whole chunks")
@pytest.mark.parametrize("status", ["200 OK", "302 Found"])
def test_a_response_that_comes_too_slowly_is_not_waited_for(status):
    with server(dripping(status)) as served:
        begin = time.monotonic()
        failing_exchange(served.url, timeout=0.1)

    assert time.monotonic() - begin < 0.4


@pytest.mark.parametrize(("took", "in_time"), [(5.0, True), (5.1, False)])
def test_a_response_has_the_full_timeout_and_no_more(monkeypatch, took, in_time):
    clock = chain([100.0], repeat(100.0 + took))
    monkeypatch.setattr(client, "time", SimpleNamespace(monotonic=clock.__next__))
    with server(responding()) as served:
        if in_time:
            assert exchange(served.url, timeout=5).body == b"{}"
        else:
            error = failing_exchange(served.url, timeout=5)
            assert (error.sent, error.permanent) == (True, False)
            assert str(error).endswith("did not finish its response in time")


@pytest.mark.parametrize(("connect_timeout", "timeout"), [(0.2, 5.0), (10.0, 0.2)])
def test_a_connection_that_is_not_accepted_was_never_sent_and_has_a_timeout_of_its_own(
    monkeypatch, connect_timeout, timeout
):
    monkeypatch.setattr(client, "_CONNECT_TIMEOUT", connect_timeout)
    with server(silent) as served:
        error = failing_exchange(served.url.replace("http:", "https:"), timeout=timeout)

    assert (error.sent, error.permanent) == (False, False)
    assert str(error).endswith("accepted no connection within 0.2 s")
