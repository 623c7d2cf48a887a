# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from ansible_collections.verizon.fota.plugins.module_utils._licenses.upgrades import UpgradesUnavailable, effects
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.errors import (
    ErrorInfo,
    ErrorKind,
    ThingSpaceError,
)
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.license_totals import LicenseTotals
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.upgrades import (
    Campaign,
    CampaignDevice,
    Upgrade,
)

ONE, TWO, THREE = "990003425730535", "990000473475989", "900000000000999"
ASSIGNED = "2021-06-10T15:13:30.941Z"
LATER = "2021-07-10T00:00:00Z"
NEVER = "01/01/1900 0:0:0"
NOW = datetime(2022, 10, 6, 18, 5, tzinfo=timezone.utc)
# The statuses of the page "Campaign Lifecycle Flow" of version 3
SCHEDULED = "The upgrade is scheduled to begin on {} UTC, and the estimated completion is {} UTC."
PLANNED_REASON = SCHEDULED.format("07 Oct 22 00:00", "07 Oct 22 04:00")
SPRING = Campaign("1", "spring", "2022-10-01")
OTHER = Campaign("2", None, None)


class Reports:
    def __init__(self, histories=None, campaigns=None, assigned=None, rejecting=(), pages=()):
        self.pages = pages
        self.pages_read = 0
        self.histories = histories or {}
        self.campaigns = campaigns or {}
        self.times = assigned if assigned is not None else dict.fromkeys((ONE, TWO, THREE), ASSIGNED)
        self.rejecting = dict(rejecting)
        self.requests = []

    def _check(self, call):
        if call in self.rejecting:
            raise ThingSpaceError(ErrorInfo(self.rejecting[call], "HTTP 403"))

    def assigned(self):
        self.requests.append("assigned")
        self._check("assigned")
        return self.times, LicenseTotals()

    def open_campaigns(self):
        self._check("open_campaigns")
        return list(self.campaigns)

    def campaign_devices(self, campaign):
        self._check("campaign_devices")
        return next(devices for known, devices in self.campaigns.items() if known.id == campaign)

    def upgrade_times(self):
        for page in self.pages:
            self._check("upgrade_times")
            self.pages_read += 1
            yield page

    def history(self, imei):
        self.requests.append(imei)
        self._check("history")
        self._check(imei)
        return self.histories.get(imei, [])


def look_up(reports, *imeis):
    detail = []
    found = effects(reports, imeis, 2, lambda: None, detail.append, lambda: NOW)
    assert sum(detail) == len(imeis)
    return {imei: (effect.rejected, effect.cancels, effect.reason) for imei, effect in found.items()}


def ended(time, status="UpgradeSuccess"):
    return [Upgrade(status, time, "c-7")]


def blocked(found):
    return {imei for imei, (is_blocked, _cancels, _reason) in found.items() if is_blocked}


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


# The list of all devices

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
