# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The FOTA calls of ThingSpace: one small method for each endpoint.

Paths and bodies: ThingSpace documentation, "Remove FOTA Licenses" and its sibling pages; Verizon's Python SDK.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import typing as t
from dataclasses import replace
from urllib.parse import quote

from ansible_collections.verizon.fota.plugins.module_utils._http.retries import RetryingClient
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.authenticated_client import AuthenticatedClient
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.errors import (
    ErrorInfo,
    ErrorKind,
    IncompleteList,
    ThingSpaceError,
)
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.license_list import START, read_license_list
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.device_list import (
    DeviceStatus,
    parse_devices,
)
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.license_change import (
    Row,
    parse_assignment,
    parse_removal,
)
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.license_page import (
    LicensePage,
    parse_license_page,
)
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.license_totals import LicenseTotals
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.subscription import (
    Subscription,
    parse_subscription,
)
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.upgrades import (
    Campaign,
    CampaignDevice,
    Upgrade,
    parse_campaign_devices,
    parse_campaigns,
    parse_history,
    parse_upgrade_times,
)
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.tokens import Tokens

T = t.TypeVar("T")

# Calls that sources write in two forms, with the account and what differs from page to page.
_PATHS = {
    # The documentation has the cursor in the path, Verizon's SDK in the query.
    "licenses": {"index": "/licenses/{}/index/{}", "query": "/licenses/{}?lastSeenDeviceId={}"},
    # The SDK, and the page "Get Campaigns by Status" of version 3
    "campaigns": {
        "firmware": "/reports/{}/firmware/campaigns?campaignStatus={}&lastSeenCampaignId={}",
        "plain": "/reports/{}/campaigns?campaignStatus={}&lastSeenCampaignId={}",
    },
}
# The statuses of campaigns that may still upgrade a device: those that both the SDK (CampaignStatusEnum) and the page
# "Campaign Lifecycle Flow" of version 3 have, and those that only one of them has, so that the service may not know them.
_SCHEDULED = "CampaignScheduled"
_OPEN_CAMPAIGN_STATUSES = ("CampaignRequestPending", _SCHEDULED)
_DISPUTED_CAMPAIGN_STATUSES = ("CampaignRequestQueued", "CampaignQueued", "CampaignPreScheduled")
# How a service may reject a status that it does not know
_UNKNOWN_STATUS = (ErrorKind.INVALID_DEVICE_LIST, ErrorKind.REJECTED, ErrorKind.UNAVAILABLE)


class ThingSpace:
    """The FOTA service for one account. Every method raises ``ThingSpaceError``."""

    def __init__(
        self,
        http: RetryingClient,
        api_url: str,
        account: str,
        tokens: Tokens,
        interrupted: t.Callable[[], str | None] = lambda: None,
    ) -> None:
        """``interrupted`` returns why the run was interrupted; it is called before each page of a list."""
        self._call = AuthenticatedClient(http, f"{api_url}/fota/v3", tokens).call
        self._account = quote(account, safe="")
        self._interrupted = interrupted
        # The form that has worked comes first. Threads may learn that at the same time; they learn the same.
        self._forms = {call: tuple(paths) for call, paths in _PATHS.items()}

    def remove(self, imeis: t.Sequence[str]) -> tuple[dict[str, Row], LicenseTotals]:
        """Remove the licenses of these devices. It writes: a lost response (``NO_VALID_RESPONSE``) is not repeated here."""
        return self._call("POST", f"/licenses/{self._account}/remove", parse_removal, imeis)

    def assign(self, imeis: t.Sequence[str]) -> tuple[dict[str, Row], LicenseTotals]:
        """Assign licenses to these devices. It writes, as ``remove`` does."""
        return self._call("POST", f"/licenses/{self._account}/assign", parse_assignment, imeis)

    def list_devices(self, imeis: t.Sequence[str]) -> dict[str, DeviceStatus]:
        """Read the status of these devices, at most 1,000 of them ("devices by list")."""
        return self._call("POST", f"/devices/{self._account}", parse_devices, imeis, idempotent=True)

    def licensed(self, during_change: bool = False) -> frozenset[str]:
        """Read the IMEIs of all licensed devices of the account, page by page.

        ``during_change``: the run changes licenses meanwhile (see ``read_license_list``).
        """
        collection: t.Callable[[], set[str]] = set
        try:
            imeis, _totals = read_license_list(
                self._license_page, collection, self._raise_if_interrupted, during_change
            )
        except IncompleteList as error:
            # A part of the list is of no use here, and would be kept as long as the error.
            raise ThingSpaceError(error.info) from None
        return frozenset(imeis)

    def assigned(self) -> tuple[dict[str, str | None], LicenseTotals]:
        """Read all licensed devices of the account, each with the time of its assignment, and the totals.

        Like ``licensed``; what was read before an error comes with it (``IncompleteList``).
        """
        return read_license_list(self._license_page, dict, self._raise_if_interrupted)

    def totals(self) -> LicenseTotals:
        """Read how many licenses the account has and uses: from its license list, or from its subscription if missing there."""
        try:
            totals = self.first_license_page().totals
        except ThingSpaceError as error:
            if error.info.kind is not ErrorKind.UNAVAILABLE:
                raise
            return self.subscription().totals
        if totals.total is not None and totals.used is not None:
            return totals
        try:
            return totals.over(self.subscription().totals)
        except ThingSpaceError as error:
            if error.info.kind is not ErrorKind.UNAVAILABLE:
                raise
            return totals

    def subscription(self) -> Subscription:
        """Read what the account pays for."""
        return self._call("GET", f"/subscriptions/{self._account}", parse_subscription)

    def history(self, imei: str) -> list[Upgrade]:
        """Read the finished upgrades of a device."""
        return self._call("GET", f"/reports/{self._account}/devices/{quote(imei, safe='')}", parse_history)

    def open_campaigns(self) -> list[Campaign]:
        """Read the campaigns that have not ended yet."""
        found: dict[str, Campaign] = {}
        for status in (*_OPEN_CAMPAIGN_STATUSES, *_DISPUTED_CAMPAIGN_STATUSES):
            try:
                found.update((campaign.id, campaign) for page in self._campaigns(status) for campaign in page)
            except ThingSpaceError as error:
                if status in _OPEN_CAMPAIGN_STATUSES or error.info.kind not in _UNKNOWN_STATUS:
                    raise
        return list(found.values())

    def campaign_devices(self, campaign: str) -> list[CampaignDevice]:
        """Read the devices of a campaign, each with the status of its upgrade."""
        return [device for page in self.campaign_device_pages(campaign) for device in page]

    def campaign_device_pages(self, campaign: str) -> t.Iterator[list[CampaignDevice]]:
        """Read the devices of a campaign page by page."""
        path = f"/reports/{self._account}/campaigns/{quote(campaign, safe='')}/devices?lastSeenDeviceId="
        return self._pages(path, parse_campaign_devices)

    def upgrade_times(self) -> t.Iterator[dict[str, str | None]]:
        """Read all devices of the account page by page, each with the time of its last upgrade, ``None`` if missing.

        Devices of another protocol than the service's default may be missing.
        """
        return self._pages(f"/devices/{self._account}?lastSeenDeviceId=", parse_upgrade_times)

    def first_license_page(self) -> LicensePage:
        """Read the first page of the license list."""
        return self._license_page(START)

    def scheduled_campaign_pages(self) -> t.Iterator[list[Campaign]]:
        """Read the scheduled campaigns page by page."""
        return self._campaigns(_SCHEDULED)

    def path_form(self, call: str) -> str:
        """Return the form of the path of a call of ``_PATHS`` that has worked, or else the one that is tried first."""
        return self._forms[call][0]

    def _campaigns(self, status: str) -> t.Iterator[list[Campaign]]:
        return self._each_page(lambda after: self._call_either_path("campaigns", parse_campaigns, status, after))

    def _pages(self, path: str, read: t.Callable[[t.Any], tuple[T, str | None]]) -> t.Iterator[T]:
        """Read a list page by page; the cursor is appended to ``path``."""
        return self._each_page(lambda after: self._call("GET", f"{path}{quote(after, safe='')}", read))

    def _each_page(self, page_after: t.Callable[[str], tuple[T, str | None]]) -> t.Iterator[T]:
        after: str | None = START
        seen: set[str] = set()
        while after is not None:
            self._raise_if_interrupted()
            if after in seen:
                raise ThingSpaceError(
                    ErrorInfo(ErrorKind.NO_VALID_RESPONSE, "a list does not advance from page to page")
                )
            seen.add(after)
            page, after = page_after(after)
            yield page

    def _raise_if_interrupted(self) -> None:
        reason = self._interrupted()
        if reason:
            raise ThingSpaceError(ErrorInfo(ErrorKind.INTERRUPTED, reason))

    def _license_page(self, after: str) -> LicensePage:
        return self._call_either_path("licenses", parse_license_page, after)

    def _call_either_path(self, call: str, read: t.Callable[[t.Any], T], *values: str) -> T:
        """Read a call of ``_PATHS`` by the path that the service has."""
        quoted = [quote(value, safe="") for value in values]
        form, other = self._forms[call]
        try:
            return self._call("GET", _PATHS[call][form].format(self._account, *quoted), read)
        except ThingSpaceError as error:
            if error.info.kind is not ErrorKind.UNAVAILABLE:
                raise
            first = error
        try:
            found = self._call("GET", _PATHS[call][other].format(self._account, *quoted), read)
        except ThingSpaceError as error:
            # One of the two may only say that there is no such path.
            message = f"{first.info.message} (in its other form: {error.info.message})"
            status = first.info.status if first.info.status == 403 else error.info.status
            raise ThingSpaceError(replace(error.info, message=message, status=status)) from None
        self._forms[call] = (other, form)
        return found
