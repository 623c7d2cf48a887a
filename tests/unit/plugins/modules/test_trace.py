# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The trace of a run: nothing in it is secret, and a replay of it has the same outcomes."""

from __future__ import annotations

import base64
import dataclasses
import json
import re
import typing as t
from pathlib import Path
from urllib.parse import quote

import pytest

from ansible_collections.verizon.fota.plugins.module_utils._thingspace.trace_redaction import ACCOUNT as PSEUDONYM
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.trace_redaction import Known, Redactor
from ansible_collections.verizon.fota.plugins.modules import license_assign, license_info, license_remove, session
from ansible_collections.verizon.fota.tests.simulator import Credentials, Device, Dialect, Fault, Faults, Simulator
from ansible_collections.verizon.fota.tests.simulator.replay import Replay
from ansible_collections.verizon.fota.tests.unit.plugins.modules import run_module
from ansible_collections.verizon.fota.tests.unit.plugins.modules.conftest import ACCOUNT

pytestmark = pytest.mark.slow

SECRETS = Credentials(client_id="Kx7qLw2m9", client_secret="Zr4tVb8n1", username="operator", password="Hq6jYd3c5")
UPGRADES = ("", "", "UpgradePending", "UpgradeSuccess", "UpgradeFailed", "DeviceRejected")
# One that loses its leading zero as a number, and others with and without licenses and upgrades.
FLEET = [
    Device("012345678901234", licensed=True),
    *(
        Device(f"35{number * 7919:013}", licensed=number % 3 != 0, upgrade=UPGRADES[number % len(UPGRADES)])
        for number in range(1, 12)
    ),
]
REQUESTED = [*(device.imei for device in FLEET[:9]), "990003425730535"]


def options_for(simulator: Simulator, trace: Path, **more: t.Any) -> dict[str, t.Any]:
    return {
        "api_url": simulator.url,
        "account": ACCOUNT,
        **dataclasses.asdict(SECRETS),
        "imeis": REQUESTED,
        "trace": str(trace),
        "timeout": 0.5,
        "retries": 1,
        "batch_size": 4,
        **more,
    }


def remove(simulator: Simulator, trace: Path, check: bool = False, **more: t.Any) -> dict[str, t.Any]:
    return run_module.run(license_remove, options_for(simulator, trace, **more), check)


def assert_publishable(trace: Path, simulator: Simulator) -> None:
    """Search a trace for everything that must not be in it, in every form."""
    text = trace.read_text(encoding="ascii")
    assert text.count("\n") > 0
    heads = [
        request.headers.get(name, "") for request in simulator.requests for name in ("Authorization", "Vz-M2M-Token")
    ]
    secrets = {*(head.split()[-1] for head in heads if head), *dataclasses.astuple(SECRETS), ACCOUNT}
    for secret in secrets:
        forms = {secret, quote(secret, safe=""), base64.b64encode(secret.encode()).decode().rstrip("=")}
        assert not [form for form in forms if form in text], secret
    joined = re.sub(r"(?<=[0-9])[ ./_-]{1,3}(?=[0-9])", "", text)
    for imei in {*(device.imei for device in FLEET), *REQUESTED}:
        assert imei not in joined and imei.lstrip("0") not in joined, imei
    assert '"authorization"' not in text.lower() and '"vz-m2m-token"' not in text.lower()


@pytest.mark.parametrize(
    "leak",
    ["99-000342-573053-5", "12345678901234", SECRETS.client_id, SECRETS.username, ACCOUNT, '"Authorization": "x"'],
)
def test_the_search_finds_what_must_not_be_there(simulate: t.Any, tmp_path: Path, leak: str) -> None:
    simulator = simulate(FLEET, credentials=SECRETS)
    remove(simulator, tmp_path / "trace")
    assert_publishable(tmp_path / "trace", simulator)
    with open(tmp_path / "trace", "a", encoding="ascii") as file:
        file.write(f"{leak}\n")
    with pytest.raises(AssertionError):
        assert_publishable(tmp_path / "trace", simulator)


@pytest.mark.parametrize("kind", sorted(set(Fault.KINDS) - {"hang", "slow", "huge"}))
def test_no_fault_shows_a_secret_or_an_imei(simulate: t.Any, tmp_path: Path, kind: str) -> None:
    trace = tmp_path / "trace"
    for on, acted in sorted({(on, acted) for one, on, acted in Fault.COMBINATIONS if one == kind}):
        trace.unlink(missing_ok=True)
        faults = Faults([Fault(kind, on, acted, times=2)])
        simulator = simulate(FLEET, credentials=SECRETS, middleware=faults.middleware)
        result = remove(simulator, trace, check_upgrades=True)
        run_module.run(license_info, {**options_for(simulator, trace), "imeis": None, "batch_size": 1000})
        assert_publishable(trace, simulator)
        assert "warnings" not in result, "everything was recorded"


@pytest.mark.parametrize("field", sorted(Dialect.CHOICES))
def test_no_dialect_shows_a_secret_or_an_imei(simulate: t.Any, tmp_path: Path, field: str) -> None:
    trace = tmp_path / "trace"
    for value in Dialect.CHOICES[field]:
        trace.unlink(missing_ok=True)
        simulator = simulate(FLEET, credentials=SECRETS, dialect=Dialect(**{field: value}), page_size=3)
        remove(simulator, trace, True, check_upgrades=True)
        remove(simulator, trace, password="Wm5xUg8r2")
        remove(simulator, trace)
        run_module.run(license_assign, options_for(simulator, trace))
        assert_publishable(trace, simulator)
        assert "Wm5xUg8r2" not in trace.read_text(encoding="ascii")


def test_a_session_is_recorded_without_its_tokens(simulate: t.Any, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    simulator = simulate(FLEET, credentials=SECRETS)
    args = {name: value for name, value in options_for(simulator, trace).items() if name not in ("imeis", "batch_size")}
    tokens = run_module.run(session, args)
    run_module.run(
        session, {**args, "state": "absent", **{name: tokens[name] for name in ("access_token", "session_token")}}
    )
    assert_publishable(trace, simulator)
    paths = [json.loads(line)["path"] for line in trace.read_text(encoding="ascii").splitlines()]
    assert paths == ["/ts/v1/oauth2/token", "/m2m/v1/session/login", "/m2m/v1/session/logout"]


def test_the_environment_may_ask_for_a_trace(simulate: t.Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THINGSPACE_TRACE", str(tmp_path / "trace"))
    simulator = simulate(FLEET, credentials=SECRETS)
    options = options_for(simulator, tmp_path)
    del options["trace"]
    run_module.run(license_remove, options)
    assert_publishable(tmp_path / "trace", simulator)


def test_a_trace_that_cannot_be_written_costs_a_warning(simulate: t.Any, tmp_path: Path) -> None:
    result = remove(simulate(FLEET, credentials=SECRETS), tmp_path / "missing" / "trace")
    assert result["summary"]["removed"] > 0
    (warning,) = result["warnings"]
    assert re.search(r"the trace \S+/missing/trace cannot be written: No such file or directory", str(warning))


# Replays

SCENARIOS: dict[str, dict[str, t.Any]] = {
    "as documented": {},
    "numbers, doubled rows, v1": {"dialect": Dialect(id_type="number", rows="doubled", status_values="v1")},
    "sdk": {"dialect": Dialect.named("sdk"), "page_size": 3},
    "license list only": {"dialect": Dialect(devices_endpoint="403", id_type="number"), "page_size": 2},
    "session expires": {"faults": [Fault("expire_session", on="remove", times=1)]},
    "throttled": {"faults": [Fault("throttled", on="remove", retry_after="1", times=2)]},
    "removal lost": {"faults": [Fault("reset", on="remove", acted=True, times=1)]},
    "removal not acted on": {"faults": [Fault("reset", on="remove", times=1)]},
    "rows missing": {"faults": [Fault("missing_row", on="remove", acted=True)]},
    "malformed": {"faults": [Fault("malformed", on="remove", acted=True, times=1)]},
    "page of a proxy": {"faults": [Fault("html", on="devices", times=1)]},
    "internal errors": {"faults": [Fault("status", on="remove", status=503)]},
    "wrong password": {"password": "Wm5xUg8r2"},
}


def pseudonyms(key: Path) -> list[str]:
    redactor = Redactor(bytes.fromhex(key.read_text(encoding="ascii")), Known())
    return [redactor.text(imei) for imei in REQUESTED]


def outcomes(result: dict[str, t.Any]) -> list[t.Any]:
    found = [(device["outcome"], device["changed"], device["failed"]) for device in result["devices"]]
    return [result["failed"], result["summary"], found]


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_replay_has_the_outcomes_of_the_run(simulate: t.Any, tmp_path: Path, scenario: str) -> None:
    options = dict(SCENARIOS[scenario])
    more = {"password": options.pop("password")} if "password" in options else {}
    faults = Faults(options.pop("faults", ()))
    recorded = remove(
        simulate(FLEET, credentials=SECRETS, middleware=faults.middleware, **options),
        tmp_path / "trace",
        concurrency=1,
        **more,
    )
    replay = Replay.read((tmp_path / "trace").read_text(encoding="ascii").splitlines())
    imeis = pseudonyms(tmp_path / "trace.key")
    assert set(replay.imeis) <= set(imeis)

    again = {"account": PSEUDONYM, "imeis": imeis, "concurrency": 1, **more}
    replayed = remove(simulate(middleware=replay.middleware), tmp_path / "again", **again)

    assert outcomes(replayed) == outcomes(recorded)
    assert replay.left == [] and replay.unknown == []
