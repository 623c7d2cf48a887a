# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The schedule of faults between the service and its clients: which request gets which fault.

``fault_responses.py`` and ``fault_connections.py`` say what the client then sees.
"""

from __future__ import annotations

import random
import re
import threading
from dataclasses import asdict, dataclass
from typing import Any, Callable, Sequence

from . import fault_connections, fault_responses
from .fault_kinds import EXPIRING, REJECTED, REPLACING, Fault
from .routes import logged_path, raw_path

WsgiApp = Callable[..., Any]


@dataclass(frozen=True)
class InjectedFault:
    """A fault that a request got.

    path: as in the log.
    number: of the request, counted from 1 over all requests that reached the middleware.
    """

    fault: Fault
    path: str
    number: int

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


class Faults:
    """A schedule of faults: a request gets the first of them that is due, and the others do not count it.

    With the same ``seed``, the same requests in the same order get the same faults. Safe for many threads.
    """

    def __init__(self, faults: Sequence[Fault] = (), seed: int = 0) -> None:
        self.faults = tuple(faults)
        self.seed = seed
        self._lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        """Restore the state at the start: random numbers, counts, injected faults."""
        with self._lock:
            self._random = random.Random(self.seed)
            self._skipped_counts = [0] * len(self.faults)
            self._injected_counts = [0] * len(self.faults)
            self._injected: list[InjectedFault] = []
            self._requests = 0

    @property
    def injected(self) -> list[InjectedFault]:
        """Return the faults that were injected so far, in order."""
        with self._lock:
            return list(self._injected)

    def middleware(self, app: WsgiApp) -> WsgiApp:
        """Return the application with these faults; for ``Simulator(middleware=…)``."""

        def wrapped(environ: dict[str, Any], start_response: Any) -> Any:
            call = call_of(environ)
            next_fault = self._next_fault(call, environ)
            if next_fault is None:
                return app(environ, start_response)
            fault, rng = next_fault
            return _inject(fault, rng, call, app, environ, start_response)

        return wrapped

    def _next_fault(self, call: str, environ: dict[str, Any]) -> tuple[Fault, random.Random] | None:
        """Return the fault of a request, with random numbers of its own: how many it needs must not change those of
        the next request."""
        with self._lock:
            self._requests += 1
            for position, fault in enumerate(self.faults):
                if not fault.applies_to(call) or self._injected_counts[position] == fault.times:
                    continue
                if self._skipped_counts[position] < fault.skip:
                    self._skipped_counts[position] += 1
                    continue
                if self._random.random() >= fault.probability:
                    continue
                self._injected_counts[position] += 1
                self._injected.append(InjectedFault(fault, logged_path(environ), self._requests))
                return fault, random.Random(self._random.getrandbits(64))
        return None


def schedule_of(middleware: Callable[[WsgiApp], WsgiApp] | None) -> Faults:
    """Return the schedule whose ``middleware`` this is, or one without faults for any other."""
    owner = getattr(middleware, "__self__", None)
    return owner if isinstance(owner, Faults) else Faults()


_PATHS = (
    ("token", "POST", re.compile(r"/api/ts/v1/oauth2/token")),
    ("revoke", "POST", re.compile(r"/api/ts/v1/oauth2/revoke")),
    ("login", "POST", re.compile(r"/api/m2m/v1/session/login")),
    ("logout", "POST", re.compile(r"/api/m2m/v1/session/logout")),
    ("remove", "POST", re.compile(r"/api/fota/v3/licenses/[^/]*/remove")),
    ("assign", "POST", re.compile(r"/api/fota/v3/licenses/[^/]*/assign")),
    ("devices", "POST", re.compile(r"/api/fota/v3/devices/[^/]*")),
    ("licenses", "GET", re.compile(r"/api/fota/v3/licenses/[^/]*(/index/[^/]*)?")),
    ("history", "GET", re.compile(r"/api/fota/v3/reports/[^/]*/devices/[^/]*")),
)


def call_of(environ: dict[str, Any]) -> str:
    """Return which call a request is; ``report`` for those without a name (all devices, campaigns, subscription)."""
    path = raw_path(environ)
    for call, method, form in _PATHS:
        if environ["REQUEST_METHOD"] == method and form.fullmatch(path):
            return call
    return "report"


def _inject(
    fault: Fault, rng: random.Random, call: str, app: WsgiApp, environ: dict[str, Any], start_response: Any
) -> Any:
    connection = environ["werkzeug.socket"]
    if fault.kind in EXPIRING:
        fault_responses.expire_token(fault, environ)
        return app(environ, start_response)
    if fault.kind in REPLACING + REJECTED:
        if fault.acted:
            fault_responses.call_service(app, environ)
        if fault.kind == "reset":
            fault_connections.reset(connection)
        if fault.kind == "hang":
            fault_connections.hang(connection)
        if fault.kind == "huge":
            return fault_connections.send_endlessly(connection, start_response, fault.byte)
        return fault_responses.substitute_response(fault, environ).start(start_response)
    response = fault_responses.distort_response(fault, rng, call, app, environ)
    if fault.kind == "slow":
        return fault_connections.send_slowly(connection, start_response, response, fault.seconds)
    return response.start(start_response)
