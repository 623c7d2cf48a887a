# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The journal of a run: one JSON line per device, written to disk before the run continues.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import contextlib
import fcntl
import itertools
import json
import os
import stat
import threading
import time
import typing as t
from contextlib import contextmanager

from ansible_collections.verizon.fota.plugins.module_utils._licenses.device_outcome import Device
from ansible_collections.verizon.fota.plugins.module_utils._result import row
from ansible_collections.verizon.fota.plugins.module_utils._support.disk_reserve import DiskReserve
from ansible_collections.verizon.fota.plugins.module_utils._support.text import are_lines
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.license_change import (
    DOCUMENTED_DETAILS,
    documented_details,
)

# The beginning of every line, and a length that no line has.
_BEGINNING = b'{"time": "'
_LONGEST_LINE = 65536
# Bytes that the line of a device may need; most have less than 400.
_RESERVED_LINE = 1024
# Lines that are held in memory at the same time.
_PART = 10_000
# Keys whose values do not come from the service.
_OWN = ("imei", "outcome", "name")
# An entry with the placeholders of a format string for its details.
_PLACEHOLDERS = dict.fromkeys(DOCUMENTED_DETAILS, "%s")


class JournalBroken(Exception):
    """The journal cannot be written. The message contains the reason."""


class Journal:
    """A file to which lines are only appended. Several runs may write to the same file.

    Every line contains ``time``, the keys of ``common``, and those of its device. When the disk is full, there is still space
    for ``in_progress`` devices. Use as a context manager.
    """

    def __init__(self, path: str, common: t.Mapping[str, t.Any], in_progress: int = 0) -> None:
        """Open the file for appending. Raise ``JournalBroken`` if it cannot be written."""
        self._path = path
        self._common = dict(common)
        # Why nothing more should be sent, and whether nothing more can be written either.
        self._failure: JournalBroken | None = None
        self._closed = False
        # Between threads; the file lock is between processes.
        self._lock = threading.Lock()
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
        except (OSError, ValueError) as error:
            raise self._broken(error) from None
        try:
            if not stat.S_ISREG(os.fstat(self._file).st_mode):
                raise OSError(0, "it is not a regular file")
            with self._exclusive_lock():
                _truncate_partial_line(self._file)
                os.fsync(self._file)
            self._reserve = DiskReserve(os.path.dirname(os.path.realpath(path)), in_progress * _RESERVED_LINE)
        except OSError as error:
            os.close(self._file)
            raise self._broken(error) from None

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *_unused: object) -> None:
        self._reserve.close()
        os.close(self._file)

    def write(self, json_objects: t.Iterable[str]) -> None:
        """Append a line for each of these devices, all or none, and wait until they are on disk. Raise ``JournalBroken``.

        It is also raised, from then on always, if they took up reserved space. After any other error, nothing is written any more.
        """
        text = self._lines(json_objects)
        if text:
            self._write(lambda: [text])

    def write_missing(self, json_objects: t.Callable[[], t.Iterator[str]]) -> None:
        """Append lines for devices that depend on the journal: nobody else writes to it meanwhile. Raise ``JournalBroken``."""

        def parts() -> t.Iterator[bytes]:
            left = json_objects()
            while part := self._lines(itertools.islice(left, _PART)):
                yield part

        self._write(parts)

    def _lines(self, json_objects: t.Iterable[str]) -> bytes:
        common = {"time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), **self._common}
        begin = f"{json.dumps(common)[:-1]}, "
        return "".join([f"{begin}{json_object[1:]}\n" for json_object in json_objects]).encode()

    def _write(self, parts: t.Callable[[], t.Iterable[bytes]]) -> None:
        with self._lock:
            if not self._closed:
                try:
                    self._write_locked(parts)
                except OSError as error:
                    self._failure, self._closed = self._failure or self._broken(error), True
            if self._failure is not None:
                raise self._failure

    def _write_locked(self, parts: t.Callable[[], t.Iterable[bytes]]) -> None:
        with self._exclusive_lock():
            # Another run may have been killed in the middle of a line.
            _truncate_partial_line(self._file)
            for part in parts():
                try:
                    _append(self._file, part)
                except OSError as error:
                    if not self._reserve.relieves(error):
                        raise
                    self._failure = self._broken(error)
                    _append(self._file, part)
            os.fsync(self._file)

    @contextmanager
    def _exclusive_lock(self) -> t.Iterator[None]:
        """Keep other runs from writing to the file during the block."""
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
    path: str,
    common: t.Mapping[str, t.Any],
    redactor: t.Callable[[], t.Callable[[str], str]],
    names: t.Mapping[str, str],
    in_progress: int = 0,
) -> t.Iterator[t.Callable[[t.Collection[Device]], str | None]]:
    """Open the journal of a run. Return a function that writes devices and returns an error, if any.

    ``redactor`` returns a function that redacts the secrets known at that time, which the service may have repeated.
    ``names``: the names of devices, by IMEI; ``in_progress``: how many devices are sent at the same time. Raise ``JournalBroken``.
    """
    if not path.strip():
        raise JournalBroken("journal is empty: set it to a path, or leave it out")
    with Journal(os.path.abspath(path), common, in_progress) as opened:

        def write(devices: t.Collection[Device]) -> str | None:
            try:
                opened.write(_json_objects(devices, names, redactor()))
            except JournalBroken as error:
                return str(error)
            return None

        yield write


def _json_objects(
    devices: t.Collection[Device], names: t.Mapping[str, str], redact: t.Callable[[str], str]
) -> t.Iterable[str]:
    """Return the JSON object of each device."""
    if not names:
        with contextlib.suppress(KeyError, TypeError):  # an entry that is not as documented
            return _documented_json_objects(devices, redact)
    rows = [row(device, names) for device in devices]
    # Most texts are in many rows.
    texts = "\n".join({value for entry in rows for value in entry.values() if isinstance(value, str)})
    if redact(texts) != texts:
        rows = [_redacted(entry, redact) for entry in rows]
    return map(json.dumps, rows)


def _documented_json_objects(devices: t.Collection[Device], redact: t.Callable[[str], str]) -> list[str]:
    """Return the JSON object of each device if all have an entry as documented, as nearly all of a million have.

    Raises ``KeyError`` or ``TypeError`` if an entry is otherwise, if a device has more fields, or if a text has to be redacted or escaped.
    """
    details = [documented_details(device.entry) for device in devices]
    if any(device.uncertain for device in devices):
        raise TypeError
    texts = set(itertools.chain.from_iterable(details))
    joined = " ".join(texts)
    if not are_lines(texts) or json.dumps(joined) != f'"{joined}"' or redact(joined) != joined:
        raise TypeError
    outcomes = {device.outcome for device in devices}
    templates = {outcome: json.dumps(row(Device("%s", outcome, _PLACEHOLDERS), {})) for outcome in outcomes}
    return [templates[device.outcome] % (device.imei, *found) for device, found in zip(devices, details)]


def _redacted(entry: t.Mapping[str, t.Any], redact: t.Callable[[str], str]) -> dict[str, t.Any]:
    # Other values contain no secrets, and must not change if a secret happens to consist of the same letters or digits.
    return {
        name: redact(value) if isinstance(value, str) and name not in _OWN else value for name, value in entry.items()
    }


def _append(file: int, text: bytes) -> None:
    """Append complete lines. If only a part of them can be written, as to a full disk, remove this part."""
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
    """Remove the incomplete last line of a killed run, which would make the next line unreadable, too.

    Raise ``OSError`` if the last line is not one of a journal.
    """
    size = os.fstat(file).st_size
    tail = os.pread(file, _LONGEST_LINE, max(0, size - _LONGEST_LINE))
    rest = tail[tail.rfind(b"\n") + 1 :]
    complete = tail[: len(tail) - len(rest)].splitlines()
    if complete and not complete[-1].startswith(_BEGINNING):
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
