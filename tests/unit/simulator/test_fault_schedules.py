# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which requests get a fault, how faults are written, and which are not valid."""

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
    IMEIS,
    LICENSED,
    LICENSED_ACCOUNT,
    LICENSES,
    REMOVE,
    REQUESTED,
    removed,
    rows_of,
    statuses,
    with_faults,
)

# Which requests get them


@pytest.mark.parametrize("on", Fault.ON)
def test_on(client_of, on):
    client, faults = with_faults(client_of, Fault("throttled", on=on))
    calls = {
        "token": client.access_token,
        "login": client.log_in,
        "remove": lambda: client.remove(REQUESTED),
        "assign": lambda: client.assign(REQUESTED),
        "devices": lambda: client.devices(REQUESTED),
        "licenses": lambda: client.get(LICENSES),
        "history": lambda: client.get(f"/reports/{ACCOUNT}/devices/{REQUESTED[0]}"),
        "subscription": lambda: client.get(f"/subscriptions/{ACCOUNT}"),
        "logout": lambda: client.call("POST", "/m2m/v1/session/logout"),
    }
    statuses_seen = {}
    for name, call in calls.items():
        statuses_seen[name] = call().status_code
        client.headers["VZ-M2M-Token"] = client.simulator.issue_tokens()[1]
    assert {name for name, status in statuses_seen.items() if status == 429} == (set(calls) if on == "*" else {on})
    assert len(faults.injected) == (len(calls) if on == "*" else 1)
    assert set(statuses_seen.values()) <= {200, 429}


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
    statuses_seen = [client.get(LICENSES).status_code for _request in range(6)]
    # The second fault does not count the requests that got the first.
    assert statuses_seen == [200, 503, 503, 200, 429, 200]
    assert [injected.number for injected in faults.injected] == [2, 3, 5]
    client.simulator.reset()
    assert faults.injected == []
    access_token, session_token = client.simulator.issue_tokens()
    client.headers.update({"Authorization": "Bearer " + access_token, "VZ-M2M-Token": session_token})
    assert [client.get(LICENSES).status_code for _request in range(6)] == statuses_seen


def test_probability_is_reproducible(client_of):
    def statuses_seen(seed):
        faults = [
            Fault("throttled", on="licenses", probability=0.3),
            Fault("missing_row", on="devices", acted=True, probability=0.8),
        ]
        client, schedule = with_faults(client_of, *faults, seed=seed, accounts=LICENSED_ACCOUNT)
        content = []
        for _request in range(20):
            content.append(client.get(LICENSES).status_code)
            content.append(tuple(rows_of(client.devices(IMEIS))))
        return content, [(one.fault.kind, one.number) for one in schedule.injected]

    first, second, other = statuses_seen(7), statuses_seen(7), statuses_seen(8)
    assert first == second != other
    kinds = [kind for kind, _number in first[1]]
    assert 1 <= kinds.count("throttled") <= 14
    assert 8 <= kinds.count("missing_row") < 20


def test_never_and_nothing(client_of):
    client, faults = with_faults(client_of, Fault("reset", probability=0))
    assert client.get(LICENSES).status_code == 200
    assert faults.injected == []
    nothing = Faults()
    client = client_of(middleware=nothing.middleware)
    assert client.remove(REQUESTED).status_code == 200
    assert (nothing.injected, nothing.faults) == ([], ())


def test_threads(client_of):
    client, faults = with_faults(
        client_of,
        Fault("throttled", times=7),
        Fault("reset", on="remove", acted=True, times=3),
        accounts=LICENSED_ACCOUNT,
    )

    def remove(imei):
        try:
            return requests.post(
                client.simulator.url + REMOVE, json={"deviceList": [imei]}, headers=client.headers, timeout=20
            ).status_code
        except requests.exceptions.ConnectionError:
            return None

    with ThreadPoolExecutor(8) as pool:
        statuses_seen = list(pool.map(remove, IMEIS))

    assert (statuses_seen.count(429), statuses_seen.count(None), statuses_seen.count(200)) == (7, 3, 10)
    assert len(removed(client)) == 13
    assert sorted(injected.number for injected in faults.injected) == list(range(1, 11))
    logged = statuses(client)
    assert (logged.count(429), logged.count(None), logged.count(200)) == (7, 3, 10)


@pytest.mark.parametrize("combination", Fault.COMBINATIONS, ids=str)
def test_every_combination(client_of, combination):
    """Each call under each fault that applies to it: no crash, and the service keeps working."""
    kind, on, acted = combination
    more = {"byte": 1000} if kind == "huge" else {}
    client, faults = with_faults(client_of, Fault(kind, on, acted, seconds=0.02, **more))
    calls = [
        ("POST", "/ts/v1/oauth2/token", {"data": {"grant_type": "client_credentials"}}),
        ("POST", "/m2m/v1/session/login", {"json": {}}),
        ("POST", REMOVE, {"json": {"deviceList": REQUESTED}}),
        ("POST", f"/fota/v3/licenses/{ACCOUNT}/assign", {"json": {"deviceList": REQUESTED}}),
        ("POST", f"/fota/v3/devices/{ACCOUNT}", {"json": {"deviceList": REQUESTED}}),
        ("GET", "/fota/v3" + LICENSES, {}),
        ("GET", f"/fota/v3/reports/{ACCOUNT}/devices/{REQUESTED[0]}", {}),
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
        assert len(set(REQUESTED) - removed(client)) in (1, 2)
    elif on in ("remove", "*"):
        assert removed(client) == set()
    assert client.session.get(client.simulator.origin + "/_simulator/ready", timeout=20).status_code == 200


# Options that are not valid


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
        ({"kind": "rejected", "acted": True}, "is not a valid combination"),
        ({"kind": "bom"}, "bom with on=\\* and acted=False is not a valid combination"),
        ({"kind": "expire_session", "acted": True}, "is not a valid combination"),
        ({"kind": "expire_session", "on": "login"}, "is not a valid combination"),
        ({"kind": "expire_access", "on": "token"}, "is not a valid combination"),
        ({"kind": "unknown_status", "on": "devices"}, "is not a valid combination"),
        ({"kind": "cut", "on": "login"}, "is not a valid combination"),
        ({"kind": "list", "on": "history", "acted": True}, "is not a valid combination"),
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
def test_invalid_options(values, message):
    with pytest.raises(ValueError, match=message):
        Fault(**values)


def test_kinds_are_in_combinations():
    assert {kind for kind, _on, _acted in Fault.COMBINATIONS} == set(Fault.KINDS)
    for kind, on, acted in Fault.COMBINATIONS:
        Fault(kind, on, acted)


# Command line and control paths


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
        ("kind=cut,on=login", "is not a valid combination"),
    ],
)
def test_parse_rejects(text, message):
    with pytest.raises(ValueError, match=message):
        parse_fault(text)


def test_control_lists_what_was_injected(client_of):
    client, faults = with_faults(client_of, Fault("status", on="licenses", status=503, times=1))
    client.remove(REQUESTED)
    client.get(LICENSES)
    url = client.simulator.origin + "/_simulator/"
    (content,) = client.session.get(url + "faults", timeout=20).json()
    assert (content["path"], content["number"]) == ("/fota/v3" + LICENSES, 2)
    assert Fault(**content["fault"]) == faults.faults[0]
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
        responses = [requests.get(f"{url}/fota/v3{LICENSES}", timeout=20) for _request in range(2)]
        assert [(response.status_code, response.headers.get("Retry-After")) for response in responses] == [
            (429, "3"),
            (200, None),
        ]
        content = requests.get(url[: -len("/api")] + "/_simulator/faults", timeout=20).json()
        assert [one["fault"]["kind"] for one in content] == ["throttled", "empty"]
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("fault", ["kind=fire", "reset", "kind=reset,times=0"])
def test_command_line_rejects(fault, capsys):
    with pytest.raises(SystemExit) as ended:
        main.main(["--fault", fault])
    assert ended.value.code == 2
    assert "error: " in capsys.readouterr().err
