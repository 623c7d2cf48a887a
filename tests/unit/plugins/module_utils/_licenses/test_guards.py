# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.verizon.fota.plugins.module_utils._licenses.guards import RemovalGuards
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.errors import (
    ErrorInfo,
    ErrorKind,
    ThingSpaceError,
)
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses import Totals


def in_use(used):
    return lambda: Totals(9000, used)


def never():
    raise AssertionError("nobody needs the totals")


def not_to_be_had():
    raise ThingSpaceError(ErrorInfo(ErrorKind.UNAVAILABLE, "HTTP 403"))


def test_without_guards_anything_goes_and_nothing_is_read():
    assert RemovalGuards().exceeded(10**6, never) is None


def test_max_removals_is_the_most_that_is_allowed():
    assert RemovalGuards(max_removals=5).exceeded(5, never) is None
    assert RemovalGuards(max_removals=5).exceeded(6, never) == (
        "6 licenses would be removed, more than max_removals allows (5); nothing was removed",
        "not sent: more than max_removals allows",
    )


@pytest.mark.parametrize(
    ("share", "used", "most"), [(0.1, 4000, 400), (0.07, 100, 7), (0.29, 100, 29), (1, 12, 12), (0, 12, 0), (0.5, 3, 1)]
)
def test_max_share_is_of_the_licenses_in_use(share, used, most):
    guards = RemovalGuards(max_share=share)

    assert guards.exceeded(most, in_use(used)) is None
    assert f"allows ({share:g} of {used:,} = {most})" in guards.exceeded(most + 1, in_use(used)).message


def test_a_refused_share_tells_the_numbers():
    assert RemovalGuards(max_share=0.1).exceeded(1200, in_use(4000)) == (
        "1,200 licenses would be removed, 30.0% of the 4,000 in use, more than max_share allows (0.1 of 4,000 = 400);"
        " nothing was removed",
        "not sent: more than max_share allows",
    )


def test_where_no_license_is_in_use_none_may_be_removed():
    assert "more of the 0 in use" in RemovalGuards(max_share=0.5).exceeded(1, in_use(0)).message


def test_a_share_of_what_cannot_be_read_is_refused():
    assert (
        "cannot be read: HTTP 403; nothing was removed"
        in RemovalGuards(max_share=0.5).exceeded(1, not_to_be_had).message
    )
    assert "does not tell how many" in RemovalGuards(max_share=0.5).exceeded(1, in_use(None)).message


def test_nothing_to_remove_is_within_any_share():
    assert RemovalGuards(max_share=0).exceeded(0, never) is None


def test_one_license_is_one():
    one = (
        RemovalGuards(max_removals=0).exceeded(1, lambda: Totals(9000, 4000)),
        RemovalGuards(max_share=0).exceeded(1, lambda: Totals(9, 4)),
    )

    assert all(why.message.startswith("1 license would be removed, ") for why in one)


def test_both_guards_hold():
    guards = RemovalGuards(max_removals=10, max_share=0.5)

    assert guards.exceeded(10, in_use(20)) is None
    assert "max_removals" in guards.exceeded(11, in_use(100)).message
    assert "max_share" in guards.exceeded(10, in_use(19)).message
