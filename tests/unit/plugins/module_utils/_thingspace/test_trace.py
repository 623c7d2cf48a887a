# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The file of a trace: its mode, its lines, several writers, and what cannot be written."""

from __future__ import annotations

import fcntl
import json
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotDone
from pathlib import Path

import pytest

from ansible_collections.verizon.fota.plugins.module_utils._http.messages import Request, Response
from ansible_collections.verizon.fota.plugins.module_utils._http.transport_errors import TransportError
from ansible_collections.verizon.fota.plugins.module_utils._thingspace import trace
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.trace import CannotTrace, TracingClient
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.trace_redaction import Known

IMEI = "990003425730535"
REQUEST = Request("POST", "https://x/fota/v3/devices/a", body=json.dumps({"deviceList": [IMEI]}).encode())


class Client:
    def __init__(self, *outcomes):
        self.outcomes = list(outcomes)

    def exchange(self, _request, _at_most=None):
        if not self.outcomes:
            return Response(200, {}, b"{}")
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


@pytest.fixture(name="path")
def _path(tmp_path):
    return str(tmp_path / "trace.jsonl")


def record(path, *requests, client=None, secrets=frozenset()):
    with TracingClient(client or Client(), path, Known("a", secrets, "https://x")) as tracing:
        for request in requests:
            tracing.exchange(request)
    return tracing


def lines(path):
    with open(path, encoding="ascii") as file:
        return [json.loads(line) for line in file]


def test_an_exchange_is_one_line(path):
    record(path, REQUEST, client=Client(Response(503, {"retry-after": "5"}, b"<h1>no</h1>")))
    (line,) = lines(path)
    assert list(line) == [
        "trace", "run", "time", "milliseconds", "method", "path", "attempt", "request", "status", "size", "headers", "response",
    ]  # fmt: skip
    assert (line["status"], line["size"], line["attempt"]) == (503, 11, 1)
    assert (line["headers"], line["response"]) == ({"retry-after": "5"}, {"text": "<h1>no</h1>"})
    assert line["request"]["json"]["deviceList"][0][:2] == IMEI[:2] and IMEI not in json.dumps(line)


def test_an_exchange_without_a_response_is_one_line_and_the_error_goes_on(path):
    with pytest.raises(TransportError):
        record(path, REQUEST, client=Client(TransportError("lost the connection to x: reset", sent=True)))
    (line,) = lines(path)
    assert (line["status"], line["error"], line["sent"]) == (None, "lost the connection to api.example: reset", True)


def test_the_files_are_for_their_owner_alone(path):
    record(path, REQUEST)
    for file in (path, f"{path}.key"):
        assert stat.S_IMODE(os.stat(file).st_mode) == 0o600


def test_runs_append_to_the_same_file_with_the_same_pseudonyms(path):
    for _run in range(2):
        record(path, REQUEST)
    first, second = lines(path)
    assert first["request"] == second["request"] and first["run"] != second["run"]


def test_threads_and_clients_do_not_mix_their_lines(path):
    content = json.dumps({"deviceList": [f"35{number:013}" for number in range(300)]}).encode()
    request = Request("POST", "https://x/fota/v3/devices/a", body=content)
    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(record, path, *[request] * 10) for _client in range(4)]:
            assert done.result().error is None
    found = lines(path)
    assert len(found) == 40 and len({json.dumps(line["request"]) for line in found}) == 1


def test_a_line_that_another_module_is_writing_is_not_ended(path):
    record(path, REQUEST)
    with open(path, "a+b", buffering=0) as other, ThreadPoolExecutor() as pool:
        fcntl.flock(other, fcntl.LOCK_EX)
        whole = Path(path).read_bytes()
        other.write(whole[:50])
        opened = pool.submit(record, path, REQUEST)
        with pytest.raises(NotDone):
            opened.result(timeout=0.2)
        other.write(whole[50:])
        fcntl.flock(other, fcntl.LOCK_UN)
        assert opened.result().error is None
    assert len(lines(path)) == 3


def test_tokens_of_later_requests_are_redacted(path):
    later = Request("GET", "https://x/fota/v3/devices/a", secrets=("Kx7qLw2m9",))
    record(path, REQUEST, later, client=Client(Response(200, {}, b"{}"), Response(400, {}, b"wrong: Kx7qLw2m9")))
    assert lines(path)[1]["response"] == {"text": "wrong: ********"}


def test_a_line_that_a_killed_run_left_is_ended(path):
    record(path, REQUEST)
    with open(path, "a", encoding="ascii") as file:
        file.write('{"trace": 1, "ru')
    record(path, REQUEST)
    with open(path, encoding="ascii") as file:
        assert [line[:15] for line in file] == ['{"trace": 1, "r'] * 3


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (os.mkdir, "Is a directory"),
        (os.mkfifo, "it is not a regular file"),
        (lambda path: os.symlink("/dev/null", path), "it is a symbolic link"),
        (lambda path: Path(path).write_text('{"imei": "1"}\n'), "it is not a trace, and was left as it is"),
        (lambda path: os.mkdir(f"{path}.key"), "Is a directory"),
        (lambda path: Path(f"{path}.key").write_text("no key"), "it is not the key of a trace"),
    ],
)
def test_what_is_no_trace_is_left_as_it_is(path, make, why):
    make(path)
    before = Path(path).read_bytes() if os.path.isfile(path) else None
    with pytest.raises(CannotTrace, match=f"^the trace {path}.* cannot be written: .*{why}"):
        record(path, REQUEST)
    if before:
        assert Path(path).read_bytes() == before


def test_a_disk_that_is_full_ends_the_trace_and_not_the_run(path, monkeypatch):
    tracing = TracingClient(Client(), path, Known())

    def write(*_unused):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(trace.os, "write", write)
    with tracing:
        assert [tracing.exchange(REQUEST).status for _request in range(2)] == [200, 200]
    assert tracing.error == f"the trace {path} cannot be written: No space left on device"


def test_a_lock_of_another_process_does_not_stop_the_run(path, monkeypatch):
    monkeypatch.setattr(trace, "_LONGEST_WAIT", 0.05)
    tracing = TracingClient(Client(), path, Known())
    with tracing, open(path, "rb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        assert [tracing.exchange(REQUEST).status for _request in range(2)] == [200, 200]
        with pytest.raises(CannotTrace, match="another process has locked it"):
            TracingClient(Client(), path, Known())
    assert tracing.error == f"the trace {path} cannot be written: another process has locked it"


def test_what_cannot_be_redacted_is_not_written_and_does_not_end_the_run(path, monkeypatch):
    tracing = TracingClient(Client(), path, Known())
    monkeypatch.setattr(trace.Redactor, "request_content", lambda *_unused: 1 / 0)
    with tracing:
        assert tracing.exchange(REQUEST).status == 200
    assert tracing.error and os.path.getsize(path) == 0
