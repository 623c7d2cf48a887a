# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook restore: it undoes what a run of the role has removed, and only that."""

from __future__ import annotations

import json
from pathlib import Path

from ansible_collections.verizon.fota.tests.integration.targets.role_decommission.ansible_playbook import (
    ACCOUNT,
    LICENSED,
    METERS,
    REMOVED,
    ending,
    meters,
    play,
    require,
    rows,
    simulator,
)

JOURNAL = {"restore_journal": "report/journal.jsonl"}
# As AWX sends fields that nobody filled in.
EMPTY = {
    f"restore_{name}": ""
    for name in ("account", "batch_size", "concurrency", "max_assignments", "report_dir", "run_id")
}


def test_a_run_is_undone_first_as_a_forecast_then_for_real_then_not_again(folder: Path) -> None:
    with simulator() as service:
        options = {"decommission_imeis": list(METERS.values()), "decommission_report_dir": "report"}
        play(service, folder, "verizon.fota.decommission", given=options)
        require(set(service.removed) == {(ACCOUNT, imei) for imei in REMOVED.values()}, "the licenses were removed")

        checked = play(service, folder, "verizon.fota.restore", "--check", "--diff", given={**EMPTY, **JOURNAL})
        require(checked.code == 0 and service.assigned == [], "check mode assigns nothing", checked)
        require(all(f"+{imei}" in checked.output for imei in REMOVED.values()), "the diff names the devices", checked)
        require("2 licenses would be assigned." in ending(checked), "the forecast is the last word", checked)

        limited = play(service, folder, "verizon.fota.restore", given={**JOURNAL, "restore_max_assignments": 0})
        require("more than max_assignments allows (0)" in ending(limited), "zero is a limit", limited)
        require(limited.code != 0 and service.assigned == [], "the limit holds", limited)

        given = {**JOURNAL, "restore_report_dir": "restore"}
        restored = play(service, folder, "verizon.fota.restore", given=given)
        require(restored.code == 0 and restored.hosts("changed") == {"localhost"}, "it is changed", restored)
        require(service.licensed(ACCOUNT) == LICENSED, "the account is as it was before", restored)
        outcomes = {imei: row["outcome"] for imei, row in rows(folder / "restore").items()}
        require(outcomes == dict.fromkeys(REMOVED.values(), "assigned"), "the report has those devices", restored)
        require(str(folder / "restore" / "report.html") in ending(restored), "it names the report", restored)

        again = play(service, folder, "verizon.fota.restore", given=given)
        require(again.code == 0 and not again.hosts("changed"), "a second run changes nothing", again)
        report = json.loads((folder / "restore" / "report.json").read_text(encoding="utf-8"))
        require(report["summary"]["licensed"] == len(REMOVED), "the second report says so", again)


def test_of_several_runs_one_is_chosen_and_a_failing_run_fails_in_the_last_task(folder: Path) -> None:
    with simulator() as service:
        # Each batch of hosts is a run.
        (folder / "own.yml").write_text(
            json.dumps([{"hosts": "all", "gather_facts": False, "serial": 1, "roles": ["verizon.fota.decommission"]}])
        )
        options = {"decommission_report_dir": "report"}
        play(service, folder, "own.yml", inventory=meters(list(REMOVED)), given=options)

        unclear = play(service, folder, "verizon.fota.restore", given=JOURNAL)
        require(
            unclear.code != 0 and "set restore_run_id to those that are to be restored" in ending(unclear),
            "it asks",
            unclear,
        )
        require(service.assigned == [], "nothing is assigned", unclear)

        lines = [json.loads(line) for line in (folder / "report" / "journal.jsonl").read_text().splitlines()]
        run_ids = ",".join(line["run_id"] for line in lines)
        given = {**JOURNAL, "restore_run_id": run_ids, "restore_point": "a variable of somebody else"}
        restored = play(service, folder, "verizon.fota.restore", given=given)
        require(restored.code == 0 and service.licensed(ACCOUNT) == LICENSED, "both runs are undone", restored)

        misspelled = play(service, folder, "verizon.fota.restore", given={**JOURNAL, "restore_max_assignment": 1})
        require(
            "restore_max_assignment is not an option, did you mean restore_max_assignments? Nothing was sent."
            in misspelled.output,
            "it is named",
            misspelled,
        )
        require(misspelled.code != 0, "a misspelled limit is no limit", misspelled)

        (folder / "several.yml").write_text(
            json.dumps([{"hosts": "all", "gather_facts": False, "roles": ["verizon.fota.restore"]}])
        )
        several = play(service, folder, "several.yml", inventory=meters(list(REMOVED)), given=JOURNAL)
        require(several.code != 0 and "its play has one host" in several.output, "it is no role for each host", several)

        wrong = play(service, folder, "verizon.fota.restore", given={"restore_journal": "nothing.jsonl"})
        require(
            wrong.code != 0 and "nothing.jsonl cannot be read: No such file" in ending(wrong),
            "it names the file",
            wrong,
        )
