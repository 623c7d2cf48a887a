# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One HTTP exchange: connections, redirects, timeouts, size limits. Knows nothing of ThingSpace.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import time
import typing as t
from dataclasses import dataclass
from urllib.parse import urlsplit

from ansible_collections.verizon.fota.plugins.module_utils._http.connection_pool import ExchangeState, create_adapter
from ansible_collections.verizon.fota.plugins.module_utils._http.libraries import requests, urllib3
from ansible_collections.verizon.fota.plugins.module_utils._http.messages import Request, Response
from ansible_collections.verizon.fota.plugins.module_utils._http.proxies import use_environment_proxies
from ansible_collections.verizon.fota.plugins.module_utils._http.tls import create_context, verification
from ansible_collections.verizon.fota.plugins.module_utils._http.transport_errors import (
    TransportError,
    error_from_requests,
    root_cause,
)

_CONNECT_TIMEOUT = 10.0
_LARGEST_BODY = 32 * 1024 * 1024
_CHUNK = 64 * 1024
_REQUEST_TIMEOUT = 408
# The version is that of galaxy.yml; a test compares them.
_USER_AGENT = "verizon.fota/1.1.0"


@dataclass(frozen=True)
class Connection:
    """How to reach a server: where it is, TLS verification, and how many seconds to wait for a response."""

    url: str
    validate_certs: bool = True
    ca_path: str | None = None
    timeout: float = 30.0
    parallel: int = 1


class Client:
    """Kept connections to a server, shared by threads. Use as a context manager.

    After a request was lost on a connection that had been used before, each request gets a fresh one: whatever dropped that
    connection will drop others too.
    """

    def __init__(self, connection: Connection) -> None:
        """Raise ``InvalidCABundle`` or ``InvalidProxy`` if one cannot be used."""
        self._timeout = connection.timeout
        self._verify = verification(connection.validate_certs, connection.ca_path)
        self._state = ExchangeState()
        self._reuses = True
        # Whether a connection that had been used before has brought a response.
        self._proven = False
        self._session = _session(connection, self._verify, self._state)

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_unused: object) -> None:
        self._session.close()

    def exchange(self, request: Request, at_most: float | None = None) -> Response:
        """Send a request once, and return its response, for which it waits until the timeout, or ``at_most`` seconds.

        Raises ``TransportError``.
        """
        host = urlsplit(request.url).netloc
        timeout = self._timeout if at_most is None else min(self._timeout, at_most)
        fresh = request.fresh_connection or not self._reuses or (request.proven_connection and not self._proven)
        self._state.begin(time.monotonic() + timeout, fresh)
        try:
            response = self._send(request, host, timeout)
        except TransportError as error:
            if error.sent and not self._state.opened:
                error.reused, self._reuses = True, False
            raise
        self._proven = self._proven or not self._state.opened
        return response

    def _send(self, request: Request, host: str, timeout: float) -> Response:
        state = self._state
        connect_timeout = min(_CONNECT_TIMEOUT, timeout)
        try:
            response = self._session.request(
                request.method,
                request.url,
                headers={"User-Agent": _USER_AGENT, "Accept": "application/json", **request.headers},
                data=request.body,
                timeout=(connect_timeout, timeout),
                verify=self._verify,
                # A redirect would carry the session token to wherever it points.
                allow_redirects=False,
                stream=True,
            )
            with response:
                if response.status_code < 200:
                    raise TransportError(f"{host} switched to another protocol", sent=True)
                if response.status_code == _REQUEST_TIMEOUT and not state.opened:
                    # A server ends a kept connection in this way that has been idle; it has not read the request (RFC 9110, 15.5.9).
                    raise TransportError(f"lost the connection to {host}: HTTP {_REQUEST_TIMEOUT}", sent=True)
                headers = {name.lower(): value for name, value in response.headers.items()}
                return Response(response.status_code, headers, _read_body(response, host, state.deadline))
        except requests.exceptions.RequestException as error:
            waited = connect_timeout if state.connecting else timeout
            raise error_from_requests(error, host, waited, state.connecting) from None
        except (OSError, ValueError, urllib3.exceptions.HTTPError) as error:
            raise TransportError(f"the connection to {host} broke: {root_cause(error)}", not state.connecting) from None


def _session(connection: Connection, verify: bool | str, state: ExchangeState) -> requests.Session:
    class Session(requests.Session):  # type: ignore[misc, unused-ignore]
        def get_redirect_target(self, resp: requests.Response) -> None:
            """Even of a redirect that it does not follow, requests would read all of the body, and parse where it points."""

    session = Session()
    # By default, requests puts a netrc entry in place of our header, and looks for proxies at every request.
    session.trust_env = False
    adapter = create_adapter(create_context(connection.url, verify), state, connection.parallel)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    use_environment_proxies(session, connection.url)
    return session


def _read_body(response: requests.Response, host: str, deadline: float) -> bytes:
    """Read the body, bounded in size and time: the timeout of requests starts anew with every byte."""
    chunks: list[bytes] = []
    size = 0
    for chunk in _chunks(response):
        size += len(chunk)
        if size > _LARGEST_BODY:
            raise TransportError(f"{host} sent more than {_LARGEST_BODY} bytes", sent=True)
        if time.monotonic() > deadline:
            raise TransportError(f"{host} did not finish its response in time", sent=True)
        chunks.append(chunk)
    # Before version 2, urllib3 takes the end of the connection for that of the body.
    if getattr(response.raw, "length_remaining", None):
        raise TransportError(f"the response of {host} was cut short or garbled", sent=True)
    return b"".join(chunks)


def _chunks(response: requests.Response) -> t.Iterator[bytes]:
    """Return the body as it arrives, if urllib3 can (since 2.1); otherwise in chunks that it waits for."""
    read = getattr(response.raw, "read1", None)
    if read is None:
        yield from response.iter_content(_CHUNK)
        return
    chunk = read(_CHUNK, decode_content=True)
    while chunk:
        yield chunk
        chunk = read(_CHUNK, decode_content=True)
