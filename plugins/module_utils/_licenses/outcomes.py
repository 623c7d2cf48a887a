# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The outcomes of a removal: names, order, which of them count as changed and as failed, and what people read.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Outcome:
    """One outcome. Each text is a pair: after a run, and in a forecast.

    ``label`` and ``note`` head a number in the report; ``counted`` follows the number of devices that are a problem.
    """

    name: str
    changed: bool
    failed: bool
    label: tuple[str, str]
    note: tuple[str, str]
    counted: tuple[str, str] = ("", "")


REMOVED = "removed"
UNLICENSED = "unlicensed"
FAILED = "failed"
UNKNOWN = "unknown"
SKIPPED = "skipped"

ALL = (
    Outcome(
        REMOVED,
        changed=True,
        failed=False,
        label=("Removed", "Would be removed"),
        note=("had a license, now has none", "still holds a license today"),
    ),
    Outcome(
        UNLICENSED,
        changed=False,
        failed=False,
        label=("Already unlicensed", "Already unlicensed"),
        note=("had no license", "has no license"),
    ),
    Outcome(
        FAILED,
        changed=False,
        failed=True,
        label=("Failed", "Would fail"),
        note=(
            "still holds a license, or is not in the account",
            "would keep its license, or is not in the account",
        ),
        counted=("failed", "would fail"),
    ),
    Outcome(
        UNKNOWN,
        changed=True,
        failed=True,
        label=("Unknown", "Unknown"),
        note=("may hold a license: run again", "could not be read: run again"),
        counted=("in an unknown state", "in an unknown state"),
    ),
    Outcome(
        SKIPPED,
        changed=False,
        failed=True,
        label=("Skipped", "Skipped"),
        note=("never sent, the run ended early", "never read, the run ended early"),
        counted=("not sent", "not read"),
    ),
)
OUTCOMES = tuple(outcome.name for outcome in ALL)
BY_NAME = {outcome.name: outcome for outcome in ALL}
CHANGED = frozenset(outcome.name for outcome in ALL if outcome.changed)
# In the order in which people should look at them.
PROBLEMS = tuple(outcome.name for outcome in ALL if outcome.failed)
FAILURES = frozenset(PROBLEMS)
