# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The state of the service behind one lock, its clock, and what each call does. No HTTP here."""

from __future__ import annotations

import threading
import time
from datetime import datetime, timezone
from typing import Sequence

from . import accounts, errors, report_responses, request_validation, responses
from .accounts import Account, AccountState, Device
from .errors import ServiceError
from .responses import JsonObject
from .settings import Settings
from .tokens import Tokens


class Service:
    """The calls of the API, and what tests may read and change. Safe for many threads; rejections raise ServiceError."""

    def __init__(self, accounts_at_start: Sequence[Account], settings: Settings) -> None:
        self.settings = settings
        self._initial_accounts = tuple(accounts_at_start)
        self._lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        """Restore the state at the start: accounts, tokens, failed logins, clock."""
        states = {account.name: AccountState(account) for account in self._initial_accounts}
        settings = self.settings
        with self._lock:
            self._accounts = states
            self._tokens = Tokens(settings.credentials, settings.access_token_life, settings.session_idle)
            self._removed: list[tuple[str, str]] = []
            self._assigned: list[tuple[str, str]] = []
            self._advanced = 0.0
            self._started = (time.time(), time.monotonic())

    # For tests: the real state, and changes of it

    def advance(self, seconds: float) -> None:
        with self._lock:
            self._advanced += seconds

    def licensed(self, account: str) -> frozenset[str]:
        with self._lock:
            return frozenset(self._accounts[account].licensed)

    def totals(self, account: str) -> tuple[int, int]:
        """Return the licenses bought and the licenses in use."""
        with self._lock:
            return _totals(self._accounts[account])

    def account_names(self) -> list[str]:
        with self._lock:
            return list(self._accounts)

    def removed(self) -> list[tuple[str, str]]:
        with self._lock:
            return list(self._removed)

    def assigned(self) -> list[tuple[str, str]]:
        with self._lock:
            return list(self._assigned)

    def assign(self, account: str, imeis: Sequence[str]) -> None:
        """Assign a license to these devices, as a campaign with ``autoAssignLicenseFlag`` may do."""
        with self._lock:
            self._accounts[account].licensed.update(imeis)

    def issue_tokens(self) -> tuple[str, str]:
        """Return a valid access token and a valid session token; valid ones are kept, so that callers do not
        invalidate each other's."""
        with self._lock:
            now = self._now()
            session = self._tokens.session
            if session is None or not self._tokens.use_session(session.value, now):
                session = self._tokens.new_session(now)
            return self._tokens.issue_access_token(now).value, session.value

    def expire_sessions(self, value: str | None = None) -> None:
        """End the valid one. value: only if it is this one."""
        with self._lock:
            if value is None or self._tokens.session_is_valid(value, self._now()):
                self._tokens.end_session()

    def expire_access_tokens(self, value: str | None = None) -> None:
        """End the valid one. value: only if it is this one."""
        with self._lock:
            if value is None or self._tokens.bearer_is_valid(value, self._now()):
                self._tokens.expire_access_tokens()

    def failed_logins(self, username: str) -> int:
        with self._lock:
            return self._tokens.failed_logins.get(username, 0)

    def locked(self, username: str) -> bool:
        with self._lock:
            return self._tokens.locked(username)

    # Tokens

    def access_token(self, client: tuple[str, str] | None, form: dict[str, str]) -> JsonObject:
        """Return an access token. client: id and secret from the Basic header, None without one."""
        self._check_client(client)
        if not form.get("grant_type"):
            raise ServiceError(errors.oauth("invalid_request", "Missing grant_type parameter", 400))
        if form["grant_type"] != "client_credentials":
            raise ServiceError(errors.oauth("unsupported_grant_type", "Unsupported grant_type value", 400))
        with self._lock:
            now = self._now()
            token = self._tokens.issue_access_token(now)
            return responses.token_response(self.settings.dialect, token.value, token.expires_at - now)

    def revoke(self, client: tuple[str, str] | None, form: dict[str, str]) -> None:
        self._check_client(client)
        if not form.get("token"):
            raise ServiceError(errors.oauth("invalid_request", "Missing token parameter", 400))
        with self._lock:
            self._tokens.revoke(form["token"])

    def log_in(self, bearer: str | None, body: bytes) -> JsonObject:
        content = request_validation.parse_json(body)
        content = content if isinstance(content, dict) else {}
        username, password = content.get("username"), content.get("password")
        with self._lock:
            now = self._now()
            self._check_bearer(bearer, now)
            if not isinstance(username, str) or not isinstance(password, str):
                raise ServiceError(errors.connectivity("INPUT_INVALID.RequestUndefined", "Request cannot be blank."))
            session = self._tokens.log_in(username, password, now)
            if session is None:
                raise ServiceError(errors.rejected_login(self.settings.dialect))
            return {"sessionToken": session.value}

    def log_out(self, bearer: str | None, session: str | None) -> JsonObject:
        with self._lock:
            self._check_tokens(bearer, session, self._now())
            self._tokens.end_session()
            return {"sessionToken": session}

    def authorize(self, bearer: str | None, session: str | None) -> None:
        """Check the tokens of a FOTA call, and restart the idle time of the session."""
        with self._lock:
            self._check_tokens(bearer, session, self._now())

    # FOTA

    def remove(self, account: str, body: bytes) -> JsonObject:
        """POST /licenses/{acc}/remove: remove every license that may be removed."""
        imeis = request_validation.device_list(body, self.settings.max_batch, self.settings.too_large_status)
        with self._lock:
            state = self._account(account)
            outcomes = [(imei, state.remove(imei)) for imei in imeis]
            self._removed.extend((account, imei) for imei, outcome in outcomes if outcome == accounts.REMOVED)
            total, used = _totals(state)
            now = self._moment()
        return responses.change_response(self.settings.dialect, account, total, used, outcomes, now)

    def assign_licenses(self, account: str, body: bytes) -> JsonObject:
        """POST /licenses/{acc}/assign: assign a license to every device that has none, while there are free ones."""
        dialect = self.settings.dialect
        imeis = request_validation.device_list(body, self.settings.max_batch, self.settings.too_large_status)
        with self._lock:
            state = self._account(account)
            without = {imei for imei in imeis if imei in state.devices and imei not in state.licensed}
            if dialect.exhausted_pool == "rejected" and len(without) > state.free:
                # No page describes this error; the page says that the account must have unused licenses.
                raise ServiceError(errors.invalid_parameter("Not enough licenses available"))
            now = self._moment()
            outcomes = [(imei, state.assign(imei, now)) for imei in imeis]
            self._assigned.extend((account, imei) for imei, outcome in outcomes if outcome == accounts.LICENSE_ASSIGNED)
            total, used = _totals(state)
        return responses.change_response(dialect, account, total, used, outcomes, now, "Assign")

    def devices(self, account: str, body: bytes, protocol: str | None) -> JsonObject:
        """POST /devices/{acc}: the state of each device. protocol: from the query, None without one."""
        imeis = request_validation.device_list(body, self.settings.max_batch, self.settings.too_large_status)
        matches = request_validation.protocol_filter(protocol, self.settings.dialect)
        with self._lock:
            state = self._account(account)
            devices = [(imei, state.devices.get(imei)) for imei in imeis]
            found = [
                (imei, device if device is None or matches(device) else None, imei in state.licensed)
                for imei, device in devices
            ]
        return responses.devices_response(self.settings.dialect, account, found)

    def account_devices(self, account: str, last_seen: str, protocol: str | None) -> JsonObject:
        """GET /devices/{acc}: one page of all devices. protocol: from the query, None without one."""
        dialect, size = self.settings.dialect, self.settings.page_size
        matches = request_validation.protocol_filter(protocol, self.settings.dialect)
        with self._lock:
            state = self._account(account)
            page, more = request_validation.device_page(state, last_seen, matches, self.settings)
            rows = [(device, device.imei in state.licensed) for device in page]
            now = self._moment()
        seen = responses.cursor(dialect, last_seen, page)
        return responses.account_devices_response(dialect, account, rows, more, seen, size, now)

    def licenses(self, account: str, last_seen: str) -> JsonObject:
        """GET /licenses/{acc}…: one page of the licensed devices."""
        size = self.settings.page_size
        with self._lock:
            state = self._account(account)
            page, more = request_validation.device_page(
                state, last_seen, lambda device: device.imei in state.licensed, self.settings
            )
            total, used = _totals(state)
        return responses.licenses_response(self.settings.dialect, account, total, used, page, more, last_seen, size)

    def history(self, account: str, imei: str) -> list[JsonObject]:
        """GET /reports/{acc}/devices/{imei}."""
        with self._lock:
            device = self._account(account).devices.get(imei)
            now = self._moment()
        if device is None:
            # No page describes this error; the text is that of the other calls.
            raise ServiceError(errors.invalid_parameter(self.settings.dialect.unknown_device_reason))
        return report_responses.history_response(self.settings.dialect, account, device, now)

    def campaigns(self, account: str, status: str, last_seen: str) -> JsonObject:
        """GET /reports/{acc}/firmware/campaigns. status: "" for any; last_seen: "" or "0" to start."""
        dialect = self.settings.dialect
        if (
            status
            and dialect.unknown_campaign_status == "rejected"
            and not report_responses.is_campaign_status(dialect, status)
        ):
            # No page describes this error; the text is published for other input.
            raise ServiceError(errors.invalid_parameter("Input binding error"))
        with self._lock:
            state = self._account(account)
            campaigns = [c for c in state.campaigns() if status in ("", report_responses.campaign_status(dialect, c))]
            now = self._moment()
        page, more = request_validation.page_after(
            campaigns, [c.id for c in campaigns], last_seen or "0", self.settings
        )
        sample = next(iter(state.devices.values()), Device("000000000000000"))
        return report_responses.campaigns_response(dialect, account, page, more, sample, now)

    def campaign_devices(self, account: str, campaign_id: str, last_seen: str) -> JsonObject:
        """GET /reports/{acc}/campaigns/{id}/devices. last_seen: "0" to start."""
        with self._lock:
            state = self._account(account)
            campaign = next((c for c in state.campaigns() if c.id == campaign_id), None)
            now = self._moment()
        if campaign is None:
            raise ServiceError(errors.invalid_parameter("Invalid campaign id"))
        page, more = request_validation.page_after(campaign.imeis, campaign.imeis, last_seen, self.settings)
        return report_responses.campaign_devices_response(
            self.settings.dialect, campaign, page, more, self.settings.page_size, now
        )

    def subscription(self, account: str) -> JsonObject:
        """GET /subscriptions/{acc}."""
        with self._lock:
            state = self._account(account)
            used = len(state.licensed)
            now = self._moment()
        return report_responses.subscription_response(self.settings.dialect, state.account, used, now)

    # Shared by the methods above; the caller holds the lock

    def _now(self) -> float:
        """Return the seconds on the simulator's clock, which ``advance`` moves."""
        return time.monotonic() - self._started[1] + self._advanced

    def _moment(self) -> datetime:
        return datetime.fromtimestamp(self._started[0] + self._now(), timezone.utc)

    def _account(self, name: str) -> AccountState:
        state = self._accounts.get(name)
        if state is None:
            raise ServiceError(errors.invalid_parameter("Invalid account name format"))
        if not state.account.active:
            raise ServiceError(errors.invalid_parameter("Inactive account"))
        return state

    def _check_client(self, client: tuple[str, str] | None) -> None:
        credentials = self.settings.credentials
        if client is None:
            raise ServiceError(errors.missing_client(self.settings.dialect))
        if client != (credentials.client_id, credentials.client_secret):
            raise ServiceError(errors.oauth("invalid_client", "Client Authentication failed.", 401))

    def _check_bearer(self, bearer: str | None, now: float) -> None:
        if not bearer:
            raise ServiceError(errors.missing_bearer(self.settings.dialect))
        if not self._tokens.bearer_is_valid(bearer, now):
            raise ServiceError(errors.invalid_bearer(self.settings.dialect))

    def _check_tokens(self, bearer: str | None, session: str | None, now: float) -> None:
        # The gateway comes before the service, so the access token is checked first.
        self._check_bearer(bearer, now)
        if not session:
            raise ServiceError(errors.missing_session())
        if not self._tokens.use_session(session, now):
            raise ServiceError(errors.invalid_session(self.settings.dialect))


def _totals(state: AccountState) -> tuple[int, int]:
    return state.account.license_total, len(state.licensed)
