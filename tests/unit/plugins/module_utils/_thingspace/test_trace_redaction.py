# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What of an exchange may be published: no secret, no IMEI, no account, in any form, and pseudonyms that keep the form."""

from __future__ import annotations

import json
import re
import string

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from ansible_collections.verizon.fota.plugins.module_utils._http.messages import Request, Response
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.trace_redaction import (
    ACCOUNT,
    REDACTED,
    Known,
    Redactor,
)

API = "https://thingspace.verizon.com/api"
MINE = "0642233522-00001"
PASSWORD = "Hq6jYd3c5 \u00fc&"
REDACTOR = Redactor(b"k" * 32, Known(MINE, frozenset({PASSWORD, "operator", "ab"}), API))
IMEIS = st.from_regex(r"[0-9]{15}", fullmatch=True)
A, LEADING_ZERO = "990003425730535", "012345678901234"


def digits(text):
    return re.sub("[^0-9]", "", text)


# IMEIs


@given(IMEIS, st.text(), st.text())
def test_an_imei_in_a_text_has_its_pseudonym_and_the_text_stays(imei, before, after):
    before, after = (re.sub(r"[0-9\W_]", "x", part) for part in (before, after))
    found = REDACTOR.text(f"{before} {imei}, {after}")
    pseudonym = REDACTOR.text(imei)
    assert re.fullmatch("[0-9]{15}", pseudonym) and pseudonym[:2] == imei[:2]
    assert pseudonym in found


@given(
    IMEIS,
    st.lists(st.sampled_from(["", "", "", " ", "-", "/", ".", "\u00a0", "\u2011", " - "]), min_size=14, max_size=14),
)
def test_an_imei_with_separators_has_the_pseudonym_of_the_imei_at_the_same_places(imei, separators):
    spelled = imei[0] + "".join(separator + digit for separator, digit in zip(separators, imei[1:]))
    # Four groups of digits with dots are the address of a host, and are redacted as one.
    assume(not re.search(r"(?:[0-9]{1,3}\.){3}[0-9]{1,3}", spelled))
    found = REDACTOR.text(f"the device {spelled} is unknown")
    assert digits(found) == REDACTOR.text(imei)
    assert re.sub("[0-9]", "0", found) == re.sub("[0-9]", "0", f"the device {spelled} is unknown")


@given(IMEIS.filter(lambda imei: int(imei) >= 10**11))
@example("000100000000000")
def test_an_imei_that_is_a_number_has_the_pseudonym_of_the_imei(imei):
    for number in (int(imei), float(imei)):
        found = REDACTOR.json({"deviceId": number})["deviceId"]
        assert f"{int(found):015}" == REDACTOR.text(imei) and type(found) is type(number)
    assert REDACTOR.text(str(int(imei))).zfill(15) == REDACTOR.text(imei)


@given(st.lists(IMEIS, unique=True, min_size=2, max_size=20))
def test_no_two_imeis_have_the_same_pseudonym(imeis):
    assert len(set(map(REDACTOR.text, imeis))) == len(imeis)


@pytest.mark.parametrize(
    "text", ["99000342573053", "9900034257305351", "99000342573053-53", "89148000001234567890", A[:12]]
)
def test_other_long_numbers_have_pseudonyms_of_their_length(text):
    found = REDACTOR.text(text)
    assert found != text and re.sub("[0-9]", "0", found) == re.sub("[0-9]", "0", text)


@given(st.lists(IMEIS, min_size=2, max_size=5), st.sampled_from([" ", ", ", "\n", "/", "; "]))
def test_imeis_side_by_side_have_their_own_pseudonyms(imeis, separator):
    assert REDACTOR.text(separator.join(imeis)) == separator.join(map(REDACTOR.text, imeis))


def test_many_short_groups_of_digits_are_replaced():
    assert REDACTOR.text("12 34 56 78 90 12 34 56 78") != "12 34 56 78 90 12 34 56 78"


@pytest.mark.parametrize("part", ["x", "token", "12 ", "1", "a1", "a:", "a::", "1.", "a@", "=", "http://", "-", " "])
def test_the_time_for_a_long_text_grows_with_its_length(part):
    """If it grew with its square, this would take an hour."""
    text = part * (300_000 // len(part))
    assert len(REDACTOR.json({"message": text})["message"]) >= len(text) // 2
    assert REDACTOR.response_content(FOTA, response(text.encode()))["text"]


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32))
def test_pseudonyms_depend_on_the_key(first, second):
    found = [Redactor(key, Known()).text(A + LEADING_ZERO) for key in (first, second)]
    assert (found[0] == found[1]) == (first == second)


# What stays


@pytest.mark.parametrize(
    "text",
    [
        "2021-06-10T15:13:30.941Z",
        "2017-11-29 20:15:42.738 +0000 UTC",
        "2021-06-10",
        "01/01/1900",
        "Upgrade pending, the device upgrade is estimated to be scheduled for 06 Oct 22 18:05 UTC",
        "License removal not allowed for devices that have ever upgraded firmware.",
        "FOTA_Verizon_Model-A_02To03_HF",
        "BG96MAR02A07M1G_01.012.01.012",
        "SWI9X30C_02.24.03.00",
        "ReceivedDeviceDataFromNetwork",
        "UnifiedWebService.REQUEST_FAILED.SessionToken.Expired",
        "1000",
        "900901",
        "abacus",
    ],
)
def test_what_names_nobody_stays(text):
    assert REDACTOR.text(text) == text


def test_counts_and_states_stay():
    content = {
        "licTotalCount": 9000,
        "licUsedCount": 1234567,
        "hasMoreData": True,
        "deviceList": None,
        "share": 0.25,
        "x": [],
    }
    assert REDACTOR.json(content) == content


# Accounts, names, secrets


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("blocked: 203.0.113.45.", "blocked: 192.0.2.1."),
        ("blocked: 203.0.113.45, try", "blocked: 192.0.2.1, try"),
        ("from 2001:db8:85a3::8a2e:370:7334", "from 2001:db8::1"),
        ("from fe80::1 at 15:13:30", "from 2001:db8::1 at 15:13:30"),
        ("from 00:1b:63:84:45:e6", "from 2001:db8::1"),
        ("https://thingspace.verizon.com/api", "https://thingspace.verizon.com/api"),
    ],
)
def test_addresses_of_hosts_are_replaced(text, found):
    assert REDACTOR.text(text) == found


def test_the_host_of_a_proxy_or_of_a_redirect_is_not_shown():
    headers = {
        "location": "https://sso.corp.example/login",
        "via": "1.1 proxy.corp.example",
        "www-authenticate": 'Basic realm="corp"',
    }
    found = REDACTOR.headers(Response(302, headers, b""))
    assert found["location"].endswith("/login") and found["www-authenticate"] == "Basic"
    assert "corp" not in json.dumps(found)


def test_the_account_has_its_pseudonym_everywhere():
    assert REDACTOR.text(f"account {MINE} is inactive") == f"account {ACCOUNT} is inactive"
    assert REDACTOR.json({"accountName": MINE}) == {"accountName": ACCOUNT}
    assert (
        REDACTOR.path(f"{API}/fota/v3/licenses/{MINE}/index/{A}")
        == f"/fota/v3/licenses/{ACCOUNT}/index/{REDACTOR.text(A)}"
    )
    redactor = Redactor(b"k", Known("M\u00fcller & S\u00f6hne", frozenset(), API))
    assert (
        redactor.path(f"{API}/fota/v3/devices/M%C3%BCller%20%26%20S%C3%B6hne?x=1") == f"/fota/v3/devices/{ACCOUNT}?x=1"
    )


def test_another_account_has_another_pseudonym():
    found = REDACTOR.text("0123456789-00002")
    assert re.fullmatch("0000000000-[0-9]{5}", found) and found != ACCOUNT


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("campaignName", "Pump house"),
        ("deviceName", f"pump {A}"),
        ("mdn", "+1 555 123 4567"),
        ("createdBy", "eve"),
        ("email", "a@b.example"),
    ],
)
def test_names_of_people_and_things_have_pseudonyms(name, value):
    found = REDACTOR.json([{name: value}, {name: [value]}])
    assert found[0][name] == found[1][name][0] and not set(value.split()) & set(found[0][name].split())


def test_an_id_of_a_campaign_has_the_same_pseudonym_in_a_path():
    campaign = "60b5d639-ccdc-4db8-8824-069bd94c95bf"
    found = REDACTOR.json({"id": campaign})["id"]
    assert found != campaign and re.fullmatch("[0-9a-f-]{36}", found)
    assert (
        REDACTOR.path(f"{API}/fota/v3/reports/x/campaigns/{campaign}/devices")
        == f"/fota/v3/reports/x/campaigns/{found}/devices"
    )


@pytest.mark.parametrize(
    "content",
    [
        {"access_token": "abc"},
        {"sessionToken": ["abc"]},
        {"Authorization": {"value": "abc"}},
        {"a": [{"clientSecret": "abc"}]},
    ],
)
def test_fields_of_secrets_are_redacted(content):
    assert "abc" not in json.dumps(REDACTOR.json(content))


@pytest.mark.parametrize(
    "text",
    [
        PASSWORD,
        "Hq6jYd3c5%20%C3%BC%26",
        "Hq6jYd3c5+%C3%BC%26",
        "Hq6jYd3c5 \u00fc&amp;",
        r"Hq6jYd3c5 \u00fc&",
        "operator",
        "ab",
    ],
)
def test_known_secrets_are_redacted_in_every_form(text):
    assert REDACTOR.text(f"wrong: {text}!") == f"wrong: {REDACTED}!"


def test_a_known_secret_is_redacted_in_a_url_that_keeps_its_slashes():
    redactor = Redactor(b"k" * 32, Known(MINE, frozenset({"Hq6j/Yd3 c5"}), API))
    assert redactor.text("wrong: Hq6j/Yd3%20c5!") == f"wrong: {REDACTED}!"


def response(content, status=200):
    return Response(status, {}, content if isinstance(content, bytes) else json.dumps(content).encode())


LOGIN, TOKEN = (
    Request("POST", f"{API}{path}", body=b"secret") for path in ("/m2m/v1/session/login", "/ts/v1/oauth2/token")
)


@pytest.mark.parametrize("request_", [LOGIN, TOKEN])
def test_a_call_for_tokens_shows_no_request_and_only_errors_of_its_response(request_):
    assert REDACTOR.request_content(request_) is None
    found = REDACTOR.response_content(
        request_, response({"other": "abc", "a": ["abc"], "expires_in": 5, "errorMessage": "no"})
    )
    assert found == {"json": {"other": REDACTED, "a": [REDACTED], "expires_in": 5, "errorMessage": "no"}}
    assert REDACTOR.response_content(request_, response(b"{'abc'")) == {"text": REDACTED}
    assert REDACTOR.response_content(request_, response(b"<h1>no</h1>", 503)) == {"text": "<h1>no</h1>"}


FOTA = Request("POST", f"{API}/fota/v3/devices/{MINE}", body=json.dumps({"deviceList": [A]}).encode())


def test_a_body_that_is_not_json_is_redacted_and_bounded():
    body = f'{{"sessionToken": "abc" "campaignName": "Pump house" "deviceId": "{A}" {"x" * 100000}'.encode()
    found = REDACTOR.response_content(FOTA, response(body))["text"]
    assert REDACTOR.text(A) in found and len(found) <= 20100
    assert not [text for text in ("abc", "Pump", A) if text in found]


def test_a_byte_order_mark_is_no_text():
    assert REDACTOR.response_content(FOTA, response(b'\xef\xbb\xbf{"a": 1}')) == {"json": {"a": 1}}


def test_only_headers_that_explain_a_response_are_shown():
    headers = {"retry-after": "5", "set-cookie": "abc", "location": f"https://x/{A}", "x-request-id": "abc"}
    found = REDACTOR.headers(Response(302, headers, b""))
    assert found == {"retry-after": "5", "location": f"{REDACTOR.text('https://x')}/{REDACTOR.text(A)}"}


def test_the_address_of_another_api_is_not_shown():
    redactor = Redactor(b"k", Known(api_url="https://gateway.corp.example:8443/thingspace"))
    assert redactor.path("https://gateway.corp.example:8443/thingspace/fota/v3/x") == "/fota/v3/x"
    found = redactor.text("cannot connect to gateway.corp.example:8443: gateway.corp.example is unknown")
    assert "corp" not in found


# Anything

NAMES = ["deviceId", "accountName", "status", "access_token", "campaignName", "x", A]
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | IMEIS | st.sampled_from([MINE, PASSWORD])
JSON = st.recursive(
    LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(NAMES) | st.text(string.printable), inner)
)


@given(st.fixed_dictionaries({"deviceId": IMEIS, "rest": JSON}) | JSON)
def test_any_json_keeps_its_form_and_nothing_that_is_known(content):
    found = REDACTOR.response_content(FOTA, response(content))
    text = json.dumps(found, ensure_ascii=False)
    assert MINE not in text and PASSWORD not in text and A not in text
    if isinstance(content, dict) and "rest" in content:
        assert found["json"]["deviceId"] == REDACTOR.text(content["deviceId"])


@given(st.binary(), st.integers(200, 599))
def test_any_body_is_redacted(body, status):
    for request in (FOTA, LOGIN):
        json.dumps(REDACTOR.response_content(request, Response(status, {}, body)))


def test_a_secret_is_recognized_whatever_precedes_it():
    redactor = Redactor(b"k" * 32, Known(MINE, frozenset({"s1 with blanks"}), API))
    assert redactor.text("x" * 30 + "s1 with blanks") == f"{'x' * 30}{REDACTED}"


@pytest.mark.parametrize("at", [20_000, 20_000 + 4_096, 20_000 + 4_096 + 300])
@pytest.mark.parametrize("secret", [PASSWORD, "x1y2 " * 60, A])
def test_a_long_text_ends_in_no_part_of_a_secret(at, secret):
    redactor = Redactor(b"k" * 32, Known(MINE, frozenset({PASSWORD, "x1y2 " * 60}), API))
    for begin in range(at - len(secret) - 1, at + 2, 1 + len(secret) // 30):
        body = f"{'-' * begin}{secret}{'-' * 50_000}".encode()
        text = redactor.response_content(Request("GET", f"{API}/fota/v3/x"), Response(502, {}, body))["text"]
        assert len(text) <= 20_000 and secret[:5] not in text
