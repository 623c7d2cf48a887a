# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A report as one HTML file that works without network and, except for the list of devices, without JavaScript.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import base64
import hashlib
import json
import typing as t
from dataclasses import dataclass, field

from ansible_collections.verizon.fota.plugins.module_utils._licenses.outcomes import PROBLEMS
from ansible_collections.verizon.fota.plugins.module_utils._report import sections, wording
from ansible_collections.verizon.fota.plugins.module_utils._report.contents import Group, Groups, Head
from ansible_collections.verizon.fota.plugins.module_utils._report.journal_reader import Line
from ansible_collections.verizon.fota.plugins.module_utils._report.script import SCRIPT
from ansible_collections.verizon.fota.plugins.module_utils._report.style import PATTERNS, STYLE, page_footer
from ansible_collections.verizon.fota.plugins.module_utils._support.text import pluralize

# The maximum that a browser opens within seconds. The other two files contain all devices.
MOST_ROWS = 100_000
MOST_CHARACTERS = 24_000_000
# The maximum numbers of IMEIs shown for a reason, and of reasons.
IMEIS_SHOWN = 500
_GROUPS_SHOWN = 50
_HEADING = 240
_LONG = 600

# In a script element, these are markup even within a JSON string.
_IN_SCRIPT = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&"}


@dataclass
class RowBuffer:
    """Rows for the table, up to the limits: IMEI, number of the kind (outcome and reason), name."""

    rows: list[tuple[str, int, str]] = field(default_factory=list)
    characters: int = 0

    @property
    def full(self) -> bool:
        return len(self.rows) >= MOST_ROWS or self.characters >= MOST_CHARACTERS


class HtmlReport:
    """Collects the devices that fit into report.html, problems first, then writes it."""

    def __init__(self, head: Head, beside: t.Sequence[str] = ()) -> None:
        """``beside``: the files that are written next to the page, to which it links."""
        self._head = head
        self._beside = beside
        self._names: dict[str, str] = {}
        self._numbers: dict[tuple[str, str], int] = {}
        self._kinds: list[tuple[str, str, Group | None]] = []
        self._problems = RowBuffer()
        self._others = RowBuffer()

    def add(self, device: Line, name: str, group: Group | None) -> None:
        """Add a device, and the group of its reason if it has one."""
        outcome, reason = device["outcome"], device.get("reason", "")
        buffer = self._problems if outcome in PROBLEMS else self._others
        if buffer.full:
            return
        number = self._numbers.get((outcome, reason))
        if number is None:
            number = self._numbers[outcome, reason] = len(self._kinds)
            self._kinds.append((outcome, reason, group))
            buffer.characters += len(reason)
        buffer.rows.append((device["imei"], number, name))
        buffer.characters += 25 + len(name)
        if name and group is not None:
            self._names[device["imei"]] = name

    def write(self, file: t.TextIO, groups: Groups) -> None:
        head, summary = self._head, self._head.summary
        parts = self._parts(groups)
        shown = [group for _name, _title, found in parts for group in found[:_GROUPS_SHOWN]]
        unknown_devices = sum(group.count for group in groups.of_problems() if group.unknown_device)
        rows, kinds = self._fitting({id(group): number for number, group in enumerate(shown)})
        kind = head.kind.capitalize()
        skip = '<a class="skip" href="#devices">To the list of devices</a>\n' if summary["requested"] else ""
        style = STYLE + page_footer(f"{kind}, {wording.day_and_time(head.generated_at)}")
        title = ", ".join([f"{kind}: {head.title}", *head.accounts[:3]])
        policy = f"default-src 'none'; style-src {_digest(style)}; script-src {_digest(SCRIPT)}; base-uri 'none'; form-action 'none'"
        file.write(
            '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            '<meta name="color-scheme" content="light dark">\n<meta name="referrer" content="no-referrer">\n'
            f"<title>{sections.text(title)}</title>\n<style>{style}</style>\n</head>\n"
            f'<body class="{head.kind}">\n{PATTERNS}{skip}'
        )
        file.write(sections.header(head, self._beside))
        file.write("<main>\n")
        file.write(sections.overview(head, unknown_devices, groups.not_known))
        first = 0
        for name, title, found in parts:
            if found:
                file.write(self._reasons(name, title, found, first))
                first += len(found[:_GROUPS_SHOWN])
        file.write(sections.licenses(head))
        if summary["requested"]:
            file.write(sections.device_list(head, shown, len(rows), self._with_names, self._beside))
        links = " and ".join(f'<a href="{name}">{name}</a>' for name in self._beside)
        more = f" {links}, next to this file, contain all devices." if links else ""
        file.write(f"</main>\n<footer><p>Written by verizon.fota.license_report.{more}</p></footer>\n")
        if summary["requested"]:
            data = {
                "outcomes": head.target.names,
                "labels": [wording.label(head, outcome) for outcome in head.target.names],
                "problems": head.target.problems,
                "total": summary["requested"],
                "names": self._with_names,
                "all": "report.csv" if "report.csv" in self._beside else "",
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

    @property
    def _with_names(self) -> bool:
        """Return whether a device in the table has a name."""
        return any(name for buffer in (self._problems, self._others) for _imei, _kind, name in buffer.rows)

    def _parts(self, groups: Groups) -> list[tuple[str, str, list[Group]]]:
        """Return the reasons, split into sections: the name and the title of each."""
        problems = groups.of_problems()
        return [
            (
                "problems",
                f"Why devices {'would fail' if self._head.forecast else 'failed'}, by reason",
                [group for group in problems if not group.unknown_device],
            ),
            (
                "unknown-devices",
                "Devices that are unknown to the account and cost nothing",
                [group for group in problems if group.unknown_device],
            ),
            ("remarks", "Remarks on other devices", groups.of_remarks()),
        ]

    def _fitting(self, groups: t.Mapping[int, int]) -> tuple[list[str], list[tuple[int, str, int]]]:
        """Return the rows that fit, each as JSON, and the kinds that they refer to."""
        rows: list[str] = []
        kinds: list[tuple[int, str, int]] = []
        numbers: dict[int, int] = {}
        characters = 0
        for buffer in (self._problems, self._others):
            for imei, number, name in buffer.rows:
                if len(rows) >= MOST_ROWS or characters >= MOST_CHARACTERS:
                    return rows, kinds
                if number not in numbers:
                    outcome, reason, group = self._kinds[number]
                    numbers[number] = len(kinds)
                    kinds.append((self._head.target.names.index(outcome), reason, groups.get(id(group), -1)))
                    characters += len(reason)
                named = f",{json.dumps(name).translate(_IN_SCRIPT)}" if name else ""
                rows.append(f'["{imei}",{numbers[number]}{named}]')
                characters += len(rows[-1])
        return rows, kinds

    def _reasons(self, name: str, title: str, groups: t.Sequence[Group], first: int) -> str:
        items = [self._reason(group, number) for number, group in enumerate(groups[:_GROUPS_SHOWN], first)]
        more = groups[_GROUPS_SHOWN:]
        if more:
            devices = pluralize(sum(group.count for group in more), "device")
            see = sections.with_link(self._beside, ": see {}", "report.json")
            items.append(f"<li>{pluralize(len(more), 'further reason')}, {devices}{see}.</li>\n")
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
        see = sections.with_link(self._beside, ", or {}")
        rest = f"<p>And {more:,} more: see the list of devices below{see}.</p>" if more else ""
        advice = f'<p class="advice">{sections.text(group.advice)}</p>\n' if group.advice else ""
        return (
            f'<li>\n<p class="tally">{sections.outcome_mark(self._head, group.outcome)}'
            f" <strong>{pluralize(group.count, 'device')}</strong>"
            f' <span class="actions"><button type="button" class="link" data-group="{number}" hidden>Show in the list</button>'
            f'<button type="button" class="link" data-copy="{number}" data-count="{group.count}" hidden>Copy IMEIs</button></span>'
            ' <span class="copied muted" role="status"></span></p>\n'
            f'<h3><bdi class="verbatim">{sections.text(heading)}</bdi></h3>\n{example}{advice}'
            f"<details><summary>IMEIs ({group.count:,})</summary>"
            f'<p class="imeis">{imeis}</p>{rest}</details>\n'
            "</li>\n"
        )


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
