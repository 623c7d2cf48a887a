# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Comparison of the journal of a killed run with what the service did."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Iterable

_MEMBERS = {"time", "account", "check_mode", "imei", "outcome", "changed", "failed"}


@dataclass(frozen=True)
class JournalEntries:
    """What a run wrote into the journal: the outcome of each device, and the faults of the lines themselves."""

    outcomes: dict[str, str]
    faults: list[str]
    unfinished: bool

    def with_outcome(self, *outcomes: str) -> set[str]:
        return {imei for imei, outcome in self.outcomes.items() if outcome in outcomes}

    def counts(self) -> Counter[str]:
        return Counter(self.outcomes.values())


class Reader:
    """Reads what each run has added to a journal."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._place = 0

    def new(self) -> JournalEntries:
        """Return what was added since the last call. The next run removes a last line without an end."""
        content = b""
        if self.path.exists():
            with open(self.path, "rb") as file:
                file.seek(self._place)
                content = file.read()
        lines = content.split(b"\n")
        unfinished = lines.pop()
        self._place += len(content) - len(unfinished)
        outcomes: dict[str, str] = {}
        faults = []
        for line in lines:
            try:
                row = json.loads(line)
            except ValueError:
                faults.append(f"a line is incomplete: {line[:200]!r}")
                continue
            if not isinstance(row, dict) or not row.keys() >= _MEMBERS or row["check_mode"] is not False:
                faults.append(f"a line lacks members: {line[:200]!r}")
                continue
            if row["imei"] in outcomes:
                faults.append(f"{row['imei']} has two lines of one run")
            outcomes[row["imei"]] = row["outcome"]
        return JournalEntries(outcomes, faults, bool(unfinished))

    def truncate_last_line(self, part: float) -> bool:
        """Truncate the last line, as a kill during a write does."""
        if not self.path.exists():
            return False
        line = self.path.read_bytes()[-4096:].rpartition(b"\n")[0].rpartition(b"\n")[2]
        if len(line) < 2:
            return False
        with open(self.path, "ab") as file:
            file.write(line[: max(1, int(len(line) * part))])
        return True


@dataclass
class Account:
    """The licenses before and after a run, and those removed since they were restored."""

    everyone: frozenset[str]
    freeable: frozenset[str]
    before: frozenset[str] = frozenset()
    reported: set[str] = field(default_factory=set)
    unjournaled: set[str] = field(default_factory=set)

    def restore(self, licensed: frozenset[str]) -> None:
        self.before, self.reported, self.unjournaled = licensed, set(), set()

    def judge(self, entries: JournalEntries, after: frozenset[str], lost: int, in_order: bool) -> tuple[list[str], int]:
        """Return what is wrong with a run, and for how many freed devices the response had not reached its module.

        Up to ``lost`` devices may be such ones. ``in_order`` says that the module had the time to end.
        """
        freed = self.before - after
        claimed = entries.with_outcome("removed", "unknown")
        unjournaled = freed - claimed
        faults = [
            *entries.faults,
            *_each("is reported as removed and holds a license", entries.with_outcome("removed") & after),
            *_each("is reported as removed and held no license", entries.with_outcome("removed") - self.before),
            *_each("is reported as unlicensed by the run that freed it", entries.with_outcome("unlicensed") & freed),
            *_each("is reported as unlicensed and holds a license", entries.with_outcome("unlicensed") & after),
            *_each("was freed and is reported otherwise", unjournaled & entries.outcomes.keys()),
            *_each("was not in the list", entries.outcomes.keys() - self.everyone),
        ]
        if len(unjournaled) > lost:
            faults.append(f"{len(unjournaled)} devices were freed and are not in the journal, at most {lost} may be")
        if in_order and entries.outcomes.keys() != self.everyone and (entries.outcomes or freed):
            faults.append(
                f"the run ended in order, and {len(self.everyone - entries.outcomes.keys())} devices are missing"
            )
        if in_order and entries.unfinished:
            faults.append("the run ended in order, and the journal's last line is unfinished")
        self.before = after
        self.reported |= entries.with_outcome("removed")
        self.unjournaled |= unjournaled
        return faults, len(unjournaled)

    def judge_result(self, entries: JournalEntries, result: dict[str, Any]) -> list[str]:
        """Return where the result of a run and its journal disagree."""
        counts = {name: count for name, count in result["summary"].items() if count and name != "requested"}
        if counts == dict(entries.counts()) and result["summary"]["requested"] == len(self.everyone):
            return []
        return [f"the result says {result['summary']}, the journal {dict(entries.counts())}"]

    def judge_end(self) -> list[str]:
        """Return where the service and the journal, over all runs since the licenses were restored, disagree at the end."""
        return [
            *_each("could be freed and holds a license", self.before & self.freeable),
            *_each("was freed and no run reports it", self.freeable - self.reported - self.unjournaled),
            *_each("could not be freed and is reported as removed", (self.reported | self.unjournaled) - self.freeable),
            *_each("was both reported and not reported as removed", self.reported & self.unjournaled),
        ]


def _each(what: str, imeis: Iterable[str]) -> list[str]:
    return [f"{imei} {what}" for imei in sorted(imeis)]
