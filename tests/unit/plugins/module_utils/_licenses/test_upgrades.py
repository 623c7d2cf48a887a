# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.verizon.fota.plugins.module_utils._licenses.upgrades import UpgradesUnavailable, effects
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.errors import ErrorKind
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.upgrades import (
    Campaign,
    CampaignDevice,
)
from ansible_collections.verizon.fota.tests.unit.plugins.module_utils.fake_reports import (
    ASSIGNED,
    LATER,
    NEVER,
    ONE,
    THREE,
    TWO,
    Reports,
    blocked,
    ended,
    look_up,
)

# The statuses of the page "Campaign Lifecycle Flow" of version 3
SCHEDULED = "The upgrade is scheduled to begin on {} UTC, and the estimated completion is {} UTC."
PLANNED_REASON = SCHEDULED.format("07 Oct 22 00:00", "07 Oct 22 04:00")
SPRING = Campaign("1", "spring", "2022-10-01")
OTHER = Campaign("2", None, None)


def test_devices_without_upgrades_have_no_effects():
    assert look_up(Reports(), ONE, TWO) == {}


def test_without_devices_nothing_is_read():
    assert look_up(Reports(rejecting={"open_campaigns": ErrorKind.NO_VALID_RESPONSE})) == {}


# Finished upgrades


def test_an_upgrade_that_was_completed_since_the_license_was_assigned_keeps_it():
    found = look_up(Reports({ONE: ended(LATER)}), ONE, TWO)

    reason = f"its firmware was upgraded since its license was assigned (UpgradeSuccess, {LATER}, campaign c-7)"
    assert found == {ONE: (True, False, reason)}


@pytest.mark.parametrize(
    ("time", "assigned", "since"),
    [
        ("2021-06-10T15:13:31Z", ASSIGNED, True),
        ("2021-06-10T15:13:29Z", ASSIGNED, False),
        ("2021-06-10T15:13:30.941Z", ASSIGNED, True),
        ("2021-06-10T15:13:30.940999999Z", ASSIGNED, False),
        ("2021-06-10 15:13:29.999 +0000 UTC", "2021-06-10 15:13:30.941 +0000 UTC", False),
        ("2021-06-11 00:00:00.000 +0000 UTC", ASSIGNED, True),
        ("2021-06-11", ASSIGNED, True),
        ("2021-06-09", ASSIGNED, False),
        ("9999-12-31", ASSIGNED, True),
        ("2021-06-11", "2021-06-10", True),
        ("2021-06-09", "2021-06-10", False),
    ],
)
def test_only_an_upgrade_since_then_counts(time, assigned, since):
    found = look_up(Reports({ONE: ended(time)}, assigned={ONE: assigned}), ONE)

    assert blocked(found) == set(found) == ({ONE} if since else set())


@pytest.mark.parametrize(
    ("time", "assigned"),
    [
        # A time stands for any moment of its second, a date for any of its day.
        ("2021-06-10T15:13:30Z", ASSIGNED),
        ("2021-06-10", ASSIGNED),
        ("2021-06-10", "2021-06-10"),
        ("2021-06-10T15:13:30Z", "2021-06-10"),
        (None, ASSIGNED),
        ("yesterday", ASSIGNED),
        ("2021-02-31", ASSIGNED),
        ("2021-06-01T00:00:00+05:30", ASSIGNED),
        # The zero of the service's language
        ("0001-01-01T00:00:00Z", ASSIGNED),
    ],
)
def test_an_upgrade_without_a_usable_time_leaves_the_device_open(time, assigned):
    detail = ", ".join(filter(None, ("UpgradeSuccess", time, "campaign c-7")))

    assert look_up(Reports({ONE: ended(time)}, assigned={ONE: assigned}), ONE) == {
        ONE: (
            False,
            False,
            f"its firmware was upgraded ({detail}); whether its license was assigned before that is not known",
        )
    }


OPEN = (
    "its firmware was upgraded (UpgradeSuccess, 2021-06-01, campaign c-7); when its license was assigned is not known"
)


@pytest.mark.parametrize("assigned", [None, "", "long ago", "0001-01-01T00:00:00Z", "0001-01-01 00:00:00 +0000 UTC"])
def test_an_assignment_whose_time_is_not_known_leaves_the_device_open(assigned):
    reports = Reports({ONE: ended("2021-06-01")}, assigned={ONE: assigned})

    assert look_up(reports, ONE) == {ONE: (False, False, OPEN)}


def test_a_device_that_the_license_list_lacks_is_open():
    assert look_up(Reports({ONE: ended("2021-06-01")}, assigned={}), ONE) == {ONE: (False, False, OPEN)}


def test_without_the_license_list_every_upgraded_device_is_open():
    reports = Reports(
        {ONE: ended("2021-06-01"), TWO: ended(LATER, "UpgradeFailed")},
        rejecting={"assigned": ErrorKind.UNAVAILABLE},
        pages=[{ONE: "2021-06-01", TWO: LATER, THREE: NEVER}],
    )

    assert look_up(reports, ONE, TWO, THREE) == {ONE: (False, False, OPEN)}


def test_the_license_list_is_read_only_where_an_upgrade_was_completed():
    reports = Reports({ONE: []}, pages=[{TWO: NEVER}])

    assert look_up(reports, ONE, TWO) == {}
    assert "assigned" not in reports.requests


def test_an_older_upgrade_does_not_hide_a_later_one():
    upgrades = [*ended("2020-01-01"), *ended("2022-01-01")]

    assert "UpgradeSuccess, 2022-01-01" in look_up(Reports({ONE: upgrades}), ONE)[ONE][2]


@pytest.mark.parametrize(
    "status", ["UpgradeFailed", "UpgradedFailed", "DeviceRejected", "CampaignCancelled", "CampaignAborted"]
)
def test_an_upgrade_that_failed_is_no_obstacle(status):
    assert look_up(Reports({ONE: ended(LATER, status)}), ONE) == {}


@pytest.mark.parametrize(
    ("status", "detail"), [("Odd", f"Odd, {LATER}, campaign c-7"), (None, f"{LATER}, campaign c-7")]
)
def test_how_an_upgrade_ended_may_not_be_known(status, detail):
    found = look_up(Reports({ONE: ended(LATER, status)}), ONE)

    assert found == {ONE: (False, False, f"it is not known how an upgrade of its firmware ended ({detail})")}
    assert look_up(Reports({ONE: ended("2020-01-01", status)}), ONE) == {}


# Campaigns


def in_campaign(status, reason=None, time=None, campaign=SPRING):
    return look_up(Reports(campaigns={campaign: [CampaignDevice(ONE, status, reason, time)]}), ONE, TWO)


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("UpgradeScheduled", PLANNED_REASON),
        ("UpgradeScheduled", SCHEDULED.format("06 Oct 22 18:06", "06 Oct 22 22:05")),
        ("Accepted", "Device cleared all checks so it can be added to the scheduled list."),
        ("ReceivedDeviceDataFromNetwork", "Reachability information received from the network, try count 42."),
        ("NoDeviceDataFromNetwork", "The network reports this device is not reachable."),
        ("RequestToFotaServerFailed", "Request to FOTA server failed, estimated retry time on 07 Oct 22 00:00 UTC."),
        ("requestToFOTAServerFailed", None),
    ],
)
def test_an_upgrade_that_has_not_started_is_cancelled_by_the_removal(status, reason):
    detail = f"{status}: {reason.rstrip('.')}" if reason else status
    message = f"cancels an upgrade that is scheduled ({detail}, campaign spring from 2022-10-01)"

    assert in_campaign(status, reason) == {ONE: (False, True, message)}


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("UpgradeScheduled", SCHEDULED.format("06 Oct 22 18:05", "06 Oct 22 22:05")),
        ("UpgradeScheduled", SCHEDULED.format("01 Oct 22 18:05", "01 Oct 22 22:05")),
        ("UpgradeScheduled", SCHEDULED.format("99 Oct 22 18:05", "01 Oct 22 22:05")),
        ("UpgradeScheduled", "The upgrade is scheduled"),
        ("UpgradeScheduled", None),
        ("UpgradePending", "Upgrade pending, the device upgrade is estimated to be scheduled for 07 Oct 22 18:05 UTC"),
        ("UpgradePending", "RovaClientDownloadNotInstalledYet"),
        ("NeverHeard", None),
        (None, None),
    ],
)
def test_an_upgrade_that_may_be_in_progress_leaves_the_device_open(status, reason):
    detail = ": ".join(filter(None, (status or "no status", (reason or "").rstrip("."))))

    assert in_campaign(status, reason, campaign=OTHER) == {
        ONE: (False, False, f"an upgrade may be in progress ({detail}, campaign)")
    }


@pytest.mark.parametrize("status", ["InProgress", "UpgradeInProgress", "in progress"])
def test_an_upgrade_in_progress_keeps_the_license(status):
    reports = Reports(campaigns={OTHER: [CampaignDevice(ONE, status)]})

    assert look_up(reports, ONE)[ONE] == (True, False, f"an upgrade is in progress ({status}, campaign)")
    assert reports.requests == []


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("UpgradeFailed", None),
        ("UpgradedFailed", "RovaClientDownloadFailed"),
        ("UpgradedFailed for UpgradePending", "Other."),
        ("DeviceRejected", "Device not found."),
        ("Device Rejected", "Device not eligible for service."),
        ("CampaignCancelled", "Campaign canceled by user."),
        ("UpgradeCanceled", None),
        ("CampaignAborted", "Campaign aborted by user."),
        (
            "NoDeviceDataFromNetwork",
            "The network does not report this device is reachable, no retry available, try count 42.",
        ),
        ("RequestToFotaServerFailed", "Request to FOTA server failed, No Retry Available"),
    ],
)
def test_what_is_over_without_an_upgrade_is_no_obstacle(status, reason):
    assert in_campaign(status, reason) == {}


@pytest.mark.parametrize(("time", "kept"), [(LATER, True), ("2021-06-01T00:00:00Z", False)])
def test_an_upgrade_that_was_completed_in_an_open_campaign_counts(time, kept):
    reports = Reports(
        campaigns={SPRING: [CampaignDevice(ONE, "UpgradeSuccess", "Download and install succeeded.", time)]}
    )

    assert blocked(look_up(reports, ONE)) == ({ONE} if kept else set())
    assert reports.requests == (["assigned"] if kept else ["assigned", ONE])


def test_the_history_may_settle_an_upgrade_of_a_campaign_whose_time_is_not_known():
    campaigns = {SPRING: [CampaignDevice(ONE, "UpgradeSuccess"), CampaignDevice(TWO, "UpgradeSuccess")]}
    found = look_up(Reports({TWO: ended(LATER)}, campaigns), ONE, TWO)

    assert found[ONE][2].startswith("its firmware was upgraded (UpgradeSuccess, campaign 1); whether its license was")
    assert blocked(found) == {TWO}


def test_what_weighs_more_is_kept():
    cancelled, open_, running = (
        CampaignDevice(ONE, status, PLANNED_REASON if status == "UpgradeScheduled" else None)
        for status in ("UpgradeScheduled", "UpgradePending", "InProgress")
    )
    for light, heavy in ((cancelled, open_), (open_, running), (cancelled, running)):
        for pair in ((light, heavy), (heavy, light)):
            found = look_up(Reports(campaigns={SPRING: [pair[0]], OTHER: [pair[1]]}), ONE)
            assert f"({heavy.status}" in found[ONE][2]
        assert look_up(Reports({ONE: ended("2022-01-01")}, {SPRING: [light]}), ONE)[ONE][0]


def test_unrequested_devices_are_ignored():
    campaigns = {SPRING: [CampaignDevice(THREE, "InProgress"), CampaignDevice(THREE, "UpgradeSuccess")]}
    assert look_up(Reports({TWO: ended("2022-01-01")}, campaigns, pages=[{THREE: LATER}]), ONE) == {}


# What cannot be read


@pytest.mark.parametrize("kind", [ErrorKind.NO_VALID_RESPONSE, ErrorKind.THROTTLED, ErrorKind.INVALID_DEVICE_LIST])
def test_one_history_that_cannot_be_read_leaves_one_device_open(kind):
    campaigns = {SPRING: [CampaignDevice(ONE, "UpgradeScheduled", PLANNED_REASON)]}
    found = look_up(Reports({TWO: ended("2022-01-01")}, campaigns, rejecting={ONE: kind}), ONE, TWO, THREE)

    assert found[ONE] == (False, False, "its upgrade history could not be read: HTTP 403")
    assert found[TWO][0]
    assert THREE not in found


@pytest.mark.parametrize(
    ("call", "kind"),
    [
        ("open_campaigns", ErrorKind.UNAVAILABLE),
        ("campaign_devices", ErrorKind.NO_VALID_RESPONSE),
        ("assigned", ErrorKind.NO_VALID_RESPONSE),
        ("history", ErrorKind.UNAVAILABLE),
        ("history", ErrorKind.UNAUTHENTICATED),
    ],
)
def test_where_upgrades_cannot_be_read_there_is_no_forecast(call, kind):
    reports = Reports({ONE: ended(LATER)}, campaigns={SPRING: []}, rejecting={call: kind})

    with pytest.raises(UpgradesUnavailable, match=r"cannot be read: HTTP 403"):
        effects(reports, [ONE, TWO], 2, lambda: None, lambda count: None)


def test_an_interrupted_look_up_says_so():
    with pytest.raises(UpgradesUnavailable, match="SIGTERM"):
        effects(Reports(), [ONE], 1, lambda: "it was interrupted by SIGTERM", lambda count: None)
