# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the firmware upgrades of devices mean for the removal of their licenses.

A license stays when its device was upgraded since it was assigned, or while an upgrade is in progress; removing it cancels
an upgrade that is scheduled but has not started ("Remove FOTA Licenses", "Uses and Requirements").

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import functools
import sys
import typing as t
from datetime import datetime, timezone

from ansible_collections.verizon.fota.plugins.module_utils._licenses.upgrade_effects import (
    Effect,
    ended_unknown,
    finished,
    has_upgrade_near,
    is_completed,
    is_never,
    is_over,
    is_time,
    planned,
    since,
)
from ansible_collections.verizon.fota.plugins.module_utils._support.concurrency import run_all
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.errors import ErrorKind, ThingSpaceError
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.upgrades import Upgrade

if t.TYPE_CHECKING:
    from ansible_collections.verizon.fota.plugins.module_utils._licenses.service_calls import Reports


class UpgradesUnavailable(Exception):
    """The upgrades of devices cannot be read. The text says why."""


def _now() -> datetime:
    return datetime.now(timezone.utc)


def effects(
    reports: Reports,
    imeis: t.Sequence[str],
    concurrency: int,
    interrupted: t.Callable[[], str | None],
    progress: t.Callable[[int], None],
    now: t.Callable[[], datetime] = _now,
) -> dict[str, Effect]:
    """Return the devices whose upgrades affect the removal of their licenses, and how.

    Campaigns show what is planned, the list of all devices when each was last upgraded. The history of a device is read only
    if the list does not show that time, or if it is not before the assignment of the license: it may be the time of an upgrade
    that failed. ``progress`` is called with the number of further devices that are done. Raises ``UpgradesUnavailable``.
    """
    found: dict[str, Effect] = {}
    if not imeis:
        return found
    assigned = functools.lru_cache(maxsize=None)(lambda: _assigned(reports))

    def settle(imei: str, upgrades: t.Iterable[Upgrade]) -> bool:
        """Note what finished upgrades mean for a device. Return whether its other upgrades no longer matter."""
        for upgrade in upgrades:
            if not is_over(upgrade.status):
                effect = finished(upgrade, assigned().get(imei))
                if effect is not None:
                    _note(found, imei, effect)
        return imei in found and found[imei].rejected

    try:
        completed = _campaigns(reports, frozenset(imeis), found, now())
        left = [imei for imei in imeis if not settle(imei, completed.get(imei, ()))]
        times = _last_upgrades(reports, left)
        recent = {
            imei: time
            for imei, time in times.items()
            if not is_never(time) and since(time, assigned().get(imei)) is not False
        }
        progress(len(imeis) - len(left) + len(times) - len(recent))
        rest = [imei for imei in left if imei not in times or imei in recent]
        histories = _histories(reports, rest, recent, concurrency, interrupted, progress)
        for imei, history in histories.items():
            if isinstance(history, Effect):
                _note(found, imei, history)
                continue
            settle(imei, history)
            if imei in recent and not has_upgrade_near(recent[imei], history):
                _note(found, imei, ended_unknown(recent[imei]))
    except ThingSpaceError as error:
        raise UpgradesUnavailable(f"the upgrades of devices cannot be read: {error}") from None
    return found


def _note(found: dict[str, Effect], imei: str, effect: Effect) -> None:
    """Keep the more important effect."""
    if imei not in found or _importance(effect) > _importance(found[imei]):
        found[imei] = effect


def _importance(effect: Effect) -> int:
    return 2 if effect.rejected else 0 if effect.cancels else 1


# Campaigns


def _campaigns(
    reports: Reports, imeis: frozenset[str], found: dict[str, Effect], now: datetime
) -> dict[str, list[Upgrade]]:
    """Note the effects of campaigns on these devices. Return the completed upgrades."""
    completed: dict[str, list[Upgrade]] = {}
    for campaign in reports.open_campaigns():
        named = " ".join(filter(None, ("campaign", campaign.name, campaign.start and f"from {campaign.start}")))
        for device in reports.campaign_devices(campaign.id):
            if device.imei not in imeis:
                continue
            if is_completed(device.status):
                completed.setdefault(device.imei, []).append(Upgrade(device.status, device.time, campaign.id))
                continue
            effect = planned(device, named, now)
            if effect is not None:
                _note(found, device.imei, effect)
    return completed


# Finished upgrades


def _last_upgrades(reports: Reports, imeis: t.Sequence[str]) -> dict[str, str]:
    """Return when devices were last upgraded, or that they never were, according to the list of all devices.

    A page of that list costs one request, and so does the history of a device. The list is therefore read on while it has cost
    less than the histories of the devices that are left, or while a page contains several of them. After an error, more
    histories are read.
    """
    found: dict[str, str] = {}
    left = set(imeis)
    if len(left) < 2:
        return found
    try:
        for number, page in enumerate(reports.upgrade_times(), 1):
            readable = {imei: time for imei, time in page.items() if time and is_time(time)}
            gained = left.intersection(readable)
            # Most have the same text for "never upgraded": a fleet has a million.
            found.update((imei, sys.intern(readable[imei])) for imei in gained)
            left -= gained
            if not readable or not left or (len(gained) < 2 and len(left) <= number):
                break
    except ThingSpaceError:
        pass
    return found


def _histories(
    reports: Reports,
    imeis: t.Sequence[str],
    recent: t.Container[str],
    concurrency: int,
    interrupted: t.Callable[[], str | None],
    progress: t.Callable[[int], None],
) -> dict[str, list[Upgrade] | Effect]:
    """Return the finished upgrades of each device, or that those of this one device could not be read. Raises ``UpgradesUnavailable``.

    Devices without any are left out, unless they are ``recent``. For those, an unavailable history does not end the
    forecast, because their last upgrade is known from the list.
    """
    found: dict[str, list[Upgrade] | Effect] = {}

    def look_up(imei: str) -> str | None:
        try:
            history = reports.history(imei)
        except ThingSpaceError as error:
            only_this_device = error.info.transient or error.info.kind is ErrorKind.INVALID_DEVICE_LIST
            if not only_this_device and not (error.info.kind is ErrorKind.UNAVAILABLE and imei in recent):
                return f"the upgrade history of devices cannot be read: {error}"
            found[imei] = Effect(f"its upgrade history could not be read: {error}")
        else:
            if history or imei in recent:
                found[imei] = history
        progress(1)
        return None

    completion = run_all(look_up, imeis, concurrency, interrupted)
    if completion.stop is not None:
        raise UpgradesUnavailable(completion.stop)
    return found


def _assigned(reports: Reports) -> t.Mapping[str, str | None]:
    """Return when each license was assigned; empty if that is unavailable."""
    try:
        return reports.assigned()[0]
    except ThingSpaceError as error:
        if error.info.kind is ErrorKind.UNAVAILABLE:
            return {}
        raise
