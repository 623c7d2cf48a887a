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
  - Reads first which of the devices hold a license, then removes just those, in batches. Says for every device whether its
    license was removed, whether it had none already, or why it failed.
  - A device that fails does not stop the others. The task fails at the end, with everything that was done in its result.
  - A removal whose answer was lost (timeout, broken connection, unreadable answer) is looked up before anything is said or
    sent again.
  - Accounts with event-based billing have no licenses to remove.
requirements:
  - requests >= 2.22
extends_documentation_fragment:
  - verizon.fota.attributes
  - verizon.fota.attributes.actiongroup_fota
  - verizon.fota.devices
  - verizon.fota.thingspace
attributes:
  action:
    support: full
    details:
      - Shows the progress of a long run; the module does the work.
  async:
    support: full
    details:
      - Shows no progress then.
  check_mode:
    support: full
    details:
      - Check mode reads the same as a real run does, and changes nothing in ThingSpace. The O(journal) is written, and its lines
        say that they are a forecast.
      - What a forecast cannot know without O(check_upgrades=true) is that the service will refuse a removal, because the
        firmware of the device was upgraded since its license was assigned, or is being upgraded. Such a device is forecast as
        V(removed) then. Nor does it tell that a removal would cancel an upgrade that is scheduled.
      - What no forecast knows is a failure of the service itself, and what others change before the real run.
  diff_mode:
    support: full
    details:
      - Shows the licensed ones among the devices asked for, before and after.
  idempotent:
    support: full
    details:
      - A device whose removal the service refused is asked for again in the next run.
  platform:
    platforms: posix
    support: full
options:
  imeis:
    description:
      - The IMEIs of the devices that should have no license, as text of 15 digits.
      - Other spellings that mean one thing are accepted, with hyphens or blanks between the digits, with an apostrophe before
        them, or with C(.0) behind them. Numbers are accepted if they still have 15 digits. Duplicates are ignored.
      - An empty list is an error; skip the task instead when there may be nothing to do.
      - Exactly one of O(imeis) and O(imeis_file) is required. Mutually exclusive with O(imeis_file).
    type: list
    elements: raw
  unknown_devices:
    description:
      - How to report an IMEI that the account does not have.
      - With V(fail), it is V(failed).
      - With V(ignore), it is V(unlicensed), since it has no license of this account.
      - A device that the service does not mention may belong to another protocol and hold a license. If there are such devices,
        the account's list of licensed devices is read once.
      - Where the account may not read its devices, but only its list of licensed devices, an unknown device cannot be told
        from one without a license. Both are V(unlicensed) then, and RV(devices[].reason) says so.
    type: str
    choices:
      - fail
      - ignore
    default: fail
  max_removals:
    description:
      - Refuse, before the first removal is sent, to remove more licenses than this, which is V(0) or more. Protects from a
        wrong file.
      - Without it, there is no limit.
    type: int
  max_share:
    description:
      - Refuse, before the first removal is sent, to remove more than this share of the licenses that are in use by the account
        now, from 0 to 1. V(0.1) is a tenth. Protects from a wrong file, too.
      - The licenses in use are read from the account's list of licenses, or from its subscription, at the price of one request.
        Where neither is available, nothing is removed.
      - Without it, there is no limit.
    type: float
  check_upgrades:
    description:
      - In check mode, look up the firmware upgrades of the devices whose license would be removed. A real run does not need to,
        since it gets the service's own answer.
      - A device is forecast as V(failed), with the reason, if an upgrade was completed since its license was assigned, or is in
        progress. It is forecast as V(removed) if its upgrade is scheduled but has not started, with a reason that says that the
        removal cancels the upgrade; RV(msg) counts and names those. It is forecast as V(unknown), with the service's own reason,
        if its upgrade may be in progress, or if it is not known whether its license was assigned before the upgrade, or how the
        upgrade ended. An upgrade that failed, was rejected, cancelled or given up is no obstacle.
      - Reads the campaigns that have not ended, the list of all devices of the account, and the license list if a device was
        upgraded, 1,000 devices a request. Costs a request for each licensed device of which the list of all devices does not
        tell that its last upgrade was before the assignment of its license, or that there was none. At 50 ms a request and four
        of them in flight, 100,000 devices take less than two minutes if 6,000 of them were upgraded since, and 19 minutes if
        the list tells of none of them.
      - Fails if the account may not read its campaigns, or the upgrade histories of devices of which the list of all devices does
        not tell. If the account may not read its license list, each device that was ever upgraded is V(unknown).
    type: bool
    default: false
  wait:
    description:
      - After the removal, read the devices again until none of them holds a license, or O(wait_timeout) is over. What was read
        last is their outcome then. A device that holds a license at the end is V(failed), also one whose license was removed
        and came back, as a campaign that assigns licenses by itself may do.
      - The removal itself ends in a definite answer, so that this is for those who want it confirmed by a second look.
      - A device that the service refused is waited for, too, in case it tries again by itself. With one of them, the task takes
        the whole O(wait_timeout).
      - Does nothing in check mode, where no license is to be removed, and when the run ended early.
    type: bool
    default: false
  wait_timeout:
    description:
      - How long to wait with O(wait=true), in seconds, from 0 to 86400. The devices are read at least once.
    type: int
    default: 300
  return_devices:
    description:
      - Which devices come back as RV(devices).
      - With V(all), every one. Ansible needs about a minute and 2 GB for a million of them.
      - With V(problems), those whose outcome is V(failed), V(unknown) or V(skipped).
      - With V(none), none.
      - RV(summary) and RV(msg) tell about all devices in any case.
    type: str
    choices:
      - all
      - problems
      - none
    default: all
  read_account:
    description:
      - Read how many licenses are in use also before the first removal, for RV(account_before), and warn if the account is billed by
        event. What cannot be read of it fails nothing.
      - Costs one or two requests.
    type: bool
    default: false
    version_added: 1.1.0
  journal:
    description:
      - The path of a file, on the host where the task runs, to which one JSON line is appended for each device. A relative path
        starts in the directory of the playbook. The lines of
        a batch are on disk before the run goes on, so that a run that is killed leaves its record.
      - A line contains what RV(devices[]) contains, its name among it, and C(time) (UTC), C(account), C(check_mode) and RV(run_id).
      - Several runs may write to the same file, also at the same time. A line that a killed run has left unfinished is removed
        by the next one.
      - With O(wait=true), a device whose outcome is another one in the end has two lines. The last one counts.
      - It is written in check mode too, with C(check_mode) set to V(true).
      - Devices stand in the order in which their batches ended.
      - A new file has the mode that the umask allows. It holds IMEIs, and no secrets.
      - A journal that cannot be written stops the run before the first removal, or before the next one.
    type: path
notes:
  - A run that takes more than five seconds shows meanwhile how far it is, every five seconds in the first minute, every fifteen
    until the tenth, every thirty later. It does so where C(ansible-playbook) runs the task on its own host
    (C(connection=local), or delegated to C(localhost)) and prints for people, with the callback
    P(ansible.builtin.default#callback) or one like it.
  - Nothing is shown with C(async) or C(no_log), with a callback whose output programs may read or that keeps it, as AWX does,
    nor when E(ANSIBLE_DISPLAY_OK_HOSTS) is V(false). The result is the same in any case.
seealso:
  - name: Role verizon.fota.decommission
    description: Does the whole job, from a list, a file or an inventory to a report.
    link: https://github.com/verizon-fota/ansible-collection-verizon-fota/tree/main/roles/decommission
  - name: Role verizon.fota.tokens
    description: Obtains the two tokens, once for the whole play.
    link: https://github.com/verizon-fota/ansible-collection-verizon-fota/tree/main/roles/tokens
  - module: verizon.fota.license_info
  - module: verizon.fota.license_report
  - module: verizon.fota.session
  - name: Remove FOTA Licenses
    description: The call that this module uses, in the documentation of the ThingSpace API.
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

- name: A fleet, from a file, with a limit that protects from a wrong file
  verizon.fota.license_remove:
    account: "0642233522-00001"
    imeis_file: retired-meters.csv
    max_removals: 5000
    return_devices: problems
    access_token: "{{ tokens_access_token }}"
    session_token: "{{ tokens_session_token }}"

- name: A spreadsheet's export, with columns of its own
  verizon.fota.license_remove:
    account: "0642233522-00001"
    imeis_file: meters.csv
    imeis_column: Serial
    imeis_name_column: Site
    journal: retired.jsonl
    access_token: "{{ tokens_access_token }}"
    session_token: "{{ tokens_session_token }}"

- name: A forecast that knows which removals the service will refuse
  verizon.fota.license_remove:
    account: "0642233522-00001"
    imeis_file: retired-meters.csv
    check_upgrades: true
    access_token: "{{ tokens_access_token }}"
    session_token: "{{ tokens_session_token }}"
  check_mode: true
  register: forecast

- name: Remove, and look again until no license is left
  verizon.fota.license_remove:
    account: "0642233522-00001"
    imeis:
      - "990003425730535"
    wait: true
    wait_timeout: 120
    access_token: "{{ tokens_access_token }}"
    session_token: "{{ tokens_session_token }}"

- name: Accept that some devices keep their license because their firmware was upgraded, fail for anything else
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
  description: Whether a license was removed, or may have been (RV(devices[].outcome) V(unknown)). True also when the task fails.
  returned: always
  type: bool
  sample: true
msg:
  description:
    - How many devices ended how, and the first failures with their reasons.
    - With O(imeis_file), how many entries were read, and how many lines were comments.
  returned: always
  type: str
  sample: "2 licenses removed. 1 device had no license."
summary:
  description: How many devices ended how. The counts of the outcomes add up to RV(summary.requested).
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
      description: The distinct IMEIs that were asked for.
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
      description: Devices that still have their license, that the account does not know, or that the service refused.
      type: int
      returned: always
    unknown:
      description: Devices of which the answer was lost and the state could not be read again.
      type: int
      returned: always
    skipped:
      description: Devices that were never sent, because a limit refused the run or an earlier error ended it.
      type: int
      returned: always
devices:
  description: One entry for each distinct IMEI, in the order given. Which ones is set by O(return_devices).
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
        - V(removed), it had a license and now has none (in check mode, it would).
        - V(unlicensed), it had none, as declared.
        - V(failed), it still has one, the account does not know the device, or the service refused before anybody could know.
        - V(unknown), the answer was lost and the state could not be read again. Run the task again.
        - V(skipped), it was never sent, because a limit refused the run or an earlier error ended it.
      type: str
      returned: always
    changed:
      description: Whether its license was removed, or may have been.
      type: bool
      returned: always
    failed:
      description: Whether it is not known to be without a license at the end.
      type: bool
      returned: always
    status:
      description: The status word of the service.
      type: str
      returned: when the service gave one
    reason:
      description: The reason for the outcome, in the service's own words where it gave any.
      type: str
      returned: when there is one
    updated_time:
      description: The time of the most recent status, as the service wrote it.
      type: str
      returned: when the service gave one
    recent_attempt_time:
      description: The time of the most recent attempt to remove the license, as the service wrote it.
      type: str
      returned: when the service gave one
    next_attempt_time:
      description: The time of the next attempt, as the service wrote it. Nothing is known of whether there is one.
      type: str
      returned: when the service gave one
run_id:
  description: The ID of this run, new each time. It tells the lines of this run in the O(journal) from those of others.
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
      description: How many licenses the account has. V(null) when nothing reported it.
      type: int
      returned: always
    license_used:
      description: How many of them are assigned to devices. V(null) when nothing reported it.
      type: int
      returned: always
account_before:
  description: The account, with its licenses before the first removal. V(null) for each that could not be read.
  returned: with O(read_account=true), if the run began
  type: dict
  sample:
    name: "0642233522-00001"
    license_total: 9000
    license_used: 7
"""

import os
import secrets
import typing as t

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.verizon.fota.plugins.module_utils import _options, _result
from ansible_collections.verizon.fota.plugins.module_utils._input.imei_files import Contents
from ansible_collections.verizon.fota.plugins.module_utils._journal import JournalBroken, journal
from ansible_collections.verizon.fota.plugins.module_utils._licenses import query, run
from ansible_collections.verizon.fota.plugins.module_utils._licenses.guards import Guards
from ansible_collections.verizon.fota.plugins.module_utils._licenses.removal import Rules
from ansible_collections.verizon.fota.plugins.module_utils._licenses.waiting import Wait
from ansible_collections.verizon.fota.plugins.module_utils._support.concurrency import bug_report
from ansible_collections.verizon.fota.plugins.module_utils._support.interruption import Interruption, on_signals
from ansible_collections.verizon.fota.plugins.module_utils._support.progress import VARIABLE, reporter
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.client import ThingSpace


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            **_options.account_spec(),
            **_options.imeis_spec(),
            "unknown_devices": {"type": "str", "choices": ["fail", "ignore"], "default": "fail"},
            "max_removals": {"type": "int"},
            "max_share": {"type": "float"},
            "check_upgrades": {"type": "bool", "default": False},
            "wait": {"type": "bool", "default": False},
            "wait_timeout": {"type": "int", "default": 300},
            "return_devices": {"type": "str", "choices": ["all", "problems", "none"], "default": "all"},
            "read_account": {"type": "bool", "default": False},
            "journal": {"type": "path"},
            **_options.connection_spec(),
        },
        mutually_exclusive=[("imeis", "imeis_file")],
        supports_check_mode=True,
    )
    _options.strip_line_breaks(module)
    params = module.params
    run_id = secrets.token_hex(6)
    devices, faults = _options.validate(params)
    missing = _options.missing_library()
    if devices is None or faults or missing:
        module.fail_json(**_result.empty(params["account"], run_id, missing or "\n".join(faults)))

    # Until the result is out: a signal must not take away the word of what was done.
    with on_signals() as interruption:
        try:
            result = remove(module, devices, run_id, interruption)
        except JournalBroken as error:
            result = _result.empty(params["account"], run_id, f"{error}; nothing was sent")
        except Exception as error:
            # A traceback would not reach a play that shows the message later.
            result = _result.empty(params["account"], run_id, bug_report(error))
        if params["imeis_file"] is not None:
            result["msg"] = f"{result['msg'].rstrip('.')}. {devices.message}"
        if result["failed"]:
            module.fail_json(**result)
        module.exit_json(**result)


def remove(module: AnsibleModule, devices: Contents, run_id: str, interruption: Interruption) -> dict[str, t.Any]:
    """Remove the licenses, or forecast that. Return the result, whatever happened. Raises ``JournalBroken`` before anything is sent."""
    params = module.params
    account = params["account"]
    with _options.sender(module, interruption) as sender:
        tokens = _options.tokens(module, sender)

        def redactor() -> t.Callable[[str], str]:
            return _options.redactor(_options.secrets(module) | tokens.secrets())

        order = _order(module, devices.imeis, interruption)
        always = {"account": account, "check_mode": module.check_mode, "run_id": run_id}
        with journal(params["journal"], always, redactor, devices.names) as write:
            keep = _result.keeper(params["return_devices"], every_failure=order.wait is not None)
            record = run.RunState(keep, write, follow=module._diff or order.wait is not None)
            thingspace = ThingSpace(sender, _options.api_url(module), account, tokens, interruption.reason)
            before = account_before(module, thingspace, interruption) if params["read_account"] else {}
            progress = reporter(os.environ.get(VARIABLE), record.counts)
            stop = run.run_removal(thingspace, order, record, progress)
    _options.register_secrets(module, tokens.secrets())
    result = _result.result(account, run_id, order, record, stop, params["return_devices"], module._diff, devices.names)
    return {**result, **before}


def account_before(module: AnsibleModule, thingspace: ThingSpace, interruption: Interruption) -> dict[str, t.Any]:
    """Return the licenses of the account before the run, as far as they can be read, and warn if there are none to remove."""
    question = query.LicenseQuery(None, rows=False, subscription=True, interrupted=interruption.reason)
    found = query.query(thingspace, question)
    if found.subscription and found.subscription.event_based:
        module.warn(query.BY_EVENT)
    totals = query.result(module.params["account"], question, found)["account"]
    return {"account_before": totals}


def _order(module: AnsibleModule, imeis: list[str], interruption: Interruption) -> run.RemovalRequest:
    """Return what the options ask for."""
    params = module.params
    retry_policy = _options.retry_policy(module, interruption)
    return run.RemovalRequest(
        imeis,
        module.check_mode,
        params["batch_size"],
        params["concurrency"],
        Guards(params["max_removals"], params["max_share"]),
        params["check_upgrades"],
        Wait(params["wait_timeout"], retry_policy.sleep) if params["wait"] else None,
        Rules(
            params["retries"],
            params["unknown_devices"] == "fail",
            retry_policy.pause,
            interruption.reason,
        ),
    )


if __name__ == "__main__":
    main()
