# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rows of CSV files that fit, but are not what was meant: comments that are rows, shifted fields, two rows in one.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import re

from ansible_collections.verizon.fota.plugins.module_utils._input.csv_records import Records
from ansible_collections.verizon.fota.plugins.module_utils._input.imei_validation import (
    EntryError,
    InvalidEntries,
    has_number_like_an_imei,
    parse_imei,
    shown,
)

_LONG_NUMBER = re.compile("[0-9]{14}")
_LIKE_A_ROW = EntryError(
    "begins with # as a comment does, but has the fields of a row; put its first field in quotes, or delete the line",
    "comments with the fields of a row",
)


def add_comments_like_rows(records: Records, column: int, invalid: InvalidEntries) -> None:
    """Add the comments that are rows if their first field is text like any other."""
    for number, fields in records.like_rows:
        if parse_imei(fields[column]) is not None:
            invalid.add(f"line {number}", shown(" ".join(fields)), _LIKE_A_ROW)


class ShiftedRows:
    """Rows in which a field seems to be missing, so that another IMEI is in the column of the IMEIs.

    In such a row, the column beside has an IMEI, and the row begins or ends with an empty field. It is invalid if the column
    beside contains text in other rows.
    """

    def __init__(self, header: list[str], column: int) -> None:
        self._header = header
        # The column beside, and the field that is empty when the IMEI is in there.
        self._beside = [(column - 1, -1), (column + 1, 0)]
        self._invalid = {place: InvalidEntries() for place, _empty in self._beside}
        self._with_text: set[int] = set()
        self.possible = 0 < column < len(header) - 1

    def check(self, number: int, row: list[str], imei: str) -> None:
        for place, empty in self._beside:
            value = row[place]
            if not value:
                continue
            other = parse_imei(value)
            if other is None:
                if value.strip():
                    self._with_text.add(place)
            elif other != imei and not row[empty].strip():
                message = (
                    f"is in the column {shown(self._header[place])}, which has text in other rows; is a field missing?"
                )
                self._invalid[place].add(f"line {number}", shown(value), EntryError(message, "with shifted fields"))

    def raise_if_any(self, path: str) -> None:
        for place in self._with_text:
            self._invalid[place].raise_if_any(path)


def is_two_rows(row: list[str], width: int, column: int | None) -> bool:
    """Return whether the line break is missing before a row that begins with an IMEI and has nothing else."""
    last = row[width - 1]
    return column != width - 1 and (_LONG_NUMBER.search(last) is not None or has_number_like_an_imei(last))
