# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!
"""What the firmware upgrades of devices mean for the removal of their licenses.

A license stays when its device was upgraded since it was assigned, or while an upgrade is in progress; removing it cancels
an upgrade that is scheduled but has not started ("Remove FOTA Licenses", "Uses and Requirements").
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass
from datetime import datetime, timezone

from ansible_collections.verizon.fota.plugins.module_utils._answers import Campaign, Planned, Totals, Upgrade
from ansible_collections.verizon.fota.plugins.module_utils._in_flight import fly
from ansible_collections.verizon.fota.plugins.module_utils._refusals import Kind, Refused

_SCHEDULED = re.compile(r"(upgrade)?scheduled", re.IGNORECASE)
# Those that have ended stand in the history of the device, if they are of any consequence.
_ENDED = re.compile(r".*(success|upgradefailed|cancel|abort).*", re.IGNORECASE)
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d:\d\d)(?:\.\d+)?)?(?: ?(?:Z|[+-]00:?00))?(?: UTC)?")


class Reports(t.Protocol):
    """The calls of ThingSpace that tell of upgrades. Each raises Refused."""

    def assigned(self) -> tuple[t.Mapping[str, str | None], Totals]:
        """Read all licensed devices, each with the time of its assignment."""

    def open_campaigns(self) -> list[Campaign]:
        """Read the upgrades that are planned or under way."""

    def campaign_devices(self, campaign: str) -> list[Planned]:
        """Read the devices of such an upgrade."""

    def history(self, imei: str) -> list[Upgrade]:
        """Read the finished upgrades of a device."""


@dataclass(frozen=True)
class Effect:
    """What an upgrade means for a removal: that it is refused, or that it cancels the upgrade, or that nobody knows."""

    reason: str
    refused: bool = False
    cancels: bool = False


class NotKnown(Exception):
    """What upgrades there are cannot be read. The text says why."""


def effects(
    reports: Reports,
    imeis: t.Sequence[str],
    concurrency: int,
    interrupted: t.Callable[[], str | None],
    progress: t.Callable[[int], None],
) -> dict[str, Effect]:
    """Give the devices whose upgrades mean something for the removal of their licenses, and what.

    It takes the lists of licenses and campaigns, and a request for each device; C(progress) is told of each. Raises NotKnown.
    """
    try:
        found = _planned(reports, frozenset(imeis))
        assigned = _assigned(reports)
    except Refused as error:
        raise NotKnown(f"the upgrades of devices cannot be read: {error}") from None

    def look_up(imei: str) -> str | None:
        try:
            history = reports.history(imei)
        except Refused as error:
            if not error.fault.passing and error.fault.kind is not Kind.DIVIDE:
                return f"the upgrade history of devices cannot be read: {error}"
            found[imei] = Effect(f"its upgrade history could not be read: {error}")
        else:
            last = next((upgrade for upgrade in history if _since(upgrade, assigned.get(imei))), None)
            if last is not None:
                found[imei] = Effect(_refusal(last), refused=True)
        progress(1)
        return None

    todo = [imei for imei in imeis if imei not in found or not found[imei].refused]
    progress(len(imeis) - len(todo))
    flight = fly(look_up, todo, concurrency, interrupted)
    if flight.stop is not None:
        raise NotKnown(flight.stop)
    return found


def _planned(reports: Reports, imeis: frozenset[str]) -> dict[str, Effect]:
    """Give what campaigns have in store for these devices."""
    found: dict[str, Effect] = {}
    for campaign in reports.open_campaigns():
        named = " ".join(filter(None, ("campaign", campaign.name, campaign.start and f"from {campaign.start}")))
        for device in reports.campaign_devices(campaign.id):
            status = device.status or "no status"
            if device.imei not in imeis or _ENDED.fullmatch(status):
                continue
            if not _SCHEDULED.fullmatch(status):
                found[device.imei] = Effect(f"an upgrade is in progress ({status}, {named})", refused=True)
            elif device.imei not in found:
                found[device.imei] = Effect(f"cancels an upgrade that is scheduled ({status}, {named})", cancels=True)
    return found


def _assigned(reports: Reports) -> t.Mapping[str, str | None]:
    """Give when each license was assigned; nothing where that is not to be had: every upgrade counts then."""
    try:
        return reports.assigned()[0]
    except Refused as error:
        if error.fault.kind is Kind.NOT_TO_BE_HAD:
            return {}
        raise


def _since(upgrade: Upgrade, assigned: str | None) -> bool:
    """Tell whether an upgrade ended after the license was assigned, or may have."""
    ended, begun = _moment(upgrade.time), _moment(assigned)
    return ended is None or begun is None or ended >= begun


def _refusal(upgrade: Upgrade) -> str:
    told = ", ".join(filter(None, (upgrade.status, upgrade.time, upgrade.campaign and f"campaign {upgrade.campaign}")))
    return f"an upgrade of its firmware has ended since its license was assigned ({told or 'no details'})"


def _moment(text: str | None) -> datetime | None:
    """Read a time (UTC) in either form in which the service writes it, or a date, which stands for its last moment."""
    match = _MOMENT.fullmatch(text or "")
    if match is None:
        return None
    try:
        return datetime.strptime(f"{match[1]} {match[2] or '23:59:59'}", "%Y-%m-%d %H:%M:%S").replace(
            tzinfo=timezone.utc
        )
    except ValueError:
        return None
