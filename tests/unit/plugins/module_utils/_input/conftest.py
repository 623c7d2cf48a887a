# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fixtures that write and read files of IMEIs."""

from __future__ import annotations

import pytest

from ansible_collections.verizon.fota.plugins.module_utils._input import imei_files
from ansible_collections.verizon.fota.plugins.module_utils._input.imei_validation import InvalidIMEIs


@pytest.fixture(name="read")
def _read(tmp_path):
    """Write a file and read it."""

    def read(content, *columns):
        path = tmp_path / "imeis"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return imei_files.read(str(path), *columns)

    return read


@pytest.fixture(name="bad")
def _bad(read, tmp_path):
    """Write a file that is rejected, and return the message, with FILE for its path."""

    def bad(content, *columns):
        with pytest.raises(InvalidIMEIs) as caught:
            read(content, *columns)
        assert str(tmp_path / "imeis") in str(caught.value)
        return str(caught.value).replace(str(tmp_path / "imeis"), "FILE")

    return bad
