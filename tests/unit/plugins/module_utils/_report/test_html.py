# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""report.html as a parser reads it: its texts, its policy, and that no text of a device becomes markup."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ansible_collections.verizon.fota.plugins.module_utils._licenses.outcomes import ASSIGNMENT, REMOVAL
from ansible_collections.verizon.fota.plugins.module_utils._report import html, sections, style
from ansible_collections.verizon.fota.plugins.module_utils._report.contents import Groups, Head, Totals
from ansible_collections.verizon.fota.plugins.module_utils._report.journal_reader import Run

WHEN = "2026-11-23T02:00:00Z"
ANY = st.text(st.characters())
HOSTILE = [
    "<script>window.hacked=1</script>",
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "]]>\"'&amp;&#x3c;",
    "\u2028\u2029\u202e\u0000\u001b[31m",
    "\ud800",
    "x" * 10_000,
]


class Page(HTMLParser):
    """The elements of a page, the text of each kind of them, and the text that people read."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.elements, self.open, self.texts, self.scripts, self.ids = [], [], [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self.ids += [value for name, value in attrs if name == "id"]
        if tag not in ("meta", "input", "br"):
            self.open.append(tag)
        if tag == "script":
            self.scripts.append("")

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, f"{tag} ends in the wrong place"

    def handle_data(self, data):
        if self.open and self.open[-1] == "script":
            self.scripts[-1] += data
        elif self.open and self.open[-1] != "style":
            self.texts.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.texts).split())

    @property
    def data(self):
        return json.loads(self.scripts[0])


def html_of(*devices, forecast=False, beside=("report.csv", "report.json"), **head):
    target = head.get("target", REMOVAL)
    summary = {"requested": len(devices), **dict.fromkeys(target.names, 0)}
    for outcome, _reason, _name in devices:
        summary[outcome] += 1
    heading = Head(WHEN, forecast, ["0642233522-00001"], [Run("a" * 12, WHEN, WHEN, 1)], summary, **head)
    groups, report, file = Groups(html.IMEIS_SHOWN, target), html.HtmlReport(heading, beside), io.StringIO()
    for number, (outcome, reason, name) in enumerate(devices):
        device = {"imei": f"{number:015d}", "outcome": outcome, "reason": reason, "status": "Failure"}
        report.add(device, name, groups.add(device))
    report.write(file, groups)
    file.getvalue().encode("utf-8")
    return file.getvalue()


def rows_of(page):
    data = page.data
    return [
        (row[0], data["outcomes"][data["kinds"][row[1]][0]], data["kinds"][row[1]][1], *row[2:]) for row in data["rows"]
    ]


def test_a_page_is_self_contained():
    text = html_of(("removed", "Success", "m"), ("failed", "Internal error.", ""), before=Totals(9, 3))
    page = Page(text)
    assert page.open == []
    assert len(page.ids) == len(set(page.ids))
    assert page.elements[0] == ("html", {"lang": "en"})
    targets = [
        value for _tag, attrs in page.elements for name, value in attrs.items() if name in ("src", "href", "action")
    ]
    assert set(targets) == {"#devices", "report.csv", "report.json"}
    assert "url(http" not in text and "@import" not in text
    assert not [
        attrs for _tag, attrs in page.elements if "style" in attrs or any(name.startswith("on") for name in attrs)
    ]
    labelled = {attrs["for"] for tag, attrs in page.elements if tag == "label"}
    assert labelled == {attrs["id"] for tag, attrs in page.elements if tag in ("input", "select")}


def test_the_policy_allows_the_style_and_the_script_of_the_page_only():
    text = html_of(("removed", "", ""))
    (policy,) = re.findall('Content-Security-Policy" content="([^"]*)"', text)
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    for tag in ("style", "script"):
        (body,) = re.findall(f"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy


def test_a_result_is_marked_everywhere():
    page = Page(html_of(("removed", "Success", ""), ("failed", "No.", ""), before=Totals(9, 3), after=Totals(9, 2)))
    for sentence in (
        "Result: Removal of FOTA licenses, 0642233522-00001",
        "Result at a glance",
        "1 of 2 devices is known to hold no license.",
        "1 device may still cost money: 1 failed.",
        "Why devices failed, by reason",
        "Devices (result)",
        "2026-11-23 02:00:00 UTC",
        "aaaaaaaaaaaa",
        "In use 3 2 \N{MINUS SIGN}1",
    ):
        assert sentence in page.text
    assert "orecast" not in page.text
    assert "would" not in page.text


def test_a_forecast_is_marked_everywhere():
    text = html_of(("removed", "", ""), ("removed", "", ""), ("failed", "No.", ""), forecast=True, before=Totals(9, 3))
    page = Page(text)
    for sentence in (
        "Forecast: Removal of FOTA licenses, 0642233522-00001",
        "This is a forecast. Nothing was changed.",
        "Forecast at a glance",
        "2 of 3 devices still hold a license that would be removed.",
        "still holds a license today",
        "Why devices would fail, by reason",
        "Devices (forecast)",
        "In use 3 1 \N{MINUS SIGN}2",
    ):
        assert sentence in page.text
    assert 'content: "Forecast, ' in text
    assert "Result" not in page.text
    assert page.data["labels"][0] == "Would be removed"


def test_a_run_that_came_to_no_device_says_why():
    page = Page(html_of(message="imeis is empty <b>"))
    assert "No device is on record" in page.text
    assert "imeis is empty <b>" in page.text
    assert page.scripts == []


@given(ANY, ANY, ANY)
@example(*HOSTILE[:3])
@example(*HOSTILE[3:6])
@example(HOSTILE[6], HOSTILE[1], HOSTILE[2])
def test_any_text_is_text_and_nothing_else(reason, name, title):
    devices = (("failed", reason, name), ("removed", reason + "1", name))
    page = Page(html_of(*devices, message=reason, title=title))
    other = name and "n"
    plain = Page(html_of(("failed", "r", other), ("removed", "r1", other), message="m", title="t"))
    # A long reason is folded, an empty name left out
    skipped = ("details", "summary", "p", "bdi", "span")
    seen, expected = ([tag for tag, _attrs in one.elements if tag not in skipped] for one in (page, plain))
    assert seen == expected
    assert page.open == []
    named = (name,) if name else ()
    assert rows_of(page) == [
        (f"{0:015d}", "failed", reason, *named),
        (f"{1:015d}", "removed", reason + "1", *named),
    ]
    assert not set("<>&\u2028\u2029") & set(page.scripts[0])


def test_no_browser_leaves_the_data_early():
    for hostile in HOSTILE:
        text = html_of(("failed", hostile, hostile), message=hostile, title=hostile)
        assert text.lower().count("<script") == 2
        assert text.lower().count("</script") == 2
        assert text.count("<!--") == 0


def test_above_the_limit_problems_come_first_and_the_page_states_what_it_lacks(monkeypatch):
    monkeypatch.setattr(html, "MOST_ROWS", 4)
    devices = [("removed", "Success", "")] * 6 + [("failed", "No.", ""), ("skipped", "s", "")]
    page = Page(html_of(*devices))
    assert [outcome for _imei, outcome, _reason in rows_of(page)] == ["failed", "skipped", "removed", "removed"]
    assert (
        "This page lists 4 of 8 devices, those with a problem first. The other 4 are not in it: see report.csv ."
        in page.text
    )


def test_long_texts_do_not_make_the_page_long(monkeypatch):
    monkeypatch.setattr(html, "MOST_CHARACTERS", 100_000)
    text = html_of(*(("failed", f"{number} {'x' * 10_000}", "") for number in range(100)))
    assert len(text) < 250_000
    assert "This page lists" in text


def test_a_long_reason_is_headed_by_its_beginning_and_stands_in_full_below():
    page = Page(html_of(("failed", f"Campaign {'x' * 300} runs", ""), ("failed", "Internal error.", "")))
    assert f"For example, {0:015d} : Campaign {'x' * 300} runs" in page.text


@pytest.mark.parametrize(
    ("count", "share"), [(1, "under 0.1 %"), (10, "0.1 %"), (5000, "50 %"), (9999, "over 99.9 %"), (10_000, "100 %")]
)
def test_a_share_is_not_rounded_to_none_or_all(count, share):
    assert sections._share(count, 10_000) == share


def test_many_reasons_and_many_devices_of_one_are_shortened(monkeypatch):
    monkeypatch.setattr(html, "_GROUPS_SHOWN", 2)
    monkeypatch.setattr(html, "IMEIS_SHOWN", 3)
    page = Page(html_of(*[("failed", "a", "")] * 5, ("failed", "b", ""), ("failed", "c", ""), ("unknown", "d", "")))
    assert "And 2 more: see the list of devices below, or report.csv ." in page.text
    assert "2 further reasons, 2 devices: see report.json ." in page.text
    assert [kind[2] for kind in page.data["kinds"]] == [0, 1, -1, -1]


def test_each_reason_has_the_advice_of_the_guide():
    page = Page(
        html_of(("failed", "Internal error.", ""), ("failed", "Other words", ""), ("unknown", "HTTP 502: x", ""))
    )
    for group in page.text.partition("by reason")[2].split("IMEIs (1)")[:3]:
        has_advice = "Other words" not in group
        assert ("Run the task again later." in group or "after 5xx, try again later." in group) is has_advice


@pytest.mark.parametrize(
    ("outcomes", "target", "forecast", "sentence"),
    [
        (["unknown"] * 4, REMOVAL, False, "0 of 4 devices are known to hold no license."),
        (["removed", "unknown"], REMOVAL, False, "1 of 2 devices is known to hold no license."),
        (["skipped"] * 2, REMOVAL, False, "0 of 2 devices are known to hold no license."),
        (["removed", "failed"], REMOVAL, False, "1 of 2 devices holds no license."),
        (["unknown"] * 12, ASSIGNMENT, False, "0 of 12 devices are known to hold a license."),
        (["assigned", "failed"], ASSIGNMENT, False, "1 of 2 devices holds a license."),
        (["removed", "unknown"], REMOVAL, True, "1 of 2 devices is known to hold a license that would be removed."),
        (["unknown"] * 3, REMOVAL, True, "Of 3 devices, none is known to hold a license that would be removed."),
        (["removed", "failed"], REMOVAL, True, "1 of 2 devices still holds a license that would be removed."),
        (["assigned", "assigned", "unknown"], ASSIGNMENT, True, "2 of 3 devices are known to need a license."),
        (["assigned", "unknown"], ASSIGNMENT, True, "1 of 2 devices is known to need a license."),
        (["unknown"] * 3, ASSIGNMENT, True, "Of 3 devices, none is known to need a license."),
        (["assigned", "failed"], ASSIGNMENT, True, "1 of 2 devices would get a license."),
    ],
)
def test_the_headline_states_only_what_is_known(outcomes, target, forecast, sentence):
    devices = [(outcome, "Internal error." if outcome == "failed" else "", "") for outcome in outcomes]
    page = Page(html_of(*devices, forecast=forecast, target=target))
    assert f"at a glance {sentence} " in page.text


def test_the_headline_of_failures_whose_state_was_not_read_does_not_state_it():
    page = Page(html_of(("failed", "HTTP 400: no", ""), ("failed", "Internal error.", "")))
    assert "0 of 2 devices are known to hold no license." in page.text


@pytest.mark.parametrize(
    ("target", "known", "not_known"),
    [
        (
            REMOVAL,
            "still holds a license, or is not in the account",
            "may still hold a license, or is not in the account",
        ),
        (ASSIGNMENT, "still holds no license", "may still hold no license"),
    ],
)
def test_the_number_of_failures_states_only_what_is_known(target, known, not_known):
    published = ("failed", "Internal error.", "")
    assert f"(100 %) {known} Unknown" in Page(html_of(published, target=target)).text
    assert f"(50 %) {known} Unknown" in Page(html_of(published, ("unknown", "", ""), target=target)).text
    assert f"(100 %) {not_known} Unknown" in Page(html_of(("failed", "HTTP 400: no", ""), target=target)).text
    forecast = Page(html_of(("failed", "its firmware was upgraded", ""), forecast=True, target=target)).text
    assert target.outcome("failed").note[1] in forecast


UNKNOWN_DEVICES = [("failed", "Device Not Found.", "")] * 15
COSTLY = [("failed", "Internal error.", "")] * 2 + [("skipped", "s", "")]


@pytest.mark.parametrize(
    ("devices", "forecast", "sentence"),
    [
        (
            COSTLY + UNKNOWN_DEVICES,
            False,
            "3 devices may still cost money: 2 failed, 1 not sent. 15 devices are unknown",
        ),
        (
            COSTLY + UNKNOWN_DEVICES,
            True,
            "3 devices may cost money even then: 2 would fail, 1 not read. 15 devices are unknown",
        ),
        (
            UNKNOWN_DEVICES[:1],
            False,
            "0 of 1 device hold no license. 1 device is unknown to the account and costs nothing.",
        ),
        (COSTLY, False, "3 devices may still cost money: 2 failed, 1 not sent. Requested"),
    ],
)
def test_devices_that_the_account_does_not_have_cost_nothing(devices, forecast, sentence):
    page = Page(html_of(*devices, forecast=forecast))
    assert sentence in page.text
    apart = "Devices that are unknown to the account and cost nothing"
    assert (apart in page.text) is (len(devices) != len(COSTLY))
    if len(devices) > len(COSTLY):
        costly, _title, free = page.text.partition(apart)
        assert "Internal error." in costly and "Device Not Found." not in costly
        assert "Device Not Found." in free and "Check the account and the IMEI." in free


def test_the_message_of_the_run_is_shown_without_what_the_page_shows_anyway():
    message = "The run ended early: HTTP 500: broken. Of 2 devices: 1 failed, 1 not sent. 000000000000000: No. 0 licenses removed."
    page = html_of(("failed", "No.", ""), ("skipped", "s", ""), message=message)
    assert '<p class="message"><bdi class="verbatim">The run ended early: HTTP 500: broken.</bdi></p>' in page
    counts = message.partition("broken. ")[2]
    assert 'class="message"' not in html_of(("failed", "No.", ""), ("skipped", "s", ""), message=counts)
    assert "0 licenses removed." in html_of(message=counts), "without devices, the page shows nothing else"


@pytest.mark.parametrize("beside", [(), ("report.csv",), ("report.csv", "report.json")])
def test_only_files_next_to_the_page_are_named(beside, monkeypatch):
    monkeypatch.setattr(html, "MOST_ROWS", 1)
    monkeypatch.setattr(html, "_GROUPS_SHOWN", 1)
    monkeypatch.setattr(html, "IMEIS_SHOWN", 1)
    page = Page(html_of(*[("failed", "a", "")] * 3, ("failed", "b", ""), beside=beside))
    links = [attrs["href"] for tag, attrs in page.elements if tag == "a" and attrs["href"] != "#devices"]
    assert set(links) == set(beside)
    for file in ("report.csv", "report.json"):
        assert (file in page.text) is (file in beside)
    assert page.data["all"] == ("report.csv" if "report.csv" in beside else "")


@pytest.mark.parametrize(
    ("before", "after", "forecast", "shown"),
    [
        (Totals(), Totals(), False, None),
        (Totals(), Totals(9, 2), True, None),
        (Totals(), Totals(9, 2), False, "Licenses After In the account 9 In use 2 Free 7"),
        (Totals(9, 3), Totals(), False, "Licenses Before In the account 9 In use 3 Free 6"),
        (Totals(None, 3), Totals(None, 2), False, "Licenses Before After Change In use 3 2 \N{MINUS SIGN}1"),
        (Totals(9, None), Totals(9, 2), False, "Change In the account 9 9 none In use unknown 2 Free unknown 7"),
    ],
)
def test_the_licenses_are_shown_as_far_as_they_are_known(before, after, forecast, shown):
    text = Page(html_of(("removed", "Success", ""), before=before, after=after, forecast=forecast)).text
    if shown is None:
        assert "Licenses of the account" not in text
    else:
        assert f"{shown} " in text.replace(" Devices", " ")


def test_names_have_a_column_if_there_are_any():
    for name in ("", "meter 1"):
        page = Page(html_of(("failed", "a", name), ("removed", "Success", "")))
        columns = [attrs["data-sort"] for tag, attrs in page.elements if tag == "button" and "data-sort" in attrs]
        assert columns == ["imei", *(["name"] if name else []), "outcome", "reason"]
        assert page.data["names"] is bool(name)


@pytest.mark.parametrize("outcome", REMOVAL.names)
def test_every_outcome_has_a_pattern_and_a_color(outcome):
    assert f'id="over-{outcome}"' in style.PATTERNS
    assert f"--{outcome}: #" in style.STYLE
    assert f"svg .{outcome} {{" in style.STYLE


def luminance(color):
    color = color.lstrip("#")
    color = "".join(2 * sign for sign in color) if len(color) == 3 else color
    parts = [int(color[start : start + 2], 16) / 255 for start in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def palettes():
    light, light_forecast, dark, dark_forecast, paper, paper_forecast = (
        dict(re.findall(r"--([\w-]+): (#\w+)", block))
        for block in re.findall(r"\{([^{}]*--removed: [^{}]*)\}", style.STYLE)
    )
    yield from (light, {**light, **light_forecast}, dark, {**dark, **dark_forecast})
    yield from ({**light, **paper}, {**light, **paper, **paper_forecast})


@pytest.mark.parametrize(
    "palette", list(palettes()), ids=["light", "light forecast", "dark", "dark forecast", "paper", "paper forecast"]
)
def test_every_color_of_a_text_stands_out_from_what_is_behind_it(palette):
    for ground in (palette["ground"], palette["surface"]):
        for name in ("text", "muted", "accent", *REMOVAL.names):
            lower, higher = sorted((luminance(palette[name]), luminance(ground)))
            assert (higher + 0.05) / (lower + 0.05) >= 4.5, f"{name} on {ground}"
        lower, higher = sorted((luminance(palette["control"]), luminance(palette["surface"])))
        assert (higher + 0.05) / (lower + 0.05) >= 3, "the border of a field"
