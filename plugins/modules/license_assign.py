#!/usr/bin/python
# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: license_assign
short_description: Assign FOTA licenses to devices, or restore those that a run removed
version_added: 1.1.0
author:
  - The verizon.fota contributors (@verizon-fota)
description:
  - Ensures that devices hold a FOTA (firmware over the air) license, from the unused licenses of the account.
  - With O(restore_journal), it undoes a run of M(verizon.fota.license_remove). It assigns licenses to the devices whose licenses
    that run removed, and to no others.
  - First reads which of the devices hold a license, then assigns licenses only to the others, in batches. Reports for each device
    whether a license was assigned, whether it was already licensed, or why it failed.
  - Never assigns more licenses than the account has free. If there are too few, the task fails before the first assignment is sent.
  - A device that fails does not stop the others. The task fails at the end, and its result contains everything that was done.
  - If the response to an assignment is lost (timeout, broken connection, unreadable response), the state is read again before
    anything is reported or resent.
  - Accounts with event-based billing have no licenses to assign.
requirements:
  - requests >= 2.22
extends_documentation_fragment:
  - verizon.fota.attributes
  - verizon.fota.attributes.actiongroup_fota
  - verizon.fota.changes
  - verizon.fota.devices
  - verizon.fota.thingspace
attributes:
  action:
    support: full
    details:
      - The action plugin shows the progress of a long run. The module does everything else.
  async:
    support: full
    details:
      - With C(async), no progress is shown.
  check_mode:
    support: full
    details:
      - Check mode reads the same data as a real run, and changes nothing in ThingSpace. The O(journal) is written, and its lines
        are marked as a forecast.
      - A device that is in no list of the account is forecast as V(unknown), because it may belong to another protocol. A real run
        sends it.
  diff_mode:
    support: full
    details:
      - Shows which of the requested devices get a license.
  idempotent:
    support: full
  platform:
    platforms: posix
    support: full
options:
  imeis:
    description:
      - The IMEIs of the devices that should have a license, as text of 15 digits. The formats are those of
        O(verizon.fota.license_remove#module:imeis).
      - Exactly one of O(imeis), O(imeis_file) and O(restore_journal) is required.
    type: list
    elements: raw
  restore_journal:
    description:
      - The path of the O(verizon.fota.license_remove#module:journal) of the run that is to be undone, on the host where the task
        runs. A relative path is relative to the directory of the playbook.
      - Licenses are assigned to the devices with the outcome V(removed) in that run. RV(msg) reports how many devices of the run are
        V(unknown). They are not restored, because it is not known who removed their licenses.
      - Forecasts in the journal, and lines of other accounts than O(account), do not count.
    type: path
  restore_run_id:
    description:
      - The RV(run_id) of the run that is to be undone, or a list of them. With C(serial), each batch of hosts is a run.
      - Required if several runs in the O(restore_journal) removed licenses. The error message lists them.
    type: list
    elements: str
  max_assignments:
    description:
      - The maximum number of licenses to assign, V(0) or more. If more would be assigned, the task fails before the first assignment
        is sent.
      - If not set, the free licenses of the account are the limit.
    type: int
  wait:
    description:
      - After the assignment, read the devices again until all of them hold a license, or O(wait_timeout) has passed. The last
        state read is their outcome.
      - The assignment itself returns a definite response. Use this option if you want it confirmed by a second read.
      - Has no effect in check mode, if there is no license to assign, or if the run ended early.
    type: bool
    default: false
seealso:
  - module: verizon.fota.license_remove
  - module: verizon.fota.license_info
  - name: Role verizon.fota.restore
    description: Restores the licenses that a run removed, and writes a report.
    link: https://github.com/verizon-fota/ansible-collection-verizon-fota/tree/main/roles/restore
  - name: Assign Licenses to Devices
    description: The API call that this module uses, in the documentation of the ThingSpace API.
    link: https://thingspace.verizon.com/documentation/apis/software-management/api-reference-v3/assign-licenses-to-devices-v3.html
"""

EXAMPLES = r"""
- name: Two meters hold a FOTA license
  verizon.fota.license_assign:
    account: "0642233522-00001"
    imeis:
      - "990003425730535"
      - "990000473475989"
    access_token: "{{ tokens_access_token }}"
    session_token: "{{ tokens_session_token }}"
  register: assignment

- name: Undo the run that wrote this journal
  verizon.fota.license_assign:
    account: "0642233522-00001"
    restore_journal: report/journal.jsonl
    journal: report/restore.jsonl
    return_devices: problems
    access_token: "{{ tokens_access_token }}"
    session_token: "{{ tokens_session_token }}"

- name: Undo one of several runs in a journal
  verizon.fota.license_assign:
    account: "0642233522-00001"
    restore_journal: retired.jsonl
    restore_run_id: f8ac5135e2fc
    access_token: "{{ tokens_access_token }}"
    session_token: "{{ tokens_session_token }}"
"""

RETURN = r"""
changed:
  description: Whether a license was assigned, or may have been assigned (RV(devices[].outcome) V(unknown)). Also true if the task fails.
  returned: always
  type: bool
  sample: true
msg:
  description:
    - The number of devices for each outcome, and the first failures with their reasons.
    - With O(imeis_file) and O(restore_journal), also what was read from the file.
  returned: always
  type: str
  sample: "2 licenses assigned. 1 device had a license."
summary:
  description: The number of devices for each outcome. The counts of the outcomes add up to RV(summary.requested).
  returned: always
  type: dict
  sample:
    requested: 3
    assigned: 2
    licensed: 1
    failed: 0
    unknown: 0
    skipped: 0
  contains:
    requested:
      description: The number of distinct IMEIs requested.
      type: int
      returned: always
    assigned:
      description: Devices that had no license and now have one. In check mode, those that would get one.
      type: int
      returned: always
    licensed:
      description: Devices that had a license.
      type: int
      returned: always
    failed:
      description: Devices that still have no license, that are unknown to the account, or that the service rejected.
      type: int
      returned: always
    unknown:
      description: Devices whose response was lost and whose state could not be read again.
      type: int
      returned: always
    skipped:
      description: Devices that were never sent, because the run exceeded a limit or an earlier error stopped it.
      type: int
      returned: always
devices:
  description:
    - One entry for each distinct IMEI, in the order given. O(return_devices) selects which devices are returned.
    - The times are returned as by M(verizon.fota.license_remove).
  returned: always
  type: list
  elements: dict
  sample:
    - imei: "990003425730535"
      outcome: assigned
      changed: true
      failed: false
      status: LicenseAssignSuccess
      reason: Success
    - imei: "900000000000999"
      outcome: licensed
      changed: false
      failed: false
  contains:
    imei:
      description: The IMEI.
      type: str
      returned: always
    name:
      description: The name of the device.
      type: str
      returned: when O(imeis_file) or the O(restore_journal) has one
    outcome:
      description: One of V(assigned), V(licensed), V(failed), V(unknown) and V(skipped).
      type: str
      returned: always
    changed:
      description: Whether a license was assigned, or may have been assigned.
      type: bool
      returned: always
    failed:
      description: Whether the device may still hold no license.
      type: bool
      returned: always
    state_before:
      description:
        - V(unknown) if the device holds a license now, and nothing says whether it held one before. Its state could not be read before
          the assignment, and the response did not tell. Its outcome is V(assigned).
      type: str
      returned: when it is not known
    status:
      description: The status returned by the service.
      type: str
      returned: when the service returned one
    reason:
      description: The reason for the outcome, in the words of the service if it returned any.
      type: str
      returned: when there is one
check_mode:
  description: Whether this is a forecast, because the task ran in check mode.
  returned: always
  type: bool
  sample: false
run_id:
  description: The ID of this run, new each time. It identifies the lines of this run in the O(journal).
  returned: always
  type: str
  sample: 0d2f6c1a9b3e
account:
  description: The account, with its licenses as the service last reported them. The keys are those of RV(account_before).
  returned: always
  type: dict
  sample:
    name: "0642233522-00001"
    license_total: 9000
    license_used: 7
account_before:
  description: The account, with its licenses before the first assignment. Each value that could not be read is V(null).
  returned: with O(read_account=true), if the run began
  type: dict
  sample:
    name: "0642233522-00001"
    license_total: 9000
    license_used: 5
"""

import typing as t

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.verizon.fota.plugins.module_utils import _license_change
from ansible_collections.verizon.fota.plugins.module_utils._licenses.guards import AssignmentGuards
from ansible_collections.verizon.fota.plugins.module_utils._licenses.outcomes import ASSIGNMENT
from ansible_collections.verizon.fota.plugins.module_utils._report import removed_devices
from ansible_collections.verizon.fota.plugins.module_utils._report.journal_reader import BadJournal


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            **_license_change.argument_spec(),
            "restore_journal": {"type": "path"},
            "restore_run_id": {"type": "list", "elements": "str"},
            "max_assignments": {"type": "int"},
        },
        mutually_exclusive=[("imeis", "imeis_file", "restore_journal")],
        required_by={"restore_run_id": "restore_journal"},
        supports_check_mode=True,
    )
    guards = AssignmentGuards(module.params["max_assignments"])
    read_other = read_journal if module.params["restore_journal"] is not None else None
    with _license_change.result(module, ASSIGNMENT, guards, read_other) as result:
        if result["failed"]:
            module.fail_json(**result)
        module.exit_json(**result)


def read_journal(params: t.Mapping[str, t.Any]) -> tuple[_license_change.Devices | None, list[str]]:
    """Return the devices whose licenses the run removed that is to be undone, and what is wrong with its journal."""
    if not params["restore_journal"].strip():
        return None, [
            "restore_journal is empty: set it to the journal of the run that is to be undone; nothing was sent"
        ]
    run_ids = [run_id.strip() for run_id in params["restore_run_id"] or ()]
    if not all(run_ids):
        return None, [
            "restore_run_id is empty: set it to the run that is to be undone, or leave it out; nothing was sent"
        ]
    try:
        return removed_devices.read(params["restore_journal"], params["account"], run_ids), []
    except BadJournal as error:
        return None, [f"{error}; nothing was sent"]


if __name__ == "__main__":
    main()
