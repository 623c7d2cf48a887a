# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Responses about upgrades."""

from __future__ import annotations

import pytest

from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.fields import UnexpectedResponse
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.upgrades import (
    parse_campaigns,
    parse_history,
)


@pytest.mark.parametrize("content", [None, {}, {"deviceList": []}, "Not Found"])
def test_content_without_a_list_of_upgrades_is_unexpected(content):
    with pytest.raises(UnexpectedResponse):
        parse_history(content)
    with pytest.raises(UnexpectedResponse):
        parse_campaigns(content)


def test_a_campaign_whose_id_no_url_can_contain_is_unexpected():
    with pytest.raises(UnexpectedResponse):
        parse_campaigns({"campaignList": [{"id": "\ud800"}], "hasMoreData": False})


def test_when_an_upgrade_began_does_not_say_when_it_ended():
    entry = {"status": "UpgradeSuccess", "startDate": "2021-06-01", "id": "c"}
    assert [upgrade.time for upgrade in parse_history([entry, {**entry, "reportUpdatedTime": "2021-06-02"}])] == [
        None,
        "2021-06-02",
    ]
