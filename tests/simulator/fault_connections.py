# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What connections do under a fault: reset, hang, drip, flood. Each wait ends at once when the
client closes its side, or when the simulator ends (it then stops reading from all connections).
"""

from __future__ import annotations

import contextlib
import os
import select
import socket
import ssl
import struct
from typing import Any, Iterator

from .fault_responses import HttpAnswer, status_line

_HUGE_BYTES = 256 * 1024 * 1024
# Pieces of a dripped answer, each second
_DRIPS = 20


def reset(connection: socket.socket) -> None:
    """End a connection with RST. Always raises."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    # Detached, or else the server would send FIN first, and close only what it holds last.
    os.close(connection.detach())
    raise ConnectionResetError


def hang(connection: socket.socket) -> None:
    """Until the client or the simulator ends the connection. Always raises."""
    _wait(connection, select.POLLIN, None)
    raise ConnectionAbortedError


def drip(connection: socket.socket, start_response: Any, answer: HttpAnswer, seconds: float) -> Iterator[bytes]:
    """Send an answer bit by bit over so many seconds."""
    start_response(status_line(answer.status), answer.headers)
    content = _head(answer) + answer.body
    pieces = max(2, min(len(content), round(seconds * _DRIPS)))
    with contextlib.suppress(OSError):
        sent = 0
        for piece in range(1, pieces + 1):
            if piece > 1 and _wait(connection, select.POLLIN, seconds / (pieces - 1)):
                break
            end = len(content) * piece // pieces
            _send(connection, content[sent:end])
            sent = end
    return _was_sent()


def endless(connection: socket.socket, start_response: Any, size: int | None) -> Iterator[bytes]:
    """Send a body that does not end, or ends without sense after `size` bytes. No length is
    announced. Generated as it is sent."""
    answer = HttpAnswer(200, [("Content-Type", "application/json")], b"")
    start_response(status_line(answer.status), answer.headers)
    left = _HUGE_BYTES if size is None else size
    block = b'{"deviceId":"990003425730535","status":"Success","resultReason":"Success"},' * 1000
    with contextlib.suppress(OSError):
        _send(connection, _head(answer))
        start = b'{"accountName":"0642233522-00001","deviceList":['[:left]
        _send(connection, start)
        left -= len(start)
        while left > 0:
            _send(connection, block[:left])
            left -= len(block)
    return _was_sent()


def _was_sent() -> Iterator[bytes]:
    """The body of an answer that went out by itself: the server has nothing to add but the end."""
    return map(_abort, [b""])


def _abort(_chunk: bytes) -> bytes:
    raise ConnectionAbortedError


def _head(answer: HttpAnswer) -> bytes:
    lines = ["HTTP/1.1 " + status_line(answer.status)]
    lines += [f"{name}: {value}" for name, value in answer.headers]
    lines += ["Connection: close", "", ""]
    return "\r\n".join(lines).encode("latin-1")


def _wait(connection: socket.socket, events: int, seconds: float | None) -> int:
    """Which of the events came, 0 for none in time. POLLIN means the end of the connection, for
    no client sends anything between its request and the answer."""
    poll = select.poll()
    poll.register(connection, events)
    came = poll.poll(None if seconds is None else seconds * 1000)
    return came[0][1] if came else 0


def _send(connection: socket.socket, content: bytes) -> None:
    """Like sendall, but ends with ConnectionAbortedError when the connection or the simulator
    does, even if the client reads nothing."""
    connection.setblocking(False)
    rest = memoryview(content)
    while rest:
        if _wait(connection, select.POLLIN | select.POLLOUT, None) & ~select.POLLOUT:
            raise ConnectionAbortedError
        with contextlib.suppress(BlockingIOError, ssl.SSLWantWriteError):
            rest = rest[connection.send(rest) :]
