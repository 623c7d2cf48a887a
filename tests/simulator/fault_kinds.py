# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A fault: its kinds, the requests that can meet it, its options."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from typing import Any, Callable, ClassVar, Sequence

from .errors import ACCOUNT, GATEWAY, THROTTLED

_TOKEN_CALLS = frozenset(("token", "revoke", "log_in", "log_out"))
_READS = frozenset(("devices", "licenses", "history", "report"))
_CALLS = _TOKEN_CALLS | _READS | {"remove"}
_WITH_ROWS = frozenset(("remove", "devices", "licenses"))
_WITH_SESSION = _READS | {"remove", "log_out"}

# Kinds by what they need of the service.
WITHOUT_ANSWER = ("reset", "hang", "empty", "html", "status", "throttled", "redirect", "huge", "echo")
# Rejected before the service sees it.
REJECTED = ("rejected",)
_VALID_ANSWER = ("slow", "bom", "gzip")
EXPIRING = ("expire_session", "expire_access")
# Those that distort an answer, with the calls whose answer can be distorted so.
_DISTORTING = {
    "cut": _CALLS,
    "malformed": _CALLS,
    "list": _CALLS - {"history"},
    "null_list": _WITH_ROWS,
    "missing_row": _WITH_ROWS,
    "unknown_status": frozenset({"remove"}),
}

_KINDS = WITHOUT_ANSWER + REJECTED + _VALID_ANSWER + EXPIRING + tuple(_DISTORTING)
_ON = ("remove", "devices", "licenses", "token", "log_in", "log_out", "history", "*")

# The kinds that let the status be chosen: the default, and what is allowed.
_STATUSES: dict[str, tuple[int, range]] = {
    "html": (200, range(200, 600)),
    "status": (500, range(400, 600)),
    "throttled": (429, range(400, 600)),
    "redirect": (302, range(300, 400)),
    "echo": (400, range(400, 600)),
    "rejected": (400, range(400, 600)),
}
# The kinds that let the code be chosen: the default first.
_CODES: dict[str, tuple[str, ...]] = {
    "throttled": tuple(THROTTLED),
    "rejected": (*ACCOUNT, *GATEWAY),
}
_RETRY_AFTER_KINDS = ("html", "status", "throttled")


def _reached(kind: str, acted: bool) -> frozenset[str]:
    """The calls that a fault can meet; none when the combination makes no sense."""
    if kind in WITHOUT_ANSWER:
        return _CALLS
    if kind in REJECTED:
        return frozenset() if acted else _CALLS
    if kind in _VALID_ANSWER:
        # A whole and valid answer of a service that did not act would be a lie.
        return _CALLS if acted else frozenset()
    if kind in EXPIRING:
        # The service serves the request, and refuses it: nothing to choose.
        if acted:
            return frozenset()
        return _WITH_SESSION if kind == "expire_session" else _WITH_SESSION | {"log_in"}
    # Nobody can distort the answer to a login that never happened. Reads change nothing:
    # for them `acted` makes no difference.
    return _DISTORTING[kind] if acted else _DISTORTING[kind] - _TOKEN_CALLS


def _combinations() -> tuple[tuple[str, str, bool], ...]:
    return tuple(
        (kind, on, acted)
        for kind in _KINDS
        for on in _ON
        for acted in (False, True)
        if (_reached(kind, acted) if on == "*" else on in _reached(kind, acted))
    )


@dataclass(frozen=True)
class Fault:
    """A kind of fault and the requests that meet it. README.md lists the kinds.

    on: the call, or `*` for every call that the kind can meet (`token` is OAuth's).
    acted: whether the service does what it is asked before the fault strikes. `slow`, `bom` and
        `gzip` are valid answers and need True; `expire_…` and `rejected` need False; with the other kinds that
        distort an answer, False lets the service leave out the devices concerned.
    probability: of meeting it, for each request that matches.
    times: how often at most. skip: so many matching requests pass first.
    byte: `cut`: bytes of the body that are sent (None: half; at least one is kept back);
        `huge`: bytes of the body (None: 256 MiB).
    retry_after: text of the header, or `date:N` for the HTTP date N seconds from then;
        for `throttled`, `status` and `html`. header_case: how that header's name is spelled.
    seconds: how long a `slow` answer takes.
    status: HTTP status for `status` (500), `throttled` (429), `html` (200), `redirect` (302),
        `echo` and `rejected` (400).
    body: `html` or `empty`, for `status`.
    code: for `throttled`, of the gateway, 900800 (the default) to 900807; for `rejected`, any other of the
        gateway's or one about the account.
    location: for `redirect`.

    Raises ValueError for what makes no sense; `COMBINATIONS` has each valid (kind, on, acted).
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
            raise ValueError(f"{self.kind} with on={self.on} and acted={self.acted} makes no sense")
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
        """The status of an answer that is not the service's."""
        return self.status or _STATUSES.get(self.kind, (200, range(0)))[0]

    @property
    def sent_code(self) -> str:
        """The code of an answer that has one."""
        return self.CODES[self.kind][0] if self.code is None else str(self.code)

    def meets(self, call: str) -> bool:
        return self.on in ("*", call) and call in _reached(self.kind, self.acted)


def _one_of(name: str, value: str, allowed: Sequence[str]) -> None:
    if value not in allowed:
        raise ValueError("{}: {!r} is none of {}".format(name, value, ", ".join(allowed)))


def _require(fulfilled: bool, message: str) -> None:
    if not fulfilled:
        raise ValueError(message)


def parse_fault(text: str) -> Fault:
    """A fault out of `kind=reset,on=remove,acted=true`. Raises ValueError."""
    readers: dict[str, Callable[[str], Any]] = {"acted": _flag, "probability": float, "seconds": float}
    readers.update(dict.fromkeys(("times", "skip", "byte", "status"), int))
    known = [field.name for field in fields(Fault)]
    values: dict[str, Any] = {}
    for pair in text.split(","):
        name, _equals, value = pair.partition("=")
        _one_of("fault", name, known)
        try:
            values[name] = readers.get(name, str)(value)
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from error
    _require("kind" in values, "fault: kind=… is required")
    return Fault(**values)


def _flag(text: str) -> bool:
    _one_of("flag", text, ("true", "false"))
    return text == "true"
