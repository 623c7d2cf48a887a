# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The response of GET ``/subscriptions/{acc}``: what an account pays for.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.fields import (
    UnexpectedResponse,
    count,
    normalized,
    text,
)
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.license_totals import LicenseTotals

_EVENT_BASED = "ts hfota evnt"


@dataclass(frozen=True)
class Subscription:
    """What the account pays for; ``None`` if the response does not say it."""

    purchase_type: str | None
    totals: LicenseTotals
    updated_time: str | None

    @property
    def event_based(self) -> bool | None:
        """Return whether every purchase is billed by event, so that there are no licenses; ``None`` if that is not known."""
        types = {name for name in (normalized(part) for part in (self.purchase_type or "").split(",")) if name}
        return types == {_EVENT_BASED} if types else None


def parse_subscription(content: t.Any) -> Subscription:
    """Return the subscription. Raises ``UnexpectedResponse``."""
    if not isinstance(content, dict) or not {"purchaseType", "licenseCount", "licenseUsedCount"} & set(content):
        raise UnexpectedResponse("the response contains no subscription")
    totals = LicenseTotals(count(content, "licenseCount"), count(content, "licenseUsedCount"))
    return Subscription(text(content, "purchaseType"), totals, text(content, "updateTime"))
