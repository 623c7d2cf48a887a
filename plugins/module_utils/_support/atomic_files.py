# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files that are written completely or not at all, in place of previous ones.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
import typing as t
from contextlib import contextmanager


class CannotWrite(Exception):
    """A file or its directory cannot be written. The text says which and why."""


@contextmanager
def atomic_write(directory: str, names: t.Sequence[str]) -> t.Iterator[list[t.TextIO]]:
    """Open files of a directory for writing; they appear when the block ends without an error. Create the directory if it is missing.

    The content goes to temporary files beside them first, so that no reader gets an incomplete file. A file that replaces another one
    gets its mode and, if that is allowed, its owner. A symbolic link stays, and its target is replaced.
    Raises ``CannotWrite``.
    """
    mark = f".{os.getpid()}-{secrets.token_hex(4)}.tmp"
    drafts: list[str] = []
    try:
        with contextlib.ExitStack() as stack:
            try:
                make_directory(directory)
                paths = [os.path.realpath(os.path.join(directory, name)) for name in names]
                for path in paths:
                    _check_replaceable(path)
                drafts = [os.path.join(os.path.dirname(path), f".{os.path.basename(path)}{mark}") for path in paths]
                files = [stack.enter_context(_new(draft, path)) for draft, path in zip(drafts, paths)]
            except ValueError as error:  # a name that no file can have
                raise CannotWrite(_message(directory, mark, error)) from None
            yield files
            for file in files:
                file.flush()
                os.fsync(file.fileno())
        for draft, path in zip(drafts, paths):
            os.replace(draft, path)
    except OSError as error:
        raise CannotWrite(_message(directory, mark, error)) from None
    finally:
        for draft in drafts:
            with contextlib.suppress(OSError, ValueError):
                os.unlink(draft)


def make_directory(path: str) -> None:
    """Create a directory if it is missing. Raise ``OSError``."""
    try:
        os.makedirs(path, exist_ok=True)
    except FileExistsError:
        # Python says that the file exists.
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), path) from None


def _check_replaceable(path: str) -> None:
    """Raise ``OSError`` for what a file must not replace."""
    with contextlib.suppress(FileNotFoundError):
        mode = os.stat(path).st_mode
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(0, "it is a directory", path)
        if not stat.S_ISREG(mode):
            # Such as /dev/null, behind a link.
            raise OSError(0, "it is not a regular file", path)


def _new(draft: str, path: str) -> t.TextIO:
    # Not tempfile, whose files only their owner may read: the mode is that of the replaced file, or follows the umask.
    file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    try:
        with contextlib.suppress(FileNotFoundError):
            _set_owner_and_mode(file, os.stat(path), path)
        # Line ends as written: those of CSV are not those of the system.
        return open(file, "w", encoding="utf-8", newline="")
    except BaseException:
        os.close(file)
        raise


def _set_owner_and_mode(file: int, before: os.stat_result, path: str) -> None:
    mode = before.st_mode & 0o777
    try:
        if os.fstat(file).st_gid != before.st_gid:
            os.fchown(file, -1, before.st_gid)
    except OSError:
        mode &= ~stat.S_IRWXG  # its group is another one now
    # Only root may change the owner of a file.
    with contextlib.suppress(OSError):
        os.fchown(file, before.st_uid, -1)
    try:
        os.fchmod(file, mode)
    except OSError as error:
        # Some file systems, such as those of shares and USB sticks, have one mode for all files, and reject changes of it.
        if os.fstat(file).st_mode & 0o777 & ~mode:
            raise OSError(error.errno, f"its mode cannot be kept: {error.strerror}", path) from None


def _message(directory: str, mark: str, error: Exception) -> str:
    path = getattr(error, "filename", None)
    where = os.fsdecode(path) if isinstance(path, (str, bytes)) else directory
    if where.endswith(mark):
        # The target of the temporary file
        folder, name = os.path.split(where[: -len(mark)])
        where = os.path.join(folder, name[1:])
    return f"{where} cannot be written: {getattr(error, 'strerror', None) or error}"
