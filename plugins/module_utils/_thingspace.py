# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The FOTA calls of ThingSpace: one small method for each.

Paths and bodies: ThingSpace documentation, "Remove FOTA Licenses" and its sibling pages; Verizon's Python SDK.
"""

from __future__ import annotations

import json
import typing as t
from urllib.parse import quote

from ansible_collections.verizon.fota.plugins.module_utils import _answers
from ansible_collections.verizon.fota.plugins.module_utils._faults import (
    Fault,
    Kind,
    Refused,
    checked,
    one_line,
    unanswered,
)
from ansible_collections.verizon.fota.plugins.module_utils._http import Answer, NoAnswer, Request
from ansible_collections.verizon.fota.plugins.module_utils._retries import GivenUp, Sender, TryAgain
from ansible_collections.verizon.fota.plugins.module_utils._tokens import Pair, Tokens

T = t.TypeVar("T")

# Each token may expire once on the way of one request.
_RENEWALS = 2
_LISTINGS = 3


class ThingSpace:
    """The FOTA service as one account sees it. Every method raises Refused."""

    def __init__(
        self,
        sender: Sender,
        api_url: str,
        account: str,
        tokens: Tokens,
        interrupted: t.Callable[[], str | None] = lambda: None,
    ) -> None:
        """C(interrupted) gives why the run was asked to end; it is asked before each page of a list."""
        self._sender = sender
        self._base = f"{api_url}/fota/v3"
        self._account = quote(account, safe="")
        self._tokens = tokens
        self._interrupted = interrupted

    def remove(self, imeis: t.Sequence[str]) -> tuple[dict[str, _answers.Row], _answers.Totals]:
        """Remove the licenses of these devices. It writes: a lost answer (Kind.LOST) is not tried again here."""
        return self._call("POST", f"/licenses/{self._account}/remove", _answers.removal, imeis)

    def sightings(self, imeis: t.Sequence[str]) -> dict[str, _answers.Sighting]:
        """Read how the account knows these devices, at most 1,000 of them ("devices by list")."""
        return self._call("POST", f"/devices/{self._account}", _answers.sightings, imeis, repeatable=True)

    def licensed(self) -> frozenset[str]:
        """Read the IMEIs of all licensed devices of the account, page by page.

        A list that names fewer devices than have licenses is read again: a device missing from it would pass for unlicensed.
        """
        for _try in range(_LISTINGS):
            imeis, assigned = self._listed()
            if assigned is None or len(imeis) >= assigned:
                return imeis
        words = f"the license list names {len(imeis)} devices, but {assigned} licenses are assigned"
        raise Refused(Fault(Kind.LOST, words, known=False))

    def _listed(self) -> tuple[frozenset[str], int | None]:
        """Read the license list once: its devices, and how many licenses are assigned in the end, if that is said."""
        imeis: set[str] = set()
        assigned: int | None = None
        after: str | None = "0"
        while after is not None:
            interrupted = self._interrupted()
            if interrupted:
                raise Refused(Fault(Kind.INTERRUPTED, interrupted))
            page = self._license_page(after)
            if page.next_after is not None and page.next_after <= after:
                raise Refused(Fault(Kind.LOST, "the license list does not advance from page to page"))
            imeis.update(page.imeis)
            assigned = page.totals.used
            after = page.next_after
        return frozenset(imeis), assigned

    def _license_page(self, after: str) -> _answers.LicensePage:
        # The documentation has the index in the path, Verizon's SDK in the query.
        last_seen = quote(after, safe="")
        path = f"/licenses/{self._account}"
        try:
            return self._call("GET", f"{path}/index/{last_seen}", _answers.license_page)
        except Refused as error:
            if error.fault.kind is not Kind.NOT_TO_BE_HAD:
                raise
        return self._call("GET", f"{path}?lastSeenDeviceId={last_seen}", _answers.license_page)

    def _call(
        self,
        method: str,
        path: str,
        read: t.Callable[[t.Any], T],
        imeis: t.Sequence[str] | None = None,
        repeatable: bool = False,
    ) -> T:
        repeatable = repeatable or method == "GET"
        body = None if imeis is None else json.dumps({"deviceList": list(imeis)}).encode()
        pair = self._tokens.current()
        renewals = 0
        while True:
            try:
                value = self._send(
                    Request(method, self._base + path, _headers(pair, body), body, repeatable, pair.secrets()), read
                )
            except Refused as error:
                if error.fault.kind not in (Kind.ACCESS_TOKEN, Kind.SESSION_TOKEN) or renewals == _RENEWALS:
                    raise
                pair = self._tokens.renewed(pair, error.fault)
                renewals += 1
            else:
                self._tokens.accepted(pair)
                return value

    def _send(self, request: Request, read: t.Callable[[t.Any], T]) -> T:
        def read_answer(answer: Answer) -> T:
            answer = answer.without(request.secrets)
            content = checked(answer, request)
            try:
                return read(content)
            except _answers.NotAnAnswer as error:
                shown = one_line(answer.body[:80].decode("utf-8", "replace")) or "nothing"
                lost = Refused(Fault(Kind.LOST, f"HTTP {answer.status}, but {error}: {shown}"))
                if request.repeatable:
                    raise TryAgain(lost, None) from None
                raise lost from None

        try:
            return self._sender.send(request, read_answer)
        except (NoAnswer, GivenUp) as error:
            raise unanswered(error) from None


def _headers(pair: Pair, body: bytes | None) -> dict[str, str]:
    headers = {"Authorization": f"Bearer {pair.access}", "VZ-M2M-Token": str(pair.session)}
    return headers if body is None else {**headers, "Content-Type": "application/json"}
