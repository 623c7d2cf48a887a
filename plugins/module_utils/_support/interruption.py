# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ending a run in order after an interruption: Ctrl-C, a service manager, a lost terminal, a timeout of the task.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import os
import select
import signal
import time
import types
import typing as t
import weakref
from contextlib import contextmanager

# Seconds.
_TOGETHER = 1.0
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interruption:
    """Whether the run was interrupted, and by what. It ends sleeps."""

    def __init__(self, listener: t.Callable[[], bool] = lambda: True) -> None:
        """``listener`` returns whether the result is still expected."""
        self._listener = listener
        self._reason: str | None = None
        # A byte in a pipe, and not an Event: a signal handler may run while the main thread holds the lock of one.
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._writer, False)
        weakref.finalize(self, _close, self._reader, self._writer)

    def interrupt(self, reason: str) -> None:
        """Interrupt the run; the first reason counts."""
        if self._reason is None:
            self._reason = reason
            os.write(self._writer, b"!")

    def reason(self) -> str | None:
        """Return what interrupted the run, ``None`` if nothing did."""
        if self._reason is None and not self._listener():
            self.interrupt("nobody waits for its result any more")
        return self._reason

    def sleep(self, seconds: float) -> bool:
        """Wait this long, or until an interruption. Return whether there was one."""
        poll = select.poll()
        poll.register(self._reader, select.POLLIN)
        return bool(poll.poll(max(0.0, seconds) * 1000))


def _close(*files: int) -> None:
    for file in files:
        os.close(file)


def _is_listened_to() -> bool:
    """Return whether the other end of standard output is open: Ansible closes it when the timeout of a task is over."""
    poll = select.poll()
    poll.register(1, 0)
    return not any(event & (select.POLLERR | select.POLLHUP) for _file, event in poll.poll(0))


@contextmanager
def on_signals() -> t.Iterator[Interruption]:
    """Yield an ``Interruption`` that the first signal triggers; a later one ends the process at once.

    Signals that arrive together count as one: a service manager and Ansible may both pass on the same request.
    """
    interruption = Interruption(_is_listened_to)
    received: list[float] = []

    def on_signal(number: int, _frame: types.FrameType | None) -> None:
        received.append(time.monotonic())
        interruption.interrupt(f"it was interrupted by {signal.Signals(number).name}")
        if received[-1] - received[0] > _TOGETHER:
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)

    before = {number: signal.getsignal(number) for number in _SIGNALS}
    # A signal that is ignored, as by ``nohup``, must not end the run.
    before = {number: handler for number, handler in before.items() if handler is not signal.SIG_IGN}
    for number in before:
        signal.signal(number, on_signal)
    try:
        yield interruption
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
