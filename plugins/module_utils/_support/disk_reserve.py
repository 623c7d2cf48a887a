# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Disk space that is kept for what still has to be written when the disk is full.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import errno
import os
import tempfile
import typing as t

# No space left, and none left for this user.
_FULL = (errno.ENOSPC, errno.EDQUOT)


class DiskReserve:
    """Bytes on the disk of a folder, allocated to a temporary file. They are freed when the process ends, however it ends.

    Where nothing can be allocated, as in a folder that is not writable or on systems without ``posix_fallocate``, there is none.
    """

    def __init__(self, folder: str, size: int) -> None:
        """Raise ``OSError`` if the disk has less space left."""
        self._file = _allocated(folder, size)

    def relieves(self, error: OSError) -> bool:
        """Free the space if this error says that the disk is full. Return whether there is more of it now."""
        if self._file is None or error.errno not in _FULL:
            return False
        self.close()
        return True

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def _allocated(folder: str, size: int) -> t.IO[bytes] | None:
    try:
        file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - it stays open
    except OSError:
        return None
    try:
        os.posix_fallocate(file.fileno(), 0, size)
    except (AttributeError, OSError) as error:
        file.close()
        if isinstance(error, OSError) and error.errno in _FULL:
            raise OSError(error.errno, f"{os.strerror(error.errno)} for {size:,} bytes") from None
        return None
    return file
