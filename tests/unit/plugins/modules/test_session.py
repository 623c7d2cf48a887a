# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""session through real HTTP: obtaining, keeping, ending, and the rule that a rejected login is not retried."""

from __future__ import annotations

import dataclasses
import typing as t

import pytest

from ansible_collections.verizon.fota.plugins.modules import session
from ansible_collections.verizon.fota.tests.simulator import Dialect, Simulator
from ansible_collections.verizon.fota.tests.unit.plugins.modules import run_module

LOG_IN = "/m2m/v1/session/login"


def present(simulator: Simulator, check: bool = False, **args: t.Any) -> dict[str, t.Any]:
    return run_module.run(
        session, {"api_url": simulator.url, **dataclasses.asdict(simulator.credentials), **args}, check=check
    )


def logins(simulator: Simulator) -> int:
    return sum(request.path == LOG_IN for request in simulator.requests)


@pytest.mark.parametrize("check", [False, True])
def test_both_tokens_are_obtained_in_check_mode_too(simulate: t.Any, check: bool) -> None:
    simulator = simulate()
    result = present(simulator, check=check)
    assert result["changed"] and not result["failed"] if "failed" in result else result["changed"]
    assert 3500 < result["access_token_expires_in"] <= 3600
    assert result["session_token"] and logins(simulator) == 1
    assert result["session_started"] is True


@pytest.mark.parametrize(("form", "expected"), [("number", int), ("text", int), ("absent", type(None))])
def test_the_life_of_the_access_token_is_read_in_every_form(simulate: t.Any, form: str, expected: type) -> None:
    assert isinstance(present(simulate(dialect=Dialect(expires_in=form)))["access_token_expires_in"], expected)


def test_supplied_tokens_are_kept(simulate: t.Any) -> None:
    simulator = simulate()
    result = present(simulator, access_token="given-access", session_token="given-session")
    assert (result["access_token"], result["session_token"]) == ("given-access", "given-session")
    assert not result["changed"] and simulator.requests == []
    assert result["session_started"] is False


def test_only_the_missing_token_is_obtained(simulate: t.Any) -> None:
    simulator = simulate()
    access, _session = simulator.issue_tokens()
    result = present(simulator, access_token=access)
    assert result["access_token"] == access and logins(simulator) == len(simulator.requests) == 1
    assert result["session_started"] is True


def test_a_supplied_session_does_not_count_as_started(simulate: t.Any) -> None:
    simulator = simulate()
    _access, session_token = simulator.issue_tokens()
    result = present(simulator, session_token=session_token)
    assert result["access_token"] and result["session_token"] == session_token
    assert result["changed"] is True and result["session_started"] is False and logins(simulator) == 0


def test_an_expired_access_token_is_replaced_for_the_login(simulate: t.Any) -> None:
    simulator = simulate()
    result = present(simulator, access_token="expired-long-ago")
    assert result["access_token"] != "expired-long-ago" and result["session_token"]
    assert simulator.failed_logins(simulator.credentials.username) == 0


@pytest.mark.parametrize("supplied", [{}, {"access_token": "expired-long-ago"}])
@pytest.mark.parametrize("status", Dialect.CHOICES["login_rejected"])
def test_a_rejected_login_is_sent_once_and_explained(simulate: t.Any, status: str, supplied: dict[str, str]) -> None:
    simulator = simulate(dialect=Dialect(login_rejected=status))
    result = present(simulator, password="wrong-password", **supplied)
    # The gateway rejects an expired token: the first login does not reach the service.
    assert result["failed"] and logins(simulator) == (2 if supplied else 1)
    assert simulator.failed_logins(simulator.credentials.username) == 1
    assert "login rejected; not retried" in result["msg"]
    assert "wrong-password" not in result["printed"] and "access_token" not in result


def test_a_rejected_key_prevents_the_login(simulate: t.Any) -> None:
    simulator = simulate()
    result = present(simulator, client_secret="wrong-secret")
    assert result["failed"] and "no access token was issued (client_id, client_secret)" in result["msg"]
    assert logins(simulator) == 0 and "wrong-secret" not in result["printed"]


@pytest.mark.parametrize(
    ("missing", "advice"),
    [("client_secret", "or client_id and client_secret"), ("password", "or username and password")],
)
def test_missing_credentials_are_named_and_no_login_is_sent(simulate: t.Any, missing: str, advice: str) -> None:
    simulator = simulate()
    result = present(simulator, **{missing: ""})
    assert result["failed"] and advice in result["msg"] and logins(simulator) == 0


def test_a_session_ends_once(simulate: t.Any) -> None:
    simulator = simulate()
    tokens = {name: present(simulator)[name] for name in ("access_token",)}
    tokens["session_token"] = simulator.issue_tokens()[1]
    first = run_module.run(session, {"api_url": simulator.url, "state": "absent", **tokens})
    again = run_module.run(session, {"api_url": simulator.url, "state": "absent", **tokens})
    assert (first["changed"], again["changed"]) == (True, False)
    assert "had ended already" in again["msg"]


def test_check_mode_ends_no_session(simulate: t.Any) -> None:
    simulator = simulate()
    access, session_token = simulator.issue_tokens()
    tokens = {"access_token": access, "session_token": session_token}
    result = run_module.run(session, {"api_url": simulator.url, "state": "absent", **tokens}, check=True)
    assert result["changed"] and result["msg"] == "The session would be ended." and not simulator.requests


def test_ending_a_session_takes_both_tokens(simulate: t.Any) -> None:
    result = run_module.run(session, {"api_url": simulate().url, "state": "absent", "access_token": "a"})
    assert result["failed"] and "session_token" in result["msg"]


def test_an_empty_token_ends_no_session(simulate: t.Any) -> None:
    simulator = simulate()
    tokens = {"access_token": simulator.issue_tokens()[0], "session_token": ""}
    result = run_module.run(session, {"api_url": simulator.url, "state": "absent", **tokens})
    assert result["failed"] and "is empty: ending a session takes both" in result["msg"]
    assert not simulator.requests


def test_the_account_of_the_action_group_is_accepted(simulate: t.Any) -> None:
    assert present(simulate(), account="0642233522-00001")["session_token"]


def test_credentials_show_nowhere_in_what_is_printed(simulate: t.Any) -> None:
    simulator = simulate()
    for args in ({}, {"password": "wrong-password"}):
        printed = present(simulator, **args)["printed"]
        credentials = simulator.credentials
        assert not [
            secret
            for secret in (credentials.client_id, credentials.client_secret, credentials.password)
            if secret in printed
        ]
