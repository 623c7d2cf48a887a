# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults between the service and its clients: which request meets which fault. What the client
then sees is in `fault_responses.py` (wording) and `fault_connections.py` (connections).
"""

from __future__ import annotations

import random
import re
import threading
from dataclasses import asdict, dataclass
from typing import Any, Callable, Sequence

from . import fault_connections, fault_responses
from .fault_kinds import EXPIRING, REJECTED, WITHOUT_ANSWER, Fault
from .routes import logged_path, raw_path

WsgiApp = Callable[..., Any]


@dataclass(frozen=True)
class Injected:
    """A fault that a request met. path: as in the log; number: of the request, counted from 1
    over all that reached the layer."""

    fault: Fault
    path: str
    number: int

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


class Faults:
    """A schedule of faults: a request meets the first of them that is due, and the others do not
    count it. All chances come from `seed`: the same requests in the same order meet the same.
    Safe for many threads.
    """

    def __init__(self, faults: Sequence[Fault] = (), seed: int = 0) -> None:
        self.faults = tuple(faults)
        self.seed = seed
        self._lock = threading.Lock()
        self.reset()

    @classmethod
    def nothing(cls) -> Faults:
        """A schedule without faults."""
        return cls()

    def reset(self) -> None:
        """As at the start: chances, counts, what was injected."""
        with self._lock:
            self._random = random.Random(self.seed)
            self._passed = [0] * len(self.faults)
            self._struck = [0] * len(self.faults)
            self._injected: list[Injected] = []
            self._requests = 0

    @property
    def injected(self) -> list[Injected]:
        """What was injected so far, in order."""
        with self._lock:
            return list(self._injected)

    def around(self, app: WsgiApp) -> WsgiApp:
        """The application with the faults around it; for `Simulator(around=…)`."""

        def layer(environ: dict[str, Any], start_response: Any) -> Any:
            call = call_of(environ)
            due = self._due(call, environ)
            if due is None:
                return app(environ, start_response)
            fault, chance = due
            return _strike(fault, chance, call, app, environ, start_response)

        return layer

    def _due(self, call: str, environ: dict[str, Any]) -> tuple[Fault, random.Random] | None:
        """The fault that a request meets, with chances of its own: what the service takes to
        answer must not change those of the next request."""
        with self._lock:
            self._requests += 1
            for position, fault in enumerate(self.faults):
                if not fault.meets(call) or self._struck[position] == fault.times:
                    continue
                if self._passed[position] < fault.skip:
                    self._passed[position] += 1
                    continue
                if self._random.random() >= fault.probability:
                    continue
                self._struck[position] += 1
                self._injected.append(Injected(fault, logged_path(environ), self._requests))
                return fault, random.Random(self._random.getrandbits(64))
        return None


def faults_of(around: Callable[[WsgiApp], WsgiApp] | None) -> Faults:
    """The schedule whose `around` this is; one without faults for any other layer."""
    owner = getattr(around, "__self__", None)
    return owner if isinstance(owner, Faults) else Faults.nothing()


_PATHS = (
    ("token", "POST", re.compile(r"/api/ts/v1/oauth2/token")),
    ("revoke", "POST", re.compile(r"/api/ts/v1/oauth2/revoke")),
    ("log_in", "POST", re.compile(r"/api/m2m/v1/session/login")),
    ("log_out", "POST", re.compile(r"/api/m2m/v1/session/logout")),
    ("remove", "POST", re.compile(r"/api/fota/v3/licenses/[^/]*/remove")),
    ("devices", "POST", re.compile(r"/api/fota/v3/devices/[^/]*")),
    ("licenses", "GET", re.compile(r"/api/fota/v3/licenses/[^/]*(/index/[^/]*)?")),
    ("history", "GET", re.compile(r"/api/fota/v3/reports/[^/]*/devices/[^/]*")),
)


def call_of(environ: dict[str, Any]) -> str:
    """Which call a request is; `report` for what has no name here (all devices, campaigns, subscription)."""
    path = raw_path(environ)
    for call, method, form in _PATHS:
        if environ["REQUEST_METHOD"] == method and form.fullmatch(path):
            return call
    return "report"


def _strike(
    fault: Fault, chance: random.Random, call: str, app: WsgiApp, environ: dict[str, Any], start_response: Any
) -> Any:
    connection = environ["werkzeug.socket"]
    if fault.kind in EXPIRING:
        fault_responses.expire(fault, environ)
        return app(environ, start_response)
    if fault.kind in WITHOUT_ANSWER + REJECTED:
        if fault.acted:
            fault_responses.served(app, environ)
        if fault.kind == "reset":
            fault_connections.reset(connection)
        if fault.kind == "hang":
            fault_connections.hang(connection)
        if fault.kind == "huge":
            return fault_connections.endless(connection, start_response, fault.byte)
        return fault_responses.made_up(fault, environ).start(start_response)
    answer = fault_responses.distorted(fault, chance, call, app, environ)
    if fault.kind == "slow":
        return fault_connections.drip(connection, start_response, answer, fault.seconds)
    return answer.start(start_response)
