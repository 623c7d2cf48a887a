# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What tests of modules import: ansible-test runs them where of Ansible there is only ``ansible.module_utils``."""

from __future__ import annotations

import ast
import typing as t

import pytest

from ansible_collections.verizon.fota.tests.unit.agreement.guides import ROOT

FOLDERS = ("tests/unit/plugins/modules", "tests/unit/plugins/module_utils", "tests/simulator")
FILES = sorted(path for folder in FOLDERS for path in ROOT.joinpath(folder).rglob("*.py"))


def of_the_controller(source: str) -> list[str]:
    """Return the imports of Ansible that a target does not have."""
    found: list[str] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [name.name for name in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found += [f"{node.module}.{name.name}" for name in node.names]
    return [name for name in found if f"{name}.".startswith("ansible.") and not name.startswith("ansible.module_utils")]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_tests_of_modules_import_what_there_is_where_modules_run(path: t.Any) -> None:
    assert of_the_controller(path.read_text(encoding="utf-8")) == []


def test_an_import_of_the_controller_is_found() -> None:
    source = "import ansible\nfrom ansible import release\nfrom ansible.module_utils import basic\nimport ansible_collections\n"
    assert of_the_controller(source) == ["ansible", "ansible.release"]
