# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The YAML blocks of the guide to AWX, and the environment that AWX creates from them."""

from __future__ import annotations

import os
import re
import textwrap
from pathlib import Path
from typing import Any

import yaml
from jinja2.sandbox import ImmutableSandboxedEnvironment

_BLOCK = re.compile(r"^\.\. code-block:: yaml(?:\+jinja)?\n\n((?:    .*\n|\n)+)", flags=re.MULTILINE)


def block(root: Path, holds: str) -> str:
    """Return the one block that has a line with this beginning."""
    text = (root / "docs" / "docsite" / "rst" / "guide_awx.rst").read_text(encoding="utf-8")
    blocks = [textwrap.dedent(found) for found in _BLOCK.findall(text)]
    (only,) = [found for found in blocks if any(line.startswith(holds) for line in found.splitlines())]
    return only


def injectors(root: Path) -> dict[str, str]:
    """Return the templates of the environment variables of the credential type."""
    return dict(yaml.safe_load(block(root, "env:"))["env"])


def environment(root: Path, filled: dict[str, str]) -> dict[str, str]:
    """Return the environment of a job whose credential has these fields. An empty field is undefined."""
    outside = {name: value for name, value in os.environ.items() if not name.startswith("THINGSPACE_")}
    return {**outside, **{variable: render(template, filled) for variable, template in injectors(root).items()}}


def render(template: str, values: dict[str, str], **options: Any) -> str:
    return ImmutableSandboxedEnvironment(**options).from_string(template).render(values)
