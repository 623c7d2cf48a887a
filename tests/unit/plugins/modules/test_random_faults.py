# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever goes wrong on the way, what the module says of a device is true.

For random accounts, options and schedules of faults, expiring tokens and batch limits, the module's reports are held
against the simulator's own state, device by device. FOTA_EXAMPLES sets how many examples are tried.
"""

from __future__ import annotations

import dataclasses
import json
import threading
import typing as t
from collections import Counter

import hypothesis
import pytest
from hypothesis import strategies as st

from ansible_collections.verizon.fota.plugins.module_utils._http.client import Client
from ansible_collections.verizon.fota.plugins.module_utils._http.messages import Request, Response
from ansible_collections.verizon.fota.plugins.module_utils._licenses.outcomes import REMOVAL
from ansible_collections.verizon.fota.plugins.modules import license_remove
from ansible_collections.verizon.fota.tests.simulator import Account, Device, Dialect, Fault, Faults, Simulator
from ansible_collections.verizon.fota.tests.unit.examples import examples
from ansible_collections.verizon.fota.tests.unit.plugins.modules import run_module
from ansible_collections.verizon.fota.tests.unit.plugins.modules.conftest import ACCOUNT, without_waiting
from ansible_collections.verizon.fota.tests.unit.plugins.modules.test_random_dialects import (
    PHASES,
    readable,
    scenes,
)

TIMEOUT = 0.3
# Slow and very long responses have tests of their own.
LEFT_OUT = ("slow", "huge", "echo")
COMBINATIONS = [
    (kind, on, acted)
    for kind, on, acted in Fault.COMBINATIONS
    if kind not in LEFT_OUT and on in ("remove", "devices", "licenses", "*")
    # With *, a login may be rejected once; other tests check the consequences.
    if not (kind == "throttled" and acted)
]


@st.composite
def faults(draw: st.DrawFn) -> Fault:
    kind, on, acted = draw(st.sampled_from(COMBINATIONS))
    more: dict[str, t.Any] = {}
    if kind == "cut":
        more["byte"] = draw(st.none() | st.integers(0, 300))
    if kind == "status":
        more["status"] = draw(st.sampled_from((500, 502, 503, 504, 409, 418)))
    if kind == "throttled":
        more["retry_after"] = draw(st.sampled_from((None, "1", "date:1", "soon")))
        more["header_case"] = draw(st.sampled_from(Fault.HEADER_CASES))
    if kind == "rejected":
        more["code"] = draw(st.sampled_from(Fault.CODES[kind]))
        more["status"] = draw(st.sampled_from((400, 401, 403, 404, 429, 503)))
    # Each hang costs a timeout.
    times = 1 if kind == "hang" else draw(st.none() | st.integers(1, 4))
    probability = draw(st.sampled_from((1.0, 0.5, 0.2)))
    return Fault(kind, on, acted, probability, times, draw(st.integers(0, 3)), **more)


dialects = st.builds(
    Dialect,
    rows=st.sampled_from(Dialect.CHOICES["rows"]),
    id_type=st.sampled_from(Dialect.CHOICES["id_type"]),
    status_values=st.sampled_from(Dialect.CHOICES["status_values"]),
    license_field=st.sampled_from(("bool", "bool", "absent")),
    devices_endpoint=st.sampled_from(("ok", "ok", "ok", "403")),
    list_endpoint=st.sampled_from(("ok", "ok", "404")),
    session_expired=st.sampled_from(Dialect.CHOICES["session_expired"]),
    fault_form=st.sampled_from(Dialect.CHOICES["fault_form"]),
)
options = st.fixed_dictionaries(
    {
        "batch_size": st.integers(1, 30),
        "concurrency": st.integers(1, 4),
        "retries": st.integers(0, 3),
        "unknown_devices": st.sampled_from(("fail", "ignore")),
        "max_share": st.sampled_from((None, None, None, 0.5, 1)),
        "wait": st.booleans(),
        # One more read: no time passes here while a module waits.
        "wait_timeout": st.just(0),
    }
)
FIGURES: Counter[str] = Counter(violations=0)


@pytest.fixture(autouse=True, scope="module")
def figures() -> t.Iterator[None]:
    """Print at the end what was tried."""
    yield
    print(f"\n{json.dumps(FIGURES)}")


@hypothesis.settings(
    max_examples=examples(200), deadline=None, phases=PHASES, suppress_health_check=list(hypothesis.HealthCheck)
)
@hypothesis.given(
    scene=scenes(),
    dialect=dialects,
    chosen=options,
    schedule=st.lists(faults(), max_size=4),
    seed=st.integers(0, 2**32),
    max_batch=st.sampled_from((3, 10, 1000)),
    renewable=st.booleans(),
)
def test_the_reported_state_of_a_device_is_correct(
    scene: tuple[list[Device], list[str]],
    dialect: Dialect,
    chosen: dict[str, t.Any],
    schedule: list[Fault],
    seed: int,
    max_batch: int,
    renewable: bool,
) -> None:
    devices, imeis = scene
    layer = Faults(schedule, seed=seed)
    account = Account(ACCOUNT, devices=devices)
    with Simulator([account], dialect=dialect, middleware=layer.middleware, max_batch=max_batch) as simulator:
        before = simulator.licensed(ACCOUNT)
        result = run(simulator, imeis, chosen, renewable)
        after = simulator.licensed(ACCOUNT)
        requests = simulator.requests
    outcomes = {device["imei"]: device["outcome"] for device in result["devices"]}
    FIGURES.update({"examples": 1, "faults injected": len(layer.injected), "devices judged": len(outcomes)})
    FIGURES.update(outcomes.values())
    try:
        judge(outcomes, result, before, after, rejections_believed(dialect, layer))
        if readable(dialect) and all(injected.path.endswith("/remove") for injected in layer.injected):
            # A device in an unknown state may have had no license before; that it has none now is what counts.
            assert removed_of(outcomes) <= before, "reported as removed, but had no license"
        assert list(outcomes) == list(dict.fromkeys(imeis))
        assert result["most in flight"] <= chosen["concurrency"]
        assert len(requests) <= bound(len(outcomes), chosen["retries"])
        rejected_logins = [
            request for request in requests if request.path.endswith("/login") and request.status in REJECTED
        ]
        assert len(rejected_logins) <= 1
    except AssertionError:
        FIGURES["violations"] += 1
        raise


REJECTED = (400, 401, 403)


def removed_of(outcomes: dict[str, str]) -> set[str]:
    return {imei for imei, outcome in outcomes.items() if outcome == "removed"}


def rejections_believed(dialect: Dialect, layer: Faults) -> bool:
    """Return whether a 4xx rejection can hide a removal: it is believed if nothing can be read at all."""
    hidden = [one.fault for one in layer.injected if one.path.endswith("/remove") and one.fault.kind == "status"]
    unavailable = "ok" not in (dialect.devices_endpoint, dialect.list_endpoint)
    return unavailable and any(fault.acted and 400 <= fault.status < 500 for fault in hidden)


def judge(
    outcomes: dict[str, str],
    result: dict[str, t.Any],
    before: frozenset[str],
    after: frozenset[str],
    rejections_are_believed: bool = False,
) -> None:
    """Compare the outcomes with the devices that held a license before, and with those that hold one now."""
    counts = Counter(outcomes.values())
    assert result["summary"] == {"requested": len(outcomes), **{name: counts[name] for name in REMOVAL.names}}
    assert result["changed"] == bool(counts["removed"] + counts["unknown"])
    assert result["failed"] >= bool(counts["failed"] + counts["unknown"] + counts["skipped"])
    assert not removed_of(outcomes) & after, "reported as removed, but still licensed"
    reported = {imei for imei, outcome in outcomes.items() if outcome in ("removed", "unknown")}
    assert before - after <= reported or rejections_are_believed, "removed, but not reported"
    unlicensed = {imei for imei, outcome in outcomes.items() if outcome == "unlicensed"}
    assert not unlicensed & before, "reported as unlicensed, but had a license"


def bound(devices: int, retries: int) -> int:
    """Return the maximum number of requests: some for each try of each part of a bisected list."""
    return 60 + 60 * devices * (retries + 1)


def run(simulator: Simulator, imeis: list[str], chosen: dict[str, t.Any], renewable: bool) -> dict[str, t.Any]:
    access, session = simulator.issue_tokens()
    tokens = {"api_url": simulator.url, "access_token": access, "session_token": session, "timeout": TIMEOUT}
    credentials = dataclasses.asdict(simulator.credentials) if renewable else {}
    args = {**tokens, **credentials, "account": ACCOUNT, "imeis": imeis, **chosen}
    with pytest.MonkeyPatch.context() as monkeypatch:
        without_waiting(monkeypatch, lambda seconds: None)
        in_flight = counting(monkeypatch)
        result = run_module.run(license_remove, args)
    return {**result, "most in flight": max(in_flight, default=0)}


def counting(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list that receives, for each exchange, how many were in progress when it began, including itself.

    Counted where requests are sent: a server that has just reset a connection may not have left its own count yet.
    """
    real = Client.exchange
    lock = threading.Lock()
    under_way = [0]
    counts: list[int] = []

    def exchange(self: Client, request: Request, at_most: float | None = None) -> Response:
        with lock:
            under_way[0] += 1
            counts.append(under_way[0])
        try:
            return real(self, request, at_most)
        finally:
            with lock:
                under_way[0] -= 1

    monkeypatch.setattr(Client, "exchange", exchange)
    return counts
