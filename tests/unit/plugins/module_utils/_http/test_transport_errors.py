# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is reported when no response arrives, and whether the server may have acted."""

from __future__ import annotations

import gzip
import ssl

import pytest
import requests
import urllib3
import urllib3.connection

from ansible_collections.verizon.fota.plugins.module_utils._http import client
from ansible_collections.verizon.fota.plugins.module_utils._http.transport_errors import error_from_requests, root_cause
from ansible_collections.verizon.fota.tests.unit.plugins.module_utils._http.exchanges import failing_exchange
from ansible_collections.verizon.fota.tests.unit.plugins.module_utils.fake_server import (
    closed_port,
    closing,
    resetting,
    responding,
    sending,
    server,
)

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def test_a_refused_connection_was_never_sent():
    where = closed_port()
    error = failing_exchange(f"http://{where}/")

    assert (error.sent, error.permanent) == (False, False)
    assert str(error) == f"cannot connect to {where}: Connection refused"


def test_an_unresolvable_name_was_never_sent():
    error = failing_exchange("http://nowhere.invalid/")

    assert (error.sent, error.permanent) == (False, False)


@pytest.mark.parametrize(
    "reply",
    [
        resetting,
        closing,
        sending(b"not HTTP at all\r\n\r\n"),
        sending(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"),
        sending(CHUNKED + b"5\r\n{"),
        sending(CHUNKED + b"x\r\n{"),
        responding(b"not gzip", Content_Encoding="gzip"),
        responding(b"{}", content_length="3"),
        responding(b"x" * 3000),
        responding(b"x" * 3000, "302 Found", Location="/"),
        responding(gzip.compress(b"x" * 3000), Content_Encoding="gzip"),
        sending(CHUNKED + b"5dc\r\n" + b"x" * 1500 + b"\r\n" + b"5dc\r\n" + b"x" * 1500 + b"\r\n0\r\n\r\n"),
    ],
    ids=[
        "reset",
        "closed",
        "not HTTP",
        "cut",
        "cut chunk",
        "bad chunk",
        "not gzip",
        "two lengths",
        "too large",
        "too large for a redirect",
        "too large when unpacked",
        "too large in chunks",
    ],
)
def test_a_broken_response_may_have_been_acted_on(monkeypatch, reply):
    monkeypatch.setattr(client, "_LARGEST_BODY", 2000)
    with server(reply) as served:
        error = failing_exchange(f"{served.url}/?token=secret")

    assert (len(served.requests), error.sent, error.permanent) == (1, True, False)
    assert served.url.partition("//")[2] in str(error)
    assert "secret" not in str(error) and "TypeError" not in str(error)


@pytest.mark.parametrize(
    ("reply", "cause"),
    [
        (closing, "it was closed without a response"),
        (sending(b"secret\r\n\r\n"), "the response is not valid HTTP"),
        (sending(b"HTTP/1.1 secret\r\n\r\n"), "the response is not valid HTTP"),
        (sending(b"HTTP/1.1 200 OK\r\n" + b"A: secret\r\n" * 200 + b"\r\n"), "the response is not valid HTTP"),
        (sending(b"HTTP/1.1 200 OK\r\nA: " + b"secret" * 20000 + b"\r\n\r\n"), "a line of the response is too long"),
    ],
    ids=["closed", "not HTTP", "no status", "too many headers", "long line"],
)
def test_what_is_not_http_is_reported_in_words_and_not_repeated(reply, cause):
    with server(reply) as served:
        assert str(failing_exchange(served.url)) == f"lost the connection to {served.url.partition('//')[2]}: {cause}"


@pytest.mark.skipif(
    not hasattr(urllib3.response.HTTPResponse, "read1"), reason="requests has exceptions of its own then"
)
@pytest.mark.parametrize(
    ("reply", "cause"),
    [
        (sending(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"), "the response was cut short"),
        (sending(CHUNKED + b"5\r\n{"), "the response was cut short"),
        (sending(CHUNKED + b"1\r\n{\r\n"), "the response is not valid HTTP"),
        (responding(b"not gzip", Content_Encoding="gzip"), "the response is not compressed as its header says"),
    ],
    ids=["cut", "cut chunk", "cut after a chunk", "not gzip"],
)
def test_a_body_that_breaks_is_reported_in_words(reply, cause):
    with server(reply) as served:
        assert str(failing_exchange(served.url)).endswith(f" broke: {cause}")


@pytest.mark.parametrize(
    "reply",
    [sending(CHUNKED + b"5\r\n{"), responding(b"not gzip", Content_Encoding="gzip")],
    ids=["cut chunk", "not gzip"],
)
def test_a_broken_response_is_reported_where_urllib3_cannot_read_what_has_arrived(monkeypatch, reply):
    # As before 2.1: requests reads then, and has exceptions of its own.
    monkeypatch.setattr(urllib3.response.HTTPResponse, "read1", None, raising=False)
    with server(reply) as served:
        error = failing_exchange(served.url)

    assert (error.sent, error.permanent) == (True, False)
    assert str(error).endswith("was cut short or garbled")


def test_what_an_error_wraps_is_reported_rather_than_what_came_before_it():
    error = requests.exceptions.ConnectionError(ConnectionRefusedError(111, "Connection refused"))
    error.__context__ = BrokenPipeError(32, "Broken pipe")

    assert str(error_from_requests(error, "localhost", 5, connecting=True)).endswith(": Connection refused")


@pytest.mark.parametrize("connecting", [False, True])
def test_an_unforeseen_error_after_sending_may_have_been_acted_on(connecting):
    error = error_from_requests(requests.exceptions.RequestException("secret"), "localhost", 5, connecting)

    assert (error.sent, error.permanent) == (not connecting, False)
    assert str(error) == "the exchange with localhost failed: RequestException"


def test_a_header_that_cannot_be_sent_is_permanent():
    error = failing_exchange(f"http://{closed_port()}/", headers={"Authorization": "two\nlines of a secret"})

    assert (error.sent, error.permanent) == (False, True)
    assert "secret" not in str(error)


def test_a_wrong_name_is_reported_with_the_original_message():
    by_urllib3 = urllib3.connection.CertificateError("hostname 'a' doesn't match 'b'")
    assert root_cause(by_urllib3) == "the certificate is not trusted: hostname 'a' doesn't match 'b'"
    by_tls = ssl.SSLCertVerificationError(1, "[SSL] certificate verify failed")
    by_tls.verify_message = "Hostname mismatch"
    assert root_cause(by_tls) == "the certificate is not trusted: Hostname mismatch"
