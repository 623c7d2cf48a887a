# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""IMEIs and names from the columns of a CSV file: one that is called so, or the only one of IMEIs.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import typing as t

from ansible_collections.verizon.fota.plugins.module_utils._input.csv_columns import (
    RequestedColumns,
    column_index,
    columns_message,
    is_column_name,
    name_column_index,
)
from ansible_collections.verizon.fota.plugins.module_utils._input.csv_records import LineReader, Records
from ansible_collections.verizon.fota.plugins.module_utils._input.file_contents import Contents
from ansible_collections.verizon.fota.plugins.module_utils._input.imei_validation import (
    DIGITS,
    LOST_ZEROS,
    MAX_LISTED,
    EntryError,
    InvalidEntries,
    InvalidIMEIs,
    error_of,
    has_number_like_an_imei,
    is_imei,
    is_rounded_imei,
    parse_imei,
    shown,
    unwrapped,
)
from ansible_collections.verizon.fota.plugins.module_utils._input.row_checks import (
    ShiftedRows,
    add_comments_like_rows,
    is_two_rows,
)
from ansible_collections.verizon.fota.plugins.module_utils._support.text import pluralize

Row = t.Tuple[int, t.List[str]]

_LONGEST_NAME = 200


def read_column(path: str, records: Records, lines: LineReader, requested: RequestedColumns, key: str) -> Contents:
    """Read the column whose name has this key."""
    rows = iter(records)
    _number, header = next(rows)
    column = column_index(path, header, key)
    names_column = name_column_index(path, header, requested)
    imeis: dict[str, None] = {}
    names: dict[str, str] = {}
    entries = 0
    invalid = InvalidEntries()
    shifted = ShiftedRows(header, column)
    for number, row in _fitting(rows, len(header), invalid, column):
        imei = row[column]
        if not is_imei(imei):
            found = parse_imei(imei)
            if found is None:
                invalid.add(f"line {number}", shown(imei), error_of(imei, LOST_ZEROS))
                continue
            imei = found
        if shifted.possible:
            shifted.check(number, row, imei)
        imeis[imei] = None
        entries += 1
        if names_column is not None and imei not in names:
            name = _name(row[names_column])
            if name:
                names[imei] = name
    add_comments_like_rows(records, column, invalid)
    invalid.raise_if_any(path)
    shifted.raise_if_any(path)
    return Contents(list(imeis), names, entries, lines.comments + records.comments)


def read_only_column(path: str, records: Records, lines: LineReader, requested: RequestedColumns) -> Contents:
    """Read the only column that contains nothing but IMEIs, with or without a header."""
    rows = iter(records)
    start, first = next(rows)
    has_header = not any(parse_imei(value) for value in first)
    names_column = name_column_index(path, first if has_header else [], requested)
    # Of each column that contains nothing else so far, the IMEIs with their names.
    found: dict[int, dict[str, str]] = {column: {} for column in range(len(first))}
    # Of the others, those that contain an IMEI in any row, or what a spreadsheet made of one, and those that do not so far.
    holding: set[int] = set()
    others: list[int] = []
    closest: tuple[int, int, int, str] | None = None
    entries = 0
    invalid = InvalidEntries()
    for number, row in _fitting(rows if has_header else _again((start, first), rows), len(first), invalid):
        name = "" if names_column is None else _name(row[names_column])
        for column in list(found):
            value = row[column]
            imei = parse_imei(value)
            if imei is not None:
                found[column][imei] = found[column].get(imei) or name
                continue
            del found[column]
            if entries:
                holding.add(column)
                closest = (entries, column, number, value)
            else:
                others.append(column)
        for column in others:
            value = row[column]
            if (len(value) >= DIGITS and parse_imei(value) is not None) or ("14" in value and is_rounded_imei(value)):
                holding.add(column)
        if not holding.isdisjoint(others):
            others = [column for column in others if column not in holding]
        entries += 1
    invalid.raise_if_any(path)
    if has_header and not entries:
        # The only row is no header if it has IMEIs, such as a list in JSON on one line.
        for value in filter(has_number_like_an_imei, first):
            invalid.add(f"line {start}", shown(value), error_of(value, LOST_ZEROS))
        invalid.raise_if_any(path)
        return Contents([])
    titles = [shown(name) for name in first] if has_header else [f"{place}" for place, _value in enumerate(first, 1)]
    holding.update(found)
    if len(found) != 1 or len(holding) != 1:
        raise _no_only_column(path, first, has_header, [titles[column] for column in sorted(holding)], titles, closest)
    ((column, names),) = found.items()
    if not has_header:
        for place, comment in lines.last_comments:
            records.keep_if_like_a_row(place, comment)
    add_comments_like_rows(records, column, invalid)
    invalid.raise_if_any(path)
    if has_header and not is_column_name(unwrapped(first[column])):
        # An IMEI with a slip is not to be taken for a title.
        error = error_of(first[column], LOST_ZEROS)
        message = f"{error.message}; if it is the name of the column, set imeis_column"
        invalid.add(f"line {start}", shown(first[column]), EntryError(message, error.kind))
        invalid.raise_if_any(path)
    return Contents(
        list(names),
        {imei: name for imei, name in names.items() if name},
        entries,
        lines.comments + records.comments,
        f"the column {titles[column]}" if has_header else f"column {titles[column]}",
    )


def _no_only_column(
    path: str,
    first: list[str],
    has_header: bool,
    holding: list[str],
    titles: list[str],
    closest: tuple[int, int, int, str] | None,
) -> InvalidIMEIs:
    if len(holding) > 1:
        advice = "set imeis_column to the one that is meant" if has_header else "name the columns in a first row"
        listed = ", ".join(holding[:MAX_LISTED])
        return InvalidIMEIs(f"{path} has no column imei, and several columns contain IMEIs: {listed}; {advice}")
    near = ""
    if closest:
        _count, column, number, value = closest
        near = f". Column {titles[column]} comes closest, but line {number}: {shown(value)} {error_of(value, LOST_ZEROS).message}"
    return InvalidIMEIs(
        f"{path} has no column imei, and none that contains nothing but IMEIs; {columns_message(first)}{near}"
    )


def _again(row: Row, rows: t.Iterator[Row]) -> t.Iterator[Row]:
    yield row
    yield from rows


def _fitting(rows: t.Iterator[Row], width: int, invalid: InvalidEntries, column: int | None = None) -> t.Iterator[Row]:
    """Yield the rows with as many fields as the first row has. Empty ones at the end do no harm, a missing one does."""
    for number, row in rows:
        if len(row) == width or (
            len(row) > width and not "".join(row[width:]).strip() and not is_two_rows(row, width, column)
        ):
            yield number, row
        else:
            message = f"has {pluralize(len(row), 'field')}, but the first row has {width}"
            invalid.add(f"line {number}", shown(" ".join(row)), EntryError(message, "with another number of fields"))


def _name(value: str) -> str:
    """Return the name of a device on one line."""
    name = " ".join(value.split())
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"
