# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a report contains, in any format: a head, counts, and devices grouped by reason.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.verizon.fota.plugins.module_utils._licenses.outcomes import FAILED, PROBLEMS, REMOVAL, Target
from ansible_collections.verizon.fota.plugins.module_utils._report.advice import advice, is_unknown_device
from ansible_collections.verizon.fota.plugins.module_utils._report.journal_reader import Line, Run
from ansible_collections.verizon.fota.plugins.module_utils._report.reason_pattern import NO_REASON, pattern_of
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.license_change import (
    Verdict,
    verdict,
    with_reason,
)

# Further reasons form one group: nobody reads so many, and each takes memory.
_MOST_GROUPS = 500
OTHERS = "(further reasons)"


@dataclass(frozen=True)
class Totals:
    """The licenses of the account: how many it has, and how many are assigned; ``None`` if not known."""

    total: int | None = None
    used: int | None = None

    @property
    def known(self) -> bool:
        return self.total is not None or self.used is not None


@dataclass(frozen=True)
class Head:
    """What a report contains about the runs in total. ``generated_at`` is in UTC; ``target``: what the runs did."""

    generated_at: str
    forecast: bool
    accounts: t.Sequence[str]
    runs: t.Sequence[Run]
    summary: t.Mapping[str, int]
    before: Totals = Totals()
    after: Totals = Totals()
    message: str | None = None
    title: str = REMOVAL.texts.title
    target: Target = REMOVAL

    @property
    def kind(self) -> str:
        return "forecast" if self.forecast else "result"


@dataclass
class Group:
    """Devices with the same outcome and reason. ``pattern`` is the reason without what varies in it.

    ``unknown_device``: the account does not have these devices, so they cost nothing. ``action``: what the runs did.
    """

    outcome: str
    pattern: str
    example: str
    example_imei: str
    unknown_device: bool = False
    action: str = REMOVAL.action
    count: int = 0
    varies: bool = False
    # The first IMEIs, as many as ``Groups`` keeps.
    imeis: list[str] = field(default_factory=list)

    @property
    def heading(self) -> str:
        """Return the reason, with a mark in place of what varies between the devices."""
        return self.pattern if self.varies else (self.example or NO_REASON)

    @property
    def advice(self) -> str:
        """Return what to do about it; empty if no guide says."""
        return "" if self.pattern == OTHERS else advice(self.action, self.outcome, self.example)


class Groups:
    """Groups devices by reason as they are added."""

    def __init__(self, imeis_kept: int, target: Target = REMOVAL) -> None:
        self._imeis_kept = imeis_kept
        # A device that got no license costs nothing, whether the account has it or not.
        self._separate_unknown = not target.licensed
        self._target = target
        # The outcomes of devices of which it is not known, after a run, whether they hold a license.
        self.not_known: set[str] = set()
        self._groups: dict[tuple[str, str, bool], Group] = {}
        # Most reasons are repeated exactly.
        self._found: dict[tuple[str, str], Group] = {}

    def add(self, device: Line) -> Group | None:
        """Add a device, and return its group; ``None`` if it succeeded without a remark."""
        outcome, reason = device["outcome"], device.get("reason", "")
        if outcome not in PROBLEMS and not _is_remark(device):
            return None
        group = self._found.get((outcome, reason)) or self._group(outcome, reason, device)
        group.count += 1
        if reason != group.example:
            group.varies = True
        if len(group.imeis) < self._imeis_kept:
            group.imeis.append(device["imei"])
        return group

    def of_problems(self) -> list[Group]:
        """Return the groups that may cost money, the worst outcome and the most devices first; then those that cost nothing."""
        found = [group for group in self._groups.values() if group.outcome in PROBLEMS]
        return sorted(found, key=lambda group: (group.unknown_device, PROBLEMS.index(group.outcome), -group.count))

    def of_remarks(self) -> list[Group]:
        """Return the groups of remarks about other devices, the most devices first."""
        found = [group for group in self._groups.values() if group.outcome not in PROBLEMS]
        return sorted(found, key=lambda group: -group.count)

    def _group(self, outcome: str, reason: str, device: Line) -> Group:
        if outcome not in self.not_known and not _is_state_known(self._target, outcome, reason, device):
            self.not_known.add(outcome)
        pattern, unknown = pattern_of(reason), self._separate_unknown and is_unknown_device(outcome, reason)
        if (outcome, pattern, unknown) not in self._groups and len(self._groups) >= _MOST_GROUPS:
            pattern = OTHERS
        new = Group(outcome, pattern, reason, device["imei"], unknown, self._target.action)
        group = self._groups.setdefault((outcome, pattern, unknown), new)
        if len(self._found) < 10 * _MOST_GROUPS:
            self._found[outcome, reason] = group
        return group


def _is_state_known(target: Target, outcome: str, reason: str, device: Line) -> bool:
    """Return whether it is known if a device holds a license. A failure alone does not tell: its state may be unreadable."""
    if outcome not in PROBLEMS or is_unknown_device(outcome, reason):
        return True
    if outcome != FAILED or "status" not in device:
        return False
    entry = with_reason(reason, {"status": device["status"]})
    return verdict(entry, target.licensed) is not Verdict.UNRECOGNIZED


def _is_remark(device: Line) -> bool:
    """Return whether the reason of a device says more than that it succeeded."""
    reason = device.get("reason", "").strip().rstrip(".").casefold()
    return bool(reason) and reason not in ("success", "succeeded", device.get("status", "").casefold())
