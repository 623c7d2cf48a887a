# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The parts of a run's message: examples of failed devices, and what the report already shows elsewhere.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import re

from ansible_collections.verizon.fota.plugins.module_utils._licenses.outcomes import TARGETS

_OUTCOMES = "|".join(
    sorted({re.escape(text) for target in TARGETS for name in target.problems for text in target.outcome(name).counted})
)
_CHANGES = "|".join(re.escape(text) for target in TARGETS for text in (target.texts.changed, target.texts.would_change))
_CHANGED = rf"[\d,]+ licenses? (?:{_CHANGES})\."
# Devices that are named as examples of those that failed
_EXAMPLES = rf"\d{{15}}: .*?\.(?=\s{_CHANGED})"
_REPEATED = re.compile(
    r"(?:^|(?<=\s))(?:"
    # The counts of problems, and examples of them
    rf"Of [\d,]+ devices?: [\d,]+ (?:{_OUTCOMES})(?:, [\d,]+ (?:{_OUTCOMES}))*\."
    rf"|{_EXAMPLES}"
    rf"|{_CHANGED}"
    r"|[\d,]+ scheduled upgrades? would be cancelled: [\d, ]+(?:and [\d,]+ more)?\."
    rf"|[\d,]+ devices? (?:{'|'.join(re.escape(target.texts.already) for target in TARGETS)})\."
    r")(?:\s+|$)",
    re.DOTALL,
)
_EXAMPLES_AFTER_COUNTS = re.compile(rf"(?<=\.) {_EXAMPLES}", re.DOTALL)


def without_counts(message: str) -> str:
    """Return a message without the counts and the examples of devices, which a report shows anyway."""
    return _REPEATED.sub("", message).strip()


def without_examples(message: str) -> str:
    """Return a message without the devices that it names as examples of those that failed."""
    return _EXAMPLES_AFTER_COUNTS.sub("", message, count=1)
