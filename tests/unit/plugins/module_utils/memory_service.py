# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A ThingSpace in memory, in place of the HTTP client: an independent model of the service that responds according to a schedule.

It knows what really happened to each device, so that a test can hold the outcomes against it.
"""

from __future__ import annotations

import json
import typing as t
from dataclasses import dataclass, field

from ansible_collections.verizon.fota.plugins.module_utils._http.messages import Request, Response
from ansible_collections.verizon.fota.plugins.module_utils._http.transport_errors import TransportError

URL = "https://fota.invalid/api"
ACCOUNT = "0642233522-00001"
FOTA = f"{URL}/fota/v3"

# Devices. Those of another protocol are left out of "devices by list".
LICENSED, UNLICENSED, UNKNOWN, LOCKED = "licensed", "unlicensed", "unknown", "locked"
OTHER_LICENSED, OTHER_UNLICENSED = "other protocol, licensed", "other protocol, unlicensed"
HOLDERS = (LICENSED, LOCKED, OTHER_LICENSED)
OTHERS = (OTHER_LICENSED, OTHER_UNLICENSED)

# Kinds of requests.
READ, LIST, REMOVE, ASSIGN = "read", "list", "remove", "assign"


class Fault(t.NamedTuple):
    """What one request meets. ``acted``: the service did its work before; ``for_ever``: every later request meets it, too."""

    name: str
    acted: bool = False
    for_ever: bool = False


def _reply(status: int, content: t.Any) -> Response:
    return Response(status, {"content-type": "application/json"}, json.dumps(content).encode())


def _error(status: int, code: str, message: str) -> Response:
    return _reply(status, {"errorCode": code, "errorMessage": message})


def _gateway(status: int, code: str) -> Response:
    return _reply(status, {"fault": {"code": code, "message": "m", "description": "d"}})


# Responses that replace the service's own, whatever the request.
REPLIES: dict[str, Response] = {
    "500": _reply(500, {"message": "oops"}),
    "empty 200": Response(200, {}, b""),
    "html 200": Response(200, {}, b"<html>proxy</html>"),
    "unrecognized 400": _error(400, "NEWS", "something new"),
    "409": _error(409, "NEWS", "a conflict"),
    "302": Response(302, {"location": "https://elsewhere.invalid/"}, b""),
    "inactive": _error(400, "INVALID_PARAMETER", "Inactive account"),
    "invalid id": _error(400, "INVALID_PARAMETER", "Invalid device id format"),
    "bearer": _gateway(401, "900901"),
    "session": _error(401, "UnifiedWebService.REQUEST_FAILED.SessionToken.Expired", "expired"),
    "403": _gateway(403, "900908"),
    "404": _gateway(404, "900906"),
    "429": _gateway(429, "900800"),
}
# The service or its gateway says so before it acts.
_BEFORE = ("inactive", "invalid id", "bearer", "session", "403", "404", "429")
_AFTER = tuple(name for name in REPLIES if name not in _BEFORE)

# A valid IMEI is not rejected as one.
READ_FAULTS = tuple(
    Fault(name)
    for name in (
        "lost",
        "rejected",
        "no row",
        *(name for name in REPLIES if name not in ("409", "html 200", "invalid id")),
    )
)
LIST_FAULTS = tuple(Fault(name) for name in ("lost", "empty 200", "unrecognized 400", "bearer", "403"))
REMOVE_FAULTS = (
    *(Fault(name) for name in ("rejected", *_BEFORE, "unrecognized failure")),
    *(
        Fault(name, acted)
        for name in ("lost", "no row", "internal error", "unrecognized status", *_AFTER)
        for acted in (False, True)
    ),
    Fault("429", for_ever=True),
    Fault("rejected", for_ever=True),
    Fault("session", for_ever=True),
)
FAULTS = {READ: READ_FAULTS, LIST: LIST_FAULTS, REMOVE: REMOVE_FAULTS, ASSIGN: REMOVE_FAULTS}
# One of those that the run cannot distinguish.
_ALIKE = ("500", "empty 200", "html 200", "409", "bearer", "404", "unrecognized status")
DISTINCT_FAULTS = {kind: tuple(f for f in faults if f.name not in _ALIKE) for kind, faults in FAULTS.items()}


@dataclass
class MemoryService:
    """One account. The nth request meets the nth fault of the schedule, if it has one and that is not ``None``."""

    devices: t.Mapping[str, str]
    schedule: t.Sequence[Fault | None] = ()
    can_read: bool = True
    can_list: bool = True
    total: int = 9
    # What happened, in order.
    requests: list[str] = field(default_factory=list)
    changed: set[str] = field(default_factory=set)
    # Devices that a removal or an assignment named which the service may have acted on; and those read truly since, before and after.
    reached: set[str] = field(default_factory=set)
    read_before: set[str] = field(default_factory=set)
    read_after: set[str] = field(default_factory=set)
    # Devices that were changed behind a 4xx where nothing can be read at all.
    plausible: set[str] = field(default_factory=set)
    # Whether a read was rejected as if the account might not read its devices.
    read_forbidden: bool = False
    # Whether the account may not read its devices, and has learned that: it reads the license list instead.
    list_instead: bool = False

    def __post_init__(self) -> None:
        self.holders = {imei for imei, kind in self.devices.items() if kind in HOLDERS}
        self._persistent: Fault | None = None

    def exchange(self, request: Request, *_args: t.Any, **_options: t.Any) -> Response:
        """Answer a request as ``Client.exchange`` does. Raises TransportError."""
        path = request.url[len(URL) :]
        if path.startswith("/ts/v1/"):
            return _reply(200, {"access_token": "another", "expires_in": 3600})
        if path.startswith("/m2m/"):
            return _reply(200, {"sessionToken": "another"})
        requested = json.loads(request.body)["deviceList"] if request.body else []
        kind = next((kind for kind in (REMOVE, ASSIGN) if path.endswith(f"/{kind}")), READ if request.body else LIST)
        number = len(self.requests)
        fault = self.schedule[number] if number < len(self.schedule) else None
        if fault is not None and fault.for_ever:
            self._persistent = fault
        self.requests.append(kind)
        return self._respond(kind, requested, fault or self._persistent)

    def _respond(self, kind: str, requested: list[str], fault: Fault | None) -> Response:
        if fault is None:
            return self._work(kind, requested)
        if kind in (REMOVE, ASSIGN):
            self._note_change(requested, fault)
        elif fault.name in ("403", "404"):
            self.read_forbidden = True
        response = self._work(kind, requested) if fault.acted and kind in (REMOVE, ASSIGN) else None
        if fault.name == "rejected":
            raise TransportError("cannot connect", sent=False)
        if fault.name == "lost":
            raise TransportError("no response", sent=True)
        if fault.name in REPLIES:
            return REPLIES[fault.name]
        if kind == READ:
            return self._read(requested[:-1])
        return self._odd_rows(fault, requested, response)

    def _work(self, kind: str, requested: list[str]) -> Response:
        if kind in (READ, LIST):
            return self._read(requested) if kind == READ else self._list()
        return self._change(requested, self._remove_one if kind == REMOVE else self._assign_one)

    def _note_change(self, requested: list[str], fault: Fault) -> None:
        # Also after one that is rejected, an earlier one may act late: what was read before does not count any more.
        self.read_after.difference_update(requested)
        if fault.name not in ("rejected", *_BEFORE):
            self.reached.update(requested)
        if fault.acted and fault.name in ("unrecognized 400", "409") and not self.can_list:
            can_read = self.can_read and not self.read_forbidden
            self.plausible.update(imei for imei in requested if not can_read or self.devices[imei] in OTHERS)

    def _odd_rows(self, fault: Fault, requested: list[str], response: Response | None) -> Response:
        if fault.name == "no row":
            rows = json.loads(response.body)["deviceList"][:-1] if response else []
        else:
            status, reason = {
                "internal error": ("Failure", "Internal error."),
                "unrecognized status": ("UpgradePending", "who knows"),
                "unrecognized failure": ("Failure", "Not today."),
            }[fault.name]
            rows = [{"deviceId": imei, "status": status, "resultReason": reason} for imei in requested]
        return _reply(200, {"deviceList": rows})

    def _read(self, requested: list[str]) -> Response:
        if not self.can_read:
            self.list_instead = True
            return REPLIES["403"]
        known = [imei for imei in requested if self.devices[imei] not in (UNKNOWN, *OTHERS)]
        self._note_read(known)
        return _reply(200, {"deviceList": [{"deviceId": i, "licenseAssigned": i in self.holders} for i in known]})

    def _list(self) -> Response:
        if not self.can_list:
            return REPLIES["403"]
        # After a removal, it may be read for the totals only.
        if self.list_instead and not self.reached:
            self.read_before.update(self.devices)
        rows = [{"deviceId": imei} for imei in sorted(self.holders)]
        return _reply(
            200, {"deviceList": rows, "assignedLicenses": len(rows), "totalLicense": self.total, "hasMoreData": False}
        )

    def _note_read(self, imeis: list[str]) -> None:
        (self.read_after if self.reached else self.read_before).update(imeis)
        self.read_after.update(imei for imei in imeis if imei in self.reached)

    def _change(self, requested: list[str], change_one: t.Callable[[str], dict[str, str]]) -> Response:
        self.reached.update(requested)
        self.read_after.difference_update(requested)
        rows = [{"deviceId": imei, **change_one(imei)} for imei in requested]
        return _reply(200, {"licTotalCount": self.total, "licUsedCount": len(self.holders), "deviceList": rows})

    def _remove_one(self, imei: str) -> dict[str, str]:
        if self.devices[imei] == UNKNOWN:
            return {"status": "Failure", "resultReason": "Device Not Found."}
        if self.devices[imei] == LOCKED:
            reason = "License removal not allowed for devices that have ever upgraded firmware."
            return {"status": "Failure", "resultReason": reason}
        if imei not in self.holders:
            return {"status": "Failure", "resultReason": "No license attached to device"}
        self.holders.remove(imei)
        self.changed.add(imei)
        return {"status": "Success", "resultReason": "Success"}

    def _assign_one(self, imei: str) -> dict[str, str]:
        if self.devices[imei] == UNKNOWN:
            return {"status": "Failure", "resultReason": "Device Not Found."}
        if imei in self.holders:
            return {"status": "LicenseAssignSuccess", "resultReason": "Device license preexisting"}
        if len(self.holders) >= self.total:
            return {"status": "Failure", "resultReason": "The account has no unused licenses."}
        self.holders.add(imei)
        self.changed.add(imei)
        return {"status": "LicenseAssignSuccess", "resultReason": "Success"}
