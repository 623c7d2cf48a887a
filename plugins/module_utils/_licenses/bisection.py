# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A call for many devices, bisected if the service rejects it because of one of them or because of their number.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, replace

from ansible_collections.verizon.fota.plugins.module_utils._thingspace.errors import ErrorKind, ThingSpaceError

T = t.TypeVar("T")

# After so many single devices rejected for an unrecognized reason, the reason is not the devices.
_MAX_UNRECOGNIZED = 5


@dataclass
class BatchLimit:
    """How many devices the service accepts in one call, ``None`` until that is known. Shared by the threads of a run.

    ``accepted``: the most that it ever accepted; ``halvings``: how often it rejected a list and then accepted its parts.
    """

    devices: int | None = None
    accepted: int = 0
    halvings: int = 0


def call_bisecting(
    call: t.Callable[[list[str]], T], imeis: t.Sequence[str], limit: BatchLimit
) -> t.Iterator[tuple[list[str], T | ThingSpaceError]]:
    """Call for all devices at once, and in halves if that is rejected: O(log n) more calls for each invalid device.

    Yield the parts in order, each with its response or with its error: of kind ``INVALID_DEVICE_LIST`` for a single device that
    is rejected, of any other kind for what halving cannot help. If the number of devices was the reason, ``limit`` keeps it: a
    list longer than any that was ever accepted, rejected more than once, and of which every part was accepted.
    """
    size = limit.devices or len(imeis)
    pending = [list(imeis[start : start + size]) for start in range(0, len(imeis), size)][::-1]
    shortest_rejected = halvings = 0
    unrecognized = 0
    rejected = accepted = False
    while pending:
        part = pending.pop()
        try:
            response = call(part)
        except ThingSpaceError as error:
            info = error.info
            if info.kind is ErrorKind.INVALID_DEVICE_LIST and len(part) > 1:
                middle = len(part) // 2
                pending += [part[middle:], part[:middle]]
                shortest_rejected = min(shortest_rejected or len(part), len(part))
                halvings += 1
                continue
            rejected = True
            if info.kind is ErrorKind.INVALID_DEVICE_LIST and not info.recognized:
                unrecognized += 1
                if unrecognized == _MAX_UNRECOGNIZED and not accepted:
                    yield part, ThingSpaceError(replace(info, kind=ErrorKind.REJECTED))
                    continue
            yield part, error
        else:
            accepted = True
            limit.accepted = max(limit.accepted, len(part))
            yield part, response
    if halvings and not rejected and shortest_rejected > limit.accepted:
        limit.halvings += halvings
        if limit.halvings > 1:
            limit.devices = limit.accepted
