# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which certificates of servers are trusted.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import ipaddress
import os
from urllib.parse import urlsplit

from ansible_collections.verizon.fota.plugins.module_utils._http.libraries import ssl, urllib3


class InvalidCABundle(ValueError):
    """A file or directory of trusted certificates that cannot be used."""


def verification(validate_certs: bool, ca_path: str | None) -> bool | str:
    """Return what ``requests`` takes as ``verify``: whether to verify certificates, or the path of the trusted ones."""
    if not validate_certs:
        return False
    path = ca_path or os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE")
    return os.path.abspath(os.path.expanduser(path)) if path else True


def create_context(url: str, verify: bool | str) -> ssl.SSLContext:
    """Return the TLS settings for a server. Raises ``InvalidCABundle`` before anything is sent."""
    # requests adds the trusted certificates to it when it connects.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # Before version 2, urllib3 does not pass IP addresses to the TLS library, but checks the certificate itself.
    if urllib3.__version__.startswith("1.") and _is_address(urlsplit(url).hostname or ""):
        context.check_hostname = False
    if not verify:
        context.check_hostname = False
        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
    if isinstance(verify, str):
        if not os.path.lexists(verify):
            raise InvalidCABundle(f"{verify} does not exist")
        try:
            # Only to find out now whether it can be used.
            context.load_verify_locations(**{"capath" if os.path.isdir(verify) else "cafile": verify})
        except OSError as error:
            raise InvalidCABundle(
                f"{verify} contains no certificates in PEM format: {error.strerror or error}"
            ) from None
    return context


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
