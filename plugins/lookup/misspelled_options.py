# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which variables look like misspelled options of a role."""

from __future__ import annotations

DOCUMENTATION = r"""
name: misspelled_options
short_description: Find variables that look like misspelled options of a role of this collection
version_added: 1.1.0
author:
  - The verizon.fota contributors (@verizon-fota)
description:
  - Looks among the variables of the task for those that begin with the name of a role of this collection, are none of its options,
    and resemble one, or an option of another role of this collection. Ansible would ignore them.
  - The role P(verizon.fota.restore#role) uses it for its first tasks.
options:
  _terms:
    description:
      - The name of the role.
    type: list
    elements: str
    required: true
"""

EXAMPLES = r"""
- name: Check that no option is misspelled
  ansible.builtin.assert:
    that: problem | length == 0
    fail_msg: "{{ problem }}"
  vars:
    problem: "{{ lookup('verizon.fota.misspelled_options', 'restore') }}"
"""

RETURN = r"""
_raw:
  description:
    - What is misspelled and what was probably intended, as text. Empty if nothing is misspelled.
  type: list
  elements: str
"""

import os
import typing as t

from ansible.plugins.lookup import LookupBase

from ansible_collections.verizon.fota.plugins.module_utils._connection_options import CONNECTION_OPTIONS
from ansible_collections.verizon.fota.plugins.plugin_utils import _role_variables

_ROLES = os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, os.pardir, "roles")
# The role with the most options.
_OTHER_ROLE = "decommission"


class LookupModule(LookupBase):
    def run(self, terms: list[str], variables: t.Mapping[str, t.Any] | None = None, **kwargs: t.Any) -> list[str]:
        return [_problem(role, variables or {}) for role in terms]


def _problem(role: str, variables: t.Iterable[str]) -> str:
    connection = {option.name: f"tokens_{option.name}" for option in CONNECTION_OPTIONS}
    elsewhere = {**dict.fromkeys(("hosts", *_names(_OTHER_ROLE)), ""), **connection}
    options = [f"{role}_{name}" for name in _names(role)]
    found = _role_variables.find_unknown(variables, role, options, elsewhere=elsewhere)
    return _role_variables.rejection(found.misspelled) if found.misspelled else ""


def _names(role: str) -> list[str]:
    """Return the options of a role without its prefix."""
    options = _role_variables.read_options(os.path.join(_ROLES, role, "meta", "argument_specs.yml"))
    return [option.partition("_")[2] for option in options]
