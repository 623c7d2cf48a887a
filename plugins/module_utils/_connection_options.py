# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The connection options: name, type, default, limits, environment variable and documentation of each.

This is the only list of them. The argument specs of the modules, their documentation, the options of the roles and the lookup
plugin ``connection_options`` are derived from it. After a change, run ``python -m tests.role_options``.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

# What an option is for.
TOKEN, CREDENTIAL, SERVER = "token", "credential", "server"


@dataclass(frozen=True)
class ConnectionOption:
    """An option of every module that sends requests, and, with a prefix, of the roles.

    In ``description``, ``O(name)`` is another connection option; ``in_modules`` and ``in_roles`` follow it there only.
    ``variable``: the environment variable that sets the option if it is not given. ``requests_variables``: those that the library
    ``requests`` reads itself. ``else_from``: where the value comes from after that, if there is no ``default``.
    ``version_added``: the version of the collection that added it, if that was not the first one.
    """

    name: str
    purpose: str
    type: str
    description: tuple[str, ...]
    in_modules: tuple[str, ...] = ()
    in_roles: tuple[str, ...] = ()
    variable: str = ""
    requests_variables: tuple[str, ...] = ()
    else_from: str = ""
    default: t.Any = None
    bounds: tuple[float, float] | None = None
    no_log: bool = False
    version_added: str = ""


_RELATIVE = "A relative path, also one from an environment variable, is relative to the directory"
_RELATIVE_IN_MODULES = f"{_RELATIVE} of the playbook."
_RELATIVE_IN_ROLES = f"{_RELATIVE} in which C(ansible-playbook) was started."

# Tokens and credentials are raw: a number is rejected, because YAML has already changed it, instead of converted to text and sent.
CONNECTION_OPTIONS = (
    ConnectionOption(
        "access_token",
        TOKEN,
        "raw",
        (
            "The ThingSpace access token (OAuth), which is valid for one hour. If it is missing, one is obtained with O(client_id)"
            " and O(client_secret).",
        ),
        in_modules=("The role P(verizon.fota.tokens#role) obtains it, too.",),
        variable="THINGSPACE_ACCESS_TOKEN",
        no_log=True,
    ),
    ConnectionOption(
        "session_token",
        TOKEN,
        "raw",
        (
            "The session token of a Connectivity Management user (C(VZ-M2M-Token)), which expires after 20 minutes without use. If"
            " it is missing, a session is started with O(username) and O(password).",
        ),
        in_modules=("The role P(verizon.fota.tokens#role) obtains it, too.",),
        variable="THINGSPACE_SESSION_TOKEN",
        no_log=True,
    ),
    ConnectionOption(
        "client_id",
        CREDENTIAL,
        "raw",
        (
            "The key of the ThingSpace application. Together with O(client_secret), it is used to obtain an access token if"
            " O(access_token) is missing, and a new one if the token expires during the run.",
        ),
        variable="THINGSPACE_CLIENT_ID",
        no_log=True,
    ),
    ConnectionOption(
        "client_secret",
        CREDENTIAL,
        "raw",
        ("The secret of the ThingSpace application.",),
        variable="THINGSPACE_CLIENT_SECRET",
        no_log=True,
    ),
    ConnectionOption(
        "username",
        CREDENTIAL,
        "raw",
        (
            "The user of Connectivity Management. Together with O(password), it is used to start a session if O(session_token) is"
            " missing, and a new one if the session expires during the run.",
            "Five consecutive rejected logins lock the user, and only Verizon's support can unlock it. Therefore, a rejected login"
            " is never retried.",
        ),
        variable="THINGSPACE_USERNAME",
    ),
    ConnectionOption(
        "password",
        CREDENTIAL,
        "raw",
        ("The password of the user. Write it in quotes; a number is rejected, because YAML may have changed it.",),
        variable="THINGSPACE_PASSWORD",
        no_log=True,
    ),
    ConnectionOption(
        "api_url",
        SERVER,
        "str",
        ("The address of the ThingSpace API. Plain C(http) is accepted only for loopback addresses.",),
        in_modules=(
            "Proxy settings are read from the usual environment variables, such as E(HTTPS_PROXY) and E(NO_PROXY).",
        ),
        variable="THINGSPACE_API_URL",
        default="https://thingspace.verizon.com/api",
    ),
    ConnectionOption(
        "validate_certs",
        SERVER,
        "bool",
        ("Whether to verify the certificate of the server. Do not set this to V(false) outside of tests.",),
        default=True,
    ),
    ConnectionOption(
        "ca_path",
        SERVER,
        "path",
        (
            "A file with the certificates of the trusted certificate authorities (CAs), in PEM format, or a directory of such files"
            " prepared with C(openssl rehash).",
        ),
        in_modules=(_RELATIVE_IN_MODULES,),
        in_roles=(_RELATIVE_IN_ROLES,),
        requests_variables=("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"),
        else_from="the CAs of the Python library C(requests)",
    ),
    ConnectionOption(
        "timeout",
        SERVER,
        "float",
        ("How long to wait for the response to one request, in seconds, from 0.1 to 600.",),
        in_modules=(
            "Connecting takes at most 10 seconds of this time.",
            "A request without a usable response fails after its O(retries), or when all its attempts together have taken twice"
            " this time; four times if the service asks to wait. If no other request got a response in that time either, the"
            " service is considered unavailable and the run stops.",
        ),
        default=30,
        bounds=(0.1, 600),
    ),
    ConnectionOption(
        "retries",
        SERVER,
        "int",
        (
            "How many times to retry a request that could not be delivered or returned no usable response, from 0 to 10. A login"
            " that may have reached the service is never retried.",
        ),
        in_modules=(
            "A request that the service throttles is retried, after the wait that the service asks for, until four times"
            " O(timeout) have passed. In the meantime, fewer requests are in flight.",
        ),
        default=3,
        bounds=(0, 10),
    ),
    ConnectionOption(
        "trace",
        SERVER,
        "path",
        (
            "A file to which each request and its response are appended, as one line of JSON. Tokens and credentials are redacted;"
            " accounts, IMEIs and names are replaced by pseudonyms, so that the file can be attached to a public report of a problem.",
            "A second file, whose name ends with C(.key), contains the key of the pseudonyms. Do not publish it.",
            "If the file cannot be written, a warning says so, and the task does everything else.",
        ),
        in_modules=(_RELATIVE_IN_MODULES,),
        in_roles=(_RELATIVE_IN_ROLES,),
        variable="THINGSPACE_TRACE",
        version_added="1.1.0",
    ),
)

TOKENS = tuple(option.name for option in CONNECTION_OPTIONS if option.purpose == TOKEN)
TOKENS_AND_CREDENTIALS = tuple(option.name for option in CONNECTION_OPTIONS if option.purpose in (TOKEN, CREDENTIAL))
SECRETS = tuple(option.name for option in CONNECTION_OPTIONS if option.no_log)
