# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run playbooks that succeed and fail in many ways, and search all that they leave behind for every secret.

Secret is what was configured and what was issued on the way, also base64 of key and secret, and the beginning of each.
All is run with -vvvv, a log file, and all files kept that Ansible would delete.
"""

from __future__ import annotations

import base64
import concurrent.futures
import contextlib
import dataclasses
import json
import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Callable

from ansible_collections.verizon.fota.tests.integration.targets.secrets.scenarios import (
    ACCOUNT,
    IMEI,
    SCENARIOS,
    Scenario,
)
from ansible_collections.verizon.fota.tests.simulator import Account, Credentials, Device, Fault, Faults, Simulator

# No other text begins like these.
CREDENTIALS = Credentials(client_id="Kx7qLw2m9", client_secret="Zr4tVb8n1", username="operator", password="Hq6jYd3c5")
BEGINNING = 8


def main() -> int:
    selected = {name: scenario for name, scenario in SCENARIOS.items() if not sys.argv[1:] or name in sys.argv[1:]}
    with concurrent.futures.ThreadPoolExecutor(max(2, os.cpu_count() or 2)) as pool:
        problems = list(pool.map(run, selected, selected.values()))
    print("\n".join(line for lines in problems for line in lines))
    print(f"{len(selected)} scenarios ran")
    return 1 if any(problems) else 0


def run(name: str, scenario: Scenario) -> list[str]:
    """Run one scenario; return its problems."""
    watcher = Watcher()
    faults = Faults([Fault(**fault) for fault in scenario.faults])
    devices = [Device(IMEI, licensed=True)]
    simulator = Simulator(
        [Account(ACCOUNT, devices=devices)],
        credentials=CREDENTIALS,
        middleware=lambda app: watcher.middleware(faults.middleware(app)),
    )
    with simulator, tempfile.TemporaryDirectory() as given, tempfile.TemporaryDirectory() as left:
        access, session = simulator.issue_tokens()
        if scenario.expire == "session":
            simulator.expire_sessions()
        elif scenario.expire == "access_token":
            simulator.expire_access_tokens()
        variables = {**dataclasses.asdict(CREDENTIALS), "access_token": access, "session_token": session}
        variables.update(scenario.variables)
        done = play(
            scenario, closed_port() if scenario.service_down else simulator.url, variables, Path(given), Path(left)
        )
        output = done.stdout.decode()
        secrets = secrets_of(simulator, variables, watcher.sessions)
        found = {("output", kind) for kind in kinds_in(output, secrets)} | search(Path(left), secrets)
        traced = (Path(left) / "trace.jsonl").exists()
        found |= {("argument lists", kind) for kind in kinds_in(watcher.argument_lists, secrets)}
    problems = [f"{place} holds the {kind}" for place, kind in sorted(found - scenario.allowed - scenario.at_times)]
    problems += [f"{place} does not hold the {kind} any more" for place, kind in sorted(scenario.allowed - found)]
    if (done.returncode == 0) != scenario.succeeds:
        problems.append(f"ended with {done.returncode}:\n{output[-3000:]}")
    problems += [f"the output lacks: {text}\n{output[-3000:]}" for text in scenario.says if text not in output]
    if bool(simulator.requests) != scenario.sends:
        problems.append(f"{len(simulator.requests)} requests arrived")
    if scenario.sends and not traced:
        problems.append("no trace was written")
    if scenario.sends and "ansible-playbook" not in watcher.argument_lists:
        problems.append("the argument lists of processes could not be seen")
    return [f"{name}: {problem}" for problem in problems]


def play(
    scenario: Scenario, api_url: str, variables: dict[str, Any], given: Path, left: Path
) -> subprocess.CompletedProcess[bytes]:
    (given / "play.yml").write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, **scenario.play}]))
    more = {"journal": str(left / "journal.jsonl"), "account": ACCOUNT, "imei": IMEI}
    (given / "variables.json").write_text(json.dumps({**variables, **more}))
    environment = {
        **os.environ,
        "THINGSPACE_API_URL": api_url,
        "THINGSPACE_TRACE": str(left / "trace.jsonl"),
        "ANSIBLE_LOG_PATH": str(left / "ansible.log"),
        "ANSIBLE_KEEP_REMOTE_FILES": "1",
        "ANSIBLE_REMOTE_TMP": str(left / "remote"),
        "ANSIBLE_LOCAL_TEMP": str(left / "local"),
        "ANSIBLE_ASYNC_DIR": str(left / "async"),
        "ANSIBLE_NOCOLOR": "1",
    }
    environment.pop("ANSIBLE_FORCE_COLOR", None)
    if scenario.environment:
        environment.update((f"THINGSPACE_{name.upper()}", variables[name]) for name in scenario.environment)
    command = ["ansible-playbook", "play.yml", "--extra-vars", "@variables.json", "--diff", "-vvvv"]
    return subprocess.run(
        command,
        cwd=given,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )


def secrets_of(simulator: Simulator, variables: dict[str, Any], sessions: set[str]) -> dict[str, set[str]]:
    """Return all secrets by kind: configured, passed to the play, and issued during the run."""
    named = ("client_id", "client_secret", "password", "access_token", "session_token")
    secrets = {kind: {str(variables[kind]), str(getattr(CREDENTIALS, kind, variables[kind]))} for kind in named}
    pairs = [f"{key}:{secret}" for key in secrets["client_id"] for secret in secrets["client_secret"]]
    secrets["base64 of key and secret"] = {base64.b64encode(pair.encode()).decode() for pair in pairs}
    secrets["access_token"].add(simulator.issue_tokens()[0])
    secrets["session_token"] |= sessions
    for request in simulator.requests:
        scheme, _blank, value = request.headers.get("Authorization", "").partition(" ")
        secrets["access_token" if scheme == "Bearer" else "base64 of key and secret"].add(value)
        secrets["session_token"].add(request.headers.get("Vz-M2M-Token", ""))
    return {kind: {value[:BEGINNING] for value in values if value} for kind, values in secrets.items()}


def kinds_in(text: str, secrets: dict[str, set[str]]) -> set[str]:
    return {kind for kind, values in secrets.items() if any(value in text for value in values)}


def search(folder: Path, secrets: dict[str, set[str]]) -> set[tuple[str, str]]:
    """Return which files contain which kinds of secrets. The names of files and folders are searched as well."""
    found = set()
    for file in sorted(folder.rglob("*")):
        text = f"{file}\n{file.read_bytes().decode('utf-8', 'replace') if file.is_file() else ''}"
        place = "a job file" if file.parent.name == "async" else file.name
        found |= {(place, kind) for kind in kinds_in(text, secrets)}
    return found


def closed_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}/api"


class Watcher:
    """Records the argument lists of all processes whenever a request arrives, and the session tokens in responses."""

    def __init__(self) -> None:
        self.argument_lists = ""
        self.sessions: set[str] = set()

    def middleware(self, app: Callable[..., Any]) -> Callable[..., Any]:
        def layer(environ: dict[str, Any], start_response: Any) -> Any:
            for file in Path("/proc").glob("[0-9]*/cmdline"):
                with contextlib.suppress(OSError):  # it has just ended
                    self.argument_lists += file.read_bytes().decode("utf-8", "replace")
            response = b"".join(app(environ, start_response))
            with contextlib.suppress(ValueError):
                self.sessions.add(json.loads(response).get("sessionToken", ""))
            return [response]

        return layer


if __name__ == "__main__":
    sys.exit(main())
