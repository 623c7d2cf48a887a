# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A trace: each exchange with the service as a JSON line of a file, redacted so that it can be published.

A file with the key of the pseudonyms is beside it. A trace that cannot be written never affects the run.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import secrets
import stat
import threading
import time
import typing as t
from dataclasses import replace
from datetime import datetime, timezone

from ansible_collections.verizon.fota.plugins.module_utils._http.client import Client
from ansible_collections.verizon.fota.plugins.module_utils._http.messages import Request, Response
from ansible_collections.verizon.fota.plugins.module_utils._http.transport_errors import TransportError
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.trace_redaction import Known, Redactor

# The version of the format, and how each line begins.
FORMAT = 1
_BEGINNING = b'{"trace": '
_KEY_BYTES = 32
# Seconds to wait for other writers, each of which takes milliseconds.
_LONGEST_WAIT = 5.0
_POLL = 0.02
_FLAGS = os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK


class CannotTrace(Exception):
    """The file of a trace, or its key, cannot be used. The text says which and why."""


class TracingClient:
    """A client that records its exchanges. Shared by threads. Use as a context manager.

    ``error`` is why nothing more is recorded, ``None`` if everything was.
    """

    def __init__(self, client: Client, path: str, known: Known) -> None:
        """Raises ``CannotTrace``."""
        self._client = client
        self._known = known
        self._lock = threading.Lock()
        self._run = secrets.token_hex(4)
        self.error: str | None = None
        try:
            self._file = _open(path)
        except (OSError, ValueError) as error:
            raise CannotTrace(_message(path, error)) from None
        self._path = path
        try:
            self._key = _read_or_create_key(f"{path}.key")
        except (OSError, ValueError) as error:
            os.close(self._file)
            raise CannotTrace(_message(f"{path}.key", error)) from None
        self._redactor = Redactor(self._key, known)

    def __enter__(self) -> TracingClient:
        return self

    def __exit__(self, *_unused: object) -> None:
        os.close(self._file)

    def exchange(self, request: Request, at_most: float | None = None) -> Response:
        """Send a request once, and return its response. Raises ``TransportError``."""
        began, clock = datetime.now(timezone.utc), time.monotonic()
        try:
            response = self._client.exchange(request, at_most)
        except TransportError as error:
            self._record(request, began, time.monotonic() - clock, error)
            raise
        self._record(request, began, time.monotonic() - clock, response)
        return response

    def _record(self, request: Request, began: datetime, seconds: float, outcome: Response | TransportError) -> None:
        if self.error is not None:
            return
        try:
            self._write({"trace": FORMAT, "run": self._run, **self._entry(request, began, seconds, outcome)})
        except Exception as error:
            self.error = _message(self._path, error)

    def _entry(
        self, request: Request, began: datetime, seconds: float, outcome: Response | TransportError
    ) -> dict[str, t.Any]:
        redactor = self._redactor_for(request)
        entry: dict[str, t.Any] = {
            "time": began.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "milliseconds": round(seconds * 1000),
            "method": request.method,
            "path": redactor.path(request.url),
            "attempt": request.attempt,
            "request": redactor.request_content(request),
        }
        if isinstance(outcome, TransportError):
            return {
                **entry,
                "status": None,
                "error": redactor.text(str(outcome)),
                "sent": outcome.sent,
                "reused": outcome.reused,
            }
        return {
            **entry,
            "status": outcome.status,
            "size": len(outcome.body),
            "headers": redactor.headers(outcome),
            "response": redactor.response_content(request, outcome),
        }

    def _redactor_for(self, request: Request) -> Redactor:
        """Return a redactor that knows the secrets of all requests so far, such as tokens obtained during the run."""
        with self._lock:
            if not self._known.secrets.issuperset(request.secrets):
                self._known = replace(self._known, secrets=self._known.secrets.union(request.secrets))
                self._redactor = Redactor(self._key, self._known)
            return self._redactor

    def _write(self, entry: dict[str, t.Any]) -> None:
        line = json.dumps(entry).encode() + b"\n"
        # Between threads, and between modules that run at the same time.
        with self._lock, _exclusive(self._file):
            while line:
                line = line[os.write(self._file, line) :]


def _open(path: str) -> int:
    file = os.open(path, os.O_RDWR | _FLAGS, 0o600)
    try:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            raise ValueError("it is not a regular file")
        with _exclusive(file):
            size = os.fstat(file).st_size
            if size and os.pread(file, len(_BEGINNING), 0) != _BEGINNING:
                raise ValueError("it is not a trace, and was left as it is")
            if size and os.pread(file, 1, size - 1) != b"\n":
                # What wrote it was killed.
                os.write(file, b"\n")
    except BaseException:
        os.close(file)
        raise
    return file


def _read_or_create_key(path: str) -> bytes:
    """Return the key of the pseudonyms. Runs that append to the same trace share it."""
    file = os.open(path, os.O_RDWR | _FLAGS, 0o600)
    try:
        with _exclusive(file):
            if not os.fstat(file).st_size:
                os.write(file, secrets.token_hex(_KEY_BYTES).encode() + b"\n")
            text = os.pread(file, 2 * _KEY_BYTES, 0)
    finally:
        os.close(file)
    try:
        key = bytes.fromhex(text.decode("ascii"))
    except ValueError:
        key = b""
    if len(key) != _KEY_BYTES:
        raise ValueError("it is not the key of a trace")
    return key


@contextlib.contextmanager
def _exclusive(file: int) -> t.Iterator[None]:
    end = time.monotonic() + _LONGEST_WAIT
    while True:
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        if time.monotonic() > end:
            raise OSError(0, "another process has locked it")
        time.sleep(_POLL)
    try:
        yield
    finally:
        fcntl.flock(file, fcntl.LOCK_UN)


def _message(path: str, error: Exception) -> str:
    if isinstance(error, OSError) and error.errno == errno.ELOOP:
        return f"the trace {path} cannot be written: it is a symbolic link"
    return f"the trace {path} cannot be written: {getattr(error, 'strerror', None) or error}"
