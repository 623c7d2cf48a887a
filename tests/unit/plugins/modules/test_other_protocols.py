# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Devices that "devices by list" leaves out because they belong to another protocol."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.verizon.fota.plugins.modules import license_info, license_remove
from ansible_collections.verizon.fota.tests.simulator import Device, Dialect
from ansible_collections.verizon.fota.tests.simulator.fleets import ACCOUNT

FLEET = [Device(f"86{number:013}", licensed=True, protocol="HTTP") for number in range(12)]
LICENSED = FLEET[0]
UNLICENSED = Device("870000000000001", protocol="HTTP")
LIST, NO_LIST = "ok", "403"


def dialect(list_endpoint: str) -> Dialect:
    return Dialect(without_protocol="LWM2M", list_endpoint=list_endpoint)


@pytest.mark.parametrize("unknown_devices", ["fail", "ignore"])
@pytest.mark.parametrize(
    ("device", "list_endpoint", "forecast", "outcome"),
    [
        (LICENSED, LIST, "removed", "removed"),
        (LICENSED, NO_LIST, "unknown", "removed"),
        (UNLICENSED, NO_LIST, "unknown", "unlicensed"),
    ],
)
def test_such_a_device_is_looked_up_in_the_license_list_or_sent(
    simulate: t.Any,
    run_against: t.Any,
    device: Device,
    list_endpoint: str,
    forecast: str,
    outcome: str,
    unknown_devices: str,
) -> None:
    simulator = simulate([device], dialect=dialect(list_endpoint))
    args = {"account": ACCOUNT, "imeis": [device.imei], "unknown_devices": unknown_devices}
    assert run_against(simulator, license_remove, check=True, **args)["devices"][0]["outcome"] == forecast
    assert run_against(simulator, license_remove, **args)["devices"][0]["outcome"] == outcome
    assert not simulator.licensed(ACCOUNT)


def test_a_fleet_of_another_protocol_costs_one_read_of_the_license_list(simulate: t.Any, run_against: t.Any) -> None:
    simulator = simulate(FLEET, dialect=dialect(LIST))
    imeis = [device.imei for device in FLEET]
    result = run_against(simulator, license_remove, account=ACCOUNT, imeis=imeis, batch_size=5)
    assert result["summary"]["removed"] == len(FLEET) and not result["failed"]
    assert sum("/licenses/" in request.path and request.method == "GET" for request in simulator.requests) == 1


@pytest.mark.parametrize(("list_endpoint", "licensed"), [(LIST, True), (NO_LIST, None)])
def test_license_info_reports_them_as_the_license_list_does(
    simulate: t.Any, run_against: t.Any, list_endpoint: str, licensed: bool | None
) -> None:
    simulator = simulate([LICENSED], dialect=dialect(list_endpoint))
    (device,) = run_against(simulator, license_info, account=ACCOUNT, imeis=[LICENSED.imei])["devices"]
    assert device["licensed"] is licensed
