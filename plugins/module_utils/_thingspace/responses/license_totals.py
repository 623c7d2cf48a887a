# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How many licenses an account has and uses.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class LicenseTotals:
    """How many licenses the account has and how many are assigned; ``None`` if the response does not say it."""

    total: int | None = None
    used: int | None = None

    def over(self, earlier: LicenseTotals) -> LicenseTotals:
        """Return these, and the earlier ones where these are missing."""
        return LicenseTotals(
            earlier.total if self.total is None else self.total, earlier.used if self.used is None else self.used
        )
