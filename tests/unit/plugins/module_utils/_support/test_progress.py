# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The progress that a running module reports, which never matters to the run."""

from __future__ import annotations

import gc
import json
import os
import stat
import threading
from collections import Counter

import pytest

from ansible_collections.verizon.fota.plugins.module_utils._support.progress import reporter


def lines(path):
    blank, *others = path.read_text(encoding="utf-8").splitlines()
    assert blank == "", "the first line says that the file is open"
    return [json.loads(line) for line in others]


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "progress"
    path.touch(mode=0o600)
    return path


def test_each_report_is_a_line_with_the_counts_of_its_moment(file):
    counts = Counter()
    report = reporter(str(file), counts)
    report("read", 1000, 2000)
    counts.update(removed=980, failed=15, unknown=5, unlicensed=7)
    report("remove", 1000, 1990)

    assert lines(file) == [
        {"phase": "read", "done": 1000, "total": 2000, "changed": 0, "failed": 0},
        {"phase": "remove", "done": 1000, "total": 1990, "changed": 980, "failed": 20},
    ]


def test_what_failed_before_the_removal_is_not_among_those_that_are_sent(file):
    counts = Counter(failed=16)
    report = reporter(str(file), counts)
    report("remove", 0, 2099)
    counts.update(removed=95, failed=3, unknown=1)
    report("remove", 99, 2099)

    assert [(line["done"], line["changed"], line["failed"]) for line in lines(file)] == [(0, 0, 0), (99, 95, 4)]


def test_what_is_in_the_file_stays(file):
    file.write_text("\nnot mine\n", encoding="utf-8")
    reporter(str(file), {})("read", 1, 2)

    assert file.read_text(encoding="utf-8").startswith("\nnot mine\n\n{")


def test_counts_are_not_added_to(file):
    counts = Counter()
    reporter(str(file), counts)("read", 1, 2)

    assert not counts


def test_without_a_path_nothing_happens(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    reporter(None, {})("read", 1, 2)

    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_not_there_is_not_made(tmp_path):
    reporter(str(tmp_path / "progress"), {})("read", 1, 2)

    assert list(tmp_path.iterdir()) == []


def test_lines_go_on_where_the_file_was_deleted_once_open(file):
    with open(file, encoding="utf-8") as reader:
        report = reporter(str(file), {})
        file.unlink()
        report("read", 1, 2)

        assert json.loads(reader.read()) == {"phase": "read", "done": 1, "total": 2, "changed": 0, "failed": 0}
    assert not file.exists()


def test_a_link_is_not_followed(file):
    link = file.with_name("link")
    link.symlink_to(file)
    reporter(str(link), {})("read", 1, 2)

    assert file.read_bytes() == b""


def test_an_unread_pipe_blocks_nothing(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    reporter(str(path), {})("read", 1, 2)

    assert stat.S_ISFIFO(path.stat().st_mode)


def test_nothing_goes_into_a_pipe(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        reporter(str(path), {})("read", 1, 2)

        assert os.read(reader, 100) == b""
    finally:
        os.close(reader)


@pytest.mark.parametrize("path", ["/", "", "no\0path", "/dev/full", "/proc/self/mem/x"])
def test_a_path_that_is_no_file_is_ignored(path):
    reporter(path, {})("read", 1, 2)


@pytest.mark.parametrize("broken", ["open", "write"])
def test_a_failing_disk_is_ignored(file, monkeypatch, broken):
    def fails(*args):
        raise OSError(5, "Input/output error")

    report = reporter(str(file), {})
    monkeypatch.setattr(os, broken, fails)

    report("read", 1, 2)
    reporter(str(file), {})("read", 1, 2)
    assert lines(file) == ([{"phase": "read", "done": 1, "total": 2, "changed": 0, "failed": 0}] * (broken == "open"))


def test_lines_of_several_threads_stay_intact(file):
    report = reporter(str(file), {"removed": 1})
    threads = [
        threading.Thread(target=lambda: [report("remove", done, 200) for done in range(200)]) for _number in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(line["done"] for line in lines(file)) == sorted(list(range(200)) * 8)


def test_the_file_is_closed_with_the_last_use(file):
    def opened():
        names = [os.path.join("/proc/self/fd", name) for name in os.listdir("/proc/self/fd")]
        return str(file) in [os.readlink(name) for name in names if os.path.lexists(name)]

    report = reporter(str(file), {})
    assert opened()
    del report
    gc.collect()
    assert not opened()
