# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Replays of traces: which recorded exchange a request gets."""

from __future__ import annotations

import json

import pytest
import requests

from ansible_collections.verizon.fota.tests.simulator import Simulator
from ansible_collections.verizon.fota.tests.simulator import __main__ as main
from ansible_collections.verizon.fota.tests.simulator.replay import ACCOUNT, Replay

A, B = "990003425730535", "990000473475989"


def line(path, status=200, devices=None, **more):
    request = None if devices is None else {"json": {"deviceList": devices}}
    entry = {"trace": 1, "run": "a", "method": "GET" if devices is None else "POST", "path": path, "request": request}
    return json.dumps({**entry, "status": status, "response": {"json": {"devices": devices}}, **more})


def send(lines, *paths_and_devices, run=None):
    """Send requests to a replay; return the status and content of each response, and the replay."""
    replay = Replay.read(lines, run)
    found = []
    with Simulator([], middleware=replay.middleware) as simulator:
        for path, devices in paths_and_devices:
            method, body = ("GET", None) if devices is None else ("POST", {"deviceList": devices})
            try:
                response = requests.request(method, simulator.url + path, json=body, timeout=5)
            except requests.ConnectionError:
                found.append(None)
            else:
                found.append((response.status_code, response.text))
    return found, replay


def test_a_request_gets_the_response_to_the_same_devices():
    lines = [line("/x", devices=[A]), line("/x", 500, devices=[B])]
    found, replay = send(lines, ("/x", [B]), ("/x", [A]))
    assert [status for status, _content in found] == [500, 200]
    assert replay.left == [] and replay.imeis == [A, B]


def test_the_same_request_gets_the_recorded_responses_in_order_and_then_the_last_one():
    found, _replay = send([line("/x?a=1", status) for status in (429, 200)], *[("/x?a=1", None)] * 3)
    assert [status for status, _content in found] == [429, 200, 200]


def test_other_devices_get_the_next_response_of_the_path():
    found, _replay = send([line("/x", devices=[A])], ("/x", [B]))
    assert [status for status, _content in found] == [200]


def test_a_request_that_is_not_in_the_trace_is_reported():
    found, replay = send([line("/x")], ("/y", None))
    assert found[0][0] == 404 and replay.unknown == ["GET /y"] and len(replay.left) == 1


def test_a_lost_response_is_lost_again_and_a_request_that_was_not_sent_is_skipped():
    lines = [line("/x", None, sent=False), line("/x", None, sent=True), line("/x")]
    found, _replay = send(lines, *[("/x", None)] * 2)
    assert found[0] is None and found[1][0] == 200


def test_headers_and_bodies_that_are_not_json_are_replayed():
    lines = [line("/x", 503, headers={"retry-after": "7", "date": "never"}, response={"text": "<h1>\u00fc</h1>"})]
    with Simulator([], middleware=Replay.read(lines).middleware) as simulator:
        response = requests.get(f"{simulator.url}/x", timeout=5)
    assert (response.headers["Retry-After"], response.content.decode()) == ("7", "<h1>\u00fc</h1>")
    assert response.headers["Date"] != "never"


def test_only_the_lines_of_a_run_are_replayed():
    found, _replay = send([line("/x", 500, run="b"), line("/x")], ("/x", None), run="a")
    assert found[0][0] == 200


def test_a_line_that_a_killed_run_left_is_skipped_and_another_file_is_rejected():
    assert len(Replay.read([line("/x"), '{"trace": 1, "ru']).left) == 1
    assert len(Replay.read([line("/x"), '{"trac\n', "\n", line("/y")]).left) == 2
    with pytest.raises(ValueError, match="not a line of a trace"):
        Replay.read(['{"imei": "1"}'])
    with pytest.raises(ValueError, match="has no method"):
        Replay.read(['{"trace": 1, "run": "a"}'])


@pytest.mark.parametrize(("lines", "runs"), [([], "none"), ([line("/x"), line("/y", run="b")], "a, b")])
def test_a_run_that_is_not_in_the_trace_is_rejected(lines, runs):
    with pytest.raises(ValueError, match=f"no exchange of this run; its runs: {runs}$"):
        Replay.read(lines, "nope")


def test_the_command_line_replays_a_trace(tmp_path):
    (tmp_path / "trace").write_text(line("/x") + "\n")
    arguments = main._arguments(["--replay", str(tmp_path / "trace")])
    assert arguments.account == ACCOUNT and isinstance(arguments.middleware.__self__, Replay)
    with pytest.raises(SystemExit):
        main._arguments(["--replay", str(tmp_path / "missing")])


@pytest.mark.parametrize("option", [("--account", "x"), ("--fleet", "3"), ("--fault", "kind=reset")])
def test_what_a_replay_would_ignore_is_rejected(tmp_path, capsys, option):
    (tmp_path / "trace").write_text(line("/x") + "\n")
    with pytest.raises(SystemExit):
        main._arguments(["--replay", str(tmp_path / "trace"), *option])
    assert f"it cannot be combined with {option[0]}\n" in capsys.readouterr().err
