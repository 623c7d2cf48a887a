# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The journal of a run: its lines, files that it does not change, and when a line counts as written."""

from __future__ import annotations

import errno
import json
import os
import re
import subprocess
import sys
import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.verizon.fota.plugins.module_utils import _journal
from ansible_collections.verizon.fota.plugins.module_utils._journal import Journal, JournalBroken, journal
from ansible_collections.verizon.fota.plugins.module_utils._licenses.device_outcome import Device
from ansible_collections.verizon.fota.plugins.module_utils._result import row
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.license_change import (
    DOCUMENTED_DETAILS,
)
from ansible_collections.verizon.fota.tests.unit.child_process import environment

FIRST, SECOND = {"imei": "990003425730535"}, {"imei": "990000473475989"}


def write(path, *devices, **always):
    with Journal(str(path), always) as opened:
        opened.write(map(json.dumps, devices))


def imeis(path):
    return [json.loads(line)["imei"] for line in path.read_text(encoding="utf-8").splitlines()]


def python(code, *args):
    """Run a program with the journal in a separate process."""
    lines = ["import sys", "from ansible_collections.verizon.fota.plugins.module_utils._journal import *"]
    return subprocess.Popen(
        [sys.executable, "-c", "\n".join([*lines, textwrap.dedent(code)]), *map(str, args)],
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        universal_newlines=True,
    )


def output_of(process):
    out, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (0, "")
    return out


# Its lines


def test_a_line_has_the_time_and_the_fields_of_the_run_and_of_the_device(tmp_path):
    write(tmp_path / "journal", {"imei": "1", "reason": "für später"}, account="a", check_mode=True)
    (line,) = (tmp_path / "journal").read_text(encoding="utf-8").splitlines()
    row = json.loads(line)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", row.pop("time"))
    assert row == {"account": "a", "check_mode": True, "imei": "1", "reason": "für später"}


def test_a_line_break_in_a_reason_does_not_break_the_line(tmp_path):
    write(tmp_path / "journal", {"imei": "1", "reason": "a\nb\u2028c\r"})
    assert len((tmp_path / "journal").read_bytes().splitlines()) == 1


def test_it_grows_and_keeps_what_is_there(tmp_path):
    path = tmp_path / "journal"
    write(path, FIRST)
    before = path.read_bytes()
    write(path, SECOND)
    assert path.read_bytes().startswith(before)
    assert imeis(path) == [FIRST["imei"], SECOND["imei"]]


def test_missing_devices_are_written_in_parts(tmp_path, monkeypatch):
    monkeypatch.setattr(_journal, "_PART", 2)
    with Journal(str(tmp_path / "journal"), {}) as opened:
        opened.write_missing(lambda: iter([json.dumps({"imei": str(number)}) for number in range(5)]))
        opened.write_missing(lambda: iter([]))
    assert imeis(tmp_path / "journal") == ["0", "1", "2", "3", "4"]


def test_no_devices_are_no_lines(tmp_path):
    write(tmp_path / "journal")
    assert (tmp_path / "journal").read_bytes() == b""


def stricken(path, **entry):
    """Write a device with this reason; return its line after redaction."""
    with journal(str(path), {}, lambda: lambda text: text.replace("hunter2", "***"), {}) as unwritten:
        assert unwritten([Device("1", "failed", entry)]) is None
    (row,) = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return row


def test_secrets_are_redacted_in_responses(tmp_path):
    row = stricken(tmp_path / "journal", status="hunter2 failed", resultReason="token hunter2 is bad")
    assert (row["status"], row["reason"]) == ("*** failed", "token *** is bad")


@pytest.mark.parametrize("member", ["updatedTime", "recentAttemptTime", "nextAttemptTime"])
def test_secrets_are_redacted_in_times_too(tmp_path, member):
    row = stricken(tmp_path / "journal", **{member: "at hunter2"})
    assert "at ***" in row.values()


# All at once, if they are as documented

TEXTS = st.sampled_from(["Success", "hunter2", 'a "quote"', "back\\slash", "für", " x", "a  b", "%s", "", "x" * 301])
DETAILS = st.fixed_dictionaries(dict.fromkeys(DOCUMENTED_DETAILS, st.just("Success") | TEXTS | st.text(max_size=3)))
ENTRIES = DETAILS | st.fixed_dictionaries({}, optional=dict.fromkeys(DOCUMENTED_DETAILS, TEXTS | st.integers()))
DEVICES = st.builds(Device, st.sampled_from(["1", "2"]), st.sampled_from(["removed", "assigned", "failed"]), ENTRIES)
USUAL = st.builds(Device, st.just("1"), st.just("removed"), st.just(dict.fromkeys(DOCUMENTED_DETAILS, "Success")))


@given(
    devices=st.lists(DEVICES, max_size=2) | st.lists(USUAL, max_size=3),
    secret=st.sampled_from(["hunter2", "ucc", "zz"]),
)
def test_devices_are_written_together_as_each_by_itself(devices, secret):
    def redact(text):
        return text.replace(secret, "***")

    each = [json.dumps(_journal._redacted(row(device, {}), redact)) for device in devices]

    assert list(_journal._json_objects(devices, {}, redact)) == each


def test_nearly_all_devices_are_written_together():
    entry = dict.fromkeys(DOCUMENTED_DETAILS, "2026-11-23T03:40:41.426Z")

    assert len(_journal._documented_json_objects([Device("1", "removed", entry)], str)) == 1


# Existing files


@pytest.mark.parametrize("unfinished", ['{"ti', "{", '{"time": "…", "reason": "' + "x" * 10_000], ids=len)
@pytest.mark.parametrize("before", [(), (FIRST,)], ids=["nothing", "a line"])
def test_a_line_that_a_killed_run_left_unfinished_is_removed(tmp_path, before, unfinished):
    path = tmp_path / "journal"
    write(path, *before)
    with open(path, "a", encoding="utf-8") as file:
        file.write(unfinished)
    write(path, SECOND)
    assert imeis(path) == [device["imei"] for device in (*before, SECOND)]


@pytest.mark.parametrize("content", [b"350000000000006", b"imei\n350000000000006", b"\x00" * 5000, b"a" * 4096 + b"{"])
def test_another_file_without_a_final_line_break_is_rejected_unchanged(tmp_path, content):
    path = tmp_path / "fleet.csv"
    path.write_bytes(content)
    with pytest.raises(JournalBroken, match=r"fleet\.csv cannot be written: .*is it another file\?"):
        Journal(str(path), {})
    assert path.read_bytes() == content


@pytest.mark.parametrize("content", [b'{"plant": "north", "meters": [1, 2]}', b"{{ template }}", b"{\n}\n{ not ours }"])
def test_another_file_that_begins_with_a_brace_is_rejected_unchanged(tmp_path, content):
    path = tmp_path / "facts.json"
    path.write_bytes(content)
    with pytest.raises(JournalBroken):
        Journal(str(path), {})
    assert path.read_bytes() == content


def test_a_complete_line_without_a_line_break_is_kept(tmp_path):
    path = tmp_path / "journal"
    write(path, FIRST)
    os.truncate(path, path.stat().st_size - 1)
    write(path, SECOND)
    assert imeis(path) == [FIRST["imei"], SECOND["imei"]]


def test_a_missing_folder_is_reported(tmp_path):
    with pytest.raises(JournalBroken, match="No such file or directory"):
        Journal(str(tmp_path / "missing" / "journal"), {})


def test_a_folder_is_none(tmp_path):
    with pytest.raises(JournalBroken, match="Is a directory"):
        Journal(str(tmp_path), {})


def test_a_pipe_and_a_device_are_none(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (str(tmp_path / "pipe"), "/dev/null", "/dev/full"):
        with pytest.raises(JournalBroken, match=f"^the journal {path} cannot be written: it is not a regular file$"):
            Journal(path, {})


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_file_that_must_not_be_written_is_reported(tmp_path):
    path = tmp_path / "journal"
    path.touch(0o400)
    with pytest.raises(JournalBroken, match="Permission denied"):
        Journal(str(path), {})


def test_an_invalid_path_is_reported():
    with pytest.raises(JournalBroken):
        Journal("a\0b", {})


# Errors of writing


@pytest.fixture
def full_from(monkeypatch):
    """Make the disk full after so many more bytes; the last write is partial, as on a real disk."""

    def full(size):
        left = [size]
        real = os.write

        def write_some(file, text):
            taken = min(len(text), left[0])
            if not taken:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            left[0] -= taken
            return real(file, bytes(text[:taken]))

        monkeypatch.setattr(_journal.os, "write", write_some)

    return full


@pytest.mark.parametrize("size", [0, 1, 40, 70])
def test_a_full_disk_takes_all_lines_of_a_batch_or_none(tmp_path, full_from, size):
    path = tmp_path / "journal"
    with Journal(str(path), {}) as opened:
        opened.write(map(json.dumps, [FIRST]))
        before = path.read_bytes()
        full_from(size)
        with pytest.raises(JournalBroken, match="No space left on device"):
            opened.write(map(json.dumps, [FIRST, SECOND]))
    assert path.read_bytes() == before


def test_partial_writes_are_completed(tmp_path, monkeypatch):
    real = os.write
    monkeypatch.setattr(_journal.os, "write", lambda file, text: real(file, bytes(text[:7])))
    write(tmp_path / "journal", FIRST, SECOND)
    assert imeis(tmp_path / "journal") == [FIRST["imei"], SECOND["imei"]]


def test_a_limit_on_file_sizes_takes_all_lines_of_a_batch_or_none(tmp_path):
    path = tmp_path / "journal"
    process = python(
        """
        import resource, signal
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
        written = 0
        with Journal(sys.argv[1], {}) as opened:
            try:
                while True:
                    opened.write([json.dumps({"imei": str(written)})] * 3)
                    written += 1
            except JournalBroken as error:
                print(written, error)
        """,
        path,
    )
    batches, _blank, error = output_of(process).partition(" ")
    assert "File too large" in error
    assert int(batches) > 1
    assert imeis(path) == [str(number) for number in range(int(batches)) for _line in range(3)]


def test_a_failed_journal_is_reported_and_raises_no_error_in_a_run(tmp_path, full_from):
    path = tmp_path / "journal"
    with journal(str(path), {}, lambda: str, {}) as unwritten:
        full_from(0)
        assert unwritten([Device("1", "removed")]) == f"the journal {path} cannot be written: No space left on device"


# When it is written


def test_lines_are_on_disk_before_write_returns(tmp_path, monkeypatch):
    path, synced = tmp_path / "journal", []
    real = os.fsync

    def fsync(file):
        assert os.fstat(file).st_ino == path.stat().st_ino
        real(file)
        synced.append(path.read_bytes())

    monkeypatch.setattr(_journal.os, "fsync", fsync)
    with Journal(str(path), {}) as opened:
        for number in range(3):
            opened.write(map(json.dumps, [FIRST, SECOND]))
            assert len(synced) == number + 2, "once when it is opened, once for each batch"
            assert synced[-1] == path.read_bytes()
            assert len(imeis(path)) == 2 * number + 2


def test_lines_that_do_not_reach_the_disk_are_reported(tmp_path, monkeypatch):
    with Journal(str(tmp_path / "journal"), {}) as opened:

        def broken(file):
            raise OSError(errno.EIO, os.strerror(errno.EIO))

        monkeypatch.setattr(_journal.os, "fsync", broken)
        with pytest.raises(JournalBroken, match="Input/output error"):
            opened.write(map(json.dumps, [FIRST]))


def test_lines_of_several_processes_do_not_mix(tmp_path):
    path = tmp_path / "journal"
    code = """
        import os, time
        from ansible_collections.verizon.fota.plugins.module_utils import _journal

        class InParts:
            def __getattr__(self, name):
                return getattr(os, name)

            def write(self, file, text):
                time.sleep(0.002)
                return os.write(file, bytes(text[:1000]))

        _journal.os = InParts()
        print("ready", flush=True)
        sys.stdin.readline()
        for batch in range(5):
            with Journal(sys.argv[1], {}) as opened:
                opened.write([json.dumps({"imei": f"{sys.argv[2]}-{batch}", "reason": sys.argv[2] * 50})] * 30)
    """
    processes = [python(code, path, name) for name in "abc"]
    assert [process.stdout.readline() for process in processes] == ["ready\n"] * 3
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in processes:
        output_of(process)
    found = imeis(path)
    assert len(found) == 3 * 5 * 30
    batches = [found[start : start + 30] for start in range(0, len(found), 30)]
    assert all(len(set(batch)) == 1 for batch in batches), "the lines of a batch stand together"


def test_a_line_that_another_run_left_unfinished_meanwhile_is_taken_away(tmp_path):
    path = tmp_path / "journal"
    with Journal(str(path), {}) as opened:
        opened.write(map(json.dumps, [FIRST]))
        with path.open("a", encoding="utf-8") as killed:
            killed.write('{"time": "2026-11-22T02:16:47Z", "check_m')
        opened.write(map(json.dumps, [SECOND]))

    assert imeis(path) == [FIRST["imei"], SECOND["imei"]]
