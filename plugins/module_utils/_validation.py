# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wrong with the values of options: account, devices, connection. Collects all errors before anything is sent.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import ipaddress
import platform
import re
import sys
import typing as t
from dataclasses import fields
from urllib.parse import urlsplit

from ansible.module_utils.basic import missing_required_lib

from ansible_collections.verizon.fota.plugins.module_utils._connection_options import (
    CONNECTION_OPTIONS,
    TOKENS,
    TOKENS_AND_CREDENTIALS,
)
from ansible_collections.verizon.fota.plugins.module_utils._http.client import Client, Connection
from ansible_collections.verizon.fota.plugins.module_utils._http.libraries import REQUESTS_IMPORT_ERROR
from ansible_collections.verizon.fota.plugins.module_utils._http.proxies import InvalidProxy
from ansible_collections.verizon.fota.plugins.module_utils._http.tls import InvalidCABundle
from ansible_collections.verizon.fota.plugins.module_utils._input import imei_files, imei_validation
from ansible_collections.verizon.fota.plugins.module_utils._input.account import account_errors
from ansible_collections.verizon.fota.plugins.module_utils._input.file_contents import Contents
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.tokens import is_valid_token

_NO_ACCOUNT = "account is empty or missing: give the name of the account, or set THINGSPACE_ACCOUNT"
_LINE_BREAK_AT_END = re.compile(r"(?:\r\n|\n|\r)\Z")
_CONTROL_CHARACTER = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
# The lowest and the highest value of each number.
BOUNDS: dict[str, tuple[float, float]] = {
    **{option.name: option.bounds for option in CONNECTION_OPTIONS if option.bounds},
    "concurrency": (1, 64),
    "batch_size": (1, 1000),
    "max_removals": (0, float("inf")),
    "max_assignments": (0, float("inf")),
    "max_share": (0, 1),
    "wait_timeout": (0, 86400),
}


def without_line_breaks(params: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return the same parameters, without a line break at the end of a token, credential, URL or account."""
    texts = {name: params.get(name) for name in ("account", "api_url", *TOKENS_AND_CREDENTIALS)}
    stripped = {name: _LINE_BREAK_AT_END.sub("", text) for name, text in texts.items() if isinstance(text, str)}
    return {**params, **stripped}


def validate(params: t.Mapping[str, t.Any], needs_imeis: bool = True) -> tuple[Contents | None, list[str]]:
    """Return the devices, and all errors in the options of devices, account and connection.

    The devices are ``None`` if neither option is set, which is an error if ``needs_imeis``.
    """
    errors = service_errors(params)
    try:
        found = devices(params)
    except imei_validation.InvalidIMEIs as error:
        return None, [*errors, str(error)]
    if found is None and needs_imeis:
        errors.append("no devices are given: set imeis to a list of IMEIs, or imeis_file to a path")
    return found, errors


def devices(params: t.Mapping[str, t.Any]) -> Contents | None:
    """Return the devices of a file or list, ``None`` if neither option is set. Raises ``InvalidIMEIs``."""
    if params["imeis_file"] is not None:
        return imei_files.read(params["imeis_file"], params["imeis_column"], params["imeis_name_column"])
    if params["imeis"] is not None:
        return Contents(imei_validation.from_list(params["imeis"]))
    return None


def service_errors(params: t.Mapping[str, t.Any]) -> list[str]:
    """Return all errors in the values of the account and the connection options."""
    return [*account_errors(params["account"], _NO_ACCOUNT), *connection_errors(params)]


def connection_errors(params: t.Mapping[str, t.Any]) -> list[str]:
    """Return all errors in the values of the connection options."""
    errors = [*_url_errors(params["api_url"]), *_number_errors(params)]
    if not errors and not REQUESTS_IMPORT_ERROR:
        try:
            Client(connection(params))
        except InvalidCABundle as error:
            errors.append(f"ca_path, REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE: {error}")
        except InvalidProxy as error:
            errors.append(str(error))
    for name in TOKENS_AND_CREDENTIALS:
        errors += _credential_errors(name, params[name])
    return errors


def number_error(name: str) -> str:
    """Return the message that rejects a number where text belongs."""
    return f"{name} is a number, and YAML drops leading zeros and reads 0… as octal: write it in quotes"


def _credential_errors(name: str, value: object) -> list[str]:
    # No message contains the value: it may be nearly right.
    if value is None:
        return []
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return [number_error(name)]
    if not isinstance(value, str):
        return [f"{name} is not text: write it in quotes"]
    if name in TOKENS:
        if is_valid_token(value.strip()):
            return []
        return [f"{name} is not a valid token: it contains blanks, control characters or letters beyond ASCII"]
    if _CONTROL_CHARACTER.search(value):
        return [f"{name} contains a line break, tab or other control character; nothing was sent"]
    return []


def missing_library() -> str | None:
    """Return a message if the library ``requests`` is missing or broken."""
    if not REQUESTS_IMPORT_ERROR:
        return None
    error = REQUESTS_IMPORT_ERROR.strip().splitlines()[-1]
    if error.startswith("ModuleNotFoundError"):
        return f"{missing_required_lib('requests')} ({error})"
    return f"the Python library requests is installed, but broken, for {sys.executable} on {platform.node()}: {error}"


def connection(params: t.Mapping[str, t.Any]) -> Connection:
    """Return the connection that validated options describe. A field of ``Connection`` that has the name of an option is set."""
    names = {field.name for field in fields(Connection)}
    options = {option.name: params[option.name] for option in CONNECTION_OPTIONS if option.name in names}
    return Connection(params["api_url"], parallel=params.get("concurrency", 1), **options)


def _url_errors(url: str) -> list[str]:
    if _CONTROL_CHARACTER.search(url):
        return ["api_url contains a line break, tab or other control character; nothing was sent"]
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname or "", parts.port
    except ValueError as error:
        return [f"api_url is not a URL: {error}"]
    if parts.username is not None or parts.password is not None:
        return ["api_url must not contain a user name or password, because messages would show them"]
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


def _number_errors(params: t.Mapping[str, t.Any]) -> list[str]:
    errors = []
    for name, (lowest, highest) in BOUNDS.items():
        value = params.get(name)
        if value is not None and not lowest <= value <= highest:
            bounds = f"between {lowest} and {highest}" if highest != float("inf") else f"at least {lowest}"
            errors.append(f"{name} is {value}; it must be {bounds}")
    return errors
