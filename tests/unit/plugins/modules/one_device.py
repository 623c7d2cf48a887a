# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs of license_remove for one licensed device."""

from __future__ import annotations

import typing as t

from ansible_collections.verizon.fota.plugins.modules import license_remove
from ansible_collections.verizon.fota.tests.unit.plugins.modules import run_module
from ansible_collections.verizon.fota.tests.unit.plugins.modules.conftest import ACCOUNT

IMEI = "990003425730535"
HOST = "127.0.0.1"


def args_for(simulator: t.Any, **more: t.Any) -> dict[str, t.Any]:
    access, session_token = simulator.issue_tokens()
    tokens = {"access_token": access, "session_token": session_token}
    return {"api_url": simulator.url, "account": ACCOUNT, "imeis": [IMEI], **tokens, **more}


def remove(simulator: t.Any, **more: t.Any) -> dict[str, t.Any]:
    return run_module.run(license_remove, args_for(simulator, **more))


def assert_removed(result: dict[str, t.Any]) -> None:
    assert [device["outcome"] for device in result["devices"]] == ["removed"], result["msg"]
