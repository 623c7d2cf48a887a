# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an error response means, in every form and at every status."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.verizon.fota.plugins.module_utils._http.messages import Request, Response
from ansible_collections.verizon.fota.plugins.module_utils._http.retries import RetryableResponse
from ansible_collections.verizon.fota.plugins.module_utils._http.transport_errors import TransportError
from ansible_collections.verizon.fota.plugins.module_utils._thingspace import errors
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.errors import ErrorKind

XML = b"<am:fault xmlns:am='x'><am:code>900908</am:code><am:message>Resource forbidden</am:message></am:fault>"
ACCOUNT_CODES = (
    "REQUEST_FAILED.AccountNotFound",
    "REQUEST_FAILED.AccountName",
    "REQUEST_FAILED.NoAccounts",
    "REQUEST_FAILED.MultipleAccounts",
    "INPUT_INVALID.Account.NotDefined",
)
STATUSES = (400, 401, 403, 404, 409, 429, 500, 503)


def response(status, content, **headers):
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return Response(status, headers, body)


def fota(message):
    return {"errorCode": "INVALID_PARAMETER", "errorMessage": message}


def gateway(code):
    return {"fault": {"code": code, "message": "Invalid Credentials", "description": "Access failure"}}


def connectivity(code):
    return {"errorCode": code, "errorMessage": "whatever"}


@pytest.mark.parametrize(
    ("status", "content", "kind"),
    [
        # FOTA
        (400, fota("Invalid device id format"), ErrorKind.INVALID_DEVICE_LIST),
        (400, fota("Invalid device id format."), ErrorKind.INVALID_DEVICE_LIST),
        (400, fota("Device list is empty"), ErrorKind.REJECTED),
        (400, fota("Input binding error"), ErrorKind.REJECTED),
        (400, fota("Invalid account name format"), ErrorKind.REJECTED),
        (400, fota("INACTIVE ACCOUNT!"), ErrorKind.REJECTED),
        (400, fota("LastSeenDeviceId Not Valid"), ErrorKind.INVALID_CURSOR),
        (500, fota("Invalid device id format"), ErrorKind.INVALID_DEVICE_LIST),
        (400, fota("something new"), ErrorKind.INVALID_DEVICE_LIST),
        # Connectivity Management
        (400, connectivity("UnifiedWebService.REQUEST_FAILED.SessionToken.Expired"), ErrorKind.SESSION_TOKEN),
        (401, connectivity("REQUEST_FAILED.SessionToken.Format"), ErrorKind.SESSION_TOKEN),
        (400, connectivity("Any.INPUT_INVALID.SessionToken.Invalid"), ErrorKind.SESSION_TOKEN),
        (401, connectivity("INPUT_INVALID.SessionToken.Invalid"), ErrorKind.SESSION_TOKEN),
        # Gateway
        (401, gateway("900901"), ErrorKind.ACCESS_TOKEN),
        (401, gateway(900902), ErrorKind.ACCESS_TOKEN),
        (401, gateway(900903), ErrorKind.ACCESS_TOKEN),
        (400, gateway("900902"), ErrorKind.ACCESS_TOKEN),
        (400, gateway("900906"), ErrorKind.UNAVAILABLE),
        (404, gateway("900906"), ErrorKind.UNAVAILABLE),
        (429, gateway("900802"), ErrorKind.THROTTLED),
        (503, gateway(900807), ErrorKind.THROTTLED),
        (503, gateway("900808"), ErrorKind.NO_VALID_RESPONSE),
        (403, XML, ErrorKind.UNAVAILABLE),
        # Unified web services
        (401, {"error": "unauthorized", "error_description": "…", "cause": "…"}, ErrorKind.SESSION_TOKEN),
        (500, {"error": "unauthorized"}, ErrorKind.SESSION_TOKEN),
        # OAuth
        (401, {"error": "invalid_client", "error_description": "…"}, ErrorKind.ACCESS_TOKEN),
        # A proxy in between
        (302, b"", ErrorKind.REJECTED),
        (401, b"<html>", ErrorKind.ACCESS_TOKEN),
        (404, b"", ErrorKind.UNAVAILABLE),
        (405, b"", ErrorKind.UNAVAILABLE),
        (408, b"", ErrorKind.NO_VALID_RESPONSE),
        (413, b"", ErrorKind.INVALID_DEVICE_LIST),
        (418, b"", ErrorKind.REJECTED),
        (429, b"slow down", ErrorKind.THROTTLED),
        (500, b"\xff\xfe", ErrorKind.NO_VALID_RESPONSE),
        (502, b"<html><h1>Bad Gateway</h1></html>", ErrorKind.NO_VALID_RESPONSE),
        (503, b"", ErrorKind.NO_VALID_RESPONSE),
        (504, [], ErrorKind.NO_VALID_RESPONSE),
    ],
)
def test_every_form_of_error_is_recognized(status, content, kind):
    assert errors.error_from_response(response(status, content)).kind is kind


@pytest.mark.parametrize("status", [200, 201, 204])
def test_success_is_no_error(status):
    assert errors.error_from_response(response(status, fota("Inactive account"))) is None


@pytest.mark.parametrize(
    ("content", "recognized"), [(fota("Invalid device id format"), True), (fota("news"), False), (b"", False)]
)
def test_an_unrecognized_400_is_marked(content, recognized):
    assert errors.error_from_response(response(400, content)).recognized is recognized


def as_xml(code, prefix="am:", indent=""):
    inner = f"{indent}<{prefix}code>{indent}{code}{indent}</{prefix}code>{indent}<{prefix}message>M</{prefix}message>"
    fault = (
        f'<{prefix}fault xmlns{":" if prefix else ""}{prefix[:-1]}="http://wso2.org/apimanager">{inner}</{prefix}fault>'
    )
    return fault.encode()


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize(
    ("code", "kind"),
    [
        *((code, ErrorKind.THROTTLED) for code in (900800, 900801, 900802, 900803, 900804, 900806, 900807)),
        (900805, ErrorKind.REJECTED),
        *((code, ErrorKind.ACCESS_TOKEN) for code in (900901, 900902, 900903)),
        (900906, ErrorKind.UNAVAILABLE),
    ],
)
def test_a_code_of_the_gateway_counts_at_any_status_as_json_and_as_xml(status, code, kind):
    forms = [
        gateway(code),
        gateway(str(code)),
        as_xml(code),
        as_xml(code, "amt:"),
        as_xml(code, "ams:"),
        as_xml(code, ""),
        as_xml(code, indent="\n  "),
        b'\xef\xbb\xbf<?xml version="1.0" encoding="UTF-8"?>\r\n<!-- fault -->' + as_xml(code),
        b"<e:Envelope xmlns:e='x'><e:Body>" + as_xml(code) + b"</e:Body></e:Envelope>",
    ]
    infos = [errors.error_from_response(response(status, form)) for form in forms]

    assert {(info.kind, info.recognized) for info in infos} == {(kind, True)}
    assert all(info.message.startswith(f"HTTP {status}: ") and str(code) in info.message for info in infos)


@pytest.mark.parametrize("content", [gateway("900805"), as_xml("900805", "amt:")])
@pytest.mark.parametrize("status", STATUSES)
def test_a_block_is_never_retried(status, content):
    blocked = response(status, content, **{"retry-after": "1"})

    with pytest.raises(errors.ThingSpaceError, match="900805"):
        errors.content_or_raise(blocked, Request("GET", "", idempotent=True))


@pytest.mark.parametrize(
    "content",
    [
        as_xml("404"),
        as_xml("9008000"),
        b"<am:faultcode>900800</am:faultcode>",
        b"<am:code>900800</am:code>",
        b"<html><p>default <code>900800</code></p></html>",
        b"<am:fault><am:code>900800",
        b"<am:fault>" + b" " * 5000 + b"<am:code>900800</am:code></am:fault>",
    ],
)
def test_xml_without_a_code_of_the_gateway_leaves_it_to_the_status(content):
    assert [errors.error_from_response(response(status, content)).kind for status in (403, 503)] == [
        ErrorKind.UNAVAILABLE,
        ErrorKind.NO_VALID_RESPONSE,
    ]


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("service", ["", "UnifiedWebService.", "Any."])
@pytest.mark.parametrize("code", ACCOUNT_CODES)
def test_an_error_about_the_account_concerns_every_device(code, service, status):
    info = errors.error_from_response(response(status, connectivity(service + code)))

    assert (info.kind, info.recognized) == (ErrorKind.REJECTED, True)


@pytest.mark.parametrize(
    "code", ["REQUEST_FAILED.UnexpectedError", "REQUEST_FAILED.DeviceNotFound", "AccountNotFoundX"]
)
def test_any_other_code_leaves_it_to_the_status(code):
    infos = [
        errors.error_from_response(response(status, connectivity(f"UnifiedWebService.{code}"))) for status in (400, 500)
    ]

    assert [(info.kind, info.recognized) for info in infos] == [
        (ErrorKind.INVALID_DEVICE_LIST, False),
        (ErrorKind.NO_VALID_RESPONSE, True),
    ]


# Messages


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (fota("Device list is empty"), "HTTP 400: INVALID_PARAMETER: Device list is empty"),
        (gateway("900901"), "HTTP 400: 900901: Invalid Credentials: Access failure"),
        ({"error": "a", "error_description": "b", "cause": "c"}, "HTTP 400: a: b: c"),
        (XML, "HTTP 400: 900908 Resource forbidden"),
        (b"", "HTTP 400: no explanation"),
        ([], "HTTP 400: no explanation"),
        ({"errorMessage": ["x"], "error": None}, "HTTP 400: no explanation"),
        ({"errorMessage": "two\nlines\x1b[31m\u202eand more"}, "HTTP 400: two lines [31m and more"),
    ],
)
def test_the_message_is_that_of_the_service_on_one_line(content, message):
    assert errors.error_from_response(response(400, content)).message == message


def test_a_redirect_asks_whether_the_url_is_right():
    assert "api_url" in errors.error_from_response(response(301, b"")).message


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.text() | st.sampled_from(["fault", "error", "errorCode"]), inner)
    ),
)


@given(st.integers(300, 599), JSON.map(lambda content: json.dumps(content).encode()) | st.binary())
def test_any_response_that_is_no_success_is_an_error_with_a_bounded_message(status, body):
    info = errors.error_from_response(Response(status, {}, body))

    assert isinstance(info.kind, ErrorKind)
    assert info.message.isprintable()
    assert len(info.message) < 400


# Content


@pytest.mark.parametrize("body", [b'{"a": 1}', b'\xef\xbb\xbf{"a": 1}', b' {"a":\r\n1} '])
def test_json_is_parsed_with_or_without_a_byte_order_mark(body):
    assert errors.parse_json(Response(200, {}, body)) == {"a": 1}


@pytest.mark.parametrize("body", [b"", b"{", b'{"a": "b', b"\xff", b"<html>", b"[" * 100000, b"1" * 5000 + b"x"])
def test_what_is_not_json_is_no_json_value(body):
    content = errors.parse_json(Response(200, {}, body))

    assert not isinstance(content, (dict, list, str, int, float, bool, type(None)))


# Whether to retry


@pytest.mark.parametrize(
    ("status", "idempotent", "retried"),
    [(503, True, True), (503, False, False), (429, True, True), (429, False, True), (400, True, False)],
)
def test_a_lost_response_is_retried_only_if_the_request_is_idempotent(status, idempotent, retried):
    with pytest.raises((RetryableResponse, errors.ThingSpaceError)) as caught:
        errors.content_or_raise(
            response(status, b"", **{"retry-after": "7"}), Request("POST", "", idempotent=idempotent)
        )

    assert isinstance(caught.value, RetryableResponse) is retried
    if retried:
        assert caught.value.retry_after == 7
        assert isinstance(caught.value.error, errors.ThingSpaceError)


def test_success_returns_its_content():
    assert errors.content_or_raise(response(200, {"a": 1}), Request("POST", "")) == {"a": 1}


@pytest.mark.parametrize(("sent", "kind"), [(True, ErrorKind.NO_VALID_RESPONSE), (False, ErrorKind.UNREACHABLE)])
def test_a_transport_error_says_whether_the_service_may_have_acted(sent, kind):
    error = errors.error_from_transport(TransportError("reset", sent))

    assert (error.info.kind, str(error)) == (kind, "reset")


@pytest.mark.parametrize(
    ("content", "about"),
    [
        (fota("Inactive account"), True),
        (fota("Invalid account name format"), True),
        (connectivity("UnifiedWebService.REQUEST_FAILED.AccountNotFound"), True),
        (connectivity("UnifiedWebService.INPUT_INVALID.Account.NotDefined"), True),
        (fota("Invalid device id format"), False),
        (connectivity("UnifiedWebService.REQUEST_FAILED.SessionToken.Expired"), False),
        ({"error": "account"}, False),
        (fota("Inactive account."), True),
        (connectivity("UnifiedWebService.REQUEST_FAILED.MultipleAccounts"), True),
        (fota("Devices of another account are in the list"), False),
        (fota("Account is busy, try again later"), False),
        (connectivity("UnifiedWebService.REQUEST_FAILED.AccountBusy"), False),
        (b"<html>Sign in to your account</html>", False),
    ],
)
def test_a_rejected_account_comes_with_its_option_and_variable(content, about):
    message = errors.error_from_response(response(400, content)).message
    assert ("(is account, or THINGSPACE_ACCOUNT, the right one?)" in message) is about
