# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The responses under a fault: those that replace the service's, and the service's distorted."""

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
from .dialect import Dialect
from .fault_kinds import WRITES
from .responses import device_id, status_and_reason
from .routes import SERVICE

if TYPE_CHECKING:
    from .fault_kinds import Fault
    from .service import Service

WsgiApp = Callable[..., Any]

_HTML = "<!DOCTYPE html>\n<html><head><title>{0}</title></head><body><h1>{0}</h1><hr>proxy</body></html>\n"

# Control characters that terminals and logs act on, a line that looks like another header, and
# a character beyond ASCII.
_CONTROLS = "\x1b[31m\x00\x07\b\r\nX-Forged: yes\u2028\x7f\x9b"


@dataclass(frozen=True)
class HttpResponse:
    """A response as it is sent. headers: include Content-Length."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def start(self, start_response: Any) -> list[bytes]:
        start_response(status_line(self.status), self.headers)
        return [self.body]

    def with_body(self, body: bytes, *more: tuple[str, str]) -> HttpResponse:
        """Return this response with another body, its length, and more headers."""
        kept = [(name, value) for name, value in self.headers if name.lower() != "content-length"]
        return replace(self, headers=[*kept, *more, ("Content-Length", str(len(body)))], body=body)


def status_line(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"{status} Unknown"


def call_service(app: WsgiApp, environ: dict[str, Any]) -> HttpResponse:
    """Return the response of the service, which acts on the request."""
    started: list[tuple[int, list[tuple[str, str]]]] = []

    def start_response(status: str, headers: list[tuple[str, str]], *_more: Any) -> None:
        started.append((int(status.split(" ", 1)[0]), list(headers)))

    chunks = app(environ, start_response)
    try:
        body = b"".join(chunks)
    finally:
        if hasattr(chunks, "close"):
            chunks.close()
    return HttpResponse(*started[-1], body).with_body(body)


def expire_token(fault: Fault, environ: dict[str, Any]) -> None:
    """Expire the token that a request contains."""
    service: Service = environ[SERVICE]
    if fault.kind == "expire_session":
        service.expire_sessions(environ.get("HTTP_VZ_M2M_TOKEN", ""))
    else:
        service.expire_access_tokens(environ.get("HTTP_AUTHORIZATION", "").partition(" ")[2].strip())


# Responses that replace the service's


def substitute_response(fault: Fault, environ: dict[str, Any]) -> HttpResponse:
    status = fault.sent_status
    content_type, text = "text/html; charset=utf-8", _HTML.format(status_line(status))
    if fault.kind in _REJECTIONS:
        rejection = _REJECTIONS[fault.kind](fault, environ)
        content_type = rejection.content_type
        text = rejection.body if content_type == "application/xml" else json.dumps(rejection.body)
    elif fault.kind == "empty" or fault.body == "empty":
        text = ""
    headers = [("Content-Type", content_type)]
    if fault.kind == "redirect":
        headers.append(("Location", fault.location))
    if fault.retry_after is not None:
        headers.append((fault.header_case, _retry_after(fault.retry_after)))
    return HttpResponse(status, headers, b"").with_body(text.encode())


def _throttled(fault: Fault, environ: dict[str, Any]) -> errors.ServiceResponse:
    code = fault.sent_code
    description = "You have exceeded your quota. You can access API after some time"
    return errors.gateway_error(_dialect(environ), fault.sent_status, code, errors.THROTTLED[code], description)


def _rejected(fault: Fault, environ: dict[str, Any]) -> errors.ServiceResponse:
    code = fault.sent_code
    if code in errors.ACCOUNT:
        return errors.connectivity(code, errors.ACCOUNT[code], fault.sent_status)
    return errors.gateway_error(
        _dialect(environ), fault.sent_status, code, errors.GATEWAY[code], "Access failure for API"
    )


def _echo(_fault: Fault, environ: dict[str, Any]) -> errors.ServiceResponse:
    given = [environ.get(name, "") for name in ("HTTP_AUTHORIZATION", "HTTP_VZ_M2M_TOKEN")]
    return errors.invalid_parameter("Rejected Authorization: {} VZ-M2M-Token: {} {}".format(*given, _CONTROLS))


_REJECTIONS: dict[str, Callable[[Fault, dict[str, Any]], errors.ServiceResponse]] = {
    "throttled": _throttled,
    "rejected": _rejected,
    "echo": _echo,
}


def _retry_after(text: str) -> str:
    if not text.startswith("date:"):
        return text
    return formatdate(time.time() + int(text[len("date:") :]), usegmt=True)


# The service's responses, distorted


def distort_response(
    fault: Fault, rng: random.Random, call: str, app: WsgiApp, environ: dict[str, Any]
) -> HttpResponse:
    """Return the service's response with the distortion of this fault.

    A response that the kind cannot distort (one without rows, for a kind that changes rows) is returned unchanged.
    """
    requested = _requested_imeis(environ)
    sample = _sample(rng, requested)
    if fault.acted or call not in WRITES:
        response = call_service(app, environ)
    else:
        rows_only = fault.kind in ("missing_row", "unknown_status")
        response = _call_service_sparing(sample if rows_only else requested, app, environ)
    if fault.kind == "slow" or not response.body:
        return response
    if fault.kind == "cut":
        half = len(response.body) // 2
        kept = min(half if fault.byte is None else fault.byte, len(response.body) - 1)
        # Content-Length stays that of the full body: the server then closes the connection.
        return replace(response, body=response.body[:kept])
    if fault.kind == "bom":
        return response.with_body(b"\xef\xbb\xbf" + response.body)
    if fault.kind == "gzip":
        return response.with_body(gzip.compress(response.body), ("Content-Encoding", "gzip"))
    if fault.kind == "malformed":
        return response.with_body(_without_commas(response.body))
    if fault.kind == "list":
        return response.with_body(b"[" + response.body + b"]")
    return _with_rows(fault, rng, sample, response, _dialect(environ))


def _with_rows(
    fault: Fault, rng: random.Random, sample: list[str], response: HttpResponse, dialect: Dialect
) -> HttpResponse:
    content = _object(response.body)
    if content is None:
        return response
    rows = content["deviceList"]
    # A request for the license list contains no devices.
    sample = sample or _sample(rng, [_imei(row) for row in rows])
    if fault.kind == "null_list":
        content["deviceList"] = None
    elif fault.kind == "missing_row":
        content["deviceList"] = [row for row in rows if _imei(row) not in sample]
    else:
        pending = replace(dialect, upgrade_pending_status="UpgradePending")
        _set_outcome(rows, sample, pending, accounts.UPGRADE_RUNNING)
    return response.with_body(_json(content))


def _call_service_sparing(spared: Iterable[str], app: WsgiApp, environ: dict[str, Any]) -> HttpResponse:
    """Return the service's response to a removal or an assignment that leaves these devices unchanged.

    The request contains unknown IMEIs in their place; their rows then contain ``Internal error.``.
    """
    body = environ["wsgi.input"].read()
    substitutes = dict(zip(spared, _unknown_imeis()))
    changed = body
    if substitutes:
        given = json.loads(body.decode())
        given["deviceList"] = [substitutes.get(imei, imei) for imei in given["deviceList"]]
        changed = _json(given)
    response = call_service(
        app, dict(environ, **{"wsgi.input": io.BytesIO(changed), "CONTENT_LENGTH": str(len(changed))})
    )
    content = _object(response.body)
    if content is None:
        return response
    dialect = _dialect(environ)
    originals = {substitute: imei for imei, substitute in substitutes.items()}
    for row in content["deviceList"]:
        imei = originals.get(_imei(row))
        if imei is not None:
            row["deviceId"] = device_id(dialect, imei)
    _set_outcome(content["deviceList"], list(substitutes), dialect, accounts.INTERNAL_ERROR)
    return response.with_body(_json(content))


def _set_outcome(rows: list[dict[str, Any]], imeis: Iterable[str], dialect: Dialect, outcome: str) -> None:
    """Set status and reason of this outcome in the rows of some devices."""
    affected = set(imeis)
    status, reason = status_and_reason(dialect, outcome, datetime.now(timezone.utc))
    for row in rows:
        if _imei(row) in affected:
            row["status"] = status
            row[dialect.reason_key] = reason


def _unknown_imeis() -> Iterator[str]:
    """Return IMEIs that no account is expected to have."""
    return map("{:015d}".format, range(987654300000000, 987654400000000))


def _sample(rng: random.Random, imeis: list[str]) -> list[str]:
    """Return one to half of the IMEIs, at random."""
    different = sorted(set(imeis))
    if not different:
        return []
    return rng.sample(different, rng.randint(1, max(1, len(different) // 2)))


def _requested_imeis(environ: dict[str, Any]) -> list[str]:
    """Return the devices in a request, none if its list is not valid."""
    body = environ["wsgi.input"].read()
    environ["wsgi.input"] = io.BytesIO(body)
    content = _object(body)
    requested = content["deviceList"] if content is not None else []
    return requested if all(isinstance(imei, str) for imei in requested) else []


def _object(body: bytes) -> dict[str, Any] | None:
    """Return a JSON object with a deviceList, None for anything else."""
    try:
        content = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) and isinstance(content.get("deviceList"), list) else None


def _without_commas(body: bytes) -> bytes:
    """Remove the commas between members, as in the document's example of a success.

    If there are none, or if it is XML, remove the last character instead.
    """
    text = body.decode("utf-8")
    with contextlib.suppress(ValueError):
        text = json.dumps(json.loads(text), indent=2)
    shorter = re.sub(r',(\n *")', r"\1", text)
    return (shorter if shorter != text else text[:-1]).encode()


def _imei(row: dict[str, Any]) -> str:
    return str(row.get("deviceId")).zfill(15)


def _json(content: Any) -> bytes:
    return json.dumps(content, separators=(",", ":")).encode()


def _dialect(environ: dict[str, Any]) -> Dialect:
    service: Service = environ[SERVICE]
    return service.settings.dialect
