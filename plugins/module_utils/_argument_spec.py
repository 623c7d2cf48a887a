# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The argument specs that modules share: connection, account, devices. Unset options are read from environment variables.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import typing as t

from ansible.module_utils.basic import env_fallback
from ansible.module_utils.errors import AnsibleFallbackNotFound

from ansible_collections.verizon.fota.plugins.module_utils._connection_options import (
    CONNECTION_OPTIONS,
    ConnectionOption,
)


def connection() -> dict[str, t.Any]:
    """Return the argument spec of the tokens, the credentials and the connection."""
    return {option.name: _argument(option) for option in CONNECTION_OPTIONS}


def _argument(option: ConnectionOption) -> dict[str, t.Any]:
    argument: dict[str, t.Any] = {"type": option.type}
    if option.default is not None:
        argument["default"] = option.default
    if option.no_log:
        argument["no_log"] = True
    if option.variable:
        argument["fallback"] = (_variable, [option.variable])
    return argument


def account() -> dict[str, t.Any]:
    """Return the argument spec of the account. It is raw, because a number has to be rejected, not converted to text."""
    fallback = (_variable_or_empty, ["THINGSPACE_ACCOUNT"])
    return {"account": {"type": "raw", "required": True, "fallback": fallback}}


def devices() -> dict[str, t.Any]:
    """Return the argument spec of the devices, and of how many are sent at a time."""
    return {
        "imeis": {"type": "list", "elements": "raw"},
        "imeis_file": {"type": "path"},
        "imeis_column": {"type": "str"},
        "imeis_name_column": {"type": "str"},
        "batch_size": {"type": "int", "default": 1000},
        "concurrency": {"type": "int", "default": 4},
    }


def _variable(*names: str) -> str:
    """Return an environment variable. An empty one counts as unset, because AWX sets variables of empty fields."""
    value = str(env_fallback(*names))
    if not value.strip():
        raise AnsibleFallbackNotFound
    return value


def _variable_or_empty(*names: str) -> str:
    """Return an environment variable or empty text, for a required option whose absence has a message of its own."""
    try:
        return _variable(*names)
    except AnsibleFallbackNotFound:
        return ""
