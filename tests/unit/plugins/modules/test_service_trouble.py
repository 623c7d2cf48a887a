# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Errors during a run: expired tokens, rejections for all devices, throttling, a service that goes down, batch limits."""

from __future__ import annotations

import dataclasses
import json
import typing as t
from pathlib import Path

import pytest

from ansible_collections.verizon.fota.plugins.module_utils._licenses.states import Reader, Reading, State
from ansible_collections.verizon.fota.plugins.modules import license_info, license_remove, session
from ansible_collections.verizon.fota.tests.simulator import Device, Dialect, Fault, Faults, Simulator
from ansible_collections.verizon.fota.tests.unit.plugins.modules import run_module
from ansible_collections.verizon.fota.tests.unit.plugins.modules.conftest import ACCOUNT

FLEET = [Device(f"35000000000{number:04}", licensed=True) for number in range(60)]
IMEIS = [device.imei for device in FLEET]
LOG_IN, OAUTH = "/m2m/v1/session/login", "/ts/v1/oauth2/token"


@pytest.fixture
def remove(simulate: t.Any, run_against: t.Any) -> t.Callable[..., tuple[dict[str, t.Any], Simulator]]:
    """Remove the licenses of a fleet from a simulator with these faults; return the result and the simulator."""

    def run(
        *faults: Fault,
        with_credentials: bool = False,
        max_batch: int = 1000,
        fault_form: str = "json",
        fleet: t.Sequence[Device] = FLEET,
        **args: t.Any,
    ) -> t.Any:
        simulator = simulate(
            fleet, middleware=Faults(faults).middleware, max_batch=max_batch, dialect=Dialect(fault_form=fault_form)
        )
        settings = dataclasses.asdict(simulator.credentials) if with_credentials else {}
        settings = {
            **settings,
            "account": ACCOUNT,
            "imeis": IMEIS,
            "batch_size": 10,
            "concurrency": 1,
            # Short only for hangs; a busy machine gets time
            "timeout": 0.3 if faults else 20,
            **args,
        }
        return run_against(simulator, license_remove, **settings), simulator

    return run


def summary(**counts: int) -> dict[str, int]:
    return {"requested": 60, "removed": 0, "unlicensed": 0, "failed": 0, "unknown": 0, "skipped": 0, **counts}


def sent(simulator: Simulator, path: str) -> int:
    return sum(request.path == path for request in simulator.requests)


@pytest.mark.parametrize(
    ("kind", "token"), [("expire_session", "the session token"), ("expire_access", "the access token")]
)
def test_tokens_that_expire_on_the_way_end_the_run_in_order(remove: t.Any, kind: str, token: str) -> None:
    result, simulator = remove(Fault(kind, on="remove", skip=2, times=1))
    assert result["summary"] == summary(removed=20, skipped=40)
    assert result["changed"] and result["failed"]
    assert f"{token} is wrong or has expired" in result["msg"] and "verizon.fota.tokens" in result["msg"]
    assert len(simulator.licensed(ACCOUNT)) == 40
    assert len(simulator.writes) == 3, "nothing is sent after the rejection"


@pytest.mark.parametrize(("kind", "path"), [("expire_session", LOG_IN), ("expire_access", OAUTH)])
def test_tokens_that_expire_are_renewed_once_for_all_workers(remove: t.Any, kind: str, path: str) -> None:
    result, simulator = remove(Fault(kind, on="remove", skip=2, times=1), with_credentials=True, concurrency=4)
    assert result["summary"]["removed"] == 60 and not result["failed"]
    assert sent(simulator, path) == 1


def test_a_rejected_login_is_sent_once_per_run_however_many_workers_need_it(remove: t.Any) -> None:
    result, simulator = remove(
        Fault("expire_session", on="*", times=1), with_credentials=True, concurrency=4, password="wrong-password"
    )
    assert sent(simulator, LOG_IN) == 1
    assert result["summary"]["skipped"] == 60 and "login rejected; not retried" in result["msg"]


@pytest.mark.parametrize("acted", [True, False])
@pytest.mark.parametrize("fault", ["hang", "reset", "throttled", "html", "status"])
def test_a_login_with_a_lost_response_is_not_sent_again(simulate: t.Any, fault: str, acted: bool) -> None:
    simulator = simulate(middleware=Faults([Fault(fault, on="login", acted=acted)]).middleware)
    args = {"api_url": simulator.url, "timeout": 0.3, **dataclasses.asdict(simulator.credentials)}
    result = run_module.run(session, args)
    assert result["failed"] and sent(simulator, LOG_IN) == 1
    assert "may have counted" in result["msg"] or fault == "throttled" and "not retried" in result["msg"]


def test_an_access_token_with_a_lost_response_is_requested_again(simulate: t.Any) -> None:
    simulator = simulate(middleware=Faults([Fault("reset", on="token", acted=True, times=2)]).middleware)
    args = {"api_url": simulator.url, **dataclasses.asdict(simulator.credentials)}
    assert run_module.run(session, args)["session_token"]
    assert sent(simulator, OAUTH) == 3


def test_a_throttled_access_token_is_requested_again(simulate: t.Any) -> None:
    simulator = simulate(middleware=Faults([Fault("throttled", on="token", times=2, retry_after="1")]).middleware)
    args = {"api_url": simulator.url, **dataclasses.asdict(simulator.credentials)}
    assert run_module.run(session, args)["session_token"]
    assert sent(simulator, OAUTH) == 3


def test_a_rejection_for_all_devices_ends_the_run_at_once(remove: t.Any) -> None:
    result, simulator = remove(Fault("status", on="remove", status=403, skip=1), concurrency=1)
    assert result["summary"]["removed"] == 10 and result["summary"]["skipped"] == 40
    assert len(simulator.writes) == 2
    assert "The run ended early: HTTP 403" in result["msg"]


@pytest.mark.parametrize("header_case", Fault.HEADER_CASES)
@pytest.mark.parametrize(("retry_after", "least"), [("7", 7), ("date:9", 7.5)])
def test_throttling_waits_as_long_as_retry_after_says(
    remove: t.Any, waits: list[float], header_case: str, retry_after: str, least: float
) -> None:
    fault = Fault("throttled", on="remove", times=3, retry_after=retry_after, header_case=header_case)
    result, _simulator = remove(fault, timeout=30)
    assert result["summary"]["removed"] == 60
    assert len(waits) == 3 and all(least <= wait <= 10.5 for wait in waits)


def test_endless_throttling_ends_the_run(remove: t.Any, waits: list[float]) -> None:
    result, simulator = remove(Fault("throttled", on="remove", skip=2, retry_after="10"), timeout=30)
    assert result["summary"] == summary(removed=20, skipped=40)
    assert "HTTP 429" in result["msg"] and "given up after" in result["msg"]
    assert sum(waits) <= 120 and len(simulator.writes) < 20


FORMS = pytest.mark.parametrize("fault_form", Dialect.CHOICES["fault_form"])


@FORMS
@pytest.mark.parametrize("status", [429, 503])
def test_throttling_is_waited_for_in_each_form_at_each_status(
    remove: t.Any, waits: list[float], status: int, fault_form: str
) -> None:
    fault = Fault("throttled", on="remove", status=status, times=3, retry_after="7")
    result, simulator = remove(fault, timeout=30, fault_form=fault_form, batch_size=60)
    assert result["summary"] == summary(removed=60)
    assert len(waits) == 3 and all(7 <= wait <= 8 for wait in waits)
    assert len(simulator.writes) == 4, "sent again as it is: nothing was done"


@FORMS
@pytest.mark.parametrize("status", [403, 429, 500, 503])
@pytest.mark.parametrize("on", ["devices", "remove"])
def test_a_block_ends_the_run_without_a_second_try(
    remove: t.Any, waits: list[float], on: str, status: int, fault_form: str
) -> None:
    fault = Fault("rejected", on=on, code="900805", status=status, skip=1)
    result, simulator = remove(fault, timeout=20, fault_form=fault_form, batch_size=20)
    done = 20 if on == "remove" else 0
    assert result["summary"]["removed"] == done and result["summary"]["unknown"] == 0
    assert f"HTTP {status}: 900805" in result["msg"] and waits == []
    rejected = [request for request in simulator.requests if request.status == status]
    assert len(rejected) == 1


@FORMS
@pytest.mark.parametrize("status", [401, 403, 503])
@pytest.mark.parametrize("code", ["900901", "900902", "900903"])
def test_a_rejected_access_token_is_renewed_in_each_form_at_each_status(
    remove: t.Any, code: str, status: int, fault_form: str
) -> None:
    fault = Fault("rejected", on="remove", code=code, status=status, times=1)
    result, simulator = remove(fault, timeout=20, with_credentials=True, fault_form=fault_form)
    assert result["summary"] == summary(removed=60)
    assert (sent(simulator, OAUTH), sent(simulator, LOG_IN)) == (1, 0)


@pytest.mark.parametrize("status", [400, 401, 404, 500])
@pytest.mark.parametrize("on", ["devices", "remove"])
@pytest.mark.parametrize("code", Fault.CODES["rejected"][:5])
def test_an_error_about_the_account_ends_the_run_at_once(remove: t.Any, code: str, on: str, status: int) -> None:
    result, simulator = remove(
        Fault("rejected", on=on, code=code, status=status), timeout=20, with_credentials=True, batch_size=60
    )
    rejected = [request for request in simulator.requests if request.status == status]
    assert len(rejected) == 1 and result["summary"]["removed"] == 0 and not result["changed"]
    assert f"HTTP {status}: UnifiedWebService.{code}" in result["msg"]
    assert sent(simulator, LOG_IN) == 0, "the session is not to blame"


@pytest.mark.parametrize("code", ["REQUEST_FAILED.AccountNotFound", "900805"])
def test_license_info_ends_at_once_where_every_call_is_rejected(
    simulate: t.Any, run_against: t.Any, waits: list[float], code: str
) -> None:
    simulator = simulate(FLEET, middleware=Faults([Fault("rejected", code=code, status=503)]).middleware)
    result = run_against(simulator, license_info, account=ACCOUNT)
    assert result["failed"] and code in result["msg"]
    assert len(simulator.requests) == 1 and waits == []


@pytest.mark.parametrize("kind", ["hang", "reset", "html", "empty"])
def test_a_service_that_is_down_from_the_start_ends_the_run_before_any_removal(remove: t.Any, kind: str) -> None:
    result, simulator = remove(Fault(kind), concurrency=4)
    assert result["summary"]["skipped"] == 60 and not result["changed"]
    assert simulator.writes == []
    assert len(simulator.requests) <= 16, "four workers, four tries each"


def test_a_service_that_goes_down_leaves_the_last_batch_unknown_and_the_rest_unsent(remove: t.Any) -> None:
    result, simulator = remove(Fault("hang", on="remove", skip=2), Fault("hang", on="devices", skip=6))
    assert result["summary"] == summary(removed=20, unknown=10, skipped=30)
    assert "run the task again" in result["msg"] and simulator.url.split("/")[2] in result["msg"]


def test_a_refused_connection_ends_the_run_and_names_the_host(simulate: t.Any, run_against: t.Any) -> None:
    simulator = simulate(FLEET)
    simulator.stop()
    result = run_against(simulator, license_remove, account=ACCOUNT, imeis=IMEIS)
    assert result["summary"]["skipped"] == 60
    assert (
        f"cannot connect to {simulator.url.split('/')[2]}" in result["msg"]
        and "given up after 4 tries" in result["msg"]
    )


def test_a_size_once_learned_is_kept_for_the_run(remove: t.Any) -> None:
    result, simulator = remove(max_batch=7, batch_size=30)
    assert result["summary"]["removed"] == 60
    assert sum(request.status == 400 for request in simulator.writes) == 5, (
        "30, 15, 8, 15, 8 in the first batch, none after it"
    )


def test_devices_that_may_have_held_no_license_are_marked(
    remove: t.Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the state before nor the response tells."""
    monkeypatch.setattr(Reader, "read", lambda self, imeis: dict.fromkeys(imeis, Reading(State.UNREAD, "no response")))
    fleet = [Device(IMEIS[0], licensed=True), Device(IMEIS[1])]
    missing_rows = Fault("missing_row", on="remove", acted=True)
    options = {"imeis": IMEIS[:2], "journal": str(tmp_path / "j"), "batch_size": 1}
    result, simulator = remove(missing_rows, fleet=fleet, **options)
    assert simulator.licensed(ACCOUNT) == frozenset()
    rows = [json.loads(line) for line in (tmp_path / "j").read_text(encoding="utf-8").splitlines()]
    for devices in (result["devices"], rows):
        assert [(device["outcome"], device["state_before"]) for device in devices] == [("removed", "unknown")] * 2
    assert result["msg"].startswith(
        "2 licenses removed. Whether a device held a license before is not known for 2 of them."
    )


def test_a_batch_with_a_lost_response_is_reported_as_removed(remove: t.Any) -> None:
    result, simulator = remove(Fault("status", on="remove", status=500, times=1, acted=True), batch_size=60)
    assert result["summary"]["removed"] == 60 and simulator.licensed(ACCOUNT) == frozenset()
