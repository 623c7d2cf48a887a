# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The processor time of the role decommission, compared with the module and with Ansible's own time for hosts."""

from __future__ import annotations

import dataclasses
import json
import statistics
from collections.abc import Sequence
from pathlib import Path

from tests.benchmark.contenders import HERE
from tests.benchmark.measure import measured
from tests.benchmark.server import Server
from tests.simulator.tokens import Credentials

HOSTS = 1000
# Allowed multiples of the processor time that each is compared with
MODULE_BOUND, HOSTS_BOUND = 3.0, 1.2


def report(folder: Path, runs: int) -> None:
    """Measure both, and print them with their bounds."""
    print("The role decommission, processor seconds (all processes), with login, report and logout", flush=True)
    imeis = [f"35{number:013}" for number in range(HOSTS)]
    with Server("--devices", str(_account(folder, imeis[:1]))) as server:
        one = folder / "one.txt"
        one.write_text(f"{imeis[0]}\n", encoding="utf-8")
        module_only = [
            "ansible-playbook",
            str(HERE / "plays" / "file.yml"),
            *_extra_vars(imeis_file=str(one), concurrency=4),
        ]
        role = _role(decommission_imeis_file=str(one), decommission_report_dir=str(folder / "report"))
        _compare(
            "one device", "license_remove without the role", MODULE_BOUND, server, (module_only, role), folder, runs
        )
    with Server("--devices", str(_account(folder, imeis))) as server:
        inventory = folder / "hosts.json"
        hosts = {f"host{number:04}": {"imei": imei} for number, imei in enumerate(imeis)}
        inventory.write_text(json.dumps({"all": {"hosts": hosts}}), encoding="utf-8")
        debug = ["ansible-playbook", str(HERE / "plays" / "hosts.yml"), "-i", str(inventory)]
        role = _role("-i", str(inventory), decommission_report_dir=str(folder / "report"))
        _compare(f"{HOSTS:,} hosts", "one debug task for each", HOSTS_BOUND, server, (debug, role), folder, 1)


def _compare(
    label: str, other: str, bound: float, server: Server, commands: Sequence[list[str]], folder: Path, runs: int
) -> None:
    found: list[list[float]] = [[], []]
    # The first run of each fills caches, and does not count if there are more.
    for run in range(runs + (runs > 1)):
        for command, seconds in zip(commands, found):
            environment = {**server.reset(), **_login(), "ANSIBLE_LOCALHOST_WARNING": "false"}
            cpu = measured(command, environment, folder / "output.txt").cpu
            if run or runs == 1:
                seconds.append(cpu)
    base, role = (statistics.median(seconds) for seconds in found)
    verdict = "met" if role <= bound * base else "missed"
    print(
        f"  {label}: {role:.2f} s, {other}: {base:.2f} s, {role / base:.2f} times, bound {bound}: {verdict}", flush=True
    )


def _login() -> dict[str, str]:
    """Return the variables that pass tokens, so that the role does not log in."""
    credentials = {f"THINGSPACE_{name.upper()}": value for name, value in dataclasses.asdict(Credentials()).items()}
    return {**credentials, "THINGSPACE_ACCESS_TOKEN": "", "THINGSPACE_SESSION_TOKEN": ""}


def _role(*more: str, **variables: object) -> list[str]:
    return ["ansible-playbook", "verizon.fota.decommission", *more, *_extra_vars(**variables)]


def _extra_vars(**variables: object) -> list[str]:
    return ["-e", json.dumps(variables)]


def _account(folder: Path, imeis: Sequence[str]) -> Path:
    path = folder / f"role-{len(imeis)}.csv"
    path.write_text("imei,licensed\n" + "".join(f"{imei},true\n" for imei in imeis), encoding="utf-8")
    return path
