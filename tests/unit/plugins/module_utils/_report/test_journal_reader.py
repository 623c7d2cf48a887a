# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading journals: which lines count, what is tolerated, and what is rejected with its line number."""

from __future__ import annotations

import json
import os

import pytest

from ansible_collections.verizon.fota.plugins.module_utils import _journal
from ansible_collections.verizon.fota.plugins.module_utils._licenses import device_outcome
from ansible_collections.verizon.fota.plugins.module_utils._licenses.outcomes import ASSIGNMENT
from ansible_collections.verizon.fota.plugins.module_utils._report.journal_reader import (
    BadJournal,
    EmptyJournal,
    JournalReader,
    LineFilter,
)

FIRST, SECOND, THIRD = "010000000000001", "990000000000002", "990000000000003"


def line(imei=FIRST, outcome="removed", **more):
    common = {"time": "2026-11-23T02:00:00Z", "account": "0642233522-00001", "check_mode": False, "run_id": "a" * 12}
    return {**common, "imei": imei, "outcome": outcome, "changed": True, "failed": False, **more}


def written(tmp_path, *lines, tail=""):
    path = tmp_path / "journal"
    path.write_text("".join(f"{json.dumps(one)}\n" for one in lines) + tail, encoding="utf-8")
    return str(path)


def read(path, **line_filter):
    with JournalReader(path, LineFilter(**line_filter)) as lines:
        return lines, [(device["imei"], device["outcome"]) for device in lines.devices()]


@pytest.mark.skipif(not os.path.exists("/proc/self/mem"), reason="takes a file that opens and cannot be read")
def test_a_journal_on_a_broken_disk_is_named():
    with pytest.raises(BadJournal, match="/proc/self/mem cannot be read: "):
        JournalReader("/proc/self/mem", LineFilter())


def test_what_the_journal_writes_can_be_read(tmp_path):
    path = tmp_path / "journal"
    device = device_outcome.Device(FIRST, "failed", {"status": "Failure", "resultReason": 'quotes " and \N{SNOWMAN}'})
    always = {"account": "0642233522-00001", "check_mode": False, "run_id": "a" * 12}
    with _journal.journal(str(path), always, lambda: str, {}) as write:
        assert write([device]) is None
    with JournalReader(str(path), LineFilter()) as lines:
        (found,) = lines.devices()
    assert (found["imei"], found["outcome"], found["reason"]) == (FIRST, "failed", 'quotes " and \N{SNOWMAN}')


def test_assignments_are_read_apart_from_removals(tmp_path):
    path = written(
        tmp_path, line(FIRST), line(SECOND, "unlicensed"), line(FIRST, "assigned", run_id="b", action="assign")
    )

    assert read(path)[1] == [(FIRST, "removed"), (SECOND, "unlicensed")]
    lines, found = read(path, target=ASSIGNMENT)
    assert found == [(FIRST, "assigned")]
    assert lines.summary == {
        **{"requested": 1, "assigned": 1, "licensed": 0},
        **{"failed": 0, "unknown": 0, "skipped": 0},
    }


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"action": "assign"}, "its outcome is not one of this collection"),
        ({"action": "destroy"}, "its action is not one of this collection"),
        ({"action": None}, "its action is not one of this collection"),
        ({"outcome": "assigned"}, "its outcome is not one of this collection"),
    ],
)
def test_a_line_has_an_outcome_of_its_action(tmp_path, more, message):
    with pytest.raises(BadJournal, match=message):
        read(written(tmp_path, line(**more)))


def test_the_last_line_of_a_device_counts_within_a_run_and_across_runs(tmp_path):
    path = written(
        tmp_path,
        line(FIRST, "failed"),
        line(SECOND, "failed"),
        line(FIRST, "removed"),
        line(SECOND, "unlicensed", run_id="b" * 12),
        line(THIRD, "skipped", run_id="b" * 12),
    )
    lines, devices = read(path)
    assert devices == [(FIRST, "removed"), (SECOND, "unlicensed"), (THIRD, "skipped")]
    counts = {"requested": 3, "removed": 1, "unlicensed": 1, "failed": 0, "unknown": 0, "skipped": 1}
    assert lines.summary == counts
    assert [(run.run_id, run.lines) for run in lines.runs] == [("a" * 12, 3), ("b" * 12, 2)]


def test_runs_can_be_chosen_and_one_that_wrote_nothing_is_still_named(tmp_path):
    path = written(tmp_path, line(FIRST, "failed"), line(FIRST, run_id="b" * 12))
    lines, devices = read(path, run_ids=["a" * 12, "c" * 12])
    assert devices == [(FIRST, "failed")]
    assert [(run.run_id, run.first_time) for run in lines.runs] == [
        ("a" * 12, "2026-11-23T02:00:00Z"),
        ("c" * 12, None),
    ]


def test_a_forecast_and_a_result_are_never_mixed(tmp_path):
    path = written(tmp_path, line(FIRST), line(FIRST, check_mode=True, run_id="b" * 12), line(SECOND, account="other"))
    assert read(path)[1] == [(FIRST, "removed"), (SECOND, "removed")]
    assert read(path, forecast=True)[0].runs[0].run_id == "b" * 12
    assert read(path, account="other")[1] == [(SECOND, "removed")]
    with pytest.raises(BadJournal, match=r"the run b{12} ran in check mode, so its report is a forecast \(line 2 "):
        read(path, run_ids=["b" * 12])
    with pytest.raises(
        BadJournal, match=r"the run a{12} ran outside of check mode, so its report is no forecast \(line 1 "
    ):
        read(path, run_ids=["a" * 12], forecast=True)
    with pytest.raises(BadJournal, match=r"is of the account 0642233522-00001 \(line 1 "):
        read(path, run_ids=["a" * 12], account="other")


def test_lines_of_a_run_without_a_name_count(tmp_path):
    without_id = line(FIRST)
    del without_id["run_id"]
    lines, devices = read(written(tmp_path, without_id))
    assert devices == [(FIRST, "removed")]
    assert lines.runs[0].run_id == ""


@pytest.mark.parametrize("length", [1, 5, 40, 150])
def test_a_line_that_a_killed_run_left_unfinished_is_passed_over(tmp_path, length):
    tail = json.dumps(line(SECOND))[:length]
    assert read(written(tmp_path, line(FIRST), tail=tail))[1] == [(FIRST, "removed")]
    assert read(written(tmp_path, tail=tail))[1] == []


def test_a_last_line_that_lacks_only_its_end_of_line_counts(tmp_path):
    assert read(written(tmp_path, tail=json.dumps(line(SECOND))))[1] == [(SECOND, "removed")]


def test_what_an_editor_leaves_is_no_line(tmp_path):
    path = tmp_path / "journal"
    path.write_bytes(f"\ufeff{json.dumps(line())}\r\n\n{json.dumps(line(SECOND))}\n\n".encode())
    assert [imei for imei, _outcome in read(str(path))[1]] == [line()["imei"], SECOND]


def test_an_empty_journal_has_no_devices(tmp_path):
    lines, devices = read(written(tmp_path))
    assert (lines.summary["requested"], devices) == (0, [])
    assert EmptyJournal(LineFilter()).summary == lines.summary


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        ("imei\n", "it is not JSON"),
        ("[]\n", "it is not a JSON object"),
        ("[" * 100000 + "\n", "it is not JSON"),
        ("\udcff\n", "it is not JSON"),
        (json.dumps(line(imei=5)) + "\n", "it has no imei"),
        (json.dumps(line(imei="\u0661" * 15)) + "\n", "its imei does not have 15 digits"),
        (json.dumps(line(imei="1" * 16)) + "\n", "its imei does not have 15 digits"),
        (json.dumps(line(outcome="done")) + "\n", "its outcome is not one of this collection"),
        (json.dumps(line(check_mode="no")) + "\n", "it does not say whether it was written in check mode"),
        (json.dumps(line(reason=["x"])) + "\n", "its reason is not text"),
        (json.dumps(line(run_id=None)) + "\n", "its run_id is not text"),
    ],
)
def test_a_line_of_something_else_is_named_with_its_number(tmp_path, bad, why):
    path = tmp_path / "journal"
    path.write_bytes((f"{json.dumps(line())}\n{bad}{json.dumps(line())}\n").encode("utf-8", "surrogateescape"))
    with pytest.raises(BadJournal) as error:
        read(str(path))
    assert str(error.value) == f"line 2 of {path} is not one of a journal: {why}"


def test_a_file_without_lines_is_not_read_completely(tmp_path):
    path = tmp_path / "journal"
    with open(path, "wb") as file:
        file.truncate(1 << 33)
    with pytest.raises(BadJournal, match="line 1 of .* is not one of a journal"):
        read(str(path))


def test_unreadable_devices_are_reported(tmp_path):
    with pytest.raises(BadJournal, match="cannot be read: No such file or directory"):
        read(str(tmp_path / "none"))
    with pytest.raises(BadJournal, match="cannot be read: Is a directory"):
        read(str(tmp_path))
    with pytest.raises(BadJournal, match="cannot be read: it is not a regular file"):
        read(os.devnull)
    with pytest.raises(BadJournal, match="cannot be read: .*embedded null"):
        read("a\0b")


def test_a_journal_that_changes_while_it_is_read_is_rejected(tmp_path):
    path = written(tmp_path, line(FIRST), line(SECOND))
    with JournalReader(path, LineFilter()) as lines:
        written(tmp_path, {"x": 1}, {"x": 2})
        with pytest.raises(BadJournal, match="line 1 of .* it was changed while it was read"):
            list(lines.devices())


@pytest.mark.parametrize(
    ("earlier", "later", "counts"),
    [
        ("removed", "unlicensed", "removed"),
        ("removed", "skipped", "removed"),
        ("removed", "failed", "failed"),
        ("unlicensed", "skipped", "unlicensed"),
        ("failed", "removed", "removed"),
        ("unknown", "unlicensed", "unlicensed"),
        ("skipped", "removed", "removed"),
    ],
)
def test_a_later_run_does_not_take_back_what_an_earlier_one_did(tmp_path, earlier, later, counts):
    lines = [line(outcome=earlier, run_id="a"), line(outcome=later, run_id="b")]

    _lines, devices = read(written(tmp_path, *lines))

    assert devices == [(FIRST, counts)]


def test_within_a_run_and_among_forecasts_the_last_line_counts(tmp_path):
    same = [line(outcome="removed", run_id="a"), line(outcome="unlicensed", run_id="a")]
    forecasts = [
        line(outcome="removed", run_id="a", check_mode=True),
        line(outcome="skipped", run_id="b", check_mode=True),
    ]

    assert read(written(tmp_path, *same))[1] == [(FIRST, "unlicensed")]
    assert read(written(tmp_path, *forecasts), forecast=True)[1] == [(FIRST, "skipped")]


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")

    with pytest.raises(BadJournal, match="not a regular file"):
        JournalReader(str(tmp_path / "pipe"), LineFilter())


def test_the_same_device_in_two_accounts_is_two_devices(tmp_path):
    path = written(
        tmp_path,
        line(FIRST, "removed", run_id="one"),
        line(FIRST, "failed", run_id="two", account="0000000002-00001", reason="Device Not Found."),
    )
    lines, found = read(path)
    assert found == [(FIRST, "removed"), (FIRST, "failed")]
    assert (lines.summary["requested"], lines.summary["removed"]) == (2, 1)
    assert read(path, account="0642233522-00001")[1] == [(FIRST, "removed")]


@pytest.mark.parametrize(
    ("line_filter", "why"),
    [
        ({"account": "0642233522-00002"}, "no line of a real run of the account 0642233522-00002"),
        ({"forecast": True}, "no line of a forecast"),
        ({"forecast": True, "account": "1"}, "no line of a forecast of the account 1"),
    ],
)
def test_a_journal_of_something_else_is_rejected(tmp_path, line_filter, why):
    path = written(tmp_path, line(FIRST, "removed"))
    with pytest.raises(BadJournal, match=f"^the journal {path} has {why}$"):
        read(path, **line_filter)
    with pytest.raises(BadJournal, match="has no line of a real run$"):
        read(written(tmp_path, line(FIRST, "removed", check_mode=True)))
    assert read(written(tmp_path))[1] == [], "an empty one is about nothing yet"
    for about_nothing in ({"expected": False}, {"run_ids": ["none of them"]}):
        assert read(written(tmp_path, line(FIRST, "removed", check_mode=True)), **about_nothing)[1] == []
