# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Access tokens, session tokens and the rules of logins.

Sources: ThingSpace "Get an access token", "Session login", "Best practices for managing sessions".
No locks here: ``service.py`` has the lock. Times are seconds of the simulator's clock.
"""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass, replace

# "will lock an account after 5 consecutive failed login attempts" (LogIn page)
LOCKED_AFTER = 5


@dataclass(frozen=True)
class Credentials:
    """The credentials of the simulator's only application and only user."""

    client_id: str = "simulated-client-id-5f1d"
    client_secret: str = "simulated-client-secret-8b3e"
    username: str = "simulated-username-c27a"
    password: str = "simulated-password-e94f"


@dataclass(frozen=True)
class AccessToken:
    value: str
    expires_at: float


@dataclass(frozen=True)
class Session:
    value: str
    last_used: float


class Tokens:
    """The tokens that are valid now, and the number of failed logins of each user."""

    def __init__(self, credentials: Credentials, access_token_life: float, session_idle: float) -> None:
        self.credentials = credentials
        self.access_token_life = access_token_life
        self.session_idle = session_idle
        self.access_token: AccessToken | None = None
        self.session: Session | None = None
        self.failed_logins: dict[str, int] = {}

    def issue_access_token(self, now: float) -> AccessToken:
        """Return the access token; it stays the same until it expires."""
        if self.access_token is None or now >= self.access_token.expires_at:
            self.access_token = AccessToken(secrets.token_hex(16), now + self.access_token_life)
        return self.access_token

    def bearer_is_valid(self, value: str, now: float) -> bool:
        token = self.access_token
        return token is not None and token.value == value and now < token.expires_at

    def revoke(self, value: str) -> None:
        """End an access token; it is no error if it is not valid (RFC 7009, 2.2)."""
        if self.access_token is not None and self.access_token.value == value:
            self.access_token = None

    def expire_access_tokens(self) -> None:
        self.access_token = None

    def locked(self, username: str) -> bool:
        return self.failed_logins.get(username, 0) >= LOCKED_AFTER

    def log_in(self, username: str, password: str, now: float) -> Session | None:
        """Return a new session, which replaces the user's previous one; None if the login is rejected.

        The login of a locked user is rejected whatever the password; only Verizon's support unlocks.
        """
        correct = (username, password) == (self.credentials.username, self.credentials.password)
        if self.locked(username) or not correct:
            self.failed_logins[username] = self.failed_logins.get(username, 0) + 1
            return None
        self.failed_logins.pop(username, None)
        return self.new_session(now)

    def new_session(self, now: float) -> Session:
        self.session = Session(str(uuid.uuid4()), now)
        return self.session

    def session_is_valid(self, value: str, now: float) -> bool:
        session = self.session
        return session is not None and session.value == value and now - session.last_used < self.session_idle

    def use_session(self, value: str, now: float) -> bool:
        """Return whether the session is valid; if so, restart its idle time."""
        if self.session is None or not self.session_is_valid(value, now):
            return False
        self.session = replace(self.session, last_used=now)
        return True

    def end_session(self) -> None:
        self.session = None
