# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A report as one HTML file that needs nothing else: no network, no server, and for the essentials no JavaScript.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import base64
import hashlib
import json
import typing as t
from dataclasses import dataclass, field

from ansible_collections.verizon.fota.plugins.module_utils._licenses.outcomes import OUTCOMES, PROBLEMS
from ansible_collections.verizon.fota.plugins.module_utils._report import sections, wording
from ansible_collections.verizon.fota.plugins.module_utils._report.contents import Group, Groups, Head
from ansible_collections.verizon.fota.plugins.module_utils._report.journal_reader import Line
from ansible_collections.verizon.fota.plugins.module_utils._report.script import SCRIPT
from ansible_collections.verizon.fota.plugins.module_utils._report.style import STYLE, page_feet

# What a browser opens within seconds. Devices beyond that stand in the other two files.
MOST_ROWS = 100_000
MOST_CHARACTERS = 24_000_000
# How many IMEIs stand below a reason, and how many reasons.
IMEIS_SHOWN = 500
_GROUPS_SHOWN = 50
_HEADING = 240
_LONG = 600

# In a script element, markup would be taken for markup even in a string of JSON.
_IN_SCRIPT = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&"}


@dataclass
class RowBuffer:
    """Rows for the table, as many as may fit: IMEI, number of the kind, name."""

    rows: list[tuple[str, int, str]] = field(default_factory=list)
    characters: int = 0

    @property
    def full(self) -> bool:
        return len(self.rows) >= MOST_ROWS or self.characters >= MOST_CHARACTERS


class HtmlReport:
    """Gathers what fits into report.html, then writes it. Problems come first, and go before what else would fit."""

    def __init__(self, head: Head) -> None:
        self._head = head
        self._names: dict[str, str] = {}
        self._numbers: dict[tuple[str, str], int] = {}
        self._kinds: list[tuple[str, str, Group | None]] = []
        self._problems = RowBuffer()
        self._others = RowBuffer()

    def add(self, device: Line, name: str, group: Group | None) -> None:
        """Take in a device, and the group of its reason if it has one."""
        outcome, reason = device["outcome"], device.get("reason", "")
        shelf = self._problems if outcome in PROBLEMS else self._others
        if shelf.full:
            return
        number = self._numbers.get((outcome, reason))
        if number is None:
            number = self._numbers[outcome, reason] = len(self._kinds)
            self._kinds.append((outcome, reason, group))
            shelf.characters += len(reason)
        shelf.rows.append((device["imei"], number, name))
        shelf.characters += 25 + len(name)
        if name and group is not None:
            self._names[device["imei"]] = name

    def write(self, file: t.TextIO, groups: Groups) -> None:
        head, summary = self._head, self._head.summary
        problems, remarks = groups.of_problems(), groups.of_remarks()
        shown = [*problems[:_GROUPS_SHOWN], *remarks[:_GROUPS_SHOWN]]
        rows, kinds = self._fitting({id(group): number for number, group in enumerate(shown)})
        kind = head.kind.capitalize()
        skip = '<a class="skip" href="#devices">To the list of devices</a>\n' if summary["requested"] else ""
        style = STYLE + page_feet(f"{kind}, {wording.day_and_time(head.generated_at)}")
        title = ", ".join([f"{kind}: {head.title}", *head.accounts[:3]])
        policy = f"default-src 'none'; style-src {_digest(style)}; script-src {_digest(SCRIPT)}; base-uri 'none'; form-action 'none'"
        file.write(
            '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            '<meta name="color-scheme" content="light dark">\n<meta name="referrer" content="no-referrer">\n'
            f"<title>{sections.text(title)}</title>\n<style>{style}</style>\n</head>\n"
            f'<body class="{head.kind}">\n{sections.PATTERNS}{skip}'
        )
        file.write(sections.header(head))
        file.write("<main>\n")
        file.write(sections.overview(head))
        if head.before.known or head.after.known:
            file.write(sections.licenses(head))
        if problems:
            title = "Why devices would fail" if head.forecast else "Why devices failed"
            file.write(self._reasons("problems", f"{title}, by reason", problems, 0))
        if remarks:
            file.write(self._reasons("remarks", "Remarks on other devices", remarks, len(problems[:_GROUPS_SHOWN])))
        if summary["requested"]:
            file.write(sections.device_list(head, shown, len(rows)))
        file.write(
            "</main>\n<footer><p>Made by <span>verizon.fota.license_report</span>. Every device also stands in report.csv"
            " (for spreadsheets) and report.json (for programs), next to this file.</p></footer>\n"
        )
        if summary["requested"]:
            forecast = head.forecast
            data = {
                "outcomes": OUTCOMES,
                "labels": [wording.label(outcome, forecast) for outcome in OUTCOMES],
                "problems": PROBLEMS,
                "total": summary["requested"],
                "kinds": kinds,
            }
            text = json.dumps(data, separators=(",", ":")).translate(_IN_SCRIPT)
            file.write(f'<script type="application/json" id="data">{text[:-1]},"rows":[')
            separator = ""
            for row in rows:
                file.write(separator + row)
                separator = ","
            file.write(f"]}}</script>\n<script>{SCRIPT}</script>\n")
        file.write("</body>\n</html>\n")

    def _fitting(self, groups: t.Mapping[int, int]) -> tuple[list[str], list[tuple[int, str, int]]]:
        """Return the rows that fit, each as JSON, and the kinds that they refer to."""
        rows: list[str] = []
        kinds: list[tuple[int, str, int]] = []
        numbers: dict[int, int] = {}
        characters = 0
        for shelf in (self._problems, self._others):
            for imei, number, name in shelf.rows:
                if len(rows) >= MOST_ROWS or characters >= MOST_CHARACTERS:
                    return rows, kinds
                if number not in numbers:
                    outcome, reason, group = self._kinds[number]
                    numbers[number] = len(kinds)
                    kinds.append((OUTCOMES.index(outcome), reason, groups.get(id(group), -1)))
                    characters += len(reason)
                named = f",{json.dumps(name).translate(_IN_SCRIPT)}" if name else ""
                rows.append(f'["{imei}",{numbers[number]}{named}]')
                characters += len(rows[-1])
        return rows, kinds

    def _reasons(self, name: str, title: str, groups: t.Sequence[Group], first: int) -> str:
        items = [self._reason(group, number) for number, group in enumerate(groups[:_GROUPS_SHOWN], first)]
        more = groups[_GROUPS_SHOWN:]
        if more:
            devices = wording.pluralize(sum(group.count for group in more), "device")
            items.append(f"<li>{wording.pluralize(len(more), 'further reason')}, {devices}: see report.json.</li>\n")
        return (
            f'<section aria-labelledby="{name}-head">\n<h2 id="{name}-head">{title}</h2>\n'
            f'<ul class="groups">\n{"".join(items)}</ul>\n</section>\n'
        )

    def _reason(self, group: Group, number: int) -> str:
        heading = group.heading
        example = ""
        if len(heading) > _HEADING or group.varies:
            verbatim = f'<bdi class="verbatim">{sections.text(group.example)}</bdi>'
            if len(group.example) > _LONG:
                example = (
                    f"<details><summary>Full text, for {group.example_imei}</summary><p>{verbatim}</p></details>\n"
                )
            elif group.example:
                example = (
                    f'<p class="example">For example, <span class="imei">{group.example_imei}</span>: {verbatim}</p>\n'
                )
        if len(heading) > _HEADING:
            heading = f"{heading[:_HEADING]}\N{HORIZONTAL ELLIPSIS}"
        imeis = ", ".join(sections.named(imei, self._names.get(imei, "")) for imei in group.imeis)
        more = group.count - len(group.imeis)
        rest = f"<p>And {more:,} more: see the list of devices below, or report.csv.</p>" if more else ""
        return (
            f'<li>\n<p class="tally">{sections.outcome_mark(group.outcome, self._head.forecast)}'
            f" <strong>{wording.pluralize(group.count, 'device')}</strong>"
            f' <button type="button" class="link" data-group="{number}" hidden>Show in the list</button></p>\n'
            f'<h3><bdi class="verbatim">{sections.text(heading)}</bdi></h3>\n{example}'
            f"<details><summary>IMEIs ({group.count:,})</summary>"
            f'<p class="imeis">{imeis}</p>{rest}</details>\n'
            "</li>\n"
        )


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
