# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action of license_remove: runs the module as Ansible runs any module, and shows its progress on the screen.

The module writes its progress to a private file, which a thread follows. Running the module uses only what Ansible documents for
action plugins. Everything else, here and in the thread, is guarded: if a later Ansible changes it, there is no progress.
"""

from __future__ import annotations

import contextlib
import os
import signal
import tempfile
import threading
import time
import types
import typing as t

from ansible.plugins.action import ActionBase

from ansible_collections.verizon.fota.plugins.module_utils._licenses.outcomes import REMOVAL
from ansible_collections.verizon.fota.plugins.module_utils._support.progress import VARIABLE
from ansible_collections.verizon.fota.plugins.plugin_utils._progress_lines import ProgressPrinter

with contextlib.suppress(ImportError):
    from ansible import constants as C
    from ansible import context
    from ansible.utils.display import Display

# Callbacks that print lines for people. The output of others may be read by programs (json, minimal, oneline), is drawn on the
# screen (dense), or is stored (awx_display).
_FOR_PEOPLE = (
    "default",
    "ansible.builtin.default",
    "ansible.posix.debug",
    "community.general.default_without_diff",
    "community.general.unixy",
    "community.general.yaml",
    "debug",
    "yaml",
)
# Seconds between two reads of the file, and for which a signal waits until a line is printed.
_POLL = 0.5
_MAX_WAIT_FOR_LINE = 1.0


class ActionModule(ActionBase):
    TRANSFERS_FILES = False
    _supports_async = True

    # The state that the run brings about, for the text of the progress.
    target = REMOVAL

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        in_background = {"wrap_async": self._task.async_val} if self._task.async_val else {}
        return {**result, **self.execute_module(task_vars or {}, **in_background)}

    def execute_module(self, task_vars: dict[str, t.Any], **call: t.Any) -> dict[str, t.Any]:
        """Run a module, and show its progress if the output is for people."""
        with self._progress(task_vars):
            return self._execute_module(task_vars=task_vars, **call)

    @contextlib.contextmanager
    def _progress(self, variables: t.Mapping[str, t.Any]) -> t.Iterator[None]:
        """Show the progress during the block. Raise nothing."""
        started = contextlib.ExitStack()
        with contextlib.suppress(Exception), contextlib.ExitStack() as starting:
            if self._shows_progress():
                path = starting.enter_context(progress_shown(self._printer(variables), Display().display))
                starting.enter_context(self._in_environment({VARIABLE: path}))
                started = starting.pop_all()
        try:
            yield
        finally:
            with contextlib.suppress(Exception):
                started.close()

    def _printer(self, variables: t.Mapping[str, t.Any]) -> ProgressPrinter:
        several = len(variables.get("ansible_play_batch") or []) > 1 and not self._task.run_once
        host = variables.get("inventory_hostname") if several else None
        return ProgressPrinter(time.monotonic(), host, self._task.check_mode, target=self.target)

    @contextlib.contextmanager
    def _in_environment(self, variables: t.Mapping[str, str]) -> t.Iterator[None]:
        """Pass variables to the module in the keyword ``environment`` of the task, during the block."""
        # Not an argument: it would be one of the module's public options, and show in its invocation.
        original = self._task.environment
        self._task.environment = [*environments(original), dict(variables)]
        try:
            yield
        finally:
            self._task.environment = original

    def _shows_progress(self) -> bool:
        task = self._task
        # Elsewhere the module would not find the file.
        here = self._connection.transport == "local" and not task.async_val
        # Only the main thread may set handlers of signals; in a worker of Ansible it is the one that runs tasks.
        here = here and threading.current_thread() is threading.main_thread()
        # Of ansible, ansible-playbook and ansible-console, only the second has a list of tasks.
        return bool(here and not task.no_log and "listtasks" in context.CLIARGS and _displays_ok_hosts())


def environments(keyword: t.Any) -> list[dict[str, t.Any]]:
    """Return the values of the keyword ``environment``, those of the play first. A task has none, one, or a list of them."""
    return [one for one in (keyword if isinstance(keyword, list) else [keyword]) if one]


def _displays_ok_hosts() -> bool:
    callback = C.DEFAULT_STDOUT_CALLBACK  # type: ignore[attr-defined]
    if callback not in _FOR_PEOPLE:
        return False
    # The name of its options depends on the version of Ansible.
    for name in (callback, callback.rpartition(".")[2]):
        with contextlib.suppress(Exception):
            return bool(C.config.get_config_value("display_ok_hosts", plugin_type="callback", plugin_name=name))
    return True


@contextlib.contextmanager
def progress_shown(printer: ProgressPrinter, display: t.Callable[..., object], poll: float = _POLL) -> t.Iterator[str]:
    """Follow a new file during the block. Return its path. Raise ``OSError`` if it cannot be created."""
    handle, path = tempfile.mkstemp(prefix="progress-", dir=C.DEFAULT_LOCAL_TMP)  # type: ignore[attr-defined]
    finished, printing = threading.Event(), threading.Lock()
    thread = threading.Thread(
        target=_follow, args=(handle, path, printer, display, finished, printing, poll), daemon=True
    )
    try:
        with _ends_between_lines(printing):
            try:
                with contextlib.suppress(RuntimeError):  # no more threads can be started
                    thread.start()
                yield path
            finally:
                finished.set()
                if thread.ident is not None:
                    thread.join()
    finally:
        os.close(handle)
        _delete(path)


@contextlib.contextmanager
def _ends_between_lines(printing: threading.Lock) -> t.Iterator[None]:
    """Delay signals that end this process until a line has been printed.

    A line goes through a queue that all processes of Ansible share, with a lock: a process that ends while it holds the lock makes
    Ansible hang.
    """
    handlers = {signum: signal.getsignal(signum) for signum in (signal.SIGINT, signal.SIGTERM)}

    def end(signum: int, frame: types.FrameType | None) -> None:
        printing.acquire(timeout=_MAX_WAIT_FOR_LINE)  # and kept: no line begins after this
        t.cast(t.Callable[..., object], handlers[signal.Signals(signum)])(signum, frame)

    delayed = {signum: handler for signum, handler in handlers.items() if callable(handler)}
    try:
        for signum in delayed:
            signal.signal(signum, end)
        yield
    finally:
        for signum, handler in delayed.items():
            signal.signal(signum, handler)


def _follow(
    handle: int,
    path: str,
    printer: ProgressPrinter,
    display: t.Callable[..., object],
    finished: threading.Event,
    printing: threading.Lock,
    poll: float,
) -> None:
    with contextlib.suppress(Exception):
        # Ctrl-C, SIGTERM and the timeout of a task are for the main thread: here they would not wake it up.
        signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        while not finished.wait(poll):
            data = os.read(handle, 1 << 20)
            if data:
                # The module has opened the file and no longer needs its name: nothing is left, however this process ends.
                _delete(path)
            printer.feed(data, time.monotonic())
            line = printer.next_line(time.monotonic())
            if line is not None:
                if not printing.acquire(blocking=False):
                    return
                try:
                    display(line, screen_only=True)
                finally:
                    printing.release()


def _delete(path: str) -> None:
    with contextlib.suppress(OSError):
        os.unlink(path)
