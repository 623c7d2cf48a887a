# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The three forms of input, for real and as a forecast, and what the report says."""

from __future__ import annotations

import json
from pathlib import Path

from ansible_collections.verizon.fota.tests.integration.targets.role_decommission.ansible_playbook import (
    ACCOUNT,
    FAILED,
    LICENSED,
    METERS,
    REMAINING,
    REMOVED,
    UNLICENSED,
    calls,
    meters,
    play,
    require,
    rows,
    simulator,
)

DECOMMISSION = "verizon.fota.decommission"
AUDIT = "verizon.fota.audit"


def test_a_list_is_decommissioned_and_reported(folder: Path) -> None:
    with simulator() as service:
        given = {"decommission_imeis": [*REMOVED.values(), *UNLICENSED.values()], "decommission_report_dir": "report"}
        played = play(service, folder, DECOMMISSION, given=given)
        require(played.code == 0 and played.recap["localhost"]["changed"] == 1, "it was changed", played)
        require("2 licenses removed. 1 device had no license." in played.output, "it says so", played)
        require(service.licensed(ACCOUNT) == REMAINING, "the right ones lost their license", played)
        require(len(service.writes) == 1 and calls(service, "/session/logout") == 1, "one write, one log-out", played)
        outcomes = {imei: row["outcome"] for imei, row in rows(folder / "report").items()}
        expected = dict.fromkeys(REMOVED.values(), "removed") | dict.fromkeys(UNLICENSED.values(), "unlicensed")
        require(outcomes == expected, f"the report has the right rows: {outcomes}", played)
        report = json.loads((folder / "report" / "report.json").read_text(encoding="utf-8"))
        used = [report["licenses"][when]["license_used"] for when in ("before", "after")]
        require(report["kind"] == "result" and used == [4, 2], f"it tells the licenses in use: {used}", played)
        require((folder / "report" / "report.html").exists(), "there is a page for people", played)
        require(len((folder / "report" / "journal.jsonl").read_text().splitlines()) == 3, "the journal is kept", played)
        again = play(service, folder, DECOMMISSION, given=given)
        require(again.code == 0 and not again.hosts("changed"), "a second run changes nothing", again)
        require(len(rows(folder / "report")) == 3 and len(service.writes) == 1, "the report is about one run", again)


def test_a_file_that_fails_in_part_says_why_in_red_and_logs_out(folder: Path) -> None:
    (folder / "retired.csv").write_text("IMEI;note\n" + "".join(f"{imei};x\n" for imei in METERS.values()))
    (folder / "kept").mkdir()
    with simulator() as service:
        given = {"decommission_imeis_file": "retired.csv", "decommission_journal": "kept/lines.jsonl"}
        played = play(service, folder, DECOMMISSION, given=given)
        require(played.code == 2 and played.recap["localhost"]["failed"] == 1, "the play failed", played)
        failure = played.output[played.output.index("fatal: [localhost]") :]
        require("Of 5 devices: 2 failed. 990000000000011: License removal not allowed" in failure, "why", played)
        require("changed=0" in played.output and "Log out" in failure, "the log-out came after it", played)
        require(REMOVED["meter1"] not in failure, "only problems come back", played)
        require(
            service.licensed(ACCOUNT) == REMAINING and calls(service, "/session/logout") == 1, "all is done", played
        )
        require(len((folder / "kept" / "lines.jsonl").read_text().splitlines()) == 5, "the journal is right", played)
        require(sorted(file.name for file in folder.iterdir()) == ["kept", "retired.csv"], "no other file", played)


def test_each_host_has_its_own_outcome_out_of_one_call(folder: Path) -> None:
    with simulator() as service:
        hosts = {**meters(), "twin": {"imei": f" {REMOVED['meter1']} "}, "number": {"imei": int(UNLICENSED["meter3"])}}
        given = {"decommission_report_dir": "report"}
        played = play(service, folder, DECOMMISSION, inventory=hosts, given=given)
        require(played.code == 2, "the play failed for some", played)
        require(played.hosts("changed") == {"meter1", "meter2", "twin"}, "changed are those", played)
        require(played.hosts("failed") == {"meter4", "stranger"}, "failed are those", played)
        require(not played.hosts("unreachable") and len(played.recap) == 7, "all are in the recap", played)
        require('"990003425730535 removed: Success"' in played.output, "outcome and reason are told", played)
        require(
            "861234567890128 failed: has no license in this account and is not among its devices" in played.output,
            "why",
            played,
        )
        require(service.licensed(ACCOUNT) == REMAINING and len(service.writes) == 1, "one write", played)
        require(calls(service, f"/devices/{ACCOUNT}") <= 2, "the devices were read in one call", played)
        require(calls(service, "/login") == calls(service, "/logout") == 1, "one session", played)
        names = {imei: row["name"] for imei, row in rows(folder / "report").items()}
        require(names[REMOVED["meter1"]] == "meter1, twin" and names[FAILED["meter4"]] == "meter4", str(names), played)
        again = play(service, folder, DECOMMISSION, inventory=meters(list(REMOVED)))
        require(again.code == 0 and not again.hosts("changed"), "a second run changes nothing", again)


def test_an_audit_of_a_list_names_who_holds_a_license_and_writes_nothing(folder: Path) -> None:
    with simulator() as service:
        given = {"decommission_imeis": [*REMOVED.values(), *UNLICENSED.values()], "decommission_report_dir": "audit"}
        for playbook, options in ((AUDIT, ()), (DECOMMISSION, ("--check",)), (AUDIT, ("--check",))):
            played = play(service, folder, playbook, *options, given=given)
            require(played.code == 0 and played.hosts("changed") == {"localhost"}, "it would change", played)
            require("2 licenses would be removed. 1 device had no license." in played.output, "it says so", played)
            holding = played.output.partition("Say which licenses would be removed")[2].partition("TASK")[0]
            require(all(imei in holding for imei in REMOVED.values()), "it names them", played)
            require(UNLICENSED["meter3"] not in holding, "and no other", played)
            require(service.licensed(ACCOUNT) == LICENSED and not service.writes, "nothing was written", played)
            require(
                json.loads((folder / "audit" / "report.json").read_text())["kind"] == "forecast", "it says so", played
            )
            require(
                {row["outcome"] for row in rows(folder / "audit").values()} == {"removed", "unlicensed"}, "rows", played
            )


def test_an_audit_of_hosts_forecasts_each_and_upgrades_on_request(folder: Path) -> None:
    with simulator() as service:
        played = play(service, folder, AUDIT, inventory=meters())
        require(played.hosts("changed") == {"meter1", "meter2", "meter4"}, "changed means would be removed", played)
        require("990003425730535 would be removed" in played.output, "it says so", played)
        require(played.hosts("failed") == {"stranger"} and played.code == 2, "a stranger would fail", played)
        played = play(service, folder, AUDIT, inventory=meters(), given={"decommission_check_upgrades": True})
        require(played.hosts("failed") == {"stranger", "meter4"}, "the upgraded one would fail", played)
        require(service.licensed(ACCOUNT) == LICENSED and not service.writes, "nothing was written", played)
        require(not (folder / "journal.jsonl").exists(), "no file was written", played)


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
            "the stranger is ignored",
            played,
        )
        require("Of 5 devices: 1 failed." in played.output, "and one failed", played)
