# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two processes at the same time over halves of one inventory, like slices of a job in AWX."""

from __future__ import annotations

import json
from pathlib import Path

from ansible_collections.verizon.fota.tests.integration.targets.role_decommission.ansible_playbook import (
    calls,
    end,
    require,
    rows,
    start,
)
from ansible_collections.verizon.fota.tests.simulator import Account, Device, Simulator
from ansible_collections.verizon.fota.tests.simulator.fleets import ACCOUNT

DECOMMISSION = "verizon.fota.decommission"
HOSTS = {f"meter{number:02}": f"{350000000000000 + number:015}" for number in range(12)}
UPGRADED = "meter07"


def fleet(latency: float) -> Simulator:
    devices = [Device(imei, licensed=True, upgraded=name == UPGRADED) for name, imei in HOSTS.items()]
    # Slow enough for both to run at the same time.
    return Simulator([Account(ACCOUNT, devices=devices)], latency=latency)


def test_slices_that_share_tokens_and_a_journal(folder: Path) -> None:
    slices = (dict(list(HOSTS.items())[:6]), dict(list(HOSTS.items())[6:]))
    with fleet(latency=0.8) as service:
        access, session = service.issue_tokens()
        environment = {"THINGSPACE_ACCESS_TOKEN": access, "THINGSPACE_SESSION_TOKEN": session}
        processes = []
        for number, hosts in enumerate(slices):
            home = folder / f"slice{number}"
            home.mkdir()
            given = {
                "decommission_report_dir": "report",
                "decommission_journal": str(folder / "journal.jsonl"),
                "decommission_batch_size": 1,
                "decommission_concurrency": 1,
            }
            inventory = {name: {"imei": imei} for name, imei in hosts.items()}
            # Without credentials, so that neither logs in and invalidates the session of the other.
            processes.append(
                start(
                    service, home, DECOMMISSION, inventory=inventory, given=given, environment=environment, login=False
                )
            )
        first, second = [end(process) for process in processes]
        require(first.code == 0 and first.hosts("changed") == set(slices[0]), "the first slice is right", first)
        require(second.code == 2 and second.hosts("failed") == {UPGRADED}, "the second one failed for one host", second)
        require(second.hosts("changed") == set(slices[1]) - {UPGRADED}, "and changed the others", second)
        require(service.licensed(ACCOUNT) == {HOSTS[UPGRADED]}, "all licenses but one are removed", second)
        require(calls(service, "/login") == calls(service, "/logout") == 0, "neither logged in or out", second)
        order = [
            next(n for n, hosts in enumerate(slices) if removed in hosts.values()) for _a, removed in service.removed
        ]
        require(
            order != sorted(order) and order != sorted(order, reverse=True), f"they worked at the same time: {order}"
        )
        lines = [json.loads(line) for line in (folder / "journal.jsonl").read_text(encoding="utf-8").splitlines()]
        require(sorted(line["imei"] for line in lines) == sorted(HOSTS.values()), "the journal has each device once")
        require(len({line["run_id"] for line in lines}) == 2, "of two runs")
        for number, hosts in enumerate(slices):
            found = rows(folder / f"slice{number}" / "report")
            require(set(found) == set(hosts.values()), "each report is about its own slice")
