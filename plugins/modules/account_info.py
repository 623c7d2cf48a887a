#!/usr/bin/python
# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: account_info
short_description: Report what an account may read, and which features of the collection work for it
version_added: 1.1.0
author:
  - The verizon.fota contributors (@verizon-fota)
description:
  - Makes each call of the FOTA (firmware over the air) service that only reads once, and reports which of them the account may use.
  - Also reports which tokens work, how the account is billed, how many licenses are in use, and which of the published forms of
    requests and responses the service uses.
  - Derives from this what to expect of M(verizon.fota.license_remove), of forecasts (check mode), and of some options.
  - Changes no device and no account. It sends about eight requests, whatever the size of the account.
  - If a session token is missing, it starts a session and ends it. A session of O(session_token) is not ended.
  - Fails only if the login fails, or if nothing of the account can be read.
requirements:
  - requests >= 2.22
extends_documentation_fragment:
  - verizon.fota.attributes
  - verizon.fota.attributes.actiongroup_fota
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
  account:
    description:
      - The name of the account, with its leading zeros. Write it in quotes; a number is rejected. A trailing line break
        is removed.
      - If not given, the environment variable E(THINGSPACE_ACCOUNT) is used.
    type: raw
    required: true
  imei:
    description:
      - The IMEI of a device of the account, as text of 15 digits. Its state and its upgrade history are read.
      - Defaults to the first device in the license list, or else in the list of all devices. Without any device, two of the
        calls are not tried.
    type: raw
seealso:
  - module: verizon.fota.license_info
  - module: verizon.fota.license_remove
  - name: Compatibility
    description: The differences between published descriptions of the service.
    link: https://github.com/verizon-fota/ansible-collection-verizon-fota/blob/main/docs/docsite/rst/guide_compatibility.rst
"""

EXAMPLES = r"""
- name: Read what the account may read
  verizon.fota.account_info:
    account: "0642233522-00001"
    access_token: "{{ tokens_access_token }}"
    session_token: "{{ tokens_session_token }}"
  register: check

- name: Show it on one screen
  ansible.builtin.debug:
    msg: "{{ check.report }}"

- name: Stop if the account has no complete forecasts
  ansible.builtin.assert:
    that: check.features.forecast.support == 'full'
    fail_msg: "{{ check.features.forecast.reason }}"
"""

RETURN = r"""
msg:
  description: How many calls the account may use, and which features work. If nothing can be read, why not.
  returned: always
  type: str
  sample: >-
    The account may use 7 of the 7 calls that only read. Support: license_remove full, forecast full, check_upgrades full,
    max_share full.
report:
  description: The same as all other keys, as lines for people that fit on one screen. Long reasons are cut there.
  returned: always
  type: list
  elements: str
  sample:
    - "Account 0642233522-00001: 7 of 9,000 licenses in use, billed as TS-HFOTA-MRC."
    - "Access token: obtained, works."
    - "Session token: obtained, works."
readable:
  description: Whether anything of the account can be read. If not, the task fails.
  returned: always
  type: bool
  sample: true
account:
  description: The account, with its licenses as reported by its license list, or else by its subscription.
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
      description: How many licenses the account has. V(null) if that could not be read.
      type: int
      returned: always
    license_used:
      description: How many licenses are assigned to devices. V(null) if that could not be read.
      type: int
      returned: always
subscription:
  description: The subscription of the account, as M(verizon.fota.license_info) returns it. V(null) if it could not be read.
  returned: always
  type: dict
  sample:
    purchase_type: TS-HFOTA-MRC
    license_total: 9000
    license_used: 7
    updated_time: "2026-11-23T02:19:08.114Z"
    event_based: false
tokens:
  description: The status of each token.
  returned: always
  type: dict
  sample:
    access_token:
      source: given
      works: true
    session_token:
      source: obtained
      works: true
  contains:
    access_token:
      description: The status of the access token.
      type: dict
      returned: always
      contains:
        source:
          description: V(given), V(obtained), V(renewed) if the given one was rejected and a new one was obtained, or V(null) if there
            is none.
          type: str
          returned: always
        works:
          description: Whether the service accepts the token. V(false) also if none could be obtained. V(null) if that is not known.
          type: bool
          returned: always
    session_token:
      description: The status of the session token, with the same keys.
      type: dict
      returned: always
capabilities:
  description:
    - For each call that only reads, whether the account may use it.
    - The calls are V(license_list) (the licensed devices of the account), V(subscription), V(all_devices) (all devices of the
      account), V(devices) (the state of given devices), V(upgrade_history) (of a device), V(campaigns), and V(campaign_devices)
      (the devices of a campaign).
  returned: always
  type: dict
  sample:
    license_list:
      available: false
      reason: "not permitted: HTTP 403: 900908: Resource forbidden"
    subscription:
      available: true
      reason:
  contains:
    license_list:
      description: The same keys for each of the calls.
      type: dict
      returned: always
      contains:
        available:
          description: Whether the account may use the call. V(null) if that is not known, because the call failed for another
            reason or was not tried.
          type: bool
          returned: always
        reason:
          description:
            - Why RV(capabilities.license_list.available) is not V(true), with the message of the service. V(null) if it is.
            - Begins with C(not permitted), C(no such resource), C(failed) or C(not tried).
          type: str
          returned: always
dialect:
  description:
    - Which of the published forms the service uses. Public descriptions of the service contradict each other.
    - Each value is V(null) if it could not be read.
  returned: always
  type: dict
  sample:
    license_list_path: index
    license_total_key: totalLicense
    assignment_time: true
    license_assigned: true
    upgrade_time: true
    campaigns_path: firmware
  contains:
    license_list_path:
      description: V(index) for C(/licenses/{account}/index/{device}), V(query) for C(/licenses/{account}?lastSeenDeviceId={device}).
      type: str
      returned: always
    license_total_key:
      description: The name of the total in the license list, V(totalLicense) or V(totalLicenses).
      type: str
      returned: always
    assignment_time:
      description: Whether the license list states when licenses were assigned.
      type: bool
      returned: always
    license_assigned:
      description: Whether the state of a device contains C(licenseAssigned).
      type: bool
      returned: always
    upgrade_time:
      description: Whether the list of all devices states when devices were upgraded.
      type: bool
      returned: always
    campaigns_path:
      description: V(firmware) for C(/reports/{account}/firmware/campaigns), V(plain) for C(/reports/{account}/campaigns).
      type: str
      returned: always
features:
  description:
    - How far features of the collection work with the calls that the account may use.
    - The features are V(license_remove), V(forecast) (M(verizon.fota.license_remove) in check mode), V(check_upgrades) and
      V(max_share) (options of M(verizon.fota.license_remove)).
    - Whether the account may remove licenses cannot be read. It shows when the first one is removed.
  returned: always
  type: dict
  sample:
    forecast:
      support: partial
      reason: "states come from the license list alone: a device that the account does not have is unlicensed"
  contains:
    forecast:
      description: The same keys for each of the features.
      type: dict
      returned: always
      contains:
        support:
          description: V(full), V(partial), V(none), or V(unknown) if a call failed that decides it.
          type: str
          returned: always
        reason:
          description: Why, and what to do instead.
          type: str
          returned: always
"""

import typing as t

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.verizon.fota.plugins.module_utils import _argument_spec, _connect, _secrets, _validation
from ansible_collections.verizon.fota.plugins.module_utils._http.retries import RetryingClient
from ansible_collections.verizon.fota.plugins.module_utils._input import imei_validation
from ansible_collections.verizon.fota.plugins.module_utils._licenses import access_report
from ansible_collections.verizon.fota.plugins.module_utils._licenses.access_report import token_status
from ansible_collections.verizon.fota.plugins.module_utils._licenses.account_access import read_access
from ansible_collections.verizon.fota.plugins.module_utils._support.concurrency import bug_report
from ansible_collections.verizon.fota.plugins.module_utils._support.interruption import Interruption, on_signals
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.errors import ErrorKind, ThingSpaceError
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.tokens import Tokens


def main() -> None:
    module = AnsibleModule(
        argument_spec={**_argument_spec.account(), "imei": {"type": "raw"}, **_argument_spec.connection()},
        supports_check_mode=True,
    )
    module.params.update(_validation.without_line_breaks(module.params))
    params = module.params
    imei, errors = validate(params)
    problem = _validation.missing_library() or "\n".join(errors)
    if problem:
        module.fail_json(**_secrets.redact_result(module, access_report.empty(params["account"], problem)))
    try:
        with on_signals() as interruption:
            result, obtained = read(module, imei, interruption)
    except Exception as error:
        # A play that shows the message later would not show a traceback.
        result, obtained = access_report.empty(params["account"], bug_report(error)), set()
    result = _secrets.redact_result(module, result, obtained)
    if result["failed"]:
        module.fail_json(**result)
    module.exit_json(**result)


def validate(params: t.Mapping[str, t.Any]) -> tuple[str | None, list[str]]:
    """Return the IMEI of the option, and all errors in the options."""
    _devices, errors = _validation.validate({**params, "imeis": None, "imeis_file": None}, needs_imeis=False)
    given = params["imei"]
    imei = imei_validation.parse_imei(given)
    if given is not None and imei is None:
        errors.append(f"imei: {imei_validation.shown(given)} {imei_validation.error_of(given).message}")
    return imei, errors


def read(module: AnsibleModule, imei: str | None, interruption: Interruption) -> tuple[dict[str, t.Any], set[str]]:
    """Return the result of the task, and the secrets that were obtained."""
    given = _connect.existing_tokens(module)
    with _connect.retrying_client(module, interruption) as http:
        tokens = _connect.tokens(module, http)
        service = _connect.thingspace(module, http, tokens, interruption)
        try:
            access = read_access(service, imei)
        finally:
            ended = end_session(module, http, tokens)
        status = {
            "access_token": token_status(
                given.access, tokens.pair.access, tokens.lacking is ErrorKind.ACCESS_TOKEN, access.authenticated
            ),
            "session_token": token_status(
                given.session, tokens.pair.session, tokens.lacking is ErrorKind.SESSION_TOKEN, access.authenticated
            ),
        }
        return access_report.result(module.params["account"], access, status, ended), tokens.secrets()


def end_session(module: AnsibleModule, http: RetryingClient, tokens: Tokens) -> str | None:
    """End the session unless it was given. Return what became of it, ``None`` if the task started none."""
    try:
        return "The session was ended." if _connect.end_started_session(module, http, tokens) else None
    except ThingSpaceError as error:
        return f"The session could not be ended ({error}); it ends by itself after 20 minutes without use."


if __name__ == "__main__":
    main()
