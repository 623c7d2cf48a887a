# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lines of a text file in UTF-8, or in UTF-16 with a byte order mark, read without keeping all of it in memory.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import codecs
import itertools
import typing as t

LONGEST_LINE = 65536

_CHUNK = 1 << 18
_ENCODINGS = (
    (codecs.BOM_UTF8, "utf-8", "UTF-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "UTF-16"),
)
# How workbooks begin: archives (.xlsx, .ods), and what .xls is.
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


class NotText(ValueError):
    """A file that is not text, or that cannot be read. The text says which and why."""


def read_lines(path: str) -> t.Iterator[str]:
    """Return the lines of a file, without the line feed at their end. Iterating over them raises ``NotText``."""
    return itertools.chain.from_iterable(_blocks(path))


def _blocks(path: str) -> t.Iterator[list[str]]:
    try:
        with open(path, "rb") as file:
            yield from _decoded(path, file)
    except OSError as error:
        raise NotText(f"{path} cannot be read: {error.strerror or error}") from None
    except ValueError as error:
        # NotText is one, and is complete; open() raises one for a path with a zero byte.
        raise error if isinstance(error, NotText) else NotText(f"{path!r} cannot be read: {error}") from None


def _decoded(path: str, file: t.BinaryIO) -> t.Iterator[list[str]]:
    chunk = file.read(_CHUNK)
    if chunk.startswith(_WORKBOOKS):
        raise NotText(f"{path} is a workbook (.xlsx, .xls, .ods), not a text file; save its sheet as CSV UTF-8")
    mark, codec, encoding = next((one for one in _ENCODINGS if chunk.startswith(one[0])), (b"", "utf-8", "UTF-8"))
    decoder = codecs.getincrementaldecoder(codec)()
    # Lines yielded so far, and what has been read of the next one.
    number, begun = 0, ""
    last, chunk = not chunk, chunk[len(mark) :]
    while True:
        try:
            text = decoder.decode(chunk, final=last)
        except UnicodeDecodeError as error:
            line, byte = _place(error, codec, number, begun)
            advice = "; save it as UTF-8" if encoding == "UTF-8" else ""
            raise NotText(f"{path} is not {encoding} text: line {line}, byte {byte}{advice}") from None
        lines = (begun + text).split("\n")
        if "\0" in text:
            place = number + 1 + ["\0" in line for line in lines].index(True)
            raise NotText(
                f"{path} is a binary file, or UTF-16 without a byte order mark (line {place} contains a zero byte);"
                " save it as UTF-8"
            )
        if max(map(len, lines)) >= LONGEST_LINE:
            place = number + 1 + [len(line) >= LONGEST_LINE for line in lines].index(True)
            raise NotText(f"{path} is not a list of IMEIs: line {place} is over {LONGEST_LINE} characters long")
        begun = lines.pop()
        number += len(lines)
        yield lines
        if last:
            break
        chunk = file.read(_CHUNK)
        last = not chunk
    if begun:
        yield [begun]


def _place(error: UnicodeDecodeError, codec: str, before: int, begun: str) -> tuple[int, int]:
    """Return line and byte (both counted from 1) of what cannot be decoded."""
    read = error.object[: error.start].decode(codec, "replace")
    line = before + 1 + read.count("\n")
    rest = read[read.rfind("\n") + 1 :] if "\n" in read else begun + read
    return line, len(rest.encode(codec)) + 1
