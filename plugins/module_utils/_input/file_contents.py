# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a file of IMEIs contains, and what a task reports about it.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.verizon.fota.plugins.module_utils._support.text import pluralize


@dataclass(frozen=True)
class Contents:
    """What a file contains: the distinct IMEIs in order, and names by IMEI.

    ``entries`` counts the IMEIs with their duplicates; ``column`` says which column they are from, if its name does not.
    """

    imeis: list[str]
    names: t.Mapping[str, str] = field(default_factory=dict)
    entries: int = 0
    comments: int = 0
    column: str | None = None

    @property
    def message(self) -> str:
        """Return what a task reports about the file: its entries and comments."""
        entries = f"{self.entries:,} {'entry' if self.entries == 1 else 'entries'}"
        source = f" from {self.column}" if self.column else ""
        repeated = self.entries - len(self.imeis)
        duplicates = f", {pluralize(repeated, 'duplicate')} among them" if repeated else ""
        comments = f" {pluralize(self.comments, 'line')} {'was a comment' if self.comments == 1 else 'were comments'}."
        return f"{entries} read{source}{duplicates}.{comments if self.comments else ''}"
