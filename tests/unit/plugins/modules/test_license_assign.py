# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json

import pytest
from ansible.module_utils.basic import AnsibleModule

from ansible_collections.verizon.fota.plugins.module_utils._licenses.guards import RemovalGuards
from ansible_collections.verizon.fota.plugins.modules import license_assign, license_remove
from ansible_collections.verizon.fota.tests.simulator import Device, Dialect, Fault, Faults, Simulator
from ansible_collections.verizon.fota.tests.simulator.accounts import Account
from ansible_collections.verizon.fota.tests.simulator.fleets import ACCOUNT

A, B, C, D = (f"99000342573000{number}" for number in range(4))


def devices(*licensed):
    return [Device(imei, licensed=imei in licensed) for imei in (A, B, C)]


@pytest.fixture
def assign(run_against):
    def run(simulator, **args):
        return run_against(simulator, license_assign, **{"account": ACCOUNT, **args})

    return run


def outcomes(result):
    return [(device["imei"], device["outcome"], device["changed"], device["failed"]) for device in result["devices"]]


def test_devices_without_a_license_get_one(simulate, assign):
    simulator = simulate(devices(A))

    result = assign(simulator, imeis=[A, B, C], diff=True)

    assert outcomes(result) == [
        (A, "licensed", False, False),
        (B, "assigned", True, False),
        (C, "assigned", True, False),
    ]
    assert (result["changed"], result["failed"]) == (True, False)
    assert result["msg"] == "2 licenses assigned. 1 device had a license."
    assert result["summary"] == {"requested": 3, "assigned": 2, "licensed": 1, "failed": 0, "unknown": 0, "skipped": 0}
    assert result["account"] == {"name": ACCOUNT, "license_total": 9000, "license_used": 3}
    assert (result["diff"]["before"], result["diff"]["after"]) == ("", f"{B}\n{C}\n")
    assert simulator.assigned == [(ACCOUNT, B), (ACCOUNT, C)] and simulator.removed == []


def test_a_second_run_changes_nothing(simulate, assign):
    simulator = simulate(devices())
    assign(simulator, imeis=[A, B])

    result = assign(simulator, imeis=[A, B])

    assert (result["changed"], result["msg"]) == (False, "0 licenses assigned. 2 devices had a license.")
    assert len(simulator.writes) == 1


def test_an_account_that_is_billed_by_event_has_no_licenses_to_assign(assign, monkeypatch):
    # The warnings in a result are those of all modules that ran in this process.
    warnings = []
    monkeypatch.setattr(AnsibleModule, "warn", lambda module, warning: warnings.append(warning))
    account = Account(ACCOUNT, license_total=9, devices=devices(), purchase_type="TS-HFOTA-EVNT")
    with Simulator([account]) as simulator:
        assign(simulator, imeis=[A], read_account=True)
    assert [warning.endswith("it has no licenses to assign") for warning in warnings] == [True]


def test_a_second_run_changes_nothing_if_no_state_can_be_read_and_no_license_is_free(assign):
    blind = Dialect(list_endpoint="403", devices_endpoint="403", account_devices_endpoint="403")
    with Simulator([Account(ACCOUNT, license_total=2, devices=devices())], dialect=blind) as simulator:
        assert assign(simulator, imeis=[A, B])["summary"]["assigned"] == 2

        again = assign(simulator, imeis=[A, B])
        more = assign(simulator, imeis=[A, B, C])

    assert outcomes(again) == [(A, "licensed", False, False), (B, "licensed", False, False)], again["msg"]
    assert outcomes(more)[2] == (C, "failed", False, True) and more["summary"]["licensed"] == 2


@pytest.mark.parametrize("check", [True, False])
def test_check_mode_forecasts_what_a_real_run_does(simulate, assign, check):
    simulator = simulate(devices(A))

    result = assign(simulator, imeis=[A, B], check=check)

    assert [outcome for _imei, outcome, *_rest in outcomes(result)] == ["licensed", "assigned"]
    assert result["msg"].startswith("1 license would be assigned." if check else "1 license assigned.")
    assert bool(simulator.writes) is not check


def test_a_device_that_the_account_does_not_have_fails(simulate, assign):
    simulator = simulate(devices())

    result = assign(simulator, imeis=[A, D])

    assert [outcome for _imei, outcome, *_rest in outcomes(result)] == ["assigned", "failed"]
    assert result["devices"][1]["reason"] == "Device Not Found."
    assert result["failed"] is True


def test_no_more_than_the_account_has_free(run_against):
    with Simulator([Account(ACCOUNT, 2, devices(A))]) as simulator:
        result = run_against(simulator, license_assign, account=ACCOUNT, imeis=[B, C])

        assert result["failed"] is True and simulator.writes == []
        assert "but the account has only 1 free (1 of 2 are in use); nothing was assigned" in result["msg"]
        assert run_against(simulator, license_assign, account=ACCOUNT, imeis=[B])["summary"]["assigned"] == 1


@pytest.mark.parametrize("exhausted_pool", ["rows", "rejected"])
def test_a_pool_that_is_exhausted_meanwhile(run_against, monkeypatch, exhausted_pool):
    # Somebody else has used the license that was free when the limit was checked.
    monkeypatch.setattr(license_assign, "AssignmentGuards", lambda _max: RemovalGuards())
    account = Account(ACCOUNT, 2, devices(A))
    with Simulator([account], dialect=Dialect(exhausted_pool=exhausted_pool)) as simulator:
        result = run_against(simulator, license_assign, account=ACCOUNT, imeis=[B, C])

        assert [outcome for _imei, outcome, *_rest in outcomes(result)] == ["assigned", "failed"]
        assert simulator.licensed(ACCOUNT) == {A, B}


@pytest.mark.parametrize("acted", [True, False])
def test_a_lost_response_is_no_lost_fact(simulate, assign, acted):
    faults = Faults([Fault("reset", on="assign", acted=acted, times=1)])
    simulator = simulate(devices(), middleware=faults.middleware)

    result = assign(simulator, imeis=[A, B])

    assert [outcome for _imei, outcome, *_rest in outcomes(result)] == ["assigned", "assigned"]
    assert simulator.licensed(ACCOUNT) == {A, B}
    assert len(simulator.writes) == (1 if acted else 2)


# Undo


@pytest.fixture
def removed(simulate, run_against, tmp_path):
    """A simulator whose licenses of A and B were removed, and the journal of that run."""
    simulator = simulate(devices(A, B))
    journal = tmp_path / "journal.jsonl"
    result = run_against(simulator, license_remove, account=ACCOUNT, imeis=[A, B, C], journal=str(journal))
    assert result["summary"]["removed"] == 2
    return simulator, journal, result["run_id"]


def test_a_run_is_undone_and_only_that(removed, assign):
    simulator, journal, run_id = removed

    result = assign(simulator, restore_journal=str(journal))

    assert simulator.licensed(ACCOUNT) == {A, B}
    assert outcomes(result) == [(A, "assigned", True, False), (B, "assigned", True, False)]
    assert result["msg"] == f"2 licenses assigned. According to the journal, the run {run_id} removed 2 licenses."


def test_what_holds_a_license_again_is_left_alone(removed, assign):
    simulator, journal, _run_id = removed
    simulator.assign(ACCOUNT, [A])

    result = assign(simulator, restore_journal=str(journal))

    assert [outcome for _imei, outcome, *_rest in outcomes(result)] == ["licensed", "assigned"]


def test_an_undo_may_write_to_the_same_journal_and_be_repeated(removed, assign, run_against):
    simulator, journal, run_id = removed

    first = assign(simulator, restore_journal=str(journal), journal=str(journal))
    second = assign(simulator, restore_journal=str(journal), journal=str(journal))

    assert (first["summary"]["assigned"], second["changed"], second["summary"]["licensed"]) == (2, False, 2)
    lines = [json.loads(line) for line in journal.read_text().splitlines()]
    assert [line.get("action") for line in lines] == [None] * 3 + ["assign"] * 4
    # Another removal makes the choice necessary.
    run_against(simulator, license_remove, account=ACCOUNT, imeis=[A], journal=str(journal))
    unclear = assign(simulator, restore_journal=str(journal))
    assert unclear["failed"] is True and "set restore_run_id to those that are to be restored" in unclear["msg"]
    assert assign(simulator, restore_journal=str(journal), restore_run_id=f" {run_id} ")["summary"]["assigned"] == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "cannot be read: No such file or directory; nothing was sent"),
        ("", "has no run of the account"),
        ("imei\n990003425730000\n", "is not one of a journal"),
    ],
)
def test_a_journal_that_does_not_help_is_named_before_anything_is_sent(simulate, assign, tmp_path, content, message):
    simulator = simulate(devices())
    journal = tmp_path / "journal.jsonl"
    if content is not None:
        journal.write_text(content)

    result = assign(simulator, restore_journal=str(journal))

    assert result["failed"] is True and message in result["msg"] and str(journal) in result["msg"]
    assert result["summary"]["requested"] == 0
    assert list(simulator.requests) == []


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({}, "no devices are given"),
        ({"imeis": [A], "restore_journal": "journal"}, "mutually exclusive"),
        ({"imeis": [A], "restore_run_id": "a"}, "restore_journal"),
        ({"restore_journal": ""}, "restore_journal is empty: set it to the journal of the run that is to be undone"),
        ({"restore_journal": "journal", "restore_run_id": ""}, "restore_run_id is empty: set it to the run"),
        ({"imeis": [A], "max_assignments": -1}, "max_assignments is -1; it must be at least 0"),
    ],
)
def test_options_that_are_wrong_are_named(simulate, assign, args, message):
    simulator = simulate(devices())

    result = assign(simulator, **args)

    assert result["failed"] is True and message in result["msg"]
    assert list(simulator.requests) == []
