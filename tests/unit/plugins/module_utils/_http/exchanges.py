# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Single exchanges with a server, successful and failing."""

from __future__ import annotations

import ssl
import typing as t

import pytest
import trustme

from ansible_collections.verizon.fota.plugins.module_utils._http.client import Client, Connection
from ansible_collections.verizon.fota.plugins.module_utils._http.messages import Request, Response
from ansible_collections.verizon.fota.plugins.module_utils._http.transport_errors import TransportError


def exchange(
    url: str,
    method: str = "GET",
    body: bytes | None = None,
    headers: dict[str, str] | None = None,
    **connection: t.Any,
) -> Response:
    with Client(Connection(url, **{"timeout": 5, **connection})) as client:
        return client.exchange(Request(method, url, headers or {}, body))


def failing_exchange(url: str, **options: t.Any) -> TransportError:
    """Return why no response arrived."""
    with pytest.raises(TransportError) as caught:
        exchange(url, **options)
    return caught.value


def tls_server_context(authority: trustme.CA, name: str = "localhost") -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return context
