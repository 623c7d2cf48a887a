# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The commands that are measured: this collection, and what people use without it."""

from __future__ import annotations

import importlib.machinery
import json
import math
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

HERE = Path(__file__).resolve().parent
BATCH = 1000
# A folder with Verizon's SDK, see requirements.txt.
SDK = os.environ.get("FOTA_BENCHMARK_SDK", "")


@dataclass(frozen=True)
class Case:
    """The number of devices, the latency of requests in seconds, and the requests in flight."""

    devices: int
    latency: float
    concurrency: int


@dataclass(frozen=True)
class Fleet:
    """The IMEIs of so many devices: a file with one a line, and one with a YAML list; and a file for a journal."""

    text: Path
    yaml: Path
    journal: Path


@dataclass(frozen=True)
class Contender:
    """A command that removes licenses.

    ``reads``, ``removes``: whether it asks for the state of each device, and whether it removes the licenses.
    ``devices_at_once``: in a request. ``serial``: one request at a time, whatever the concurrency.
    ``play``: whether Ansible's start is part of its time. ``peer``: whether it is held against this collection.
    ``fixed``, ``each``: seconds without latency, to start and for 1,000 devices; only for estimates.
    ``most``: devices with which it is measured at most. Beyond, ``why_not`` says why there is no figure, else it is extrapolated.
    """

    name: str
    label: str
    command: Callable[[Fleet, int], list[str]]
    fixed: float
    each: float
    reads: bool = False
    removes: bool = True
    devices_at_once: int = BATCH
    serial: bool = False
    play: bool = False
    peer: bool = False
    most: int | None = None
    why_not: str | None = None

    def floor(self, case: Case) -> float:
        """Return the lower bound in seconds: requests / concurrency x latency, for each phase."""
        requests = math.ceil(case.devices / self.devices_at_once)
        waves = math.ceil(requests / (1 if self.serial else case.concurrency))
        return (self.reads + self.removes) * waves * case.latency

    def measured_at(self, devices: int) -> int:
        return devices if self.most is None else min(devices, self.most)

    def estimate(self, case: Case) -> float:
        """Return roughly how many seconds a run will take: the lower bound and the processor time."""
        return self.fixed + self.each * case.devices / BATCH + self.floor(case)


def _play(folder: str, name: str, *more: str, **variables: object) -> list[str]:
    return ["ansible-playbook", str(HERE / folder / name), "-e", json.dumps(variables), *more]


def _file(fleet: Fleet, concurrency: int, *more: str, **variables: object) -> list[str]:
    return _play("plays", "file.yml", *more, imeis_file=str(fleet.text), concurrency=concurrency, **variables)


def _script(name: str, *options: str) -> Callable[[Fleet, int], list[str]]:
    def command(fleet: Fleet, concurrency: int) -> list[str]:
        threads = [] if "--serial" in options else ["--threads", str(concurrency)]
        given = [option for option in options if option != "--serial"]
        return [sys.executable, str(HERE / "peers" / name), *threads, *given, str(fleet.text)]

    return command


START = Contender(
    "start",
    "Ansible's start: a play with ping",
    lambda fleet, concurrency: _play("plays", "ping.yml"),
    fixed=0.9,
    each=0.0,
    removes=False,
    play=True,
)
WAIT = replace(
    START,
    name="wait",
    label="Ansible's start and ten seconds of waiting",
    command=lambda fleet, concurrency: _play("plays", "wait.yml"),
    fixed=10.9,
)
FILE = Contender("file", "verizon.fota, IMEIs from a file", _file, fixed=1.1, each=0.01, reads=True, play=True)
CHECK = Contender(
    "check",
    "verizon.fota, from a file, check mode",
    lambda fleet, concurrency: _file(fleet, concurrency, "--check"),
    fixed=1.1,
    each=0.01,
    reads=True,
    removes=False,
    play=True,
)
JOURNAL = Contender(
    "journal",
    "verizon.fota, from a file, with a journal",
    lambda fleet, concurrency: _file(fleet, concurrency, journal=str(fleet.journal)),
    fixed=1.1,
    each=0.02,
    reads=True,
    play=True,
)
SCRIPT = Contender(
    "requests-read",
    "requests script, threads, reading first",
    _script("script_requests.py", "--read"),
    fixed=0.3,
    each=0.007,
    reads=True,
    peer=True,
)
CONTENDERS = (
    START,
    WAIT,
    FILE,
    JOURNAL,
    CHECK,
    Contender(
        "list",
        "verizon.fota, IMEIs as a list in YAML",
        lambda fleet, concurrency: _play("plays", "list.yml", "-e", f"@{fleet.yaml}", concurrency=concurrency),
        fixed=1.1,
        each=0.13,
        reads=True,
        play=True,
        most=100_000,
        why_not="not measured: passing on a list of a million takes Ansible a minute and a half and 3 GB",
    ),
    Contender(
        "uri-device",
        "ansible.builtin.uri, a request per device",
        lambda fleet, concurrency: _play("peers", "uri_per_device.yml", imeis_file=str(fleet.text)),
        fixed=0.9,
        each=350.0,
        devices_at_once=1,
        serial=True,
        play=True,
        peer=True,
        most=100,
    ),
    Contender(
        "uri-batch",
        "ansible.builtin.uri, a request per 1,000",
        lambda fleet, concurrency: _play("peers", "uri_per_batch.yml", imeis_file=str(fleet.text)),
        fixed=0.9,
        each=0.7,
        serial=True,
        play=True,
        peer=True,
        most=10_000,
    ),
    Contender(
        "sdk-serial",
        "Verizon's SDK, one request at a time",
        _script("script_sdk.py", "--serial"),
        fixed=0.8,
        each=0.14,
        serial=True,
        peer=True,
        most=100_000,
    ),
    Contender("sdk", "Verizon's SDK, threads", _script("script_sdk.py"), fixed=0.8, each=0.14, peer=True, most=100_000),
    Contender(
        "sdk-read",
        "Verizon's SDK, threads, reading first",
        _script("script_sdk.py", "--read"),
        fixed=0.8,
        each=0.16,
        reads=True,
        peer=True,
        most=100_000,
    ),
    Contender("requests", "requests script, threads", _script("script_requests.py"), fixed=0.3, each=0.004, peer=True),
    SCRIPT,
)


def environment(contender: Contender) -> dict[str, str]:
    """Return the options other than account and tokens."""
    if contender.play:
        return {"ANSIBLE_LOCALHOST_WARNING": "false"}
    # Only for this one: the SDK requires other versions of libraries that the others use.
    return {"PYTHONPATH": SDK} if _is_sdk(contender) else {}


def missing(contender: Contender) -> str | None:
    """Return why it cannot run here, or None."""
    if _is_sdk(contender) and not (SDK and importlib.machinery.PathFinder.find_spec("verizon", [SDK])):
        return "not measured: FOTA_BENCHMARK_SDK names no folder with Verizon's SDK"
    return None


def _is_sdk(contender: Contender) -> bool:
    return contender.name.startswith("sdk")
