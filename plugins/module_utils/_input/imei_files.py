# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How files of IMEIs are read: one IMEI per line, or one column of a CSV file, and the names beside them.

Nothing is guessed where licenses are at stake: a file that could be read in two ways is rejected, and so is one with a row
that does not fit.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import os
import typing as t

from ansible_collections.verizon.fota.plugins.module_utils._input.csv_columns import (
    IMEI_COLUMN,
    RequestedColumns,
    column_key,
    columns_message,
    is_column_name,
)
from ansible_collections.verizon.fota.plugins.module_utils._input.csv_delimiters import (
    headers_by_delimiter,
    likely_delimiter,
    named_delimiter,
    unclear_delimiter,
)
from ansible_collections.verizon.fota.plugins.module_utils._input.csv_records import DELIMITERS, LineReader, Records
from ansible_collections.verizon.fota.plugins.module_utils._input.file_contents import Contents
from ansible_collections.verizon.fota.plugins.module_utils._input.imei_columns import read_column, read_only_column
from ansible_collections.verizon.fota.plugins.module_utils._input.imei_validation import (
    InvalidIMEIs,
    has_number_like_an_imei,
    parse_imei,
)
from ansible_collections.verizon.fota.plugins.module_utils._input.plain_lines import entry_of, read_plain_lines
from ansible_collections.verizon.fota.plugins.module_utils._input.text_files import NotText


def read(path: str, column: str | None = None, name_column: str | None = None) -> Contents:
    """Read the IMEIs of a file, one per line or CSV.

    ``column`` names the column of the IMEIs. Without it, that is ``imei``, or else the only column that contains nothing but
    IMEIs. ``name_column`` names the column of the names; without it, that is ``name``, if there is one such column.

    Raises ``InvalidIMEIs`` if the file cannot be read, contains no IMEIs or invalid entries, or could be read in two ways.
    """
    if not path.strip():
        raise InvalidIMEIs("imeis_file is empty: set it to a path")
    path = os.path.abspath(path)
    try:
        contents = _read(path, RequestedColumns(column or None, name_column or None))
    except NotText as error:
        raise InvalidIMEIs(str(error)) from None
    if not contents.imeis:
        raise InvalidIMEIs(f"{path} contains no IMEIs: write one per line, or CSV with a column imei")
    return contents


def _read(path: str, requested: RequestedColumns) -> Contents:
    lines = LineReader(path)
    first = lines.advance()
    delimiters: t.Sequence[str] = DELIMITERS
    named = named_delimiter(path, lines.number, first or "")
    if named is not None:
        delimiters = (named,)
        first = lines.advance()
    if first is None:
        return Contents([])
    if requested.imeis is None and parse_imei(entry_of(first)) is not None:
        return read_plain_lines(path, lines, requested)
    headers = headers_by_delimiter(path, lines, delimiters)
    if not headers:
        return Contents([])
    key = column_key(requested.imeis or IMEI_COLUMN)
    with_column = [delimiter for delimiter, names in headers.items() if key in map(column_key, names)]
    tables = {delimiter: names for delimiter, names in headers.items() if len(names) > 1}
    tables_with_column = [delimiter for delimiter in with_column if delimiter in tables]
    if len(tables_with_column) > 1:
        raise unclear_delimiter(path, first)
    if tables_with_column or (with_column and "\n" in headers[with_column[0]][0]):
        delimiter = [*tables_with_column, *with_column][0]
        return read_column(path, _records(path, lines, delimiter), lines, requested, key)
    if with_column:
        return read_plain_lines(path, lines, requested, has_header=True)
    if requested.imeis is not None:
        raise InvalidIMEIs(f"{path} has no column {requested.imeis}; {columns_message(max(headers.values(), key=len))}")
    if tables:
        delimiter = next(iter(tables)) if len(tables) == 1 else likely_delimiter(path, lines, tables)
        return read_only_column(path, _records(path, lines, delimiter), lines, requested)
    return read_plain_lines(path, lines, requested, has_header=is_column_name(entry_of(first)))


def _records(path: str, lines: LineReader, delimiter: str) -> Records:
    return Records(path, lines.rest(), lines.number, delimiter, has_number_like_an_imei)
