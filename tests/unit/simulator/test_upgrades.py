# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The calls about upgrades: history, campaigns, all devices with the time of their last upgrade."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from ansible_collections.verizon.fota.tests.simulator import Account, Device, Dialect, Simulator
from ansible_collections.verizon.fota.tests.simulator.accounts import ASSIGNED
from ansible_collections.verizon.fota.tests.simulator.fleets import ACCOUNT, fleet
from ansible_collections.verizon.fota.tests.simulator.upgrades import CAMPAIGN_STATUSES, NOT_STARTED, PUBLISHED

UNKNOWN = "1" * 15


def is_rejected(response, message):
    body = {"errorCode": "INVALID_PARAMETER", "errorMessage": message}
    return (response.status_code, response.json()) == (400, body)


# History


@pytest.mark.parametrize("key", ["campaignId", "id"])
def test_upgrade_history(client_of, key):
    done, never = Device("2" * 15, upgraded=True), Device("3" * 15, upgrade_running=True)
    client = client_of([Account(ACCOUNT, devices=[done, never])], dialect=Dialect(campaign_key=key))

    (row,) = client.get(f"/reports/{ACCOUNT}/devices/{done.imei}").json()

    assert row["deviceId"] == done.imei
    assert row["status"] == "UpgradeSuccess"
    assert row["firmwareFrom"] == done.firmware != row["firmwareTo"]
    assert {key, "startDate", "reason", "reportUpdatedTime"} <= set(row)
    assert client.get(f"/reports/{ACCOUNT}/devices/{never.imei}").json() == []
    unknown = client.get(f"/reports/{ACCOUNT}/devices/{UNKNOWN}")
    assert is_rejected(unknown, "Device Not Found.")


def test_an_upgrade_before_the_license_was_assigned_is_in_the_history(client_of):
    before = ASSIGNED - timedelta(days=1)
    devices = [Device("2" * 15, licensed=True, previous_upgrade=before, upgraded=True)]
    devices += [Device("3" * 15, licensed=True, previous_upgrade=before)]
    client = client_of([Account(ACCOUNT, devices=devices)])

    times = [
        [row["reportUpdatedTime"][:10] for row in client.get(f"/reports/{ACCOUNT}/devices/{device.imei}").json()]
        for device in devices
    ]

    assert times == [["2021-06-09", "2021-07-10"], ["2021-06-09"]]
    client.remove([device.imei for device in devices])
    assert client.simulator.licensed(ACCOUNT) == {"2" * 15}


@pytest.mark.parametrize("status", ["UpgradeFailed", "UpgradedFailed"])
def test_a_failed_upgrade_is_in_the_history(client_of, status):
    client = client_of([Account(ACCOUNT, devices=[Device("2" * 15, upgrade=status)])])

    (row,) = client.get(f"/reports/{ACCOUNT}/devices/{'2' * 15}").json()

    assert row["status"] == "UpgradeFailed"


@pytest.mark.parametrize(("age", "listed"), [(180, True), (190, False)])
def test_a_history_may_go_back_six_months_only(client_of, age, listed):
    moment = datetime.now(timezone.utc) - timedelta(days=age)
    devices = [Device("2" * 15, previous_upgrade=moment)]
    path = f"/reports/{ACCOUNT}/devices/{'2' * 15}"

    client = client_of([Account(ACCOUNT, devices=devices)], dialect=Dialect(history="six months"))
    assert bool(client.get(path).json()) is listed
    assert client_of([Account(ACCOUNT, devices=devices)]).get(path).json()


# Campaigns


def campaign_statuses(client):
    """Return the status of each IMEI in all campaigns and pages."""
    statuses = {}
    campaigns, last_seen, more = [], "", True
    while more:
        query = "?lastSeenCampaignId=" + last_seen if last_seen else ""
        page = client.get(f"/reports/{ACCOUNT}/firmware/campaigns{query}").json()
        campaigns += page["campaignList"]
        last_seen, more = page.get("lastSeenCampaignId"), page["hasMoreData"]
    for campaign in campaigns:
        path = "/reports/{}/campaigns/{}/devices".format(ACCOUNT, campaign["id"])
        last_seen, more = "", True
        while more:
            query = "?lastSeenDeviceId=" + last_seen if last_seen else ""
            page = client.get(path + query).json()
            statuses.update((row["deviceId"], row["status"]) for row in page["deviceList"])
            last_seen, more = page["lastSeenDeviceId"], page["hasMoreData"]
    return statuses


@pytest.mark.parametrize("size", [1, 2, 3, 1000])
def test_campaigns_list_scheduled_and_running_upgrades(client_of, size):
    devices = fleet(100, seed=3)
    client = client_of([Account(ACCOUNT, devices=devices)], page_size=size)
    scheduled = {d.imei: "UpgradeScheduled" for d in devices if d.upgrade_scheduled}
    running = {d.imei: "UpgradeScheduled" for d in devices if d.upgrade_running}
    ended = {d.imei: "UpgradeSuccess" for d in devices if d.upgraded}
    assert scheduled and running and ended

    assert campaign_statuses(client) == {**scheduled, **running, **ended}

    # A removal cancels what is scheduled, and nothing else.
    client.remove([*scheduled, *running])
    assert campaign_statuses(client) == {**running, **ended}


def test_campaigns_by_status(client):
    ended = client.get(f"/reports/{ACCOUNT}/firmware/campaigns?campaignStatus=CampaignEnded")
    (campaign,) = ended.json()["campaignList"]
    assert campaign["status"] == "CampaignEnded"

    unknown = client.get(f"/reports/{ACCOUNT}/firmware/campaigns?campaignStatus=CampaignFailed")
    assert unknown.json() == {"hasMoreData": False, "campaignList": []}


def test_campaigns_and_devices_that_are_not_there(client):
    assert is_rejected(client.get(f"/reports/{ACCOUNT}/campaigns/none/devices"), "Invalid campaign id")
    campaigns = client.get(f"/reports/{ACCOUNT}/firmware/campaigns").json()["campaignList"]
    path = "/reports/{}/campaigns/{}/devices".format(ACCOUNT, campaigns[0]["id"])
    assert is_rejected(client.get(path + "?lastSeenDeviceId=1"), "LastSeenDeviceId Not Valid")


ALL_STATUSES = [Device(f"{number:015d}", licensed=True, upgrade=name) for number, name in enumerate(PUBLISHED, 1)]


def test_every_published_status_has_its_reason(client_of):
    client = client_of([Account(ACCOUNT, devices=ALL_STATUSES)])

    for campaign in client.get(f"/reports/{ACCOUNT}/firmware/campaigns").json()["campaignList"]:
        (row,) = client.get(f"/reports/{ACCOUNT}/campaigns/{campaign['id']}/devices").json()["deviceList"]
        published = PUBLISHED[campaign["campaignName"]]
        assert row["status"] == published.status
        assert ("resultReason" in row) is (published.reason is not None)
        assert "{" not in row.get("resultReason", "")


def test_a_removal_cancels_what_has_not_started(client_of):
    client = client_of([Account(ACCOUNT, devices=ALL_STATUSES)])

    client.remove([device.imei for device in ALL_STATUSES])

    campaigns = client.get(f"/reports/{ACCOUNT}/firmware/campaigns").json()["campaignList"]
    assert {campaign["campaignName"] for campaign in campaigns} == set(PUBLISHED) - NOT_STARTED
    assert client.simulator.licensed(ACCOUNT) == frozenset()


def test_the_times_show_whether_a_scheduled_upgrade_has_begun(client_of):
    moment = datetime(2022, 10, 6, 18, 5, tzinfo=timezone.utc)

    planned, running = (PUBLISHED[name].reason_at(moment) for name in ("planned", "running"))

    assert "begin on 07 Oct 22 18:05 UTC" in planned and "completion is 07 Oct 22 22:05 UTC" in planned
    assert "begin on 06 Oct 22 17:05 UTC" in running and "completion is 06 Oct 22 21:05 UTC" in running


@pytest.mark.parametrize("start", ["", "&lastSeenCampaignId=0"])
@pytest.mark.parametrize("path", ["firmware", "plain"])
def test_campaigns_by_either_path_and_from_either_start(client_of, path, start):
    client = client_of(dialect=Dialect(campaigns_path=path))
    paths = {"firmware": "firmware/campaigns", "plain": "campaigns"}

    responses = {
        form: client.get(f"/reports/{ACCOUNT}/{paths[form]}?campaignStatus=CampaignScheduled{start}") for form in paths
    }

    names = [campaign["campaignName"] for campaign in responses.pop(path).json()["campaignList"]]
    assert names == ["planned", "running"]
    other = responses.popitem()[1]
    assert (other.status_code, other.json()["fault"]["code"]) == (404, "900906")


@pytest.mark.parametrize("unknown", ["rejected", "empty"])
@pytest.mark.parametrize("vocabulary", ["sdk", "lifecycle"])
def test_the_statuses_of_campaigns(client_of, vocabulary, unknown):
    dialect = Dialect(campaign_statuses=vocabulary, unknown_campaign_status=unknown)
    client = client_of([Account(ACCOUNT, devices=ALL_STATUSES)], dialect=dialect)
    names = {}
    for status in dict.fromkeys([*CAMPAIGN_STATUSES["sdk"], *CAMPAIGN_STATUSES["lifecycle"], "CampaignFailed"]):
        response = client.get(f"/reports/{ACCOUNT}/firmware/campaigns?campaignStatus={status}")
        if status in (*CAMPAIGN_STATUSES[vocabulary], "CampaignFailed"):
            names[status] = {campaign["campaignName"] for campaign in response.json()["campaignList"]}
        elif unknown == "rejected":
            assert is_rejected(response, "Input binding error")
        else:
            assert response.json() == {"hasMoreData": False, "campaignList": []}

    assert set().union(*names.values()) == set(PUBLISHED)
    queued = "CampaignRequestQueued" if vocabulary == "sdk" else "CampaignQueued"
    assert names[queued] == {"Accepted", "ReceivedDeviceDataFromNetwork"}
    assert names["CampaignFailed"] == set()


@pytest.mark.parametrize("wrong", [{"upgrade": "Upgrading"}, {"protocol": "OMDADM"}])
def test_a_device_with_an_unpublished_state(wrong):
    with pytest.raises(ValueError, match="unknown status or protocol"):
        Simulator([Account(ACCOUNT, devices=[Device(UNKNOWN, **wrong)])])


# All devices


UPGRADED, BEFORE, NEVER = (
    Device("2" * 15, licensed=True, upgraded=True),
    Device("3" * 15, licensed=True, previous_upgrade=ASSIGNED - timedelta(days=1)),
    Device("4" * 15),
)


@pytest.mark.parametrize(
    ("choice", "times"),
    [
        ("1900", ["2021-07-10T15:13:30.941Z", "2021-06-09T15:13:30.941Z", "01/01/1900 0:0:0"]),
        ("if upgraded", ["2021-07-10T15:13:30.941Z", "2021-06-09T15:13:30.941Z", None]),
        ("absent", [None, None, None]),
    ],
)
@pytest.mark.parametrize("size", [1, 2, 1000])
def test_all_devices_with_the_time_of_their_last_upgrade(client_of, size, choice, times):
    devices = [NEVER, UPGRADED, BEFORE]
    client = client_of([Account(ACCOUNT, devices=devices)], dialect=Dialect(upgrade_time=choice), page_size=size)

    rows, last_seen, more = [], "0", True
    while more:
        page = client.get(f"/devices/{ACCOUNT}?lastSeenDeviceId={last_seen}").json()
        rows += page["deviceList"]
        last_seen, more = page["lastSeenDeviceId"], page["hasMoreData"]

    assert [row["deviceId"] for row in rows] == [UPGRADED.imei, BEFORE.imei, NEVER.imei]
    assert [row.get("upgradeTime") for row in rows] == times
    assert [row["licenseAssigned"] for row in rows] == [True, True, False]
    assert {"mdn", "make", "model", "firmware", "protocol", "fotaEligible", "status"} <= set(rows[0])
    assert client.simulator.writes == []


@pytest.mark.parametrize("choice", ["403", "404"])
def test_an_unavailable_list_of_all_devices(client_of, choice):
    client = client_of(dialect=Dialect(account_devices_endpoint=choice))

    assert client.get(f"/devices/{ACCOUNT}").status_code == int(choice)
    assert client.devices([UNKNOWN]).status_code == 200
