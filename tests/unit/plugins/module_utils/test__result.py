# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json

import pytest

from ansible_collections.verizon.fota.plugins.module_utils import _result
from ansible_collections.verizon.fota.plugins.module_utils._licenses.device_outcome import Device
from ansible_collections.verizon.fota.plugins.module_utils._licenses.outcomes import REMOVAL
from ansible_collections.verizon.fota.plugins.module_utils._licenses.run_request import RunRequest
from ansible_collections.verizon.fota.plugins.module_utils._licenses.run_state import RunState
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.license_totals import LicenseTotals

ACCOUNT = "0642233522-00001"
RUN = "0123456789ab"
IMEIS = [f"{number:015d}" for number in range(20)]
KEYS = {"changed", "failed", "msg", "summary", "devices", "account", "run_id"}


def report(*devices, stop=None, returned="all", check_mode=False, with_diff=False, totals=None, before=()):
    """The result of a run in which these devices came to their end, in this order."""
    record = RunState(REMOVAL, _result.devices_to_keep(returned))
    record.add(devices)
    record.totals.start_with(totals or LicenseTotals())
    record.changeable = list(before)
    order = RunRequest(sorted(device.imei for device in devices), check_mode=check_mode)
    return _result.result(ACCOUNT, RUN, order, record, stop, returned, with_diff, {})


def ended(*outcomes, reason=None):
    return [Device(imei, outcome, {"resultReason": reason}) for imei, outcome in zip(IMEIS, outcomes)]


@pytest.mark.parametrize(
    ("outcome", "changed", "failed"),
    [
        ("removed", True, False),
        ("unlicensed", False, False),
        ("failed", False, True),
        ("unknown", True, True),
        ("skipped", False, True),
    ],
)
def test_one_device_decides_what_the_task_is(outcome, changed, failed):
    result = report(*ended("unlicensed", outcome))

    assert (result["changed"], result["failed"]) == (changed, failed)
    assert (result["devices"][1]["changed"], result["devices"][1]["failed"]) == (changed, failed)


def test_a_run_that_ended_early_has_failed_even_without_a_failed_device():
    result = report(*ended("unlicensed"), stop="No more.")

    assert result["failed"]
    assert result["msg"].startswith("The run ended early: No more. ")


def test_the_summary_adds_up():
    result = report(*ended("removed", "removed", "unlicensed", "failed", "unknown", "skipped"))

    assert result["summary"] == {
        "requested": 6,
        "removed": 2,
        "unlicensed": 1,
        "failed": 1,
        "unknown": 1,
        "skipped": 1,
    }


def test_devices_are_returned_in_the_order_of_the_list():
    result = report(*ended("removed", "failed", "skipped")[::-1])

    assert [device["imei"] for device in result["devices"]] == IMEIS[:3]


def test_a_device_says_only_what_is_known():
    device = Device(IMEIS[0], "removed", {"status": "Success", "updatedTime": "2021-06-10T15:13:30.941Z"})

    assert report(device)["devices"] == [
        {
            "imei": IMEIS[0],
            "outcome": "removed",
            "changed": True,
            "failed": False,
            "status": "Success",
            "updated_time": "2021-06-10T15:13:30.941Z",
        }
    ]


@pytest.mark.parametrize(("returned", "imeis"), [("all", IMEIS[:5]), ("problems", IMEIS[2:5]), ("none", [])])
def test_only_the_selected_devices_are_returned(returned, imeis):
    result = report(*ended("removed", "unlicensed", "failed", "unknown", "skipped"), returned=returned)

    assert [device["imei"] for device in result["devices"]] == imeis
    assert sum(result["summary"].values()) == 10


@pytest.mark.parametrize("returned", ["all", "problems", "none"])
def test_the_message_counts_and_names_the_first_failures(returned):
    result = report(*ended("removed", *["failed"] * 6, "unknown", reason="Upgrade pending."), returned=returned)

    assert result["msg"].startswith("Of 8 devices: 6 failed, 1 in an unknown state. ")
    assert result["msg"].count("Upgrade pending") == 5
    assert IMEIS[1] in result["msg"]
    assert "; and 2 more." in result["msg"]


@pytest.mark.parametrize("count", [1, 5])
def test_when_all_failures_are_named_there_are_no_more(count):
    assert "more" not in report(*ended(*["failed"] * count, reason="no"))["msg"]


@pytest.mark.parametrize("returned", ["all", "problems", "none"])
def test_skipped_devices_are_counted_and_not_named(returned):
    result = report(*ended("skipped", "removed"), stop="Inactive account", returned=returned)

    assert "Of 2 devices: 1 not sent." in result["msg"]
    assert IMEIS[0] not in result["msg"]


def test_failures_are_named_after_many_skipped_devices():
    result = report(*ended(*["skipped"] * 6, "failed", reason="Inactive account"), returned="none")

    assert f"{IMEIS[6]}: Inactive account" in result["msg"]


@pytest.mark.parametrize(
    ("outcomes", "check_mode", "msg"),
    [
        (["removed"], False, "1 license removed."),
        (["removed"] * 2, True, f"2 licenses would be removed. {REMOVAL.texts.upgrades_not_read}"),
        (["unlicensed"] * 2, True, "0 licenses would be removed. 2 devices had no license."),
        (["unlicensed"] * 2, False, "0 licenses removed. 2 devices had no license."),
    ],
)
def test_the_message_of_a_good_run(outcomes, check_mode, msg):
    assert report(*ended(*outcomes), check_mode=check_mode)["msg"] == msg


def test_check_mode_says_would():
    assert "Of 1 device: 1 would fail." in report(*ended("failed"), check_mode=True)["msg"]


# Account and diff


def test_the_account_has_its_last_totals():
    assert report(*ended("removed"), totals=LicenseTotals(9000, 998))["account"] == {
        "name": ACCOUNT,
        "license_total": 9000,
        "license_used": 998,
    }
    assert report(*ended("unlicensed"))["account"] == {"name": ACCOUNT, "license_total": None, "license_used": None}


def test_the_diff_shows_who_held_a_license_before_and_after():
    result = report(*ended("removed", "failed", "unlicensed"), with_diff=True, before=IMEIS[:2])

    assert result["diff"]["before"] == f"{IMEIS[0]}\n{IMEIS[1]}\n"
    assert result["diff"]["after"] == f"{IMEIS[1]}\n"


def test_there_is_no_diff_by_default():
    assert "diff" not in report(*ended("removed"))


# The same keys, whatever happens


def test_the_keys_are_always_the_same():
    empty = _result.empty(REMOVAL, ACCOUNT, RUN, "imeis is an empty list")

    assert set(empty) == set(report(*ended("removed"))) == set(report(*ended("failed"), stop="no")) == KEYS
    assert (empty["failed"], empty["changed"], empty["msg"]) == (True, False, "imeis is an empty list")
    assert set(empty["summary"]) == set(report(*ended("removed"))["summary"])
    assert set(empty["account"]) == set(report(*ended("removed"))["account"])


def test_a_result_can_be_written_as_json():
    json.dumps([report(*ended("removed", "unknown"), with_diff=True), _result.empty(REMOVAL, None, RUN, "no account")])


def test_a_keeper_of_no_devices_keeps_the_few_that_the_message_names():
    record = RunState(REMOVAL, _result.devices_to_keep("none"))
    record.add([Device(f"{number:015d}", "failed") for number in range(1000)])

    assert len(record.kept) == 5
    assert record.counts["failed"] == 1000
