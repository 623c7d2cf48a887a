# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The two tokens that every ThingSpace call needs: how they are obtained, renewed and revoked.

Access token: OAuth client credentials, one hour. Session token: a login of a Connectivity Management user, 20 minutes
idle (ThingSpace documentation, "Get access tokens", "Start a Connectivity Management session").
Five rejected logins in a row lock the user, so a rejected login is never sent twice.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import base64
import json
import re
import threading
import typing as t
from dataclasses import dataclass, field, replace

from ansible_collections.verizon.fota.plugins.module_utils._http.messages import Request, Response
from ansible_collections.verizon.fota.plugins.module_utils._http.retries import (
    RetriesExhausted,
    RetryableResponse,
    RetryingClient,
)
from ansible_collections.verizon.fota.plugins.module_utils._http.transport_errors import TransportError
from ansible_collections.verizon.fota.plugins.module_utils._support.text import are_digits
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.errors import (
    ErrorInfo,
    ErrorKind,
    ThingSpaceError,
    content_or_raise,
    error_from_transport,
)

_FORM = "application/x-www-form-urlencoded"
# Errors of other servers than ThingSpace, for which no credentials are to blame.
_WRONG_SERVER = re.compile(
    r"HTTP 40[45]:|redirects are not followed|but the response is not a JSON object"
    r"|TLS with \S+ failed: (?!the certificate)|plain HTTP|HTTP request to an HTTPS",
    re.IGNORECASE,
)
_CHECK_API_URL = (
    "this is not ThingSpace: is api_url (or THINGSPACE_API_URL) right? It should look like"
    " https://thingspace.verizon.com/api"
)
_NO_ACCESS_TOKEN = (
    "no access token: set access_token, or client_id and client_secret (environment: THINGSPACE_ACCESS_TOKEN,"
    " or THINGSPACE_CLIENT_ID and THINGSPACE_CLIENT_SECRET)"
)
_NO_SESSION_TOKEN = (
    "no session token: set session_token, or username and password (environment: THINGSPACE_SESSION_TOKEN,"
    " or THINGSPACE_USERNAME and THINGSPACE_PASSWORD)"
)


@dataclass(frozen=True)
class Credentials:
    """What tokens are obtained with; ``None`` if not set. Nothing of it is in its ``repr``."""

    client_id: str | None = field(default=None, repr=False)
    client_secret: str | None = field(default=None, repr=False)
    username: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)

    def basic(self) -> str:
        """Return ID and secret encoded for HTTP Basic authentication."""
        return base64.b64encode(f"{self.client_id}:{self.client_secret}".encode()).decode("ascii")

    def secrets(self) -> tuple[str, ...]:
        """Return what must appear in no message, result or log."""
        values = (self.client_id, self.client_secret, self.password)
        return (self.basic(), *(value for value in values if value))

    def can_obtain(self, kind: ErrorKind) -> bool:
        """Return whether they suffice for the token that an error of this kind is about."""
        if kind is ErrorKind.ACCESS_TOKEN:
            return bool(self.client_id and self.client_secret)
        return bool(self.username and self.password)


@dataclass(frozen=True)
class TokenPair:
    """An access token and a session token, ``None`` if there is none yet. ``expires_in``: seconds left of the first."""

    access: str | None = field(default=None, repr=False)
    session: str | None = field(default=None, repr=False)
    expires_in: int | None = None

    def secrets(self) -> tuple[str, ...]:
        """Return what must appear in no message, result or log."""
        return tuple(token for token in (self.access, self.session) if token)


class Tokens:
    """The tokens of one run, shared by its threads; of those that find a token expired, one renews it.

    If none can be obtained, every thread gets the same ``ThingSpaceError`` of kind ``UNAUTHENTICATED``.
    """

    def __init__(self, http: RetryingClient, api_url: str, credentials: Credentials, pair: TokenPair) -> None:
        self._http = http
        self._api_url = api_url
        self._credentials = credentials
        self._pair = pair
        self._unproven: set[ErrorKind] = set()
        self._error: ThingSpaceError | None = None
        self._lacking: ErrorKind | None = None
        self._issued: set[str] = set()
        self._lock = threading.Lock()

    def secrets(self) -> set[str]:
        """Return all secrets of the run, those of tokens that have expired included."""
        return self._issued.union(self._credentials.secrets())

    @property
    def pair(self) -> TokenPair:
        """The tokens as they are now; none is obtained."""
        return self._pair

    @property
    def lacking(self) -> ErrorKind | None:
        """The kind of error of the token that is missing or wrong and cannot be obtained; ``None`` if there is none."""
        return self._lacking

    def current(self) -> TokenPair:
        """Return both tokens, obtained first if they are missing. Raises ``ThingSpaceError``."""
        with self._lock:
            self._ensure_tokens()
            return self._pair

    def accepted(self, pair: TokenPair) -> None:
        """Note that the service accepted these tokens."""
        if self._unproven and pair == self._pair:
            self._unproven.clear()

    def renewed(self, pair: TokenPair, info: ErrorInfo) -> TokenPair:
        """Return other tokens than the rejected pair. Raises ``ThingSpaceError``."""
        with self._lock:
            if pair == self._pair:
                if not self._credentials.can_obtain(info.kind):
                    self._fail(info.kind, f"{info.kind.value} ({info.message}). {_ADVICE[info.kind]}")
                if info.kind in self._unproven:
                    self._fail(info.kind, f"the service rejects the tokens that it has just issued ({info.message})")
                self._unproven.add(info.kind)
                lost = "access" if info.kind is ErrorKind.ACCESS_TOKEN else "session"
                self._pair = replace(self._pair, **{lost: None})
            self._ensure_tokens()
            return self._pair

    def _ensure_tokens(self) -> None:
        if self._error is not None:
            raise self._error
        fresh = self._pair.access is None
        try:
            if fresh:
                self._pair = replace(
                    obtain_access(self._http, self._api_url, self._credentials), session=self._pair.session
                )
            if self._pair.session is None:
                try:
                    self._pair = login(self._http, self._api_url, self._credentials, self._pair)
                except ThingSpaceError as error:
                    # If the gateway itself rejected an old access token, the login never reached the service.
                    by_gateway = error.info.kind is ErrorKind.ACCESS_TOKEN and error.info.recognized
                    if fresh or not by_gateway or not self._credentials.can_obtain(ErrorKind.ACCESS_TOKEN):
                        raise
                    self._pair = obtain_access(self._http, self._api_url, self._credentials)
                    self._pair = login(self._http, self._api_url, self._credentials, self._pair)
        except ThingSpaceError as error:
            by_gateway = error.info.kind is ErrorKind.ACCESS_TOKEN and error.info.recognized
            no_access = self._pair.access is None or by_gateway
            self._fail(ErrorKind.ACCESS_TOKEN if no_access else ErrorKind.SESSION_TOKEN, str(error))
        finally:
            self._issued.update(self._pair.secrets())

    def _fail(self, lacking: ErrorKind, message: str) -> t.NoReturn:
        self._lacking = lacking
        self._error = ThingSpaceError(ErrorInfo(ErrorKind.UNAUTHENTICATED, message))
        raise self._error


_ADVICE = {
    ErrorKind.ACCESS_TOKEN: "Obtain a new one (role verizon.fota.tokens), or set client_id and client_secret so that it is renewed.",
    ErrorKind.SESSION_TOKEN: "Obtain a new one (role verizon.fota.tokens), or set username and password so that it is renewed.",
}


def obtain_access(http: RetryingClient, api_url: str, credentials: Credentials) -> TokenPair:
    """Obtain an access token (POST ``/ts/v1/oauth2/token``). Raises ``ThingSpaceError``.

    Within its hour ThingSpace issues the same token again, so ``expires_in`` may be small.
    """
    _require(credentials, ErrorKind.ACCESS_TOKEN, _NO_ACCESS_TOKEN)
    content = _request_token(
        http,
        Request(
            "POST",
            f"{api_url}/ts/v1/oauth2/token",
            headers={"Authorization": f"Basic {credentials.basic()}", "Content-Type": _FORM},
            body=b"grant_type=client_credentials",
            idempotent=True,
            secrets=credentials.secrets(),
        ),
        "no access token was issued (client_id, client_secret)",
    )
    return TokenPair(access=_token(content, "access_token"), expires_in=_seconds(content.get("expires_in")))


def login(http: RetryingClient, api_url: str, credentials: Credentials, pair: TokenPair) -> TokenPair:
    """Start a session (POST ``/m2m/v1/session/login``). Sent once, whatever happens. Raises ``ThingSpaceError``."""
    _require(credentials, ErrorKind.SESSION_TOKEN, _NO_SESSION_TOKEN)
    content = _request_token(
        http,
        Request(
            "POST",
            f"{api_url}/m2m/v1/session/login",
            headers={"Authorization": f"Bearer {pair.access}", "Content-Type": "application/json"},
            body=json.dumps({"username": credentials.username, "password": credentials.password}).encode(),
            # Lost on a kept connection, it could not be repeated.
            fresh_connection=True,
            secrets=(str(pair.access), *credentials.secrets()),
        ),
        "login rejected; not retried, because five consecutive failures lock the user (username, password)",
        "the login brought no response and is not sent again: it may have counted, and five consecutive failures lock the user",
    )
    return replace(pair, session=_token(content, "sessionToken"))


def logout(http: RetryingClient, api_url: str, pair: TokenPair) -> bool:
    """End a session (POST ``/m2m/v1/session/logout``). Return whether it had not ended yet. Raises ``ThingSpaceError``.

    Nothing is sent without an access token, which a pair lacks if its own was rejected and no other could be obtained.
    """
    if pair.access is None:
        raise ThingSpaceError(ErrorInfo(ErrorKind.ACCESS_TOKEN, "the logout failed: there is no access token any more"))
    headers = {"Authorization": f"Bearer {pair.access}", "VZ-M2M-Token": str(pair.session)}
    try:
        _request_token(
            http,
            Request(
                "POST", f"{api_url}/m2m/v1/session/logout", headers=headers, idempotent=True, secrets=pair.secrets()
            ),
            "the logout failed",
        )
    except ThingSpaceError as error:
        if error.info.kind is ErrorKind.SESSION_TOKEN:
            return False
        raise
    return True


def _require(credentials: Credentials, kind: ErrorKind, message: str) -> None:
    if not credentials.can_obtain(kind):
        raise ThingSpaceError(ErrorInfo(kind, message))


def _request_token(http: RetryingClient, request: Request, rejected: str, lost: str | None = None) -> dict[str, t.Any]:
    """Return the content of the response. Raises ``ThingSpaceError``.

    Its message begins with ``rejected``, or with ``lost`` if no valid response arrived.
    """

    def read(response: Response) -> dict[str, t.Any]:
        try:
            content = content_or_raise(response, request)
        except RetryableResponse as retryable:
            # A throttled login may still have been counted.
            raise retryable if request.idempotent else retryable.error from None
        if isinstance(content, dict):
            return content
        unexpected = ThingSpaceError(
            ErrorInfo(ErrorKind.NO_VALID_RESPONSE, f"HTTP {response.status}, but the response is not a JSON object")
        )
        raise RetryableResponse(unexpected, None) if request.idempotent else unexpected

    try:
        return http.send(request, read)
    except (TransportError, RetriesExhausted, ThingSpaceError) as error:
        info = error.info if isinstance(error, ThingSpaceError) else error_from_transport(error).info
        prefix = _CHECK_API_URL if _WRONG_SERVER.search(info.message) else rejected
        if lost and info.kind is ErrorKind.NO_VALID_RESPONSE:
            prefix = lost
        raise ThingSpaceError(replace(info, message=f"{prefix}: {info.message}")) from None


def _token(content: dict[str, t.Any], name: str) -> str:
    token = content.get(name)
    if not isinstance(token, str) or not token or not is_valid_token(token):
        raise ThingSpaceError(ErrorInfo(ErrorKind.NO_VALID_RESPONSE, f"the service responded without a valid {name}"))
    return token


def is_valid_token(token: str) -> bool:
    """Return whether a text can be sent in a header as it is: visible ASCII without blanks."""
    return all("!" <= character <= "~" for character in token)


def _seconds(value: object) -> int | None:
    if isinstance(value, str) and are_digits(value):
        return int(value[:9])
    if isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e9:
        return int(value)
    return None
