# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One HTTP exchange: connections, TLS, timeouts. Knows nothing of ThingSpace.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import email.utils
import html
import http.client
import ipaddress
import json
import os
import re
import socket
import sys
import threading
import time
import traceback
import typing as t
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

try:
    import ssl

    import requests
    import requests.adapters
    import requests.utils
    import urllib3
    import urllib3.connection
    import urllib3.exceptions
except Exception:  # a broken library raises anything, such as AttributeError from a pyOpenSSL that is too old
    REQUESTS_IMPORT_ERROR: str | None = traceback.format_exc()
else:
    REQUESTS_IMPORT_ERROR = None

_CONNECT_TIMEOUT = 10.0
_LARGEST_ANSWER = 32 * 1024 * 1024
_CHUNK = 64 * 1024
_SHORTEST_SECRET = 8
_SWITCHING_PROTOCOLS = 101
_REQUEST_TIMEOUT = 408
_NO_HANDSHAKE = ("WRONG_VERSION_NUMBER", "PROTOCOL_VERSION", "UNSUPPORTED_PROTOCOL", "HANDSHAKE_FAILURE")
# Scheme, user and password, host and port: what is written in another way might show a password.
_PROXY = re.compile(r"((?:[A-Za-z0-9]+://)?)(?:.*@)?([A-Za-z0-9._-]+(?::[0-9]+)?|\[[0-9A-Fa-f:.]+\](?::[0-9]+)?)/?")
_USER_AGENT = "verizon.fota (Ansible collection)"


@dataclass(frozen=True)
class Connection:
    """How to reach a server: where it is, TLS verification, and how long to wait in seconds for one answer."""

    url: str
    validate_certs: bool = True
    ca_path: str | None = None
    timeout: float = 30.0
    parallel: int = 1


@dataclass(frozen=True)
class Request:
    """What is sent. ``repeatable`` says that it only reads; ``secrets`` are those that it bears, and stay out of its text.

    ``fresh_connection`` keeps it off connections that were used before, on which it might get lost; ``proven_connection`` does so
    until such a connection has worked once.
    """

    method: str
    url: str
    headers: t.Mapping[str, str] = field(repr=False, default_factory=dict)
    body: bytes | None = field(repr=False, default=None)
    idempotent: bool = False
    secrets: tuple[str, ...] = field(repr=False, default=())
    fresh_connection: bool = False
    proven_connection: bool = False


@dataclass(frozen=True)
class Response:
    """What a server said. Header names are in lower case."""

    status: int
    headers: t.Mapping[str, str]
    body: bytes

    def redacted(self, secrets: t.Iterable[str]) -> Response:
        """Return the same answer with these secrets struck out, where the server echoes them.

        Very short ones stay: they would be found in words that mean something.
        """
        body = self.body
        for secret in (secret for secret in secrets if len(secret) >= _SHORTEST_SECRET):
            # As it is, and in the two ways in which each of JSON and XML may write it.
            in_json = (json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1])
            in_xml = (html.escape(secret), html.escape(secret, quote=False))
            for form in dict.fromkeys((secret, *in_json, *in_xml)):
                body = body.replace(form.encode(), b"********")
        return replace(self, body=body)

    def retry_after(self) -> float | None:
        """Return the seconds that Retry-After asks for (RFC 9110, 10.2.3: a number or a date), or None."""
        told = self.headers.get("retry-after", "").strip()
        if told.isascii() and told.isdigit():
            return float(told[:6])
        try:
            return max(0.0, email.utils.parsedate_to_datetime(told).timestamp() - time.time())
        except (TypeError, ValueError, OverflowError):
            return None


class TransportError(Exception):
    """No usable answer arrived. ``sent`` tells whether the server may have acted; ``hopeless`` that waiting cannot help.

    ``reused`` says that the request was sent on a connection that had been used before, and that no other will be.
    """

    def __init__(self, message: str, sent: bool, permanent: bool = False) -> None:
        super().__init__(message)
        self.reused = False
        self.sent = sent
        self.permanent = permanent


class InvalidCABundle(ValueError):
    """What should hold the certificates of the trusted authorities does not."""


class InvalidProxy(ValueError):
    """The proxy that the environment names cannot be used."""


class Client:
    """Kept connections to servers, to be shared by threads. Use as a context manager.

    Once a request was lost on a connection that had been used before, each request gets a fresh one: whatever dropped that
    connection will drop others too.
    """

    def __init__(self, connection: Connection) -> None:
        """Raises InvalidCABundle, InvalidProxy."""
        self._timeout = connection.timeout
        self._verify = _verify(connection)
        self._watch = _Watch()
        self._reuses = True
        # Whether a connection that had been used before has brought a response.
        self._proven = False
        self._session = _session(connection, self._verify, self._watch)

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_unused: object) -> None:
        self._session.close()

    def exchange(self, request: Request, at_most: float | None = None) -> Response:
        """Send a request once, and wait for its answer as long as the connection says, or ``at_most`` seconds.

        Raises TransportError.
        """
        host = urlsplit(request.url).netloc
        timeout = self._timeout if at_most is None else min(self._timeout, at_most)
        fresh = request.fresh_connection or not self._reuses or (request.proven_connection and not self._proven)
        self._watch.begin(time.monotonic() + timeout, fresh)
        try:
            answer = self._send(request, host, timeout)
        except TransportError as error:
            if error.sent and not self._watch.opened:
                error.reused, self._reuses = True, False
            raise
        self._proven = self._proven or not self._watch.opened
        return answer

    def _send(self, request: Request, host: str, timeout: float) -> Response:
        watch = self._watch
        try:
            response = self._session.request(
                request.method,
                request.url,
                headers={"User-Agent": _USER_AGENT, "Accept": "application/json", **request.headers},
                data=request.body,
                timeout=(min(_CONNECT_TIMEOUT, timeout), timeout),
                verify=self._verify,
                # A redirect would carry the session token to wherever it points.
                allow_redirects=False,
                stream=True,
            )
            with response:
                if response.status_code < 200:
                    raise TransportError(f"{host} switched to another protocol", sent=True)
                if response.status_code == _REQUEST_TIMEOUT and not watch.opened:
                    # So a server ends a kept connection that has been idle; it has not read the request (RFC 9110, 15.5.9).
                    raise TransportError(f"lost the connection to {host}: HTTP {_REQUEST_TIMEOUT}", sent=True)
                headers = {name.lower(): value for name, value in response.headers.items()}
                return Response(response.status_code, headers, _read(response, host, watch.deadline))
        except requests.exceptions.RequestException as error:
            raise _no_answer(error, host, timeout, watch.connecting) from None
        except (OSError, ValueError, urllib3.exceptions.HTTPError) as error:
            raise TransportError(f"the connection to {host} broke: {_innermost(error)}", not watch.connecting) from None


class _Watch(threading.local):
    """The exchange that this thread is at: when it has to end, whether it needs a fresh connection, what happened on it.

    ``opened`` says that it opened a connection, or tried to; ``connecting`` that the request cannot have been sent yet.
    """

    deadline = float("inf")
    fresh = opened = connecting = False

    def begin(self, deadline: float, fresh: bool) -> None:
        self.deadline, self.fresh = deadline, fresh
        self.opened = self.connecting = False


def _watched(pool: t.Any, watch: _Watch) -> t.Any:
    """Return a class of connection pools that behaves like ``pool``, is watched, and waits for the final response."""
    if getattr(pool, "watch", None) is watch:
        return pool

    class Response(http.client.HTTPResponse):
        def _read_status(self) -> tuple[str, int, str]:
            """Skip informational responses (RFC 9110, 15.2). Left to itself, http.client takes all but 100 for final."""
            while True:
                version, status, reason = super()._read_status()  # type: ignore[misc]
                if not 100 <= status < 200 or status == _SWITCHING_PROTOCOLS:
                    return version, status, reason
                http.client.parse_headers(self.fp)
                if time.monotonic() > watch.deadline:
                    raise socket.timeout("timed out")

    class WatchedConnection(pool.ConnectionCls):  # type: ignore[misc]
        response_class = Response

        def connect(self) -> None:
            watch.opened = watch.connecting = True
            super().connect()
            watch.connecting = False

    class WatchedPool(pool):  # type: ignore[misc]
        ConnectionCls = WatchedConnection

        def _get_conn(self, timeout: float | None = None) -> t.Any:
            connection = super()._get_conn(timeout)
            if connection.sock is None or not (watch.fresh or _has_unread(connection.sock)):
                return connection
            connection.close()
            return self._new_conn()

    WatchedPool.watch = watch
    return WatchedPool


def _has_unread(stream: t.Any) -> bool:
    """Return whether bytes wait in the TLS layer. Nobody asked for them, and urllib3 looks only for those before it."""
    return hasattr(stream, "pending") and stream.pending() > 0


def _session(connection: Connection, verify: bool | str, watch: _Watch) -> requests.Session:
    context = _context(connection)

    def watched(manager: t.Any) -> t.Any:
        pools = manager.pool_classes_by_scheme
        manager.pool_classes_by_scheme = {scheme: _watched(pool, watch) for scheme, pool in pools.items()}
        return manager

    class Adapter(requests.adapters.HTTPAdapter):  # type: ignore[misc, unused-ignore]
        def init_poolmanager(self, *args: t.Any, **kwargs: t.Any) -> None:
            super().init_poolmanager(*args, ssl_context=context, **kwargs)
            watched(self.poolmanager)

        def proxy_manager_for(self, proxy: str, **kwargs: t.Any) -> t.Any:
            return watched(super().proxy_manager_for(proxy, ssl_context=context, **kwargs))

    if isinstance(verify, str):
        if not os.path.lexists(verify):
            raise InvalidCABundle(f"{verify} does not exist")
        try:
            # Only to find out now, before anything is sent, whether it can be used.
            context.load_verify_locations(**{"capath" if os.path.isdir(verify) else "cafile": verify})
        except OSError as error:
            raise InvalidCABundle(f"{verify} holds no certificates in PEM format: {error.strerror or error}") from None

    class Session(requests.Session):  # type: ignore[misc, unused-ignore]
        def get_redirect_target(self, resp: requests.Response) -> None:
            """Even of a redirect that it does not follow, requests would read all of the body, and parse where it points."""

    session = Session()
    # Left to itself, requests puts a netrc entry in place of our header, and looks for proxies at every request.
    session.trust_env = False
    # Plain http is for loopback alone: a proxy would see the tokens.
    if urlsplit(connection.url).scheme == "https":
        session.proxies = requests.utils.get_environ_proxies(connection.url)
    adapter = Adapter(pool_connections=1, pool_maxsize=connection.parallel, max_retries=0)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    proxy = requests.utils.select_proxy(connection.url, session.proxies)
    if proxy:
        _check_proxy(adapter, proxy)
    return session


def _check_proxy(adapter: requests.adapters.HTTPAdapter, proxy: str) -> None:
    """Find out before anything is sent whether a proxy can be used. Raises InvalidProxy."""
    parts = _PROXY.fullmatch(proxy)
    name = f" {parts[1]}{parts[2]}" if parts else ""
    try:
        address = proxy if "://" in proxy else f"http://{proxy}"
        if not urllib3.util.parse_url(address).host:
            raise ValueError
        adapter.proxy_manager_for(address)
    except requests.exceptions.InvalidSchema:
        # requests says so of nothing else here.
        raise InvalidProxy(
            f"the proxy{name} of the environment needs PySocks, which is missing:"
            f" {sys.executable} -m pip install 'requests[socks]'"
        ) from None
    except ValueError:
        raise InvalidProxy(
            f"the proxy{name} of the environment cannot be used: its address must look like http://host:port"
        ) from None


def _context(connection: Connection) -> ssl.SSLContext:
    # requests adds the authorities to it when it connects.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # Before version 2, urllib3 hands no IP address to the TLS library, and holds it against the certificate itself.
    if urllib3.__version__.startswith("1.") and _is_address(urlsplit(connection.url).hostname or ""):
        context.check_hostname = False
    if not connection.validate_certs:
        context.check_hostname = False
        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
    return context


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _verify(connection: Connection) -> bool | str:
    if not connection.validate_certs:
        return False
    path = connection.ca_path or os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE")
    return os.path.abspath(os.path.expanduser(path)) if path else True


def _read(response: requests.Response, host: str, deadline: float) -> bytes:
    """Read the body, bounded in size and time: the timeout of requests starts anew with every byte."""
    chunks: list[bytes] = []
    size = 0
    for chunk in _chunks(response):
        size += len(chunk)
        if size > _LARGEST_ANSWER:
            raise TransportError(f"{host} sent more than {_LARGEST_ANSWER} bytes", sent=True)
        if time.monotonic() > deadline:
            raise TransportError(f"{host} did not finish its answer in time", sent=True)
        chunks.append(chunk)
    # Before version 2, urllib3 takes the end of the connection for that of the body.
    if getattr(response.raw, "length_remaining", None):
        raise TransportError(f"the answer of {host} was cut short or garbled", sent=True)
    return b"".join(chunks)


def _chunks(response: requests.Response) -> t.Iterator[bytes]:
    """Return the body as it arrives, where urllib3 can (since 2.1); otherwise in chunks that it waits for."""
    read = getattr(response.raw, "read1", None)
    if read is None:
        yield from response.iter_content(_CHUNK)
        return
    chunk = read(_CHUNK, decode_content=True)
    while chunk:
        yield chunk
        chunk = read(_CHUNK, decode_content=True)


def _no_answer(error: Exception, host: str, timeout: float, connecting: bool) -> TransportError:
    """Say in plain words what went wrong; the library's own texts bear URLs, object addresses and proxy passwords."""
    cause = _innermost(error)
    if isinstance(error, requests.exceptions.SSLError):
        # The library tells what is no TLS in the same words wherever it meets it, in the handshake or in place of an answer.
        reasons = (ssl.SSLCertVerificationError, urllib3.connection.CertificateError)
        refused = any(_has(error, kind) for kind in reasons) or any(reason in str(error) for reason in _NO_HANDSHAKE)
        return TransportError(f"TLS with {host} failed: {cause}", not connecting, permanent=connecting and refused)
    if isinstance(error, requests.exceptions.ProxyError):
        # urllib3 says so too when a tunnel breaks that a request has gone through.
        return TransportError(f"the proxy on the way to {host} failed: {cause}", not connecting)
    if isinstance(error, requests.exceptions.Timeout):
        if connecting:
            return TransportError(f"{host} took no connection within {min(_CONNECT_TIMEOUT, timeout):g} s", sent=False)
        return TransportError(f"{host} gave no answer within {timeout:.3g} s", sent=True)
    if isinstance(error, requests.exceptions.ConnectionError):
        what = "cannot connect to" if connecting else "lost the connection to"
        return TransportError(f"{what} {host}: {cause}", not connecting)
    garbled = (requests.exceptions.ChunkedEncodingError, requests.exceptions.ContentDecodingError)
    # requests says of a header that the server has sent what it says of one that cannot be sent.
    if isinstance(error, garbled) or _has(error, urllib3.exceptions.InvalidHeader):
        return TransportError(f"the answer of {host} was cut short or garbled", sent=True)
    if isinstance(error, ValueError):
        return TransportError(f"the request to {host} is not valid: {type(error).__name__}", sent=False, permanent=True)
    return TransportError(f"the exchange with {host} failed: {type(error).__name__}", not connecting)


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


def _innermost(error: BaseException) -> str:
    """Return the operating system's or TLS library's own words; otherwise the name of the innermost exception."""
    words = type(error).__name__
    for one in _chain(error):
        # urllib3 before 2 meets a TypeError of its own on the way to every response.
        words = words if isinstance(one, TypeError) else type(one).__name__
        if isinstance(one, (ssl.SSLCertVerificationError, urllib3.connection.CertificateError)):
            # It has no such message where urllib3 has found the fault.
            return f"the certificate is not trusted: {getattr(one, 'verify_message', None) or one.args[0]}"
        if isinstance(one, OSError) and one.strerror and not isinstance(one, requests.exceptions.RequestException):
            return one.strerror
    return words
