# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""report.csv and report.json: every text of a journal is unchanged, and spreadsheets execute none of it."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ansible_collections.verizon.fota.plugins.module_utils._report.contents import Groups, Head
from ansible_collections.verizon.fota.plugins.module_utils._report.csv_json import (
    COLUMNS,
    CsvReport,
    JsonReport,
    escape_formula,
    format_imei,
)

SUMMARY = {"requested": 1, "removed": 0, "unlicensed": 0, "failed": 1, "unknown": 0, "skipped": 0}
HEAD = Head("2026-11-23T02:00:00Z", False, ["0642233522-00001"], [], SUMMARY, message="m")
# Any text that JSON can contain, including lone surrogates
ANY = st.text(st.characters())


def device(**more):
    return {"imei": "012345678901234", "outcome": "failed", "account": "a", "time": "t", **more}


def csv_of(*devices):
    file = io.StringIO(newline="")
    report = CsvReport(file, HEAD)
    for one, name in devices:
        report.add(one, name)
    return file.getvalue()


def json_of(*devices):
    file, groups = io.StringIO(), Groups(5)
    report = JsonReport(file, HEAD)
    for one, name in devices:
        groups.add(one)
        report.add(one, name)
    report.end(groups)
    return json.loads(file.getvalue())


def test_csv_has_a_mark_a_header_and_a_row_for_each_device():
    text = csv_of((device(reason='a "b", c', run_id="r" * 12), "meter"))
    assert text.startswith("\ufeffimei,imei_text,name,outcome,reason,")
    assert text.endswith("\r\n")
    (row,) = csv.DictReader(io.StringIO(text[1:], newline=""))
    assert row == {
        **dict.fromkeys(COLUMNS, ""),
        "imei": "012345678901234",
        "imei_text": "01-234567-890123-4",
        "name": "meter",
        "outcome": "failed",
        "reason": 'a "b", c',
        "kind": "result",
        "account": "a",
        "run_id": "r" * 12,
        "time": "t",
    }


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\r=", "\n=", " =", "\uff1d", "\uff0d", "\x00="])
def test_formulas_are_made_inert(start):
    assert escape_formula(f'{start}HYPERLINK("http://x")').startswith("'")


def test_a_formula_after_a_semicolon_is_made_inert():
    assert escape_formula("refused;=1+1; -2;3") == "refused;'=1+1; '-2;3"


@pytest.mark.parametrize("text", ["", "Success", "a=b", "0642233522-00001", "2026-11-23T02:00:00Z", "\u00e9t\u00e9"])
def test_other_text_stays_as_it_is(text):
    assert escape_formula(text) == text


@given(ANY, ANY)
@example('=cmd|"/c calc"!A1', "-1")
@example("a\r\n=1", "\ud800")
def test_csv_brings_back_any_text_as_one_row_without_formulas(name, reason):
    text = csv_of((device(reason=reason), name)).encode("utf-8").decode("utf-8-sig")
    assert len(re.split("\r\n|\r|\n", text)) == 3
    _header, row = csv.reader(io.StringIO(text, newline=""), strict=True)
    assert len(row) == len(COLUMNS)
    for cell, content in ((row[2], name), (row[4], reason)):
        assert not cell or cell.lstrip()[:1] not in tuple("=+-@")
        plain = [sign for sign in content if sign.isalnum()]
        assert [sign for sign in cell if sign.isalnum()] == plain


def test_an_imei_is_distinguished_from_a_number():
    assert format_imei("012345678901234") == "01-234567-890123-4"


@given(ANY, ANY)
@example("\ud800", "</script>")
def test_json_brings_back_any_text(name, reason):
    content = json_of((device(reason=reason), name))
    (back,) = content["devices"]
    assert (back.get("name", ""), back["reason"]) == (name, reason)
    assert content["failures_by_reason"][0]["example"] == {"imei": "012345678901234", "reason": reason or None}


def test_json_without_devices_is_complete():
    assert json_of()["devices"] == []
