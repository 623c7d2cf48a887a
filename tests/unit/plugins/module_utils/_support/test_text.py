# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Helpers for texts of messages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.verizon.fota.plugins.module_utils._support.text import are_lines, one_line, pluralize


@given(st.text())
def test_foreign_text_becomes_one_bounded_line(text):
    line = one_line(text)

    assert line.isprintable()
    assert len(line) <= 300


@given(st.lists(st.text() | st.text("ab ", max_size=5) | st.sampled_from(["x" * 300, "x" * 301]), min_size=1))
def test_texts_are_lines_if_each_stays_as_it_is(texts):
    assert are_lines(texts) == all(text and one_line(text) == text for text in texts)


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 licenses"), (1, "1 license"), (2, "2 licenses"), (1234567, "1,234,567 licenses")]
)
def test_a_count_comes_with_its_noun(count, text):
    assert pluralize(count, "license") == text
