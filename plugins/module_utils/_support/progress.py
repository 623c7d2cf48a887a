# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The progress of a run, written line by line to a file that its reader follows. An error in writing does not affect the run.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import contextlib
import json
import os
import stat
import typing as t
import weakref

# The environment variable with the path of the file; set by the action plugin, for this one run.
VARIABLE = "VERIZON_FOTA_PROGRESS"

# The file belongs to its reader: it is not created here. Non-blocking: a pipe that nobody reads must not block the run.
_FLAGS = os.O_WRONLY | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK


def reporter(
    path: str | None, counts: t.Mapping[str, int], action: str = "remove", changed: str = "removed"
) -> t.Callable[[str, int, int], None]:
    """Return a function that appends a line to the file: ``phase``, how many devices of it are ``done``, of what ``total``.

    The line also has how many devices ``counts`` has as ``changed`` and as failed, the latter since the phase ``action`` began,
    which is reported with nothing ``done``. Several threads may call the function.
    A blank line is written first, at once. It says that the file is open, so that the reader can delete it.
    """
    handle = None if path is None else _open(path)
    if handle is None or not _write(handle, b"\n"):
        return lambda phase, done, total: None

    failed_before = [0]

    def report(phase: str, done: int, total: int) -> None:
        changed_now, failed = counts.get(changed, 0), counts.get("failed", 0) + counts.get("unknown", 0)
        if phase == action and not done:
            # Devices that failed before are not among those that are sent.
            failed_before[0] = failed
        failed = max(0, failed - failed_before[0])
        line = {"phase": phase, "done": done, "total": total, "changed": changed_now, "failed": failed}
        _write(handle, json.dumps(line).encode() + b"\n")

    weakref.finalize(report, os.close, handle)
    return report


def _open(path: str) -> int | None:
    try:
        handle = os.open(path, _FLAGS)
    except (OSError, ValueError):  # ValueError: it has a null character
        return None
    if stat.S_ISREG(os.fstat(handle).st_mode):
        return handle
    os.close(handle)
    return None


def _write(handle: int, line: bytes) -> bool:
    with contextlib.suppress(OSError):
        return os.write(handle, line) == len(line)
    return False
