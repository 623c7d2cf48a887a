# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The parts of report.html that do not need JavaScript. Text from other sources always goes through ``text``.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import html
import re
import typing as t

from ansible_collections.verizon.fota.plugins.module_utils._licenses.outcomes import Target
from ansible_collections.verizon.fota.plugins.module_utils._report import wording
from ansible_collections.verizon.fota.plugins.module_utils._report.contents import Group, Head, Totals
from ansible_collections.verizon.fota.plugins.module_utils._report.csv_json import replace_surrogates
from ansible_collections.verizon.fota.plugins.module_utils._report.journal_reader import Run
from ansible_collections.verizon.fota.plugins.module_utils._report.run_message import without_counts
from ansible_collections.verizon.fota.plugins.module_utils._support.text import pluralize

_RUNS_SHOWN = 10
# Control characters, which HTML cannot express.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
# In the bar, each outcome has at least this width, in percent.
_NARROWEST = 0.8


def header(head: Head, beside: t.Collection[str]) -> str:
    """Return the header: account, time and runs. ``beside``: the files that are written next to the page."""
    accounts = [f"<li><bdi>{text(account)}</bdi></li>" for account in head.accounts]
    runs = [f"<li>{_run(run)}</li>" for run in head.runs[:_RUNS_SHOWN]]
    if len(head.runs) > _RUNS_SHOWN:
        runs.append(f"<li>and {pluralize(len(head.runs) - _RUNS_SHOWN, 'more run')}: see report.json</li>")
    notice = (
        '<p class="notice"><strong>This is a forecast.</strong> Nothing was changed. It predicts what '
        f"{'an assignment' if head.target.licensed else 'a removal'} would do, from what the service reports.</p>\n"
        if head.forecast
        else ""
    )
    return (
        f"<header>\n<h1>{head.kind.capitalize()}: <bdi>{text(head.title)}</bdi></h1>\n"
        f'<dl class="facts">\n<dt>{"Account" if len(accounts) < 2 else "Accounts"}</dt>'
        f"<dd><ul>{''.join(accounts) or '<li>unknown</li>'}</ul></dd>\n"
        f"<dt>Report made</dt><dd>{_moment(head.generated_at)}</dd>\n"
        f"<dt>{'Run' if len(runs) < 2 else 'Runs'}</dt><dd><ul>{''.join(runs) or '<li>none on record</li>'}</ul></dd>\n"
        f"{_links(beside)}</dl>\n{notice}</header>\n"
    )


def _links(beside: t.Collection[str]) -> str:
    links = ", ".join(f'<a href="{file}">{file}</a>' for file in beside)
    return f"<dt>All devices</dt><dd>{links}</dd>\n" if links else ""


def _run(run: Run) -> str:
    name = f'<span class="imei">{text(run.run_id)}</span>' if run.run_id else "without an ID"
    if run.first_time is None or run.last_time is None:
        return f"{name}: no device"
    return f"{name}: {_moment(run.first_time)} to {_moment(run.last_time)}"


def overview(head: Head, unknown_devices: int, not_known: t.Collection[str]) -> str:
    """Return the counts. ``unknown_devices``: how many of the failed ones are not in the account; ``not_known``: the outcomes
    of devices of which it is not known whether they hold a license.
    """
    summary = head.summary
    requested = summary["requested"]
    attention, no_cost = wording.attention(head, unknown_devices), wording.no_cost(unknown_devices)
    numbers = [_number("requested", "Requested", "", "distinct IMEIs", requested)]
    for outcome in head.target.names:
        count = summary[outcome]
        share = f" ({_share(count, requested)})" if count else ""
        mark = f"{_swatch(outcome)}{wording.label(head, outcome)}"
        numbers.append(_number(outcome, mark, share, wording.note(head, outcome, not_known), count))
    # The counts and the examples in the message are shown below.
    message = without_counts(head.message or "") if requested else head.message
    counts = ", ".join(f"{wording.label(head, one)}: {summary[one]:,}" for one in head.target.names if summary[one])
    chart = (
        f'<svg class="bar" role="img" aria-label="{head.kind.capitalize()} of {requested:,} devices. {counts}.">'
        f"{_segments(head.target, summary)}</svg>\n"
        if requested
        else ""
    )
    return (
        f'<section aria-labelledby="overview-head">\n<h2 id="overview-head">{head.kind.capitalize()} at a glance</h2>\n'
        f'<p class="verdict">{wording.verdict(head, not_known)}</p>\n'
        + (f'<p class="attention">{attention}</p>\n' if attention else "")
        + (f'<p class="no-cost">{no_cost}</p>\n' if no_cost else "")
        + (f'<p class="message"><bdi class="verbatim">{text(message)}</bdi></p>\n' if message else "")
        + f'<dl class="numbers">\n{"".join(numbers)}</dl>\n{chart}</section>\n'
    )


def _number(name: str, label: str, share: str, note: str, count: int) -> str:
    share = f' <span class="share">{share.strip()}</span>' if share else ""
    return (
        f'<div class="{name if count else "none"}"><dt>{label}</dt>'
        f'<dd class="count">{count:,}{share}</dd><dd class="note">{note}</dd></div>\n'
    )


def _segments(target: Target, summary: t.Mapping[str, int]) -> str:
    present = [outcome for outcome in target.names if summary[outcome]]
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


def outcome_mark(head: Head, outcome: str) -> str:
    label = wording.label(head, outcome)
    return f'<span class="outcome {outcome}">{_swatch(outcome)}<span>{label}</span></span>'


def licenses(head: Head) -> str:
    """Return the licenses of the account before and after the run; empty if nothing is known about them."""
    before, after, note, title = head.before, head.after, "", "After"
    if head.forecast:
        title = "Forecast"
        used = before.used
        target = head.target
        changed = head.summary[target.changed] * (1 if target.licensed else -1)
        after = Totals(before.total, None if used is None else used + changed) if before.known else Totals()
        sign = "plus" if target.licensed else "minus"
        note = f'<p class="muted">Forecast: the licenses in use, {sign} those that {target.texts.would_change}.</p>\n'
    columns = [(name, totals) for name, totals in (("Before", before), (title, after)) if totals.known]
    if not columns:
        return ""
    lines = []
    for name, value_of in (("In the account", _total), ("In use", _used), ("Free", _free)):
        values = [value_of(totals) for _title, totals in columns]
        if any(value is not None for value in values):
            cells = [_count(value) for value in values] + ([_change(*values)] if len(values) > 1 else [])
            lines.append(f'<tr><th scope="row">{name}</th>{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>\n')
    titles = [name for name, _totals in columns] + (["Change"] if len(columns) > 1 else [])
    heads = "".join(f'<th scope="col">{name}</th>' for name in titles)
    return (
        '<section aria-labelledby="licenses-head">\n<h2 id="licenses-head">Licenses of the account</h2>\n'
        '<table class="licenses"><caption class="unseen">Licenses of the account</caption>\n<thead><tr>'
        f'<th scope="col">Licenses</th>{heads}</tr></thead>\n<tbody>\n{"".join(lines)}</tbody></table>\n{note}</section>\n'
    )


def _total(totals: Totals) -> int | None:
    return totals.total


def _used(totals: Totals) -> int | None:
    return totals.used


def _free(totals: Totals) -> int | None:
    return None if totals.total is None or totals.used is None else totals.total - totals.used


def _count(count: int | None) -> str:
    return "unknown" if count is None else f"{count:,}"


def _change(before: int | None, after: int | None) -> str:
    if before is None or after is None:
        return ""
    return "none" if before == after else f"{after - before:+,}".replace("-", "\N{MINUS SIGN}")


def device_list(
    head: Head, groups: t.Sequence[Group], embedded: int, with_names: bool, beside: t.Collection[str]
) -> str:
    """Return the table of devices, whose rows the script fills in. ``embedded``: how many are in the page."""
    summary = head.summary
    outcomes = "".join(
        f'<option value="{one}">{wording.label(head, one)} ({summary[one]:,})</option>'
        for one in head.target.names
        if summary[one]
    )
    problems = wording.problems(head)
    if problems:
        outcomes = f'<option value="problems">All problems ({problems:,})</option>{outcomes}'
    reasons = "".join(
        f'<option value="{number}">{wording.label(head, group.outcome)}: {text(_brief(group))} ({group.count:,})</option>'
        for number, group in enumerate(groups)
    )
    left_out = summary["requested"] - embedded
    notice = (
        f'<p class="notice">This page lists {embedded:,} of {summary["requested"]:,} devices, those with a problem first.'
        f" The other {left_out:,} are not in it{with_link(beside, ': see {}')}.</p>\n"
        if left_out
        else ""
    )
    columns = [
        ("imei", "IMEI"),
        *([("name", "Name")] if with_names else []),
        ("outcome", "Outcome"),
        ("reason", "Reason"),
    ]
    heads = "".join(
        f'<th scope="col" role="columnheader" class="{name}" aria-sort="none">'
        f'<button type="button" class="sort" data-sort="{name}">{title}</button></th>'
        for name, title in columns
    )
    return (
        '<section id="devices" aria-labelledby="devices-head">\n'
        f'<h2 id="devices-head" tabindex="-1">Devices ({head.kind})</h2>\n{notice}'
        "<noscript><p>The list of devices needs JavaScript, which is disabled."
        f"{with_link(beside, ' {} contains all devices.')}</p></noscript>\n"
        '<div id="table" hidden>\n<form id="filters" role="search" aria-label="Devices">\n'
        f'<div><label for="search">Search IMEI, {"name " if with_names else ""}or reason</label>'
        '<input id="search" type="search" autocomplete="off" spellcheck="false"></div>\n'
        f'<div><label for="outcome">Outcome</label><select id="outcome"><option value="">All outcomes</option>{outcomes}'
        "</select></div>\n"
        f'<div><label for="reason">Reason</label><select id="reason"><option value="">All reasons</option>{reasons}'
        "</select></div>\n"
        '<div><button type="reset">Clear</button></div>\n</form>\n'
        '<p id="hits" class="muted" role="status" aria-live="polite"></p>\n<p id="printed" class="paper"></p>\n'
        f'<table id="rows" role="table"><caption class="unseen">Devices and their outcomes ({head.kind})</caption>\n'
        f'<thead role="rowgroup"><tr role="row">{heads}</tr></thead>\n'
        '<tbody id="body" role="rowgroup"></tbody></table>\n'
        '<nav id="pages" class="pages" aria-label="Pages of the list">'
        '<button type="button" id="first">First</button><button type="button" id="previous">Previous</button>'
        '<span id="page"></span>'
        '<button type="button" id="next">Next</button><button type="button" id="last">Last</button></nav>\n</div>\n</section>\n'
    )


def with_link(beside: t.Collection[str], template: str, file: str = "report.csv") -> str:
    """Return a text with a link to a file in place of ``{}``; empty if the file is not next to the page."""
    return template.format(f'<a href="{file}">{file}</a>') if file in beside else ""


def _brief(group: Group) -> str:
    brief = " ".join(group.heading.split())
    return brief if len(brief) <= 80 else f"{brief[:79]}\N{HORIZONTAL ELLIPSIS}"


def named(imei: str, name: str) -> str:
    return f"{imei} (<bdi>{text(name)}</bdi>)" if name else imei


def _share(count: int, total: int) -> str:
    """Return a percentage, which is 0 or 100 only if it is exactly that."""
    percent = 100 * count / total
    if 0 < percent < 0.1:
        return "under 0.1 %"
    return "over 99.9 %" if 99.9 < percent < 100 else f"{percent:.1f} %".replace(".0 %", " %")


def _moment(moment: str) -> str:
    return f'<time datetime="{text(moment)}">{text(wording.day_and_time(moment))}</time>'


def text(raw: str) -> str:
    """Return a text as HTML, escaped."""
    return html.escape(_CONTROL.sub("\N{REPLACEMENT CHARACTER}", replace_surrogates(raw).replace("\r\n", "\n")))
