# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The bodies of upgrade histories, campaigns and subscriptions, in each dialect.

Keys are those of the SDK's models (DeviceFirmwareUpgrade, V3CampaignHistory, V3CampaignMetaInfo,
V3CampaignDevice, V3DeviceStatus, FotaV3Subscription).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Sequence

from . import upgrades
from .accounts import Account, Campaign, Device
from .dialect import Dialect
from .responses import JsonObject, device_id, time_text, with_list, without_none

_FIRMWARE_TO = "SWI9X30C_02.33.03.00"
# The campaign of upgrades that have ended: the one of the SDK's example.
_ENDED_CAMPAIGN = "f858b8c4-2153-11ec-8c44-aeb16d1aa652"
_SIX_MONTHS = timedelta(days=183)


def history_response(dialect: Dialect, account: str, device: Device, now: datetime) -> list[JsonObject]:
    """Return the response to GET /reports/{acc}/devices/{imei}: finished upgrades only.

    Status and reason of a success are those of the SDK's example, the status of a failure that of version 1's page.
    """
    finished: list[tuple[datetime, str, str | None]] = [
        (moment, "UpgradeSuccess", "Upgrade completed successfully") for moment in device.upgrade_times
    ]
    if device.upgrade_in_campaign in upgrades.FAILED:
        finished.append((now, "UpgradeFailed", None))
    return [
        without_none(
            {
                "deviceId": device_id(dialect, device.imei),
                dialect.campaign_key: _ENDED_CAMPAIGN,
                "accountName": account,
                "startDate": moment.strftime("%Y-%m-%d"),
                "status": status,
                "reason": reason,
                "firmwareFrom": device.firmware,
                "firmwareTo": _FIRMWARE_TO,
                "reportUpdatedTime": time_text(dialect, moment),
            }
        )
        for moment, status, reason in finished
        if dialect.history == "all" or moment > now - _SIX_MONTHS
    ]


def campaign_status(dialect: Dialect, campaign: Campaign) -> str:
    return upgrades.CAMPAIGN_STATUSES[dialect.campaign_statuses][upgrades.PUBLISHED[campaign.upgrade].campaign]


def is_campaign_status(dialect: Dialect, status: str) -> bool:
    return status in (*upgrades.CAMPAIGN_STATUSES[dialect.campaign_statuses], *upgrades.FAILED_CAMPAIGNS)


def campaigns_response(
    dialect: Dialect, account: str, page: Sequence[Campaign], more: bool, sample: Device, now: datetime
) -> JsonObject:
    """Return one page of GET /reports/{acc}/firmware/campaigns. sample: the device whose make and model are listed."""
    rows = [
        {
            "accountName": account,
            "id": campaign.id,
            "campaignName": campaign.name,
            "make": sample.make,
            "model": sample.model,
            "firmwareFrom": sample.firmware,
            "firmwareTo": _FIRMWARE_TO,
            "protocol": "LWM2M",
            "startDate": now.strftime("%Y-%m-%d"),
            "endDate": (now + timedelta(days=7)).strftime("%Y-%m-%d"),
            "status": campaign_status(dialect, campaign),
        }
        for campaign in page
    ]
    response: JsonObject = {"hasMoreData": more}
    if page:
        response["lastSeenCampaignId"] = page[-1].id
    return with_list(dialect, response, "campaignList", rows)


def campaign_devices_response(
    dialect: Dialect,
    campaign: Campaign,
    page: Sequence[str],
    more: bool,
    page_size: int,
    now: datetime,
) -> JsonObject:
    """Return one page of GET /reports/{acc}/campaigns/{id}/devices."""
    moment = time_text(dialect, now)
    published = upgrades.PUBLISHED[campaign.upgrade]
    rows: list[Any] = [
        without_none(
            {
                "deviceId": device_id(dialect, imei),
                "status": published.status,
                "resultReason": published.reason_at(now),
                "updatedTime": moment,
            }
        )
        for imei in page
    ]
    response: JsonObject = {
        "hasMoreData": more,
        "maxPageSize": page_size,
        "totalDevice": len(campaign.imeis),
    }
    if page:
        response["lastSeenDeviceId"] = page[-1]
    return with_list(dialect, response, "deviceList", rows)


def subscription_response(dialect: Dialect, account: Account, used: int, now: datetime) -> JsonObject:
    """Return the response to GET /subscriptions/{acc}."""
    return without_none(
        {
            "accountName": account.name,
            "purchaseType": account.purchase_type,
            "licenseCount": account.license_total,
            "licenseUsedCount": used,
            "updateTime": time_text(dialect, now),
        }
    )
