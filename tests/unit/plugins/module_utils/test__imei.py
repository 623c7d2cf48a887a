# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import example, given
from hypothesis import settings as given_settings
from hypothesis import strategies as st

from ansible_collections.verizon.fota.plugins.module_utils import _imei

A, B, C = "990003425730535", "990000473475989", "012345678901234"


@pytest.fixture(name="file")
def _file(tmp_path):
    """Write a file and give its path."""

    def write(content):
        path = tmp_path / "imeis"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    return write


def bad(values):
    with pytest.raises(_imei.BadIMEIs) as caught:
        _imei.from_list(values)
    return str(caught.value)


def bad_file(path):
    with pytest.raises(_imei.BadIMEIs) as caught:
        _imei.from_file(path)
    return str(caught.value)


# Lists


@pytest.mark.parametrize(
    ("values", "imeis"),
    [
        ([A, B], [A, B]),
        ([B, A, B, A], [B, A]),
        ([int(A), A], [A]),
        ([f" {A}\n", f"\t{B}"], [A, B]),
        ([C], [C]),
        (("1" * 15,), ["1" * 15]),
    ],
    ids=["as given", "twice", "number", "blanks", "leading zero", "Luhn is not checked"],
)
def test_a_list_gives_its_distinct_imeis_in_order(values, imeis):
    assert _imei.from_list(values) == imeis


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("", "is empty"),
        ("   ", "is empty"),
        ("99000342573053", "has 14 digits; an IMEI has 15; "),
        (12345678901234, "has 14 digits; an IMEI has 15; "),
        (A + "0", "has 16 digits; an IMEI has 15"),
        ("99000342573053X", "is not an IMEI"),
        ("990003425-30535", "is not an IMEI"),
        ("99000 425730535", "is not an IMEI"),
        (-99000342573053, "is not an IMEI"),
        ("٩" * 15, "has digits of another script"),
        ("９" * 15, "has digits of another script"),
        ("9.90003E+14", "spreadsheet"),
        ("9,90003e+14", "spreadsheet"),
        (990003425730535.0, "is a float"),
        (True, "is a truth value"),
        (None, "is nothing"),
        ([A], "is a list inside the list"),
        ({"imei": A}, "is a mapping"),
        (b"990003425730535", "is a bytes"),
    ],
)
def test_what_is_no_imei_is_named_with_its_place_and_why(value, why):
    text = bad([A, value, B])

    assert "imeis has 1 entry that is no IMEI; nothing was sent:\nimeis[1]: " in text
    assert why in text


def test_digits_that_yaml_may_have_eaten_come_with_advice():
    assert "quotes" in bad(["12345678901234"])
    assert "quotes" not in bad(["1234567890123456"])


def test_every_bad_entry_is_named_at_once():
    text = bad(["x", A, "", B, None])

    assert text.splitlines() == [
        "imeis has 3 entries that are no IMEIs; nothing was sent:",
        "imeis[0]: 'x' is not an IMEI; an IMEI has 15 digits and nothing else",
        "imeis[2]: '' is empty; an IMEI has 15 digits",
        "imeis[4]: None is nothing; write each IMEI as text of 15 digits",
    ]


def test_an_endless_list_of_bad_entries_is_cut():
    text = bad(["x"] * 1500)

    assert "1500 entries" in text
    assert text.splitlines()[-1] == "and 500 more"
    assert len(text.splitlines()) == 1002


def test_an_entry_is_shown_bounded_and_on_one_line():
    text = bad(["y" * 5000, "\x1b[31m\nfoo"])

    assert "y" * 41 not in text
    assert "\x1b" not in text
    assert len(text.splitlines()) == 3


@pytest.mark.parametrize("values", [[], (), None])
def test_an_empty_list_is_refused(values):
    assert "imeis is empty" in bad(values)


# Plain files


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
        f"\ufeffIMEI\r\n{A}\r\n{B}\r\n",
        f"imei,site\n{A},north\n{B},south\n",
        f"site;Imei\nnorth;{A}\nsouth;{B}\n",
        f"site\timei\nnorth\t{A}\nsouth\t{B}\n",
        f"site| IMEI |x\nnorth| {A} |1\nsouth|{B}\n",
        f'"site","imei"\n"north, far","{A}"\n"say ""no""","{B}"\n',
        f'note,imei\n"two\nlines",{A}\n"three\n\nlines",{B}\n',
        f"# export\n\nimei,site\n# first\n{A},north\n\n,,\n{B} # last,south\n",
    ],
    ids=[
        "plain",
        "no newline at the end",
        "CRLF",
        "BOM",
        "comments",
        "twice",
        "one column",
        "one column, BOM, CRLF",
        "comma",
        "semicolon",
        "tab",
        "bar and blanks",
        "quotes",
        "multi-line cells",
        "CSV with comments",
    ],
)
def test_a_file_gives_its_distinct_imeis_in_order(file, content):
    assert _imei.from_file(file(content)) == [A, B]


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (f"x\n{A}\n", 1),
        (f"{A}\n\n# no\nx\n", 4),
        (f"{A}\r\nx\r\n", 2),
        (f"\ufeffx\n{A}\n", 1),
        (f"imei,site\n{A},n\nx,s\n", 3),
        (f"# c\n\nimei,site\n\n# c\n{A},n\n\nx,s\n", 8),
        (f'note,imei\n"two\nlines",{A}\n"two\nlines",x\n{A},{A}\n', 4),
        (f"site,imei\nn,{A}\n# c\nonly a site\n", 4),
        (f"{A}\n{A},{B}\n", 2),
    ],
)
def test_a_bad_entry_of_a_file_is_named_with_its_line(file, content, line):
    text = bad_file(file(content))

    assert "1 entry that is no IMEI" in text
    assert f"line {line}: " in text.splitlines()[1]


def test_every_bad_entry_of_a_file_is_named_at_once(file):
    text = bad_file(file(f"x\n{A}\n12\n9.9E+14\n"))

    assert ["line 1:" in line or "line 3:" in line or "line 4:" in line for line in text.splitlines()[1:]] == [True] * 3


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("", "holds no IMEI"),
        ("\ufeff", "holds no IMEI"),
        ("\n \n# nothing\n", "holds no IMEI"),
        ("imei,site\n", "holds no IMEI"),
        (f"{A},north\n", "has no column imei: its first row is "),
        (f"site;name\nn;{A}\n", "has no column imei: its first row is 'site;name'"),
        (f"{A}\n".encode("utf-16"), "UTF-16"),
        (f"{A}\n".encode("utf-16-le"), "zero byte"),
        (f"{A}\n{B}\0\n", "line 2 holds a zero byte"),
        (f"{A}\nfa\xe7ade\n".encode("latin-1"), "line 2, byte 3"),
        ("9" * 65536, "line 1 is over 65536 bytes long"),
        (f"{A}\n" + "9" * 1000000, "line 2 is over 65536 bytes long"),
        (f"imei,note\n{A},n" + "\n" + f'{B},"' + ("x" * 60000 + "\n") * 3, "not readable as CSV"),
    ],
)
def test_a_file_that_is_no_list_of_imeis_is_refused_with_the_reason(file, content, why):
    path = file(content)

    text = bad_file(path)

    assert why in text
    assert path in text
    assert len(text) < 1000


def test_a_file_that_cannot_be_read_is_refused_with_the_reason(tmp_path):
    assert bad_file(str(tmp_path / "none")) == f"{tmp_path / 'none'} cannot be read: No such file or directory"
    assert "Is a directory" in bad_file(str(tmp_path))


def test_a_file_with_carriage_returns_alone_is_refused(file):
    bad_file(file(f"{A}\r{B}\r"))


def test_a_quote_that_is_never_closed_hides_no_imei(file):
    assert "not readable as CSV" in bad_file(file(f'imei,note\n{A},"5 inch\n{B},x\n'))


@pytest.mark.parametrize("header", ["imei # all", "site,imei # all"])
def test_a_header_may_have_a_comment(file, header):
    assert _imei.from_file(file(f"{header}\n{','.join([A] * len(header.split(',')))}\n")) == [A]


def test_a_path_with_a_zero_byte_is_refused():
    with pytest.raises(ValueError) as caught:
        _imei.from_file("imeis\0")
    if not isinstance(caught.value, _imei.BadIMEIs):
        raise caught.value


# Anything


def is_imei(text):
    return len(text) == 15 and set(text) <= set("0123456789")


VALUES = st.one_of(
    st.text(), st.integers(), st.floats(), st.none(), st.booleans(), st.lists(st.text()), st.from_regex(r"[0-9]{15}")
)


@given(st.lists(VALUES))
def test_any_list_is_imeis_or_refused(values):
    try:
        imeis = _imei.from_list(values)
    except _imei.BadIMEIs:
        return
    assert all(map(is_imei, imeis))
    assert imeis == list(dict.fromkeys(str(value).strip() for value in values))


# Bare carriage returns are left out: the test above has them.
CHARACTERS = st.characters(codec="utf-8", exclude_characters="\r")
PIECES = st.one_of(st.sampled_from([A, B, "imei", ",", ";", "\t", "|", '"', "#", "\n", "\r\n", " "]), CHARACTERS)


@given_settings(max_examples=500, deadline=None)
@given(content=st.one_of(st.binary(), st.lists(PIECES).map("".join).map(str.encode)))
@example(content=b"")
@example(content=b'imei,"\n')
def test_any_file_is_imeis_or_refused(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "any"
    path.write_bytes(content)
    try:
        imeis = _imei.from_file(str(path))
    except _imei.BadIMEIs as error:
        assert len(str(error)) < 200000
        return
    except csv.Error:
        assert b"\r" in content, "see the test of carriage returns alone"
        return
    assert imeis
    assert all(map(is_imei, imeis))


@given(
    st.lists(st.from_regex(r"[0-9]{15}", fullmatch=True), min_size=1), st.sampled_from(",;\t|"), st.text(max_size=20)
)
def test_whatever_a_spreadsheet_writes_beside_the_imeis_is_left_aside(tmp_path_factory, imeis, delimiter, note):
    note = "".join(character for character in note if character.isprintable())
    path = tmp_path_factory.getbasetemp() / "sheet"
    sheet = io.StringIO()
    csv.writer(sheet, delimiter=delimiter).writerows([["number", "IMEI"], *([f"no. {note}", imei] for imei in imeis)])
    path.write_bytes(sheet.getvalue().encode())

    assert _imei.from_file(str(path)) == list(dict.fromkeys(imeis))
