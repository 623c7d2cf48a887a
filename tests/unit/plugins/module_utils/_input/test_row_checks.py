# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rows that fit the columns, but contain mistakes."""

from __future__ import annotations

import pytest

A, B, C, D = "990003425730535", "990000473475989", "012345678901234", "350000000000006"


@pytest.mark.parametrize(
    "content",
    [
        f"replaced_by,imei,note\n,{A},\n{C},{B},\n",
        f"name,imei,note\nx,{A},\n{B},{B},\n",
        f"site,imei,new_imei\n{C},{A},\n{D},{B},\n",
        f"note,imei,site\nx,{A},1\n{C},{B},2\n",
        f"site,imei\nx,{A},\ny,{B},\n",
    ],
)
def test_an_imei_beside_another_is_no_shifted_row_without_signs_of_one(read, content):
    assert read(content).imeis == [A, B]


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        (f"name,imei\n#7 Elm St,{A}\nb,{B}\n", [2]),
        (f"name,imei\nb,{B}\n  # 7,{A}\n", [3]),
        (f"name,imei\n#7,{A},,\nb,{B}\n", [2]),
        (f"name;imei;new\n#1;{A};\n#2;{B};{C}\n", [2, 3]),
        (f'name,imei,note\n#7,{A},"two\nlines"\nb,{B},"x"\n', [2, 3]),
        (f"name,device\n#7 Elm St,'{A}\nb,{B}\n", [2]),
        (f"a,{A}\n#7,{B}\n", [2]),
        (f"# all\n#7,{A}\n\nb,{B}\n", [2]),
    ],
)
def test_a_row_that_would_be_a_comment_is_rejected(bad, content, lines):
    text = bad(content)
    assert sorted(line.partition(": ")[0] for line in text.splitlines()[1:]) == [f"line {number}" for number in lines]
    assert (
        "begins with # as a comment does, but has the fields of a row; put its first field in quotes, or delete the line"
        in text
    )


@pytest.mark.parametrize(
    "content",
    [
        f"imei,name\n#{C},x\n{A},x\n{B},y\n",
        f"imei,new_imei\n#{C},{D}\n{A},\n{B},\n",
        f"name,imei\n# replaced,{C},{D}\nx,{A}\ny,{B}\n",
        f"name,imei\n# was {C}, now {D}\nx,{A}\ny,{B}\n",
        f"# name,{C}\nname,imei\nx,{A}\ny,{B}\n",
        f"name,imei\n# 7\r8,{C}\nx,{A}\ny,{B}\n",
        f"name,imei\n# {C}\nx,{A}\ny,{B}\n",
        f"{A}\n#7,{C}\n{B}\n",
        f"imei\n{A}\n#7,{C}\n{B}\n",
        f'name,imei\n"#7",{A}\n"# 8",{B}\n',
    ],
)
def test_other_comments_stay_comments(read, content):
    assert read(content).imeis == [A, B]
