# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!
"""Files that appear as a whole or not at all, in place of what stood there before."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
import typing as t
from contextlib import contextmanager


class CannotWrite(Exception):
    """A file or its directory cannot be written. The text says which and why."""


@contextmanager
def replaced(directory: str, names: t.Sequence[str]) -> t.Iterator[list[t.TextIO]]:
    """Open files of a directory for writing, which is made if need be; they appear when the block ends without an error.

    What is written goes to other files of the same directory first, so that nobody ever reads half of it. A file that replaces
    another one has its mode and, where that is allowed, its owner.
    Raises CannotWrite.
    """
    mark = f".{os.getpid()}-{secrets.token_hex(4)}.tmp"
    paths = [os.path.join(directory, name) for name in names]
    drafts = [os.path.join(directory, f".{name}{mark}") for name in names]
    try:
        with contextlib.ExitStack() as stack:
            try:
                os.makedirs(directory, exist_ok=True)
                for path in paths:
                    if os.path.isdir(path):
                        raise IsADirectoryError(0, "it is a directory", path)
                files = [stack.enter_context(_new(draft, path)) for draft, path in zip(drafts, paths)]
            except ValueError as error:  # a name that no file can have
                raise CannotWrite(_words(directory, mark, error)) from None
            yield files
            for file in files:
                file.flush()
                os.fsync(file.fileno())
        for draft, path in zip(drafts, paths):
            os.replace(draft, path)
    except OSError as error:
        raise CannotWrite(_words(directory, mark, error)) from None
    finally:
        for draft in drafts:
            with contextlib.suppress(OSError, ValueError):
                os.unlink(draft)


def _new(draft: str, path: str) -> t.TextIO:
    # Not tempfile, whose files only their owner may read: who may read a file is up to the one it replaces, or to the umask.
    file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    with contextlib.suppress(FileNotFoundError):
        before = os.stat(path)
        mode = before.st_mode & 0o777
        try:
            os.fchown(file, -1, before.st_gid)
        except OSError:
            mode &= ~stat.S_IRWXG  # its group is another one now
        # Only root may give a file away.
        with contextlib.suppress(OSError):
            os.fchown(file, before.st_uid, -1)
        os.fchmod(file, mode)
    # Line ends as written: those of CSV are not those of the system.
    return open(file, "w", encoding="utf-8", newline="")


def _words(directory: str, mark: str, error: Exception) -> str:
    path = getattr(error, "filename", None)
    where = os.fsdecode(path) if isinstance(path, (str, bytes)) else directory
    if where.endswith(mark):
        # The file that was meant
        folder, name = os.path.split(where[: -len(mark)])
        where = os.path.join(folder, name[1:])
    return f"{where} cannot be written: {getattr(error, 'strerror', None) or error}"
