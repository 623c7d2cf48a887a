# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the upgrade of a device may stand in a campaign, and the words that are published for it.

The sources, by the short names that the comments use:

v3: "Campaign Lifecycle Flow for LWM2M Devices using the v3 Resource Path"
v2: "Campaign Lifecycle Flow for v2"
SDK: Verizon's generated SDKs, the example of "Get Campaign Device Status", and the enum CampaignStatusEnum

Which of these statuses makes the service refuse a removal is published nowhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

# How far a campaign is.
REQUESTED, QUEUED, PRE_SCHEDULED, SCHEDULED, ENDED, CANCELLED, ABORTED = range(7)

# The words for that: the SDK's enum, and those of v3. The SDK has none for a campaign that is pre-scheduled.
CAMPAIGN_WORDS = {
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
# Both sources have these, too; no campaign of the simulator ever failed.
FAILED_CAMPAIGNS = ("CampaignRequestFailed", "CampaignFailed")

_HOURS = timedelta(hours=1)


@dataclass(frozen=True)
class Published:
    """A status of a device, the reason that comes with it, if any, and how far its campaign is.

    begins, ends: the hours from now that stand in the reason.
    """

    status: str
    reason: str | None
    campaign: int
    begins: int = 24
    ends: int = 28

    def reason_at(self, now: datetime) -> str | None:
        """The reason, with times as the pages have them: 09 Jul 21 00:00 UTC."""
        if self.reason is None:
            return None
        begin, end = ((now + hours * _HOURS).strftime("%d %b %y %H:%M UTC") for hours in (self.begins, self.ends))
        return self.reason.format(begin=begin, end=end)


# What follows from the other fields of a device.
PLANNED, RUNNING, DONE = "planned", "running", "ended"

PUBLISHED = {
    # v3, which gives these words for the status. The campaign "stays in Scheduled status during the device update", and no page
    # has another status for a device whose upgrade runs: only the times tell.
    PLANNED: Published(
        "UpgradeScheduled",
        "The upgrade is scheduled to begin on {begin}, and the estimated completion is {end}.",
        SCHEDULED,
    ),
    RUNNING: Published(
        "UpgradeScheduled",
        "The upgrade is scheduled to begin on {begin}, and the estimated completion is {end}.",
        SCHEDULED,
        begins=-1,
        ends=3,
    ),
    # v3 and v2 have the status, v2 the reason; v3: the campaign ends when all of its devices are upgraded.
    DONE: Published("UpgradeSuccess", "Download and install succeeded.", ENDED),
    # The same, in a campaign that still upgrades other devices (v3: until its end date).
    "UpgradeSuccess": Published("UpgradeSuccess", "Download and install succeeded.", SCHEDULED),
    # v2: status and reason
    "Accepted": Published("Accepted", "Device cleared all checks so it can be added to the scheduled list.", QUEUED),
    # v3: status and reason; "The system performs network checks on the devices", before the campaign is pre-scheduled
    "ReceivedDeviceDataFromNetwork": Published(
        "ReceivedDeviceDataFromNetwork", "Reachability information received from the network.", QUEUED
    ),
    "NoDeviceDataFromNetwork": Published(
        "NoDeviceDataFromNetwork", "The network reports this device is not reachable.", REQUESTED
    ),
    "NoDeviceDataFromNetwork, no retry": Published(
        "NoDeviceDataFromNetwork",
        "The network does not report this device is reachable, no retry available, try count 42.",
        SCHEDULED,
    ),
    # v3: status and reason
    "RequestToFotaServerFailed": Published(
        "RequestToFotaServerFailed", "Request to FOTA server failed, estimated retry time on {begin}.", PRE_SCHEDULED
    ),
    # v3 and SDK: status and reason
    "UpgradePending": Published(
        "UpgradePending",
        "Upgrade pending, the device upgrade is estimated to be scheduled for {begin}",
        PRE_SCHEDULED,
    ),
    # v2: status and reason, listed as "UpgradedFailed for UpgradePending"
    "UpgradedFailed": Published("UpgradedFailed", "RovaClientDownloadFailed", SCHEDULED),
    # v3: the status
    "UpgradeFailed": Published("UpgradeFailed", None, SCHEDULED),
    # v2: status and reason
    "DeviceRejected": Published("DeviceRejected", "Device make/model does not meet software prerequisites.", SCHEDULED),
    "CampaignCancelled": Published("CampaignCancelled", "Campaign canceled by user.", CANCELLED),
    "CampaignAborted": Published("CampaignAborted", "Campaign aborted by user.", ABORTED),
}

# Those that have ended in a failure, so that the upgrade history has them
FAILED = ("UpgradeFailed", "UpgradedFailed")

# Those that a removal cancels ("Remove FOTA Licenses": an upgrade that is scheduled, but has not started)
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
