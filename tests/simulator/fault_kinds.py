# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The kinds of faults, the calls that each applies to, and their options."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from typing import Any, Callable, ClassVar, Sequence

from .errors import ACCOUNT, GATEWAY, THROTTLED

_TOKEN_CALLS = frozenset(("token", "revoke", "login", "logout"))
_READS = frozenset(("devices", "licenses", "history", "report"))
# The calls that change licenses.
WRITES = frozenset(("remove", "assign"))
_CALLS = _TOKEN_CALLS | _READS | WRITES
_WITH_DEVICE_LIST = WRITES | {"devices", "licenses"}
_WITH_SESSION = _READS | WRITES | {"logout"}

# Kinds by what they do with the response of the service: replace it, reject the request before the service gets it,
# send it complete and correct, expire a token first, or distort it (with the calls whose response can be distorted so).
REPLACING = ("reset", "hang", "empty", "html", "status", "throttled", "redirect", "huge", "echo")
REJECTED = ("rejected",)
_COMPLETE = ("slow", "bom", "gzip")
EXPIRING = ("expire_session", "expire_access")
_DISTORTING = {
    "cut": _CALLS,
    "malformed": _CALLS,
    "list": _CALLS - {"history"},
    "null_list": _WITH_DEVICE_LIST,
    "missing_row": _WITH_DEVICE_LIST,
    "unknown_status": WRITES,
}

_KINDS = REPLACING + REJECTED + _COMPLETE + EXPIRING + tuple(_DISTORTING)
_ON = ("remove", "assign", "devices", "licenses", "token", "login", "logout", "history", "*")

# The kinds with an option ``status``: the default, and the allowed range.
_STATUSES: dict[str, tuple[int, range]] = {
    "html": (200, range(200, 600)),
    "status": (500, range(400, 600)),
    "throttled": (429, range(400, 600)),
    "redirect": (302, range(300, 400)),
    "echo": (400, range(400, 600)),
    "rejected": (400, range(400, 600)),
}
# The kinds with an option ``code``: the default first.
_CODES: dict[str, tuple[str, ...]] = {
    "throttled": tuple(THROTTLED),
    "rejected": (*ACCOUNT, *GATEWAY),
}
_RETRY_AFTER_KINDS = ("html", "status", "throttled")


def _applicable_calls(kind: str, acted: bool) -> frozenset[str]:
    """Return the calls that a fault applies to; none if the combination is not valid."""
    if kind in REPLACING:
        return _CALLS
    if kind in REJECTED:
        return frozenset() if acted else _CALLS
    if kind in _COMPLETE:
        # The service would report a removal that it did not carry out.
        return _CALLS if acted else frozenset()
    if kind in EXPIRING:
        # The service gets the request and rejects it.
        if acted:
            return frozenset()
        return _WITH_SESSION if kind == "expire_session" else _WITH_SESSION | {"login"}
    # A login that did not take place has no response to distort. For reads, ``acted`` makes no difference.
    return _DISTORTING[kind] if acted else _DISTORTING[kind] - _TOKEN_CALLS


def _combinations() -> tuple[tuple[str, str, bool], ...]:
    return tuple(
        (kind, on, acted)
        for kind in _KINDS
        for on in _ON
        for acted in (False, True)
        if (_applicable_calls(kind, acted) if on == "*" else on in _applicable_calls(kind, acted))
    )


@dataclass(frozen=True)
class Fault:
    """A kind of fault and the requests that get it. README.md lists the kinds.

    on: the call, or ``*`` for every call that the kind applies to (``token`` is OAuth's).
    acted: whether the service acts on the request before the fault. ``slow``, ``bom`` and ``gzip`` are correct responses
        and need True; ``expire_…`` and ``rejected`` need False; with the other kinds that distort a response, False
        makes the service leave out the affected devices.
    probability: for each matching request.
    times: how often at most. skip: how many matching requests get no fault first.
    byte: ``cut``: bytes of the body that are sent (None: half; at least one is kept back);
        ``huge``: bytes of the body (None: 256 MiB).
    retry_after: text of the header, or ``date:N`` for the HTTP date N seconds from then;
        for ``throttled``, ``status`` and ``html``. header_case: the spelling of that header's name.
    seconds: how long a ``slow`` response takes.
    status: HTTP status for ``status`` (500), ``throttled`` (429), ``html`` (200), ``redirect`` (302),
        ``echo`` and ``rejected`` (400).
    body: ``html`` or ``empty``, for ``status``.
    code: for ``throttled``, of the gateway, 900800 (the default) to 900807; for ``rejected``, any other of the
        gateway's or one about the account.
    location: for ``redirect``.

    Raises ValueError for options that are not valid; ``COMBINATIONS`` contains each valid (kind, on, acted).
    """

    kind: str
    on: str = "*"
    acted: bool = False
    probability: float = 1.0
    times: int | None = None
    skip: int = 0
    byte: int | None = None
    retry_after: str | None = None
    header_case: str = "Retry-After"
    seconds: float = 1.0
    status: int | None = None
    body: str = "html"
    code: str | int | None = None
    location: str = "/elsewhere"

    KINDS: ClassVar[tuple[str, ...]] = _KINDS
    ON: ClassVar[tuple[str, ...]] = _ON
    HEADER_CASES: ClassVar[tuple[str, ...]] = ("Retry-After", "retry-after", "RETRY-AFTER")
    CODES: ClassVar[dict[str, tuple[str, ...]]] = _CODES
    COMBINATIONS: ClassVar[tuple[tuple[str, str, bool], ...]] = _combinations()

    def __post_init__(self) -> None:
        _one_of("kind", self.kind, self.KINDS)
        _one_of("on", self.on, self.ON)
        _one_of("header_case", self.header_case, self.HEADER_CASES)
        _one_of("body", self.body, ("html", "empty"))
        if self.code is not None:
            _require(self.kind in self.CODES, "code: for {} only".format(" and ".join(self.CODES)))
            _one_of("code", str(self.code), self.CODES[self.kind])
        if (self.kind, self.on, bool(self.acted)) not in self.COMBINATIONS:
            raise ValueError(f"{self.kind} with on={self.on} and acted={self.acted} is not a valid combination")
        _require(0 <= self.probability <= 1, "probability: between 0 and 1")
        _require(self.times is None or self.times >= 1, "times: at least 1, or None")
        _require(self.skip >= 0, "skip: at least 0")
        _require(self.seconds >= 0, "seconds: at least 0")
        _require(self.byte is None or self.byte >= 0, "byte: at least 0, or None")
        _require(self.body == "html" or self.kind == "status", "body: for status only")
        _require(self.byte is None or self.kind in ("cut", "huge"), "byte: for cut and huge only")
        _require(
            self.retry_after is None or self.kind in _RETRY_AFTER_KINDS,
            "retry_after: for {} only".format(", ".join(_RETRY_AFTER_KINDS)),
        )
        _require(
            self.retry_after is None
            or not self.retry_after.startswith("date:")
            or re.fullmatch(r"date:-?[0-9]+", self.retry_after) is not None,
            "retry_after: date: and whole seconds",
        )
        if self.status is not None:
            _require(self.kind in _STATUSES, "status: for {} only".format(", ".join(_STATUSES)))
            allowed = _STATUSES[self.kind][1]
            _require(self.status in allowed, f"status: {allowed.start} to {allowed.stop - 1} for {self.kind}")

    @property
    def sent_status(self) -> int:
        """Return the status of a response that replaces the service's."""
        return self.status or _STATUSES.get(self.kind, (200, range(0)))[0]

    @property
    def sent_code(self) -> str:
        """Return the code in the body of a ``throttled`` or ``rejected`` response."""
        return self.CODES[self.kind][0] if self.code is None else str(self.code)

    def applies_to(self, call: str) -> bool:
        return self.on in ("*", call) and call in _applicable_calls(self.kind, self.acted)


def _one_of(name: str, value: str, allowed: Sequence[str]) -> None:
    if value not in allowed:
        raise ValueError("{}: {!r} is none of {}".format(name, value, ", ".join(allowed)))


def _require(fulfilled: bool, message: str) -> None:
    if not fulfilled:
        raise ValueError(message)


def parse_fault(text: str) -> Fault:
    """Return the fault that a text such as ``kind=reset,on=remove,acted=true`` describes. Raises ValueError."""
    readers: dict[str, Callable[[str], Any]] = {"acted": _flag, "probability": float, "seconds": float}
    readers.update(dict.fromkeys(("times", "skip", "byte", "status"), int))
    recognized = [field.name for field in fields(Fault)]
    values: dict[str, Any] = {}
    for pair in text.split(","):
        name, _equals, value = pair.partition("=")
        _one_of("fault", name, recognized)
        try:
            values[name] = readers.get(name, str)(value)
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from error
    _require("kind" in values, "fault: kind=… is required")
    return Fault(**values)


def _flag(text: str) -> bool:
    _one_of("flag", text, ("true", "false"))
    return text == "true"
