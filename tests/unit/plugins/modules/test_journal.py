# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The journal of license_remove, however the run ends."""

from __future__ import annotations

import calendar
import errno
import json
import os
import signal
import subprocess
import sys
import time
import typing as t
from pathlib import Path

import pytest

from ansible_collections.verizon.fota.plugins.module_utils import _journal
from ansible_collections.verizon.fota.plugins.module_utils._support import disk_reserve
from ansible_collections.verizon.fota.plugins.modules import license_remove
from ansible_collections.verizon.fota.tests.simulator import Device, Simulator
from ansible_collections.verizon.fota.tests.unit.child_process import environment
from ansible_collections.verizon.fota.tests.unit.plugins.modules.conftest import ACCOUNT

KEYS = {"changed", "failed", "msg", "summary", "devices", "account", "run_id", "check_mode"}
STATES: list[dict[str, bool]] = [{"licensed": True}, {}, {"licensed": True, "upgraded": True}]
FLEET = [Device(f"35000000000{number:04}", **STATES[number % 3]) for number in range(20)]
LICENSED = [Device(f"35000000000{number:04}", licensed=True) for number in range(30)]
UNKNOWN_IMEI = "360000000000000"
PROGRAM = """
import json, sys
from ansible_collections.verizon.fota.plugins.modules import license_remove
from ansible_collections.verizon.fota.tests.unit.plugins.modules.run_module import patch_module_args

with patch_module_args(json.load(sys.stdin)):
    license_remove.main()
"""


def lines(path: Path) -> list[dict[str, t.Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def imeis(devices: t.Iterable[Device]) -> list[str]:
    return [device.imei for device in devices]


def outcomes(rows: t.Iterable[dict[str, t.Any]]) -> dict[str, str]:
    return {row["imei"]: row["outcome"] for row in rows}


def devices_of(rows: list[dict[str, t.Any]]) -> list[dict[str, t.Any]]:
    """Return the devices in lines of a journal by IMEI, without the fields of the run."""
    about_the_run = ("time", "account", "check_mode", "run_id")
    found = [{name: value for name, value in row.items() if name not in about_the_run} for row in rows]
    return sorted(found, key=lambda row: str(row["imei"]))


# Its content


@pytest.mark.parametrize("check", [False, True], ids=["real", "check"])
def test_each_device_has_one_line_that_says_what_the_result_says(
    simulate: t.Any, run_against: t.Any, tmp_path: Path, check: bool
) -> None:
    simulator = simulate(FLEET)
    requested = [*imeis(FLEET), UNKNOWN_IMEI, FLEET[0].imei, UNKNOWN_IMEI]
    options = {"account": ACCOUNT, "journal": str(tmp_path / "j"), "batch_size": 3, "concurrency": 3}
    result = run_against(simulator, license_remove, check=check, imeis=requested, **options)
    rows = lines(tmp_path / "j")
    assert len(rows) == len(FLEET) + 1
    assert devices_of(rows) == sorted(result["devices"], key=lambda row: str(row["imei"]))
    assert set(outcomes(rows).values()) == {"removed", "unlicensed", "failed"}
    for row in rows:
        assert (row["account"], row["check_mode"], row["run_id"]) == (ACCOUNT, check, result["run_id"])
        assert abs(time.time() - _seconds(row["time"])) < 60
    assert bool(simulator.writes) != check


def _seconds(stamp: str) -> float:
    return calendar.timegm(time.strptime(stamp, "%Y-%m-%dT%H:%M:%SZ"))


@pytest.mark.parametrize("returned", ["none", "problems"])
def test_it_is_complete_whichever_devices_are_returned(
    simulate: t.Any, run_against: t.Any, tmp_path: Path, returned: str
) -> None:
    options = {"account": ACCOUNT, "journal": str(tmp_path / "j"), "return_devices": returned}
    result = run_against(simulate(FLEET), license_remove, imeis=imeis(FLEET), **options)
    assert len(result["devices"]) < len(FLEET)
    assert set(outcomes(lines(tmp_path / "j"))) == set(imeis(FLEET))


def test_several_runs_write_to_the_same_one(simulate: t.Any, run_against: t.Any, tmp_path: Path) -> None:
    simulator = simulate(LICENSED[:2])
    options = {"account": ACCOUNT, "imeis": imeis(LICENSED[:2]), "journal": str(tmp_path / "j")}
    for check in (True, False, False):
        run_against(simulator, license_remove, check=check, **options)
    outcomes_seen = [(row["check_mode"], row["outcome"]) for row in lines(tmp_path / "j")]
    assert outcomes_seen == [(True, "removed")] * 2 + [(False, "removed")] * 2 + [(False, "unlicensed")] * 2


def test_a_run_rejected_before_the_first_removal_is_skipped_in_it(
    simulate: t.Any, run_against: t.Any, tmp_path: Path
) -> None:
    options = {"account": ACCOUNT, "journal": str(tmp_path / "j"), "max_removals": 2}
    run_against(simulate(FLEET), license_remove, imeis=imeis(FLEET), **options)
    expected = {device.imei: "skipped" if device.licensed else "unlicensed" for device in FLEET}
    assert outcomes(lines(tmp_path / "j")) == expected


# Journals that cannot be written


@pytest.mark.parametrize("check", [False, True], ids=["real", "check"])
@pytest.mark.parametrize("name", ["missing/j", ".", "fleet.csv"])
def test_one_that_cannot_be_opened_fails_before_anything_is_sent(
    simulate: t.Any, run_against: t.Any, tmp_path: Path, name: str, check: bool
) -> None:
    (tmp_path / "fleet.csv").write_text("imei\n350000000000006", encoding="utf-8")
    simulator = simulate(FLEET)
    options = {"account": ACCOUNT, "journal": str(tmp_path / name)}
    result = run_against(simulator, license_remove, check=check, imeis=imeis(FLEET), **options)
    assert simulator.requests == []
    assert set(result) >= KEYS
    assert (result["changed"], result["failed"], result["devices"]) == (False, True, [])
    assert str(tmp_path / name) in result["msg"] and result["msg"].endswith("; nothing was sent")
    assert (tmp_path / "fleet.csv").read_text(encoding="utf-8") == "imei\n350000000000006"


@pytest.mark.parametrize("path", ["", "  "])
def test_a_blank_path_is_rejected_before_anything_is_sent(simulate: t.Any, run_against: t.Any, path: str) -> None:
    simulator = simulate(FLEET)
    result = run_against(simulator, license_remove, account=ACCOUNT, imeis=imeis(FLEET), journal=path)
    assert simulator.requests == []
    assert result["msg"] == "journal is empty: set it to a path, or leave it out; nothing was sent"


class BrokenFrom:
    """A replacement of the module os in which a call fails from the n-th time on."""

    def __init__(self, name: str, number: int) -> None:
        self._name, self._left = name, number

    def __getattr__(self, name: str) -> t.Any:
        return self._call if name == self._name else getattr(os, name)

    def _call(self, *args: t.Any) -> t.Any:
        self._left -= 1
        if self._left <= 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return getattr(os, self._name)(*args)


# The first fsync belongs to opening the file.
@pytest.mark.parametrize(("call", "number"), [("fsync", 3), ("write", 2)])
def test_a_failed_write_stops_the_run_before_the_next_batch(
    simulate: t.Any, run_against: t.Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, number: int
) -> None:
    monkeypatch.setattr(_journal, "os", BrokenFrom(call, number))
    simulator = simulate(LICENSED)
    options = {"account": ACCOUNT, "journal": str(tmp_path / "j"), "batch_size": 5, "concurrency": 1}
    result = run_against(simulator, license_remove, imeis=imeis(LICENSED), **options)
    assert len(simulator.writes) == 2, "the one that is in the journal, and the one that it did not take"
    expected = {device.imei: "removed" if number < 10 else "skipped" for number, device in enumerate(LICENSED)}
    assert outcomes(result["devices"]) == expected
    assert (result["changed"], result["failed"]) == (True, True)
    assert "No space left on device" in result["msg"] and str(tmp_path / "j") in result["msg"]
    written = imeis(LICENSED[:10] if call == "fsync" else LICENSED[:5])
    assert list(outcomes(lines(tmp_path / "j"))) == written


def test_a_failed_write_lets_running_batches_end_and_starts_no_more(
    simulate: t.Any, run_against: t.Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_journal, "os", BrokenFrom("write", 3))
    simulator = simulate(LICENSED, latency=0.01)
    options = {"account": ACCOUNT, "journal": str(tmp_path / "j"), "batch_size": 1, "concurrency": 3}
    result = run_against(simulator, license_remove, imeis=imeis(LICENSED), **options)
    assert 3 <= len(simulator.writes) <= 2 + 3
    freed = {imei for _account, imei in simulator.removed}
    assert {imei for imei, outcome in outcomes(result["devices"]).items() if outcome == "removed"} == freed
    assert result["summary"]["skipped"] == len(LICENSED) - len(freed)
    assert set(outcomes(lines(tmp_path / "j")).values()) == {"removed"} and len(lines(tmp_path / "j")) == 2


def test_a_failed_write_before_the_first_removal_stops_the_run(
    simulate: t.Any, run_against: t.Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_journal, "os", BrokenFrom("write", 1))
    simulator = simulate(FLEET)
    options = {"account": ACCOUNT, "journal": str(tmp_path / "j")}
    result = run_against(simulator, license_remove, imeis=imeis(FLEET), **options)
    assert simulator.writes == []
    assert (result["changed"], result["failed"], result["summary"]["removed"]) == (False, True, 0)


class SmallDisk:
    """A replacement of the module os, with a disk of so many bytes."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._allocated: dict[int, int] = {}

    def __getattr__(self, name: str) -> t.Any:
        return getattr(os, name)

    def posix_fallocate(self, file: int, _offset: int, size: int) -> None:
        self._take(size, 0)
        self._allocated[file] = size

    def write(self, file: int, data: memoryview) -> int:
        self._take(len(data), os.fstat(file).st_size)
        return os.write(file, data)

    def _take(self, size: int, used: int) -> None:
        if size + used + sum(size for file, size in self._allocated.items() if _is_open(file)) > self._size:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _is_open(file: int) -> bool:
    try:
        os.fstat(file)
    except OSError:
        return False
    return True


def small_disk(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    disk = SmallDisk(size)
    monkeypatch.setattr(_journal, "os", disk)
    monkeypatch.setattr(disk_reserve, "os", disk)


@pytest.mark.parametrize("concurrency", [1, 3])
def test_what_is_in_progress_when_the_disk_becomes_full_is_still_written(
    simulate: t.Any, run_against: t.Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, concurrency: int
) -> None:
    small_disk(monkeypatch, 5 * concurrency * 1024 + 4000)
    simulator = simulate(LICENSED, latency=0.01)
    options = {"account": ACCOUNT, "journal": str(tmp_path / "j"), "batch_size": 5, "concurrency": concurrency}
    result = run_against(simulator, license_remove, imeis=imeis(LICENSED), **options)
    freed = {imei for _account, imei in simulator.removed}
    assert 10 <= len(freed) < len(LICENSED), "it stops"
    written = outcomes(lines(tmp_path / "j"))
    assert {imei for imei, outcome in written.items() if outcome == "removed"} == freed
    assert set(written.values()) <= {"removed", "skipped"}
    assert (result["changed"], result["failed"], result["summary"]["removed"]) == (True, True, len(freed))
    assert "No space left on device" in result["msg"] and str(tmp_path / "j") in result["msg"]


@pytest.mark.parametrize(("devices", "needed"), [(30, 10), (4, 4)])
def test_without_space_for_what_will_be_in_progress_nothing_is_sent(
    simulate: t.Any, run_against: t.Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, devices: int, needed: int
) -> None:
    simulator = simulate(LICENSED)
    options = {"account": ACCOUNT, "journal": str(tmp_path / "j"), "batch_size": 5, "concurrency": 2}
    small_disk(monkeypatch, needed * 1024 - 1)
    result = run_against(simulator, license_remove, imeis=imeis(LICENSED[:devices]), **options)
    assert simulator.requests == []
    assert result["failed"] and not result["changed"]
    assert f"No space left on device for {needed * 1024:,} bytes; nothing was sent" in result["msg"]


@pytest.mark.parametrize(
    ("module", "call", "error"),
    [
        (disk_reserve.tempfile, "TemporaryFile", PermissionError(errno.EACCES, "Permission denied")),
        (disk_reserve.os, "posix_fallocate", OSError(errno.EOPNOTSUPP, "Operation not supported")),
        (disk_reserve.os, "posix_fallocate", AttributeError("macOS has no such call")),
    ],
)
def test_where_no_space_can_be_reserved_the_run_continues_without(
    simulate: t.Any,
    run_against: t.Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    module: t.Any,
    call: str,
    error: Exception,
) -> None:
    def fails(*_args: object, **_options: object) -> t.NoReturn:
        raise error

    monkeypatch.setattr(module, call, fails)
    options = {"account": ACCOUNT, "journal": str(tmp_path / "j")}
    result = run_against(simulate(LICENSED), license_remove, imeis=imeis(LICENSED), **options)
    assert not result["failed"]
    assert outcomes(lines(tmp_path / "j")) == dict.fromkeys(imeis(LICENSED), "removed")
    assert os.listdir(tmp_path) == ["j"]


# Interrupted runs


# Independent of the shell that started the tests: in the background it ignores SIGINT, with nohup SIGHUP.
SIGNALS = """
import signal
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP): signal.signal(number, signal.SIG_DFL)
"""


class Process:
    """Start the module in a separate process, where signals reach it and waits are real."""

    def __init__(self, simulator: Simulator, journal: Path, before: str = "", **options: t.Any) -> None:
        access, session = simulator.issue_tokens()
        tokens = {"api_url": simulator.url, "access_token": access, "session_token": session}
        args = {"account": ACCOUNT, "imeis": imeis(LICENSED), "journal": str(journal), "batch_size": 1, **tokens}
        self._process = subprocess.Popen(
            [sys.executable, "-c", SIGNALS + before + PROGRAM],
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            universal_newlines=True,
        )
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({**args, **options}))
        self._process.stdin.close()
        self._process.stdin = None

    def __enter__(self) -> Process:
        return self

    def __exit__(self, *_unused: object) -> None:
        self._process.kill()
        self._process.communicate()

    def signal_when(self, number: int, met: t.Callable[[], bool]) -> None:
        end = time.monotonic() + 20
        while not met() and self._process.poll() is None and time.monotonic() < end:
            time.sleep(0.002)
        assert met() and self._process.poll() is None, "it is at work"
        self._process.send_signal(number)

    def end(self) -> tuple[int, dict[str, t.Any] | None]:
        out, _err = self._process.communicate(timeout=20)
        return self._process.returncode, json.loads(out) if out else None


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_an_interrupted_run_ends_in_order_with_its_record(
    simulate: t.Any, tmp_path: Path, number: signal.Signals
) -> None:
    simulator = simulate(LICENSED, latency=0.02)
    with Process(simulator, tmp_path / "j", concurrency=2) as process:
        process.signal_when(number, lambda: len(simulator.writes) >= 5)
        code, result = process.end()
    freed = {imei for _account, imei in simulator.removed}
    assert 5 <= len(freed) < len(LICENSED)
    assert result is not None and set(result) >= KEYS
    assert (code, result["changed"], result["failed"]) == (1, True, True)
    assert f"interrupted by {number.name}" in result["msg"]
    expected = {device.imei: "removed" if device.imei in freed else "skipped" for device in LICENSED}
    assert outcomes(result["devices"]) == expected
    assert devices_of(lines(tmp_path / "j")) == sorted(result["devices"], key=lambda row: str(row["imei"]))


def test_a_run_that_is_interrupted_while_it_reads_sends_no_removal(simulate: t.Any, tmp_path: Path) -> None:
    simulator = simulate(LICENSED, latency=0.02)
    with Process(simulator, tmp_path / "j", concurrency=1) as process:
        process.signal_when(signal.SIGTERM, lambda: len(simulator.requests) >= 3)
        _code, result = process.end()
    assert simulator.writes == [] and len(simulator.requests) < len(LICENSED), "it does not read on either"
    assert result is not None and result["summary"]["skipped"] == len(LICENSED)
    assert (result["changed"], result["failed"]) == (False, True)
    assert outcomes(lines(tmp_path / "j")) == dict.fromkeys(imeis(LICENSED), "skipped")


def interrupted_while_busy(simulate: t.Any, journal: Path) -> dict[str, t.Any]:
    """Interrupt a run that waits because of throttling; return its result."""

    def busy(app: t.Any) -> t.Any:
        def wrapped(environ: dict[str, t.Any], start_response: t.Any) -> t.Any:
            if not environ["PATH_INFO"].endswith("/remove"):
                return app(environ, start_response)
            start_response("429 Too Many Requests", [("Retry-After", "50"), ("Content-Length", "0")])
            return []

        return wrapped

    simulator = simulate(LICENSED, middleware=busy)
    with Process(simulator, journal, batch_size=1000) as process:
        process.signal_when(signal.SIGTERM, lambda: bool(simulator.writes) and simulator.writes[0].status == 429)
        _code, result = process.end()
    assert len(simulator.writes) == 1
    assert result is not None
    return result


def test_an_interruption_ends_the_wait_for_a_service_that_is_busy(simulate: t.Any, tmp_path: Path) -> None:
    result = interrupted_while_busy(simulate, tmp_path / "j")
    assert (result["changed"], result["failed"], result["summary"]["skipped"]) == (False, True, len(LICENSED))
    assert outcomes(lines(tmp_path / "j")) == outcomes(result["devices"])


def test_an_interruption_of_a_wait_is_reported(simulate: t.Any, tmp_path: Path) -> None:
    assert "interrupted by SIGTERM" in interrupted_while_busy(simulate, tmp_path / "j")["msg"]


@pytest.mark.slow
def test_a_killed_run_leaves_its_record_but_for_what_was_under_way(simulate: t.Any, tmp_path: Path) -> None:
    simulator = simulate(LICENSED, latency=0.02)
    with Process(simulator, tmp_path / "j", concurrency=2) as process:
        process.signal_when(signal.SIGKILL, lambda: len(simulator.writes) >= 8)
        assert process.end() == (-signal.SIGKILL, None)
    freed = {imei for _account, imei in simulator.removed}
    journaled = outcomes(lines(tmp_path / "j"))
    assert set(journaled.values()) == {"removed"} and journaled.keys() <= freed
    assert len(freed - journaled.keys()) <= 2


def test_a_signal_after_the_last_removal_does_not_take_the_result_away(simulate: t.Any, tmp_path: Path) -> None:
    before = """
import os, signal
from ansible_collections.verizon.fota.plugins.module_utils import _result

real = _result.result
_result.result = lambda *args: os.kill(os.getpid(), signal.SIGTERM) or real(*args)
"""
    with Process(simulate(LICENSED), tmp_path / "j", before, batch_size=1000) as process:
        _code, result = process.end()
    assert result is not None and result["summary"]["removed"] == len(LICENSED)
