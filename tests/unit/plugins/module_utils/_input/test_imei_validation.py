# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Valid IMEIs, their spellings, and lists of them."""

from __future__ import annotations

import datetime
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.verizon.fota.plugins.module_utils._input import imei_validation
from ansible_collections.verizon.fota.plugins.module_utils._report.csv_json import format_imei

A, B, C = "990003425730535", "990000473475989", "012345678901234"


def bad(values):
    with pytest.raises(imei_validation.InvalidIMEIs) as caught:
        imei_validation.from_list(values)
    return str(caught.value)


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
def test_a_list_returns_its_distinct_imeis_in_order(values, imeis):
    assert imei_validation.from_list(values) == imeis


@pytest.mark.parametrize(
    "spelling",
    [
        "99-000342-573053-5",
        "99 000342 573053 5",
        "99000342-573053-5",
        "9900 0342 5730 535",
        "99000342573053-5",
        "990003-42-573053-5",
        "99-000342573053-5",
        "99 000342573053 5",
        "990 003 425 730 535",
        "99 00 03 42 57 30 53 5",
        f"990003{' ' * 45}425730535",
        "990003425 - 730535",
        "99\u00a0000342\u00a0573053\u00a05",
        "99\u2011000342\u2011573053\u20115",
        "990003425730535.0",
        "990003425730535.00",
        "990003425730535,0",
        "'990003425730535",
        "' 99-000342-573053-5 ",
        '="990003425730535"',
        '="99-000342-573053-5"',
        "\ufeff990003425730535",
        "\u202a990003425730535\u202c",
        990003425730535,
        990003425730535.0,
    ],
)
def test_spellings_of_one_imei_count_once(spelling):
    assert imei_validation.from_list([spelling, A, spelling, B]) == [A, B]


def test_what_a_report_writes_is_read():
    assert imei_validation.from_list([format_imei(A), format_imei(C)]) == [A, C]


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("", "is empty"),
        ("   ", "is empty"),
        ("'", "is empty"),
        ("99000342573053", "has 14 digits; an IMEI has 15: the check digit or a leading zero is missing"),
        (12345678901234, "has 14 digits; an IMEI has 15: "),
        ("99-000342-573053", "has 14 digits"),
        ("99000342573053.0", "has 14 digits"),
        (99000342573053.0, "has 14 digits"),
        (A + "0", "has 16 digits, as an IMEISV"),
        ("99-000342-573053-01", "has 16 digits, as an IMEISV"),
        (A + B, "has 30 digits; an IMEI has 15, and this may be 2 of them"),
        ("8914800000000000000", "has 19 digits; an IMEI has 15"),
        ("5", "has 1 digit; an IMEI has 15"),
        (f"990003{' ' * 46}425730535", "has 15 digits, but too far apart; write the IMEI as text of 15 digits"),
        (1e16, "has 17 digits; an IMEI has 15"),
        ("99000342573053X", "is not an IMEI"),
        ("990003425O30535", "is not an IMEI"),
        ("-990003425730535", "contains an IMEI and more"),
        ("990003425730535-", "contains an IMEI and more"),
        ("1 99000342573053", "is two numbers"),
        ("1-99000342573053", "is two numbers"),
        ("1 - 99000342573053", "is two numbers"),
        ("1 \u2013 99000342573053", "is two numbers"),
        ("12-9900034257305", "is two numbers"),
        ("12\u00a09900034257305", "is two numbers"),
        ("1 - 99-000342-573053", "is two numbers"),
        ("1 99000342-573053", "is two numbers"),
        ("99000342573053 5", "is two numbers"),
        ("99000342573053 - 5", "is two numbers"),
        ("9900034257305 - 12", "is two numbers"),
        ("2026-11-28 0000001", "is two numbers"),
        ("2026-11-28-0000001", "is two numbers"),
        ("2026\u201111\u201128 0000001", "is two numbers"),
        ("2026-11-28 00 00 01 1", "is two numbers"),
        ("2026-1-28 00000001", "is two numbers"),
        ("20261128 0000001", "is two numbers"),
        ("28-11-2026 0000001", "is two numbers"),
        ("0000001 2026-11-28", "is two numbers"),
        (-99000342573053, "is not an IMEI"),
        (-1, "is not an IMEI"),
        (0, "has 1 digit; an IMEI has 15"),
        (10**15, "has 16 digits, as an IMEISV"),
        ('=""', "is empty"),
        ('="', "is not an IMEI"),
        ('="1"', "has 1 digit; an IMEI has 15"),
        (f'="{A}0', "is not an IMEI"),
        (f'="{A}', "contains an IMEI and more"),
        (f'no{A}"', "contains an IMEI and more"),
        ("x" * 38, f"imeis[1]: '{'x' * 38}' is not an IMEI"),
        ("x" * 39, f"imeis[1]: '{'x' * 38}… is not an IMEI"),
        ("x" * 50, f"imeis[1]: '{'x' * 38}… is not an IMEI"),
        ("٩" * 15, "has digits of another script"),
        ("９" * 15, "has digits of another script"),
        ("9.90003E+14", "was rounded by a spreadsheet"),
        ("9,90003e+14", "was rounded by a spreadsheet"),
        ("9.90003425730535E14", "was rounded by a spreadsheet"),
        ("990003425730000.0", "may have been rounded"),
        (990000000000000.0, "may have been rounded"),
        (990003425730535.5, "contains an IMEI and more"),
        (float("nan"), "is not an IMEI"),
        (718046013230, "is what YAML makes of 012345670123456: YAML reads 0… as octal; write the IMEI in quotes"),
        (True, "is a boolean"),
        (None, "is nothing"),
        ([A], "is a list inside the list"),
        (type("_AnsibleTaggedList", (list,), {})([A]), "is a list inside the list"),
        (type("_AnsibleTaggedDate", (datetime.date,), {})(2026, 11, 29), "is a date"),
        ({"imei": A}, "is a mapping with the key 'imei'; write the IMEI alone"),
        ({}, "is a mapping; "),
        (b"990003425730535", "is a bytes"),
        (f"{A}\n{B}\n", "has several lines; write a list, with a hyphen before each IMEI"),
        (f"{A} {B}", "has 30 digits; an IMEI has 15, and this may be 2 of them"),
        (f"{A};{B}", "contains 2 IMEIs; write each as an entry of its own"),
        (f"imei {A}", "contains an IMEI and more"),
        ("N/A", "is not an IMEI"),
    ],
)
def test_what_is_no_imei_is_named_with_its_place_and_why(value, why):
    text = bad([A, value, B])

    assert "imeis has 1 invalid entry; nothing was sent:\nimeis[1]: " in text
    assert why in text


def test_octal_digits_are_those_that_yaml_read():
    assert int("12345670123456", 8) == 718046013230
    # No octal literal results in a number of 14 digits.
    assert "octal" not in bad([10**13]) and "octal" not in bad([12])


@pytest.mark.parametrize(
    ("octal", "why"),
    [
        ("123456701234", "has 11 digits; an IMEI has 15 (write IMEIs in quotes"),
        ("1234567012345", "has 11 digits, and is what YAML makes of 001234567012345: YAML reads 0… as octal"),
        ("12345670123456", "has 12 digits, and is what YAML makes of 012345670123456: YAML reads 0… as octal"),
        ("123456701234567", "has 13 digits; an IMEI has 15 (write IMEIs in quotes"),
        ("-1234567012345", "is not an IMEI"),
    ],
)
def test_a_number_may_be_octal_if_an_imei_begins_with_one_or_two_zeros(octal, why):
    assert why in bad([int(octal, 8)])


def test_a_number_of_digits_may_be_several_imeis_only_if_it_is_theirs():
    assert bad(["8914800000000000000"]).endswith(" has 19 digits; an IMEI has 15")


def test_digits_that_yaml_may_have_eaten_come_with_advice():
    assert "quotes" in bad(["12345678901234"])
    assert "quotes" not in bad(["1234567890123456"])


def test_every_bad_entry_is_named_at_once():
    text = bad(["x", A, "", B, None])

    assert text.splitlines() == [
        "imeis has 3 invalid entries; nothing was sent:",
        "imeis[0]: 'x' is not an IMEI; an IMEI has 15 digits and nothing else",
        "imeis[2]: '' is empty; an IMEI has 15 digits",
        "imeis[4]: None is nothing; write each IMEI as text of 15 digits",
    ]


def test_of_many_bad_entries_twenty_are_named_and_the_others_counted_by_kind():
    text = bad(["x"] * 30 + ["1" * 14] * 39000 + ["", None, {}, 5, "9E+14", f"{A};{B}"])
    lines = text.splitlines()

    assert "39036 invalid entries" in lines[0]
    assert len(lines) == 22
    assert lines[-1].startswith("and 39016 more: 39000 with 14 digits, 10 not IMEIs, 1 ")
    for kind in ("empty", "nothing", "mappings", "with 1 digit", "rounded by a spreadsheet", "with several IMEIs"):
        assert kind in lines[-1]
    assert len(text) < 5000


def test_an_entry_is_shown_bounded_and_on_one_line():
    text = bad(["y" * 5000, "\x1b[31m\nfoo"])

    assert "y" * 41 not in text
    assert "\x1b" not in text
    assert len(text.splitlines()) == 3


def test_letters_of_other_scripts_are_shown_unless_something_invisible_is_among_them():
    assert imei_validation.shown("Zähler") == "'Zähler'"
    assert imei_validation.shown("Zähler\u200b") == r"'Z\xe4hler\u200b'"


@pytest.mark.parametrize("values", [[], (), None])
def test_an_empty_list_is_rejected(values):
    assert "imeis is empty" in bad(values)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (A, True),
        (f"x{A}y", True),
        ("99-000342-573053-5", True),
        (f"12 {A} 3", True),
        ("99000342573053", True),
        (f"{A}0", True),
        ("9900034257305", False),
        (f"{A}01", False),
        ("9.90003E+14", True),
        ("ICCID 8914800000000000000", False),
        ("+1 555 123 4567", False),
        ("", False),
    ],
)
def test_a_text_that_may_hide_an_imei_is_known(text, found):
    assert imei_validation.has_number_like_an_imei(text) is found


@pytest.mark.parametrize(
    ("text", "rounded"),
    [
        ("9.9E+14", True),
        (" '9,90003e14", True),
        ('="1E+14"', True),
        ("9.9E+13", False),
        ("9.9E+114", False),
        ("SITE14", False),
        (A, False),
    ],
)
def test_a_rounded_imei_is_a_number_of_fifteen_digits_in_scientific_notation(text, rounded):
    assert imei_validation.is_rounded_imei(text) is rounded


@pytest.mark.parametrize(
    "text",
    [
        "1" * 65535,
        "1" * 65534 + "x",
        f"1{' ' * 65533}x",
        "1 " * 32767 + "x",
        f"{A}{' ' * 65519}x",
        f"2026-11-28{' ' * 65524}x",
        f"1{' ' * 65523}2026-11-28x",
    ],
    ids=["digits", "digits and a letter", "blanks", "digits and blanks", "IMEI", "date", "date at the end"],
)
def test_a_long_text_takes_no_longer_than_its_length(text):
    began = time.process_time()
    imei_validation.parse_imei(text)
    imei_validation.error_of(text)
    imei_validation.has_number_like_an_imei(text)
    assert time.process_time() - began < 2


# Anything


def is_imei(text):
    return len(text) == 15 and set(text) <= set("0123456789")


VALUES = st.one_of(
    st.text(), st.integers(), st.floats(), st.none(), st.booleans(), st.lists(st.text()), st.from_regex(r"[0-9]{15}")
)


@given(st.lists(VALUES))
def test_any_list_is_imeis_or_rejected(values):
    try:
        imeis = imei_validation.from_list(values)
    except imei_validation.InvalidIMEIs as error:
        assert len(str(error)) < 10000
        return
    assert all(map(is_imei, imeis))
    assert len(imeis) == len(set(imeis))


@given(
    st.from_regex(r"[0-9]{15}", fullmatch=True),
    st.lists(st.sampled_from(["", "", "", "-", " ", "\u00a0", " - "]), min_size=14, max_size=14),
    st.sampled_from(["{}", "'{}", '="{}"', " {} ", "{}.0"]),
)
def test_no_spelling_is_read_as_another_imei(imei, separators, around):
    text = around.format("".join(digit + between for digit, between in zip(imei, [*separators, ""])))
    assert imei_validation.parse_imei(text) in (imei, None)
