# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The HTTP server: Werkzeug's threaded server with persistent connections and a stop that leaves no thread behind."""

from __future__ import annotations

import contextlib
import io
import socket
import ssl
import threading
from typing import Any, Callable

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

WsgiApp = Callable[..., Any]


class Connections:
    """The connections that are open now."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._ended = False

    def add(self, connection: socket.socket) -> None:
        with self._lock:
            self._open.add(connection)
            if self._ended:
                _stop_reading(connection)

    def discard(self, connection: socket.socket) -> None:
        with self._lock:
            self._open.discard(connection)

    def end(self) -> None:
        """Let each finish its current response, and read no further request."""
        with self._lock:
            self._ended = True
            for connection in self._open:
                _stop_reading(connection)


def _stop_reading(connection: socket.socket) -> None:
    # The client may have closed it already.
    with contextlib.suppress(OSError):
        # Not SSLSocket.shutdown, which would send the rest of a response unencrypted.
        socket.socket.shutdown(connection, socket.SHUT_RD)


def listen(
    app: WsgiApp, host: str, port: int, ssl_context: ssl.SSLContext | None
) -> tuple[BaseWSGIServer, Connections]:
    """Return a server that listens, and serves once its ``serve_forever`` runs.

    Raises OSError if the port is in use (make_server itself would exit).
    """
    connections = Connections()
    with socket.create_server((host, port), backlog=128) as listening:
        server = make_server(
            host,
            port,
            app,
            threaded=True,
            request_handler=_handler(connections),
            fd=listening.fileno(),
        )
    # The server joins its threads when it closes; socketserver does not join daemons.
    server.daemon_threads = False  # type: ignore[attr-defined]
    if ssl_context is not None:
        # The connection's own thread does the handshake, so that a slow client blocks no other.
        server.socket = ssl_context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        server.ssl_context = ssl_context
    return server, connections


def _handler(connections: Connections) -> Any:
    class Handler(WSGIRequestHandler):
        protocol_version = "HTTP/1.1"
        # Headers and body are two writes: with Nagle's algorithm the second waits 40 ms.
        disable_nagle_algorithm = True

        def setup(self) -> None:
            super().setup()
            connections.add(self.connection)

        def finish(self) -> None:
            connections.discard(self.connection)
            super().finish()

        def log(self, *_message: Any, **_more: Any) -> None:
            """Log nothing: the simulator has its own log."""

        def run_wsgi(self) -> None:
            """Serve one exchange. Werkzeug's own method closes the connection after each."""
            environ = self.make_environ()
            try:
                length = int(environ.get("CONTENT_LENGTH") or 0)
            except ValueError:
                self.send_error(400)
                return
            if environ.get("wsgi.input_terminated"):
                body = environ["wsgi.input"].read()
            else:
                body = self.rfile.read(length)
                if len(body) < length:
                    self.close_connection = True
                    return
            # Always read in full, because the next request follows directly.
            environ["wsgi.input"] = io.BytesIO(body)
            environ["CONTENT_LENGTH"] = str(len(body))
            started: list[tuple[str, list[tuple[str, str]]]] = []

            def start_response(status: str, headers: Any, exc_info: Any = None) -> Any:
                started.append((status, headers))
                return None

            chunks = self.server.app(environ, start_response)
            try:
                content = b"".join(chunks)
            finally:
                if hasattr(chunks, "close"):
                    chunks.close()
            status, headers = started[-1]
            code, _blank, phrase = status.partition(" ")
            self.send_response(int(code), phrase)
            for name, value in headers:
                self.send_header(name, value)
            declared = {name.lower(): value for name, value in headers}.get("content-length")
            if declared is None:
                self.send_header("Content-Length", str(len(content)))
            elif int(declared) != len(content) and self.command != "HEAD":
                # A response that a fault cut short: no other can follow it on this connection.
                self.close_connection = True
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

    return Handler
