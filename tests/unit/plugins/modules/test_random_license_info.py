# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever the account, the dialect and the faults, license_info reports the actual state of a device or none."""

from __future__ import annotations

import typing as t

import hypothesis
import pytest
from hypothesis import strategies as st

from ansible_collections.verizon.fota.plugins.modules import license_info
from ansible_collections.verizon.fota.tests.simulator import Account, Device, Dialect, Fault, Faults, Simulator
from ansible_collections.verizon.fota.tests.unit.examples import examples
from ansible_collections.verizon.fota.tests.unit.plugins.modules import run_module
from ansible_collections.verizon.fota.tests.unit.plugins.modules.conftest import ACCOUNT, without_waiting
from ansible_collections.verizon.fota.tests.unit.plugins.modules.half_licensed import licensed_by_imei
from ansible_collections.verizon.fota.tests.unit.plugins.modules.test_random_dialects import PHASES, readable, scenes
from ansible_collections.verizon.fota.tests.unit.plugins.modules.test_random_faults import faults

dialects = st.builds(Dialect, **{name: st.sampled_from(values) for name, values in Dialect.CHOICES.items()})


@hypothesis.settings(
    max_examples=examples(150), deadline=None, phases=PHASES, suppress_health_check=list(hypothesis.HealthCheck)
)
@hypothesis.given(
    scene=scenes(),
    dialect=dialects,
    schedule=st.lists(faults().filter(lambda fault: fault.on != "remove"), max_size=3),
    chosen=st.fixed_dictionaries(
        {"batch_size": st.integers(1, 50), "concurrency": st.integers(1, 3), "retries": st.integers(0, 2)}
    ),
    page_size=st.integers(1, 30),
    max_batch=st.sampled_from((3, 1000)),
    seed=st.integers(0, 2**32),
)
def test_the_reported_state_of_a_device_is_correct(
    scene: tuple[list[Device], list[str]],
    dialect: Dialect,
    schedule: list[Fault],
    chosen: dict[str, t.Any],
    page_size: int,
    max_batch: int,
    seed: int,
) -> None:
    devices, imeis = scene
    layer = Faults(schedule, seed=seed)
    # Short only for hangs, so that a busy machine does not look like a fault.
    timeout = 0.3 if any(fault.kind == "hang" for fault in schedule) else 30
    account = Account(ACCOUNT, devices=devices)
    options: dict[str, t.Any] = {"dialect": dialect, "page_size": page_size, "max_batch": max_batch}
    with Simulator(
        [account], middleware=layer.middleware, **options
    ) as simulator, pytest.MonkeyPatch.context() as patch:
        without_waiting(patch, lambda seconds: None)
        actual = simulator.licensed(ACCOUNT)

        def run(**args: t.Any) -> dict[str, t.Any]:
            access, session = simulator.issue_tokens()
            connection = {
                "api_url": simulator.url,
                "access_token": access,
                "session_token": session,
                "timeout": timeout,
            }
            return run_module.run(license_info, {**connection, "account": ACCOUNT, **chosen, **args})

        looked_up = run(imeis=imeis)
        listed = run()
        assert simulator.writes == []
    distinct = list(dict.fromkeys(imeis))
    reported = licensed_by_imei(looked_up)
    assert list(reported) == distinct
    assert all(licensed is None or licensed == (imei in actual) for imei, licensed in reported.items())
    assert all("reason" in device for device in looked_up["devices"] if device["licensed"] is None)
    summary = looked_up["summary"]
    assert summary["requested"] == len(distinct) == summary["licensed"] + summary["unlicensed"] + summary["unknown"]
    assert (
        list(licensed_by_imei(listed)) == sorted(licensed_by_imei(listed)) and set(licensed_by_imei(listed)) <= actual
    )
    assert listed["failed"] or set(licensed_by_imei(listed)) == actual
    for result in (looked_up, listed):
        used = result["account"]["license_used"]
        assert used in (None, len(actual))
    if not layer.injected and timeout > 1:
        assert listed["failed"] == (dialect.list_endpoint != "ok")
        known = {device.imei for device in devices}
        if readable(dialect):
            assert not looked_up["failed"] and all(reported[imei] is not None for imei in known & set(distinct))
