# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""What an IMEI is, and how lists of them are read.

ThingSpace identifies devices by IMEI: text of 15 decimal digits (Remove FOTA Licenses, "deviceList").
The Luhn digit is not checked: most of the IMEIs that Verizon publishes as samples fail it.
"""

from __future__ import annotations

import codecs
import csv
import typing as t
from dataclasses import dataclass

DIGITS = 15

_COLUMN = "imei"
_DELIMITERS = ",;\t|"
_LOST_IN_YAML = "YAML takes a number with a leading zero for octal: write the IMEI in quotes"
_LOST_IN_FILE = "a spreadsheet drops leading zeros: format its column as text"
_ASCII_DIGITS = frozenset("0123456789")
_SHOWN = 40
_NAMED = 1000
_LONGEST = 65536


@dataclass(frozen=True)
class BadEntry:
    """One entry that is no IMEI: where it stands, what stands there, and what is wrong with it."""

    where: str
    shown: str
    why: str

    def __str__(self) -> str:
        return f"{self.where}: {self.shown} {self.why}"


class BadIMEIs(ValueError):
    """A list or file of IMEIs that cannot be used. The text names every bad entry and where it stands."""


def from_list(values: t.Sequence[object] | None) -> list[str]:
    """Give the distinct IMEIs of a list, in the order of their first appearance.

    An entry is text of 15 digits, blanks around it allowed, or a number that still has 15 digits.

    Raises BadIMEIs, which names every bad entry with its index (counted from 0, as Ansible does).
    """
    if not values:
        raise BadIMEIs("imeis is empty: name at least one IMEI")
    imeis: dict[str, None] = {}
    bad: list[BadEntry] = []
    for index, value in enumerate(values):
        text = _text(value)
        if text is not None and _is_imei(text):
            imeis[text] = None
        else:
            why = _fault_of_type(value) if text is None else _fault(text, _LOST_IN_YAML)
            bad.append(BadEntry(f"imeis[{index}]", _show(value), why))
    _refuse(bad, "imeis")
    return list(imeis)


def from_file(path: str) -> list[str]:
    """Give the distinct IMEIs of a file, in the order of their first appearance.

    The file is UTF-8 text with one IMEI a line, or CSV whose first row names a column imei (any case;
    separated by comma, semicolon, tab or bar). Blank lines are skipped, and so is what follows a #.

    Raises BadIMEIs when the file cannot be read, holds no IMEI, or holds bad entries; those are all named, each
    with its line (counted from 1).
    """
    imeis: dict[str, None] = {}
    bad: list[BadEntry] = []
    for line, entry in _entries(path, _lines(path)):
        if _is_imei(entry):
            imeis[entry] = None
        else:
            bad.append(BadEntry(f"line {line}", _show(entry), _fault(entry, _LOST_IN_FILE)))
    _refuse(bad, path)
    if not imeis:
        raise BadIMEIs(f"{path} holds no IMEI: give one a line, or CSV with a column imei")
    return list(imeis)


def _is_imei(text: str) -> bool:
    return len(text) == DIGITS and _ASCII_DIGITS.issuperset(text)


def _text(value: object) -> str | None:
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return None


def _fault(text: str, how_digits_get_lost: str) -> str:
    """Say why a text is no IMEI."""
    if not text:
        return "is empty; an IMEI has 15 digits"
    if _ASCII_DIGITS.issuperset(text):
        lost = f"; {how_digits_get_lost}" if len(text) < DIGITS else ""
        return f"has {len(text)} digits; an IMEI has 15{lost}"
    if text.isdigit():
        return "has digits of another script; an IMEI has 15 of the digits 0 to 9"
    if _is_scientific(text):
        return "was rounded by a spreadsheet; format its column as text and export it again"
    return "is not an IMEI; an IMEI has 15 digits and nothing else"


def _is_scientific(text: str) -> bool:
    mantissa, mark, exponent = text.upper().replace(",", ".").partition("E+")
    return bool(mark) and exponent.isdigit() and mantissa.replace(".", "", 1).isdigit()


def _fault_of_type(value: object) -> str:
    kind = {list: "a list inside the list", tuple: "a list inside the list", dict: "a mapping", bool: "a truth value"}
    named = kind.get(type(value), "nothing" if value is None else f"a {type(value).__name__}")
    return f"is {named}; write each IMEI as text of 15 digits"


def _show(value: object) -> str:
    shown = ascii(value) if isinstance(value, str) and not value.isprintable() else repr(value)
    return shown if len(shown) <= _SHOWN else shown[: _SHOWN - 1] + "…"


def _refuse(bad: list[BadEntry], source: str) -> None:
    if not bad:
        return
    named = [str(entry) for entry in bad[:_NAMED]]
    if len(bad) > _NAMED:
        named.append(f"and {len(bad) - _NAMED} more")
    entries = "1 entry that is no IMEI" if len(bad) == 1 else f"{len(bad)} entries that are no IMEIs"
    raise BadIMEIs(f"{source} has {entries}; nothing was sent:\n" + "\n".join(named))


def _lines(path: str) -> t.Iterator[str]:
    """Give the lines of a file as text, checked line by line: a file may hold millions."""
    try:
        with open(path, "rb") as file:
            for number, line in enumerate(iter(lambda: file.readline(_LONGEST), b""), start=1):
                if len(line) == _LONGEST:
                    raise BadIMEIs(f"{path} is no list of IMEIs: line {number} is over {_LONGEST} bytes long")
                if number == 1:
                    if line.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
                        raise BadIMEIs(f"{path} is UTF-16 text; save it as UTF-8")
                    if line.startswith(codecs.BOM_UTF8):
                        line = line[len(codecs.BOM_UTF8) :]
                if b"\0" in line:
                    raise BadIMEIs(f"{path} is a binary file (line {number} holds a zero byte); give a text file")
                try:
                    yield line.decode("utf-8")
                except UnicodeDecodeError as error:
                    raise BadIMEIs(
                        f"{path} is not UTF-8 text: line {number}, byte {error.start + 1}; save it as UTF-8"
                    ) from None
    except OSError as error:
        raise BadIMEIs(f"{path} cannot be read: {error.strerror or error}") from None
    except ValueError as error:
        # BadIMEIs is one, and has said it all; open() raises one for a path with a zero byte.
        raise error if isinstance(error, BadIMEIs) else BadIMEIs(f"{path!r} cannot be read: {error}") from None


def _entries(path: str, lines: t.Iterator[str]) -> t.Iterator[tuple[int, str]]:
    """Give (line number, entry) of a plain list or of the column of a CSV file: the first line decides which."""
    numbered = enumerate(lines, start=1)
    number, first = next(((number, line) for number, line in numbered if _uncomment(line)), (0, ""))
    if not number:
        return
    delimiter = _delimiter(path, first)
    if delimiter:
        yield from _column(path, first, number, lines, delimiter)
        return
    yield number, _uncomment(first)
    for number, line in numbered:
        entry = _uncomment(line)
        if entry:
            yield number, entry


def _uncomment(line: str) -> str:
    return line.partition("#")[0].strip()


def _delimiter(path: str, header: str) -> str:
    """Give what separates the columns of a CSV file, known by its header; empty when it is a plain list."""
    if _is_imei(_uncomment(header)):
        return ""
    try:
        for delimiter in _DELIMITERS:
            if _COLUMN in _names(header, delimiter):
                return delimiter
    except csv.Error as error:
        raise BadIMEIs(f"{path} is not readable as lines of text: {error}") from None
    if any(delimiter in _uncomment(header) for delimiter in _DELIMITERS):
        raise BadIMEIs(
            f"{path} has no column imei: its first row is {_show(header.strip())};"
            " name the columns in that row, one of them imei"
        )
    return ""


def _names(header: str, delimiter: str) -> list[str]:
    """Give the names of columns; what follows a # in the last one is a comment, if something comes before it."""
    names = [name.strip().lower() for name in next(csv.reader([header], delimiter=delimiter), [])]
    return [*names[:-1], names[-1].partition("#")[0].strip() or names[-1]] if names else []


def _column(path: str, header: str, start: int, lines: t.Iterator[str], delimiter: str) -> t.Iterator[tuple[int, str]]:
    # A comment line becomes a blank one, so that the reader's count of lines stays that of the file.
    rows = csv.reader(
        ("\n" if line.lstrip().startswith("#") else line for line in lines), delimiter=delimiter, strict=True
    )
    column = _names(header, delimiter).index(_COLUMN)
    before = 0
    try:
        for row in rows:
            line, before = start + before + 1, rows.line_num
            if any(field.strip() for field in row):
                yield line, _uncomment(row[column]) if column < len(row) else ""
    except csv.Error as error:
        raise BadIMEIs(f"{path}, line {start + rows.line_num}: not readable as CSV: {error}") from None
