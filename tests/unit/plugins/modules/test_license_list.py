# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""license_info without IMEIs: all licensed devices of an account, page by page, and its totals."""

from __future__ import annotations

import dataclasses
import typing as t

import pytest
import requests

from ansible_collections.verizon.fota.plugins.modules import license_info
from ansible_collections.verizon.fota.tests.simulator import Device, Dialect, Fault, Faults
from ansible_collections.verizon.fota.tests.unit.plugins.modules.conftest import ACCOUNT
from ansible_collections.verizon.fota.tests.unit.plugins.modules.half_licensed import (
    FLEET,
    LICENSED,
    UNKNOWN_IMEI,
    licensed_by_imei,
)

TIME = "2021-06-10T15:13:30.941Z"


@pytest.mark.parametrize(("id_type", "list_total_key"), [("text", "totalLicense"), ("number", "totalLicenses")])
@pytest.mark.parametrize("list_path", Dialect.CHOICES["list_path"])
@pytest.mark.parametrize("page_size", [1, 4, 1000])
def test_every_licensed_device_is_listed_in_ascending_order(
    simulate: t.Any, ask: t.Any, list_path: str, list_total_key: str, id_type: str, page_size: int
) -> None:
    dialect = Dialect(list_path=list_path, list_total_key=list_total_key, id_type=id_type)
    simulator = simulate(FLEET, dialect=dialect, page_size=page_size)
    result = ask(simulator)
    assert result["devices"] == [{"imei": imei, "licensed": True, "assigned_time": TIME} for imei in LICENSED]
    assert result["summary"] == {"requested": None, "licensed": 15, "unlicensed": 0, "unknown": 0}
    assert result["account"] == {"name": ACCOUNT, "license_total": 9000, "license_used": 15}
    assert result["msg"] == "15 licensed devices. The account uses 15 of its 9,000 licenses."
    pages = max(1, -(-len(LICENSED) // page_size))
    assert len(simulator.requests) == pages + (list_path == "query")


def test_a_missing_time_is_left_out(simulate: t.Any, ask: t.Any) -> None:
    result = ask(simulate(FLEET, dialect=Dialect(times="none")))
    assert result["devices"] == [{"imei": imei, "licensed": True} for imei in LICENSED]


def test_an_account_without_licensed_devices_has_an_empty_list(simulate: t.Any, ask: t.Any) -> None:
    result = ask(simulate([Device(UNKNOWN_IMEI)]))
    assert result["devices"] == [] and not result["failed"]
    assert result["msg"] == "0 licensed devices. The account uses 0 of its 9,000 licenses."


@pytest.mark.parametrize("page_size", [1, 1000])
def test_only_totals_take_one_request(simulate: t.Any, ask: t.Any, page_size: int) -> None:
    simulator = simulate(FLEET, page_size=page_size)
    result = ask(simulator, return_devices="none")
    assert len(simulator.requests) == 1
    assert result["devices"] == []
    assert result["summary"] == {"requested": None, "licensed": 15, "unlicensed": 0, "unknown": 0}
    assert result["account"] == {"name": ACCOUNT, "license_total": 9000, "license_used": 15}


@pytest.mark.parametrize("kind", ["html", "reset", "cut", "empty", "missing_row"])
def test_a_fault_in_a_middle_page_that_passes_leaves_no_trace(simulate: t.Any, ask: t.Any, kind: str) -> None:
    layer = Faults([Fault(kind, on="licenses", skip=2, times=1)])
    result = ask(simulate(FLEET, middleware=layer.middleware, page_size=3))
    assert list(licensed_by_imei(result)) == LICENSED and not result["failed"] and len(layer.injected) == 1


def test_what_was_read_before_a_page_fails_is_returned(simulate: t.Any, ask: t.Any) -> None:
    layer = Faults([Fault("html", on="licenses", skip=2)])
    result = ask(simulate(FLEET, middleware=layer.middleware, page_size=3), retries=1)
    assert result["failed"] and list(licensed_by_imei(result)) == LICENSED[:6]
    assert result["msg"].startswith("The list of licensed devices could not be read: HTTP 200, but ")
    assert "6 licensed devices read." in result["msg"]
    assert result["summary"] == {"requested": None, "licensed": 6, "unlicensed": 0, "unknown": 0}


def test_a_list_that_contradicts_its_own_count_fails(simulate: t.Any, ask: t.Any) -> None:
    result = ask(simulate(FLEET, middleware=Faults([Fault("missing_row", on="licenses")]).middleware))
    assert result["failed"] and 0 < len(result["devices"]) < len(LICENSED)
    assert "but 15 licenses are assigned" in result["msg"]


def test_a_session_that_ends_between_pages_is_renewed(simulate: t.Any, ask: t.Any) -> None:
    layer = Faults([Fault("expire_session", on="licenses", skip=2, times=1)])
    simulator = simulate(FLEET, middleware=layer.middleware, page_size=3)
    assert ask(simulator)["msg"].startswith("The list of licensed devices could not be read: the session token")
    layer = Faults([Fault("expire_session", on="licenses", skip=2, times=1)])
    simulator = simulate(FLEET, middleware=layer.middleware, page_size=3)
    result = ask(simulator, **dataclasses.asdict(simulator.credentials))
    assert list(licensed_by_imei(result)) == LICENSED and len(layer.injected) == 1


class Between:
    """Middleware that removes the license of a device after so many pages."""

    def __init__(self, imei: str, pages: int) -> None:
        self.simulator: t.Any = None
        self._imei, self._left = imei, pages

    def middleware(self, app: t.Any) -> t.Any:
        def wrapped(environ: t.Any, start_response: t.Any) -> t.Any:
            if environ["REQUEST_METHOD"] == "GET":
                self._left -= 1
                if self._left == 0:
                    access, session = self.simulator.issue_tokens()
                    headers = {"Authorization": f"Bearer {access}", "VZ-M2M-Token": session}
                    url = f"{self.simulator.url}/fota/v3/licenses/{ACCOUNT}/remove"
                    requests.post(url, json={"deviceList": [self._imei]}, headers=headers).raise_for_status()
            return app(environ, start_response)

        return wrapped


@pytest.mark.parametrize("removed", [0, -1])
def test_a_list_that_changes_between_pages_misses_no_licensed_device(
    simulate: t.Any, run_against: t.Any, removed: int
) -> None:
    between = Between(LICENSED[removed], pages=3)
    simulator = simulate(FLEET, middleware=between.middleware, page_size=3)
    between.simulator = simulator
    result = run_against(simulator, license_info, account=ACCOUNT)
    assert not result["failed"] and result["account"]["license_used"] == 14
    # It may have been listed before its license was removed.
    assert set(licensed_by_imei(result)) - {LICENSED[removed]} == simulator.licensed(ACCOUNT)


@pytest.mark.parametrize("status", ["403", "404"])
def test_without_the_license_list_the_totals_come_from_the_subscription(
    simulate: t.Any, ask: t.Any, status: str
) -> None:
    simulator = simulate(FLEET, dialect=Dialect(list_endpoint=status))
    used = {"name": ACCOUNT, "license_total": 9000, "license_used": 15}
    assert ask(simulator, return_devices="none")["account"] == used
    result = ask(simulator)
    assert result["failed"] and result["devices"] == [] and result["account"] == used
    assert "The list of licensed devices could not be read: HTTP" in result["msg"] and f"HTTP {status}" in result["msg"]
    result = ask(simulator, imeis=LICENSED)
    assert not result["failed"] and set(licensed_by_imei(result).values()) == {True} and result["account"] == used
