# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A server on loopback that responds, closes connections or stays silent as configured, one connection after the other."""

from __future__ import annotations

import socket
import struct
import threading
import time
import typing as t
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

TLS_HELLO = b"\x16"
Reply = t.Callable[[socket.socket], None]


def sending(content: bytes) -> Reply:
    return lambda connection: connection.sendall(content)


def responding(body: bytes = b"{}", status: str = "200 OK", **headers: str) -> Reply:
    """Respond with valid HTTP; underscores in names of headers become hyphens."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return sending("\r\n".join([*lines, "", ""]).encode() + body)


def resetting(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def closing(connection: socket.socket) -> None:
    """Send nothing."""


def tunnel(tls: t.Any, requests: list[str], reply: Reply) -> Reply:
    """Act as a proxy for one TLS connection, to a server that replies so."""

    def way(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        with tls.wrap_socket(connection, server_side=True) as stream:
            requests.append(_request(stream))
            reply(stream)

    return way


def silent(connection: socket.socket) -> None:
    """Send nothing, and wait until the other side closes."""
    connection.settimeout(5)
    with suppress(OSError):
        connection.recv(1)


def dripping(status: str = "200 OK") -> Reply:
    """Respond byte by byte, for half a second or until the other side closes."""

    def drip(connection: socket.socket) -> None:
        head = (f"HTTP/1.1 {status}", "Content-Length: 10", "Connection: close", "Location: /", "", "")
        connection.sendall("\r\n".join(head).encode())
        for _byte in range(10):
            time.sleep(0.05)
            connection.sendall(b"x")

    return drip


@dataclass
class Served:
    """The address of a server, and head and body of each request."""

    url: str
    requests: list[str] = field(default_factory=list)


@contextmanager
def server(*replies: Reply, tls: t.Any = None) -> t.Iterator[Served]:
    """Serve one connection with each reply, in turn."""
    listener = socket.create_server(("127.0.0.1", 0))
    served = Served(f"{'https://localhost' if tls else 'http://127.0.0.1'}:{listener.getsockname()[1]}")

    def serve() -> None:
        for reply in replies:
            with suppress(OSError):
                connection, _address = listener.accept()
                with connection:
                    stream = tls.wrap_socket(connection, server_side=True) if tls else connection
                    served.requests.append(_request(stream))
                    reply(stream)
                    stream.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield served
    finally:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def closed_port() -> str:
    """Return an address without a server."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"127.0.0.1:{listener.getsockname()[1]}"


def another_request(connection: socket.socket) -> str:
    """Read the next request of a connection, and return it. Raises OSError when there is none."""
    return _request(connection)


def _request(stream: socket.socket) -> str:
    text = b""
    while b"\r\n\r\n" not in text:
        if text.startswith(TLS_HELLO):
            return "a TLS hello"
        more = stream.recv(65536)
        if not more:
            raise OSError("no request")
        text += more
    head, _blank, body = text.partition(b"\r\n\r\n")
    length = next((int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if b"content-length:" in line), 0)
    while len(body) < length:
        body += stream.recv(65536)
    return (head + b"\r\n\r\n" + body).decode("latin-1")
