# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""license_remove through real HTTP: every state in four variants, dialects, options, order, limits."""

from __future__ import annotations

import dataclasses
import json
import typing as t

import pytest

from ansible_collections.verizon.fota.plugins.modules import license_remove
from ansible_collections.verizon.fota.tests.simulator import Device, Dialect
from ansible_collections.verizon.fota.tests.unit.plugins.modules import run_module
from ansible_collections.verizon.fota.tests.unit.plugins.modules.conftest import ACCOUNT

LICENSED = Device("990003425730535", licensed=True)
UNLICENSED = Device("900000000000999")
UPGRADED = Device("990000000000011", licensed=True, upgraded=True)
UPGRADING = Device("990000000000029", licensed=True, upgrade_running=True)
SCHEDULED = Device("990000000000037", licensed=True, upgrade_scheduled=True)
BROKEN = Device("990000000000045", licensed=True, internal_error=True)
LEADING_ZEROS = Device("004999010640000", licensed=True)
UNKNOWN_IMEI = Device("350000000000006")
EVERY = [LICENSED, UNLICENSED, UPGRADED, UPGRADING, SCHEDULED, BROKEN, LEADING_ZEROS]

SUMMARY = ("requested", "removed", "unlicensed", "failed", "unknown", "skipped")
KEYS = {"changed", "failed", "msg", "summary", "devices", "account", "run_id", "check_mode"}


def outcomes(result: dict[str, t.Any]) -> dict[str, str]:
    return {device["imei"]: device["outcome"] for device in result["devices"]}


@pytest.mark.parametrize(
    ("device", "forecast", "outcome", "again"),
    [
        pytest.param(LICENSED, "removed", "removed", "unlicensed", id="licensed"),
        pytest.param(LEADING_ZEROS, "removed", "removed", "unlicensed", id="leading-zeros"),
        pytest.param(SCHEDULED, "removed", "removed", "unlicensed", id="upgrade-scheduled"),
        pytest.param(UNLICENSED, "unlicensed", "unlicensed", "unlicensed", id="unlicensed"),
        pytest.param(UNKNOWN_IMEI, "failed", "failed", "failed", id="not-in-the-account"),
        # Only the removal shows that the service rejects it.
        pytest.param(UPGRADED, "removed", "failed", "failed", id="upgraded"),
        pytest.param(UPGRADING, "removed", "failed", "failed", id="upgrade-running"),
        pytest.param(BROKEN, "removed", "failed", "failed", id="internal-error"),
    ],
)
def test_every_state_in_four_variants(
    simulate: t.Any, run_against: t.Any, device: Device, forecast: str, outcome: str, again: str
) -> None:
    simulator = simulate([] if device is UNKNOWN_IMEI else [device])
    before = simulator.licensed(ACCOUNT)
    for check, expected in (
        (True, forecast),
        (False, outcome),
        (False, again),
        (True, forecast if again == outcome else again),
    ):
        result = run_against(simulator, license_remove, check=check, diff=True, account=ACCOUNT, imeis=[device.imei])
        (entry,) = result["devices"]
        assert entry["outcome"] == expected
        assert entry["changed"] == (expected == "removed")
        assert entry["failed"] == (expected == "failed")
        assert (result["changed"], result["failed"]) == (entry["changed"], entry["failed"])
        assert set(result) >= KEYS | {"diff"}
        assert result["summary"] == {name: int(name in ("requested", expected)) for name in SUMMARY}
        if check:
            assert simulator.licensed(ACCOUNT) == before, "check mode must not write"
        before = simulator.licensed(ACCOUNT)
    assert bool(simulator.licensed(ACCOUNT)) == (again == "failed" and device is not UNKNOWN_IMEI)


def test_check_mode_sends_no_write(simulate: t.Any, run_against: t.Any) -> None:
    simulator = simulate(EVERY)
    run_against(simulator, license_remove, check=True, account=ACCOUNT, imeis=[device.imei for device in EVERY])
    assert simulator.writes == []


def test_second_run_sends_no_write(simulate: t.Any, run_against: t.Any) -> None:
    simulator = simulate([LICENSED, SCHEDULED, UNLICENSED])
    args: dict[str, t.Any] = {
        "account": ACCOUNT,
        "imeis": [LICENSED.imei, SCHEDULED.imei, UNLICENSED.imei, UNKNOWN_IMEI.imei],
    }
    run_against(simulator, license_remove, unknown_devices="ignore", **args)
    assert len(simulator.writes) == 1
    again = run_against(simulator, license_remove, unknown_devices="ignore", **args)
    assert len(simulator.writes) == 1
    assert not again["changed"] and not again["failed"]


def test_only_devices_that_hold_a_license_are_sent(simulate: t.Any, run_against: t.Any) -> None:
    simulator = simulate(EVERY)
    imeis = [device.imei for device in [*EVERY, UNKNOWN_IMEI]]
    run_against(simulator, license_remove, account=ACCOUNT, imeis=imeis)
    first, *again = [write.json["deviceList"] for write in simulator.writes]
    assert first == [device.imei for device in EVERY if device.licensed]
    # An internal error leaves open whether the license was removed: the state is read, and the removal sent again.
    assert again == [[BROKEN.imei]] * 3


def test_a_failing_device_does_not_stop_the_others_and_is_named(simulate: t.Any, run_against: t.Any) -> None:
    simulator = simulate(EVERY)
    result = run_against(simulator, license_remove, account=ACCOUNT, imeis=[device.imei for device in EVERY])
    assert simulator.licensed(ACCOUNT) == {UPGRADED.imei, UPGRADING.imei, BROKEN.imei}
    assert result["failed"] and result["changed"]
    assert result["summary"] == dict(zip(SUMMARY, (7, 3, 1, 3, 0, 0)))
    assert f"{UPGRADED.imei}: License removal not allowed" in result["msg"]
    assert "3 licenses removed" in result["msg"]
    assert result["account"] == {"name": ACCOUNT, "license_total": 9000, "license_used": 3}
    reasons = {device["imei"]: device["reason"] for device in result["devices"] if device["failed"]}
    assert reasons[BROKEN.imei] == "Internal error."


def test_the_order_of_the_list_is_kept_whatever_the_batches(simulate: t.Any, run_against: t.Any) -> None:
    fleet = [Device(f"35000000000{number:04}", licensed=number % 3 != 0) for number in range(50)]
    simulator = simulate(fleet, latency=0.002)
    imeis = [device.imei for device in reversed(fleet)]
    result = run_against(simulator, license_remove, account=ACCOUNT, imeis=imeis, batch_size=7, concurrency=4)
    assert [device["imei"] for device in result["devices"]] == imeis
    assert all(len(write.json["deviceList"]) <= 7 for write in simulator.writes)


def test_requests_in_flight_stay_within_concurrency(simulate: t.Any, run_against: t.Any) -> None:
    fleet = [Device(f"35000000000{number:04}", licensed=True) for number in range(60)]
    simulator = simulate(fleet, latency=0.01)
    imeis = [device.imei for device in fleet]
    run_against(simulator, license_remove, account=ACCOUNT, imeis=imeis, batch_size=5, concurrency=3)
    assert max(request.in_flight for request in simulator.requests) == 3


def test_duplicates_count_once_and_blanks_are_trimmed(simulate: t.Any, run_against: t.Any) -> None:
    simulator = simulate([LICENSED])
    imeis = [LICENSED.imei, f"  {LICENSED.imei}\t", int(LICENSED.imei)]
    result = run_against(simulator, license_remove, account=ACCOUNT, imeis=imeis)
    assert outcomes(result) == {LICENSED.imei: "removed"}
    assert result["summary"]["requested"] == 1


@pytest.mark.parametrize(
    "text", ["{0}\n", "# retired\n\n{0}  # in May\n", "\ufeffIMEI;Note\n{0};x\n", '"name","imei"\n"a, b","{0}"\n']
)
def test_imeis_from_a_file_as_from_a_list(simulate: t.Any, run_against: t.Any, tmp_path: t.Any, text: str) -> None:
    simulator = simulate([LICENSED])
    file = tmp_path / "retired.csv"
    file.write_text(text.format(LICENSED.imei), encoding="utf-8")
    result = run_against(simulator, license_remove, account=ACCOUNT, imeis_file=str(file))
    assert outcomes(result) == {LICENSED.imei: "removed"}


@pytest.mark.parametrize(
    ("return_devices", "returned"),
    [("all", ["removed", "unlicensed", "failed"]), ("problems", ["failed"]), ("none", [])],
)
def test_return_devices_chooses_which_come_back(
    simulate: t.Any, run_against: t.Any, return_devices: str, returned: list[str]
) -> None:
    simulator = simulate([LICENSED, UNLICENSED, UPGRADED])
    imeis = [LICENSED.imei, UNLICENSED.imei, UPGRADED.imei]
    result = run_against(simulator, license_remove, account=ACCOUNT, imeis=imeis, return_devices=return_devices)
    assert [device["outcome"] for device in result["devices"]] == returned
    assert result["summary"]["requested"] == 3
    assert UPGRADED.imei in result["msg"], "the message names failures in any case"


@pytest.mark.parametrize("check", [True, False])
def test_max_removals_stops_before_the_first_write(simulate: t.Any, run_against: t.Any, check: bool) -> None:
    simulator = simulate([LICENSED, SCHEDULED, UNLICENSED])
    args = {"account": ACCOUNT, "imeis": [LICENSED.imei, SCHEDULED.imei, UNLICENSED.imei]}
    result = run_against(simulator, license_remove, check=check, max_removals=1, **args)
    assert simulator.writes == []
    assert result["failed"] and not result["changed"]
    assert "2 licenses would be removed, more than max_removals allows (1)" in result["msg"]
    assert list(outcomes(result).values()) == ["skipped", "skipped", "unlicensed"]
    assert [row.get("reason") for row in result["devices"]] == ["not sent: more than max_removals allows"] * 2 + [None]
    assert not run_against(simulator, license_remove, check=check, max_removals=2, **args)["failed"]


def test_unknown_devices_may_be_ignored(simulate: t.Any, run_against: t.Any) -> None:
    simulator = simulate([LICENSED])
    args = {"account": ACCOUNT, "imeis": [UNKNOWN_IMEI.imei, LICENSED.imei]}
    result = run_against(simulator, license_remove, unknown_devices="ignore", **args)
    assert not result["failed"]
    assert list(outcomes(result).values()) == ["unlicensed", "removed"]
    assert "not among its devices" in result["devices"][0]["reason"]


def test_the_diff_shows_the_licensed_ones_before_and_after(simulate: t.Any, run_against: t.Any) -> None:
    simulator = simulate([LICENSED, UNLICENSED, UPGRADED])
    args = {"account": ACCOUNT, "imeis": [UPGRADED.imei, UNLICENSED.imei, LICENSED.imei]}
    result = run_against(simulator, license_remove, diff=True, **args)
    assert result["diff"]["before"].split() == [UPGRADED.imei, LICENSED.imei]
    assert result["diff"]["after"].split() == [UPGRADED.imei]
    assert "diff" not in run_against(simulator, license_remove, **args)


DIALECTS = [
    pytest.param(dialect, id=f"{name}={value}")
    for name, values in Dialect.CHOICES.items()
    for value in values
    for dialect in [dataclasses.replace(Dialect(), **{name: value})]
]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_dialect_is_understood(simulate: t.Any, run_against: t.Any, dialect: Dialect) -> None:
    simulator = simulate(EVERY, dialect=dialect)
    imeis = [device.imei for device in EVERY]
    actual = {
        device.imei: "unlicensed"
        if not device.licensed
        else "failed"
        if device in (UPGRADED, UPGRADING, BROKEN)
        else "removed"
        for device in EVERY
    }
    forecast = run_against(simulator, license_remove, check=True, account=ACCOUNT, imeis=imeis)
    result = run_against(simulator, license_remove, account=ACCOUNT, imeis=imeis)
    assert outcomes(result) == actual
    assert outcomes(forecast) == {
        imei: "removed" if outcome == "failed" else outcome for imei, outcome in actual.items()
    }
    assert result["account"]["license_total"] == 9000


def test_no_license_in_any_wording_is_no_failure(simulate: t.Any, run_against: t.Any) -> None:
    """If no state can be read, the response to the removal decides."""
    for wording in Dialect.CHOICES["no_license"]:
        dialect = Dialect(no_license=wording, devices_endpoint="403", list_endpoint="403")
        simulator = simulate([UNLICENSED, LICENSED], dialect=dialect)
        result = run_against(simulator, license_remove, account=ACCOUNT, imeis=[UNLICENSED.imei, LICENSED.imei])
        assert list(outcomes(result).values()) == ["unlicensed", "removed"], wording


@pytest.mark.parametrize("status", ["403", "404"])
def test_the_license_list_is_read_if_devices_cannot_be(simulate: t.Any, run_against: t.Any, status: str) -> None:
    fleet = [Device(f"35000000000{number:04}", licensed=number % 2 == 0) for number in range(30)]
    simulator = simulate(fleet, dialect=Dialect(devices_endpoint=status), page_size=4)
    imeis = [device.imei for device in fleet]
    for check in (True, False):
        result = run_against(simulator, license_remove, check=check, account=ACCOUNT, imeis=imeis)
        assert result["summary"] == dict(zip(SUMMARY, (30, 15, 15, 0, 0, 0)))


def test_a_forecast_without_anything_to_read_fails_and_says_so(simulate: t.Any, run_against: t.Any) -> None:
    simulator = simulate([LICENSED], dialect=Dialect(devices_endpoint="403", list_endpoint="404"))
    result = run_against(simulator, license_remove, check=True, account=ACCOUNT, imeis=[LICENSED.imei])
    assert result["failed"] and not result["changed"]
    assert "may read neither" in result["msg"]
    assert outcomes(result) == {LICENSED.imei: "skipped"}


def test_a_batch_too_large_for_the_service_is_halved(simulate: t.Any, run_against: t.Any) -> None:
    fleet = [Device(f"35000000000{number:04}", licensed=True) for number in range(40)]
    for status in (400, 413):
        simulator = simulate(fleet, max_batch=10, too_large_status=status)
        result = run_against(simulator, license_remove, account=ACCOUNT, imeis=[device.imei for device in fleet])
        assert result["summary"]["removed"] == 40, result["msg"]
        assert simulator.licensed(ACCOUNT) == frozenset()


def test_a_rejected_account_ends_the_run(simulate: t.Any, run_against: t.Any) -> None:
    simulator = simulate([LICENSED])
    result = run_against(simulator, license_remove, account="9999999999-00001", imeis=[LICENSED.imei])
    assert result["failed"] and not result["changed"]
    assert "Invalid account name format" in result["msg"]
    assert outcomes(result) == {LICENSED.imei: "skipped"}


def test_tokens_are_obtained_with_credentials_when_missing(simulate: t.Any, run_against: t.Any) -> None:
    simulator = simulate([LICENSED])
    credentials = dataclasses.asdict(simulator.credentials)
    args = {**credentials, "access_token": None, "session_token": None}
    result = run_against(simulator, license_remove, account=ACCOUNT, imeis=[LICENSED.imei], **args)
    assert outcomes(result) == {LICENSED.imei: "removed"}
    assert [request.path for request in simulator.requests][:2] == ["/ts/v1/oauth2/token", "/m2m/v1/session/login"]


def test_without_tokens_and_credentials_nothing_is_sent(simulate: t.Any, run_against: t.Any) -> None:
    simulator = simulate([LICENSED])
    args = {"access_token": "", "session_token": ""}
    result = run_against(simulator, license_remove, account=ACCOUNT, imeis=[LICENSED.imei], **args)
    assert result["failed"] and "no access token: set access_token, or client_id and client_secret" in result["msg"]
    assert simulator.requests == []


def test_the_environment_sets_account_tokens_and_address(simulate: t.Any, monkeypatch: pytest.MonkeyPatch) -> None:
    simulator = simulate([LICENSED])
    access, session = simulator.issue_tokens()
    environment = {"ACCOUNT": ACCOUNT, "API_URL": simulator.url, "ACCESS_TOKEN": access, "SESSION_TOKEN": session}
    for name, value in environment.items():
        monkeypatch.setenv(f"THINGSPACE_{name}", value)
    assert run_module.run(license_remove, {"imeis": [LICENSED.imei]})["summary"]["removed"] == 1


def test_tokens_show_nowhere_in_what_is_printed(simulate: t.Any, run_against: t.Any) -> None:
    simulator = simulate(EVERY)
    access, session = simulator.issue_tokens()
    result = run_against(
        simulator,
        license_remove,
        account=ACCOUNT,
        imeis=[device.imei for device in EVERY],
        access_token=access,
        session_token=session,
        **dataclasses.asdict(simulator.credentials),
    )
    secrets = [
        access,
        session,
        simulator.credentials.client_id,
        simulator.credentials.client_secret,
        simulator.credentials.password,
    ]
    assert [secret for secret in secrets if secret in result["printed"]] == []
    assert json.dumps(result["devices"])


@pytest.mark.parametrize("check", [True, False])
def test_the_account_before_the_first_removal_is_read_on_request(
    simulate: t.Any, run_against: t.Any, check: bool
) -> None:
    simulator = simulate([LICENSED, UPGRADED])
    options = {"account": ACCOUNT, "imeis": [LICENSED.imei], "check": check}
    result = run_against(simulator, license_remove, read_account=True, **options)
    assert result["account_before"]["name"] == ACCOUNT and result["account_before"]["license_used"] == 2
    assert "account_before" not in run_against(simulator, license_remove, **options)


def test_unreadable_totals_before_the_run_are_no_failure(simulate: t.Any, run_against: t.Any) -> None:
    simulator = simulate([LICENSED], dialect=Dialect(list_endpoint="404"))
    result = run_against(simulator, license_remove, account=ACCOUNT, imeis=[LICENSED.imei], read_account=True)
    assert result["summary"]["removed"] == 1 and not result["failed"]
