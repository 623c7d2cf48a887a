# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The three forms of input, for real and as a forecast: the outcome of each host, and the report."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ansible_collections.verizon.fota.tests.integration.targets.role_decommission.ansible_playbook import (
    ACCOUNT,
    FAILED,
    LICENSED,
    METERS,
    REMAINING,
    REMOVED,
    UNLICENSED,
    calls,
    ending,
    meters,
    play,
    require,
    rows,
    simulator,
)

DECOMMISSION = "verizon.fota.decommission"
AUDIT = "verizon.fota.audit"
REFUSED = "License removal not allowed for devices that have ever upgraded firmware"
# As in inventories of reachable hosts. None of it works here.
OF_HOSTS_THAT_ARE_REACHED = {
    "ansible_connection": "nowhere.network_cli",
    "ansible_host": "meter.invalid",
    "ansible_user": "nobody",
    "ansible_become": True,
    "ansible_become_method": "nowhere.sudosu",
    "ansible_shell_type": "powershell",
    "ansible_shell_executable": "/nowhere/sh",
    "ansible_remote_tmp": "/proc/nowhere",
    "ansible_python_interpreter": "/nowhere/python",
}


def test_a_list_is_decommissioned_and_reported(folder: Path) -> None:
    with simulator() as service:
        given = {
            "decommission_imeis": [*REMOVED.values(), *UNLICENSED.values()],
            "decommission_report_dir": "report",
            "decommission_set_stats": True,
        }
        shown = {"ANSIBLE_SHOW_CUSTOM_STATS": "1"}
        played = play(service, folder, DECOMMISSION, given=given, environment=shown)
        require(played.code == 0 and played.recap["localhost"]["changed"] == 1, "it was changed", played)
        require("2 licenses removed. 1 device had no license." in ending(played), "the last task says so", played)
        require(f"Report: {folder.resolve()}/report/report.html" in ending(played), "and where the report is", played)
        require(service.licensed(ACCOUNT) == REMAINING, "the right ones lost their license", played)
        require(len(service.writes) == 1 and calls(service, "/session/logout") == 1, "one write, one logout", played)
        outcomes = {imei: row["outcome"] for imei, row in rows(folder / "report").items()}
        expected = dict.fromkeys(REMOVED.values(), "removed") | dict.fromkeys(UNLICENSED.values(), "unlicensed")
        require(outcomes == expected, f"the report has the right rows: {outcomes}", played)
        report = json.loads((folder / "report" / "report.json").read_text(encoding="utf-8"))
        used = [report["licenses"][when]["license_used"] for when in ("before", "after")]
        require(report["kind"] == "result" and used == [4, 2], f"it has the licenses in use: {used}", played)
        require(len((folder / "report" / "journal.jsonl").read_text().splitlines()) == 3, "the journal is kept", played)
        stats = played.output.partition("CUSTOM STATS")[2]
        for text in (report["runs"][0]["run_id"], "report/report.html", '"removed": 2'):
            require(text in stats, f"the custom stats have {text}", played)
        again = play(service, folder, DECOMMISSION, given=given)
        require(again.code == 0 and not again.hosts("changed"), "a second run changes nothing", again)
        require(len(rows(folder / "report")) == 3 and len(service.writes) == 1, "the report is about one run", again)


def test_a_file_that_fails_in_part_fails_in_the_last_task_and_says_why(folder: Path) -> None:
    (folder / "retired.csv").write_text("IMEI;note\n" + "".join(f"{imei};x\n" for imei in METERS.values()))
    (folder / "kept").mkdir()
    with simulator() as service:
        given = {"decommission_imeis_file": "retired.csv", "decommission_journal": "kept/lines.jsonl"}
        played = play(service, folder, DECOMMISSION, given=given)
        counts = played.recap["localhost"]
        require(played.code == 2 and counts["failed"] == 1 and counts["changed"] == 1, "changed, and failed", played)
        require("fatal: [localhost]" in ending(played), "it failed in the last task", played)
        for line in (
            "Of 5 devices: 2 failed. 990000000000011: License",
            f"1 × {REFUSED}",
            "1 × has no license in this account and is not among its devices",
        ):
            require(line in ending(played), f"it says {line}", played)
        headers = played.output.count("TASK [")
        require(headers <= 12, f"there are at most a dozen task headers: {headers}", played)
        before = played.output.partition("TASK [verizon.fota.decommission : Report the outcome]")[0]
        require("9900" not in before, "nothing lists devices before the end", played)
        require(
            service.licensed(ACCOUNT) == REMAINING and calls(service, "/session/logout") == 1, "all is done", played
        )
        require(len((folder / "kept" / "lines.jsonl").read_text().splitlines()) == 5, "the journal is right", played)
        require(sorted(file.name for file in folder.iterdir()) == ["kept", "retired.csv"], "no other file", played)


def test_each_host_has_its_own_outcome_whatever_the_inventory_says_of_connections(folder: Path) -> None:
    with simulator() as service:
        imeis: dict[str, Any] = {
            "127.0.0.1": {"imei": REMOVED["meter1"]},
            **meters(["meter2", "meter3", "meter4", "unknown"]),
            "twin": {"imei": f" {REMOVED['meter1']} "},
            "number": {"imei": int(UNLICENSED["meter3"])},
            "template": {"imei": "{{ '9000000000' ~ '00999' }}"},
        }
        hosts = {host: {**OF_HOSTS_THAT_ARE_REACHED, **values} for host, values in imeis.items()}
        given = {"decommission_report_dir": "report"}
        played = play(service, folder, DECOMMISSION, inventory=hosts, given=given)
        require(played.code == 2, "the play failed for some", played)
        require(played.hosts("changed") == {"127.0.0.1", "meter2", "twin"}, "changed are those", played)
        require(played.hosts("failed") == {"meter4", "unknown"}, "failed are those", played)
        require(not played.hosts("unreachable") and len(played.recap) == len(hosts), "all are in the recap", played)
        require('"990003425730535 removed: Success"' in played.output, "outcome and reason are reported", played)
        require(
            "861234567890128 failed: has no license in this account and is not among its devices" in played.output,
            "why",
            played,
        )
        require("Of 5 devices: 2 failed." in ending(played) and f"1 × {REFUSED}" in ending(played), "the end", played)
        require(service.licensed(ACCOUNT) == REMAINING and len(service.writes) == 1, "one write", played)
        require(calls(service, "/login") == calls(service, "/logout") == 1, "one session", played)
        names = {imei: row["name"] for imei, row in rows(folder / "report").items()}
        require(
            names[REMOVED["meter1"]] == "127.0.0.1, twin" and names[FAILED["meter4"]] == "meter4", str(names), played
        )


def test_each_host_has_its_diff(folder: Path) -> None:
    with simulator() as service:
        played = play(service, folder, DECOMMISSION, "--check", "--diff", inventory=meters(["meter1", "meter3"]))
        require(f"\n-{REMOVED['meter1']}\n" in played.output, "the license that would be removed", played)
        require(f"-{UNLICENSED['meter3']}" not in played.output, "no other", played)


def test_an_audit_of_a_list_names_who_holds_a_license_and_writes_nothing(folder: Path) -> None:
    with simulator() as service:
        given = {"decommission_imeis": [*REMOVED.values(), *UNLICENSED.values()], "decommission_report_dir": "audit"}
        played = play(service, folder, AUDIT, given=given)
        require(played.code == 0 and played.hosts("changed") == {"localhost"}, "it would change", played)
        require("2 licenses would be removed. 1 device had no license." in ending(played), "it says so", played)
        require(f"Would be removed: {', '.join(REMOVED.values())}" in ending(played), "it names them", played)
        require(service.licensed(ACCOUNT) == LICENSED and not service.writes, "nothing was written", played)
        require(json.loads((folder / "audit" / "report.json").read_text())["kind"] == "forecast", "it says so", played)
        require(
            {row["outcome"] for row in rows(folder / "audit").values()} == {"removed", "unlicensed"}, "rows", played
        )
        require(calls(service, "/login") == calls(service, "/logout") == 1, "an audit ends its session", played)


def test_options_reach_the_module(folder: Path) -> None:
    with simulator() as service:
        given = {
            "decommission_imeis": ",".join(METERS.values()),
            "decommission_unknown_devices": "ignore",
            "decommission_batch_size": 1,
            "decommission_concurrency": 2,
            "decommission_wait": True,
            "decommission_wait_timeout": 0,
        }
        played = play(service, folder, DECOMMISSION, given=given)
        require(len(service.writes) >= 3, "each device is a batch of its own", played)
        require(
            "has no license in this account and is not among its devices" not in played.output,
            "the unknown device is ignored",
            played,
        )
        require("Of 5 devices: 1 failed." in ending(played), "and one failed", played)
