# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Requests and responses as data: when to retry, and nothing of the secrets that they contain."""

from __future__ import annotations

import html
import json
from types import SimpleNamespace
from xml.sax import saxutils

import pytest

from ansible_collections.verizon.fota.plugins.module_utils._http import messages
from ansible_collections.verizon.fota.plugins.module_utils._http.messages import Request, Response


@pytest.mark.parametrize("secret", ["8 signs!", 'p\u00e4"ss\\word', "<a&b>'c\"d"])
def test_secrets_are_redacted_in_a_response_however_json_and_xml_write_them(secret):
    forms = [secret, json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]]
    forms += [html.escape(secret), saxutils.escape(secret)]
    response = Response(400, {}, "".join(f"<{form}>" for form in forms).encode())

    assert response.redacted(["other secret", secret]).body == b"<********>" * 5


@pytest.mark.parametrize("form", ["p/w%20d%C3%BC%2B%3D", "p%2Fw%20d%C3%BC%2B%3D", "p%2Fw+d%C3%BC%2B%3D"])
def test_secrets_are_redacted_in_a_response_however_a_url_writes_them(form):
    response = Response(400, {}, f"password={form}&grant_type=x".encode())

    assert response.redacted(["p/w d\u00fc+="]).body == b"password=********&grant_type=x"


def test_what_is_too_short_for_a_secret_stays_in_a_response():
    assert Response(400, {}, b"license").redacted(["license"]).body == b"license"


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("Wed, 21 Oct 2015 07:28:00 GMT", 90.0), ("Wed, 21 Oct 2015 07:26:29 GMT", 0.0), ("9999999", 999999.0)],
)
def test_retry_after_is_returned_in_seconds_from_now(monkeypatch, value, seconds):
    monkeypatch.setattr(messages, "time", SimpleNamespace(time=lambda: 1445412390.0))

    assert Response(503, {"retry-after": value}, b"").retry_after() == seconds


def test_secrets_do_not_show_in_the_text_of_a_request():
    assert "secret" not in repr(Request("POST", "https://x", {"Authorization": "Bearer secret"}, b"secret"))


def test_a_request_is_not_to_be_repeated_unless_it_says_so():
    assert not Request("POST", "https://x").idempotent
