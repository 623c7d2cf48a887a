# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Credentials from files and YAML: line breaks are stripped or rejected before anything is sent."""

from __future__ import annotations

import dataclasses
import typing as t

import pytest

from ansible_collections.verizon.fota.plugins.modules import account_info, license_info, license_remove, session
from ansible_collections.verizon.fota.tests.simulator import Credentials, Device
from ansible_collections.verizon.fota.tests.unit.plugins.modules import run_module
from ansible_collections.verizon.fota.tests.unit.plugins.modules.conftest import ACCOUNT
from ansible_collections.verizon.fota.tests.unit.plugins.modules.one_device import IMEI

NAMES = ("client_id", "client_secret", "username", "password")
MODULES: dict[t.Any, dict[str, t.Any]] = {
    session: {},
    account_info: {"account": ACCOUNT},
    license_info: {"account": ACCOUNT, "imeis": [IMEI]},
    license_remove: {"account": ACCOUNT, "imeis": [IMEI]},
}


def args_of(simulator: t.Any) -> dict[str, t.Any]:
    return {"api_url": simulator.url, **dataclasses.asdict(Credentials())}


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_one_line_break_at_the_end_is_not_sent(simulate: t.Any, module: t.Any, end: str) -> None:
    simulator = simulate([Device(IMEI, licensed=True)])
    args = {
        name: f"{value}{end}" for name, value in {**args_of(simulator), **MODULES[module]}.items() if name != "imeis"
    }
    result = run_module.run(module, {**MODULES[module], **args})
    assert not result.get("failed"), result["msg"]
    secrets = dataclasses.asdict(Credentials())
    assert not any(secrets[name] in result["printed"] for name in ("client_secret", "password"))
    if module is not session:
        assert result["account"]["name"] == ACCOUNT


def test_one_line_break_at_the_end_of_a_variable_is_not_sent(simulate: t.Any, monkeypatch: pytest.MonkeyPatch) -> None:
    simulator = simulate([Device(IMEI, licensed=True)])
    for name, value in {**args_of(simulator), "account": ACCOUNT}.items():
        monkeypatch.setenv(f"THINGSPACE_{name.upper()}", f"{value}\n")
    result = run_module.run(license_remove, {"imeis": [IMEI]})
    assert result["msg"] == "1 license removed."


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("name", [*NAMES, "api_url"])
@pytest.mark.parametrize("bad", ["a\nb", "\na", "a\n\n", "a\tb", "a\x7f", "a\x85", "a\u2028b"])
def test_any_other_control_character_is_rejected_before_anything_is_sent(
    simulate: t.Any, module: t.Any, name: str, bad: str
) -> None:
    simulator = simulate()
    args = {**args_of(simulator), **MODULES[module]}
    value = f"{args[name]}{bad}"
    result = run_module.run(module, {**args, name: value})
    assert f"{name} contains a line break, tab or other control character; nothing was sent" in result["msg"]
    assert result["failed"] and simulator.requests == []
    assert value.partition("\n")[0] not in result["msg"]


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("name", [*NAMES, "access_token", "session_token"])
@pytest.mark.parametrize(
    ("value", "why"),
    [
        (42798, "is a number, and YAML drops leading zeros and reads 0… as octal: write it in quotes"),
        (0, "is a number"),
        (4.5, "is a number"),
        (True, "is not text: write it in quotes"),
        (["secret-in-a-list"], "is not text"),
        ({"key": "secret-in-a-mapping"}, "is not text"),
    ],
)
def test_what_is_no_text_is_rejected_before_anything_is_sent(
    simulate: t.Any, module: t.Any, name: str, value: t.Any, why: str
) -> None:
    simulator = simulate()
    result = run_module.run(module, {**args_of(simulator), **MODULES[module], name: value})
    assert f"{name} {why}" in result["msg"]
    assert result["failed"] and simulator.requests == []
    assert "42798" not in result["msg"] and "secret-in" not in result["msg"]


def test_blanks_in_a_password_are_its_own(simulate: t.Any) -> None:
    unusual = Credentials(password=" two  words ")
    simulator = simulate(credentials=unusual)
    assert run_module.run(session, {"api_url": simulator.url, **dataclasses.asdict(unusual)})["session_token"]
