# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who holds a license, all devices of the account or those asked for, and how a task says it. Nothing here writes.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import typing as t
from collections import Counter
from dataclasses import dataclass, field

from ansible_collections.verizon.fota.plugins.module_utils._licenses.states import Readable, Reader, Reading, State
from ansible_collections.verizon.fota.plugins.module_utils._support.concurrency import run_all
from ansible_collections.verizon.fota.plugins.module_utils._support.text import pluralize
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.errors import (
    ErrorKind,
    IncompleteList,
    ThingSpaceError,
)
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.license_totals import LicenseTotals
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.subscription import Subscription

MAX_LISTED = 5
_WORDS = {True: "licensed", False: "unlicensed", None: "unknown"}
_LICENSED = {State.LICENSED: True, State.UNLICENSED: False}
# Refusals that every further call would meet as well.
_FINAL = frozenset(
    (
        ErrorKind.REJECTED,
        ErrorKind.UNAUTHENTICATED,
        ErrorKind.ACCESS_TOKEN,
        ErrorKind.SESSION_TOKEN,
        ErrorKind.INTERRUPTED,
    )
)


BY_EVENT = "the account is billed by event (TS-HFOTA-EVNT) and in no other way: it has no licenses to remove"


class Service(Readable, t.Protocol):
    """The calls of ThingSpace that looking that up takes. Each raises ThingSpaceError."""

    def assigned(self) -> tuple[dict[str, str | None], LicenseTotals]:
        """Read all licensed devices, each with the time of its assignment."""

    def totals(self) -> LicenseTotals:
        """Read how many licenses the account has and uses."""

    def subscription(self) -> Subscription:
        """Read what the account pays for."""


@dataclass(frozen=True)
class LicenseQuery:
    """What is asked. ``imeis`` None: all licensed devices, and without ``rows`` only how many they are.

    ``names`` are those that the user gave devices, by IMEI.
    """

    imeis: list[str] | None
    rows: bool = True
    subscription: bool = False
    batch_size: int = 1000
    concurrency: int = 1
    interrupted: t.Callable[[], str | None] = lambda: None
    names: t.Mapping[str, str] = field(default_factory=dict)


class DeviceLicense(t.NamedTuple):
    """Whether a device holds a license, None where that is not known."""

    imei: str
    licensed: bool | None
    assigned_time: str | None = None
    reason: str | None = None


@dataclass
class QueryResult:
    """What was read so far. ``faults`` says what could not be read, ``over`` that no further call makes sense."""

    devices: list[DeviceLicense] = field(default_factory=list)
    totals: LicenseTotals = field(default_factory=LicenseTotals)
    subscription: Subscription | None = None
    faults: list[str] = field(default_factory=list)
    over: bool = False

    def refused(self, what: str, error: ThingSpaceError) -> None:
        """Note that this could not be read."""
        self.faults.append(f"{what} could not be read: {error}")
        self.over = self.over or error.info.service_down or error.info.kind in _FINAL


def query(service: Service, question: LicenseQuery) -> QueryResult:
    """Look that up. What could be read is in the findings, whatever went wrong besides."""
    findings = QueryResult()
    if question.subscription:
        try:
            findings.subscription = service.subscription()
        except ThingSpaceError as error:
            findings.refused("the subscription of the account", error)
    if question.imeis is not None:
        _look_up(service, question, question.imeis, findings)
    elif question.rows and not findings.over:
        _list(service, findings)
    if not findings.over and None in (findings.totals.total, findings.totals.used):
        try:
            findings.totals = service.totals()
        except ThingSpaceError as error:
            # Where they are unavailable, they are nobody's first concern, unless nothing else was asked for.
            if error.info.kind is not ErrorKind.UNAVAILABLE or _totals_only(question):
                findings.refused("the totals of the account", error)
    return findings


def _totals_only(question: LicenseQuery) -> bool:
    return question.imeis is None and not question.rows


def _list(service: Service, findings: QueryResult) -> None:
    try:
        assigned, findings.totals = service.assigned()
    except IncompleteList as error:
        assigned = error.found
        findings.refused("the list of licensed devices", error)
    findings.devices = [DeviceLicense(imei, True, time) for imei, time in assigned.items()]


def _look_up(service: Service, question: LicenseQuery, imeis: list[str], findings: QueryResult) -> None:
    reader = Reader(service)
    readings: dict[str, Reading] = {}
    final: list[ThingSpaceError] = []

    def read(batch: list[str]) -> str | None:
        try:
            readings.update(reader.read(batch))
        except ThingSpaceError as error:
            if not error.info.transient:
                final.append(error)
                return _words(error)
            readings.update(dict.fromkeys(batch, Reading(State.UNREAD, str(error))))
        return None

    size = question.batch_size
    batches = [imeis[start : start + size] for start in range(0, len(imeis), size)]
    # Where every call is refused, what refused the first one is said of all devices.
    stop = findings.faults[-1] if findings.over else None
    if stop is None:
        stop = run_all(read, batches, question.concurrency, question.interrupted).stop
        if stop is not None:
            findings.faults.append(f"the reading ended early: {stop}")
            # Who may read neither devices nor licenses may read the subscription all the same.
            findings.over = not final or any(error.info.service_down or error.info.kind in _FINAL for error in final)
    unread = [imei for imei, reading in readings.items() if reading.state in (State.UNREAD, State.UNAVAILABLE)]
    if unread:
        named = "; ".join(f"{imei}: {(readings[imei].reason or '').rstrip('.')}" for imei in unread[:MAX_LISTED])
        more = f"; and {len(unread) - MAX_LISTED:,} more" if len(unread) > MAX_LISTED else ""
        findings.faults.append(f"the state of {pluralize(len(unread), 'device')} could not be read: {named}{more}")
    not_asked = Reading(State.UNREAD, f"not read: {stop}")
    for imei in imeis:
        reading = readings.get(imei, not_asked)
        findings.devices.append(DeviceLicense(imei, _LICENSED.get(reading.state), reason=reading.reason))


def _words(error: ThingSpaceError) -> str:
    if error.info.kind is ErrorKind.UNAVAILABLE:
        return f"the account may read neither its devices nor its list of licensed devices: {error}"
    return str(error)


# What a task says


def empty(account: object, question: LicenseQuery, msg: str) -> dict[str, t.Any]:
    """Return the result of a task that could not begin, with the keys of every other result."""
    return {**result(account, question, QueryResult(faults=[msg])), "msg": msg}


def result(account: object, question: LicenseQuery, findings: QueryResult) -> dict[str, t.Any]:
    """Return the result of a task, keys as documented in RETURN."""
    totals, subscription = findings.totals, findings.subscription
    summary = _summary(question, findings)
    found: dict[str, t.Any] = {
        "changed": False,
        "failed": bool(findings.faults),
        "msg": _message(question, findings, summary),
        "summary": summary,
        "devices": [_row(device, question.names) for device in findings.devices] if question.rows else [],
        "account": {"name": account, "license_total": totals.total, "license_used": totals.used},
    }
    if question.subscription:
        found["subscription"] = subscription and {
            "purchase_type": subscription.purchase_type,
            "license_total": subscription.totals.total,
            "license_used": subscription.totals.used,
            "updated_time": subscription.updated_time,
            "event_based": subscription.event_based,
        }
    return found


def _summary(question: LicenseQuery, findings: QueryResult) -> dict[str, int | None]:
    if _totals_only(question):
        return {"requested": None, "licensed": findings.totals.used, "unlicensed": 0, "unknown": 0}
    counts = Counter(_WORDS[device.licensed] for device in findings.devices)
    requested = None if question.imeis is None else len(question.imeis)
    return {"requested": requested, **{word: counts[word] for word in _WORDS.values()}}


def _row(device: DeviceLicense, names: t.Mapping[str, str]) -> dict[str, t.Any]:
    row: dict[str, t.Any] = {"imei": device.imei, "licensed": device.licensed}
    if device.imei in names:
        row["name"] = names[device.imei]
    if device.assigned_time is not None:
        row["assigned_time"] = device.assigned_time
    if device.reason is not None:
        row["reason"] = device.reason
    return row


def _message(question: LicenseQuery, findings: QueryResult, summary: t.Mapping[str, int | None]) -> str:
    parts = [f"{info[0].upper()}{info[1:].rstrip('.')}." for info in findings.faults]
    if question.imeis is not None:
        counts = ", ".join(f"{summary[word]} {word}" for word in _WORDS.values())
        parts.append(f"Of {pluralize(len(question.imeis), 'device')}: {counts}.")
    elif question.rows:
        parts.append(f"{pluralize(len(findings.devices), 'licensed device')}{' read' if findings.faults else ''}.")
    totals = findings.totals
    if totals.total is not None and totals.used is not None:
        parts.append(f"The account uses {totals.used:,} of its {pluralize(totals.total, 'license')}.")
    return " ".join(parts)
