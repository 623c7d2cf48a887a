# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a report tells, whatever it is written as: head, counts, and reasons that are the same but for dates and numbers.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass, field

from ansible_collections.verizon.fota.plugins.module_utils._licenses.outcomes import PROBLEMS
from ansible_collections.verizon.fota.plugins.module_utils._report.journal_reader import Line, Run

# More than these reasons are no longer told apart: nobody reads them, and each one takes memory.
_MOST_GROUPS = 500
OTHERS = "(further reasons)"
NO_REASON = "(no reason given)"
# How much of a reason is compared.
_COMPARED = 500
_VARIES = "\N{HORIZONTAL ELLIPSIS}"
# Dates and times, UUIDs, anything else with a digit in it: versions, counts, IMEIs, hexadecimal names.
_VARYING = re.compile(
    r"\b(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,?\s+|\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\s+(?=\d)"
    r"|[^\s,;()\[\]{}<>\"'=]*\d[^\s,;()\[\]{}<>\"'=]*",
    re.IGNORECASE,
)
_REPEATED = re.compile(rf"{_VARIES}(?:[\s,:]*{_VARIES})+")


@dataclass(frozen=True)
class Totals:
    """The licenses of the account: how many there are, how many are assigned. None where nobody said."""

    total: int | None = None
    used: int | None = None

    @property
    def known(self) -> bool:
        return self.total is not None or self.used is not None


@dataclass(frozen=True)
class Head:
    """What stands above the devices. ``generated_at`` is in UTC."""

    generated_at: str
    forecast: bool
    accounts: t.Sequence[str]
    runs: t.Sequence[Run]
    summary: t.Mapping[str, int]
    before: Totals = Totals()
    after: Totals = Totals()
    message: str | None = None
    title: str = "Removal of FOTA licenses"

    @property
    def kind(self) -> str:
        return "forecast" if self.forecast else "result"


@dataclass
class Group:
    """Devices with the same outcome for the same reason. ``pattern`` is the reason without what varies in it."""

    outcome: str
    pattern: str
    example: str
    example_imei: str
    count: int = 0
    varies: bool = False
    # The first ones; how many is set by Groups.
    imeis: list[str] = field(default_factory=list)

    @property
    def heading(self) -> str:
        """The reason as it is where all say the same, else with a mark in place of what varies."""
        return self.pattern if self.varies else (self.example or NO_REASON)


class Groups:
    """The reasons of devices, gathered as they come."""

    def __init__(self, imeis_kept: int) -> None:
        self._imeis_kept = imeis_kept
        self._groups: dict[tuple[str, str], Group] = {}
        # Most reasons come again word for word.
        self._known: dict[tuple[str, str], Group] = {}

    def add(self, device: Line) -> Group | None:
        """Put a device to those with its reason. None when there is nothing to be said about it."""
        outcome, reason = device["outcome"], device.get("reason", "")
        if outcome not in PROBLEMS and not _is_remark(device):
            return None
        group = self._known.get((outcome, reason)) or self._group(outcome, reason, device["imei"])
        group.count += 1
        if reason != group.example:
            group.varies = True
        if len(group.imeis) < self._imeis_kept:
            group.imeis.append(device["imei"])
        return group

    def of_problems(self) -> list[Group]:
        """Return the reasons of those that are not free of a license, the worst outcome and the most devices first."""
        found = [group for group in self._groups.values() if group.outcome in PROBLEMS]
        return sorted(found, key=lambda group: (PROBLEMS.index(group.outcome), -group.count))

    def of_remarks(self) -> list[Group]:
        """Return what was said about the others, the most devices first."""
        found = [group for group in self._groups.values() if group.outcome not in PROBLEMS]
        return sorted(found, key=lambda group: -group.count)

    def _group(self, outcome: str, reason: str, imei: str) -> Group:
        pattern = pattern_of(reason)
        if (outcome, pattern) not in self._groups and len(self._groups) >= _MOST_GROUPS:
            pattern = OTHERS
        group = self._groups.setdefault((outcome, pattern), Group(outcome, pattern, reason, imei))
        if len(self._known) < 10 * _MOST_GROUPS:
            self._known[outcome, reason] = group
        return group


def pattern_of(reason: str) -> str:
    """Return a reason without what differs from device to device: dates, numbers, names with digits in them."""
    text = _VARYING.sub(_VARIES, " ".join(reason[:_COMPARED].split()))
    text = _REPEATED.sub(_VARIES, text).strip().rstrip(".")
    return text or NO_REASON


def _is_remark(device: Line) -> bool:
    """Return whether something other than its success was said about a device."""
    reason = device.get("reason", "").strip().rstrip(".").casefold()
    return bool(reason) and reason not in ("success", "succeeded", device.get("status", "").casefold())
