# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run playbooks that take longer than five seconds; check which lines of progress appear, when, and what remains.

A run takes its time from the simulator's latency: one device a request, one request at a time, first to read, then to remove.
"""

from __future__ import annotations

import concurrent.futures
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ansible_collections.verizon.fota.tests.simulator import Account, Device, Simulator
from ansible_collections.verizon.fota.tests.simulator.fleets import ACCOUNT

IMEIS = [f"9900000000{number:05}" for number in range(12)]
LINE = re.compile(
    r"\[license_remove\] (?:(?P<host>\w+): )?(?:"
    r"reading: \d+ of 12 \(\d+ %\)"
    r"|removing: \d+ of 12 \(\d+ %\), \d+ removed, 0 failed"
    r")(?:, [\d.]+/s, \d+ s left)?"
)
# A connection other than the local one that stays on this machine
ELSEWHERE = """
from ansible.plugins.connection.local import Connection as Local
DOCUMENTATION = "name: elsewhere\\nshort_description: x\\ndescription: x\\nauthor: x\\n"
class Connection(Local):
    transport = "elsewhere"
"""


@dataclass(frozen=True)
class Scenario:
    """A playbook and its progress. shown: the hosts in lines of progress, None for lines without a host; empty: no lines."""

    task: dict[str, Any] = field(default_factory=dict)
    play: dict[str, Any] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    arguments: tuple[str, ...] = ()
    latency: float = 0.35
    shown: frozenset[str | None] = frozenset()
    ends: int = 0
    removes: bool = True
    send: signal.Signals | None = None


ONE = frozenset([None])
DELEGATED = {"hosts": "all", "connection": "ssh"}
SCENARIOS = {
    "default": Scenario(latency=0.6, shown=ONE),
    "full name": Scenario(environment={"ANSIBLE_STDOUT_CALLBACK": "ansible.builtin.default"}, shown=ONE),
    "verbose, with an environment": Scenario(play={"environment": {"GIVEN": "1"}}, arguments=("-vvv",), shown=ONE),
    "check mode": Scenario(arguments=("--check",), latency=0.7, shown=ONE, removes=False),
    "two hosts": Scenario(play={"hosts": "all", "connection": "local"}, shown=frozenset({"one", "two"})),
    "run once, delegated": Scenario({"run_once": True, "delegate_to": "localhost"}, DELEGATED, shown=ONE),
    "loop": Scenario({"loop": ["first", "second"]}, latency=0.45, shown=ONE),
    "timeout": Scenario({"timeout": 15}, latency=1, shown=ONE, ends=2, removes=False),
    "interrupted": Scenario(latency=1, shown=ONE, removes=False, send=signal.SIGINT),
    "terminated": Scenario(latency=1, shown=ONE, removes=False, send=signal.SIGTERM),
    "short": Scenario(latency=0),
    "no_log": Scenario({"no_log": True}),
    "async": Scenario({"async": 60, "poll": 1}),
    "elsewhere": Scenario(play={"hosts": "one", "connection": "elsewhere"}),
    "no good news": Scenario(environment={"ANSIBLE_DISPLAY_OK_HOSTS": "false"}),
    "minimal": Scenario(environment={"ANSIBLE_STDOUT_CALLBACK": "minimal"}),
    "oneline": Scenario(environment={"ANSIBLE_STDOUT_CALLBACK": "ansible.builtin.oneline"}),
}


@dataclass(frozen=True)
class Run:
    """A run: its end and duration, its lines with their times, the registered result, and what it left behind."""

    code: int
    ended: float
    lines: list[tuple[float, str]]
    result: Any
    left: list[str]
    licensed: frozenset[str]


def main() -> int:
    # In the background of a shell it is ignored, and so would Ansible.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    selected = {name: scenario for name, scenario in SCENARIOS.items() if not sys.argv[1:] or name in sys.argv[1:]}
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        runs = dict(zip(selected, pool.map(run, selected.values())))
    problems = [f"{name}: {problem}" for name in selected for problem in problems_of(selected[name], runs[name])]
    shown, quiet = runs.get("default"), runs.get("minimal")
    if shown and quiet and (not shown.result or shown.result != quiet.result):
        problems.append(f"the result differs with and without progress: {shown.result} {quiet.result}")
    print("\n".join(problems))
    print(f"{len(selected)} scenarios ran")
    return 1 if problems else 0


def problems_of(scenario: Scenario, seen: Run) -> list[str]:
    output = "\n".join(f"{when:6.2f} {line}" for when, line in seen.lines)
    problems = []
    progress = [(when, line) for when, line in seen.lines if "[license_remove]" in line]
    matches = [LINE.fullmatch(line) for _when, line in progress]
    head = next((when for when, line in seen.lines if line.startswith("TASK [verizon.fota.")), 0.0)
    if not all(matches):
        problems.append(f"a line of progress of another form:\n{output}")
    # The short run may take long on a busy machine; that no line is early is checked in any case.
    elif scenario.latency and {match["host"] for match in matches if match} != scenario.shown:
        problems.append(f"other lines of progress than expected:\n{output}")
    if progress and progress[0][0] < head + 4.5:
        problems.append(f"a line of progress in the first seconds:\n{output}")
    if progress and scenario.send is None and progress[0][0] > seen.ended - 0.5:
        problems.append(f"nothing was shown before the end, at {seen.ended:.2f}:\n{output}")
    if scenario.send is None and seen.code != scenario.ends:
        problems.append(f"ended with {seen.code}:\n{output}")
    if scenario.send is not None and seen.code == 0:
        problems.append(f"went on after the signal:\n{output}")
    if scenario.removes != (not seen.licensed):
        problems.append(f"{len(seen.licensed)} devices have a license at the end:\n{output}")
    if seen.left:
        problems.append(f"files are left: {seen.left}")
    return problems


def run(scenario: Scenario) -> Run:
    """Run one scenario; return what was seen."""
    account = Account(ACCOUNT, devices=[Device(imei, licensed=True) for imei in IMEIS])
    with Simulator([account], latency=scenario.latency) as simulator, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        access, session = simulator.issue_tokens()
        connection = {"api_url": simulator.url, "access_token": access, "session_token": session, "retries": 0}
        write(folder, scenario, {"account": ACCOUNT, **connection})
        begun = time.monotonic()
        command = ["ansible-playbook", "-i", "inventory", "play.yml", *scenario.arguments]
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment(scenario, folder),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        lines = []
        sent = False
        for line in process.stdout or ():
            lines.append((time.monotonic() - begun, line.rstrip("\n")))
            if scenario.send is not None and not sent and "[license_remove]" in line:
                os.killpg(process.pid, scenario.send)  # as a terminal does
                sent = True
        code, ended = process.wait(), time.monotonic() - begun
        result = json.loads(Path(folder, "result").read_text()) if Path(folder, "result").exists() else None
        left = [str(file) for file in folder.rglob("progress-*")]
        licensed = simulator.licensed(ACCOUNT)
    return Run(code, ended, lines, result, left, licensed)


def write(folder: Path, scenario: Scenario, defaults: dict[str, Any]) -> None:
    options = {"imeis": IMEIS, "batch_size": 1, "concurrency": 1, "return_devices": "none"}
    task = {"verizon.fota.license_remove": options, "register": "removal", **scenario.task}
    # No two runs have the same id.
    content = "{{ removal | combine({'run_id': ''}) | to_json(sort_keys=true) }}"
    keep = {"ansible.builtin.copy": {"content": content, "dest": f"{folder}/result"}, "delegate_to": "localhost"}
    play = {
        "hosts": "localhost",
        "gather_facts": False,
        "module_defaults": {"group/verizon.fota.fota": defaults},
        "tasks": [task, keep],
        **scenario.play,
    }
    Path(folder, "play.yml").write_text(json.dumps([play]))
    Path(folder, "inventory").write_text(
        "one\ntwo\n[all:vars]\nansible_python_interpreter={{ansible_playbook_python}}\n"
    )
    Path(folder, "connection_plugins").mkdir()
    Path(folder, "connection_plugins", "elsewhere.py").write_text(ELSEWHERE)


def environment(scenario: Scenario, folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in ("ANSIBLE_FORCE_COLOR", "ANSIBLE_CONFIG")}
    return {
        **kept,
        "ANSIBLE_LOCAL_TEMP": f"{folder}/local",
        "ANSIBLE_REMOTE_TMP": f"{folder}/remote",
        "ANSIBLE_ASYNC_DIR": f"{folder}/async",
        "ANSIBLE_NOCOLOR": "1",
        # In a pipe, lines would stay in a buffer.
        "PYTHONUNBUFFERED": "1",
        **scenario.environment,
    }


if __name__ == "__main__":
    sys.exit(main())
