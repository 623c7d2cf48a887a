# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an answer tells: when to come again, and nothing of the secrets that it echoes."""

from __future__ import annotations

import html
import json
from types import SimpleNamespace
from xml.sax import saxutils

import pytest

from ansible_collections.verizon.fota.plugins.module_utils._http import client
from ansible_collections.verizon.fota.plugins.module_utils._http.client import Response


@pytest.mark.parametrize("secret", ["8 signs!", 'p\u00e4"ss\\word', "<a&b>'c\"d"])
def test_secrets_are_struck_out_of_an_answer_however_json_and_xml_write_them(secret):
    forms = [secret, json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]]
    forms += [html.escape(secret), saxutils.escape(secret)]
    answer = Response(400, {}, "".join(f"<{form}>" for form in forms).encode())

    assert answer.redacted(["other secret", secret]).body == b"<********>" * 5


def test_what_is_too_short_for_a_secret_stays_in_an_answer():
    assert Response(400, {}, b"license").redacted(["license"]).body == b"license"


@pytest.mark.parametrize(
    ("told", "seconds"),
    [("Wed, 21 Oct 2015 07:28:00 GMT", 90.0), ("Wed, 21 Oct 2015 07:26:29 GMT", 0.0), ("9999999", 999999.0)],
)
def test_retry_after_is_told_in_seconds_from_now(monkeypatch, told, seconds):
    monkeypatch.setattr(client, "time", SimpleNamespace(time=lambda: 1445412390.0))

    assert Response(503, {"retry-after": told}, b"").retry_after() == seconds
