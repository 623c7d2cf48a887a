# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Forecasts with upgrades in the result of a task, and the number of requests that they take."""

from __future__ import annotations

import typing as t
from collections import Counter
from datetime import timedelta

import pytest

from ansible_collections.verizon.fota.plugins.modules import license_remove
from ansible_collections.verizon.fota.tests.simulator import Device, Dialect, Simulator
from ansible_collections.verizon.fota.tests.simulator.accounts import ASSIGNED, NEVER
from ansible_collections.verizon.fota.tests.simulator.upgrades import NOT_STARTED, PUBLISHED, RUNNING
from ansible_collections.verizon.fota.tests.unit.plugins.modules.conftest import ACCOUNT

FREE, UPGRADED, RUNNING_NOW, SCHEDULED, BEFORE = (f"99000342573053{number}" for number in range(5))
DEVICES = [
    Device(FREE, licensed=True),
    Device(UPGRADED, licensed=True, upgraded=True),
    Device(RUNNING_NOW, licensed=True, upgrade_running=True),
    Device(SCHEDULED, licensed=True, upgrade_scheduled=True),
    Device(BEFORE, licensed=True, previous_upgrade=ASSIGNED - timedelta(days=1)),
]
ALL = {"account": ACCOUNT, "imeis": [device.imei for device in DEVICES]}
WHICH = {"check": True, "check_upgrades": True}


def by_imei(result: dict[str, t.Any]) -> dict[str, tuple[str, str | None]]:
    return {device["imei"]: (device["outcome"], device.get("reason")) for device in result["devices"]}


def reports(simulator: Simulator) -> Counter[str]:
    """Return how often each call about upgrades was sent."""
    counts: Counter[str] = Counter()
    for request in simulator.requests:
        path = request.path.split("?")[0]
        if request.method == "GET" and "/devices" in path:
            counts["histories" if "/reports/" in path and "/campaigns/" not in path else path.split("/")[3]] += 1
    return counts


# The content of a forecast


def test_no_upgrade_is_cancelled_without_a_removal(simulate: t.Any, run_against: t.Any) -> None:
    """Where states cannot be read, no removal is forecast."""
    simulator = simulate(DEVICES, dialect=Dialect(license_field="absent", list_endpoint="403"))
    forecast = run_against(simulator, license_remove, **WHICH, **ALL)
    assert by_imei(forecast)[SCHEDULED][0] == "unknown"
    assert "cancelled" not in forecast["msg"]


@pytest.mark.parametrize("upgrade_time", Dialect.CHOICES["upgrade_time"])
@pytest.mark.parametrize("path", Dialect.CHOICES["campaigns_path"])
@pytest.mark.parametrize("statuses", Dialect.CHOICES["campaign_statuses"])
def test_a_forecast_lists_rejections_and_cancelled_upgrades(
    simulate: t.Any, run_against: t.Any, upgrade_time: str, path: str, statuses: str
) -> None:
    dialect = Dialect(upgrade_time=upgrade_time, campaigns_path=path, campaign_statuses=statuses)
    simulator = simulate(DEVICES, dialect=dialect)

    forecast = run_against(simulator, license_remove, **WHICH, **ALL)

    found = by_imei(forecast)
    assert found[FREE] == found[BEFORE] == ("removed", None)
    assert found[UPGRADED][0] == "failed"
    assert "its firmware was upgraded since its license was assigned (" in str(found[UPGRADED][1])
    assert "2021-07-10T15:13:30.941Z" in str(found[UPGRADED][1])
    assert found[RUNNING_NOW][0] == "unknown"
    assert "may be in progress (UpgradeScheduled: The upgrade is scheduled to begin on " in str(found[RUNNING_NOW][1])
    assert found[SCHEDULED][0] == "removed"
    assert "cancels an upgrade that is scheduled (UpgradeScheduled: The upgrade is" in str(found[SCHEDULED][1])
    assert ", campaign planned from 2" in str(found[SCHEDULED][1])
    assert forecast["msg"].endswith(
        f"3 licenses would be removed. 1 scheduled upgrade would be cancelled: {SCHEDULED}."
    )
    assert (forecast["failed"], forecast["changed"]) == (True, True)
    assert not simulator.writes

    result = run_against(simulator, license_remove, **ALL)

    assert {imei: outcome for imei, (outcome, _reason) in by_imei(result).items()} == {
        **{imei: outcome for imei, (outcome, _reason) in found.items()},
        RUNNING_NOW: "failed",
    }


PUBLISHED_DEVICES = {
    name: Device(f"{990000000000000 + number:015d}", licensed=True, upgrade=name, upgraded=name == "UpgradeSuccess")
    for number, name in enumerate(PUBLISHED)
    if name != "ended"
}
OPEN_BY = {"UpgradePending": "unknown", RUNNING: "unknown", "UpgradeSuccess": "failed"}


@pytest.mark.parametrize("unknown", Dialect.CHOICES["unknown_campaign_status"])
@pytest.mark.parametrize("statuses", Dialect.CHOICES["campaign_statuses"])
def test_only_what_is_published_as_completed_is_forecast_as_failed(
    simulate: t.Any, run_against: t.Any, statuses: str, unknown: str
) -> None:
    dialect = Dialect(campaign_statuses=statuses, unknown_campaign_status=unknown)
    simulator = simulate(list(PUBLISHED_DEVICES.values()), dialect=dialect)

    forecast = run_against(
        simulator, license_remove, **WHICH, account=ACCOUNT, imeis=[one.imei for one in PUBLISHED_DEVICES.values()]
    )

    found = by_imei(forecast)
    forecast_by_name = {name: found[device.imei] for name, device in PUBLISHED_DEVICES.items()}
    assert {name: outcome for name, (outcome, _reason) in forecast_by_name.items()} == {
        name: OPEN_BY.get(name, "removed") for name in PUBLISHED_DEVICES
    }
    assert {
        name for name, (_outcome, reason) in forecast_by_name.items() if "cancels an upgrade" in (reason or "")
    } == set(NOT_STARTED) - {"UpgradePending"}
    for name in ("UpgradePending", "NoDeviceDataFromNetwork", "RequestToFotaServerFailed"):
        reason = PUBLISHED[name].reason
        assert reason is not None and f"{name}: {reason.split('{')[0].rstrip('.')}" in str(forecast_by_name[name][1])


def test_a_rejected_status_that_both_sources_have_is_accepted(simulate: t.Any, run_against: t.Any) -> None:
    def middleware(app: t.Any) -> t.Any:
        def wrapped(environ: dict[str, t.Any], start_response: t.Any) -> t.Any:
            if "CampaignScheduled" not in environ["QUERY_STRING"]:
                return app(environ, start_response)
            start_response("400 Bad Request", [("Content-Length", "0")])
            return [b""]

        return wrapped

    result = run_against(simulate(DEVICES, middleware=middleware), license_remove, **WHICH, **ALL)

    assert result["failed"] and "the upgrades of devices cannot be read: HTTP 400" in result["msg"]
    assert result["summary"]["skipped"] == len(DEVICES)


def test_a_history_of_six_months_does_not_hide_an_older_upgrade(simulate: t.Any, run_against: t.Any) -> None:
    simulator = simulate(DEVICES, dialect=Dialect(history="six months"))

    forecast = run_against(simulator, license_remove, **WHICH, **ALL)

    assert by_imei(forecast)[UPGRADED] == (
        "unknown",
        "it is not known how an upgrade of its firmware ended (2021-07-10T15:13:30.941Z)",
    )


@pytest.mark.parametrize("upgrade_time", Dialect.CHOICES["upgrade_time"])
def test_a_failed_upgrade_is_no_obstacle(simulate: t.Any, run_against: t.Any, upgrade_time: str) -> None:
    devices = [Device(FREE, licensed=True, upgrade="UpgradeFailed"), Device(BEFORE, licensed=True)]
    simulator = simulate(devices, dialect=Dialect(upgrade_time=upgrade_time))
    options = {"account": ACCOUNT, "imeis": [FREE, BEFORE]}
    both = dict.fromkeys((FREE, BEFORE), ("removed", None))

    assert by_imei(run_against(simulator, license_remove, **WHICH, **options)) == both
    assert {outcome for outcome, _reason in by_imei(run_against(simulator, license_remove, **options)).values()} == {
        "removed"
    }


@pytest.mark.parametrize("dialect", [{"assignment_time": "null"}, {"list_endpoint": "403"}, {"list_endpoint": "404"}])
def test_without_assignment_times_upgraded_devices_are_unknown(
    simulate: t.Any, run_against: t.Any, dialect: dict[str, str]
) -> None:
    forecast = run_against(simulate(DEVICES, dialect=Dialect(**dialect)), license_remove, **WHICH, **ALL)

    found = by_imei(forecast)
    assert found[FREE] == ("removed", None)
    for imei in (UPGRADED, BEFORE):
        assert found[imei][0] == "unknown"
        assert str(found[imei][1]).startswith("its firmware was upgraded (UpgradeSuccess, 2021-")
        assert str(found[imei][1]).endswith("); when its license was assigned is not known")


# Its requests

FLEET = [
    Device(
        f"35{number:013}",
        licensed=True,
        upgraded=number % 10 == 0,
        previous_upgrade=ASSIGNED - timedelta(days=1) if number % 2 else NEVER,
        upgrade_scheduled=number % 25 == 1,
        protocol="HTTP" if number % 50 == 3 else "LWM2M",
    )
    for number in range(1000)
]
IN_FLEET = [device.imei for device in FLEET]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("dialect", "expected"),
    [
        # One device in ten was upgraded since its license was assigned.
        ({}, {"devices": 10, "histories": 100}),
        ({"history": "six months"}, {"devices": 10, "histories": 100}),
        ({"without_protocol": "LWM2M"}, {"devices": 10, "histories": 120}),
        ({"upgrade_time": "0001"}, {"devices": 10, "histories": 100}),
        ({"upgrade_time": "absent"}, {"devices": 1, "histories": 1000}),
        ({"upgrade_time": "if upgraded"}, {"devices": 10, "histories": 500}),
        ({"assignment_time": "null"}, {"devices": 10, "histories": 600}),
        ({"times": "none"}, {"devices": 10, "histories": 600}),
        ({"account_devices_endpoint": "403"}, {"devices": 1, "histories": 1000}),
        ({"account_devices_endpoint": "404"}, {"devices": 1, "histories": 1000}),
        ({"list_cursor": "number"}, {"devices": 10, "histories": 100}),
    ],
    ids=str,
)
def test_a_request_for_each_device_is_the_exception(
    simulate: t.Any, run_against: t.Any, dialect: dict[str, str], expected: dict[str, int]
) -> None:
    simulator = simulate(FLEET, dialect=Dialect(**dialect), page_size=100)

    forecast = run_against(simulator, license_remove, **WHICH, account=ACCOUNT, imeis=IN_FLEET, concurrency=3)

    assert {call: count for call, count in reports(simulator).items() if call != "reports"} == expected
    outcomes = by_imei(forecast)
    unclear = dialect in ({"times": "none"}, {"assignment_time": "null"}, {"history": "six months"})
    upgraded = {
        imei for imei, (outcome, _reason) in outcomes.items() if outcome == ("unknown" if unclear else "failed")
    }
    assert upgraded >= set(IN_FLEET[::10])
    assert upgraded == set(IN_FLEET[::10]) or unclear


@pytest.mark.parametrize("status", ["400 Bad Request", "502 Bad Gateway", "200 OK"])
def test_the_list_of_all_devices_is_a_help_and_no_condition(simulate: t.Any, run_against: t.Any, status: str) -> None:
    def middleware(app: t.Any) -> t.Any:
        def wrapped(environ: dict[str, t.Any], start_response: t.Any) -> t.Any:
            if environ["REQUEST_METHOD"] == "POST" or not environ["PATH_INFO"].startswith("/api/fota/v3/devices/"):
                return app(environ, start_response)
            start_response(status, [("Content-Length", "0")])
            return [b""]

        return wrapped

    simulator = simulate(DEVICES, middleware=middleware)

    forecast = run_against(simulator, license_remove, **WHICH, **ALL, retries=1)

    assert by_imei(forecast)[UPGRADED][0] == "failed" and by_imei(forecast)[FREE] == ("removed", None)
    assert reports(simulator)["histories"] == len(DEVICES)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_few_devices_do_not_cost_the_list_of_a_large_account(simulate: t.Any, run_against: t.Any, count: int) -> None:
    simulator = simulate(FLEET, page_size=10)

    run_against(simulator, license_remove, **WHICH, account=ACCOUNT, imeis=IN_FLEET[-count:])

    counts = reports(simulator)
    assert counts["devices"] <= count and counts["histories"] == count


def test_without_the_option_no_upgrades_are_read(simulate: t.Any, run_against: t.Any) -> None:
    simulator = simulate(DEVICES)

    forecast = run_against(simulator, license_remove, check=True, **ALL)

    assert {outcome for outcome, _reason in by_imei(forecast).values()} == {"removed"}
    assert not reports(simulator)


def test_a_real_run_reads_no_upgrades(simulate: t.Any, run_against: t.Any) -> None:
    simulator = simulate(DEVICES)

    run_against(simulator, license_remove, check_upgrades=True, **ALL)

    assert not [request for request in simulator.requests if "/reports/" in request.path] and not reports(simulator)


def test_only_devices_with_a_license_are_looked_up(simulate: t.Any, run_against: t.Any) -> None:
    simulator = simulate([Device(FREE, licensed=True), Device(UPGRADED, upgraded=True)])
    options = {**ALL, "imeis": [FREE, UPGRADED], "check_upgrades": True}

    run_against(simulator, license_remove, check=True, **options)

    histories = [request.path for request in simulator.requests if "/reports/" in request.path and FREE in request.path]
    assert len(histories) == 1
    assert not [request for request in simulator.requests if UPGRADED in request.path]


def test_without_a_licensed_device_no_upgrades_are_read(simulate: t.Any, run_against: t.Any) -> None:
    simulator = simulate([Device(FREE)])

    run_against(simulator, license_remove, **WHICH, account=ACCOUNT, imeis=[FREE])

    assert len(simulator.requests) == 1
