# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files with one IMEI per line, after which a comment may follow.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import itertools
import typing as t

from ansible_collections.verizon.fota.plugins.module_utils._input.csv_columns import (
    IMEI_COLUMN,
    RequestedColumns,
    column_key,
    columns_message,
)
from ansible_collections.verizon.fota.plugins.module_utils._input.csv_records import DELIMITERS, LineReader, is_comment
from ansible_collections.verizon.fota.plugins.module_utils._input.file_contents import Contents
from ansible_collections.verizon.fota.plugins.module_utils._input.imei_validation import (
    LOST_ZEROS,
    InvalidEntries,
    InvalidIMEIs,
    are_imeis,
    error_of,
    is_imei,
    parse_imei,
    shown,
)

_BLOCK = 1000


def read_plain_lines(path: str, lines: LineReader, requested: RequestedColumns, has_header: bool = False) -> Contents:
    """Read one IMEI per line; after it, a comment may follow."""
    rest = lines.rest()
    number, comments, header = lines.number, lines.comments, ""
    if has_header:
        header = entry_of(next(rest))
        number += 1
    if requested.names is not None:
        raise InvalidIMEIs(
            f"{path} has no column {requested.names} for the names; {columns_message([header] if header else [])}"
        )
    imeis: list[str] = []
    invalid = InvalidEntries()
    for first, block in _blocks(rest, number):
        # Nearly all lines of a fleet are IMEIs, and nothing else.
        stripped = block if are_imeis(block) else [line.strip() for line in block]
        if stripped is block or are_imeis(stripped):
            imeis += stripped
            continue
        for place, entry in enumerate(stripped, first):
            if not is_imei(entry):
                if not entry:
                    continue
                if is_comment(entry):
                    comments += 1
                    continue
                text = entry_of(entry)
                imei = parse_imei(text) or parse_imei(entry_of(text.rstrip("".join(DELIMITERS))))
                if imei is None:
                    invalid.add(f"line {place}", shown(entry), error_of(text, LOST_ZEROS))
                    continue
                entry = imei
            imeis.append(entry)
    invalid.raise_if_any(path)
    is_named = header and column_key(header) not in (IMEI_COLUMN, column_key(requested.imeis or ""))
    return Contents(
        list(dict.fromkeys(imeis)), {}, len(imeis), comments, f"the column {shown(header)}" if is_named else None
    )


def _blocks(lines: t.Iterator[str], number: int) -> t.Iterator[tuple[int, list[str]]]:
    """Return the lines in blocks, each with the number of its first line."""
    while True:
        block = list(itertools.islice(lines, _BLOCK))
        if not block:
            return
        yield number, block
        number += len(block)


def entry_of(line: str) -> str:
    """Return what a line of a file without columns says: without a comment behind it, and without quotes around it."""
    text = line.partition("#")[0].strip() or line.strip()
    if len(text) > 1 and text[0] == text[-1] == '"':
        inner = text[1:-1].replace('""', "")
        return text if '"' in inner else text[1:-1].replace('""', '"')
    return text
