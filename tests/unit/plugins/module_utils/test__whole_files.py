# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files that are replaced as a whole."""

from __future__ import annotations

import os
import stat

import pytest

from ansible_collections.verizon.fota.plugins.module_utils._whole_files import CannotWrite, replaced

NAMES = ["a.txt", "b.txt"]


def write(directory, *texts):
    with replaced(str(directory), NAMES) as files:
        for file, text in zip(files, texts):
            file.write(text)


def test_files_appear_together_with_the_mode_that_the_umask_allows(tmp_path):
    before = os.umask(0o027)
    try:
        write(tmp_path / "new" / "deep", "one\r\n", "two")
    finally:
        os.umask(before)
    place = tmp_path / "new" / "deep"
    assert [(place / name).read_bytes() for name in NAMES] == [b"one\r\n", b"two"]
    assert stat.S_IMODE((place / "a.txt").stat().st_mode) == 0o640
    assert sorted(os.listdir(place)) == NAMES


def test_a_file_that_replaces_another_one_is_no_more_open_than_that(tmp_path):
    write(tmp_path, "old", "old")
    (tmp_path / "a.txt").chmod(0o600)
    write(tmp_path, "new", "new")
    assert (tmp_path / "a.txt").read_text() == "new"
    assert stat.S_IMODE((tmp_path / "a.txt").stat().st_mode) == 0o600


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_a_file_that_replaces_another_one_has_its_owner(tmp_path):
    write(tmp_path, "old", "old")
    os.chown(tmp_path / "a.txt", 12345, 23456)
    write(tmp_path, "new", "new")
    after = (tmp_path / "a.txt").stat()
    assert (after.st_uid, after.st_gid) == (12345, 23456)


def test_a_file_whose_group_cannot_be_kept_is_closed_to_the_other_one(tmp_path, monkeypatch):
    def refuse(file, user, group):
        raise PermissionError(1, "Operation not permitted")

    write(tmp_path, "old", "old")
    (tmp_path / "a.txt").chmod(0o664)
    monkeypatch.setattr(os, "fchown", refuse)
    write(tmp_path, "new", "new")
    assert (tmp_path / "a.txt").read_text() == "new"
    assert stat.S_IMODE((tmp_path / "a.txt").stat().st_mode) == 0o604


def test_until_the_end_the_old_ones_stand_and_after_an_error_too(tmp_path):
    write(tmp_path, "old", "old")
    with pytest.raises(KeyError), replaced(str(tmp_path), NAMES) as (first, _second):
        first.write("new")
        first.flush()
        assert (tmp_path / "a.txt").read_text() == "old"
        raise KeyError
    assert (tmp_path / "a.txt").read_text() == "old"
    assert sorted(os.listdir(tmp_path)) == NAMES


def test_what_is_in_the_way_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotWrite, match=f"^{tmp_path}/file/x cannot be written: Not a directory$"):
        write(tmp_path / "file" / "x", "", "")
    (tmp_path / "b.txt").mkdir()
    with pytest.raises(CannotWrite, match=f"^{tmp_path}/b.txt cannot be written: .*directory$"):
        write(tmp_path, "", "")
    with pytest.raises(CannotWrite, match="cannot be written: .*embedded null"):
        write("a\0b", "", "")
    assert sorted(os.listdir(tmp_path)) == ["b.txt", "file"]


def test_a_directory_that_cannot_be_written_is_named_without_the_draft(tmp_path, monkeypatch):
    def refuse(path, *_unused):
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(CannotWrite) as error:
        write(tmp_path, "", "")
    assert str(error.value) == f"{tmp_path}/a.txt cannot be written: Permission denied"
