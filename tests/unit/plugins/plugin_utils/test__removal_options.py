# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options with which the module is called, and what prevents the call."""

from __future__ import annotations

import os

import pytest

from ansible_collections.verizon.fota.plugins.plugin_utils import _removal_options as options
from ansible_collections.verizon.fota.plugins.plugin_utils._devices_of_hosts import CannotBegin, Devices

LOGIN = {"access_token": "a", "session_token": "s", "session_started": True}


def test_paths_start_where_ansible_was_started(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "/home/operator")
    here = os.path.realpath(tmp_path)
    assert options.report_path("report") == f"{here}/report" and options.report_path("~/r") == "/home/operator/r"
    assert options.report_path(None) == options.report_path("") == ""
    assert options.with_devices({"imeis_file": "a.csv"}, Devices("imeis_file", {})) == {"imeis_file": f"{here}/a.csv"}


def test_a_pipe_is_rejected_because_it_would_have_to_be_read_twice(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    read, write = os.pipe()
    for path in (str(tmp_path / "pipe"), f"/dev/fd/{read}"):
        with pytest.raises(CannotBegin, match=f"^{path} is not a regular file; nothing was sent"):
            options.with_devices({"imeis_file": path}, Devices("imeis_file", {}))
    os.close(read)
    os.close(write)


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
def test_the_journal_is_beside_the_report_unless_another_one_is_requested(journal, report, path):
    assert options.journal_path(journal, report) == path


def test_the_options_of_the_login_are_named_as_those_of_the_role():
    text = "set session_token, or username and password; the user is locked (username, password)"
    options_of_module = ("session_token", "username", "password")
    assert options.with_prefix(text, options_of_module, "decommission_", ["password"]) == (
        "set decommission_session_token, or decommission_username and tokens_password;"
        " the user is locked (decommission_username, tokens_password)"
    )


def test_hosts_become_a_list_and_a_list_stays_as_it_is():
    assert options.with_devices({"retries": 1}, Devices("hosts", {"a": "1", "b": "2", "c": "1"})) == {
        "retries": 1,
        "imeis": ["1", "2"],
    }
    assert options.with_devices({"imeis": "1,2"}, Devices("imeis", {})) == {"imeis": "1,2"}


@pytest.mark.parametrize("login", [None, {}, {"skipped": True}, {"msg": "rejected"}])
def test_without_a_login_no_tokens_are_passed_on(login):
    assert options.tokens(login) == {}


def test_the_tokens_of_a_login_are_used():
    assert options.tokens(LOGIN) == {"access_token": "a", "session_token": "s"}


@pytest.mark.parametrize(
    ("validated", "login", "problem"),
    [
        ({"problem": "imeis is empty"}, {"skipped": True}, "imeis is empty"),
        ({"problem": ""}, {"msg": "the login was rejected"}, "the login was rejected"),
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
    ("given", "form", "forecast", "returned", "needed"),
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
def test_which_devices_are_requested_and_which_stay(given, form, forecast, returned, needed):
    assert options.devices_returned({"return_devices": given}, form, forecast) == returned
    assert options.devices_needed({"return_devices": given}, form, forecast) == needed


def test_a_forecast_of_the_limits_leaves_no_lines_and_requests_no_upgrades():
    found = options.forecast_options({"imeis": ["1"], "journal": "/j", "check_upgrades": True, "max_share": 0.1})
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
        (
            {"failed": True, "msg": "Crashed.", "module_stderr": "Trace\nof calls\nno such file\n"},
            "Crashed: no such file",
        ),
    ],
)
def test_a_rejected_play_is_distinguished_from_failed_devices(forecast, problem):
    assert options.problem_of_forecast(forecast) == problem


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("max_removals", "abc", "max_removals is 'abc'; it must be a whole number, such as 100"),
        ("max_removals", True, "max_removals is True; it must be a whole number, such as 100"),
        ("max_removals", 1.5, "max_removals is 1.5; it must be a whole number, such as 100"),
        ("max_share", "5%", "max_share is '5%'; it must be a number, such as 0.5"),
        ("timeout", [1], "timeout is [1]; it must be a number, such as 0.5"),
        ("wait", "maybe", "wait is 'maybe'; it must be true or false"),
        ("validate_certs", {}, "validate_certs is {}; it must be true or false"),
        ("unknown_devices", "skip", "unknown_devices is 'skip'; it must be one of fail, ignore"),
        ("return_devices", "x" * 50, f"return_devices is '{'x' * 39}; it must be one of all, problems, none"),
    ],
)
def test_a_value_of_the_wrong_type_is_named_with_its_option(name, value, message):
    assert options.type_errors({name: value, "imeis": "x"}) == {name: message}


@pytest.mark.parametrize(
    "given",
    [{"max_removals": "100"}, {"max_share": "0.1"}, {"max_share": 1}, {"wait": "yes"}, {"wait": 1}, {"retries": 0},
     {"unknown_devices": "ignore"}, {"return_devices": "none"}, {"batch_size": ""}],
)  # fmt: skip
def test_values_are_taken_as_ansible_takes_them(given):
    assert options.type_errors(given) == {}


def test_the_value_of_awx_for_an_empty_field_is_unset():
    given = {"max_removals": "", "wait": " ", "journal": None, "retries": 0, "wait_timeout": False}
    assert options.without_empty(given) == {"retries": 0, "wait_timeout": False}
    assert options.without_empty({"imeis": "", "imeis_file": ""}) == {"imeis": "", "imeis_file": ""}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("max_share is 1.5; it must be", "r_max_share is 1.5; it must be"),
        ("2 licenses, more than max_removals allows (1).", "2 licenses, more than r_max_removals allows (1)."),
        ("the account is\naccount is empty: give it", "the account is\nr_account is empty: give it"),
        ("r_imeis_file is empty", "r_imeis_file is empty"),
        ("/srv/imeis_file.csv and ./imeis_file and imeis_file.csv", "/srv/imeis_file.csv and ./imeis_file and imeis_file.csv"),
        ("set imeis to a list, or imeis_file.", "set r_imeis to a list, or r_imeis_file."),
        ("client_id and timeout", "tokens_client_id and timeout"),
        ("timeout is 0", "r_timeout is 0"),
    ],
)  # fmt: skip
def test_options_in_messages_have_the_prefix_of_the_role(text, named):
    names = ["account", "imeis", "imeis_file", "max_share", "max_removals", "timeout", "client_id"]
    assert options.with_prefix(text, names, "r_", ["client_id"]) == named


@pytest.mark.parametrize(
    ("reason", "problem"),
    [
        (
            "4 licenses would be removed, more than max_removals allows (3); nothing was removed",
            "More licenses than max_removals allows (3): 4 licenses would be removed; nothing was removed in this batch",
        ),
        (
            "4 licenses would be removed, 80.0% of the 5 in use, more than max_share allows (0.5 of 5 = 2); nothing was removed",
            "More licenses than max_share allows (0.5 of 5 = 2): 4 licenses would be removed, 80.0% of the 5 in use;"
            " nothing was removed in this batch",
        ),
        ("HTTP 403. Forbidden", "HTTP 403. Forbidden; nothing was removed in this batch"),
    ],
)
def test_limits_for_all_hosts_report_only_the_reason(reason, problem):
    msg = f"The run ended early: {reason}. Of 1,004 devices: 4 not sent. 0 licenses would be removed."
    summary = {"requested": 4, "skipped": 4}
    assert options.problem_of_forecast({"failed": True, "msg": msg, "summary": summary}) == problem
