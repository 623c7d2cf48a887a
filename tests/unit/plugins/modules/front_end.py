# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A front end before the simulator that drops persistent connections, in one of several ways."""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
import threading
import time
import typing as t

HOST = "127.0.0.1"
# When a connection ends: never by itself; after its first response; when the second request arrives, which is not read;
# after the service has processed the second request, whose response is lost; 30 ms after each response.
KEEPS, FIRST, SECOND, SECOND_SERVED, SOON = "keeps", "first", "second", "second, served", "30 ms"
DROPPING = (FIRST, SECOND, SECOND_SERVED, SOON)
_SOON = 0.03


class FrontEnd:
    """Forwards requests to a simulator. ``latency``: of the connection to it, in seconds.

    ``proxy``: it is also the proxy that leads to itself, by CONNECT. ``informational``: what it sends before each response.
    """

    def __init__(
        self,
        simulator: t.Any,
        ends: str,
        tls: ssl.SSLContext | None = None,
        proxy: bool = False,
        latency: float = 0.0,
        informational: bytes = b"",
    ) -> None:
        self._backend = (HOST, int(simulator.origin.rpartition(":")[2]))
        self._ends = ends
        self._tls = tls
        self._proxy = proxy
        self._latency = latency
        self._informational = informational
        self._listener = socket.create_server((HOST, 0), backlog=64)
        self._threads: list[threading.Thread] = []
        self._streams: list[socket.socket] = []
        self.connections = 0
        self.lost = 0
        port = self._listener.getsockname()[1]
        self.url = f"{'https' if tls else 'http'}://{HOST}:{port}/api"
        self.proxy_url = f"http://{HOST}:{port}"

    def __enter__(self) -> FrontEnd:
        self._start(self._accept)
        return self

    def __exit__(self, *_error: object) -> None:
        # Clients may keep their side open after the test.
        for one in (self._listener, *self._streams):
            with contextlib.suppress(OSError):
                socket.socket.shutdown(one, socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(5)

    def _start(self, target: t.Callable[..., None], *args: t.Any) -> None:
        self._threads.append(threading.Thread(target=target, args=args, daemon=True))
        self._threads[-1].start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _address = self._listener.accept()
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._start(self._connection, connection)

    def _connection(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            if self._proxy:
                _message(connection)
                connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            self.connections += 1
            if self._tls is None:
                self._serve(connection)
            else:
                with self._tls.wrap_socket(connection, server_side=True) as stream:
                    self._serve(stream)

    def _serve(self, stream: socket.socket) -> None:
        """Serve the requests of a connection until it ends in its way."""
        self._streams.append(stream)
        served, end = 0, float("inf")
        while self._ends != FIRST or not served:
            if served and not self._arrives(stream, end):
                return
            if served and self._ends == SECOND:
                self.lost += bool(stream.recv(1))
                return
            request = _message(stream)
            if not request:
                return
            if self._informational:
                stream.sendall(self._informational)
            time.sleep(self._latency)
            with socket.create_connection(self._backend) as backend:
                backend.sendall(request)
                response = _message(backend)
            if served and self._ends == SECOND_SERVED or time.monotonic() > end:
                self.lost += 1
                return
            stream.sendall(response)
            served += 1
            if self._ends == SOON:
                end = time.monotonic() + _SOON

    def _arrives(self, stream: socket.socket, end: float) -> bool:
        timeout = None if end == float("inf") else max(0.0, end - time.monotonic())
        return bool(select.select([stream], [], [], timeout)[0])


def _message(stream: socket.socket) -> bytes:
    """Read a request or a response; return nothing if the connection has ended."""
    content = b""
    length = None
    while length is None or len(content) < length:
        more = stream.recv(65536)
        if not more:
            return b""
        content += more
        head, blank, _body = content.partition(b"\r\n\r\n")
        if blank and length is None:
            lines = head.lower().split(b"\r\n")
            announced = [int(line.split(b":")[1]) for line in lines if line.startswith(b"content-length:")]
            length = len(head) + len(blank) + sum(announced)
    return content
