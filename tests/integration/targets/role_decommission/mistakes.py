# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Mistakes that are easily made: each is an error that says what is wrong, and nothing is sent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible_collections.verizon.fota.tests.integration.targets.role_decommission.ansible_playbook import (
    METERS,
    Played,
    meters,
    play,
    require,
    simulator,
    write_play,
)

DECOMMISSION = "verizon.fota.decommission"


def refused(folder: Path, says: str, playbook: str = DECOMMISSION, *options: str, **more: Any) -> Played:
    with simulator() as service:
        played = play(service, folder, playbook, *options, **more)
        require(played.code not in (0, None), "it ended with an error", played)
        require(says in " ".join(played.output.split()), f"it says: {says}", played)
        require(not service.requests, "nothing was sent", played)
        return played


def test_nothing_given_and_no_inventory(folder: Path) -> None:
    for playbook in (DECOMMISSION, "verizon.fota.audit"):
        refused(
            folder, "No device is given; nothing was sent. Give decommission_imeis, decommission_imeis_file", playbook
        )


def test_a_pattern_that_matches_no_host(folder: Path) -> None:
    says = "No host of the inventory matches decommission_hosts (retierd); nothing was sent."
    refused(folder, says, inventory=meters(), given={"decommission_hosts": "retierd"})
    refused(
        folder, says, DECOMMISSION, "--limit", "meter1", inventory=meters(), given={"decommission_hosts": "retierd"}
    )


def test_a_list_with_a_limit_to_hosts_is_not_green(folder: Path) -> None:
    given = {"decommission_imeis": list(METERS.values())}
    says = "more than once, by decommission_imeis and by the host variable imei of meter1; nothing was sent"
    refused(folder, says, DECOMMISSION, "--limit", "meter1", inventory=meters(), given=given)


def test_two_forms(folder: Path) -> None:
    given = {"decommission_imeis": list(METERS.values()), "decommission_imeis_file": "retired.csv"}
    refused(folder, "by decommission_imeis and by decommission_imeis_file; nothing was sent", given=given)


def test_a_variable_that_a_script_left_empty_does_not_choose_the_whole_inventory(folder: Path) -> None:
    for name in ("decommission_imeis_file", "decommission_imeis"):
        refused(folder, f"{name} is empty", inventory=meters(), given={name: ""})
    refused(folder, "imeis is empty", inventory=meters(), given={"decommission_imeis": []})


def test_a_file_that_is_no_path(folder: Path) -> None:
    for file in (["a", "b"], 123, {"path": "retired.csv"}, True):
        says = "decommission_imeis_file is no path: give that of one file, as text; nothing was sent."
        refused(folder, says, given={"decommission_imeis_file": file})


def test_all_bad_hosts_are_named_with_their_values(folder: Path) -> None:
    hosts: dict[str, Any] = {
        **meters(),
        "without": {},
        "null": {"imei": None},
        "eaten": {"imei": 4999010640000},
        "short": {"imei": "12345"},
        "text": {"imei": "99000342573053x"},
        "long": {"imei": "9900034257305351"},
        "truth": {"imei": True},
        "listed": {"imei": [METERS["meter1"]]},
        "arabic": {"imei": "٩٩٠٠٠٣٤٢٥٧٣٠٥٣٥"},
    }
    played = refused(folder, "9 of 14 hosts have no IMEI in the variable imei; nothing was sent.", inventory=hosts)
    for line in ("without: imei is missing", "null: imei is missing", "eaten: '4999010640000'", "short: '12345'"):
        require(line in played.output, f"it says: {line}", played)
    for host in ("text", "long", "truth", "listed", "arabic"):
        require(f"{host}: '" in played.output, f"{host} is named", played)
    for host in METERS:
        require(f"{host}: " not in played.output, f"{host} is not", played)


def test_bad_hosts_of_later_batches_are_named_before_the_first_one(folder: Path) -> None:
    hosts: dict[str, Any] = {**meters(), "zoo": {}}
    refused(folder, "1 of 6 hosts have no IMEI", write_play(folder, serial=2), inventory=hosts)


def test_bad_options_and_a_bad_file(folder: Path) -> None:
    hosts = meters()
    refused(
        folder,
        "decommission_account is the number 642233522, and YAML drops leading zeros, which are part of the name: write it",
        inventory=hosts,
        given={"decommission_account": 642233522},
    )
    for options in ({"decommission_max_share": 1.5}, {"decommission_max_removals": -1}):
        with simulator() as service:
            played = play(service, folder, DECOMMISSION, inventory=hosts, given=options)
            require(played.code != 0 and not service.writes, "it is refused", played)
            require(next(iter(options)).replace("decommission_", "") in played.output, "and named", played)
    (folder / "retired.csv").write_text("imei\n123\n")
    with simulator() as service:
        played = play(service, folder, DECOMMISSION, given={"decommission_imeis_file": "retired.csv"})
        require(played.code != 0 and "line 2: '123' has 3 digits" in played.output, "the line is named", played)
        require(not service.writes, "nothing was written", played)


def test_a_strategy_that_ignores_run_once(folder: Path) -> None:
    for strategy in ("free", "host_pinned"):
        for role in ("decommission", "tokens"):
            playbook = write_play(folder, strategy=strategy, roles=[f"verizon.fota.{role}"])
            given = {"tokens_password": "wrong-password"}
            refused(folder, "not supported in the free strategy", playbook, inventory=meters(), given=given)


def test_hosts_that_differ_in_what_holds_for_all_of_them(folder: Path) -> None:
    def hosts(name: str, *values: Any) -> dict[str, Any]:
        given = ({name: value} if value is not None else {} for value in values)
        return {host: {**fields, **more} for (host, fields), more in zip(meters().items(), given)}

    own = "0642233522-00001"
    for name, first, other in (
        ("account", own, "1111111111-00001"),
        ("account", None, "1111111111-00001"),
        ("api_url", None, "http://127.0.0.1:9/api"),
        ("max_removals", 5, 0),
        ("max_share", 0.5, 0.1),
        ("unknown_devices", "ignore", "fail"),
        ("imeis_file", None, "retired.csv"),
        ("imeis", None, ["990003425730535"]),
    ):
        variable = f"decommission_{name}"
        inventory = hosts(variable, first, first, other)
        for keywords in ({}, {"serial": 1}):
            played = refused(
                folder,
                f"{variable} is '{first or ''}' for meter1, and '",
                write_play(folder, **keywords),
                inventory=inventory,
            )
            require("' for meter3; nothing was sent" in " ".join(played.output.split()), "who differs", played)
    play_of_all = write_play(
        folder, {"ansible.builtin.import_role": {"name": "verizon.fota.decommission", "tasks_from": "play"}},
        run_once=True, ignore_errors=True,
    )  # fmt: skip
    with simulator() as service:
        played = play(service, folder, play_of_all, inventory=hosts("decommission_account", own, "1111111111-00001"))
        require("The hosts of the play differ" in played.output and not service.requests, "not ignored", played)


def test_hosts_that_make_different_lists_of_the_same_words(folder: Path) -> None:
    hosts = {name: {"modem": imei} for name, imei in METERS.items()}
    one_for_all = {"decommission_imeis": ["{{ hostvars.meter1.modem }}"]}
    for own in ({"decommission_imeis": ["{{ modem }}"]}, {"decommission_imeis_file": "{{ modem }}.csv"}):
        for keywords in ({}, {"serial": 2}):
            playbook = write_play(folder, roles=[{"role": DECOMMISSION, "vars": own}], **keywords)
            (name,) = own
            says = f"The hosts of the play differ: {name} is not the same for meter2 as for meter1; nothing was sent."
            refused(folder, says, playbook, inventory=hosts)
    with simulator() as service:
        playbook = write_play(folder, roles=[{"role": DECOMMISSION, "vars": one_for_all}])
        played = play(service, folder, playbook, inventory=hosts)
        require(played.code == 0 and len(service.writes) == 1, "one list for all is right", played)
