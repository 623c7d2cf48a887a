# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which lines of progress are shown, and when."""

from __future__ import annotations

import json

import pytest

from ansible_collections.verizon.fota.plugins.plugin_utils._progress_lines import (
    DisplayIntervals,
    ProgressPrinter,
    Step,
    format_duration,
    parse_step,
)


def line(phase, done, total, removed=0, failed=0):
    step = {"phase": phase, "done": done, "total": total, "changed": removed, "failed": failed}
    return json.dumps(step).encode() + b"\n"


def printed(printer, reports, until, every=0.5):
    """Feed reports to a printer at their times (seconds: bytes). Return the lines that it prints, by time."""
    lines = {}
    for number in range(int(until / every) + 1):
        now = number * every
        printer.feed(reports.get(now, b""), now)
        text = printer.next_line(now)
        if text is not None:
            lines[now] = text
    return lines


def removing(seconds, per_second=1000, total=1_000_000):
    return {now: line("remove", now * per_second, total, now * per_second) for now in range(1, int(seconds) + 1)}


def test_a_line_says_how_far_the_run_is():
    printer = ProgressPrinter(0)
    printer.feed(line("remove", 300_000, 1_000_000, 298_130, 2), 40)
    printer.feed(line("remove", 348_000, 1_000_000, 338_120, 12), 44.8)

    assert printer.next_line(45) == (
        "[license_remove] removing: 348,000 of 1,000,000 (34 %), 338,120 removed, 12 failed, 10,000/s, 66 s left"
    )


def test_a_short_run_prints_no_line():
    assert printed(ProgressPrinter(0), removing(5), 4.5) == {}


def test_lines_come_every_five_seconds_then_every_fifteen_then_every_thirty():
    times = list(printed(ProgressPrinter(0), removing(700), 700))

    assert times[:12] == [5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60]
    assert times[12:15] == [75, 90, 105]
    assert times[-3:] == [630, 660, 690]


def test_the_pace_can_be_set():
    assert list(printed(ProgressPrinter(0, intervals=DisplayIntervals(first=1, minute=2)), removing(6), 6)) == [1, 3, 5]


def test_the_last_report_of_a_phase_never_claims_to_be_all_until_it_is():
    printer = ProgressPrinter(0)
    printer.feed(line("read", 999_999, 1_000_000), 5)
    assert "(99 %)" in printer.next_line(5)
    printer.feed(line("read", 1_000_000, 1_000_000), 10)
    assert "(100 %)" in printer.next_line(10)


def test_reading_prints_nothing_about_removals():
    reports = {now: line("read", now * 1000, 20_000) for now in range(1, 6)}

    assert printed(ProgressPrinter(0), reports, 5) == {
        5: "[license_remove] reading: 5,000 of 20,000 (25 %), 1,000/s, 15 s left"
    }


def test_check_mode_claims_no_removal():
    printer = ProgressPrinter(0, forecast=True)
    printer.feed(line("remove", 1, 2, 1), 5)

    assert printer.next_line(5) == "[license_remove] removing: 1 of 2 (50 %), 1 would be removed, 0 failed"


def test_upgrades_are_read():
    printer = ProgressPrinter(0)
    printer.feed(line("upgrades", 1, 4), 5)

    assert printer.next_line(5) == "[license_remove] reading upgrades: 1 of 4 (25 %)"


def test_waiting_has_no_rate():
    reports = {1: line("wait", 10, 40, 40), 4: line("wait", 30, 40, 40)}

    assert printed(ProgressPrinter(0), reports, 5) == {
        5: "[license_remove] waiting: 30 of 40 without a license (75 %), 40 removed, 0 failed"
    }


def test_the_host_is_named_where_there_is_one_to_name():
    printer = ProgressPrinter(0, "meter-7")
    printer.feed(line("read", 1, 2), 5)

    assert printer.next_line(5) == "[license_remove] meter-7: reading: 1 of 2 (50 %)"


def test_the_rate_is_that_of_the_recent_past():
    slow = {now: line("remove", now, 100_000) for now in range(1, 101)}
    fast = {now: line("remove", 100 + (now - 100) * 100, 100_000) for now in range(101, 161)}
    lines = printed(ProgressPrinter(0), {**slow, **fast}, 160)

    assert ", 1.0/s, " in lines[90]
    assert ", 100/s, " in lines[150]


def test_the_rate_starts_again_with_a_new_phase():
    reports = {1: line("read", 5000, 10_000), 2: line("read", 10_000, 10_000), 4: line("remove", 10, 9000, 10)}
    reports[8] = line("remove", 50, 9000, 50)
    lines = printed(ProgressPrinter(0), reports, 10)

    assert lines[5] == "[license_remove] removing: 10 of 9,000 (0 %), 10 removed, 0 failed"
    assert lines[10].endswith(", 10/s, 15 min left")


def test_batches_that_end_together_do_not_exaggerate_the_rate():
    together = {now: b"".join(line("read", now * 100 + more, 100_000) for more in range(1, 9)) for now in (10, 20, 30)}

    assert printed(ProgressPrinter(0), together, 30)[30].endswith(", 100/s, 17 min left")


def test_without_progress_the_next_line_comes_after_a_minute():
    lines = printed(ProgressPrinter(0), {1: line("remove", 5, 10, 5), 2: line("remove", 6, 10, 6)}, 200)

    assert list(lines) == [5, 65, 125, 185]
    assert lines[65] == "[license_remove] removing: 6 of 10 (60 %), 6 removed, 0 failed, nothing new for 63 s"


def test_without_any_response_a_line_says_so_each_minute():
    assert printed(ProgressPrinter(0), {}, 130) == {
        60: "[license_remove] waiting for the first response, 60 s so far",
        120: "[license_remove] waiting for the first response, 2 min so far",
    }


def test_a_report_that_comes_late_does_not_turn_the_run_back():
    printer = ProgressPrinter(0)
    printer.feed(line("remove", 3000, 9000, 3000) + line("remove", 2000, 9000, 2000), 5)

    assert "3,000 of 9,000" in printer.next_line(5)


def test_lines_arrive_in_pieces():
    printer = ProgressPrinter(0)
    whole = b"\n" + line("read", 1, 4) + line("read", 2, 4)
    for number in range(len(whole)):
        printer.feed(whole[number : number + 1], 5)

    assert "2 of 4" in printer.next_line(5)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"\xff",
        b"[]",
        b"7",
        b'{"phase": "read"}',
        b'{"phase": 1, "done": 1, "total": 2, "changed": 0, "failed": 0}',
        b'{"phase": "read", "done": "1", "total": 2, "changed": 0, "failed": 0}',
        b'{"phase": "read", "done": 1, "total": 2, "changed": 0, "failed": 0, "more": 1}',
        b'{"phase": "read", "done": 1, "total": 2, "changed": 0, "fai{"phase": "read", "done": 2}',
    ],
)
def test_what_is_no_report_is_passed_over(text):
    assert parse_step(text) is None
    printer = ProgressPrinter(0)
    printer.feed(text + b"\n" + line("read", 3, 4), 5)
    assert "3 of 4" in printer.next_line(5)


def test_a_report_is_read():
    assert parse_step(line("read", 1, 2, 3, 4)) == Step("read", 1, 2, 3, 4)


def test_an_empty_phase_divides_by_nothing():
    printer = ProgressPrinter(0)
    printer.feed(line("remove", 0, 0), 5)

    assert printer.next_line(5) == "[license_remove] removing: 0 of 0, 0 removed, 0 failed"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (0.2, "1 s"), (90, "90 s"), (90.5, "2 min"), (600, "10 min"), (5400, "90 min"), (5401, "1 h 31 min")],
)
def test_times_are_written_for_people(seconds, text):
    assert format_duration(seconds) == text
