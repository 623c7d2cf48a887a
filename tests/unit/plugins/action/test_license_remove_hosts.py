# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action of the role: which modules it runs, in which mode, and that it ends with a result whatever happens."""

from __future__ import annotations

import os
import types

import pytest
from ansible.plugins.action import ActionBase

from ansible_collections.verizon.fota.plugins.action import license_outcome, license_remove_hosts
from ansible_collections.verizon.fota.plugins.action.license_remove_hosts import ActionModule
from ansible_collections.verizon.fota.plugins.plugin_utils._removal_options import NOT_FROM_THE_BEGINNING
from ansible_collections.verizon.fota.tests.unit.agreement.guides import ROOT

ACCOUNT = "0642233522-00001"
IMEIS = {"meter1": "990003425730535", "meter2": "990000473475989", "meter3": "900000000000999"}
SPECS = str(ROOT / "roles" / "decommission" / "meta" / "argument_specs.yml")
TOKENS = {"access_token": "a1b2c3", "session_token": "d4e5f6"}
VALID = {"problem": "", "obtain_tokens": False}


def removal(imeis, outcome="removed", **more):
    summary = dict.fromkeys(("requested", "removed", "unlicensed", "failed", "unknown", "skipped"), 0)
    summary |= {"requested": len(imeis), outcome: len(imeis)}
    failed = outcome in ("failed", "skipped")
    devices = [{"imei": imei, "outcome": outcome, "changed": outcome == "removed", "failed": failed} for imei in imeis]
    return {
        "changed": outcome == "removed", "failed": failed, "msg": f"{outcome}.", "summary": summary, "devices": devices,
        "account": {"name": ACCOUNT, "license_total": 9, "license_used": 5}, "run_id": "f8ac5135e2fc", **more,
    }  # fmt: skip


class Modules:
    """Stand in for what Ansible executes. ``results``: by name of the module, one for each call, or an error."""

    def __init__(self, **results):
        self.calls, self.modes, self.results = [], [], results

    def __call__(self, action, module_name, module_args, task_vars):
        name = module_name.rpartition(".")[2]
        self.calls.append((name, module_args))
        self.modes.append((name, action._task.check_mode, action._task.diff))
        given = self.results.get(name)
        result = given.pop(0) if isinstance(given, list) else given
        if isinstance(result, BaseException):
            raise result
        before = {"account_before": {"license_used": 7}} if module_args.get("read_account") else {}
        return result or {**removal(module_args.get("imeis", [])), **before}

    def args(self, name):
        return [args for called, args in self.calls if called == name]


@pytest.fixture
def run(monkeypatch):
    def run_action(modules=None, batch=tuple(IMEIS), check_mode=False, environment=None, more=None, without=(), **args):
        modules = modules or Modules()

        def execute_module(action, **call):  # a function, so that it is bound
            return modules(action, **call)

        monkeypatch.setattr(ActionBase, "_execute_module", execute_module)
        play = types.SimpleNamespace(_uuid="one")
        task = types.SimpleNamespace(
            args={"account": ACCOUNT, **args}, async_val=0, check_mode=check_mode, diff=True, no_log=True, run_once=True,
            get_play=lambda: play, environment=[{}, environment or {}],
        )  # fmt: skip
        for name in without:
            delattr(task, name)
        raw = {host: {"imei": imei} for host, imei in IMEIS.items()}
        variables = {
            "ansible_play_batch": list(batch),
            "ansible_play_hosts": list(IMEIS),
            "ansible_play_hosts_all": list(IMEIS),
            "hostvars": types.SimpleNamespace(raw_get=raw.get),
            **(more or {}),
        }
        connection = types.SimpleNamespace(transport="local", _shell=types.SimpleNamespace(tmpdir="/nowhere"))
        return ActionModule(task, connection, None, None, None, None).run(task_vars=variables)

    monkeypatch.setattr(os, "environ", {"HOME": "/root"})
    return run_action


def test_hosts_are_removed_in_one_call_and_each_has_its_outcome(run):
    modules = Modules()
    found = run(modules, validated=VALID, login={**TOKENS, "session_started": True}, retries=1)
    expected = {"account": ACCOUNT, "retries": 1, "imeis": list(IMEIS.values()), "return_devices": "all", **TOKENS}
    assert modules.calls == [("license_remove", {**expected, "read_account": True})]
    assert set(found["hosts"]) == set(IMEIS) and found["changed"] is False
    assert found["licenses_before"] == {"license_used": 7} and found["licenses_after"]["license_used"] == 5


def test_an_option_that_this_action_does_not_know_is_passed_on(run):
    modules = Modules()
    run(modules, imeis_new_option="x")
    assert modules.args("license_remove")[0]["imeis_new_option"] == "x"


def test_a_file_is_removed_and_counts_as_changed(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    modules = Modules(license_remove=removal(["1"]))
    found = run(
        modules, batch=["meter1"], imeis_file="a.csv", more={"hostvars": types.SimpleNamespace(raw_get=lambda host: {})}
    )
    assert modules.args("license_remove")[0]["imeis_file"] == os.path.realpath("a.csv")
    assert found["changed"] is True and found["hosts"] == {}


def test_check_mode_is_that_of_the_task(run):
    for check_mode in (True, False):
        modules = Modules()
        assert run(modules, check_mode=check_mode)["forecast"] is check_mode
        assert modules.modes[-1] == ("license_remove", check_mode, True)


def test_limits_are_forecast_for_all_hosts_of_the_play_before_each_batch(run):
    for limit in ({"max_removals": 0}, {"max_share": 0.5}):
        modules = Modules()
        run(modules, batch=["meter2"], **limit)
        forecast, batch = modules.args("license_remove")
        assert set(forecast["imeis"]) == set(IMEIS.values()) and forecast["return_devices"] == "none"
        assert batch["imeis"] == [IMEIS["meter2"]] and limit.items() <= batch.items()
        assert modules.modes == [("license_remove", True, False), ("license_remove", False, True)]


def test_what_the_limits_do_not_allow_is_not_sent(run):
    rejected = removal(
        list(IMEIS.values()), "skipped", msg="3 licenses would be removed, more than max_removals allows (0)"
    )
    modules = Modules(license_remove=[rejected])
    found = run(modules, batch=["meter2"], max_removals=0)
    assert len(modules.args("license_remove")) == 1 and found["hosts"] == {}
    assert found["removal"]["failed"] and found["messages"] == [f"This run did not begin: {rejected['msg']}"]


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ({"validated": {"problem": "imeis is empty"}}, "imeis is empty"),
        ({"validated": {}}, NOT_FROM_THE_BEGINNING),
        ({"validated": VALID, "login": {"msg": "the login was rejected"}}, "the login was rejected"),
    ],
)
def test_after_what_went_wrong_before_no_module_runs(run, more, problem):
    modules = Modules()
    found = run(modules, **more)
    assert not modules.calls and found["removal"]["msg"] == problem and found["changed"] is False
    assert found["messages"] == [f"This run did not begin: {problem}"] and found["removal"]["failed"]


class TaskTimeoutError(BaseException):
    """Like Ansible's own: not an Exception, and in some versions without a text."""


@pytest.mark.parametrize(
    ("error", "msg"),
    [(RuntimeError("broken"), "RuntimeError: broken"), (TaskTimeoutError(), "The timeout of the task was over.")],
)
def test_an_error_ends_in_a_result_that_says_what_is_known(run, error, msg):
    found = run(Modules(license_remove=error))
    assert found["removal"]["failed"] and found["removal"]["msg"].startswith(f"This run gave no result: {msg}")
    assert found["messages"] == [found["removal"]["msg"]]
    before = run(Modules(license_remove=error), batch=["meter1"], max_removals=0)
    assert before["messages"][0].startswith("This run did not begin: ")


def test_a_module_that_crashed_ends_in_a_result(run):
    found = run(Modules(license_remove={"failed": True, "msg": "MODULE FAILURE"}))
    assert found["removal"]["msg"] == (
        "This run gave no result: MODULE FAILURE. What became of 3 of 3 devices is not known. Run it again: it removes the licenses"
        " that are left, and reports each device."
    )
    assert found["removal"]["summary"]["unknown"] == found["removal"]["summary"]["requested"] == len(IMEIS)
    assert {host["failed"] for host in found["hosts"].values()} == {True}


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_who_ends_ansible_ends_it(run, error):
    with pytest.raises(error):
        run(Modules(license_remove=error()))


def test_warnings_of_the_modules_are_shown(run):
    assert run(Modules(license_remove=removal(["1"], warnings=["billed by event"])))["warnings"] == ["billed by event"]


def test_a_later_batch_reads_the_licenses_no_more(run):
    first = run(batch=["meter1"])
    raw = {host: {"imei": imei, "run": first} for host, imei in IMEIS.items()}
    modules = Modules()
    hostvars = types.SimpleNamespace(raw_get=raw.get)
    found = run(modules, batch=["meter2"], registered_as="run", more={"hostvars": hostvars})
    assert modules.args("license_remove")[0]["read_account"] is False and found["licenses_before"] == {
        "license_used": 7
    }
    assert len(found["run_ids"]) == 2 and set(found["names"].values()) == {"meter1", "meter2"}


def test_validation_runs_no_module_and_says_whether_somebody_has_to_log_in(run):
    modules = Modules()
    found = run(modules, validate_only=True)
    assert (found["problem"], found["obtain_tokens"], found["changed"]) == ("", True, False)
    assert run(modules, validate_only=True, **TOKENS)["obtain_tokens"] is False
    assert run(modules, validate_only=True, access_token="a1b2c3")["obtain_tokens"] is True
    assert not modules.calls


def test_tokens_and_account_may_come_from_the_environment_or_its_keyword(run, monkeypatch):
    given = {"THINGSPACE_ACCESS_TOKEN": "a1b2c3", "THINGSPACE_SESSION_TOKEN": "d4e5f6", "THINGSPACE_ACCOUNT": ACCOUNT}
    found = run(validate_only=True, account=None, environment=given)
    assert (found["problem"], found["obtain_tokens"]) == ("", False)
    assert "account" in run(validate_only=True, account=None)["problem"], "it is of this task alone"
    os.environ.update(given)
    assert run(validate_only=True, account=None)["problem"] == ""


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"account": 642233522}, "account is the number 642233522, and YAML drops leading zeros"),
        ({"account": None}, "account is empty or missing"),
        ({"max_share": 1.5}, "max_share is 1.5"),
        ({"max_removals": -1}, "max_removals is -1"),
        ({"max_removals": "many"}, "max_removals"),
        ({"batch_size": 0}, "batch_size is 0"),
        ({"wait_timeout": -1}, "wait_timeout is -1"),
        ({"api_url": "http://example.com"}, "plain http"),
        ({"ca_path": "/nowhere"}, "ca_path"),
        ({"access_token": "a b"}, "access_token"),
        ({"imeis_file": "/nowhere.csv"}, "/nowhere.csv"),
        ({"imeis": ["123"]}, "123"),
        ({"journal": ["a"]}, "journal is not a path: give it as text, in quotes; nothing was sent."),
        ({"report_dir": 202411}, "report_dir is not a path: give it as text, in quotes; nothing was sent."),
        ({"trace": {"a": 1}}, "trace is not a path: give it as text, in quotes; nothing was sent."),
        ({"report_dir": "/dev/null"}, "/dev/null: Not a directory; nothing was sent."),
    ],
)
def test_wrong_options_and_files_are_found_before_anybody_logs_in(run, options, message):
    hosts = (
        {}
        if set(options).isdisjoint(("imeis", "imeis_file"))
        else {"hostvars": types.SimpleNamespace(raw_get=lambda host: {})}
    )
    found = run(validate_only=True, more=hosts, **options)
    assert message in found["problem"] and found["obtain_tokens"] is False


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"max_removals": "abc"}, "decommission_max_removals is 'abc'; it must be a whole number"),
        ({"max_share": "5%"}, "decommission_max_share is '5%'; it must be a number"),
        ({"set_stats": "maybe"}, "decommission_set_stats is 'maybe'; it must be true or false"),
        ({"retries": 11}, "decommission_retries is 11; it must be between 0 and 10"),
        ({"account": None}, "decommission_account is empty or missing"),
        ({"timeout": "x", "more": {"tokens_timeout": "x"}}, "tokens_timeout is 'x'; it must be a number"),
    ],
)
def test_options_of_the_role_are_named_with_their_prefix(run, options, message):
    assert run(validate_only=True, argument_specs=SPECS, **options)["problem"].startswith(message)


def test_options_that_awx_left_empty_are_unset(run):
    modules = Modules()
    empty = {"max_removals": "", "max_share": "", "wait": "", "unknown_devices": "", "report_dir": "", "set_stats": ""}
    assert run(validate_only=True, **empty)["problem"] == ""
    run(modules, batch=["meter1"], **empty)
    assert len(modules.calls) == 1 and not set(empty) & set(modules.args("license_remove")[0])


def test_whether_to_set_stats_is_remembered(run):
    assert run(validate_only=True, set_stats="yes")["set_stats"] is True
    assert (
        run(validated={**VALID, "set_stats": True})["set_stats"] is True and run(validated=VALID)["set_stats"] is False
    )


@pytest.mark.parametrize("name", ["decommission_password", "tokens_client_secret", "decommission_session_token"])
def test_a_credential_that_is_a_number_is_found_before_anybody_logs_in(run, name):
    option = {name.partition("_")[2]: 42798}
    found = run(validate_only=True, argument_specs=SPECS, more={name: 42798}, **option)
    assert found["problem"].startswith(f"{name} is a number") and "42798" not in found["problem"]


def test_a_misspelled_option_of_the_role_is_a_problem_and_others_are_a_warning(run):
    found = run(
        validate_only=True, argument_specs=SPECS, more={"decommission_max_removal": 1, "decommission_ticket": 1}
    )
    assert "did you mean decommission_max_removals?" in found["problem"]
    assert found["warnings"] == ["Ignored, because the role decommission has no such options: decommission_ticket."]
    assert run(validate_only=True, argument_specs=SPECS, more={"decommission_hosts": "x"})["problem"] == ""


@pytest.mark.parametrize("name", ["decommission_host", "decommision_hosts", "decomission_host"])
def test_a_misspelled_pattern_does_not_choose_all_hosts(run, name):
    found = run(validate_only=True, argument_specs=SPECS, more={name: "retired"})
    assert f"{name} is not an option, did you mean decommission_hosts?" in found["problem"]


def test_an_option_without_its_prefix_is_a_warning_unless_it_is_set_too(run):
    def warnings(**more):
        return run(validate_only=True, argument_specs=SPECS, more=more).get("warnings", [])

    message = "Ignored, because options of the role decommission begin with decommission_: hosts, max_removals, wait."
    assert warnings(hosts="x", max_removals=1, wait=True, decommission_wait=False, timeout=3, account="x") == [message]
    assert warnings(max_removals=1, decommission_max_removals="{{ max_removals }}") == []


def test_the_directory_of_the_report_is_made_before_anything_is_sent(run, tmp_path):
    assert run(validate_only=True, report_dir=str(tmp_path / "a" / "b"))["problem"] == ""
    assert (tmp_path / "a" / "b").is_dir()
    (tmp_path / "file").write_text("")
    message = run(validate_only=True, report_dir=str(tmp_path / "file" / "b"))["problem"]
    assert message.startswith("The directory of the report cannot be created: ") and message.endswith(
        "; nothing was sent."
    )


def test_a_strategy_that_ignores_run_once_rejects_the_action_by_itself():
    assert license_remove_hosts.ActionModule.BYPASS_HOST_LOOP


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ({}, {"changed": True, "failed": False, "msg": "x", "_ansible_verbose_always": True}),
        (
            {"report": {"skipped": True}},
            {"changed": False, "failed": False, "msg": ["removed."], "_ansible_verbose_always": True},
        ),
    ],
)
def test_the_outcome_is_that_of_the_host_or_of_the_run(args, expected):
    record = {"hosts": {"meter1": {"changed": True, "failed": False, "msg": "x"}}, "removal": removal(["1"])}
    task = types.SimpleNamespace(args={"run": "record", **args}, async_val=0, check_mode=False)
    connection = types.SimpleNamespace(_shell=types.SimpleNamespace(tmpdir=None))
    action = license_outcome.ActionModule(task, connection, None, None, None, None)
    found = action.run(task_vars={"record": record, "inventory_hostname": "meter1"})
    assert {name: found[name] for name in expected} == expected


# Undocumented parts of Ansible that the action uses, and that a later version may remove
@pytest.mark.parametrize(
    "change",
    [
        {"without": ["get_play"]},
        {"without": ["environment"]},
        {"more": {"hostvars": {host: {"imei": imei} for host, imei in IMEIS.items()}}},
    ],
    ids=["get_play", "environment", "hostvars.raw_get"],
)
def test_where_a_later_ansible_does_otherwise_the_licenses_are_removed_all_the_same(run, change):
    assert run(validate_only=True, **change)["problem"] == ""
    modules = Modules()
    found = run(modules, validated=VALID, login=TOKENS, **change)
    assert modules.args("license_remove")[0]["imeis"] == list(IMEIS.values())
    assert {record["changed"] for record in found["hosts"].values()} == {True}


def test_where_a_later_ansible_does_not_distinguish_plays_each_batch_is_a_run_of_its_own(run):
    first = run(batch=["meter1"], without=["get_play"])
    raw = {host: {"imei": imei, "run": first} for host, imei in IMEIS.items()}
    raw["meter2"]["noted"] = {"account": ACCOUNT}
    modules = Modules()
    more = {"hostvars": types.SimpleNamespace(raw_get=raw.get)}
    batch = {"batch": ["meter2"], "noted_in": "noted", "registered_as": "run", "max_removals": 2}
    found = run(modules, **batch, more=more, without=["get_play"])
    assert found["summary"]["requested"] == 1 and len(found["run_ids"]) == 1
    # As long as it is not known that a host is done, it counts for the limits.
    assert set(modules.args("license_remove")[0]["imeis"]) == set(IMEIS.values())
