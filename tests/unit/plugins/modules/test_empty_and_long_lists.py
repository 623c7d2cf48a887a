# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Accounts without licensed devices, whose lists may be null or missing, and lists whose pages are requested by number."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.verizon.fota.plugins.modules import license_remove
from ansible_collections.verizon.fota.tests.simulator import Device, Dialect, Fault, Faults
from ansible_collections.verizon.fota.tests.unit.plugins.modules.conftest import ACCOUNT
from ansible_collections.verizon.fota.tests.unit.plugins.modules.half_licensed import UNKNOWN_IMEI, licensed_by_imei

LAST = "990003425730535"
# Dialects in which the license list is read, because "devices by list" is unavailable or lacks the license
BY_THE_LIST = [{"devices_endpoint": "403"}, {"devices_endpoint": "404"}, {"license_field": "absent"}]
EMPTY = Dialect.CHOICES["empty_lists"]


def outcomes(result: dict[str, t.Any]) -> dict[str, str]:
    return {device["imei"]: device["outcome"] for device in result["devices"]}


# An account without licensed devices


@pytest.mark.parametrize("path", Dialect.CHOICES["list_path"])
@pytest.mark.parametrize("empty", EMPTY)
def test_an_account_without_licensed_devices_has_none(simulate: t.Any, ask: t.Any, empty: str, path: str) -> None:
    result = ask(simulate([Device(LAST)], dialect=Dialect(empty_lists=empty, list_path=path)))

    assert result["msg"] == "0 licensed devices. The account uses 0 of its 9,000 licenses."
    assert result["devices"] == [] and not result["failed"]


@pytest.mark.parametrize("empty", EMPTY)
@pytest.mark.parametrize("dialect", [{}, *BY_THE_LIST], ids=str)
def test_devices_of_an_account_without_licensed_devices_are_unlicensed(
    simulate: t.Any, ask: t.Any, dialect: dict[str, str], empty: str
) -> None:
    result = ask(simulate([Device(LAST)], dialect=Dialect(empty_lists=empty, **dialect)), imeis=[LAST])

    assert licensed_by_imei(result) == {LAST: False} and not result["failed"]


@pytest.mark.parametrize("empty", EMPTY)
@pytest.mark.parametrize("dialect", [{}, *BY_THE_LIST], ids=str)
def test_the_run_after_the_one_that_removed_the_last_license_has_nothing_to_do(
    simulate: t.Any, run_against: t.Any, dialect: dict[str, str], empty: str
) -> None:
    simulator = simulate([Device(LAST, licensed=True)], dialect=Dialect(empty_lists=empty, **dialect))
    options = {"account": ACCOUNT, "imeis": [LAST], "max_share": 1, "wait": True, "wait_timeout": 0}

    first, second, third = [
        run_against(simulator, license_remove, check=check, **options) for check in (False, False, True)
    ]

    assert outcomes(first) == {LAST: "removed"} and not first["failed"]
    for result in (second, third):
        assert outcomes(result) == {LAST: "unlicensed"}
        assert not result["failed"] and not result["changed"]
    assert len(simulator.writes) == 1


@pytest.mark.parametrize("empty", EMPTY)
@pytest.mark.parametrize("unknown_devices", ["fail", "ignore"])
def test_the_response_for_unknown_devices_only_may_lack_the_list(
    simulate: t.Any, run_against: t.Any, unknown_devices: str, empty: str
) -> None:
    simulator = simulate([Device(LAST, licensed=True)], dialect=Dialect(empty_lists=empty))
    options = {"account": ACCOUNT, "imeis": [UNKNOWN_IMEI], "unknown_devices": unknown_devices}

    result = run_against(simulator, license_remove, **options)

    assert outcomes(result) == {UNKNOWN_IMEI: "failed" if unknown_devices == "fail" else "unlicensed"}
    assert not simulator.writes


def test_a_list_is_not_empty_only_because_it_is_missing(simulate: t.Any, ask: t.Any) -> None:
    layer = Faults([Fault("null_list", on="licenses")])

    result = ask(simulate([Device(LAST, licensed=True)], middleware=layer.middleware), retries=1)

    assert result["failed"] and "the response has no deviceList" in result["msg"]


# Pages that are requested by the number of rows so far

FLEET = [Device(f"35{number:013}", licensed=True) for number in range(10_500)]
BY_NUMBER = {"list_cursor": "number"}


@pytest.mark.parametrize("id_type", Dialect.CHOICES["id_type"])
@pytest.mark.parametrize("page_size", [300, 1000])
def test_more_than_9000_devices_are_listed(simulate: t.Any, ask: t.Any, page_size: int, id_type: str) -> None:
    simulator = simulate(FLEET, dialect=Dialect(id_type=id_type, **BY_NUMBER), page_size=page_size)

    result = ask(simulator)

    assert not result["failed"], result["msg"]
    assert list(licensed_by_imei(result)) == [device.imei for device in FLEET]
    assert len(simulator.requests) == -(-len(FLEET) // page_size)


@pytest.mark.parametrize("dialect", BY_THE_LIST, ids=str)
def test_licenses_are_removed_by_such_a_list(simulate: t.Any, run_against: t.Any, dialect: dict[str, str]) -> None:
    simulator = simulate(FLEET, dialect=Dialect(**BY_NUMBER, **dialect), page_size=300)
    imeis_to_remove = [device.imei for device in FLEET[::3]]

    result = run_against(simulator, license_remove, account=ACCOUNT, imeis=imeis_to_remove, concurrency=3)

    assert not result["failed"], result["msg"]
    assert result["summary"]["removed"] == len(imeis_to_remove)
    assert simulator.licensed(ACCOUNT) == {device.imei for device in FLEET}.difference(imeis_to_remove)
