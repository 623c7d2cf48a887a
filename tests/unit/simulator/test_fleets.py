# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fleets: every state occurs, seeds are reproducible, CSV is read."""

from __future__ import annotations

import time
from dataclasses import fields
from datetime import datetime, timezone

import pytest

from ansible_collections.verizon.fota.tests.simulator import Account, Device, Simulator
from ansible_collections.verizon.fota.tests.simulator.fleets import (
    devices_in_every_state,
    fleet,
    read_devices,
)

FLAGS = [field.name for field in fields(Device) if isinstance(field.default, bool)]


@pytest.mark.parametrize("devices", [devices_in_every_state(), fleet(500, seed=1)])
def test_every_state_occurs(devices):
    assert len({device.imei for device in devices}) == len(devices)
    for flag in FLAGS:
        assert {getattr(device, flag) for device in devices} == {True, False}


def test_a_fleet_depends_on_its_seed_alone():
    assert fleet(200, seed=1) == fleet(200, seed=1)
    assert fleet(200, seed=1) != fleet(200, seed=2)
    assert len(fleet(200, seed=1)) == 200
    both = fleet(1000) + devices_in_every_state()
    assert len({device.imei for device in both}) == len(both)


def test_a_large_fleet_loads_fast():
    devices = fleet(100000)
    began = time.process_time()
    Simulator([Account("a", devices=devices)])
    assert time.process_time() - began < 1


def test_a_duplicate_imei_is_rejected():
    with pytest.raises(ValueError, match="twice"):
        Simulator([Account("a", devices=[Device("1" * 15), Device("1" * 15)])])


def test_reading_csv():
    lines = [
        "imei,licensed,fota_eligible,make,assigned_time\n",
        "111111111111111,TRUE,no,Acme,2024-02-03T04:05:06Z\n",
        "222222222222222,0,,,\n",
    ]

    first, second = read_devices(lines)

    moment = datetime(2024, 2, 3, 4, 5, 6, tzinfo=timezone.utc)
    assert first == Device("1" * 15, licensed=True, fota_eligible=False, make="Acme", assigned_time=moment)
    assert second == Device("2" * 15)


@pytest.mark.parametrize(
    "lines",
    [
        [],
        ["licensed\n", "true\n"],
        ["imei,colour\n", "111111111111111,red\n"],
        ["imei,licensed\n", "111111111111111,perhaps\n"],
        ["imei,assigned_time\n", "111111111111111,yesterday\n"],
    ],
)
def test_csv_that_is_not_valid(lines):
    with pytest.raises(ValueError):
        read_devices(lines)
