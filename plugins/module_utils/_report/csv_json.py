# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A report as CSV, for spreadsheets, and as JSON, for programs. Devices are written one by one, and none is kept.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import csv
import json
import re
import typing as t

from ansible_collections.verizon.fota.plugins.module_utils._report.contents import Group, Groups, Head, Totals
from ansible_collections.verizon.fota.plugins.module_utils._report.journal_reader import Line

SCHEMA_VERSION = 1
COLUMNS = (
    "imei",
    "imei_text",
    "name",
    "outcome",
    "reason",
    "status",
    "kind",
    "account",
    "run_id",
    "time",
    "updated_time",
    "recent_attempt_time",
    "next_attempt_time",
)

# Without a byte order mark, Excel misreads UTF-8.
_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"
_COPIED = ("reason", "status", "account", "run_id", "time", "updated_time", "recent_attempt_time", "next_attempt_time")
# What starts a formula in a spreadsheet, in East Asian ones also as wide letters. Leading blanks may be dropped.
_SIGN = "[=+\\-@\\u2212\\uff1d\\uff0b\\uff0d\\uff20|%]"
_FORMULA = re.compile(f"\\s*{_SIGN}")
# In some countries, spreadsheets begin a new cell after a semicolon.
_FORMULA_WITHIN = re.compile(f"(;\\s*)(?={_SIGN})")
# A device is one line, so a reason must not break it, not even in quotes.
_CONTROL = re.compile("[\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029]+")
# Most texts, which need no escaping.
_PLAIN = re.compile("[0-9A-Za-z][ -:<-~]*\\Z")
# Halves of characters, which UTF-8 cannot express.
_HALVES = re.compile("[\\ud800-\\udfff]")

_encoded = json.JSONEncoder(check_circular=False).encode


def replace_surrogates(text: str) -> str:
    """Return a text that UTF-8 can express: with a replacement character for each half of a character."""
    return _HALVES.sub("\N{REPLACEMENT CHARACTER}", text)


def escape_formula(text: str) -> str:
    """Return a text that a spreadsheet shows unchanged: with an apostrophe before what would be a formula."""
    if _PLAIN.match(text):
        return text
    text = _FORMULA_WITHIN.sub(r"\1'", replace_surrogates(_CONTROL.sub(" ", text)))
    return f"'{text}" if _FORMULA.match(text) else text


def format_imei(imei: str) -> str:
    """Return an IMEI grouped as in 3GPP TS 23.003, which no spreadsheet interprets as a number."""
    return f"{imei[:2]}-{imei[2:8]}-{imei[8:14]}-{imei[14:]}"


class CsvReport:
    """Writes report.csv (RFC 4180)."""

    def __init__(self, file: t.TextIO, head: Head) -> None:
        file.write(_MARK)
        self._writer = csv.writer(file)  # ends lines with CR LF
        self._kind = head.kind
        self._writer.writerow(COLUMNS)

    def add(self, device: Line, name: str) -> None:
        imei = device["imei"]
        reason, status, *rest = [escape_formula(device[column]) if column in device else "" for column in _COPIED]
        self._writer.writerow(
            [imei, format_imei(imei), escape_formula(name), device["outcome"], reason, status, self._kind, *rest]
        )


class JsonReport:
    """Writes report.json, whose schema is docs/report.schema.json."""

    def __init__(self, file: t.TextIO, head: Head) -> None:
        self._file = file
        self._separator = "\n"
        runs = [
            {"run_id": run.run_id or None, "first_time": run.first_time, "last_time": run.last_time}
            for run in head.runs
        ]
        members = {
            "schema_version": SCHEMA_VERSION,
            "generated_at": head.generated_at,
            "kind": head.kind,
            "action": head.target.action,
            "title": head.title,
            "account": head.accounts[0] if len(head.accounts) == 1 else None,
            "accounts": list(head.accounts),
            "runs": runs,
            "summary": dict(head.summary),
            "licenses": {"before": _totals(head.before), "after": _totals(head.after)},
            "message": head.message,
        }
        # The devices follow, so the object stays open.
        file.write(json.dumps(members, indent=2)[: -len("\n}")])
        file.write(',\n  "devices": [')

    def add(self, device: Line, name: str) -> None:
        entry = {"imei": device["imei"], **({"name": name} if name else {}), "outcome": device["outcome"]}
        entry.update((column, device[column]) for column in _COPIED if column in device)
        self._file.write(f"{self._separator}    {_encoded(entry)}")
        self._separator = ",\n"

    def end(self, groups: Groups) -> None:
        problems = json.dumps([_group(group) for group in groups.of_problems()])
        remarks = json.dumps([_group(group) for group in groups.of_remarks()])
        self._file.write(f'\n  ],\n  "failures_by_reason": {problems},\n  "remarks_by_reason": {remarks}\n}}\n')


def _totals(totals: Totals) -> dict[str, t.Any] | None:
    return {"license_total": totals.total, "license_used": totals.used} if totals.known else None


def _group(group: Group) -> dict[str, t.Any]:
    return {
        "outcome": group.outcome,
        "pattern": group.pattern,
        "count": group.count,
        "unknown_device": group.unknown_device,
        "advice": group.advice or None,
        "example": {"imei": group.example_imei, "reason": group.example or None},
    }
