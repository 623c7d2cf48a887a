# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an error response means, and whether to retry.

ThingSpace reports errors in five forms: FOTA and Connectivity Management (``errorCode``), the gateway (``fault``, as JSON or
XML), the unified web services (``error``, ``cause``), OAuth (``error``), and whatever a proxy in between sends.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import enum
import json
import re
import typing as t
from dataclasses import dataclass, replace

from ansible_collections.verizon.fota.plugins.module_utils._http.messages import Request, Response
from ansible_collections.verizon.fota.plugins.module_utils._http.retries import (
    THROTTLED_STATUSES,
    RetriesExhausted,
    RetryableResponse,
)
from ansible_collections.verizon.fota.plugins.module_utils._http.transport_errors import TransportError
from ansible_collections.verizon.fota.plugins.module_utils._support.text import one_line

# How many bytes of a body that is not JSON are searched.
_LONGEST_TEXT = 4096
_NOT_JSON = object()


class ErrorKind(enum.Enum):
    """What to do about an error."""

    ACCESS_TOKEN = "the access token is wrong or has expired"
    SESSION_TOKEN = "the session token is wrong or has expired"
    THROTTLED = "too many requests for now"
    INVALID_DEVICE_LIST = "rejected for one device in the list, or for its length"
    UNAVAILABLE = "the account may not use this call, or it does not exist"
    REJECTED = "rejected whatever the devices"
    INVALID_CURSOR = "the device after which a page should begin does not exist"
    NO_VALID_RESPONSE = "no valid response: whether the service acted is not known"
    UNREACHABLE = "nothing could be sent"
    UNAUTHENTICATED = "there are no valid tokens, and none can be obtained"
    INTERRUPTED = "the run was interrupted"


@dataclass(frozen=True)
class ErrorInfo:
    """An error of a call: its kind, and a message, most often that of the service.

    ``recognized``: the reason is certain; ``service_down``: no request gets a response any more, or the service cannot be
    reached at all; ``redirect``: the response points elsewhere; ``status``: of the HTTP response, if there was one.
    """

    kind: ErrorKind
    message: str
    recognized: bool = True
    service_down: bool = False
    redirect: bool = False
    status: int | None = None

    @property
    def transient(self) -> bool:
        """Return whether another call may succeed: nothing is wrong with the request, and the service responds."""
        return (
            self.kind in (ErrorKind.NO_VALID_RESPONSE, ErrorKind.THROTTLED, ErrorKind.UNREACHABLE)
            and not self.service_down
        )


class ThingSpaceError(Exception):
    """A call without a result; ``info`` says why."""

    def __init__(self, info: ErrorInfo) -> None:
        super().__init__(info.message)
        self.info = info


class IncompleteList(ThingSpaceError):
    """A list that could not be read completely; ``found`` is what was read of it."""

    def __init__(self, info: ErrorInfo, found: t.Any) -> None:
        super().__init__(info)
        self.found = found


# Gateway fault codes (ThingSpace documentation, "Error Messages"; "Error Handling" of WSO2 API Manager).
_GATEWAY = {
    **dict.fromkeys((str(code) for code in range(900800, 900808)), ErrorKind.THROTTLED),
    # A block by user, IP address or application: waiting does not end it.
    "900805": ErrorKind.REJECTED,
    **dict.fromkeys(("900901", "900902", "900903"), ErrorKind.ACCESS_TOKEN),
    "900906": ErrorKind.UNAVAILABLE,
}
# A fault as XML, which is WSO2's default, with any prefix: am, amt for throttling, ams for tokens.
_XML_CODE = re.compile(r"<(?:\w+:)?fault[\s>].*?<(?:\w+:)?code>\s*([0-9]+)\s*</", re.DOTALL)
# Connectivity Management ("Synchronous Error Messages"): what follows the name of the service in errorCode.
_CONNECTIVITY = {
    "REQUEST_FAILED.SessionToken.Expired": ErrorKind.SESSION_TOKEN,
    "REQUEST_FAILED.SessionToken.Format": ErrorKind.SESSION_TOKEN,
    "INPUT_INVALID.SessionToken.Invalid": ErrorKind.SESSION_TOKEN,
}
# Errors about the account, by how their code ends: no call for this account can succeed, whatever the devices.
_ABOUT_ACCOUNT = re.compile(r"(.*\.)?(AccountNotFound|AccountName|NoAccounts|MultipleAccounts|Account\.NotDefined)")
# The same, if only the message says so (only letters are compared).
_MESSAGES_ABOUT_ACCOUNT = frozenset(("invalid account name format", "inactive account"))
# FOTA: errorCode is always INVALID_PARAMETER, only the message differs (only letters are compared).
_FOTA = {
    "invalid device id format": ErrorKind.INVALID_DEVICE_LIST,
    "device list is empty": ErrorKind.REJECTED,
    "input binding error": ErrorKind.REJECTED,
    **dict.fromkeys(_MESSAGES_ABOUT_ACCOUNT, ErrorKind.REJECTED),
    "lastseendeviceid not valid": ErrorKind.INVALID_CURSOR,
}
_UNAUTHORIZED = "Requested service is unauthorized for given token"
_STATUS = {
    400: ErrorKind.INVALID_DEVICE_LIST,
    401: ErrorKind.ACCESS_TOKEN,
    403: ErrorKind.UNAVAILABLE,
    404: ErrorKind.UNAVAILABLE,
    405: ErrorKind.UNAVAILABLE,
    408: ErrorKind.NO_VALID_RESPONSE,
    413: ErrorKind.INVALID_DEVICE_LIST,
    **dict.fromkeys(THROTTLED_STATUSES, ErrorKind.THROTTLED),
}


def error_from_response(response: Response) -> ErrorInfo | None:
    """Return the error that a response reports, or ``None`` if its status is one of success."""
    if 200 <= response.status < 300:
        return None
    return replace(_error_of(response, parse_json(response)), status=response.status)


def _error_of(response: Response, content: t.Any) -> ErrorInfo:
    message = f"HTTP {response.status}: {message_of(response, content)}"
    if isinstance(content, dict) and (
        _ABOUT_ACCOUNT.fullmatch(str(content.get("errorCode"))) or _letters_of(content) in _MESSAGES_ABOUT_ACCOUNT
    ):
        message += " (is account, or THINGSPACE_ACCOUNT, the right one?)"
    kind = _documented_kind(response, content)
    if kind is not None:
        return ErrorInfo(kind, message)
    if response.status in _STATUS:
        return ErrorInfo(_STATUS[response.status], message, recognized=response.status not in (400, 401))
    if 300 <= response.status < 400:
        message += " (redirects are not followed: is api_url right?)"
        return ErrorInfo(ErrorKind.REJECTED, message, recognized=False, redirect=True)
    if response.status >= 500:
        return ErrorInfo(ErrorKind.NO_VALID_RESPONSE, message)
    return ErrorInfo(ErrorKind.REJECTED, message, recognized=False)


def content_or_raise(response: Response, request: Request) -> t.Any:
    """Return the content of a successful response.

    Raises ``ThingSpaceError``, or ``RetryableResponse`` if another try may succeed: after throttling, and after a lost response
    to an idempotent request.
    """
    info = error_from_response(response.redacted(request.secrets) if response.status >= 300 else response)
    if info is None:
        return parse_json(response)
    error = ThingSpaceError(info)
    if info.kind is ErrorKind.THROTTLED or (request.idempotent and info.kind is ErrorKind.NO_VALID_RESPONSE):
        raise RetryableResponse(error, response.retry_after(), throttled=info.kind is ErrorKind.THROTTLED)
    raise error


def error_from_transport(error: TransportError | RetriesExhausted) -> ThingSpaceError:
    """Return the error of a call whose request or response was lost; its kind says whether the service may have acted."""
    if isinstance(error, TransportError):
        kind = ErrorKind.NO_VALID_RESPONSE if error.sent else ErrorKind.UNREACHABLE
        return ThingSpaceError(ErrorInfo(kind, str(error), service_down=error.permanent))
    last = error.error
    info = last.info if isinstance(last, ThingSpaceError) else error_from_transport(t.cast(TransportError, last)).info
    return ThingSpaceError(replace(info, message=str(error), service_down=error.service_down))


def parse_json(response: Response) -> t.Any:
    """Return the content of a JSON response; if it is not JSON, an object that is no JSON value."""
    try:
        return json.loads(response.body.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return _NOT_JSON


def message_of(response: Response, content: t.Any) -> str:
    """Return what the service says about a failure: one bounded line without control characters."""
    found: list[str] = []
    if isinstance(content, dict):
        fault = content.get("fault")
        source = fault if isinstance(fault, dict) else content
        found = [
            str(source[key])
            for key in (
                "errorCode",
                "errorMessage",
                "code",
                "message",
                "description",
                "error",
                "error_description",
                "cause",
            )
            if isinstance(source.get(key), (str, int)) and source[key] != ""
        ]
    elif content is _NOT_JSON:
        found = [re.sub(r"<[^>]*>", " ", response.body[:_LONGEST_TEXT].decode("utf-8", "replace"))]
    return one_line(": ".join(found)) or "no explanation"


def _letters_of(content: dict[str, t.Any]) -> str:
    """Return the message of an error body without case and punctuation, as it is compared."""
    return re.sub(r"[^a-z ]", "", str(content.get("errorMessage", "")).lower()).strip()


def _documented_kind(response: Response, content: t.Any) -> ErrorKind | None:
    """Return what a documented error body means, whatever the status; ``None`` if the status decides."""
    if content is _NOT_JSON:
        xml = _XML_CODE.search(response.body[:_LONGEST_TEXT].decode("utf-8", "replace"))
        return _GATEWAY.get(xml[1]) if xml else None
    if not isinstance(content, dict):
        return None
    fault = content.get("fault")
    if isinstance(fault, dict):
        return _GATEWAY.get(str(fault.get("code")))
    if "errorCode" in content:
        code = str(content["errorCode"])
        if _ABOUT_ACCOUNT.fullmatch(code):
            return ErrorKind.REJECTED
        return _CONNECTIVITY.get(code) or _CONNECTIVITY.get(code.partition(".")[2]) or _FOTA.get(_letters_of(content))
    # Unified web services; inside an internal_server_error only the description says so.
    if content.get("error") == "unauthorized" or _UNAUTHORIZED in str(content.get("error_description")):
        return ErrorKind.SESSION_TOKEN
    return None
