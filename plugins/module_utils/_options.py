# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!
"""The options that all modules share, checked, and the client that they make. The one layer that knows AnsibleModule."""

from __future__ import annotations

import ipaddress
import typing as t
from contextlib import contextmanager
from urllib.parse import urlsplit

from ansible.module_utils.basic import AnsibleModule, env_fallback, missing_required_lib
from ansible.module_utils.errors import AnsibleFallbackNotFound

from ansible_collections.verizon.fota.plugins.module_utils import _imei
from ansible_collections.verizon.fota.plugins.module_utils._account import account_faults
from ansible_collections.verizon.fota.plugins.module_utils._http import (
    REQUESTS_IMPORT_ERROR,
    BadAuthorities,
    Client,
    Connection,
    InvalidProxy,
)
from ansible_collections.verizon.fota.plugins.module_utils._interruption import Interruption
from ansible_collections.verizon.fota.plugins.module_utils._pace import Pace
from ansible_collections.verizon.fota.plugins.module_utils._retries import Patience, Sender
from ansible_collections.verizon.fota.plugins.module_utils._tokens import Credentials, Pair, Tokens, usable

_TOKENS = ("access_token", "session_token")


def _filled_variable(*names: str) -> str:
    """Give an environment variable. An empty one is a missing one: AWX sets those of fields that nobody filled in."""
    value = str(env_fallback(*names))
    if not value.strip():
        raise AnsibleFallbackNotFound
    return value


def _environment(name: str, **option: t.Any) -> dict[str, t.Any]:
    return {**option, "fallback": (_filled_variable, [f"THINGSPACE_{name.upper()}"])}


def connection_spec() -> dict[str, t.Any]:
    """Give the argument spec of the tokens, the credentials and the connection."""
    return {
        **{name: _environment(name, type="str", no_log=True) for name in _TOKENS},
        "client_id": _environment("client_id", type="str", no_log=True),
        "client_secret": _environment("client_secret", type="str", no_log=True),
        "username": _environment("username", type="str"),
        "password": _environment("password", type="str", no_log=True),
        "api_url": _environment("api_url", type="str", default="https://thingspace.verizon.com/api"),
        "validate_certs": {"type": "bool", "default": True},
        "ca_path": {"type": "path"},
        "timeout": {"type": "float", "default": 30},
        "retries": {"type": "int", "default": 3},
    }


def account_spec() -> dict[str, t.Any]:
    """Give the argument spec of the account; raw, since a number has to be refused instead of made into text."""
    return {"account": _environment("account", type="raw", required=True)}


def imeis_spec() -> dict[str, t.Any]:
    """Give the argument spec of the devices that a task is about, and of how they are sent."""
    return {
        "imeis": {"type": "list", "elements": "raw"},
        "imeis_file": {"type": "path"},
        "batch_size": {"type": "int", "default": 1000},
        "concurrency": {"type": "int", "default": 4},
    }


def checked(params: t.Mapping[str, t.Any], needs_imeis: bool = True) -> tuple[list[str] | None, list[str]]:
    """Give the IMEIs, and everything that is wrong with them, the account and the connection.

    They are None where neither option names any, which is wrong if C(needs_imeis).
    """
    imeis: list[str] | None = None
    found = [*account_faults(params["account"]), *connection_faults(params)]
    try:
        if params["imeis_file"] is not None:
            imeis = _imei.from_file(params["imeis_file"])
        elif params["imeis"] is not None or needs_imeis:
            imeis = _imei.from_list(params["imeis"])
    except _imei.BadIMEIs as error:
        found.append(str(error))
    return imeis, found


def connection_faults(params: t.Mapping[str, t.Any]) -> list[str]:
    """Say everything that is wrong with the values of these options; empty when they can be used."""
    found = [*_url_faults(params["api_url"]), *_number_faults(params)]
    if not found and not REQUESTS_IMPORT_ERROR:
        try:
            Client(_connection(params))
        except BadAuthorities as error:
            found.append(f"ca_path, REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE: {error}")
        except InvalidProxy as error:
            found.append(str(error))
    for name in _TOKENS:
        token = params[name]
        if token is not None and not usable(token.strip()):
            found.append(f"{name} is no token: it holds blanks, control characters or letters beyond ASCII")
    return found


def missing_library() -> str | None:
    """Say what to install where the library for HTTP is missing, or broken."""
    if not REQUESTS_IMPORT_ERROR:
        return None
    return f"{missing_required_lib('requests')} ({REQUESTS_IMPORT_ERROR.strip().splitlines()[-1]})"


@contextmanager
def sender(module: AnsibleModule, interruption: Interruption) -> t.Iterator[Sender]:
    """Make what sends requests from checked options; its connections end with the block."""
    with Client(_connection(module.params)) as client:
        yield Sender(client, patience(module, interruption), Pace(module.params.get("concurrency", 1)))


def patience(module: AnsibleModule, interruption: Interruption) -> Patience:
    """Give how long a request is tried: twice the time-out, and four times where the service asks to wait."""
    timeout = module.params["timeout"]
    return Patience(
        retries=module.params["retries"],
        silence=2 * timeout,
        throttling=4 * timeout,
        longest_wait=2 * timeout,
        sleep=interruption.sleep,
    )


def api_url(module: AnsibleModule) -> str:
    return str(module.params["api_url"]).rstrip("/")


def credentials(module: AnsibleModule) -> Credentials:
    params = module.params
    return Credentials(
        params["client_id"] or None,
        params["client_secret"] or None,
        params["username"] or None,
        params["password"] or None,
    )


def given(module: AnsibleModule) -> Pair:
    """Give the tokens that stand in the options. An empty one is a missing one."""
    access, session = ((module.params[name] or "").strip() or None for name in _TOKENS)
    return Pair(access, session)


def tokens(module: AnsibleModule, http: Sender) -> Tokens:
    return Tokens(http, api_url(module), credentials(module), given(module))


def hide(module: AnsibleModule, secrets: t.Iterable[str]) -> None:
    """Have Ansible strike out secrets from the result, where a service may echo them. It knows those in options itself."""
    module.no_log_values.update(secrets)


def show(module: AnsibleModule, secrets: t.Iterable[str | None]) -> None:
    """Have Ansible leave these in the result, although they were given as secrets: they are what the task is for."""
    module.no_log_values.difference_update(secrets)


def striker(secrets: t.Iterable[str]) -> t.Callable[[str], str]:
    """Give what strikes these secrets out of a text, as Ansible does with results."""
    longest_first = sorted((secret for secret in secrets if secret.strip()), key=len, reverse=True)

    def strike(text: str) -> str:
        for secret in longest_first:
            text = text.replace(secret, "********")
        return text

    return strike


def secrets(module: AnsibleModule) -> set[str]:
    """Give the secrets that stand in the options."""
    names = (*_TOKENS, "client_id", "client_secret", "password")
    return {str(module.params[name]).strip() for name in names if module.params[name]}


def _connection(params: t.Mapping[str, t.Any]) -> Connection:
    return Connection(
        params["api_url"],
        validate_certs=params["validate_certs"],
        ca_path=params["ca_path"],
        timeout=params["timeout"],
        parallel=params.get("concurrency", 1),
    )


def _url_faults(url: str) -> list[str]:
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname or "", parts.port
    except ValueError as error:
        return [f"api_url is not a URL: {error}"]
    if parts.username is not None or parts.password is not None:
        return ["api_url must not hold a user name or password: they would show in messages"]
    if parts.scheme not in ("http", "https") or not host or parts.query or parts.fragment:
        return ["api_url must look like https://thingspace.verizon.com/api"]
    if parts.scheme == "http" and not _is_loopback(host):
        return [f"api_url uses plain http, which would show the tokens on the way to {host}: use https"]
    return []


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


# name: lowest and highest value, what is wrong with others
_BOUNDS: dict[str, tuple[float, float]] = {
    "timeout": (0.1, 600),
    "retries": (0, 10),
    "concurrency": (1, 64),
    "batch_size": (1, 1000),
    "max_removals": (0, float("inf")),
    "max_share": (0, 1),
    "wait_timeout": (0, 86400),
}


def _number_faults(params: t.Mapping[str, t.Any]) -> list[str]:
    found = []
    for name, (lowest, highest) in _BOUNDS.items():
        value = params.get(name)
        if value is not None and not lowest <= value <= highest:
            wanted = f"between {lowest} and {highest}" if highest != float("inf") else f"at least {lowest}"
            found.append(f"{name} is {value}; it must be {wanted}")
    return found
