# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What reasons have in common that differ only in dates and numbers.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import re

NO_REASON = "(no reason given)"
# How much of a reason is compared.
_COMPARED = 500
VARIES = "\N{HORIZONTAL ELLIPSIS}"
# Dates and times, UUIDs, anything else with a digit in it: versions, counts, IMEIs, hexadecimal names.
_VARYING = re.compile(
    r"\b(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,?\s+|\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\s+(?=\d)"
    r"|[^\s,;()\[\]{}<>\"'=]*\d[^\s,;()\[\]{}<>\"'=]*",
    re.IGNORECASE,
)
_REPEATED = re.compile(rf"{VARIES}(?:[\s,:]*{VARIES})+")


def pattern_of(reason: str) -> str:
    """Return a reason without what differs from device to device: dates, numbers, names with digits in them."""
    text = _VARYING.sub(VARIES, " ".join(reason[:_COMPARED].split()))
    text = _REPEATED.sub(VARIES, text).strip().rstrip(".")
    return text or NO_REASON
