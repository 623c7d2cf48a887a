# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the calls that only report are worded: upgrade history, campaigns, subscription.
Keys are those of the SDK's models (DeviceFirmwareUpgrade, V3CampaignHistory, V3CampaignMetaInfo,
V3CampaignDevice, V3DeviceStatus, FotaV3Subscription).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Sequence

from .accounts import ENDED_CAMPAIGN, UPGRADE_DONE_STATUS, Account, Campaign, Device
from .dialect import Dialect, JsonObject, device_id, time_text, without_none

_FIRMWARE_TO = "SWI9X30C_02.33.03.00"


def history_answer(dialect: Dialect, account: str, device: Device) -> list[JsonObject]:
    """The answer to GET /reports/{acc}/devices/{imei}: finished upgrades only."""
    if not device.upgraded:
        return []
    upgraded = device.assigned_time + timedelta(days=30)
    return [
        without_none(
            {
                "deviceId": device_id(dialect, device.imei),
                dialect.campaign_key: ENDED_CAMPAIGN,
                "accountName": account,
                "startDate": upgraded.strftime("%Y-%m-%d"),
                "status": UPGRADE_DONE_STATUS,
                "reason": "Success",
                "firmwareFrom": device.firmware,
                "firmwareTo": _FIRMWARE_TO,
                "reportUpdatedTime": time_text(dialect, upgraded),
            }
        )
    ]


def campaigns_answer(account: str, page: Sequence[Campaign], more: bool, sample: Device, now: datetime) -> JsonObject:
    """One page of GET /reports/{acc}/firmware/campaigns. sample: tells make and model."""
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
            "status": campaign.status,
        }
        for campaign in page
    ]
    answer: JsonObject = {"hasMoreData": more, "campaignList": rows}
    if page:
        answer["lastSeenCampaignId"] = page[-1].id
    return answer


def campaign_devices_answer(
    dialect: Dialect,
    campaign: Campaign,
    page: Sequence[str],
    more: bool,
    page_size: int,
    now: datetime,
) -> JsonObject:
    """One page of GET /reports/{acc}/campaigns/{id}/devices."""
    moment = time_text(dialect, now)
    rows: list[Any] = [
        without_none(
            {
                "deviceId": device_id(dialect, imei),
                "status": campaign.device_status,
                "resultReason": campaign.device_status,
                "updatedTime": moment,
            }
        )
        for imei in page
    ]
    answer: JsonObject = {
        "hasMoreData": more,
        "maxPageSize": page_size,
        "totalDevice": len(campaign.imeis),
        "deviceList": rows,
    }
    if page:
        answer["lastSeenDeviceId"] = page[-1]
    return answer


def subscription_answer(dialect: Dialect, account: Account, used: int, now: datetime) -> JsonObject:
    """The answer to GET /subscriptions/{acc}."""
    return without_none(
        {
            "accountName": account.name,
            "purchaseType": account.purchase_type,
            "licenseCount": account.license_total,
            "licenseUsedCount": used,
            "updateTime": time_text(dialect, now),
        }
    )
