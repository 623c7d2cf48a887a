#!/usr/bin/python
# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: license_outcome
short_description: Report the outcome of a removal of FOTA licenses for a host or a play
version_added: 1.1.0
author:
  - The verizon.fota contributors (@verizon-fota)
description:
  - Reports a host as ok, changed or failed, according to the result of M(verizon.fota.license_remove_hosts) for its device.
  - With O(report), reports on the whole run instead, with counts, grouped reasons, and the path of the report. It fails if the
    run failed, unless the hosts have failed individually.
  - Sends nothing over the network. The role P(verizon.fota.decommission#role) uses it for its last tasks.
extends_documentation_fragment:
  - verizon.fota.attributes
attributes:
  action:
    support: full
  async:
    support: none
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
  platform:
    platforms: posix
    support: full
options:
  run:
    description:
      - The name of the variable in which M(verizon.fota.license_remove_hosts) was registered, or, with O(report),
        M(verizon.fota.license_remove) or M(verizon.fota.license_assign).
    type: str
    required: true
  report:
    description:
      - The registered result of M(verizon.fota.license_report), which may have been skipped.
    type: dict
  log_out:
    description:
      - The registered result of M(verizon.fota.session) with O(verizon.fota.session#module:state=absent), which may have been
        skipped. If the session could not be ended, the message reports it.
    type: dict
  session_started:
    description:
      - Whether the run started a session. If it did, and O(log_out) is empty, the message reports that the session is still open.
    type: bool
    default: false
  validated:
    description:
      - The registered result of M(verizon.fota.license_remove_hosts) with
        O(verizon.fota.license_remove_hosts#module:validate_only=true). Without it, the message reports that the
        role did not run from its first task.
    type: dict
seealso:
  - module: verizon.fota.license_remove_hosts
"""

EXAMPLES = r"""
- name: Remove the licenses of all hosts of the play in one run, and report the outcome of each host
  hosts: retired
  gather_facts: false
  vars:
    ansible_connection: local
    ansible_python_interpreter: "{{ ansible_playbook_python }}"
  tasks:
    - name: Obtain the tokens
      ansible.builtin.import_role:
        name: verizon.fota.tokens

    - name: Remove the licenses
      verizon.fota.license_remove_hosts:
        account: "0642233522-00001"
        max_removals: 100
        access_token: "{{ tokens_access_token }}"
        session_token: "{{ tokens_session_token }}"
      run_once: true
      register: run

    - name: Report the outcome of each host
      verizon.fota.license_outcome:
        run: run

    - name: Report the outcome of the whole run
      verizon.fota.license_outcome:
        run: run
        report:
          skipped: true
      run_once: true
"""

RETURN = r"""
changed:
  description: Whether the license of the host's device was removed, or may have been.
  returned: always
  type: bool
  sample: true
msg:
  description: The outcome of the host's device and its reason, or the report on the whole run, line by line.
  returned: always
  type: raw
  sample: "990003425730535 removed: Success"
"""
