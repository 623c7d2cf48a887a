# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Helpers that run ansible-playbook as users do, and read its output."""

from __future__ import annotations

import csv
import dataclasses
import json
import os
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Mapping, Sequence

from ansible_collections.verizon.fota.tests.simulator import Account, Credentials, Device, Faults, Simulator
from ansible_collections.verizon.fota.tests.simulator.fleets import ACCOUNT

# Name of the host: IMEI. The account below decides the outcome of each.
REMOVED = {"meter1": "990003425730535", "meter2": "990000473475989"}
UNLICENSED = {"meter3": "900000000000999"}
FAILED = {"meter4": "990000000000011", "unknown": "861234567890128"}
METERS = {**REMOVED, **UNLICENSED, **FAILED}
LICENSED = {*REMOVED.values(), FAILED["meter4"], "990000000000094"}
REMAINING = {FAILED["meter4"], "990000000000094"}


def simulator(faults: Faults | None = None, password: str | None = None, **account_fields: Any) -> Simulator:
    devices = [
        *(Device(imei, licensed=True) for imei in REMOVED.values()),
        *(Device(imei) for imei in UNLICENSED.values()),
        Device(FAILED["meter4"], licensed=True, upgraded=True),
        # Not in any list.
        Device("990000000000094", licensed=True),
    ]
    account = Account(ACCOUNT, license_total=9000, devices=devices, **account_fields)
    credentials = Credentials() if password is None else Credentials(password=password)
    return Simulator([account], middleware=faults.middleware if faults else None, credentials=credentials)


@dataclass(frozen=True)
class Played:
    """The end of a playbook. recap: the counts of each host."""

    code: int
    output: str
    recap: dict[str, dict[str, int]] = field(default_factory=dict)

    def hosts(self, count: str) -> set[str]:
        """Return the hosts that have something counted under this name in the recap."""
        return {host for host, counts in self.recap.items() if counts[count]}


def start(
    service: Simulator,
    folder: Path,
    playbook: str,
    *options: str,
    inventory: Mapping[str, Mapping[str, Any]] | None = None,
    given: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] | None = None,
    login: bool = True,
) -> subprocess.Popen[str]:
    """Start a playbook in a folder, with variables (-e) and an inventory (-i). Credentials come from the environment."""
    command = ["ansible-playbook", playbook, *options]
    if inventory is not None:
        # They are not reachable.
        hosts = {name: {"ansible_host": f"{name}.invalid", **values} for name, values in inventory.items()}
        (folder / "inventory.json").write_text(json.dumps({"all": {"hosts": hosts}}), encoding="utf-8")
        command += ["--inventory", "inventory.json"]
    if given is not None:
        command += ["--extra-vars", json.dumps(given)]
    credentials = dataclasses.asdict(service.credentials) if login else {}
    return subprocess.Popen(
        command,
        cwd=folder,
        env={
            **{name: value for name, value in os.environ.items() if name != "ANSIBLE_FORCE_COLOR"},
            "ANSIBLE_NOCOLOR": "1",
            "THINGSPACE_ACCOUNT": ACCOUNT,
            "THINGSPACE_API_URL": service.url,
            **{f"THINGSPACE_{name.upper()}": value for name, value in credentials.items()},
            **(environment or {}),
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def end(process: subprocess.Popen[str]) -> Played:
    output, _nothing = process.communicate()
    recap = {}
    for host, counts in re.findall(r"^(\S+) +: (ok=.*)$", output, flags=re.MULTILINE):
        recap[host] = {name: int(count) for name, count in re.findall(r"(\w+)=(\d+)", counts)}
    return Played(process.returncode, output, recap)


def play(service: Simulator, folder: Path, playbook: str, *options: str, **more: Any) -> Played:
    return end(start(service, folder, playbook, *options, **more))


def ending(played: Played) -> str:
    """Return what the last task printed."""
    return played.output.rpartition("TASK [")[2].partition("PLAY RECAP")[0]


def calls(service: Simulator, path: str) -> int:
    """Count the requests whose path ends so."""
    return sum(request.path.endswith(path) for request in service.requests)


def meters(names: Sequence[str] = tuple(METERS)) -> dict[str, dict[str, str]]:
    return {name: {"imei": METERS[name]} for name in names}


def rows(folder: Path) -> dict[str, dict[str, str]]:
    """Return the rows of a report by IMEI."""
    with (folder / "report.csv").open(encoding="utf-8-sig", newline="") as file:
        return {row["imei"]: row for row in csv.DictReader(file)}


def write_play(folder: Path, *tasks: Mapping[str, Any], **keywords: Any) -> str:
    """Write a playbook of the user's own over all hosts, with the role in it unless there are tasks. Return its name."""
    return write_plays(folder, {**({"tasks": list(tasks)} if tasks else {}), **keywords})


def write_plays(folder: Path, *plays: Mapping[str, Any]) -> str:
    """Write a playbook of several plays, each with the role in it unless it has tasks. Return its name."""
    content = []
    for own in plays:
        role = {} if "tasks" in own else {"roles": ["verizon.fota.decommission"]}
        content.append({"hosts": "all", "gather_facts": False, **role, **own})
    (folder / "own.yml").write_text(json.dumps(content))
    return "own.yml"


def require(holds: object, claim: str, played: Played | None = None) -> None:
    """Check a condition; if it does not hold, show the output of the playbook."""
    if not holds:
        raise AssertionError(f"it is not true that {claim}\n{played.output[-6000:] if played else ''}")
