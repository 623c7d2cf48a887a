# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How report.html looks: light and dark, on a phone and printed. Style and patterns are Python, the only files that a module brings along.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

from ansible_collections.verizon.fota.plugins.module_utils._licenses.outcomes import ASSIGNMENT, REMOVAL

# The outcomes of an assignment look like those of a removal in the same place.
_LOOKS_LIKE = {**dict(zip(ASSIGNMENT.names, REMOVAL.names)), **dict(zip(REMOVAL.names, REMOVAL.names))}
# Outcomes differ in patterns, not only in colors.
_PATTERNS = {
    "removed": ('width="8" height="8"', ""),
    "unlicensed": ('width="6" height="6"', '<path class="ink" d="M0 3H6"/>'),
    "failed": (
        'width="7" height="7" patternTransform="rotate(45)"',
        '<path class="ink" d="M0 0V7" stroke-width="3"/>',
    ),
    "unknown": ('width="6" height="6"', '<circle class="dot" cx="3" cy="3" r="1.4"/>'),
    "skipped": ('width="5" height="5"', '<path class="ink" d="M2 0V5"/>'),
}


def _pattern(name: str) -> str:
    size, drawing = _PATTERNS.get(_LOOKS_LIKE[name], _PATTERNS["removed"])
    return f'<pattern id="over-{name}" patternUnits="userSpaceOnUse" {size}>{drawing}</pattern>\n'


PATTERNS = (
    '<svg class="unseen" aria-hidden="true" width="0" height="0"><defs>\n'
    + "".join(map(_pattern, _LOOKS_LIKE))
    + "</defs></svg>\n"
)
_LOOK = """
:root {
  color-scheme: light dark;
  --ground: #f5f6f8; --surface: #fff; --text: #17202a; --muted: #54606d; --line: #d3d9e0; --control: #7b8794;
  --accent: #1d5c9e; --removed: #1b6b57; --unlicensed: #5a6777; --failed: #b0241c; --unknown: #855000; --skipped: #694a93;
  --small: .875rem;
}
.forecast { --removed: #1d5c9e; }
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #12161b; --surface: #1a2027; --text: #e7eaee; --muted: #a6b0bb; --line: #333d48; --control: #73808d;
    --accent: #86b8f2; --removed: #63c5a8; --unlicensed: #a5b2c1; --failed: #ff938b; --unknown: #e8b45e; --skipped: #c5a9ee;
  }
  .forecast { --removed: #86b8f2; }
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0; background: var(--ground); color: var(--text);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  font-variant-numeric: tabular-nums; overflow-wrap: anywhere;
}
header, main, footer { max-width: 66rem; margin: 0 auto; padding: 0 1.25rem; }
header { padding-top: 2rem; }
h1 { margin: 0; font-size: 1.75rem; line-height: 1.25; font-weight: 650; }
h2 { margin: 0 0 .75rem; font-size: 1.125rem; line-height: 1.3; font-weight: 650; }
h3 { margin: 0; font-size: 1rem; line-height: 1.4; font-weight: 600; }
p { margin: .5rem 0; }
a { color: var(--accent); }
section { margin: 1.25rem 0; padding: 1.25rem; background: var(--surface); border: 1px solid var(--line); border-radius: 6px; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.skip { position: absolute; left: -999rem; }
.skip:focus { left: 1rem; top: .5rem; padding: .25rem .75rem; background: var(--surface); }
.muted { color: var(--muted); font-size: var(--small); }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }

.facts { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; margin: .9rem 0 0; font-size: var(--small); }
.facts dt { color: var(--muted); }
.facts dd { margin: 0; min-width: 0; }
.facts ul { margin: 0; padding: 0; list-style: none; }
.notice { margin: 1rem 0 0; padding: .6rem 1rem; border: 1px solid var(--removed); border-left-width: 5px; border-radius: 4px; }
.verdict { margin: 0; font-size: 1.375rem; line-height: 1.35; font-weight: 600; }
.attention { margin: .35rem 0 0; font-size: 1.0625rem; font-weight: 600; color: var(--failed); }
.no-cost { margin: .35rem 0 0; font-size: 1.0625rem; }
.message { margin: 1rem 0 0; padding-left: .9rem; border-left: 3px solid var(--failed); }
.paper { display: none; }

.numbers { display: grid; grid-template-columns: repeat(6, 1fr); gap: .75rem; margin: 1.25rem 0; }
.numbers > div { display: flex; flex-direction: column; padding: .6rem 0 0; border-top: 4px solid var(--line); min-width: 0; }
.numbers dt { order: 2; font-size: var(--small); font-weight: 600; }
.numbers dd { margin: 0; }
.numbers .count { order: 1; font-size: 1.625rem; line-height: 1.2; font-weight: 650; }
.numbers .note { order: 3; color: var(--muted); font-size: .8125rem; line-height: 1.35; }
.numbers .none { border-color: var(--line); }
.numbers .none .count { color: var(--muted); font-weight: 400; }
.bar { display: block; width: 100%; height: 1.75rem; border-radius: 3px; background: var(--line); forced-color-adjust: none; }
.numbers dt svg, .outcome svg { width: .85rem; height: .85rem; margin-right: .4rem; vertical-align: -.1em; flex: none; }
.share { color: var(--muted); font-size: var(--small); font-weight: 400; }
svg .ink { stroke: var(--surface); } svg .dot { fill: var(--surface); }

table { width: 100%; border-collapse: collapse; font-size: var(--small); }
caption { text-align: left; color: var(--muted); padding-bottom: .5rem; }
th, td { padding: .45rem .75rem .45rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
thead th { color: var(--muted); font-weight: 600; border-bottom: 2px solid var(--line); }
tbody th { font-weight: 600; }
.licenses { max-width: 36rem; overflow-wrap: normal; }
.licenses td, .licenses thead th + th { text-align: right; }
.imei { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; white-space: nowrap; font-weight: 400; }
.name { color: var(--muted); }
#rows { table-layout: fixed; }
.actions { display: flex; gap: 1rem; }
#rows th.imei { width: 11rem; } #rows thead th { font-family: inherit; } #rows th.outcome { width: 11.5rem; } #rows th.name { width: 22%; }
#rows tbody th { font-weight: 400; }
.sort { min-height: 0; padding: .15rem 0; border: 0; background: none; color: inherit; font: inherit; font-weight: 600; }
.sort::after { content: "\\2195"; margin-left: .35rem; font-weight: 400; }
[aria-sort="ascending"] .sort::after { content: "\\2191"; color: var(--accent); }
[aria-sort="descending"] .sort::after { content: "\\2193"; color: var(--accent); }
span.outcome { font-weight: 600; display: inline-flex; align-items: center; }
.verbatim { white-space: pre-wrap; unicode-bidi: isolate; }

.groups { margin: 0; padding: 0; list-style: none; }
.groups > li { padding: .9rem 0; border-top: 1px solid var(--line); }
.groups > li:first-child { border-top: 0; padding-top: 0; } .groups > li:last-child { padding-bottom: 0; }
.groups .tally { display: flex; flex-wrap: wrap; align-items: center; gap: 0 1rem; margin: 0 0 .15rem; font-size: var(--small); }
.groups .example { margin: .3rem 0; font-size: var(--small); color: var(--muted); }
.groups .advice { margin: .3rem 0; }
details { margin: .4rem 0 0; font-size: var(--small); }
summary { cursor: pointer; color: var(--accent); width: fit-content; padding: .15rem 0; }
.imeis { margin: .4rem 0; font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; }

form { display: grid; grid-template-columns: 2fr 1fr 2fr auto; gap: .75rem; align-items: end; margin-bottom: .75rem; }
label { display: block; margin-bottom: .2rem; font-size: var(--small); font-weight: 600; }
input, select, button {
  font: inherit; color: inherit; background: var(--surface); border: 1px solid var(--control); border-radius: 4px;
  min-height: 2.5rem; padding: .3rem .6rem;
}
input, select { width: 100%; min-width: 0; }
button { cursor: pointer; padding: .3rem .9rem; }
button[aria-disabled="true"] { color: var(--muted); border-color: var(--line); cursor: default; }
.link { min-height: 0; padding: .15rem 0; border: 0; background: none; color: var(--accent); text-decoration: underline; font-size: var(--small); }
.pages { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; margin-top: 1rem; font-size: var(--small); }
.pages span { margin: 0 .5rem; }
footer { padding-bottom: 3rem; color: var(--muted); font-size: var(--small); }

@media (max-width: 48rem) {
  .numbers { grid-template-columns: repeat(3, 1fr); }
  form { grid-template-columns: 1fr 1fr; }
}
@media (max-width: 32rem) {
  header, main, footer { padding-left: .75rem; padding-right: .75rem; }
  header { padding-top: 1.25rem; }
  h1 { font-size: 1.375rem; }
  section { padding: 1rem .75rem; }
  .facts { grid-template-columns: 1fr; gap: 0; } .facts dd { margin-bottom: .35rem; }
  .verdict { font-size: 1.1875rem; }
  .numbers { grid-template-columns: repeat(2, 1fr); }
  form { grid-template-columns: 1fr; }
  th, td { padding-right: .5rem; font-size: .8125rem; }
}
/* Too narrow for columns: the reason goes below. The roles in the markup keep it a table. */
@media screen and (max-width: 32rem) {
  #rows, #rows tbody, #rows thead, #rows tr, #rows th, #rows td { display: block; }
  #rows thead tr { display: flex; flex-wrap: wrap; gap: 0 1.25rem; border-bottom: 2px solid var(--line); }
  #rows thead th[class] { width: auto; padding: 0; border: 0; }
  .sort { padding: .5rem 0; }
  #rows tbody tr { display: grid; grid-template-columns: 1fr auto; padding: .5rem 0; border-bottom: 1px solid var(--line); }
  #rows tbody th, #rows tbody td { padding: 0; border: 0; }
  #rows tbody .result { order: -1; } #rows tbody .imei { order: -2; }
  #rows tbody .name, #rows tbody .reason { grid-column: 1 / -1; }
}
@media print {
  :root, .forecast {
    --ground: #fff; --surface: #fff; --text: #000; --muted: #444; --line: #bbb; --accent: #000; --removed: #1b6b57;
    --unlicensed: #5a6777; --failed: #b0241c; --unknown: #855000; --skipped: #694a93;
  }
  .forecast { --removed: #1d5c9e; }
  html { font-size: 10pt; color-scheme: light; }
  header, main, footer { max-width: none; padding: 0; }
  footer { padding-top: .5rem; }
  section { border: 0; border-top: 1px solid var(--line); border-radius: 0; padding: .75rem 0 0; margin: .75rem 0; }
  .numbers { grid-template-columns: repeat(6, 1fr); }
  .facts { grid-template-columns: max-content 1fr; gap: .1rem 1rem; }
  form, .pages, .skip, .link, .copied, .sort::after, summary, #hits { display: none; }
  .paper { display: block; }
  details::details-content { content-visibility: visible; display: block; height: auto; }
  h2, h3, .tally, .example, caption { break-after: avoid; }
  tr, .numbers, .bar { break-inside: avoid; }
  .bar, svg { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  thead { display: table-header-group; break-after: avoid; }
  th, td { padding-top: .2rem; padding-bottom: .2rem; }
  #rows { font-size: .85rem; }
  span.outcome { white-space: nowrap; }
}
"""


def _of_outcome(name: str) -> str:
    color = f"var(--{_LOOKS_LIKE[name]}, var(--muted))"
    return (
        f".numbers .{name} {{ border-color: {color}; }} svg .{name} {{ fill: {color}; }}"
        f" span.outcome.{name} {{ color: {color}; }}\n"
    )


STYLE = "".join(map(_of_outcome, _LOOKS_LIKE)) + _LOOK


def page_footer(text: str) -> str:
    """Return a style that prints a text and the page number at the foot of each page. The text must not contain a quote."""
    return (
        f'@page {{ margin: 15mm 14mm 18mm; @bottom-left {{ content: "{text}"; font: 8pt sans-serif; }}'
        ' @bottom-right { content: counter(page) " / " counter(pages); font: 8pt sans-serif; } }\n'
    )
