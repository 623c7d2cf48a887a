# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!
"""What protects an account from a wrong list: limits that hold before the first license is removed."""

from __future__ import annotations

import math
import typing as t
from dataclasses import dataclass

from ansible_collections.verizon.fota.plugins.module_utils._answers import Totals
from ansible_collections.verizon.fota.plugins.module_utils._counting import many
from ansible_collections.verizon.fota.plugins.module_utils._refusals import Refused

_NOTHING = "nothing was removed"


class Refusal(t.NamedTuple):
    """Why so many licenses must not be removed: in full, and in short as the reason of each device."""

    message: str
    reason: str


@dataclass(frozen=True)
class Guards:
    """How many licenses may be removed, and which share (0 to 1) of those in use; None means any."""

    max_removals: int | None = None
    max_share: float | None = None

    def refusal(self, removals: int, totals: t.Callable[[], Totals]) -> Refusal | None:
        """Return why so many licenses must not be removed, None if they may. ``totals`` reads the licenses of the account."""
        if self.max_removals is not None and removals > self.max_removals:
            return Refusal(
                f"{many(removals, 'license')} would be removed, more than max_removals ({self.max_removals}) allows; {_NOTHING}",
                "not sent: more than max_removals allows",
            )
        if self.max_share is None or not removals:
            return None
        unchecked = "not sent: max_share cannot be checked"
        try:
            used = totals().used
        except Refused as error:
            return Refusal(
                f"max_share cannot be checked, since the licenses in use cannot be read: {error}; {_NOTHING}", unchecked
            )
        if used is None:
            return Refusal(
                f"max_share cannot be checked, since the service does not tell how many licenses are in use; {_NOTHING}",
                unchecked,
            )
        # A product such as 0.07 * 100 is a hair above or below the number that is meant.
        allowed = math.floor(used * self.max_share + 1e-6)
        if removals <= allowed:
            return None
        part = f"{removals / used:.1%}" if used else "more"
        return Refusal(
            f"{many(removals, 'license')} would be removed, {part} of the {used} in use, more than max_share ({self.max_share:g},"
            f" that is {allowed}) allows; {_NOTHING}",
            "not sent: more than max_share allows",
        )
