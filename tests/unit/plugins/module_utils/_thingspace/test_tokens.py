# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tokens of a run, with a client that responds from a script."""

from __future__ import annotations

import base64
import json
import threading
import time

import pytest

from ansible_collections.verizon.fota.plugins.module_utils._http.messages import Response
from ansible_collections.verizon.fota.plugins.module_utils._http.retries import RetryableResponse
from ansible_collections.verizon.fota.plugins.module_utils._http.transport_errors import TransportError
from ansible_collections.verizon.fota.plugins.module_utils._thingspace import tokens as _tokens
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.client import ThingSpace
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.errors import (
    ErrorInfo,
    ErrorKind,
    ThingSpaceError,
)
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.tokens import Credentials, TokenPair, Tokens

URL = "https://thingspace.example/api"
ALL = Credentials("key", "secret", "user", "hunter2")
NONE = Credentials()
ACCESS, SESSION = (
    ErrorInfo(ErrorKind.ACCESS_TOKEN, "HTTP 401: 900901"),
    ErrorInfo(ErrorKind.SESSION_TOKEN, "HTTP 400: Expired"),
)
EXPIRED = {"fault": {"code": "900901", "message": "Invalid Credentials"}}


class Client:
    """Responds to each call by its path: contents, (status, content), or errors to raise; then numbered tokens."""

    def __init__(self, delay=0, **scripts):
        self.delay = delay
        self.scripts = {name: list(responses) for name, responses in scripts.items()}
        self.requests = []

    @property
    def calls(self):
        return [request.url.rpartition("/")[2] for request in self.requests]

    def send(self, request, read):
        self.requests.append(request)
        time.sleep(self.delay)
        name = self.calls[-1]
        count = self.calls.count(name)
        script = self.scripts.get(name)
        good = {"token": {"access_token": f"access{count}", "expires_in": 3599}, "login": {"sessionToken": f"s{count}"}}
        response = script.pop(0) if script else good.get(name, {"sessionToken": "…"})
        if isinstance(response, Exception):
            raise response
        status, content = response if isinstance(response, tuple) else (200, response)
        try:
            return read(Response(status, {}, json.dumps(content).encode()))
        except RetryableResponse as retryable:
            raise retryable.error from None


def tokens(client=None, credentials=ALL, access=None, session=None):
    return Tokens(client or Client(), URL, credentials, TokenPair(access, session))


def error_of(call, *args):
    with pytest.raises(ThingSpaceError) as caught:
        call(*args)
    return str(caught.value)


# Obtaining


def test_tokens_that_are_set_are_used_without_a_call():
    client = Client()

    assert tokens(client, NONE, "mine", "too").current() == TokenPair("mine", "too")
    assert client.calls == []


def test_missing_tokens_are_obtained_as_documented():
    client = Client()

    assert tokens(client).current() == TokenPair("access1", "s1", 3599)
    token, login = client.requests
    assert (token.method, token.url) == ("POST", f"{URL}/ts/v1/oauth2/token")
    assert token.headers["Authorization"] == "Basic " + base64.b64encode(b"key:secret").decode()
    assert (token.body, token.idempotent) == (b"grant_type=client_credentials", True)
    assert (login.method, login.url) == ("POST", f"{URL}/m2m/v1/session/login")
    assert login.headers["Authorization"] == "Bearer access1"
    assert json.loads(login.body) == {"username": "user", "password": "hunter2"}
    assert not login.idempotent
    assert (token.fresh_connection, login.fresh_connection) == (False, True)


@pytest.mark.parametrize(("given", "calls"), [({"access": "a"}, ["login"]), ({"session": "s"}, ["token"])])
def test_only_the_missing_token_is_obtained(given, calls):
    client = Client()
    shared = tokens(client, **given)

    pair = shared.current()

    assert (pair.access, pair.session) == (given.get("access", "access1"), given.get("session", "s1"))
    shared.current()
    assert client.calls == calls


@pytest.mark.parametrize(
    ("credentials", "given", "expected"),
    [
        (NONE, {}, "client_id and client_secret"),
        (Credentials("key", None, "user", "hunter2"), {}, "client_id and client_secret"),
        (Credentials("key", "secret"), {}, "username and password"),
        (NONE, {"access": "a"}, "username and password"),
    ],
)
def test_what_is_missing_is_named(credentials, given, expected):
    assert expected in error_of(tokens(None, credentials, **given).current)


def test_variables_that_would_do_are_named():
    text = error_of(tokens(None, NONE).current)
    assert all(f"THINGSPACE_{name}" in text for name in ("ACCESS_TOKEN", "CLIENT_ID", "CLIENT_SECRET"))
    text = error_of(tokens(None, NONE, access="a").current)
    assert all(f"THINGSPACE_{name}" in text for name in ("SESSION_TOKEN", "USERNAME", "PASSWORD"))


TLS = TransportError(
    "TLS with 127.0.0.1:8642 failed: [SSL: WRONG_VERSION_NUMBER] wrong version number", True, permanent=True
)
UNTRUSTED = TransportError(
    "TLS with a.example failed: the certificate is not trusted: self-signed", False, permanent=True
)


@pytest.mark.parametrize("endpoint", ["token", "login"])
@pytest.mark.parametrize(
    "response",
    [
        (404, {}),
        (404, {"fault": {"code": "900906", "message": "No matching resource"}}),
        (405, {}),
        (302, {}),
        (400, {"message": "The plain HTTP request was sent to HTTPS port"}),
    ],
)
def test_another_address_is_blamed_on_the_url_and_not_on_the_credentials(endpoint, response):
    text = error_of(tokens(Client(**{endpoint: [response]})).current)
    assert (
        "is api_url (or THINGSPACE_API_URL) right? It should look like https://thingspace.verizon.com/api: HTTP "
        in text
    )
    assert not any(word in text for word in ("client_id", "password", "lock"))


@pytest.mark.parametrize("response", [TLS, [], "<html>"])
def test_a_wrong_scheme_and_a_response_of_another_server_are_blamed_on_the_url(response):
    text = error_of(tokens(Client(token=[response])).current)
    assert "It should look like https://thingspace.verizon.com/api: " in text and "client_id" not in text


@pytest.mark.parametrize("response", [(401, {}), (403, {}), (400, {"error": "invalid_client"}), UNTRUSTED])
def test_what_may_be_about_credentials_is_not_blamed_on_the_url(response):
    text = error_of(tokens(Client(token=[response])).current)
    assert "client_id, client_secret" in text and "api_url" not in text


@pytest.mark.parametrize(
    "response",
    [{}, [], None, {"sessionToken": ""}, {"sessionToken": 5}, {"sessionToken": "a\nb"}, {"sessionToken": "ü"}],
)
def test_a_response_without_a_valid_token_is_rejected(response):
    message = "without a valid sessionToken" if isinstance(response, dict) else "the response is not a JSON object"
    assert message in error_of(tokens(Client(login=[response])).current)


@pytest.mark.parametrize(
    ("expires_in", "seconds"), [(3599, 3599), ("120", 120), (1.5, 1), (None, None), ("soon", None), (True, None)]
)
def test_the_remaining_life_is_read_in_every_form(expires_in, seconds):
    client = Client(token=[{"access_token": "a", "expires_in": expires_in}])

    assert _tokens.obtain_access(client, URL, ALL).expires_in == seconds


def test_an_endless_life_is_not_known():
    client = Client(token=[{"access_token": "a", "expires_in": float("inf")}])

    assert _tokens.obtain_access(client, URL, ALL).expires_in is None


# The login rule: five rejected logins lock the user


@pytest.mark.parametrize(
    "response",
    [
        (400, {"errorCode": "REQUEST_FAILED.UnknownUser", "errorMessage": "no"}),
        (401, {"error": "unauthorized"}),
        (401, EXPIRED),
        (403, {}),
        (500, {}),
        (302, {}),
        {},
        TransportError("no response within 30 s", sent=True),
    ],
    ids=["unknown user", "unauthorized", "gateway", "forbidden", "error", "redirect", "no token", "timeout"],
)
def test_a_login_that_failed_is_never_sent_again(response):
    client = Client(login=[response])
    shared = tokens(client, Credentials(username="user", password="hunter2"), access="a")

    messages = {
        error_of(shared.current),
        error_of(shared.current),
        error_of(shared.renewed, TokenPair("a", "old"), SESSION),
    }

    assert client.calls == ["login"]
    assert len(messages) == 1
    assert "hunter2" not in messages.pop()


@pytest.mark.parametrize("access", [None, "old"])
@pytest.mark.parametrize(
    "response",
    [(401, {}), (401, {"errorCode": "REQUEST_FAILED.Unexpected"}), (429, {}), (429, {"fault": {"code": 900800}})],
)
def test_a_login_is_sent_once_whatever_its_token_unless_the_gateway_rejected_that(response, access):
    client = Client(login=[response])
    error_of(tokens(client, access=access).current)

    assert client.calls.count("login") == 1


def test_a_login_that_the_gateway_rejects_with_a_new_token_is_not_sent_again():
    client = Client(login=[(401, EXPIRED)])
    error_of(tokens(client).current)

    assert client.calls == ["token", "login"]


def test_threads_that_need_a_session_login_once():
    client = Client(delay=0.02)
    shared = tokens(client)
    pairs = []
    threads = [threading.Thread(target=lambda: pairs.append(shared.current())) for _number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert pairs == [TokenPair("access1", "s1", 3599)] * 8
    assert client.calls == ["token", "login"]


def test_an_old_access_token_is_renewed_before_the_login():
    client = Client(login=[(401, EXPIRED)])

    assert tokens(client, access="old").current() == TokenPair("access1", "s2", 3599)
    assert client.calls == ["login", "token", "login"]


def test_a_login_that_the_gateway_rejects_twice_ends():
    client = Client(login=[(401, EXPIRED)] * 3)
    error_of(tokens(client, access="old").current)

    assert client.calls == ["login", "token", "login"]


# Renewal


@pytest.mark.parametrize(("info", "calls"), [(ACCESS, ["token"]), (SESSION, ["login"])])
def test_only_the_token_that_expired_is_renewed(info, calls):
    client = Client()
    shared = tokens(client, access="a", session="s")

    pair = shared.renewed(shared.current(), info)

    assert (pair.access, pair.session) == (("access1", "s") if info is ACCESS else ("a", "s1"))
    assert (client.calls, shared.current()) == (calls, pair)


def test_of_those_that_find_a_token_expired_one_renews_it():
    client = Client()
    shared = tokens(client, access="a", session="s")
    old = shared.current()

    assert shared.renewed(old, SESSION) == shared.renewed(old, SESSION) == TokenPair("a", "s1")
    assert client.calls == ["login"]


@pytest.mark.parametrize(
    ("info", "credentials", "advice"),
    [
        (ACCESS, Credentials(None, None, "user", "hunter2"), "set client_id and client_secret"),
        (SESSION, Credentials("key", "secret"), "set username and password"),
    ],
)
def test_a_token_that_cannot_be_renewed_is_named_with_advice(info, credentials, advice):
    client = Client()
    shared = tokens(client, credentials, "a", "s")

    messages = error_of(shared.renewed, shared.current(), info)

    assert advice in messages
    assert info.message in messages
    assert client.calls == []


@pytest.mark.parametrize("info", [ACCESS, SESSION])
def test_a_token_that_is_rejected_as_soon_as_it_was_issued_is_not_renewed_forever(info):
    client = Client()
    shared = tokens(client, access="a", session="s")

    messages = error_of(shared.renewed, shared.renewed(shared.current(), info), info)

    assert "just issued" in messages
    assert len(client.calls) == 1


@pytest.mark.parametrize("info", [ACCESS, SESSION])
def test_a_token_that_was_accepted_may_expire_again(info):
    client = Client()
    shared = tokens(client, access="a", session="s")
    for _time in range(4):
        pair = shared.renewed(shared.current(), info)
        shared.accepted(pair)

    assert len(client.calls) == 4


def test_both_tokens_may_have_expired():
    shared = tokens(access="old", session="old")

    pair = shared.renewed(shared.renewed(shared.current(), ACCESS), SESSION)

    assert pair == TokenPair("access1", "s1", 3599)


# Secrets, and the end of a session


def test_nothing_secret_is_in_a_text():
    texts = repr(
        [ALL, TokenPair("my access", "my session"), ThingSpaceError(ErrorInfo(ErrorKind.UNAUTHENTICATED, "…"))]
    )

    assert not [word for word in ("key", "secret", "user", "hunter2", "my access", "my session") if word in texts]


def test_all_secrets_of_the_run_are_returned():
    shared = tokens()
    shared.renewed(shared.current(), SESSION)

    assert shared.secrets() == {"access1", "s1", "s2", *ALL.secrets()}


@pytest.mark.parametrize(("response", "ended"), [({}, True), ((401, {"error": "unauthorized"}), False)])
def test_a_logout_returns_whether_there_was_a_session(response, ended):
    client = Client(logout=[response])

    assert _tokens.logout(client, URL, TokenPair("a", "s")) is ended
    assert client.requests[0].headers == {"Authorization": "Bearer a", "VZ-M2M-Token": "s"}


def test_a_logout_that_fails_is_reported():
    with pytest.raises(ThingSpaceError, match="the logout failed"):
        _tokens.logout(Client(logout=[(403, {})]), URL, TokenPair("a", "s"))


def test_without_an_access_token_no_logout_is_sent():
    client = Client()
    with pytest.raises(ThingSpaceError, match="the logout failed: there is no access token any more"):
        _tokens.logout(client, URL, TokenPair(None, "s"))
    assert client.requests == []


def test_a_token_that_brought_another_error_was_accepted():
    expired = (400, {"errorCode": "UnifiedWebService.REQUEST_FAILED.SessionToken.Expired"})
    client = Client(account=[expired, (404, {}), expired, (404, {})])
    service = ThingSpace(client, URL, "account", tokens(client, access="a", session="s"))

    # 20 minutes may lie between the two.
    for _call in range(2):
        with pytest.raises(ThingSpaceError, match="HTTP 404"):
            service.list_devices(["990003425730535"])

    assert client.calls == ["account", "login", "account"] * 2
