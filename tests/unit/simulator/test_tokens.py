# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Access tokens, session tokens, and the responses without valid ones."""

from __future__ import annotations

import uuid

import pytest

from ansible_collections.verizon.fota.tests.simulator import Credentials, Dialect
from ansible_collections.verizon.fota.tests.simulator.fleets import ACCOUNT, DOCUMENT_IMEIS

SUBSCRIPTION = "/subscriptions/" + ACCOUNT


def fault_code(response):
    assert set(response.json()) == {"fault"}
    assert set(response.json()["fault"]) == {"code", "message", "description"}
    return response.status_code, response.json()["fault"]["code"]


# Access token


def test_the_access_token_stays_the_same_while_its_life_counts_down(client):
    client.simulator.expire_access_tokens()
    first = client.access_token().json()
    client.simulator.advance(1000)
    second = client.access_token().json()

    assert first["token_type"] == "Bearer"
    assert 3595 <= first["expires_in"] <= 3600
    assert second["access_token"] == first["access_token"]
    assert 2595 <= second["expires_in"] <= 2600
    headers = dict(client.headers, Authorization="Bearer " + first["access_token"])
    assert client.call("GET", "/fota/v3" + SUBSCRIPTION, headers=headers).status_code == 200


def test_the_access_token_ends_with_its_life(client_of):
    client = client_of(access_token_life=100, session_idle=1000)
    client.simulator.advance(99)
    assert client.get(SUBSCRIPTION).status_code == 200

    client.simulator.advance(2)

    assert fault_code(client.get(SUBSCRIPTION)) == (401, "900901")
    renewed = "Bearer " + client.access_token().json()["access_token"]
    assert renewed != client.headers["Authorization"]
    headers = dict(client.headers, Authorization=renewed)
    assert client.call("GET", "/fota/v3" + SUBSCRIPTION, headers=headers).status_code == 200


@pytest.mark.parametrize(("choice", "kind"), [("number", int), ("text", str), ("absent", type(None))])
def test_expires_in(client_of, choice, kind):
    response = client_of(dialect=Dialect(expires_in=choice)).access_token().json()

    assert isinstance(response.get("expires_in"), kind)
    assert ("expires_in" in response) is (choice != "absent")


@pytest.mark.parametrize("path", ["/ts/v1/oauth2/token", "/ts/v1/oauth2/revoke"])
@pytest.mark.parametrize("wrong", ["client_id", "client_secret"])
def test_a_wrong_client_is_rejected(client, path, wrong):
    client_credentials = {"client_id": client.simulator.credentials.client_id}
    client_credentials["client_secret"] = client.simulator.credentials.client_secret
    client_credentials[wrong] = "wrong"

    response = client.call("POST", path, headers={}, auth=tuple(client_credentials.values()), data={"token": "x"})

    assert response.status_code == 401
    assert response.json()["error"] == "invalid_client"
    assert set(response.json()) == {"error", "error_description"}


def test_a_missing_client_is_rejected_by_the_gateway(client):
    response = client.call("POST", "/ts/v1/oauth2/token", data={"grant_type": "client_credentials"})

    assert fault_code(response) == (401, "900902")


@pytest.mark.parametrize(
    ("form", "error"),
    [({"scope": "x"}, "invalid_request"), ({"grant_type": "password"}, "unsupported_grant_type")],
)
def test_a_wrong_grant_is_rejected(client, form, error):
    response = client.access_token(**form)

    assert response.status_code == 400
    assert response.json()["error"] == error


def test_revoking_ends_the_token(client):
    credentials = client.simulator.credentials
    token = client.headers["Authorization"].split()[1]

    def revoke(form):
        return client.call(
            "POST",
            "/ts/v1/oauth2/revoke",
            headers={},
            auth=(credentials.client_id, credentials.client_secret),
            data=form,
        )

    assert revoke({"grant_type": "client_credentials"}).json()["error"] == "invalid_request"
    assert revoke({"token": "another"}).status_code == 200
    assert client.get(SUBSCRIPTION).status_code == 200

    response = revoke({"grant_type": "client_credentials", "token": token})

    assert (response.status_code, response.text) == (200, "")
    assert fault_code(client.get(SUBSCRIPTION)) == (401, "900901")
    assert client.access_token().json()["access_token"] != token


# Session


def test_logging_in_replaces_the_session_before(client):
    session_token = client.log_in().json()["sessionToken"]

    assert str(uuid.UUID(session_token)) == session_token
    assert client.get(SUBSCRIPTION).json()["errorCode"].endswith("SessionToken.Expired")
    client.headers["VZ-M2M-Token"] = session_token
    assert client.get(SUBSCRIPTION).status_code == 200


def test_a_session_lives_while_it_is_used(client):
    for _use in range(3):
        client.simulator.advance(1100)
        assert client.get(SUBSCRIPTION).status_code == 200

    client.simulator.advance(1201)

    # Access token and session token have both expired; the gateway comes first.
    assert fault_code(client.get(SUBSCRIPTION)) == (401, "900901")
    client.headers["Authorization"] = "Bearer " + client.access_token().json()["access_token"]
    assert client.get(SUBSCRIPTION).status_code == 400


def test_a_rejected_request_does_not_keep_a_session_alive(client_of):
    client = client_of(session_idle=100)
    client.simulator.advance(60)
    wrong = dict(client.headers, Authorization="Bearer wrong")
    assert client.call("GET", "/fota/v3" + SUBSCRIPTION, headers=wrong).status_code == 401

    client.simulator.advance(60)

    assert client.get(SUBSCRIPTION).status_code == 400


def test_logging_out_ends_the_session(client):
    response = client.call("POST", "/m2m/v1/session/logout")

    assert response.json() == {"sessionToken": client.headers["VZ-M2M-Token"]}
    assert client.get(SUBSCRIPTION).status_code == 400
    assert client.call("POST", "/m2m/v1/session/logout").status_code == 400


@pytest.mark.parametrize("status", ["400", "401"])
def test_a_rejected_login(client_of, status):
    client = client_of(dialect=Dialect(login_rejected=status))

    response = client.log_in(password="wrong")

    assert response.status_code == int(status)
    assert set(response.json()) == {"errorCode", "errorMessage"}
    assert response.json()["errorCode"].startswith("UnifiedWebService.INPUT_INVALID.Password")
    # The previous session stays valid.
    assert client.get(SUBSCRIPTION).status_code == 200


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"username": "a"}', b'{"password": 1}'])
def test_a_login_without_user_or_password_does_not_count(client, body):
    response = client.call("POST", "/m2m/v1/session/login", data=body)

    assert response.status_code == 400
    assert response.json()["errorCode"] == "UnifiedWebService.INPUT_INVALID.RequestUndefined"
    assert client.simulator.failed_logins(client.simulator.credentials.username) == 0


def test_five_failed_logins_lock_the_user(client):
    username = client.simulator.credentials.username
    for count in range(1, 6):
        assert not client.simulator.locked(username)
        assert client.log_in(password="wrong").status_code == 400
        assert client.simulator.failed_logins(username) == count

    assert client.simulator.locked(username)
    assert client.log_in().status_code == 400
    client.simulator.advance(10**6)
    assert client.simulator.locked(username)


def test_a_successful_login_resets_failed_logins(client):
    username = client.simulator.credentials.username
    for _attempt in range(4):
        client.log_in(password="wrong")
    assert client.log_in().status_code == 200
    assert client.simulator.failed_logins(username) == 0

    client.log_in(password="wrong")

    assert not client.simulator.locked(username)


def test_failed_logins_count_for_each_user(client):
    for _attempt in range(5):
        client.log_in(username="somebody")

    assert client.simulator.locked("somebody")
    assert client.log_in().status_code == 200


def test_a_login_with_a_bad_bearer_does_not_count(client):
    credentials = client.simulator.credentials
    response = client.call(
        "POST",
        "/m2m/v1/session/login",
        headers={"Authorization": "Bearer wrong"},
        json={"username": credentials.username, "password": "wrong"},
    )

    assert fault_code(response) == (401, "900901")
    assert client.simulator.failed_logins(credentials.username) == 0


# What every FOTA call requires

CALLS = [
    ("POST", f"/licenses/{ACCOUNT}/remove"),
    ("POST", f"/devices/{ACCOUNT}"),
    ("GET", f"/licenses/{ACCOUNT}/index/0"),
    ("GET", f"/licenses/{ACCOUNT}?lastSeenDeviceId=0"),
    ("GET", f"/reports/{ACCOUNT}/devices/{DOCUMENT_IMEIS[0]}"),
    ("GET", f"/reports/{ACCOUNT}/firmware/campaigns"),
    ("GET", f"/reports/{ACCOUNT}/campaigns/1/devices"),
    ("GET", SUBSCRIPTION),
]


@pytest.mark.parametrize(("method", "path"), CALLS)
def test_every_call_requires_both_tokens(client, method, path):
    def response(**headers):
        body = {"deviceList": list(DOCUMENT_IMEIS)} if method == "POST" else None
        return client.call(method, "/fota/v3" + path, headers=headers, json=body)

    licensed = client.simulator.licensed(ACCOUNT)
    bearer, session = client.headers["Authorization"], client.headers["VZ-M2M-Token"]

    assert fault_code(response(**{"VZ-M2M-Token": session})) == (401, "900902")
    basic = {"Authorization": "Basic eDp5", "VZ-M2M-Token": session}
    assert fault_code(response(**basic)) == (401, "900902")
    wrong = {"Authorization": "Bearer wrong", "VZ-M2M-Token": session}
    assert fault_code(response(**wrong)) == (401, "900901")
    missing = response(Authorization=bearer)
    assert missing.status_code == 400
    assert missing.json()["errorCode"].endswith("REQUEST_FAILED.SessionToken.Format")
    wrong = response(**{"Authorization": bearer, "VZ-M2M-Token": str(uuid.uuid4())})
    assert wrong.status_code == 400
    assert wrong.json()["errorCode"].endswith("REQUEST_FAILED.SessionToken.Expired")
    assert client.simulator.licensed(ACCOUNT) == licensed


EXPIRED = "UnifiedWebService.REQUEST_FAILED.SessionToken.Expired"
INVALID = "UnifiedWebService.INPUT_INVALID.SessionToken.Invalid"


@pytest.mark.parametrize(
    ("choice", "status", "key", "value"),
    [
        ("connectivity-400", 400, "errorCode", EXPIRED),
        ("connectivity-401", 401, "errorCode", EXPIRED),
        ("invalid-400", 400, "errorCode", INVALID),
        ("invalid-401", 401, "errorCode", INVALID),
        ("uws-401", 401, "error", "unauthorized"),
        ("uws-500", 500, "error", "internal_server_error"),
    ],
)
def test_an_expired_session(client_of, choice, status, key, value):
    client = client_of(dialect=Dialect(session_expired=choice))
    client.simulator.expire_sessions()

    response = client.remove(list(DOCUMENT_IMEIS))

    assert response.status_code == status
    assert response.json()[key] == value
    assert client.simulator.removed == []
    if key == "error":
        assert set(response.json()) == {"error", "error_description", "cause"}
        assert "Requested service is unauthorized for given token" in response.text


@pytest.mark.parametrize("choice", ["900901", "900903"])
def test_an_expired_bearer(client_of, choice):
    client = client_of(dialect=Dialect(bearer_expired=choice))
    client.simulator.expire_access_tokens()

    assert fault_code(client.remove(list(DOCUMENT_IMEIS))) == (401, choice)
    assert client.simulator.removed == []


def test_issued_tokens_stay_valid(client):
    first = client.simulator.issue_tokens()
    assert client.simulator.issue_tokens() == first

    client.simulator.expire_sessions()
    second = client.simulator.issue_tokens()

    assert second[0] == first[0]
    assert second[1] != first[1]
    client.headers["VZ-M2M-Token"] = second[1]
    assert client.get(SUBSCRIPTION).status_code == 200


def test_other_credentials(client_of):
    client = client_of(credentials=Credentials("id", "secret", "user", "password"))

    assert client.access_token().status_code == 200
    assert client.log_in("password", "user").status_code == 200
    assert client.log_in(Credentials().password, "user").status_code == 400
