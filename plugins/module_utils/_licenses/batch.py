# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Changing the licenses of one batch of devices: sending, bisecting, reading again, until each device has an outcome.

A request whose response is lost may have been carried out: the state is read again before anything is reported or resent.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.verizon.fota.plugins.module_utils._licenses.account_totals import LatestTotals
from ansible_collections.verizon.fota.plugins.module_utils._licenses.bisection import BatchLimit, call_bisecting
from ansible_collections.verizon.fota.plugins.module_utils._licenses.decision_table import (
    MAY_HAVE_CHANGED,
    READ_AGAIN,
    SEND_AGAIN,
    Response,
    Sent,
    as_seen,
    classify_error,
    classify_row,
    decide,
    decide_after_read,
    ends_run,
    unchanged,
)
from ansible_collections.verizon.fota.plugins.module_utils._licenses.device_outcome import (
    NOT_MENTIONED,
    Decision,
    Device,
    changed,
    last_message,
    reason_for,
)
from ansible_collections.verizon.fota.plugins.module_utils._licenses.outcomes import Target
from ansible_collections.verizon.fota.plugins.module_utils._licenses.run_request import Rules
from ansible_collections.verizon.fota.plugins.module_utils._licenses.states import (
    Reader,
    Reading,
    State,
    readings_despite,
)
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.errors import (
    ErrorInfo,
    ErrorKind,
    ThingSpaceError,
)
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.license_change import (
    Row,
    Verdict,
    with_reason,
)
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.license_totals import LicenseTotals

# Sends devices to the service, and returns their rows and the totals of the account. Raises ``ThingSpaceError``.
Send = t.Callable[[t.Sequence[str]], t.Tuple[t.Dict[str, Row], LicenseTotals]]


@dataclass(frozen=True)
class Batch:
    """What became of the devices of a batch, in order; ``stop`` says why nothing more should be sent, if so."""

    devices: list[Device]
    stop: str | None = None


def change(
    target: Target,
    send: Send,
    reader: Reader,
    imeis: t.Sequence[str],
    before: t.Mapping[str, Reading],
    rules: Rules,
    limit: BatchLimit | None = None,
    totals: LatestTotals | None = None,
) -> Batch:
    """Change the licenses of these devices. Whatever happens, every one of them has an outcome at the end.

    ``before``: the state that was read before. The decision table decides for each device by itself.
    """
    state = _BatchState(target, dict(before), rules)
    limit, totals = limit or BatchLimit(), totals or LatestTotals(target)
    pending = list(imeis)
    for attempt in range(rules.retries + 1):
        if attempt:
            rules.sleep_before_retry(attempt - 1)
        pending = _send_all(send, reader, pending, state, limit, totals, attempt < rules.retries)
        if not pending:
            break
    return Batch([state.done[imei] for imei in imeis], state.stop)


class _BatchState:
    """What is known so far of the devices of one batch.

    ``before``: what was read last before a request; ``sent``: what happened to a device since, if anything did; ``messages``:
    the last message of the service about it; ``stop``: why nothing more should be sent.
    """

    def __init__(self, target: Target, before: dict[str, Reading], rules: Rules) -> None:
        self.target = target
        self.rules = rules
        self.before = before
        self.sent: dict[str, Sent] = {}
        self.messages: dict[str, str] = {}
        self.done: dict[str, Device] = {}
        self.stop: str | None = None


def _send_all(
    send: Send,
    reader: Reader,
    pending: list[str],
    state: _BatchState,
    limit: BatchLimit,
    totals: LatestTotals,
    retries_left: bool,
) -> list[str]:
    """Send each of these devices once. Return those to send again, none if the run is to end."""

    def send_part(part: list[str]) -> dict[str, Row]:
        interrupted = state.rules.interrupted()
        if interrupted:
            raise ThingSpaceError(ErrorInfo(ErrorKind.INTERRUPTED, interrupted))
        try:
            return totals.of(lambda: send(part))
        except ThingSpaceError as error:
            if classify_error(error.info) is Response.UNRECOGNIZED_REJECTION:
                state.sent.update(dict.fromkeys(part, Sent.EXPOSED))
                state.messages.update(dict.fromkeys(part, error.info.message))
            raise

    again: list[str] = []
    tried = 0
    for part, result in call_bisecting(send_part, pending, limit):
        tried += len(part)
        if isinstance(result, ThingSpaceError):
            info = result.info
            response = classify_error(info)
            if ends_run(info):
                state.stop = state.stop or info.message
            if response is Response.NEVER_SENT:
                tried -= len(part)
            else:
                state.messages.update(dict.fromkeys(part, info.message))
                again += _settle(reader, state, dict.fromkeys(part, (response, None)), retries_left)
        else:
            again += _settle(reader, state, _responses(part, result, state), retries_left)
        if state.stop is not None:
            _settle(reader, state, dict.fromkeys([*again, *pending[tried:]], (Response.NEVER_SENT, None)), False)
            return []
    return again


def _responses(
    imeis: list[str], rows: t.Mapping[str, Row], state: _BatchState
) -> dict[str, tuple[Response, Row | None]]:
    """Return the response for each of these devices, except those that are changed, as nearly all of a million are: their
    outcome is noted, since it depends on nothing else.
    """
    outcome, changed, done = state.target.changed, Verdict.CHANGED, state.done
    responses: dict[str, tuple[Response, Row | None]] = {}
    for imei in imeis:
        row = rows.get(imei)
        if row is not None:
            verdict, entry = row
            if verdict is changed:
                done[imei] = Device(imei, outcome, entry, True)
                continue
        responses[imei] = (classify_row(row), row)
        if row is None:
            state.messages[imei] = NOT_MENTIONED
    return responses


def _settle(
    reader: Reader, state: _BatchState, responses: t.Mapping[str, tuple[Response, Row | None]], retries_left: bool
) -> list[str]:
    """Note the outcome of each device; read again those that the response leaves open. Return those to send again."""
    target, ignore_unknown = state.target, not state.rules.unknown_devices_fail
    to_read: list[str] = []
    for imei, (response, row) in responses.items():
        before, sent = state.before[imei], state.sent.get(imei, Sent.FIRST)
        outcome = decide(target, before.state, response, sent, ignore_unknown)
        if outcome == READ_AGAIN:
            to_read.append(imei)
        else:
            state.done[imei] = _decided(imei, outcome, response, row, state)
    if not to_read:
        return []
    readings = _read_again(reader, to_read, state)
    again: list[str] = []
    for imei in to_read:
        response, row = responses[imei]
        before, sent, after = state.before[imei], state.sent.get(imei, Sent.FIRST), readings[imei]
        may_send_again = retries_left and state.stop is None
        outcome = decide_after_read(target, before.state, response, sent, after.state, ignore_unknown, may_send_again)
        if outcome == SEND_AGAIN:
            again.append(imei)
            state.messages[imei] = last_message(row, state.messages.get(imei, ""))
            state.before[imei] = after
            # What never left was not sent, and the new reading clears what happened before it.
            state.sent[imei] = Sent.FIRST if response is Response.NOT_SENT and sent is not Sent.BEFORE else Sent.BEFORE
        else:
            state.done[imei] = _decided(imei, outcome, response, row, state, after)
    return again


def _read_again(reader: Reader, imeis: list[str], state: _BatchState) -> dict[str, Reading]:
    try:
        return reader.read_again(imeis)
    except ThingSpaceError as error:
        info = error.info
        if info.service_down or info.kind in (ErrorKind.REJECTED, ErrorKind.UNAUTHENTICATED):
            state.stop = state.stop or info.message
        unread = State.UNAVAILABLE if info.kind is ErrorKind.UNAVAILABLE else State.UNREAD
        return {**dict.fromkeys(imeis, Reading(unread, str(error))), **readings_despite(error)}


def _decided(
    imei: str, outcome: str, response: Response, row: Row | None, state: _BatchState, after: Reading | None = None
) -> Device:
    """Return a device with its outcome, and with the reason for it."""
    target, before = state.target, state.before[imei]
    to_change = unchanged(target)
    had_to_be = (
        as_seen(target, before.state) is to_change
        or response is Response.FAILURE
        or (after is not None and as_seen(target, after.state) is to_change)
    )
    touched = had_to_be or state.sent.get(imei, Sent.FIRST) is not Sent.FIRST or response in MAY_HAVE_CHANGED
    message = state.messages.get(imei, "")
    reason = reason_for(target, Decision(outcome, response, row, before, message, after, state.stop))
    entry = row.entry if row else {}
    uncertain = not had_to_be and outcome != target.already
    if outcome == target.changed:
        return changed(target, imei, entry, reason, uncertain)
    return Device(imei, outcome, entry if reason is None else with_reason(reason, entry), touched, uncertain)
