# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""One HTTP exchange: connections, TLS, time-outs. Knows nothing of ThingSpace."""

from __future__ import annotations

import email.utils
import ipaddress
import json
import os
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
_NO_HANDSHAKE = ("WRONG_VERSION_NUMBER", "PROTOCOL_VERSION", "UNSUPPORTED_PROTOCOL", "HANDSHAKE_FAILURE")
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
    """What is sent. C(repeatable) says that it only reads; C(secrets) are those that it bears, and stay out of its text."""

    method: str
    url: str
    headers: t.Mapping[str, str] = field(repr=False, default_factory=dict)
    body: bytes | None = field(repr=False, default=None)
    repeatable: bool = False
    secrets: tuple[str, ...] = field(repr=False, default=())


@dataclass(frozen=True)
class Answer:
    """What a server said. Header names are in lower case."""

    status: int
    headers: t.Mapping[str, str]
    body: bytes

    def without(self, secrets: t.Iterable[str]) -> Answer:
        """Give the same answer with these secrets struck out, where the server echoes them.

        Very short ones stay: they would be found in words that mean something.
        """
        body = self.body
        for secret in (secret for secret in secrets if len(secret) >= _SHORTEST_SECRET):
            # As it is, and in the two ways in which JSON may write it.
            for form in dict.fromkeys((secret, json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1])):
                body = body.replace(form.encode(), b"********")
        return replace(self, body=body)

    def retry_after(self) -> float | None:
        """Give the seconds that Retry-After asks for (RFC 9110, 10.2.3: a number or a date), or None."""
        told = self.headers.get("retry-after", "").strip()
        if told.isascii() and told.isdigit():
            return float(told[:6])
        try:
            return max(0.0, email.utils.parsedate_to_datetime(told).timestamp() - time.time())
        except (TypeError, ValueError, OverflowError):
            return None


class NoAnswer(Exception):
    """No usable answer arrived. C(sent) tells whether the server may have acted; C(hopeless) that waiting cannot help."""

    def __init__(self, message: str, sent: bool, hopeless: bool = False) -> None:
        super().__init__(message)
        self.sent = sent
        self.hopeless = hopeless


class BadAuthorities(ValueError):
    """What should hold the certificates of the trusted authorities does not."""


class Client:
    """Kept connections to servers, to be shared by threads. Use as a context manager."""

    def __init__(self, connection: Connection) -> None:
        """Raises BadAuthorities."""
        self._timeout = connection.timeout
        self._verify = _verify(connection)
        self._session = _session(connection, self._verify)

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_unused: object) -> None:
        self._session.close()

    def exchange(self, request: Request, at_most: float | None = None) -> Answer:
        """Send a request once, and wait for its answer as long as the connection says, or C(at_most) seconds.

        Raises NoAnswer.
        """
        host = urlsplit(request.url).netloc
        timeout = self._timeout if at_most is None else min(self._timeout, at_most)
        deadline = time.monotonic() + timeout
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
                body = _read(response, host, deadline)
                headers = {name.lower(): value for name, value in response.headers.items()}
                return Answer(response.status_code, headers, body)
        except requests.exceptions.RequestException as error:
            raise _no_answer(error, host, timeout) from None
        except (OSError, ValueError, urllib3.exceptions.HTTPError) as error:
            raise NoAnswer(f"the connection to {host} broke: {_innermost(error)}", sent=True) from None


def _session(connection: Connection, verify: bool | str) -> requests.Session:
    context = _context(connection)

    class Adapter(requests.adapters.HTTPAdapter):  # type: ignore[misc, unused-ignore]
        def init_poolmanager(self, *args: t.Any, **kwargs: t.Any) -> None:
            super().init_poolmanager(*args, ssl_context=context, **kwargs)

        def proxy_manager_for(self, proxy: str, **kwargs: t.Any) -> t.Any:
            return super().proxy_manager_for(proxy, ssl_context=context, **kwargs)

    if isinstance(verify, str):
        if not os.path.lexists(verify):
            raise BadAuthorities(f"{verify} does not exist")
        try:
            # Only to find out now, before anything is sent, whether it can be used.
            context.load_verify_locations(**{"capath" if os.path.isdir(verify) else "cafile": verify})
        except OSError as error:
            raise BadAuthorities(f"{verify} holds no certificates in PEM format: {error.strerror or error}") from None

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
    return session


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
    """Read the body, bounded in size and time: the time-out of requests starts anew with every byte."""
    chunks: list[bytes] = []
    size = 0
    for chunk in _chunks(response):
        size += len(chunk)
        if size > _LARGEST_ANSWER:
            raise NoAnswer(f"{host} sent more than {_LARGEST_ANSWER} bytes", sent=True)
        if time.monotonic() > deadline:
            raise NoAnswer(f"{host} did not finish its answer in time", sent=True)
        chunks.append(chunk)
    return b"".join(chunks)


def _chunks(response: requests.Response) -> t.Iterator[bytes]:
    """Give the body as it arrives, where urllib3 can (since 2.1); otherwise in chunks that it waits for."""
    read = getattr(response.raw, "read1", None)
    if read is None:
        yield from response.iter_content(_CHUNK)
        return
    chunk = read(_CHUNK, decode_content=True)
    while chunk:
        yield chunk
        chunk = read(_CHUNK, decode_content=True)


def _no_answer(error: Exception, host: str, timeout: float) -> NoAnswer:
    """Say in plain words what went wrong; the library's own texts bear URLs, object addresses and proxy passwords."""
    cause = _innermost(error)
    if isinstance(error, requests.exceptions.SSLError):
        # Only a certificate is known to be refused before the request. The library tells what is no TLS in the same words
        # wherever it meets it, in the handshake or in place of an answer.
        untrusted = any(
            _has(error, kind) for kind in (ssl.SSLCertVerificationError, urllib3.connection.CertificateError)
        )
        refused = untrusted or any(reason in str(error) for reason in _NO_HANDSHAKE)
        return NoAnswer(f"TLS with {host} failed: {cause}", sent=not untrusted, hopeless=refused)
    if isinstance(error, requests.exceptions.ProxyError):
        # urllib3 says so too when a tunnel breaks that a request has gone through.
        kinds = (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError)
        unsent = any(_has(error, kind) for kind in kinds) or "Tunnel connection failed" in str(error)
        return NoAnswer(f"the proxy on the way to {host} failed: {cause}", sent=not unsent)
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return NoAnswer(f"{host} took no connection within {min(_CONNECT_TIMEOUT, timeout):g} s", sent=False)
    if isinstance(error, requests.exceptions.Timeout):
        return NoAnswer(f"{host} gave no answer within {timeout:.3g} s", sent=True)
    if isinstance(error, requests.exceptions.ConnectionError):
        never_sent = _has(error, urllib3.exceptions.NewConnectionError)
        what = "cannot connect to" if never_sent else "lost the connection to"
        return NoAnswer(f"{what} {host}: {cause}", sent=not never_sent)
    garbled = (requests.exceptions.ChunkedEncodingError, requests.exceptions.ContentDecodingError)
    # requests says of a header that the server has sent what it says of one that cannot be sent.
    if isinstance(error, garbled) or _has(error, urllib3.exceptions.InvalidHeader):
        return NoAnswer(f"the answer of {host} was cut short or garbled", sent=True)
    if isinstance(error, ValueError):
        return NoAnswer(f"the request to {host} is not valid: {type(error).__name__}", sent=False, hopeless=True)
    return NoAnswer(f"the exchange with {host} failed: {type(error).__name__}", sent=True)


def _chain(error: BaseException) -> t.Iterator[BaseException]:
    """Give an exception and all that it wraps; libraries hide the cause in args, reason, __cause__ or __context__."""
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
    """Give the operating system's or TLS library's own words; otherwise the name of the innermost exception."""
    words = type(error).__name__
    for one in _chain(error):
        words = type(one).__name__
        if isinstance(one, (ssl.SSLCertVerificationError, urllib3.connection.CertificateError)):
            # It has no such message where urllib3 has found the fault.
            return f"the certificate is not trusted: {getattr(one, 'verify_message', None) or one.args[0]}"
        if isinstance(one, OSError) and one.strerror and not isinstance(one, requests.exceptions.RequestException):
            return one.strerror
    return words
