# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which proxy of the environment is used, and whether it can be.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import re
import sys
import typing as t
from urllib.parse import urlsplit

from ansible_collections.verizon.fota.plugins.module_utils._http.libraries import requests, urllib3

# Scheme, user and password, host and port: what is written in another way might show a password.
_PROXY = re.compile(r"((?:[A-Za-z0-9]+://)?)(?:.*@)?([A-Za-z0-9._-]+(?::[0-9]+)?|\[[0-9A-Fa-f:.]+\](?::[0-9]+)?)/?")


class InvalidProxy(ValueError):
    """The proxy that the environment names cannot be used."""


def use_environment_proxies(session: requests.Session, url: str) -> None:
    """Set the proxies of the environment. Raises ``InvalidProxy`` before anything is sent."""
    # Plain HTTP is allowed only to loopback: a proxy would see the tokens.
    if urlsplit(url).scheme != "https":
        return
    proxy = requests.utils.select_proxy(url, requests.utils.get_environ_proxies(url))
    if proxy:
        # Without a scheme, requests does not accept a user and a password.
        address = proxy if "://" in proxy else f"http://{proxy}"
        _check(session.get_adapter(url), proxy, address)
        session.proxies = {"https": address}


def _check(adapter: t.Any, proxy: str, address: str) -> None:
    parts = _PROXY.fullmatch(proxy)
    name = f" {parts[1]}{parts[2]}" if parts else ""
    try:
        if not urllib3.util.parse_url(address).host:
            raise ValueError
        adapter.proxy_manager_for(address)
    except requests.exceptions.InvalidSchema:
        # requests raises it for nothing else here.
        raise InvalidProxy(
            f"the proxy{name} of the environment needs PySocks, which is missing:"
            f" {sys.executable} -m pip install 'requests[socks]'"
        ) from None
    except ValueError:
        raise InvalidProxy(
            f"the proxy{name} of the environment cannot be used: its address must look like http://host:port"
        ) from None
