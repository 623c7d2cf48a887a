# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The calls of ThingSpace, through real HTTP: both path forms, totals, the subscription."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.verizon.fota.plugins.module_utils._thingspace.errors import ThingSpaceError
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.license_totals import LicenseTotals
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.subscription import Subscription
from ansible_collections.verizon.fota.tests.simulator import Dialect
from ansible_collections.verizon.fota.tests.unit.plugins.module_utils._thingspace.layers import around_json
from ansible_collections.verizon.fota.tests.unit.plugins.module_utils.conftest import ACCOUNT, FLEET

LICENSED = [device.imei for device in FLEET if device.licensed]


@pytest.mark.parametrize(("list_path", "wrong"), [("index", 0), ("query", 1)])
def test_the_path_is_learned_once(service: t.Any, list_path: str, wrong: int) -> None:
    thingspace, simulator = service(dialect=Dialect(list_path=list_path), page_size=1)
    for _reading in range(2):
        thingspace.licensed()
    thingspace.totals()
    assert len(simulator.requests) == 2 * len(LICENSED) + 1 + wrong


@pytest.mark.parametrize("key", Dialect.CHOICES["list_total_key"])
def test_the_totals_take_one_request(service: t.Any, key: str) -> None:
    thingspace, simulator = service(dialect=Dialect(list_total_key=key), page_size=1)
    assert thingspace.totals() == LicenseTotals(9000, 10)
    assert len(simulator.requests) == 1


@pytest.mark.parametrize("status", ["403", "404"])
def test_the_totals_come_from_the_subscription_where_the_list_is_unavailable(service: t.Any, status: str) -> None:
    thingspace, _simulator = service(dialect=Dialect(list_endpoint=status))
    assert thingspace.totals() == LicenseTotals(9000, 10)


def test_totals_that_the_list_does_not_have_come_from_the_subscription(service: t.Any) -> None:
    thingspace, _simulator = service(middleware=around_json("/licenses/", lambda page: page.pop("totalLicense")))
    assert thingspace.totals() == LicenseTotals(9000, 10)


def status_of(path: str, status: str) -> t.Any:
    """A layer that responds with this status to paths with this text."""

    def middleware(app: t.Any) -> t.Any:
        def wrapped(environ: t.Any, start_response: t.Any) -> t.Any:
            if path not in environ["PATH_INFO"]:
                return app(environ, start_response)
            start_response(status, [("Content-Type", "text/plain"), ("Content-Length", "0")])
            return [b""]

        return wrapped

    return middleware


def test_totals_stay_unknown_where_the_subscription_is_unavailable(service: t.Any) -> None:
    incomplete = around_json("/licenses/", lambda page: page.pop("totalLicense"))
    denied = status_of("/subscriptions/", "404 Not Found")
    thingspace, _simulator = service(middleware=lambda app: incomplete(denied(app)))
    assert thingspace.totals() == LicenseTotals(None, 10)


def test_totals_are_unknown_without_a_valid_subscription(service: t.Any) -> None:
    incomplete = around_json("/licenses/", lambda page: page.pop("totalLicense"))
    broken = status_of("/subscriptions/", "502 Bad Gateway")
    thingspace, _simulator = service(middleware=lambda app: incomplete(broken(app)))
    with pytest.raises(ThingSpaceError, match="502"):
        thingspace.totals()


def test_a_subscription_is_read(service: t.Any) -> None:
    thingspace, simulator = service(dialect=Dialect(times="none"))
    assert thingspace.subscription() == Subscription("TS-HFOTA-MRC", LicenseTotals(9000, 10), None)
    assert [request.path for request in simulator.requests] == [f"/fota/v3/subscriptions/{ACCOUNT}"]
