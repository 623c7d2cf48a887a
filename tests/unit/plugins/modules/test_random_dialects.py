# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check mode forecasts what a real run does, device by device, and both say the truth.

For random accounts, lists, options and dialects, the module's words are held against the simulator's own state.
"""

from __future__ import annotations

import functools
import typing as t
from collections import Counter

import hypothesis
import pytest
from hypothesis import strategies as st

from ansible_collections.verizon.fota.plugins.modules import license_remove
from ansible_collections.verizon.fota.tests.simulator import Account, Device, Dialect, Simulator
from ansible_collections.verizon.fota.tests.unit.examples import examples
from ansible_collections.verizon.fota.tests.unit.plugins.modules import run_module
from ansible_collections.verizon.fota.tests.unit.plugins.modules.conftest import ACCOUNT, without_waiting

# Every third has leading zeros, which a number would lose.
IMEIS = [f"{(1234500000000 if number % 3 == 2 else 990000000000000) + number:015}" for number in range(25)]
STRANGERS = [f"3500000000000{number:02}" for number in range(14)]
STATES: list[dict[str, bool]] = [
    {"licensed": True},
    {"licensed": True},
    {"licensed": True},
    {},
    {},
    {"licensed": True, "upgrade_scheduled": True},
    {"licensed": True, "upgraded": True},
    {"licensed": True, "upgrade_running": True},
    {"licensed": True, "internal_error": True},
    {"upgraded": True},
    {"fota_eligible": False},
]
# Without the phase that explains a failure, which takes minutes here.
PHASES = (hypothesis.Phase.explicit, hypothesis.Phase.reuse, hypothesis.Phase.generate, hypothesis.Phase.shrink)


@st.composite
def scenes(draw: st.DrawFn) -> tuple[list[Device], list[str]]:
    """The devices of an account, and what is asked for: most of them and some strangers, in any order, some twice."""
    states = draw(st.lists(st.sampled_from(STATES), min_size=1, max_size=len(IMEIS)))
    devices = [Device(imei, **state) for imei, state in zip(IMEIS, states)]
    known = IMEIS[draw(st.sampled_from((0, 0, 0, 3))) : len(devices)]
    strangers = STRANGERS[: draw(st.sampled_from((0, 0, 1, 2, len(STRANGERS))))]
    wanted = draw(st.permutations([*known, *strangers] or STRANGERS))
    return devices, [*wanted, *wanted[: draw(st.integers(0, 2))]]


dialects = st.builds(Dialect, **{name: st.sampled_from(values) for name, values in Dialect.CHOICES.items()})
options = st.fixed_dictionaries(
    {
        "batch_size": st.integers(1, 50),
        "concurrency": st.integers(1, 3),
        "unknown_devices": st.sampled_from(("fail", "ignore")),
        "check_upgrades": st.booleans(),
    }
)


def readable(dialect: Dialect) -> bool:
    """Whether the service tells at all which devices are licensed."""
    tells = dialect.devices_endpoint == "ok" and dialect.license_field != "absent"
    return tells or dialect.list_endpoint == "ok"


def expected(device: Device | None, dialect: Dialect, unknown_devices: str) -> str:
    """What a real run must say of a device, known from its true state alone."""
    if device is None:
        # The license list does not tell a device that the account does not have from one without a license.
        only_list = dialect.devices_endpoint != "ok" and dialect.list_endpoint == "ok"
        return "unlicensed" if only_list or unknown_devices == "ignore" else "failed"
    if not device.licensed:
        return "unlicensed"
    return "failed" if device.upgraded or device.upgrade_running or device.internal_error else "removed"


@hypothesis.settings(
    max_examples=examples(300), deadline=None, phases=PHASES, suppress_health_check=list(hypothesis.HealthCheck)
)
@hypothesis.given(
    scene=scenes(), dialect=dialects, chosen=options, max_batch=st.integers(1, 60), page_size=st.integers(5, 30)
)
def test_forecast_result_and_truth_agree(
    scene: tuple[list[Device], list[str]], dialect: Dialect, chosen: dict[str, t.Any], max_batch: int, page_size: int
) -> None:
    devices, imeis = scene
    account = Account(ACCOUNT, devices=devices)
    with Simulator([account], dialect=dialect, max_batch=max_batch, page_size=page_size) as simulator:
        run = functools.partial(run_with_tokens, simulator, {"account": ACCOUNT, "imeis": imeis, **chosen})
        before = simulator.licensed(ACCOUNT)
        forecast = run(check=True)
        assert not simulator.writes and simulator.licensed(ACCOUNT) == before
        result = run(check=False)
        after = simulator.licensed(ACCOUNT)

    distinct = list(dict.fromkeys(imeis))
    by_imei = {device.imei: device for device in devices}
    truth = {imei: expected(by_imei.get(imei), dialect, chosen["unknown_devices"]) for imei in distinct}
    outcomes = {device["imei"]: device["outcome"] for device in result["devices"]}
    if not readable(dialect):
        # Where the removal's own answer leaves a device open, nothing else tells.
        assert all(outcome in (truth[imei], "unknown") for imei, outcome in outcomes.items())
    else:
        # A device that no response mentions is unknown to the account only if the license list, or a removal, says so.
        unsure = dialect.list_endpoint != "ok"
        unheard = {imei for imei in distinct if unsure and imei not in by_imei and outcomes[imei] == "unknown"}
        assert outcomes == {**truth, **dict.fromkeys(unheard, "unknown")}
    removed = {imei for imei, outcome in outcomes.items() if outcome == "removed"}
    assert removed <= before - after
    assert before - after - removed <= {imei for imei, outcome in outcomes.items() if outcome == "unknown"}

    for said in (forecast, result):
        assert [device["imei"] for device in said["devices"]] == distinct
        counts = Counter(device["outcome"] for device in said["devices"])
        assert said["summary"] == {"requested": len(distinct), **{name: counts[name] for name in OUTCOMES}}
        assert said["changed"] == bool(counts["removed"] + counts["unknown"])
        assert said["failed"] == bool(counts["failed"] + counts["unknown"] + counts["skipped"])
    foreseen = {device["imei"]: device["outcome"] for device in forecast["devices"]}
    if not readable(dialect):
        assert all(outcome in ("skipped", "unknown") or imei not in by_imei for imei, outcome in foreseen.items())
    else:
        # A refusal because of an upgrade shows in the removal only, or where upgrades are looked up; the rest nobody foresees.
        refused = {imei for imei in distinct if imei in by_imei and truth[imei] == "failed"}
        if chosen["check_upgrades"]:
            # Whether an upgrade runs that the service says is scheduled, nobody knows before.
            running = {imei for imei in refused if by_imei[imei].upgrade_running}
            assert all(foreseen[imei] == "unknown" for imei in running)
            foreseen.update(dict.fromkeys(running, "failed"))
            # So is when a device was upgraded whose license was assigned nobody knows when, or how an old upgrade ended.
            unclear = {imei for imei in refused if by_imei[imei].upgraded and foreseen[imei] == "unknown"} - running
            undated = "none" in dialect.times or dialect.assignment_time == "null" or dialect.list_endpoint != "ok"
            assert not unclear or undated or dialect.history == "six months"
            foreseen.update(dict.fromkeys(unclear, "failed"))
            # The upgrades of the simulator are old; the list of all devices, which is not always read, may know them still.
            forgotten = {imei for imei in refused if by_imei[imei].upgraded and foreseen[imei] == "removed"}
            assert not forgotten or dialect.history == "six months"
            refused = {imei for imei in refused if by_imei[imei].internal_error} | forgotten
            told = {device["imei"] for device in forecast["devices"] if "cancels" in device.get("reason", "")}
            assert told == {imei for imei in distinct if imei in by_imei and by_imei[imei].upgrade_scheduled}
            assert all(imei in forecast["msg"] for imei in sorted(told, key=distinct.index)[:5])
        if dialect.list_endpoint != "ok":
            foreseen = {
                imei: truth[imei] if outcome == "unknown" and imei not in by_imei else outcome
                for imei, outcome in foreseen.items()
            }
        assert {imei: outcome for imei, outcome in foreseen.items() if imei not in refused} == {
            imei: outcome for imei, outcome in truth.items() if imei not in refused
        }
        assert all(foreseen[imei] == "removed" for imei in refused)


OUTCOMES = ("removed", "unlicensed", "failed", "unknown", "skipped")


def run_with_tokens(simulator: Simulator, args: dict[str, t.Any], check: bool) -> dict[str, t.Any]:
    access, session = simulator.issue_tokens()
    tokens = {"api_url": simulator.url, "access_token": access, "session_token": session}
    with pytest.MonkeyPatch.context() as monkeypatch:
        without_waiting(monkeypatch, lambda seconds: None)
        return run_module.run(license_remove, {**tokens, **args}, check=check)
