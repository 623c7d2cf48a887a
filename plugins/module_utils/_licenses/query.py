# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which devices hold a license, all of the account or those requested, and the result of a task about it. Nothing is changed.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import typing as t
from collections import Counter
from dataclasses import dataclass, field

from ansible_collections.verizon.fota.plugins.module_utils._licenses.service_calls import Readable
from ansible_collections.verizon.fota.plugins.module_utils._licenses.states import (
    Reader,
    Reading,
    State,
    readings_despite,
)
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
_LABELS = {True: "licensed", False: "unlicensed", None: "unknown"}
_LICENSED = {State.LICENSED: True, State.UNLICENSED: False}
# Errors that every further call would meet as well.
_FINAL = frozenset(
    (
        ErrorKind.REJECTED,
        ErrorKind.UNAUTHENTICATED,
        ErrorKind.ACCESS_TOKEN,
        ErrorKind.SESSION_TOKEN,
        ErrorKind.INTERRUPTED,
    )
)


def billed_by_event(action: str = "remove") -> str:
    """Return what is to be said of an account without licenses."""
    return f"the account is billed by event (TS-HFOTA-EVNT) and in no other way: it has no licenses to {action}"


class Service(Readable, t.Protocol):
    """The calls of ThingSpace that a query takes. Each raises ``ThingSpaceError``."""

    def assigned(self) -> tuple[dict[str, str | None], LicenseTotals]:
        """Read all licensed devices, each with the time of its assignment."""

    def totals(self) -> LicenseTotals:
        """Read how many licenses the account has and uses."""

    def subscription(self) -> Subscription:
        """Read what the account pays for."""


@dataclass(frozen=True)
class LicenseQuery:
    """What to read. ``imeis`` is ``None`` for all licensed devices; without ``rows``, only their number.

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
    """Whether a device holds a license, ``None`` if that is not known."""

    imei: str
    licensed: bool | None
    assigned_time: str | None = None
    reason: str | None = None


@dataclass
class QueryResult:
    """What was read so far. ``errors`` says what could not be read, ``stopped`` that no further call makes sense."""

    devices: list[DeviceLicense] = field(default_factory=list)
    totals: LicenseTotals = field(default_factory=LicenseTotals)
    subscription: Subscription | None = None
    errors: list[str] = field(default_factory=list)
    stopped: bool = False

    def add_error(self, what: str, error: ThingSpaceError) -> None:
        """Note that ``what`` could not be read."""
        self.errors.append(f"{what} could not be read: {error}")
        self.stopped = self.stopped or error.info.service_down or error.info.kind in _FINAL


def query(service: Service, license_query: LicenseQuery) -> QueryResult:
    """Return what could be read, whatever else went wrong."""
    query_result = QueryResult()
    if license_query.subscription:
        try:
            query_result.subscription = service.subscription()
        except ThingSpaceError as error:
            query_result.add_error("the subscription of the account", error)
    if license_query.imeis is not None:
        _look_up(service, license_query, license_query.imeis, query_result)
    elif license_query.rows and not query_result.stopped:
        _list(service, query_result)
    if not query_result.stopped and None in (query_result.totals.total, query_result.totals.used):
        try:
            query_result.totals = service.totals()
        except ThingSpaceError as error:
            # Unavailable totals are no error, unless nothing else was requested.
            if error.info.kind is not ErrorKind.UNAVAILABLE or _totals_only(license_query):
                query_result.add_error("the totals of the account", error)
    return query_result


def _totals_only(license_query: LicenseQuery) -> bool:
    return license_query.imeis is None and not license_query.rows


def _list(service: Service, query_result: QueryResult) -> None:
    try:
        assigned, query_result.totals = service.assigned()
    except IncompleteList as error:
        assigned = error.found
        query_result.add_error("the list of licensed devices", error)
    query_result.devices = [DeviceLicense(imei, True, time) for imei, time in assigned.items()]


def _look_up(service: Service, license_query: LicenseQuery, imeis: list[str], query_result: QueryResult) -> None:
    reader = Reader(service)
    readings: dict[str, Reading] = {}
    final: list[ThingSpaceError] = []

    def read(batch: list[str]) -> str | None:
        try:
            readings.update(reader.read(batch))
        except ThingSpaceError as error:
            known = readings_despite(error)
            readings.update(known)
            if not error.info.transient:
                final.append(error)
                return _explain(error)
            readings.update((imei, Reading(State.UNREAD, str(error))) for imei in batch if imei not in known)
        return None

    size = license_query.batch_size
    batches = [imeis[start : start + size] for start in range(0, len(imeis), size)]
    # If every call fails for the same reason, that of the first one is reported for all devices.
    stop = query_result.errors[-1] if query_result.stopped else None
    if stop is None:
        stop = run_all(read, batches, license_query.concurrency, license_query.interrupted).stop
        if stop is not None:
            query_result.errors.append(f"the reading ended early: {stop}")
            # An account that may read neither devices nor licenses may still read its subscription.
            query_result.stopped = not final or any(
                error.info.service_down or error.info.kind in _FINAL for error in final
            )
    unread = [imei for imei, reading in readings.items() if reading.state in (State.UNREAD, State.UNAVAILABLE)]
    if unread:
        named = "; ".join(f"{imei}: {(readings[imei].reason or '').rstrip('.')}" for imei in unread[:MAX_LISTED])
        more = f"; and {len(unread) - MAX_LISTED:,} more" if len(unread) > MAX_LISTED else ""
        query_result.errors.append(f"the state of {pluralize(len(unread), 'device')} could not be read: {named}{more}")
    not_read = Reading(State.UNREAD, f"not read: {stop}")
    for imei in imeis:
        reading = readings.get(imei, not_read)
        query_result.devices.append(DeviceLicense(imei, _LICENSED.get(reading.state), reason=reading.reason))


def _explain(error: ThingSpaceError) -> str:
    if error.info.kind is ErrorKind.UNAVAILABLE:
        return f"the account may read neither its devices nor its list of licensed devices: {error}"
    return str(error)


# The result of a task


def empty(account: object, license_query: LicenseQuery, msg: str) -> dict[str, t.Any]:
    """Return the result of a task that could not begin, with the keys of every other result."""
    return {**result(account, license_query, QueryResult(errors=[msg])), "msg": msg}


def result(account: object, license_query: LicenseQuery, query_result: QueryResult) -> dict[str, t.Any]:
    """Return the result of a task, keys as documented in ``RETURN``."""
    totals, subscription = query_result.totals, query_result.subscription
    summary = _summary(license_query, query_result)
    found: dict[str, t.Any] = {
        "changed": False,
        "failed": bool(query_result.errors),
        "msg": _message(license_query, query_result, summary),
        "summary": summary,
        "devices": [_row(device, license_query.names) for device in query_result.devices] if license_query.rows else [],
        "account": {"name": account, "license_total": totals.total, "license_used": totals.used},
    }
    if license_query.subscription:
        found["subscription"] = subscription and subscription_result(subscription)
    return found


def subscription_result(subscription: Subscription) -> dict[str, t.Any]:
    """Return the subscription as a part of a result."""
    return {
        "purchase_type": subscription.purchase_type,
        "license_total": subscription.totals.total,
        "license_used": subscription.totals.used,
        "updated_time": subscription.updated_time,
        "event_based": subscription.event_based,
    }


def _summary(license_query: LicenseQuery, query_result: QueryResult) -> dict[str, int | None]:
    if _totals_only(license_query):
        return {"requested": None, "licensed": query_result.totals.used, "unlicensed": 0, "unknown": 0}
    counts = Counter(_LABELS[device.licensed] for device in query_result.devices)
    requested = None if license_query.imeis is None else len(license_query.imeis)
    return {"requested": requested, **{label: counts[label] for label in _LABELS.values()}}


def _row(device: DeviceLicense, names: t.Mapping[str, str]) -> dict[str, t.Any]:
    row: dict[str, t.Any] = {"imei": device.imei, "licensed": device.licensed}
    if device.imei in names:
        row["name"] = names[device.imei]
    if device.assigned_time is not None:
        row["assigned_time"] = device.assigned_time
    if device.reason is not None:
        row["reason"] = device.reason
    return row


def _message(license_query: LicenseQuery, query_result: QueryResult, summary: t.Mapping[str, int | None]) -> str:
    parts = [f"{info[0].upper()}{info[1:].rstrip('.')}." for info in query_result.errors]
    if license_query.imeis is not None:
        counts = ", ".join(f"{summary[label]} {label}" for label in _LABELS.values())
        parts.append(f"Of {pluralize(len(license_query.imeis), 'device')}: {counts}.")
    elif license_query.rows:
        parts.append(
            f"{pluralize(len(query_result.devices), 'licensed device')}{' read' if query_result.errors else ''}."
        )
    totals = query_result.totals
    if totals.total is not None and totals.used is not None:
        parts.append(f"The account uses {totals.used:,} of its {pluralize(totals.total, 'license')}.")
    return " ".join(parts)
