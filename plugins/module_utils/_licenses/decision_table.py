# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The decision table: which outcome a device has, given what was read before, the response, and what is read afterwards.

Pure functions. The guide "How it works" shows the same table for a removal, and a test keeps the two equal. An assignment is
its mirror image.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import enum

from ansible_collections.verizon.fota.plugins.module_utils._licenses.outcomes import (
    FAILED,
    SKIPPED,
    UNKNOWN,
    Target,
)
from ansible_collections.verizon.fota.plugins.module_utils._licenses.states import State
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.errors import ErrorInfo, ErrorKind
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.license_change import Row, Verdict

# Decisions that are not outcomes yet.
SEND = "send"
READ_AGAIN = "read again"
SEND_AGAIN = "send again"


class Response(enum.Enum):
    """The class of a response for one device. The values are used in the guide."""

    CHANGED = "changed as requested"
    ALREADY = "already as declared"
    NOT_FOUND = "not found"
    FAILURE = "failure with a published reason"
    UNRECOGNIZED_FAILURE = "failure with an unrecognized reason"
    AMBIGUOUS = "ambiguous"
    REJECTED = "rejected with a known error"
    UNRECOGNIZED_REJECTION = "rejected with an unrecognized error"
    NOT_SENT = "not sent, but worth retrying"
    NEVER_SENT = "not sent, and never will be"


class Sent(enum.Enum):
    """What happened to a device in this run before the request at hand.

    ``EXPOSED``: it was in a list that was rejected with an unrecognized error, and was not read since.
    """

    FIRST = "not sent before"
    EXPOSED = "exposed"
    BEFORE = "sent before"


_RESPONSES = {
    Verdict.CHANGED: Response.CHANGED,
    Verdict.ALREADY: Response.ALREADY,
    Verdict.NOT_FOUND: Response.NOT_FOUND,
    Verdict.REJECTED: Response.FAILURE,
    Verdict.UNRECOGNIZED: Response.UNRECOGNIZED_FAILURE,
    Verdict.UNCLEAR: Response.AMBIGUOUS,
}
# The service cannot have acted, and the next request would fail in the same way.
_NEVER_SENT = frozenset((ErrorKind.UNAUTHENTICATED, ErrorKind.INTERRUPTED))
_NOT_SENT = frozenset((ErrorKind.UNREACHABLE, ErrorKind.THROTTLED))
# Responses after which the device may have changed although nothing says so.
MAY_HAVE_CHANGED = frozenset((Response.AMBIGUOUS, Response.UNRECOGNIZED_FAILURE, Response.UNRECOGNIZED_REJECTION))
# Nothing can be read at all of such a device, now or later.
_UNAVAILABLE = frozenset((State.UNAVAILABLE, State.MISSING))
_UNREADABLE = _UNAVAILABLE | {State.UNREAD}


# Classify the response


def classify_row(row: Row | None) -> Response:
    """Return the class of a device's row in the response; ``None`` means that the response has none."""
    return Response.AMBIGUOUS if row is None else _RESPONSES[row.verdict]


def classify_error(error: ErrorInfo) -> Response:
    """Return the class of an error that stands for the whole request."""
    if error.kind in _NEVER_SENT:
        return Response.NEVER_SENT
    if error.kind in _NOT_SENT:
        return Response.NOT_SENT if error.transient else Response.NEVER_SENT
    if error.kind is ErrorKind.NO_VALID_RESPONSE or error.redirect:
        return Response.AMBIGUOUS
    # A request with a rejected token is never carried out, whatever its message.
    if error.recognized or error.kind in (ErrorKind.ACCESS_TOKEN, ErrorKind.SESSION_TOKEN):
        return Response.REJECTED
    return Response.UNRECOGNIZED_REJECTION


def ends_run(error: ErrorInfo) -> bool:
    """Return whether an error concerns every device, so that nothing more should be sent."""
    return not error.transient and error.kind not in (ErrorKind.NO_VALID_RESPONSE, ErrorKind.INVALID_DEVICE_LIST)


# Decide


def as_seen(target: Target, state: State) -> State:
    """Return what a state means for a run: a device that holds no license may be missing from every list."""
    return State.UNLICENSED if target.licensed and state is State.ABSENT else state


def reached(target: Target) -> State:
    """Return the state that a run brings about."""
    return State.LICENSED if target.licensed else State.UNLICENSED


def unchanged(target: Target) -> State:
    """Return the state in which a device has to be changed."""
    return State.UNLICENSED if target.licensed else State.LICENSED


def plan(target: Target, before: State, ignore_unknown: bool) -> str:
    """Return the outcome of a device for which nothing is sent, or ``SEND``."""
    before = as_seen(target, before)
    if before is reached(target):
        return target.already
    if before in (State.NOT_FOUND, State.ABSENT):
        return target.already if ignore_unknown else FAILED
    return FAILED if before is State.INVALID else SEND


def decide(target: Target, before: State, response: Response, sent: Sent, ignore_unknown: bool) -> str:
    """Return the outcome that the response settles, or ``READ_AGAIN``."""
    before = as_seen(target, before)
    if response is Response.CHANGED:
        return target.changed
    if response is Response.ALREADY:
        return target.changed if _may_be_ours(target, before, sent) else target.already
    if response is Response.NOT_FOUND:
        return target.already if ignore_unknown and not _is_ours(target, before, sent) else FAILED
    if response is Response.FAILURE or (response is Response.REJECTED and sent is Sent.FIRST):
        return FAILED
    if response is Response.NEVER_SENT and sent is Sent.FIRST:
        return SKIPPED
    if response is Response.NEVER_SENT and sent is Sent.BEFORE and before is unchanged(target):
        return FAILED
    return READ_AGAIN


def decide_after_read(
    target: Target,
    before: State,
    response: Response,
    sent: Sent,
    after: State,
    ignore_unknown: bool,
    may_send_again: bool,
) -> str:
    """Return the outcome after the state was read again, or ``SEND_AGAIN``.

    ``may_send_again``: retries are left, and nothing ends the run.
    """
    before, after = as_seen(target, before), as_seen(target, after)
    if after is reached(target):
        ours = _may_be_ours(target, before, sent) or response in MAY_HAVE_CHANGED
        return target.changed if ours else target.already
    if after is unchanged(target):
        retryable = response in (Response.AMBIGUOUS, Response.NOT_SENT) or (
            response is Response.UNRECOGNIZED_REJECTION and before is not unchanged(target)
        )
        return SEND_AGAIN if retryable and may_send_again else FAILED
    if after not in _UNREADABLE:
        if not _is_ours(target, before, sent):
            return target.already if ignore_unknown and after is not State.INVALID else FAILED
        # A complete license list without a device that held a license shows that the license was removed.
        return target.changed if after is State.ABSENT and before is State.LICENSED else UNKNOWN
    return _decide_unreadable(before, response, sent, after)


def _decide_unreadable(before: State, response: Response, sent: Sent, after: State) -> str:
    # "Failure" is a documented status for a license that stays, and nothing contradicts it but an earlier list that may have acted.
    if response is Response.UNRECOGNIZED_FAILURE and sent is not Sent.EXPOSED:
        return FAILED
    # If nothing can be read at all, a 4xx is assumed to have changed nothing.
    rejected = response is Response.UNRECOGNIZED_REJECTION or sent is Sent.EXPOSED
    if rejected and response is not Response.AMBIGUOUS and _UNAVAILABLE.issuperset((before, after)):
        return FAILED
    if response is Response.NOT_SENT and sent is Sent.FIRST:
        return FAILED
    return UNKNOWN


def _is_ours(target: Target, before: State, sent: Sent) -> bool:
    """Return whether the device had to be changed when this run read it, or this run may have changed it."""
    return before is unchanged(target) or sent is Sent.BEFORE


def _may_be_ours(target: Target, before: State, sent: Sent) -> bool:
    """Return the same, also counting a rejected longer list, unless nothing can be read at all."""
    return _is_ours(target, before, sent) or (sent is Sent.EXPOSED and before not in _UNAVAILABLE)
