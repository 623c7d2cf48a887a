# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Signals that interrupt a run, each in a separate process."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time

import pytest

from ansible_collections.verizon.fota.plugins.module_utils._support.interruption import Interruption, on_signals
from ansible_collections.verizon.fota.tests.unit.child_process import environment

SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


class Process:
    """A program that runs in a block of on_signals and is controlled line by line."""

    def __init__(self, code, before=""):
        lines = [
            "import os, signal, sys, threading, time",
            "from ansible_collections.verizon.fota.plugins.module_utils._support.interruption import on_signals",
            # Independent of the shell that started the tests.
            "for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP): signal.signal(number, signal.SIG_DFL)",
            before,
            "with on_signals() as interruption:",
            "    print('ready', flush=True)",
            textwrap.indent(textwrap.dedent(code), "    "),
        ]
        self._process = subprocess.Popen(
            [sys.executable, "-c", "\n".join(lines)],
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            universal_newlines=True,
        )

    def __enter__(self):
        assert self.line() == "ready"
        return self

    def __exit__(self, *_unused):
        self._process.kill()
        if self._process.stdout.closed:
            self._process.wait()
        else:
            self._process.communicate()

    def line(self):
        return self._process.stdout.readline().strip()

    def say(self):
        self._process.stdin.write("\n")
        self._process.stdin.flush()

    def signal(self, number):
        self._process.send_signal(number)

    def let_go(self):
        """Close the other end of its standard output."""
        self._process.stdout.close()

    def end(self):
        return self._process.wait(10)


WAITS = """
    while interruption.reason() is None:
        time.sleep(0.005)
    print(interruption.reason(), flush=True)
    sys.stdin.readline()
    print("ended in order", flush=True)
"""


@pytest.mark.parametrize("number", SIGNALS)
def test_the_first_signal_requests_the_end_and_lets_the_run_go_on_to_it(number):
    with Process(WAITS) as process:
        process.signal(number)
        assert process.line() == f"it was interrupted by {number.name}"
        process.say()
        assert process.line() == "ended in order"
        assert process.end() == 0


# Signals are always distinct: tests do not wait.
APART = """
from ansible_collections.verizon.fota.plugins.module_utils._support import interruption as _interruption
_interruption._TOGETHER = 0.0
"""


@pytest.mark.parametrize("number", SIGNALS)
def test_a_second_signal_ends_the_process_at_once(number):
    with Process(WAITS, APART) as process:
        process.signal(number)
        assert process.line() == f"it was interrupted by {number.name}"
        process.signal(number)
        assert process.end() == -number


def test_a_second_signal_ends_the_process_at_once_whichever_it_is():
    with Process(WAITS, APART) as process:
        process.signal(signal.SIGINT)
        assert process.line() == "it was interrupted by SIGINT"
        process.signal(signal.SIGTERM)
        assert process.end() == -signal.SIGTERM


@pytest.mark.parametrize("second", SIGNALS)
def test_signals_that_come_together_count_once(second):
    """A service manager sends SIGTERM to every process of a job, and Ansible forwards its own."""
    with Process(WAITS) as process:
        process.signal(signal.SIGTERM)
        assert process.line() == "it was interrupted by SIGTERM"
        process.signal(second)
        with contextlib.suppress(BrokenPipeError):
            process.say()
        assert process.line() == "ended in order"


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGINT])
def test_a_signal_that_is_ignored_stays_so(number):
    """nohup ignores SIGHUP, a shell's background job SIGINT: both must survive it."""
    before = f"signal.signal({int(number)}, signal.SIG_IGN)"
    with Process("sys.stdin.readline(); print(interruption.reason(), flush=True)", before) as process:
        process.signal(number)
        process.say()
        assert process.line() == "None"


def test_a_signal_ends_the_waits_of_all_threads():
    code = """
        began = time.monotonic()
        ended = []
        threads = [threading.Thread(target=lambda: ended.append(interruption.sleep(60))) for _thread in range(4)]
        for thread in threads:
            thread.start()
        print("waiting", flush=True)
        for thread in threads:
            thread.join()
        print(ended, time.monotonic() - began < 30, flush=True)
    """
    with Process(code) as process:
        assert process.line() == "waiting"
        process.signal(signal.SIGTERM)
        assert process.line() == "[True, True, True, True] True"


def test_a_signal_while_the_main_thread_itself_waits_ends_its_wait():
    with Process("print('waiting', flush=True); print(interruption.sleep(60), flush=True)") as process:
        assert process.line() == "waiting"
        process.signal(signal.SIGINT)
        assert process.line() == "True"


def test_no_signal_finds_the_main_thread_in_a_wait_that_it_cannot_end():
    # At any moment of the wait: what takes a lock in a signal handler hangs sooner or later.
    code = """
        heard = 0
        def ask(number, frame):
            global heard
            heard += 1
            interruption.interrupt("an alarm")
        signal.signal(signal.SIGALRM, ask)
        signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
        while heard < 1000:
            interruption.sleep(0.01)
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, signal.SIG_IGN)
        print(interruption.reason(), flush=True)
    """
    with Process(code) as process:
        assert process.end() == 0
        assert process.line() == "an alarm"


def test_the_first_request_to_stop_is_the_reason():
    interruption = Interruption()
    assert interruption.reason() is None
    interruption.interrupt("first")
    interruption.interrupt("second")
    assert interruption.reason() == "first"


def test_an_uninterrupted_wait_lasts_its_time():
    began = time.monotonic()
    assert Interruption().sleep(0.05) is False
    assert time.monotonic() - began >= 0.045


def test_a_wait_after_a_request_to_stop_returns_at_once():
    interruption = Interruption()
    interruption.interrupt("enough")
    began = time.monotonic()
    assert interruption.sleep(60) is True
    assert time.monotonic() - began < 5


def test_a_wait_ends_when_somebody_requests_the_end():
    interruption, ended = Interruption(), []
    waiting = threading.Thread(target=lambda: ended.append(interruption.sleep(60)))
    waiting.start()
    interruption.interrupt("enough")
    waiting.join(5)
    assert ended == [True]


@pytest.mark.parametrize("error", [None, KeyError])
def test_handlers_are_put_back(error):
    before = [signal.signal(number, signal.SIG_IGN) for number in SIGNALS]
    try:
        for number, handler in zip(SIGNALS, (signal.SIG_DFL, signal.default_int_handler, lambda *_unused: None)):
            signal.signal(number, handler)
        expected = [signal.getsignal(number) for number in SIGNALS]
        with pytest.raises(error or ZeroDivisionError), on_signals() as interruption:
            assert not set(map(signal.getsignal, SIGNALS)) & set(expected)
            os.kill(os.getpid(), signal.SIGTERM)
            # The handler runs before the next instruction of the main thread.
            assert interruption.sleep(5)
            raise error or ZeroDivisionError
        assert [signal.getsignal(number) for number in SIGNALS] == expected
    finally:
        for number, handler in zip(SIGNALS, before):
            signal.signal(number, handler)


def test_a_run_whose_result_is_not_expected_is_interrupted(tmp_path):
    output = tmp_path / "output"
    code = f"""
        while interruption.reason() is None:
            time.sleep(0.005)
        open({str(output)!r}, "w").write(interruption.reason())
    """
    with Process(code) as process:
        process.let_go()
        process.end()
    assert output.read_text() == "nobody waits for its result any more"


def test_the_first_signal_after_the_last_wait_does_not_end_the_process_at_once(tmp_path):
    output = tmp_path / "output"
    code = f"""
        while interruption.reason() is None:
            time.sleep(0.005)
        os.kill(os.getpid(), signal.SIGTERM)
        open({str(output)!r}, "w").write("ended in order")
    """
    with Process(code) as process:
        process.let_go()
        process.end()
    assert output.exists() and output.read_text() == "ended in order"
