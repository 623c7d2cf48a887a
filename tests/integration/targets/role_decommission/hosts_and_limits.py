# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Ansible makes of hosts: limits, batches, conditions, failures; and the guards over all of them."""

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
    calls,
    meters,
    play,
    require,
    rows,
    simulator,
    write_play,
    write_plays,
)

DECOMMISSION = "verizon.fota.decommission"
ROLE = {"name": "verizon.fota.decommission"}
IMPORT = {"ansible.builtin.import_role": ROLE}
INCLUDE = {"ansible.builtin.include_role": ROLE}
THREE = ("meter1", "meter2", "meter4")


def rescued(task: dict[str, Any]) -> dict[str, Any]:
    return {"block": [task], "rescue": [{"ansible.builtin.debug": {"msg": "it goes on"}}]}


def for_host(host: str) -> dict[str, str]:
    return {"when": f"inventory_hostname == '{host}'"}


def test_a_limit_leaves_other_hosts_alone(folder: Path) -> None:
    with simulator() as service:
        played = play(service, folder, DECOMMISSION, "--limit", "meter1,meter3", inventory=meters())
        require(played.code == 0 and set(played.recap) == {"meter1", "meter3"}, "the others are out", played)
        require(LICENSED - service.licensed(ACCOUNT) == {METERS["meter1"]}, "one license was removed", played)


def test_a_group_is_chosen_by_a_variable(folder: Path) -> None:
    with simulator() as service:
        played = play(service, folder, DECOMMISSION, inventory=meters(), given={"decommission_hosts": "meter2:meter3"})
        require(set(played.recap) == {"meter2", "meter3"} and played.hosts("changed") == {"meter2"}, "those", played)


def test_a_role_in_a_play_of_ones_own(folder: Path) -> None:
    with simulator() as service:
        played = play(
            service, folder, write_play(folder), inventory={**meters(), "localhost": {"imei": METERS["meter1"]}}
        )
        require(played.hosts("changed") == {"meter1", "meter2", "localhost"}, "those changed", played)
        require(len(service.writes) == 1 and not played.hosts("unreachable"), "one write, nobody contacted", played)


def test_batches_end_in_one_report(folder: Path) -> None:
    with simulator() as service:
        playbook = write_play(folder, serial=2)
        played = play(service, folder, playbook, inventory=meters(), given={"decommission_report_dir": "report"})
        require(played.hosts("changed") == set(REMOVED), "those changed", played)
        require(played.hosts("failed") == set(FAILED), "those failed", played)
        require(service.licensed(ACCOUNT) == REMAINING, "the right ones lost their license", played)
        found = rows(folder / "report")
        require(set(found) == set(METERS.values()), "the last report is about all batches", played)
        require({row["name"] for row in found.values()} == set(METERS), "with the names of all hosts", played)
        require(calls(service, "/login") == calls(service, "/logout") == 3, "each batch has its session", played)
        again = play(service, folder, playbook, inventory=meters(), given={"decommission_report_dir": "report"})
        require({row["outcome"] for row in rows(folder / "report").values()} == {"unlicensed", "failed"}, "anew", again)


def test_batches_of_a_list_or_a_file_end_in_one_report(folder: Path) -> None:
    imeis = [METERS[name] for name in ("meter1", "meter2", "meter3")]
    (folder / "retired.csv").write_text("\n".join(imeis))
    hosts: dict[str, dict[str, object]] = {name: {} for name in THREE}
    for form in ({"decommission_imeis": imeis}, {"decommission_imeis_file": "retired.csv"}):
        with simulator() as service:
            given = {"decommission_report_dir": "report", **form}
            playbook = write_play(folder, serial=1)
            for outcomes, before in ((["removed", "removed", "unlicensed"], 4), (["unlicensed"] * 3, 2)):
                played = play(service, folder, playbook, inventory=hosts, given=given)
                found = rows(folder / "report")
                require([found[imei]["outcome"] for imei in imeis] == outcomes, f"all batches: {found}", played)
                report = json.loads((folder / "report" / "report.json").read_text())
                used = [report["licenses"][when]["license_used"] for when in ("before", "after")]
                require(used == [before, 2] and len(report["runs"]) == 3, f"from the first one on: {used}", played)
            plays = [{"serial": 1, "vars": {"decommission_imeis": [imei]}} for imei in imeis]
            if "decommission_imeis" in form:
                given = {"decommission_report_dir": "report"}
                played = play(service, folder, write_plays(folder, *plays), inventory=hosts, given=given)
                require(set(rows(folder / "report")) == {imeis[-1]}, "another list is another report", played)


def test_a_batch_that_fails_ends_the_play_where_the_play_says_so(folder: Path) -> None:
    with simulator() as service:
        order = ("stranger", "meter1", "meter2", "meter3")
        playbook = write_play(folder, serial=2, any_errors_fatal=True)
        played = play(service, folder, playbook, inventory=meters(order), given={"decommission_report_dir": "report"})
        require(
            played.code == 2 and set(played.recap) == {"stranger", "meter1"}, "the second batch was not begun", played
        )
        require(
            played.hosts("changed") == {"meter1"} and played.hosts("failed") == {"stranger"}, "own outcomes", played
        )
        require(calls(service, "/logout") == 1 and len(rows(folder / "report")) == 2, "report and log-out", played)


def test_guards_tell_the_numbers_and_nothing_is_removed(folder: Path) -> None:
    with simulator() as service:
        for guard, says in (
            ({"decommission_max_removals": 0}, "3 licenses would be removed, more than max_removals (0) allows"),
            ({"decommission_max_removals": 2}, "3 licenses would be removed, more than max_removals (2) allows"),
            (
                {"decommission_max_share": 0.5},
                "3 licenses would be removed, 75.0% of the 4 in use, more than max_share (0.5",
            ),
        ):
            played = play(service, folder, DECOMMISSION, given={"decommission_imeis": list(METERS.values()), **guard})
            require(played.code == 2 and says in played.output, f"it says: {says}", played)
            played = play(service, folder, DECOMMISSION, inventory=meters(), given=guard)
            require(
                played.hosts("failed") == set(METERS) - {"meter3"} and says in played.output,
                f"each host fails: {says}",
                played,
            )
        require(not service.writes and service.licensed(ACCOUNT) == LICENSED, "nothing was removed", played)
        require(calls(service, "/login") == calls(service, "/logout"), "it logged out", played)


def test_guards_hold_for_all_batches_before_the_first_one(folder: Path) -> None:
    with simulator() as service:
        playbook = write_play(folder, serial=1)
        for guard in ({"decommission_max_removals": 2}, {"decommission_max_share": 0.5}):
            for options in ((), ("--check",)):
                played = play(service, folder, playbook, *options, inventory=meters(), given=guard)
                require(played.code == 2 and "3 licenses would be removed" in played.output, "it is refused", played)
                require(set(played.recap) == {"meter1"}, "the second batch was not begun", played)
        require(not service.writes and service.licensed(ACCOUNT) == LICENSED, "nothing was removed", played)


def test_guards_that_hold_do_not_stop_a_later_batch(folder: Path) -> None:
    with simulator() as service:
        # 3 of 4 licenses; in the last batch 1 of 2.
        guards = {"decommission_max_removals": 3, "decommission_max_share": 0.75}
        playbook = write_play(folder, serial=2)
        played = play(service, folder, playbook, inventory=meters(), given=guards)
        require(
            played.hosts("changed") == set(REMOVED) and service.licensed(ACCOUNT) == REMAINING, "all is done", played
        )


def test_a_condition_with_include_role_chooses_hosts(folder: Path) -> None:
    with simulator() as service:
        task = {"ansible.builtin.include_role": ROLE, "when": "inventory_hostname in ['meter2', 'meter3']"}
        hosts = {**meters(), "without": {}}
        played = play(service, folder, write_play(folder, task), inventory=hosts)
        require(played.code == 0 and played.hosts("changed") == {"meter2"}, "one changed", played)
        require(LICENSED - service.licensed(ACCOUNT) == {METERS["meter2"]}, "no other license was removed", played)


def test_a_condition_with_import_role_never_removes_the_license_of_another_host(folder: Path) -> None:
    for chosen, changed in ((("meter1", "meter3"), {"meter1"}), (("meter2", "meter3"), set())):
        with simulator() as service:
            task = {"ansible.builtin.import_role": ROLE, "when": f"inventory_hostname in {list(chosen)}"}
            played = play(service, folder, write_play(folder, task), inventory=meters())
            require(played.hosts("changed") == changed, f"changed is {changed}", played)
            require(LICENSED - service.licensed(ACCOUNT) == {METERS[host] for host in changed}, "no other", played)
            if not changed:
                require(played.hosts("failed") == set(chosen), "those chosen fail", played)
                require("since the role was skipped for the first host" in played.output, "why", played)


def test_run_once_takes_no_license_of_a_host_for_which_the_condition_does_not_hold(folder: Path) -> None:
    where = "inventory_hostname in only.split(',')"
    for task in (
        {"ansible.builtin.import_role": ROLE, "run_once": True},
        {"ansible.builtin.include_role": {**ROLE, "apply": {"run_once": True}}},
    ):
        for only in ("meter1", "meter1,meter3"):
            with simulator() as service:
                playbook = write_play(folder, {**task, "when": where})
                played = play(service, folder, playbook, inventory=meters(), given={"only": only})
                require(played.hosts("changed") == {"meter1"} and played.code == 0, f"one changed: {only}", played)
                require(LICENSED - service.licensed(ACCOUNT) == {METERS["meter1"]}, "no other license", played)
        with simulator() as service:
            played = play(service, folder, write_play(folder, task), inventory=meters())
            require(played.hosts("changed") == set(REMOVED) and played.hosts("failed") == set(FAILED), "all", played)
            require(service.licensed(ACCOUNT) == REMAINING and len(service.writes) == 1, "in one write", played)


def test_check_mode_of_a_role_is_a_forecast(folder: Path) -> None:
    with simulator() as service:
        task = {"ansible.builtin.import_role": ROLE, "check_mode": True}
        given = {"decommission_report_dir": "report"}
        played = play(service, folder, write_play(folder, task), inventory=meters(), given=given)
        require("990003425730535 would be removed" in played.output and not service.writes, "a forecast", played)


def test_hosts_that_failed_before_are_left_alone(folder: Path) -> None:
    with simulator() as service:
        fail = {"ansible.builtin.fail": {"msg": "no"}, "when": "inventory_hostname == 'meter1'"}
        playbook = write_play(folder, fail, {"ansible.builtin.import_role": ROLE})
        played = play(service, folder, playbook, inventory=meters())
        require(played.hosts("changed") == {"meter2"} and METERS["meter1"] in service.licensed(ACCOUNT), "left", played)


def test_batches_that_go_on_after_a_refusal_are_refused_too(folder: Path) -> None:
    hosts = meters(THREE)
    imeis = {"decommission_imeis": list(REMOVED.values())}
    for guard, says in (
        ({"decommission_max_share": 0.3}, "more than max_share"),
        ({"decommission_max_removals": 1}, "more than max_removals"),
    ):
        for tasks, more in (([rescued(IMPORT)], {}), ([rescued(INCLUDE)], {}), ([IMPORT], {"ignore_errors": True})):
            with simulator() as service:
                playbook = write_play(folder, *tasks, serial=1, **more)
                played = play(service, folder, playbook, inventory=hosts, given=guard)
                require(not service.writes and service.licensed(ACCOUNT) == LICENSED, "nothing was removed", played)
                require(says in played.output and not played.hosts("changed"), "it says why", played)
        with simulator() as service:
            playbook = write_play(folder, rescued(IMPORT), serial=1)
            nameless: dict[str, dict[str, object]] = {name: {} for name in THREE}
            played = play(service, folder, playbook, inventory=nameless, given={**guard, **imeis})
            require(not service.writes, "nor of a list", played)
            require(played.hosts("rescued") == set(THREE) and says in played.output, "each was refused", played)


def test_what_one_play_was_allowed_is_not_allowed_to_another(folder: Path) -> None:
    first = {"tasks": [{**INCLUDE, **for_host("meter1")}]}
    for guard in ({"decommission_max_share": 0.01}, {"decommission_max_removals": 0}):
        with simulator() as service:
            second = {"serial": 1, "vars": guard, "tasks": [{**INCLUDE, **for_host("meter2")}]}
            played = play(service, folder, write_plays(folder, first, second), inventory=meters(THREE))
            require(LICENSED - service.licensed(ACCOUNT) == {METERS["meter1"]}, "the first one only", played)
            require(played.code == 2 and "more than max_" in played.output, "it says why", played)


def test_a_call_that_broke_does_not_free_the_next_one_from_the_guard(folder: Path) -> None:
    """Without a later batch there is no forecast of the play: each call is held to the limits itself."""
    with simulator() as service:
        journal = folder / "later" / "journal.jsonl"
        made = {
            "ansible.builtin.file": {"path": str(journal.parent), "state": "directory"},
            "delegate_to": "localhost",
            "run_once": True,
            "changed_when": False,
        }
        first = {"tasks": [rescued(INCLUDE), {"ansible.builtin.meta": "clear_host_errors"}]}
        second = {"tasks": [made, INCLUDE]}
        given = {"decommission_max_share": 0.3, "decommission_journal": str(journal)}
        played = play(service, folder, write_plays(folder, first, second), inventory=meters(THREE), given=given)
        require("cannot be written" in played.output and "more than max_share" in played.output, "both failed", played)
        require("has no attribute" not in played.output, "and nothing else did", played)
        require(not service.writes and played.code == 2, "nothing was removed", played)


def test_a_forecast_before_the_real_run_in_batches(folder: Path) -> None:
    with simulator() as service:
        plays = [
            {"serial": 2, "tasks": [{**IMPORT, "check_mode": True}]},
            {"serial": 2, "tasks": [IMPORT]},
        ]
        given = {"decommission_report_dir": "report", "decommission_max_share": 0.75}
        hosts = meters(("meter1", "meter2", "meter3", "meter4"))
        played = play(service, folder, write_plays(folder, *plays), inventory=hosts, given=given)
        require(played.output.count("would be removed: ") == 0 and len(service.writes) == 2, "both ran", played)
        require(played.hosts("failed") == {"meter4"}, "only the one that cannot be removed failed", played)
        require(json.loads((folder / "report" / "report.json").read_text())["kind"] == "result", "the real run", played)
        require({row["name"] for row in rows(folder / "report").values()} == set(hosts), "of all batches", played)


def test_a_condition_holds_after_a_play_that_failed(folder: Path) -> None:
    breaks = (
        {"decommission_api_url": "http://127.0.0.1:9/api", "decommission_retries": 0},
        {"decommission_max_share": 0.01},
        {"decommission_imeis_file": "retired.csv"},
    )
    for broken in breaks:
        with simulator() as service:
            first = {
                "tasks": [rescued({**INCLUDE, "vars": broken}), {"ansible.builtin.meta": "clear_host_errors"}],
            }
            second = {"tasks": [{**INCLUDE, **for_host("meter1")}]}
            played = play(service, folder, write_plays(folder, first, second), inventory=meters(THREE))
            require(played.hosts("changed") == {"meter1"}, "one changed", played)
            require(LICENSED - service.licensed(ACCOUNT) == {METERS["meter1"]}, "no other license was removed", played)


def test_the_words_of_an_earlier_play_are_not_told_again(folder: Path) -> None:
    second = {"tasks": [{**IMPORT, "when": "inventory_hostname != 'meter1'"}]}
    hosts = ("meter1", "meter2", "meter3")
    clear = {"ansible.builtin.meta": "clear_host_errors"}
    imeis = {"decommission_imeis": list(REMOVED.values())}
    for first, inventory in (
        ({"tasks": [{**IMPORT, "check_mode": True}]}, meters(hosts)),
        ({"tasks": [{**IMPORT, "check_mode": True}], "any_errors_fatal": True}, meters(hosts)),
        ({"tasks": [{**IMPORT, "check_mode": True}], "vars": imeis}, {host: {} for host in hosts}),
        ({"tasks": [rescued({**IMPORT, "vars": {"decommission_account": 1}}), clear]}, meters(hosts)),
    ):
        with simulator() as service:
            played = play(service, folder, write_plays(folder, first, second), inventory=inventory)
            told = played.output.rpartition("PLAY [all]")[2]
            require("since the role was skipped for the first host" in told, "it says why", played)
            require(played.hosts("failed") == {"meter2", "meter3"} and not service.writes, "those fail", played)
            require('would be removed"' not in told, "and nothing of the earlier play", played)
