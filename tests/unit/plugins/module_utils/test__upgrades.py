# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.verizon.fota.plugins.module_utils._answers import Campaign, Planned, Totals, Upgrade
from ansible_collections.verizon.fota.plugins.module_utils._refusals import Fault, Kind, Refused
from ansible_collections.verizon.fota.plugins.module_utils._upgrades import NotKnown, effects

ONE, TWO, THREE = "990003425730535", "990000473475989", "900000000000999"
ASSIGNED = "2021-06-10T15:13:30.941Z"
PLANNED = Campaign("1", "spring", "2026-03-01")
OTHER = Campaign("2", None, None)


class Reports:
    def __init__(self, histories=None, campaigns=None, assigned=None, refusing=()):
        self.histories = histories or {}
        self.campaigns = campaigns or {}
        self.times = assigned if assigned is not None else dict.fromkeys((ONE, TWO, THREE), ASSIGNED)
        self.refusing = dict(refusing)
        self.asked = []

    def _check(self, call):
        if call in self.refusing:
            raise Refused(Fault(self.refusing[call], "HTTP 403"))

    def assigned(self):
        self._check("assigned")
        return self.times, Totals()

    def open_campaigns(self):
        self._check("open_campaigns")
        return list(self.campaigns)

    def campaign_devices(self, campaign):
        self._check("campaign_devices")
        return next(devices for known, devices in self.campaigns.items() if known.id == campaign)

    def history(self, imei):
        self.asked.append(imei)
        self._check("history")
        self._check(imei)
        return self.histories.get(imei, [])


def look_up(reports, *imeis):
    told = []
    found = effects(reports, imeis, 2, lambda: None, told.append)
    assert sum(told) == len(imeis)
    return {imei: (effect.refused, effect.cancels, effect.reason) for imei, effect in found.items()}


def ended(time, status="UpgradeSuccess"):
    return [Upgrade(status, time, "c-7")]


def test_devices_without_upgrades_have_no_effects():
    assert look_up(Reports(), ONE, TWO) == {}


def test_an_upgrade_that_ended_since_the_license_was_assigned_keeps_it():
    found = look_up(Reports({ONE: ended("2021-07-10T00:00:00Z")}), ONE, TWO)

    assert found == {
        ONE: (
            True,
            False,
            "an upgrade of its firmware has ended since its license was assigned"
            " (UpgradeSuccess, 2021-07-10T00:00:00Z, campaign c-7)",
        )
    }


@pytest.mark.parametrize(
    ("time", "assigned", "counts"),
    [
        ("2021-06-10T15:13:30Z", ASSIGNED, True),
        ("2021-06-10T15:13:29Z", ASSIGNED, False),
        ("2021-06-10 15:13:29.999 +0000 UTC", "2021-06-10 15:13:30.941 +0000 UTC", False),
        ("2021-06-11 00:00:00.000 +0000 UTC", ASSIGNED, True),
        # A date may stand for any moment of its day.
        ("2021-06-10", ASSIGNED, True),
        ("2021-06-09", ASSIGNED, False),
        # What nobody can read may be later.
        (None, ASSIGNED, True),
        ("yesterday", ASSIGNED, True),
        ("2021-02-31", ASSIGNED, True),
        ("2021-06-01T00:00:00+05:30", ASSIGNED, True),
        ("2021-06-01", None, True),
    ],
)
def test_only_an_upgrade_since_then_counts(time, assigned, counts):
    found = look_up(Reports({ONE: ended(time)}, assigned={ONE: assigned}), ONE)

    assert bool(found) is counts


def test_without_the_license_list_every_upgrade_counts():
    reports = Reports({ONE: ended("2001-01-01")}, refusing={"assigned": Kind.NOT_TO_BE_HAD})

    assert look_up(reports, ONE)[ONE][0]


def test_an_older_upgrade_does_not_hide_a_later_one():
    upgrades = [*ended("2020-01-01"), *ended("2022-01-01", "UpgradeFailed")]

    assert "UpgradeFailed, 2022-01-01" in look_up(Reports({ONE: upgrades}), ONE)[ONE][2]


def test_a_scheduled_upgrade_is_cancelled_by_the_removal():
    found = look_up(Reports(campaigns={PLANNED: [Planned(ONE, "UpgradeScheduled")]}), ONE, TWO)

    assert found == {
        ONE: (
            False,
            True,
            "cancels an upgrade that is scheduled (UpgradeScheduled, campaign spring from 2026-03-01)",
        )
    }


@pytest.mark.parametrize("status", ["UpgradePending", "RequestToFotaServerFailed", "NoDeviceDataFromNetwork", None])
def test_an_upgrade_in_progress_keeps_the_license(status):
    reports = Reports(campaigns={OTHER: [Planned(ONE, status)]})

    assert look_up(reports, ONE)[ONE] == (True, False, f"an upgrade is in progress ({status or 'no status'}, campaign)")
    assert reports.asked == []


@pytest.mark.parametrize("status", ["UpgradeSuccess", "UpgradeFailed", "UpgradeCancelled", "CampaignAborted"])
def test_what_has_ended_in_a_campaign_is_left_to_the_history(status):
    assert look_up(Reports(campaigns={OTHER: [Planned(ONE, status)]}), ONE) == {}


def test_what_keeps_the_license_outweighs_what_would_be_cancelled():
    scheduled, running = Planned(ONE, "UpgradeScheduled"), Planned(ONE, "UpgradePending")

    assert look_up(Reports(campaigns={PLANNED: [scheduled], OTHER: [running]}), ONE)[ONE][0]
    assert look_up(Reports(campaigns={PLANNED: [running], OTHER: [scheduled]}), ONE)[ONE][0]
    assert look_up(Reports({ONE: ended("2022-01-01")}, {PLANNED: [scheduled]}), ONE)[ONE][0]


def test_devices_that_nobody_asked_for_are_left_aside():
    assert look_up(Reports({TWO: ended("2022-01-01")}, {PLANNED: [Planned(THREE, "UpgradePending")]}), ONE) == {}


@pytest.mark.parametrize("kind", [Kind.LOST, Kind.THROTTLED, Kind.DIVIDE])
def test_one_history_that_cannot_be_read_leaves_one_device_open(kind):
    found = look_up(Reports({TWO: ended("2022-01-01")}, refusing={ONE: kind}), ONE, TWO, THREE)

    assert found[ONE] == (False, False, "its upgrade history could not be read: HTTP 403")
    assert found[TWO][0]
    assert THREE not in found


@pytest.mark.parametrize(
    ("call", "kind"),
    [
        ("open_campaigns", Kind.NOT_TO_BE_HAD),
        ("campaign_devices", Kind.LOST),
        ("assigned", Kind.LOST),
        ("history", Kind.NOT_TO_BE_HAD),
        ("history", Kind.NO_TOKENS),
    ],
)
def test_where_upgrades_cannot_be_read_there_is_no_forecast(call, kind):
    reports = Reports(campaigns={PLANNED: []}, refusing={call: kind})

    with pytest.raises(NotKnown, match=r"cannot be read: HTTP 403"):
        effects(reports, [ONE, TWO], 2, lambda: None, lambda count: None)


def test_an_interrupted_look_up_says_so():
    with pytest.raises(NotKnown, match="SIGTERM"):
        effects(Reports(), [ONE], 1, lambda: "it was interrupted by SIGTERM", lambda count: None)
