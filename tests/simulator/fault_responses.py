# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What answers say under a fault: made up in place of the service's, or the service's distorted."""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import random
import re
import time
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from email.utils import formatdate
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Callable, Iterable, Iterator

from . import accounts, errors
from .dialect import Dialect, device_id, removal_wording

if TYPE_CHECKING:
    from .fault_kinds import Fault
    from .service import Service

WsgiApp = Callable[..., Any]

_HTML = "<!DOCTYPE html>\n<html><head><title>{0}</title></head><body><h1>{0}</h1><hr>proxy</body></html>\n"

# Control characters that terminals and logs act on, a line that looks like another header, and
# a character beyond ASCII.
_CONTROLS = "\x1b[31m\x00\x07\b\r\nX-Forged: yes\u2028\x7f\x9b"


@dataclass(frozen=True)
class HttpAnswer:
    """An answer as it goes out. headers: Content-Length among them."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def start(self, start_response: Any) -> list[bytes]:
        start_response(status_line(self.status), self.headers)
        return [self.body]

    def with_body(self, body: bytes, *more: tuple[str, str]) -> HttpAnswer:
        """With another body, its length told, and more headers."""
        kept = [(name, value) for name, value in self.headers if name.lower() != "content-length"]
        return replace(self, headers=[*kept, *more, ("Content-Length", str(len(body)))], body=body)


def status_line(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"{status} Unknown"


def served(app: WsgiApp, environ: dict[str, Any]) -> HttpAnswer:
    """What the service answers; it has acted then."""
    started: list[tuple[int, list[tuple[str, str]]]] = []

    def start_response(status: str, headers: list[tuple[str, str]], *_more: Any) -> None:
        started.append((int(status.split(" ", 1)[0]), list(headers)))

    chunks = app(environ, start_response)
    try:
        body = b"".join(chunks)
    finally:
        if hasattr(chunks, "close"):
            chunks.close()
    return HttpAnswer(*started[-1], body).with_body(body)


def expire(fault: Fault, environ: dict[str, Any]) -> None:
    """End the token that a request bears."""
    service: Service = environ["simulator.service"]
    if fault.kind == "expire_session":
        service.expire_sessions(environ.get("HTTP_VZ_M2M_TOKEN", ""))
    else:
        service.expire_access_tokens(environ.get("HTTP_AUTHORIZATION", "").partition(" ")[2].strip())


# Answers in place of the service's


def made_up(fault: Fault, environ: dict[str, Any]) -> HttpAnswer:
    status = fault.sent_status
    content_type, text = "text/html; charset=utf-8", _HTML.format(status_line(status))
    if fault.kind in _REFUSALS:
        refusal = _REFUSALS[fault.kind](fault, environ)
        content_type = refusal.content_type
        text = refusal.body if content_type == "application/xml" else json.dumps(refusal.body)
    elif fault.kind == "empty" or fault.body == "empty":
        text = ""
    headers = [("Content-Type", content_type)]
    if fault.kind == "redirect":
        headers.append(("Location", fault.location))
    if fault.retry_after is not None:
        headers.append((fault.header_case, _retry_after(fault.retry_after)))
    return HttpAnswer(status, headers, b"").with_body(text.encode())


def _throttled(fault: Fault, environ: dict[str, Any]) -> errors.Answer:
    code = fault.sent_code
    description = "You have exceeded your quota. You can access API after some time"
    return errors.fault(_dialect(environ), fault.sent_status, code, errors.THROTTLED[code], description)


def _rejected(fault: Fault, environ: dict[str, Any]) -> errors.Answer:
    code = fault.sent_code
    if code in errors.ACCOUNT:
        return errors.connectivity(code, errors.ACCOUNT[code], fault.sent_status)
    return errors.fault(_dialect(environ), fault.sent_status, code, errors.GATEWAY[code], "Access failure for API")


def _echo(_fault: Fault, environ: dict[str, Any]) -> errors.Answer:
    given = [environ.get(name, "") for name in ("HTTP_AUTHORIZATION", "HTTP_VZ_M2M_TOKEN")]
    return errors.invalid_parameter("Refused Authorization: {} VZ-M2M-Token: {} {}".format(*given, _CONTROLS))


_REFUSALS: dict[str, Callable[[Fault, dict[str, Any]], errors.Answer]] = {
    "throttled": _throttled,
    "rejected": _rejected,
    "echo": _echo,
}


def _retry_after(text: str) -> str:
    if not text.startswith("date:"):
        return text
    return formatdate(time.time() + int(text[len("date:") :]), usegmt=True)


# The service's answers, distorted


def distorted(fault: Fault, chance: random.Random, call: str, app: WsgiApp, environ: dict[str, Any]) -> HttpAnswer:
    """The service's answer as the fault has it. An answer that the kind cannot distort (one
    without rows, for a kind that changes rows) stays as it is."""
    asked = _asked(environ)
    some = _some(chance, asked)
    if fault.acted or call != "remove":
        answer = served(app, environ)
    else:
        by_row = fault.kind in ("missing_row", "unknown_status")
        answer = _served_without(some if by_row else asked, app, environ)
    if fault.kind == "slow" or not answer.body:
        return answer
    if fault.kind == "cut":
        half = len(answer.body) // 2
        kept = min(half if fault.byte is None else fault.byte, len(answer.body) - 1)
        # The length stays that of the whole: the server then closes the connection.
        return replace(answer, body=answer.body[:kept])
    if fault.kind == "bom":
        return answer.with_body(b"\xef\xbb\xbf" + answer.body)
    if fault.kind == "gzip":
        return answer.with_body(gzip.compress(answer.body), ("Content-Encoding", "gzip"))
    if fault.kind == "malformed":
        return answer.with_body(_without_commas(answer.body))
    if fault.kind == "list":
        return answer.with_body(b"[" + answer.body + b"]")
    return _with_rows(fault, chance, some, answer, _dialect(environ))


def _with_rows(
    fault: Fault, chance: random.Random, some: list[str], answer: HttpAnswer, dialect: Dialect
) -> HttpAnswer:
    told = _object(answer.body)
    if told is None:
        return answer
    rows = told["deviceList"]
    # A list of licenses is not asked for any devices.
    some = some or _some(chance, [_imei(row) for row in rows])
    if fault.kind == "null_list":
        told["deviceList"] = None
    elif fault.kind == "missing_row":
        told["deviceList"] = [row for row in rows if _imei(row) not in some]
    else:
        pending = replace(dialect, upgrade_pending_status="UpgradePending")
        _reword(rows, some, pending, accounts.UPGRADE_RUNNING)
    return answer.with_body(_json(told))


def _served_without(spared: Iterable[str], app: WsgiApp, environ: dict[str, Any]) -> HttpAnswer:
    """What the service answers when it leaves some devices alone: it is asked about strangers in
    their place, and their rows then say `Internal error.`."""
    body = environ["wsgi.input"].read()
    strangers = dict(zip(spared, _strangers()))
    changed = body
    if strangers:
        given = json.loads(body.decode())
        given["deviceList"] = [strangers.get(imei, imei) for imei in given["deviceList"]]
        changed = _json(given)
    answer = served(app, dict(environ, **{"wsgi.input": io.BytesIO(changed), "CONTENT_LENGTH": str(len(changed))}))
    told = _object(answer.body)
    if told is None:
        return answer
    dialect = _dialect(environ)
    originals = {stranger: imei for imei, stranger in strangers.items()}
    for row in told["deviceList"]:
        imei = originals.get(_imei(row))
        if imei is not None:
            row["deviceId"] = device_id(dialect, imei)
    _reword(told["deviceList"], list(strangers), dialect, accounts.INTERNAL_ERROR)
    return answer.with_body(_json(told))


def _reword(rows: list[dict[str, Any]], imeis: Iterable[str], dialect: Dialect, outcome: str) -> None:
    """Make the rows of some devices say what became of them."""
    concerned = set(imeis)
    status, reason = removal_wording(dialect, outcome, datetime.now(timezone.utc))
    for row in rows:
        if _imei(row) in concerned:
            row["status"] = status
            row[dialect.reason_key] = reason


def _strangers() -> Iterator[str]:
    """IMEIs that no account is expected to have."""
    return map("{:015d}".format, range(987654300000000, 987654400000000))


def _some(chance: random.Random, imeis: list[str]) -> list[str]:
    """One to half of them."""
    different = sorted(set(imeis))
    if not different:
        return []
    return chance.sample(different, chance.randint(1, max(1, len(different) // 2)))


def _asked(environ: dict[str, Any]) -> list[str]:
    """The devices that a request names, none if it names them wrongly."""
    body = environ["wsgi.input"].read()
    environ["wsgi.input"] = io.BytesIO(body)
    told = _object(body)
    asked = told["deviceList"] if told is not None else []
    return asked if all(isinstance(imei, str) for imei in asked) else []


def _object(body: bytes) -> dict[str, Any] | None:
    """A JSON object with a deviceList; None for anything else."""
    try:
        told = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError):
        return None
    return told if isinstance(told, dict) and isinstance(told.get("deviceList"), list) else None


def _without_commas(body: bytes) -> bytes:
    """Without the commas between members, as in the document's example of a success; where there
    are none, or where it is XML, without the last bracket."""
    text = body.decode("utf-8")
    with contextlib.suppress(ValueError):
        text = json.dumps(json.loads(text), indent=2)
    shorter = re.sub(r',(\n *")', r"\1", text)
    return (shorter if shorter != text else text[:-1]).encode()


def _imei(row: dict[str, Any]) -> str:
    return str(row.get("deviceId")).zfill(15)


def _json(told: Any) -> bytes:
    return json.dumps(told, separators=(",", ":")).encode()


def _dialect(environ: dict[str, Any]) -> Dialect:
    service: Service = environ["simulator.service"]
    return service.settings.dialect
