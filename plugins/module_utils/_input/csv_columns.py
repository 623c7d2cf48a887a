# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which column of a CSV file has the IMEIs and which the names, by what the columns are called.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import typing as t

from ansible_collections.verizon.fota.plugins.module_utils._input.imei_validation import (
    MAX_LISTED,
    InvalidIMEIs,
    shown,
    unwrapped,
)

IMEI_COLUMN = "imei"
NAME_COLUMN = "name"


class RequestedColumns(t.NamedTuple):
    """The columns that the options name, ``None`` if they do not."""

    imeis: str | None
    names: str | None


def column_index(path: str, header: list[str], key: str) -> int:
    places = [place for place, name in enumerate(header) if column_key(name) == key]
    if len(places) > 1:
        listed = " and ".join(str(place + 1) for place in places)
        raise InvalidIMEIs(
            f"{path} has {len(places)} columns {header[places[0]].strip()} ({listed}); rename all but one"
        )
    return places[0]


def name_column_index(path: str, header: list[str], requested: RequestedColumns) -> int | None:
    """Return which column has the names, ``None`` if none has."""
    keys = [column_key(name) for name in header]
    if requested.names is None:
        return keys.index(NAME_COLUMN) if keys.count(NAME_COLUMN) == 1 else None
    if column_key(requested.names) not in keys:
        raise InvalidIMEIs(f"{path} has no column {requested.names} for the names; {columns_message(header)}")
    return column_index(path, header, column_key(requested.names))


def columns_message(names: list[str]) -> str:
    listed = ", ".join(shown(name.strip()) for name in names[:MAX_LISTED])
    more = len(names) - MAX_LISTED
    return (
        f"its columns are: {listed}{f' and {more} more' if more > 0 else ''}" if names else "its columns have no names"
    )


def is_column_name(text: str) -> bool:
    """Return whether a text is the name of a column rather than an IMEI with a slip."""
    letters, digits = sum(map(str.isalpha, text)), sum(map(str.isdigit, text))
    return letters > 1 and digits < 8 and (text[0].isalpha() or text[0] == "_")


def column_key(name: str) -> str:
    """Return what is compared of the name of a column: neither case nor blanks."""
    return " ".join(unwrapped(name).split()).casefold()
