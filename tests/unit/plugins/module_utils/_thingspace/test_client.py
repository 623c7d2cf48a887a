# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The calls of ThingSpace, through real HTTP: both path forms, pages, tokens that expire on the way, lost answers."""

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
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses import Subscription, Totals
from ansible_collections.verizon.fota.tests.simulator import Dialect, Fault, Faults, Simulator
from ansible_collections.verizon.fota.tests.simulator.fault_answers import served
from ansible_collections.verizon.fota.tests.unit.plugins.module_utils.conftest import ACCOUNT, FLEET

IMEIS = [device.imei for device in FLEET]
LOG_IN, OAUTH = "/m2m/v1/session/login", "/ts/v1/oauth2/token"


def sent(simulator: Simulator, path: str) -> int:
    return sum(request.path == path for request in simulator.requests)


@pytest.mark.parametrize("list_path", ["index", "query"])
@pytest.mark.parametrize("page_size", [1, 3, 1000])
def test_all_licensed_devices_are_read_by_either_path(service: t.Any, list_path: str, page_size: int) -> None:
    thingspace, simulator = service(dialect=Dialect(list_path=list_path), page_size=page_size)
    assert thingspace.licensed() == simulator.licensed(ACCOUNT)


LICENSED = [device.imei for device in FLEET if device.licensed]
WRITTEN = {"iso": "2021-06-10T15:13:30.941Z", "go": "2021-06-10 15:13:30.941 +0000 UTC", "none": None}


@pytest.mark.parametrize("times", Dialect.CHOICES["times"])
@pytest.mark.parametrize("id_type", Dialect.CHOICES["id_type"])
def test_assignment_times_come_as_they_are_written_and_with_the_totals(
    service: t.Any, times: str, id_type: str
) -> None:
    thingspace, _simulator = service(dialect=Dialect(times=times, id_type=id_type), page_size=4)
    assigned, totals = thingspace.assigned()
    assert assigned == dict.fromkeys(LICENSED, WRITTEN[times]) and list(assigned) == LICENSED
    assert totals == Totals(9000, 10)


@pytest.mark.parametrize(("list_path", "wrong"), [("index", 0), ("query", 1)])
def test_the_form_of_the_path_is_learned_once(service: t.Any, list_path: str, wrong: int) -> None:
    thingspace, simulator = service(dialect=Dialect(list_path=list_path), page_size=1)
    for _reading in range(2):
        thingspace.licensed()
    thingspace.totals()
    assert len(simulator.requests) == 2 * len(LICENSED) + 1 + wrong


def test_what_was_listed_before_a_page_is_lost_comes_with_the_error(service: t.Any) -> None:
    faults = Faults([Fault("html", on="licenses", skip=2)])
    thingspace, _simulator = service(around=faults.around, page_size=3)
    with pytest.raises(IncompleteList, match="maintenance|HTTP 200") as caught:
        thingspace.assigned()
    assert list(caught.value.found) == LICENSED[:6] and caught.value.info.kind is ErrorKind.NO_VALID_RESPONSE
    with pytest.raises(ThingSpaceError) as refused:
        thingspace.licensed()
    assert not isinstance(refused.value, IncompleteList)


def test_a_list_with_devices_missing_is_read_again(service: t.Any) -> None:
    faults = Faults([Fault("missing_row", on="licenses", times=2)])
    thingspace, simulator = service(around=faults.around, page_size=5)
    assigned, _totals = thingspace.assigned()
    assert list(assigned) == LICENSED and len(faults.injected) == 2
    assert len(simulator.requests) == 4


def test_a_list_with_devices_missing_for_good_is_not_believed(service: t.Any) -> None:
    faults = Faults([Fault("missing_row", on="licenses")])
    thingspace, _simulator = service(around=faults.around)
    with pytest.raises(IncompleteList, match="but 10 licenses are assigned") as caught:
        thingspace.assigned()
    assert not caught.value.info.recognized and 0 < len(caught.value.found) < len(LICENSED)


def changing(change: t.Callable[..., object]) -> t.Any:
    """Let pages of the license list be changed on the way, each with its number from 1 on, and the simulated service."""
    pages = itertools.count(1)

    def around(app: t.Any) -> t.Any:
        def changed(environ: t.Any, start_response: t.Any) -> t.Any:
            if environ["REQUEST_METHOD"] != "GET":
                return app(environ, start_response)
            answer = served(app, environ)
            content = json.loads(answer.body)
            change(next(pages), content, environ["simulator.service"])
            return answer.with_body(json.dumps(content).encode()).start(start_response)

        return changed

    return around


def lacking(number: int, content: dict[str, t.Any]) -> None:
    """The second page of five lacks a device, once."""
    if number == 2:
        del content["deviceList"][0]


def test_a_license_that_was_freed_meanwhile_hides_no_missing_device(service: t.Any) -> None:
    def change(number: int, content: dict[str, t.Any], fota: t.Any) -> None:
        lacking(number, content)
        if number == 2:
            fota.remove(ACCOUNT, json.dumps({"deviceList": [LICENSED[0]]}).encode())

    thingspace, simulator = service(around=changing(change), page_size=2)
    assert thingspace.licensed() == simulator.licensed(ACCOUNT) == frozenset(LICENSED[1:])
    assert sum(request.method == "GET" for request in simulator.requests) == 10


def test_a_list_may_grow_shorter_by_the_removals_of_the_run(service: t.Any) -> None:
    def change(number: int, content: dict[str, t.Any], fota: t.Any) -> None:
        if number == 2:
            fota.remove(ACCOUNT, json.dumps({"deviceList": [LICENSED[8]]}).encode())

    thingspace, simulator = service(around=changing(change), page_size=2)
    assert thingspace.licensed(after_removal=True) == simulator.licensed(ACCOUNT)
    assert sum(request.method == "GET" for request in simulator.requests) == 5


@pytest.mark.parametrize("after_removal", [False, True])
def test_what_only_the_first_page_tells_of_licenses_counts(service: t.Any, after_removal: bool) -> None:
    def change(number: int, content: dict[str, t.Any], fota: t.Any) -> None:
        lacking(number, content)
        if number not in (1, 6):
            content.pop("assignedLicenses")

    thingspace, _simulator = service(around=changing(change), page_size=2)
    assert thingspace.licensed(after_removal) == frozenset(LICENSED)


@pytest.mark.parametrize("written", ["IMEI {}", "{}7", ""])
def test_an_id_in_another_form_does_not_count_as_a_device(service: t.Any, written: str) -> None:
    def change(number: int, content: dict[str, t.Any], fota: t.Any) -> None:
        content["deviceList"][3]["deviceId"] = written.format(content["deviceList"][3]["deviceId"])

    thingspace, _simulator = service(around=changing(change))
    with pytest.raises(ThingSpaceError, match="names 9 IMEIs, but 10 licenses are assigned"):
        thingspace.licensed()


def test_a_list_is_read_again_where_the_last_device_of_a_page_has_left_the_account(service: t.Any) -> None:
    gone = iter(["350000000009999"])

    def change(number: int, content: dict[str, t.Any], fota: t.Any) -> None:
        if number == 2:
            content["lastSeenDeviceId"] = next(gone)

    thingspace, simulator = service(around=changing(change), page_size=2)
    assert thingspace.licensed() == frozenset(LICENSED)
    assert len(simulator.requests) == 2 + 1 + 5


def test_a_list_whose_pages_cannot_be_asked_for_is_not_asked_for_for_ever(service: t.Any) -> None:
    def change(number: int, content: dict[str, t.Any], fota: t.Any) -> None:
        content["lastSeenDeviceId"] = "350000000009999"

    thingspace, simulator = service(around=changing(change), page_size=2)
    with pytest.raises(IncompleteList, match="LastSeenDeviceId") as caught:
        thingspace.assigned()
    assert (caught.value.info.kind, len(caught.value.found), len(simulator.requests)) == (
        ErrorKind.INVALID_CURSOR,
        2,
        6,
    )


def test_what_became_of_a_removal_is_read_to_the_end_of_the_list_although_the_run_is_to_end(service: t.Any) -> None:
    thingspace, _simulator = service(page_size=2)
    thingspace._interrupted = lambda: "it was interrupted by SIGTERM"
    with pytest.raises(ThingSpaceError, match="SIGTERM") as caught:
        thingspace.licensed()
    assert caught.value.info.kind is ErrorKind.INTERRUPTED
    assert thingspace.licensed(after_removal=True) == frozenset(LICENSED)


BY_NUMBER = Dialect(list_cursor="number")


@pytest.mark.parametrize("id_type", Dialect.CHOICES["id_type"])
@pytest.mark.parametrize("page_size", [1, 3, 1000])
def test_pages_may_be_asked_for_by_the_number_of_rows_seen(service: t.Any, id_type: str, page_size: int) -> None:
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

    thingspace, simulator = service(around=changing(change), page_size=2, dialect=dialect)
    assert thingspace.licensed(after_removal=True) >= simulator.licensed(ACCOUNT)
    starts = [request for request in simulator.requests if request.path.endswith("/index/0")]
    assert len(starts) == readings


def test_a_list_whose_rows_shift_for_ever_is_not_believed(service: t.Any) -> None:
    left = iter(LICENSED)

    def change(number: int, content: dict[str, t.Any], fota: t.Any) -> None:
        if content["lastSeenDeviceId"] == "4":
            fota.remove(ACCOUNT, json.dumps({"deviceList": [next(left)]}).encode())

    thingspace, _simulator = service(around=changing(change), page_size=2, dialect=BY_NUMBER)
    with pytest.raises(ThingSpaceError, match="names 7 IMEIs, but 8 licenses are assigned") as caught:
        thingspace.licensed(after_removal=True)
    assert not caught.value.info.recognized


@pytest.mark.parametrize("key", Dialect.CHOICES["list_total_key"])
def test_the_totals_take_one_request(service: t.Any, key: str) -> None:
    thingspace, simulator = service(dialect=Dialect(list_total_key=key), page_size=1)
    assert thingspace.totals() == Totals(9000, 10)
    assert len(simulator.requests) == 1


@pytest.mark.parametrize("status", ["403", "404"])
def test_the_totals_come_from_the_subscription_where_the_list_is_not_to_be_had(service: t.Any, status: str) -> None:
    thingspace, _simulator = service(dialect=Dialect(list_endpoint=status))
    assert thingspace.totals() == Totals(9000, 10)


def around_json(path: str, change: t.Callable[[dict[str, t.Any]], object]) -> t.Any:
    """A layer that changes the JSON of answers to paths with this text."""

    def around(app: t.Any) -> t.Any:
        def wrapped(environ: t.Any, start_response: t.Any) -> t.Any:
            if path not in environ["PATH_INFO"]:
                return app(environ, start_response)
            began: list[t.Any] = []
            content = json.loads(b"".join(app(environ, lambda *args: began.append(args))))
            change(content)
            body = json.dumps(content).encode()
            start_response(began[0][0], [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
            return [body]

        return wrapped

    return around


def test_totals_that_the_list_does_not_tell_come_from_the_subscription(service: t.Any) -> None:
    thingspace, _simulator = service(around=around_json("/licenses/", lambda page: page.pop("totalLicense")))
    assert thingspace.totals() == Totals(9000, 10)


def status_of(path: str, status: str) -> t.Any:
    """A layer that refuses what concerns paths with this text."""

    def around(app: t.Any) -> t.Any:
        def wrapped(environ: t.Any, start_response: t.Any) -> t.Any:
            if path not in environ["PATH_INFO"]:
                return app(environ, start_response)
            start_response(status, [("Content-Type", "text/plain"), ("Content-Length", "0")])
            return [b""]

        return wrapped

    return around


def test_totals_stay_unknown_where_the_subscription_is_not_to_be_had(service: t.Any) -> None:
    incomplete = around_json("/licenses/", lambda page: page.pop("totalLicense"))
    denied = status_of("/subscriptions/", "404 Not Found")
    thingspace, _simulator = service(around=lambda app: incomplete(denied(app)))
    assert thingspace.totals() == Totals(None, 10)


def test_totals_are_not_made_up_where_the_subscription_gives_no_usable_answer(service: t.Any) -> None:
    incomplete = around_json("/licenses/", lambda page: page.pop("totalLicense"))
    broken = status_of("/subscriptions/", "502 Bad Gateway")
    thingspace, _simulator = service(around=lambda app: incomplete(broken(app)))
    with pytest.raises(ThingSpaceError, match="502"):
        thingspace.totals()


def test_a_license_list_that_stands_still_is_not_read_for_ever(service: t.Any) -> None:
    still = around_json("/licenses/", lambda page: page.update(lastSeenDeviceId=IMEIS[0], hasMoreData=True))
    thingspace, simulator = service(around=still, page_size=3)
    with pytest.raises(ThingSpaceError, match="does not advance"):
        thingspace.licensed()
    assert len(simulator.requests) < 10


def test_a_subscription_is_read(service: t.Any) -> None:
    thingspace, simulator = service(dialect=Dialect(times="none"))
    assert thingspace.subscription() == Subscription("TS-HFOTA-MRC", Totals(9000, 10), None)
    assert [request.path for request in simulator.requests] == [f"/fota/v3/subscriptions/{ACCOUNT}"]


@pytest.mark.parametrize("expired", Dialect.CHOICES["session_expired"])
def test_an_expired_session_is_renewed_in_every_form_it_is_refused(service: t.Any, expired: str) -> None:
    thingspace, simulator = service(credentials=True, dialect=Dialect(session_expired=expired))
    simulator.expire_sessions()
    rows, _totals = thingspace.remove(IMEIS)
    assert len(rows) == len(IMEIS) and sent(simulator, LOG_IN) == 1


@pytest.mark.parametrize("expired", Dialect.CHOICES["bearer_expired"])
def test_an_expired_access_token_is_renewed(service: t.Any, expired: str) -> None:
    thingspace, simulator = service(credentials=True, dialect=Dialect(bearer_expired=expired))
    simulator.expire_access_tokens()
    assert len(thingspace.list_devices(IMEIS)) == len(IMEIS)
    assert (sent(simulator, OAUTH), sent(simulator, LOG_IN)) == (1, 0)


def test_both_tokens_may_have_expired(service: t.Any) -> None:
    thingspace, simulator = service(credentials=True)
    simulator.expire_access_tokens()
    simulator.expire_sessions()
    assert len(thingspace.list_devices(IMEIS)) == len(IMEIS)
    assert (sent(simulator, OAUTH), sent(simulator, LOG_IN)) == (1, 1)


@pytest.mark.parametrize(
    ("expire", "words"),
    [("expire_sessions", "the session token is wrong or has expired"), ("expire_access_tokens", "the access token is")],
)
def test_without_credentials_the_refusal_names_the_token(service: t.Any, expire: str, words: str) -> None:
    thingspace, simulator = service()
    getattr(simulator, expire)()
    for _call in range(2):
        with pytest.raises(ThingSpaceError, match=words) as caught:
            thingspace.remove(IMEIS)
        assert caught.value.info.kind is ErrorKind.UNAUTHENTICATED
    assert len(simulator.requests) == 1, "the second call knows already"


def answering(status: str, body: bytes, times: int) -> t.Any:
    """A layer around the service that answers the first requests itself."""
    left = [times]

    def around(app: t.Any) -> t.Any:
        def wrapped(environ: t.Any, start_response: t.Any) -> t.Any:
            if left[0] <= 0:
                return app(environ, start_response)
            left[0] -= 1
            start_response(status, [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
            return [body]

        return wrapped

    return around


@pytest.mark.parametrize(
    ("status", "body"),
    [
        ("200 OK", b""),
        ("200 OK", b"<html>maintenance</html>"),
        ("200 OK", b'{"deviceList": null}'),
        ("200 OK", b"[]"),
        ("200 OK", b'{"deviceList": ['),
        ("502 Bad Gateway", b"<html>502</html>"),
        ("503 Service Unavailable", b""),
    ],
)
def test_a_reading_without_a_usable_answer_is_tried_again_and_a_removal_is_not(
    service: t.Any, status: str, body: bytes
) -> None:
    thingspace, _simulator = service(around=answering(status, body, times=2))
    assert len(thingspace.list_devices(IMEIS)) == len(IMEIS)
    thingspace, simulator = service(around=answering(status, body, times=1))
    with pytest.raises(ThingSpaceError) as caught:
        thingspace.remove(IMEIS)
    assert caught.value.info.kind is ErrorKind.NO_VALID_RESPONSE
    assert len(simulator.requests) == 1


@pytest.mark.parametrize("code", [900800, 900802, 900807])
@pytest.mark.parametrize("status", ["429 Too Many Requests", "503 Service Unavailable"])
def test_a_throttled_removal_is_sent_again(service: t.Any, status: str, code: int) -> None:
    body = b'{"fault": {"code": %d, "message": "Message throttled out"}}' % code
    thingspace, simulator = service(around=answering(status, body, times=2))
    thingspace.remove(IMEIS)
    assert simulator.licensed(ACCOUNT) == frozenset() and len(simulator.requests) == 3
