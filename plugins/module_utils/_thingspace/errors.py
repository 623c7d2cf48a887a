# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""What an answer that is no success means.

ThingSpace has five ways to say no: FOTA and Connectivity Management (C(errorCode)), the gateway (C(fault), as JSON or
XML), the unified web services (C(error), C(cause)), OAuth (C(error)), and whatever a proxy in between makes up.
"""

from __future__ import annotations

import enum
import json
import re
import typing as t
from dataclasses import dataclass, replace

from ansible_collections.verizon.fota.plugins.module_utils._http.client import Answer, NoAnswer, Request
from ansible_collections.verizon.fota.plugins.module_utils._http.retries import GivenUp, TryAgain

_LONGEST_WORDS = 300
# So many bytes of a body that is not JSON are looked at.
_LONGEST_TEXT = 4096
_NOT_JSON = object()


class Kind(enum.Enum):
    """What to do about a refusal."""

    ACCESS_TOKEN = "the access token is wrong or has expired"
    SESSION_TOKEN = "the session token is wrong or has expired"
    THROTTLED = "too many requests for now"
    DIVIDE = "refused for one device in the list, or for its length"
    NOT_TO_BE_HAD = "the account may not use this call, or it does not exist"
    FOR_ALL = "refused whatever the devices"
    GONE = "the device after which a page should begin is not there"
    LOST = "no usable answer: whether the service acted is not known"
    UNREACHABLE = "nothing could be sent"
    NO_TOKENS = "there are no valid tokens, and none can be had"
    INTERRUPTED = "the run was asked to end"


@dataclass(frozen=True)
class Fault:
    """A refusal: what kind, and the service's own words.

    C(known) says whether those name the reason for sure; C(dead) that the service answers nobody any more, or cannot be
    talked to at all; C(redirect) that it points elsewhere instead of answering.
    """

    kind: Kind
    words: str
    known: bool = True
    dead: bool = False
    redirect: bool = False

    @property
    def passing(self) -> bool:
        """Whether another call may get through all the same: nothing is wrong with what was asked, and somebody is there."""
        return self.kind in (Kind.LOST, Kind.THROTTLED, Kind.UNREACHABLE) and not self.dead


class Refused(Exception):
    """A call that brought no result; C(fault) says why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.words)
        self.fault = fault


class CutShort(Refused):
    """A list that could not be read as a whole; C(found) is what was read of it."""

    def __init__(self, fault: Fault, found: t.Any) -> None:
        super().__init__(fault)
        self.found = found


# Gateway fault codes (ThingSpace documentation, "Error Messages"; "Error Handling" of WSO2 API Manager).
_GATEWAY = {
    **dict.fromkeys((str(code) for code in range(900800, 900808)), Kind.THROTTLED),
    # A block by user, IP address or application: waiting does not end it.
    "900805": Kind.FOR_ALL,
    **dict.fromkeys(("900901", "900902", "900903"), Kind.ACCESS_TOKEN),
    "900906": Kind.NOT_TO_BE_HAD,
}
# A fault as XML, which is WSO2's default, with any prefix: am, amt for throttling, ams for tokens.
_XML_CODE = re.compile(r"<(?:\w+:)?fault[\s>].*?<(?:\w+:)?code>\s*([0-9]+)\s*</", re.DOTALL)
# Connectivity Management ("Synchronous Error Messages"): what follows the name of the service in errorCode.
_CONNECTIVITY = {
    "REQUEST_FAILED.SessionToken.Expired": Kind.SESSION_TOKEN,
    "REQUEST_FAILED.SessionToken.Format": Kind.SESSION_TOKEN,
    "INPUT_INVALID.SessionToken.Invalid": Kind.SESSION_TOKEN,
}
# Errors about the account, by how their code ends: no call for this account can succeed, whatever the devices.
_ABOUT_ACCOUNT = re.compile(r"(.*\.)?(AccountNotFound|AccountName|NoAccounts|MultipleAccounts|Account\.NotDefined)")
# The same, where only the message tells (letters alone are compared).
_MESSAGES_ABOUT_ACCOUNT = frozenset(("invalid account name format", "inactive account"))
# FOTA: errorCode is always INVALID_PARAMETER, only the message tells (letters alone are compared).
_FOTA = {
    "invalid device id format": Kind.DIVIDE,
    "device list is empty": Kind.FOR_ALL,
    "input binding error": Kind.FOR_ALL,
    **dict.fromkeys(_MESSAGES_ABOUT_ACCOUNT, Kind.FOR_ALL),
    "lastseendeviceid not valid": Kind.GONE,
}
_UNAUTHORIZED = "Requested service is unauthorized for given token"
_STATUS = {
    400: Kind.DIVIDE,
    401: Kind.ACCESS_TOKEN,
    403: Kind.NOT_TO_BE_HAD,
    404: Kind.NOT_TO_BE_HAD,
    405: Kind.NOT_TO_BE_HAD,
    408: Kind.LOST,
    413: Kind.DIVIDE,
    429: Kind.THROTTLED,
}


def fault_of(answer: Answer) -> Fault | None:
    """Give what an answer refuses and why, or None when its status is one of success."""
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
        return Fault(said, words)
    if answer.status in _STATUS:
        kind = _STATUS[answer.status]
        return Fault(kind, words, known=answer.status not in (400, 401))
    if 300 <= answer.status < 400:
        return Fault(
            Kind.FOR_ALL, f"{words} (redirects are not followed: is api_url right?)", known=False, redirect=True
        )
    return Fault(Kind.LOST if answer.status >= 500 else Kind.FOR_ALL, words, known=answer.status >= 500)


def checked(answer: Answer, request: Request) -> t.Any:
    """Give the content of an answer of success. Raises Refused, or TryAgain when another try may bring more.

    A lost answer is worth another try only where trying again does nothing (the request is repeatable).
    """
    fault = fault_of(answer.without(request.secrets) if answer.status >= 300 else answer)
    if fault is None:
        return json_of(answer)
    refused = Refused(fault)
    if fault.kind is Kind.THROTTLED or (request.repeatable and fault.kind is Kind.LOST):
        raise TryAgain(refused, answer.retry_after(), busy=fault.kind is Kind.THROTTLED)
    raise refused


def unanswered(error: NoAnswer | GivenUp) -> Refused:
    """Turn what went wrong on the way into a refusal that tells whether the service may have acted."""
    if isinstance(error, NoAnswer):
        return Refused(Fault(Kind.LOST if error.sent else Kind.UNREACHABLE, str(error), dead=error.hopeless))
    last = error.error
    fault = last.fault if isinstance(last, Refused) else unanswered(t.cast(NoAnswer, last)).fault
    return Refused(replace(fault, words=str(error), dead=error.dead))


def json_of(answer: Answer) -> t.Any:
    """Give the content of a JSON answer; where it is not JSON, an object that is no JSON value."""
    try:
        return json.loads(answer.body.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return _NOT_JSON


def words_of(answer: Answer, content: t.Any) -> str:
    """Give the service's own words for a failure: one bounded line without control characters."""
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


def _said(answer: Answer, content: t.Any) -> Kind | None:
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
            return Kind.FOR_ALL
        return _CONNECTIVITY.get(code) or _CONNECTIVITY.get(code.partition(".")[2]) or _FOTA.get(_letters_of(content))
    # Unified web services; inside an internal_server_error only the description tells.
    if content.get("error") == "unauthorized" or _UNAUTHORIZED in str(content.get("error_description")):
        return Kind.SESSION_TOKEN
    return None
