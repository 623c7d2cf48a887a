# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ID of a run, which is in its result and in each line of its journal.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import re
import secrets
import typing as t

# The environment variable with the ID of this one run; set by an action plugin, which can then find the lines of a run that is killed.
VARIABLE = "VERIZON_FOTA_RUN_ID"

_FORM = re.compile(r"[0-9a-f]{12}\Z")


def new() -> str:
    return secrets.token_hex(6)


def given_or_new(environment: t.Mapping[str, str]) -> str:
    """Return the ID in the environment, or a new one if there is none."""
    given = environment.get(VARIABLE, "")
    return given if _FORM.match(given) else new()
