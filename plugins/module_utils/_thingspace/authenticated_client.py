# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One call of the FOTA API: sent with both tokens, again with new ones if they expired, and its response read.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import json
import typing as t
from dataclasses import replace

from ansible_collections.verizon.fota.plugins.module_utils._http.messages import Request, Response
from ansible_collections.verizon.fota.plugins.module_utils._http.retries import (
    RetriesExhausted,
    RetryableResponse,
    RetryingClient,
)
from ansible_collections.verizon.fota.plugins.module_utils._http.transport_errors import TransportError
from ansible_collections.verizon.fota.plugins.module_utils._support.text import one_line
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.errors import (
    ErrorInfo,
    ErrorKind,
    ThingSpaceError,
    content_or_raise,
    error_from_transport,
)
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.fields import UnexpectedResponse
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.tokens import TokenPair, Tokens

T = t.TypeVar("T")

# Each token may expire once on the way of one call.
_RENEWALS = 2
# Errors that the service reports only after it has accepted the tokens.
_AUTHENTICATED = (ErrorKind.INVALID_DEVICE_LIST, ErrorKind.REJECTED, ErrorKind.INVALID_CURSOR, ErrorKind.UNAVAILABLE)


class AuthenticatedClient:
    """Sends calls with the tokens of the run. Shared by threads."""

    def __init__(self, http: RetryingClient, base_url: str, tokens: Tokens) -> None:
        self._http = http
        self._base_url = base_url
        self._tokens = tokens

    def call(
        self,
        method: str,
        path: str,
        read: t.Callable[[t.Any], T],
        imeis: t.Sequence[str] | None = None,
        idempotent: bool = False,
    ) -> T:
        """Return what ``read`` makes of the content of the response. Raises ``ThingSpaceError``.

        ``imeis`` is the device list of the body. A call that is not idempotent is not repeated if its response is lost.
        """
        idempotent = idempotent or method == "GET"
        body = None if imeis is None else json.dumps({"deviceList": list(imeis)}).encode()
        pair = self._tokens.current()
        renewals = 0
        while True:
            request = Request(
                method,
                self._base_url + path,
                _headers(pair, body),
                body,
                idempotent,
                pair.secrets(),
                # A removal whose response is lost costs another read, and without retries it fails.
                proven_connection=not idempotent,
            )
            try:
                value = self._send(request, read)
            except ThingSpaceError as error:
                if error.info.kind in _AUTHENTICATED:
                    self._tokens.accepted(pair)
                if error.info.kind not in (ErrorKind.ACCESS_TOKEN, ErrorKind.SESSION_TOKEN):
                    raise
                if renewals == _RENEWALS:
                    message = f"{error.info.message.rstrip('.')}, although the tokens were renewed for this request"
                    raise ThingSpaceError(replace(error.info, message=message)) from None
                pair = self._tokens.renewed(pair, error.info)
                renewals += 1
            else:
                self._tokens.accepted(pair)
                return value

    def _send(self, request: Request, read: t.Callable[[t.Any], T]) -> T:
        def read_response(response: Response) -> T:
            response = response.redacted(request.secrets)
            content = content_or_raise(response, request)
            try:
                return read(content)
            except UnexpectedResponse as error:
                shown = one_line(response.body[:80].decode("utf-8", "replace")) or "nothing"
                unexpected = ThingSpaceError(
                    ErrorInfo(
                        ErrorKind.NO_VALID_RESPONSE,
                        f"HTTP {response.status}, but {error}: {shown}",
                        status=response.status,
                    )
                )
                if request.idempotent:
                    raise RetryableResponse(unexpected, None) from None
                raise unexpected from None

        try:
            return self._http.send(request, read_response)
        except (TransportError, RetriesExhausted) as error:
            raise error_from_transport(error) from None


def _headers(pair: TokenPair, body: bytes | None) -> dict[str, str]:
    headers = {"Authorization": f"Bearer {pair.access}", "VZ-M2M-Token": str(pair.session)}
    return headers if body is None else {**headers, "Content-Type": "application/json"}
