# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The outcomes of a run: names, flags, order, labels; and the two states that a run can bring about.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Outcome:
    """One outcome. Each text is a pair: after a run, and in a forecast.

    ``label`` and ``note`` head a number in the report; ``counted`` follows the number of devices with a problem.
    """

    name: str
    changed: bool
    failed: bool
    label: tuple[str, str]
    note: tuple[str, str]
    counted: tuple[str, str] = ("", "")


class Texts(t.NamedTuple):
    """What reports and messages say of a run toward one state."""

    title: str
    changed: str
    would_change: str
    already: str
    read_changed: str
    read_unchanged: str
    read_before: str
    not_sent_again: str
    changed_back: str
    no_longer: str
    upgrades_not_read: str = ""


@dataclass(frozen=True)
class Target:
    """The state that a run brings about: ``licensed`` or not. ``action`` names the run in journals.

    ``outcomes`` begin with the change, and with the state that is already as declared.
    """

    action: str
    licensed: bool
    outcomes: tuple[Outcome, ...] = field(repr=False)
    texts: Texts = field(repr=False)

    @property
    def changed(self) -> str:
        """Return the outcome of a device that the run has changed."""
        return self.outcomes[0].name

    @property
    def already(self) -> str:
        """Return the outcome of a device that was already as declared."""
        return self.outcomes[1].name

    @property
    def names(self) -> tuple[str, ...]:
        """Return all outcomes, in order."""
        return tuple(outcome.name for outcome in self.outcomes)

    @property
    def problems(self) -> tuple[str, ...]:
        """Return the outcomes that are failures, in the order in which people should look at them."""
        return tuple(outcome.name for outcome in self.outcomes if outcome.failed)

    def outcome(self, name: str) -> Outcome:
        """Return an outcome by its name."""
        return next(outcome for outcome in self.outcomes if outcome.name == name)


REMOVED = "removed"
UNLICENSED = "unlicensed"
ASSIGNED = "assigned"
LICENSED = "licensed"
FAILED = "failed"
UNKNOWN = "unknown"
SKIPPED = "skipped"


def _changed(name: str, label: tuple[str, str], note: tuple[str, str]) -> Outcome:
    return Outcome(name, True, False, label, note)


def _already(name: str, label: str, note: tuple[str, str]) -> Outcome:
    return Outcome(name, False, False, (label, label), note)


def _problems(failed: tuple[str, str], unknown: str) -> tuple[Outcome, ...]:
    """Return the outcomes that are failures. ``failed``, ``unknown``: the notes of two of them."""
    return (
        Outcome(FAILED, False, True, ("Failed", "Would fail"), failed, ("failed", "would fail")),
        Outcome(
            UNKNOWN,
            True,
            True,
            ("Unknown", "Unknown"),
            (unknown, "could not be read: run again"),
            ("in an unknown state", "in an unknown state"),
        ),
        Outcome(
            SKIPPED,
            False,
            True,
            ("Skipped", "Skipped"),
            ("never sent, the run ended early", "never read, the run ended early"),
            ("not sent", "not read"),
        ),
    )


REMOVAL = Target(
    "remove",
    licensed=False,
    outcomes=(
        _changed(
            REMOVED, ("Removed", "Would be removed"), ("had a license, now has none", "still holds a license today")
        ),
        _already(UNLICENSED, "Already unlicensed", ("had no license", "has no license")),
        *_problems(
            failed=(
                "still holds a license, or is not in the account",
                "would keep its license, or is not in the account",
            ),
            unknown="may hold a license: run again",
        ),
    ),
    texts=Texts(
        title="Removal of FOTA licenses",
        changed="removed",
        would_change="would be removed",
        already="had no license",
        read_changed="; read again: it holds no license",
        read_unchanged="; read again: it holds a license",
        read_before="; it held a license when it was last read",
        not_sent_again="; still licensed, and not sent again: ",
        changed_back="its license was removed, but it holds one again",
        no_longer="it held no license when the run began, but holds one now",
        upgrades_not_read="Firmware upgrades, which can prevent a removal, were not looked up (check_upgrades).",
    ),
)

ASSIGNMENT = Target(
    "assign",
    licensed=True,
    outcomes=(
        _changed(
            ASSIGNED, ("Assigned", "Would be assigned"), ("had no license, now has one", "holds no license today")
        ),
        _already(LICENSED, "Already licensed", ("had a license", "has a license")),
        *_problems(failed=("still holds no license", "would get no license"), unknown="may hold no license: run again"),
    ),
    texts=Texts(
        title="Assignment of FOTA licenses",
        changed="assigned",
        would_change="would be assigned",
        already="had a license",
        read_changed="; read again: it holds a license",
        read_unchanged="; read again: it holds no license",
        read_before="; it held no license when it was last read",
        not_sent_again="; still unlicensed, and not sent again: ",
        changed_back="a license was assigned to it, but it holds none again",
        no_longer="it held a license when the run began, but holds none now",
    ),
)

TARGETS = (REMOVAL, ASSIGNMENT)
BY_ACTION = {target.action: target for target in TARGETS}
_ALL = tuple({outcome.name: outcome for target in TARGETS for outcome in target.outcomes}.values())
# Of both.
CHANGED = frozenset(outcome.name for outcome in _ALL if outcome.changed)
# In the order in which people should look at them.
PROBLEMS = tuple(outcome.name for outcome in _ALL if outcome.failed)
FAILURES = frozenset(PROBLEMS)
