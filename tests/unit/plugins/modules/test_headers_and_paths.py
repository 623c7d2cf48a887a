# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How tokens, credentials and the account are written in headers, bodies and paths."""

from __future__ import annotations

import dataclasses
import typing as t
from urllib.parse import quote, unquote

import pytest

from ansible_collections.verizon.fota.plugins.modules import license_remove, session
from ansible_collections.verizon.fota.tests.simulator import Credentials, Device
from ansible_collections.verizon.fota.tests.unit.plugins.modules import run_module
from ansible_collections.verizon.fota.tests.unit.plugins.modules.conftest import ACCOUNT
from ansible_collections.verizon.fota.tests.unit.plugins.modules.one_device import (
    IMEI,
    args_for,
    assert_removed,
    remove,
)


@pytest.mark.parametrize("name", ["access_token", "session_token"])
@pytest.mark.parametrize(
    "bad", ["a\r\nX-Evil: yes", "a\nb", "a\rb", "a b", "a\tb", "a\x00b", "ä", "a\u2028b", "\ud83d\ude00"]
)
def test_a_token_that_would_break_out_of_its_header_is_bad_input(simulate: t.Any, name: str, bad: str) -> None:
    simulator = simulate([Device(IMEI, licensed=True)])
    result = remove(simulator, **{name: f"tok{bad}"})
    assert result["failed"] and f"{name} is not a valid token" in result["msg"] and f"tok{bad}" not in result["msg"]
    assert simulator.requests == []


def test_blanks_around_a_token_stay_out_of_its_header(simulate: t.Any) -> None:
    simulator = simulate([Device(IMEI, licensed=True)])
    args = args_for(simulator)
    assert_removed(run_module.run(license_remove, {**args, "access_token": f" {args['access_token']}\r\n"}))
    assert {request.headers["Authorization"] for request in simulator.requests} == {f"Bearer {args['access_token']}"}


@pytest.mark.parametrize("module", [license_remove, session])
def test_credentials_of_any_characters_stay_within_header_and_body(simulate: t.Any, module: t.Any) -> None:
    unusual = Credentials("k X-Evil", 's" \u00e9\u540d', 'u" ', '"}{\U0001f600\\r\\n')
    simulator = simulate([Device(IMEI, licensed=True)], credentials=unusual)
    args = {"api_url": simulator.url, **dataclasses.asdict(unusual)}
    result = run_module.run(module, {**args, **({} if module is session else {"account": ACCOUNT, "imeis": [IMEI]})})
    assert not result.get("failed"), result["msg"]
    assert not any("X-Evil" in request.headers for request in simulator.requests)


ACCOUNTS = [
    "a/b",
    "../x",
    "a/../b",
    "..%2fx",
    "%2e%2e",
    "%2f",
    "a?b=c",
    "a#b",
    "a;b",
    "a b",
    "a\\b",
    "ä",
    "\u540d",
    "a%",
    "@h:1",
    "//h",
]


@pytest.mark.parametrize("account", ACCOUNTS)
def test_an_account_is_one_segment_of_every_path(simulate: t.Any, account: str) -> None:
    simulator = simulate()
    remove(simulator, account=account)
    (request,) = simulator.requests
    _root, fota, version, devices, segment = request.path.split("/")
    assert (fota, version, devices, unquote(segment)) == ("fota", "v3", "devices", account)
    assert segment == quote(account, safe="")


@pytest.mark.parametrize("account", [".", "..", " ", "a\r\nX-Evil: yes", "a\n\n", "a\x00", "\u202ea", "a\x1b[31m"])
def test_an_account_that_fits_no_segment_is_bad_input(simulate: t.Any, account: str) -> None:
    simulator = simulate()
    result = remove(simulator, account=account)
    assert result["failed"] and simulator.requests == []
    # From Python 3.12 on, Ansible's own log rejects NUL, and the task fails before
    own = "account is" in result["msg"]
    assert own or ("\0" in account and "embedded null character" in result["msg"]), result["msg"]
    assert all(line.isprintable() for line in result["msg"].split("\n"))
