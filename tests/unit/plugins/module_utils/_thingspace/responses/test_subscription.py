# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The subscription, and whether an account is billed by event."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.fields import UnexpectedResponse
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.license_totals import LicenseTotals
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.subscription import parse_subscription

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@pytest.mark.parametrize(
    ("purchase_type", "event_based"),
    [
        ("TS-HFOTA-EVNT", True),
        (" ts-hfota-evnt ,", True),
        ("TS-HFOTA-EVNT,TS-HFOTA-EVNT", True),
        ("TS-HFOTA-MRC", False),
        ("TS-HFOTA-MRC, TS-HFOTA-EVNT", False),
        ("TS-HFOTA-EVNT2", False),
        (" , ", None),
        (None, None),
    ],
)
def test_an_account_is_event_based_when_all_its_purchases_are(purchase_type, event_based):
    content = {"purchaseType": purchase_type, "licenseCount": "9000", "licenseUsedCount": 7, "updateTime": "now"}
    read = parse_subscription(content)
    assert (read.event_based, read.totals, read.updated_time) == (event_based, LicenseTotals(9000, 7), "now")


@pytest.mark.parametrize("content", [None, [], "x", {}, {"accountName": "0642233522-00001"}, object()])
def test_content_without_a_subscription_is_unexpected(content):
    with pytest.raises(UnexpectedResponse):
        parse_subscription(content)


@given(
    content=st.dictionaries(st.sampled_from(["purchaseType", "licenseCount", "licenseUsedCount", "updateTime"]), JSON)
)
def test_any_json_is_a_subscription_or_unexpected(content):
    content = json.loads(json.dumps(content))
    try:
        assert parse_subscription(content).event_based in (True, False, None)
    except UnexpectedResponse:
        assert set(content) <= {"updateTime"}
