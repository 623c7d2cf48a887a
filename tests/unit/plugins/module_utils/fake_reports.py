# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The reports on upgrades of an account, in memory: what a look-up finds in them, and what it reads."""

from __future__ import annotations

from datetime import datetime, timezone

from ansible_collections.verizon.fota.plugins.module_utils._licenses.upgrades import effects
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.errors import ErrorInfo, ThingSpaceError
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.license_totals import LicenseTotals
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.upgrades import Upgrade

ONE, TWO, THREE = "990003425730535", "990000473475989", "900000000000999"
ASSIGNED = "2021-06-10T15:13:30.941Z"
LATER = "2021-07-10T00:00:00Z"
NEVER = "01/01/1900 0:0:0"
NOW = datetime(2022, 10, 6, 18, 5, tzinfo=timezone.utc)


class Reports:
    def __init__(self, histories=None, campaigns=None, assigned=None, rejecting=(), pages=()):
        self.pages = pages
        self.pages_read = 0
        self.histories = histories or {}
        self.campaigns = campaigns or {}
        self.times = assigned if assigned is not None else dict.fromkeys((ONE, TWO, THREE), ASSIGNED)
        self.rejecting = dict(rejecting)
        self.requests = []

    def _check(self, call):
        if call in self.rejecting:
            raise ThingSpaceError(ErrorInfo(self.rejecting[call], "HTTP 403"))

    def assigned(self):
        self.requests.append("assigned")
        self._check("assigned")
        return self.times, LicenseTotals()

    def open_campaigns(self):
        self._check("open_campaigns")
        return list(self.campaigns)

    def campaign_devices(self, campaign):
        self._check("campaign_devices")
        return next(devices for known, devices in self.campaigns.items() if known.id == campaign)

    def upgrade_times(self):
        for page in self.pages:
            self._check("upgrade_times")
            self.pages_read += 1
            yield page

    def history(self, imei):
        self.requests.append(imei)
        self._check("history")
        self._check(imei)
        return self.histories.get(imei, [])


def look_up(reports, *imeis):
    detail = []
    found = effects(reports, imeis, 2, lambda: None, detail.append, lambda: NOW)
    assert sum(detail) == len(imeis)
    return {imei: (effect.rejected, effect.cancels, effect.reason) for imei, effect in found.items()}


def ended(time, status="UpgradeSuccess"):
    return [Upgrade(status, time, "c-7")]


def blocked(found):
    return {imei for imei, (is_blocked, _cancels, _reason) in found.items() if is_blocked}
