# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fixtures: a client of ThingSpace with a simulator."""

from __future__ import annotations

import dataclasses
import typing as t

import pytest

from ansible_collections.verizon.fota.plugins.module_utils._http.client import Client, Connection
from ansible_collections.verizon.fota.plugins.module_utils._http.concurrency_limiter import ConcurrencyLimiter
from ansible_collections.verizon.fota.plugins.module_utils._http.retries import RetryingClient, RetryPolicy
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.client import ThingSpace
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.tokens import Credentials, TokenPair, Tokens
from ansible_collections.verizon.fota.tests.simulator import Account, Device, Simulator

ACCOUNT = "0642233522-00001"
FLEET = [Device(f"35000000000{number:04}", licensed=number % 2 == 0) for number in range(20)]


@pytest.fixture
def service() -> t.Iterator[t.Callable[..., tuple[ThingSpace, Simulator]]]:
    """Start a simulator and make a client for it, with or without credentials to renew its tokens."""
    started: list[t.Any] = []

    def start(
        credentials: bool = False, middleware: t.Any = None, devices: t.Sequence[Device] = FLEET, **options: t.Any
    ) -> tuple[ThingSpace, Simulator]:
        simulator = Simulator([Account(ACCOUNT, devices=devices)], middleware=middleware, **options).__enter__()
        client = Client(Connection(simulator.url))
        http = RetryingClient(client, RetryPolicy(retries=2, sleep=lambda seconds: None), ConcurrencyLimiter(1))
        started.extend((client, simulator))
        given = Credentials(**dataclasses.asdict(simulator.credentials)) if credentials else Credentials()
        tokens = Tokens(http, simulator.url, given, TokenPair(*simulator.issue_tokens()))
        return ThingSpace(http, simulator.url, ACCOUNT, tokens), simulator

    yield start
    for one in started:
        one.__exit__(None, None, None)
