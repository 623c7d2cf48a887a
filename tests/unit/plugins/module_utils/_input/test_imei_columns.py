# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which columns the IMEIs and the names are read from."""

from __future__ import annotations

import pytest

A, B, C, D = "990003425730535", "990000473475989", "012345678901234", "350000000000006"


@pytest.mark.parametrize(
    ("content", "column"),
    [
        (f"device,note\n{A},x\n{B},y\n", "the column 'device'"),
        (f"IMEI number;note\n{A};x\n{B};y\n", "the column 'IMEI number'"),
        (f"Device ID\n{A}\n{B}\n", "the column 'Device ID'"),
        (f"device,new\n{A},\n{B},n/a\n", "the column 'device'"),
        (f"{A},north\n{B},south\n", "column 1"),
        (f"north;{A}\nsouth;{B}\n", "column 2"),
        (f"{A};1,5\n{B};2,5\n", "column 1"),
        (f"device;pressure, bar\n{A};1,5\n{B};2,5\n", "the column 'device'"),
        (f'device;size, unit\n{A};5,"5" inch\n{B};2,5\n', "the column 'device'"),
        (f"device;was, and, when\n{A};x,{C}\n{B};y,1\n", "the column 'device'"),
        (f"device;was, when\n{A};x,{C},1\n{B};y,2\n", "the column 'device'"),
        (f"device,note\n{A},14 Elm St\n{B},14\n", "the column 'device'"),
        (f'"IMEI\nnumber",site\n{A},x\n{B},y\n', "the column 'IMEI\\nnumber'"),
        (f"{A},\n{B},\n", "column 1"),
    ],
)
def test_without_a_column_imei_the_only_one_of_imeis_is_read_and_named(read, content, column):
    found = read(content)
    assert found.imeis == [A, B]
    assert found.message == f"2 entries read from {column}."


@pytest.mark.parametrize("column", ["serial", " SERIAL ", "Serial"])
def test_a_column_that_is_named_is_read(read, column):
    found = read(f"imei,Serial,x\n1,{A},{C}\n2,{B},{D}\n", column)
    assert found.imeis == [A, B]
    assert found.message == "2 entries read."


def test_the_column_of_a_file_without_others_may_be_named(read):
    assert read(f"x\n{A}\n{B}\n", "X").message == "2 entries read."
    assert read(f"x # all\n{A}\n{B}\n", "X").message == "2 entries read."


def test_the_readable_column_of_a_report_can_be_read(read):
    content = "imei,imei_text\n12,01-234567-890123-4\n9.9E+14,99-000047-347598-9\n"
    assert read(content, "imei_text").imeis == [C, B]


@pytest.mark.parametrize(
    ("content", "columns", "names"),
    [
        (f"name,imei\n meter  1 ,{A}\n,{B}\n", (), {A: "meter 1"}),
        (f"Name;imei\nmeter 1;{A}\nmeter 2;{B}\n", (), {A: "meter 1", B: "meter 2"}),
        (f"label,imei,name\nmeter 1,{A},x\nmeter 2,{B},y\n", (None, "Label"), {A: "meter 1", B: "meter 2"}),
        (f"name,device\nmeter 1,{A}\nmeter 2,{B}\n", (), {A: "meter 1", B: "meter 2"}),
        (f"name,imei\n,{A}\nfirst,{A}\nsecond,{A}\nmeter 2,{B}\n", (), {A: "first", B: "meter 2"}),
        (f"name,device\n,{A}\nfirst,{A}\nsecond,{A}\nmeter 2,{B}\n", (), {A: "first", B: "meter 2"}),
        (f'name,imei\n"two\nlines",{A}\n"{"x" * 300}",{B}\n', (), {A: "two lines", B: "x" * 199 + "…"}),
        (f"name,imei\n{'x' * 200},{A}\n{'y' * 201},{B}\n", (), {A: "x" * 200, B: "y" * 199 + "…"}),
        (f"name,name,imei\nx,y,{A}\nx,y,{B}\n", (), {}),
        (f"imei\n{A}\n{B}\n", (), {}),
        (f"site,{A}\nname,{B}\n", (), {}),
    ],
)
def test_names_come_with_the_imeis(read, content, columns, names):
    found = read(content, *columns)
    assert (found.imeis, dict(found.names)) == ([A, B], names)


@pytest.mark.parametrize(
    ("content", "columns", "why"),
    [
        (f"imei,site\n{A},x\n", ("serial",), "FILE has no column serial; its columns are: 'imei', 'site'"),
        (f"{A}\n", ("serial",), f"FILE has no column serial; its columns are: '{A}'"),
        (f"serial,SERIAL\n{A},{B}\n", ("serial",), "FILE has 2 columns serial (1 and 2); rename all but one"),
        (
            f"imei,site\n{A},x\n",
            (None, "label"),
            "FILE has no column label for the names; its columns are: 'imei', 'site'",
        ),
        (f"{A}\n", (None, "label"), "FILE has no column label for the names; its columns have no names"),
        (f"imei\n{A}\n", (None, "label"), "FILE has no column label for the names; its columns are: 'imei'"),
        (f"{A},x\n", (None, "label"), "FILE has no column label for the names; its columns have no names"),
        (f"imei,x,X\n{A},1,2\n", (None, "x"), "FILE has 2 columns x (2 and 3); rename all but one"),
        (",".join(f"c{number}" for number in range(50)), ("imei",), "'c19' and 30 more"),
    ],
)
def test_a_column_that_is_requested_and_not_there_is_named(bad, content, columns, why):
    assert why in bad(content, *columns)


def test_many_invalid_rows_fit_on_a_screen(bad):
    content = "imei,site\n" + "99000342573053,x\n" * 40000 + f"{A}\n" * 3
    text = bad(content)
    assert len(text) < 5000 and len(text.splitlines()) == 22
    assert text.splitlines()[-1] == "and 39983 more: 39980 with 14 digits, 3 with another number of fields"


def test_an_imei_in_the_first_row_shows_what_separates_the_columns(bad):
    assert f"its columns are: '{A}', 'x,y'" in bad(f"{A};x,y\nn/a;n/a,n/a\n")
