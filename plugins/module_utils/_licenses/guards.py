# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What protects an account from a wrong list: limits that hold before the first license is removed.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import math
import typing as t
from dataclasses import dataclass

from ansible_collections.verizon.fota.plugins.module_utils._support.text import pluralize
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.errors import ThingSpaceError
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses import Totals

_NOTHING = "nothing was removed"
_NOT_CHECKED = "not sent: max_share cannot be checked"


class Refusal(t.NamedTuple):
    """Why a run may not remove what it would, and the same in short, as the reason of each device."""

    message: str
    reason: str


@dataclass(frozen=True)
class Guards:
    """How many licenses may be removed, and which share (0 to 1) of those in use; None means any."""

    max_removals: int | None = None
    max_share: float | None = None

    def refusal(self, removals: int, totals: t.Callable[[], Totals]) -> Refusal | None:
        """Return why so many licenses must not be removed, ``None`` if they may. ``totals`` reads the licenses of the account."""
        licenses = pluralize(removals, "license")
        if self.max_removals is not None and removals > self.max_removals:
            return Refusal(
                f"{licenses} would be removed, more than max_removals allows ({self.max_removals:,}); {_NOTHING}",
                "not sent: more than max_removals allows",
            )
        if self.max_share is None or not removals:
            return None
        try:
            used = totals().used
        except ThingSpaceError as error:
            return Refusal(
                f"max_share cannot be checked, because the licenses in use cannot be read: {error}; {_NOTHING}",
                _NOT_CHECKED,
            )
        if used is None:
            return Refusal(
                f"max_share cannot be checked, because the service does not tell how many licenses are in use; {_NOTHING}",
                _NOT_CHECKED,
            )
        # A product such as 0.07 * 100 is a hair above or below the number that is meant.
        allowed = math.floor(used * self.max_share + 1e-6)
        if removals <= allowed:
            return None
        part = f"{removals / used:.1%}" if used else "more"
        return Refusal(
            f"{licenses} would be removed, {part} of the {used:,} in use,"
            f" more than max_share allows ({self.max_share:g} of {used:,} = {allowed:,}); {_NOTHING}",
            "not sent: more than max_share allows",
        )
