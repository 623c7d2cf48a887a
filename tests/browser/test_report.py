# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""report.html in a real browser: 50,000 rows, search, sorting, copying, hostile texts, narrow and dark screens, print, accessibility."""

from __future__ import annotations

import importlib
import io
import json
import time
import typing as t
import unicodedata
from pathlib import Path

import pypdf
import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.select import Select
from selenium.webdriver.support.ui import WebDriverWait

from ansible_collections.verizon.fota.plugins.module_utils._licenses.outcomes import REMOVAL
from ansible_collections.verizon.fota.plugins.modules import license_report
from ansible_collections.verizon.fota.tests.browser.conftest import SECONDS, Browser

ROWS = 50_000
RUN = "0123456789ab"
REASONS = {
    "removed": "Success",
    "failed": "License removal not allowed for devices that have ever upgraded firmware.",
    "unknown": "what became of it is not known: run the task again (HTTP 502)",
    "skipped": "not sent: an earlier error ended the run",
}
PENDING = "Upgrade pending, the device upgrade is estimated to be scheduled for {:02d} Oct 22 18:05 UTC"
HOSTILE = [
    "<script>window.hacked = 1</script>",
    "</script><script>window.hacked = 2</script>",
    "<img src=x onerror='window.hacked = 3'>",
    "<!-- <script>",
    '" onmouseover="window.hacked = 4" \'',
    "{{ 7 * 7 }} ${window.hacked = 5} javascript:alert(6)",
    "right \u202eto left\u202c, line\u2028break, nothing\u200b",
    '=HYPERLINK("http://example.invalid")',
    "x" * 10_000,
]
AXE = Path(str(importlib.import_module("axe_core_python").__file__)).with_name("axe.min.js").read_text(encoding="utf-8")

Device = t.Tuple[str, str, str]


def fleet(count: int) -> t.Iterator[Device]:
    """Return a hundred devices: 90 removed, 4 unlicensed, 4 failed for two reasons, 1 unknown, 1 skipped."""
    for number in range(count):
        kind = number % 100
        outcome = (
            "removed"
            if kind < 90
            else ("unlicensed", "failed", "unknown", "skipped")[(kind > 93) + (kind > 97) + (kind > 98)]
        )
        reason = PENDING.format(number % 28 + 1) if kind == 94 else REASONS.get(outcome, "")
        yield f"{990_000_000_000_000 + number}", outcome, reason


def write(place: Path, devices: t.Iterable[Device], **args: t.Any) -> Path:
    """Write a report of these devices; return the path of the page."""
    place.mkdir(exist_ok=True)
    forecast = bool(args.get("forecast"))
    common = {"time": "2026-11-23T02:00:00Z", "account": "0642233522-00001", "check_mode": forecast, "run_id": RUN}
    with open(place / "journal", "w", encoding="utf-8") as file:
        for imei, outcome, reason in devices:
            file.write(
                json.dumps({**common, "imei": imei, "outcome": outcome, **({"reason": reason} if reason else {})})
                + "\n"
            )
    params = {
        **{"account": None, "forecast": False, "run_ids": [], "names": {}, "title": None, "action": "remove"},
        **{
            "run_message": "The message of the run.",
            "licenses_before": {"license_total": 60_000, "license_used": 50_000},
        },
        **{"licenses_after": {"license_total": 60_000, "license_used": 5_000}},
        **{"directory": str(place), "journal": str(place / "journal")},
        **args,
    }
    with license_report.source(params) as lines:
        license_report.write(params, lines)
    return place / "report.html"


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("large"), fleet(ROWS))


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    names = {imei: f"meter-{imei[-4:]}.north.example" for imei, _outcome, _reason in fleet(1000)}
    return write(tmp_path_factory.mktemp("small"), fleet(1000), names=names)


@pytest.fixture(scope="module")
def forecast(tmp_path_factory: pytest.TempPathFactory) -> Path:
    # A forecast lists no reasons for devices that would be removed.
    devices = [(imei, outcome, "" if outcome == "removed" else reason) for imei, outcome, reason in fleet(1000)]
    return write(tmp_path_factory.mktemp("forecast"), devices, forecast=True)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("empty"), (), run_ids=[RUN], licenses_before=None, licenses_after=None)


class Page:
    """The list of devices on the page, as users operate it."""

    def __init__(self, browser: Browser) -> None:
        self.driver = browser.driver

    def __getitem__(self, name: str) -> t.Any:
        return self.driver.find_element(By.ID, name)

    @property
    def hits(self) -> str:
        return str(self["hits"].text)

    @property
    def rows(self) -> list[list[str]]:
        script = (
            "return Array.from(document.querySelectorAll('#body tr'), r => Array.from(r.cells, c => c.textContent))"
        )
        return self.driver.execute_script(script)

    def until_hits(self, text: str) -> None:
        WebDriverWait(self.driver, SECONDS).until(lambda _driver: text in self.hits, f"not {text!r} but {self.hits!r}")

    def script(self, code: str) -> t.Any:
        return self.driver.execute_script(f"return {code}")


def show(browser: Browser, path: Path, **look: t.Any) -> Page:
    browser.look(**look)
    browser.open(path)
    return Page(browser)


def test_50000_rows_open_within_seconds(browser: Browser, large: Path, pictures: Path) -> None:
    browser.look()
    begun = time.monotonic()
    browser.open(large)
    page = Page(browser)
    page.until_hits("50,000 devices. Rows 1 to 100 are shown.")
    taken = time.monotonic() - begun
    print(f"\n{ROWS:,} rows, {large.stat().st_size:,} bytes: {taken:.2f} s from opening the file to the first rows")
    assert taken < SECONDS
    assert len(page.rows) == 100
    assert page.script("document.querySelectorAll('*').length") < 5000
    assert browser.complaints() == []
    assert browser.requests() == [large.as_uri()]
    browser.picture(pictures / "large.png")


def test_search_filter_and_pages(browser: Browser, large: Path) -> None:
    page = show(browser, large)
    page["search"].send_keys("990000000012345")
    page.until_hits("1 of 50,000 devices matches. Rows 1 to 1 are shown.")
    assert page.rows == [["990000000012345", "Removed", "Success"]]
    page["search"].clear()
    page["search"].send_keys("EVER UPGRADED")
    page.until_hits("1,500 of 50,000 devices match.")
    assert {row[1] for row in page.rows} == {"Failed"}
    page["search"].send_keys("?")
    page.until_hits("No device matches.")
    assert not page["rows"].is_displayed()
    page.driver.find_element(By.CSS_SELECTOR, "button[type=reset]").click()
    page.until_hits("50,000 devices. Rows 1 to 100")

    Select(page["outcome"]).select_by_value("problems")
    page.until_hits("3,000 of 50,000 devices match.")
    for name, text in (
        ("next", "Rows 101 to 200"),
        ("last", "Rows 2,901 to 3,000"),
        ("next", "Rows 2,901 to 3,000"),
        ("previous", "Rows 2,801 to 2,900"),
        ("first", "Rows 1 to 100"),
    ):
        page[name].click()
        page.until_hits(text)
    assert page["page"].text == "Page 1 of 30"
    Select(page["outcome"]).select_by_value("skipped")
    page.until_hits("500 of 50,000 devices match.")
    assert {tuple(row[1:]) for row in page.rows} == {("Skipped", REASONS["skipped"])}


def test_a_group_leads_to_its_devices(browser: Browser, large: Path) -> None:
    page = show(browser, large)
    (group,) = [
        one for one in page.driver.find_elements(By.CSS_SELECTOR, ".groups li") if "Upgrade pending" in one.text
    ]
    assert "500 devices" in group.text
    assert "For example, 990000000000094: " + PENDING.format(94 % 28 + 1) in group.text
    group.find_element(By.TAG_NAME, "button").click()
    page.until_hits("500 of 50,000 devices match.")
    assert all("Upgrade pending" in row[2] for row in page.rows)
    group.find_element(By.TAG_NAME, "summary").click()
    assert "990000000000194" in group.text


@pytest.mark.parametrize("column", ["imei", "name", "outcome", "reason"])
def test_columns_sort_up_down_and_back(browser: Browser, small: Path, column: str) -> None:
    page = show(browser, small)
    page.until_hits("1,000 devices")
    button = page.driver.find_element(By.CSS_SELECTOR, f"[data-sort={column}]")
    place = ["imei", "name", "outcome", "reason"].index(column)

    def values() -> list[str]:
        return [row[place] for row in page.rows]

    def order() -> t.Any:
        return page.driver.execute_script("return arguments[0].parentNode.getAttribute('aria-sort')", button)

    initial = page.rows
    assert order() == "none"
    button.click()
    up = values()
    assert order() == "ascending"
    button.click()
    down = values()
    assert order() == "descending"
    button.click()
    assert (order(), page.rows) == ("none", initial)
    if column == "outcome":  # in the order of severity
        labels = ["Failed", "Unknown", "Skipped", "Removed", "Already unlicensed"]
        up, down = ([f"{labels.index(value)}" for value in found] for found in (up, down))
    elif column == "reason":  # devices without a reason are last
        up, down = ([value.lower() or "~" for value in found] for found in (up, down))
    assert up == sorted(up) and down == sorted(down, reverse=True)
    assert up[0] < down[0], "the first rows of all devices, not only of the page"


def test_sorting_keeps_to_the_filter_and_another_column_begins_anew(browser: Browser, large: Path) -> None:
    page = show(browser, large)
    Select(page["outcome"]).select_by_value("skipped")
    page.until_hits("500 of 50,000 devices match.")
    imei, reason = (page.driver.find_element(By.CSS_SELECTOR, f"[data-sort={name}]") for name in ("imei", "reason"))
    imei.click()
    imei.click()
    assert page.rows[0][0] == f"{990_000_000_000_000 + ROWS - 1}"
    Select(page["outcome"]).select_by_value("")
    page.until_hits("50,000 devices.")
    assert page.rows[1][0] == f"{990_000_000_000_000 + ROWS - 2}"
    reason.click()
    assert [one.get_attribute("aria-sort") for one in page.driver.find_elements(By.CSS_SELECTOR, "#rows thead th")] == [
        "none",
        "none",
        "ascending",
    ]
    begun = time.monotonic()
    for _again in range(3):
        imei.click()
    assert (time.monotonic() - begun) / 3 < SECONDS / 5


def test_the_imeis_of_a_reason_can_be_copied(browser: Browser, small: Path) -> None:
    page = show(browser, small)
    page.until_hits("1,000 devices")
    browser.clipboard()
    (group,) = [
        one for one in page.driver.find_elements(By.CSS_SELECTOR, ".groups li") if "Upgrade pending" in one.text
    ]
    group.find_element(By.CSS_SELECTOR, "[data-copy]").click()
    WebDriverWait(page.driver, SECONDS).until(lambda _driver: "10 IMEIs copied." in group.text)
    expected = [f"{990_000_000_000_000 + number}" for number in range(94, 1000, 100)]
    assert browser.clipboard() == "".join(f"{imei}\n" for imei in expected)


def test_copying_works_without_the_clipboard_api_and_says_where_it_is_not_allowed(
    browser: Browser, small: Path
) -> None:
    page = show(browser, small)
    page.until_hits("1,000 devices")
    button = page.driver.find_element(By.CSS_SELECTOR, "[data-copy]")
    item = button.find_element(By.XPATH, "ancestor::li")
    page.driver.execute_script("Object.defineProperty(navigator, 'clipboard', {value: undefined});")
    button.click()
    WebDriverWait(page.driver, SECONDS).until(lambda _driver: "30 IMEIs copied." in item.text)
    page.driver.execute_script("document.execCommand = function () { return false; };")
    button.click()
    WebDriverWait(page.driver, SECONDS).until(lambda _driver: "The browser does not allow copying." in item.text)
    assert item.find_element(By.CLASS_NAME, "imeis").is_displayed()
    assert browser.complaints() == []


def test_links_lead_to_the_other_files(browser: Browser, small: Path) -> None:
    page = show(browser, small)
    links = {one.get_attribute("href") for one in page.driver.find_elements(By.CSS_SELECTOR, "header a")}
    assert links == {small.with_name(name).as_uri() for name in ("report.csv", "report.json")}
    assert all(small.with_name(name).is_file() for name in ("report.csv", "report.json"))


def test_the_keyboard_is_enough(browser: Browser, large: Path) -> None:
    page = show(browser, large)
    page.driver.find_element(By.TAG_NAME, "body").send_keys(Keys.TAB)
    skip = page.driver.switch_to.active_element
    assert skip.text == "To the list of devices"
    skip.send_keys(Keys.ENTER)
    page["search"].send_keys("Upgrade pending", Keys.ENTER)
    page.until_hits("500 of 50,000 devices match.")
    assert page.driver.current_url.startswith(large.as_uri())
    page["next"].send_keys(Keys.ENTER)
    page.until_hits("Rows 101 to 200")
    page["next"].send_keys(Keys.SPACE)
    page.until_hits("Rows 201 to 300")
    assert page.script("document.activeElement.id") == "next"


def test_hostile_texts_are_text(browser: Browser, tmp_path: Path, pictures: Path) -> None:
    outcomes = [REMOVAL.names[number % len(REMOVAL.names)] for number in range(len(HOSTILE))]
    devices = [(f"{number:015d}", *pair) for number, pair in enumerate(zip(outcomes, HOSTILE))]
    names = {f"{number:015d}": text for number, text in enumerate(HOSTILE)}
    path = write(tmp_path, devices, names=names, title=HOSTILE[0], run_message=HOSTILE[1], account=None)
    page = show(browser, path, width=360)
    page.until_hits("9 devices")
    for button in page.driver.find_elements(By.CSS_SELECTOR, "#body button"):
        button.click()
    shown = {row[0]: (row[1], row[3].replace("(shortened)", "").replace("Show less", "")) for row in page.rows}
    assert shown == {f"{number:015d}": (text, text) for number, text in enumerate(HOSTILE)}
    for text in HOSTILE[:3]:
        page["search"].clear()
        page["search"].send_keys(text)
        page.until_hits("1 of 9 devices matches.")
    assert page.script("window.hacked === undefined && document.images.length === 0") is True
    assert page.script("document.title").startswith(f"Result: {HOSTILE[0]}")
    assert HOSTILE[1] in page.driver.find_element(By.CLASS_NAME, "message").text
    assert page.script("document.documentElement.scrollWidth") <= 360
    assert browser.complaints() == []
    assert browser.requests() == [path.as_uri()]
    browser.picture(pictures / "hostile.png")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 768, 1200])
@pytest.mark.parametrize("which", ["small", "forecast", "empty"])
def test_every_screen_shows_it_without_scrolling_sideways_and_to_everyone(
    browser: Browser, request: pytest.FixtureRequest, pictures: Path, which: str, width: int, scheme: str
) -> None:
    page = show(browser, request.getfixturevalue(which), width=width, height=800, scheme=scheme)
    browser.picture(pictures / f"{which}-{width}-{scheme}.png")
    assert page.script("document.documentElement.scrollWidth") <= width
    ground = page.script("getComputedStyle(document.body).backgroundColor")
    assert ground == {"light": "rgb(245, 246, 248)", "dark": "rgb(18, 22, 27)"}[scheme]
    page.driver.execute_script("document.querySelectorAll('details').forEach(one => { one.open = true; });")
    page.driver.execute_script(AXE)
    found = page.driver.execute_async_script(
        "const done = arguments[arguments.length - 1]; axe.run().then(done, error => done({violations: [String(error)]}));"
    )
    assert [(one["id"], [node["html"] for node in one["nodes"]][:3]) for one in found["violations"]] == []
    assert len(found["passes"]) > 15
    assert browser.complaints() == []


def test_without_javascript_it_tells_the_essentials(browser: Browser, small: Path) -> None:
    page = show(browser, small, script=False)
    try:
        text = page.driver.find_element(By.TAG_NAME, "body").text
        assert "940 of 1,000 devices are known to hold no license." in text
        assert REASONS["failed"] in text
        assert "The list of devices needs JavaScript" in text
        assert not page["table"].is_displayed()
        assert "Show in the list" not in text and "Copy IMEIs" not in text
        assert "The list of devices needs JavaScript" in printed(browser), "paper says what it leaves out"
    finally:
        browser.look()


def sheets_of(paper: bytes) -> list[str]:
    # Fonts have ligatures
    texts = [unicodedata.normalize("NFKC", sheet.extract_text()) for sheet in pypdf.PdfReader(io.BytesIO(paper)).pages]
    return [" ".join(text.split()) for text in texts]


def printed(browser: Browser) -> str:
    """Print the page, and return all text on paper."""
    return " ".join(sheets_of(browser.paper()))


def test_paper_says_what_a_filter_leaves_out(browser: Browser, small: Path) -> None:
    page = show(browser, small)
    Select(page["outcome"]).select_by_value("skipped")
    page.until_hits("10 of 1,000 devices match.")
    text = printed(browser)
    assert (
        "This printout lists 10 of 1,000 devices, all of which match the search and the filters. The other 990" in text
    )


def test_paper_that_lists_all_says_so(browser: Browser, tmp_path: Path) -> None:
    show(browser, write(tmp_path, fleet(100))).until_hits("100 devices")
    assert "All 100 devices are printed." in printed(browser)


@pytest.mark.parametrize("which", ["small", "forecast"])
def test_on_paper_nothing_is_folded_and_every_page_says_what_it_is(
    browser: Browser, request: pytest.FixtureRequest, pictures: Path, which: str
) -> None:
    page = show(browser, request.getfixturevalue(which), scheme="dark")
    page.until_hits("1,000 devices")
    paper = browser.paper()
    (pictures / f"{which}.pdf").write_bytes(paper)
    sheets = sheets_of(paper)
    kind = "Forecast" if which == "forecast" else "Result"
    for number, sheet in enumerate(sheets, 1):
        assert f"{kind}, 20" in sheet
        assert f"{number} / {len(sheets)}" in sheet
    text = "\n".join(sheets)
    assert "990000000000994" in sheets[0] + sheets[1] + sheets[2], "the IMEIs of a reason are folded"
    assert "This printout lists 250 of 1,000 devices. The other 750 are left out; report.csv contains all." in text
    for screen in ("Show in the list", "Copy IMEIs", "Search IMEI", "Rows 1 to"):
        assert screen not in text
    assert len(sheets) < 20
    # Afterwards the screen is as before
    page.until_hits("Rows 1 to 100")
    assert page.script("document.querySelectorAll('details[open]').length") == 0
