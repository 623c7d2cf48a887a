# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A run that gave no result is no run that did nothing."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess

import pytest

from ansible_collections.verizon.fota.plugins.module_utils._support.run_id import VARIABLE
from ansible_collections.verizon.fota.plugins.plugin_utils import _lost_run
from ansible_collections.verizon.fota.plugins.plugin_utils._devices_of_hosts import FILE, HOSTS, Devices

IMEIS = {"a": "990003425730535", "b": "990000473475989", "c": "900000000000999"}
RUN = "0123456789ab"
ALL = list(IMEIS.values())
AGAIN = "Run it again: it removes the licenses that are left, and reports each device."


@pytest.fixture(autouse=True)
def quiet_at_once(monkeypatch):
    monkeypatch.setattr(_lost_run, "_QUIET", 0.0)


def write(path, *outcomes, run_id=RUN, check_mode=False):
    common = {"time": "2026-11-28T02:00:00Z", "account": "x", "check_mode": check_mode, "run_id": run_id}
    lines = [{**common, "imei": imei, "outcome": outcome} for imei, outcome in zip(IMEIS.values(), outcomes)]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return str(path)


def lost(journal=None, devices=None, requested=3, forecast=False):
    devices = devices or Devices(HOSTS, IMEIS)
    _lost_run.end(RUN, journal)
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


def test_a_journal_with_all_devices_leaves_nothing_open(tmp_path):
    found = lost(write(tmp_path / "journal", "removed", "removed", "skipped"))
    assert found["msg"] == (
        f"This run gave no result: Killed. According to the journal, the run removed 2 licenses. {AGAIN}"
    )


def test_a_journal_that_cannot_be_read_says_nothing(tmp_path):
    assert lost(str(tmp_path / "missing"))["summary"]["unknown"] == 3


def test_a_forecast_changes_nothing(tmp_path):
    found = lost(write(tmp_path / "journal", "removed", check_mode=True), forecast=True)
    assert found["msg"] == "This run gave no result: Killed. Nothing was changed."
    assert found["changed"] is False


def lines(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_devices_that_are_missing_in_the_journal_are_added_to_it(tmp_path):
    path = tmp_path / "journal"
    write(path, "removed")
    _lost_run.complete(str(path), ALL, {ALL[1]: "meter"}, "x", RUN, False)
    assert [(line["imei"], line["outcome"]) for line in lines(path)] == [
        (ALL[0], "removed"),
        (ALL[1], "unknown"),
        (ALL[2], "unknown"),
    ]
    assert lines(path)[1]["name"] == "meter" and lines(path)[1]["failed"] is lines(path)[1]["changed"] is True
    # What the run still writes comes later, and applies.
    with open(path, "a", encoding="utf-8") as file:
        file.write(json.dumps({**lines(path)[0], "imei": ALL[2]}) + "\n")
    assert lost(str(path))["summary"]["removed"] == 2 and lost(str(path))["summary"]["unknown"] == 1


def test_a_journal_that_cannot_be_read_is_not_completed(tmp_path):
    path = tmp_path / "journal"
    write(path, "removed")
    with open(path, "a", encoding="utf-8") as file:
        file.write('{"time": "edited by hand"}\n')
    before = path.read_bytes()
    _lost_run.complete(str(path), ALL, {}, "x", RUN, False)
    assert path.read_bytes() == before


def test_nobody_writes_between_the_reading_and_the_completion(tmp_path, monkeypatch):
    """A line that came between would count as followed by a later one."""
    path = tmp_path / "journal"
    write(path, "removed")
    real, seen = _lost_run.JournalReader, []

    def reader(*args):
        with open(path, "rb") as other, pytest.raises(BlockingIOError):
            fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
        seen.append(args)
        return real(*args)

    monkeypatch.setattr(_lost_run, "JournalReader", reader)
    _lost_run.complete(str(path), ALL, {}, "x", RUN, False)
    assert seen and len(lines(path)) == 3


@pytest.mark.parametrize("journal", [None, "missing/journal"])
def test_without_a_journal_there_is_nothing_to_complete(tmp_path, journal):
    _lost_run.complete(journal and str(tmp_path / journal), ALL, {}, "x", RUN, False)
    assert list(tmp_path.iterdir()) == []


def test_what_a_run_writes_at_its_end_is_waited_for(tmp_path, monkeypatch):
    monkeypatch.setattr(_lost_run, "_QUIET", 0.3)
    path = tmp_path / "journal"
    write(path, "removed")
    text = path.read_text(encoding="utf-8")
    late = [text.replace(ALL[0], ALL[1]), text.replace(ALL[0], ALL[2])]
    real = _lost_run.time.sleep

    def sleep(seconds):
        if late:
            with open(path, "a", encoding="utf-8") as file:
                file.write(late.pop())
        real(seconds / 10)

    monkeypatch.setattr(_lost_run.time, "sleep", sleep)
    assert lost(str(path))["summary"]["removed"] == 3


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="this system has no /proc")
def test_a_module_that_still_runs_is_told_to_end(monkeypatch):
    run_ids = (RUN, "ba9876543210")
    modules = [subprocess.Popen(["sleep", "60"], env={**os.environ, VARIABLE: run_id}) for run_id in run_ids]
    try:
        lost()
        assert modules[0].wait(timeout=20) == -signal.SIGTERM
        assert modules[1].poll() is None
    finally:
        for module in modules:
            module.kill()
            module.wait()
