# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which character separates the columns of a file.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.verizon.fota.plugins.module_utils._input.csv_records import LineReader, Records
from ansible_collections.verizon.fota.plugins.module_utils._input.imei_validation import (
    InvalidIMEIs,
    has_number_like_an_imei,
    parse_imei,
    shown,
)
from ansible_collections.verizon.fota.plugins.module_utils._input.plain_lines import entry_of
from ansible_collections.verizon.fota.plugins.module_utils._input.text_files import NotText

_SEPARATOR_LINE = re.compile(r'"?sep=(.*?)"?\r?', re.IGNORECASE)


def named_delimiter(path: str, number: int, line: str) -> str | None:
    """Return the delimiter that a line such as ``sep=;`` names, ``None`` if the line is another one. Raises ``InvalidIMEIs``."""
    match = _SEPARATOR_LINE.fullmatch(line)
    if match is None:
        return None
    delimiter = match[1]
    if delimiter == "\t" or (
        len(delimiter) == 1 and delimiter.isprintable() and not re.match(r"""[\w\s"'#=.-]""", delimiter)
    ):
        return delimiter
    raise InvalidIMEIs(f"{path}, line {number}: sep= has to name the one character that separates the columns")


def headers_by_delimiter(path: str, lines: LineReader, delimiters: t.Iterable[str]) -> dict[str, list[str]]:
    """Return the names of the columns for each of these delimiters. Raises ``NotText``."""
    headers: dict[str, list[str]] = {}
    unreadable: NotText | None = None
    for delimiter in delimiters:
        try:
            records = Records(path, lines.peek(), lines.number, delimiter, has_number_like_an_imei)
            names = next(iter(records), (0, []))[1]
        except NotText as error:
            unreadable = unreadable or error
            continue
        if not names:
            continue
        # In a file without columns, a comment may follow the name as it may follow an IMEI.
        headers[delimiter] = names if len(names) > 1 or "\n" in names[0] else [entry_of(names[0])]
    if not headers and unreadable is not None:
        raise unreadable
    return headers


def likely_delimiter(path: str, lines: LineReader, tables: t.Mapping[str, list[str]]) -> str:
    """Return the only delimiter with which the first row or the one after it has an IMEI in one of its fields."""
    found: list[str] = []
    for skipped in (0, 1):
        found = []
        for delimiter, names in tables.items():
            records = iter(Records(path, lines.peek(), lines.number, delimiter, has_number_like_an_imei))
            try:
                row = [next(records, (0, []))[1] for _number in range(skipped + 1)][-1]
            except NotText:
                continue
            if len(row) == len(names) and any(parse_imei(value) for value in row):
                found.append(delimiter)
        if len(found) == 1:
            return found[0]
        if found:
            break
    first = next(lines.peek())
    if found:
        raise unclear_delimiter(path, first)
    raise InvalidIMEIs(
        f"{path} has no column imei: its first row is {shown(first.strip())}; name the columns in that row, one of them imei"
    )


def unclear_delimiter(path: str, first: str) -> InvalidIMEIs:
    """Return the error for a first row that several characters may separate."""
    return InvalidIMEIs(
        f"{path}: it is not clear what separates the columns of its first row, {shown(first.strip())};"
        " write a line such as sep=; above it"
    )
