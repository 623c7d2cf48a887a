# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How many there are of something, in words.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations


def pluralize(count: int, noun: str) -> str:
    """Return a number and its noun, such as "1 license" or "2,000 licenses"."""
    return f"{count} {noun}" if count == 1 else f"{count:,} {noun}s"
