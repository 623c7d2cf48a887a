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
  - Lists all devices of an account that hold a FOTA (firmware over the air) license, or tells for given devices whether they
    hold one.
  - Tells also how many licenses the account has and uses, and on request what it subscribes to.
  - Only reads. Whatever could be read is returned, also when the task fails because something else could not be.
  - Warns when the subscription says that the account is billed by event, since such an account has no licenses to remove.
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
      - Does the same in check mode, since it changes nothing.
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
      - Other spellings that mean one thing are accepted, with hyphens or blanks between the digits, with an apostrophe before
        them, or with C(.0) behind them. Numbers are accepted if they still have 15 digits. Duplicates are ignored.
      - Without O(imeis) and O(imeis_file), all licensed devices of the account are returned.
      - An empty list is an error, and does not stand for all devices.
      - Mutually exclusive with O(imeis_file).
    type: list
    elements: raw
  subscription:
    description:
      - Whether to read the subscription of the account as well. It is returned as RV(subscription).
      - Where the account may not read it, the task fails, with everything else in its result.
    type: bool
    default: false
  return_devices:
    description:
      - Which devices come back as RV(devices).
      - With V(all), every one. Ansible needs about five seconds for 100,000 of them, and a minute and 2 GB for a million.
      - With V(none), none. Without O(imeis) and O(imeis_file), only the totals are read then, which takes one request
        however many devices there are.
    type: str
    choices:
      - all
      - none
    default: all
seealso:
  - module: verizon.fota.license_remove
  - module: verizon.fota.session
  - name: Role verizon.fota.tokens
    description: Obtains the two tokens, once for the whole play.
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

- name: Show those whose license was assigned before 2022
  ansible.builtin.debug:
    msg: "{{ licenses.devices | selectattr('assigned_time', 'defined') | selectattr('assigned_time', 'lt', '2022') }}"

- name: Read which retired meters still cost money
  verizon.fota.license_info:
    account: "0642233522-00001"
    imeis_file: retired-meters.csv
    access_token: "{{ tokens_access_token }}"
    session_token: "{{ tokens_session_token }}"
  register: retired

- name: Name them
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

- name: Stop where there are no licenses to remove
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
  description: How many devices are in which state. Where IMEIs are given, the states add up to RV(summary.requested).
  returned: always
  type: dict
  sample:
    requested: 3
    licensed: 2
    unlicensed: 1
    unknown: 0
  contains:
    requested:
      description: The distinct IMEIs that were asked for. V(null) when all licensed devices were.
      type: int
      returned: always
    licensed:
      description:
        - Devices that hold a license.
        - With O(return_devices=none) and without O(imeis) and O(imeis_file), as many as RV(account.license_used).
      type: int
      returned: always
    unlicensed:
      description: Devices that hold none. V(0) when all licensed devices were asked for.
      type: int
      returned: always
    unknown:
      description:
        - Devices that the account does not know, and those whose state could not be read. RV(devices[].reason) says why.
        - Only the latter make the task fail.
      type: int
      returned: always
devices:
  description:
    - One entry for each distinct IMEI, in the order given. When all licensed devices were asked for, one for each of them, in
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
      description: Whether it holds a license. V(null) when the account does not know it or its state could not be read.
      type: bool
      returned: always
    assigned_time:
      description: When its license was assigned, as the service wrote it.
      type: str
      returned: without O(imeis) and O(imeis_file), when the service gave one
      sample: "2021-06-10T15:13:30.941Z"
    reason:
      description:
        - Why RV(devices[].licensed) is V(null).
        - With V(false), that the device is just not in the list of licensed devices. So it is where the account may read that
          list only, which does not tell a device without a license from one that the account does not know.
      type: str
      returned: when there is one
      sample: has no license in this account and is not among its devices
account:
  description: The account, with its licenses as the service reported them. Where its license list tells none, its subscription does.
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
      description: How many licenses the account has. V(null) when it may read neither its license list nor its subscription.
      type: int
      returned: always
    license_used:
      description: How many of them are assigned to devices. V(null) as RV(account.license_total).
      type: int
      returned: always
subscription:
  description: What the account subscribes to. V(null) when it could not be read; the task has failed then.
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
      description: V(TS-HFOTA-MRC) (monthly), V(TS-HFOTA-EVNT) (by event), or both with a comma between them, as the service wrote it.
      type: str
      returned: always
    license_total:
      description: How many licenses were bought.
      type: int
      returned: always
    license_used:
      description: How many of them are in use.
      type: int
      returned: always
    updated_time:
      description: The time that the service gives with it, as it wrote it.
      type: str
      returned: always
    event_based:
      description:
        - Whether the account is billed by event and in no other way. It has no licenses to remove then.
        - V(null) when the service did not tell the purchase type, as are the others that it did not tell.
      type: bool
      returned: always
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.verizon.fota.plugins.module_utils import _options
from ansible_collections.verizon.fota.plugins.module_utils._licenses import query
from ansible_collections.verizon.fota.plugins.module_utils._support.concurrency import bug_report
from ansible_collections.verizon.fota.plugins.module_utils._support.interruption import Interruption, on_signals
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.client import ThingSpace


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            **_options.account_spec(),
            **_options.imeis_spec(),
            "subscription": {"type": "bool", "default": False},
            "return_devices": {"type": "str", "choices": ["all", "none"], "default": "all"},
            **_options.connection_spec(),
        },
        mutually_exclusive=[("imeis", "imeis_file")],
        supports_check_mode=True,
    )
    _options.strip_line_breaks(module)
    params = module.params
    devices, faults = _options.validate(params, needs_imeis=False)
    imeis, names = (devices.imeis, devices.names) if devices else (None, {})
    rows = params["return_devices"] == "all"
    with on_signals() as interruption:
        question = query.LicenseQuery(
            imeis, rows, params["subscription"], params["batch_size"], params["concurrency"], interruption.reason, names
        )
        problem = _options.missing_library() or "\n".join(faults)
        if problem:
            module.fail_json(**query.empty(params["account"], question, problem))
        try:
            findings = look_up(module, question, interruption)
        except Exception as error:
            # A traceback would not reach a play that shows the message later.
            module.fail_json(**query.empty(params["account"], question, bug_report(error)))
        if findings.subscription and findings.subscription.event_based:
            module.warn(query.BY_EVENT)
        result = query.result(params["account"], question, findings)
        if devices and params["imeis_file"] is not None:
            result["msg"] += f" {devices.message}"
        if result["failed"]:
            module.fail_json(**result)
        module.exit_json(**result)


def look_up(module: AnsibleModule, question: query.LicenseQuery, interruption: Interruption) -> query.QueryResult:
    """Ask the service. Returns what could be read, and why not all could be."""
    with _options.sender(module, interruption) as sender:
        tokens = _options.tokens(module, sender)
        service = ThingSpace(sender, _options.api_url(module), module.params["account"], tokens, interruption.reason)
        findings = query.query(service, question)
    _options.register_secrets(module, tokens.secrets())
    return findings


if __name__ == "__main__":
    main()
