# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!
"""The whole list of devices: read all, plan, and remove in batches, several in flight.

Everything is read before the first removal is sent, so that a limit on removals and a failing service stop the run
before it changes anything, and so that check mode and a real run take the same path up to that point.
"""

from __future__ import annotations

import threading
import typing as t
from collections import Counter
from dataclasses import dataclass, field

from ansible_collections.verizon.fota.plugins.module_utils import _licenses
from ansible_collections.verizon.fota.plugins.module_utils._answers import Totals
from ansible_collections.verizon.fota.plugins.module_utils._faults import Kind, Refused
from ansible_collections.verizon.fota.plugins.module_utils._halves import Limit
from ansible_collections.verizon.fota.plugins.module_utils._in_flight import fly
from ansible_collections.verizon.fota.plugins.module_utils._licenses import Device, Rules
from ansible_collections.verizon.fota.plugins.module_utils._states import Reader, Reading, Service, State


@dataclass(frozen=True)
class Order:
    """What is asked for. C(imeis) are distinct; C(max_removals) None means no limit."""

    imeis: list[str]
    check_mode: bool = False
    batch_size: int = 1000
    concurrency: int = 1
    max_removals: int | None = None
    rules: Rules = field(default_factory=Rules)


class Record:
    """What has become of the devices so far; several threads add to it.

    Only devices that C(keep) wants are kept whole: a fleet of a million would not fit. C(write) puts devices where they
    outlast the run, and gives why it could not.
    """

    def __init__(
        self,
        keep: t.Callable[[Device], bool],
        write: t.Callable[[t.Collection[Device]], str | None] = lambda devices: None,
    ) -> None:
        self.counts: Counter[str] = Counter()
        self.kept: dict[str, Device] = {}
        self.removed: set[str] = set()
        self.licensed_before: list[str] = []
        self.totals = Totals()
        self._keep = keep
        self._write = write
        self._unwritten: str | None = None
        self._lock = threading.Lock()

    def add(self, devices: t.Collection[Device], totals: Totals | None = None) -> str | None:
        """Add devices. Gives why they could not be written; nothing is written after that."""
        with self._lock:
            self.counts.update(device.outcome for device in devices)
            self.removed.update(device.imei for device in devices if device.outcome == _licenses.REMOVED)
            self.kept.update((device.imei, device) for device in devices if self._keep(device))
            if totals is not None:
                self.totals = totals
            if self._unwritten is None:
                self._unwritten = self._write(devices)
            return self._unwritten


def carry_out(service: Service, order: Order, record: Record) -> str | None:
    """Carry out an order; every device ends in the record. Gives why the run ended early, None when it did not."""
    # A stranger that may be ignored is green without a word, so it has to be one for sure.
    reader = Reader(service, confirm_strangers=not order.rules.unknown_devices_fail)
    readings, stop = _read(reader, order)
    wanted: list[str] = []
    for imeis in _batches(order.imeis, order.batch_size):
        devices = [_settled(imei, readings.get(imei), order.rules) for imei in imeis]
        wanted += [imei for imei, device in zip(imeis, devices) if device is None]
        unwritten = record.add([device for device in devices if device is not None])
        stop = stop or unwritten
    stop = stop or _too_many(len(wanted), order)
    if stop is not None or order.check_mode:
        for imeis in _batches(wanted, order.batch_size):
            unwritten = record.add(
                [_licenses.skipped(imei) if stop else _licenses.forecast(imei, readings[imei]) for imei in imeis]
            )
            stop = stop or unwritten
    else:
        stop = _remove(service, reader, order, wanted, readings, record)
    record.licensed_before = [
        imei for imei in wanted if readings[imei].state is State.LICENSED or imei in record.removed
    ]
    return stop


def _settled(imei: str, reading: Reading | None, rules: Rules) -> Device | None:
    return _licenses.settled(imei, reading, rules) if reading else _licenses.skipped(imei)


def _read(reader: Reader, order: Order) -> tuple[dict[str, Reading], str | None]:
    readings: dict[str, Reading] = {}

    def read(imeis: list[str]) -> str | None:
        try:
            readings.update(reader.read(imeis))
        except Refused as error:
            fault = error.fault
            unread = fault.kind in (Kind.LOST, Kind.THROTTLED, Kind.UNREACHABLE) and not fault.dead
            # A real run can do without: the answer of the removal decides then.
            if not unread and (order.check_mode or fault.kind is not Kind.NOT_TO_BE_HAD):
                return _unreadable(error)
            readings.update(dict.fromkeys(imeis, Reading(State.UNREAD, str(error))))
        return None

    batches = _batches(order.imeis, order.batch_size)
    return readings, fly(read, batches, order.concurrency, order.rules.interrupted).stop


def _unreadable(error: Refused) -> str:
    if error.fault.kind is Kind.NOT_TO_BE_HAD:
        return (
            "a forecast needs the devices of the account or its list of licenses, and the account may read neither:"
            f" {error}"
        )
    return str(error)


def _too_many(removals: int, order: Order) -> str | None:
    if order.max_removals is None or removals <= order.max_removals:
        return None
    return (
        f"{removals} licenses would be removed, more than max_removals ({order.max_removals}) allows;"
        " nothing was removed"
    )


def _remove(
    service: Service,
    reader: Reader,
    order: Order,
    wanted: list[str],
    readings: t.Mapping[str, Reading],
    record: Record,
) -> str | None:
    limit = Limit()

    def remove(imeis: list[str]) -> str | None:
        batch = _licenses.remove(service, reader, imeis, readings, order.rules, limit)
        return record.add(batch.devices, batch.totals) or batch.stop

    flight = fly(remove, _batches(wanted, order.batch_size), order.concurrency, order.rules.interrupted)
    for imeis in flight.left:
        record.add([_licenses.skipped(imei) for imei in imeis])
    for imeis in flight.broken:
        record.add([_licenses.unknown(imei) for imei in imeis])
    return flight.stop


def _batches(imeis: list[str], size: int) -> list[list[str]]:
    return [imeis[start : start + size] for start in range(0, len(imeis), size)]
