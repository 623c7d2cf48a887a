# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!
"""A call for many devices, divided where the service refuses it for one of them or for their number."""

from __future__ import annotations

import typing as t
from dataclasses import replace

from ansible_collections.verizon.fota.plugins.module_utils._faults import Kind, Refused

T = t.TypeVar("T")

# So many devices that are refused alone, for a reason that nobody knows, mean that it is not about the devices.
_ENOUGH = 5


def in_parts(call: t.Callable[[list[str]], T], imeis: t.Sequence[str]) -> t.Iterator[tuple[list[str], T | Refused]]:
    """Call for all devices at once, and in halves where that is refused: O(log n) more calls for each culprit.

    Gives the parts in order, each with its answer or with its refusal: of kind DIVIDE for a device that is refused alone,
    of any other kind for what halving cannot help.
    """
    todo = [list(imeis)]
    strangely_refused = 0
    accepted = False
    while todo:
        part = todo.pop()
        try:
            answer = call(part)
        except Refused as error:
            fault = error.fault
            if fault.kind is Kind.DIVIDE and len(part) > 1:
                middle = len(part) // 2
                todo += [part[middle:], part[:middle]]
                continue
            if fault.kind is Kind.DIVIDE and not fault.known:
                strangely_refused += 1
                if strangely_refused == _ENOUGH and not accepted:
                    yield part, Refused(replace(fault, kind=Kind.FOR_ALL))
                    continue
            yield part, error
        else:
            accepted = True
            yield part, answer
