# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.verizon.fota.plugins.module_utils._licenses.guards import AssignmentGuards, RemovalGuards
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.errors import (
    ErrorInfo,
    ErrorKind,
    ThingSpaceError,
)
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.license_totals import LicenseTotals


def in_use(used):
    return lambda: LicenseTotals(9000, used)


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


def test_an_exceeded_share_is_reported_with_its_numbers():
    assert RemovalGuards(max_share=0.1).exceeded(1200, in_use(4000)) == (
        "1,200 licenses would be removed, 30.0% of the 4,000 in use, more than max_share allows (0.1 of 4,000 = 400);"
        " nothing was removed",
        "not sent: more than max_share allows",
    )


def test_where_no_license_is_in_use_none_may_be_removed():
    assert "more of the 0 in use" in RemovalGuards(max_share=0.5).exceeded(1, in_use(0)).message


def test_a_share_of_what_cannot_be_read_is_rejected():
    assert (
        "cannot be read: HTTP 403; nothing was removed"
        in RemovalGuards(max_share=0.5).exceeded(1, not_to_be_had).message
    )
    assert "does not report how many" in RemovalGuards(max_share=0.5).exceeded(1, in_use(None)).message


def test_nothing_to_remove_is_within_any_share():
    assert RemovalGuards(max_share=0).exceeded(0, never) is None


def test_one_license_is_one():
    one = (
        RemovalGuards(max_removals=0).exceeded(1, lambda: LicenseTotals(9000, 4000)),
        RemovalGuards(max_share=0).exceeded(1, lambda: LicenseTotals(9, 4)),
    )

    assert all(why.message.startswith("1 license would be removed, ") for why in one)


def test_both_guards_hold():
    guards = RemovalGuards(max_removals=10, max_share=0.5)

    assert guards.exceeded(10, in_use(20)) is None
    assert "max_removals" in guards.exceeded(11, in_use(100)).message
    assert "max_share" in guards.exceeded(10, in_use(19)).message


# Assignments


def test_no_more_licenses_are_assigned_than_the_account_has_free():
    guards = AssignmentGuards()

    assert guards.exceeded(5, lambda: LicenseTotals(10, 5)) is None
    assert guards.exceeded(6, lambda: LicenseTotals(10, 5)) == (
        "6 licenses would be assigned, but the account has only 5 free (5 of 10 are in use); nothing was assigned",
        "not sent: the account has too few free licenses",
    )
    assert "only 0 free" in guards.exceeded(1, lambda: LicenseTotals(10, 12)).message


def test_max_assignments_is_the_most_that_is_allowed():
    assert AssignmentGuards(5).exceeded(5, lambda: LicenseTotals(10, 5)) is None
    # Devices whose state is not known may hold a license
    assert AssignmentGuards().exceeded(8, lambda: LicenseTotals(10, 10), unread=lambda: 8) is None
    assert (
        "3 licenses would be assigned"
        in AssignmentGuards().exceeded(8, lambda: LicenseTotals(10, 8), unread=lambda: 5).message
    )
    assert AssignmentGuards(5).exceeded(6, never) == (
        "6 licenses would be assigned, more than max_assignments allows (5); nothing was assigned",
        "not sent: more than max_assignments allows",
    )


def test_an_exceeded_limit_says_of_how_many_devices_it_is_not_certain():
    exceeded = AssignmentGuards(5).exceeded(6, never, unread=lambda: 2)
    assert "allows (5), though for 2 of the devices that is not certain; nothing was assigned" in exceeded.message
    exceeded = RemovalGuards(max_removals=5).exceeded(6, never, unread=lambda: 2)
    assert "allows (5), though for 2 of the devices that is not certain; nothing was removed" in exceeded.message
    exceeded = RemovalGuards(max_share=0.5).exceeded(6, lambda: LicenseTotals(10, 10), unread=lambda: 1)
    assert "(0.5 of 10 = 5), though for 1 of the devices that is not certain; nothing was removed" in exceeded.message


def test_where_nothing_is_to_be_assigned_the_totals_are_not_read():
    assert AssignmentGuards().exceeded(0, never) is None


@pytest.mark.parametrize("totals", [lambda: LicenseTotals(None, 5), lambda: LicenseTotals(10, None), not_to_be_had])
def test_an_account_without_totals_is_left_to_the_service(totals):
    assert AssignmentGuards().exceeded(100, totals) is None


def test_free_licenses_that_cannot_be_read_for_now_stop_an_assignment():
    def lost():
        raise ThingSpaceError(ErrorInfo(ErrorKind.NO_VALID_RESPONSE, "no response"))

    assert AssignmentGuards().exceeded(1, lost) == (
        "the free licenses of the account cannot be read: no response; nothing was assigned",
        "not sent: the free licenses of the account cannot be read",
    )
