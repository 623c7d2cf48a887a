# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which connection options the variables of roles set."""

from __future__ import annotations

DOCUMENTATION = r"""
name: connection_options
short_description: Return the connection options that variables with a prefix set
version_added: 1.1.0
author:
  - The verizon.fota contributors (@verizon-fota)
description:
  - Returns the tokens, credentials and connection options of the modules of this collection, such as O(verizon.fota.session#module:client_id),
    from variables whose name is a prefix, an underscore and the name of the option, such as C(tokens_client_id).
  - Options whose variable is undefined or empty are left out, so that the modules read them from the environment.
  - The roles of this collection use it to pass the options to the modules in C(module_defaults).
options:
  _terms:
    description:
      - The prefixes, without the underscore. If several variables set an option, the first prefix in this list is used.
    type: list
    elements: str
    required: true
notes:
  - The result contains secrets. Do not register or print it.
seealso:
  - plugin: verizon.fota.session
    plugin_type: module
"""

EXAMPLES = r"""
- name: Use the variables of the role tokens, unless there are variables with the prefix fleet
  module_defaults:
    group/verizon.fota.fota: "{{ lookup('verizon.fota.connection_options', 'fleet', 'tokens') }}"
  block:
    - name: Read which devices hold a license
      verizon.fota.license_info:
        account: "0642233522-00001"
"""

RETURN = r"""
_raw:
  description:
    - The options that are set, with their values. The paths are absolute. A relative path is relative to the directory in which
      C(ansible-playbook) was started.
  type: list
  elements: dict
"""

import os
import typing as t

from ansible.plugins.lookup import LookupBase

from ansible_collections.verizon.fota.plugins.module_utils._connection_options import CONNECTION_OPTIONS
from ansible_collections.verizon.fota.plugins.module_utils._support.text import is_blank


class LookupModule(LookupBase):
    def run(
        self, terms: list[str], variables: t.Mapping[str, t.Any] | None = None, **kwargs: t.Any
    ) -> list[dict[str, t.Any]]:
        variables = variables or {}
        templar: t.Any = self._templar
        found: dict[str, t.Any] = {}
        for option in CONNECTION_OPTIONS:
            names = [f"{prefix}_{option.name}" for prefix in terms if f"{prefix}_{option.name}" in variables]
            values = (templar.template(variables[name]) for name in names)
            value = next((value for value in values if not is_blank(value)), None)
            if value is None and option.type == "path":
                # The module, and the library, would take a relative path from where the module runs.
                value = next(filter(None, map(os.environ.get, (option.variable, *option.requests_variables))), None)
            if value is not None:
                # What is no text is rejected by the module.
                is_path = option.type == "path" and isinstance(value, str)
                found[option.name] = os.path.abspath(os.path.expanduser(value)) if is_path else value
        return [found]
