# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which of these devices hold a license now, read with whichever call the account may use.

"Devices by list" reports all that is needed. If the account may not use it (403, 404) or it does not say which devices are
licensed, and for devices that it leaves out, the account's list of licensed devices is read.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import contextlib
import enum
import threading
import typing as t

from ansible_collections.verizon.fota.plugins.module_utils._licenses.bisection import BatchLimit, call_bisecting
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.errors import (
    ErrorInfo,
    ErrorKind,
    ThingSpaceError,
)
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.device_list import DeviceStatus

if t.TYPE_CHECKING:
    from ansible_collections.verizon.fota.plugins.module_utils._licenses.service_calls import Readable


class State(enum.Enum):
    """What is known of a device before or after a removal. The values are used in messages."""

    LICENSED = "holds a license"
    UNLICENSED = "holds no license"
    NOT_FOUND = "the account does not have this device"
    ABSENT = "has no license in this account and is not among its devices"
    INVALID = "the service rejects this IMEI"
    UNREAD = "its state could not be read"
    MISSING = "the service does not mention it, and the license list is unavailable"
    UNAVAILABLE = "the account may read neither its devices nor its list of licensed devices"


class Reading(t.NamedTuple):
    """The state of one device, and the reason that the service returned, if any."""

    state: State
    reason: str | None = None


LICENSED = Reading(State.LICENSED)
UNLICENSED = Reading(State.UNLICENSED)
UNLISTED = Reading(
    State.UNLICENSED, "not in the account's list of licensed devices; whether the account knows it could not be read"
)
NOT_FOUND = Reading(State.NOT_FOUND, State.NOT_FOUND.value)
ABSENT = Reading(State.ABSENT, State.ABSENT.value)
NOT_REPORTED = Reading(State.UNAVAILABLE, "the service does not report whether it holds a license")
MISSING = Reading(State.MISSING, State.MISSING.value)
# The statuses of nearly all devices.
_USUAL: dict[DeviceStatus | Reading, Reading] = {
    DeviceStatus(True, True): LICENSED,
    DeviceStatus(True, False): UNLICENSED,
}
# A failure without a reason: the same as missing.
_NO_REASON = DeviceStatus(False, None)


class IncompleteReadings(ThingSpaceError):
    """Some devices could not be read; ``readings`` are those of the others."""

    def __init__(self, info: ErrorInfo, readings: t.Mapping[str, Reading]) -> None:
        super().__init__(info)
        self.readings = readings


def readings_despite(error: ThingSpaceError) -> t.Mapping[str, Reading]:
    """Return what could be read before this error."""
    return error.readings if isinstance(error, IncompleteReadings) else {}


class Reader:
    """Reads states, for many threads at once; remembers which call is unavailable."""

    def __init__(self, service: Readable) -> None:
        self._service = service
        self._devices_error: ThingSpaceError | None = None
        self._list: frozenset[str] | None = None
        self._list_error: ThingSpaceError | None = None
        self._limit = BatchLimit()
        self._lock = threading.Lock()

    def read(self, imeis: t.Sequence[str]) -> dict[str, Reading]:
        """Return the state of each device, in their order.

        Raises ``ThingSpaceError``; of kind ``UNAVAILABLE`` if neither call is available. What could be read before an error is
        part of it (``IncompleteReadings``).
        """
        return self._read(imeis, self._list_once)

    def read_again(self, imeis: t.Sequence[str]) -> dict[str, Reading]:
        """Return the state of each device as it is now, after a removal: nothing read before is used."""
        return self._read(imeis, lambda: self._service.licensed(during_change=True))

    def _read(self, imeis: t.Sequence[str], listed: t.Callable[[], frozenset[str]]) -> dict[str, Reading]:
        if self._devices_error is None:
            try:
                return self._from_devices(imeis, listed)
            except ThingSpaceError as error:
                if error.info.kind is not ErrorKind.UNAVAILABLE:
                    raise
                self._devices_error = error
        licensed = listed()
        return {imei: LICENSED if imei in licensed else UNLISTED for imei in imeis}

    def _from_devices(self, imeis: t.Sequence[str], listed: t.Callable[[], frozenset[str]]) -> dict[str, Reading]:
        found = self._list_devices(imeis)
        with contextlib.suppress(KeyError):  # a device that is missing, or has another status
            return {imei: _USUAL[found[imei]] for imei in imeis}
        missing = [imei for imei in imeis if imei not in found]
        # A device may be missing because the account does not have it, or because the response left it out.
        while missing:
            try:
                more = self._list_devices(missing)
            except ThingSpaceError as error:
                if error.info.kind is not ErrorKind.UNAVAILABLE:
                    raise IncompleteReadings(error.info, {**_settled(found), **readings_despite(error)}) from None
                # The call was available a moment ago, so what it returned then holds.
                break
            if not more:
                break
            found.update(more)
            missing = [imei for imei in missing if imei not in found]
        # Devices of another protocol may be missing, too: the license list shows whether they hold a license.
        missing += [imei for imei, status in found.items() if status == _NO_REASON]
        not_reported = [
            imei
            for imei, status in found.items()
            if isinstance(status, DeviceStatus) and status.in_account and status.licensed is None
        ]
        try:
            readings = self._look_up(not_reported, missing, listed) if not_reported or missing else {}
        except ThingSpaceError as error:
            raise IncompleteReadings(error.info, _settled(found)) from None
        return {imei: readings.get(imei) or _reading(found[imei]) for imei in imeis}

    def _list_devices(self, imeis: t.Sequence[str]) -> dict[str, DeviceStatus | Reading]:
        """Return the status of devices, or that the service rejected them. Those that the response does not mention are missing."""
        found: dict[str, DeviceStatus | Reading] = {}
        for part, response in call_bisecting(self._service.list_devices, imeis, self._limit):
            if not isinstance(response, ThingSpaceError):
                if not response.keys() <= set(part):
                    response = {imei: response[imei] for imei in part if imei in response}
                found.update(response)
                continue
            info = response.info
            if not info.transient and info.kind is not ErrorKind.INVALID_DEVICE_LIST:
                raise IncompleteReadings(info, _settled(found)) if found else response
            invalid = info.kind is ErrorKind.INVALID_DEVICE_LIST and info.recognized
            reading = Reading(State.INVALID if invalid else State.UNREAD, info.message)
            found.update((imei, reading) for imei in part)
        return found

    def _look_up(
        self, not_reported: list[str], missing: list[str], listed: t.Callable[[], frozenset[str]]
    ) -> dict[str, Reading]:
        """Return what the license list says of devices. If it is unavailable, only the missing ones have a reading."""
        try:
            licensed = listed()
        except ThingSpaceError as error:
            if error.info.kind is ErrorKind.UNAVAILABLE:
                return dict.fromkeys(missing, MISSING)
            if error.info.kind is ErrorKind.NO_VALID_RESPONSE and not error.info.service_down:
                return dict.fromkeys([*not_reported, *missing], Reading(State.UNREAD, error.info.message))
            raise
        return {
            **{imei: LICENSED if imei in licensed else UNLICENSED for imei in not_reported},
            **{imei: LICENSED if imei in licensed else ABSENT for imei in missing},
        }

    def _list_once(self) -> frozenset[str]:
        with self._lock:
            if self._list_error is not None:
                raise self._list_error
            if self._list is None:
                try:
                    self._list = self._service.licensed()
                except ThingSpaceError as error:
                    # A list that contradicts itself is long, and was read several times already.
                    if error.info.kind is ErrorKind.UNAVAILABLE or not error.info.recognized:
                        self._list_error = error
                    raise
            return self._list


def _settled(found: t.Mapping[str, DeviceStatus | Reading]) -> dict[str, Reading]:
    """Return the readings for which the license list is not needed."""
    readings = {imei: _reading(status) for imei, status in found.items() if status != _NO_REASON}
    return {imei: reading for imei, reading in readings.items() if reading is not NOT_REPORTED}


def _reading(status: DeviceStatus | Reading) -> Reading:
    if isinstance(status, Reading):
        return status
    if not status.in_account:
        return Reading(State.NOT_FOUND, status.reason) if status.reason else NOT_FOUND
    if status.licensed is None:
        return Reading(State.UNREAD, status.reason) if status.reason else NOT_REPORTED
    return LICENSED if status.licensed else UNLICENSED
