# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Blocks of lines that contain nothing but IMEIs are read like any others, at once."""

from __future__ import annotations

from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.verizon.fota.plugins.module_utils._input import imei_files, plain_lines
from ansible_collections.verizon.fota.plugins.module_utils._input.imei_validation import (
    InvalidIMEIs,
    are_imeis,
    is_imei,
)
from ansible_collections.verizon.fota.tests.unit.examples import examples

A, B = "990003425730535", "000000473475989"
# Digits of other scripts, too, and one digit more in one line for each that is missing in another.
LINES = st.one_of(
    st.from_regex(r"[0-9]{15}", fullmatch=True),
    st.sampled_from([A, A, B, f" {A}\t", f"{A} # retired", f"'{A}", f"{B}.0", "# none", "", "imei", "n/a"]),
    st.sampled_from([A[:-1], f"{A}0", "٠" * 15, "²" * 15, f"{A[:-1]}²", "-" * 15]),
)
EXAMPLES = settings(max_examples=examples(300), deadline=None)


def outcome(path):
    try:
        return imei_files.read(str(path))
    except InvalidIMEIs as error:
        return str(error)


@EXAMPLES
@given(lines=st.lists(LINES, min_size=1, max_size=12), size=st.integers(1, 4))
def test_blocks_are_read_as_line_by_line(tmp_path_factory, lines, size):
    path = tmp_path_factory.mktemp("lines") / "imeis"
    path.write_text("\n".join([A, *lines]), encoding="utf-8")
    with mock.patch.object(plain_lines, "are_imeis", lambda block: False):
        line_by_line = outcome(path)

    with mock.patch.object(plain_lines, "_BLOCK", size):
        assert outcome(path) == line_by_line


@pytest.mark.parametrize(
    ("line", "entry"),
    [
        ("x # comment", "x"),
        ('"x" # comment', "x"),
        ('"x""y"', 'x"y'),
        ('"x"y"', '"x"y"'),
        ('""x"', '""x"'),
        ('"', '"'),
        ('""', ""),
        ("#N/A", "#N/A"),
        ('"x""', '"x""'),
        ('"x', '"x'),
        ('x"', 'x"'),
        ('!x"', '!x"'),
        ("!x!", "!x!"),
        ("xyx", "xyx"),
    ],
)
def test_an_entry_is_without_quotes_and_comment(line, entry):
    assert plain_lines.entry_of(line) == entry


@EXAMPLES
@given(texts=st.lists(LINES, min_size=1, max_size=4))
def test_texts_are_imeis_if_each_is_one(texts):
    assert are_imeis(texts) == all(map(is_imei, texts))
