# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The service as a trace recorded it: each request gets the response of the recorded one."""

from __future__ import annotations

import io
import json
import threading
from dataclasses import dataclass
from typing import Any, Callable, Iterable

from .fault_responses import HttpResponse
from .routes import logged_path

WsgiApp = Callable[..., Any]

# Not sent again: they describe the connection of that time, or how the body was encoded.
_OMITTED_HEADERS = ("content-encoding", "content-length", "date", "server", "via")
# The account that a trace is about.
ACCOUNT = "0000000000-00001"


@dataclass
class Exchange:
    """A recorded exchange. devices: the device list of the request. status: None if no valid response arrived."""

    method: str
    path: str
    devices: tuple[str, ...] | None
    status: int | None
    headers: dict[str, str]
    body: bytes
    replayed: bool = False


_NOT_RECORDED = Exchange(
    "",
    "",
    None,
    404,
    {"content-type": "application/json"},
    b'{"errorCode": "NOT_RECORDED", "errorMessage": "This request is not in the trace."}',
)


class Replay:
    """The exchanges of a trace; use ``middleware`` in a ``Simulator``.

    A request gets the first recorded exchange with its method, path and devices that was not replayed yet; then the last one
    again. If the devices differ, the path decides. Exchanges whose request never reached the server are skipped.
    """

    def __init__(self, exchanges: Iterable[Exchange]) -> None:
        self._exchanges = list(exchanges)
        self._lock = threading.Lock()
        self.unknown: list[str] = []

    @classmethod
    def read(cls, lines: Iterable[str], run: str | None = None) -> Replay:
        """Return the replay of a trace, or of one run in it. Raises ValueError for what is not a trace."""
        every = [entry for entry in map(_entry, lines) if entry]
        entries = [entry for entry in every if run in (None, entry["run"])]
        if not entries:
            runs = ", ".join(dict.fromkeys(entry["run"] for entry in every)) or "none"
            raise ValueError(f"the trace has no exchange of this run; its runs: {runs}")
        return cls(_exchange(entry) for entry in entries if entry["status"] is not None or entry.get("sent"))

    @property
    def imeis(self) -> list[str]:
        """Return the devices in requests, in order."""
        return list(dict.fromkeys(imei for exchange in self._exchanges for imei in exchange.devices or ()))

    @property
    def left(self) -> list[Exchange]:
        """Return the exchanges that were not replayed."""
        return [exchange for exchange in self._exchanges if not exchange.replayed]

    def middleware(self, _app: WsgiApp) -> WsgiApp:
        """Return an application that responds as the trace did; for ``Simulator(middleware=…)``."""

        def respond(environ: dict[str, Any], start_response: Any) -> Any:
            exchange = self._next(environ["REQUEST_METHOD"], logged_path(environ), _devices(environ))
            if exchange is None:
                exchange = _NOT_RECORDED
            if exchange.status is None:
                raise ConnectionError("no response was recorded")
            response = HttpResponse(exchange.status, list(exchange.headers.items()), b"")
            return response.with_body(exchange.body).start(start_response)

        return respond

    def _next(self, method: str, path: str, devices: tuple[str, ...] | None) -> Exchange | None:
        with self._lock:
            same_path = [one for one in self._exchanges if (one.method, one.path) == (method, path)]
            same = [one for one in same_path if one.devices == devices] or same_path
            if not same:
                self.unknown.append(f"{method} {path}")
                return None
            found = next((one for one in same if not one.replayed), same[-1])
            found.replayed = True
            return found


def _entry(line: str) -> dict[str, Any] | None:
    """Return a line of a trace, None for one that a killed run left unfinished."""
    begin = '{"trace": 1,'
    text = line.strip()
    # In mid-line, a later run has begun a new one.
    if not text or begin.startswith(text):
        return None
    if not text.startswith(begin):
        raise ValueError(f"not a line of a trace: {text[:80]}")
    try:
        entry: dict[str, Any] = json.loads(text)
    except ValueError:
        return None
    missing = [name for name in ("run", "method", "path", "status", "request") if name not in entry]
    if missing:
        raise ValueError(f"a line of a trace has no {missing[0]}: {text[:80]}")
    return entry


def _exchange(entry: dict[str, Any]) -> Exchange:
    content = (entry["request"] or {}).get("json")
    devices = content.get("deviceList") if isinstance(content, dict) else None
    response = entry.get("response") or {}
    body = json.dumps(response["json"]) if "json" in response else response.get("text", "")
    headers = {name: value for name, value in entry.get("headers", {}).items() if name not in _OMITTED_HEADERS}
    return Exchange(
        entry["method"],
        entry["path"],
        None if devices is None else tuple(map(str, devices)),
        entry["status"],
        headers,
        body.encode("utf-8", "surrogatepass"),
    )


def _devices(environ: dict[str, Any]) -> tuple[str, ...] | None:
    body = environ["wsgi.input"].read()
    environ["wsgi.input"] = io.BytesIO(body)
    try:
        content = json.loads(body)
    except ValueError:
        return None
    devices = content.get("deviceList") if isinstance(content, dict) else None
    return None if devices is None else tuple(map(str, devices))
