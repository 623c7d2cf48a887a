# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An independent client accepts every response of the simulator: Verizon's Python SDK, which is generated from Verizon's own
description of the API. It leaves out what it does not know, so each test asks for what it has to find.
"""

from __future__ import annotations

# mypy: disable-error-code="import-not-found"
import re
import typing as t
from datetime import date, datetime, timedelta, timezone

import pytest
from verizon.exceptions.connectivity_management_result_exception import ConnectivityManagementResultException
from verizon.exceptions.fota_v3_result_exception import FotaV3ResultException
from verizon.exceptions.oauth_provider_exception import OauthProviderException
from verizon.http.auth.vz_m2m_token import VZM2mTokenCredentials
from verizon.models.campaign_status_enum import CampaignStatusEnum
from verizon.models.device_imei import DeviceIMEI
from verizon.models.devices_protocol_enum import DevicesProtocolEnum
from verizon.models.log_in_request import LogInRequest
from verizon.models.v3_license_imei import V3LicenseIMEI
from verizon.verizon_client import VerizonClient

from ansible_collections.verizon.fota.tests.simulator import Device, Dialect
from ansible_collections.verizon.fota.tests.simulator.accounts import ASSIGNED
from ansible_collections.verizon.fota.tests.simulator.fleets import ACCOUNT, DOCUMENT_IMEIS, devices_in_every_state
from ansible_collections.verizon.fota.tests.simulator.responses import time_text
from ansible_collections.verizon.fota.tests.simulator.routes import service_app
from ansible_collections.verizon.fota.tests.simulator.upgrades import PUBLISHED

FIRST, SECOND, THIRD = DOCUMENT_IMEIS
UPGRADED = "990000000000011"
UNKNOWN = "350000000000006"
NUMBERS = [f"{number:015d}" for number in range(350000000000000, 350000000000025)]
# The dialect leaves these choices open: the SDK accepts the responses in each. Without those that reject a call.
OPEN = [
    (name, value)
    for name, values in Dialect.CHOICES.items()
    if name not in Dialect.NAMED["sdk"] and "404" not in values
    for value in values
]


def paged(call: t.Callable[..., t.Any], *arguments: object) -> list[t.Any]:
    """Return every page of a list."""
    pages = [call(*arguments).body]
    while pages[-1].has_more_data:
        last = getattr(pages[-1], "last_seen_device_id", None) or pages[-1].last_seen_campaign_id
        pages.append(call(*arguments, last).body)
    return pages


# Tokens


def test_a_session_from_the_first_token_to_the_log_out(connect: t.Any) -> None:
    client, simulator = connect([Device(FIRST, licensed=True)], session=False)
    credentials = simulator.credentials

    token = client.auth_managers["thingspace_oauth"].fetch_token()
    assert token.token_type == "Bearer" and 0 < token.expires_in <= 3600 and token.scope and token.access_token

    session = client.session_management
    opened = session.start_connectivity_management_session(
        LogInRequest(credentials.username, credentials.password)
    ).body
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", opened.session_token)

    with_session = VerizonClient(
        config=client.config.clone_with(vz_m2m_token_credentials=VZM2mTokenCredentials(opened.session_token))
    )
    assert with_session.account_devices.get_account_device_information(ACCOUNT).body.account_name == ACCOUNT
    closed = with_session.session_management.end_connectivity_management_session().body
    assert closed.session_token == opened.session_token
    with pytest.raises(FotaV3ResultException):
        with_session.account_devices.get_account_device_information(ACCOUNT)


def test_a_wrong_password_and_a_wrong_key(connect: t.Any) -> None:
    client, simulator = connect([], session=False)

    with pytest.raises(ConnectivityManagementResultException) as rejected:
        client.session_management.start_connectivity_management_session(LogInRequest("nobody", "wrong"))
    assert rejected.value.error_code and rejected.value.error_message
    with pytest.raises(OauthProviderException) as unknown:
        client.oauth_authorization.request_token_thingspace_oauth("Basic bm9ib2R5Ondyb25n")
    assert unknown.value.error == "invalid_client"


# Licenses


def test_a_removal(connect: t.Any) -> None:
    client, simulator = connect(devices_in_every_state())
    imeis = [device.imei for device in devices_in_every_state()] + [UNKNOWN]

    response = client.software_management_licenses_v3.remove_licenses_from_devices(ACCOUNT, V3LicenseIMEI(imeis)).body

    used = len(simulator.licensed(ACCOUNT))
    assert (response.account_name, response.lic_count, response.lic_used_count) == (ACCOUNT, 9000, used)
    rows = {row.device_id: row for row in response.device_list}
    assert list(rows) == imeis
    assert (rows[FIRST].status, rows[FIRST].result_reason) == ("Success", "Success")
    assert (rows[THIRD].status, rows[THIRD].result_reason) == ("Failure", "No license attached to device")
    assert rows[UNKNOWN].result_reason == "Device Not Found."
    for row in response.device_list:
        times = (row.updated_time, row.recent_attempt_time, row.next_attempt_time)
        assert all(isinstance(moment.datetime, datetime) for moment in times)
    assert simulator.licensed(ACCOUNT).isdisjoint((FIRST, SECOND))


@pytest.mark.parametrize("page_size", [7, 1000])
def test_the_licensed_devices(connect: t.Any, page_size: int) -> None:
    devices = [Device(imei, licensed=number % 2 == 0) for number, imei in enumerate(NUMBERS)]
    client, _simulator = connect(devices, page_size=page_size)

    pages = paged(client.software_management_licenses_v3.get_account_licenses_status, ACCOUNT)

    assert [row.device_id for page in pages for row in page.device_list] == NUMBERS[::2]
    for page in pages:
        assert (page.account_name, page.total_licenses, page.assigned_licenses) == (ACCOUNT, 9000, 13)
        assert page.max_page_size == page_size
    assert pages[0].device_list[0].assignment_time == time_text(Dialect(), ASSIGNED)


# Devices


def test_devices_by_list(connect: t.Any) -> None:
    client, _simulator = connect(devices_in_every_state())

    response = client.account_devices.list_account_devices_information(
        ACCOUNT, DeviceIMEI([FIRST, THIRD, UNKNOWN])
    ).body

    assert (response.account_name, response.device_count) == (ACCOUNT, 2)
    assert [(row.device_id, row.license_assigned) for row in response.device_list] == [(FIRST, True), (THIRD, False)]
    for row in response.device_list:
        assert all((row.mdn, row.make, row.model, row.firmware, row.protocol, row.request_status))
        assert row.fota_eligible is True


@pytest.mark.parametrize("page_size", [3, 1000])
def test_all_devices(connect: t.Any, page_size: int) -> None:
    before = ASSIGNED - timedelta(days=400)
    devices = [*devices_in_every_state(), Device(UNKNOWN, previous_upgrade=before)]
    client, simulator = connect([*devices, Device(NUMBERS[-1], protocol="HTTP")], page_size=page_size)
    ask = client.account_devices.get_account_device_information

    pages = [ask(ACCOUNT).body]
    while pages[-1].has_more_data:
        pages.append(ask(ACCOUNT, pages[-1].last_seen_device_id).body)

    rows = {row.device_id: row for page in pages for row in page.device_list}
    assert list(rows) == sorted(device.imei for device in devices)
    assert {imei for imei, row in rows.items() if row.license_assigned} == simulator.licensed(ACCOUNT)
    assert rows[FIRST].upgrade_time == "01/01/1900 0:0:0"
    assert rows[UNKNOWN].upgrade_time == time_text(Dialect(), before)
    assert all((row.mdn, row.make, row.model, row.firmware, row.status) for row in rows.values())
    (only,) = ask(ACCOUNT, "0", DevicesProtocolEnum.HTTP).body.device_list
    assert (only.device_id, only.protocol) == (NUMBERS[-1], "HTTP")
    assert ask(ACCOUNT, "0", DevicesProtocolEnum.OMDADM).body.device_list == []


# Reports


def test_an_upgrade_history(connect: t.Any) -> None:
    client, _simulator = connect(devices_in_every_state())
    ask = client.software_management_reports_v3.get_device_firmware_upgrade_history

    (row,) = ask(ACCOUNT, UPGRADED).body

    assert (row.device_id, row.account_name, row.status) == (UPGRADED, ACCOUNT, "UpgradeSuccess")
    assert isinstance(row.start_date, date)
    assert all((row.campaign_id, row.reason, row.firmware_from, row.firmware_to, row.report_updated_time))
    assert not ask(ACCOUNT, FIRST).body


@pytest.mark.parametrize("page_size", [1, 1000])
def test_campaigns_and_their_devices(connect: t.Any, page_size: int) -> None:
    devices = [Device(imei, upgrade=name) for imei, name in zip(NUMBERS, [*PUBLISHED, *PUBLISHED])]
    client, _simulator = connect(devices, page_size=page_size)
    reports = client.software_management_reports_v3
    statuses = [value for name, value in vars(CampaignStatusEnum).items() if name.isupper()]
    assert len(statuses) == 8

    found = {
        campaign.id: campaign
        for status in statuses
        for page in paged(reports.get_campaign_history_by_status, ACCOUNT, status)
        for campaign in page.campaign_list
    }

    assert {campaign.campaign_name for campaign in found.values()} == set(PUBLISHED)
    rows_by_imei: dict[str, t.Any] = {}
    for campaign in found.values():
        assert (campaign.account_name, campaign.status in statuses) == (ACCOUNT, True)
        assert isinstance(campaign.start_date, date) and campaign.start_date < campaign.end_date
        for page in paged(reports.get_campaign_device_status, ACCOUNT, campaign.id):
            rows_by_imei.update((row.device_id, row) for row in page.device_list)
    for device in devices:
        row, published = rows_by_imei[device.imei], PUBLISHED[device.upgrade]
        assert row.status == published.status
        assert hasattr(row, "result_reason") is (published.reason is not None)
        assert row.updated_time.datetime <= datetime.now(timezone.utc)


def test_the_subscription(connect: t.Any) -> None:
    client, _simulator = connect([Device(FIRST, licensed=True)])

    response = client.software_management_subscriptions_v3.get_account_subscription_status(ACCOUNT).body

    assert (response.account_name, response.purchase_type) == (ACCOUNT, "TS-HFOTA-MRC")
    assert (response.license_count, response.license_used_count) == (9000, 1)
    assert response.update_time


# Everything


def test_a_refusal_is_one_that_the_sdk_knows(connect: t.Any) -> None:
    client, _simulator = connect([])

    with pytest.raises(FotaV3ResultException) as rejected:
        client.software_management_licenses_v3.remove_licenses_from_devices(ACCOUNT, V3LicenseIMEI([]))

    assert (rejected.value.error_code, rejected.value.error_message) == ("INVALID_PARAMETER", "Device list is empty")


@pytest.mark.parametrize(("name", "value"), OPEN)
@pytest.mark.parametrize("devices", [devices_in_every_state(), []], ids=["devices", "empty"])
def test_whatever_the_dialect_leaves_open_is_accepted(
    connect: t.Any, devices: list[Device], name: str, value: str
) -> None:
    client, _simulator = connect(devices, dialect=Dialect.named("sdk", **{name: value}))

    assert {response.status_code for response in fota_calls(client, [device.imei for device in devices])} == {200}


def test_every_call_that_the_simulator_knows_is_made(connect: t.Any) -> None:
    client, simulator = connect(devices_in_every_state())
    credentials = simulator.credentials
    list(fota_calls(client, [FIRST]))
    session = client.session_management
    session.end_connectivity_management_session()
    session.start_connectivity_management_session(LogInRequest(credentials.username, credentials.password))

    calls = {f"{request.method} {request.path.partition('?')[0]}" for request in simulator.requests}
    left = [call for call in calls_of_the_simulator() if not any(re.fullmatch(call, sent) for sent in calls)]

    # The SDK revokes no access token, and has one path for each list.
    assert sorted(left) == [
        "GET /fota/v3/licenses/[^/]+/index/[^/]+",
        "GET /fota/v3/reports/[^/]+/campaigns",
        "POST /ts/v1/oauth2/revoke",
    ]


def fota_calls(client: t.Any, imeis: list[str]) -> t.Iterator[t.Any]:
    """Make every call of FOTA. Without devices, there are no campaigns."""
    licenses, devices = client.software_management_licenses_v3, client.account_devices
    reports = client.software_management_reports_v3
    yield devices.list_account_devices_information(ACCOUNT, DeviceIMEI(imeis or [UNKNOWN]))
    yield devices.get_account_device_information(ACCOUNT)
    yield licenses.get_account_licenses_status(ACCOUNT)
    campaigns = reports.get_campaign_history_by_status(ACCOUNT, CampaignStatusEnum.CAMPAIGNSCHEDULED)
    yield campaigns
    for campaign in campaigns.body.campaign_list or ():
        yield reports.get_campaign_device_status(ACCOUNT, campaign.id)
    for imei in imeis:
        yield reports.get_device_firmware_upgrade_history(ACCOUNT, imei)
    yield client.software_management_subscriptions_v3.get_account_subscription_status(ACCOUNT)
    yield licenses.remove_licenses_from_devices(ACCOUNT, V3LicenseIMEI(imeis or [UNKNOWN]))


def calls_of_the_simulator() -> list[str]:
    """Return the routes of the simulator: patterns of a method and a path below /api."""
    rules = service_app().url_map.iter_rules()
    return [
        f"{method} " + re.sub(r"<\w+>", "[^/]+", rule.rule[len("/api") :])
        for rule in rules
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]
