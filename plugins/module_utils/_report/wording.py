# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The sentences of report.html, for a result and for a forecast.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import typing as t

from ansible_collections.verizon.fota.plugins.module_utils._licenses.outcomes import FAILED
from ansible_collections.verizon.fota.plugins.module_utils._report.contents import Head
from ansible_collections.verizon.fota.plugins.module_utils._support.text import pluralize


def label(head: Head, outcome: str) -> str:
    return head.target.outcome(outcome).label[head.forecast]


def note(head: Head, outcome: str, not_known: t.Collection[str]) -> str:
    """Return what an outcome means. ``not_known``: the outcomes of devices of which it is not known whether they hold a license."""
    if outcome == FAILED and outcome in not_known and not head.forecast:
        return f"may still hold {'no license' if head.target.licensed else 'a license, or is not in the account'}"
    return head.target.outcome(outcome).note[head.forecast]


def problems(head: Head) -> int:
    return sum(head.summary[outcome] for outcome in head.target.problems)


def verdict(head: Head, not_known: t.Collection[str]) -> str:
    """Return how many devices are as declared, or would be changed, as far as is known.

    ``not_known``: the outcomes of devices of which it is not known, after the run, whether they hold a license.
    """
    summary, target = head.summary, head.target
    requested, changed = summary["requested"], summary[target.changed]
    if not requested:
        return "No device is on record."
    devices = pluralize(requested, "device")
    if head.forecast:
        return _forecast(head, changed, devices)
    declared = changed + summary[target.already]
    state = "a license" if target.licensed else "no license"
    if declared == requested:
        return f"The {devices} {'holds' if requested == 1 else 'hold'} {state}."
    if not_known:
        return f"{declared:,} of {devices} {'is' if declared == 1 else 'are'} known to hold {state}."
    return f"{declared:,} of {devices} {'holds' if declared == 1 else 'hold'} {state}."


def _forecast(head: Head, changed: int, devices: str) -> str:
    assigns = head.target.licensed
    # What would fail has been read.
    if any(head.summary[outcome] for outcome in head.target.problems if outcome != FAILED):
        state = "need a license" if assigns else "hold a license that would be removed"
        if not changed:
            return f"Of {devices}, none is known to {state}."
        return f"{changed:,} of {devices} {'is' if changed == 1 else 'are'} known to {state}."
    if assigns:
        return (
            f"{changed:,} of {devices} would get a license." if changed else f"Of {devices}, none would get a license."
        )
    if not changed:
        return f"Of {devices}, none has a license that would be removed."
    holds = "still holds a license that" if changed == 1 else "still hold a license that"
    return f"{changed:,} of {devices} {holds} would be removed."


def attention(head: Head, unknown_devices: int) -> str:
    """Return how many devices may not be as declared; empty if none. ``unknown_devices``: how many of them cost nothing."""
    counts = {
        outcome: head.summary[outcome] - (unknown_devices if outcome == FAILED else 0)
        for outcome in head.target.problems
    }
    left = sum(counts.values())
    if not left:
        return ""
    parts = [
        f"{count:,} {head.target.outcome(outcome).counted[head.forecast]}" for outcome, count in counts.items() if count
    ]
    if head.target.licensed:
        what = "may be without a license even then" if head.forecast else "may still be without a license"
    else:
        what = "may cost money even then" if head.forecast else "may still cost money"
    return f"{pluralize(left, 'device')} {what}: {', '.join(parts)}."


def no_cost(unknown_devices: int) -> str:
    """Return how many devices failed without costing money; empty if none."""
    if not unknown_devices:
        return ""
    rest = "is unknown to the account and costs" if unknown_devices == 1 else "are unknown to the account and cost"
    return f"{pluralize(unknown_devices, 'device')} {rest} nothing."


def day_and_time(moment: str) -> str:
    """Return a time of the journal for people."""
    return moment.replace("T", " ").replace("Z", " UTC")
