# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One call, through real HTTP: tokens that expire in between, lost and throttled responses."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.verizon.fota.plugins.module_utils._thingspace.errors import ErrorKind, ThingSpaceError
from ansible_collections.verizon.fota.tests.simulator import Dialect, Fault, Faults, Simulator
from ansible_collections.verizon.fota.tests.unit.plugins.module_utils.conftest import ACCOUNT, FLEET

IMEIS = [device.imei for device in FLEET]
LOGIN, OAUTH = "/m2m/v1/session/login", "/ts/v1/oauth2/token"


def sent(simulator: Simulator, path: str) -> int:
    return sum(request.path == path for request in simulator.requests)


@pytest.mark.parametrize("expired", Dialect.CHOICES["session_expired"])
def test_an_expired_session_is_renewed_in_every_form_of_the_error(service: t.Any, expired: str) -> None:
    thingspace, simulator = service(credentials=True, dialect=Dialect(session_expired=expired))
    simulator.expire_sessions()
    rows, _totals = thingspace.remove(IMEIS)
    assert len(rows) == len(IMEIS) and sent(simulator, LOGIN) == 1


@pytest.mark.parametrize("expired", Dialect.CHOICES["bearer_expired"])
def test_an_expired_access_token_is_renewed(service: t.Any, expired: str) -> None:
    thingspace, simulator = service(credentials=True, dialect=Dialect(bearer_expired=expired))
    simulator.expire_access_tokens()
    assert len(thingspace.list_devices(IMEIS)) == len(IMEIS)
    assert (sent(simulator, OAUTH), sent(simulator, LOGIN)) == (1, 0)


def test_both_tokens_may_have_expired(service: t.Any) -> None:
    thingspace, simulator = service(credentials=True)
    simulator.expire_access_tokens()
    simulator.expire_sessions()
    assert len(thingspace.list_devices(IMEIS)) == len(IMEIS)
    assert (sent(simulator, OAUTH), sent(simulator, LOGIN)) == (1, 1)


def test_a_request_whose_tokens_expire_again_and_again_says_that_they_were_renewed(service: t.Any) -> None:
    kinds = ("expire_session", "expire_access", "expire_session")
    faults = Faults([Fault(kind, on="remove", times=1) for kind in kinds])
    thingspace, simulator = service(credentials=True, middleware=faults.middleware)
    with pytest.raises(ThingSpaceError, match=", although the tokens were renewed for this request$") as caught:
        thingspace.remove(IMEIS)
    assert caught.value.info.kind is ErrorKind.SESSION_TOKEN
    assert (sent(simulator, OAUTH), sent(simulator, LOGIN)) == (1, 1)


@pytest.mark.parametrize(
    ("expire", "message"),
    [("expire_sessions", "the session token is wrong or has expired"), ("expire_access_tokens", "the access token is")],
)
def test_without_credentials_the_error_names_the_token(service: t.Any, expire: str, message: str) -> None:
    thingspace, simulator = service()
    getattr(simulator, expire)()
    for _call in range(2):
        with pytest.raises(ThingSpaceError, match=message) as caught:
            thingspace.remove(IMEIS)
        assert caught.value.info.kind is ErrorKind.UNAUTHENTICATED
    assert len(simulator.requests) == 1, "the second call fails at once"


def responding(status: str, body: bytes, times: int) -> t.Any:
    """A layer around the service that responds to the first requests itself."""
    left = [times]

    def middleware(app: t.Any) -> t.Any:
        def wrapped(environ: t.Any, start_response: t.Any) -> t.Any:
            if left[0] <= 0:
                return app(environ, start_response)
            left[0] -= 1
            start_response(status, [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
            return [body]

        return wrapped

    return middleware


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
def test_a_reading_without_a_valid_response_is_tried_again_and_a_removal_is_not(
    service: t.Any, status: str, body: bytes
) -> None:
    thingspace, _simulator = service(middleware=responding(status, body, times=2))
    assert len(thingspace.list_devices(IMEIS)) == len(IMEIS)
    thingspace, simulator = service(middleware=responding(status, body, times=1))
    with pytest.raises(ThingSpaceError) as caught:
        thingspace.remove(IMEIS)
    assert caught.value.info.kind is ErrorKind.NO_VALID_RESPONSE
    assert len(simulator.requests) == 1


@pytest.mark.parametrize("code", [900800, 900802, 900807])
@pytest.mark.parametrize("status", ["429 Too Many Requests", "503 Service Unavailable"])
def test_a_throttled_removal_is_sent_again(service: t.Any, status: str, code: int) -> None:
    body = b'{"fault": {"code": %d, "message": "Message throttled out"}}' % code
    thingspace, simulator = service(middleware=responding(status, body, times=2))
    thingspace.remove(IMEIS)
    assert simulator.licensed(ACCOUNT) == frozenset() and len(simulator.requests) == 3
