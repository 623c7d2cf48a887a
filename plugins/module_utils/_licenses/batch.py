# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Removing the licenses of one batch of devices, and a true outcome for each of them.

A removal whose answer is lost may have happened: the state is read again before anything is said or sent.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.verizon.fota.plugins.module_utils._licenses.account_totals import LatestTotals
from ansible_collections.verizon.fota.plugins.module_utils._licenses.bisection import BatchLimit, call_bisecting
from ansible_collections.verizon.fota.plugins.module_utils._licenses.decision_table import (
    MAY_HAVE_FREED,
    READ_AGAIN,
    SEND,
    SEND_AGAIN,
    Response,
    Sent,
    classify_error,
    classify_row,
    decide,
    decide_after_read,
    ends_run,
    plan,
)
from ansible_collections.verizon.fota.plugins.module_utils._licenses.outcomes import (
    CHANGED,
    FAILED,
    FAILURES,
    REMOVED,
    SKIPPED,
    UNKNOWN,
    UNLICENSED,
)
from ansible_collections.verizon.fota.plugins.module_utils._licenses.states import Readable, Reader, Reading, State
from ansible_collections.verizon.fota.plugins.module_utils._licenses.upgrades import Effect
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.errors import (
    ErrorInfo,
    ErrorKind,
    ThingSpaceError,
)
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses import (
    EntryDetails,
    Row,
    Totals,
    with_reason,
    words,
)

NOT_SENT = "not sent: an earlier error ended the run"
_NOT_MENTIONED = "the response does not mention this device"
_NOT_READ = "what became of it is not known, and its state could not be read again: run the task again"


class Service(Readable, t.Protocol):
    """The calls of ThingSpace that removing licenses takes. Each raises ThingSpaceError."""

    def remove(self, imeis: t.Sequence[str]) -> tuple[dict[str, Row], Totals]:
        """Remove the licenses of these devices."""


class Device(t.NamedTuple):
    """What became of one device, and the entry of the service's answer that tells of it, if there was one.

    ``held`` says that it held a license after the run began, or that the run may have taken one from it.
    """

    imei: str
    outcome: str
    entry: t.Mapping[str, t.Any] = {}
    held: bool = False

    @property
    def words(self) -> EntryDetails:
        return words(self.entry)

    @property
    def changed(self) -> bool:
        return self.outcome in CHANGED

    @property
    def failed(self) -> bool:
        return self.outcome in FAILURES


def _never() -> str | None:
    return None


@dataclass(frozen=True)
class Rules:
    """How to remove: tries after the first, whether an unknown device is a failure, how to wait before a try.

    ``interrupted`` returns why the run was asked to end, None as long as nobody asked.
    """

    retries: int = 3
    unknown_devices_fail: bool = True
    pause: t.Callable[[int], None] = field(default=lambda attempt: None)
    interrupted: t.Callable[[], str | None] = _never


@dataclass(frozen=True)
class Batch:
    """What became of the devices of a batch, in order; ``stop`` says why nothing more should be sent, if so."""

    devices: list[Device]
    stop: str | None = None


def settled(imei: str, reading: Reading, rules: Rules) -> Device | None:
    """Return the outcome of a device for which nothing is to be sent; None when its license is to be removed."""
    decision = plan(reading.state, not rules.unknown_devices_fail)
    if decision == SEND:
        return None
    return _with_reason(imei, decision, reading.reason) if reading.reason else Device(imei, decision)


def forecast(imei: str, reading: Reading, upgrade: Effect | None = None) -> Device:
    """Return the outcome that removing this device's license would have, as far as the service tells beforehand.

    ``upgrade`` is what its upgrades mean for that, where they were looked up.
    """
    if reading.state is not State.LICENSED:
        return _with_reason(imei, UNKNOWN, reading.reason or State.UNREAD.value)
    if upgrade is None:
        return Device(imei, REMOVED)
    return _with_reason(imei, FAILED if upgrade.refused else REMOVED if upgrade.cancels else UNKNOWN, upgrade.reason)


def licensed_again(imei: str, outcome: str, device: Device | None) -> Device:
    """Return the outcome of a device that was read as licensed after the run had ended otherwise for it."""
    told = {
        REMOVED: "its license was removed, but it holds one again",
        UNLICENSED: "it held no license when the run began, but holds one now",
        UNKNOWN: f"{device.words.reason if device else _NOT_READ}; read again: it holds a license",
    }
    return Device(imei, FAILED, with_reason(told[outcome], device.entry if device else None))


def freed_meanwhile(device: Device, before: Reading) -> Device:
    """Return the outcome of a device that failed or was unknown, and was read without a license afterwards."""
    freed = device.held or before.state is State.LICENSED
    reason = f"{device.words.reason or device.outcome}; read again: it holds no license"
    return Device(device.imei, REMOVED if freed else UNLICENSED, with_reason(reason, device.entry))


def skipped(imei: str, reason: str = NOT_SENT) -> Device:
    """Return the outcome of a device that was never sent."""
    return _with_reason(imei, SKIPPED, reason)


def unknown(imei: str) -> Device:
    """Return the outcome of a device that may have been sent, and of which nothing more is known."""
    return _with_reason(imei, UNKNOWN, _NOT_READ, held=True)


def remove(
    service: Service,
    reader: Reader,
    imeis: t.Sequence[str],
    before: t.Mapping[str, Reading],
    rules: Rules,
    limit: BatchLimit | None = None,
    totals: LatestTotals | None = None,
) -> Batch:
    """Remove the licenses of these devices. Whatever happens, every one of them has an outcome at the end.

    ``before`` is the state that was read before. The rule is that of the decision table, for each device by itself.
    """
    state = _BatchState(dict(before), rules)
    limit, totals = limit or BatchLimit(), totals or LatestTotals()
    pending = list(imeis)
    for attempt in range(rules.retries + 1):
        if attempt:
            rules.pause(attempt - 1)
        pending = _send_all(service, reader, pending, state, limit, totals, attempt < rules.retries)
        if not pending:
            break
    return Batch([state.done[imei] for imei in imeis], state.stop)


class _BatchState:
    """What is known so far of the devices of one batch.

    ``before``: what was read last before a request; ``sent``: what happened to a device since, where something did; ``why``:
    the last words of the service about it; ``stop``: why nothing more should be sent.
    """

    def __init__(self, before: dict[str, Reading], rules: Rules) -> None:
        self.rules = rules
        self.before = before
        self.sent: dict[str, Sent] = {}
        self.why: dict[str, str] = {}
        self.done: dict[str, Device] = {}
        self.stop: str | None = None


def _send_all(
    service: Service,
    reader: Reader,
    pending: list[str],
    state: _BatchState,
    limit: BatchLimit,
    totals: LatestTotals,
    retries_left: bool,
) -> list[str]:
    """Send each of these devices once. Returns those to send again; none when the run is to end."""

    def send(part: list[str]) -> dict[str, Row]:
        interrupted = state.rules.interrupted()
        if interrupted:
            raise ThingSpaceError(ErrorInfo(ErrorKind.INTERRUPTED, interrupted))
        try:
            return totals.of(lambda: service.remove(part))
        except ThingSpaceError as error:
            if len(part) > 1 and classify_error(error.info) is Response.UNRECOGNIZED_REJECTION:
                state.sent.update(dict.fromkeys(part, Sent.EXPOSED))
                state.why.update(dict.fromkeys(part, error.info.message))
            raise

    again: list[str] = []
    left = dict.fromkeys(pending)
    for part, answer in call_bisecting(send, pending, limit):
        for imei in part:
            del left[imei]
        if isinstance(answer, ThingSpaceError):
            info = answer.info
            response = classify_error(info)
            if ends_run(info):
                state.stop = state.stop or info.message
            if response is Response.NEVER_SENT:
                left = {**dict.fromkeys(part), **left}
            else:
                state.why.update(dict.fromkeys(part, info.message))
                again += _settle(reader, state, dict.fromkeys(part, (response, None)), retries_left)
        else:
            rows = {imei: answer.get(imei) for imei in part}
            state.why.update((imei, _NOT_MENTIONED) for imei in part if rows[imei] is None)
            again += _settle(
                reader, state, {imei: (classify_row(row), row) for imei, row in rows.items()}, retries_left
            )
        if state.stop is not None:
            _settle(reader, state, dict.fromkeys([*again, *left], (Response.NEVER_SENT, None)), False)
            return []
    return again


def _settle(
    reader: Reader, state: _BatchState, responses: t.Mapping[str, tuple[Response, Row | None]], retries_left: bool
) -> list[str]:
    """Note the outcome of each device; read again those that the response leaves open. Returns those to send again."""
    ignore_unknown = not state.rules.unknown_devices_fail
    to_read: list[str] = []
    for imei, (response, row) in responses.items():
        decision = decide(state.before[imei].state, response, state.sent.get(imei, Sent.FIRST), ignore_unknown)
        if decision == READ_AGAIN:
            to_read.append(imei)
        else:
            state.done[imei] = _decided(imei, decision, response, row, state)
    if not to_read:
        return []
    readings = _read_again(reader, to_read, state)
    again: list[str] = []
    for imei in to_read:
        response, row = responses[imei]
        before, sent, after = state.before[imei], state.sent.get(imei, Sent.FIRST), readings[imei]
        may_send_again = retries_left and state.stop is None
        decision = decide_after_read(before.state, response, sent, after.state, ignore_unknown, may_send_again)
        if decision == SEND_AGAIN:
            again.append(imei)
            state.why[imei] = _why(imei, row, state)
            state.before[imei] = after
            # What never left was not sent, and the new reading clears what happened before it.
            state.sent[imei] = Sent.FIRST if response is Response.NOT_SENT and sent is not Sent.BEFORE else Sent.BEFORE
        else:
            state.done[imei] = _decided(imei, decision, response, row, state, after)
    return again


def _read_again(reader: Reader, imeis: list[str], state: _BatchState) -> dict[str, Reading]:
    try:
        return reader.read_again(imeis)
    except ThingSpaceError as error:
        info = error.info
        if info.service_down or info.kind in (ErrorKind.REJECTED, ErrorKind.UNAUTHENTICATED):
            state.stop = state.stop or info.message
        unread = State.UNAVAILABLE if info.kind is ErrorKind.UNAVAILABLE else State.UNREAD
        return dict.fromkeys(imeis, Reading(unread, str(error)))


def _why(imei: str, row: Row | None, state: _BatchState) -> str:
    """Return the last words of the service about a device."""
    if row is None:
        return state.why[imei]
    said = words(row.entry)
    if said.reason or not said.status:
        return said.reason or "the service answered without a status"
    return f"the service answered with the status {said.status}"


def _decided(
    imei: str, outcome: str, response: Response, row: Row | None, state: _BatchState, after: Reading | None = None
) -> Device:
    """Return a device with its outcome, and with the reason for it."""
    before, sent = state.before[imei].state, state.sent.get(imei, Sent.FIRST)
    held = (
        before is State.LICENSED
        or sent is not Sent.FIRST
        or response in MAY_HAVE_FREED
        or response is Response.FAILURE
        or (after is not None and after.state is State.LICENSED)
    )
    entry = row.entry if row else {}
    reason = _reason(imei, outcome, response, row, state, after)
    return Device(imei, outcome, entry if reason is None else with_reason(reason, entry), held)


def _reason(
    imei: str, outcome: str, response: Response, row: Row | None, state: _BatchState, after: Reading | None
) -> str | None:
    """Return the reason for an outcome; None where the entry of the response says it all."""
    if after is None and response is Response.NEVER_SENT and outcome == SKIPPED:
        return NOT_SENT
    why = _why(imei, row, state)
    if response is Response.NEVER_SENT and (after is None or after.state is State.LICENSED):
        return f"{why}; still licensed, and not sent again: {state.stop}"
    if after is None:
        return why if row is None else None
    if after.state in (State.UNLICENSED, State.ABSENT) and outcome in (REMOVED, UNLICENSED):
        return f"{why}; read again: it holds no license"
    if outcome == UNKNOWN:
        return f"{_NOT_READ} ({'; '.join(filter(None, (why, after.reason)))})"
    if after.state in (State.NOT_FOUND, State.ABSENT, State.INVALID):
        return after.reason
    if response is Response.NOT_SENT and after.state is not State.LICENSED:
        if state.before[imei].state is State.LICENSED:
            return f"{why}; it held a license when it was last read"
        return f"{why}; it was not sent, and its state could not be read"
    # What the service said of a device stands alone.
    return None if row is not None and words(row.entry).reason else why


def _with_reason(imei: str, outcome: str, reason: str | None, held: bool = False) -> Device:
    return Device(imei, outcome, with_reason(reason), held)
