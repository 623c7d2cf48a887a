# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A query keeps what it could read, whatever call fails, and makes no further calls when they would fail, too."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

import pytest

from ansible_collections.verizon.fota.plugins.module_utils._licenses import query
from ansible_collections.verizon.fota.plugins.module_utils._licenses.query import (
    DeviceLicense,
    LicenseQuery,
    QueryResult,
)
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.errors import (
    ErrorInfo,
    ErrorKind,
    IncompleteList,
    ThingSpaceError,
)
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.license_totals import LicenseTotals
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.subscription import Subscription
from ansible_collections.verizon.fota.tests.unit.plugins.module_utils.fake_account import (
    Behavior,
    FakeAccount,
    as_normal,
    imeis,
    lost,
    raising,
    rejecting,
)

A, B, C, D = imeis(4)
TOTALS = LicenseTotals(9000, 2)
SUBSCRIPTION = Subscription("TS-HFOTA-MRC", TOTALS, "now")


@dataclass
class Service(FakeAccount):
    """A fake account whose further calls return, or raise, what they are set to."""

    totals_response: LicenseTotals | Exception = TOTALS
    subscription_response: Subscription | Exception = SUBSCRIPTION
    assigned_response: tuple[dict[str, str | None], LicenseTotals] | Exception = ({A: "then", B: None}, TOTALS)
    calls: list[str] = field(default_factory=list)

    def totals(self) -> LicenseTotals:
        return self._respond("totals")

    def subscription(self) -> Subscription:
        return self._respond("subscription")

    def assigned(self) -> tuple[dict[str, str | None], LicenseTotals]:
        return self._respond("assigned")

    def _respond(self, name: str) -> t.Any:
        self.calls.append(name)
        response = getattr(self, f"{name}_response")
        if isinstance(response, Exception):
            raise response
        return response


def rejection_error(kind: ErrorKind, service_down: bool = False) -> ThingSpaceError:
    return ThingSpaceError(ErrorInfo(kind, "rejected", service_down=service_down))


def look_up(
    service: Service, requested: list[str] | None = None, **options: t.Any
) -> tuple[QueryResult, dict[str, t.Any]]:
    license_query = LicenseQuery(requested, **options)
    query_result = query.query(service, license_query)
    return query_result, query.result("account", license_query, query_result)


def looked_up(*ways: Behavior, **options: t.Any) -> Service:
    return Service([A, B], [C], on_read=ways, **options)


def test_a_lost_batch_fails_and_the_others_are_reported() -> None:
    service = looked_up(as_normal, lost, as_normal)
    query_result, result = look_up(service, [A, B, C], batch_size=1)
    assert query_result.devices == [
        DeviceLicense(A, True),
        DeviceLicense(B, None, None, "no response within 30 s"),
        DeviceLicense(C, False),
    ]
    assert result["failed"] and not query_result.stopped
    assert result["msg"] == (
        f"The state of 1 device could not be read: {B}: no response within 30 s."
        " Of 3 devices: 1 licensed, 1 unlicensed, 1 unknown. The account uses 2 of its 9,000 licenses."
    )


def test_what_was_read_of_a_batch_before_an_error_is_reported() -> None:
    """Devices by list answered, and the license list, which decides about the one that is missing, did not."""
    for kind in (ErrorKind.NO_VALID_RESPONSE, ErrorKind.REJECTED):
        service = Service([A], [B], on_list=[rejecting(kind, "HTTP 500")])
        query_result, _result = look_up(service, [A, B, C])
        assert [device.licensed for device in query_result.devices] == [True, False, None]
        assert "HTTP 500" in str(query_result.devices[2].reason)


def test_only_the_first_unread_devices_are_named() -> None:
    requested = imeis(9)
    _query_result, result = look_up(Service(requested, on_read=[lost]), requested)
    assert "of 9 devices could not be read" in result["msg"] and "; and 4 more." in result["msg"]
    assert requested[4] in result["msg"] and requested[5] not in result["msg"]


@pytest.mark.parametrize(
    ("kind", "calls"),
    [
        (ErrorKind.REJECTED, []),
        (ErrorKind.UNAUTHENTICATED, []),
        (ErrorKind.INTERRUPTED, []),
        (ErrorKind.UNREACHABLE, []),
        # The subscription may be open to whom devices and licenses are not.
        (ErrorKind.UNAVAILABLE, ["totals"]),
    ],
)
def test_a_rejection_for_all_ends_it_and_keeps_what_was_read(kind: ErrorKind, calls: list[str]) -> None:
    service = looked_up(as_normal, rejecting(kind), on_list=[rejecting(kind)])
    query_result, result = look_up(service, [A, B, C], batch_size=1)
    assert [(device.imei, device.licensed) for device in query_result.devices] == [(A, True), (B, None), (C, None)]
    assert all("not read: " in (device.reason or "") for device in query_result.devices[1:])
    assert result["failed"] and result["msg"].startswith("The reading ended early: ")
    assert len(service.reads) == 2 and service.calls == calls


def test_a_device_that_the_account_does_not_know_fails_nothing() -> None:
    query_result, result = look_up(Service([A], [C], malformed=[B]), [A, B, C, D])
    assert [device.licensed for device in query_result.devices] == [True, None, False, None]
    assert query_result.devices[1].reason == "Invalid device id format"
    assert query_result.devices[3].reason == "has no license in this account and is not among its devices"
    assert not result["failed"]
    assert result["summary"] == {"requested": 4, "licensed": 1, "unlicensed": 1, "unknown": 2}


@pytest.mark.parametrize("requested", [None, [A, C]])
@pytest.mark.parametrize("kind", [ErrorKind.UNAVAILABLE, ErrorKind.NO_VALID_RESPONSE])
def test_a_subscription_that_cannot_be_read_stops_nothing(requested: list[str] | None, kind: ErrorKind) -> None:
    service = looked_up(subscription_response=rejection_error(kind))
    _query_result, result = look_up(service, requested, subscription=True)
    assert result["failed"] and result["subscription"] is None
    assert len(result["devices"]) == 2 and result["account"]["license_used"] == 2


@pytest.mark.parametrize("requested", [None, [A, C]])
@pytest.mark.parametrize(
    "error", [rejection_error(ErrorKind.UNAUTHENTICATED), rejection_error(ErrorKind.UNREACHABLE, service_down=True)]
)
def test_an_unreadable_subscription_is_the_last_call(requested: list[str] | None, error: ThingSpaceError) -> None:
    service = looked_up(subscription_response=error)
    _query_result, result = look_up(service, requested, subscription=True)
    assert service.calls == ["subscription"] and not service.reads and not service.listings
    assert result["failed"] and result["msg"].count("rejected") == 1
    assert [device["licensed"] for device in result["devices"]] == [None] * len(requested or ())


@pytest.mark.parametrize("kind", [ErrorKind.UNAVAILABLE, ErrorKind.NO_VALID_RESPONSE])
def test_totals_that_cannot_be_read_fail_unless_the_account_may_not_read_them(kind: ErrorKind) -> None:
    _query_result, result = look_up(looked_up(totals_response=rejection_error(kind)), [A])
    assert result["failed"] == (kind is ErrorKind.NO_VALID_RESPONSE)
    assert result["account"] == {"name": "account", "license_total": None, "license_used": None}
    assert result["devices"] == [{"imei": A, "licensed": True}]


@pytest.mark.parametrize("kind", [ErrorKind.UNAVAILABLE, ErrorKind.NO_VALID_RESPONSE])
def test_requested_totals_without_imeis_must_be_readable(kind: ErrorKind) -> None:
    _query_result, result = look_up(Service(totals_response=rejection_error(kind)), rows=False)
    assert result["failed"] and result["msg"] == "The totals of the account could not be read: rejected."


def test_a_list_cut_short_is_kept() -> None:
    cut = IncompleteList(ErrorInfo(ErrorKind.NO_VALID_RESPONSE, "rejected"), {A: "then"})
    service = Service(assigned_response=cut)
    _query_result, result = look_up(service)
    assert result["devices"] == [{"imei": A, "licensed": True, "assigned_time": "then"}]
    assert result["failed"] and service.calls == ["assigned", "totals"]


def test_totals_missing_from_the_list_are_requested() -> None:
    service = Service(assigned_response=({A: None}, LicenseTotals(None, 1)))
    _query_result, result = look_up(service)
    assert service.calls == ["assigned", "totals"] and result["account"]["license_total"] == 9000


def test_an_error_of_our_own_costs_nothing_that_was_read() -> None:
    service = looked_up(as_normal, raising(KeyError("bug")))
    query_result, result = look_up(service, [A, B, C], batch_size=1)
    assert [device.licensed for device in query_result.devices] == [True, None, None]
    assert result["failed"] and "an error in verizon.fota itself" in result["msg"] and not service.calls


def test_after_a_request_to_stop_what_was_read_is_returned() -> None:
    service = looked_up(as_normal)
    query_result, result = look_up(
        service, [A, B, C], batch_size=1, interrupted=lambda: "it was interrupted" if service.reads else None
    )
    assert [device.licensed for device in query_result.devices] == [True, None, None]
    assert query_result.devices[1].reason == "not read: it was interrupted"
    assert result["msg"].startswith("The reading ended early: it was interrupted.") and not service.calls


def test_a_task_that_could_not_begin_has_the_keys_of_every_other() -> None:
    for license_query in (LicenseQuery(None), LicenseQuery([A], subscription=True), LicenseQuery(None, rows=False)):
        result = query.result("account", license_query, query.query(looked_up(), license_query))
        empty = query.empty("account", license_query, "bad\ninput")
        assert set(empty) == set(result) and set(empty["summary"]) == set(result["summary"])
        assert empty["failed"] and empty["msg"] == "bad\ninput"
