# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fixtures that connect Verizon's Python SDK to a simulator with the dialect ``sdk``."""

from __future__ import annotations

# mypy: disable-error-code="import-not-found"
import typing as t

import pytest
from verizon.configuration import Configuration, Environment, Server
from verizon.http.auth.thingspace_oauth import ThingspaceOauthCredentials
from verizon.http.auth.vz_m2m_token import VZM2mTokenCredentials
from verizon.verizon_client import VerizonClient

from ansible_collections.verizon.fota.tests.simulator import Account, Device, Dialect, Simulator
from ansible_collections.verizon.fota.tests.simulator.fleets import ACCOUNT

# The paths of the calls in the SDK
_SERVERS = {Server.THINGSPACE: "", Server.OAUTH_SERVER: "/ts/v1", Server.SOFTWARE_MANAGEMENT_V3: "/fota/v3"}


class Sdk(t.NamedTuple):
    """The SDK and its simulator."""

    client: t.Any
    simulator: Simulator


@pytest.fixture
def connect(monkeypatch: pytest.MonkeyPatch) -> t.Iterator[t.Callable[..., Sdk]]:
    """Start simulators with these devices; with ``session=False``, the client has no session token yet."""
    started: list[Simulator] = []

    def start(devices: t.Sequence[Device], session: bool = True, **options: t.Any) -> Sdk:
        account = Account(ACCOUNT, license_total=9000, devices=list(devices))
        simulator = Simulator([account], **{"dialect": Dialect.named("sdk"), **options}).__enter__()
        started.append(simulator)
        # The SDK has no setting for the address of the service.
        for server, path in _SERVERS.items():
            monkeypatch.setitem(Configuration.environments[Environment.PRODUCTION], server, simulator.url + path)
        credentials = simulator.credentials
        token = simulator.issue_tokens()[1] if session else ""
        client = VerizonClient(
            thingspace_oauth_credentials=ThingspaceOauthCredentials(credentials.client_id, credentials.client_secret),
            vz_m2m_token_credentials=VZM2mTokenCredentials(token),
        )
        return Sdk(client, simulator)

    yield start
    for simulator in started:
        simulator.__exit__(None, None, None)
