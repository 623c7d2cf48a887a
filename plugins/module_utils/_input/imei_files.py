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
import re
import typing as t
from dataclasses import dataclass, field

from ansible_collections.verizon.fota.plugins.module_utils._input.csv_records import JournalReader, Records
from ansible_collections.verizon.fota.plugins.module_utils._input.imei_validation import (
    DIGITS,
    MAX_LISTED,
    BadIMEIs,
    Fault,
    InvalidEntries,
    error_from_response,
    has_number_like_an_imei,
    imei_of,
    is_imei,
    is_rounded_imei,
    show,
    unwrapped,
)
from ansible_collections.verizon.fota.plugins.module_utils._input.row_checks import (
    ShiftedRows,
    add_comments_like_rows,
    is_two_rows,
)
from ansible_collections.verizon.fota.plugins.module_utils._input.text_files import NotText
from ansible_collections.verizon.fota.plugins.module_utils._support.text import pluralize

IMEI_COLUMN = "imei"
NAME_COLUMN = "name"

_DELIMITERS = (",", ";", "\t", "|")
_SEPARATOR_LINE = re.compile(r'"?sep=(.*?)"?\r?', re.IGNORECASE)
_LOST = "a spreadsheet drops leading zeros: format its column as text"
_LONGEST_NAME = 200

Row = t.Tuple[int, t.List[str]]


@dataclass(frozen=True)
class Contents:
    """What a file contains: the distinct IMEIs in order, and names by IMEI.

    ``entries`` counts the IMEIs with their duplicates; ``column`` says which column they are from, if no name told.
    """

    imeis: list[str]
    names: t.Mapping[str, str] = field(default_factory=dict)
    entries: int = 0
    comments: int = 0
    column: str | None = None

    @property
    def message(self) -> str:
        """What a task says of the file, so that nobody has to wonder which of its lines count."""
        entries = f"{self.entries:,} {'entry' if self.entries == 1 else 'entries'}"
        source = f" from {self.column}" if self.column else ""
        repeated = self.entries - len(self.imeis)
        duplicates = f", {pluralize(repeated, 'duplicate')} among them" if repeated else ""
        comments = f" {pluralize(self.comments, 'line')} {'was a comment' if self.comments == 1 else 'were comments'}."
        return f"{entries} read{source}{duplicates}.{comments if self.comments else ''}"


@dataclass(frozen=True)
class _ToRemove:
    """Which columns are asked for: names as people write them, None where nobody asked."""

    imeis: str | None
    names: str | None


def read(path: str, column: str | None = None, name_column: str | None = None) -> Contents:
    """Read the IMEIs of a file, one per line or CSV.

    ``column`` names the column of the IMEIs. Without it, that is ``imei``, or else the only column that contains nothing but
    IMEIs. ``name_column`` names the column of the names; without it, that is ``name``, if there is one such column.

    Raises ``BadIMEIs`` if the file cannot be read, contains no IMEIs or invalid entries, or could be read in two ways.
    """
    if not path.strip():
        raise BadIMEIs("imeis_file is empty: give a path")
    path = os.path.abspath(path)
    try:
        contents = _read(path, _ToRemove(column or None, name_column or None))
    except NotText as error:
        raise BadIMEIs(str(error)) from None
    if not contents.imeis:
        raise BadIMEIs(f"{path} contains no IMEIs: give one per line, or CSV with a column imei")
    return contents


def _read(path: str, wanted: _ToRemove) -> Contents:
    lines = JournalReader(path)
    first = lines.advance()
    delimiters: t.Sequence[str] = _DELIMITERS
    separator = _SEPARATOR_LINE.fullmatch(first or "")
    if separator:
        delimiters = (_delimiter(path, lines.number, separator.group(1)),)
        first = lines.advance()
    if first is None:
        return Contents([])
    if wanted.imeis is None and imei_of(_entry(first)) is not None:
        return _plain(path, lines, wanted)
    headers = _headers(path, lines, delimiters)
    if not headers:
        return Contents([])
    key = _key(wanted.imeis or IMEI_COLUMN)
    with_column = [delimiter for delimiter, names in headers.items() if key in map(_key, names)]
    tables = {delimiter: names for delimiter, names in headers.items() if len(names) > 1}
    tables_with_column = [delimiter for delimiter in with_column if delimiter in tables]
    if len(tables_with_column) > 1:
        raise _unclear_separator(path, first)
    if tables_with_column or (with_column and "\n" in headers[with_column[0]][0]):
        delimiter = [*tables_with_column, *with_column][0]
        return _column(path, _records(path, lines, delimiter), lines, wanted, key)
    if with_column:
        return _plain(path, lines, wanted, has_header=True)
    if wanted.imeis is not None:
        raise BadIMEIs(f"{path} has no column {wanted.imeis}; {_columns(max(headers.values(), key=len))}")
    if tables:
        delimiter = next(iter(tables)) if len(tables) == 1 else _likely_delimiter(path, lines, tables)
        return _only_column(path, _records(path, lines, delimiter), lines, wanted)
    return _plain(path, lines, wanted, has_header=_is_name(_entry(first)))


def _delimiter(path: str, number: int, separator: str) -> str:
    if separator == "\t" or (
        len(separator) == 1 and separator.isprintable() and not re.match(r"""[\w\s"'#=.-]""", separator)
    ):
        return separator
    raise BadIMEIs(f"{path}, line {number}: sep= has to name the one character that separates the columns")


def _headers(path: str, lines: JournalReader, delimiters: t.Iterable[str]) -> dict[str, list[str]]:
    """Return what the names of the columns are for each of these delimiters."""
    headers: dict[str, list[str]] = {}
    fault: NotText | None = None
    for delimiter in delimiters:
        try:
            records = Records(path, lines.peek(), lines.number, delimiter, has_number_like_an_imei)
            names = next(iter(records), (0, []))[1]
        except NotText as error:
            fault = fault or error
            continue
        if not names:
            continue
        # In a file without columns, a comment may follow the name as it may follow an IMEI.
        headers[delimiter] = names if len(names) > 1 or "\n" in names[0] else [_entry(names[0])]
    if not headers and fault is not None:
        raise fault
    return headers


def _likely_delimiter(path: str, lines: JournalReader, tables: t.Mapping[str, list[str]]) -> str:
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
            if len(row) == len(names) and any(imei_of(value) for value in row):
                found.append(delimiter)
        if len(found) == 1:
            return found[0]
        if found:
            break
    first = next(lines.peek())
    if found:
        raise _unclear_separator(path, first)
    raise BadIMEIs(
        f"{path} has no column imei: its first row is {show(first.strip())}; name the columns in that row, one of them imei"
    )


def _records(path: str, lines: JournalReader, delimiter: str) -> Records:
    return Records(path, lines.rest(), lines.number, delimiter, has_number_like_an_imei)


def _plain(path: str, lines: JournalReader, wanted: _ToRemove, has_header: bool = False) -> Contents:
    """Read one IMEI per line; after it, a comment may follow."""
    rest = lines.rest()
    number, comments, header = lines.number, lines.comments, ""
    if has_header:
        header = _entry(next(rest))
        number += 1
    if wanted.names is not None:
        raise BadIMEIs(f"{path} has no column {wanted.names} for the names; {_columns([header] if header else [])}")
    imeis: dict[str, None] = {}
    entries = 0
    invalid = InvalidEntries()
    for place, line in enumerate(rest, number):
        entry = line.strip()
        if not is_imei(entry):
            if not entry:
                continue
            if entry.startswith("#"):
                comments += 1
                continue
            text = _entry(entry)
            imei = imei_of(text) or imei_of(_entry(text.rstrip("".join(_DELIMITERS))))
            if imei is None:
                invalid.add(f"line {place}", show(entry), error_from_response(text, _LOST))
                continue
            entry = imei
        imeis[entry] = None
        entries += 1
    invalid.raise_if_any(path)
    told = header and _key(header) not in (IMEI_COLUMN, _key(wanted.imeis or ""))
    return Contents(list(imeis), {}, entries, comments, f"the column {show(header)}" if told else None)


def _column(path: str, records: Records, lines: JournalReader, wanted: _ToRemove, key: str) -> Contents:
    """Read the column whose name has this key."""
    rows = iter(records)
    _number, header = next(rows)
    column = _place_of(path, header, key)
    names_column = _names_place(path, header, wanted)
    imeis: dict[str, None] = {}
    names: dict[str, str] = {}
    entries = 0
    invalid = InvalidEntries()
    shifted = ShiftedRows(header, column)
    for number, row in _fitting(rows, len(header), invalid, column):
        imei = row[column]
        if not is_imei(imei):
            found = imei_of(imei)
            if found is None:
                invalid.add(f"line {number}", show(imei), error_from_response(imei, _LOST))
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


def _only_column(path: str, records: Records, lines: JournalReader, wanted: _ToRemove) -> Contents:
    """Read the only column that contains nothing but IMEIs, with or without a header."""
    rows = iter(records)
    start, first = next(rows)
    has_header = not any(imei_of(value) for value in first)
    names_column = _names_place(path, first if has_header else [], wanted)
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
            imei = imei_of(value)
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
            if (len(value) >= DIGITS and imei_of(value) is not None) or ("14" in value and is_rounded_imei(value)):
                holding.add(column)
        if not holding.isdisjoint(others):
            others = [column for column in others if column not in holding]
        entries += 1
    invalid.raise_if_any(path)
    if has_header and not entries:
        return Contents([])
    titles = [show(name) for name in first] if has_header else [f"{place}" for place in range(1, len(first) + 1)]
    holding.update(found)
    if len(found) != 1 or len(holding) != 1:
        raise _no_only_column(path, first, has_header, [titles[column] for column in sorted(holding)], titles, closest)
    ((column, names),) = found.items()
    if not has_header:
        for place, comment in lines.last_comments:
            records.keep_if_like_a_row(place, comment)
    add_comments_like_rows(records, column, invalid)
    invalid.raise_if_any(path)
    if has_header and not _is_name(unwrapped(first[column])):
        # An IMEI with a slip is not to be taken for a title.
        fault = error_from_response(first[column], _LOST)
        advice = f"{fault.why}; if it is the name of the column, set imeis_column"
        invalid.add(f"line {start}", show(first[column]), Fault(advice, fault.kind))
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
) -> BadIMEIs:
    if len(holding) > 1:
        advice = "set imeis_column to the one that is meant" if has_header else "name the columns in a first row"
        listed = ", ".join(holding[:MAX_LISTED])
        return BadIMEIs(f"{path} has no column imei, and several columns contain IMEIs: {listed}; {advice}")
    near = ""
    if closest:
        _count, column, number, value = closest
        near = f". Column {titles[column]} comes closest, but line {number}: {show(value)} {error_from_response(value, _LOST).why}"
    return BadIMEIs(f"{path} has no column imei, and none that contains nothing but IMEIs; {_columns(first)}{near}")


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
            why = f"has {pluralize(len(row), 'field')}, but the first row has {width}"
            invalid.add(f"line {number}", show(" ".join(row)), Fault(why, "with another number of fields"))


def _place_of(path: str, header: list[str], key: str) -> int:
    places = [place for place, name in enumerate(header) if _key(name) == key]
    if len(places) > 1:
        listed = " and ".join(str(place + 1) for place in places)
        raise BadIMEIs(f"{path} has {len(places)} columns {header[places[0]].strip()} ({listed}); rename all but one")
    return places[0]


def _names_place(path: str, header: list[str], wanted: _ToRemove) -> int | None:
    """Return which column has the names, None if none has."""
    keys = [_key(name) for name in header]
    if wanted.names is None:
        return keys.index(NAME_COLUMN) if keys.count(NAME_COLUMN) == 1 else None
    if _key(wanted.names) not in keys:
        raise BadIMEIs(f"{path} has no column {wanted.names} for the names; {_columns(header)}")
    return _place_of(path, header, _key(wanted.names))


def _columns(names: list[str]) -> str:
    listed = ", ".join(show(name.strip()) for name in names[:MAX_LISTED])
    more = len(names) - MAX_LISTED
    return (
        f"its columns are: {listed}{f' and {more} more' if more > 0 else ''}" if names else "its columns have no names"
    )


def _unclear_separator(path: str, first: str) -> BadIMEIs:
    return BadIMEIs(
        f"{path}: it is not clear what separates the columns of its first row, {show(first.strip())};"
        " write a line such as sep=; above it"
    )


def _entry(line: str) -> str:
    """Return what a line of a file without columns says: without a comment behind it, and without quotes around it."""
    text = line.partition("#")[0].strip()
    if len(text) > 1 and text[0] == text[-1] == '"':
        inner = text[1:-1].replace('""', "")
        return text if '"' in inner else text[1:-1].replace('""', '"')
    return text


def _is_name(text: str) -> bool:
    """Return whether a text is the name of a column rather than an IMEI with a slip."""
    letters, digits = sum(map(str.isalpha, text)), sum(map(str.isdigit, text))
    return letters > 1 and digits < 8 and (text[0].isalpha() or text[0] == "_")


def _key(name: str) -> str:
    """Return what is compared of the name of a column: neither case nor blanks."""
    return " ".join(unwrapped(name).split()).casefold()


def _name(value: str) -> str:
    """Return the name of a device on one line."""
    name = " ".join(value.split())
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"
