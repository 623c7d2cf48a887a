# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Quotation marks in CSV files: none hides a row."""

from __future__ import annotations

import pytest

A, B, C, D = "990003425730535", "990000473475989", "012345678901234", "350000000000006"


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        (f'name,imei\n"Pump house,{A}\nWell,{B}\nTank,{C}\npipe 4",{D}\n', "lines 2 to 5"),
        (f'imei,name\n{A},"Pump house\n{B},pipe 4"\n{C},x\n', "lines 2 to 3"),
        (f'imei,name\n{A},x\n\n# c\n{B},"5 inch\n99-000047-347598-9,5 inch"\n', "lines 5 to 6"),
        (f'imei,name\n{A},"Pump house\n99000047347598,x"\n', "lines 2 to 3"),
        (f'imei,name\n{A},"a\n4999010640000,b"\n{C},c\n', "lines 2 to 3"),
        (f'device,name\n{A},"Pump house\n{B},x"\n', "lines 2 to 3"),
        (f'imei,name\n"\n{A}",x\n', "lines 2 to 3"),
        (f'"site\n{A}",imei\nx,{B}\n', "lines 1 to 2"),
    ],
)
def test_a_quoted_field_that_swallows_rows_is_rejected(bad, content, lines):
    text = bad(content)
    assert f"FILE, {lines}: a quoted field spans these lines and contains an IMEI; nothing was sent" in text


@pytest.mark.parametrize(
    "content",
    [
        f'imei,note\n{A},"5 inch\n{B},x\n',
        f'imei,note\n{A},n\n{B},"' + ("x" * 60000 + "\n") * 3,
        f'imei,note\n"{A}" x,n\n',
    ],
)
def test_quotes_that_do_not_match_are_rejected(bad, content):
    assert "not readable as CSV: " in bad(content)
