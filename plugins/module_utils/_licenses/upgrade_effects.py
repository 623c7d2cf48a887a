# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What one upgrade of a device means for the removal of its license: it is rejected, it cancels the upgrade, or that is not known.

Pure functions. Which statuses make the service reject a removal is published nowhere, so only what is published as completed or
in progress counts as a reason to reject it.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import email.utils
import re
import typing as t
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.upgrades import CampaignDevice, Upgrade

# Statuses of devices in campaigns, by their letters ("Campaign Lifecycle Flow", versions 1 to 3).
_COMPLETED = re.compile(r"upgradesuccess")
_IN_PROGRESS = re.compile(r"(upgrade)?inprogress")
_OVER = re.compile(r"upgraded?failed.*|devicerejected|(campaign|upgrade)(cancell?ed|aborted)")
_NOT_STARTED = re.compile(r"(device)?accepted|(receiveddevicedata|nodevicedata)fromnetwork|requesttofotaserverfailed")
_SCHEDULED = re.compile(r"(upgrade)?scheduled")
# Only the reason shows that the service does not retry an upgrade.
_NO_RETRY = re.compile(r"\bno retry available\b", re.IGNORECASE)
_BEGINS = re.compile(r"\bbegin on (\d{1,2} [a-z]{3} \d{2,4} \d\d:\d\d(:\d\d)? (UTC|GMT|[+-]\d{4}))", re.IGNORECASE)

_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d:\d\d)(\.\d+)?)?(?: ?(?:Z|[+-]00:?00))?(?: UTC)?")
# The ``upgradeTime`` of a device that was never upgraded: as in version 1, as a date, and the zero value of a date type.
# In other fields it means that the time is not known.
_NEVER = re.compile(r"(0?1/0?1/1900|1900-01-01|0001-01-01)(?![0-9]).*")
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Effect:
    """What an upgrade means for a removal: it is rejected, it cancels the upgrade, or, with neither flag, that is not known."""

    reason: str
    rejected: bool = False
    cancels: bool = False


def planned(device: CampaignDevice, campaign: str, now: datetime) -> Effect | None:
    """Return the effect of an upgrade that is not completed, ``None`` if it has none."""
    status, reason = _letters(device.status), device.reason or ""
    if _OVER.fullmatch(status) or _NO_RETRY.search(reason):
        return None
    details = ": ".join(filter(None, (device.status or "no status", reason.rstrip("."))))
    if _IN_PROGRESS.fullmatch(status):
        return Effect(f"an upgrade is in progress ({details}, {campaign})", rejected=True)
    if _NOT_STARTED.fullmatch(status) or (_SCHEDULED.fullmatch(status) and _begins_after(now, reason)):
        return Effect(f"cancels an upgrade that is scheduled ({details}, {campaign})", cancels=True)
    return Effect(f"an upgrade may be in progress ({details}, {campaign})")


def _begins_after(now: datetime, reason: str) -> bool:
    match = _BEGINS.search(reason)
    try:
        return match is not None and email.utils.parsedate_to_datetime(match[1]) > now
    except (TypeError, ValueError):
        return False


def finished(upgrade: Upgrade, assigned: str | None) -> Effect | None:
    """Return the effect of a finished upgrade that did not fail, ``None`` if it ended before the license was assigned."""
    is_since = since(upgrade.time, assigned)
    if is_since is False:
        return None
    details = ", ".join(
        filter(None, (upgrade.status, upgrade.time, upgrade.campaign and f"campaign {upgrade.campaign}"))
    )
    if not is_completed(upgrade.status):
        return ended_unknown(details)
    if is_since:
        return Effect(f"its firmware was upgraded since its license was assigned ({details})", rejected=True)
    if _moment(assigned) is None:
        return Effect(f"its firmware was upgraded ({details}); when its license was assigned is not known")
    return Effect(f"its firmware was upgraded ({details}); whether its license was assigned before that is not known")


def ended_unknown(details: str) -> Effect:
    """Return the effect of an upgrade of which only these details are known, not how it ended."""
    return Effect(f"it is not known how an upgrade of its firmware ended ({details or 'no details'})")


def has_upgrade_near(time: str, history: t.Iterable[Upgrade]) -> bool:
    """Return whether a history contains an upgrade within a day of this time. It may cover only the last six months."""
    expected = _moment(time)
    for upgrade in history:
        moment = _moment(upgrade.time)
        if expected and moment and expected[0] - moment[1] <= _DAY and moment[0] - expected[1] <= _DAY:
            return True
    return False


def is_time(text: str) -> bool:
    """Return whether this is a time in a form that the service uses."""
    return bool(_NEVER.fullmatch(text) or _MOMENT.fullmatch(text))


def since(time: str | None, assigned: str | None) -> bool | None:
    """Return whether an upgrade ended after the license was assigned, ``None`` if that is not known."""
    ended, begun = _moment(time), _moment(assigned)
    if ended is None or begun is None:
        return None
    return True if ended[0] >= begun[1] else False if ended[1] < begun[0] else None


def _letters(status: str | None) -> str:
    """Return the letters of a status, in lower case."""
    return re.sub(r"[^a-z]", "", (status or "").lower())


def _moment(text: str | None) -> tuple[datetime, datetime] | None:
    """Return the first and the last moment that a time (UTC) or a date of the service may be, ``None`` if it is neither."""
    match = _MOMENT.fullmatch(text or "")
    if match is None or _NEVER.fullmatch(match[0]):
        return None
    day, clock, fraction = match.groups()
    try:
        first = datetime.strptime(
            f"{day} {clock or '00:00:00'}{(fraction or '.0')[:7]}", "%Y-%m-%d %H:%M:%S.%f"
        ).replace(tzinfo=timezone.utc)
    except ValueError:
        return None
    if fraction:
        return first, first
    last = first.replace(microsecond=999999)
    return first, last if clock else last.replace(hour=23, minute=59, second=59)


def is_completed(status: str | None) -> bool:
    """Return whether an upgrade with this status was completed."""
    return bool(_COMPLETED.fullmatch(_letters(status)))


def is_over(status: str | None) -> bool:
    """Return whether an upgrade with this status ended without being completed."""
    return bool(_OVER.fullmatch(_letters(status)))


def is_never(time: str) -> bool:
    """Return whether this is the ``upgradeTime`` of a device that was never upgraded."""
    return bool(_NEVER.fullmatch(time))
