# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""With which options the module is called, and what keeps it from being called."""

from __future__ import annotations

import os

import pytest

from ansible_collections.verizon.fota.plugins.plugin_utils import _removal_options as options
from ansible_collections.verizon.fota.plugins.plugin_utils._play_hosts import CannotBegin, Devices

LOGIN = {"access_token": "a", "session_token": "s", "session_started": True}


def test_paths_start_where_ansible_was_started(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "/home/operator")
    here = os.path.realpath(tmp_path)
    assert options.report_path("report") == f"{here}/report" and options.report_path("~/r") == "/home/operator/r"
    assert options.report_path(None) == options.report_path("") == ""
    assert options.with_devices({"imeis_file": "a.csv"}, Devices("imeis_file", {})) == {"imeis_file": f"{here}/a.csv"}


@pytest.mark.parametrize(
    ("journal", "report", "path"),
    [
        ("/j/lines.jsonl", "/r", "/j/lines.jsonl"),
        ("/j/lines.jsonl", None, "/j/lines.jsonl"),
        (None, "/r", "/r/journal.jsonl"),
        ("", "/r", "/r/journal.jsonl"),
        (None, None, None),
        (None, "", None),
    ],
)
def test_the_journal_is_beside_the_report_unless_another_one_is_wanted(journal, report, path):
    assert options.journal_path(journal, report) == path


def test_hosts_become_a_list_and_a_list_stays_as_it_is():
    assert options.with_devices({"retries": 1}, Devices("hosts", {"a": "1", "b": "2", "c": "1"})) == {
        "retries": 1,
        "imeis": ["1", "2"],
    }
    assert options.with_devices({"imeis": "1,2"}, Devices("imeis", {})) == {"imeis": "1,2"}


@pytest.mark.parametrize("login", [None, {}, {"skipped": True}, {"msg": "refused"}])
def test_without_a_login_no_tokens_are_passed_on(login):
    assert options.tokens(login) == {}


def test_the_tokens_of_a_login_are_used():
    assert options.tokens(LOGIN) == {"access_token": "a", "session_token": "s"}


@pytest.mark.parametrize(
    ("validated", "login", "problem"),
    [
        ({"problem": "imeis is empty"}, {"skipped": True}, "imeis is empty"),
        ({"problem": ""}, {"msg": "the login was refused"}, "the login was refused"),
        ({"problem": ""}, {"censored": "…"}, "The login failed without a message."),
        ({}, {}, options.NOT_FROM_THE_BEGINNING),
        ({"skipped": True}, LOGIN, options.NOT_FROM_THE_BEGINNING),
    ],
)
def test_what_went_wrong_before_keeps_the_removal_from_beginning(validated, login, problem):
    with pytest.raises(CannotBegin) as raised:
        options.raise_problem(validated, login)
    assert str(raised.value) == problem


@pytest.mark.parametrize("validated", [None, {"problem": ""}])
@pytest.mark.parametrize("login", [None, {}, {"skipped": True}, LOGIN])
def test_otherwise_it_begins(validated, login):
    options.raise_problem(validated, login)


@pytest.mark.parametrize(
    ("given", "form", "forecast", "returned", "asked"),
    [
        (None, "imeis", False, "problems", "problems"),
        (None, "imeis_file", True, "all", "all"),
        ("problems", "imeis_file", True, "problems", "problems"),
        ("all", "imeis", False, "all", "all"),
        ("none", "imeis", False, "none", "problems"),
        ("none", "hosts", False, "all", "all"),
        (None, "hosts", False, "all", "all"),
    ],
)
def test_which_devices_are_asked_for_and_which_stay(given, form, forecast, returned, asked):
    assert options.devices_returned({"return_devices": given}, form, forecast) == returned
    assert options.devices_asked({"return_devices": given}, form, forecast) == asked


def test_a_forecast_of_the_limits_leaves_no_lines_and_asks_for_no_upgrades():
    found = options.of_forecast({"imeis": ["1"], "journal": "/j", "check_upgrades": True, "max_share": 0.1})
    assert found == {
        "imeis": ["1"], "journal": None, "check_upgrades": False, "max_share": 0.1, "return_devices": "none",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("forecast", "problem"),
    [
        ({"failed": False, "summary": {"requested": 3, "skipped": 0}}, ""),
        # Devices that would fail are not about limits.
        ({"failed": True, "msg": "1 would fail", "summary": {"requested": 3, "skipped": 0}}, ""),
        (
            {"failed": True, "msg": "more than max_share", "summary": {"requested": 3, "skipped": 3}},
            "more than max_share",
        ),
        ({"failed": True, "msg": "no tokens", "summary": {"requested": 0, "skipped": 0}}, "no tokens"),
        ({"failed": True, "msg": "MODULE FAILURE"}, "MODULE FAILURE"),
        ({"failed": True}, "The module gave no result"),
        ({"failed": True, "msg": "Crashed.", "module_stderr": "Trace\nno such file\n"}, "Crashed: no such file"),
    ],
)
def test_a_refusal_of_the_whole_play_is_told_from_devices_that_fail(forecast, problem):
    assert options.problem_of_forecast(forecast) == problem
