# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Accounts, their devices, licenses and campaigns, and the rules of removal.

No HTTP, no JSON and no locks here: ``service.py`` has the lock.
"""

from __future__ import annotations

import uuid
from bisect import bisect_right
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from typing import Callable, Sequence

from . import upgrades

# The outcomes of a removal and of an assignment for one device. ``responses.py`` has their texts.
REMOVED = "removed"
LICENSE_ASSIGNED = "license_assigned"
HAS_LICENSE = "has_license"
NO_FREE_LICENSE = "no_free_license"
NO_LICENSE = "no_license"
UNKNOWN_DEVICE = "unknown_device"
EVER_UPGRADED = "ever_upgraded"
UPGRADE_RUNNING = "upgrade_running"
INTERNAL_ERROR = "internal_error"

# The time in the example of the document.
ASSIGNED = datetime(2021, 6, 10, 15, 13, 30, 941000, tzinfo=timezone.utc)

# The upgradeTime of a device that was never upgraded (version 1 of "Get a list of all devices in an account")
NEVER = datetime(1900, 1, 1, tzinfo=timezone.utc)
# How long after its license was assigned a device was upgraded.
_UPGRADED_AFTER = timedelta(days=30)

# The protocols of devices ("Get a List of Devices in an Account", version 3), and other spellings in the sources.
PROTOCOLS = {"LWM2M": "LWM2M", "OMADM": "OMADM", "OMDADM": "OMADM", "OMD-DM": "OMADM", "HTTP": "HTTP"}


@dataclass(frozen=True)
class Device:
    """A device when the simulator starts.

    imei: 15 decimal digits.
    upgraded: had a firmware upgrade since its license was assigned, so that removal fails.
    upgrade_running: an upgrade is in progress, so that removal fails.
    upgrade_scheduled: an upgrade is planned; removal works and cancels it.
    internal_error: removal always fails with ``Internal error.``.
    assigned_time: when the license was assigned (aware).
    previous_upgrade: when its firmware was upgraded before that (aware); removal works.
    upgrade: the status of its upgrade in a campaign, one of ``upgrades.PUBLISHED``; default: what the fields above
        imply. It does not change whether a removal works.
    protocol: one of ``PROTOCOLS``.
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
    previous_upgrade: datetime = NEVER
    upgrade: str = ""
    protocol: str = "LWM2M"

    @property
    def upgrade_times(self) -> list[datetime]:
        """Return when its firmware was upgraded, in ascending order."""
        times = [self.previous_upgrade] if self.previous_upgrade > NEVER else []
        return [*times, self.assigned_time + _UPGRADED_AFTER] if self.upgraded else times

    @property
    def upgrade_in_campaign(self) -> str:
        """Return the status of its upgrade in a campaign: one of ``upgrades.PUBLISHED``, or an empty text."""
        if self.upgrade or not (self.upgrade_running or self.upgrade_scheduled or self.upgraded):
            return self.upgrade
        return (
            upgrades.RUNNING if self.upgrade_running else upgrades.PLANNED if self.upgrade_scheduled else upgrades.DONE
        )


@dataclass(frozen=True)
class Account:
    """A billing account when the simulator starts.

    license_total: licenses bought; those in use are counted from the devices.
    purchase_type: ``TS-HFOTA-MRC`` (monthly), ``TS-HFOTA-EVNT`` (by event), or both with a comma.
    """

    name: str
    license_total: int = 9000
    devices: Sequence[Device] = ()
    active: bool = True
    purchase_type: str = "TS-HFOTA-MRC"


@dataclass(frozen=True)
class Campaign:
    """A firmware campaign whose devices all have the same status. upgrade: a key of ``upgrades.PUBLISHED``."""

    id: str
    name: str
    upgrade: str
    imeis: tuple[str, ...]


class AccountState:
    """An account while the service runs: its devices, and which of them hold a license now."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.devices: dict[str, Device] = {device.imei: device for device in account.devices}
        if len(self.devices) != len(account.devices):
            raise ValueError(f"account {account.name!r} contains an IMEI twice")
        self.licensed: set[str] = {d.imei for d in account.devices if d.licensed}
        # The statuses of upgrades in campaigns; devices without one are missing.
        self.upgrades: dict[str, str] = {
            d.imei: d.upgrade_in_campaign for d in account.devices if d.upgrade_in_campaign
        }
        unknown = sorted(set(self.upgrades.values()) - set(upgrades.PUBLISHED))
        unknown += sorted({d.protocol for d in account.devices} - set(PROTOCOLS.values()))
        if unknown:
            raise ValueError(f"account {account.name!r} has a device with an unknown status or protocol: {unknown}")
        # Devices are never added or removed, so one sorted list serves every page of every list.
        self._ascending: list[str] = sorted(self.devices)

    def remove(self, imei: str) -> str:
        """Remove the license of a device if the rules of the document ("Uses and Requirements") allow it.

        Return one of the outcomes above.
        """
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
        if self.upgrades.get(imei) in upgrades.NOT_STARTED:
            del self.upgrades[imei]
        return REMOVED

    def assign(self, imei: str, now: datetime) -> str:
        """Assign a license to a device if the account has one that is not in use ("Assign Licenses to Devices").

        Return one of the outcomes above.
        """
        device = self.devices.get(imei)
        if device is None:
            return UNKNOWN_DEVICE
        if device.internal_error:
            return INTERNAL_ERROR
        if imei in self.licensed:
            return HAS_LICENSE
        if self.free < 1:
            return NO_FREE_LICENSE
        self.licensed.add(imei)
        self.devices[imei] = replace(device, assigned_time=now)
        return LICENSE_ASSIGNED

    @property
    def free(self) -> int:
        """Return how many licenses are not in use."""
        return self.account.license_total - len(self.licensed)

    def devices_after(
        self, last_seen: str, count: int, matches: Callable[[Device], bool], by_number: bool
    ) -> tuple[list[Device], bool] | None:
        """Return the next matching devices in ascending order of IMEI, and whether more follow.

        last_seen: "0" to start, else an IMEI of the account (matching or not), or, by number, how many were returned before.
        Return None if it is none of these.
        """
        start = passed = 0
        if by_number and last_seen.isdigit():
            passed = int(last_seen)
        elif last_seen in self.devices and not by_number:
            start = bisect_right(self._ascending, last_seen)
        elif last_seen != "0":
            return None
        page: list[Device] = []
        for position in range(start, len(self._ascending)):
            device = self.devices[self._ascending[position]]
            if not matches(device):
                continue
            if passed:
                passed -= 1
                continue
            if len(page) == count:
                return page, True
            page.append(device)
        return page, False

    def campaigns(self) -> list[Campaign]:
        """Return the campaigns that the states of the devices imply: one for each status. Ids are invented."""
        imeis: dict[str, list[str]] = {}
        for imei in self._ascending:
            if imei in self.upgrades:
                imeis.setdefault(self.upgrades[imei], []).append(imei)
        return [
            Campaign(str(uuid.uuid5(uuid.NAMESPACE_URL, name)), name, name, tuple(imeis[name]))
            for name in upgrades.PUBLISHED
            if name in imeis
        ]
