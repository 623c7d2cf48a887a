# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!
"""Removing the licenses of one batch of devices, and a true outcome for each of them.

A removal whose answer is lost may have happened: the state is read again before anything is said or sent.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.verizon.fota.plugins.module_utils._answers import (
    Row,
    Totals,
    Verdict,
    Words,
    because,
    words,
)
from ansible_collections.verizon.fota.plugins.module_utils._divided_calls import Limit, in_parts
from ansible_collections.verizon.fota.plugins.module_utils._refusals import Fault, Kind, Refused
from ansible_collections.verizon.fota.plugins.module_utils._states import STRANGER, Readable, Reader, Reading, State
from ansible_collections.verizon.fota.plugins.module_utils._upgrades import Effect

REMOVED = "removed"
UNLICENSED = "unlicensed"
FAILED = "failed"
UNKNOWN = "unknown"
SKIPPED = "skipped"
OUTCOMES = (REMOVED, UNLICENSED, FAILED, UNKNOWN, SKIPPED)
_FAILURES = frozenset((FAILED, UNKNOWN, SKIPPED))

_NOT_SENT = "not sent: an earlier error ended the run"
_NOT_READ = "what became of it is not known, and its state could not be read again: run the task again"
# Refusals that came before anything was sent, or that say so.
_UNSENT = frozenset((Kind.UNREACHABLE, Kind.NO_TOKENS, Kind.INTERRUPTED, Kind.THROTTLED))


class Service(Readable, t.Protocol):
    """The calls of ThingSpace that removing licenses takes. Each raises Refused."""

    def remove(self, imeis: t.Sequence[str]) -> tuple[dict[str, Row], Totals]:
        """Remove the licenses of these devices."""


class Device(t.NamedTuple):
    """What became of one device, and the entry of the service's answer that tells of it, if there was one.

    C(held) says that it held a license after the run began, or that the run may have taken one from it.
    """

    imei: str
    outcome: str
    entry: t.Mapping[str, t.Any] = {}
    held: bool = False

    @property
    def words(self) -> Words:
        return words(self.entry)

    @property
    def changed(self) -> bool:
        return self.outcome in (REMOVED, UNKNOWN)

    @property
    def failed(self) -> bool:
        return self.outcome in _FAILURES


def _never() -> str | None:
    return None


@dataclass(frozen=True)
class Rules:
    """How to remove: tries after the first, whether an unknown device is a failure, how to wait before a try.

    C(interrupted) gives why the run was asked to end, None as long as nobody asked.
    """

    retries: int = 3
    unknown_devices_fail: bool = True
    pause: t.Callable[[int], None] = field(default=lambda attempt: None)
    interrupted: t.Callable[[], str | None] = _never


@dataclass(frozen=True)
class Batch:
    """What became of the devices of a batch, in order; C(stop) says why nothing more should be sent, if so."""

    devices: list[Device]
    totals: Totals | None = None
    stop: str | None = None


def settled(imei: str, reading: Reading, rules: Rules) -> Device | None:
    """Give the outcome of a device for which nothing is to be sent; None when its license is to be removed."""
    if reading.state is State.UNLICENSED:
        return _because(imei, UNLICENSED, reading.reason) if reading.reason else Device(imei, UNLICENSED)
    if reading.state is State.STRANGER:
        return _stranger(imei, reading.reason, rules)
    if reading.state is State.REFUSED:
        return _because(imei, FAILED, reading.reason)
    return None


def forecast(imei: str, reading: Reading, upgrade: Effect | None = None) -> Device:
    """Give the outcome that removing this device's license would have, as far as the service tells beforehand.

    C(upgrade) is what its upgrades mean for that, where they were looked up.
    """
    if reading.state is not State.LICENSED:
        return _because(imei, UNKNOWN, reading.reason or State.UNREAD.value)
    if upgrade is None:
        return Device(imei, REMOVED)
    return _because(imei, FAILED if upgrade.refused else REMOVED if upgrade.cancels else UNKNOWN, upgrade.reason)


def licensed_again(imei: str, outcome: str, device: Device | None) -> Device:
    """Give the outcome of a device that was read as licensed after the run had ended otherwise for it."""
    told = {
        REMOVED: "its license was removed, but it holds one again",
        UNLICENSED: "it held no license when the run began, but holds one now",
        UNKNOWN: f"{device.words.reason if device else _NOT_READ}; read again: it holds a license",
    }
    return Device(imei, FAILED, because(told[outcome], device.entry if device else None))


def freed_meanwhile(device: Device, before: Reading) -> Device:
    """Give the outcome of a device that failed or was unknown, and was read without a license afterwards."""
    freed = device.held or before.state is State.LICENSED
    reason = f"{device.words.reason or device.outcome}; read again: it holds no license"
    return Device(device.imei, REMOVED if freed else UNLICENSED, because(reason, device.entry))


def skipped(imei: str, reason: str = _NOT_SENT) -> Device:
    """Return the outcome of a device that was never sent, for this reason."""
    return _because(imei, SKIPPED, reason)


def unknown(imei: str) -> Device:
    """Give the outcome of a device that may have been sent, and of which nothing more is known."""
    return _because(imei, UNKNOWN, _NOT_READ, held=True)


def remove(
    service: Service,
    reader: Reader,
    imeis: t.Sequence[str],
    before: t.Mapping[str, Reading],
    rules: Rules,
    limit: Limit | None = None,
) -> Batch:
    """Remove the licenses of these devices. Whatever happens, every one of them has an outcome at the end.

    C(before) is the state that was read before; a device that it says is licensed and that has no license
    afterwards is C(removed), even if the answer that said so was lost.
    """
    done: dict[str, Device] = {}
    totals: Totals | None = None
    stop: str | None = None

    def send(part: list[str]) -> tuple[dict[str, Row], Totals]:
        interrupted = rules.interrupted()
        if interrupted:
            raise Refused(Fault(Kind.INTERRUPTED, interrupted))
        return service.remove(part)

    pending, attempt = list(imeis), 0
    last_words: dict[str, str] = {}
    while pending and stop is None:
        if attempt:
            rules.pause(attempt - 1)
        # Known to be licensed still, although they were sent; and the last words about each.
        again: dict[str, str] = {}
        for part, answer in in_parts(send, pending, limit or Limit()):
            rows: t.Mapping[str, Row] = {}
            sending = _Sending(part, attempt, True, "the answer does not mention this device")
            if isinstance(answer, Refused):
                fault = answer.fault
                refused = not fault.passing and fault.kind is not Kind.LOST
                if refused and fault.kind is not Kind.DIVIDE:
                    stop = fault.words
                    if fault.kind in _UNSENT:
                        break
                # Words that nobody knows tell nothing; nor does any refusal, once a try was lost that may be carried out late.
                if refused and fault.known and not attempt:
                    done.update((imei, _because(imei, FAILED, fault.words)) for imei in part)
                    if stop is not None:
                        break
                    continue
                # A device that was read with a license is not sent again because of one refusal, as an unread one is.
                final = refused and (fault.known or all(before[imei].state is State.LICENSED for imei in part))
                odd = not fault.known and fault.kind in (Kind.DIVIDE, Kind.FOR_ALL)
                sending = _Sending(part, attempt, fault.kind is Kind.LOST, fault.words, odd, final)
            else:
                rows, totals = answer
            still, over = _resolve(reader, sending, rows, before, rules, done)
            again.update(still)
            stop = stop or over
            if stop is not None:
                break
        if stop is not None:
            licensed_still = {**last_words, **again}
            done.update(
                (imei, _because(imei, FAILED, f"{why}; still licensed, and not sent again: {stop}"))
                for imei, why in licensed_still.items()
                if imei not in done
            )
        pending, last_words, attempt = list(again), again, attempt + 1
    return Batch([done.get(imei) or skipped(imei) for imei in imeis], totals, stop)


@dataclass(frozen=True)
class _Sending:
    """Devices that were sent together, for the how-manieth time, whether the service may have acted, and its last words.

    C(odd): it was refused in words that nobody knows; C(final): it would be refused again.
    """

    imeis: list[str]
    attempt: int
    acted: bool
    words: str
    odd: bool = False
    final: bool = False


def _resolve(
    reader: Reader,
    sending: _Sending,
    rows: t.Mapping[str, Row],
    before: t.Mapping[str, Reading],
    rules: Rules,
    done: dict[str, Device],
) -> tuple[dict[str, str], str | None]:
    """Note the outcome of each device that was sent; read again those that the answer leaves open.

    Gives the devices that are to be sent once more, each with the reason, and why nothing should be sent any more, if so.
    """
    left_open: list[str] = []
    for imei in sending.imeis:
        outcome = _outcome(rows.get(imei), before[imei], sending.attempt, rules)
        if outcome is None:
            left_open.append(imei)
        else:
            done[imei] = Device(
                imei, outcome, rows[imei].entry, held=bool(sending.attempt) or rows[imei].verdict is Verdict.REFUSED
            )
    if not left_open:
        return {}, None
    stop: str | None = None
    try:
        after = reader.read_again(left_open)
    except Refused as error:
        after = dict.fromkeys(left_open, Reading(State.UNREAD, str(error)))
        if error.fault.dead or error.fault.kind in (Kind.FOR_ALL, Kind.NO_TOKENS):
            stop = error.fault.words
    again: dict[str, str] = {}
    for imei in left_open:
        row = rows.get(imei)
        entry = row.entry if row else {}
        said = words(entry)
        why = said.reason or (f"the service answered with the status {said.status}" if said.status else sending.words)
        state = after[imei].state
        held = sending.acted or bool(sending.attempt) or before[imei].state is State.LICENSED
        if state is State.UNLICENSED:
            reason = f"{why}; read again: it holds no license"
            done[imei] = Device(imei, REMOVED if held else UNLICENSED, because(reason, entry))
        elif state is State.UNREAD and held and not (sending.acted or sending.odd or sending.attempt):
            done[imei] = Device(imei, FAILED, because(f"{why}; it held a license when it was last read", entry))
        elif _not_found(after[imei]) and not sending.attempt and before[imei].state is not State.LICENSED:
            # What the account does not know never had a license of it.
            done[imei] = _stranger(imei, after[imei].reason, rules)
        elif state is not State.LICENSED:
            unread = "; ".join(filter(None, (why, after[imei].reason)))
            done[imei] = Device(imei, UNKNOWN, because(f"{_NOT_READ} ({unread})", entry), held)
        elif (row is None or row.verdict is Verdict.UNCLEAR) and not sending.final and sending.attempt < rules.retries:
            again[imei] = why
        else:
            done[imei] = Device(imei, FAILED, because(why, entry), held=True)
    return again, stop


def _outcome(row: Row | None, before: Reading, attempt: int, rules: Rules) -> str | None:
    """Judge by the answer alone; None where only reading the state again can tell."""
    verdict = row.verdict if row else Verdict.UNCLEAR
    if verdict is Verdict.REMOVED:
        return REMOVED
    if verdict is Verdict.NO_LICENSE:
        # It had a license when it was read or first sent, so it was freed since: by a try whose answer was lost, perhaps.
        return REMOVED if before.state is State.LICENSED or attempt else UNLICENSED
    if verdict is Verdict.NOT_FOUND:
        licensed = before.state is State.LICENSED or attempt
        return FAILED if rules.unknown_devices_fail or licensed else UNLICENSED
    return FAILED if verdict is Verdict.REFUSED else None


def _not_found(reading: Reading) -> bool:
    """Tell whether the service said in words that it does not know a device, and did not just leave it out of an answer."""
    return reading.state is State.STRANGER and reading != STRANGER


def _stranger(imei: str, reason: str | None, rules: Rules) -> Device:
    return _because(imei, FAILED if rules.unknown_devices_fail else UNLICENSED, reason)


def _because(imei: str, outcome: str, reason: str | None, held: bool = False) -> Device:
    return Device(imei, outcome, because(reason), held)
