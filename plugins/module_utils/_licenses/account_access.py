# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an account may read, and in which of the published forms the service responds: each call is made once.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.verizon.fota.plugins.module_utils._thingspace.errors import (
    ErrorInfo,
    ErrorKind,
    ThingSpaceError,
)
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.device_list import DeviceStatus
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.fields import is_imei
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.license_page import LicensePage
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.license_totals import LicenseTotals
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.subscription import Subscription
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.upgrades import (
    Campaign,
    CampaignDevice,
    Upgrade,
)

T = t.TypeVar("T")

# The calls that only read, in the order in which they are made.
LICENSE_LIST, SUBSCRIPTION, ALL_DEVICES, DEVICES, HISTORY, CAMPAIGNS, CAMPAIGN_DEVICES = CALLS = (
    "license_list",
    "subscription",
    "all_devices",
    "devices",
    "upgrade_history",
    "campaigns",
    "campaign_devices",
)
NAMES = {
    LICENSE_LIST: "license list",
    SUBSCRIPTION: "subscription",
    ALL_DEVICES: "list of all devices",
    DEVICES: "devices by list",
    HISTORY: "upgrade history",
    CAMPAIGNS: "campaigns",
    CAMPAIGN_DEVICES: "devices of a campaign",
}

_NO_DEVICE = "no device of the account is known; set imei to one"
_NO_CAMPAIGN = "no campaign is scheduled"
# After these, every further call would fail as well.
_FINAL = (ErrorKind.UNAUTHENTICATED, ErrorKind.ACCESS_TOKEN, ErrorKind.SESSION_TOKEN, ErrorKind.INTERRUPTED)
# Errors that say nothing about what the account may read. INVALID_DEVICE_LIST may be about the device alone.
_INCONCLUSIVE = (
    *_FINAL,
    ErrorKind.NO_VALID_RESPONSE,
    ErrorKind.INVALID_DEVICE_LIST,
    ErrorKind.UNREACHABLE,
    ErrorKind.THROTTLED,
)


class Service(t.Protocol):
    """The calls of ThingSpace that only read. Each raises ``ThingSpaceError``."""

    def first_license_page(self) -> LicensePage:
        """Read the first page of the license list."""

    def subscription(self) -> Subscription:
        """Read what the account pays for."""

    def upgrade_times(self) -> t.Iterator[t.Mapping[str, str | None]]:
        """Read all devices page by page, each with the time of its last upgrade, ``None`` if missing."""

    def list_devices(self, imeis: t.Sequence[str]) -> dict[str, DeviceStatus]:
        """Read the status of these devices."""

    def history(self, imei: str) -> list[Upgrade]:
        """Read the finished upgrades of a device."""

    def scheduled_campaign_pages(self) -> t.Iterator[list[Campaign]]:
        """Read the scheduled campaigns page by page."""

    def campaign_device_pages(self, campaign: str) -> t.Iterator[list[CampaignDevice]]:
        """Read the devices of a campaign page by page."""

    def path_form(self, call: str) -> str:
        """Return the form of the path that has worked."""


class Capability(t.NamedTuple):
    """Whether the account may use a call, ``None`` if that is not known, and why not."""

    available: bool | None
    reason: str | None = None


@dataclass
class Access:
    """What the account may read, by call, and what was read. ``None``: the response does not say it, or there was none."""

    capabilities: dict[str, Capability] = field(
        default_factory=lambda: dict.fromkeys(CALLS, Capability(None, "not tried"))
    )
    totals: LicenseTotals = field(default_factory=LicenseTotals)
    subscription: Subscription | None = None
    license_list_path: str | None = None
    license_total_key: str | None = None
    assignment_time: bool | None = None
    license_assigned: bool | None = None
    upgrade_time: bool | None = None
    campaigns_path: str | None = None
    has_campaigns: bool | None = None

    @property
    def readable(self) -> bool:
        """Return whether anything can be read."""
        return any(capability.available for capability in self.capabilities.values())

    @property
    def authenticated(self) -> bool:
        """Return whether the service has accepted the tokens: only after that, it reports what an account may not read."""
        return any(capability.available is not None for capability in self.capabilities.values())

    def available(self, call: str) -> bool | None:
        """Return whether the account may use this call, ``None`` if that is not known."""
        return self.capabilities[call].available


def read_access(service: Service, imei: str | None = None) -> Access:
    """Make each call that only reads once, and return what came of it.

    ``imei`` is the device to look up; without it, the first one that a list names.
    """
    access = Access()
    reader = _Reader(access.capabilities)

    page = reader.read(LICENSE_LIST, service.first_license_page)
    if page is not None:
        access.license_list_path = service.path_form("licenses")
        access.license_total_key = page.total_key
        access.totals = page.totals
        access.assignment_time = _any_given(page.assigned)
        imei = imei or next(filter(is_imei, page.assigned), None)
    access.subscription = reader.read(SUBSCRIPTION, service.subscription)
    if access.subscription is not None:
        access.totals = access.totals.over(access.subscription.totals)
    times = reader.read(ALL_DEVICES, lambda: next(service.upgrade_times()))
    if times is not None:
        access.upgrade_time = _any_given(times)
        imei = imei or next(filter(is_imei, times), None)
    if imei is None:
        reader.not_tried((DEVICES, HISTORY), _NO_DEVICE)
    else:
        device = imei
        statuses = reader.read(DEVICES, lambda: service.list_devices([device]))
        if statuses and device in statuses and statuses[device].in_account:
            access.license_assigned = statuses[device].licensed is not None
        reader.read(HISTORY, lambda: service.history(device))
    campaigns = reader.read(CAMPAIGNS, lambda: next(service.scheduled_campaign_pages()))
    if campaigns is not None:
        access.campaigns_path = service.path_form("campaigns")
        access.has_campaigns = bool(campaigns)
    if campaigns:
        campaign = campaigns[0].id
        reader.read(CAMPAIGN_DEVICES, lambda: next(service.campaign_device_pages(campaign)))
    else:
        reader.not_tried((CAMPAIGN_DEVICES,), _NO_CAMPAIGN if campaigns == [] else "campaigns could not be read")
    return access


def _any_given(values: t.Mapping[str, str | None]) -> bool | None:
    """Return whether the service states this for a device, ``None`` without devices."""
    return any(value is not None for value in values.values()) if values else None


class _Reader:
    """Makes calls and notes what came of each, until one fails as all others would."""

    def __init__(self, capabilities: dict[str, Capability]) -> None:
        self._capabilities = capabilities
        self._final: str | None = None

    def read(self, call: str, request: t.Callable[[], T]) -> T | None:
        """Return what the call returned, ``None`` if it failed."""
        if self._final is not None:
            self.not_tried((call,), self._final)
            return None
        try:
            result = request()
        except ThingSpaceError as error:
            self._capabilities[call] = _failed(error.info)
            if _concerns_all_calls(error.info):
                self._final = f"{NAMES[call]} failed for a reason that concerns every call"
            return None
        self._capabilities[call] = Capability(True)
        return result

    def not_tried(self, calls: t.Iterable[str], reason: str) -> None:
        """Note that these calls were not made."""
        for call in calls:
            self._capabilities[call] = Capability(None, f"not tried: {self._final or reason}")


def _concerns_all_calls(info: ErrorInfo) -> bool:
    about_account = info.kind is ErrorKind.REJECTED and info.recognized
    # One call without a valid response does not mean that the others have none.
    silent = info.service_down and (info.status is None or info.kind is ErrorKind.THROTTLED)
    return silent or about_account or info.kind in _FINAL


def _failed(info: ErrorInfo) -> Capability:
    if info.kind is ErrorKind.UNAVAILABLE:
        category = "not permitted" if info.status == 403 else "no such resource"
        return Capability(False, f"{category}: {info.message}")
    return Capability(None if info.kind in _INCONCLUSIVE else False, f"failed: {info.message}")
