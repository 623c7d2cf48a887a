# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import threading

import pytest

from ansible_collections.verizon.fota.plugins.module_utils._licenses.account_totals import LatestTotals
from ansible_collections.verizon.fota.plugins.module_utils._licenses.outcomes import ASSIGNMENT, REMOVAL
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.errors import (
    ErrorInfo,
    ErrorKind,
    ThingSpaceError,
)
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.license_totals import LicenseTotals


def reporting(total, used):
    return lambda: ({}, LicenseTotals(total, used))


def raising(kind):
    def call():
        raise ThingSpaceError(ErrorInfo(kind, "no response"))

    return call


def test_a_later_response_replaces_an_earlier_one():
    totals = LatestTotals(REMOVAL)
    totals.of(reporting(9000, 998))
    # Somebody else has assigned licenses meanwhile.
    totals.of(reporting(9100, 1200))

    assert totals.latest() == LicenseTotals(9100, 1200)


@pytest.mark.parametrize(("target", "used"), [(REMOVAL, 12), (ASSIGNMENT, 14)])
def test_of_requests_that_overlap_the_last_one_is_known_by_the_licenses_in_use(target, used):
    totals = LatestTotals(target)

    def outer():
        totals.of(reporting(9000, 12))
        return {}, LicenseTotals(9000, 14)

    totals.of(outer)

    assert totals.latest() == LicenseTotals(9000, used)


def test_what_a_later_response_does_not_report_stays():
    totals = LatestTotals(REMOVAL)
    totals.start_with(LicenseTotals(9000, 20))
    totals.of(reporting(9000, 15))
    totals.of(reporting(None, 14))
    totals.of(reporting(None, None))

    assert totals.latest() == LicenseTotals(9000, 14)


@pytest.mark.parametrize("last_to_arrive", [0, 1, 2])
def test_of_removals_at_the_same_time_the_one_with_the_fewest_licenses_in_use_was_the_last(last_to_arrive):
    totals = LatestTotals(REMOVAL)
    all_sent = threading.Barrier(3)
    others_done = threading.Semaphore(0)

    def call(number):
        all_sent.wait(10)
        if number == last_to_arrive:
            for _other in range(2):
                assert others_done.acquire(timeout=10)
        return {}, LicenseTotals(9000, (1903, 545, 1200)[number])

    def work(number):
        totals.of(lambda: call(number))
        others_done.release()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert totals.latest() == LicenseTotals(9000, 545)


@pytest.mark.parametrize(
    ("kind", "outdated"),
    [(ErrorKind.NO_VALID_RESPONSE, True), (ErrorKind.THROTTLED, False), (ErrorKind.UNAUTHENTICATED, False)],
)
def test_totals_are_outdated_after_a_removal_that_may_have_acted_without_a_response(kind, outdated):
    totals = LatestTotals(REMOVAL)
    totals.of(reporting(9000, 15))
    with pytest.raises(ThingSpaceError):
        totals.of(raising(kind))

    assert (totals.outdated(), totals.latest()) == (outdated, LicenseTotals(9000, 15))

    totals.of(reporting(9000, 9))

    assert (totals.outdated(), totals.latest()) == (False, LicenseTotals(9000, 9))
