# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import dataclasses
import typing as t
from pathlib import Path

import pytest

from ansible_collections.verizon.fota.plugins.module_utils import _connect
from ansible_collections.verizon.fota.plugins.modules import license_info
from ansible_collections.verizon.fota.tests.simulator import Account, Device, Simulator
from ansible_collections.verizon.fota.tests.simulator.fleets import ACCOUNT
from ansible_collections.verizon.fota.tests.unit.plugins.modules import run_module
from ansible_collections.verizon.fota.tests.unit.plugins.modules.half_licensed import KEYS

# Where license_info may send requests.
PATHS = ("/fota/v3/licenses/", "/fota/v3/devices/", "/fota/v3/subscriptions/", "/ts/v1/", "/m2m/v1/session/login")
# What requests takes from the environment
SURROUNDINGS = ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "requests_ca_bundle", "curl_ca_bundle", "netrc")


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Remove the variables that requests and the modules read from the environment."""
    for name in (
        "ACCOUNT",
        "ACCESS_TOKEN",
        "SESSION_TOKEN",
        "CLIENT_ID",
        "CLIENT_SECRET",
        "USERNAME",
        "PASSWORD",
        "API_URL",
        "TRACE",
    ):
        monkeypatch.delenv(f"THINGSPACE_{name}", raising=False)
    for name in SURROUNDINGS:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return the seconds that modules would have waited; they do not wait in tests."""
    seconds: list[float] = []
    without_waiting(monkeypatch, seconds.append)
    return seconds


def without_waiting(monkeypatch: pytest.MonkeyPatch, sleep: t.Callable[[float], None]) -> None:
    real = _connect.retry_policy
    monkeypatch.setattr(_connect, "retry_policy", lambda *args: dataclasses.replace(real(*args), sleep=sleep))


@pytest.fixture
def simulate() -> t.Iterator[t.Callable[..., Simulator]]:
    """Start simulators with these devices; they stop with the test."""
    started: list[Simulator] = []

    def start(devices: t.Sequence[Device] = (), **options: t.Any) -> Simulator:
        simulator = Simulator([Account(ACCOUNT, license_total=9000, devices=list(devices))], **options)
        started.append(simulator)
        return simulator.__enter__()

    yield start
    for simulator in started:
        simulator.__exit__(None, None, None)


@pytest.fixture
def run_against() -> t.Callable[..., dict[str, t.Any]]:
    """Run a module with valid tokens against a simulator; return its result."""

    def run(
        simulator: Simulator, module: t.Any, check: bool = False, diff: bool = False, **args: t.Any
    ) -> dict[str, t.Any]:
        access, session = simulator.issue_tokens()
        common = {"api_url": simulator.url, "access_token": access, "session_token": session}
        return run_module.run(module, {**common, **args}, check=check, diff=diff)

    return run


@pytest.fixture
def ask(run_against: t.Any) -> t.Iterator[t.Callable[..., dict[str, t.Any]]]:
    """Run license_info; check at the end that nothing was written."""
    simulators: list[Simulator] = []

    def run(simulator: Simulator, **args: t.Any) -> dict[str, t.Any]:
        simulators.append(simulator)
        result = run_against(simulator, license_info, **{"account": ACCOUNT, **args})
        assert set(result) - {"printed", "new_secrets", "invocation", "warnings", "exception"} == KEYS | (
            {"subscription"} if args.get("subscription") else set()
        )
        assert result["changed"] is False
        return t.cast("dict[str, t.Any]", result)

    yield run
    for simulator in simulators:
        assert simulator.writes == []
        assert all(request.path.startswith(PATHS) for request in simulator.requests)
