# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How often Python searches for reference cycles.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import gc
import typing as t
from contextlib import contextmanager

_OBJECTS = 50_000


@contextmanager
def less_garbage_collection() -> t.Iterator[None]:
    """Search for reference cycles less often in the block, and from then on only among objects that are created later.

    By default, each response with 1,000 entries would cause several searches, a sixth of the processor time of a large run.
    Entries form no cycles. At the end of the process, Python would search among all modules and functions.
    """
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(_OBJECTS, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
