# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A call for many devices, divided where the service refuses it for one of them or for their number.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, replace

from ansible_collections.verizon.fota.plugins.module_utils._thingspace.errors import ErrorKind, ThingSpaceError

T = t.TypeVar("T")

# So many devices that are refused alone, for a reason that nobody knows, mean that it is not about the devices.
_ENOUGH = 5


@dataclass
class BatchLimit:
    """How many devices the service takes in one call, once that is known. Shared by the threads of a run.

    ``served``: the most that it ever took; ``doubts``: how often it refused a list, and then took the parts of it.
    """

    devices: int | None = None
    served: int = 0
    doubts: int = 0


def call_bisecting(
    call: t.Callable[[list[str]], T], imeis: t.Sequence[str], limit: BatchLimit
) -> t.Iterator[tuple[list[str], T | ThingSpaceError]]:
    """Call for all devices at once, and in halves where that is refused: O(log n) more calls for each culprit.

    Gives the parts in order, each with its answer or with its refusal: of kind INVALID_DEVICE_LIST for a device that is refused alone,
    of any other kind for what halving cannot help. Where the number of devices was the reason, ``limit`` remembers it: a list
    longer than any that was ever served, refused more than once, and of which every part was served.
    """
    size = limit.devices or len(imeis)
    todo = [list(imeis[start : start + size]) for start in range(0, len(imeis), size)][::-1]
    shortest_refused = halvings = 0
    strangely_refused = 0
    culprits = served = False
    while todo:
        part = todo.pop()
        try:
            answer = call(part)
        except ThingSpaceError as error:
            info = error.info
            if info.kind is ErrorKind.INVALID_DEVICE_LIST and len(part) > 1:
                middle = len(part) // 2
                todo += [part[middle:], part[:middle]]
                shortest_refused = min(shortest_refused or len(part), len(part))
                halvings += 1
                continue
            culprits = True
            if info.kind is ErrorKind.INVALID_DEVICE_LIST and not info.recognized:
                strangely_refused += 1
                if strangely_refused == _ENOUGH and not served:
                    yield part, ThingSpaceError(replace(info, kind=ErrorKind.REJECTED))
                    continue
            yield part, error
        else:
            served = True
            limit.served = max(limit.served, len(part))
            yield part, answer
    if halvings and not culprits and shortest_refused > limit.served:
        limit.doubts += halvings
        if limit.doubts > 1:
            limit.devices = limit.served
