# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The outcomes of a removal: their names, and which of them count as changed and as failed.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

REMOVED = "removed"
UNLICENSED = "unlicensed"
FAILED = "failed"
UNKNOWN = "unknown"
SKIPPED = "skipped"

OUTCOMES = (REMOVED, UNLICENSED, FAILED, UNKNOWN, SKIPPED)
CHANGED = frozenset((REMOVED, UNKNOWN))
FAILURES = frozenset((FAILED, UNKNOWN, SKIPPED))
