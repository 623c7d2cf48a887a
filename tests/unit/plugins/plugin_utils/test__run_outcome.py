# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The outcome of a run in the role: its state, and the messages at its end."""

from __future__ import annotations

import pytest

from ansible_collections.verizon.fota.plugins.plugin_utils import _run_outcome
from ansible_collections.verizon.fota.plugins.plugin_utils._devices_of_hosts import Devices
from ansible_collections.verizon.fota.plugins.plugin_utils._run_outcome import (
    COUNTS,
    did_not_begin,
    host_result,
    not_begun,
    problems_by_reason,
    run_record,
    run_result,
    would_change,
)

UPGRADED = "License removal not allowed for devices that have ever upgraded firmware."
DEVICES = [
    {"imei": "990003425730535", "outcome": "removed", "changed": True, "failed": False, "reason": "Success"},
    {"imei": "900000000000999", "outcome": "unlicensed", "changed": False, "failed": False},
    {"imei": "990000000000011", "outcome": "failed", "changed": False, "failed": True, "reason": UPGRADED},
]
BY_HOST = {"meter1": "990003425730535", "meter3": "900000000000999", "meter4": "990000000000011"}
HOSTS = Devices("hosts", BY_HOST, tuple(BY_HOST.values()))
FILE = Devices("imeis_file", {})
REPORT = {"summary": {}, "html": "/srv/report/report.html"}
SKIPPED = {"skipped": True, "changed": False}


def removal(devices=None, **more):
    devices = DEVICES if devices is None else devices
    counts = {name: sum(one["outcome"] == name for one in devices) for name in COUNTS}
    return {
        "changed": bool(counts["removed"]),
        "failed": any(one["failed"] for one in devices),
        "msg": "Of 3 devices: 1 failed.",
        "summary": {**counts, "requested": len(devices)},
        "devices": list(devices),
        "account": {"name": "0642233522-00001", "license_total": 9000, "license_used": 5},
        "run_id": "f8ac5135e2fc",
        **more,
    }


def identity(forecast=False):
    return {"play": "1", "forecast": forecast, "journal": "/srv/journal.jsonl", "account": "0642233522-00001"}


def run(devices=HOSTS, forecast=False, earlier=None, result=None, **more):
    return run_record(removal() if result is None else result, devices, identity(forecast), earlier, **more)


def test_each_host_has_its_own_outcome():
    ended = run()
    assert host_result(ended, "meter1") == {"msg": "990003425730535 removed: Success", "changed": True, "failed": False}
    assert host_result(ended, "meter3") == {"msg": "900000000000999 unlicensed", "changed": False, "failed": False}
    assert host_result(ended, "meter4") == {
        "msg": f"990000000000011 failed: {UPGRADED[:-1]}",
        "changed": False,
        "failed": True,
    }
    assert ended["changed"] is False, "the recap counts the hosts"
    assert ended["journal"] == "/srv/journal.jsonl"


def test_a_forecast_says_what_would_change():
    assert host_result(run(forecast=True), "meter1")["msg"] == "990003425730535 would be removed: Success"
    assert host_result(run(forecast=True), "meter3")["msg"] == "900000000000999 unlicensed"
    assert host_result(run(forecast=True), "meter4")["msg"] == f"990000000000011 failed: {UPGRADED[:-1]}"


def test_two_hosts_with_the_same_imei_both_have_its_outcome():
    twins = Devices("hosts", {**BY_HOST, "twin": BY_HOST["meter1"]})
    ended = run(twins)
    assert host_result(ended, "twin") == host_result(ended, "meter1")
    assert ended["names"]["990003425730535"] == "meter1, twin" and ended["names"]["990000000000011"] == "meter4"


def test_each_host_that_is_changed_has_its_diff():
    result = run(with_diff=True)["hosts"]
    assert (result["meter1"]["diff"]["before"], result["meter1"]["diff"]["after"]) == ("990003425730535\n", "")
    assert "diff" not in result["meter3"] and "diff" not in result["meter4"] and "diff" not in run()["hosts"]["meter1"]


def test_a_secret_that_is_part_of_an_imei_takes_no_outcome_away():
    redacted = [{**device, "imei": "9900********535"} for device in DEVICES]
    assert host_result(run(result=removal(redacted)), "meter1")["msg"] == "990003425730535 removed: Success"


def test_what_was_not_sent_has_the_message_of_the_run():
    skipped = [
        {"imei": imei, "outcome": "skipped", "changed": False, "failed": True, "reason": "x"}
        for imei in BY_HOST.values()
    ]
    ended = run(result=removal(skipped, msg="The run ended early: HTTP 403."))
    assert host_result(ended, "meter1")["msg"] == "990003425730535 skipped: The run ended early: HTTP 403"


def test_a_device_that_is_unknown_is_changed_and_failed():
    unknown = [{**DEVICES[0], "outcome": "unknown", "failed": True}, *DEVICES[1:]]
    assert host_result(run(result=removal(unknown)), "meter1")["changed"] is True
    assert host_result(run(result=removal(unknown)), "meter1")["failed"] is True


@pytest.mark.parametrize("ended", [None, run(FILE), run(result=not_begun("no tokens"))])
def test_where_hosts_are_not_the_devices_or_nothing_began_they_are_skipped(ended):
    assert host_result(ended, "meter1") == {"changed": False, "skipped": True}


@pytest.mark.parametrize("ended", [SKIPPED, run()])
def test_a_host_that_the_run_left_out_fails(ended):
    result = host_result(ended, "other")
    assert result["failed"] and "because the role was skipped for the first host of the play" in result["msg"]
    assert result["changed"] is False


def test_the_last_task_says_counts_reasons_and_where_the_report_is_and_fails():
    result = run_result(run(FILE), REPORT, SKIPPED)
    assert result["failed"] and result["changed"] is False
    assert result["msg"].splitlines() == [
        "Of 3 devices: 1 failed.",
        f"1 × {UPGRADED[:-1]}",
        "Report: /srv/report/report.html",
    ]
    assert run(FILE)["changed"] is True, "the removal counts in the recap, also if devices failed"


def test_the_last_task_names_no_examples_beside_the_reasons_unless_nothing_else_names_devices():
    msg = f"Of 3 devices: 1 failed. 990000000000011: {UPGRADED} 1 license removed. 1 device had no license."
    short = "Of 3 devices: 1 failed. 1 license removed. 1 device had no license."
    assert run_result(run(FILE, result=removal(msg=msg)), REPORT, SKIPPED)["msg"].splitlines()[0] == short
    assert run_result(run(HOSTS, result=removal(msg=msg)), SKIPPED, SKIPPED)["msg"][0] == short
    assert run_result(run(FILE, result=removal(msg=msg)), SKIPPED, SKIPPED)["msg"].splitlines()[0] == msg
    assert run_result(run(FILE, result=removal(DEVICES[:2], msg=msg)), REPORT, SKIPPED)["msg"][0] == msg


def test_a_directory_that_cannot_be_created_is_reported_once():
    problem = f"{_run_outcome.NO_DIRECTORY}/srv/x: Permission denied; nothing was sent."
    result = run_result(run(FILE, result=not_begun(problem)), {"msg": "/srv/x cannot be written"}, SKIPPED)
    assert result["failed"] and result["msg"] == problem


def test_a_run_without_failures_ends_with_a_list_of_lines():
    result = run_result(run(FILE, result=removal(DEVICES[:2], msg="1 license removed.")), REPORT, SKIPPED)
    assert not result["failed"] and result["msg"] == ["1 license removed.", "Report: /srv/report/report.html"]


def test_the_last_task_does_not_fail_for_what_hosts_have_failed_for():
    result = run_result(run(), SKIPPED, SKIPPED)
    assert not result["failed"] and result["msg"] == ["Of 3 devices: 1 failed.", f"1 × {UPGRADED[:-1]}"]


def test_it_fails_for_hosts_if_none_was_reported():
    result = run_result(run(result=removal([], failed=True, msg="the journal cannot be written")), SKIPPED, SKIPPED)
    assert result["failed"] and result["msg"] == "the journal cannot be written"


def test_a_forecast_of_a_list_names_the_first_licenses_that_would_change():
    result = run_result(run(FILE, True, result=removal(DEVICES[:2])), SKIPPED, SKIPPED)
    assert result["msg"][-1] == "Would be removed: 990003425730535"
    pluralize = [{**DEVICES[0], "imei": f"{number:015}"} for number in range(1023)]
    assert would_change(pluralize)[0].endswith("000000000000009 and 1,013 more")
    assert would_change(pluralize[:10])[0].endswith(", 000000000000009")
    assert would_change([*DEVICES[1:], *pluralize[:11]])[0].endswith(", 000000000000009 and 1 more")
    assert would_change(DEVICES[1:]) == []
    assert run_result(run(FILE, result=removal(DEVICES[:2])), SKIPPED, SKIPPED)["msg"] == ["Of 3 devices: 1 failed."]
    assert run_result(run(HOSTS, True, result=removal(DEVICES[:2])), SKIPPED, SKIPPED)["msg"] == [
        "Of 3 devices: 1 failed."
    ]


def test_a_report_that_could_not_be_written_fails_the_run():
    for devices in (HOSTS, FILE):
        result = run_result(run(devices, result=removal(DEVICES[:2])), {"msg": "/srv cannot be written"}, SKIPPED)
        assert (
            result["failed"] and "The report of this run could not be written: /srv cannot be written" in result["msg"]
        )


@pytest.mark.parametrize("msg", ["The session was ended.", "The session had ended already."])
def test_an_ended_session_is_not_reported(msg):
    assert len(run_result(run(), SKIPPED, {"msg": msg})["msg"]) == 2


@pytest.mark.parametrize("result", [{"msg": "the logout failed"}, {"unreachable": True}])
def test_a_session_that_continues_is_reported_and_is_no_failure(result):
    ended = run_result(run(), SKIPPED, result)
    assert not ended["failed"]
    assert ended["msg"][-1] == (
        f"The session could not be ended ({result.get('msg', 'The module gave no result')}); it ends by itself after 20 minutes without use."
    )


def test_a_run_that_was_entered_in_its_middle_says_so():
    result = run_result(None, {}, {})
    assert result["changed"] is False
    assert result["failed"] and "did not run from its first task, as with --start-at-task" in result["msg"]


def test_a_run_that_ansible_ended_after_the_validation_does_not_blame_the_first_task():
    result = run_result(None, {}, {}, validated=True, session_started=True)
    assert result["failed"] and result["msg"].startswith("The licenses were not removed: Ansible did not run the task.")
    assert "The session could not be ended (Ansible did not run the logout)" in result["msg"]


def test_a_started_session_without_a_logout_is_reported():
    assert "(Ansible did not run the logout)" in run_result(run(), SKIPPED, {}, session_started=True)["msg"][-1]
    assert len(run_result(run(), SKIPPED, {}, session_started=False)["msg"]) == 2
    with_report = run_result(run(FILE), REPORT, {}, session_started=True)["msg"].splitlines()
    assert with_report[-1] == "Report: /srv/report/report.html", "the last line says what to open"
    assert "(Ansible did not run the logout)" in with_report[-2]
    assert len(run_result(run(), SKIPPED, {"msg": "The session was ended."}, session_started=True)["msg"]) == 2


def test_a_task_that_gave_no_result_fails():
    result = run_result({"failed": True, "msg": "timed out"}, SKIPPED, SKIPPED)
    assert result["failed"] and result["msg"] == (
        "This run gave no result: timed out. What it did, if anything, is in the journal. Run it again."
    )


@pytest.mark.parametrize(
    "problem",
    [
        "argument 'max_assignments' is of type str and we were unable to convert to int",
        "Task failed: Finalization of task args for 'verizon.fota.license_assign' failed: 'nope' is undefined",
        "The task includes an option with an undefined variable.. 'nope' is undefined",
    ],
)
def test_options_that_the_module_cannot_take_are_no_lost_run(problem):
    assert run_result({"failed": True, "msg": problem}, SKIPPED, SKIPPED)["msg"] == f"{problem}; nothing was sent."


def test_a_report_that_could_not_be_written_is_not_named():
    failed = run(
        FILE, result=removal(msg=f"{_run_outcome.NO_DIRECTORY}/r: Not a directory; nothing was sent.", failed=True)
    )
    found = run_result(failed, {"failed": True, "msg": "x", "html": "/r/report.html"}, SKIPPED)
    assert "report.html" not in found["msg"]


def test_a_host_that_a_limit_skipped_does_not_repeat_the_whole_message():
    devices = [{**DEVICES[2], "outcome": "skipped", "reason": "not sent: more than max_removals allows"}]
    msg = "The run ended early: 9 licenses would be removed, more than max_removals allows (2); nothing was removed."
    [host] = run(result=removal(devices, msg=msg))["hosts"].values()
    assert host["msg"].endswith(" skipped: not sent: more than max_removals allows")


def test_reasons_are_grouped_with_numbers_and_the_worst_first():
    pending = "Upgrade pending, the device upgrade is estimated to be scheduled for {:02} Oct 22 18:05 UTC"
    devices = [
        *({**DEVICES[2], "outcome": "unknown", "reason": "lost"} for _number in range(1200)),
        *({**DEVICES[2], "reason": pending.format(day)} for day in range(1, 4)),
        *[DEVICES[2]] * 5,
        *({**DEVICES[2], "outcome": "skipped", "reason": "not sent"} for _number in range(2)),
        *DEVICES[:2],
    ]
    assert problems_by_reason(devices) == [
        f"5 × {UPGRADED[:-1]}",
        "3 × Upgrade pending, the device upgrade is estimated to be scheduled for … UTC",
        "1,200 × lost (unknown)",
        "2 × not sent (skipped)",
    ]
    devices = [{**DEVICES[2], "reason": "because of " + "abcdefghijklmn"[number]} for number in range(13)]
    assert (
        len(problems_by_reason(devices)) == 11
        and problems_by_reason(devices)[-1] == "and 3 more reasons, see the report"
    )
    assert len(problems_by_reason(devices[:10])) == 10
    assert problems_by_reason(devices[:12])[-1] == "and 2 more reasons, see the report"
    assert problems_by_reason(devices[:11])[-1] == "and 1 more reason, see the report"


@pytest.mark.parametrize(("returned", "outcomes"), [("all", 3), ("problems", 1), ("none", 0)])
def test_the_registered_result_has_the_selected_devices(returned, outcomes):
    ended = run(FILE, return_devices=returned)
    assert len(ended["removal"]["devices"]) == outcomes
    assert ended["problems"] == [f"1 × {UPGRADED[:-1]}"], "the reasons are counted in any case"


def test_later_batches_report_on_the_earlier_ones_too():
    first = run(Devices("hosts", {"meter1": "990003425730535"}), result=removal(DEVICES[:1], msg="1 license removed."),
                before={"license_used": 7})  # fmt: skip
    second = run(
        Devices("hosts", {"meter3": "900000000000999"}),
        earlier=first,
        result=removal(DEVICES[1:2], msg="1 device had no license.", run_id="2", account={"license_used": None}),
    )
    assert second["run_ids"] == ["f8ac5135e2fc", "2"]
    assert second["messages"] == ["1 license removed.", "1 device had no license."]
    assert second["licenses_before"] == {"license_used": 7}
    assert second["licenses_after"]["license_used"] == 5, "nothing has changed since"
    assert second["names"] == {"990003425730535": "meter1", "900000000000999": "meter3"}
    assert second["summary"] == {"requested": 2, "removed": 1, "unlicensed": 1, "failed": 0, "unknown": 0, "skipped": 0}
    assert list(second["hosts"]) == ["meter3"]


def test_the_licenses_after_a_run_are_not_guessed():
    nothing = {"license_used": None}
    before = {"license_used": 7}
    unlicensed = removal(DEVICES[1:2], account=nothing)
    assert run(FILE, result=unlicensed, before=before)["licenses_after"] == before
    assert run(FILE, result=removal(account=nothing), before=before)["licenses_after"] is None
    skipped = removal([{**DEVICES[1], "outcome": "skipped", "failed": True}], account=nothing)
    assert run(FILE, result=skipped, before=before)["licenses_after"] is None
    assert run(FILE, True, before=before)["licenses_after"] is None
    assert run(FILE, result=unlicensed)["licenses_after"] is None


def test_a_run_that_did_not_begin_is_reported_as_one_without_devices():
    ended = run(
        FILE, result=not_begun("the login was rejected", "0642233522-00001"), message_prefix=did_not_begin(None)
    )
    assert ended["messages"] == ["This run did not begin: the login was rejected"]
    assert ended["run_ids"][0].startswith("not-begun-"), "no line of a journal has this ID"
    assert ended["removal"]["summary"] == dict.fromkeys(COUNTS, 0) and not ended["changed"]
    assert run_result(ended, REPORT, SKIPPED)["msg"] == "the login was rejected\nReport: /srv/report/report.html"


def test_a_batch_that_was_not_started_is_reported_with_the_earlier_ones():
    ended = run(earlier=run(), result=not_begun("no tokens"), message_prefix=did_not_begin({"run_ids": ["1"]}))
    assert ended["messages"] == ["Of 3 devices: 1 failed.", "The next batch of hosts did not begin: no tokens"]


def test_what_keeps_every_batch_from_beginning_is_reported_once():
    first = run(result=not_begun("too many", None, 2), message_prefix=did_not_begin(None))
    ended = run(earlier=first, result=not_begun("too many", None, 1), message_prefix=did_not_begin(first))
    assert ended["messages"] == ["This run did not begin: too many"]
    third = run(earlier=run(earlier=run()), result=not_begun("too many"), message_prefix=did_not_begin(first))
    fourth = run(earlier=third, result=not_begun("too many"), message_prefix=did_not_begin(first))
    assert len(third["messages"]) == 3 and fourth["messages"] == third["messages"]
    assert ended["summary"]["requested"] == ended["summary"]["skipped"] == 3


def test_a_result_that_did_not_begin_has_the_keys_of_any_other():
    assert not_begun("x").keys() == removal().keys()
    assert _run_outcome.RETURNED.keys() == {"all", "problems", "none"}


# Runs of a module


def module_record(outcomes, msg="2 licenses assigned.", **more):
    devices = [
        {"imei": f"99000342573000{number}", "outcome": outcome, "changed": False, "failed": True, "reason": "why"}
        for number, outcome in enumerate(outcomes)
    ]
    names = ("assigned", "licensed", "failed", "unknown", "skipped")
    summary = {"requested": len(outcomes), **{name: outcomes.count(name) for name in names}}
    run = {"changed": True, "failed": False, "msg": msg, "summary": summary, "devices": devices, **more}
    return _run_outcome.run_result(run, {"skipped": True}, {})


def test_a_run_of_a_module_that_did_all_it_should_ends_well():
    assert module_record(["assigned", "licensed"]) == {
        "changed": False,
        "failed": False,
        "msg": ["2 licenses assigned."],
    }


@pytest.mark.parametrize("outcome", ["failed", "unknown", "skipped"])
def test_a_run_of_a_module_with_a_problem_fails_although_failed_when_hides_it(outcome):
    found = module_record(["assigned", outcome])

    assert found["failed"] is True and "1 × why" in found["msg"]


@pytest.mark.parametrize(
    ("outcomes", "msg"),
    [([], "the journal cannot be read"), (["assigned"], "The run ended early: no. 1 license assigned.")],
)
def test_a_run_of_a_module_that_did_not_begin_or_ended_early_fails(outcomes, msg):
    assert module_record(outcomes, msg) == {"changed": False, "failed": True, "msg": msg}


def test_a_forecast_of_an_assignment_names_the_devices():
    assert module_record(["assigned", "licensed"], check_mode=True)["msg"][-1] == "Would be assigned: 990003425730000"
