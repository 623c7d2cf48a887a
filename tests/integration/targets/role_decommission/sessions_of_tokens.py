# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role tokens: check mode, where it ends its own session but no supplied one; a wrong strategy; extra variables."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.verizon.fota.tests.integration.targets.role_decommission.ansible_playbook import (
    METERS,
    calls,
    meters,
    play,
    require,
    simulator,
    write_play,
)


def test_a_forecast_ends_the_session_that_it_began_and_none_that_it_was_given(folder: Path) -> None:
    tokens = {"name": "verizon.fota.tokens"}
    login = {"ansible.builtin.import_role": tokens}
    logout = {"ansible.builtin.import_role": {**tokens, "tasks_from": "logout"}}
    for options, keywords in ((["--check"], {}), ([], {"check_mode": True})):
        with simulator() as service:
            played = play(service, folder, write_play(folder, login, logout, hosts="localhost", **keywords), *options)
            require(played.code == 0, "it works", played)
            require(calls(service, "/login") == calls(service, "/logout") == 1, "its own session ended", played)
            access, session = service.issue_tokens()
            given = {"tokens_access_token": access, "tokens_session_token": session}
            own = write_play(folder, logout, hosts="localhost", **keywords)
            played = play(service, folder, own, *options, given=given)
            require(played.code == 0 and calls(service, "/logout") == 1, "the other one goes on", played)
    twice = write_play(folder, login, login, logout, serial=2)
    with simulator() as service:
        played = play(service, folder, twice, "--check", inventory=meters(list(METERS)[:2]))
        require(calls(service, "/login") == calls(service, "/logout") == 1, "also of the role that ran twice", played)
    with simulator() as service:
        # The first batch leaves its session to the second one, which ends it.
        second = {**logout, "when": "'meter3' in ansible_play_batch"}
        played = play(
            service, folder, write_play(folder, login, second, serial=2), "--check", inventory=meters(list(METERS)[:4])
        )
        require(calls(service, "/login") == calls(service, "/logout") == 1, "of an earlier batch", played)


def test_a_strategy_that_ignores_run_once(folder: Path) -> None:
    with simulator() as service:
        playbook = write_play(folder, strategy="free", roles=["verizon.fota.tokens"])
        played = play(service, folder, playbook, inventory=meters())
        require("not supported in the free strategy" in " ".join(played.output.split()), "it says so", played)
        require(played.code != 0 and not service.requests, "nothing was sent", played)


def test_empty_extra_variables_that_hide_the_tokens(folder: Path) -> None:
    role = {"ansible.builtin.import_role": {"name": "verizon.fota.tokens"}}
    reached = {"ansible.builtin.debug": {"msg": "The end is reached"}}
    playbook = write_play(folder, {"block": [role], "always": [reached]})
    for names in (["tokens_access_token", "tokens_session_token"], ["tokens_session_token"], ["tokens_access_token"]):
        with simulator() as service:
            played = play(service, folder, playbook, inventory=meters(list(METERS)[:2]), given=dict.fromkeys(names, ""))
            message = f"{' and '.join(names)}: empty extra variables hide the facts of this name"
            require(message in " ".join(played.output.split()), "it says which", played)
            require("The end is reached" in played.output and played.code != 0, "it fails as any task", played)
            require(calls(service, "/login") == calls(service, "/logout") == 1, "its session ended", played)
    with simulator() as service:
        access, session = service.issue_tokens()
        given = {"tokens_access_token": "", "tokens_session_token": session}
        played = play(service, folder, playbook, inventory=meters(list(METERS)[:2]), given=given)
        require(played.code != 0 and not calls(service, "/logout"), "a session that was given goes on", played)
        given = {"tokens_access_token": access}
        played = play(service, folder, playbook, inventory=meters(list(METERS)[:2]), given=given)
        require(played.code == 0 and calls(service, "/login") == 1, "a token as an extra variable is used", played)


def test_empty_variables_of_the_role_alone_hide_nothing(folder: Path) -> None:
    empty = {"tokens_access_token": "", "tokens_session_token": ""}
    role = {"name": "verizon.fota.tokens"}
    logout = {"ansible.builtin.include_role": {**role, "tasks_from": "logout"}}
    for action in ("import_role", "include_role"):
        with simulator() as service:
            login = {f"ansible.builtin.{action}": role, "vars": empty}
            played = play(service, folder, write_play(folder, login, logout, hosts="localhost", vars=empty))
            require(played.code == 0, "it works", played)
            require(calls(service, "/login") == calls(service, "/logout") == 1, "the facts are set", played)
