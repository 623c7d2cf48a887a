# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a removal costs: wall clock, processor and memory of whole ansible-playbook runs against a simulated ThingSpace.

Prints, from one run on this machine, each figure beside what it is to be held against: a play with an empty module, and
the floor below which no client can be (requests / concurrency x latency, for reading and for removing).
"""

from __future__ import annotations

import argparse
import json
import math
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.simulator.fleets import ACCOUNT, fleet  # noqa: E402

BATCH = 1000


@dataclass(frozen=True)
class Figures:
    """One run: seconds of wall clock and of processor, MB of the largest process."""

    wall: float
    cpu: float
    memory: float


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure license_remove as users run it.")
    parser.add_argument("--runs", type=int, default=5, help="counted runs of each (default: %(default)s)")
    parser.add_argument("--devices", type=int, default=100_000, help="size of the fleet (default: %(default)s)")
    parser.add_argument("--latency", type=float, default=0.05, help="seconds a request takes (default: %(default)s)")
    parser.add_argument("--concurrency", type=int, default=8, help="requests in flight (default: %(default)s)")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "library").mkdir()
        (folder / "library" / "empty.py").write_text(EMPTY_MODULE, encoding="utf-8")
        one_device(chosen, folder)
        whole_fleet(chosen, folder)
    return 0


def one_device(chosen: argparse.Namespace, folder: Path) -> None:
    with Server("--fleet", "1") as server:
        imei = fleet(1)[0].imei
        removal = play("one.yml", folder, REMOVAL, {"imeis": [imei]})
        empty = play("empty.yml", folder, EMPTY, {})
        ours, theirs = alternate(chosen.runs, server, folder, removal, empty)
    print("One device, no latency")
    show("a play with an empty module", theirs)
    show("a play that removes one license", ours)
    print(f"  difference: {median(ours) - median(theirs):.2f} s\n")


def whole_fleet(chosen: argparse.Namespace, folder: Path) -> None:
    imeis = [f"35{number:013}" for number in range(chosen.devices)]
    # One in a hundred keeps its license because it was upgraded.
    rows = [f"{imei},true,{'true' if number % 100 == 0 else 'false'}" for number, imei in enumerate(imeis)]
    file, account = folder / "fleet.txt", folder / "account.csv"
    file.write_text("\n".join(imeis) + "\n", encoding="utf-8")
    account.write_text("\n".join(["imei,licensed,upgraded", *rows]) + "\n", encoding="utf-8")
    batches = math.ceil(chosen.devices / BATCH)
    floor = 2 * math.ceil(batches / chosen.concurrency) * chosen.latency
    with Server("--devices", str(account), "--latency", str(chosen.latency)) as server:
        options = {
            "imeis_file": str(file),
            "concurrency": chosen.concurrency,
            "return_devices": "problems",
        }
        # The task fails because of the devices that keep their licenses; the play goes on.
        removal = play("fleet.yml", folder, {**REMOVAL, "failed_when": False}, options)
        empty = play("empty.yml", folder, EMPTY, {})
        ours, theirs = alternate(chosen.runs, server, folder, removal, empty)
    print(
        f"{chosen.devices} devices from a file (all licensed, 1 % refused), {chosen.latency * 1000:g} ms a request,"
        f" concurrency {chosen.concurrency}, return_devices: problems"
    )
    show("a play with an empty module", theirs)
    show("a play that removes the licenses", ours)
    net = median(ours) - median(theirs)
    print(f"  floor: {batches} reads and {batches} removals, {floor:.2f} s")
    print(f"  over the play with an empty module: {net:.2f} s, {net / floor:.2f} times the floor")


def median(figures: list[Figures]) -> float:
    return statistics.median(figure.wall for figure in figures)


def show(what: str, figures: list[Figures]) -> None:
    walls = [figure.wall for figure in figures]
    print(
        f"  {what:34} wall {statistics.median(walls):6.2f} s ({min(walls):.2f} to {max(walls):.2f}),"
        f" CPU {statistics.median(figure.cpu for figure in figures):6.2f} s,"
        f" largest process {max(figure.memory for figure in figures):4.0f} MB"
    )


def alternate(
    runs: int, server: Server, folder: Path, removal: Path, empty: Path
) -> tuple[list[Figures], list[Figures]]:
    """Measure both in turn, so that a machine that changes its pace does so for both. The first pair is not counted."""
    pairs = []
    for _run in range(runs + 1):
        options = server.reset()
        pairs.append((measured(removal, folder, options), measured(empty, folder, options)))
    return [pair[0] for pair in pairs[1:]], [pair[1] for pair in pairs[1:]]


def measured(playbook: Path, folder: Path, options: dict[str, str]) -> Figures:
    library = str(folder / "library")
    environment = {**os.environ, **options, "ANSIBLE_LIBRARY": library, "ANSIBLE_LOCALHOST_WARNING": "false"}
    with open(folder / "output.txt", "w", encoding="utf-8") as output:
        start = time.monotonic()
        process = subprocess.Popen(
            ["ansible-playbook", str(playbook)], env=environment, stdout=output, stderr=output, stdin=subprocess.DEVNULL
        )
        _pid, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - start
    if status != 0:
        sys.exit(f"{playbook.name} failed:\n{(folder / 'output.txt').read_text(encoding='utf-8')[-3000:]}")
    return Figures(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


REMOVAL = {"action": "verizon.fota.license_remove"}
EMPTY = {"action": "empty"}
EMPTY_MODULE = """\
from ansible.module_utils.basic import AnsibleModule

AnsibleModule(argument_spec={}).exit_json()
"""


def play(name: str, folder: Path, task: Mapping[str, object], args: Mapping[str, object]) -> Path:
    """Write a playbook of one task; JSON is YAML."""
    action = {"action": {"module": task["action"], **args}, **{key: task[key] for key in task if key != "action"}}
    path = folder / name
    path.write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": [action]}]), encoding="utf-8")
    return path


class Server:
    """A simulator in a process of its own, so that it takes nothing from what is measured but a processor."""

    def __init__(self, *arguments: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        self._command = [sys.executable, "-m", "tests.simulator", "--port", str(self._port), *arguments]

    def __enter__(self) -> Server:
        self._process = subprocess.Popen(self._command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        if not (self._process.stdout and self._process.stdout.readline()):
            sys.exit("the simulator did not start")
        return self

    def __exit__(self, *_unused: object) -> None:
        self._process.terminate()
        self._process.wait()

    def reset(self) -> dict[str, str]:
        """Put all licenses back; give the environment in which a play works against the simulator."""
        self._post("reset")
        tokens = self._post("tokens")
        return {
            "THINGSPACE_ACCOUNT": ACCOUNT,
            "THINGSPACE_API_URL": f"http://127.0.0.1:{self._port}/api",
            "THINGSPACE_ACCESS_TOKEN": tokens["access_token"],
            "THINGSPACE_SESSION_TOKEN": tokens["session_token"],
        }

    def _post(self, call: str) -> dict[str, str]:
        url = f"http://127.0.0.1:{self._port}/_simulator/{call}"
        with urllib.request.urlopen(urllib.request.Request(url, method="POST")) as answer:
            return dict(json.load(answer))


if __name__ == "__main__":
    sys.exit(main())
