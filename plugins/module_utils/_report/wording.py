# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What report.html says in words, for a result and for a forecast.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import typing as t

from ansible_collections.verizon.fota.plugins.module_utils._licenses.outcomes import BY_NAME, PROBLEMS
from ansible_collections.verizon.fota.plugins.module_utils._report.contents import Head


def label(outcome: str, forecast: bool) -> str:
    return BY_NAME[outcome].label[forecast]


def note(outcome: str, forecast: bool) -> str:
    return BY_NAME[outcome].note[forecast]


def pluralize(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def problems(summary: t.Mapping[str, int]) -> int:
    return sum(summary[outcome] for outcome in PROBLEMS)


def verdict(head: Head) -> str:
    """Say in one sentence how many devices hold a license, which is what costs money."""
    summary = head.summary
    requested, removed = summary["requested"], summary["removed"]
    if not requested:
        return "No device is on record."
    devices = pluralize(requested, "device")
    if head.forecast:
        if not removed:
            return f"Of {devices}, none has a license that would be removed."
        holds = "still holds a license that" if removed == 1 else "still hold a license that"
        return f"{removed:,} of {devices} {holds} would be removed."
    free = removed + summary["unlicensed"]
    if free == requested:
        return f"The {devices} asked for {'holds' if requested == 1 else 'hold'} no license."
    return f"{free:,} of {devices} {'holds' if free == 1 else 'hold'} no license."


def attention(head: Head) -> str:
    """Say what is left to do; empty when nothing is."""
    left = problems(head.summary)
    if not left:
        return ""
    parts = [f"{head.summary[one]:,} {BY_NAME[one].counted[head.forecast]}" for one in PROBLEMS if head.summary[one]]
    what = "may cost money even then" if head.forecast else "may still cost money"
    return f"{pluralize(left, 'device')} {what}: {', '.join(parts)}."


def day_and_time(moment: str) -> str:
    """Return a time of the journal for people."""
    return moment.replace("T", " ").replace("Z", " UTC")
