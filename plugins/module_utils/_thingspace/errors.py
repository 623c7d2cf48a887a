# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an answer that is no success means.

ThingSpace has five ways to say no: FOTA and Connectivity Management (``errorCode``), the gateway (``fault``, as JSON or
XML), the unified web services (``error``, ``cause``), OAuth (``error``), and whatever a proxy in between makes up.

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
from ansible_collections.verizon.fota.plugins.module_utils._http.retries import RetriesExhausted, RetryableResponse
from ansible_collections.verizon.fota.plugins.module_utils._http.transport_errors import TransportError

_LONGEST_WORDS = 300
# So many bytes of a body that is not JSON are looked at.
_LONGEST_TEXT = 4096
_NOT_JSON = object()


class ErrorKind(enum.Enum):
    """What to do about a refusal."""

    ACCESS_TOKEN = "the access token is wrong or has expired"
    SESSION_TOKEN = "the session token is wrong or has expired"
    THROTTLED = "too many requests for now"
    INVALID_DEVICE_LIST = "refused for one device in the list, or for its length"
    UNAVAILABLE = "the account may not use this call, or it does not exist"
    REJECTED = "refused whatever the devices"
    INVALID_CURSOR = "the device after which a page should begin is not there"
    NO_VALID_RESPONSE = "no usable answer: whether the service acted is not known"
    UNREACHABLE = "nothing could be sent"
    UNAUTHENTICATED = "there are no valid tokens, and none can be had"
    INTERRUPTED = "the run was asked to end"


@dataclass(frozen=True)
class ErrorInfo:
    """A refusal: what kind, and the service's own words.

    ``known`` says whether those name the reason for sure; ``dead`` that the service answers nobody any more, or cannot be
    talked to at all; ``redirect`` that it points elsewhere instead of answering.
    """

    kind: ErrorKind
    message: str
    recognized: bool = True
    service_down: bool = False
    redirect: bool = False

    @property
    def transient(self) -> bool:
        """Whether another call may get through all the same: nothing is wrong with what was asked, and somebody is there."""
        return (
            self.kind in (ErrorKind.NO_VALID_RESPONSE, ErrorKind.THROTTLED, ErrorKind.UNREACHABLE)
            and not self.service_down
        )


class ThingSpaceError(Exception):
    """A call that brought no result; ``info`` says why."""

    def __init__(self, info: ErrorInfo) -> None:
        super().__init__(info.message)
        self.info = info


class IncompleteList(ThingSpaceError):
    """A list that could not be read as a whole; ``found`` is what was read of it."""

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
# The same, where only the message tells (letters alone are compared).
_MESSAGES_ABOUT_ACCOUNT = frozenset(("invalid account name format", "inactive account"))
# FOTA: errorCode is always INVALID_PARAMETER, only the message tells (letters alone are compared).
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
    429: ErrorKind.THROTTLED,
}


def error_from_response(answer: Response) -> ErrorInfo | None:
    """Return what an answer refuses and why, or None when its status is one of success."""
    if 200 <= answer.status < 300:
        return None
    content = json_of(answer)
    words = f"HTTP {answer.status}: {words_of(answer, content)}"
    if isinstance(content, dict) and (
        _ABOUT_ACCOUNT.fullmatch(str(content.get("errorCode"))) or _letters_of(content) in _MESSAGES_ABOUT_ACCOUNT
    ):
        words += " (is account, or THINGSPACE_ACCOUNT, the right one?)"
    said = _said(answer, content)
    if said is not None:
        return ErrorInfo(said, words)
    if answer.status in _STATUS:
        kind = _STATUS[answer.status]
        return ErrorInfo(kind, words, recognized=answer.status not in (400, 401))
    if 300 <= answer.status < 400:
        return ErrorInfo(
            ErrorKind.REJECTED,
            f"{words} (redirects are not followed: is api_url right?)",
            recognized=False,
            redirect=True,
        )
    return ErrorInfo(
        ErrorKind.NO_VALID_RESPONSE if answer.status >= 500 else ErrorKind.REJECTED,
        words,
        recognized=answer.status >= 500,
    )


def content_or_raise(answer: Response, request: Request) -> t.Any:
    """Return the content of an answer of success. Raises ThingSpaceError, or RetryableResponse when another try may bring more.

    A lost answer is worth another try only where trying again does nothing (the request is repeatable).
    """
    info = error_from_response(answer.redacted(request.secrets) if answer.status >= 300 else answer)
    if info is None:
        return json_of(answer)
    refused = ThingSpaceError(info)
    if info.kind is ErrorKind.THROTTLED or (request.idempotent and info.kind is ErrorKind.NO_VALID_RESPONSE):
        raise RetryableResponse(refused, answer.retry_after(), throttled=info.kind is ErrorKind.THROTTLED)
    raise refused


def error_from_transport(error: TransportError | RetriesExhausted) -> ThingSpaceError:
    """Turn what went wrong on the way into a refusal that tells whether the service may have acted."""
    if isinstance(error, TransportError):
        return ThingSpaceError(
            ErrorInfo(
                ErrorKind.NO_VALID_RESPONSE if error.sent else ErrorKind.UNREACHABLE,
                str(error),
                service_down=error.permanent,
            )
        )
    last = error.error
    info = last.info if isinstance(last, ThingSpaceError) else error_from_transport(t.cast(TransportError, last)).info
    return ThingSpaceError(replace(info, message=str(error), service_down=error.service_down))


def json_of(answer: Response) -> t.Any:
    """Return the content of a JSON answer; where it is not JSON, an object that is no JSON value."""
    try:
        return json.loads(answer.body.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return _NOT_JSON


def words_of(answer: Response, content: t.Any) -> str:
    """Return the service's own words for a failure: one bounded line without control characters."""
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
        found = [re.sub(r"<[^>]*>", " ", answer.body[:_LONGEST_TEXT].decode("utf-8", "replace"))]
    return one_line(": ".join(found)) or "no explanation"


def one_line(text: str) -> str:
    """Make foreign text fit for a message: bounded, on one line, without control characters."""
    if len(text) <= _LONGEST_WORDS and text.isprintable() and "  " not in text:
        return text.strip()
    line = " ".join("".join(character if character.isprintable() else " " for character in text).split())
    return line if len(line) <= _LONGEST_WORDS else line[: _LONGEST_WORDS - 1] + "…"


def _letters_of(content: dict[str, t.Any]) -> str:
    """Return the message of an error body without case and punctuation, as it is compared."""
    return re.sub(r"[^a-z ]", "", str(content.get("errorMessage", "")).lower()).strip()


def _said(answer: Response, content: t.Any) -> ErrorKind | None:
    """Return what a documented error body means, whatever the status; None where the status has to tell."""
    if content is _NOT_JSON:
        xml = _XML_CODE.search(answer.body[:_LONGEST_TEXT].decode("utf-8", "replace"))
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
    # Unified web services; inside an internal_server_error only the description tells.
    if content.get("error") == "unauthorized" or _UNAUTHORIZED in str(content.get("error_description")):
        return ErrorKind.SESSION_TOKEN
    return None
