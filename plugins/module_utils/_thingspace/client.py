# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The FOTA calls of ThingSpace: one small method for each.

Paths and bodies: ThingSpace documentation, "Remove FOTA Licenses" and its sibling pages; Verizon's Python SDK.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import json
import typing as t
from dataclasses import replace
from urllib.parse import quote

from ansible_collections.verizon.fota.plugins.module_utils._http.messages import Request, Response
from ansible_collections.verizon.fota.plugins.module_utils._http.retries import (
    RetriesExhausted,
    RetryableResponse,
    RetryingClient,
)
from ansible_collections.verizon.fota.plugins.module_utils._http.transport_errors import TransportError
from ansible_collections.verizon.fota.plugins.module_utils._thingspace import responses
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.errors import (
    ErrorInfo,
    ErrorKind,
    IncompleteList,
    ThingSpaceError,
    content_or_raise,
    error_from_transport,
    one_line,
)
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.tokens import TokenPair, Tokens

T = t.TypeVar("T")
Devices = t.TypeVar("Devices", t.Set[str], t.Dict[str, t.Optional[str]])

# Each token may expire once on the way of one request.
_RENEWALS = 2
_MAX_LIST_READS = 3
# Refusals that come from behind the door.
_TOOK_THE_TOKENS = (ErrorKind.INVALID_DEVICE_LIST, ErrorKind.REJECTED, ErrorKind.INVALID_CURSOR, ErrorKind.UNAVAILABLE)
# Calls that sources write in two ways, with the account and what differs from page to page.
_FORMS = {
    # The documentation has the cursor in the path, Verizon's SDK in the query.
    "licenses": ("/licenses/{}/index/{}", "/licenses/{}?lastSeenDeviceId={}"),
    # The SDK, and the page "Get Campaigns by Status" of version 3
    "campaigns": (
        "/reports/{}/firmware/campaigns?campaignStatus={}&lastSeenCampaignId={}",
        "/reports/{}/campaigns?campaignStatus={}&lastSeenCampaignId={}",
    ),
}
_START = "0"
# The statuses of campaigns that may still upgrade a device: those that both the SDK (CampaignStatusEnum) and the page
# "Campaign Lifecycle Flow" of version 3 have, and those that only one of them has, so that the service may not know them.
_OPEN_CAMPAIGN_STATUSES = ("CampaignRequestPending", "CampaignScheduled")
_OPEN_PERHAPS = ("CampaignRequestQueued", "CampaignQueued", "CampaignPreScheduled")
# What a service may say of a status that it does not know
_NO_SUCH_STATUS = (ErrorKind.INVALID_DEVICE_LIST, ErrorKind.REJECTED, ErrorKind.UNAVAILABLE)


class ThingSpace:
    """The FOTA service as one account sees it. Every method raises ThingSpaceError."""

    def __init__(
        self,
        sender: RetryingClient,
        api_url: str,
        account: str,
        tokens: Tokens,
        interrupted: t.Callable[[], str | None] = lambda: None,
    ) -> None:
        """``interrupted`` returns why the run was asked to end; it is asked before each page of a list."""
        self._sender = sender
        self._base = f"{api_url}/fota/v3"
        self._account = quote(account, safe="")
        self._tokens = tokens
        self._interrupted = interrupted
        self._forms = dict(_FORMS)

    def remove(self, imeis: t.Sequence[str]) -> tuple[dict[str, responses.Row], responses.Totals]:
        """Remove the licenses of these devices. It writes: a lost answer (ErrorKind.NO_VALID_RESPONSE) is not tried again here."""
        return self._call("POST", f"/licenses/{self._account}/remove", responses.removal, imeis)

    def assign(self, imeis: t.Sequence[str]) -> tuple[dict[str, responses.Row], responses.Totals]:
        """Assign licenses to these devices. It writes, as ``remove`` does."""
        return self._call("POST", f"/licenses/{self._account}/assign", responses.assignment, imeis)

    def list_devices(self, imeis: t.Sequence[str]) -> dict[str, responses.DeviceStatus]:
        """Read how the account knows these devices, at most 1,000 of them ("devices by list")."""
        return self._call("POST", f"/devices/{self._account}", responses.list_devices, imeis, idempotent=True)

    def licensed(self, after_removal: bool = False) -> frozenset[str]:
        """Read the IMEIs of all licensed devices of the account, page by page.

        A list that names fewer devices than have licenses is read again: a device missing from it would pass for unlicensed.
        ``after_removal``: the run removes licenses meanwhile, so that the list may grow shorter while it is read; and it is
        read to its end even if the run was asked to end, since something was sent whose outcome it is to tell.
        """
        collection: t.Callable[[], set[str]] = set
        try:
            imeis, _totals = self._listed(collection, after_removal)
        except IncompleteList as error:
            # Nobody needs a part of the list here, and whoever keeps the error would keep that part.
            raise ThingSpaceError(error.info) from None
        return frozenset(imeis)

    def assigned(self) -> tuple[dict[str, str | None], responses.Totals]:
        """Read all licensed devices of the account, each with the time of its assignment, and the totals.

        Like ``licensed``; what was read before a refusal comes with it (IncompleteList).
        """
        return self._listed(dict)

    def totals(self) -> responses.Totals:
        """Read how many licenses the account has and uses: from its license list, from its subscription where that lacks."""
        try:
            totals = self._license_page(_START).totals
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

    def subscription(self) -> responses.Subscription:
        """Read what the account pays for."""
        return self._call("GET", f"/subscriptions/{self._account}", responses.subscription)

    def _listed(
        self, collection: t.Callable[[], Devices], after_removal: bool = False
    ) -> tuple[Devices, responses.Totals]:
        """Read the license list until it names as many devices as have licenses. Raises IncompleteList."""
        most = collection()
        info: ErrorInfo | None = None
        for _try in range(_MAX_LIST_READS):
            found = collection()
            try:
                totals, used = self._list_into(found, after_removal)
            except ThingSpaceError as error:
                most, info = max(most, found, key=len), error.info
                if found and info.kind is ErrorKind.INVALID_CURSOR:
                    continue
                raise IncompleteList(info, most) from None
            # Ids in any other form may stand for devices that are looked for.
            named = sum(map(responses.is_imei, found))
            if named >= used:
                return found, totals
            words = f"the license list names {named} IMEIs, but {used} licenses are assigned"
            most, info = max(most, found, key=len), ErrorInfo(ErrorKind.NO_VALID_RESPONSE, words, recognized=False)
        raise IncompleteList(t.cast(ErrorInfo, info), most)

    def _list_into(self, found: set[str] | dict[str, str | None], after_removal: bool) -> tuple[responses.Totals, int]:
        """Read the license list once. Return the totals as they are in the end, and how many devices it has to name.

        These are as many as had licenses at any time while it was read. Only where the run removes licenses meanwhile are they
        as many as in the end, unless pages are asked for by the number of rows seen: a removal shifts the rows that follow.
        """
        totals = responses.Totals()
        most_used = 0
        after: str | None = _START
        seen: set[str] = set()
        while after is not None:
            if not after_removal:
                self._go_on()
            # Not compared as numbers or as text: it may be an IMEI, or how many rows were seen.
            seen.add(after)
            page = self._license_page(after)
            if page.next_after in seen:
                raise ThingSpaceError(
                    ErrorInfo(ErrorKind.NO_VALID_RESPONSE, "the license list does not advance from page to page")
                )
            found.update(page.assigned)
            totals = page.totals.over(totals)
            most_used = max(most_used, page.totals.used or 0)
            after = page.next_after
        by_imei = all(map(responses.is_imei, seen - {_START}))
        return totals, (totals.used or 0) if after_removal and by_imei else most_used

    def history(self, imei: str) -> list[responses.Upgrade]:
        """Read the finished upgrades of a device."""
        return self._call("GET", f"/reports/{self._account}/devices/{quote(imei, safe='')}", responses.history)

    def open_campaigns(self) -> list[responses.Campaign]:
        """Read the campaigns that have not ended yet."""
        found: dict[str, responses.Campaign] = {}
        for status in (*_OPEN_CAMPAIGN_STATUSES, *_OPEN_PERHAPS):
            try:
                found.update((campaign.id, campaign) for page in self._campaigns(status) for campaign in page)
            except ThingSpaceError as error:
                if status in _OPEN_CAMPAIGN_STATUSES or error.info.kind not in _NO_SUCH_STATUS:
                    raise
        return list(found.values())

    def campaign_devices(self, campaign: str) -> list[responses.CampaignDevice]:
        """Read the devices of a campaign, each with how its upgrade stands."""
        path = f"/reports/{self._account}/campaigns/{quote(campaign, safe='')}/devices?lastSeenDeviceId="
        return [device for page in self._pages(path, responses.campaign_devices) for device in page]

    def upgrade_times(self) -> t.Iterator[dict[str, str | None]]:
        """Read all devices of the account page by page, each with the time of its last upgrade, ``None`` if that is not said.

        Devices of another protocol than the service's default may be missing.
        """
        return self._pages(f"/devices/{self._account}?lastSeenDeviceId=", responses.upgrade_times)

    def _campaigns(self, status: str) -> t.Iterator[list[responses.Campaign]]:
        return self._each_page(lambda after: self._in_either_form("campaigns", responses.campaigns, status, after))

    def _pages(self, path: str, read: t.Callable[[t.Any], tuple[T, str | None]]) -> t.Iterator[T]:
        """Read a list page by page; ``path`` ends where the cursor stands."""
        return self._each_page(lambda after: self._call("GET", f"{path}{quote(after, safe='')}", read))

    def _each_page(self, page_after: t.Callable[[str], tuple[T, str | None]]) -> t.Iterator[T]:
        after: str | None = _START
        seen: set[str] = set()
        while after is not None:
            self._go_on()
            if after in seen:
                raise ThingSpaceError(
                    ErrorInfo(ErrorKind.NO_VALID_RESPONSE, "a list does not advance from page to page")
                )
            seen.add(after)
            page, after = page_after(after)
            yield page

    def _go_on(self) -> None:
        """Raise ThingSpaceError when the run was asked to end."""
        interrupted = self._interrupted()
        if interrupted:
            raise ThingSpaceError(ErrorInfo(ErrorKind.INTERRUPTED, interrupted))

    def _license_page(self, after: str) -> responses.LicensePage:
        return self._in_either_form("licenses", responses.license_page, after)

    def _in_either_form(self, call: str, read: t.Callable[[t.Any], T], *values: str) -> T:
        """Read what a call of ``_FORMS`` tells, in the form that the service has."""
        quoted = [quote(value, safe="") for value in values]
        # The form that has worked stands first. Threads may learn that at the same time; they learn the same.
        form, other = self._forms[call]
        try:
            return self._call("GET", form.format(self._account, *quoted), read)
        except ThingSpaceError as error:
            if error.info.kind is not ErrorKind.UNAVAILABLE:
                raise
            refused = error
        try:
            found = self._call("GET", other.format(self._account, *quoted), read)
        except ThingSpaceError as error:
            # One of the two may only say that there is no such form.
            words = f"{refused.info.message} (in its other form: {error.info.message})"
            raise ThingSpaceError(replace(error.info, message=words)) from None
        self._forms[call] = (other, form)
        return found

    def _call(
        self,
        method: str,
        path: str,
        read: t.Callable[[t.Any], T],
        imeis: t.Sequence[str] | None = None,
        idempotent: bool = False,
    ) -> T:
        idempotent = idempotent or method == "GET"
        body = None if imeis is None else json.dumps({"deviceList": list(imeis)}).encode()
        pair = self._tokens.current()
        renewals = 0
        while True:
            try:
                value = self._send(
                    Request(
                        method,
                        self._base + path,
                        _headers(pair, body),
                        body,
                        idempotent,
                        pair.secrets(),
                        # A removal that is lost costs a reading, and without retries it fails.
                        proven_connection=not idempotent,
                    ),
                    read,
                )
            except ThingSpaceError as error:
                if error.info.kind in _TOOK_THE_TOKENS:
                    self._tokens.accepted(pair)
                if error.info.kind not in (ErrorKind.ACCESS_TOKEN, ErrorKind.SESSION_TOKEN) or renewals == _RENEWALS:
                    raise
                pair = self._tokens.renewed(pair, error.info)
                renewals += 1
            else:
                self._tokens.accepted(pair)
                return value

    def _send(self, request: Request, read: t.Callable[[t.Any], T]) -> T:
        def read_answer(answer: Response) -> T:
            answer = answer.redacted(request.secrets)
            content = content_or_raise(answer, request)
            try:
                return read(content)
            except responses.UnexpectedResponse as error:
                shown = one_line(answer.body[:80].decode("utf-8", "replace")) or "nothing"
                lost = ThingSpaceError(
                    ErrorInfo(ErrorKind.NO_VALID_RESPONSE, f"HTTP {answer.status}, but {error}: {shown}")
                )
                if request.idempotent:
                    raise RetryableResponse(lost, None) from None
                raise lost from None

        try:
            return self._sender.send(request, read_answer)
        except (TransportError, RetriesExhausted) as error:
            raise error_from_transport(error) from None


def _headers(pair: TokenPair, body: bytes | None) -> dict[str, str]:
    headers = {"Authorization": f"Bearer {pair.access}", "VZ-M2M-Token": str(pair.session)}
    return headers if body is None else {**headers, "Content-Type": "application/json"}
