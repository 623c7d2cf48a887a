# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Accounts, their devices and licenses: what the service knows of them and the rules of removal.

Nothing here knows HTTP or JSON, and nothing here locks: `service.py` does.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Sequence

# What became of one device in a removal. `dialect.py` words them.
REMOVED = "removed"
NO_LICENSE = "no_license"
UNKNOWN_DEVICE = "unknown_device"
EVER_UPGRADED = "ever_upgraded"
UPGRADE_RUNNING = "upgrade_running"
INTERNAL_ERROR = "internal_error"

# How an upgrade of a device stands (status words of the campaign reports).
UPGRADE_SCHEDULED_STATUS = "UpgradeScheduled"
UPGRADE_RUNNING_STATUS = "UpgradePending"
UPGRADE_DONE_STATUS = "UpgradeSuccess"

# The campaign of every upgrade that has ended.
ENDED_CAMPAIGN = "f858b8c4-2153-11ec-8c44-aeb16d1aa652"

# The time in the example of the document.
ASSIGNED = datetime(2021, 6, 10, 15, 13, 30, 941000, tzinfo=timezone.utc)


@dataclass(frozen=True)
class Device:
    """A device as it stands when the simulator starts.

    imei: 15 decimal digits.
    upgraded: had a firmware upgrade since its license was assigned, so that removal is refused.
    upgrade_running: an upgrade is in progress, so that removal is refused.
    upgrade_scheduled: an upgrade is planned; removal works and cancels it.
    internal_error: removal always answers `Internal error.`.
    assigned_time: when the license was assigned (aware).
    """

    imei: str
    licensed: bool = False
    upgraded: bool = False
    upgrade_running: bool = False
    upgrade_scheduled: bool = False
    internal_error: bool = False
    fota_eligible: bool = True
    make: str = "Sierra Wireless"
    model: str = "EM7455"
    firmware: str = "SWI9X30C_02.24.03.00"
    mdn: str = "5550100000"
    assigned_time: datetime = ASSIGNED


@dataclass(frozen=True)
class Account:
    """A billing account as it stands when the simulator starts.

    license_total: licenses bought; those in use are counted from the devices.
    purchase_type: `TS-HFOTA-MRC` (monthly), `TS-HFOTA-EVNT` (by event), or both with a comma.
    """

    name: str
    license_total: int = 9000
    devices: Sequence[Device] = ()
    active: bool = True
    purchase_type: str = "TS-HFOTA-MRC"


@dataclass(frozen=True)
class Campaign:
    """A firmware campaign with the status of each of its devices."""

    id: str
    name: str
    status: str
    device_status: str
    imeis: tuple[str, ...]


class AccountState:
    """An account while the service runs: the devices, and who holds a license right now."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.devices: dict[str, Device] = {device.imei: device for device in account.devices}
        if len(self.devices) != len(account.devices):
            raise ValueError(f"an IMEI comes twice in account {account.name!r}")
        self.licensed: set[str] = {d.imei for d in account.devices if d.licensed}
        self.scheduled: set[str] = {d.imei for d in account.devices if d.upgrade_scheduled}
        # Devices never come or go, so that one sorted list serves every page of every list.
        self._ascending: list[str] = sorted(self.devices)

    def remove(self, imei: str) -> str:
        """Take the license off a device, if the rules of the document ("Uses and Requirements")
        let it; returns one of the outcomes above."""
        device = self.devices.get(imei)
        if device is None:
            return UNKNOWN_DEVICE
        if device.internal_error:
            return INTERNAL_ERROR
        if imei not in self.licensed:
            return NO_LICENSE
        if device.upgraded:
            return EVER_UPGRADED
        if device.upgrade_running:
            return UPGRADE_RUNNING
        self.licensed.discard(imei)
        self.scheduled.discard(imei)
        return REMOVED

    def licensed_after(self, last_seen: str, count: int) -> tuple[list[Device], bool] | None:
        """The next licensed devices in ascending order of IMEI, and whether more follow.

        last_seen: "0" to start, else an IMEI of the account (licensed or not).
        Returns None when it is neither.
        """
        if last_seen == "0":
            start = 0
        elif last_seen in self.devices:
            start = bisect_right(self._ascending, last_seen)
        else:
            return None
        page: list[Device] = []
        for position in range(start, len(self._ascending)):
            imei = self._ascending[position]
            if imei not in self.licensed:
                continue
            if len(page) == count:
                return page, True
            page.append(self.devices[imei])
        return page, False

    def campaigns(self) -> list[Campaign]:
        """The campaigns that the devices' states imply: one planned, one running, one ended.

        Ids and statuses are made up; the SDK's CampaignStatusEnum has no word for "running"."""
        ascending = [self.devices[imei] for imei in self._ascending]
        parts = (
            (
                "60b5d639-ccdc-4db8-8824-069bd94c95bf",
                "planned",
                "CampaignScheduled",
                UPGRADE_SCHEDULED_STATUS,
                tuple(d.imei for d in ascending if d.imei in self.scheduled),
            ),
            (
                "7c1a8f54-2f0e-4a0b-9d43-2c8f1d7e6b10",
                "running",
                "CampaignScheduled",
                UPGRADE_RUNNING_STATUS,
                tuple(d.imei for d in ascending if d.upgrade_running),
            ),
            (
                ENDED_CAMPAIGN,
                "ended",
                "CampaignEnded",
                UPGRADE_DONE_STATUS,
                tuple(d.imei for d in ascending if d.upgraded),
            ),
        )
        return [Campaign(*part) for part in parts if part[4]]
