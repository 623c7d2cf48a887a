# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The connection options in the argument specs of the roles, written from the one list of these options.

``python -m tests.role_options`` rewrites the parts of the argument specs between the lines "connection options" and "end of the
connection options". A unit test fails if they are out of date.
"""

from __future__ import annotations

import importlib.util
import re
import sys
import textwrap
import typing as t
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LIST = ROOT / "plugins" / "module_utils" / "_connection_options.py"
# The role decommission checks these itself: messages of Ansible would show all options. Its documentation describes their values.
CHECKED = {"int": "A whole number.", "float": "A number.", "bool": "V(true) or V(false)."}
_WIDTH = 125
# The role, its entry points with a part of the list, and the purposes of the options there.
_PARTS = re.compile(
    r"(?P<start>^ +# (?P<which>All|Server) connection options of the role (?P<role>\w+), written by tests/role_options.py\n)"
    r".*?(?P<end>^ +# End of the connection options\n)",
    re.DOTALL | re.MULTILINE,
)


def rewritten(text: str) -> str:
    """Return argument specs with up-to-date connection options."""
    options = _connection_options()

    def part(found: re.Match[str]) -> str:
        wanted = [option for option in options if found["which"] == "All" or option.purpose == "server"]
        return found["start"] + "".join(lines(option, found["role"]) for option in wanted) + found["end"]

    return _PARTS.sub(part, text)


def _connection_options() -> t.Any:
    """Load the list by its path, since outside of a collection tree it has no name."""
    specification = importlib.util.spec_from_file_location("connection_options", LIST)
    assert specification and specification.loader
    module = sys.modules[specification.name] = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module.CONNECTION_OPTIONS


def lines(option: t.Any, role: str) -> str:
    """Return the YAML of an option of a role."""
    checked = role == "decommission" and option.type in CHECKED
    paragraphs = [*option.description, *option.in_roles, *_defaults(option, role)]
    paragraphs += [CHECKED[option.type]] if checked else []
    found = [f"      {role}_{option.name}:\n        description:\n"]
    for paragraph in paragraphs:
        text = re.sub(r"\bO\((\w+)\)", rf"O({role}_\1)", paragraph)
        assert ": " not in text and " #" not in text, f"not plain YAML: {text}"
        found.append(
            textwrap.fill(
                text, _WIDTH, initial_indent=" " * 10 + "- ", subsequent_indent=" " * 12, break_on_hyphens=False
            )
            + "\n"
        )
    if option.version_added:
        found.append(f"        version_added: {option.version_added}\n")
    found.append(f"        type: {'raw' if checked else option.type}\n")
    if _has_default(option, role):
        found.append(f"        default: {str(option.default).lower()}\n")
    if option.no_log:
        found.append("        no_log: true\n")
    return "".join(found)


def _defaults(option: t.Any, role: str) -> list[str]:
    sources = [f"C(tokens_{option.name})"] if role == "decommission" else []
    variables = [f"E({name})" for name in (option.variable, *option.requests_variables) if name]
    if variables:
        sources += [f"the environment variable {variables[0]}", *variables[1:]]
    if option.else_from:
        sources.append(option.else_from)
    elif option.default is not None and not _has_default(option, role):
        is_url = str(option.default).startswith("https:")
        sources.append(f"U({option.default})" if is_url else f"V({str(option.default).lower()})")
    return [f"Defaults to {', else to '.join(sources)}."] if sources else []


def _has_default(option: t.Any, role: str) -> bool:
    # Otherwise the default of the role would hide the variables of the role tokens, or the environment.
    return role == "tokens" and option.default is not None and not option.variable


def specs() -> list[Path]:
    """Return the argument specs of all roles."""
    return sorted(ROOT.glob("roles/*/meta/argument_specs.yml"))


if __name__ == "__main__":
    for path in specs():
        path.write_text(rewritten(path.read_text(encoding="utf-8")), encoding="utf-8")
