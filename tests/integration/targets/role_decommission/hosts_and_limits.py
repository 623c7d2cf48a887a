# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hosts in plays: limits, batches, conditions, failures; and the limits of the role over all of them.

Which hosts take part and count, and when limits are forecast, is tested in tests/unit/plugins/plugin_utils/test__devices_of_hosts.py.
"""

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


def test_limit_and_a_group_choose_hosts(folder: Path) -> None:
    with simulator() as service:
        given = {"decommission_hosts": ["meter1", "meter3:meter4"]}
        played = play(service, folder, DECOMMISSION, "--limit", "meter1,meter2,meter3", inventory=meters(), given=given)
        require(played.code == 0 and set(played.recap) == {"meter1", "meter3"}, "the others are out", played)
        require(LICENSED - service.licensed(ACCOUNT) == {METERS["meter1"]}, "one license was removed", played)


def test_batches_within_the_limits_end_in_one_report(folder: Path) -> None:
    with simulator() as service:
        # 3 of 4 licenses; in the last batch 1 of 2.
        limits = {"decommission_max_removals": 3, "decommission_max_share": 0.75}
        given = {"decommission_report_dir": "report", "decommission_set_stats": True, **limits}
        playbook = write_play(folder, serial=2)
        shown = {"ANSIBLE_SHOW_CUSTOM_STATS": "1"}
        played = play(service, folder, playbook, inventory=meters(), given=given, environment=shown)
        require(played.hosts("changed") == set(REMOVED), "those changed", played)
        require(played.hosts("failed") == set(FAILED), "those failed", played)
        require(service.licensed(ACCOUNT) == REMAINING, "the right ones lost their license", played)
        found = rows(folder / "report")
        require(set(found) == set(METERS.values()), "the last report is about all batches", played)
        require({row["name"] for row in found.values()} == set(METERS), "with the names of all hosts", played)
        require(calls(service, "/login") == calls(service, "/logout") == 3, "each batch has its session", played)
        stats = " ".join(played.output.partition("CUSTOM STATS")[2].split())
        require('"removed": 2' in stats and '"requested": 5' in stats, "the stats are about all batches", played)


def test_batches_of_a_file_end_in_one_report(folder: Path) -> None:
    imeis = [METERS[name] for name in ("meter1", "meter2", "meter3")]
    (folder / "retired.csv").write_text("\n".join(imeis))
    hosts: dict[str, dict[str, object]] = {name: {} for name in THREE}
    with simulator() as service:
        given = {"decommission_report_dir": "report", "decommission_imeis_file": "retired.csv"}
        played = play(service, folder, write_play(folder, serial=1), inventory=hosts, given=given)
        found = rows(folder / "report")
        outcomes = [found[imei]["outcome"] for imei in imeis]
        require(outcomes == ["removed", "removed", "unlicensed"], f"all batches: {found}", played)
        report = json.loads((folder / "report" / "report.json").read_text())
        used = [report["licenses"][when]["license_used"] for when in ("before", "after")]
        require(used == [4, 2] and len(report["runs"]) == 3, f"from the first one on: {used}", played)
        require(played.hosts("changed") == {"meter1"}, "only the first batch changed", played)


def test_a_batch_that_fails_ends_the_play_where_the_play_says_so(folder: Path) -> None:
    with simulator() as service:
        order = ("unknown", "meter1", "meter2", "meter3")
        playbook = write_play(folder, serial=2, any_errors_fatal=True)
        played = play(service, folder, playbook, inventory=meters(order), given={"decommission_report_dir": "report"})
        require(played.code == 2 and set(played.recap) == {"unknown", "meter1"}, "no second batch", played)
        require(played.hosts("changed") == {"meter1"} and played.hosts("failed") == {"unknown"}, "own outcomes", played)
        require(calls(service, "/logout") == 1 and len(rows(folder / "report")) == 2, "report and logout", played)


def test_batches_that_go_on_after_a_refusal_are_refused_too(folder: Path) -> None:
    for guard, says, tasks, more in (
        ({"decommission_max_share": 0.3}, "More licenses than decommission_max_share", [rescued(INCLUDE)], {}),
        (
            {"decommission_max_removals": 1},
            "More licenses than decommission_max_removals",
            [IMPORT],
            {"ignore_errors": True},
        ),
    ):
        with simulator() as service:
            playbook = write_play(folder, *tasks, serial=1, **more)
            played = play(service, folder, playbook, inventory=meters(THREE), given=guard)
            require(not service.writes and service.licensed(ACCOUNT) == LICENSED, "nothing was removed", played)
            require(played.output.count(says) >= 3 and not played.hosts("changed"), "each is rejected", played)
            require("cannot" not in played.output, "for no other reason", played)


def test_a_forecast_of_the_role_before_the_real_run_in_batches(folder: Path) -> None:
    with simulator() as service:
        plays = [{"serial": 2, "tasks": [{**IMPORT, "check_mode": True}]}, {"serial": 2, "tasks": [IMPORT]}]
        given = {"decommission_report_dir": "report", "decommission_max_share": 0.75}
        hosts = meters(("meter1", "meter2", "meter3", "meter4"))
        played = play(service, folder, write_plays(folder, *plays), inventory=hosts, given=given)
        require("990003425730535 would be removed" in played.output, "check mode of a role is a forecast", played)
        require(len(service.writes) == 2 and played.hosts("failed") == {"meter4"}, "the second play is real", played)
        require(json.loads((folder / "report" / "report.json").read_text())["kind"] == "result", "its report", played)
        require({row["name"] for row in rows(folder / "report").values()} == set(hosts), "of all batches", played)


def test_a_condition_with_include_role_chooses_among_the_hosts_that_are_left(folder: Path) -> None:
    with simulator() as service:
        fail = {"ansible.builtin.fail": {"msg": "no"}, "when": "inventory_hostname == 'meter1'"}
        chosen = {**INCLUDE, "when": "inventory_hostname in ['meter1', 'meter2', 'meter3']"}
        played = play(service, folder, write_play(folder, fail, chosen), inventory={**meters(), "without": {}})
        require(played.hosts("changed") == {"meter2"} and played.hosts("failed") == {"meter1"}, "one changed", played)
        require(LICENSED - service.licensed(ACCOUNT) == {METERS["meter2"]}, "no other license was removed", played)


def test_a_condition_that_skips_the_first_host_fails_the_others_and_repeats_no_earlier_play(folder: Path) -> None:
    with simulator() as service:
        first = {"tasks": [{**IMPORT, "check_mode": True}]}
        second = {"tasks": [{**IMPORT, "when": "inventory_hostname != 'meter1'"}]}
        hosts = meters(("meter1", "meter2", "meter3"))
        played = play(service, folder, write_plays(folder, first, second), inventory=hosts)
        output = played.output.rpartition("PLAY [all]")[2]
        require("because the role was skipped for the first host" in output, "it says why", played)
        require(played.hosts("failed") == {"meter2", "meter3"} and not service.writes, "those fail", played)
        require('would be removed"' not in output, "and nothing of the earlier play", played)


def test_run_once_takes_no_license_of_a_host_for_which_the_condition_does_not_hold(folder: Path) -> None:
    with simulator() as service:
        task = {**IMPORT, "run_once": True, "when": "inventory_hostname in ['meter1', 'meter3']"}
        played = play(service, folder, write_play(folder, task), inventory=meters())
        require(played.hosts("changed") == {"meter1"} and played.code == 0, "one changed", played)
        require(LICENSED - service.licensed(ACCOUNT) == {METERS["meter1"]}, "no other license", played)


def test_the_result_is_in_a_variable_after_the_role_also_if_it_failed(folder: Path) -> None:
    with simulator() as service:
        text = "{{ decommission_removal.summary.removed }} of {{ decommission_removal.devices | length }} problems"
        output = {"ansible.builtin.debug": {"msg": f"{text}, {{{{ decommission_removal is failed }}}}"}}
        playbook = write_play(folder, {"block": [INCLUDE], "always": [output]}, hosts="localhost")
        played = play(service, folder, playbook, given={"decommission_imeis": list(METERS.values())})
        require('"msg": "2 of 2 problems, True"' in played.output, "it is as in 1.0.0", played)
