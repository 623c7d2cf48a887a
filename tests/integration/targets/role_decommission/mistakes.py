# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Common mistakes: each is an error with a message, and nothing is sent.

Wrong variables and values, and their messages, are tested in tests/unit/plugins/plugin_utils.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible_collections.verizon.fota.tests.integration.targets.role_decommission.ansible_playbook import (
    METERS,
    Played,
    ending,
    meters,
    play,
    require,
    simulator,
    write_play,
)

DECOMMISSION = "verizon.fota.decommission"


def check_rejected(folder: Path, says: str, playbook: str = DECOMMISSION, *options: str, **more: Any) -> Played:
    with simulator() as service:
        played = play(service, folder, playbook, *options, **more)
        require(played.code not in (0, None), "it ended with an error", played)
        require(says in " ".join(played.output.split()), f"it says: {says}", played)
        require(not service.requests, "nothing was sent", played)
        return played


def test_nothing_given_and_no_inventory(folder: Path) -> None:
    played = check_rejected(
        folder, "No device is given; nothing was sent. Give decommission_imeis, decommission_imeis_file"
    )
    require("No device is given" in ending(played), "it failed in the last task", played)


def test_a_pattern_that_matches_no_host(folder: Path) -> None:
    says = "No host of the inventory matches decommission_hosts (retierd); nothing was sent."
    given = {"decommission_hosts": "retierd"}
    check_rejected(folder, says, DECOMMISSION, "--limit", "meter1", inventory=meters(), given=given)


def test_an_empty_pattern_does_not_choose_all_hosts(folder: Path) -> None:
    says = "decommission_hosts is empty: give it a value, or leave it out"
    check_rejected(folder, says, inventory=meters(), given={"decommission_hosts": ""})


def test_a_misspelled_limit_of_one_host(folder: Path) -> None:
    hosts = {**meters(), "meter3": {"imei": METERS["meter3"], "decommission_max_removal": 1}}
    says = "decommission_max_removal is not an option, did you mean decommission_max_removals?"
    played = check_rejected(folder, says, write_play(folder), inventory=hosts, given={"decommission_ticket": "A-1"})
    warnings = " ".join(played.output.split()).count("has no such options: decommission_ticket.")
    require(warnings == 1, "others are a warning", played)


def test_a_misspelled_pattern_does_not_choose_all_hosts(folder: Path) -> None:
    says = "decommission_host is not an option, did you mean decommission_hosts?"
    check_rejected(folder, says, inventory=meters(), given={"decommission_host": "meter1", "hosts": "meter1"})


def test_a_limit_that_is_not_a_number_is_named_and_reported(folder: Path) -> None:
    given = {"decommission_max_share": "5%", "decommission_report_dir": "report"}
    says = "decommission_max_share is '5%'; it must be a number, such as 0.5"
    played = check_rejected(folder, says, inventory=meters(), given=given)
    require(says in ending(played), "it says so in the last task", played)
    require(says in (folder / "report" / "report.json").read_text(encoding="utf-8"), "the report says so", played)


def test_hosts_whose_imei_is_undefined_are_named(folder: Path) -> None:
    hosts = {**meters(["meter1"]), "meter2": {"imei": "{{ serial_no }}"}, "meter3": {"imei": "{{ serial_no | int }}"}}
    says = "meter2: imei cannot be read: "
    played = check_rejected(folder, says, inventory=hosts)
    require("2 of 3 hosts have no IMEI" in ending(played) and "meter3: imei " in ending(played), "both", played)
    require("serial_no" in ending(played), "the variable is named", played)
    # Ansible itself rejects that of the first host.
    hosts = meters(["meter1", "meter2"])
    hosts["meter2"]["decommission_account"] = "{{ of_customer }}"
    check_rejected(folder, "decommission_account of meter2 cannot be read: ", inventory=hosts)


def test_fields_that_awx_left_empty_are_not_given(folder: Path) -> None:
    options = (
        "max_removals",
        "max_share",
        "wait",
        "set_stats",
        "unknown_devices",
        "timeout",
        "retries",
        "validate_certs",
    )
    with simulator() as service:
        given = {**{f"decommission_{name}": "" for name in options}, "decommission_imeis": [METERS["meter1"]]}
        played = play(service, folder, DECOMMISSION, given=given)
        require(played.code == 0 and len(service.writes) == 1, "it ran", played)
        require("WARNING]: Ignored" not in played.output, "no warning", played)


def test_hosts_of_one_role_that_make_different_lists_of_the_same_words(folder: Path) -> None:
    hosts = {name: {"modem": imei} for name, imei in METERS.items()}
    roles = [{"role": DECOMMISSION, "vars": {"decommission_imeis": ["{{ modem }}"]}}]
    says = "The hosts of the play differ: decommission_imeis is '['990003425730535']' for meter1, and '"
    check_rejected(folder, says, write_play(folder, roles=roles), inventory=hosts)


def test_a_strategy_that_ignores_run_once(folder: Path) -> None:
    check_rejected(
        folder, "not supported in the free strategy", write_play(folder, strategy="free"), inventory=meters()
    )


def test_a_role_that_is_entered_in_its_middle(folder: Path) -> None:
    given = {"decommission_imeis": list(METERS.values())}
    says = "The role did not run from its first task, as with --start-at-task; nothing was sent."
    played = check_rejected(folder, says, DECOMMISSION, "--start-at-task", "Remove the licenses", given=given)
    require(played.output.count("fatal:") == 1, "it says so once", played)


def test_tags_of_others_do_not_leave_out_what_the_playbooks_are_for(folder: Path) -> None:
    with simulator() as service:
        given = {"decommission_imeis": list(METERS.values())[:3]}
        played = play(service, folder, DECOMMISSION, "--tags", "other", "--skip-tags", "more", given=given)
        require(played.code == 0 and len(service.writes) == 1, "it ran", played)
