# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Text for messages: counts with their nouns, external text on one line.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import typing as t

_LONGEST_LINE = 300


def pluralize(count: int, noun: str) -> str:
    """Return a number and its noun, such as "1 license" or "2,000 licenses"."""
    return f"{count} {noun}" if count == 1 else f"{count:,} {noun}s"


def is_blank(value: object) -> bool:
    """Return whether a value is missing or text without content: AWX sends such text for fields that nobody filled in."""
    return value is None or (isinstance(value, str) and not value.strip())


def are_digits(text: str) -> bool:
    """Return whether a text consists of the digits 0 to 9, and is not empty: faster than ``isdigit`` for a long one."""
    return text.isascii() and text.encode().isdigit()


def shortened(texts: t.Sequence[str], most: int) -> str:
    """Return at most so many texts, separated by commas."""
    return ", ".join(texts[:most]) + (", …" if len(texts) > most else "")


def one_line(text: str) -> str:
    """Return external text for a message: truncated, on one line, without control characters."""
    if len(text) <= _LONGEST_LINE and text.isprintable() and "  " not in text:
        return text.strip()
    line = " ".join("".join(character if character.isprintable() else " " for character in text).split())
    return line if len(line) <= _LONGEST_LINE else line[: _LONGEST_LINE - 1] + "…"


def are_lines(texts: t.Collection[str]) -> bool:
    """Return whether ``one_line`` leaves each of these texts as it is, and none is empty."""
    joined = f" {' '.join(texts)} "
    short = len(joined) <= _LONGEST_LINE or max(map(len, texts)) <= _LONGEST_LINE
    return short and joined.isprintable() and "  " not in joined
