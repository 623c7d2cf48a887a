# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The responses about upgrades: campaigns and their devices, the history of a device, the time of its last upgrade.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import typing as t

from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.fields import (
    REASON,
    UnexpectedResponse,
    count,
    devices,
    for_url,
    is_last_page,
    next_cursor,
    next_device_cursor,
    text,
)


class Upgrade(t.NamedTuple):
    """A finished upgrade of a device's firmware: how it ended, when, in which campaign; ``None`` if missing."""

    status: str | None
    time: str | None
    campaign: str | None


class Campaign(t.NamedTuple):
    """A campaign of upgrades; ``start`` is a date."""

    id: str
    name: str | None
    start: str | None


class CampaignDevice(t.NamedTuple):
    """The upgrade of a device in a campaign: the status, the reason and the time that the service reports."""

    imei: str
    status: str | None
    reason: str | None = None
    time: str | None = None


def parse_history(content: t.Any) -> list[Upgrade]:
    """Return the finished upgrades of a device (GET ``/reports/{acc}/devices/{imei}``). Raises ``UnexpectedResponse``."""
    if not isinstance(content, list):
        raise UnexpectedResponse("the response is not a list of upgrades")
    return [
        Upgrade(text(entry, "status"), text(entry, "reportUpdatedTime"), text(entry, "campaignId", "id"))
        for entry in content
        if isinstance(entry, dict)
    ]


def parse_campaigns(content: t.Any) -> tuple[list[Campaign], str | None]:
    """Return a page of campaigns (GET ``/reports/{acc}/firmware/campaigns``), and the cursor of the next one, if any."""
    entries = content.get("campaignList") if isinstance(content, dict) else None
    # Verizon's SDK lets it be null.
    if not isinstance(entries, list) and not (isinstance(content, dict) and "campaignList" in content):
        raise UnexpectedResponse("the response has no campaignList")
    found = [
        Campaign(for_url(str(entry["id"])), text(entry, "campaignName"), text(entry, "startDate"))
        for entry in entries or ()
        if isinstance(entry, dict) and isinstance(entry.get("id"), (str, int)) and entry["id"] != ""
    ]
    return found, next_cursor(content, text(content, "lastSeenCampaignId"))


def parse_campaign_devices(content: t.Any) -> tuple[list[CampaignDevice], str | None]:
    """Return a page of devices (GET ``/reports/{acc}/campaigns/{id}/devices``), and the cursor of the next one, if any."""
    optional = is_last_page(content) and not count(content, "totalDevice")
    found = [
        CampaignDevice(imei, text(entry, "status"), text(entry, *REASON), text(entry, "updatedTime"))
        for imei, entry in devices(content, optional)
    ]
    return found, next_device_cursor(content)


def parse_upgrade_times(content: t.Any) -> tuple[dict[str, str | None], str | None]:
    """Return when each device of a page was last upgraded (GET ``/devices/{acc}``), ``None`` if that is missing.

    Return also the cursor of the next page, ``None`` on the last one.
    """
    found = {imei: text(entry, "upgradeTime") for imei, entry in devices(content, optional=is_last_page(content))}
    return found, next_device_cursor(content)
