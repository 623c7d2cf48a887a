# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The parts of report.html that are there before any script runs. Every text of others goes through ``text``.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import html
import re
import typing as t

from ansible_collections.verizon.fota.plugins.module_utils._licenses.outcomes import OUTCOMES
from ansible_collections.verizon.fota.plugins.module_utils._report import wording
from ansible_collections.verizon.fota.plugins.module_utils._report.contents import Group, Head, Totals
from ansible_collections.verizon.fota.plugins.module_utils._report.csv_json import replace_surrogates
from ansible_collections.verizon.fota.plugins.module_utils._report.journal_reader import Run

_RUNS_SHOWN = 10
# Control characters, which HTML has no way to write.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
# The bar tells the outcomes apart without colors, too. Each is drawn this wide at least, in percent.
_NARROWEST = 0.8
PATTERNS = """<svg class="unseen" aria-hidden="true" width="0" height="0"><defs>
<pattern id="over-removed" width="8" height="8" patternUnits="userSpaceOnUse"></pattern>
<pattern id="over-unlicensed" width="6" height="6" patternUnits="userSpaceOnUse"><path class="ink" d="M0 3H6"/></pattern>
<pattern id="over-failed" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">\
<path class="ink" d="M0 0V7" stroke-width="3"/></pattern>
<pattern id="over-unknown" width="6" height="6" patternUnits="userSpaceOnUse"><circle class="dot" cx="3" cy="3" r="1.4"/></pattern>
<pattern id="over-skipped" width="5" height="5" patternUnits="userSpaceOnUse"><path class="ink" d="M2 0V5"/></pattern>
</defs></svg>
"""


def header(head: Head) -> str:
    accounts = [f"<li><bdi>{text(account)}</bdi></li>" for account in head.accounts]
    runs = [f"<li>{_run(run)}</li>" for run in head.runs[:_RUNS_SHOWN]]
    if len(head.runs) > _RUNS_SHOWN:
        runs.append(f"<li>and {wording.pluralize(len(head.runs) - _RUNS_SHOWN, 'more run')}: see report.json</li>")
    notice = (
        '<p class="notice"><strong>This is a forecast.</strong> Nothing was changed. It tells what a removal would do,'
        " as far as the service says beforehand.</p>\n"
        if head.forecast
        else ""
    )
    return (
        f"<header>\n<h1>{head.kind.capitalize()}: <bdi>{text(head.title)}</bdi></h1>\n"
        f'<dl class="facts">\n<dt>{"Account" if len(accounts) < 2 else "Accounts"}</dt>'
        f"<dd><ul>{''.join(accounts) or '<li>not known</li>'}</ul></dd>\n"
        f"<dt>Report made</dt><dd>{_moment(head.generated_at)}</dd>\n"
        f"<dt>{'Run' if len(runs) < 2 else 'Runs'}</dt><dd><ul>{''.join(runs) or '<li>none on record</li>'}</ul></dd>\n"
        f"</dl>\n{notice}</header>\n"
    )


def _run(run: Run) -> str:
    name = f'<span class="imei">{text(run.run_id)}</span>' if run.run_id else "without a name"
    if run.first_time is None or run.last_time is None:
        return f"{name}: wrote about no device"
    return f"{name}: {_moment(run.first_time)} to {_moment(run.last_time)}"


def overview(head: Head) -> str:
    words, summary, forecast = wording, head.summary, head.forecast
    requested = summary["requested"]
    left = words.attention(head)
    attention = f'<p class="attention">{left}</p>\n' if left else ""
    numbers = [_number("requested", "Requested", "distinct IMEIs", requested)]
    numbers += [_number(one, words.label(one, forecast), words.note(one, forecast), summary[one]) for one in OUTCOMES]
    message = (
        f'<p class="words">The run said: <bdi class="verbatim">{text(head.message)}</bdi></p>\n' if head.message else ""
    )
    if requested:
        told = ", ".join(f"{words.label(one, forecast)}: {summary[one]:,}" for one in OUTCOMES if summary[one])
        legend = "".join(
            f"<li>{_swatch(one)}{words.label(one, forecast)}: {summary[one]:,} ({_share(summary[one], requested)})</li>"
            for one in OUTCOMES
            if summary[one]
        )
        drawing = (
            f'<svg class="bar" role="img" aria-label="{head.kind.capitalize()} of {requested:,} devices. {told}.">'
            f'{_segments(summary)}</svg>\n<ul class="legend">{legend}</ul>\n'
        )
    else:
        drawing = ""
    return (
        f'<section aria-labelledby="glance-head">\n<h2 id="glance-head">{head.kind.capitalize()} at a glance</h2>\n'
        f'<p class="verdict">{words.verdict(head)}</p>\n'
        f"{attention}"
        f'<dl class="numbers">\n{"".join(numbers)}</dl>\n{drawing}{message}</section>\n'
    )


def _number(name: str, label: str, note: str, count: int) -> str:
    return (
        f'<div class="{name if count else "none"}"><dt>{label}</dt>'
        f'<dd class="count">{count:,}</dd><dd class="note">{note}</dd></div>\n'
    )


def _segments(summary: t.Mapping[str, int]) -> str:
    present = [outcome for outcome in OUTCOMES if summary[outcome]]
    widths = {one: max(_NARROWEST, 100 * summary[one] / summary["requested"]) for one in present}
    scale = 100 / sum(widths.values())
    parts, left = [], 0.0
    for one in present:
        width = widths[one] * scale
        place = f'x="{left:.3f}%" width="{width:.3f}%" height="100%"'
        line = f'<rect x="{left:.3f}%" width="2" height="100%" class="dot"/>' if left else ""
        parts.append(f'<rect {place} class="{one}"/><rect {place} fill="url(#over-{one})"/>{line}')
        left += width
    return "".join(parts)


def _swatch(outcome: str) -> str:
    rects = "".join(
        f'<rect width="100%" height="100%" {fill}/>' for fill in (f'class="{outcome}"', f'fill="url(#over-{outcome})"')
    )
    return f'<svg aria-hidden="true">{rects}</svg>'


def outcome_mark(outcome: str, forecast: bool) -> str:
    label = wording.label(outcome, forecast)
    return f'<span class="outcome {outcome}">{_swatch(outcome)}<span>{label}</span></span>'


def licenses(head: Head) -> str:
    after, note, column = head.after, "", "After"
    if head.forecast:
        column = "Forecast"
        used = head.before.used
        after = Totals(head.before.total, None if used is None else used - head.summary["removed"])
        note = '<p class="muted">The forecast is what is in use today, less what would be removed.</p>\n'
    rows = (
        ("In the account", head.before.total, after.total),
        ("In use", head.before.used, after.used),
        ("Free", _free(head.before), _free(after)),
    )
    lines = "".join(
        f'<tr><th scope="row">{name}</th><td>{_count(first)}</td><td>{_count(then)}</td><td>{_change(first, then)}</td></tr>\n'
        for name, first, then in rows
    )
    return (
        '<section aria-labelledby="licenses-head">\n<h2 id="licenses-head">Licenses before and after</h2>\n'
        '<table class="licenses"><caption class="unseen">Licenses of the account</caption>\n<thead><tr>'
        f'<th scope="col">Licenses</th><th scope="col">Before</th><th scope="col">{column}</th>'
        f'<th scope="col">Change</th></tr></thead>\n<tbody>\n{lines}</tbody></table>\n{note}</section>\n'
    )


def _free(totals: Totals) -> int | None:
    return None if totals.total is None or totals.used is None else totals.total - totals.used


def _count(count: int | None) -> str:
    return "not known" if count is None else f"{count:,}"


def _change(before: int | None, after: int | None) -> str:
    if before is None or after is None:
        return ""
    return "none" if before == after else f"{after - before:+,}".replace("-", "\N{MINUS SIGN}")


def device_list(head: Head, groups: t.Sequence[Group], embedded: int) -> str:
    words, summary, forecast = wording, head.summary, head.forecast
    outcomes = "".join(
        f'<option value="{one}">{words.label(one, forecast)} ({summary[one]:,})</option>'
        for one in OUTCOMES
        if summary[one]
    )
    problems = words.problems(summary)
    if problems:
        outcomes = f'<option value="problems">All problems ({problems:,})</option>{outcomes}'
    reasons = "".join(
        f'<option value="{number}">{words.label(group.outcome, forecast)}: {text(_brief(group))} ({group.count:,})</option>'
        for number, group in enumerate(groups)
    )
    left_out = summary["requested"] - embedded
    notice = (
        f'<p class="notice">This page holds {embedded:,} of {summary["requested"]:,} devices: first those that failed, are'
        f" unknown or were skipped, then others. The other {left_out:,} are not searched here. report.csv holds all.</p>\n"
        if left_out
        else ""
    )
    return (
        '<section id="devices" aria-labelledby="devices-head">\n'
        f'<h2 id="devices-head" tabindex="-1">Devices ({head.kind})</h2>\n{notice}'
        "<noscript><p>The searchable list needs JavaScript, which is switched off here. report.csv, next to this file,"
        " holds every device.</p></noscript>\n"
        '<div id="table" hidden>\n<form id="filters" role="search" aria-label="Devices">\n'
        '<div><label for="search">Search IMEI, name or reason</label>'
        '<input id="search" type="search" autocomplete="off" spellcheck="false"></div>\n'
        f'<div><label for="outcome">Outcome</label><select id="outcome"><option value="">All outcomes</option>{outcomes}'
        "</select></div>\n"
        f'<div><label for="reason">Reason</label><select id="reason"><option value="">All reasons</option>{reasons}'
        "</select></div>\n"
        '<div><button type="reset">Clear</button></div>\n</form>\n'
        '<p id="hits" class="muted" role="status" aria-live="polite"></p>\n'
        f'<table id="rows" role="table"><caption class="unseen">Devices and their outcomes ({head.kind})</caption>\n'
        '<thead role="rowgroup"><tr role="row"><th scope="col" role="columnheader" class="first">IMEI and name</th>'
        '<th scope="col" role="columnheader" class="second">Outcome</th>'
        '<th scope="col" role="columnheader">Reason</th></tr></thead>\n<tbody id="body" role="rowgroup"></tbody></table>\n'
        '<nav id="pages" class="pages" aria-label="Pages of the list">'
        '<button type="button" id="first">First</button><button type="button" id="previous">Previous</button>'
        '<span id="page"></span>'
        '<button type="button" id="next">Next</button><button type="button" id="last">Last</button></nav>\n</div>\n</section>\n'
    )


def _brief(group: Group) -> str:
    brief = " ".join(group.heading.split())
    return brief if len(brief) <= 80 else f"{brief[:79]}\N{HORIZONTAL ELLIPSIS}"


def named(imei: str, name: str) -> str:
    return f"{imei} (<bdi>{text(name)}</bdi>)" if name else imei


def _share(count: int, total: int) -> str:
    """Return a percentage that says neither none nor all where it is not so."""
    percent = 100 * count / total
    if 0 < percent < 0.1:
        return "under 0.1 %"
    return "over 99.9 %" if 99.9 < percent < 100 else f"{percent:.1f} %".replace(".0 %", " %")


def _moment(moment: str) -> str:
    return f'<time datetime="{text(moment)}">{text(wording.day_and_time(moment))}</time>'


def text(told: str) -> str:
    """Return a text as HTML, where it is nothing but text."""
    return html.escape(_CONTROL.sub("\N{REPLACEMENT CHARACTER}", replace_surrogates(told).replace("\r\n", "\n")))
