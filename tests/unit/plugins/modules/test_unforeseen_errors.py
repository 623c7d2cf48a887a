# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An unforeseen error ends as a failure with its message, without secrets."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest

from ansible_collections.verizon.fota.plugins.module_utils import _connect
from ansible_collections.verizon.fota.plugins.module_utils._thingspace import tokens
from ansible_collections.verizon.fota.plugins.modules import license_info, license_remove, license_report, session
from ansible_collections.verizon.fota.tests.unit.plugins.modules import run_module
from ansible_collections.verizon.fota.tests.unit.plugins.modules.conftest import ACCOUNT

DEVICES = {"account": ACCOUNT, "imeis": ["990003425730535"]}
COMMON = {"client_id": "key", "client_secret": "the-secret", "username": "user", "password": "the-password"}


def broken(*_unused: object, **_more: object) -> t.NoReturn:
    raise AttributeError("words of the error, the-password")


@pytest.mark.parametrize(
    ("module", "args"),
    [(session, {}), (license_info, DEVICES), (license_remove, DEVICES)],
    ids=lambda value: str(value)[:20],
)
@pytest.mark.parametrize(("where", "name"), [(_connect, "Client"), (tokens.Tokens, "__init__")])
def test_an_unforeseen_error_is_reported_with_its_message(
    monkeypatch: pytest.MonkeyPatch, module: t.Any, args: dict[str, t.Any], where: t.Any, name: str
) -> None:
    url = {"api_url": "http://127.0.0.1:9/api"}
    # The client that the validation tries is another one.
    monkeypatch.setattr(where, name, broken)
    result = run_module.run(module, {**COMMON, **url, **args})
    assert result["failed"] and "an error in verizon.fota itself, please report it: AttributeError(" in result["msg"]
    assert "words of the error" in result["msg"] and "the-password" not in result["printed"].partition("invocation")[0]
    if args:
        assert result["summary"] and result["account"]["name"] == ACCOUNT


def test_that_of_a_report_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(license_report, "source", broken)
    result = run_module.run(license_report, {"directory": str(tmp_path), "journal": "x"})
    assert "words of the error" in result["msg"] and result["html"] == f"{tmp_path}/report.html"
