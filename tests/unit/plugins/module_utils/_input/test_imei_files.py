# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files of IMEIs: every row counts, or the file is rejected with the numbers of the invalid lines."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from ansible_collections.verizon.fota.plugins.module_utils._input import imei_files
from ansible_collections.verizon.fota.plugins.module_utils._input.imei_validation import InvalidIMEIs

A, B, C, D = "990003425730535", "990000473475989", "012345678901234", "350000000000006"
FILES = Path(__file__).parent / "files"


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
def test_a_file_returns_its_distinct_imeis_in_order(read, content):
    assert read(content).imeis == [A, B]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (f"{A}\n", "1 entry read."),
        (f"# one\n{A}\n{B} # two\n\n", "2 entries read. 1 line was a comment."),
        (f"{A}\n# one\n{B}\n # two\n", "2 entries read. 2 lines were comments."),
        (f"########\n#N/A is no IMEI\n#,x\n{A}\n#####\n", "1 entry read. 4 lines were comments."),
        (f"# 1\n#2\nimei,x\n# 3\n{A},\n{A},\n", "2 entries read, 1 duplicate among them. 3 lines were comments."),
        (
            f"# 1\n{A},x\n#2\n{A},y\n'{A},z\n",
            "3 entries read from column 1, 2 duplicates among them. 2 lines were comments.",
        ),
        (f'imei,note\n{A},"\n# text"\n', "1 entry read."),
        (f"sep=;\n# 1\nimei\n{A}\n", "1 entry read. 1 line was a comment."),
    ],
)
def test_numbers_of_entries_and_comments_are_reported(read, content, message):
    assert read(content).message == message


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (f"site,imei,imei\nx,{A},{B}\n", "FILE has 2 columns imei (2 and 3); rename all but one"),
        (f"IMEI;site;imei \n{A};x;{B}\n", "FILE has 2 columns IMEI (1 and 3); rename all but one"),
        (
            f"old,new\n{A},{B}\n",
            "has no column imei, and several columns contain IMEIs: 'old', 'new'; set imeis_column to the one",
        ),
        (f"{A},{B}\n", "several columns contain IMEIs: 1, 2; name the columns in a first row"),
        (
            f"old_imei,new_imei\n{A},{B}\n,{C}\n",
            "several columns contain IMEIs: 'old_imei', 'new_imei'; set imeis_column",
        ),
        (f"old,new\n{A},{B}\nn/a,{C}\n", "several columns contain IMEIs: 'old', 'new'; set"),
        (f"old,new\n,{B}\n{A},{C}\n", "several columns contain IMEIs: 'old', 'new'; set"),
        (f"old,new\n,{B}\n99-000342-573053-5,\n", "several columns contain IMEIs: 'old', 'new'; set"),
        (f"old,new\n9.9E+14,{B}\n9.9E+14,{C}\n", "several columns contain IMEIs: 'old', 'new'; set"),
        (f"old,new\n{A},{C}\n{B},\n", "several columns contain IMEIs: 'old', 'new'; set"),
        (f"#imei,new_imei\n{A},{B}\n,{C}\n", "several columns contain IMEIs: 1, 2; name the columns in a first row"),
        (f"#,imei,new_imei\n1,{A},{B}\n2,,{C}\n", "several columns contain IMEIs: 2, 3; name the columns"),
        (f"imsi,device\n310150123456789,{A}\n310150123456790,\n", "several columns contain IMEIs: 'imsi', 'device'"),
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
        (f"{A};x,{B}\n{C};y,z\n", f"it is not clear what separates the columns of its first row, '{A};x,{B}'"),
        (f"sep=\nimei\n{A}\n", "line 1: sep= has to name the one character that separates the columns"),
        (f"sep=;;\nimei\n{A}\n", "line 1: sep= has to name the one character"),
        (f"sep=1\nimei\n{A}\n", "line 1: sep= has to name the one character"),
        (f"sep=;\nimei,x\n{A},y\n", "line 3: '990003425730535,y' contains an IMEI and more"),
        (f"imei x\n{A} x\n", "line 2: '990003425730535 x' contains an IMEI and more"),
        (f"No.  99000342573053\n{A}\n", "line 1: 'No.  99000342573053' is not an IMEI"),
        ("1 99000342573053\n", "line 1: '1 99000342573053' is two numbers"),
        ("", "contains no IMEIs: write one per line, or CSV with a column imei"),
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
        # A single row is no header if it has an IMEI
        (f"IMEI {A},Pump 1\n", [1]),
        (f'["{A}", "{B}"]\n', [1, 1]),
        (f"{A},n\n{B}\n{C},z,x\n", [2, 3]),
        (f"imei,site\n{A},north{B},\n", [2]),
        (f'imei,site\n"{A}",""\n"{B}","north""{C}",""\n', [3]),
        (f"imei,site\n{A},{B},\n", [2]),
        (f"imei,no\n{A},12345{B},\n{C},x\n", [2]),
        (f"imei,no,x\n{A},1,12345{B},,\n{C},2,x\n", [2]),
        (f"device,no\n{A},12345{B},\n{C},x\n", [2]),
        (f"site,imei,new_imei\nx,{A},{B}\n{C},{D},\n", [3]),
        (f"site,imei,new_imei\nx,{A},{B}\n{C},{D},\n{B},{A}, \n", [3, 4]),
        (f"old,imei,site\n{A},{B},x\n,{C},{D}\n", [3]),
        (f"no,name,imei,note\n1,x,{A},\n2,{C},{B},\n", [3]),
        # What spreadsheets write into the first column is no comment
        (f"imei,site\n{A},x\n#N/A,y\n{B},z\n", [3]),
        (f"imei;site\n{A};x\n#REF!;y\n######## ;z\n", [3, 4]),
        (f"imei\n{A}\n#N/A\n", [3]),
        (f"{A}\n#VALUE!\n#DIV/0!\n", [2, 3]),
    ],
)
def test_each_row_that_does_not_fit_is_named_with_its_line(bad, content, lines):
    text = bad(content)
    assert f"{len(lines)} invalid entr" in text.splitlines()[0] and "nothing was sent" in text
    assert [line.partition(": ")[0] for line in text.splitlines()[1:]] == [f"line {number}" for number in lines]


def test_paths_in_messages_are_absolute(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InvalidIMEIs, match=f"^{tmp_path}/none cannot be read: No such file or directory$"):
        imei_files.read("none")
    for path in ("", " "):
        with pytest.raises(InvalidIMEIs, match="^imeis_file is empty: set it to a path$"):
            imei_files.read(path)
    with pytest.raises(InvalidIMEIs, match="null"):
        imei_files.read("imeis\0")


def test_a_pipe_is_read_once(tmp_path):
    """A pipe as file, as with <(...) in a shell."""
    os.mkfifo(tmp_path / "pipe")
    content = f"device;note, more\n{A};x\n{B};y\n"
    writer = threading.Thread(target=(tmp_path / "pipe").write_text, args=(content,))
    writer.start()
    assert imei_files.read(str(tmp_path / "pipe")).imeis == [A, B]
    writer.join()


# Files of real programs: see the README.md next to them


def written(*starts):
    return [
        pytest.param(path, id=path.name) for path in sorted(FILES.glob("*.csv.bin")) if path.name.startswith(starts)
    ]


TABLES = [
    param
    for param in written("calc_", "pandas_", "csv_")
    if "numbers" not in param.id and "pandas_floats" not in param.id
]


@pytest.mark.parametrize("path", TABLES)
def test_what_calc_pandas_and_csv_write_is_read_or_rejected(path):
    if "cp1252" in path.name:
        with pytest.raises(InvalidIMEIs, match=r"is not UTF-8 text: line 2, byte \d+; save it as UTF-8$"):
            imei_files.read(str(path))
    elif "gap" in path.name:
        with pytest.raises(InvalidIMEIs, match="line 4: '' is empty; an IMEI has 15 digits$"):
            imei_files.read(str(path))
    else:
        found = imei_files.read(str(path))
        assert found.imeis == [A, B, C]
        assert found.names == {A: "Pumpwerk Süd", B: "Tank, north", C: "Café; Ecke"}
        assert found.message == "4 entries read, 1 duplicate among them."


@pytest.mark.parametrize("path", written("calc_numbers.", "pandas_floats."))
def test_numbers_that_kept_their_digits_are_read(path):
    assert imei_files.read(str(path)).imeis == [A, B]


def test_numbers_that_were_rounded_are_rejected():
    with pytest.raises(InvalidIMEIs, match="line 3: '9.90000E.14' was rounded by a spreadsheet"):
        imei_files.read(str(FILES / "calc_numbers_as_shown.csv.bin"))


@pytest.mark.parametrize("name", ["workbook.xlsx", "workbook.ods"])
def test_a_workbook_is_named_as_one(name):
    with pytest.raises(InvalidIMEIs, match=f"{name} is a workbook .*; save its sheet as CSV UTF-8"):
        imei_files.read(str(FILES / name))


def test_all_programs_and_encodings_are_here():
    assert len(TABLES) > 15
    for program in ("calc", "pandas", "csv"):
        for encoding in ("utf-8", "utf-16", "cp1252"):
            assert any(param.id.startswith(program) and encoding in param.id for param in TABLES)


def test_quotes_without_anything_between_them_are_empty(bad):
    assert "is empty; an IMEI has 15 digits" in bad(f'{A}\n""\n')
