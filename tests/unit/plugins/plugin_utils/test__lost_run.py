# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A run that gave no result is no run that did nothing."""

from __future__ import annotations

import json

import pytest

from ansible_collections.verizon.fota.plugins.plugin_utils import _lost_run
from ansible_collections.verizon.fota.plugins.plugin_utils._devices_of_hosts import FILE, HOSTS, Devices

IMEIS = {"a": "990003425730535", "b": "990000473475989", "c": "900000000000999"}
RUN = "0123456789ab"
AGAIN = "Run it again: it removes the licenses that are left, and reports each device."


def write(path, *outcomes, run_id=RUN, check_mode=False):
    common = {"time": "2026-11-28T02:00:00Z", "account": "x", "check_mode": check_mode, "run_id": run_id}
    lines = [{**common, "imei": imei, "outcome": outcome} for imei, outcome in zip(IMEIS.values(), outcomes)]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return str(path)


def lost(journal=None, devices=None, requested=3, forecast=False):
    devices = devices or Devices(HOSTS, IMEIS)
    return _lost_run.result("Killed", "x", devices, requested, RUN, journal, forecast)


def test_without_a_journal_nothing_is_known_of_any_device():
    found = lost()
    assert found["msg"] == f"This run gave no result: Killed. What became of 3 of 3 devices is not known. {AGAIN}"
    assert found["failed"] and found["changed"] is False and found["run_id"] == RUN
    assert found["summary"]["requested"] == found["summary"]["unknown"] == 3
    assert [(one["imei"], one["outcome"], one["failed"]) for one in found["devices"]] == [
        (imei, "unknown", True) for imei in IMEIS.values()
    ]


def test_what_the_journal_has_is_known(tmp_path):
    found = lost(write(tmp_path / "journal", "removed", "unlicensed"))
    assert found["msg"] == (
        "This run gave no result: Killed. What became of 1 of 3 devices is not known."
        f" According to the journal, the run removed 1 license. {AGAIN}"
    )
    assert found["changed"] is True
    assert [one["outcome"] for one in found["devices"]] == ["removed", "unlicensed", "unknown"]
    assert {name: count for name, count in found["summary"].items() if count} == {
        "requested": 3,
        "removed": 1,
        "unlicensed": 1,
        "unknown": 1,
    }


def test_devices_of_a_file_are_counted(tmp_path):
    found = lost(write(tmp_path / "journal", "removed"), Devices(FILE, {}), requested=100_000)
    assert "What became of 99,999 of 100,000 devices is not known." in found["msg"]
    assert found["devices"] == [] and found["summary"]["removed"] == 1 and found["summary"]["unknown"] == 99_999


@pytest.mark.parametrize("other", [{"run_id": "ba9876543210"}, {"check_mode": True}])
def test_other_runs_of_the_journal_do_not_count(tmp_path, other):
    assert lost(write(tmp_path / "journal", "removed", **other))["summary"]["removed"] == 0


def test_a_journal_that_cannot_be_read_says_nothing(tmp_path):
    assert lost(str(tmp_path / "missing"))["summary"]["unknown"] == 3


def test_a_forecast_changes_nothing(tmp_path):
    found = lost(write(tmp_path / "journal", "removed", check_mode=True), forecast=True)
    assert found["msg"] == "This run gave no result: Killed. Nothing was changed."
    assert found["changed"] is False
