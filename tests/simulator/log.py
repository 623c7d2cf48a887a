# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The log of every request to the service, in order of arrival, with its status."""

from __future__ import annotations

import io
import json
import threading
from dataclasses import dataclass, replace
from typing import IO, Any, Callable

from werkzeug.datastructures import Headers

WsgiApp = Callable[..., Any]


@dataclass(frozen=True)
class LoggedRequest:
    """A request to the service.

    path: what follows /api, as sent, with the query.
    headers: names are case-insensitive.
    status: None until the response, or if there never was one.
    in_flight: how many requests were in progress when it arrived, including itself.
    """

    method: str
    path: str
    headers: Headers
    body: bytes
    in_flight: int
    status: int | None = None

    @property
    def json(self) -> Any:
        """Return the JSON content of the body, None if it is not JSON. Parsed on demand, because fleet runs send a lot."""
        try:
            return json.loads(self.body.decode("utf-8"))
        except ValueError:
            return None

    @property
    def is_write(self) -> bool:
        return self.method == "POST" and self.path.split("?")[0].endswith(("/remove", "/assign"))

    def as_dict(self) -> dict[str, Any]:
        return {
            "method": self.method,
            "path": self.path,
            "headers": dict(self.headers),
            "body": self.body.decode("utf-8", "replace"),
            "json": self.json,
            "status": self.status,
            "in_flight": self.in_flight,
        }


class RequestLog:
    """The requests so far. file: gets a JSON line for each request. Safe for many threads."""

    def __init__(self, file: IO[str] | None = None) -> None:
        self._lock = threading.Lock()
        self._requests: list[LoggedRequest] = []
        self._in_flight = 0
        self._generation = 0
        self._file = file

    def requests(self) -> list[LoggedRequest]:
        with self._lock:
            return list(self._requests)

    def clear(self) -> None:
        with self._lock:
            self._requests = []
            self._generation += 1

    def wrap(self, app: WsgiApp, path_of: Callable[[dict[str, Any]], str]) -> WsgiApp:
        """Return the application with its requests logged. path_of: returns the path of an environ."""

        def wrapped(environ: dict[str, Any], start_response: Any) -> Any:
            body = environ["wsgi.input"].read()
            environ["wsgi.input"] = io.BytesIO(body)
            with self._lock:
                self._in_flight += 1
                entry = LoggedRequest(
                    environ["REQUEST_METHOD"],
                    path_of(environ),
                    _headers(environ),
                    body,
                    self._in_flight,
                )
                generation, position = self._generation, len(self._requests)
                self._requests.append(entry)
            statuses: list[int] = []

            def started(status: str, *row_without_device: Any) -> Any:
                statuses.append(int(status.split(" ", 1)[0]))
                return start_response(status, *row_without_device)

            responded = False
            try:
                response = app(environ, started)
                responded = True
                return response
            finally:
                with self._lock:
                    self._in_flight -= 1
                    if responded:
                        entry = replace(entry, status=statuses[-1])
                    if generation == self._generation:
                        self._requests[position] = entry
                    if self._file is not None:
                        self._file.write(json.dumps(entry.as_dict()) + "\n")
                        self._file.flush()

        return wrapped


def _headers(environ: dict[str, Any]) -> Headers:
    names = {name: name[5:] for name in environ if name.startswith("HTTP_")}
    names.update((name, name) for name in ("CONTENT_TYPE", "CONTENT_LENGTH") if name in environ)
    return Headers([(short.replace("_", "-").title(), str(environ[name])) for name, short in names.items()])
