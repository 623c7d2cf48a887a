# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulator as one object: start, stop, and what tests read and change."""

from __future__ import annotations

import functools
import ssl
import threading
import time
from typing import IO, Any, Callable, Sequence

from . import http_server
from .accounts import Account
from .control import PREFIX, create_control_app
from .dialect import Dialect
from .faults import schedule_of
from .log import LoggedRequest, RequestLog
from .routes import SERVICE, logged_path, raw_path, service_app, with_raw_path
from .service import Service
from .settings import Settings
from .tokens import Credentials

WsgiApp = Callable[..., Any]

HOST = "127.0.0.1"

_DEFAULT_DIALECT = Dialect()
_DEFAULT_CREDENTIALS = Credentials()


class Simulator:
    """A ThingSpace on loopback during a ``with`` block (or from ``start`` to ``stop``).

    latency: minimum duration of each request in seconds; the service acts at once and the response is delayed.
    credentials: what the token calls accept.
    ssl_context: for https.
    session_idle, access_token_life: seconds.
    max_batch, too_large_status: a request with more devices is rejected with that status.
    page_size: rows in a page of a list.
    port: 0 for any free port.
    request_log: text file that gets a JSON line for each request.
    middleware: wraps the service's WSGI application, inside the log; for faults (``Faults.middleware``).
        Raising ConnectionError there closes the connection without a response.
    """

    def __init__(
        self,
        accounts: Sequence[Account],
        *,
        dialect: Dialect = _DEFAULT_DIALECT,
        latency: float = 0.0,
        credentials: Credentials = _DEFAULT_CREDENTIALS,
        ssl_context: ssl.SSLContext | None = None,
        session_idle: float = 1200.0,
        access_token_life: float = 3600.0,
        max_batch: int = 1000,
        port: int = 0,
        page_size: int = 1000,
        too_large_status: int = 400,
        request_log: IO[str] | None = None,
        middleware: Callable[[WsgiApp], WsgiApp] | None = None,
    ) -> None:
        self.credentials = credentials
        self.dialect = dialect
        self._service = Service(
            accounts,
            Settings(
                dialect=dialect,
                credentials=credentials,
                session_idle=session_idle,
                access_token_life=access_token_life,
                max_batch=max_batch,
                too_large_status=too_large_status,
                page_size=page_size,
            ),
        )
        self._log = RequestLog(request_log)
        self._stop_requested = threading.Event()
        self._port = port
        self._bound_port: int | None = None
        self._ssl_context = ssl_context
        app = with_raw_path(service_app().wsgi_app)
        if middleware is not None:
            app = middleware(app)
        app = self._log.wrap(_with_latency(app, latency, self._stop_requested), logged_path)
        self._faults = schedule_of(middleware)
        self._app = _with_control(lambda: self._control_app, _with_service(app, self._service))
        self._running: tuple[Any, http_server.Connections, threading.Thread] | None = None

    @functools.cached_property
    def _control_app(self) -> WsgiApp:
        # Most tests do without it.
        app = create_control_app(self._service, self._log, self._faults, self._stop_requested.set)
        return with_raw_path(app.wsgi_app)

    # Start and stop

    def start(self) -> Simulator:
        """Start to listen and serve. Raises OSError if the port is in use."""
        if self._running is not None:
            raise RuntimeError("the simulator is already running")
        self._stop_requested.clear()
        server, connections = http_server.listen(self._app, HOST, self._port, self._ssl_context)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.005}, name="simulator")
        thread.start()
        self._running = server, connections, thread
        self._bound_port = server.port
        return self

    def stop(self) -> None:
        """Let requests in progress finish without delay, and close all connections and the port."""
        if self._running is None:
            return
        server, connections, thread = self._running
        self._stop_requested.set()
        # Before the accept loop ends, which joins the threads of the connections.
        connections.end()
        server.shutdown()
        thread.join()
        self._running = None

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for POST /_simulator/shutdown; return False if ``timeout`` (seconds) passed first."""
        return self._stop_requested.wait(timeout)

    def __enter__(self) -> Simulator:
        return self.start()

    def __exit__(self, *_error: Any) -> None:
        self.stop()

    # Address and log

    @property
    def origin(self) -> str:
        """Return the URL without a path; after a stop, the last one."""
        if self._bound_port is None:
            raise RuntimeError("the simulator was not started")
        scheme = "http" if self._ssl_context is None else "https"
        return f"{scheme}://{HOST}:{self._bound_port}"

    @property
    def url(self) -> str:
        """Return the URL of the API."""
        return self.origin + "/api"

    @property
    def requests(self) -> list[LoggedRequest]:
        return self._log.requests()

    @property
    def writes(self) -> list[LoggedRequest]:
        return [logged for logged in self._log.requests() if logged.is_write]

    # The real state, and changes of it

    def licensed(self, account: str) -> frozenset[str]:
        return self._service.licensed(account)

    @property
    def assigned(self) -> list[tuple[str, str]]:
        """Return every license that was assigned through the API: account and IMEI, in order."""
        return self._service.assigned()

    @property
    def removed(self) -> list[tuple[str, str]]:
        return self._service.removed()

    def assign(self, account: str, imeis: Sequence[str]) -> None:
        self._service.assign(account, imeis)

    def issue_tokens(self) -> tuple[str, str]:
        return self._service.issue_tokens()

    def expire_sessions(self) -> None:
        self._service.expire_sessions()

    def expire_access_tokens(self) -> None:
        self._service.expire_access_tokens()

    def advance(self, seconds: float) -> None:
        self._service.advance(seconds)

    def failed_logins(self, username: str) -> int:
        return self._service.failed_logins(username)

    def locked(self, username: str) -> bool:
        return self._service.locked(username)

    def reset(self) -> None:
        """Restore state, clock, faults and log to the start."""
        self._service.reset()
        self._faults.reset()
        self._log.clear()


def _with_latency(app: WsgiApp, latency: float, stop_requested: threading.Event) -> WsgiApp:
    """Delay each response until the request has taken that long in total."""

    def wrapped(environ: dict[str, Any], start_response: Any) -> Any:
        due = time.monotonic() + latency
        response = app(environ, start_response)
        stop_requested.wait(max(0.0, due - time.monotonic()))
        return response

    return wrapped


def _with_service(app: WsgiApp, service: Service) -> WsgiApp:
    """Make the service available to the application, and to middleware: some faults change its state."""

    def wrapped(environ: dict[str, Any], start_response: Any) -> Any:
        environ[SERVICE] = service
        return app(environ, start_response)

    return wrapped


def _with_control(control: Callable[[], WsgiApp], app: WsgiApp) -> WsgiApp:
    def wrapped(environ: dict[str, Any], start_response: Any) -> Any:
        chosen = control() if raw_path(environ).startswith(PREFIX) else app
        return chosen(environ, start_response)

    return wrapped
