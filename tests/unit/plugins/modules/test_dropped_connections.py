# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs through a front end that drops persistent connections."""

from __future__ import annotations

import dataclasses
import ssl
import typing as t

import pytest
import trustme

from ansible_collections.verizon.fota.plugins.modules import license_remove, session
from ansible_collections.verizon.fota.tests.simulator import Device
from ansible_collections.verizon.fota.tests.unit.plugins.modules import run_module
from ansible_collections.verizon.fota.tests.unit.plugins.modules.conftest import ACCOUNT
from ansible_collections.verizon.fota.tests.unit.plugins.modules.front_end import (
    DROPPING,
    FIRST,
    HOST,
    KEEPS,
    SECOND,
    SECOND_SERVED,
    SOON,
    FrontEnd,
)

pytestmark = pytest.mark.slow

FLEET = [Device(f"35000000000{number:04}", licensed=number % 3 > 0) for number in range(60)]
LICENSED = {device.imei for device in FLEET if device.licensed}
LOG_IN, LOG_OUT, OAUTH = "/m2m/v1/session/login", "/m2m/v1/session/logout", "/ts/v1/oauth2/token"
# What is between the module and the front end
WAYS = ("plain", "TLS", "proxy")


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def front(
    simulate: t.Any, authority: trustme.CA, monkeypatch: pytest.MonkeyPatch, tmp_path: t.Any
) -> t.Iterator[t.Callable[..., tuple[t.Any, FrontEnd, dict[str, t.Any]]]]:
    """Start a simulator behind a front end; return both, and the connection options with the credentials."""
    started: list[FrontEnd] = []

    def start(ends: str, way: str = "plain", latency: float = 0.0, **more: t.Any) -> t.Any:
        simulator = simulate(FLEET)
        context = None
        if way != "plain":
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            authority.issue_cert(HOST).configure_cert(context)
        front_end = FrontEnd(simulator, ends, context, way == "proxy", latency, **more).__enter__()
        started.append(front_end)
        if way == "proxy":
            monkeypatch.setenv("https_proxy", front_end.proxy_url)
        authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
        options = {"api_url": front_end.url, "timeout": 5, **dataclasses.asdict(simulator.credentials)}
        return (
            simulator,
            front_end,
            {**options, **({} if way == "plain" else {"ca_path": str(tmp_path / "authority.pem")})},
        )

    yield start
    for front_end in started:
        front_end.__exit__()


def sent(simulator: t.Any, path: str) -> int:
    return sum(request.path == path for request in simulator.requests)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("ends", DROPPING)
def test_a_session_starts_with_one_login_and_ends(front: t.Any, ends: str, way: str) -> None:
    simulator, front_end, options = front(ends, way)
    result = run_module.run(session, options)
    assert result["access_token"] and result["session_token"], result["msg"]
    assert (sent(simulator, LOG_IN), front_end.lost) == (1, 0)
    tokens = {name: result[name] for name in ("access_token", "session_token")}
    assert run_module.run(session, {**options, **tokens, "state": "absent"})["changed"]
    assert sent(simulator, LOG_OUT) == 1


@pytest.mark.parametrize("supplied", ["credentials", "tokens"])
@pytest.mark.parametrize(
    ("way", "batch_size", "concurrency"),
    [("plain", 60, 1), ("plain", 7, 1), ("plain", 7, 4), ("TLS", 7, 4), ("proxy", 7, 4)],
)
@pytest.mark.parametrize(
    ("ends", "latency"), [(FIRST, 0.0), (SECOND, 0.0), (SECOND_SERVED, 0.0), (SOON, 0.0), (SOON, 0.035)]
)
def test_every_license_is_removed(
    front: t.Any, ends: str, latency: float, batch_size: int, concurrency: int, supplied: str, way: str
) -> None:
    simulator, front_end, options = front(ends, way, latency)
    if supplied == "tokens":
        access, session_token = simulator.issue_tokens()
        options = {**options, "access_token": access, "session_token": session_token}
    imeis = [device.imei for device in FLEET]
    sizes = {"batch_size": batch_size, "concurrency": concurrency}
    result = run_module.run(license_remove, {**options, **sizes, "account": ACCOUNT, "imeis": imeis})
    outcomes = {device["imei"]: device["outcome"] for device in result["devices"]}
    assert outcomes == {imei: "removed" if imei in LICENSED else "unlicensed" for imei in imeis}, result["msg"]
    assert simulator.licensed(ACCOUNT) == frozenset() and not result["failed"]
    assert sent(simulator, LOG_IN) == (supplied == "credentials")
    assert front_end.lost <= concurrency, "each thread loses one request at most"


@pytest.mark.parametrize("supplied", ["credentials", "tokens"])
@pytest.mark.parametrize("ends", [SECOND, SECOND_SERVED])
def test_no_retries_are_needed_where_a_read_finds_out(front: t.Any, ends: str, supplied: str) -> None:
    simulator, front_end, options = front(ends)
    if supplied == "tokens":
        access, session_token = simulator.issue_tokens()
        options = {**options, "access_token": access, "session_token": session_token}
    imeis = [device.imei for device in FLEET]
    args = {**options, "account": ACCOUNT, "imeis": imeis, "batch_size": 7, "concurrency": 1, "retries": 0}
    result = run_module.run(license_remove, args)
    assert result["summary"]["removed"] == len(LICENSED) and not result["failed"], result["msg"]
    assert front_end.lost == 1 and len(simulator.writes) == 6


@pytest.mark.parametrize(("batch_size", "concurrency"), [(60, 1), (30, 4), (15, 4), (20, 2)])
def test_no_retries_are_needed_with_no_more_batches_than_threads(
    front: t.Any, batch_size: int, concurrency: int
) -> None:
    simulator, _front_end, options = front(SECOND)
    access, session_token = simulator.issue_tokens()
    tokens = {"access_token": access, "session_token": session_token}
    sizes = {"batch_size": batch_size, "concurrency": concurrency, "retries": 0}
    imeis = [device.imei for device in FLEET]
    result = run_module.run(license_remove, {**options, **tokens, **sizes, "account": ACCOUNT, "imeis": imeis})
    assert result["summary"]["removed"] == len(LICENSED) and not result["failed"], result["msg"]


@pytest.mark.parametrize("way", WAYS)
def test_connections_that_are_not_dropped_are_kept(front: t.Any, way: str) -> None:
    simulator, front_end, options = front(KEEPS, way)
    imeis = [device.imei for device in FLEET]
    args = {**options, "account": ACCOUNT, "imeis": imeis, "batch_size": 3, "concurrency": 4}
    assert run_module.run(license_remove, args)["summary"]["removed"] == len(LICENSED)
    assert front_end.lost == 0 and len(simulator.requests) == 36
    assert front_end.connections <= 5, "one for each thread, and one of the access token that the login did not use"


@pytest.mark.parametrize("ends", [KEEPS, SECOND_SERVED])
@pytest.mark.parametrize("way", WAYS)
def test_informational_responses_end_no_run(front: t.Any, way: str, ends: str) -> None:
    hints = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n"
    simulator, front_end, options = front(ends, way, informational=hints)
    imeis = [device.imei for device in FLEET]
    args = {**options, "account": ACCOUNT, "imeis": imeis, "batch_size": 7, "concurrency": 4}
    result = run_module.run(license_remove, args)
    assert result["summary"]["removed"] == len(LICENSED) and not result["failed"], result["msg"]
    assert simulator.licensed(ACCOUNT) == frozenset() and sent(simulator, LOG_IN) == 1
