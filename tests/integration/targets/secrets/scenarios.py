# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The plays, how each must end, and which secrets ansible-core itself leaves where."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ansible_collections.verizon.fota.tests.simulator.fleets import ACCOUNT

IMEI = "990003425730535"

CREDENTIALS = ("client_id", "client_secret", "username", "password")
TOKENS = ("access_token", "session_token")


@dataclass(frozen=True)
class Scenario:
    """A play and its expected result.

    says: texts in the output, which prove that what was meant to happen did.
    allowed: (place, kind of secret) that ansible-core leaves there; each must really be there.
    at_times: the same, for what some versions of ansible-core leave. Of what the role tokens runs, up to 2.21 keep the file: it is in
    a temporary directory of Ansible's own, which 2.22 deletes all the same.
    environment: which variables are given as THINGSPACE_… too. variables: other values than the valid ones.
    expire: the token that has expired. dead: nobody listens. sends: whether requests arrive.
    """

    play: dict[str, Any]
    says: tuple[str, ...]
    succeeds: bool = True
    allowed: frozenset[tuple[str, str]] = frozenset()
    at_times: frozenset[tuple[str, str]] = frozenset()
    faults: tuple[dict[str, Any], ...] = ()
    environment: tuple[str, ...] = ()
    variables: dict[str, Any] = field(default_factory=dict)
    expire: str = ""
    service_down: bool = False
    sends: bool = True


def values(*names: str, prefix: str = "") -> dict[str, str]:
    return {f"{prefix}{name}": f"{{{{ {name} }}}}" for name in names}


def tasks(*found: dict[str, Any]) -> dict[str, Any]:
    return {"tasks": [{"name": f"Task {count}", **task} for count, task in enumerate(found, start=1)]}


def remove(*given: str, **more: Any) -> dict[str, Any]:
    """Return the task that removes the license, with these options from variables."""
    options = {"account": ACCOUNT, "imeis": [IMEI], "journal": "{{ journal }}", **values(*given), **more}
    return {"verizon.fota.license_remove": options}


def info(*given: str, **more: Any) -> dict[str, Any]:
    """Return the task that reads all licenses, with these options from variables."""
    return {"verizon.fota.license_info": {"account": ACCOUNT, **values(*given), **more}}


def kept(module: str, *kinds: str) -> frozenset[tuple[str, str]]:
    """Return the secrets in the file of a module that ANSIBLE_KEEP_REMOTE_FILES keeps: its options."""
    return frozenset((f"AnsiballZ_{module}.py", kind) for kind in kinds)


def shown(*kinds: str) -> frozenset[tuple[str, str]]:
    return frozenset((place, kind) for place in ("output", "ansible.log") for kind in kinds)


SECRET_CREDENTIALS = ("client_id", "client_secret", "password")
LOG_IN: dict[str, Any] = {
    "ansible.builtin.import_role": {"name": "verizon.fota.tokens"},
    "vars": values(*CREDENTIALS, prefix="tokens_"),
}
LOG_OUT = {"ansible.builtin.import_role": {"name": "verizon.fota.tokens", "tasks_from": "logout"}}
SESSION = {"verizon.fota.session": values(*CREDENTIALS), "register": "thingspace", "no_log": True}
BY_SESSION = {name: f"{{{{ thingspace.{name} }}}}" for name in TOKENS}
REMOVED = "1 license removed."

SCENARIOS = {
    "role, module_defaults, logout": Scenario(
        tasks(
            LOG_IN,
            {
                "verizon.fota.license_remove": {"imeis": [IMEI], "journal": "{{ journal }}"},
                # On the play, 2.18 would evaluate the tokens before they exist.
                "module_defaults": {
                    "group/verizon.fota.fota": {
                        "account": ACCOUNT,
                        **{name: f"{{{{ tokens_{name} }}}}" for name in TOKENS},
                    },
                },
            },
            LOG_OUT,
        ),
        (REMOVED, "The session was ended."),
        allowed=kept("license_remove", *TOKENS),
        at_times=kept("session", *SECRET_CREDENTIALS, *TOKENS),
    ),
    "session with no_log": Scenario(
        tasks(SESSION, remove(**BY_SESSION)),
        (REMOVED,),
        allowed=kept("session", *SECRET_CREDENTIALS) | kept("license_remove", *TOKENS),
    ),
    # The tokens are its result; no_log hides them, as in the documentation. 2.22 masks them.
    "session without no_log": Scenario(
        tasks({"verizon.fota.session": values(*CREDENTIALS)}),
        ("An access token was obtained and a session was started.",),
        allowed=kept("session", *SECRET_CREDENTIALS),
        at_times=shown(*TOKENS),
    ),
    # Ansible cannot know that an unknown option is secret. 2.21 does not show it anyway.
    "misspelled option": Scenario(
        tasks({"verizon.fota.session": {**values("client_id"), "pasword": "{{ password }}"}}),
        ("Unsupported parameters",),
        succeeds=False,
        sends=False,
        allowed=kept("session", "client_id", "password"),
        at_times=shown("password"),
    ),
    "a password that is no text": Scenario(
        # It is rejected before anything is sent, so that the requests are those of the first task.
        tasks(remove(*TOKENS), {**LOG_IN, "vars": {**LOG_IN["vars"], "tokens_password": ["{{ password }}"]}}),
        ("password is not text: write it in quotes",),
        succeeds=False,
        allowed=kept("license_remove", *TOKENS),
        at_times=kept("session", *SECRET_CREDENTIALS),
    ),
    "environment": Scenario(
        tasks({"ansible.builtin.import_role": {"name": "verizon.fota.tokens"}}, remove()),
        (REMOVED,),
        environment=CREDENTIALS,
    ),
    "wrong password": Scenario(
        tasks(LOG_IN),
        ("login rejected; not retried",),
        succeeds=False,
        variables={"password": "Wm5xUg8r2"},
        at_times=kept("session", *SECRET_CREDENTIALS),
    ),
    "wrong client secret": Scenario(
        tasks(remove(*CREDENTIALS)),
        ("no access token was issued",),
        succeeds=False,
        variables={"client_secret": "Wm5xUg8r2"},
        allowed=kept("license_remove", *SECRET_CREDENTIALS),
    ),
    "expired session, renewed": Scenario(
        tasks(remove(*TOKENS, *CREDENTIALS)),
        (REMOVED,),
        expire="session",
        allowed=kept("license_remove", *SECRET_CREDENTIALS, *TOKENS),
    ),
    "expired session": Scenario(
        tasks(remove(*TOKENS)),
        ("the session token is wrong or has expired",),
        succeeds=False,
        expire="session",
        allowed=kept("license_remove", *TOKENS),
    ),
    "expired access token, renewed": Scenario(
        tasks(remove(*TOKENS, *CREDENTIALS)),
        (REMOVED,),
        expire="access_token",
        allowed=kept("license_remove", *SECRET_CREDENTIALS, *TOKENS),
    ),
    "expired access token": Scenario(
        tasks(remove(*TOKENS)),
        ("the access token is wrong or has expired",),
        succeeds=False,
        expire="access_token",
        allowed=kept("license_remove", *TOKENS),
    ),
    "removal echoes its tokens": Scenario(
        tasks(remove(*CREDENTIALS)),
        ("Rejected Authorization: Bearer ********",),
        succeeds=False,
        faults=({"kind": "echo", "on": "remove"},),
        allowed=kept("license_remove", *SECRET_CREDENTIALS),
    ),
    "licenses are read": Scenario(
        tasks(info(*CREDENTIALS, subscription=True), info(*CREDENTIALS, imeis=[IMEI])),
        ("1 licensed device.", "Of 1 device: 1 licensed"),
        allowed=kept("license_info", *SECRET_CREDENTIALS),
    ),
    "list of licenses echoes its tokens": Scenario(
        tasks(info(*CREDENTIALS)),
        ("Rejected Authorization: Bearer ********",),
        succeeds=False,
        faults=({"kind": "echo", "on": "licenses"},),
        allowed=kept("license_info", *SECRET_CREDENTIALS),
    ),
    "key is echoed": Scenario(
        tasks(LOG_IN),
        ("Rejected Authorization: Basic ********",),
        succeeds=False,
        faults=({"kind": "echo", "on": "token"},),
        at_times=kept("session", *SECRET_CREDENTIALS),
    ),
    "login echoes its token": Scenario(
        tasks(LOG_IN),
        ("Rejected Authorization: Bearer",),
        succeeds=False,
        faults=({"kind": "echo", "on": "login"},),
        at_times=kept("session", *SECRET_CREDENTIALS),
    ),
    "bad input": Scenario(
        tasks(remove(*TOKENS, *CREDENTIALS, account=642233522, timeout=0)),
        ("account is the number 642233522", "session_token is not a valid token", "timeout is 0"),
        succeeds=False,
        variables={"session_token": "Wm5xUg8r2 Fd7zNc4k6"},
        sends=False,
        allowed=kept("license_remove", *SECRET_CREDENTIALS, *TOKENS),
    ),
    "dead server": Scenario(
        tasks(remove(*TOKENS, *CREDENTIALS, retries=0)),
        ("cannot connect to",),
        succeeds=False,
        service_down=True,
        sends=False,
        allowed=kept("license_remove", *SECRET_CREDENTIALS, *TOKENS),
    ),
    "throttling": Scenario(
        tasks(remove(*TOKENS, *CREDENTIALS)),
        (REMOVED,),
        faults=({"kind": "throttled", "times": 2, "retry_after": "0"},),
        allowed=kept("license_remove", *SECRET_CREDENTIALS, *TOKENS),
    ),
    "async with poll": Scenario(
        tasks({**SESSION, "async": 60, "poll": 1}, {**remove(**BY_SESSION), "async": 60, "poll": 1}),
        (REMOVED,),
        allowed=kept("session", *SECRET_CREDENTIALS) | kept("license_remove", *TOKENS),
    ),
    "async without poll": Scenario(
        tasks(
            {**SESSION, "async": 60, "poll": 0},
            {
                "ansible.builtin.async_status": {"jid": "{{ thingspace.ansible_job_id }}"},
                "register": "thingspace",
                "until": "thingspace is finished",
                "retries": 60,
                "delay": 1,
                "no_log": True,
            },
            remove(**BY_SESSION),
        ),
        (REMOVED,),
        allowed=kept("session", *SECRET_CREDENTIALS)
        | kept("license_remove", *TOKENS)
        | {("a job file", kind) for kind in TOKENS},
    ),
}
