# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tables and quotes of the guides, for tests that compare them with the code."""

from __future__ import annotations

import re
import typing as t
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
FOLDER = "docs/docsite/rst"


def tables(guide: str) -> dict[str, list[list[str]]]:
    """Return the tables of a guide by the headings above them: the cells of each row, without the row of headings."""
    found: dict[str, list[list[str]]] = {}
    heading, rows = "", None
    lines = Path(ROOT, FOLDER, f"guide_{guide}.rst").read_text(encoding="utf-8").splitlines()
    for line, following in zip(lines, [*lines[1:], ""]):
        if line and re.fullmatch(r"([=\-~^])\1+", following) and len(following) >= len(line):
            heading, rows = line, None
        elif line.startswith(".. list-table::"):
            rows = found.setdefault(heading, [])
        elif rows is not None and line.startswith("   * - "):
            rows.append([line[7:]])
        elif rows is not None and line.startswith("     - "):
            rows[-1].append(line[7:])
        elif rows and line.startswith("       "):
            rows[-1][-1] += f" {line.strip()}"
        elif line and not line.startswith(" "):
            rows = None
    return {name: rows[1:] for name, rows in found.items()}


def literals(cell: str) -> list[str]:
    """Return the literals of a cell: the texts between double backticks."""
    return re.findall(r"``(.+?)``", cell)


def first_cells(guide: str) -> t.Iterator[tuple[str, str]]:
    """Return every text that begins a row in a guide's tables, with its heading."""
    for heading, rows in tables(guide).items():
        for row in rows:
            for text in literals(row[0]):
                yield heading, text
