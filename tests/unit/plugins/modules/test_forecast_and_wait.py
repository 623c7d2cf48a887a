# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Forecasts, guards and waiting in the result of a task."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest

from ansible_collections.verizon.fota.plugins.modules import license_remove
from ansible_collections.verizon.fota.tests.simulator import Device, Dialect
from ansible_collections.verizon.fota.tests.simulator.routes import SERVICE
from ansible_collections.verizon.fota.tests.unit.plugins.modules.conftest import ACCOUNT

FREE, UPGRADED, RUNNING, SCHEDULED = (f"99000342573053{number}" for number in range(4))
DEVICES = [
    Device(FREE, licensed=True),
    Device(UPGRADED, licensed=True, upgraded=True),
    Device(RUNNING, licensed=True, upgrade_running=True),
    Device(SCHEDULED, licensed=True, upgrade_scheduled=True),
]
ALL = {"account": ACCOUNT, "imeis": [device.imei for device in DEVICES]}


def by_imei(result: dict[str, t.Any]) -> dict[str, tuple[str, str | None]]:
    return {device["imei"]: (device["outcome"], device.get("reason")) for device in result["devices"]}


# A share of the licenses in use


@pytest.mark.parametrize("check", [False, True], ids=["real", "check"])
@pytest.mark.parametrize("dialect", [{}, {"list_path": "query"}, {"list_endpoint": "403"}], ids=str)
def test_a_share_is_checked_before_the_first_write(
    simulate: t.Any, run_against: t.Any, check: bool, dialect: dict[str, str]
) -> None:
    others = [Device(f"35000000000{number:04}", licensed=True) for number in range(6)]
    simulator = simulate([*DEVICES, *others], dialect=Dialect(**dialect))

    limited = run_against(simulator, license_remove, check=check, max_share=0.39, **ALL)
    allowed = run_against(simulator, license_remove, check=True, max_share=0.4, **ALL)

    assert (
        "4 licenses would be removed, 40.0% of the 10 in use, more than max_share allows (0.39 of 10 = 3)"
        in limited["msg"]
    )
    assert (limited["failed"], limited["changed"], limited["summary"]["skipped"]) == (True, False, 4)
    assert limited["account"]["license_used"] == 10
    assert not simulator.writes
    assert not allowed["failed"]


def test_a_share_that_cannot_be_checked_is_rejected(simulate: t.Any, run_against: t.Any) -> None:
    def no_totals(app: t.Any) -> t.Any:
        def wrapped(environ: dict[str, t.Any], start_response: t.Any) -> t.Any:
            if environ["PATH_INFO"].startswith(("/api/fota/v3/licenses", "/api/fota/v3/subscriptions")):
                start_response("403 Forbidden", [("Content-Type", "text/plain")])
                return [b"not for you"]
            return app(environ, start_response)

        return wrapped

    simulator = simulate(DEVICES, middleware=no_totals)

    result = run_against(simulator, license_remove, max_share=0.5, **ALL)

    assert "max_share cannot be checked, because the licenses in use cannot be read: HTTP 403" in result["msg"]
    assert not simulator.writes


@pytest.mark.parametrize("share", [-0.1, 1.1, 10])
def test_a_share_is_between_0_and_1(simulate: t.Any, run_against: t.Any, share: float) -> None:
    simulator = simulate(DEVICES)

    result = run_against(simulator, license_remove, max_share=share, **ALL)

    assert "max_share is" in result["msg"] and "between 0 and 1" in result["msg"]
    assert not simulator.requests


# Waiting


def campaign(app: t.Any) -> t.Any:
    """Return middleware that assigns a license to a device again, right after its removal."""

    def wrapped(environ: dict[str, t.Any], start_response: t.Any) -> t.Any:
        response = list(app(environ, start_response))
        if environ["PATH_INFO"].endswith("/remove"):
            environ[SERVICE].assign(ACCOUNT, [FREE])
        return response

    return wrapped


def test_a_license_that_comes_back_is_seen(simulate: t.Any, run_against: t.Any, tmp_path: Path) -> None:
    simulator = simulate([Device(FREE, licensed=True)], middleware=campaign)
    journal = tmp_path / "journal"
    options = {"account": ACCOUNT, "imeis": [FREE], "journal": str(journal)}

    result = run_against(simulator, license_remove, wait=True, wait_timeout=0, **options)

    assert by_imei(result) == {FREE: ("failed", "its license was removed, but it holds one again")}
    assert result["failed"]
    lines = [json.loads(line) for line in journal.read_text(encoding="utf-8").splitlines()]
    assert [line["outcome"] for line in lines] == ["removed", "failed"]
    assert {line["run_id"] for line in lines} == {result["run_id"]}


@pytest.mark.parametrize("returned", ["all", "problems", "none"])
def test_counts_add_up_after_a_wait(simulate: t.Any, run_against: t.Any, returned: str) -> None:
    simulator = simulate(DEVICES)

    result = run_against(
        simulator, license_remove, wait=True, wait_timeout=0, return_devices=returned, diff=True, **ALL
    )

    assert result["summary"] == {
        "requested": 4,
        "removed": 2,
        "unlicensed": 0,
        "failed": 2,
        "unknown": 0,
        "skipped": 0,
    }
    assert result["diff"]["after"].split() == sorted([UPGRADED, RUNNING])
    assert len(result["devices"]) == {"all": 4, "problems": 2, "none": 0}[returned]


@pytest.mark.parametrize("seconds", [-1, 86401])
def test_a_wait_is_bounded(simulate: t.Any, run_against: t.Any, seconds: int) -> None:
    result = run_against(simulate(DEVICES), license_remove, wait=True, wait_timeout=seconds, **ALL)

    assert f"wait_timeout is {seconds}" in result["msg"]


# Every run has its own id


def test_runs_have_distinct_ids(simulate: t.Any, run_against: t.Any) -> None:
    simulator = simulate(DEVICES)

    ids = {run_against(simulator, license_remove, check=True, **ALL)["run_id"] for _run in range(3)}

    assert len(ids) == 3
    assert all(len(run_id) == 12 and int(run_id, 16) >= 0 for run_id in ids)
