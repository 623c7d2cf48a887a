# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check mode forecasts what a real run does, device by device, and both are correct.

For random accounts, lists, options and dialects, the module's result is compared with the simulator's state.
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

# Every third IMEI has leading zeros, which a number would lose.
IMEIS = [f"{(1234500000000 if number % 3 == 2 else 990000000000000) + number:015}" for number in range(25)]
UNKNOWN_IMEIS = [f"3500000000000{number:02}" for number in range(14)]
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
    """Draw the devices of an account and a list of IMEIs: most of them and some unknown, in any order, some twice."""
    states = draw(st.lists(st.sampled_from(STATES), min_size=1, max_size=len(IMEIS)))
    devices = [Device(imei, **state) for imei, state in zip(IMEIS, states)]
    known = IMEIS[draw(st.sampled_from((0, 0, 0, 3))) : len(devices)]
    unknown = UNKNOWN_IMEIS[: draw(st.sampled_from((0, 0, 1, 2, len(UNKNOWN_IMEIS))))]
    requested = draw(st.permutations([*known, *unknown] or UNKNOWN_IMEIS))
    return devices, [*requested, *requested[: draw(st.integers(0, 2))]]


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
    """Return whether any call shows which devices are licensed."""
    from_devices = dialect.devices_endpoint == "ok" and dialect.license_field != "absent"
    return from_devices or dialect.list_endpoint == "ok"


def expected(device: Device | None, dialect: Dialect, unknown_devices: str) -> str:
    """Return the outcome that a real run must report for a device, derived from its actual state."""
    if device is None:
        # The license list does not distinguish an unknown device from one without a license.
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
def test_forecast_result_and_actual_state_agree(
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
    actual = {imei: expected(by_imei.get(imei), dialect, chosen["unknown_devices"]) for imei in distinct}
    outcomes = {device["imei"]: device["outcome"] for device in result["devices"]}
    if not readable(dialect):
        # What the response to the removal leaves open, nothing else decides.
        assert all(outcome in (actual[imei], "unknown") for imei, outcome in outcomes.items())
    else:
        # A device that no response mentions is unknown to the account only if the license list, or a removal, says so.
        unsure = dialect.list_endpoint != "ok"
        undecided = {imei for imei in distinct if unsure and imei not in by_imei and outcomes[imei] == "unknown"}
        assert outcomes == {**actual, **dict.fromkeys(undecided, "unknown")}
    removed = {imei for imei, outcome in outcomes.items() if outcome == "removed"}
    assert removed <= before - after
    assert before - after - removed <= {imei for imei, outcome in outcomes.items() if outcome == "unknown"}

    for output in (forecast, result):
        assert [device["imei"] for device in output["devices"]] == distinct
        counts = Counter(device["outcome"] for device in output["devices"])
        assert output["summary"] == {"requested": len(distinct), **{name: counts[name] for name in OUTCOMES}}
        assert output["changed"] == bool(counts["removed"] + counts["unknown"])
        assert output["failed"] == bool(counts["failed"] + counts["unknown"] + counts["skipped"])
    forecasted = {device["imei"]: device["outcome"] for device in forecast["devices"]}
    if not readable(dialect):
        assert all(outcome in ("skipped", "unknown") or imei not in by_imei for imei, outcome in forecasted.items())
    else:
        # A rejection because of an upgrade is visible in the removal or in the upgrades only; a forecast misses the others.
        blocked = {imei for imei in distinct if imei in by_imei and actual[imei] == "failed"}
        if chosen["check_upgrades"]:
            # Whether a scheduled upgrade is running is not known before.
            running = {imei for imei in blocked if by_imei[imei].upgrade_running}
            assert all(forecasted[imei] == "unknown" for imei in running)
            forecasted.update(dict.fromkeys(running, "failed"))
            # Nor is whether an upgrade was after an assignment without a time, nor how an old upgrade ended.
            unclear = {imei for imei in blocked if by_imei[imei].upgraded and forecasted[imei] == "unknown"} - running
            undated = "none" in dialect.times or dialect.assignment_time == "null" or dialect.list_endpoint != "ok"
            assert not unclear or undated or dialect.history == "six months"
            forecasted.update(dict.fromkeys(unclear, "failed"))
            # The upgrades of the simulator are old; only the list of all devices, which is not always read, may contain them.
            forgotten = {imei for imei in blocked if by_imei[imei].upgraded and forecasted[imei] == "removed"}
            assert not forgotten or dialect.history == "six months"
            blocked = {imei for imei in blocked if by_imei[imei].internal_error} | forgotten
            cancelling = {device["imei"] for device in forecast["devices"] if "cancels" in device.get("reason", "")}
            assert cancelling == {imei for imei in distinct if imei in by_imei and by_imei[imei].upgrade_scheduled}
            assert all(imei in forecast["msg"] for imei in sorted(cancelling, key=distinct.index)[:5])
        if dialect.list_endpoint != "ok":
            forecasted = {
                imei: actual[imei] if outcome == "unknown" and imei not in by_imei else outcome
                for imei, outcome in forecasted.items()
            }
        assert {imei: outcome for imei, outcome in forecasted.items() if imei not in blocked} == {
            imei: outcome for imei, outcome in actual.items() if imei not in blocked
        }
        assert all(forecasted[imei] == "removed" for imei in blocked)


OUTCOMES = ("removed", "unlicensed", "failed", "unknown", "skipped")


def run_with_tokens(simulator: Simulator, args: dict[str, t.Any], check: bool) -> dict[str, t.Any]:
    access, session = simulator.issue_tokens()
    tokens = {"api_url": simulator.url, "access_token": access, "session_token": session}
    with pytest.MonkeyPatch.context() as monkeypatch:
        without_waiting(monkeypatch, lambda seconds: None)
        return run_module.run(license_remove, {**tokens, **args}, check=check)
