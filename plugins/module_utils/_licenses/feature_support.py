# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the calls that an account may use mean for removals, forecasts, ``check_upgrades`` and ``max_share``.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import typing as t

from ansible_collections.verizon.fota.plugins.module_utils._licenses.account_access import (
    ALL_DEVICES,
    CAMPAIGN_DEVICES,
    CAMPAIGNS,
    DEVICES,
    HISTORY,
    LICENSE_LIST,
    NAMES,
    SUBSCRIPTION,
    Access,
)
from ansible_collections.verizon.fota.plugins.module_utils._licenses.query import billed_by_event

FULL, PARTIAL, NONE, UNKNOWN = "full", "partial", "none", "unknown"


class Support(t.NamedTuple):
    """How far a feature works for the account (``FULL``, ``PARTIAL``, ``NONE`` or ``UNKNOWN``), and why."""

    support: str
    reason: str


def feature_support(access: Access) -> dict[str, Support]:
    """Return how far each feature works that depends on what the account may read."""
    return {
        "license_remove": _license_remove(access),
        "forecast": _forecast(access),
        "check_upgrades": _check_upgrades(access),
        "max_share": _max_share(access),
    }


def _license_remove(access: Access) -> Support:
    if access.subscription is not None and access.subscription.event_based:
        return Support(NONE, billed_by_event())
    states = _states(access)
    if states.support == NONE:
        return Support(
            PARTIAL,
            "states cannot be read: every device is sent, the response decides, and after a lost response the outcome is unknown",
        )
    return states


def _forecast(access: Access) -> Support:
    states = _states(access)
    if states.support != NONE:
        return states
    if access.available(DEVICES):
        return Support(NONE, "devices by list do not state who is licensed, and the license list is not available")
    return Support(NONE, "a forecast needs devices by list or the license list, and neither is available")


def _states(access: Access) -> Support:
    """Return how far the states of devices can be read (see ``states.Reader``)."""
    devices, listed = access.available(DEVICES), access.available(LICENSE_LIST)
    if devices is None or listed is None:
        return _not_known(access, DEVICES, LICENSE_LIST)
    if listed:
        if not devices:
            return Support(
                PARTIAL,
                "states come from the license list alone: a device that the account does not have is unlicensed",
            )
        return Support(
            FULL,
            "states come from the license list, because devices by list do not state who is licensed"
            if access.license_assigned is False
            else "states come from devices by list, and from the license list for devices that are missing there",
        )
    if not devices or access.license_assigned is False:
        return Support(NONE, "")
    if access.license_assigned is None:
        return Support(
            UNKNOWN, "whether devices by list state who is licensed is not known: set imei to another device"
        )
    return Support(
        PARTIAL, "states come from devices by list alone: a device that is missing there is unknown until it is sent"
    )


def _check_upgrades(access: Access) -> Support:
    if _forecast(access).support == NONE:
        return Support(NONE, "it acts in a forecast, and none is possible")
    needed = (CAMPAIGNS, CAMPAIGN_DEVICES) if access.has_campaigns else (CAMPAIGNS,)
    denied = [NAMES[call] for call in needed if access.available(call) is False]
    if denied:
        return Support(NONE, f"it fails, because the {denied[0]} cannot be read: leave it out")
    needed = (*needed, HISTORY, LICENSE_LIST)
    if any(access.available(call) is None for call in needed):
        return _not_known(access, *needed)
    has_times = access.available(ALL_DEVICES) and access.upgrade_time
    if not access.available(HISTORY):
        if has_times:
            return Support(
                PARTIAL, "it fails for single devices, and where the list of all devices has no upgrade time"
            )
        return Support(
            NONE, "it fails, because neither the upgrade history nor upgrade times can be read: leave it out"
        )
    if not access.available(LICENSE_LIST) or access.assignment_time is False:
        return Support(PARTIAL, "whether an upgrade was before the license was assigned is not known")
    if has_times:
        return Support(FULL, "the list of all devices names those whose upgrade history has to be read")
    return Support(FULL, "at one request for each device, because the list of all devices has no upgrade times")


def _max_share(access: Access) -> Support:
    # The subscription is read only in place of a license list that is not available, and for what a license list does not say.
    incomplete = access.totals.used is None or access.totals.total is None
    if access.available(LICENSE_LIST) is None or (incomplete and access.available(SUBSCRIPTION) is None):
        return _not_known(access, LICENSE_LIST, SUBSCRIPTION)
    if access.totals.used is not None:
        return Support(FULL, "the licenses in use can be read")
    return Support(NONE, "the licenses in use cannot be read: use max_removals")


def _not_known(access: Access, *calls: str) -> Support:
    reasons = (f"{NAMES[call]} {access.capabilities[call].reason}" for call in calls if access.available(call) is None)
    return Support(UNKNOWN, "; ".join(reasons))
