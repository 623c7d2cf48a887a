# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json

import pytest

from ansible_collections.verizon.fota.plugins.module_utils._report import removed_devices
from ansible_collections.verizon.fota.plugins.module_utils._report.journal_reader import BadJournal

FIRST, SECOND, THIRD = "010000000000001", "990000000000002", "990000000000003"
ACCOUNT = "0642233522-00001"
RUN, LATER = "a" * 12, "b" * 12


def line(imei, outcome="removed", **more):
    head = {"time": "2026-11-23T02:00:00Z", "account": ACCOUNT, "check_mode": False, "run_id": RUN}
    return {**head, "imei": imei, "outcome": outcome, "changed": True, "failed": False, **more}


def written(tmp_path, *lines):
    path = tmp_path / "journal"
    path.write_text("".join(f"{json.dumps(one)}\n" for one in lines), encoding="utf-8")
    return str(path)


def test_only_devices_whose_license_the_run_removed_are_restored(tmp_path):
    path = written(
        tmp_path,
        line(FIRST, name="meter in Elm Street"),
        line(SECOND, "unlicensed"),
        line(THIRD, "failed"),
        line("990000000000004", "skipped"),
        line("990000000000005", "unknown"),
        line("990000000000006", check_mode=True, run_id=LATER),
        line("990000000000007", account="0000000001-00001", run_id=LATER),
    )

    found = removed_devices.read(path, ACCOUNT)

    assert (found.imeis, found.run_ids, found.names) == ([FIRST], [RUN], {FIRST: "meter in Elm Street"})
    assert found.message == (
        f"According to the journal, the run {RUN} removed 1 license."
        " Not restored: 1 device (990000000000005) of unknown outcome."
    )


def test_a_device_that_may_have_held_no_license_before_is_not_restored(tmp_path):
    lines = [line(FIRST), line(SECOND, state_before="unknown"), line(THIRD, "unknown")]

    found = removed_devices.read(written(tmp_path, *lines), ACCOUNT)

    assert (found.imeis, found.unknown, found.uncertain) == ([FIRST], [THIRD], [SECOND])
    assert found.message.endswith(
        f" Not restored: 1 device ({THIRD}) of unknown outcome."
        f" Not restored: 1 device ({SECOND}) that may have held no license before."
    )
    with pytest.raises(BadJournal, match=f"; 2 devices .{THIRD}, {SECOND}. may have lost a license: assign licenses"):
        removed_devices.read(written(tmp_path, *lines[1:]), ACCOUNT)


def test_the_last_line_of_a_device_in_its_run_counts(tmp_path):
    path = written(tmp_path, line(FIRST), line(SECOND), line(FIRST, "failed"))

    assert removed_devices.read(path, ACCOUNT).imeis == [SECOND]


def test_a_run_that_removed_nothing_leaves_the_choice_clear(tmp_path):
    path = written(tmp_path, line(FIRST), line(SECOND, "unlicensed", run_id=LATER))

    assert removed_devices.read(path, ACCOUNT).run_ids == [RUN]


def test_of_several_runs_one_has_to_be_chosen(tmp_path):
    path = written(tmp_path, line(FIRST), line(SECOND, run_id=LATER), line(THIRD, run_id=LATER))

    with pytest.raises(BadJournal) as error:
        removed_devices.read(path, ACCOUNT)
    assert str(error.value) == (
        f"2 runs in the journal {path} removed licenses or may have, the last ones are: {RUN} (2026-11-23T02:00:00Z, 1 removed);"
        f" {LATER} (2026-11-23T02:00:00Z, 2 removed); set restore_run_id to those that are to be restored"
    )
    assert removed_devices.read(path, ACCOUNT, [LATER]).imeis == [SECOND, THIRD]
    both = removed_devices.read(path, ACCOUNT, [RUN, LATER])
    assert (both.imeis, both.run_ids) == ([FIRST, SECOND, THIRD], [RUN, LATER])
    assert both.message == f"According to the journal, the runs {RUN}, {LATER} removed 3 licenses."


@pytest.mark.parametrize("more", [{"outcome": "unknown"}, {"state_before": "unknown"}])
def test_a_run_that_may_have_removed_other_licenses_is_to_choose_from(tmp_path, more):
    """It may be the one that is to be undone: the newest run, with a wrong file, whose responses were lost."""
    path = written(
        tmp_path, line(FIRST), line(SECOND, run_id=LATER, **more), line(THIRD, "unlicensed", run_id="c" * 12)
    )

    with pytest.raises(BadJournal) as error:
        removed_devices.read(path, ACCOUNT)
    label = "of unknown outcome" if "outcome" in more else "that may have held no license before"
    assert str(error.value) == (
        f"2 runs in the journal {path} removed licenses or may have, the last ones are: {RUN} (2026-11-23T02:00:00Z, 1 removed);"
        f" {LATER} (2026-11-23T02:00:00Z, 1 {label}); set restore_run_id to those that are to be restored"
    )
    assert removed_devices.read(path, ACCOUNT, [RUN]).imeis == [FIRST]
    with pytest.raises(BadJournal) as error:
        removed_devices.read(path, ACCOUNT, [LATER])
    assert str(error.value) == (
        f"the run {LATER} in the journal {path} removed no license of the account {ACCOUNT} for certain;"
        f" 1 device ({SECOND}) may have lost a license: assign licenses with license_assign to those that need one"
    )


@pytest.mark.parametrize("outcome", ["failed", "unknown", "unlicensed", "skipped", "removed"])
def test_what_a_later_run_says_of_a_device_does_not_hide_that_an_earlier_one_removed_its_license(tmp_path, outcome):
    path = written(tmp_path, line(FIRST), line(SECOND), line(FIRST, outcome, run_id=LATER))

    assert removed_devices.read(path, ACCOUNT, [RUN]).imeis == [FIRST, SECOND]
    both = removed_devices.read(path, ACCOUNT, [RUN, LATER])
    assert (both.imeis, both.names) == ([FIRST, SECOND], {})
    if outcome != "removed":
        found = removed_devices.read(path, ACCOUNT)
        assert (found.imeis, found.run_ids) == ([FIRST, SECOND], [RUN])
        return
    with pytest.raises(BadJournal, match=f"{RUN} .*, 2 removed.; {LATER} .*, 1 removed"):
        removed_devices.read(path, ACCOUNT)


def test_a_device_that_two_of_the_runs_removed_is_one_device(tmp_path):
    path = written(tmp_path, line(FIRST), line(FIRST, run_id=LATER), line(SECOND, "unknown", run_id=LATER))

    found = removed_devices.read(path, ACCOUNT, [RUN, LATER, LATER])

    assert found.imeis == [FIRST]
    assert found.message == (
        f"According to the journal, the runs {RUN}, {LATER} removed 1 license."
        " Not restored: 1 device (990000000000002) of unknown outcome."
    )


def test_a_device_of_unknown_outcome_is_not_counted_if_another_of_the_runs_removed_its_license(tmp_path):
    path = written(tmp_path, line(FIRST), line(FIRST, "unknown", run_id=LATER))

    assert removed_devices.read(path, ACCOUNT, [RUN, LATER]).unknown == []


def test_an_assignment_in_the_same_journal_is_not_restored(tmp_path):
    path = written(tmp_path, line(FIRST), line(FIRST, "assigned", run_id=LATER, action="assign"))

    assert removed_devices.read(path, ACCOUNT).imeis == [FIRST]
    with pytest.raises(BadJournal, match=f"the run {LATER} is one of license_assign"):
        removed_devices.read(path, ACCOUNT, [LATER])


@pytest.mark.parametrize(
    ("lines", "run_ids", "message"),
    [
        ([line(FIRST, "unlicensed")], (), f"has no run of the account {ACCOUNT} that removed a license"),
        ([line(FIRST, "unlicensed")], (RUN,), f"removed no license of the account {ACCOUNT} for certain$"),
        ([line(FIRST)], (LATER,), f"has no line of the run {LATER}"),
        ([line(FIRST, check_mode=True)], (RUN,), f"the run {RUN} ran in check mode"),
        ([line(FIRST, account="0000000001-00001")], (RUN,), f"the run {RUN} is of the account 0000000001-00001"),
        ([], (), "has no run of the account"),
        ([line(FIRST, "assigned", action="assign")], (), f"has no run of the account {ACCOUNT} that removed a license"),
        ([line(FIRST, check_mode=True)], (), f"has no run of the account {ACCOUNT} that removed a license"),
    ],
)
def test_a_journal_without_such_a_run_is_rejected(tmp_path, lines, run_ids, message):
    with pytest.raises(BadJournal, match=message):
        removed_devices.read(written(tmp_path, *lines), ACCOUNT, run_ids)


def test_devices_of_unknown_outcome_are_named_even_if_no_license_was_removed(tmp_path):
    path = written(tmp_path, line(FIRST, "unknown"), line(SECOND, "unknown"))
    with pytest.raises(BadJournal, match=f"; 2 devices .{FIRST}, {SECOND}. may have lost a license: assign licenses"):
        removed_devices.read(path, ACCOUNT)


@pytest.mark.parametrize("rest", ['{"time": "2026-11', "\0" * 100])
def test_a_journal_whose_last_line_is_incomplete_says_so(tmp_path, rest):
    path = written(tmp_path, line(FIRST))
    assert "incomplete" not in removed_devices.read(path, ACCOUNT).message
    with open(path, "a", encoding="utf-8") as file:
        file.write(rest)
    found = removed_devices.read(path, ACCOUNT)
    assert found.imeis == [FIRST]
    assert "The last line of the journal is incomplete, because a run was killed" in found.message
