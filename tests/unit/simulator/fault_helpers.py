# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Helpers of the tests of faults: start a simulator with faults, and read what it did."""

from __future__ import annotations

import time

from ansible_collections.verizon.fota.tests.simulator import (
    Account,
    Device,
    Faults,
)
from ansible_collections.verizon.fota.tests.simulator.fleets import ACCOUNT, DOCUMENT_IMEIS

REMOVE = f"/fota/v3/licenses/{ACCOUNT}/remove"
LICENSES = f"/licenses/{ACCOUNT}/index/0"
IMEIS = [f"99000000000{number:04d}" for number in range(20)]
REQUESTED = list(DOCUMENT_IMEIS)
LICENSED = set(DOCUMENT_IMEIS[:2])

LICENSED_ACCOUNT = [Account(ACCOUNT, devices=[Device(imei, licensed=True) for imei in IMEIS])]


def with_faults(client_of, *faults, seed=0, accounts=None, **options):
    schedule = Faults(faults, seed=seed)
    return client_of(accounts, middleware=schedule.middleware, **options), schedule


def removed(client):
    return {imei for _account, imei in client.simulator.removed}


def statuses(client):
    return [logged.status for logged in client.simulator.requests]


def rows_of(response):
    return {row["deviceId"]: row for row in response.json()["deviceList"]}


def address(simulator):
    return "127.0.0.1", int(simulator.origin.rsplit(":", 1)[1])


def wait_for(condition):
    until = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.005)
