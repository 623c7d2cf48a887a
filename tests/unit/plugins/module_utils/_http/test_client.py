# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import gzip
import importlib.util
import os
import ssl
import sys
import time
from itertools import chain, repeat
from types import SimpleNamespace

import pytest
import requests
import trustme
import urllib3
import urllib3.connection

from ansible_collections.verizon.fota.plugins.module_utils._http import client as _http
from ansible_collections.verizon.fota.plugins.module_utils._http.client import (
    Client,
    Connection,
    InvalidCABundle,
    InvalidProxy,
    Request,
    TransportError,
)
from ansible_collections.verizon.fota.tests.unit.plugins.module_utils.fake_server import (
    answering,
    closed_port,
    closing,
    dripping,
    resetting,
    saying,
    server,
    silent,
    tunnel,
)

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch):
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture(name="authority", scope="module")
def _authority():
    return trustme.CA()


@pytest.fixture(name="ca_path")
def _ca_path(authority, tmp_path):
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    return str(tmp_path / "ca.pem")


def tls(authority, name="localhost"):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return context


def exchange(url, method="GET", body=None, headers=None, **connection):
    with Client(Connection(url, **{"timeout": 5, **connection})) as client:
        return client.exchange(Request(method, url, headers or {}, body))


def no_answer(url, **connection):
    with pytest.raises(TransportError) as caught:
        exchange(url, **connection)
    return caught.value


# What is sent, and what comes back


def test_an_answer_has_status_headers_in_lower_case_and_body():
    with server(answering(b'{"a": 1}', "418 Teapot", X_Thing="ü")) as served:
        answer = exchange(served.url)

    assert (answer.status, answer.body) == (418, b'{"a": 1}')
    assert answer.headers["x-thing"]


def test_a_request_is_sent_as_it_is():
    with server(answering()) as served:
        exchange(f"{served.url}/a%2Fb?c=%C3%BC", "POST", b'{"deviceList": []}', {"VZ-M2M-Token": "t"})

    head, _blank, body = served.requests[0].partition("\r\n\r\n")
    lines = head.split("\r\n")
    assert lines[0] == "POST /a%2Fb?c=%C3%BC HTTP/1.1"
    assert {"VZ-M2M-Token: t", "Accept: application/json", "User-Agent: verizon.fota (Ansible collection)"} < set(lines)
    assert body == '{"deviceList": []}'


def test_a_compressed_answer_is_unpacked():
    with server(answering(gzip.compress(b"{}"), Content_Encoding="gzip")) as served:
        assert exchange(served.url).body == b"{}"


def test_a_connection_is_kept_for_the_next_request():
    def twice(connection):
        for _answer in range(2):
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
            connection.recv(65536)

    # A second connection would get no answer.
    with server(twice) as served, Client(Connection(served.url, timeout=1)) as client:
        assert [client.exchange(Request("GET", served.url)).status for _request in range(2)] == [200, 200]


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary", "308 Permanent"])
def test_a_redirect_is_not_followed(status):
    with server(answering(b"secret")) as other, server(answering(b"", status, Location=other.url)) as served:
        answer = exchange(served.url, headers={"VZ-M2M-Token": "t"})

    assert answer.status == int(status[:3])
    assert other.requests == []


@pytest.mark.parametrize("place", ["http://[::1", "/f\u00fcr", "", "http://h:port/"])
def test_a_redirect_is_an_answer_wherever_it_points(place):
    head = f"HTTP/1.1 302 Found\r\nContent-Length: 4\r\nLocation: {place}\r\n\r\n".encode("latin-1")
    with server(saying(head + b"gone")) as served:
        answer = exchange(served.url)

    assert (answer.status, answer.body) == (302, b"gone")


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer mine"}])
def test_netrc_is_not_read(monkeypatch, tmp_path, headers):
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login eve password evil\ndefault login eve password evil\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with server(answering()) as served:
        exchange(served.url, headers=headers)

    sent = [line for line in served.requests[0].split("\r\n") if line.lower().startswith("authorization")]
    assert sent == [f"Authorization: {value}" for value in headers.values()]


def test_secrets_do_not_show_in_the_text_of_a_request():
    assert "secret" not in repr(Request("POST", "https://x", {"Authorization": "Bearer secret"}, b"secret"))


def test_a_request_is_not_to_be_repeated_unless_it_says_so():
    assert not Request("POST", "https://x").idempotent


# No answer: whether the server may have acted


def test_a_refused_connection_was_never_sent():
    where = closed_port()
    error = no_answer(f"http://{where}/")

    assert (error.sent, error.permanent) == (False, False)
    assert str(error) == f"cannot connect to {where}: Connection refused"


def test_a_name_that_nobody_has_was_never_sent():
    error = no_answer("http://nowhere.invalid/")

    assert (error.sent, error.permanent) == (False, False)


@pytest.mark.parametrize(
    "reply",
    [
        resetting,
        closing,
        saying(b"not HTTP at all\r\n\r\n"),
        saying(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"),
        saying(CHUNKED + b"5\r\n{"),
        saying(CHUNKED + b"x\r\n{"),
        answering(b"not gzip", Content_Encoding="gzip"),
        answering(b"{}", content_length="3"),
        answering(b"x" * 3000),
        answering(b"x" * 3000, "302 Found", Location="/"),
        answering(gzip.compress(b"x" * 3000), Content_Encoding="gzip"),
        saying(CHUNKED + b"5dc\r\n" + b"x" * 1500 + b"\r\n" + b"5dc\r\n" + b"x" * 1500 + b"\r\n0\r\n\r\n"),
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
def test_a_broken_answer_may_have_been_acted_on(monkeypatch, reply):
    monkeypatch.setattr(_http, "_LARGEST_ANSWER", 2000)
    with server(reply) as served:
        error = no_answer(f"{served.url}/?token=secret")

    assert (len(served.requests), error.sent, error.permanent) == (1, True, False)
    assert served.url.partition("//")[2] in str(error)
    assert "secret" not in str(error) and "TypeError" not in str(error)


def test_an_answer_of_32_mib_is_read_and_a_larger_one_is_none():
    with server(answering(b"x" * 2**25)) as served:
        assert len(exchange(served.url).body) == 2**25
    with server(answering(b"x" * (2**25 + 1))) as served:
        assert str(no_answer(served.url)).endswith("sent more than 33554432 bytes")


@pytest.mark.parametrize(
    "reply",
    [saying(CHUNKED + b"5\r\n{"), answering(b"not gzip", Content_Encoding="gzip")],
    ids=["cut chunk", "not gzip"],
)
def test_a_broken_answer_is_told_where_urllib3_cannot_read_what_has_arrived(monkeypatch, reply):
    # As before 2.1: requests reads then, and has exceptions of its own.
    monkeypatch.setattr(urllib3.response.HTTPResponse, "read1", None, raising=False)
    with server(reply) as served:
        error = no_answer(served.url)

    assert (error.sent, error.permanent) == (True, False)
    assert str(error).endswith("was cut short or garbled")


def test_a_request_is_sent_once_even_if_it_could_be_repeated():
    with server(resetting, answering()) as served:
        assert no_answer(served.url).sent
        assert len(served.requests) == 1


def test_silence_ends_with_the_time_out_and_may_have_been_acted_on():
    with server(silent) as served:
        error = no_answer(served.url, timeout=0.1)

    assert error.sent
    assert str(error).endswith("gave no answer within 0.1 s")


def test_a_body_that_stops_half_way_ends_with_the_time_out():
    def stalling(connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nx")
        silent(connection)

    with server(stalling) as served:
        assert no_answer(served.url, timeout=0.1).sent


@pytest.mark.parametrize("status", ["200 OK", "302 Found"])
def test_an_answer_that_comes_too_slowly_is_none(status):
    with server(dripping(status)) as served:
        assert "did not finish its answer in time" in str(no_answer(served.url, timeout=0.1))


@pytest.mark.skipif(not hasattr(urllib3.HTTPResponse, "read1"), reason="urllib3 before 2.1 waits for whole chunks")
@pytest.mark.parametrize("status", ["200 OK", "302 Found"])
def test_an_answer_that_comes_too_slowly_is_not_waited_for(status):
    with server(dripping(status)) as served:
        begin = time.monotonic()
        no_answer(served.url, timeout=0.1)

    assert time.monotonic() - begin < 0.4


@pytest.mark.parametrize(("took", "in_time"), [(5.0, True), (5.1, False)])
def test_an_answer_has_the_whole_time_out_and_no_more(monkeypatch, took, in_time):
    clock = chain([100.0], repeat(100.0 + took))
    monkeypatch.setattr(_http, "time", SimpleNamespace(monotonic=clock.__next__))
    with server(answering()) as served:
        if in_time:
            assert exchange(served.url, timeout=5).body == b"{}"
        else:
            error = no_answer(served.url, timeout=5)
            assert (error.sent, error.permanent) == (True, False)
            assert str(error).endswith("did not finish its answer in time")


@pytest.mark.parametrize(("timeout", "told"), [(30.0, "10 s"), (0.5, "0.5 s")])
def test_a_connection_that_nobody_takes_was_never_sent_and_is_not_waited_for_so_long(timeout, told):
    error = _http._no_answer(requests.exceptions.ConnectTimeout(), "localhost", timeout, connecting=True)

    assert (error.sent, error.permanent) == (False, False)
    assert str(error) == f"localhost took no connection within {told}"


def test_what_an_error_holds_is_told_rather_than_what_came_before_it():
    error = requests.exceptions.ConnectionError(ConnectionRefusedError(111, "Connection refused"))
    error.__context__ = BrokenPipeError(32, "Broken pipe")

    assert str(_http._no_answer(error, "localhost", 5, connecting=True)).endswith(": Connection refused")


@pytest.mark.parametrize("connecting", [False, True])
def test_what_nobody_foresaw_may_have_been_acted_on_once_it_was_sent(connecting):
    error = _http._no_answer(requests.exceptions.RequestException("secret"), "localhost", 5, connecting)

    assert (error.sent, error.permanent) == (not connecting, False)
    assert str(error) == "the exchange with localhost failed: RequestException"


def test_a_header_that_cannot_be_sent_is_hopeless():
    error = no_answer_with_header("two\nlines of a secret")

    assert (error.sent, error.permanent) == (False, True)
    assert "secret" not in str(error)


def no_answer_with_header(value):
    with pytest.raises(TransportError) as caught:
        exchange(f"http://{closed_port()}/", headers={"Authorization": value})
    return caught.value


# TLS


def test_a_certificate_of_the_given_authority_is_trusted(authority, ca_path):
    with server(answering(), tls=tls(authority)) as served:
        assert exchange(served.url, ca_path=ca_path).status == 200


def test_an_untrusted_certificate_is_refused_before_anything_is_sent(authority):
    with server(answering(), tls=tls(authority)) as served:
        error = no_answer(served.url)

    assert (error.sent, error.permanent, served.requests) == (False, True, [])
    assert "the certificate is not trusted" in str(error)


def test_a_certificate_of_another_host_is_refused_before_anything_is_sent(authority, ca_path):
    with server(answering(), tls=tls(authority, "elsewhere.example")) as served:
        error = no_answer(served.url, ca_path=ca_path)

    assert (error.sent, error.permanent, served.requests) == (False, True, [])


def test_certificates_are_not_checked_when_told_so(authority, recwarn):
    with server(answering(), tls=tls(authority, "elsewhere.example")) as served:
        assert exchange(served.url, validate_certs=False).status == 200
    assert not list(recwarn)


def test_nothing_is_sent_to_a_server_without_tls():
    with server(saying(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as served:
        error = no_answer(served.url.replace("http://127.0.0.1", "https://localhost"))

    assert served.requests == ["a TLS hello"]
    assert error.permanent


def test_what_was_sent_may_have_been_acted_on_where_the_answer_is_no_tls(authority, ca_path):
    """The library then says the same as of a server without TLS, as if nothing had been sent."""

    def in_clear(stream):
        os.write(stream.fileno(), b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")

    with server(in_clear, tls=tls(authority)) as served:
        error = no_answer(served.url, ca_path=ca_path)

    assert len(served.requests) == 1
    assert error.sent


@pytest.mark.parametrize(
    ("content", "why"), [(None, "does not exist"), ("no certificate", "holds no certificates in PEM format: ")]
)
def test_authorities_that_cannot_be_used_are_named_before_anything_is_sent(tmp_path, content, why):
    if content:
        (tmp_path / "ca.pem").write_text(content)

    with pytest.raises(InvalidCABundle) as caught:
        Client(Connection("https://localhost", ca_path=str(tmp_path / "ca.pem")))

    assert str(caught.value).startswith(f"{tmp_path / 'ca.pem'} {why}")


@pytest.mark.parametrize("variable", [None, "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_a_relative_path_of_authorities_is_named_in_full(tmp_path, monkeypatch, variable):
    monkeypatch.chdir(tmp_path)
    if variable:
        monkeypatch.setenv(variable, "no/ca.pem")

    with pytest.raises(InvalidCABundle, match=f"^{tmp_path}/no/ca.pem does not exist$"):
        Client(Connection("https://localhost", ca_path=None if variable else "no/ca.pem"))


# Proxies


def test_a_proxy_that_is_not_there_was_never_sent_to(monkeypatch):
    monkeypatch.setenv("https_proxy", f"http://me:secret@{closed_port()}")
    error = no_answer("https://thingspace.example/")

    assert (error.sent, error.permanent) == (False, False)
    assert "secret" not in str(error)


def without_pysocks(*_args, **_kwargs):
    """Fail as requests does in place of a class of urllib3."""
    raise requests.exceptions.InvalidSchema("Missing dependencies for SOCKS support.")


def refused_proxy(monkeypatch, proxy, name="https_proxy"):
    monkeypatch.setattr(requests.adapters, "SOCKSProxyManager", without_pysocks)
    monkeypatch.setenv(name, proxy)
    with pytest.raises(InvalidProxy) as caught:
        Client(Connection("https://thingspace.example/"))
    assert "s3cret" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("name", ["https_proxy", "HTTPS_PROXY", "all_proxy"])
@pytest.mark.parametrize("scheme", ["socks5", "socks5h", "socks4", "socks4a", "SOCKS5"])
def test_a_socks_proxy_without_pysocks_says_what_to_install_before_anything_is_sent(monkeypatch, scheme, name):
    words = refused_proxy(monkeypatch, f"{scheme}://me:s3cret@proxy.example:1080", name)

    assert f"the proxy {scheme}://proxy.example:1080 of the environment needs PySocks" in words
    assert f"{sys.executable} -m pip install 'requests[socks]'" in words


def test_a_socks_proxy_with_pysocks_is_used(monkeypatch):
    managers = []

    def socks_manager(address, **kwargs):
        managers.append(address)
        return urllib3.PoolManager(num_pools=1, ssl_context=kwargs["ssl_context"])

    monkeypatch.setattr(requests.adapters, "SOCKSProxyManager", socks_manager)
    monkeypatch.setenv("https_proxy", "socks5://127.0.0.1:1080")
    Client(Connection("https://thingspace.example/"))

    assert managers == ["socks5://127.0.0.1:1080"]


@pytest.mark.parametrize(
    ("proxy", "shown"),
    [
        ("ftp://me:s3cret@proxy.example:21", "the proxy ftp://proxy.example:21 of"),
        ("http://me:s3cret@127.0.0.1:port", "the proxy of"),
        ("http://me:s3cret@", "the proxy of"),
        ("http://", "the proxy of"),
        ("me:s3cret@", "the proxy of"),
        ("http://me:s3cret@[::1", "the proxy of"),
        ("http://me:s3cret/@proxy.example:99999", "the proxy http://proxy.example:99999 of"),
    ],
)
def test_a_proxy_that_nobody_can_use_is_named_before_anything_is_sent(monkeypatch, proxy, shown):
    words = refused_proxy(monkeypatch, proxy)

    assert shown in words and words.endswith("cannot be used: its address must look like http://host:port")


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "https://exempt.example/"])
def test_a_proxy_that_is_not_used_is_not_looked_at(monkeypatch, url):
    monkeypatch.setattr(requests.adapters, "SOCKSProxyManager", without_pysocks)
    monkeypatch.setenv("all_proxy", "socks5://127.0.0.1:1080")
    monkeypatch.setenv("no_proxy", "exempt.example")

    Client(Connection(url))


def test_plain_http_goes_past_every_proxy(monkeypatch):
    monkeypatch.setenv("http_proxy", f"http://{closed_port()}")
    with server(answering()) as served:
        assert exchange(served.url).status == 200


def test_no_proxy_is_heeded(monkeypatch):
    monkeypatch.setenv("http_proxy", f"http://{closed_port()}")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with server(answering()) as served:
        assert exchange(served.url).status == 200


@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_the_authorities_of_the_environment_are_trusted(monkeypatch, authority, ca_path, name):
    monkeypatch.setenv(name, ca_path)
    with server(answering(), tls=tls(authority)) as served:
        assert exchange(served.url).status == 200


def test_a_proxy_that_refuses_the_way_was_never_sent_to(monkeypatch):
    with server(answering(b"", "407 Proxy Authentication Required")) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        error = no_answer("https://thingspace.example/")

    assert proxy.requests[0].startswith("CONNECT thingspace.example:443")
    assert not error.sent


@pytest.mark.parametrize(
    "reply",
    [
        resetting,
        closing,
        silent,
    ],
)
def test_what_went_through_a_proxy_may_have_been_acted_on(monkeypatch, authority, ca_path, reply):
    seen = []
    with server(tunnel(tls(authority, "thingspace.example"), seen, reply)) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        error = no_answer("https://thingspace.example/", ca_path=ca_path, timeout=0.2)

    assert (len(seen), error.sent) == (1, True)


# Without the library


def test_a_missing_library_is_noted_and_breaks_no_import(monkeypatch):
    spec = importlib.util.spec_from_file_location("_http_without_requests", _http.__file__)
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, module)
    monkeypatch.setitem(sys.modules, "requests", None)

    spec.loader.exec_module(module)

    assert "requests" in module.REQUESTS_IMPORT_ERROR
    assert _http.REQUESTS_IMPORT_ERROR is None


@pytest.mark.parametrize(
    ("host", "is_address"),
    [("127.0.0.1", True), ("::1", True), ("localhost", False), ("thingspace.verizon.com", False)],
)
@pytest.mark.parametrize(("version", "old"), [("1.25.8", True), ("1.26.20", True), ("2.2.1", False), ("11.0", False)])
def test_only_an_old_urllib3_holds_an_address_against_the_certificate_itself(
    monkeypatch, version, old, host, is_address
):
    monkeypatch.setattr(_http.urllib3, "__version__", version)
    url = f"https://{f'[{host}]' if ':' in host else host}:8443/api"
    assert _http._context(_http.Connection(url)).check_hostname is not (old and is_address)
    assert _http._context(_http.Connection(url, validate_certs=False)).check_hostname is False


def test_a_wrong_name_is_told_in_the_words_of_whoever_found_it():
    by_urllib3 = urllib3.connection.CertificateError("hostname 'a' doesn't match 'b'")
    assert _http._innermost(by_urllib3) == "the certificate is not trusted: hostname 'a' doesn't match 'b'"
    by_tls = ssl.SSLCertVerificationError(1, "[SSL] certificate verify failed")
    by_tls.verify_message = "Hostname mismatch"
    assert _http._innermost(by_tls) == "the certificate is not trusted: Hostname mismatch"
