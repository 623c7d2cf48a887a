# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role tokens in check mode, where it ends its own session but no supplied one; and with a strategy it cannot use."""

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
