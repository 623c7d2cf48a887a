# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files of IMEIs: every row counts, or the file is rejected with the lines that are to blame."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from ansible_collections.verizon.fota.plugins.module_utils import _imei_files
from ansible_collections.verizon.fota.plugins.module_utils._imei import BadIMEIs

A, B, C, D = "990003425730535", "990000473475989", "012345678901234", "350000000000006"
FILES = Path(__file__).parent / "files"


@pytest.fixture(name="read")
def _read(tmp_path):
    """Write a file and read it."""

    def read(content, *columns):
        path = tmp_path / "imeis"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return _imei_files.read(str(path), *columns)

    return read


@pytest.fixture(name="bad")
def _bad(read, tmp_path):
    """Write a file that cannot be used, and return what is said of it, with FILE for its path."""

    def bad(content, *columns):
        with pytest.raises(BadIMEIs) as caught:
            read(content, *columns)
        assert str(tmp_path / "imeis") in str(caught.value)
        return str(caught.value).replace(str(tmp_path / "imeis"), "FILE")

    return bad


# What is read


@pytest.mark.parametrize(
    "content",
    [
        f"{A}\n{B}\n",
        f"{A}\n{B}",
        f"{A}\r\n{B}\r\n",
        f"\ufeff{A}\n{B}\n",
        f"\n\n# decommissioned\n{A}   # meter 1\n\n  {B}\t\n#end",
        f"{A}\n{B}\n{A}\n",
        f"imei\n{A}\n{B}\n",
        f"imei # all\n{A} # one\n{B}#two\n",
        f"\ufeffIMEI\r\n{A}\r\n{B}\r\n",
        f'"imei"\n"{A}"\n"{B}"\n',
        f'"{A}"\n"{B}"\n',
        f"imei\n{A},\n{B};;\n",
        f"imei,site\n{A},north\n{B},south\n",
        f"site;Imei\nnorth;{A}\nsouth;{B}\n",
        f"site\timei\nnorth\t{A}\nsouth\t{B}\n",
        f"site| IMEI |x\nnorth| {A} |1\nsouth|{B}|\n",
        f'"site","imei"\n"north, far","{A}"\n"say ""no""","{B}"\n',
        f'note,imei\n"two\nlines",{A}\n"three\n\nlines",{B}\n',
        f'note,imei\n"two\n# lines",{A}\n"#5",{B}\n',
        f'imei,"date\nretired"\n{A},1\n{B},2\n',
        f'"imei\n",site\n{A},north\n{B},south\n',
        f"# export\n\nimei,site\n# first\n{A},north\n\n,,\n{B},south\n",
        f"imei,site\n{A},north,,\n{B},south,\n",
        f"imei\tsite\n{A}\t\n{B}\t\n",
        f"imei\t\n{A}\t5\n{B}\t\n",
        f",\nimei,site\n{A},1\n{B},2\n",
        f"sep=;\nimei;site\n{A};north, far\n{B};south\n",
        f'"sep=\t"\r\nimei\tsite\r\n{A}\t1\r\n{B}\t2\r\n',
        f"sep=^\nimei^site\n{A}^1\n{B}^2\n",
        f"sep=,\n{A}\n{B}\n",
        f"imei;pressure,site\n{A};1,5\n{B};2,5\n",
        f'="imei",site\n="{A}",1\n="{B}",2\n'.replace("\\", ""),
        f"'imei,site\n'{A},1\n'{B},2\n",
        "imei,site\n99-000342-573053-5,1\n99 000047 347598 9,2\n",
        f"imei,site\n{A}.0,1\n{B}.0,2\n",
        f"imei;site\n{A},0;1\n{B},0;2\n",
        f"\ufeff{A}\n\ufeff{B}\n",
        f"imei\n{A}\n{B}\n".encode("utf-16"),
        ("\ufeff" + f"imei\tsite\r\n{A}\tx\r\n{B}\ty\r\n").encode("utf-16-be"),
    ],
)
def test_a_file_gives_its_distinct_imeis_in_order(read, content):
    assert read(content).imeis == [A, B]


@pytest.mark.parametrize(
    ("content", "column"),
    [
        (f"device,note\n{A},x\n{B},y\n", "the column 'device'"),
        (f"IMEI number;note\n{A};x\n{B};y\n", "the column 'IMEI number'"),
        (f"Device ID\n{A}\n{B}\n", "the column 'Device ID'"),
        (f"old,new\n{A},{C}\n{B},\n", "the column 'old'"),
        (f"{A},north\n{B},south\n", "column 1"),
        (f"north;{A}\nsouth;{B}\n", "column 2"),
        (f"{A};1,5\n{B};2,5\n", "column 1"),
        (f"device;pressure, bar\n{A};1,5\n{B};2,5\n", "the column 'device'"),
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
        (f"name,name,imei\nx,y,{A}\nx,y,{B}\n", (), {}),
        (f"imei\n{A}\n{B}\n", (), {}),
        (f"site,{A}\nname,{B}\n", (), {}),
    ],
)
def test_names_come_with_the_imeis(read, content, columns, names):
    found = read(content, *columns)
    assert (found.imeis, dict(found.names)) == ([A, B], names)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (f"{A}\n", "1 entry read."),
        (f"# one\n{A}\n{B} # two\n\n", "2 entries read. 1 line was a comment."),
        (f"# 1\n#2\nimei,x\n# 3\n{A},\n{A},\n", "2 entries read, 1 duplicate among them. 3 lines were comments."),
        (
            f"# 1\n{A},x\n#2\n{A},y\n'{A},z\n",
            "3 entries read from column 1, 2 duplicates among them. 2 lines were comments.",
        ),
        (f'imei,note\n{A},"\n# text"\n', "1 entry read."),
        (f"sep=;\n# 1\nimei\n{A}\n", "1 entry read. 1 line was a comment."),
    ],
)
def test_how_many_entries_and_comments_were_read_is_said(read, content, message):
    assert read(content).message == message


# What is rejected


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (f"site,imei,imei\nx,{A},{B}\n", "FILE has 2 columns imei (2 and 3); rename all but one"),
        (f"IMEI;site;imei \n{A};x;{B}\n", "FILE has 2 columns IMEI (1 and 3); rename all but one"),
        (
            f"old,new\n{A},{B}\n",
            "has no column imei, and several contain nothing but IMEIs: 'old', 'new'; set imeis_column",
        ),
        (f"{A},{B}\n", "several contain nothing but IMEIs: 1, 2; name the columns in a first row"),
        (f"device,note\n{A},x\nn/a,y\n", "none that contains nothing but IMEIs; its columns are: 'device', 'note'"),
        (f"device,note\n{A},x\nn/a,y\n", "Column 'device' comes closest, but line 3: 'n/a' is not an IMEI"),
        (f"{A},x\n12,y\n", "Column 1 comes closest, but line 2: '12' has 2 digits"),
        (f"12,x\n{A},y\n", "line 1: '12' has 2 digits; an IMEI has 15 ("),
        (f"99000342573O535,x\n{A},y\n", "line 1: '99000342573O535' is not an IMEI"),
        (f"9.9E+14,x\n{A},y\n", "line 1: '9.9E+14' was rounded by a spreadsheet"),
        (f",x\n{A},y\n", "line 1: '' is empty"),
        ("a,b\nc,d\n", "its columns are: 'a', 'b'"),
        (f"site;a,b\nx;{A},c\n", "has no column imei: its first row is 'site;a,b'; name the columns in that row"),
        (
            f"a;b,c\n{A};{B},x\n",
            "line 1: 'a' is not an IMEI; an IMEI has 15 digits and nothing else; if it is the name",
        ),
        (f"imei,a;imei\n{A},b;{B}\n", "it is not clear what separates the columns of its first row, 'imei,a;imei'"),
        (f"a;b,c\n{A};{B},{C}\n", "it is not clear what separates the columns"),
        (f"sep=\nimei\n{A}\n", "line 1: sep= has to name the one character that separates the columns"),
        (f"sep=;;\nimei\n{A}\n", "line 1: sep= has to name the one character"),
        (f"sep=1\nimei\n{A}\n", "line 1: sep= has to name the one character"),
        (f"sep=;\nimei,x\n{A},y\n", "line 3: '990003425730535,y' contains an IMEI and more"),
        (f"imei x\n{A} x\n", "line 2: '990003425730535 x' contains an IMEI and more"),
        (f"No.  99000342573053\n{A}\n", "line 1: 'No.  99000342573053' is not an IMEI"),
        ("1 99000342573053\n", "line 1: '1 99000342573053' is two numbers"),
        ("", "contains no IMEIs: give one per line, or CSV with a column imei"),
        ("\ufeff", "contains no IMEIs"),
        (",", "line 1: ',' is not an IMEI"),
        ("\n \n# nothing\n", "contains no IMEIs"),
        ("sep=;\n", "contains no IMEIs"),
        ("imei,site\n", "contains no IMEIs"),
        ("device,site\n", "contains no IMEIs"),
        ("Device ID\n", "contains no IMEIs"),
        (f"{A}\rB{B}\r", "FILE, line 1: a line ends with a carriage return alone; save it as CSV UTF-8"),
        (f"imei\r{A}\r{B}\r", "FILE, line 1: a line ends with a carriage return alone"),
        (f"{A}\n".encode("utf-16-le"), "is a binary file, or UTF-16 without a byte order mark"),
        (f"{A}\nfa\xe7ade\n".encode("latin-1"), "is not UTF-8 text: line 2, byte 3; save it as UTF-8"),
        ("9" * 65536, "line 1 is over 65536 characters long"),
    ],
)
def test_a_file_that_could_be_read_in_two_ways_or_in_none_is_rejected(bad, content, why):
    assert why in bad(content)


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        (f"x\n{A}\n", [1]),
        (f"{A}\n\n# no\nx\n", [4]),
        (f"{A}\r\nx\r\n", [2]),
        (f"\ufeffx\n{A}\n", [1]),
        (f"{A}\n{A},{B}\n", [2]),
        (f"{A}\r\n{B}\r{C}\r\n", [2]),
        (f"x\n{A}\n12\n9.9E+14\n", [1, 3, 4]),
        (f"imei,site\n{A},n\nx,s\n", [3]),
        (f"# c\n\nimei,site\n\n# c\n{A},n\n\nx,s\n", [8]),
        (f"imei,site\n{A},n\n,s\n", [3]),
        (f"imei,site\n{A} # c,n\n", [2]),
        (f'note,imei\n"two\nlines",{A}\n"two\nlines",x\nn,{A}\n', [4]),
        (f"name,imei,new_imei\nm,{A},{B}\n{C},{D}\n", [3]),
        (f"site,imei\nn,{A}\n# c\nonly a site\n", [4]),
        (f"site,imei,note\nn,{A}\nn,{B},x\n", [2]),
        (f"imei,site,\n{A},n,\n{B},x\n", [3]),
        (f"imei,site\n{A},n,x\n{B},x,,y\n{C},z,,\n", [2, 3]),
        (f"device,site\n{A},n,x\n{B}\n{C},z,,\n", [2, 3]),
        (f"{A},n\n{B}\n{C},z,x\n", [2, 3]),
        (f"imei,site\n{A},north{B},\n", [2]),
        (f'imei,site\n"{A}",""\n"{B}","north""{C}",""\n', [3]),
        (f"imei,site\n{A},{B},\n", [2]),
    ],
)
def test_each_row_that_does_not_fit_is_named_with_its_line(bad, content, lines):
    text = bad(content)
    assert f"{len(lines)} invalid entr" in text.splitlines()[0] and "nothing was sent" in text
    assert [line.partition(": ")[0] for line in text.splitlines()[1:]] == [f"line {number}" for number in lines]


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        (f'name,imei\n"Pump house,{A}\nWell,{B}\nTank,{C}\npipe 4",{D}\n', "lines 2 to 5"),
        (f'imei,name\n{A},"Pump house\n{B},pipe 4"\n{C},x\n', "lines 2 to 3"),
        (f'imei,name\n{A},x\n\n# c\n{B},"5 inch\n99-000047-347598-9,5 inch"\n', "lines 5 to 6"),
        (f'imei,name\n{A},"Pump house\n99000047347598,x"\n', "lines 2 to 3"),
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
def test_a_column_that_is_asked_for_and_not_there_is_named(bad, content, columns, why):
    assert why in bad(content, *columns)


def test_many_invalid_rows_fit_on_a_screen(bad):
    content = "imei,site\n" + "99000342573053,x\n" * 40000 + f"{A}\n" * 3
    text = bad(content)
    assert len(text) < 5000 and len(text.splitlines()) == 22
    assert text.splitlines()[-1] == "and 39983 more: 39980 with 14 digits, 3 with another number of fields"


def test_paths_in_messages_are_absolute(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadIMEIs, match=f"^{tmp_path}/none cannot be read: No such file or directory$"):
        _imei_files.read("none")
    for path in ("", " "):
        with pytest.raises(BadIMEIs, match="^imeis_file is empty: give a path$"):
            _imei_files.read(path)
    with pytest.raises(BadIMEIs, match="null"):
        _imei_files.read("imeis\0")


def test_a_pipe_is_read_once(tmp_path):
    """As in a shell, with <(...)."""
    os.mkfifo(tmp_path / "pipe")
    content = f"device;note, more\n{A};x\n{B};y\n"
    writer = threading.Thread(target=(tmp_path / "pipe").write_text, args=(content,))
    writer.start()
    assert _imei_files.read(str(tmp_path / "pipe")).imeis == [A, B]
    writer.join()


# What programs write: see the README.md beside these files


def written(*starts):
    return [pytest.param(path, id=path.name) for path in sorted(FILES.glob("*.csv*")) if path.name.startswith(starts)]


TABLES = [
    param
    for param in written("calc_", "pandas_", "csv_")
    if "numbers" not in param.id and "pandas_floats" not in param.id
]


@pytest.mark.parametrize("path", TABLES)
def test_what_calc_pandas_and_csv_write_is_read_or_rejected(path):
    if "cp1252" in path.name:
        with pytest.raises(BadIMEIs, match=r"is not UTF-8 text: line 2, byte \d+; save it as UTF-8$"):
            _imei_files.read(str(path))
    elif "gap" in path.name:
        with pytest.raises(BadIMEIs, match="line 4: '' is empty; an IMEI has 15 digits$"):
            _imei_files.read(str(path))
    else:
        found = _imei_files.read(str(path))
        assert found.imeis == [A, B, C]
        assert found.names == {A: "Pumpwerk Süd", B: "Tank, north", C: "Café; Ecke"}
        assert found.message == "4 entries read, 1 duplicate among them."


@pytest.mark.parametrize("path", written("calc_numbers.", "pandas_floats."))
def test_numbers_that_kept_their_digits_are_read(path):
    assert _imei_files.read(str(path)).imeis == [A, B]


def test_numbers_that_were_rounded_are_rejected():
    with pytest.raises(BadIMEIs, match="line 3: '9.90000E.14' was rounded by a spreadsheet"):
        _imei_files.read(str(FILES / "calc_numbers_as_shown.csv"))


@pytest.mark.parametrize("name", ["workbook.xlsx", "workbook.ods"])
def test_a_workbook_is_named_as_one(name):
    with pytest.raises(BadIMEIs, match=f"{name} is a workbook .*; save its sheet as CSV UTF-8"):
        _imei_files.read(str(FILES / name))


def test_all_programs_and_encodings_are_here():
    assert len(TABLES) > 15
    for program in ("calc", "pandas", "csv"):
        for encoding in ("utf-8", "utf-16", "cp1252"):
            assert any(param.id.startswith(program) and encoding in param.id for param in TABLES)
