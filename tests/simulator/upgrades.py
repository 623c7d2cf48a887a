# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The published statuses of upgrades in campaigns, and of campaigns.

The sources, by the short names that the comments use:

v3: "Campaign Lifecycle Flow for LWM2M Devices using the v3 Resource Path"
v2: "Campaign Lifecycle Flow for v2"
SDK: Verizon's generated SDKs, the example of "Get Campaign Device Status", and the enum CampaignStatusEnum

No source states with which of these statuses the service rejects a removal.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

# The stages of a campaign
REQUESTED, QUEUED, PRE_SCHEDULED, SCHEDULED, ENDED, CANCELLED, ABORTED = range(7)

# The status of each stage: the SDK's enum, and v3. The SDK has none for a pre-scheduled campaign.
CAMPAIGN_STATUSES = {
    "sdk": (
        "CampaignRequestPending",
        "CampaignRequestQueued",
        "CampaignScheduled",
        "CampaignScheduled",
        "CampaignEnded",
        "CampaignCancelled",
        "CampaignAborted",
    ),
    "lifecycle": (
        "CampaignRequestPending",
        "CampaignQueued",
        "CampaignPreScheduled",
        "CampaignScheduled",
        "CampaignEnded",
        "CampaignCancelled",
        "CampaignAborted",
    ),
}
# Both sources also have these; no campaign of the simulator fails.
FAILED_CAMPAIGNS = ("CampaignRequestFailed", "CampaignFailed")

_HOURS = timedelta(hours=1)


@dataclass(frozen=True)
class PublishedStatus:
    """A status of a device, its reason, if any, and the stage of its campaign.

    begins, ends: the times in the reason, in hours from now.
    """

    status: str
    reason: str | None
    campaign: int
    begins: int = 24
    ends: int = 28

    def reason_at(self, now: datetime) -> str | None:
        """Return the reason, with times in the form of the pages: 09 Jul 21 00:00 UTC."""
        if self.reason is None:
            return None
        begin, end = ((now + hours * _HOURS).strftime("%d %b %y %H:%M UTC") for hours in (self.begins, self.ends))
        return self.reason.format(begin=begin, end=end)


# The keys that the other fields of a device imply
PLANNED, RUNNING, DONE = "planned", "running", "ended"

PUBLISHED = {
    # v3. The campaign "stays in Scheduled status during the device update", and no page has another status for a
    # device whose upgrade runs: only the times differ.
    PLANNED: PublishedStatus(
        "UpgradeScheduled",
        "The upgrade is scheduled to begin on {begin}, and the estimated completion is {end}.",
        SCHEDULED,
    ),
    RUNNING: PublishedStatus(
        "UpgradeScheduled",
        "The upgrade is scheduled to begin on {begin}, and the estimated completion is {end}.",
        SCHEDULED,
        begins=-1,
        ends=3,
    ),
    # v3 and v2 have the status, v2 the reason; v3: the campaign ends when all of its devices are upgraded.
    DONE: PublishedStatus("UpgradeSuccess", "Download and install succeeded.", ENDED),
    # The same, in a campaign that still upgrades other devices (v3: until its end date).
    "UpgradeSuccess": PublishedStatus("UpgradeSuccess", "Download and install succeeded.", SCHEDULED),
    # v2: status and reason
    "Accepted": PublishedStatus(
        "Accepted", "Device cleared all checks so it can be added to the scheduled list.", QUEUED
    ),
    # v3: status and reason; "The system performs network checks on the devices", before the campaign is pre-scheduled
    "ReceivedDeviceDataFromNetwork": PublishedStatus(
        "ReceivedDeviceDataFromNetwork", "Reachability information received from the network.", QUEUED
    ),
    "NoDeviceDataFromNetwork": PublishedStatus(
        "NoDeviceDataFromNetwork", "The network reports this device is not reachable.", REQUESTED
    ),
    "NoDeviceDataFromNetwork, no retry": PublishedStatus(
        "NoDeviceDataFromNetwork",
        "The network does not report this device is reachable, no retry available, try count 42.",
        SCHEDULED,
    ),
    # v3: status and reason
    "RequestToFotaServerFailed": PublishedStatus(
        "RequestToFotaServerFailed", "Request to FOTA server failed, estimated retry time on {begin}.", PRE_SCHEDULED
    ),
    # v3 and SDK: status and reason
    "UpgradePending": PublishedStatus(
        "UpgradePending",
        "Upgrade pending, the device upgrade is estimated to be scheduled for {begin}",
        PRE_SCHEDULED,
    ),
    # v2: status and reason, listed as "UpgradedFailed for UpgradePending"
    "UpgradedFailed": PublishedStatus("UpgradedFailed", "RovaClientDownloadFailed", SCHEDULED),
    # v3: the status
    "UpgradeFailed": PublishedStatus("UpgradeFailed", None, SCHEDULED),
    # v2: status and reason
    "DeviceRejected": PublishedStatus(
        "DeviceRejected", "Device make/model does not meet software prerequisites.", SCHEDULED
    ),
    "CampaignCancelled": PublishedStatus("CampaignCancelled", "Campaign canceled by user.", CANCELLED),
    "CampaignAborted": PublishedStatus("CampaignAborted", "Campaign aborted by user.", ABORTED),
}

# The statuses of upgrades that ended in a failure and are therefore in the upgrade history
FAILED = ("UpgradeFailed", "UpgradedFailed")

# The statuses of upgrades that a removal cancels ("Remove FOTA Licenses": an upgrade that is scheduled, but has not started)
NOT_STARTED = frozenset(
    (
        PLANNED,
        "Accepted",
        "ReceivedDeviceDataFromNetwork",
        "NoDeviceDataFromNetwork",
        "RequestToFotaServerFailed",
        "UpgradePending",
    )
)
