# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The complete license list of an account: read page by page, and again if it has fewer devices than licenses are in use.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import typing as t

from ansible_collections.verizon.fota.plugins.module_utils._thingspace.errors import (
    ErrorInfo,
    ErrorKind,
    IncompleteList,
    ThingSpaceError,
)
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.fields import is_imei
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.license_page import LicensePage
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.license_totals import LicenseTotals

# The cursor of the first page.
START = "0"

Devices = t.TypeVar("Devices", t.Set[str], t.Dict[str, t.Optional[str]])

_MAX_READS = 3


def read_license_list(
    page_after: t.Callable[[str], LicensePage],
    collection: t.Callable[[], Devices],
    raise_if_interrupted: t.Callable[[], None],
    during_change: bool = False,
) -> tuple[Devices, LicenseTotals]:
    """Return the licensed devices in a new ``collection``, and the totals. Raises ``IncompleteList``.

    A list that names fewer devices than have licenses is read again: a device missing from it would pass for unlicensed.
    ``during_change``: the run changes licenses meanwhile, so the list may grow or shrink while it is read; and it is read to its
    end even if the run is interrupted, since it decides the outcome of what was sent.
    """
    most = collection()
    info: ErrorInfo | None = None
    for _read in range(_MAX_READS):
        found = collection()
        try:
            totals, used = _read_into(found, page_after, raise_if_interrupted, during_change)
        except ThingSpaceError as error:
            most, info = max(most, found, key=len), error.info
            if found and info.kind is ErrorKind.INVALID_CURSOR:
                continue
            raise IncompleteList(info, most) from None
        # Ids in any other form may stand for devices that are looked for.
        named = sum(map(is_imei, found))
        if named >= used:
            return found, totals
        message = f"the license list names {named} IMEIs, but {used} licenses are assigned"
        most, info = max(most, found, key=len), ErrorInfo(ErrorKind.NO_VALID_RESPONSE, message, recognized=False)
    raise IncompleteList(t.cast(ErrorInfo, info), most)


def _read_into(
    found: set[str] | dict[str, str | None],
    page_after: t.Callable[[str], LicensePage],
    raise_if_interrupted: t.Callable[[], None],
    during_change: bool,
) -> tuple[LicenseTotals, int]:
    """Read the license list once. Return the totals at the end, and how many devices it has to name.

    These are as many as had licenses at any time while it was read. Only if the run changes licenses meanwhile are they the
    fewest, unless pages are requested by the number of rows seen: a change shifts the rows that follow.
    """
    totals = LicenseTotals()
    used: list[int] = []
    after: str | None = START
    seen: set[str] = set()
    while after is not None:
        if not during_change:
            raise_if_interrupted()
        # Not compared as numbers or as text: it may be an IMEI, or how many rows were seen.
        seen.add(after)
        page = page_after(after)
        if page.next_after in seen:
            raise ThingSpaceError(
                ErrorInfo(ErrorKind.NO_VALID_RESPONSE, "the license list does not advance from page to page")
            )
        found.update(page.assigned)
        totals = page.totals.over(totals)
        # A page without this count repeats the one of the page before.
        used.append(page.totals.used if page.totals.used is not None else used[-1] if used else 0)
        after = page.next_after
    by_imei = all(map(is_imei, seen - {START}))
    return totals, min(used) if during_change and by_imei else max(used)
