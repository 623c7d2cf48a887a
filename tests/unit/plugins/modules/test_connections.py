# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Trusted servers, directly and behind a proxy; redirects, netrc and proxies never receive tokens."""

from __future__ import annotations

import base64
import dataclasses
import datetime
import ssl
import subprocess
import sys
import time
import typing as t
import warnings

import pytest
import requests
import trustme

from ansible_collections.verizon.fota.plugins.modules import license_info, license_remove, session
from ansible_collections.verizon.fota.tests.simulator import Device, Fault, Faults
from ansible_collections.verizon.fota.tests.unit.plugins.modules import run_module
from ansible_collections.verizon.fota.tests.unit.plugins.modules.conftest import ACCOUNT
from ansible_collections.verizon.fota.tests.unit.plugins.modules.one_device import (
    HOST,
    IMEI,
    args_for,
    assert_removed,
    remove,
)

BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def ca_path(authority: trustme.CA, tmp_path: t.Any) -> str:
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    return str(tmp_path / "authority.pem")


def tls(authority: trustme.CA, host: str = HOST, **options: t.Any) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(host, **options).configure_cert(context)
    return context


def only_tls_1_1(context: ssl.SSLContext) -> ssl.SSLContext:
    """Make it an outdated server. Skips the test if the TLS library does not support that."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.set_ciphers("DEFAULT@SECLEVEL=0")
            context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    except (ssl.SSLError, ValueError, AttributeError) as error:
        pytest.skip(f"this TLS library serves no TLS 1.1: {error}")
    return context


def assert_rejected(result: dict[str, t.Any], waits: list[float], why: str) -> None:
    """Check that nothing was sent or retried, and that the message explains why."""
    assert (result["failed"], result["changed"]) == (True, False)
    assert [device["outcome"] for device in result["devices"]] == ["skipped"]
    assert why in result["msg"]
    assert not any(sign in result["printed"] for sign in ("Traceback", "object at 0x", "HTTPSConnectionPool"))
    assert waits == [] and "given up after" not in result["msg"]


# TLS


@pytest.mark.parametrize("where", ["ca_path", "a folder of authorities", *BUNDLES])
def test_a_private_authority_is_trusted_once_it_is_named(
    simulate: t.Any, authority: trustme.CA, ca_path: str, monkeypatch: pytest.MonkeyPatch, tmp_path: t.Any, where: str
) -> None:
    simulator = simulate([Device(IMEI, licensed=True)], ssl_context=tls(authority))
    named = {"ca_path": ca_path} if where == "ca_path" else {}
    if where in BUNDLES:
        monkeypatch.setenv(where, ca_path)
    elif not named:
        folder = tmp_path / "authorities"
        folder.mkdir()
        found = subprocess.run(
            ["openssl", "x509", "-noout", "-hash", "-in", ca_path], stdout=subprocess.PIPE, check=True
        )
        (folder / f"{found.stdout.decode().strip()}.0").write_bytes(authority.cert_pem.bytes())
        named = {"ca_path": str(folder)}
    assert_removed(remove(simulator, **named))


def test_ca_path_comes_before_the_environment(
    simulate: t.Any, authority: trustme.CA, ca_path: str, monkeypatch: pytest.MonkeyPatch, tmp_path: t.Any
) -> None:
    trustme.CA().cert_pem.write_to_path(str(tmp_path / "another.pem"))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "another.pem"))
    simulator = simulate([Device(IMEI, licensed=True)], ssl_context=tls(authority))
    assert_removed(remove(simulator, ca_path=ca_path))


LONG_AGO = datetime.datetime(2020, 1, 1)
SERVERS: dict[str, tuple[t.Callable[[trustme.CA], ssl.SSLContext], str]] = {
    "another authority": (lambda authority: tls(trustme.CA()), "the certificate is not trusted"),
    "another host": (lambda authority: tls(authority, "elsewhere.example"), f"'{HOST}'"),  # in quotes, in every version
    "expired": (lambda authority: tls(authority, not_after=LONG_AGO), "certificate has expired"),
    "TLS 1.1": (lambda authority: only_tls_1_1(tls(authority)), f"TLS with {HOST}:"),
}


@pytest.mark.parametrize("kind", SERVERS)
@pytest.mark.parametrize("module", ["license_remove", "session"])
def test_an_untrusted_server_receives_nothing(
    simulate: t.Any, authority: trustme.CA, ca_path: str, waits: list[float], kind: str, module: str
) -> None:
    make_context, why = SERVERS[kind]
    simulator = simulate([Device(IMEI, licensed=True)], ssl_context=make_context(authority))
    if module == "license_remove":
        assert_rejected(remove(simulator, ca_path=ca_path), waits, why)
    else:
        credentials = dataclasses.asdict(simulator.credentials)
        result = run_module.run(session, {"api_url": simulator.url, "ca_path": ca_path, **credentials})
        assert result["failed"] and why in result["msg"] and waits == []
    assert simulator.requests == []


@pytest.mark.parametrize("kind", ["another authority", "another host", "expired"])
def test_validate_certs_false_accepts_any_certificate(
    simulate: t.Any, authority: trustme.CA, monkeypatch: pytest.MonkeyPatch, ca_path: str, kind: str
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", ca_path)
    simulator = simulate([Device(IMEI, licensed=True)], ssl_context=SERVERS[kind][0](authority))
    assert_removed(remove(simulator, validate_certs=False))


# Redirects, netrc


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("on", ["devices", "remove", "token", "login", "logout"])
def test_a_redirect_is_not_followed_and_carries_no_secret_away(simulate: t.Any, on: str, status: int) -> None:
    other = simulate([Device(IMEI, licensed=True)])
    faults = Faults([Fault("redirect", on=on, status=status, location=f"{other.url}/caught")])
    simulator = simulate([Device(IMEI, licensed=True)], middleware=faults.middleware)
    missing = {"access_token": None, "session_token": None, **dataclasses.asdict(simulator.credentials)}
    if on == "logout":
        args = args_for(simulator, state="absent")
        del args["imeis"]
        result = run_module.run(session, args)
    else:
        result = remove(simulator, **(missing if on in ("token", "login") else {}))
    assert result["failed"] and not result.get("changed")
    assert f"HTTP {status}" in result["msg"] and "redirects are not followed: is api_url right?" in result["msg"]
    assert other.requests == []
    assert simulator.licensed(ACCOUNT) == {IMEI}
    assert len([injected for injected in faults.injected if injected.fault.on == on]) == 1, "tried again"


@pytest.mark.parametrize("where", [".netrc", "_netrc", "NETRC"])
def test_netrc_is_never_read(simulate: t.Any, monkeypatch: pytest.MonkeyPatch, tmp_path: t.Any, where: str) -> None:
    file = tmp_path / where
    file.write_text(f"machine {HOST} login eve password evil\ndefault login eve password evil\n")
    file.chmod(0o600)
    if where == "NETRC":
        monkeypatch.setenv("NETRC", str(file))
    simulator = simulate([Device(IMEI, licensed=True)])
    tokens = {"access_token": None, "session_token": None}
    assert_removed(remove(simulator, **tokens, **dataclasses.asdict(simulator.credentials)))
    first, *others = [request.headers["Authorization"].split()[0] for request in simulator.requests]
    assert first == "Basic" and set(others) == {"Bearer"}
    assert base64.b64encode(b"eve:evil").decode() not in str([request.headers for request in simulator.requests])


# Proxies

PROXY_USER = "me:Ntw83kQp"


# Runs a command until whoever started it lets go of standard input, and then ends all processes of its group. ansible-test runs
# each test in a process of its own that ends at once, so that what a fixture does at its end is not done.
KEEPER = """
import os, signal, subprocess, sys
subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)
sys.stdin.read()
os.killpg(0, signal.SIGKILL)
"""


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[tuple[str, t.Any]]:
    """Start a real proxy that requires a password; return its address and its log."""
    folder = tmp_path_factory.mktemp("proxy")
    port, log = folder / "port", folder / "log"
    places = ["--hostname", HOST, "--port", "0", "--port-file", str(port), "--log-file", str(log)]
    size = ["--num-workers", "1", "--num-acceptors", "1", "--data-dir", str(folder)]
    command = [sys.executable, "-m", "proxy", *places, *size, "--basic-auth", PROXY_USER]
    quiet: t.Any = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    keeper = [sys.executable, "-c", KEEPER, *command]
    with subprocess.Popen(keeper, start_new_session=True, stdin=subprocess.PIPE, **quiet) as process:
        deadline = time.monotonic() + 20
        while not (port.exists() and port.read_text().strip()) and time.monotonic() < deadline:
            time.sleep(0.05)
        yield f"{HOST}:{port.read_text().split()[0]}", log
        t.cast(t.Any, process.stdin).close()


def went_through(log: t.Any, simulator: t.Any) -> bool:
    """Return whether a server appears in the log of the proxy, which logs connections when they end."""
    place = simulator.origin.partition("//")[2]
    deadline = time.monotonic() + 5
    while place not in log.read_text() and time.monotonic() < deadline:
        time.sleep(0.05)
    return place in log.read_text()


@pytest.mark.parametrize("name", ["https_proxy", "HTTPS_PROXY", "all_proxy"])
def test_a_proxy_of_the_environment_is_used(
    simulate: t.Any, authority: trustme.CA, ca_path: str, monkeypatch: pytest.MonkeyPatch, proxy: t.Any, name: str
) -> None:
    where, log = proxy
    monkeypatch.setenv(name, f"http://{PROXY_USER}@{where}")
    simulator = simulate([Device(IMEI, licensed=True)], ssl_context=tls(authority))
    assert_removed(remove(simulator, ca_path=ca_path))
    assert went_through(log, simulator)
    assert not any("Proxy-Authorization" in request.headers for request in simulator.requests)


@pytest.mark.parametrize("name", ["http_proxy", "HTTP_PROXY", "all_proxy"])
def test_no_proxy_sees_the_tokens_of_plain_http_to_loopback(
    simulate: t.Any, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    # A request to it would fail.
    monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert_removed(remove(simulate([Device(IMEI, licensed=True)])))


def test_the_certificate_is_verified_behind_a_proxy_too(
    simulate: t.Any, authority: trustme.CA, monkeypatch: pytest.MonkeyPatch, proxy: t.Any, waits: list[float]
) -> None:
    monkeypatch.setenv("https_proxy", f"http://{PROXY_USER}@{proxy[0]}")
    simulator = simulate([Device(IMEI, licensed=True)], ssl_context=tls(authority))
    assert_rejected(remove(simulator), waits, "the certificate is not trusted")
    assert simulator.requests == []


@pytest.mark.parametrize("exempt", [HOST, "*", "127.0.0.0/8"])
@pytest.mark.parametrize("name", ["no_proxy", "NO_PROXY"])
def test_no_proxy_leads_past_the_proxy(
    simulate: t.Any, authority: trustme.CA, ca_path: str, monkeypatch: pytest.MonkeyPatch, name: str, exempt: str
) -> None:
    # A request to it would fail.
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv(name, exempt)
    simulator = simulate([Device(IMEI, licensed=True)], ssl_context=tls(authority))
    assert_removed(remove(simulator, ca_path=ca_path))


@pytest.mark.parametrize(
    "proxy_url",
    [
        "http://me:{0}@{1}",
        "http://me:{0}@127.0.0.1:1",
        "http://me:{0}@nowhere.invalid:3128",
        "http://me:{0}@127.0.0.1:port",
        "http://me:{0}/@{1}",
        "socks5://me:{0}@{1}",
        "ftp://me:{0}@{1}",
        "me:{0}@{1}",
        "http://me:{0}@",
        "http://me:{0}@[::1",
    ],
)
def test_the_password_of_a_proxy_never_shows(
    simulate: t.Any, authority: trustme.CA, monkeypatch: pytest.MonkeyPatch, proxy: t.Any, proxy_url: str
) -> None:
    monkeypatch.setenv("https_proxy", proxy_url.format("wr0ngPw55", proxy[0]))
    simulator = simulate([Device(IMEI, licensed=True)], ssl_context=tls(authority))
    result = remove(simulator, retries=0, timeout=5)
    assert result["failed"] and not result["changed"]
    assert "wr0ngPw55" not in result["printed"] and "Traceback" not in result["printed"]
    assert simulator.requests == []


@pytest.mark.parametrize("module", [license_remove, license_info, session])
@pytest.mark.parametrize(
    ("scheme", "advice"), [("socks5h", "-m pip install 'requests[socks]'"), ("ftp", "must look like http://host:port")]
)
def test_a_proxy_that_cannot_be_used_is_named_with_advice(
    monkeypatch: pytest.MonkeyPatch, waits: list[float], module: t.Any, scheme: str, advice: str
) -> None:
    def missing(*_args: t.Any, **_kwargs: t.Any) -> t.NoReturn:
        raise requests.exceptions.InvalidSchema("Missing dependencies for SOCKS support.")

    monkeypatch.setattr(requests.adapters, "SOCKSProxyManager", missing)
    monkeypatch.setenv("all_proxy", f"{scheme}://me:wr0ngPw55@proxy.example:1080")
    args = {"api_url": "https://thingspace.example/api", "access_token": "1ffe0c", "session_token": "3b9b12"}
    more = {} if module is session else {"account": ACCOUNT, "imeis": [IMEI]}
    result = run_module.run(module, {**args, **more})
    assert result["failed"] and waits == [] and "wr0ngPw55" not in result["printed"]
    assert f"the proxy {scheme}://proxy.example:1080 of the environment" in result["msg"] and advice in result["msg"]
