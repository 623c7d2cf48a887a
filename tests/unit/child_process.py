# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The environment of Python processes that tests start."""

from __future__ import annotations

import os
import sys


def environment(*folders: str) -> dict[str, str]:
    """Return an environment in which Python imports from where this process does, but first from these folders."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join([*folders, *filter(None, sys.path)])}
