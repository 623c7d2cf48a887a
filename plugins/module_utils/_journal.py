# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The journal of a run: one JSON line for each device, on disk before the run goes on.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import threading
import time
import typing as t
from contextlib import contextmanager

from ansible_collections.verizon.fota.plugins.module_utils._licenses.device_outcome import Device
from ansible_collections.verizon.fota.plugins.module_utils._result import row

# How every line begins, and how long none is.
_BEGINNING = b'{"time": "'
_LONGEST_LINE = 65536
# What a line says of a device in our own words, or in those of the user.
_OWN = ("imei", "outcome", "name")


class JournalBroken(Exception):
    """The journal cannot be written. The text says why."""


class Journal:
    """A file that only grows. Several runs may write to the same one.

    Every line says ``time``, and bears the members of ``always`` and of its device. Use as a context manager.
    """

    def __init__(self, path: str, always: t.Mapping[str, t.Any]) -> None:
        """Open the file, and prove that it can be written. Raises JournalBroken."""
        self._path = path
        self._always = dict(always)
        self._failure: JournalBroken | None = None
        # Between threads; the file lock is between processes.
        self._lock = threading.Lock()
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
        except (OSError, ValueError) as error:
            raise self._broken(error) from None
        try:
            with self._exclusive_lock():
                _truncate_partial_line(self._file)
                os.fsync(self._file)
        except OSError as error:
            os.close(self._file)
            raise self._broken(error) from None

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *_unused: object) -> None:
        os.close(self._file)

    def write(self, devices: t.Iterable[t.Mapping[str, t.Any]], redact: t.Callable[[str], str] = str) -> None:
        """Append a line for each device, all of them or none, and wait until they are on disk. Raises JournalBroken.

        ``strike`` takes secrets out of what the service said. After a failure, nothing is written any more.
        """
        always = {"time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), **self._always}
        text = "".join(_lines(json.dumps(always)[:-1], devices, redact)).encode()
        if not text:
            return
        with self._lock:
            if self._failure is not None:
                raise self._failure
            try:
                with self._exclusive_lock():
                    # Another run may have been killed since, in the middle of a line.
                    _truncate_partial_line(self._file)
                    _append(self._file, text)
                    os.fsync(self._file)
            except OSError as error:
                self._failure = self._broken(error)
                raise self._failure from None

    @contextmanager
    def _exclusive_lock(self) -> t.Iterator[None]:
        """Keep other runs from writing to the file for the length of the block."""
        fcntl.flock(self._file, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(self._file, fcntl.LOCK_UN)

    def _broken(self, error: Exception) -> JournalBroken:
        why = getattr(error, "strerror", None) or error
        return JournalBroken(f"the journal {self._path} cannot be written: {why}")


@contextmanager
def journal(
    path: str | None,
    always: t.Mapping[str, t.Any],
    redactor: t.Callable[[], t.Callable[[str], str]],
    names: t.Mapping[str, str],
) -> t.Iterator[t.Callable[[t.Collection[Device]], str | None]]:
    """Open the journal of a run, if there is to be one. Returns what writes devices to it, and says why it could not.

    ``redactor`` returns what redacts the secrets that are known by then, where the service may have echoed them.
    ``names`` are those that the user gave devices, by IMEI. Raises JournalBroken.
    """
    if path is None:
        yield lambda devices: None
        return
    with Journal(os.path.abspath(path) if path else path, always) as opened:

        def write(devices: t.Collection[Device]) -> str | None:
            try:
                opened.write([row(device, names) for device in devices], redactor())
            except JournalBroken as error:
                return str(error)
            return None

        yield write


def _lines(always: str, devices: t.Iterable[t.Mapping[str, t.Any]], redact: t.Callable[[str], str]) -> t.Iterator[str]:
    """Return the line of each device; ``always`` is the beginning of the object. A fleet has a million of them."""
    told = list(devices)
    said = "\n".join([value for device in told for value in device.values() if isinstance(value, str)])
    if redact(said) != said:
        told = [_redacted(device, redact) for device in told]
    encode = json.JSONEncoder().encode
    return (f"{always}, {encode(device)[1:]}\n" for device in told)


def _redacted(told: t.Mapping[str, t.Any], redact: t.Callable[[str], str]) -> dict[str, t.Any]:
    # What the service did not say has no secrets in it, and must stay even where a secret is made of the same letters or digits.
    return {
        name: redact(value) if isinstance(value, str) and name not in _OWN else value for name, value in told.items()
    }


def _append(file: int, text: bytes) -> None:
    """Append whole lines: what a full disk takes of them only in part is taken back."""
    size = os.fstat(file).st_size
    left = memoryview(text)
    try:
        while left:
            left = left[os.write(file, left) :]
    except OSError:
        with contextlib.suppress(OSError):
            os.ftruncate(file, size)
        raise


def _truncate_partial_line(file: int) -> None:
    """Take away a line that a killed run has left unfinished: nobody could read it, nor the line that would follow.

    Raises OSError when what stands there is not of a journal.
    """
    size = os.fstat(file).st_size
    tail = os.pread(file, _LONGEST_LINE, max(0, size - _LONGEST_LINE))
    rest = tail[tail.rfind(b"\n") + 1 :]
    whole = tail[: len(tail) - len(rest)].splitlines()
    if whole and not whole[-1].startswith(_BEGINNING):
        raise OSError(0, "its last line is not one of a journal; is it another file?")
    if not rest:
        return
    if not (rest.startswith(_BEGINNING) or _BEGINNING.startswith(rest)):
        raise OSError(0, "its last line is not one of a journal; is it another file?")
    try:
        json.loads(rest)
    except ValueError:
        os.ftruncate(file, size - len(rest))
    else:
        os.write(file, b"\n")
