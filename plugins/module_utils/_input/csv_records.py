# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The records of a CSV file with their line numbers and without comments; a misplaced quotation mark hides none of them.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import csv
import itertools
import re
import typing as t
from collections import deque

from ansible_collections.verizon.fota.plugins.module_utils._input.text_files import NotText, read_lines

# The characters that may separate columns unless a file names another one.
DELIMITERS = (",", ";", "\t", "|")
# What a spreadsheet writes into the first column where a formula has no value, or the column is too narrow for its numbers.
_NO_VALUE = re.compile(r"#(?:N/A|REF!|VALUE!|NAME\?|DIV/0!|NULL!|NUM!)\s*(?:[,;\t|]|\Z)|#{3,}\s*[,;\t|]", re.IGNORECASE)

# The line of a row within a quoted field, even if its IMEI lost leading zeros.
_ROW = re.compile(r"^\s*[0-9]{12,16}\s*[,;\t|]", re.MULTILINE)


def is_comment(text: str) -> bool:
    """Return whether a line without whitespace before it is a comment."""
    return text.startswith("#") and _NO_VALUE.match(text) is None


class LineReader:
    """The lines of a file from the first one that is neither blank nor a comment, which can be read several times.

    ``number`` is that of this line (counted from 1), ``comments`` says how many came before it.
    """

    def __init__(self, path: str) -> None:
        self._lines = read_lines(path)
        self._kept: list[str] = []
        self.number = 0
        self.comments = 0
        # The last ones with their numbers: in a file without a header, they may be rows.
        self.last_comments: deque[tuple[int, str]] = deque(maxlen=20)

    def advance(self) -> str | None:
        """Go to the next such line and return it; ``None`` at the end of the file. Raises ``NotText``."""
        self._kept.clear()
        for line in self._lines:
            self.number += 1
            text = line.lstrip()
            if is_comment(text):
                self.comments += 1
                self.last_comments.append((self.number, line))
            elif text:
                self._kept.append(line)
                return line
        return None

    def peek(self) -> t.Iterator[str]:
        """Yield this line and those after it; they can be read again."""
        for position in itertools.count():
            if position == len(self._kept):
                line = next(self._lines, None)
                if line is None:
                    return
                self._kept.append(line)
            yield self._kept[position]

    def rest(self) -> t.Iterator[str]:
        """Return this line and those after it, for the last time."""
        return itertools.chain(self._kept, self._lines)


class Records:
    """The records of CSV text, each with the number of the line on which it begins, without blank ones and comments.

    ``is_record`` says of a text whether it looks as if it contained a record of its own. Iterating raises ``NotText`` for what
    is not CSV, and for a quoted field that spans lines and contains such a text.

    ``like_rows`` has the numbers and fields of comments that contain such a text and as many fields as the first record:
    programs put no quotes around a field because it begins with ``#``.
    """

    def __init__(
        self,
        path: str,
        lines: t.Iterator[str],
        number: int,
        delimiter: str,
        is_record: t.Callable[[str], bool],
    ) -> None:
        self._path = path
        self._is_record = is_record
        self._number = number - 1
        self._begun = number
        self._at_start = True
        self._delimiter = delimiter
        self._width = 0
        self.comments = 0
        self.like_rows: list[tuple[int, list[str]]] = []
        self._reader = csv.reader(self._feed(lines), delimiter=delimiter, strict=True)

    def __iter__(self) -> t.Iterator[tuple[int, list[str]]]:
        while True:
            self._at_start = True
            try:
                row = next(self._reader, None)
            except csv.Error as error:
                raise self._not_csv(error) from None
            if row is None:
                return
            if self._number != self._begun and any("\n" in field and self._has_record(field) for field in row):
                raise NotText(
                    f"{self._path}, {self._where()}: a quoted field spans these lines and contains an IMEI; nothing was sent."
                    " Is a quotation mark missing, or one too many?"
                )
            if "".join(row).strip():
                self._width = self._width or len(row)
                yield self._begun, row

    def _has_record(self, field: str) -> bool:
        return self._is_record(field) or _ROW.search(field) is not None

    def keep_if_like_a_row(self, number: int, comment: str) -> None:
        """Keep a comment in ``like_rows`` if it has the fields of a row. A row that was made a comment is none of them."""
        if not self._is_record(comment):
            return
        try:
            fields = next(csv.reader([comment], delimiter=self._delimiter), [])
        except csv.Error:
            return
        if (
            len(fields) >= self._width
            and not "".join(fields[self._width :]).strip()
            and any(map(self._is_record, fields[1:]))
        ):
            self.like_rows.append((number, fields))

    def _feed(self, lines: t.Iterator[str]) -> t.Iterator[str]:
        for line in lines:
            self._number += 1
            if self._at_start:
                # Within quotes, what looks like a comment is text like any other.
                if is_comment(line.lstrip()):
                    self.comments += 1
                    self.keep_if_like_a_row(self._number, line)
                    continue
                self._begun = self._number
                self._at_start = False
            yield f"{line}\n"

    def _where(self) -> str:
        return f"line {self._begun}" if self._begun >= self._number else f"lines {self._begun} to {self._number}"

    def _not_csv(self, error: csv.Error) -> NotText:
        if "new-line character" in str(error):
            return NotText(
                f"{self._path}, {self._where()}: a line ends with a carriage return alone; save it as CSV UTF-8"
            )
        return NotText(
            f"{self._path}, {self._where()}: not readable as CSV: {error}. Is a quotation mark missing, or one too many?"
        )
