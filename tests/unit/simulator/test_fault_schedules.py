# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which requests meet a fault, how faults are given, and what is refused."""

from __future__ import annotations

import pathlib
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from ansible_collections.verizon.fota.tests import simulator as package
from ansible_collections.verizon.fota.tests.simulator import (
    Dialect,
    Fault,
    Faults,
)
from ansible_collections.verizon.fota.tests.simulator import __main__ as main
from ansible_collections.verizon.fota.tests.simulator.fault_kinds import parse_fault
from ansible_collections.verizon.fota.tests.simulator.fleets import ACCOUNT
from ansible_collections.verizon.fota.tests.unit.simulator.fault_helpers import (
    ASKED,
    IMEIS,
    LICENSED,
    LICENSES,
    OF_LICENSED,
    REMOVE,
    removed,
    rows_of,
    statuses,
    with_faults,
)

# Which requests meet them


@pytest.mark.parametrize("on", Fault.ON)
def test_on(client_of, on):
    client, faults = with_faults(client_of, Fault("throttled", on=on))
    calls = {
        "token": client.access_token,
        "log_in": client.log_in,
        "remove": lambda: client.remove(ASKED),
        "devices": lambda: client.devices(ASKED),
        "licenses": lambda: client.get(LICENSES),
        "history": lambda: client.get(f"/reports/{ACCOUNT}/devices/{ASKED[0]}"),
        "subscription": lambda: client.get(f"/subscriptions/{ACCOUNT}"),
        "log_out": lambda: client.call("POST", "/m2m/v1/session/logout"),
    }
    seen = {}
    for name, call in calls.items():
        seen[name] = call().status_code
        client.headers["VZ-M2M-Token"] = client.simulator.issue_tokens()[1]
    assert {name for name, status in seen.items() if status == 429} == (set(calls) if on == "*" else {on})
    assert len(faults.injected) == (len(calls) if on == "*" else 1)
    assert set(seen.values()) <= {200, 429}


def test_the_query_form_of_licenses(client_of):
    client, faults = with_faults(client_of, Fault("empty", on="licenses"), dialect=Dialect(list_path="query"))
    assert client.get(f"/licenses/{ACCOUNT}?lastSeenDeviceId=0").text == ""
    assert faults.injected[0].path == f"/fota/v3/licenses/{ACCOUNT}?lastSeenDeviceId=0"


def test_times_skip_and_order(client_of):
    client, faults = with_faults(
        client_of,
        Fault("status", on="licenses", status=503, skip=1, times=2),
        Fault("throttled", skip=2, times=1),
    )
    seen = [client.get(LICENSES).status_code for _request in range(6)]
    # The second fault does not count what met the first.
    assert seen == [200, 503, 503, 200, 429, 200]
    assert [injected.number for injected in faults.injected] == [2, 3, 5]
    client.simulator.reset()
    assert faults.injected == []
    access_token, session_token = client.simulator.issue_tokens()
    client.headers.update({"Authorization": "Bearer " + access_token, "VZ-M2M-Token": session_token})
    assert [client.get(LICENSES).status_code for _request in range(6)] == seen


def test_probability_is_reproducible(client_of):
    def seen(seed):
        faults = [
            Fault("throttled", on="licenses", probability=0.3),
            Fault("missing_row", on="devices", acted=True, probability=0.8),
        ]
        client, schedule = with_faults(client_of, *faults, seed=seed, accounts=OF_LICENSED)
        told = []
        for _request in range(20):
            told.append(client.get(LICENSES).status_code)
            told.append(tuple(rows_of(client.devices(IMEIS))))
        return told, [(one.fault.kind, one.number) for one in schedule.injected]

    first, second, other = seen(7), seen(7), seen(8)
    assert first == second != other
    kinds = [kind for kind, _number in first[1]]
    assert 1 <= kinds.count("throttled") <= 14
    assert 8 <= kinds.count("missing_row") < 20


def test_never_and_nothing(client_of):
    client, faults = with_faults(client_of, Fault("reset", probability=0))
    assert client.get(LICENSES).status_code == 200
    assert faults.injected == []
    nothing = Faults.nothing()
    client = client_of(around=nothing.around)
    assert client.remove(ASKED).status_code == 200
    assert (nothing.injected, nothing.faults) == ([], ())


def test_threads(client_of):
    client, faults = with_faults(
        client_of,
        Fault("throttled", times=7),
        Fault("reset", on="remove", acted=True, times=3),
        accounts=OF_LICENSED,
    )

    def remove(imei):
        try:
            return requests.post(
                client.simulator.url + REMOVE, json={"deviceList": [imei]}, headers=client.headers, timeout=20
            ).status_code
        except requests.exceptions.ConnectionError:
            return None

    with ThreadPoolExecutor(8) as pool:
        seen = list(pool.map(remove, IMEIS))

    assert (seen.count(429), seen.count(None), seen.count(200)) == (7, 3, 10)
    assert len(removed(client)) == 13
    assert sorted(injected.number for injected in faults.injected) == list(range(1, 11))
    logged = statuses(client)
    assert (logged.count(429), logged.count(None), logged.count(200)) == (7, 3, 10)


@pytest.mark.parametrize("combination", Fault.COMBINATIONS, ids=str)
def test_every_combination(client_of, combination):
    """Each call under each fault that can meet it: no crash, and a service that stays well."""
    kind, on, acted = combination
    more = {"byte": 1000} if kind == "huge" else {}
    client, faults = with_faults(client_of, Fault(kind, on, acted, seconds=0.02, **more))
    calls = [
        ("POST", "/ts/v1/oauth2/token", {"data": {"grant_type": "client_credentials"}}),
        ("POST", "/m2m/v1/session/login", {"json": {}}),
        ("POST", REMOVE, {"json": {"deviceList": ASKED}}),
        ("POST", f"/fota/v3/devices/{ACCOUNT}", {"json": {"deviceList": ASKED}}),
        ("GET", "/fota/v3" + LICENSES, {}),
        ("GET", f"/fota/v3/reports/{ACCOUNT}/devices/{ASKED[0]}", {}),
        ("GET", f"/fota/v3/subscriptions/{ACCOUNT}", {}),
        ("POST", "/m2m/v1/session/logout", {}),
    ]
    for method, path, body in calls:
        url = client.simulator.url + path
        try:
            client.session.request(
                method,
                url,
                headers=client.headers,
                timeout=0.05 if kind == "hang" else 20,
                allow_redirects=False,
                **body,
            )
        except requests.exceptions.RequestException:
            assert kind in ("reset", "hang", "cut")
    assert faults.injected
    assert {injected.fault.kind for injected in faults.injected} == {kind}
    if acted or (on not in ("remove", "*") and not kind.startswith("expire")):
        assert removed(client) == LICENSED
    elif kind in ("missing_row", "unknown_status"):
        # All devices but one to half of them
        assert len(set(ASKED) - removed(client)) in (1, 2)
    elif on in ("remove", "*"):
        assert removed(client) == set()
    assert client.session.get(client.simulator.origin + "/_simulator/ready", timeout=20).status_code == 200


# What makes no sense


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"kind": "fire"}, "kind: 'fire' is none of reset, "),
        ({"kind": "reset", "on": "revoke"}, "on: "),
        ({"kind": "reset", "header_case": "Retry-after"}, "header_case: "),
        ({"kind": "status", "body": "long"}, "body: "),
        ({"kind": "html", "body": "empty"}, "body: for status only"),
        ({"kind": "throttled", "code": 900808}, "code: '900808' is none of 900800, "),
        ({"kind": "rejected", "code": "REQUEST_FAILED.UnexpectedError"}, "code: "),
        ({"kind": "echo", "code": 900800}, "code: for throttled and rejected only"),
        ({"kind": "rejected", "acted": True}, "makes no sense"),
        ({"kind": "bom"}, "bom with on=\\* and acted=False makes no sense"),
        ({"kind": "expire_session", "acted": True}, "makes no sense"),
        ({"kind": "expire_session", "on": "log_in"}, "makes no sense"),
        ({"kind": "expire_access", "on": "token"}, "makes no sense"),
        ({"kind": "unknown_status", "on": "devices"}, "makes no sense"),
        ({"kind": "cut", "on": "log_in"}, "makes no sense"),
        ({"kind": "list", "on": "history", "acted": True}, "makes no sense"),
        ({"kind": "reset", "probability": 1.1}, "probability: "),
        ({"kind": "reset", "times": 0}, "times: "),
        ({"kind": "reset", "skip": -1}, "skip: "),
        ({"kind": "slow", "acted": True, "seconds": -1}, "seconds: "),
        ({"kind": "cut", "byte": -1}, "byte: "),
        ({"kind": "reset", "byte": 1}, "byte: for cut and huge only"),
        ({"kind": "reset", "retry_after": "1"}, "retry_after: for html, status, throttled only"),
        ({"kind": "throttled", "retry_after": "date:soon"}, "retry_after: date: and whole seconds"),
        ({"kind": "reset", "status": 500}, "status: for "),
        ({"kind": "status", "status": 200}, "status: 400 to 599 for status"),
    ],
)
def test_refused(values, message):
    with pytest.raises(ValueError, match=message):
        Fault(**values)


def test_kinds_are_in_combinations():
    assert {kind for kind, _on, _acted in Fault.COMBINATIONS} == set(Fault.KINDS)
    for kind, on, acted in Fault.COMBINATIONS:
        Fault(kind, on, acted)


# From outside


def test_parse():
    text = "kind=cut,on=remove,acted=true,times=2,byte=7,probability=0.5,skip=1"
    assert parse_fault(text) == Fault("cut", on="remove", acted=True, times=2, byte=7, probability=0.5, skip=1)
    assert parse_fault("kind=throttled,code=900801,retry_after=date:5,status=503") == Fault(
        "throttled", code="900801", retry_after="date:5", status=503
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "fault: "),
        ("on=remove", "kind=… is required"),
        ("kind=reset,colour=red", "'colour' is none of"),
        ("kind=reset,acted=maybe", "acted: "),
        ("kind=reset,times=two", "times: "),
        ("kind=cut,on=log_in", "makes no sense"),
    ],
)
def test_parse_refuses(text, message):
    with pytest.raises(ValueError, match=message):
        parse_fault(text)


def test_control_lists_what_was_injected(client_of):
    client, faults = with_faults(client_of, Fault("status", on="licenses", status=503, times=1))
    client.remove(ASKED)
    client.get(LICENSES)
    url = client.simulator.origin + "/_simulator/"
    (told,) = client.session.get(url + "faults", timeout=20).json()
    assert (told["path"], told["number"]) == ("/fota/v3" + LICENSES, 2)
    assert Fault(**told["fault"]) == faults.faults[0]
    client.session.post(url + "reset", timeout=20)
    assert client.session.get(url + "faults", timeout=20).json() == []


def test_control_without_a_schedule(client):
    assert client.session.get(client.simulator.origin + "/_simulator/faults", timeout=20).json() == []


def test_command_line():
    command = [sys.executable, "-B", "-m", "tests.simulator", "--port", "0", "--fault-seed", "7"]
    command += ["--fault", "kind=throttled,on=licenses,times=1,retry_after=3", "--fault", "kind=empty,on=licenses"]
    root = str(pathlib.Path(package.__file__).parents[2])
    process = subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, universal_newlines=True)
    try:
        url = process.stdout.readline().split()[0]
        answers = [requests.get(f"{url}/fota/v3{LICENSES}", timeout=20) for _request in range(2)]
        assert [(answer.status_code, answer.headers.get("Retry-After")) for answer in answers] == [
            (429, "3"),
            (200, None),
        ]
        told = requests.get(url[: -len("/api")] + "/_simulator/faults", timeout=20).json()
        assert [one["fault"]["kind"] for one in told] == ["throttled", "empty"]
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("fault", ["kind=fire", "reset", "kind=reset,times=0"])
def test_command_line_refuses(fault, capsys):
    with pytest.raises(SystemExit) as ended:
        main.main(["--fault", fault])
    assert ended.value.code == 2
    assert "error: " in capsys.readouterr().err
