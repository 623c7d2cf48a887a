# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading the journals of license_remove and license_assign: which runs they report, and the last outcome of each device.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import codecs
import json
import os
import re
import stat
import typing as t
from array import array
from dataclasses import dataclass, field

from ansible_collections.verizon.fota.plugins.module_utils._licenses.outcomes import BY_ACTION, REMOVAL, Target

_CODES = {name: number for number, name in enumerate(dict.fromkeys(sum((o.names for o in BY_ACTION.values()), ())), 1)}
# A line that does not count: of another run, or followed by a later one about the same device.
_PASSED_OVER = 0
# No line of a journal is half as long.
_LONGEST_LINE = 1 << 20
_IMEI = re.compile(r"[0-9]{15}\Z")
_TEXTS = ("time", "account", "imei", "outcome")
# Optional fields of a line, as text.
_MORE_TEXTS = (
    "run_id",
    "name",
    "status",
    "reason",
    "updated_time",
    "recent_attempt_time",
    "next_attempt_time",
    "state_before",
)

_decoded = json.JSONDecoder().decode

Line = t.Dict[str, t.Any]


class BadJournal(Exception):
    """A journal that cannot be read, or that does not contain the requested runs. The text says why."""


@dataclass(frozen=True)
class LineFilter:
    """Which lines to read: those of these runs (empty: all) and of this account (``None``: any).

    With ``forecast``, only lines that were written in check mode count, otherwise only those that were not. ``target``: what the
    runs did. ``expected``: whether a journal without any such line is an error; ``every_run``: whether one without a line of each
    run is. ``by_run``: whether a device counts once for each run, whatever other runs say of it.
    """

    run_ids: t.Sequence[str] = ()
    account: str | None = None
    forecast: bool = False
    expected: bool = True
    every_run: bool = False
    target: Target = REMOVAL
    by_run: bool = False

    @property
    def description(self) -> str:
        """Return a description of these lines for messages."""
        of_account = "" if self.account is None else f" of the account {self.account}"
        kind = "a forecast" if self.forecast else "a real run"
        return f"{kind}{' of license_assign' if self.target.licensed else ''}{of_account}"

    def mismatch(self, line: Line) -> str | None:
        """Return why a line of a requested run does not match, ``None`` if it does."""
        if line["check_mode"] is not self.forecast:
            ran = "in check mode" if line["check_mode"] else "outside of check mode"
            return f"ran {ran}, so its report is {'a forecast' if line['check_mode'] else 'no forecast'}"
        if _action(line) != self.target.action:
            return f"is one of license_{_action(line)}"
        if self.account is not None and line["account"] != self.account:
            return f"is of the account {line['account']}"
        return None


@dataclass
class Run:
    """One run, according to its lines. ``run_id`` is empty if its lines have none."""

    run_id: str
    first_time: str | None = None
    last_time: str | None = None
    lines: int = 0


@dataclass
class _Found:
    runs: dict[str, Run]
    # The accounts, each with its number.
    accounts: dict[str, int] = field(default_factory=dict)
    # A few bytes for each line, not an object: a journal may have millions.
    codes: bytearray = field(default_factory=bytearray)
    run_numbers: array[int] = field(default_factory=lambda: array("I"))
    # The last line was not written to its end.
    incomplete: bool = False

    def pass_over(self) -> None:
        """Add a line that does not count."""
        self.codes.append(_PASSED_OVER)
        self.run_numbers.append(0)


class JournalReader:
    """The lines of a journal that count: one for each device of each account, or of each run. Use as a context manager.

    Of one run, and of forecasts, it is the last one. A later run does not undo what an earlier one has done: if that one removed a
    license, the device is not reported as "unlicensed" or "skipped".

    The file is read twice, here and in ``devices``, because it may be larger than memory.
    """

    def __init__(self, path: str, line_filter: LineFilter) -> None:
        """Find the lines. Raises ``BadJournal``."""
        self._path = path
        try:
            # Non-blocking: opening a pipe must not wait for a writer.
            self._file = os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb")
        except (OSError, ValueError) as error:
            raise self._unreadable(error) from None
        try:
            if not stat.S_ISREG(os.fstat(self._file.fileno()).st_mode):
                raise BadJournal(f"the journal {path} cannot be read: it is not a regular file")
            found = self._find(line_filter)
        except OSError as error:
            self._file.close()
            raise self._unreadable(error) from None
        except BadJournal:
            self._file.close()
            raise
        self._codes = found.codes
        self.incomplete = found.incomplete
        self.runs = list(found.runs.values())
        self.accounts = list(found.accounts)
        self.summary = counts(found.codes, line_filter.target)

    def __enter__(self) -> JournalReader:
        return self

    def __exit__(self, *_unused: object) -> None:
        self._file.close()

    def devices(self) -> t.Iterator[Line]:
        """Return the lines that count, in the order of the file. Raises ``BadJournal``."""
        try:
            for number, (text, code) in enumerate(zip(self._raw(), self._codes), 1):
                if code != _PASSED_OVER:
                    line = _parsed(text)
                    if isinstance(line, str):
                        raise self._invalid_line(number, f"it was changed while it was read: {line}")
                    yield line
        except OSError as error:
            raise self._unreadable(error) from None

    def _raw(self) -> t.Iterator[bytes]:
        """Return the lines, from the first one on."""
        self._file.seek(0)
        # Some editors write a byte order mark before it.
        if self._file.read(len(codecs.BOM_UTF8)) != codecs.BOM_UTF8:
            self._file.seek(0)
        return iter(lambda: self._file.readline(_LONGEST_LINE), b"")

    def _find(self, line_filter: LineFilter) -> _Found:
        found = _Found({run_id: Run(run_id) for run_id in line_filter.run_ids})
        # As numbers, IMEIs take half the memory, and with 15 digits none is ambiguous. The number of the scope in which a device
        # counts once precedes them: an account, or a run of it.
        scopes: dict[tuple[int, int], int] = {}
        last: dict[int, int] = {}
        run_numbers: dict[str, int] = {}
        for number, text in enumerate(self._raw(), 1):
            if text.isspace():  # which an editor, or a copy, may leave
                found.pass_over()
                continue
            line = _parsed(text)
            if isinstance(line, str):
                if not text.endswith(b"\n") and len(text) < _LONGEST_LINE and (number > 1 or _begins_as_line(text)):
                    found.incomplete = True
                    break  # the run was killed while it wrote this
                raise self._invalid_line(number, line)
            run_id = line.get("run_id", "")
            if not self._counts(line, number, line_filter):
                found.pass_over()
                continue
            run = found.runs.setdefault(run_id, Run(run_id))
            run_number = run_numbers.setdefault(run_id, len(run_numbers))
            account_number = found.accounts.setdefault(line["account"], len(found.accounts))
            scope = scopes.setdefault((account_number, run_number if line_filter.by_run else 0), len(scopes))
            device = scope * 10**15 + int(line["imei"])
            earlier = last.get(device)
            code = _CODES[line["outcome"]]
            of_another_run = earlier is not None and found.run_numbers[earlier] != run_number
            if (
                earlier is not None
                and of_another_run
                and not line_filter.forecast
                and _takes_precedence(found.codes[earlier], code)
            ):
                code = _PASSED_OVER
            else:
                if earlier is not None:
                    found.codes[earlier] = _PASSED_OVER
                last[device] = len(found.codes)
            found.codes.append(code)
            found.run_numbers.append(run_number)
            run.first_time = min(run.first_time or line["time"], line["time"])
            run.last_time = max(run.last_time or line["time"], line["time"])
            run.lines += 1
        if found.codes and line_filter.expected and not line_filter.run_ids and not found.accounts:
            raise BadJournal(f"the journal {self._path} has no line of {line_filter.description}")
        missing = [run.run_id for run in found.runs.values() if not run.lines] if line_filter.every_run else []
        if missing:
            raise BadJournal(f"the journal {self._path} has no line of the run {missing[0]}")
        return found

    def _counts(self, line: Line, number: int, line_filter: LineFilter) -> bool:
        if line_filter.run_ids and line.get("run_id", "") not in line_filter.run_ids:
            return False
        mismatch = line_filter.mismatch(line)
        if mismatch and line_filter.run_ids:
            raise BadJournal(f"the run {line['run_id']} {mismatch} (line {number} of the journal {self._path})")
        return not mismatch

    def _unreadable(self, error: Exception) -> BadJournal:
        return BadJournal(f"the journal {self._path} cannot be read: {getattr(error, 'strerror', None) or error}")

    def _invalid_line(self, number: int, why: str) -> BadJournal:
        return BadJournal(f"line {number} of {self._path} is not one of a journal: {why}")


class EmptyJournal:
    """Replaces a journal that does not exist, because the run failed before its first line."""

    accounts: t.Sequence[str] = ()

    def __init__(self, line_filter: LineFilter) -> None:
        self.runs = [Run(run_id) for run_id in line_filter.run_ids]
        self.summary = counts(b"", line_filter.target)

    def __enter__(self) -> EmptyJournal:
        return self

    def __exit__(self, *_unused: object) -> None:
        pass

    def devices(self) -> t.Iterator[Line]:
        return iter(())


def _takes_precedence(earlier: int, later: int) -> bool:
    """Return whether the outcome of an earlier run says more about a device than that of a later one."""
    if later == _CODES["skipped"]:
        return True
    return any((earlier, later) == (_CODES[o.changed], _CODES[o.already]) for o in BY_ACTION.values())


def counts(codes: bytes | bytearray, target: Target) -> dict[str, int]:
    """Return how many devices have each outcome, and how many there are."""
    by_outcome = {outcome: codes.count(_CODES[outcome]) for outcome in target.names}
    return {"requested": sum(by_outcome.values()), **by_outcome}


def _action(line: Line) -> str:
    """Return the action of a line's run. Lines of removals have none."""
    return str(line.get("action", REMOVAL.action))


def _begins_as_line(text: bytes) -> bool:
    beginning = b'{"time": "'
    return text.startswith(beginning) or beginning.startswith(text)


def _parsed(text: bytes) -> Line | str:
    """Return a line, or as text what is wrong with it."""
    try:
        line = _decoded(text.decode())
    except (ValueError, RecursionError):
        return "it is not JSON"
    if not isinstance(line, dict):
        return "it is not a JSON object"
    for name in _TEXTS:
        if not isinstance(line.get(name), str):
            return f"it has no {name}"
    if not _IMEI.match(line["imei"]):
        return "its imei does not have 15 digits"
    target = BY_ACTION.get(_action(line))
    if target is None:
        return "its action is not one of this collection"
    if line["outcome"] not in target.names:
        return "its outcome is not one of this collection"
    if not isinstance(line.get("check_mode"), bool):
        return "it does not say whether it was written in check mode"
    for name in _MORE_TEXTS:
        if name in line and not isinstance(line[name], str):
            return f"its {name} is not text"
    return line
