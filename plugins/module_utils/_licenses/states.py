# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which of these devices hold a license now, learned by whichever call the account may use.

"Devices by list" tells all that is needed. Where the account may not use it (403, 404), where it does not say who is
licensed, and for devices that it leaves out, the account's list of licensed devices tells.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import enum
import threading
import typing as t
from dataclasses import dataclass

from ansible_collections.verizon.fota.plugins.module_utils._licenses.bisection import BatchLimit, call_bisecting
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.errors import (
    ErrorInfo,
    ErrorKind,
    ThingSpaceError,
)
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.device_list import DeviceStatus


class Readable(t.Protocol):
    """The calls of ThingSpace that tell who holds a license. Each raises ThingSpaceError."""

    def list_devices(self, imeis: t.Sequence[str]) -> dict[str, DeviceStatus]:
        """Read how these devices stand."""

    def licensed(self, after_removal: bool = False) -> frozenset[str]:
        """Read all licensed devices; ``after_removal``: while the run removes licenses, to see what became of some."""


class State(enum.Enum):
    """What is known of a device before or after a removal. The values are the words of messages."""

    LICENSED = "holds a license"
    UNLICENSED = "holds no license"
    NOT_FOUND = "the account does not have this device"
    ABSENT = "has no license in this account and is not among its devices"
    INVALID = "the service rejects this IMEI"
    UNREAD = "its state could not be read"
    MISSING = "the service does not mention it, and the license list is unavailable"
    UNAVAILABLE = "the account may read neither its devices nor its list of licensed devices"


@dataclass(frozen=True)
class Reading:
    """The state of one device, and the service's words where it gave any."""

    state: State
    reason: str | None = None


LICENSED = Reading(State.LICENSED)
UNLICENSED = Reading(State.UNLICENSED)
UNLISTED = Reading(
    State.UNLICENSED, "not in the account's list of licensed devices; whether the account knows it could not be read"
)
NOT_FOUND = Reading(State.NOT_FOUND, State.NOT_FOUND.value)
ABSENT = Reading(State.ABSENT, State.ABSENT.value)
UNTOLD = Reading(State.UNAVAILABLE, "the service does not tell whether it holds a license")
MISSING = Reading(State.MISSING, State.MISSING.value)
# A failure without a reason: as good as missing.
_NAMELESS = DeviceStatus(False, None)


class IncompleteReadings(ThingSpaceError):
    """Some devices could not be read; ``readings`` are those of the others."""

    def __init__(self, info: ErrorInfo, readings: t.Mapping[str, Reading]) -> None:
        super().__init__(info)
        self.readings = readings


def readings_despite(error: ThingSpaceError) -> t.Mapping[str, Reading]:
    """Return what could be read all the same."""
    return error.readings if isinstance(error, IncompleteReadings) else {}


class Reader:
    """Reads states, for many threads at once; remembers which call is unavailable."""

    def __init__(self, service: Readable) -> None:
        self._service = service
        self._no_sightings: ThingSpaceError | None = None
        self._list: frozenset[str] | None = None
        self._no_list: ThingSpaceError | None = None
        self._limit = BatchLimit()
        self._lock = threading.Lock()

    def read(self, imeis: t.Sequence[str]) -> dict[str, Reading]:
        """Return the state of each device. Raises ThingSpaceError; of kind UNAVAILABLE when neither call is available.

        What could be read in spite of an error comes with it (IncompleteReadings).
        """
        return self._read(imeis, self._list_once)

    def read_again(self, imeis: t.Sequence[str]) -> dict[str, Reading]:
        """Return the state of each device as it is now, after a removal: what was read before does not count."""
        return self._read(imeis, lambda: self._service.licensed(after_removal=True))

    def _read(self, imeis: t.Sequence[str], listed: t.Callable[[], frozenset[str]]) -> dict[str, Reading]:
        if self._no_sightings is None:
            try:
                return self._by_sightings(imeis, listed)
            except ThingSpaceError as error:
                if error.info.kind is not ErrorKind.UNAVAILABLE:
                    raise
                self._no_sightings = error
        licensed = listed()
        return {imei: LICENSED if imei in licensed else UNLISTED for imei in imeis}

    def _by_sightings(self, imeis: t.Sequence[str], listed: t.Callable[[], frozenset[str]]) -> dict[str, Reading]:
        found = self._ask(imeis)
        missing = [imei for imei in imeis if imei not in found]
        # A device may be missing because the account does not have it, or because the response left it out.
        while missing:
            try:
                more = self._ask(missing)
            except ThingSpaceError as error:
                if error.info.kind is not ErrorKind.UNAVAILABLE:
                    raise IncompleteReadings(error.info, {**_settled(found), **readings_despite(error)}) from None
                # The call was available a moment ago, so what it returned then holds.
                break
            if not more:
                break
            found.update(more)
            missing = [imei for imei in missing if imei not in found]
        # Devices of another protocol may be missing, too: the license list tells whether they hold a license.
        missing += [imei for imei, said in found.items() if said == _NAMELESS]
        untold = [
            imei
            for imei, said in found.items()
            if isinstance(said, DeviceStatus) and said.in_account and said.licensed is None
        ]
        try:
            readings = self._looked_up(untold, missing, listed) if untold or missing else {}
        except ThingSpaceError as error:
            raise IncompleteReadings(error.info, _settled(found)) from None
        return {imei: readings.get(imei) or _reading(found[imei]) for imei in imeis}

    def _ask(self, imeis: t.Sequence[str]) -> dict[str, DeviceStatus | Reading]:
        """Ask for devices: how each was seen, or that it was rejected. Those that the response does not mention are missing."""
        found: dict[str, DeviceStatus | Reading] = {}
        for part, answer in call_bisecting(self._service.list_devices, imeis, self._limit):
            if not isinstance(answer, ThingSpaceError):
                found.update((imei, answer[imei]) for imei in part if imei in answer)
                continue
            info = answer.info
            if not info.transient and info.kind is not ErrorKind.INVALID_DEVICE_LIST:
                raise IncompleteReadings(info, _settled(found)) if found else answer
            invalid = info.kind is ErrorKind.INVALID_DEVICE_LIST and info.recognized
            reading = Reading(State.INVALID if invalid else State.UNREAD, info.message)
            found.update((imei, reading) for imei in part)
        return found

    def _looked_up(
        self, untold: list[str], missing: list[str], listed: t.Callable[[], frozenset[str]]
    ) -> dict[str, Reading]:
        """Look devices up in the license list. Where it is unavailable, only the missing ones have a reading."""
        try:
            licensed = listed()
        except ThingSpaceError as error:
            if error.info.kind is ErrorKind.UNAVAILABLE:
                return dict.fromkeys(missing, MISSING)
            if error.info.kind is ErrorKind.NO_VALID_RESPONSE and not error.info.service_down:
                return dict.fromkeys([*untold, *missing], Reading(State.UNREAD, error.info.message))
            raise
        return {
            **{imei: LICENSED if imei in licensed else UNLICENSED for imei in untold},
            **{imei: LICENSED if imei in licensed else ABSENT for imei in missing},
        }

    def _list_once(self) -> frozenset[str]:
        with self._lock:
            if self._no_list is not None:
                raise self._no_list
            if self._list is None:
                try:
                    self._list = self._service.licensed()
                except ThingSpaceError as error:
                    # A list that contradicts itself is long, and was read several times already.
                    if error.info.kind is ErrorKind.UNAVAILABLE or not error.info.recognized:
                        self._no_list = error
                    raise
            return self._list


def _settled(found: t.Mapping[str, DeviceStatus | Reading]) -> dict[str, Reading]:
    """Return the readings that need no look at the license list."""
    readings = {imei: _reading(status) for imei, status in found.items() if status != _NAMELESS}
    return {imei: reading for imei, reading in readings.items() if reading is not UNTOLD}


def _reading(said: DeviceStatus | Reading) -> Reading:
    if isinstance(said, Reading):
        return said
    if not said.in_account:
        return Reading(State.NOT_FOUND, said.reason) if said.reason else NOT_FOUND
    if said.licensed is None:
        return Reading(State.UNREAD, said.reason) if said.reason else UNTOLD
    return LICENSED if said.licensed else UNLICENSED
