# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Random tables in random dialects of CSV: the IMEIs read are those written, or the file is rejected."""

from __future__ import annotations

import csv
import io

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from ansible_collections.verizon.fota.plugins.module_utils._input import imei_files
from ansible_collections.verizon.fota.plugins.module_utils._input.imei_validation import InvalidIMEIs
from ansible_collections.verizon.fota.tests.unit.examples import examples

A, B = "990003425730535", "990000473475989"
EXAMPLES = settings(max_examples=examples(600), deadline=None)

IMEIS = st.one_of(st.from_regex(r"[0-9]{15}", fullmatch=True), st.sampled_from([A, B]))
SPELLINGS = st.sampled_from(["{}", "{}", "{}", " {} ", "'{}", '="{}"', "{}.0"])
# Characters that are special in CSV, and any others; IMEIs in other columns, too.
PIECES = st.one_of(
    st.sampled_from([",", ";", "\t", "|", '"', '""', "\n", "\r\n", "#", "'", " ", "=", '5" pipe', A, "12", "imei"]),
    st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=8),
)
TEXTS = st.lists(PIECES, max_size=4).map("".join)
DIALECTS = st.fixed_dictionaries(
    {
        "delimiter": st.sampled_from([",", ";", "\t", "|", ":", " ", "^"]),
        "lineterminator": st.sampled_from(["\n", "\r\n"]),
        "quoting": st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
        "doublequote": st.booleans(),
        "escapechar": st.just("\\"),
    }
)
ENCODINGS = st.sampled_from(["utf-8", "utf-8-sig", "utf-16"])
HEADERS = st.sampled_from(["imei", "IMEI", " Imei ", "Device ID", None])
OTHERS = st.sampled_from(["site", "name", "note", "new_imei", "", "5"])


@st.composite
def tables(draw, texts=TEXTS, header=HEADERS):
    """Return the names of columns (None without a header), rows, and the place of the IMEIs in them."""
    width = draw(st.integers(1, 4))
    place = draw(st.integers(0, width - 1))
    rows = draw(st.lists(st.tuples(IMEIS, st.lists(texts, min_size=width, max_size=width)), min_size=1, max_size=6))
    header = draw(header)
    others = draw(st.lists(OTHERS, min_size=width, max_size=width))
    names = None if header is None else [*others[:place], header, *others[place + 1 :]]
    return names, [(imei, [*texts[:place], imei, *texts[place + 1 :]]) for imei, texts in rows], place


def written(rows, dialect):
    text = io.StringIO()
    csv.writer(text, **dialect).writerows(rows)
    return text.getvalue()


def read(tmp_path_factory, text, encoding="utf-8"):
    """Return the IMEIs of a file with this text, None if it is rejected."""
    path = tmp_path_factory.getbasetemp() / "table"
    path.write_bytes(text.encode(encoding))
    try:
        return imei_files.read(str(path)).imeis
    except InvalidIMEIs as error:
        assert len(str(error)) < 10000
        return None


@EXAMPLES
@given(tables(), DIALECTS, ENCODINGS, SPELLINGS)
def test_what_is_read_is_what_was_written(tmp_path_factory, table, dialect, encoding, spelling):
    names, rows, place = table
    # Without columns, or with another escape than the doubled quotation mark, that is a comment.
    if not dialect["doublequote"] or dialect["delimiter"] not in ",;\t|":
        assume(not any(row[0].lstrip().startswith("#") for _imei, row in rows))
    format_imei = [[*row[:place], spelling.format(imei), *row[place + 1 :]] for imei, row in rows]
    found = read(tmp_path_factory, written(([names] if names else []) + format_imei, dialect), encoding)
    assert found is None or found == list(dict.fromkeys(imei for imei, _row in rows))


# What a spreadsheet may contain without being rejected: an IMEI in a note is on one line, and no row looks like a comment.
TAME = st.text(st.sampled_from(",;\t|\"' abcü5=\n"), max_size=12)


@EXAMPLES
@given(
    tables(TAME, st.just("imei")),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    ENCODINGS,
)
def test_what_spreadsheets_write_is_not_rejected(tmp_path_factory, table, delimiter, line_end, quoting, encoding):
    names, rows, _place = table
    text = written(
        [names, *(row for _imei, row in rows)],
        {"delimiter": delimiter, "lineterminator": line_end, "quoting": quoting},
    )
    assert read(tmp_path_factory, text, encoding) == list(dict.fromkeys(imei for imei, _row in rows))


@EXAMPLES
@given(tables(header=st.sampled_from(["imei", "Device ID"])), DIALECTS, st.data())
def test_a_table_with_a_slip_is_never_read_as_a_part_of_it(tmp_path_factory, table, dialect, data):
    """A stray quotation mark, a missing field, a missing line end."""
    names, rows, place = table
    # Neither a comment, nor an IMEI in a note, which could be taken for one that was read.
    clean = [
        [value if at == place else value.replace(A, "").replace("#", "") for at, value in enumerate(row)]
        for _imei, row in rows
    ]
    dialect = {**dialect, "doublequote": True}
    text = written([names, *clean], dialect)
    at = data.draw(st.integers(len(written([names], dialect)), len(text)))
    mark = data.draw(st.sampled_from(['"', dialect["delimiter"], dialect["lineterminator"]]))
    slip = data.draw(st.sampled_from([text[:at] + mark + text[at:], text[:at] + text[at + 1 :]]))
    found = read(tmp_path_factory, slip)
    assert found is None or {imei for imei, _row in rows if imei in slip} <= set(found)


# Bare carriage returns are left out: another test has them.
CHARACTERS = st.characters(codec="utf-8", exclude_characters="\r")
ANYTHING = st.one_of(
    st.sampled_from([A, B, "imei", ",", ";", "\t", "|", '"', "#", "\n", "\r\n", " ", "sep="]), CHARACTERS
)


@EXAMPLES
@given(content=st.one_of(st.binary(), st.lists(ANYTHING).map("".join).map(str.encode)))
@example(content=b"")
@example(content=b'imei,"\n')
@example(content=b"sep=")
def test_any_file_is_imeis_or_rejected(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "any"
    path.write_bytes(content)
    try:
        imeis = imei_files.read(str(path)).imeis
    except InvalidIMEIs as error:
        assert len(str(error)) < 10000
        return
    assert imeis
    assert all(len(imei) == 15 and imei.isascii() and imei.isdigit() for imei in imeis)


def test_a_row_that_lost_its_first_field_is_not_read(tmp_path_factory):
    text = f"name,imei,new_imei\nm,{A},{B}\n{A},{B}\n"
    assert read(tmp_path_factory, text) is None
