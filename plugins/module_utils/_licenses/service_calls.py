# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The calls of ThingSpace that reading, changing and forecasting licenses take.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import typing as t

from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.device_list import DeviceStatus
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.license_change import Row
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.license_totals import LicenseTotals
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.upgrades import (
    Campaign,
    CampaignDevice,
    Upgrade,
)


class Readable(t.Protocol):
    """The calls of ThingSpace that report which devices hold a license. Each raises ``ThingSpaceError``."""

    def list_devices(self, imeis: t.Sequence[str]) -> dict[str, DeviceStatus]:
        """Read the status of these devices."""

    def licensed(self, during_change: bool = False) -> frozenset[str]:
        """Read all licensed devices; ``during_change``: while the run changes licenses, to check the result."""


class Reports(t.Protocol):
    """The calls of ThingSpace that report upgrades. Each raises ``ThingSpaceError``."""

    def assigned(self) -> tuple[t.Mapping[str, str | None], LicenseTotals]:
        """Read all licensed devices, each with the time of its assignment."""

    def open_campaigns(self) -> list[Campaign]:
        """Read the upgrades that are planned or under way."""

    def campaign_devices(self, campaign: str) -> list[CampaignDevice]:
        """Read the devices of such an upgrade."""

    def upgrade_times(self) -> t.Iterator[t.Mapping[str, str | None]]:
        """Read all devices page by page, each with the time of its last upgrade, ``None`` if that is not reported."""

    def history(self, imei: str) -> list[Upgrade]:
        """Read the finished upgrades of a device."""


class Account(Readable, Reports, t.Protocol):
    """All calls of ThingSpace that a run may need. Each raises ``ThingSpaceError``."""

    def remove(self, imeis: t.Sequence[str]) -> tuple[dict[str, Row], LicenseTotals]:
        """Remove the licenses of these devices."""

    def assign(self, imeis: t.Sequence[str]) -> tuple[dict[str, Row], LicenseTotals]:
        """Assign licenses to these devices."""

    def totals(self) -> LicenseTotals:
        """Read how many licenses the account has and uses."""
