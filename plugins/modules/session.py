#!/usr/bin/python
# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: session
short_description: Obtain the access token and the session token for ThingSpace, or end the session
version_added: 1.0.0
author:
  - The verizon.fota contributors (@verizon-fota)
description:
  - Obtains an access token (OAuth) and a session token (login) for the other modules of this collection.
  - Log in once and reuse the tokens. A second login of the same user may end the first session.
  - A rejected login is never retried, because five consecutive rejected logins lock the user.
notes:
  - The result contains both tokens. Set C(no_log=true) on the task, or use the role P(verizon.fota.tokens#role), which does
    this and still shows why a login failed.
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
    details:
      - With C(poll=0), the tokens stay in the job file. Delete it, or obtain tokens without C(async).
  check_mode:
    support: partial
    details:
      - With O(state=present), tokens are also obtained in check mode, because the following tasks need them to read.
        This changes no device and no account.
      - With O(state=absent), nothing is sent in check mode, because others may use the session.
  diff_mode:
    support: none
  idempotent:
    support: partial
    details:
      - A session is started each time O(session_token) is missing. Pass the tokens to later tasks to keep the session.
      - Ending a session that has already ended changes nothing.
  platform:
    platforms: posix
    support: full
options:
  state:
    description:
      - The state of the session.
      - With V(present), missing tokens are obtained. Existing tokens are kept and not verified.
      - With V(absent), the session of O(session_token) is ended. This requires both tokens.
    type: str
    choices:
      - present
      - absent
    default: present
  account:
    description:
      - Not used. Accepted so that C(module_defaults) can set it for the whole action group.
    type: raw
seealso:
  - module: verizon.fota.license_remove
  - module: verizon.fota.license_info
  - name: Role verizon.fota.tokens
    description: Obtains the access token and the session token, once for the whole play.
    link: https://github.com/verizon-fota/ansible-collection-verizon-fota/tree/main/roles/tokens
  - name: Getting Credentials and Tokens
    description: How to get the key, secret, user and password.
    link: https://thingspace.verizon.com/documentation/apis/software-management/getting-started/get-credentials.html
"""

EXAMPLES = r"""
- name: Obtain both tokens
  verizon.fota.session:
    client_id: "{{ client_id }}"
    client_secret: "{{ client_secret }}"
    username: "{{ username }}"
    password: "{{ password }}"
  register: thingspace
  no_log: true

- name: End the session
  verizon.fota.session:
    state: absent
    access_token: "{{ thingspace.access_token }}"
    session_token: "{{ thingspace.session_token }}"
"""

RETURN = r"""
changed:
  description: Whether a token was obtained, or a session was ended.
  returned: always
  type: bool
  sample: true
msg:
  description: What was done.
  returned: always
  type: str
  sample: An access token was obtained and a session was started.
access_token:
  description: The access token. Secret.
  returned: success, when O(state=present)
  type: str
  sample: fbc324a2ba18d51282b52ff2dcd9f206
session_token:
  description: The session token. Secret.
  returned: success, when O(state=present)
  type: str
  sample: 43030179-9d93-40fd-8ef2-bbe67453f7c0
access_token_expires_in:
  description:
    - The remaining lifetime of the access token in seconds. V(null) if the token already existed, or if the service did not return this.
    - ThingSpace returns the same token again within its hour, so the value may be much less than an hour.
  returned: success, when O(state=present)
  type: int
  sample: 3600
session_started:
  description: Whether this task started the session, which you then have to end. V(false) if O(session_token) was set.
  returned: success, when O(state=present)
  type: bool
  sample: true
"""

import typing as t

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.verizon.fota.plugins.module_utils import _argument_spec, _connect, _secrets, _validation
from ansible_collections.verizon.fota.plugins.module_utils._http.retries import RetryingClient
from ansible_collections.verizon.fota.plugins.module_utils._support.concurrency import bug_report
from ansible_collections.verizon.fota.plugins.module_utils._support.interruption import on_signals
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.errors import (
    ErrorInfo,
    ErrorKind,
    ThingSpaceError,
)
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.tokens import logout


def present(module: AnsibleModule, http: RetryingClient) -> dict[str, t.Any]:
    """Obtain missing tokens, and return the result. Raise ``ThingSpaceError``."""
    existing = _connect.existing_tokens(module)
    pair = _connect.tokens(module, http).current()
    session_started = existing.session != pair.session
    done = []
    if existing.access != pair.access:
        done.append("an access token was obtained")
    if session_started:
        done.append("a session was started")
    msg = " and ".join(done) or "both tokens exist already"
    return {
        "changed": bool(done),
        "msg": f"{msg[0].upper()}{msg[1:]}.",
        "access_token": pair.access,
        "session_token": pair.session,
        "access_token_expires_in": pair.expires_in,
        "session_started": session_started,
    }


def absent(module: AnsibleModule, http: RetryingClient) -> dict[str, t.Any]:
    """End the session, except in check mode, and return the result. Raise ``ThingSpaceError``."""
    existing = _connect.existing_tokens(module)
    if None in (existing.access, existing.session):
        raise ThingSpaceError(
            ErrorInfo(ErrorKind.UNAUTHENTICATED, "access_token or session_token is empty: ending a session takes both")
        )
    if module.check_mode:
        return {"changed": True, "msg": "The session would be ended."}
    ended = logout(http, _connect.api_url(module), existing)
    return {"changed": ended, "msg": "The session was ended." if ended else "The session had ended already."}


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "account": {"type": "raw"},
            **_argument_spec.connection(),
        },
        required_if=[("state", "absent", ("access_token", "session_token"))],
        supports_check_mode=True,
    )
    module.params.update(_validation.without_line_breaks(module.params))
    problem = "\n".join(_validation.connection_errors(module.params)) or _validation.missing_library()
    if problem:
        module.fail_json(**_secrets.redact_result(module, {"msg": problem}))
    try:
        with on_signals() as interruption, _connect.retrying_client(module, interruption) as http:
            result = (present if module.params["state"] == "present" else absent)(module, http)
    except ThingSpaceError as error:
        obtained = [_connect.credentials(module).basic()]
        module.fail_json(**_secrets.redact_result(module, {"msg": str(error)}, obtained))
    except Exception as error:
        # A play that shows the message later would not show a traceback.
        module.fail_json(**_secrets.redact_result(module, {"msg": bug_report(error)}))
    module.exit_json(**_secrets.redact_result(module, result, returned=("access_token", "session_token")))


if __name__ == "__main__":
    main()
