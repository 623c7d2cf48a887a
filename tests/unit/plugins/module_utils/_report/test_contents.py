# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The contents of a report: reasons grouped without dates and numbers, and those that are left out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.verizon.fota.plugins.module_utils._licenses.outcomes import ASSIGNMENT, REMOVAL
from ansible_collections.verizon.fota.plugins.module_utils._report import contents
from ansible_collections.verizon.fota.plugins.module_utils._report.contents import Groups
from ansible_collections.verizon.fota.plugins.module_utils._report.reason_pattern import pattern_of

PENDING = "Upgrade pending, the device upgrade is estimated to be scheduled for {} UTC"


def device(number, outcome, reason=None, **more):
    return {"imei": f"{number:015d}", "outcome": outcome, **({} if reason is None else {"reason": reason}), **more}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (PENDING.format("06 Oct 22 18:05"), PENDING.format("7 November 2026 1:05")),
        (PENDING.format("2026-11-23T02:00:00.123Z"), PENDING.format("2026-11-24 03:00:00")),
        ("HTTP 502: no response within 30 seconds.", "HTTP 503: no response within 5 seconds"),
        ("campaign 60b5d639-ccdc-4db8-8824-069bd94c95bf runs", "campaign 70b5d639-ccdc-4db8-8824-069bd94c95bf runs"),
        ("Device  990000000000001 not found", "Device 990000000000002 not\nfound."),
        ("Tue, 06 Oct 2026", "Mon, 5 Dec 2026"),
    ],
)
def test_variable_parts_do_not_distinguish_reasons(one, other):
    assert pattern_of(one) == pattern_of(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Internal error.", "Device Not Found."), ("may be upgraded", "is upgraded"), ("", "Internal error.")],
)
def test_different_texts_are_distinct(one, other):
    assert pattern_of(one) != pattern_of(other)


@given(st.text())
def test_every_text_has_a_pattern_that_is_not_empty_and_holds_no_digit(text):
    pattern = pattern_of(text)
    assert pattern
    assert not any(sign in "0123456789" for sign in pattern)


def test_groups_count_and_show_the_first_reason_verbatim():
    groups = Groups(imeis_kept=2)
    for number in range(3):
        groups.add(device(number, "failed", PENDING.format(f"0{number + 1} Oct 22 18:05")))
    for number in range(3, 7):
        groups.add(device(number, "failed", "Internal error."))
    groups.add(device(7, "skipped", "not sent"))
    groups.add(device(8, "unknown"))
    internal, pending, unknown, skipped = groups.of_problems()
    assert (internal.count, internal.heading) == (4, "Internal error.")
    assert (pending.count, pending.heading) == (3, PENDING.format("\N{HORIZONTAL ELLIPSIS}"))
    assert (pending.example, pending.example_imei) == (PENDING.format("01 Oct 22 18:05"), f"{0:015d}")
    assert pending.imeis == [f"{0:015d}", f"{1:015d}"]
    assert (unknown.outcome, unknown.heading) == ("unknown", "(no reason given)")
    assert skipped.outcome == "skipped"


def test_devices_that_the_account_does_not_have_come_last_and_stay_apart(monkeypatch):
    monkeypatch.setattr(contents, "_MOST_GROUPS", 1)
    groups = Groups(imeis_kept=2)
    for number, reason in enumerate(["Device Not Found.", "Device does not exist.", "Internal error.", "Other words"]):
        groups.add(device(number, "failed", reason))
    found = [(group.pattern, group.count, group.unknown_device, bool(group.advice)) for group in groups.of_problems()]
    assert found == [
        (contents.OTHERS, 2, False, False),
        ("Device Not Found", 1, True, True),
        (contents.OTHERS, 1, True, False),
    ]


FAILURE = {"status": "Failure"}


@pytest.mark.parametrize(
    ("target", "devices", "known"),
    [
        (REMOVAL, [device(1, "removed", "Success"), device(2, "unlicensed")], True),
        (REMOVAL, [device(1, "failed", "Internal error.", **FAILURE)], True),
        (REMOVAL, [device(1, "failed", PENDING.format("06 Oct 22 18:05"), **FAILURE)], True),
        (REMOVAL, [device(1, "failed", "the account does not have this device")], True),
        (ASSIGNMENT, [device(1, "failed", "Device Not Found.", **FAILURE)], True),
        # The service says nothing of the device, or gives a reason that does not tell whether it holds a license.
        (REMOVAL, [device(1, "failed", "HTTP 400: no")], False),
        (ASSIGNMENT, [device(1, "failed", "Try later", **FAILURE)], False),
        (REMOVAL, [device(1, "failed", "x; it was not sent, and its state could not be read")], False),
        (REMOVAL, [device(1, "unknown"), device(2, "failed", "Internal error.", **FAILURE)], False),
        (ASSIGNMENT, [device(1, "skipped", "not sent")], False),
    ],
)
def test_states_are_known_unless_a_device_was_not_read(target, devices, known):
    groups = Groups(0, target)
    for one in devices:
        groups.add(one)
    assert (not groups.not_known) is known


def test_success_is_no_remark_and_anything_else_is():
    groups = Groups(imeis_kept=2)
    assert groups.add(device(1, "removed", "Success", status="LicenseRemoveSuccess")) is None
    assert groups.add(device(2, "removed", "Done", status="done")) is None
    assert groups.add(device(3, "removed")) is None
    assert groups.add(device(4, "removed", "cancels an upgrade")) is not None
    assert [(group.outcome, group.count) for group in groups.of_remarks()] == [("removed", 1)]
    assert groups.of_problems() == []


def test_a_million_different_reasons_are_not_all_kept():
    groups = Groups(imeis_kept=0)
    signs = [chr(ord("a") + number) for number in range(26)]
    reasons = [f"{one}{two}{three}" for one in signs for two in signs for three in signs]
    for number, reason in enumerate(reasons):
        groups.add(device(number, "failed", f"reason {reason}"))
    found = groups.of_problems()
    assert len(found) <= contents._MOST_GROUPS + 1
    assert sum(group.count for group in found) == len(reasons)
    assert found[0].heading == contents.OTHERS
