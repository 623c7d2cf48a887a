# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Variables that look like misspelled options of the role restore."""

from __future__ import annotations

import pytest
import yaml

from ansible_collections.verizon.fota.plugins.lookup.misspelled_options import LookupModule
from ansible_collections.verizon.fota.tests.unit.agreement.guides import ROOT

SPECS = yaml.safe_load(ROOT.joinpath("roles/restore/meta/argument_specs.yml").read_text(encoding="utf-8"))
OPTIONS = list(SPECS["argument_specs"]["main"]["options"])


def problem(*names: str) -> str:
    (text,) = LookupModule().run(["restore"], dict.fromkeys(names, "x"))
    return text


@pytest.mark.parametrize(
    ("name", "intended"),
    [
        ("restore_max_assignment", "restore_max_assignments"),
        ("restore_limit", "restore_max_assignments"),
        ("restore_max", "restore_max_assignments"),
        ("restore_journl", "restore_journal"),
        ("restore_run", "restore_run_id"),
        ("restroe_run_id", "restore_run_id"),
        ("restore_dir", "restore_report_dir"),
        ("restore_check", "--check"),
        ("restore_chek", "--check"),
        # The role has no such options of its own.
        ("restore_api_url", "tokens_api_url"),
        ("restore_timeout", "tokens_timeout"),
        ("restore_user", "tokens_username"),
    ],
)
def test_the_option_that_was_probably_intended_is_named(name: str, intended: str) -> None:
    assert problem(name).startswith(f"{name} is not an option, did you mean {intended}? Nothing was sent.")


@pytest.mark.parametrize("word", ["imeis", "imei", "hosts", "device", "csv", "group", "percent", "wait", "max_share"])
def test_what_is_an_option_elsewhere_is_rejected(word: str) -> None:
    """Ignored, each would restore more than intended."""
    expected = f"restore_{word} is not an option"
    assert problem(f"restore_{word}").startswith((f"{expected}. Nothing was sent.", f"{expected}, did you mean"))


@pytest.mark.parametrize("name", [*OPTIONS, "restore_point", "restore_path", "restored_at", "decommission_imei"])
def test_options_and_variables_of_others_are_not_rejected(name: str) -> None:
    assert problem(name) == ""
