# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The settings of the service: limits, lifetimes, dialect, credentials."""

from __future__ import annotations

from dataclasses import dataclass

from .dialect import Dialect
from .tokens import Credentials


@dataclass(frozen=True)
class Settings:
    """What stays the same while the service runs.

    session_idle, access_token_life: seconds.
    max_batch: most devices in one call; a longer list is rejected with `too_large_status` (400 or 413).
    page_size: most rows in a page of a list.
    """

    dialect: Dialect = Dialect()
    credentials: Credentials = Credentials()
    session_idle: float = 1200.0
    access_token_life: float = 3600.0
    max_batch: int = 1000
    too_large_status: int = 400
    page_size: int = 1000
