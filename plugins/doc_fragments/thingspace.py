# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this document fragment is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

from __future__ import annotations

import json
import typing as t

from ansible_collections.verizon.fota.plugins.module_utils._connection_options import (
    CONNECTION_OPTIONS,
    ConnectionOption,
)

LINE_BREAKS = (
    "One trailing line break is removed from a token, a credential and O(api_url), because files and environment variables often"
    " have one. Any other control character is rejected before anything is sent."
)
NOTES = (
    LINE_BREAKS,
    "This module runs on the host of the task. Run it on the control node, with C(hosts=localhost) or C(delegate_to=localhost). The"
    " environment variables are those of the host where it runs. Set them with the keyword C(environment) of a task or play.",
)


def documentation(option: ConnectionOption) -> dict[str, t.Any]:
    """Return the documentation of an option of a module."""
    variables = (option.variable, *option.requests_variables)
    return _documentation(option, (*option.description, *option.in_modules, *_defaults(option, variables)))


def plugin_documentation(option: ConnectionOption) -> dict[str, t.Any]:
    """Return the documentation of an option of a plugin that runs on the controller, as roles do."""
    found = _documentation(
        option, (*option.description, *option.in_roles, *_defaults(option, option.requests_variables))
    )
    # Ansible shows it by itself.
    return {**found, "env": [{"name": option.variable}]} if option.variable else found


def _defaults(option: ConnectionOption, variables: t.Iterable[str]) -> list[str]:
    sources = [f"E({name})" for name in variables if name] + ([option.else_from] if option.else_from else [])
    return [f"Defaults to the environment variable {', else to '.join(sources)}."] if sources else []


def _documentation(option: ConnectionOption, description: t.Iterable[str]) -> dict[str, t.Any]:
    more = {} if option.default is None else {"default": option.default}
    if option.version_added:
        more["version_added"] = option.version_added
    return {"description": list(description), "type": option.type, **more}


class ModuleDocFragment:
    # The tokens, the credentials and the connection. JSON is YAML. Annotated, because linters read only literals in assignments.
    DOCUMENTATION: str = json.dumps(
        {"options": {option.name: documentation(option) for option in CONNECTION_OPTIONS}, "notes": NOTES}
    )
    # The same for a plugin
    PLUGIN: str = json.dumps(
        {
            "options": {option.name: plugin_documentation(option) for option in CONNECTION_OPTIONS},
            "notes": [LINE_BREAKS],
        }
    )
