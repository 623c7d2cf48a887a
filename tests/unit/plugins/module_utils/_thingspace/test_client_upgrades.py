# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The calls of ThingSpace about upgrades, through real HTTP: both path forms, all statuses, pages."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.verizon.fota.plugins.module_utils._thingspace.errors import ThingSpaceError
from ansible_collections.verizon.fota.tests.simulator import Device, Dialect, Simulator
from ansible_collections.verizon.fota.tests.simulator.upgrades import ENDED, PUBLISHED
from ansible_collections.verizon.fota.tests.unit.plugins.module_utils.conftest import ACCOUNT, FLEET

IMEIS = [device.imei for device in FLEET]
CAMPAIGNS = [Device(f"36{number:013}", upgrade=name) for number, name in enumerate(PUBLISHED)]
STATUSES = (
    "CampaignRequestPending",
    "CampaignScheduled",
    "CampaignRequestQueued",
    "CampaignQueued",
    "CampaignPreScheduled",
)


def asked_for(simulator: Simulator, path: str) -> list[str]:
    return [request.path.partition("?")[2] for request in simulator.requests if request.path.partition("?")[0] == path]


@pytest.mark.parametrize("statuses", Dialect.CHOICES["campaign_statuses"])
@pytest.mark.parametrize("unknown", Dialect.CHOICES["unknown_campaign_status"])
@pytest.mark.parametrize("path", Dialect.CHOICES["campaigns_path"])
@pytest.mark.parametrize("page_size", [1, 2, 1000])
def test_campaigns_are_read_by_either_path_and_in_all_statuses(
    service: t.Any, statuses: str, unknown: str, path: str, page_size: int
) -> None:
    dialect = Dialect(campaign_statuses=statuses, unknown_campaign_status=unknown, campaigns_path=path)
    thingspace, simulator = service(devices=CAMPAIGNS, dialect=dialect, page_size=page_size)

    campaigns = thingspace.open_campaigns()

    assert sorted(str(one.name) for one in campaigns) == sorted(
        name for name, one in PUBLISHED.items() if one.campaign < ENDED
    )
    other = f"/fota/v3/reports/{ACCOUNT}/firmware/campaigns"
    queries = asked_for(simulator, other.replace("/firmware", "") if path == "plain" else other)
    starts = [f"campaignStatus={status}&lastSeenCampaignId=0" for status in STATUSES]
    assert [query for query in queries if query.endswith("=0")] == starts
    # The form that the service does not have is tried once.
    assert len(asked_for(simulator, other)) == (1 if path == "plain" else len(queries))


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize(
    ("response", "tolerated"), [("400 Bad Request", True), ("404 Not Found", True), ("502 Bad Gateway", False)]
)
def test_only_a_status_that_one_source_has_may_be_rejected(
    service: t.Any, status: str, response: str, tolerated: bool
) -> None:
    def middleware(app: t.Any) -> t.Any:
        def wrapped(environ: t.Any, start_response: t.Any) -> t.Any:
            if f"campaignStatus={status}&" not in environ["QUERY_STRING"]:
                return app(environ, start_response)
            start_response(response, [("Content-Length", "0")])
            return [b""]

        return wrapped

    thingspace, _simulator = service(devices=CAMPAIGNS, middleware=middleware)
    if tolerated and status not in STATUSES[:2]:
        assert thingspace.open_campaigns()
    else:
        with pytest.raises(ThingSpaceError, match=response[:3]):
            thingspace.open_campaigns()


@pytest.mark.parametrize("empty", Dialect.CHOICES["empty_lists"])
def test_without_campaigns_there_are_none(service: t.Any, empty: str) -> None:
    thingspace, _simulator = service(dialect=Dialect(empty_lists=empty))
    assert thingspace.open_campaigns() == []
    assert [page for page in thingspace.upgrade_times() if page] == [dict.fromkeys(IMEIS, "01/01/1900 0:0:0")]


@pytest.mark.parametrize("times", ["iso", "go"])
def test_devices_of_a_campaign_come_with_what_the_service_says(service: t.Any, times: str) -> None:
    device = Device(IMEIS[0], upgrade="Accepted")
    thingspace, simulator = service(devices=[device], dialect=Dialect(times=times))
    (campaign,) = thingspace.open_campaigns()
    (found,) = thingspace.campaign_devices(campaign.id)
    assert found[:3] == (device.imei, "Accepted", PUBLISHED["Accepted"].reason) and found.time
    assert simulator.requests[-1].path.endswith("/devices?lastSeenDeviceId=0")


@pytest.mark.parametrize("id_type", Dialect.CHOICES["id_type"])
@pytest.mark.parametrize("list_cursor", Dialect.CHOICES["list_cursor"])
@pytest.mark.parametrize("page_size", [1, 3, 1000])
def test_all_devices_are_read_with_the_time_of_their_last_upgrade(
    service: t.Any, page_size: int, list_cursor: str, id_type: str
) -> None:
    devices = [Device(f"00{number:013}", upgraded=number % 2 == 0) for number in range(10**12, 10**12 + 8)]
    dialect = Dialect(id_type=id_type, list_cursor=list_cursor)
    thingspace, simulator = service(devices=devices, dialect=dialect, page_size=page_size)
    pages = list(thingspace.upgrade_times())
    times = {imei: time for page in pages for imei, time in page.items()}
    assert times == {
        device.imei: "2021-07-10T15:13:30.941Z" if device.upgraded else "01/01/1900 0:0:0" for device in devices
    }
    assert len(simulator.requests) == len(pages) == -(-len(devices) // page_size)


def test_the_list_of_all_devices_is_read_no_further_than_requested(service: t.Any) -> None:
    thingspace, simulator = service(page_size=1)
    pages = thingspace.upgrade_times()
    assert not simulator.requests
    assert list(next(pages)) == IMEIS[:1] and len(simulator.requests) == 1
    thingspace._interrupted = lambda: "it was interrupted by SIGTERM"
    with pytest.raises(ThingSpaceError, match="SIGTERM"):
        next(pages)


def test_a_list_that_stands_still_is_not_read_for_ever(service: t.Any) -> None:
    def middleware(app: t.Any) -> t.Any:
        return lambda environ, start_response: app({**environ, "QUERY_STRING": ""}, start_response)

    thingspace, simulator = service(middleware=middleware, page_size=3)
    with pytest.raises(ThingSpaceError, match="does not advance"):
        list(thingspace.upgrade_times())
    assert len(simulator.requests) == 2
