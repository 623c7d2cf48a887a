# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The service: its state behind one lock, its clock, and what each call does. No HTTP here."""

from __future__ import annotations

import json
import re
import threading
import time
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Callable, Sequence

from . import accounts, errors, report_responses
from . import dialect as words
from .accounts import Account, AccountState, Device
from .dialect import Dialect, JsonObject
from .errors import Refused
from .tokens import Credentials, Tokens

_IMEI = re.compile(r"[0-9]{15}")


@dataclass(frozen=True)
class Settings:
    """What stays the same while the service runs.

    session_idle, access_token_life: seconds.
    max_batch: most devices in one call; above it `too_large_status` (400 or 413) is answered.
    page_size: most rows in a page of a list.
    """

    dialect: Dialect = Dialect()
    credentials: Credentials = Credentials()
    session_idle: float = 1200.0
    access_token_life: float = 3600.0
    max_batch: int = 1000
    too_large_status: int = 400
    page_size: int = 1000


class Service:
    """Every public method takes the lock once, so that calls from many threads are in order.
    Refusals are raised as `Refused`."""

    def __init__(self, given: Sequence[Account], settings: Settings) -> None:
        self.settings = settings
        self._given = tuple(given)
        self._lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        """Back to the state at the start: accounts, tokens, failed logins, clock."""
        states = {account.name: AccountState(account) for account in self._given}
        settings = self.settings
        with self._lock:
            self._accounts = states
            self._tokens = Tokens(settings.credentials, settings.access_token_life, settings.session_idle)
            self._removed: list[tuple[str, str]] = []
            self._advanced = 0.0
            self._started = (time.time(), time.monotonic())

    # The simulator's own view of the truth, for tests

    def advance(self, seconds: float) -> None:
        with self._lock:
            self._advanced += seconds

    def licensed(self, account: str) -> frozenset[str]:
        with self._lock:
            return frozenset(self._accounts[account].licensed)

    def totals(self, account: str) -> tuple[int, int]:
        """Licenses bought, licenses in use."""
        with self._lock:
            return _totals(self._accounts[account])

    def account_names(self) -> list[str]:
        with self._lock:
            return list(self._accounts)

    def removed(self) -> list[tuple[str, str]]:
        with self._lock:
            return list(self._removed)

    def assign(self, account: str, imeis: Sequence[str]) -> None:
        """Give these devices a license, as a campaign with `autoAssignLicenseFlag` may do."""
        with self._lock:
            self._accounts[account].licensed.update(imeis)

    def issue_tokens(self) -> tuple[str, str]:
        """A valid access and session token; those that are valid already are kept, so that
        callers do not put each other out."""
        with self._lock:
            now = self._now()
            session = self._tokens.session
            if session is None or not self._tokens.use_session(session.value, now):
                session = self._tokens.new_session(now)
            return self._tokens.issue_access_token(now).value, session.value

    def expire_sessions(self, value: str | None = None) -> None:
        """value: only this one, where it is valid."""
        with self._lock:
            if value is None or self._tokens.session_is_valid(value, self._now()):
                self._tokens.end_session()

    def expire_access_tokens(self, value: str | None = None) -> None:
        """value: only this one, where it is valid."""
        with self._lock:
            if value is None or self._tokens.bearer_is_valid(value, self._now()):
                self._tokens.expire_access_tokens()

    def failed_log_ins(self, username: str) -> int:
        with self._lock:
            return self._tokens.failed_log_ins.get(username, 0)

    def locked(self, username: str) -> bool:
        with self._lock:
            return self._tokens.locked(username)

    # Tokens

    def access_token(self, client: tuple[str, str] | None, form: dict[str, str]) -> JsonObject:
        """client: id and secret out of the Basic header, None without one."""
        self._check_client(client)
        if not form.get("grant_type"):
            raise Refused(errors.oauth("invalid_request", "Missing grant_type parameter", 400))
        if form["grant_type"] != "client_credentials":
            raise Refused(errors.oauth("unsupported_grant_type", "Unsupported grant_type value", 400))
        with self._lock:
            now = self._now()
            token = self._tokens.issue_access_token(now)
            return words.token_answer(self.settings.dialect, token.value, token.expires_at - now)

    def revoke(self, client: tuple[str, str] | None, form: dict[str, str]) -> None:
        self._check_client(client)
        if not form.get("token"):
            raise Refused(errors.oauth("invalid_request", "Missing token parameter", 400))
        with self._lock:
            self._tokens.revoke(form["token"])

    def log_in(self, bearer: str | None, body: bytes) -> JsonObject:
        given = _parsed(body)
        username, password = (given.get("username"), given.get("password")) if isinstance(given, dict) else (0, 0)
        with self._lock:
            now = self._now()
            self._check_bearer(bearer, now)
            if not isinstance(username, str) or not isinstance(password, str):
                raise Refused(errors.connectivity("INPUT_INVALID.RequestUndefined", "Request cannot be blank."))
            session = self._tokens.log_in(username, password, now)
            if session is None:
                raise Refused(errors.log_in_refused(self.settings.dialect))
            return {"sessionToken": session.value}

    def log_out(self, bearer: str | None, session: str | None) -> JsonObject:
        with self._lock:
            self._check_tokens(bearer, session, self._now())
            self._tokens.end_session()
            return {"sessionToken": session}

    def authorize(self, bearer: str | None, session: str | None) -> None:
        """Both headers of a FOTA call; the session's idle time starts anew."""
        with self._lock:
            self._check_tokens(bearer, session, self._now())

    # FOTA

    def remove(self, account: str, body: bytes) -> JsonObject:
        """POST /licenses/{acc}/remove: each license taken off that may be, one row a device."""
        imeis = self._device_list(body)
        with self._lock:
            state = self._account(account)
            outcomes = [(imei, state.remove(imei)) for imei in imeis]
            self._removed.extend((account, imei) for imei, outcome in outcomes if outcome == accounts.REMOVED)
            total, used = _totals(state)
            now = self._moment()
        return words.removal_answer(self.settings.dialect, account, total, used, outcomes, now)

    def devices(self, account: str, body: bytes, protocol: str | None) -> JsonObject:
        """POST /devices/{acc}: it only reads. protocol: of the query, None without one."""
        imeis = self._device_list(body)
        shown = self._shown(protocol)
        with self._lock:
            state = self._account(account)
            devices = [(imei, state.devices.get(imei)) for imei in imeis]
            found = [
                (imei, device if device is None or shown(device) else None, imei in state.licensed)
                for imei, device in devices
            ]
        return words.devices_answer(self.settings.dialect, account, found)

    def account_devices(self, account: str, last_seen: str, protocol: str | None) -> JsonObject:
        """GET /devices/{acc}: one page of all devices. protocol: of the query, None without one."""
        dialect, size = self.settings.dialect, self.settings.page_size
        shown = self._shown(protocol)
        with self._lock:
            state = self._account(account)
            page, more = self._device_page(state, last_seen, shown)
            rows = [(device, device.imei in state.licensed) for device in page]
            now = self._moment()
        seen = words.cursor(dialect, last_seen, page)
        return words.account_devices_answer(dialect, account, rows, more, seen, size, now)

    def licenses(self, account: str, last_seen: str) -> JsonObject:
        """GET /licenses/{acc}…: one page of the licensed devices."""
        size = self.settings.page_size
        with self._lock:
            state = self._account(account)
            page, more = self._device_page(state, last_seen, lambda device: device.imei in state.licensed)
            total, used = _totals(state)
        return words.licenses_answer(self.settings.dialect, account, total, used, page, more, last_seen, size)

    def history(self, account: str, imei: str) -> list[JsonObject]:
        """GET /reports/{acc}/devices/{imei}."""
        with self._lock:
            device = self._account(account).devices.get(imei)
            now = self._moment()
        if device is None:
            # No page tells this refusal; the words are those of the other calls.
            raise Refused(errors.invalid_parameter(self.settings.dialect.unknown_device_reason))
        return report_responses.history_answer(self.settings.dialect, account, device, now)

    def campaigns(self, account: str, status: str, last_seen: str) -> JsonObject:
        """GET /reports/{acc}/firmware/campaigns. status: "" for any; last_seen: "" or "0" to start."""
        dialect = self.settings.dialect
        if (
            status
            and dialect.unknown_campaign_word == "refused"
            and not report_responses.is_campaign_status(dialect, status)
        ):
            # No page tells this refusal; the words are published for other input.
            raise Refused(errors.invalid_parameter("Input binding error"))
        with self._lock:
            state = self._account(account)
            campaigns = [c for c in state.campaigns() if status in ("", report_responses.campaign_status(dialect, c))]
            now = self._moment()
        page, more = self._page(campaigns, [c.id for c in campaigns], last_seen or "0", "0")
        sample = next(iter(state.devices.values()), Device("000000000000000"))
        return report_responses.campaigns_answer(dialect, account, page, more, sample, now)

    def campaign_devices(self, account: str, campaign_id: str, last_seen: str) -> JsonObject:
        """GET /reports/{acc}/campaigns/{id}/devices. last_seen: "0" to start."""
        with self._lock:
            state = self._account(account)
            campaign = next((c for c in state.campaigns() if c.id == campaign_id), None)
            now = self._moment()
        if campaign is None:
            raise Refused(errors.invalid_parameter("Invalid campaign id"))
        page, more = self._page(campaign.imeis, campaign.imeis, last_seen, "0")
        return report_responses.campaign_devices_answer(
            self.settings.dialect, campaign, page, more, self.settings.page_size, now
        )

    def subscription(self, account: str) -> JsonObject:
        """GET /subscriptions/{acc}."""
        with self._lock:
            state = self._account(account)
            used = len(state.licensed)
            now = self._moment()
        return report_responses.subscription_answer(self.settings.dialect, state.account, used, now)

    # What the methods above share; the caller holds the lock where state is read

    def _now(self) -> float:
        """Seconds on the simulator's clock, which only `advance` makes jump."""
        return time.monotonic() - self._started[1] + self._advanced

    def _moment(self) -> datetime:
        return datetime.fromtimestamp(self._started[0] + self._now(), timezone.utc)

    def _shown(self, protocol: str | None) -> Callable[[Device], bool]:
        """Which devices a call shows, by the protocol in its query. `all` is of an older page."""
        if protocol is None and self.settings.dialect.without_protocol == "LWM2M":
            protocol = "LWM2M"
        if protocol in (None, "all"):
            return lambda _device: True
        if protocol not in accounts.PROTOCOLS:
            raise Refused(errors.invalid_parameter("Input binding error"))
        known = accounts.PROTOCOLS[protocol]
        return lambda device: device.protocol == known

    def _device_page(
        self, state: AccountState, last_seen: str, wanted: Callable[[Device], bool]
    ) -> tuple[list[Device], bool]:
        """The devices after that one, and whether more follow."""
        by_number = self.settings.dialect.list_cursor == "number"
        found = state.devices_after(last_seen, self.settings.page_size, wanted, by_number)
        if found is None:
            raise Refused(errors.invalid_parameter("LastSeenDeviceId Not Valid"))
        return found

    def _page(self, rows: Sequence[Any], ids: Sequence[str], last_seen: str, start: str) -> tuple[Sequence[Any], bool]:
        """The rows after the one with that id, and whether more follow."""
        if last_seen == start:
            first = 0
        elif last_seen in ids:
            first = ids.index(last_seen) + 1
        else:
            raise Refused(errors.invalid_parameter("LastSeenDeviceId Not Valid"))
        end = first + self.settings.page_size
        return rows[first:end], end < len(rows)

    def _account(self, name: str) -> AccountState:
        state = self._accounts.get(name)
        if state is None:
            raise Refused(errors.invalid_parameter("Invalid account name format"))
        if not state.account.active:
            raise Refused(errors.invalid_parameter("Inactive account"))
        return state

    def _check_client(self, client: tuple[str, str] | None) -> None:
        credentials = self.settings.credentials
        if client is None:
            raise Refused(errors.client_missing(self.settings.dialect))
        if client != (credentials.client_id, credentials.client_secret):
            raise Refused(errors.oauth("invalid_client", "Client Authentication failed.", 401))

    def _check_bearer(self, bearer: str | None, now: float) -> None:
        if not bearer:
            raise Refused(errors.bearer_missing(self.settings.dialect))
        if not self._tokens.bearer_is_valid(bearer, now):
            raise Refused(errors.bearer_refused(self.settings.dialect))

    def _check_tokens(self, bearer: str | None, session: str | None, now: float) -> None:
        # The gateway stands before the service: a bad bearer is told first.
        self._check_bearer(bearer, now)
        if not session:
            raise Refused(errors.session_missing())
        if not self._tokens.use_session(session, now):
            raise Refused(errors.session_refused(self.settings.dialect))

    def _device_list(self, body: bytes) -> list[str]:
        """The IMEIs of a request; one bad entry refuses the whole call."""
        given = _parsed(body)
        imeis = given.get("deviceList") if isinstance(given, dict) else None
        if not isinstance(imeis, list):
            raise Refused(errors.invalid_parameter("Input binding error"))
        if not imeis:
            raise Refused(errors.invalid_parameter("Device list is empty"))
        if len(imeis) > self.settings.max_batch:
            raise Refused(
                errors.invalid_parameter(
                    f"Device list exceeds the maximum size of {self.settings.max_batch}",
                    self.settings.too_large_status,
                )
            )
        if not all(isinstance(imei, str) and _IMEI.fullmatch(imei) for imei in imeis):
            raise Refused(errors.invalid_parameter("Invalid device id format"))
        return imeis


def _totals(state: AccountState) -> tuple[int, int]:
    return state.account.license_total, len(state.licensed)


def _parsed(body: bytes) -> Any:
    """JSON, or None for what is none (UTF-8 is the only encoding that JSON allows)."""
    try:
        return json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError):
        return None
