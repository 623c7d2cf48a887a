# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which proxies are used, and the errors of those that cannot be."""

from __future__ import annotations

import base64
import re
import sys

import pytest
import requests
import urllib3

from ansible_collections.verizon.fota.plugins.module_utils._http.client import Client, Connection
from ansible_collections.verizon.fota.plugins.module_utils._http.concurrency_limiter import ConcurrencyLimiter
from ansible_collections.verizon.fota.plugins.module_utils._http.messages import Request
from ansible_collections.verizon.fota.plugins.module_utils._http.proxies import InvalidProxy
from ansible_collections.verizon.fota.plugins.module_utils._http.retries import RetryingClient, RetryPolicy
from ansible_collections.verizon.fota.plugins.module_utils._http.transport_errors import TransportError
from ansible_collections.verizon.fota.tests.unit.plugins.module_utils._http.exchanges import (
    exchange,
    failing_exchange,
    tls_server_context,
)
from ansible_collections.verizon.fota.tests.unit.plugins.module_utils.fake_server import (
    closed_port,
    closing,
    resetting,
    responding,
    server,
    silent,
    tunnel,
)


def test_a_proxy_that_is_not_there_was_never_sent_to(monkeypatch):
    monkeypatch.setenv("https_proxy", f"http://me:secret@{closed_port()}")
    error = failing_exchange("https://thingspace.example/")

    assert (error.sent, error.permanent) == (False, False)
    assert "secret" not in str(error)


def without_pysocks(*_args, **_kwargs):
    """Fail as requests does in place of a class of urllib3."""
    raise requests.exceptions.InvalidSchema("Missing dependencies for SOCKS support.")


def rejected_proxy(monkeypatch, proxy, name="https_proxy"):
    monkeypatch.setattr(requests.adapters, "SOCKSProxyManager", without_pysocks)
    monkeypatch.setenv(name, proxy)
    with pytest.raises(InvalidProxy) as caught:
        Client(Connection("https://thingspace.example/"))
    assert "s3cret" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("name", ["https_proxy", "HTTPS_PROXY", "all_proxy"])
@pytest.mark.parametrize("scheme", ["socks5", "socks5h", "socks4", "socks4a", "SOCKS5"])
def test_a_socks_proxy_without_pysocks_says_what_to_install_before_anything_is_sent(monkeypatch, scheme, name):
    message = rejected_proxy(monkeypatch, f"{scheme}://me:s3cret@proxy.example:1080", name)

    assert f"the proxy {scheme}://proxy.example:1080 of the environment needs PySocks" in message
    assert f"{sys.executable} -m pip install 'requests[socks]'" in message


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
def test_an_unusable_proxy_is_named_before_anything_is_sent(monkeypatch, proxy, shown):
    message = rejected_proxy(monkeypatch, proxy)

    assert shown in message and message.endswith("cannot be used: its address must look like http://host:port")


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "https://exempt.example/"])
def test_a_proxy_that_is_not_used_is_not_looked_at(monkeypatch, url):
    monkeypatch.setattr(requests.adapters, "SOCKSProxyManager", without_pysocks)
    monkeypatch.setenv("all_proxy", "socks5://127.0.0.1:1080")
    monkeypatch.setenv("no_proxy", "exempt.example")

    Client(Connection(url))


def test_plain_http_goes_past_every_proxy(monkeypatch):
    monkeypatch.setenv("http_proxy", f"http://{closed_port()}")
    with server(responding()) as served:
        assert exchange(served.url).status == 200


def test_no_proxy_is_heeded(monkeypatch):
    monkeypatch.setenv("http_proxy", f"http://{closed_port()}")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with server(responding()) as served:
        assert exchange(served.url).status == 200


@pytest.mark.parametrize("scheme", ["", "http://"])
@pytest.mark.parametrize(("user", "sent"), [("me:s3cret%40@", "me:s3cret@"), ("", None)])
def test_the_user_and_password_of_a_proxy_are_used_with_and_without_a_scheme(monkeypatch, scheme, user, sent):
    with server(responding(b"", "403 Forbidden")) as proxy:
        monkeypatch.setenv("https_proxy", f"{scheme}{user}{proxy.url.partition('//')[2]}")
        error = failing_exchange("https://thingspace.example/")

    assert "failed: HTTP 403" in str(error)
    found = re.search("Proxy-Authorization: Basic (.*)", proxy.requests[0])
    assert (found and base64.b64decode(found[1]).decode()) == sent


@pytest.mark.parametrize(
    ("status", "permanent", "message"),
    [
        (
            "407 no s3cret-password",
            True,
            "requires a valid user and password in its address: HTTP 407 Proxy Authentication Required",
        ),
        ("403 s3cret-password " + "x" * 1000, False, "failed: HTTP 403 Forbidden"),
        ("502 Bad Gateway", False, "failed: HTTP 502 Bad Gateway"),
        ("599 s3cret-password", False, "failed: HTTP 599"),
    ],
)
def test_a_proxy_that_rejects_the_tunnel_was_never_sent_to(monkeypatch, status, permanent, message):
    with server(responding(b"", status)) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url.replace("//", "//me:s3cret-password@"))
        error = failing_exchange("https://thingspace.example/")

    assert proxy.requests[0].startswith("CONNECT thingspace.example:443")
    assert (error.sent, error.permanent) == (False, permanent)
    assert str(error) == f"the proxy on the way to thingspace.example {message}"


def test_a_proxy_that_requires_a_password_is_asked_once(monkeypatch):
    status = "407 Proxy Authentication Required"
    with server(responding(b"", status), responding(b"", status)) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        with Client(Connection("https://thingspace.example/")) as client, pytest.raises(TransportError):
            retrying = RetryingClient(client, RetryPolicy(sleep=lambda _seconds: None), ConcurrencyLimiter(1))
            retrying.send(Request("GET", "https://thingspace.example/", idempotent=True), lambda response: response)

    assert len(proxy.requests) == 1


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
    with server(tunnel(tls_server_context(authority, "thingspace.example"), seen, reply)) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        error = failing_exchange("https://thingspace.example/", ca_path=ca_path, timeout=0.2)

    assert (len(seen), error.sent) == (1, True)
