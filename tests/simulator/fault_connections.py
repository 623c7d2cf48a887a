# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The faults of connections: reset, hang, slow and endless responses.

Every wait ends when the client closes its side, or when the simulator stops (it then stops reading from all
connections).
"""

from __future__ import annotations

import contextlib
import os
import select
import socket
import ssl
import struct
from typing import Any, Iterator

from .fault_responses import HttpResponse, status_line

_HUGE_BYTES = 256 * 1024 * 1024
# Pieces of a slow response, each second
_PIECES_PER_SECOND = 20


def reset(connection: socket.socket) -> None:
    """Reset a connection (RST). Always raises."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    # Detached, because the server would otherwise send FIN first.
    os.close(connection.detach())
    raise ConnectionResetError


def hang(connection: socket.socket) -> None:
    """Wait until the client or the simulator ends the connection. Always raises."""
    _wait(connection, select.POLLIN, None)
    raise ConnectionAbortedError


def send_slowly(
    connection: socket.socket, start_response: Any, response: HttpResponse, seconds: float
) -> Iterator[bytes]:
    """Send a response in small pieces over so many seconds."""
    start_response(status_line(response.status), response.headers)
    content = _head(response) + response.body
    pieces = max(2, min(len(content), round(seconds * _PIECES_PER_SECOND)))
    with contextlib.suppress(OSError):
        sent = 0
        for piece in range(1, pieces + 1):
            if piece > 1 and _wait(connection, select.POLLIN, seconds / (pieces - 1)):
                break
            end = len(content) * piece // pieces
            _send(connection, content[sent:end])
            sent = end
    return _already_sent()


def send_endlessly(connection: socket.socket, start_response: Any, size: int | None) -> Iterator[bytes]:
    """Send a body that does not end, or ends in the middle after ``size`` bytes, without a Content-Length.

    It is generated as it is sent.
    """
    response = HttpResponse(200, [("Content-Type", "application/json")], b"")
    start_response(status_line(response.status), response.headers)
    left = _HUGE_BYTES if size is None else size
    block = b'{"deviceId":"990003425730535","status":"Success","resultReason":"Success"},' * 1000
    with contextlib.suppress(OSError):
        _send(connection, _head(response))
        start = b'{"accountName":"0642233522-00001","deviceList":['[:left]
        _send(connection, start)
        left -= len(start)
        while left > 0:
            _send(connection, block[:left])
            left -= len(block)
    return _already_sent()


def _already_sent() -> Iterator[bytes]:
    """Return a body for a response that is sent already: the server only closes the connection."""
    return map(_abort, [b""])


def _abort(_chunk: bytes) -> bytes:
    raise ConnectionAbortedError


def _head(response: HttpResponse) -> bytes:
    lines = ["HTTP/1.1 " + status_line(response.status)]
    lines += [f"{name}: {value}" for name, value in response.headers]
    lines += ["Connection: close", "", ""]
    return "\r\n".join(lines).encode("latin-1")


def _wait(connection: socket.socket, events: int, seconds: float | None) -> int:
    """Return which of the events occurred, 0 for none in time.

    POLLIN means the end of the connection: no client sends anything between its request and the response.
    """
    poll = select.poll()
    poll.register(connection, events)
    came = poll.poll(None if seconds is None else seconds * 1000)
    return came[0][1] if came else 0


def _send(connection: socket.socket, content: bytes) -> None:
    """Send all content; raise ConnectionAbortedError when the connection or the simulator ends, even if the
    client reads nothing."""
    connection.setblocking(False)
    row_without_device = memoryview(content)
    while row_without_device:
        if _wait(connection, select.POLLIN | select.POLLOUT, None) & ~select.POLLOUT:
            raise ConnectionAbortedError
        with contextlib.suppress(BlockingIOError, ssl.SSLWantWriteError):
            row_without_device = row_without_device[connection.send(row_without_device) :]
