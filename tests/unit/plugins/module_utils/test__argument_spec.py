# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options that come from the environment."""

from __future__ import annotations

import typing as t

import pytest
from ansible.module_utils.basic import AnsibleModule

from ansible_collections.verizon.fota.plugins.module_utils import _argument_spec, _validation
from ansible_collections.verizon.fota.tests.unit.plugins.modules.run_module import patch_module_args

SPEC = {**_argument_spec.account(), **_argument_spec.connection()}
VARIABLES = {name: option["fallback"][1][0] for name, option in SPEC.items() if "fallback" in option}


def params() -> dict[str, t.Any]:
    optional = {name: {**option, "required": False} for name, option in SPEC.items()}
    with patch_module_args({}):
        return dict(AnsibleModule(optional).params)


@pytest.mark.parametrize("empty", ["", " "])
def test_an_empty_variable_is_a_missing_one(monkeypatch: pytest.MonkeyPatch, empty: str) -> None:
    for variable in VARIABLES.values():
        monkeypatch.delenv(variable, raising=False)
    without = params()
    for variable in VARIABLES.values():
        monkeypatch.setenv(variable, empty)
    assert params() == without
    assert _validation.connection_errors(without) == []


def test_every_variable_sets_its_option(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, variable in VARIABLES.items():
        monkeypatch.setenv(variable, f"the {name}")
    given = params()
    assert {name: given[name] for name in VARIABLES} == {name: f"the {name}" for name in VARIABLES}
