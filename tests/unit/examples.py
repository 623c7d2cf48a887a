# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The number of random examples that a property test draws."""

from __future__ import annotations

import os


def examples(usual: int) -> int:
    """Return a quarter of the usual number, so that the default run stays short.

    The environment variable FOTA_EXAMPLES is ``all`` for the usual number, as in hosted CI, or a number.
    """
    requested = os.environ.get("FOTA_EXAMPLES", "")
    return usual if requested == "all" else int(requested) if requested else usual // 4
