# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""license_info with IMEIs: states of devices, the subscription, errors and signals. test_license_list has the rest."""

from __future__ import annotations

import dataclasses
import os
import signal
import threading
import typing as t

import pytest
from ansible.module_utils.basic import AnsibleModule

from ansible_collections.verizon.fota.plugins.module_utils._support.interruption import Interruption
from ansible_collections.verizon.fota.plugins.modules import license_info
from ansible_collections.verizon.fota.tests.simulator import Account, Dialect, Fault, Faults, Simulator
from ansible_collections.verizon.fota.tests.unit.plugins.modules import run_module
from ansible_collections.verizon.fota.tests.unit.plugins.modules.conftest import ACCOUNT
from ansible_collections.verizon.fota.tests.unit.plugins.modules.half_licensed import (
    FLEET,
    KEYS,
    LICENSED,
    UNKNOWN_IMEI,
    licensed_by_imei,
    sent,
)

# Requested devices


@pytest.mark.parametrize("rows", Dialect.CHOICES["rows"])
@pytest.mark.parametrize(
    ("license_field", "unknown_in_list", "batch_size"),
    [("bool", "missing", 7), ("text", "failure", 1), ("absent", "missing", 1000)],
)
def test_devices_are_reported_in_the_order_of_the_list(
    simulate: t.Any, ask: t.Any, rows: str, license_field: str, unknown_in_list: str, batch_size: int
) -> None:
    dialect = Dialect(rows=rows, license_field=license_field, unknown_in_list=unknown_in_list)
    simulator = simulate(FLEET, dialect=dialect)
    imeis = [device.imei for device in FLEET]
    imeis.insert(11, UNKNOWN_IMEI)
    result = ask(simulator, imeis=[*imeis, f" {imeis[0]}"], batch_size=batch_size)
    actual = {device.imei: device.licensed for device in FLEET}
    assert list(licensed_by_imei(result).items()) == [(imei, actual.get(imei)) for imei in imeis]
    assert result["summary"] == {"requested": 31, "licensed": 15, "unlicensed": 15, "unknown": 1}
    assert result["account"] == {"name": ACCOUNT, "license_total": 9000, "license_used": 15}
    assert not result["failed"]
    reasons = {device["imei"]: device["reason"] for device in result["devices"] if "reason" in device}
    assert list(reasons) == [UNKNOWN_IMEI]
    assert not any("assigned_time" in device for device in result["devices"])


def test_imeis_from_a_file_and_only_counts_returned(simulate: t.Any, ask: t.Any, tmp_path: t.Any) -> None:
    file = tmp_path / "retired.csv"
    file.write_text("note,imei\n" + "".join(f"x,{device.imei}\n" for device in FLEET), encoding="utf-8")
    result = ask(simulate(FLEET), imeis_file=str(file), return_devices="none")
    assert result["devices"] == []
    assert result["summary"] == {"requested": 30, "licensed": 15, "unlicensed": 15, "unknown": 0}
    assert result["msg"].startswith("Of 30 devices: 15 licensed, 15 unlicensed, 0 unknown.")


@pytest.mark.parametrize("status", ["403", "404"])
def test_where_only_the_list_may_be_read_a_device_outside_it_is_unlicensed_with_a_reason(
    simulate: t.Any, ask: t.Any, status: str
) -> None:
    simulator = simulate(FLEET, dialect=Dialect(devices_endpoint=status), page_size=4)
    result = ask(simulator, imeis=[LICENSED[0], UNKNOWN_IMEI], batch_size=1)
    assert result["devices"][0] == {"imei": LICENSED[0], "licensed": True}
    assert result["devices"][1]["licensed"] is False
    assert "whether the account knows it could not be read" in result["devices"][1]["reason"]
    assert not result["failed"]


@pytest.mark.parametrize("status", ["403", "404"])
def test_the_task_fails_if_nothing_can_be_read(simulate: t.Any, ask: t.Any, status: str) -> None:
    simulator = simulate(FLEET, dialect=Dialect(devices_endpoint=status, list_endpoint=status))
    result = ask(simulator, imeis=[device.imei for device in FLEET], batch_size=5, concurrency=1)
    assert result["failed"] and set(licensed_by_imei(result).values()) == {None}
    assert result["msg"].startswith(
        "The reading ended early: the account may read neither its devices nor its list of licensed devices: HTTP"
    )
    assert all(f"HTTP {status}" in device["reason"] for device in result["devices"])
    assert sent(simulator, "/devices/") == 1
    # The subscription may still be read.
    assert result["account"]["license_used"] == 15


def test_devices_with_an_unknown_state_fail_the_task(simulate: t.Any, ask: t.Any) -> None:
    simulator = simulate(FLEET, dialect=Dialect(license_field="absent", list_endpoint="403"))
    result = ask(simulator, imeis=[LICENSED[0], UNKNOWN_IMEI])
    assert result["failed"] and licensed_by_imei(result) == {LICENSED[0]: None, UNKNOWN_IMEI: None}
    reason = "the service does not report whether it holds a license"
    assert result["devices"][0]["reason"] == reason
    assert result["msg"].startswith(f"The state of 1 device could not be read: {LICENSED[0]}: {reason}.")


def test_a_service_that_dies_fails_the_task_with_what_was_read_in_its_result(simulate: t.Any, ask: t.Any) -> None:
    layer = Faults([Fault("html", on="*", skip=1)])
    imeis = [device.imei for device in FLEET]
    simulator = simulate(FLEET, middleware=layer.middleware)
    result = ask(simulator, imeis=imeis, batch_size=10, concurrency=1, retries=1)
    actual = {device.imei: device.licensed for device in FLEET}
    assert licensed_by_imei(result) == {imei: actual[imei] if imei in imeis[:10] else None for imei in imeis}
    assert all("HTTP 200, but" in device["reason"] for device in result["devices"][10:])
    assert result["failed"] and result["summary"]["unknown"] == 20
    assert result["msg"].startswith("The reading ended early: HTTP 200, but ")
    assert len(simulator.requests) == 3


def test_a_rejection_for_all_devices_ends_the_reading(simulate: t.Any, ask: t.Any) -> None:
    layer = Faults([Fault("expire_session", on="devices", skip=1, times=1)])
    simulator = simulate(FLEET, middleware=layer.middleware)
    imeis = [device.imei for device in FLEET]
    result = ask(simulator, imeis=imeis, batch_size=10, concurrency=1, subscription=True)
    assert result["failed"] and [device["licensed"] for device in result["devices"]][10:] == [None] * 20
    assert None not in [device["licensed"] for device in result["devices"]][:10]
    assert "the session token is wrong or has expired" in result["msg"]
    assert all(device["reason"].startswith("not read: ") for device in result["devices"][10:])
    assert sent(simulator, "/devices/") == 2 and sent(simulator, "/licenses/") == 0


@pytest.mark.parametrize("account", ["0000000000-00000"])
@pytest.mark.parametrize("args", [{}, {"imeis": LICENSED}, {"return_devices": "none"}, {"subscription": True}])
def test_an_account_that_does_not_exist_fails_at_once(
    simulate: t.Any, ask: t.Any, account: str, args: dict[str, t.Any]
) -> None:
    simulator = simulate(FLEET)
    result = ask(simulator, **{**args, "account": account, "concurrency": 1})
    assert result["failed"] and "Invalid account name format" in result["msg"]
    assert result["account"] == {"name": account, "license_total": None, "license_used": None}
    assert len(simulator.requests) == 1


# The subscription


@pytest.mark.parametrize(
    ("purchase_type", "event_based"),
    [
        ("TS-HFOTA-MRC", False),
        ("TS-HFOTA-EVNT", True),
        (" ts-hfota-evnt ", True),
        ("TS-HFOTA-MRC,TS-HFOTA-EVNT", False),
        ("TS-HFOTA-EVNT, TS-HFOTA-MRC", False),
    ],
)
@pytest.mark.parametrize("args", [{}, {"imeis": LICENSED}, {"return_devices": "none"}])
def test_a_subscription_is_returned_and_one_by_event_warns(
    ask: t.Any, monkeypatch: pytest.MonkeyPatch, purchase_type: str, event_based: bool, args: dict[str, t.Any]
) -> None:
    # The warnings in a result are those of all modules that ran in this process.
    warnings: list[str] = []
    monkeypatch.setattr(AnsibleModule, "warn", lambda module, warning: warnings.append(warning))
    with Simulator([Account(ACCOUNT, devices=FLEET, purchase_type=purchase_type)]) as simulator:
        result = ask(simulator, subscription=True, **args)
        found = result["subscription"]
        assert found.pop("updated_time").endswith("Z")
        assert found == {
            "purchase_type": purchase_type.strip(),
            "license_total": 9000,
            "license_used": 15,
            "event_based": event_based,
        }
        assert [warning.endswith("it has no licenses to remove") for warning in warnings] == [True] * event_based
        assert not result["failed"]
        ask(simulator, **args)
        assert len(warnings) == event_based and sent(simulator, "/subscriptions/") == 1


def rejecting_subscriptions(app: t.Any) -> t.Any:
    def wrapped(environ: t.Any, start_response: t.Any) -> t.Any:
        if "/subscriptions/" not in environ["PATH_INFO"]:
            return app(environ, start_response)
        start_response("403 Forbidden", [("Content-Type", "text/plain"), ("Content-Length", "0")])
        return [b""]

    return wrapped


@pytest.mark.parametrize("args", [{}, {"imeis": LICENSED}])
def test_a_subscription_that_is_not_to_be_had_fails_the_task_with_all_else_in_its_result(
    simulate: t.Any, ask: t.Any, args: dict[str, t.Any]
) -> None:
    result = ask(simulate(FLEET, middleware=rejecting_subscriptions), subscription=True, **args)
    assert result["failed"] and result["subscription"] is None
    assert result["msg"].startswith("The subscription of the account could not be read: HTTP 403")
    assert list(licensed_by_imei(result)) == LICENSED and result["account"]["license_used"] == 15


def test_totals_that_are_not_to_be_had_are_null(simulate: t.Any, ask: t.Any) -> None:
    simulator = simulate(FLEET, dialect=Dialect(list_endpoint="403"), middleware=rejecting_subscriptions)
    result = ask(simulator, imeis=LICENSED)
    assert not result["failed"]
    assert result["account"] == {"name": ACCOUNT, "license_total": None, "license_used": None}
    assert result["msg"] == "Of 15 devices: 15 licensed, 0 unlicensed, 0 unknown."
    result = ask(simulator, return_devices="none")
    assert result["failed"] and result["msg"].startswith("The totals of the account could not be read: HTTP 403")
    assert result["summary"]["licensed"] is None


# Invalid input, modes, signals, secrets


def test_all_invalid_input_is_reported_at_once_and_nothing_is_sent(simulate: t.Any, ask: t.Any) -> None:
    simulator = simulate(FLEET)
    result = ask(simulator, account=642233522, imeis=["x", LICENSED[0], "12"], batch_size=0, concurrency=65)
    assert result["failed"] and simulator.requests == []
    for text in ("account is the number 642233522", "imeis[0]: 'x'", "imeis[2]: '12'", "batch_size is 0"):
        assert text in result["msg"]
    assert "concurrency is 65" in result["msg"] and "Traceback" not in result["printed"]


def test_an_empty_list_does_not_stand_for_all_devices(simulate: t.Any, ask: t.Any, tmp_path: t.Any) -> None:
    simulator = simulate(FLEET)
    assert "imeis is empty" in ask(simulator, imeis=[])["msg"]
    file = tmp_path / "empty.txt"
    file.touch()
    assert "contains no IMEIs" in ask(simulator, imeis_file=str(file))["msg"]
    assert simulator.requests == []
    both = run_module.run(license_info, {"account": ACCOUNT, "imeis": LICENSED, "imeis_file": str(file)})
    assert "mutually exclusive" in both["msg"]


@pytest.mark.parametrize("args", [{}, {"imeis": [*LICENSED, UNKNOWN_IMEI]}, {"return_devices": "none"}])
@pytest.mark.parametrize("list_endpoint", ["ok", "403"])
def test_check_mode_and_diff_mode_make_no_difference(
    simulate: t.Any, run_against: t.Any, args: dict[str, t.Any], list_endpoint: str
) -> None:
    simulator = simulate(FLEET, dialect=Dialect(list_endpoint=list_endpoint))
    results = []
    for check in (False, True):
        result = run_against(simulator, license_info, check=check, diff=check, account=ACCOUNT, **args)
        results.append({name: result[name] for name in KEYS})
    assert results[0] == results[1] and simulator.writes == []


@pytest.mark.parametrize("args", [{}, {"imeis": [device.imei for device in FLEET]}])
def test_a_signal_ends_the_reading_with_what_was_read(
    simulate: t.Any, ask: t.Any, monkeypatch: pytest.MonkeyPatch, args: dict[str, t.Any]
) -> None:
    count, interrupted, real = [0], threading.Event(), Interruption.interrupt

    def record_interruption(interruption: Interruption, reason: str) -> None:
        real(interruption, reason)
        interrupted.set()

    monkeypatch.setattr(Interruption, "interrupt", record_interruption)

    def middleware(app: t.Any) -> t.Any:
        def wrapped(environ: t.Any, start_response: t.Any) -> t.Any:
            count[0] += 1
            if count[0] == 2:
                os.kill(os.getpid(), signal.SIGTERM)
                # Only the main thread handles signals: with an earlier response, the run might end before that.
                assert interrupted.wait(20)
            return app(environ, start_response)

        return wrapped

    simulator = simulate(FLEET, middleware=middleware, page_size=3)
    result = ask(simulator, **{**args, "batch_size": 3, "concurrency": 1})
    assert result["failed"] and "it was interrupted by SIGTERM" in result["msg"]
    known = [imei for imei, licensed in licensed_by_imei(result).items() if licensed is not None]
    expected = [device.imei for device in FLEET] if args else LICENSED
    # The main thread may handle the signal a batch later.
    assert 6 <= len(known) < len(expected)
    assert known == expected[: len(known)]
    assert len(simulator.requests) == 2


def test_secrets_that_a_service_echoes_are_redacted(simulate: t.Any, ask: t.Any) -> None:
    simulator = simulate(FLEET, middleware=Faults([Fault("echo", on="*", skip=2)]).middleware)
    secrets = dataclasses.asdict(simulator.credentials)
    result = ask(simulator, access_token=None, session_token=None, **secrets)
    assert result["failed"] and "Rejected Authorization: Bearer ********" in result["msg"]
    issued = simulator.issue_tokens()
    for secret in (*issued, secrets["client_id"], secrets["client_secret"], secrets["password"]):
        assert secret not in result["printed"]
