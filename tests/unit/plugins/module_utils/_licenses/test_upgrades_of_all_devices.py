# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether firmware was upgraded since, according to the list of all devices and, where it shows an upgrade, to histories."""

from __future__ import annotations

import pytest

from ansible_collections.verizon.fota.plugins.module_utils._thingspace.errors import ErrorKind
from ansible_collections.verizon.fota.tests.unit.plugins.module_utils.fake_reports import (
    ASSIGNED,
    LATER,
    NEVER,
    ONE,
    TWO,
    Reports,
    blocked,
    ended,
    look_up,
)

FLEET = [f"{number:015d}" for number in range(1, 101)]


def pages_of(imeis, time, size=10):
    return [dict.fromkeys(imeis[start : start + size], time) for start in range(0, len(imeis), size)]


@pytest.mark.parametrize(
    "time",
    [
        NEVER,
        "1/1/1900 0:0:0",
        "01/01/1900",
        "1900-01-01",
        "1900-01-01T00:00:00Z",
        "1900-01-01 00:00:00 +0000 UTC",
        "0001-01-01",
        "0001-01-01T00:00:00Z",
        "0001-01-01T00:00:00.000Z",
        "0001-01-01 00:00:00 +0000 UTC",
        "2021-06-03 00:03:56.079 +0000 UTC",
    ],
)
def test_the_list_of_all_devices_shows_which_were_not_upgraded_since(time):
    reports = Reports(assigned=dict.fromkeys(FLEET, ASSIGNED), pages=pages_of(FLEET, time))

    assert look_up(reports, *FLEET) == {}
    assert reports.requests == (["assigned"] if time.startswith("2021") else [])


def test_a_device_that_was_never_upgraded_needs_no_license_list():
    reports = Reports(
        pages=pages_of(FLEET, "0001-01-01T00:00:00Z"), rejecting={"assigned": ErrorKind.NO_VALID_RESPONSE}
    )

    assert look_up(reports, *FLEET) == {}


@pytest.mark.parametrize("time", ["01/01/19000", "1900-01-011", "0001-01-010T00:00:00Z"])
def test_what_only_begins_as_never_is_no_time(time):
    reports = Reports(pages=pages_of(FLEET, time))

    look_up(reports, *FLEET)

    assert sorted(reports.requests) == FLEET


LATER_IN_GO = "2021-07-10 00:00:00.079 +0000 UTC"


def in_list(time, history, **more):
    """Return what is known of a device that the list of all devices shows with this time, and whose history was read."""
    reports = Reports({ONE: history}, pages=[{ONE: time, TWO: NEVER}], **more)
    return look_up(reports, ONE, TWO), [imei for imei in reports.requests if imei != "assigned"]


@pytest.mark.parametrize("time", [LATER, LATER_IN_GO, "2021-07-10", "2021-06-10", "2021-02-31"])
def test_the_history_decides_whether_an_upgrade_since_then_was_completed(time):
    found, requests = in_list(time, ended(LATER))

    reason = f"its firmware was upgraded since its license was assigned (UpgradeSuccess, {LATER}, campaign c-7)"
    assert found == {ONE: (True, False, reason)}
    assert requests == [ONE]


@pytest.mark.parametrize("failed", [LATER, "2021-07-09", "2021-07-11", "2021-07-10T23:59:59.5Z"])
@pytest.mark.parametrize("time", [LATER, LATER_IN_GO, "2021-07-10"])
def test_an_upgrade_since_then_that_failed_is_no_obstacle(time, failed):
    assert in_list(time, ended(failed, "UpgradeFailed")) == ({}, [ONE])


@pytest.mark.parametrize(
    "history",
    [
        [],
        ended("2020-01-01"),
        ended("2021-07-12T00:00:01Z", "UpgradeFailed"),
        ended("2021-07-01", "UpgradeFailed"),
        ended(None, "UpgradeFailed"),
    ],
)
def test_an_upgrade_since_then_that_the_history_lacks_leaves_the_device_open(history):
    found, _histories = in_list(LATER, history)

    assert found == {ONE: (False, False, f"it is not known how an upgrade of its firmware ended ({LATER})")}


def test_an_unreadable_time_in_the_list_leaves_the_device_open():
    found, _histories = in_list("2021-02-31", ended("2021-03-01", "UpgradeFailed"))

    assert found == {ONE: (False, False, "it is not known how an upgrade of its firmware ended (2021-02-31)")}


def test_only_devices_upgraded_since_then_are_requested():
    times = {imei: LATER if number % 10 == 0 else "2021-06-01" for number, imei in enumerate(FLEET)}
    reports = Reports({imei: ended(LATER) for imei in FLEET}, assigned=dict.fromkeys(FLEET, ASSIGNED), pages=[times])

    assert blocked(look_up(reports, *FLEET)) == set(FLEET[::10])
    assert sorted(reports.requests) == [*FLEET[::10], "assigned"]


def test_without_histories_an_upgraded_device_is_open():
    found, _histories = in_list(LATER, [], rejecting={"history": ErrorKind.UNAVAILABLE})

    assert found == {ONE: (False, False, "its upgrade history could not be read: HTTP 403")}


@pytest.mark.parametrize("time", [None, "", "soon", "12/31/2021 0:0:0"])
def test_a_list_without_upgrade_times_is_not_read_further(time):
    reports = Reports({FLEET[5]: ended(LATER)}, assigned=dict.fromkeys(FLEET, ASSIGNED), pages=pages_of(FLEET, time))

    assert blocked(look_up(reports, *FLEET)) == {FLEET[5]}
    assert reports.pages_read == 1 and set(reports.requests) == {"assigned", *FLEET}


def test_devices_that_the_list_does_not_show_are_requested():
    shown = FLEET[:70]
    assigned = dict.fromkeys(FLEET, ASSIGNED)
    reports = Reports({FLEET[90]: ended(LATER)}, assigned=assigned, pages=pages_of(shown, NEVER))

    assert blocked(look_up(reports, *FLEET)) == {FLEET[90]}
    assert sorted(reports.requests) == sorted([*FLEET[70:], "assigned"])


@pytest.mark.parametrize(
    "kind", [ErrorKind.UNAVAILABLE, ErrorKind.NO_VALID_RESPONSE, ErrorKind.INVALID_DEVICE_LIST, ErrorKind.REJECTED]
)
def test_without_the_list_every_device_is_requested(kind):
    reports = Reports(pages=pages_of(FLEET, NEVER), rejecting={"upgrade_times": kind})

    assert look_up(reports, *FLEET) == {}
    assert sorted(reports.requests) == FLEET


@pytest.mark.parametrize(("requested", "read"), [(1, 0), (2, 2), (5, 5), (50, 50), (99, 99)])
def test_a_few_devices_in_a_large_account_do_not_cost_its_whole_list(requested, read):
    reports = Reports(pages=pages_of([f"{number:015d}" for number in range(1000, 3000)], NEVER))

    look_up(reports, *FLEET[:requested])

    assert reports.pages_read == read
    assert len(reports.requests) == requested


def test_a_list_is_not_read_further_than_needed():
    reports = Reports(pages=[*pages_of(FLEET, NEVER), *pages_of(FLEET, NEVER)])

    look_up(reports, *FLEET)

    assert reports.pages_read == 10 and reports.requests == []
