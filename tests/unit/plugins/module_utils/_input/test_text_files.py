# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lines of text files in the encodings that programs write, wherever a chunk of the file ends."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.verizon.fota.plugins.module_utils._input import text_files
from ansible_collections.verizon.fota.plugins.module_utils._input.text_files import NotText, read_lines

ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-be"]
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0\ufeff"), max_size=60)


def encoded(text, encoding):
    # Python writes the mark of the others by itself.
    return ("\ufeff" + text if encoding == "utf-16-be" else text).encode(encoding)


@pytest.fixture(name="lines")
def _lines(tmp_path):
    def lines(content):
        path = tmp_path / "text"
        path.write_bytes(content)
        return list(read_lines(str(path)))

    return lines


def info(lines, content):
    with pytest.raises(NotText) as caught:
        lines(content)
    return str(caught.value)


@pytest.mark.parametrize("chunk", [1, 2, 3, 7, 1 << 18])
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_lines_are_those_of_the_text(lines, monkeypatch, encoding, chunk):
    monkeypatch.setattr(text_files, "_CHUNK", max(chunk, 3))
    assert lines(encoded("ä\r\n\n\U0001f600 x\u2028y\nend", encoding)) == ["ä\r", "", "\U0001f600 x\u2028y", "end"]
    assert lines(encoded("a\nb\n", encoding)) == ["a", "b"]
    assert lines(encoded("", encoding)) == []


@given(TEXT, st.sampled_from(ENCODINGS), st.integers(3, 9))
def test_any_text_is_read_back_unchanged(tmp_path_factory, text, encoding, chunk):
    path = tmp_path_factory.getbasetemp() / "any text"
    path.write_bytes(encoded(text, encoding))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text_files, "_CHUNK", chunk)
        assert "\n".join(read_lines(str(path))) == text[: -1 if text.endswith("\n") else None]


@given(TEXT, TEXT, st.integers(3, 9))
def test_what_is_not_utf_8_is_named_with_line_and_byte(tmp_path_factory, before, after, chunk):
    path = tmp_path_factory.getbasetemp() / "not utf-8"
    start = before.encode()
    path.write_bytes(start + b"\xff" + after.encode())
    with pytest.MonkeyPatch.context() as patch, pytest.raises(NotText) as caught:
        patch.setattr(text_files, "_CHUNK", chunk)
        list(read_lines(str(path)))
    line, byte = start.count(b"\n") + 1, len(start) - (start.rfind(b"\n") + 1) + 1
    if start != b"":
        assert str(caught.value) == f"{path} is not UTF-8 text: line {line}, byte {byte}; save it as UTF-8"


@pytest.mark.parametrize("chunk", [4, 1 << 18])
@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("a\nfaçade\n".encode("cp1252"), "is not UTF-8 text: line 2, byte 3; save it as UTF-8"),
        ("a\nä".encode()[:-1], "is not UTF-8 text: line 2, byte 1"),
        ("a\nb".encode("utf-16")[:-1], "is not UTF-16 text: line 2, byte 1"),
        (
            "a\n".encode("utf-16-le"),
            "is a binary file, or UTF-16 without a byte order mark (line 1 contains a zero byte)",
        ),
        (b"a\nb\0\n", "line 2 contains a zero byte"),
        (b"9" * 65536, "line 1 is over 65536 characters long"),
        (b"a\n" + b"9" * 1000000, "line 2 is over 65536 characters long"),
        (b"PK\x03\x04....", "is a workbook (.xlsx, .xls, .ods), not a text file; save its sheet as CSV UTF-8"),
        (b"\xd0\xcf\x11\xe0....", "is a workbook"),
    ],
)
def test_what_is_not_text_is_named(lines, monkeypatch, content, why, chunk):
    monkeypatch.setattr(text_files, "_CHUNK", chunk)
    assert why in info(lines, content)


def test_a_file_that_is_meant_to_be_utf_16_is_not_to_become_utf_8(lines):
    assert info(lines, "a\nb".encode("utf-16")[:-1]).endswith("is not UTF-16 text: line 2, byte 1")


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    for path, why in ((tmp_path / "none", "No such file or directory"), (tmp_path, "Is a directory"), ("a\0", "null")):
        with pytest.raises(NotText, match=f"cannot be read: .*{why}"):
            list(read_lines(str(path)))


def test_a_line_that_is_too_long_ends_the_reading_before_the_file_is_in_memory(tmp_path, monkeypatch):
    path = tmp_path / "endless"
    path.write_bytes(b"9" * 10_000_000)
    read = []

    class Counting(io.FileIO):
        def read(self, size=-1):
            read.append(size)
            return super().read(size)

    monkeypatch.setattr("builtins.open", Counting)
    with pytest.raises(NotText):
        list(read_lines(str(path)))
    assert sum(read) < 1_000_000
