# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What protects an account from a wrong list: limits that hold before the first request.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import math
import typing as t
from dataclasses import dataclass

from ansible_collections.verizon.fota.plugins.module_utils._support.text import pluralize
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.errors import ErrorKind, ThingSpaceError
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.license_totals import LicenseTotals

_NOTHING = "nothing was removed"
_NOT_CHECKED = "not sent: max_share cannot be checked"


class LimitExceeded(t.NamedTuple):
    """Why a run may not change what it would, and the same in short, as the reason of each device."""

    message: str
    reason: str


class Guards(t.Protocol):
    """A limit for the number of licenses that a run changes."""

    def exceeded(
        self, changes: int, totals: t.Callable[[], LicenseTotals], unread: t.Callable[[], int] = lambda: 0
    ) -> LimitExceeded | None:
        """Return why so many licenses must not be changed, ``None`` if they may.

        ``totals`` reads the licenses of the account. ``unread`` counts those of which it is not known that they have to be changed.
        """


def _doubt(unread: int) -> str:
    """Return what a message adds if some of the devices may need no change, or cannot be changed."""
    return f", though for {unread:,} of the devices that is not certain" if unread else ""


@dataclass(frozen=True)
class RemovalGuards:
    """How many licenses may be removed, and which share (0 to 1) of those in use; ``None`` means any."""

    max_removals: int | None = None
    max_share: float | None = None

    def exceeded(
        self, changes: int, totals: t.Callable[[], LicenseTotals], unread: t.Callable[[], int] = lambda: 0
    ) -> LimitExceeded | None:
        """Return why so many licenses must not be removed, ``None`` if they may."""
        licenses = pluralize(changes, "license")
        if self.max_removals is not None and changes > self.max_removals:
            return LimitExceeded(
                f"{licenses} would be removed, more than max_removals allows ({self.max_removals:,}){_doubt(unread())}; {_NOTHING}",
                "not sent: more than max_removals allows",
            )
        if self.max_share is None or not changes:
            return None
        try:
            used = totals().used
        except ThingSpaceError as error:
            return LimitExceeded(
                f"max_share cannot be checked, because the licenses in use cannot be read: {error}; {_NOTHING}",
                _NOT_CHECKED,
            )
        if used is None:
            return LimitExceeded(
                f"max_share cannot be checked, because the service does not report how many licenses are in use; {_NOTHING}",
                _NOT_CHECKED,
            )
        # A product such as 0.07 * 100 may be slightly above or below the exact number.
        allowed = math.floor(used * self.max_share + 1e-6)
        if changes <= allowed:
            return None
        part = f"{changes / used:.1%}" if used else "more"
        return LimitExceeded(
            f"{licenses} would be removed, {part} of the {used:,} in use,"
            f" more than max_share allows ({self.max_share:g} of {used:,} = {allowed:,}){_doubt(unread())}; {_NOTHING}",
            "not sent: more than max_share allows",
        )


@dataclass(frozen=True)
class AssignmentGuards:
    """How many licenses may be assigned, ``None`` means any; and never more than the account has free."""

    max_assignments: int | None = None

    def exceeded(
        self, changes: int, totals: t.Callable[[], LicenseTotals], unread: t.Callable[[], int] = lambda: 0
    ) -> LimitExceeded | None:
        """Return why so many licenses must not be assigned, ``None`` if they may.

        An account that may not read its totals is left to the service, which cannot assign more than the account has. So are
        devices whose state is not known: they may hold a license already.
        """
        licenses = pluralize(changes, "license")
        if self.max_assignments is not None and changes > self.max_assignments:
            return LimitExceeded(
                f"{licenses} would be assigned, more than max_assignments allows ({self.max_assignments:,})"
                f"{_doubt(unread())}; nothing was assigned",
                "not sent: more than max_assignments allows",
            )
        if not changes:
            return None
        try:
            found = totals()
        except ThingSpaceError as error:
            if error.info.kind is ErrorKind.UNAVAILABLE:
                return None
            return LimitExceeded(
                f"the free licenses of the account cannot be read: {error}; nothing was assigned",
                "not sent: the free licenses of the account cannot be read",
            )
        if found.total is None or found.used is None:
            return None
        free, certain = max(0, found.total - found.used), changes - unread()
        if certain <= free:
            return None
        return LimitExceeded(
            f"{pluralize(certain, 'license')} would be assigned, but the account has only {free:,} free"
            f" ({found.used:,} of {found.total:,} are in use); nothing was assigned",
            "not sent: the account has too few free licenses",
        )
