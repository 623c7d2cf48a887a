# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a journal says about a run that was killed, held against what the service did."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Iterable

_MEMBERS = {"time", "account", "check_mode", "imei", "outcome", "changed", "failed"}


@dataclass(frozen=True)
class Told:
    """What a run wrote into the journal: the outcome of each device, and what is wrong with the lines themselves."""

    outcomes: dict[str, str]
    faults: list[str]
    unfinished: bool

    def those(self, *outcomes: str) -> set[str]:
        return {imei for imei, outcome in self.outcomes.items() if outcome in outcomes}

    def counts(self) -> Counter[str]:
        return Counter(self.outcomes.values())


class Reader:
    """Reads what each run has added to a journal."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._place = 0

    def new(self) -> Told:
        """Return what was added since the last call. A last line without an end is left to the next run, which removes it."""
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
                faults.append(f"a line is not whole: {line[:200]!r}")
                continue
            if not isinstance(row, dict) or not row.keys() >= _MEMBERS or row["check_mode"] is not False:
                faults.append(f"a line lacks members: {line[:200]!r}")
                continue
            if row["imei"] in outcomes:
                faults.append(f"{row['imei']} has two lines of one run")
            outcomes[row["imei"]] = row["outcome"]
        return Told(outcomes, faults, bool(unfinished))

    def tear(self, part: float) -> bool:
        """Leave part of a line at the end, as a kill in the midst of a write does."""
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
    """The licenses as they were before a run and after it, and what the service let go since they were put back."""

    everyone: frozenset[str]
    freeable: frozenset[str]
    before: frozenset[str] = frozenset()
    told: set[str] = field(default_factory=set)
    untold: set[str] = field(default_factory=set)

    def put_back(self, licensed: frozenset[str]) -> None:
        self.before, self.told, self.untold = licensed, set(), set()

    def judge(self, told: Told, after: frozenset[str], lost: int, in_order: bool) -> tuple[list[str], int]:
        """Return what is wrong with a run, and for how many freed devices the answer had not reached its module.

        Up to ``lost`` devices may be such ones. ``in_order`` says that the module had the time to end.
        """
        freed = self.before - after
        claimed = told.those("removed", "unknown")
        untold = freed - claimed
        faults = [
            *told.faults,
            *_each("is told to be removed and holds a license", told.those("removed") & after),
            *_each("is told to be removed and held no license", told.those("removed") - self.before),
            *_each("is told to be unlicensed by the run that freed it", told.those("unlicensed") & freed),
            *_each("is told to be unlicensed and holds a license", told.those("unlicensed") & after),
            *_each("was freed and is told otherwise", untold & told.outcomes.keys()),
            *_each("was not asked for", told.outcomes.keys() - self.everyone),
        ]
        if len(untold) > lost:
            faults.append(f"{len(untold)} devices were freed and are not in the journal, at most {lost} may be")
        if in_order and told.outcomes.keys() != self.everyone and (told.outcomes or freed):
            faults.append(
                f"the run ended in order, and {len(self.everyone - told.outcomes.keys())} devices are missing"
            )
        if in_order and told.unfinished:
            faults.append("the run ended in order, and the journal's last line is unfinished")
        self.before = after
        self.told |= told.those("removed")
        self.untold |= untold
        return faults, len(untold)

    def judge_result(self, told: Told, result: dict[str, Any]) -> list[str]:
        """Return where the result of a run and its journal disagree."""
        counts = {name: count for name, count in result["summary"].items() if count and name != "requested"}
        if counts == dict(told.counts()) and result["summary"]["requested"] == len(self.everyone):
            return []
        return [f"the result says {result['summary']}, the journal {dict(told.counts())}"]

    def judge_end(self) -> list[str]:
        """Return where the service and the journal, over all runs since the licenses were put back, disagree at the end."""
        return [
            *_each("could be freed and holds a license", self.before & self.freeable),
            *_each("was freed and no run says so", self.freeable - self.told - self.untold),
            *_each("could not be freed and is told to be", (self.told | self.untold) - self.freeable),
            *_each("was told to be freed and untold", self.told & self.untold),
        ]


def _each(what: str, imeis: Iterable[str]) -> list[str]:
    return [f"{imei} {what}" for imei in sorted(imeis)]
