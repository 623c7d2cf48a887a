# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The calls of ThingSpace, through real HTTP: both path forms, pages, tokens that expire on the way, lost answers."""

from __future__ import annotations

import dataclasses
import typing as t

import pytest

from ansible_collections.verizon.fota.plugins.module_utils._faults import Kind, Refused
from ansible_collections.verizon.fota.plugins.module_utils._http import Client, Connection
from ansible_collections.verizon.fota.plugins.module_utils._pace import Pace
from ansible_collections.verizon.fota.plugins.module_utils._retries import Patience, Sender
from ansible_collections.verizon.fota.plugins.module_utils._thingspace import ThingSpace
from ansible_collections.verizon.fota.plugins.module_utils._tokens import Credentials, Pair, Tokens
from ansible_collections.verizon.fota.tests.simulator import Account, Device, Dialect, Simulator

ACCOUNT = "0642233522-00001"
FLEET = [Device(f"35000000000{number:04}", licensed=number % 2 == 0) for number in range(20)]
IMEIS = [device.imei for device in FLEET]
LOG_IN, OAUTH = "/m2m/v1/session/login", "/ts/v1/oauth2/token"


@pytest.fixture
def service() -> t.Iterator[t.Callable[..., tuple[ThingSpace, Simulator]]]:
    """Start a simulator and make a client for it, with or without credentials to renew its tokens."""
    started: list[t.Any] = []

    def start(credentials: bool = False, around: t.Any = None, **options: t.Any) -> tuple[ThingSpace, Simulator]:
        simulator = Simulator([Account(ACCOUNT, devices=FLEET)], around=around, **options).__enter__()
        client = Client(Connection(simulator.url))
        sender = Sender(client, Patience(retries=2, sleep=lambda seconds: None), Pace(1))
        started.extend((client, simulator))
        given = Credentials(**dataclasses.asdict(simulator.credentials)) if credentials else Credentials()
        tokens = Tokens(sender, simulator.url, given, Pair(*simulator.issue_tokens()))
        return ThingSpace(sender, simulator.url, ACCOUNT, tokens), simulator

    yield start
    for one in started:
        one.__exit__(None, None, None)


def sent(simulator: Simulator, path: str) -> int:
    return sum(request.path == path for request in simulator.requests)


@pytest.mark.parametrize("list_path", ["index", "query"])
@pytest.mark.parametrize("page_size", [1, 3, 1000])
def test_all_licensed_devices_are_read_by_either_path(service: t.Any, list_path: str, page_size: int) -> None:
    thingspace, simulator = service(dialect=Dialect(list_path=list_path), page_size=page_size)
    assert thingspace.licensed() == simulator.licensed(ACCOUNT)


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
    assert len(thingspace.sightings(IMEIS)) == len(IMEIS)
    assert (sent(simulator, OAUTH), sent(simulator, LOG_IN)) == (1, 0)


def test_both_tokens_may_have_expired(service: t.Any) -> None:
    thingspace, simulator = service(credentials=True)
    simulator.expire_access_tokens()
    simulator.expire_sessions()
    assert len(thingspace.sightings(IMEIS)) == len(IMEIS)
    assert (sent(simulator, OAUTH), sent(simulator, LOG_IN)) == (1, 1)


@pytest.mark.parametrize(
    ("expire", "words"),
    [("expire_sessions", "the session token is wrong or has expired"), ("expire_access_tokens", "the access token is")],
)
def test_without_credentials_the_refusal_names_the_token(service: t.Any, expire: str, words: str) -> None:
    thingspace, simulator = service()
    getattr(simulator, expire)()
    for _call in range(2):
        with pytest.raises(Refused, match=words) as caught:
            thingspace.remove(IMEIS)
        assert caught.value.fault.kind is Kind.NO_TOKENS
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
    assert len(thingspace.sightings(IMEIS)) == len(IMEIS)
    thingspace, simulator = service(around=answering(status, body, times=1))
    with pytest.raises(Refused) as caught:
        thingspace.remove(IMEIS)
    assert caught.value.fault.kind is Kind.LOST
    assert len(simulator.requests) == 1


@pytest.mark.parametrize("code", [900800, 900802, 900807])
@pytest.mark.parametrize("status", ["429 Too Many Requests", "503 Service Unavailable"])
def test_a_throttled_removal_is_sent_again(service: t.Any, status: str, code: int) -> None:
    body = b'{"fault": {"code": %d, "message": "Message throttled out"}}' % code
    thingspace, simulator = service(around=answering(status, body, times=2))
    thingspace.remove(IMEIS)
    assert simulator.licensed(ACCOUNT) == frozenset() and len(simulator.requests) == 3
