# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The command line: ``python -m tests.simulator`` in a process of its own."""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import signal
import subprocess
import sys

import pytest
import requests

from ansible_collections.verizon.fota.tests import simulator as package
from ansible_collections.verizon.fota.tests.simulator import Dialect
from ansible_collections.verizon.fota.tests.simulator import __main__ as main
from ansible_collections.verizon.fota.tests.simulator.fleets import ACCOUNT, DOCUMENT_IMEIS

ROOT = pathlib.Path(package.__file__).parents[2]


@contextlib.contextmanager
def started(*arguments):
    """Start a simulator; return its process, origin and account."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.simulator", "--port", "0", *map(str, arguments)],
        cwd=str(ROOT),
        env=dict(os.environ, PYTHONDONTWRITEBYTECODE="1"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        universal_newlines=True,
    )
    try:
        url, _word, account = process.stdout.readline().split()
        assert url.endswith("/api")
        yield process, url[: -len("/api")], account
    finally:
        process.kill()
        process.communicate()


def stops_cleanly(process):
    output, errors = process.communicate(timeout=20)
    return (process.returncode, output, errors) == (0, "", "")


def licensed(origin, account):
    return requests.get(f"{origin}/_simulator/accounts/{account}", timeout=20).json()["licensed"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_end_it(number):
    with started() as (process, origin, account):
        assert account == ACCOUNT
        assert set(DOCUMENT_IMEIS[:2]) <= set(licensed(origin, account))
        assert DOCUMENT_IMEIS[2] not in licensed(origin, account)
        process.send_signal(number)
        assert stops_cleanly(process)


def test_shutdown_ends_it():
    with started() as (process, origin, _account):
        assert requests.get(origin + "/_simulator/ready", timeout=20).json() == {"ready": True}
        requests.post(origin + "/_simulator/shutdown", timeout=20)
        assert stops_cleanly(process)


def test_a_fleet_out_of_files_and_seeds_with_a_log_and_a_dialect(tmp_path):
    (tmp_path / "devices.csv").write_text("imei,licensed,upgraded\n990003425730535,true,\n990000473475989,yes,1\n")
    arguments = ["--devices", tmp_path / "devices.csv", "--fleet", 50, "--seed", 4]
    arguments += ["--account", "mine", "--request-log", tmp_path / "log", "--latency", "0.2"]
    arguments += ["--dialect", "status_values=v1", "times=none", "--max-batch", 2]
    with started(*arguments) as (process, origin, account):
        assert account == "mine"
        assert len(licensed(origin, account)) > 30
        tokens = requests.post(origin + "/_simulator/tokens", timeout=20).json()
        headers = {
            "Authorization": "Bearer " + tokens["access_token"],
            "VZ-M2M-Token": tokens["session_token"],
        }
        url = origin + "/api/fota/v3/licenses/mine/remove"

        def remove(imeis):
            return requests.post(url, json={"deviceList": imeis}, headers=headers, timeout=20)

        response = remove(["990003425730535", "990000473475989"])
        assert response.elapsed.total_seconds() >= 0.2
        rows = response.json()["deviceList"]
        assert [row["status"] for row in rows] == ["LicenseRemoveSuccess", "LicenseRemoveFailed"]
        assert "updatedTime" not in rows[0]
        assert remove(["1" * 15] * 3).status_code == 400
        process.send_signal(signal.SIGTERM)
        assert stops_cleanly(process)
    logged = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    assert [entry["status"] for entry in logged] == [200, 400]
    assert logged[0]["json"]["deviceList"] == ["990003425730535", "990000473475989"]


@pytest.mark.parametrize("total, expected", [([], 9000), (["--fleet", "20000"], 0), (["--license-total", "7"], 7)])
def test_no_more_licenses_are_in_use_than_there_are(total, expected):
    arguments = main._arguments(total)

    in_use = sum(device.licensed for device in arguments.device_list)
    assert arguments.license_total == (expected or in_use)
    assert in_use > 9000 or expected


@pytest.mark.parametrize("order", [1, -1])
def test_a_named_dialect_and_a_choice(order):
    arguments = main._arguments(["--dialect", *["sdk", "rows=reordered"][::order]])

    assert arguments.dialect == Dialect.named("sdk", rows="reordered")


@pytest.mark.parametrize(
    "arguments",
    [
        ["--dialect", "rows"],
        ["--dialect", "colour=red"],
        ["--dialect", "rows=many"],
        ["--dialect", "esperanto"],
        ["--devices", "/nowhere/devices.csv"],
        ["--nonsense"],
    ],
)
def test_bad_arguments(arguments, capsys):
    with pytest.raises(SystemExit) as ended:
        main.main(arguments)

    assert ended.value.code == 2
    assert arguments[-1].split("=")[0] in capsys.readouterr().err
