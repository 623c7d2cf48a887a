# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options that all modules share, checked, and the client that they make. The one layer that knows AnsibleModule.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import ipaddress
import platform
import re
import sys
import typing as t
from contextlib import contextmanager
from urllib.parse import urlsplit

from ansible.module_utils.basic import AnsibleModule, env_fallback, missing_required_lib
from ansible.module_utils.errors import AnsibleFallbackNotFound

from ansible_collections.verizon.fota.plugins.module_utils._http.client import Client, Connection
from ansible_collections.verizon.fota.plugins.module_utils._http.concurrency_limiter import ConcurrencyLimiter
from ansible_collections.verizon.fota.plugins.module_utils._http.libraries import REQUESTS_IMPORT_ERROR
from ansible_collections.verizon.fota.plugins.module_utils._http.proxies import InvalidProxy
from ansible_collections.verizon.fota.plugins.module_utils._http.retries import RetryingClient, RetryPolicy
from ansible_collections.verizon.fota.plugins.module_utils._http.tls import InvalidCABundle
from ansible_collections.verizon.fota.plugins.module_utils._input import imei_files, imei_validation
from ansible_collections.verizon.fota.plugins.module_utils._input.account import account_faults
from ansible_collections.verizon.fota.plugins.module_utils._support.interruption import Interruption
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.tokens import (
    Credentials,
    TokenPair,
    Tokens,
    is_valid_token,
)

_TOKENS = ("access_token", "session_token")
_CREDENTIALS = ("client_id", "client_secret", "username", "password")
TOKENS_AND_CREDENTIALS = (*_TOKENS, *_CREDENTIALS)
_NO_ACCOUNT = "account is empty or missing: give the name of the account, or set THINGSPACE_ACCOUNT"
_LINE_BREAK_AT_END = re.compile(r"(?:\r\n|\n|\r)\Z")
_CONTROL_CHARACTER = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def _filled_variable(*names: str) -> str:
    """Return an environment variable. An empty one is a missing one: AWX sets those of fields that nobody filled in."""
    value = str(env_fallback(*names))
    if not value.strip():
        raise AnsibleFallbackNotFound
    return value


def _variable_or_nothing(*names: str) -> str:
    """Return an environment variable, or nothing, for an option whose absence is said in our own words."""
    try:
        return _filled_variable(*names)
    except AnsibleFallbackNotFound:
        return ""


def _environment(name: str, **option: t.Any) -> dict[str, t.Any]:
    return {**option, "fallback": (_filled_variable, [f"THINGSPACE_{name.upper()}"])}


def connection_spec() -> dict[str, t.Any]:
    """Return the argument spec of the tokens, the credentials and the connection.

    Credentials are raw: a number has to be rejected, since YAML has changed it already, instead of made into text and sent.
    """
    return {
        **{name: _environment(name, type="raw", no_log=True) for name in _TOKENS},
        "client_id": _environment("client_id", type="raw", no_log=True),
        "client_secret": _environment("client_secret", type="raw", no_log=True),
        "username": _environment("username", type="raw"),
        "password": _environment("password", type="raw", no_log=True),
        "api_url": _environment("api_url", type="str", default="https://thingspace.verizon.com/api"),
        "validate_certs": {"type": "bool", "default": True},
        "ca_path": {"type": "path"},
        "timeout": {"type": "float", "default": 30},
        "retries": {"type": "int", "default": 3},
    }


def account_spec() -> dict[str, t.Any]:
    """Return the argument spec of the account; raw, since a number has to be rejected instead of made into text."""
    fallback = (_variable_or_nothing, ["THINGSPACE_ACCOUNT"])
    return {"account": {"type": "raw", "required": True, "fallback": fallback}}


def imeis_spec() -> dict[str, t.Any]:
    """Return the argument spec of the devices that a task is about, and of how they are sent."""
    return {
        "imeis": {"type": "list", "elements": "raw"},
        "imeis_file": {"type": "path"},
        "imeis_column": {"type": "str"},
        "imeis_name_column": {"type": "str"},
        "batch_size": {"type": "int", "default": 1000},
        "concurrency": {"type": "int", "default": 4},
    }


def strip_line_breaks(module: AnsibleModule) -> None:
    """Remove the line break that files and environment variables often leave at the end of a credential, URL or account."""
    module.params.update(stripped(module.params))


def stripped(params: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return the same parameters, without a line break at the end of a credential, URL or account."""
    texts = {name: params.get(name) for name in ("account", "api_url", *_TOKENS, *_CREDENTIALS)}
    without = {name: _LINE_BREAK_AT_END.sub("", text) for name, text in texts.items() if isinstance(text, str)}
    return {**params, **without}


def validate(params: t.Mapping[str, t.Any], needs_imeis: bool = True) -> tuple[imei_files.Contents | None, list[str]]:
    """Return the devices, and everything that is wrong with them, the account and the connection.

    The devices are None if neither option names any, which is wrong if ``needs_imeis``.
    """
    devices: imei_files.Contents | None = None
    found = [*account_faults(params["account"], _NO_ACCOUNT), *connection_faults(params)]
    try:
        if params["imeis_file"] is not None:
            devices = imei_files.read(params["imeis_file"], params["imeis_column"], params["imeis_name_column"])
        elif params["imeis"] is not None:
            devices = imei_files.Contents(imei_validation.from_list(params["imeis"]))
        elif needs_imeis:
            found.append("no devices are given: set imeis to a list of IMEIs, or imeis_file to a path")
    except imei_validation.BadIMEIs as error:
        found.append(str(error))
    return devices, found


def connection_faults(params: t.Mapping[str, t.Any]) -> list[str]:
    """Return everything that is wrong with the values of these options; empty if they can be used."""
    found = [*_url_faults(params["api_url"]), *_number_faults(params)]
    if not found and not REQUESTS_IMPORT_ERROR:
        try:
            Client(_connection(params))
        except InvalidCABundle as error:
            found.append(f"ca_path, REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE: {error}")
        except InvalidProxy as error:
            found.append(str(error))
    for name in TOKENS_AND_CREDENTIALS:
        found += _credential_faults(name, params[name])
    return found


def number_fault(name: str) -> str:
    """Return what is wrong with a number where text belongs."""
    return f"{name} is a number, and YAML drops leading zeros and reads 0… as octal: write it in quotes"


def _credential_faults(name: str, value: object) -> list[str]:
    # The value itself is in none of these: it may be nearly right.
    if value is None:
        return []
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return [number_fault(name)]
    if not isinstance(value, str):
        return [f"{name} is not text: write it in quotes"]
    if name in _TOKENS:
        if is_valid_token(value.strip()):
            return []
        return [f"{name} is not a valid token: it contains blanks, control characters or letters beyond ASCII"]
    if _CONTROL_CHARACTER.search(value):
        return [f"{name} contains a line break, tab or other control character; nothing was sent"]
    return []


def missing_library() -> str | None:
    """Return what to do if the library for HTTP is missing or broken."""
    if not REQUESTS_IMPORT_ERROR:
        return None
    error = REQUESTS_IMPORT_ERROR.strip().splitlines()[-1]
    if error.startswith("ModuleNotFoundError"):
        return f"{missing_required_lib('requests')} ({error})"
    return f"the Python library requests is installed, but broken, for {sys.executable} on {platform.node()}: {error}"


@contextmanager
def sender(module: AnsibleModule, interruption: Interruption) -> t.Iterator[RetryingClient]:
    """Make what sends requests from checked options; its connections end with the block."""
    with Client(_connection(module.params)) as client:
        yield RetryingClient(
            client, retry_policy(module, interruption), ConcurrencyLimiter(module.params.get("concurrency", 1))
        )


def retry_policy(module: AnsibleModule, interruption: Interruption) -> RetryPolicy:
    """Return how long a request is tried: twice the timeout, and four times where the service asks to wait."""
    timeout = module.params["timeout"]
    return RetryPolicy(
        retries=module.params["retries"],
        max_silence=2 * timeout,
        max_throttled=4 * timeout,
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


def given(module: AnsibleModule) -> TokenPair:
    """Return the tokens that stand in the options. An empty one is a missing one."""
    access, session = ((module.params[name] or "").strip() or None for name in _TOKENS)
    return TokenPair(access, session)


def tokens(module: AnsibleModule, http: RetryingClient) -> Tokens:
    return Tokens(http, api_url(module), credentials(module), given(module))


def _connection(params: t.Mapping[str, t.Any]) -> Connection:
    return Connection(
        params["api_url"],
        validate_certs=params["validate_certs"],
        ca_path=params["ca_path"],
        timeout=params["timeout"],
        parallel=params.get("concurrency", 1),
    )


def _url_faults(url: str) -> list[str]:
    if _CONTROL_CHARACTER.search(url):
        return ["api_url contains a line break, tab or other control character; nothing was sent"]
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
