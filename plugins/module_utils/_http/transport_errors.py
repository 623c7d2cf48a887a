# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Why no valid response arrived, and whether the server may have acted on the request.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import http.client
import re
import typing as t
import zlib

from ansible_collections.verizon.fota.plugins.module_utils._http.libraries import requests, ssl, urllib3

_PROXY_AUTHENTICATION_REQUIRED = 407
# The text of http.client and urllib3 for a proxy that rejects CONNECT.
_REJECTED_TUNNEL = re.compile(r"Tunnel connection failed: ([0-9]{3})\b")
# Of an exception without a message of the system or the TLS library. What it says itself may repeat what was received.
_TEXTS: tuple[tuple[type[BaseException], str], ...] = (
    (http.client.RemoteDisconnected, "it was closed without a response"),
    (http.client.IncompleteRead, "the response was cut short"),
    (http.client.LineTooLong, "a line of the response is too long"),
    (http.client.HTTPException, "the response is not valid HTTP"),
    (zlib.error, "the response is not compressed as its header says"),
)
_NO_HANDSHAKE = ("WRONG_VERSION_NUMBER", "PROTOCOL_VERSION", "UNSUPPORTED_PROTOCOL", "HANDSHAKE_FAILURE")


class TransportError(Exception):
    """No valid response arrived. ``sent``: the server may have acted; ``permanent``: waiting cannot help.

    ``reused``: the request was sent on a connection that had been used before, and no other will be.
    """

    def __init__(self, message: str, sent: bool, permanent: bool = False) -> None:
        super().__init__(message)
        self.reused = False
        self.sent = sent
        self.permanent = permanent


def error_from_requests(error: Exception, host: str, timeout: float, connecting: bool) -> TransportError:
    """Describe an exception of ``requests``; its own text contains URLs, object addresses and proxy passwords.

    ``connecting``: there was no connection yet, so nothing was sent.
    """
    cause = root_cause(error)
    if isinstance(error, requests.exceptions.SSLError):
        # The library reports what is not TLS in the same way in the handshake and in place of a response.
        untrusted = (ssl.SSLCertVerificationError, urllib3.connection.CertificateError)
        rejected = any(_has(error, kind) for kind in untrusted) or any(reason in str(error) for reason in _NO_HANDSHAKE)
        return TransportError(f"TLS with {host} failed: {cause}", not connecting, permanent=connecting and rejected)
    if isinstance(error, requests.exceptions.ProxyError):
        if _rejected_tunnel(error) == _PROXY_AUTHENTICATION_REQUIRED:
            # Repeated wrong passwords may lock a user of the directory that the proxy asks.
            message = f"the proxy on the way to {host} requires a valid user and password in its address: {cause}"
            return TransportError(message, sent=False, permanent=True)
        # urllib3 also raises it when a tunnel breaks after a request has gone through.
        return TransportError(f"the proxy on the way to {host} failed: {cause}", not connecting)
    if isinstance(error, requests.exceptions.Timeout):
        if connecting:
            return TransportError(f"{host} accepted no connection within {timeout:.3g} s", sent=False)
        return TransportError(f"{host} sent no response within {timeout:.3g} s", sent=True)
    if isinstance(error, requests.exceptions.ConnectionError):
        what = "cannot connect to" if connecting else "lost the connection to"
        return TransportError(f"{what} {host}: {cause}", not connecting)
    garbled = (requests.exceptions.ChunkedEncodingError, requests.exceptions.ContentDecodingError)
    # requests raises InvalidHeader for a header that the server has sent as well as for one that cannot be sent.
    if isinstance(error, garbled) or _has(error, urllib3.exceptions.InvalidHeader):
        return TransportError(f"the response of {host} was cut short or garbled", sent=True)
    if isinstance(error, ValueError):
        return TransportError(f"the request to {host} is not valid: {type(error).__name__}", sent=False, permanent=True)
    return TransportError(f"the exchange with {host} failed: {type(error).__name__}", not connecting)


def root_cause(error: BaseException) -> str:
    """Return the message of the system or the TLS library, the status of the proxy, or what the innermost exception means."""
    last = error
    for one in _chain(error):
        # urllib3 before 2 meets a TypeError of its own on the way to every response.
        last = last if isinstance(one, TypeError) else one
        if isinstance(one, (ssl.SSLCertVerificationError, urllib3.connection.CertificateError)):
            # It has no such message if urllib3 has found the error.
            return f"the certificate is not trusted: {getattr(one, 'verify_message', None) or one.args[0]}"
        if isinstance(one, OSError) and one.strerror and not isinstance(one, requests.exceptions.RequestException):
            return one.strerror
    status = _rejected_tunnel(error)
    if status is not None:
        # Not the text of the proxy, which may be of any length and repeat a password.
        return f"HTTP {status} {http.client.responses.get(status, '')}".rstrip()
    name = type(last).__name__
    if name == "ValueError":
        # Lengths of chunks and statuses that are no numbers, and none of the errors that are derived from it.
        return "the response is not valid HTTP"
    return next((text for kind, text in _TEXTS if isinstance(last, kind)), name)


def _rejected_tunnel(error: BaseException) -> int | None:
    """Return the status by which a proxy rejected to connect to the server, or ``None`` if it did not."""
    found = (_REJECTED_TUNNEL.match(str(one)) for one in _chain(error) if isinstance(one, OSError))
    return next((int(match[1]) for match in found if match), None)


def _chain(error: BaseException) -> t.Iterator[BaseException]:
    """Return an exception and all that it wraps; libraries hide the cause in args, reason, __cause__ or __context__."""
    seen: set[int] = set()
    todo: list[object] = [error]
    while todo:
        current = todo.pop(0)
        if not isinstance(current, BaseException) or id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        todo += [*current.args, getattr(current, "reason", None), current.__cause__, current.__context__]


def _has(error: BaseException, kind: type[BaseException]) -> bool:
    return any(isinstance(one, kind) for one in _chain(error))
