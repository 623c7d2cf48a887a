# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every cell of the decision table, and every sequence of two requests, against the table as it is written here.

The texts of the rows are those of the guide "How it works", for a removal. An assignment is held against the same rows with
licensed and unlicensed exchanged.
"""

from __future__ import annotations

import itertools
import typing as t

import pytest

from ansible_collections.verizon.fota.plugins.module_utils._licenses import batch as one_batch
from ansible_collections.verizon.fota.plugins.module_utils._licenses import decision_table
from ansible_collections.verizon.fota.plugins.module_utils._licenses.decision_table import Response, Sent
from ansible_collections.verizon.fota.plugins.module_utils._licenses.outcomes import ASSIGNMENT, REMOVAL, Target
from ansible_collections.verizon.fota.plugins.module_utils._licenses.run_request import Rules
from ansible_collections.verizon.fota.plugins.module_utils._licenses.states import Reading, State
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.errors import (
    ErrorInfo,
    ErrorKind,
    ThingSpaceError,
)
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.license_change import Row, Verdict
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.license_totals import LicenseTotals
from ansible_collections.verizon.fota.tests.unit.agreement.guides import tables
from ansible_collections.verizon.fota.tests.unit.plugins.module_utils.fake_account import imeis

pytestmark = pytest.mark.no_cover

[A, B] = imeis(2)
SENT = (State.LICENSED, State.UNREAD, State.MISSING, State.UNAVAILABLE)
NOT_HERE = (State.NOT_FOUND, State.ABSENT)


class Case(t.NamedTuple):
    """What is known of a device when its outcome is decided."""

    before: State
    ignore: bool
    response: Response | None = None
    sent: Sent = Sent.FIRST
    after: State | None = None
    may_send_again: bool = False

    @property
    def ours(self) -> bool:
        return self.before is State.LICENSED or self.sent is Sent.BEFORE

    @property
    def exposed(self) -> bool:
        return self.sent is Sent.EXPOSED

    @property
    def nothing_readable(self) -> bool:
        return self.before in (State.UNAVAILABLE, State.MISSING)


class TableRow(t.NamedTuple):
    """A row of the table: its two texts in the guide, the cases that it is about, and the decision for them."""

    condition: str
    text: str
    matches: t.Callable[[Case], bool]
    decision: t.Callable[[Case], str]


def always(decision: str) -> t.Callable[[Case], str]:
    return lambda case: decision


def failed_or_ignored(case: Case) -> str:
    return "unlicensed" if case.ignore else "failed"


# The first row that matches counts.
BEFORE = [
    TableRow("unlicensed", "``unlicensed``", lambda c: c.before is State.UNLICENSED, always("unlicensed")),
    TableRow(
        "not found, in the service's own words; or missing from the response and from a complete license list",
        "``failed``, or ``unlicensed`` with ``unknown_devices: ignore``",
        lambda c: c.before in NOT_HERE,
        failed_or_ignored,
    ),
    TableRow("rejected as an IMEI", "``failed``", lambda c: c.before is State.INVALID, always("failed")),
    TableRow(
        "licensed; unreadable; missing from the response while the license list is unavailable",
        "send",
        lambda c: c.before in SENT,
        always("send"),
    ),
]
RESPONSE = [
    TableRow("removed", "``removed``", lambda c: c.response is Response.CHANGED, always("removed")),
    TableRow(
        "no license attached",
        "ours, or exposed while states can be read: ``removed``; otherwise ``unlicensed``",
        lambda c: c.response is Response.ALREADY,
        lambda c: "removed" if c.ours or (c.exposed and not c.nothing_readable) else "unlicensed",
    ),
    TableRow(
        "not found",
        "``failed``; not ours and ``unknown_devices: ignore``: ``unlicensed``",
        lambda c: c.response is Response.NOT_FOUND,
        lambda c: "unlicensed" if c.ignore and not c.ours else "failed",
    ),
    TableRow(
        "a failure with a published reason", "``failed``", lambda c: c.response is Response.FAILURE, always("failed")
    ),
    TableRow(
        "the whole request rejected with a known error, for a device that was neither sent before nor exposed",
        "``failed``",
        lambda c: c.response is Response.REJECTED and c.sent is Sent.FIRST,
        always("failed"),
    ),
    TableRow(
        "never sent and never will be: no tokens, interrupted, service unreachable",
        "``skipped``; sent before and last read as licensed: ``failed``; exposed: read again",
        lambda c: c.response is Response.NEVER_SENT,
        lambda c: (
            "skipped"
            if c.sent is Sent.FIRST
            else "failed"
            if c.ours and not c.exposed and c.before is State.LICENSED
            else "read again"
        ),
    ),
    TableRow(
        "ambiguous: lost, a redirect, a row that is missing or unclear, a failure without a reason, ``Internal error.``;"
        " a failure with an unrecognized reason; the whole request rejected with an unrecognized error, or with a known one"
        " after an earlier request; not sent, but worth retrying",
        "read again",
        lambda c: True,
        always("read again"),
    ),
]
ACTED = (Response.AMBIGUOUS, Response.UNRECOGNIZED_FAILURE, Response.UNRECOGNIZED_REJECTION)
AFTER = [
    TableRow(
        "unlicensed",
        "ours, exposed while states can be read, or the response was ambiguous, an unrecognized failure or an unrecognized"
        " rejection: ``removed``; otherwise ``unlicensed``",
        lambda c: c.after is State.UNLICENSED,
        lambda c: (
            "removed" if c.ours or c.response in ACTED or (c.exposed and not c.nothing_readable) else "unlicensed"
        ),
    ),
    TableRow(
        "licensed",
        "send again while retries are left and nothing ends the run, if the response was ambiguous, if nothing was sent, or"
        " after an unrecognized rejection of a device not known to be licensed; otherwise ``failed``",
        lambda c: c.after is State.LICENSED,
        lambda c: (
            "send again"
            if c.may_send_again
            and (
                c.response in (Response.AMBIGUOUS, Response.NOT_SENT)
                or (c.response is Response.UNRECOGNIZED_REJECTION and c.before is not State.LICENSED)
            )
            else "failed"
        ),
    ),
    TableRow(
        "not found, or missing from the response and from a complete license list; not ours",
        "``failed``, or ``unlicensed`` with ``unknown_devices: ignore``",
        lambda c: c.after in NOT_HERE and not c.ours,
        failed_or_ignored,
    ),
    TableRow(
        "rejected as an IMEI; not ours",
        "``failed``",
        lambda c: c.after is State.INVALID and not c.ours,
        always("failed"),
    ),
    TableRow(
        "missing from the response and from a complete license list; licensed before",
        "``removed``",
        lambda c: c.after is State.ABSENT and c.before is State.LICENSED,
        always("removed"),
    ),
    TableRow(
        "unreadable, after a failure with an unrecognized reason of a device that is not exposed",
        "``failed``: the service documents it for a license that stays, and nothing contradicts it",
        lambda c: c.after in SENT and c.response is Response.UNRECOGNIZED_FAILURE and not c.exposed,
        always("failed"),
    ),
    TableRow(
        "unreadable before and after, because neither the devices nor the license list tell; rejected with an unrecognized"
        " error, alone or in a longer list",
        "``failed``: a rejection (4xx) is believed to have changed nothing if nothing can be read at all",
        lambda c: (
            c.nothing_readable
            and c.after in (State.UNAVAILABLE, State.MISSING)
            and c.response is not Response.AMBIGUOUS
            and (c.exposed or c.response is Response.UNRECOGNIZED_REJECTION)
        ),
        always("failed"),
    ),
    TableRow(
        "unreadable, and this was the first request and never left",
        "``failed``",
        lambda c: c.after in SENT and c.response is Response.NOT_SENT and c.sent is Sent.FIRST,
        always("failed"),
    ),
    TableRow("anything else", "``unknown``", lambda c: True, always("unknown")),
]


def look_up(table: list[TableRow], case: Case) -> str:
    return next(row.decision(case) for row in table if row.matches(case))


# An assignment sends a device that is in no list: without a license, it may be of another protocol.
MIRROR = {State.LICENSED: State.UNLICENSED, State.UNLICENSED: State.LICENSED, State.ABSENT: State.LICENSED}
OUTCOMES = {"removed": "assigned", "unlicensed": "licensed"}
both_targets = pytest.mark.parametrize("target", [REMOVAL, ASSIGNMENT], ids=lambda target: target.action)


def seen_as(target: Target, state: State) -> State:
    """The state that the rows have for this one."""
    return MIRROR.get(state, state) if target.licensed else state


def for_target(target: Target, decision: str) -> str:
    """The decision for a removal, as it is for this target."""
    return OUTCOMES.get(decision, decision) if target.licensed else decision


def sent_states(target: Target) -> list[State]:
    """The states in which a device is sent."""
    return [state for state in State if seen_as(target, state) in SENT]


@pytest.mark.parametrize(
    ("heading", "table"),
    [
        ("Before the removal", BEFORE),
        ("The response to the removal", RESPONSE),
        ("The state that is read again", AFTER),
    ],
)
def test_the_guide_shows_this_table(heading, table):
    assert tables("how_it_works")[heading] == [[row.condition, row.text] for row in table]


@pytest.mark.parametrize("table", [BEFORE, RESPONSE, AFTER])
def test_no_row_is_hidden_by_those_above_it(table):
    hit = set()
    for case in cases(REMOVAL):
        if (table is BEFORE) == (case.response is None) and (table is AFTER) == (case.after is not None):
            hit.add(next(index for index, row in enumerate(table) if row.matches(case)))

    assert hit == set(range(len(table)))


def cases(target: Target) -> t.Iterator[Case]:
    """All cells of all three tables."""
    for before, ignore in itertools.product(State, (False, True)):
        yield Case(before, ignore)
    for before, response, sent, ignore in itertools.product(sent_states(target), Response, Sent, (False, True)):
        yield Case(before, ignore, response, sent)
        for after, may_send_again in itertools.product(State, (False, True)):
            yield Case(before, ignore, response, sent, after, may_send_again)


@both_targets
def test_every_cell_is_decided_as_the_table_says(target):
    wrong = []
    for case in cases(target):
        mirrored = case._replace(before=seen_as(target, case.before), after=case.after and seen_as(target, case.after))
        if case.response is None:
            decided, expected = decision_table.plan(target, case.before, case.ignore), look_up(BEFORE, mirrored)
        elif case.after is None:
            decided = decision_table.decide(target, case.before, case.response, case.sent, case.ignore)
            expected = look_up(RESPONSE, mirrored)
        else:
            decided = decision_table.decide_after_read(target, *case[:1], *case[2:5], case.ignore, case.may_send_again)
            expected = look_up(AFTER, mirrored)
        if decided != for_target(target, expected):
            wrong.append((case, decided, expected))

    assert not wrong


# Sequences of requests


def rejection_with(kind: ErrorKind, known: bool = True, service_down: bool = False) -> t.Callable[[list[str]], t.Any]:
    def call(part: list[str]) -> t.Any:
        raise ThingSpaceError(ErrorInfo(kind, "the error", known, service_down))

    return call


def responded(verdict: Verdict) -> t.Callable[[list[str]], t.Any]:
    return lambda part: ({imei: Row(verdict, {"status": "s", "resultReason": "r"}) for imei in part}, LicenseTotals())


CALLS = {
    Response.CHANGED: responded(Verdict.CHANGED),
    Response.ALREADY: responded(Verdict.ALREADY),
    Response.NOT_FOUND: responded(Verdict.NOT_FOUND),
    Response.FAILURE: responded(Verdict.REJECTED),
    Response.UNRECOGNIZED_FAILURE: responded(Verdict.UNRECOGNIZED),
    Response.AMBIGUOUS: rejection_with(ErrorKind.NO_VALID_RESPONSE),
    Response.REJECTED: rejection_with(ErrorKind.INVALID_DEVICE_LIST),
    Response.UNRECOGNIZED_REJECTION: rejection_with(ErrorKind.INVALID_DEVICE_LIST, known=False),
    Response.NOT_SENT: rejection_with(ErrorKind.THROTTLED),
    Response.NEVER_SENT: rejection_with(ErrorKind.UNAUTHENTICATED),
}


class Script:
    """A service and a reader that respond as specified, in turn."""

    def __init__(self, responses: t.Iterable[Response], states: t.Iterable[State]) -> None:
        self._responses = iter(responses)
        self._states = iter(states)

    def change(self, part: list[str]) -> t.Any:
        return CALLS[next(self._responses)](part)

    def read_again(self, requested: list[str]) -> dict[str, Reading]:
        return dict.fromkeys(requested, Reading(next(self._states)))


def expected_of(
    target: Target, before: State, steps: list[tuple[Response, State]], ignore: bool, retries: int, sent: Sent
) -> str:
    """Follow the table through these requests, each with the state that is read after it."""
    before = seen_as(target, before)
    for number, (response, real_after) in enumerate(steps):
        after = seen_as(target, real_after)
        case = Case(before, ignore, response, sent)
        decision = look_up(RESPONSE, case)
        if decision == "read again":
            may_send_again = number < retries and response is not Response.NEVER_SENT
            decision = look_up(AFTER, case._replace(after=after, may_send_again=may_send_again))
        if decision != "send again":
            return for_target(target, decision)
        before = State.LICENSED
        sent = Sent.FIRST if response is Response.NOT_SENT and sent is not Sent.BEFORE else Sent.BEFORE
    raise AssertionError("the table sends more often than there are retries")


@both_targets
def test_every_sequence_of_two_requests_ends_as_the_table_says(target):
    wrong = []
    steps = list(itertools.product(Response, State))
    for before, first, second, ignore in itertools.product(sent_states(target), steps, steps, (False, True)):
        for retries in (0, 1):
            script = t.cast(t.Any, Script((first[0], second[0]), read_states([first, second])))
            rules = Rules(retries, not ignore)
            (device,) = one_batch.change(target, script.change, script, [A], {A: Reading(before)}, rules).devices
            expected = expected_of(target, before, [first, second], ignore, retries, Sent.FIRST)
            if device.outcome != expected:
                wrong.append((before, first, second, ignore, retries, device.outcome, expected))

    assert not wrong[:5]


def read_states(steps: list[tuple[Response, State]]) -> list[State]:
    """The states that are read again: none after a response that settles the outcome of a device sent for the first time."""
    return [after for response, after in steps if response not in SETTLED_AT_ONCE]


SETTLED_AT_ONCE = (Response.CHANGED, Response.ALREADY, Response.NOT_FOUND, Response.FAILURE)


@both_targets
def test_devices_of_a_list_that_was_rejected_with_an_unrecognized_error_are_decided_each_by_itself(target):
    wrong = []
    cases = [(response, after) for response in Response for after in State]
    for before, first, second, ignore in itertools.product(sent_states(target), cases, cases, (False, True)):
        script = t.cast(t.Any, Exposing(first, second))
        readings = dict.fromkeys([A, B], Reading(before))
        devices = one_batch.change(target, script.change, script, [A, B], readings, Rules(0, not ignore)).devices
        expected = [expected_of(target, before, [first], ignore, 0, Sent.EXPOSED)]
        # What ends the run for the first one leaves the second one unsent.
        of_second = (Response.NEVER_SENT, second[1]) if first[0] is Response.NEVER_SENT else second
        expected.append(expected_of(target, before, [of_second], ignore, 0, Sent.EXPOSED))
        if [device.outcome for device in devices] != expected:
            wrong.append((before, first, second, ignore, [device.outcome for device in devices], expected))

    assert not wrong[:5]


class Exposing:
    """Rejects the list of both devices with an unrecognized error; responds to each single device as specified."""

    def __init__(self, first: tuple[Response, State], second: tuple[Response, State]) -> None:
        self._specified = {A: first, B: second}

    def change(self, part: list[str]) -> t.Any:
        return CALLS[Response.UNRECOGNIZED_REJECTION if len(part) > 1 else self._specified[part[0]][0]](part)

    def read_again(self, requested: list[str]) -> dict[str, Reading]:
        return {imei: Reading(self._specified[imei][1]) for imei in requested}


# Classes of responses


@pytest.mark.parametrize(
    ("info", "response", "ends"),
    [
        (ErrorInfo(ErrorKind.NO_VALID_RESPONSE, ""), Response.AMBIGUOUS, False),
        (ErrorInfo(ErrorKind.NO_VALID_RESPONSE, "", service_down=True), Response.AMBIGUOUS, False),
        (ErrorInfo(ErrorKind.REJECTED, "", recognized=False, redirect=True), Response.AMBIGUOUS, True),
        (ErrorInfo(ErrorKind.INVALID_DEVICE_LIST, ""), Response.REJECTED, False),
        (ErrorInfo(ErrorKind.INVALID_DEVICE_LIST, "", recognized=False), Response.UNRECOGNIZED_REJECTION, False),
        (ErrorInfo(ErrorKind.REJECTED, ""), Response.REJECTED, True),
        (ErrorInfo(ErrorKind.REJECTED, "", recognized=False), Response.UNRECOGNIZED_REJECTION, True),
        (ErrorInfo(ErrorKind.UNAVAILABLE, ""), Response.REJECTED, True),
        (ErrorInfo(ErrorKind.ACCESS_TOKEN, "", recognized=False), Response.REJECTED, True),
        (ErrorInfo(ErrorKind.SESSION_TOKEN, ""), Response.REJECTED, True),
        (ErrorInfo(ErrorKind.THROTTLED, ""), Response.NOT_SENT, False),
        (ErrorInfo(ErrorKind.THROTTLED, "", service_down=True), Response.NEVER_SENT, True),
        (ErrorInfo(ErrorKind.UNREACHABLE, ""), Response.NOT_SENT, False),
        (ErrorInfo(ErrorKind.UNREACHABLE, "", service_down=True), Response.NEVER_SENT, True),
        (ErrorInfo(ErrorKind.UNAUTHENTICATED, ""), Response.NEVER_SENT, True),
        (ErrorInfo(ErrorKind.INTERRUPTED, ""), Response.NEVER_SENT, True),
    ],
)
def test_an_error_of_a_request_has_a_class(info, response, ends):
    assert (decision_table.classify_error(info), decision_table.ends_run(info)) == (response, ends)


@pytest.mark.parametrize("verdict", list(Verdict))
def test_every_row_has_a_class(verdict):
    assert isinstance(decision_table.classify_row(Row(verdict, {})), Response)


def test_a_row_that_is_missing_is_ambiguous():
    assert decision_table.classify_row(None) is Response.AMBIGUOUS
