# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which texts are names of columns, and how columns are found and named."""

from __future__ import annotations

import pytest

from ansible_collections.verizon.fota.plugins.module_utils._input.csv_columns import (
    column_index,
    columns_message,
    is_column_name,
)
from ansible_collections.verizon.fota.plugins.module_utils._input.imei_validation import InvalidIMEIs


@pytest.mark.parametrize("text", ["id", "IMEI", "_imei", "Serial 1234567", "n\u00famero", "ab1"])
def test_a_text_of_letters_is_the_name_of_a_column(text):
    assert is_column_name(text)


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "x9",
        "9900034xyz",
        "9th meter",
        "-imei",
        "(imei)",
        "{imei}",
        "IMEI99000342",
        "=imei",
        "Serial 12345678",
        "990003425730535",
    ],
)
def test_what_may_be_an_imei_with_a_slip_is_none(text):
    assert not is_column_name(text)


def test_columns_are_named_and_many_are_counted():
    assert columns_message([]) == "its columns have no names"
    assert columns_message([" a", "b "]) == "its columns are: 'a', 'b'"
    assert columns_message([f"c{number}" for number in range(20)]).endswith(", 'c19'")
    assert columns_message([f"c{number}" for number in range(21)]).endswith(", 'c19' and 1 more")
    assert columns_message([f"c{number}" for number in range(22)]).endswith(", 'c19' and 2 more")


def test_a_column_is_found_by_its_name_and_has_to_be_the_only_one():
    assert column_index("f.csv", ["Site", " IMEI ", "Note"], "imei") == 1
    with pytest.raises(InvalidIMEIs, match=r"^f.csv has 2 columns IMEI \(1 and 3\); rename all but one$"):
        column_index("f.csv", ["IMEI", "x", "imei"], "imei")
