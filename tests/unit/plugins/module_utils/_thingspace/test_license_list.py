# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The complete license list, through real HTTP: pages, cursors, devices missing from it."""

from __future__ import annotations

import itertools
import json
import typing as t

import pytest

from ansible_collections.verizon.fota.plugins.module_utils._thingspace.errors import (
    ErrorKind,
    IncompleteList,
    ThingSpaceError,
)
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.license_totals import LicenseTotals
from ansible_collections.verizon.fota.tests.simulator import Dialect, Fault, Faults
from ansible_collections.verizon.fota.tests.simulator.fault_responses import call_service
from ansible_collections.verizon.fota.tests.simulator.routes import SERVICE
from ansible_collections.verizon.fota.tests.unit.plugins.module_utils._thingspace.layers import around_json
from ansible_collections.verizon.fota.tests.unit.plugins.module_utils.conftest import ACCOUNT, FLEET

IMEIS = [device.imei for device in FLEET]


LICENSED = [device.imei for device in FLEET if device.licensed]
WRITTEN = {"iso": "2021-06-10T15:13:30.941Z", "go": "2021-06-10 15:13:30.941 +0000 UTC", "none": None}


@pytest.mark.parametrize("list_path", ["index", "query"])
@pytest.mark.parametrize("page_size", [1, 3, 1000])
def test_all_licensed_devices_are_read_by_either_path(service: t.Any, list_path: str, page_size: int) -> None:
    thingspace, simulator = service(dialect=Dialect(list_path=list_path), page_size=page_size)
    assert thingspace.licensed() == simulator.licensed(ACCOUNT)


@pytest.mark.parametrize("times", Dialect.CHOICES["times"])
@pytest.mark.parametrize("id_type", Dialect.CHOICES["id_type"])
def test_assignment_times_come_as_they_are_written_and_with_the_totals(
    service: t.Any, times: str, id_type: str
) -> None:
    thingspace, _simulator = service(dialect=Dialect(times=times, id_type=id_type), page_size=4)
    assigned, totals = thingspace.assigned()
    assert assigned == dict.fromkeys(LICENSED, WRITTEN[times]) and list(assigned) == LICENSED
    assert totals == LicenseTotals(9000, 10)


def test_what_was_listed_before_a_page_is_lost_comes_with_the_error(service: t.Any) -> None:
    faults = Faults([Fault("html", on="licenses", skip=2)])
    thingspace, _simulator = service(middleware=faults.middleware, page_size=3)
    with pytest.raises(IncompleteList, match="maintenance|HTTP 200") as caught:
        thingspace.assigned()
    assert list(caught.value.found) == LICENSED[:6] and caught.value.info.kind is ErrorKind.NO_VALID_RESPONSE
    with pytest.raises(ThingSpaceError) as error:
        thingspace.licensed()
    assert not isinstance(error.value, IncompleteList)


def test_a_list_with_devices_missing_is_read_again(service: t.Any) -> None:
    faults = Faults([Fault("missing_row", on="licenses", times=2)])
    thingspace, simulator = service(middleware=faults.middleware, page_size=5)
    assigned, _totals = thingspace.assigned()
    assert list(assigned) == LICENSED and len(faults.injected) == 2
    assert len(simulator.requests) == 4


def test_a_list_with_devices_missing_for_good_is_rejected(service: t.Any) -> None:
    faults = Faults([Fault("missing_row", on="licenses")])
    thingspace, _simulator = service(middleware=faults.middleware)
    with pytest.raises(IncompleteList, match="but 10 licenses are assigned") as caught:
        thingspace.assigned()
    assert not caught.value.info.recognized and 0 < len(caught.value.found) < len(LICENSED)


def changing(change: t.Callable[..., object]) -> t.Any:
    """Return middleware that changes pages of the license list. change: gets each page, its number from 1 and the service."""
    pages = itertools.count(1)

    def middleware(app: t.Any) -> t.Any:
        def changed(environ: t.Any, start_response: t.Any) -> t.Any:
            if environ["REQUEST_METHOD"] != "GET":
                return app(environ, start_response)
            response = call_service(app, environ)
            content = json.loads(response.body)
            change(next(pages), content, environ[SERVICE])
            return response.with_body(json.dumps(content).encode()).start(start_response)

        return changed

    return middleware


def lacking(number: int, content: dict[str, t.Any]) -> None:
    """The second page of five lacks a device, once."""
    if number == 2:
        del content["deviceList"][0]


def test_a_license_that_was_freed_meanwhile_hides_no_missing_device(service: t.Any) -> None:
    def change(number: int, content: dict[str, t.Any], fota: t.Any) -> None:
        lacking(number, content)
        if number == 2:
            fota.remove(ACCOUNT, json.dumps({"deviceList": [LICENSED[0]]}).encode())

    thingspace, simulator = service(middleware=changing(change), page_size=2)
    assert thingspace.licensed() == simulator.licensed(ACCOUNT) == frozenset(LICENSED[1:])
    assert sum(request.method == "GET" for request in simulator.requests) == 10


def test_a_list_may_grow_shorter_by_the_removals_of_the_run(service: t.Any) -> None:
    def change(number: int, content: dict[str, t.Any], fota: t.Any) -> None:
        if number == 2:
            fota.remove(ACCOUNT, json.dumps({"deviceList": [LICENSED[8]]}).encode())

    thingspace, simulator = service(middleware=changing(change), page_size=2)
    assert thingspace.licensed(during_change=True) == simulator.licensed(ACCOUNT)
    assert sum(request.method == "GET" for request in simulator.requests) == 5


def test_a_list_may_grow_by_the_assignments_of_the_run(service: t.Any) -> None:
    # Assigned while the third page is read, to a device of a page that was read before.
    late = next(imei for imei in IMEIS if imei < LICENSED[3] and imei not in LICENSED)

    def change(number: int, content: dict[str, t.Any], fota: t.Any) -> None:
        if number == 3:
            fota.assign_licenses(ACCOUNT, json.dumps({"deviceList": [late]}).encode())

    thingspace, simulator = service(middleware=changing(change), page_size=2)
    assert thingspace.licensed(during_change=True) == simulator.licensed(ACCOUNT) - {late}
    assert sum(request.method == "GET" for request in simulator.requests) == 5


@pytest.mark.parametrize("during_change", [False, True])
def test_a_count_that_only_the_first_page_has_counts(service: t.Any, during_change: bool) -> None:
    def change(number: int, content: dict[str, t.Any], fota: t.Any) -> None:
        lacking(number, content)
        if number not in (1, 6):
            content.pop("assignedLicenses")

    thingspace, _simulator = service(middleware=changing(change), page_size=2)
    assert thingspace.licensed(during_change) == frozenset(LICENSED)


@pytest.mark.parametrize("written", ["IMEI {}", "{}7", ""])
def test_an_id_in_another_form_does_not_count_as_a_device(service: t.Any, written: str) -> None:
    def change(number: int, content: dict[str, t.Any], fota: t.Any) -> None:
        content["deviceList"][3]["deviceId"] = written.format(content["deviceList"][3]["deviceId"])

    thingspace, _simulator = service(middleware=changing(change))
    with pytest.raises(ThingSpaceError, match="names 9 IMEIs, but 10 licenses are assigned"):
        thingspace.licensed()


def test_a_list_is_read_again_where_the_last_device_of_a_page_has_left_the_account(service: t.Any) -> None:
    last_device = iter(["350000000009999"])

    def change(number: int, content: dict[str, t.Any], fota: t.Any) -> None:
        if number == 2:
            content["lastSeenDeviceId"] = next(last_device)

    thingspace, simulator = service(middleware=changing(change), page_size=2)
    assert thingspace.licensed() == frozenset(LICENSED)
    assert len(simulator.requests) == 2 + 1 + 5


def test_a_list_whose_pages_cannot_be_requested_is_not_requested_forever(service: t.Any) -> None:
    def change(number: int, content: dict[str, t.Any], fota: t.Any) -> None:
        content["lastSeenDeviceId"] = "350000000009999"

    thingspace, simulator = service(middleware=changing(change), page_size=2)
    with pytest.raises(IncompleteList, match="LastSeenDeviceId") as caught:
        thingspace.assigned()
    assert (caught.value.info.kind, len(caught.value.found), len(simulator.requests)) == (
        ErrorKind.INVALID_CURSOR,
        2,
        6,
    )


def test_the_outcome_of_a_removal_is_read_to_the_end_of_the_list_even_if_the_run_is_interrupted(service: t.Any) -> None:
    thingspace, _simulator = service(page_size=2)
    thingspace._interrupted = lambda: "it was interrupted by SIGTERM"
    with pytest.raises(ThingSpaceError, match="SIGTERM") as caught:
        thingspace.licensed()
    assert caught.value.info.kind is ErrorKind.INTERRUPTED
    assert thingspace.licensed(during_change=True) == frozenset(LICENSED)


BY_NUMBER = Dialect(list_cursor="number")


@pytest.mark.parametrize("id_type", Dialect.CHOICES["id_type"])
@pytest.mark.parametrize("page_size", [1, 3, 1000])
def test_pages_may_be_requested_by_the_number_of_rows_seen(service: t.Any, id_type: str, page_size: int) -> None:
    dialect = Dialect(list_cursor="number", id_type=id_type)
    thingspace, simulator = service(dialect=dialect, page_size=page_size)
    assert thingspace.licensed() == simulator.licensed(ACCOUNT)
    assert len(simulator.requests) == -(-len(LICENSED) // page_size)


@pytest.mark.parametrize(("dialect", "readings"), [(Dialect(), 1), (BY_NUMBER, 2)], ids=["imei", "number"])
def test_a_removal_of_the_run_that_shifts_rows_hides_no_licensed_device(
    service: t.Any, dialect: Dialect, readings: int
) -> None:
    def change(number: int, content: dict[str, t.Any], fota: t.Any) -> None:
        if number == 2:
            fota.remove(ACCOUNT, json.dumps({"deviceList": LICENSED[:2]}).encode())

    thingspace, simulator = service(middleware=changing(change), page_size=2, dialect=dialect)
    assert thingspace.licensed(during_change=True) >= simulator.licensed(ACCOUNT)
    starts = [request for request in simulator.requests if request.path.endswith("/index/0")]
    assert len(starts) == readings


def test_a_list_whose_rows_shift_forever_is_rejected(service: t.Any) -> None:
    left = iter(LICENSED)

    def change(number: int, content: dict[str, t.Any], fota: t.Any) -> None:
        if content["lastSeenDeviceId"] == "4":
            fota.remove(ACCOUNT, json.dumps({"deviceList": [next(left)]}).encode())

    thingspace, _simulator = service(middleware=changing(change), page_size=2, dialect=BY_NUMBER)
    with pytest.raises(ThingSpaceError, match="names 7 IMEIs, but 8 licenses are assigned") as caught:
        thingspace.licensed(during_change=True)
    assert not caught.value.info.recognized


def test_a_license_list_that_stands_still_is_not_read_forever(service: t.Any) -> None:
    still = around_json("/licenses/", lambda page: page.update(lastSeenDeviceId=IMEIS[0], hasMoreData=True))
    thingspace, simulator = service(middleware=still, page_size=3)
    with pytest.raises(ThingSpaceError, match="does not advance"):
        thingspace.licensed()
    assert len(simulator.requests) < 10
