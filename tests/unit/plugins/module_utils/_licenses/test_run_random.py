# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever goes wrong on the way, what a run says about a device is true."""

from __future__ import annotations

from collections import Counter
from itertools import chain, count, repeat

from hypothesis import assume, given
from hypothesis import settings as given_settings
from hypothesis import strategies as st

from ansible_collections.verizon.fota.plugins.module_utils._licenses.guards import RemovalGuards
from ansible_collections.verizon.fota.plugins.module_utils._licenses.outcomes import REMOVAL
from ansible_collections.verizon.fota.plugins.module_utils._licenses.run import execute
from ansible_collections.verizon.fota.plugins.module_utils._licenses.run_request import Rules, RunRequest, Wait
from ansible_collections.verizon.fota.plugins.module_utils._licenses.run_state import RunState
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.errors import (
    ErrorInfo,
    ErrorKind,
    ThingSpaceError,
)
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.license_change import Verdict
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.license_totals import LicenseTotals
from ansible_collections.verizon.fota.tests.unit.examples import examples
from ansible_collections.verizon.fota.tests.unit.plugins.module_utils.fake_account import (
    FakeAccount,
    as_normal,
    imeis,
    lost,
    lost_after,
    lost_and_late,
    raising,
    rejecting,
    row,
    without_license_state,
)

IMEIS = imeis(14)
KINDS = ("licensed", "licensed", "licensed", "unlicensed", "locked", "malformed", "unknown")


def losing_rows(act, requested):
    """Every second row is missing from the response, unless it has only one."""
    response = act()
    rows = response[0] if isinstance(response, tuple) else response
    for imei in requested[1::2]:
        rows.pop(imei, None)
    return response


def unclear_rows(act, requested):
    rows, totals = act()
    return {imei: row(Verdict.UNCLEAR, "UpgradePending") for imei in rows}, totals


def unsure_rows(act, requested):
    """It says that it failed, whether it did or not."""
    rows, totals = act()
    return {imei: row(Verdict.UNCLEAR, "Failure", "Internal error.") for imei in rows}, totals


def unrecognized_rows(act, requested):
    """It says that it failed, for an unrecognized reason, and does nothing."""
    return {imei: row(Verdict.UNRECOGNIZED, "Failure", "Not today.") for imei in requested}, LicenseTotals()


def not_found_rows(act, requested):
    """It says that it knows none of them, and does nothing."""
    return {imei: row(Verdict.NOT_FOUND, "Failure", "Device Not Found.") for imei in requested}, LicenseTotals()


UNAVAILABLE = rejecting(ErrorKind.UNAVAILABLE, "HTTP 403")
EXPIRED = raising(ThingSpaceError(ErrorInfo(ErrorKind.UNAUTHENTICATED, "expired")))
REFUSALS = [rejecting(kind, kind.name) for kind in ErrorKind if kind is not ErrorKind.NO_VALID_RESPONSE]
READ = st.sampled_from(
    [*[as_normal] * 6, losing_rows, losing_rows, without_license_state, lost, rejecting(ErrorKind.THROTTLED)]
)
LIST = st.sampled_from([as_normal, as_normal, lost, UNAVAILABLE])
REMOVE = st.sampled_from(
    [as_normal, as_normal, lost, lost_after, losing_rows, unclear_rows, unsure_rows, unrecognized_rows]
)


FOR_EVER = {READ: [None, without_license_state, UNAVAILABLE], LIST: [None, UNAVAILABLE], REMOVE: [None]}


def calls(ways):
    """Draw behaviors of calls: some transient errors, perhaps one rejection, and then all in one way or normal."""
    last = st.lists(st.sampled_from([*REFUSALS, EXPIRED]), max_size=1)
    for_ever = st.sampled_from(FOR_EVER[ways]).map(repeat)
    return st.builds(chain, st.lists(ways, max_size=6), last, for_ever)


@st.composite
def scenes(draw):
    """An account, how its calls go, and what is requested."""
    kind = {imei: draw(st.sampled_from(KINDS)) for imei in IMEIS[: draw(st.integers(1, len(IMEIS)))]}

    def of(*names):
        return [imei for imei in kind if kind[imei] in names]

    account = FakeAccount(
        of("licensed", "locked", "malformed"),
        of("unlicensed"),
        locked=of("locked"),
        malformed=of("malformed"),
        limit=draw(st.sampled_from([3, 1000])),
        on_read=draw(calls(READ)),
        on_list=draw(calls(LIST)),
        on_remove=draw(calls(REMOVE)),
    )
    order = RunRequest(
        draw(st.permutations(list(kind))),
        check_mode=draw(st.booleans()),
        batch_size=draw(st.integers(1, 15)),
        guards=RemovalGuards(draw(st.sampled_from([None, None, 3]))),
        rules=Rules(retries=draw(st.integers(0, 2)), unknown_devices_fail=draw(st.booleans())),
    )
    return account, order


@given_settings(max_examples=examples(600), deadline=None)
@given(scenes())
def test_the_result_of_a_run_is_correct(scene):
    account, order = scene
    before = set(account.holders)
    record = RunState(REMOVAL, list)

    stop = execute(account, order, record)

    outcome = {imei: device.outcome for imei, device in record.kept.items()}
    assert sorted(outcome) == sorted(order.imeis)
    assert +record.counts == Counter(outcome.values())
    assert not [imei for imei in outcome if outcome[imei] == "unlicensed" and imei in before]
    assert stop or "skipped" not in outcome.values()
    if order.check_mode:
        assert account.removals == []
        assert not [imei for imei in outcome if outcome[imei] == "removed" and imei not in before]
    else:
        freed = before - account.holders
        assert not [imei for imei in outcome if outcome[imei] == "removed" and imei in account.holders]
        certain = [imei for imei in outcome if outcome[imei] == "removed" and not record.kept[imei].uncertain]
        assert before.issuperset(certain)
        assert not [imei for imei in freed if outcome[imei] not in ("removed", "unknown")]
    if order.guards.max_removals is not None:
        assert len(before - account.holders) <= order.guards.max_removals


@st.composite
def waits(draw):
    """An account whose service may act long after its response was lost, and a run that waits until all is as declared."""
    kind = {imei: draw(st.sampled_from(KINDS)) for imei in IMEIS[: draw(st.integers(1, 4))]}

    def of(*names):
        return [imei for imei in kind if kind[imei] in names]

    account = FakeAccount(of("licensed", "locked", "malformed"), of("unlicensed"), locked=of("locked", "malformed"))
    turned_away = Counter()

    def throttled(act, requested):
        turned_away.update(requested)
        raise ThingSpaceError(ErrorInfo(ErrorKind.THROTTLED, "HTTP 429"))

    late = [lost_and_late(account, calls) for calls in range(4)]
    # Without lost rows: a device that was not read before, and that two responses and the complete license list leave out after
    # the removal, looks like one that the account does not have (see the decision table).
    reads = st.sampled_from([*[as_normal] * 4, lost, without_license_state, rejecting(ErrorKind.THROTTLED)])
    rejections = [rejecting(ErrorKind.INVALID_DEVICE_LIST, "HTTP 400", known) for known in (True, False)]
    trouble = [
        lost,
        lost_after,
        losing_rows,
        unclear_rows,
        unsure_rows,
        unrecognized_rows,
        not_found_rows,
        throttled,
        *late,
        *rejections,
    ]
    removals = st.sampled_from([as_normal, *trouble])
    account._behaviors["on_read"] = chain(draw(st.lists(reads, max_size=6)), repeat(as_normal))
    account._behaviors["on_remove"] = chain(draw(st.lists(removals, max_size=4)), repeat(as_normal))
    rules = Rules(retries=draw(st.integers(0, 2)), unknown_devices_fail=draw(st.booleans()))
    return (
        account,
        RunRequest(list(kind), wait=Wait(50, lambda seconds: None, count().__next__), rules=rules),
        turned_away,
    )


@given_settings(max_examples=examples(1000), deadline=None)
@given(waits())
def test_the_outcome_after_a_second_read_is_correct(scene):
    account, order, turned_away = scene
    before = set(account.holders)
    record = RunState(REMOVAL, list)

    stop = execute(account, order, record)

    assume(stop is None and not account.due)
    outcome = {imei: device.outcome for imei, device in record.kept.items()}
    freed = before - account.holders
    assert +record.counts == Counter(outcome.values())
    assert not [imei for imei in account.holders if outcome[imei] != "failed"]
    assert not [imei for imei in freed if outcome[imei] not in ("removed", "unknown")]
    assert not [imei for imei in before if outcome[imei] == "unlicensed"]
    # Whoever held no license may pass for removed only where a removal reached the service, and no state was read before it.
    heard = Counter(imei for removal in account.removals for imei in removal) - turned_away
    assert not [imei for imei in outcome if outcome[imei] == "removed" and imei not in freed and not heard[imei]]


@given_settings(max_examples=examples(200), deadline=None)
@given(scenes(), st.integers(1, 15))
def test_without_faults_a_run_does_what_check_mode_forecast(scene, batch_size):
    account, order = scene
    healthy = [FakeAccount(account.licensed_devices, account.unlicensed_devices) for _mode in range(2)]
    recorded = []
    for check_mode, service in zip((True, False), healthy):
        record = RunState(REMOVAL, list)
        execute(service, RunRequest(order.imeis, REMOVAL, check_mode, batch_size, rules=order.rules), record)
        recorded.append((record.kept.keys(), record.counts, record.changed, record.changeable))

    assert recorded[0] == recorded[1]
    assert healthy[0].holders == set(account.licensed_devices)
    assert healthy[1].holders == set()
