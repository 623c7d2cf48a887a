# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The response of GET ``/licenses/{acc}``: a page of the licensed devices of an account.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.fields import (
    count,
    counts_none,
    devices,
    is_last_page,
    next_device_cursor,
    text,
)
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.license_totals import LicenseTotals

_TOTAL = ("totalLicense", "totalLicenses")


@dataclass(frozen=True)
class LicensePage:
    """A page of licensed devices, each with the time of its assignment as the service wrote it, if it did.

    ``next_after`` is the cursor of the next page, ``None`` on the last one. ``total_key`` is the name of the field with the
    total, which differs from source to source.
    """

    assigned: t.Mapping[str, str | None]
    next_after: str | None
    totals: LicenseTotals
    total_key: str | None = None


def parse_license_page(content: t.Any) -> LicensePage:
    """Return a page. Raises ``UnexpectedResponse``.

    For an account without assigned licenses, the list may be null or missing (it is optional in Verizon's SDKs).
    """
    optional = is_last_page(content) and counts_none(content, "assignedLicenses")
    assigned = {imei: text(entry, "assignmentTime") for imei, entry in devices(content, optional)}
    totals = LicenseTotals(count(content, *_TOTAL), count(content, "assignedLicenses"))
    total_key = next((name for name in _TOTAL if count(content, name) is not None), None)
    return LicensePage(assigned, next_device_cursor(content), totals, total_key)
