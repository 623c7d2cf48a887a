#!/usr/bin/python
# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: license_remove_hosts
short_description: Remove the FOTA licenses of all hosts of a play in one run
version_added: 1.1.0
author:
  - The verizon.fota contributors (@verizon-fota)
description:
  - Runs M(verizon.fota.license_remove) once for all hosts of the play, on the control node. The devices are given as
    O(imeis), as O(imeis_file), or as the host variable C(imei) of the hosts.
  - The role P(verizon.fota.decommission#role) uses this module. Use the role, unless you need other tasks before or after it.
  - The task does not fail. RV(removal) states whether the run failed. M(verizon.fota.license_outcome) then reports the outcome
    of each host and of the play.
  - Accepts the options listed here and those of M(verizon.fota.license_remove), which are passed on.
notes:
  - Uses the connection and the Python interpreter of the first host of the play. Set both for the control node, as in the example.
    The role does this.
extends_documentation_fragment:
  - verizon.fota.attributes
  - verizon.fota.attributes.actiongroup_fota
attributes:
  action:
    support: full
  async:
    support: none
  check_mode:
    support: full
    details:
      - Returns a forecast, as M(verizon.fota.license_remove) does. Check mode can be set on the command line, a play, a role, a block
        or the task.
  diff_mode:
    support: full
  idempotent:
    support: full
  platform:
    platforms: posix
    support: full
options:
  imeis:
    description:
      - As for M(verizon.fota.license_remove). Mutually exclusive with O(imeis_file), and with the host variable C(imei).
    type: list
    elements: raw
  imeis_file:
    description:
      - As for M(verizon.fota.license_remove), but a relative path is relative to the directory in which C(ansible-playbook) was started.
      - Mutually exclusive with O(imeis), and with the host variable C(imei).
    type: path
  journal:
    description:
      - As for M(verizon.fota.license_remove), but a relative path is relative to the directory in which C(ansible-playbook) was started.
      - Defaults to C(journal.jsonl) in O(report_dir).
    type: path
  max_removals:
    description:
      - As for M(verizon.fota.license_remove). The limit applies to all hosts of the play together. With C(serial), all hosts are
        forecast before each batch.
    type: int
  max_share:
    description:
      - The same as O(max_removals), for the share of the licenses that are in use.
    type: float
  return_devices:
    description:
      - Which devices are in RV(removal). If hosts are devices, all devices are returned.
      - Defaults to V(problems), and to V(all) in check mode.
    type: str
    choices:
      - all
      - problems
      - none
  validate_only:
    description:
      - Only check the options and read the file, before the login. Returns RV(problem) and RV(obtain_tokens).
    type: bool
    default: false
  validated:
    description:
      - The registered result of the task with O(validate_only=true). If it contains a RV(problem), nothing is sent.
    type: dict
  login:
    description:
      - The registered result of M(verizon.fota.session). Its tokens are used. If it failed, nothing is sent.
    type: dict
  report_dir:
    description:
      - The directory for the report. It is created if it does not exist.
    type: path
  argument_specs:
    description:
      - The path of the argument specs of a role. Variables that look like misspelled options of the role are a RV(problem). Other
        unknown variables cause a warning.
    type: path
  noted_in:
    description:
      - The name of a variable that each participating host sets, with the values that must be the same for all hosts.
        If not set, all hosts take part.
    type: str
  registered_as:
    description:
      - The name of the variable in which the task is registered. Later batches of the play read from it what to report of
        earlier batches.
    type: str
  set_stats:
    description:
      - Whether the role sets custom stats after the run. This module only validates the value and returns it.
    type: bool
    default: false
seealso:
  - module: verizon.fota.license_remove
  - module: verizon.fota.license_outcome
  - name: Role verizon.fota.decommission
    description: Removes the licenses of a list, a file or an inventory of devices, from the login to the report.
    link: https://github.com/verizon-fota/ansible-collection-verizon-fota/tree/main/roles/decommission
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
"""

RETURN = r"""
changed:
  description: Whether a license was removed. V(false) if hosts are devices. M(verizon.fota.license_outcome) then reports it for each host.
  returned: always
  type: bool
  sample: true
problem:
  description: Why the run cannot begin. Empty if it can begin.
  returned: with O(validate_only=true)
  type: str
  sample: "decommission_max_removal is not an option, did you mean decommission_max_removals? Nothing was sent."
obtain_tokens:
  description: Whether a token is missing, so that a login is required.
  returned: with O(validate_only=true)
  type: bool
  sample: true
account:
  description: The name of the account, from the option or from the environment. V(null) if the options are not valid.
  returned: always
  type: str
  sample: "0642233522-00001"
set_stats:
  description: The value of O(set_stats).
  returned: always
  type: bool
  sample: false
removal:
  description: The result of M(verizon.fota.license_remove), whether it failed or not. If the run did not begin, all devices
    that were read are V(skipped).
  returned: without O(validate_only=true)
  type: dict
  sample:
    changed: true
    failed: false
    msg: "2 licenses removed. 1 device had no license."
    run_id: f8ac5135e2fc
hosts:
  description: What M(verizon.fota.license_outcome) reports for each host. Empty if hosts are not the devices.
  returned: without O(validate_only=true)
  type: dict
  sample:
    meter1:
      changed: true
      failed: false
      msg: "990003425730535 removed: Success"
problems:
  description: The reasons of devices that failed, each with the number of devices.
  returned: without O(validate_only=true)
  type: list
  elements: str
  sample:
    - "156 × License removal not allowed for devices that have ever upgraded firmware"
summary:
  description: The counts of the outcomes. If hosts are devices, they cover all batches of the play so far.
  returned: without O(validate_only=true)
  type: dict
  sample:
    requested: 3
    removed: 2
    unlicensed: 1
    failed: 0
    unknown: 0
    skipped: 0
forecast:
  description: Whether the task ran in check mode.
  returned: without O(validate_only=true)
  type: bool
  sample: false
run_ids:
  description: The IDs of the runs of this play so far, for the option O(verizon.fota.license_report#module:run_ids).
  returned: without O(validate_only=true)
  type: list
  elements: str
  sample:
    - f8ac5135e2fc
messages:
  description: What these runs reported, for the option O(verizon.fota.license_report#module:run_message).
  returned: without O(validate_only=true)
  type: list
  elements: str
  sample:
    - "2 licenses removed. 1 device had no license."
names:
  description: The names of the hosts by IMEI, for the option O(verizon.fota.license_report#module:names).
  returned: without O(validate_only=true)
  type: dict
  sample:
    "990003425730535": meter1
licenses_before:
  description: The licenses of the account before the first batch.
  returned: without O(validate_only=true)
  type: dict
  sample:
    license_total: 9000
    license_used: 7
licenses_after:
  description: The licenses of the account after the run. V(null) in check mode, or if they were not reported.
  returned: without O(validate_only=true)
  type: dict
  sample:
    license_total: 9000
    license_used: 5
report_dir:
  description: The full path of O(report_dir). Empty if no report is requested.
  returned: without O(validate_only=true)
  type: str
  sample: /srv/reports/fota
journal:
  description: The full path of O(journal). Empty if there is none.
  returned: without O(validate_only=true)
  type: str
  sample: /srv/reports/fota/journal.jsonl
"""
