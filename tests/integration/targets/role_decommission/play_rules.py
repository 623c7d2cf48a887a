# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Ansible makes of hosts: limits, batches, conditions, failures; and the guards over all of them."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.verizon.fota.tests.integration.targets.role_decommission.plays import (
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
)

DECOMMISSION = "verizon.fota.decommission"
ROLE = {"name": "verizon.fota.decommission"}


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
                require(played.output.count("Log out") == 1, "the second batch was not begun", played)
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
