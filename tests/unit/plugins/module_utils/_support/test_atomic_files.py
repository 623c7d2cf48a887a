# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files that are replaced atomically."""

from __future__ import annotations

import os
import stat

import pytest

from ansible_collections.verizon.fota.plugins.module_utils._support.atomic_files import CannotWrite, atomic_write

NAMES = ["a.txt", "b.txt"]


def deny(*_unused):
    raise PermissionError(1, "Operation not permitted")


def write(directory, *texts):
    with atomic_write(str(directory), NAMES) as files:
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


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may change the owner of files")
def test_a_file_that_replaces_another_one_has_its_owner(tmp_path):
    write(tmp_path, "old", "old")
    os.chown(tmp_path / "a.txt", 12345, 23456)
    write(tmp_path, "new", "new")
    after = (tmp_path / "a.txt").stat()
    assert (after.st_uid, after.st_gid) == (12345, 23456)


def test_a_file_whose_group_cannot_be_kept_is_closed_to_the_other_one(tmp_path, monkeypatch):
    write(tmp_path, "old", "old")
    (tmp_path / "a.txt").chmod(0o664)
    real = os.fstat

    class OfAnotherGroup:
        def __init__(self, file):
            self.st_gid, self.st_mode = real(file).st_gid + 1, real(file).st_mode

    monkeypatch.setattr(os, "fstat", OfAnotherGroup)
    monkeypatch.setattr(os, "fchown", deny)
    write(tmp_path, "new", "new")
    monkeypatch.undo()
    assert (tmp_path / "a.txt").read_text() == "new"
    assert stat.S_IMODE((tmp_path / "a.txt").stat().st_mode) == 0o604


@pytest.mark.parametrize("denied", [["fchmod"], ["fchmod", "fchown"]])
def test_a_file_system_that_denies_chmod_takes_a_report_twice(tmp_path, monkeypatch, denied):
    """There, all files have the mode that the file system was mounted with."""
    for name in denied:
        monkeypatch.setattr(os, name, deny)
    before = os.umask(0o027)
    try:
        write(tmp_path, "old", "old")
        write(tmp_path, "new", "new")
    finally:
        os.umask(before)
    assert [(tmp_path / name).read_text() for name in NAMES] == ["new", "new"]
    assert sorted(os.listdir(tmp_path)) == NAMES


def test_a_file_that_would_become_more_open_is_not_written(tmp_path, monkeypatch):
    write(tmp_path, "old", "old")
    (tmp_path / "a.txt").chmod(0o600)
    monkeypatch.setattr(os, "fchmod", deny)
    with pytest.raises(
        CannotWrite, match=f"^{tmp_path}/a.txt cannot be written: its mode cannot be kept: Operation not"
    ):
        write(tmp_path, "new", "new")
    assert (tmp_path / "a.txt").read_text() == "old"
    assert sorted(os.listdir(tmp_path)) == NAMES


def test_a_link_is_written_through(tmp_path):
    place, elsewhere = tmp_path / "report", tmp_path / "elsewhere"
    place.mkdir(), elsewhere.mkdir()
    (elsewhere / "there.txt").write_text("old")
    (elsewhere / "there.txt").chmod(0o600)
    (place / "a.txt").symlink_to(elsewhere / "there.txt")
    (place / "b.txt").symlink_to("../elsewhere/not yet.txt")
    write(place, "one", "two")
    assert (place / "a.txt").is_symlink() and (place / "b.txt").is_symlink()
    assert [(place / name).read_text() for name in NAMES] == ["one", "two"]
    assert stat.S_IMODE((elsewhere / "there.txt").stat().st_mode) == 0o600
    assert sorted(os.listdir(elsewhere)) == ["not yet.txt", "there.txt"] and sorted(os.listdir(place)) == NAMES


def test_a_file_in_place_of_the_directory_is_reported(tmp_path):
    (tmp_path / "report").touch()
    with pytest.raises(CannotWrite, match=f"^{tmp_path}/report cannot be written: Not a directory$"):
        write(tmp_path / "report", "one", "two")


def test_a_directory_that_is_a_link_is_written_through(tmp_path):
    (tmp_path / "there").mkdir()
    (tmp_path / "link").symlink_to("there")
    write(tmp_path / "link", "one", "two")
    assert (tmp_path / "link").is_symlink() and sorted(os.listdir(tmp_path / "there")) == NAMES


def test_what_a_link_leads_to_is_replaced_only_if_it_is_a_file(tmp_path):
    (tmp_path / "a.txt").symlink_to("/dev/null")
    with pytest.raises(CannotWrite, match="^/dev/null cannot be written: it is not a regular file$"):
        write(tmp_path, "", "")
    (tmp_path / "a.txt").unlink()
    (tmp_path / "a.txt").symlink_to("a.txt")
    with pytest.raises(CannotWrite, match=f"^{tmp_path}/a.txt cannot be written: Too many levels of symbolic links$"):
        write(tmp_path, "", "")
    (tmp_path / "a.txt").unlink()
    (tmp_path / "a.txt").symlink_to("nowhere/a.txt")
    with pytest.raises(CannotWrite, match=f"^{tmp_path}/nowhere/a.txt cannot be written: No such file or directory$"):
        write(tmp_path, "", "")
    os.mkfifo(tmp_path / "b.txt")
    (tmp_path / "a.txt").unlink()
    with pytest.raises(CannotWrite, match="b.txt cannot be written: it is not a regular file"):
        write(tmp_path, "", "")


def test_until_the_end_the_old_ones_stand_and_after_an_error_too(tmp_path):
    write(tmp_path, "old", "old")
    with pytest.raises(KeyError), atomic_write(str(tmp_path), NAMES) as (first, _second):
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
    def deny_open(path, *_unused):
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(os, "open", deny_open)
    with pytest.raises(CannotWrite) as error:
        write(tmp_path, "", "")
    assert str(error.value) == f"{tmp_path}/a.txt cannot be written: Permission denied"
