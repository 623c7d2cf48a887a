#!/usr/bin/python
# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: license_remove
short_description: Remove FOTA licenses from devices
version_added: 1.0.0
author:
  - The verizon.fota contributors (@verizon-fota)
description:
  - Ensures that devices hold no FOTA (firmware over the air) license, and returns their licenses to the account's pool.
  - First reads which of the devices hold a license, then removes only those licenses, in batches. Reports for each device whether
    its license was removed, whether it was already unlicensed, or why it failed.
  - A device that fails does not stop the others. The task fails at the end, and its result contains everything that was done.
  - If the response to a removal is lost (timeout, broken connection, unreadable response), the state is read again before anything
    is reported or resent.
  - Accounts with event-based billing have no licenses to remove.
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
      - The service rejects a removal if the firmware of the device was upgraded since its license was assigned, or is being
        upgraded. Without O(check_upgrades=true), a forecast does not detect this and reports such a device as V(removed). It also
        does not report that a removal would cancel a scheduled upgrade. RV(msg) then says that upgrades were not looked up.
      - No forecast can predict a failure of the service itself, or what others change before the real run.
  diff_mode:
    support: full
    details:
      - Shows which of the requested devices are licensed, before and after.
  idempotent:
    support: full
    details:
      - If the service rejected a removal, the next run requests it again.
  platform:
    platforms: posix
    support: full
options:
  imeis:
    description:
      - The IMEIs of the devices that should have no license, as text of 15 digits.
      - Other unambiguous formats are accepted, with hyphens or spaces between the digits, with a leading apostrophe, or with a
        trailing C(.0). Numbers are accepted if they have 15 digits. Duplicates are ignored.
      - An empty list is an error. If there may be nothing to do, skip the task instead.
      - Exactly one of O(imeis) and O(imeis_file) is required.
    type: list
    elements: raw
  unknown_devices:
    description:
      - How to report an unknown device, which is an IMEI that the account does not have.
      - With V(fail), it is V(failed).
      - With V(ignore), it is V(unlicensed), because it has no license of this account.
      - A device that the service does not return may belong to another protocol and hold a license. If there are such devices,
        the account's list of licensed devices is read once.
      - If the account may not read its devices, but only its list of licensed devices, an unknown device cannot be distinguished
        from a device without a license. Both are then V(unlicensed), and RV(devices[].reason) reports this.
    type: str
    choices:
      - fail
      - ignore
    default: fail
  max_removals:
    description:
      - The maximum number of licenses to remove, V(0) or more. If more would be removed, the task fails before the first removal
        is sent. Protects against a wrong file.
      - If not set, there is no limit.
    type: int
  max_share:
    description:
      - The maximum share of licenses to remove, from 0 to 1, of the licenses that the account currently uses. V(0.1) is a tenth. If
        more would be removed, the task fails before the first removal is sent. Also protects against a wrong file.
      - The number of licenses in use is read from the account's list of licenses, or from its subscription. This takes one request.
        If neither is available, nothing is removed.
      - If not set, there is no limit.
    type: float
  check_upgrades:
    description:
      - In check mode, look up the firmware upgrades of the devices whose license would be removed. A real run does not need this,
        because it gets the response of the service.
      - A device is forecast as V(failed), with the reason, if an upgrade was completed since its license was assigned, or is in
        progress. It is forecast as V(removed) if its upgrade is scheduled but has not started. The reason then states that the
        removal cancels the upgrade, and RV(msg) counts and lists these devices.
      - A device is forecast as V(unknown), with the reason of the service, if its upgrade may be in progress, or if it is not known
        whether its license was assigned before the upgrade, or how the upgrade ended. An upgrade that failed, was rejected, was
        cancelled or was given up does not prevent the removal.
      - Reads the campaigns that have not ended, the list of all devices of the account, and, if a device was upgraded, the license
        list, with 1,000 devices per request. Then reads the upgrade history of each licensed device, with one request for each
        device. A history is not needed if the list of all devices shows that the device was never upgraded, or not since its license
        was assigned.
      - With 50 ms per request and four requests in flight, a forecast of 100,000 devices takes less than two minutes if 6,000
        histories are needed, and 19 minutes if all are needed.
      - Fails if the account may not read its campaigns, or a history that is needed. If the account may not read its license list,
        each device that was ever upgraded is V(unknown).
    type: bool
    default: false
  wait:
    description:
      - After the removal, read the devices again until none of them holds a license, or O(wait_timeout) has passed. The last
        state read is their outcome. A device that holds a license at the end is V(failed), even if its license was removed and then
        assigned again, for example by a campaign that assigns licenses automatically.
      - The removal itself returns a definite response. Use this option if you want it confirmed by a second read.
      - The task also waits for devices that the service rejected, in case the service retries by itself. If there is such a device,
        the task takes the whole O(wait_timeout).
      - Has no effect in check mode, if there is no license to remove, or if the run ended early.
    type: bool
    default: false
seealso:
  - name: Role verizon.fota.decommission
    description: Removes the licenses of a list, a file or an inventory of devices, from the login to the report.
    link: https://github.com/verizon-fota/ansible-collection-verizon-fota/tree/main/roles/decommission
  - name: Role verizon.fota.tokens
    description: Obtains the access token and the session token, once for the whole play.
    link: https://github.com/verizon-fota/ansible-collection-verizon-fota/tree/main/roles/tokens
  - module: verizon.fota.license_assign
    description: Restores the licenses that a run removed.
  - module: verizon.fota.license_info
  - module: verizon.fota.license_report
  - module: verizon.fota.session
  - name: Remove FOTA Licenses
    description: The API call that this module uses, in the documentation of the ThingSpace API.
    link: https://thingspace.verizon.com/documentation/apis/software-management/api-reference-v3/remove-fota-licenses-v3.html
"""

EXAMPLES = r"""
- name: Decommissioned meters hold no FOTA license
  verizon.fota.license_remove:
    account: "0642233522-00001"
    imeis:
      - "990003425730535"
      - "990000473475989"
    access_token: "{{ tokens_access_token }}"
    session_token: "{{ tokens_session_token }}"
  register: removal

- name: Remove the licenses of the devices in a file, but of no more than 5,000
  verizon.fota.license_remove:
    account: "0642233522-00001"
    imeis_file: retired-meters.csv
    max_removals: 5000
    return_devices: problems
    access_token: "{{ tokens_access_token }}"
    session_token: "{{ tokens_session_token }}"

- name: Read IMEIs and names from the columns Serial and Site of a CSV file, and write a journal
  verizon.fota.license_remove:
    account: "0642233522-00001"
    imeis_file: meters.csv
    imeis_column: Serial
    imeis_name_column: Site
    journal: retired.jsonl
    access_token: "{{ tokens_access_token }}"
    session_token: "{{ tokens_session_token }}"

- name: Forecast the removal, including what the service would reject because of firmware upgrades
  verizon.fota.license_remove:
    account: "0642233522-00001"
    imeis_file: retired-meters.csv
    check_upgrades: true
    access_token: "{{ tokens_access_token }}"
    session_token: "{{ tokens_session_token }}"
  check_mode: true
  register: forecast

- name: Remove a license, and read the device again until it has none
  verizon.fota.license_remove:
    account: "0642233522-00001"
    imeis:
      - "990003425730535"
    wait: true
    wait_timeout: 120
    access_token: "{{ tokens_access_token }}"
    session_token: "{{ tokens_session_token }}"

- name: Remove licenses, and fail only if a device keeps its license for another reason than an upgrade of its firmware
  verizon.fota.license_remove:
    account: "0642233522-00001"
    imeis:
      - "990003425730535"
      - "990000473475989"
    access_token: "{{ tokens_access_token }}"
    session_token: "{{ tokens_session_token }}"
  register: removal
  failed_when: >-
    removal.summary.requested | default(0) == 0
    or removal.devices | selectattr('failed') | rejectattr('reason', 'ansible.builtin.search', 'ever upgraded') | length > 0
"""

RETURN = r"""
changed:
  description: Whether a license was removed, or may have been removed (RV(devices[].outcome) V(unknown)). Also true if the task fails.
  returned: always
  type: bool
  sample: true
msg:
  description:
    - The number of devices for each outcome, and the first failures with their reasons.
    - With O(imeis_file), how many entries were read, and how many lines were comments.
  returned: always
  type: str
  sample: "2 licenses removed. 1 device had no license."
summary:
  description: The number of devices for each outcome. The counts of the outcomes add up to RV(summary.requested).
  returned: always
  type: dict
  sample:
    requested: 3
    removed: 2
    unlicensed: 1
    failed: 0
    unknown: 0
    skipped: 0
  contains:
    requested:
      description: The number of distinct IMEIs requested.
      type: int
      returned: always
    removed:
      description: Devices that had a license and now have none. In check mode, those whose license would be removed.
      type: int
      returned: always
    unlicensed:
      description: Devices that had no license.
      type: int
      returned: always
    failed:
      description: Devices that still have their license, that are unknown to the account, or that the service rejected.
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
  description: One entry for each distinct IMEI, in the order given. O(return_devices) selects which devices are returned.
  returned: always
  type: list
  elements: dict
  sample:
    - imei: "990003425730535"
      outcome: removed
      changed: true
      failed: false
      status: Success
      reason: Success
      updated_time: "2026-11-23T03:40:41.426Z"
      recent_attempt_time: "2026-11-23T03:40:41.426Z"
      next_attempt_time: "2026-11-23T03:40:41.426Z"
    - imei: "990000473475989"
      outcome: removed
      changed: true
      failed: false
      status: Success
      reason: Success
      updated_time: "2026-11-23T03:40:41.426Z"
      recent_attempt_time: "2026-11-23T03:40:41.426Z"
      next_attempt_time: "2026-11-23T03:40:41.426Z"
    - imei: "900000000000999"
      outcome: unlicensed
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
      returned: when O(imeis_file) has one
      version_added: 1.1.0
      sample: meter in Elm Street
    outcome:
      description:
        - V(removed) means that the device had a license and now has none. In check mode, its license would be removed.
        - V(unlicensed) means that the device already had no license.
        - V(failed) means that the device still has a license, that it is an unknown device, or that the service rejected the request
          before the state was known.
        - V(unknown) means that the response was lost and the state could not be read again. Run the task again.
        - V(skipped) means that the device was never sent, because the run exceeded a limit or an earlier error stopped it.
      type: str
      returned: always
    changed:
      description: Whether the license was removed, or may have been removed.
      type: bool
      returned: always
    failed:
      description: Whether the device may still hold a license.
      type: bool
      returned: always
    state_before:
      description:
        - V(unknown) if the device holds no license now, and nothing says whether it held one before. Its state could not be read before the
          removal, and the response did not tell. Its outcome is V(removed), because it may have lost a license. The role
          P(verizon.fota.restore#role) does not restore such devices.
      type: str
      returned: when it is not known
      version_added: 1.1.0
    status:
      description: The status returned by the service.
      type: str
      returned: when the service returned one
    reason:
      description: The reason for the outcome, as the service returned it, if it did.
      type: str
      returned: when there is one
    updated_time:
      description: The time of the most recent status, as returned by the service.
      type: str
      returned: when the service returned one
    recent_attempt_time:
      description: The time of the most recent attempt to remove the license, as returned by the service.
      type: str
      returned: when the service returned one
    next_attempt_time:
      description: The time of the next attempt, as returned by the service. It is not known whether such an attempt takes place.
      type: str
      returned: when the service returned one
check_mode:
  description: Whether this is a forecast, because the task ran in check mode.
  returned: always
  type: bool
  sample: false
  version_added: 1.1.0
run_id:
  description: The ID of this run, new each time. It identifies the lines of this run in the O(journal).
  returned: always
  type: str
  sample: f8ac5135e2fc
account:
  description: The account, with its licenses as the service last reported them, with a removal or for O(max_share).
  returned: always
  type: dict
  sample:
    name: "0642233522-00001"
    license_total: 9000
    license_used: 5
  contains:
    name:
      description: The name of the account.
      type: str
      returned: always
    license_total:
      description: How many licenses the account has. V(null) if this was not reported.
      type: int
      returned: always
    license_used:
      description: How many licenses are assigned to devices. V(null) if this was not reported.
      type: int
      returned: always
account_before:
  description: The account, with its licenses before the first removal. Each value that could not be read is V(null).
  returned: with O(read_account=true), if the run began
  type: dict
  sample:
    name: "0642233522-00001"
    license_total: 9000
    license_used: 7
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.verizon.fota.plugins.module_utils import _license_change
from ansible_collections.verizon.fota.plugins.module_utils._licenses.guards import RemovalGuards
from ansible_collections.verizon.fota.plugins.module_utils._licenses.outcomes import REMOVAL


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            **_license_change.argument_spec(),
            "unknown_devices": {"type": "str", "choices": ["fail", "ignore"], "default": "fail"},
            "max_removals": {"type": "int"},
            "max_share": {"type": "float"},
            "check_upgrades": {"type": "bool", "default": False},
        },
        mutually_exclusive=[("imeis", "imeis_file")],
        supports_check_mode=True,
    )
    guards = RemovalGuards(module.params["max_removals"], module.params["max_share"])
    with _license_change.result(module, REMOVAL, guards) as result:
        if result["failed"]:
            module.fail_json(**result)
        module.exit_json(**result)


if __name__ == "__main__":
    main()
