#!/usr/bin/python
# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: license_info
short_description: List which devices hold a FOTA license
version_added: 1.0.0
author:
  - The verizon.fota contributors (@verizon-fota)
description:
  - Lists all devices of an account that hold a FOTA (firmware over the air) license, or reports for given devices whether they
    hold one.
  - Also reports how many licenses the account has and uses, and on request its subscription.
  - Only reads. Returns everything that could be read, even if the task fails because something else could not be read.
  - Warns if the subscription shows event-based billing, because such an account has no licenses to remove.
requirements:
  - requests >= 2.22
extends_documentation_fragment:
  - verizon.fota.attributes
  - verizon.fota.attributes.actiongroup_fota
  - verizon.fota.devices
  - verizon.fota.thingspace
attributes:
  action:
    support: none
  async:
    support: full
  check_mode:
    support: full
    details:
      - Does the same in check mode, because it changes nothing.
  diff_mode:
    support: N/A
    details:
      - Changes nothing.
  idempotent:
    support: full
  platform:
    platforms: posix
    support: full
options:
  imeis:
    description:
      - The IMEIs of the devices to look up, as text of 15 digits.
      - Other unambiguous formats are accepted, with hyphens or spaces between the digits, with a leading apostrophe, or with a
        trailing C(.0). Numbers are accepted if they have 15 digits. Duplicates are ignored.
      - Without O(imeis) and O(imeis_file), all licensed devices of the account are returned.
      - An empty list is an error. It does not select all devices.
      - Mutually exclusive with O(imeis_file).
    type: list
    elements: raw
  subscription:
    description:
      - Whether to also read the subscription of the account. It is returned as RV(subscription).
      - If the account may not read it, the task fails. Its result contains everything else.
    type: bool
    default: false
  return_devices:
    description:
      - Which devices to return as RV(devices).
      - With V(all), all devices are returned. Ansible needs about five seconds for 100,000 devices, and a minute and 2 GB for a
        million.
      - With V(none), no devices are returned. Without O(imeis) and O(imeis_file), only the totals are then read, which takes one
        request for any number of devices.
    type: str
    choices:
      - all
      - none
    default: all
seealso:
  - module: verizon.fota.license_remove
  - module: verizon.fota.session
  - name: Role verizon.fota.tokens
    description: Obtains the access token and the session token, once for the whole play.
    link: https://github.com/verizon-fota/ansible-collection-verizon-fota/tree/main/roles/tokens
  - name: ThingSpace API
    description: The documentation of the calls that this module uses, those of Software Management.
    link: https://thingspace.verizon.com/documentation/api-documentation.html
"""

EXAMPLES = r"""
- name: Read which devices hold a license, and since when
  verizon.fota.license_info:
    account: "0642233522-00001"
    access_token: "{{ tokens_access_token }}"
    session_token: "{{ tokens_session_token }}"
  register: licenses

- name: Show the devices whose license was assigned before 2022
  ansible.builtin.debug:
    msg: "{{ licenses.devices | selectattr('assigned_time', 'defined') | selectattr('assigned_time', 'lt', '2022') }}"

- name: Read which retired meters still hold a license
  verizon.fota.license_info:
    account: "0642233522-00001"
    imeis_file: retired-meters.csv
    access_token: "{{ tokens_access_token }}"
    session_token: "{{ tokens_session_token }}"
  register: retired

- name: Show the IMEIs of these meters
  ansible.builtin.debug:
    msg: "{{ retired.devices | selectattr('licensed', 'true') | map(attribute='imei') }}"

- name: Read how many licenses are in use, and how the account is billed
  verizon.fota.license_info:
    account: "0642233522-00001"
    return_devices: none
    subscription: true
    access_token: "{{ tokens_access_token }}"
    session_token: "{{ tokens_session_token }}"
  register: billing

- name: Stop if the account is billed by event and has no licenses to remove
  ansible.builtin.assert:
    that: not billing.subscription.event_based
"""

RETURN = r"""
msg:
  description:
    - How many devices hold a license, how many licenses are in use, and what could not be read.
    - With O(imeis_file), how many entries were read, and how many lines were comments.
  returned: always
  type: str
  sample: "Of 3 devices: 2 licensed, 1 unlicensed, 0 unknown. The account uses 7 of its 9,000 licenses."
summary:
  description: How many devices are in each state. If IMEIs are given, the states add up to RV(summary.requested).
  returned: always
  type: dict
  sample:
    requested: 3
    licensed: 2
    unlicensed: 1
    unknown: 0
  contains:
    requested:
      description: The number of distinct IMEIs requested. V(null) if all licensed devices were requested.
      type: int
      returned: always
    licensed:
      description:
        - Devices that hold a license.
        - With O(return_devices=none) and without O(imeis) and O(imeis_file), the same as RV(account.license_used).
      type: int
      returned: always
    unlicensed:
      description: Devices that hold no license. V(0) if all licensed devices were requested.
      type: int
      returned: always
    unknown:
      description:
        - Unknown devices (not in the account), and devices whose state could not be read. RV(devices[].reason) gives the reason.
        - Only devices whose state could not be read make the task fail.
      type: int
      returned: always
devices:
  description:
    - One entry for each distinct IMEI, in the order given. If all licensed devices were requested, one entry for each of them, in
      the order of the service, which is ascending.
    - Empty with O(return_devices=none).
  returned: always
  type: list
  elements: dict
  sample:
    - imei: "990003425730535"
      licensed: true
    - imei: "990000473475989"
      licensed: true
    - imei: "900000000000999"
      licensed: false
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
    licensed:
      description: Whether the device holds a license. V(null) if the device is unknown or its state could not be read.
      type: bool
      returned: always
    assigned_time:
      description: When the license was assigned, as returned by the service.
      type: str
      returned: without O(imeis) and O(imeis_file), when the service returned one
      sample: "2021-06-10T15:13:30.941Z"
    reason:
      description:
        - Why RV(devices[].licensed) is V(null).
        - If RV(devices[].licensed) is V(false), the reason states that the device is only known to be missing from the list of licensed
          devices. This is the case if the account may read only that list, which does not distinguish a device without a license
          from an unknown device.
      type: str
      returned: when there is one
      sample: has no license in this account and is not among its devices
account:
  description: The account, with its licenses as reported by the service. If the license list contains no counts, they come from the subscription.
  returned: always
  type: dict
  sample:
    name: "0642233522-00001"
    license_total: 9000
    license_used: 7
  contains:
    name:
      description: The name of the account.
      type: str
      returned: always
    license_total:
      description: How many licenses the account has. V(null) if it may read neither its license list nor its subscription.
      type: int
      returned: always
    license_used:
      description: How many licenses are assigned to devices. V(null) in the same cases as RV(account.license_total).
      type: int
      returned: always
subscription:
  description: The subscription of the account. V(null) if it could not be read. In that case, the task fails.
  returned: with O(subscription=true)
  type: dict
  sample:
    purchase_type: TS-HFOTA-MRC
    license_total: 9000
    license_used: 7
    updated_time: "2026-11-23T02:19:08.114Z"
    event_based: false
  contains:
    purchase_type:
      description: V(TS-HFOTA-MRC) (monthly), V(TS-HFOTA-EVNT) (by event), or both, separated by a comma, as returned by the service.
      type: str
      returned: always
    license_total:
      description: How many licenses were bought.
      type: int
      returned: always
    license_used:
      description: How many licenses are in use.
      type: int
      returned: always
    updated_time:
      description: The time of the subscription data, as returned by the service.
      type: str
      returned: always
    event_based:
      description:
        - Whether the account is billed only by event. Such an account has no licenses to remove.
        - V(null) if the service did not return the purchase type. The other values are also V(null) if the service did not
          return them.
      type: bool
      returned: always
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.verizon.fota.plugins.module_utils import _argument_spec, _connect, _secrets, _validation
from ansible_collections.verizon.fota.plugins.module_utils._licenses import query
from ansible_collections.verizon.fota.plugins.module_utils._support.concurrency import bug_report
from ansible_collections.verizon.fota.plugins.module_utils._support.garbage_collection import less_garbage_collection
from ansible_collections.verizon.fota.plugins.module_utils._support.interruption import Interruption, on_signals


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            **_argument_spec.account(),
            **_argument_spec.devices(),
            "subscription": {"type": "bool", "default": False},
            "return_devices": {"type": "str", "choices": ["all", "none"], "default": "all"},
            **_argument_spec.connection(),
        },
        mutually_exclusive=[("imeis", "imeis_file")],
        supports_check_mode=True,
    )
    module.params.update(_validation.without_line_breaks(module.params))
    params = module.params
    devices, errors = _validation.validate(params, needs_imeis=False)
    imeis, names = (devices.imeis, devices.names) if devices else (None, {})
    rows = params["return_devices"] == "all"
    with on_signals() as interruption:
        license_query = query.LicenseQuery(
            imeis, rows, params["subscription"], params["batch_size"], params["concurrency"], interruption.reason, names
        )
        problem = _validation.missing_library() or "\n".join(errors)
        if problem:
            module.fail_json(**_secrets.redact_result(module, query.empty(params["account"], license_query, problem)))
        try:
            found, obtained = read(module, license_query, interruption)
        except Exception as error:
            # A play that shows the message later would not show a traceback.
            result = query.empty(params["account"], license_query, bug_report(error))
            module.fail_json(**_secrets.redact_result(module, result))
        if found.subscription and found.subscription.event_based:
            module.warn(query.billed_by_event())
        result = query.result(params["account"], license_query, found)
        if devices and params["imeis_file"] is not None:
            result["msg"] += f" {devices.message}"
        result = _secrets.redact_result(module, result, obtained)
        if result["failed"]:
            module.fail_json(**result)
        module.exit_json(**result)


def read(
    module: AnsibleModule, license_query: query.LicenseQuery, interruption: Interruption
) -> tuple[query.QueryResult, set[str]]:
    """Return what could be read, why the rest could not be, and the secrets that were obtained."""
    with less_garbage_collection(), _connect.retrying_client(module, interruption) as http:
        tokens = _connect.tokens(module, http)
        service = _connect.thingspace(module, http, tokens, interruption)
        return query.query(service, license_query), tokens.secrets()


if __name__ == "__main__":
    main()
