# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fixtures that start simulators, and a client with their paths and headers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable, Iterator

import pytest
import requests

from ansible_collections.verizon.fota.tests.simulator import Simulator
from ansible_collections.verizon.fota.tests.simulator.fleets import ACCOUNT, default_account


@dataclass(frozen=True)
class Client:
    """A user of the API. headers: contain the tokens."""

    simulator: Simulator
    session: requests.Session
    headers: dict[str, str]

    def call(self, method: str, path: str, **more: Any) -> requests.Response:
        more.setdefault("headers", self.headers)
        return self.session.request(method, self.simulator.url + path, timeout=20, **more)

    def remove(self, imeis: list[str], account: str = ACCOUNT) -> requests.Response:
        path = f"/fota/v3/licenses/{account}/remove"
        return self.call("POST", path, json={"deviceList": imeis})

    def assign(self, imeis: list[str], account: str = ACCOUNT) -> requests.Response:
        return self.call("POST", f"/fota/v3/licenses/{account}/assign", json={"deviceList": imeis})

    def devices(self, imeis: list[str], account: str = ACCOUNT) -> requests.Response:
        return self.call("POST", f"/fota/v3/devices/{account}", json={"deviceList": imeis})

    def get(self, path: str) -> requests.Response:
        return self.call("GET", "/fota/v3" + path)

    def access_token(self, **form: str) -> requests.Response:
        credentials = self.simulator.credentials
        return self.call(
            "POST",
            "/ts/v1/oauth2/token",
            headers={},
            auth=(credentials.client_id, credentials.client_secret),
            data=form or {"grant_type": "client_credentials"},
        )

    def log_in(self, password: str | None = None, username: str | None = None) -> requests.Response:
        credentials = self.simulator.credentials
        body = {
            "username": username or credentials.username,
            "password": password or credentials.password,
        }
        return self.call("POST", "/m2m/v1/session/login", json=body)


@pytest.fixture(name="client_of")
def fixture_client_of() -> Iterator[Callable[..., Client]]:
    """Start simulators, with the default account unless others are passed; return clients with valid tokens."""
    started: list[Client] = []

    def client_of(accounts: Any = None, **options: Any) -> Client:
        simulator = Simulator([default_account()] if accounts is None else accounts, **options)
        simulator.start()
        access_token, session_token = simulator.issue_tokens()
        headers = {"Authorization": "Bearer " + access_token, "VZ-M2M-Token": session_token}
        session = requests.Session()
        session.trust_env = False
        started.append(Client(simulator, session, headers))
        return started[-1]

    yield client_of
    for client in started:
        client.session.close()
        client.simulator.stop()


@pytest.fixture(name="client")
def fixture_client(client_of: Callable[..., Client]) -> Client:
    return client_of()
