# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action plugin: the module runs once and unchanged, even if the display of progress fails."""

from __future__ import annotations

import importlib.util
import os
import signal
import sys
import threading
import time
import types

import ansible
import pytest
from ansible import constants as C
from ansible import context
from ansible.plugins.action import ActionBase
from ansible.utils.context_objects import CLIArgs

from ansible_collections.verizon.fota.plugins.action import license_remove
from ansible_collections.verizon.fota.plugins.action.license_remove import ActionModule, progress_shown
from ansible_collections.verizon.fota.plugins.module_utils._support.progress import VARIABLE, reporter
from ansible_collections.verizon.fota.plugins.plugin_utils._progress_lines import DisplayIntervals, ProgressPrinter


@pytest.fixture(autouse=True)
def playbook(monkeypatch, tmp_path):
    """The defaults of ansible-playbook, without configuration."""
    monkeypatch.setattr(context, "CLIARGS", CLIArgs({"listtasks": False}))
    monkeypatch.setattr(C, "DEFAULT_STDOUT_CALLBACK", "default")
    monkeypatch.setattr(C, "DEFAULT_LOCAL_TMP", str(tmp_path))


class Executed:
    """Stands in for the part of Ansible that runs the module."""

    def __init__(self, monkeypatch):
        self.calls = []
        self.environments = []
        self.file_modes = []
        self.result = {"changed": True, "msg": "2 licenses removed."}
        executed = self

        def execute(action, *args, **kwargs):
            environment = {name: value for one in action._task.environment for name, value in one.items()}
            executed.calls.append((args, kwargs))
            executed.environments.append(environment)
            executed.file_modes += [os.stat(environment[VARIABLE]).st_mode & 0o7777] if VARIABLE in environment else []
            return executed.result

        monkeypatch.setattr(ActionBase, "_execute_module", execute)


@pytest.fixture
def executed(monkeypatch):
    return Executed(monkeypatch)


def action(**differences):
    task = {
        "args": {}, "async_val": 0, "no_log": False, "check_mode": False, "run_once": False, "environment": [{"GIVEN": "1"}],
        **differences,
    }  # fmt: skip
    shell = types.SimpleNamespace(tmpdir="/nowhere")
    connection = types.SimpleNamespace(transport=task.pop("transport", "local"), _shell=shell)
    return ActionModule(types.SimpleNamespace(**task), connection, None, None, None, None)


def eager():
    return ProgressPrinter(time.monotonic(), intervals=DisplayIntervals(first=0, minute=0))


def wait_until(condition):
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_the_module_runs_once_with_a_private_file_more(executed, tmp_path):
    task_vars = {"inventory_hostname": "localhost"}
    run = action()
    result = run.run(task_vars=task_vars)

    assert executed.calls == [((), {"task_vars": task_vars})]
    [environment] = executed.environments
    assert os.path.dirname(environment.pop(VARIABLE)) == str(tmp_path)
    assert environment == {"GIVEN": "1"}
    assert executed.file_modes == [0o600]
    assert result == executed.result
    assert run._task.environment == [{"GIVEN": "1"}]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "differences",
    [{"no_log": True}, {"transport": "ssh"}, {"transport": "ansible.netcommon.httpapi"}],
)
def test_where_nothing_is_to_be_shown_the_module_runs_as_any(executed, differences):
    action(**differences).run(task_vars={})

    assert executed.calls == [((), {"task_vars": {}})]
    assert executed.environments == [{"GIVEN": "1"}]


def test_in_the_background_the_module_runs_as_any(executed):
    action(async_val=60).run(task_vars={})

    assert executed.calls == [((), {"task_vars": {}, "wrap_async": 60})]
    assert executed.environments == [{"GIVEN": "1"}]


def no_display():
    raise RuntimeError


class Frozen(types.SimpleNamespace):
    def __setattr__(self, name, value):
        raise AttributeError(name)


# Undocumented parts of Ansible that progress uses, and that a later version may remove or change
CHANGES = {
    "connections without a transport": lambda patch, run: delattr(run._connection, "transport"),
    "tasks without no_log": lambda patch, run: delattr(run._task, "no_log"),
    "tasks without run_once": lambda patch, run: delattr(run._task, "run_once"),
    "tasks that do not change": lambda patch, run: setattr(run, "_task", Frozen(**vars(run._task))),
    "no CLIARGS": lambda patch, run: patch.delattr(context, "CLIARGS"),
    "other CLIARGS": lambda patch, run: patch.setattr(context, "CLIARGS", None),
    "no context": lambda patch, run: patch.delattr(license_remove, "context"),
    "no constants": lambda patch, run: patch.delattr(license_remove, "C"),
    "no name of the callback": lambda patch, run: patch.delattr(C, "DEFAULT_STDOUT_CALLBACK"),
    "no local temporary directory": lambda patch, run: patch.delattr(C, "DEFAULT_LOCAL_TMP"),
    "no Display": lambda patch, run: patch.delattr(license_remove, "Display"),
    "another Display": lambda patch, run: patch.setattr(license_remove, "Display", no_display),
    "signals for others": lambda patch, run: (
        # Whatever runs the tests may ignore signals.
        patch.setattr(signal, "getsignal", lambda signum: no_display),
        patch.setattr(signal, "signal", no_display),
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_where_a_later_ansible_does_otherwise_the_module_runs_all_the_same(executed, monkeypatch, tmp_path, change):
    changed = action()
    CHANGES[change](monkeypatch, changed)

    assert changed.run(task_vars={"ansible_play_batch": ["one", "two"]}) == executed.result
    assert executed.environments == [{"GIVEN": "1"}]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("missing", ["constants", "context", "utils.display"])
def test_without_a_part_of_ansible_the_plugin_is_loaded_all_the_same(executed, monkeypatch, missing):
    if missing != "utils.display":
        monkeypatch.delattr(ansible, missing)
    monkeypatch.setitem(sys.modules, f"ansible.{missing}", None)
    specification = importlib.util.spec_from_file_location("changed", license_remove.__file__)
    changed = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(changed)
    monkeypatch.setattr(sys.modules[__name__], "ActionModule", changed.ActionModule)

    assert action().run(task_vars={}) == executed.result


def test_an_end_that_fails_does_not_take_the_result_away(executed, monkeypatch):
    def broken(descriptor):
        close(descriptor)
        raise OSError

    close = os.close
    monkeypatch.setattr(os, "close", broken)
    assert action().run(task_vars={}) == executed.result
    assert VARIABLE in executed.environments[0]


@pytest.mark.parametrize(
    "callback", ["minimal", "ansible.builtin.oneline", "ansible.posix.json", "awx_display", "dense"]
)
def test_what_programs_may_read_gets_no_lines(executed, monkeypatch, callback):
    monkeypatch.setattr(C, "DEFAULT_STDOUT_CALLBACK", callback)
    action().run(task_vars={})

    assert executed.environments == [{"GIVEN": "1"}]


@pytest.mark.parametrize("arguments", [{}, {"module_name": "verizon.fota.license_remove", "one_line": True}])
def test_other_programs_than_ansible_playbook_get_no_lines(executed, monkeypatch, arguments):
    monkeypatch.setattr(context, "CLIARGS", CLIArgs(arguments))
    action().run(task_vars={})

    assert executed.environments == [{"GIVEN": "1"}]


@pytest.mark.parametrize("callback", ["default", "ansible.builtin.default", "community.general.yaml"])
@pytest.mark.parametrize("shown", [True, False])
def test_who_does_not_show_what_went_well_gets_no_lines(executed, monkeypatch, callback, shown):
    def option(name, plugin_type, plugin_name):
        assert (name, plugin_type) == ("display_ok_hosts", "callback")
        if "." in plugin_name:
            raise KeyError(plugin_name)
        return shown

    monkeypatch.setattr(C, "DEFAULT_STDOUT_CALLBACK", callback)
    monkeypatch.setattr(C, "config", types.SimpleNamespace(get_config_value=option))
    action().run(task_vars={})

    assert (VARIABLE in executed.environments[0]) == shown


def test_without_a_place_for_the_file_the_module_runs_all_the_same(executed, monkeypatch, tmp_path):
    monkeypatch.setattr(C, "DEFAULT_LOCAL_TMP", str(tmp_path / "none"))

    assert action().run(task_vars={}) == executed.result
    assert executed.environments == [{"GIVEN": "1"}]


@pytest.mark.parametrize(
    ("hosts", "run_once", "named"),
    [(["one"], False, None), (["one", "two"], False, "one"), (["one", "two"], True, None)],
)
def test_lines_name_the_host_where_there_are_several(executed, monkeypatch, hosts, run_once, named):
    printers = []

    def noted(*args, **more):
        printers.append(args)
        return ProgressPrinter(*args, **more)

    monkeypatch.setattr(license_remove, "ProgressPrinter", noted)
    action(run_once=run_once, check_mode=True).run(task_vars={"inventory_hostname": "one", "ansible_play_batch": hosts})

    [(_now, host, forecast)] = printers
    assert (host, forecast) == (named, True)


def test_lines_are_shown_while_the_module_runs(tmp_path):
    shown = []
    with progress_shown(eager(), lambda line, screen_only: shown.append(line), poll=0.01) as path:
        report = reporter(path, {})
        for done in (1, 2):
            report("read", done, 2)
            wait_until(lambda number=done: len(shown) >= number and f"{number} of 2" in shown[-1])

    assert all(line.startswith("[license_remove] reading: ") for line in shown)


def test_the_file_is_deleted_as_soon_as_the_module_has_opened_it(tmp_path):
    shown = []
    with progress_shown(eager(), lambda line, screen_only: shown.append(line), poll=0.01) as path:
        assert os.path.exists(path)
        report = reporter(path, {})
        wait_until(lambda: not os.path.exists(path))
        report("read", 1, 2)
        wait_until(lambda: any("1 of 2" in line for line in shown))
    assert list(tmp_path.iterdir()) == []


def test_a_screen_that_fails_does_not_matter(tmp_path):
    tried = threading.Event()

    def broken(line, screen_only):
        tried.set()
        raise BrokenPipeError

    with progress_shown(eager(), broken, poll=0.01) as path:
        reporter(path, {})("read", 1, 2)
        assert tried.wait(30)
    assert list(tmp_path.iterdir()) == []


def test_signals_are_left_to_the_main_thread():
    blocked = []

    def display(line, screen_only):
        blocked.append(signal.pthread_sigmask(signal.SIG_BLOCK, []))

    with progress_shown(eager(), display, poll=0.01) as path:
        reporter(path, {})("read", 1, 2)
        wait_until(lambda: blocked)

    assert {signal.SIGINT, signal.SIGTERM, signal.SIGALRM} <= blocked[0]
    assert not signal.pthread_sigmask(signal.SIG_BLOCK, [])


def test_on_a_stop_the_printer_ends_after_the_current_line(monkeypatch):
    """If it ended while holding the lock of the shared queue, Ansible would hang."""
    began, on_success, lines, ended = threading.Event(), threading.Event(), [], []

    def display(line, screen_only):
        began.set()
        assert on_success.wait(30)
        lines.append(line)

    def end(signum, frame):
        ended.append((signum, len(lines)))

    monkeypatch.setattr(license_remove, "_MAX_WAIT_FOR_LINE", 30)
    before = signal.signal(signal.SIGTERM, end)
    try:
        with progress_shown(eager(), display, poll=0.01) as path:
            report = reporter(path, {})
            report("read", 1, 4)
            assert began.wait(30)
            threading.Timer(0.2, on_success.set).start()
            signal.raise_signal(signal.SIGTERM)
            report("read", 2, 4)
            wait_until(lambda: not [thread for thread in threading.enumerate() if "_follow" in thread.name])
        assert ended == [(signal.SIGTERM, 1)]
        assert len(lines) == 1
        assert signal.getsignal(signal.SIGTERM) is end
    finally:
        signal.signal(signal.SIGTERM, before)


def test_a_line_that_does_not_get_out_does_not_keep_the_process_from_ending(monkeypatch):
    began, on_success, ended = threading.Event(), threading.Event(), []

    def display(line, screen_only):
        began.set()
        assert on_success.wait(30)

    monkeypatch.setattr(license_remove, "_MAX_WAIT_FOR_LINE", 0.05)
    before = signal.signal(signal.SIGTERM, lambda signum, frame: ended.append(on_success.is_set()))
    try:
        with progress_shown(eager(), display, poll=0.01) as path:
            reporter(path, {})("read", 1, 4)
            assert began.wait(30)
            signal.raise_signal(signal.SIGTERM)
            on_success.set()
        assert ended == [False]
    finally:
        signal.signal(signal.SIGTERM, before)


class TimedOut(BaseException):
    """Like Ansible's own: not an Exception."""


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, TimedOut])
def test_an_error_of_the_run_passes_and_leaves_nothing(tmp_path, error):
    with pytest.raises(error), progress_shown(ProgressPrinter(0), print):
        raise error
    assert list(tmp_path.iterdir()) == []
    assert not [thread for thread in threading.enumerate() if thread.daemon and "_follow" in thread.name]


def test_where_no_thread_is_to_be_had_the_run_goes_on(tmp_path, monkeypatch):
    def fail(thread):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", fail)
    with progress_shown(ProgressPrinter(0), print) as path:
        assert os.path.exists(path)
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_is_over_does_not_wait_for_the_next_look(tmp_path):
    begun = time.monotonic()
    with progress_shown(ProgressPrinter(0), print, poll=60):
        pass
    assert time.monotonic() - begun < 30
