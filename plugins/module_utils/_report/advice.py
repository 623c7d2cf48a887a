# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What to do about a reason in a removal or an assignment, as in the guides; and which reasons mean that a device costs nothing.

The texts are those of the tables in guide_results.rst and guide_troubleshooting.rst. A test keeps them equal.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import functools
import re
import typing as t

from ansible_collections.verizon.fota.plugins.module_utils._licenses.outcomes import (
    ASSIGNMENT,
    FAILED,
    REMOVAL,
    SKIPPED,
    UNKNOWN,
)
from ansible_collections.verizon.fota.plugins.module_utils._report.reason_pattern import VARIES, pattern_of
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.fields import is_not_found


class Advice(t.NamedTuple):
    """A row of a guide: reasons as it quotes them, with an ellipsis for what varies, and what to do about them.

    ``action``: the only one of which it is true; ``None`` if it is true of removals and assignments.
    """

    reasons: tuple[str, ...]
    text: str
    action: str | None = None


_REMOVE = REMOVAL.action
_ASSIGN = ASSIGNMENT.action
# The collection's own messages for a device that the account does not have.
NOT_FOUND = ("the account does not have this device", "has no license in this account and is not among its devices")
# The first that fits a reason and the action applies.
BY_REASON = (
    # Those that recognize the end of a reason are first: it corrects what the service said before it.
    Advice(
        ("…; whether it held a license before is not known",),
        "The device holds no license now. Its state could not be read before the removal, and the response did not tell. The entry has"
        " state_before: unknown, and the role restore leaves the device out.",
        _REMOVE,
    ),
    Advice(
        ("…; whether it held a license before is not known",),
        "The device holds a license now. Its state could not be read before the assignment, and the response did not tell. The entry"
        " has state_before: unknown.",
        _ASSIGN,
    ),
    Advice(
        ("…; read again: it holds no license",),
        "The response was lost or reported something else, but the license has been removed.",
        _REMOVE,
    ),
    Advice(
        ("…; read again: it holds a license",),
        "The response was lost or reported something else, but the device holds a license.",
        _ASSIGN,
    ),
    Advice(
        ("…; read again: it holds a license",),
        "Detected with wait. The license was not removed, or the device got one again. Run the task again.",
        _REMOVE,
    ),
    Advice(
        ("…; read again: it holds no license",),
        "Detected with wait. The license was not assigned, or it was removed again. Run the task again.",
        _ASSIGN,
    ),
    Advice(
        (
            "…; it held a license when it was last read",
            "…; it was not sent, and its state could not be read",
        ),
        "The service was too busy to accept the removal, and then the state could not be read. Run the task again.",
        _REMOVE,
    ),
    Advice(
        (
            "…; it held no license when it was last read",
            "…; it was not sent, and its state could not be read",
        ),
        "The service was too busy to accept the assignment, and then the state could not be read. Run the task again.",
        _ASSIGN,
    ),
    Advice(
        ("…; still licensed, and not sent again: …",),
        "An error stopped the run before the removal could be retried. The end of the reason says which. Fix it, and run the"
        " task again.",
        _REMOVE,
    ),
    Advice(
        ("…; still unlicensed, and not sent again: …",),
        "An error stopped the run before the assignment could be retried. The end of the reason says which. Fix it, and run the"
        " task again.",
        _ASSIGN,
    ),
    Advice(
        ("Device Not Found.", "Device does not exist.", *NOT_FOUND),
        "The account does not have this device. Check the account and the IMEI. To treat such devices as unlicensed, set"
        " unknown_devices=ignore.",
        _REMOVE,
    ),
    Advice(
        ("Device Not Found.", "Device does not exist.", NOT_FOUND[0]),
        "The account does not have this device. Check the account and the IMEI.",
        _ASSIGN,
    ),
    Advice(
        ("License removal not allowed for devices that have ever upgraded firmware.",),
        "The firmware was upgraded after the license was assigned. The license stays; retrying does not help. Accept the"
        " failure in the playbook, or ask Verizon. check_upgrades predicts this.",
        _REMOVE,
    ),
    Advice(
        ("Upgrade pending, the device upgrade is estimated to be scheduled for 06 Oct 22 18:05 UTC",),
        "An upgrade is scheduled or in progress. After the upgrade, the license stays. It can be removed only if the campaign"
        " is cancelled first.",
        _REMOVE,
    ),
    Advice(
        ("Internal error.",),
        "The service failed for this device, even after retries, and the device still has its license. Run the task again"
        " later. If that does not help, ask Verizon.",
        _REMOVE,
    ),
    Advice(
        ("Internal error.",),
        "The service failed for this device, even after retries, and the device still has no license. Run the task again"
        " later. If that does not help, ask Verizon.",
        _ASSIGN,
    ),
    Advice(
        ("…no unused licenses…", "…not enough licenses…"),
        "The account has too few unused licenses. Buy licenses, or remove those of devices that no longer need one, and run the"
        " task again.",
        _ASSIGN,
    ),
    Advice(
        ("not in the account's list of licensed devices; whether the account knows it could not be read",),
        "The account may not read its devices, so only its license list was read. Check the IMEI: a mistyped one gives the"
        " same reason.",
    ),
    Advice(
        ("the service does not mention it, and the license list is unavailable",),
        "The account may not have the device; or the device uses another protocol and may have a license. In a real run, the"
        " response to the removal decides.",
        _REMOVE,
    ),
    Advice(
        ("the service does not mention it, and the license list is unavailable", NOT_FOUND[1]),
        "The account may not have the device; or the device uses another protocol. In a real run, the response to the assignment"
        " decides.",
        _ASSIGN,
    ),
    Advice(
        ("the service rejects this IMEI",),
        "Nothing was sent for the device. Check the IMEI. If the service gave a reason, you see that reason instead.",
    ),
    Advice(
        ("what became of it is not known, and its state could not be read again: run the task again",),
        "The response to the removal was lost, and then the state could not be read. The text in parentheses says what failed."
        " Run the task again.",
        _REMOVE,
    ),
    Advice(
        ("what became of it is not known, and its state could not be read again: run the task again",),
        "The response to the assignment was lost, and then the state could not be read. The text in parentheses says what failed."
        " Run the task again.",
        _ASSIGN,
    ),
    Advice(
        ("its license was removed, but it holds one again", "it held no license when the run began, but holds one now"),
        "Detected with wait. Most likely, a campaign with automatic assignment contains the device: take the device out of it.",
        _REMOVE,
    ),
    Advice(
        (
            "a license was assigned to it, but it holds none again",
            "it held a license when the run began, but holds none now",
        ),
        "Detected with wait. Most likely, another run or user removed the license. Find out why, and run the task again.",
        _ASSIGN,
    ),
    Advice(
        ("the service does not report whether it holds a license", "its state could not be read"),
        "Neither the list of devices nor the license list shows the state, or the request failed. In a real run, the response"
        " to the removal decides.",
        _REMOVE,
    ),
    Advice(
        ("the service does not report whether it holds a license", "its state could not be read"),
        "Neither the list of devices nor the license list shows the state, or the request failed. In a real run, the response"
        " to the assignment decides.",
        _ASSIGN,
    ),
    Advice(
        ("the response contradicts itself",),
        "One response contained two different entries for the device.",
    ),
    Advice(
        ("the response does not mention this device",),
        "The response contained no entry for the device.",
    ),
    Advice(
        ("the service returned the status …", "the service returned no status"),
        "The status is unrecognized or missing, and there is no reason.",
    ),
    Advice(
        ("not sent: an earlier error ended the run",),
        "An error stopped the run before the device was sent. The message of the run says which. Fix it, and run the task"
        " again.",
    ),
    Advice(
        (
            "not sent: more than max_removals allows",
            "not sent: more than max_share allows",
            "not sent: max_share cannot be checked",
            "not sent: more than max_assignments allows",
        ),
        "A limit stopped the run, and nothing was changed. The message of the run has the numbers. Check that it is the right"
        " list. If so, raise the limit.",
    ),
    Advice(
        ("not sent: the account has too few free licenses",),
        "Nothing was assigned. The message of the run has the numbers. Buy licenses, or remove those of devices that no longer"
        " need one, and run the task again.",
        _ASSIGN,
    ),
    Advice(
        ("not sent: the free licenses of the account cannot be read",),
        "Nothing was assigned. The message of the run says why they could not be read. Run the task again.",
        _ASSIGN,
    ),
    Advice(
        (
            "its firmware was upgraded since its license was assigned (…)",
            "an upgrade is in progress (…, …)",
        ),
        "The service will reject the removal.",
        _REMOVE,
    ),
    Advice(
        ("cancels an upgrade that is scheduled (…, …)",),
        "The upgrade has not started, and the removal would cancel it. To keep the upgrade, leave the device out.",
        _REMOVE,
    ),
    Advice(
        ("an upgrade may be in progress (…, …)",),
        "The service rejects the removal if the upgrade has started. Run the forecast again after the times in the parentheses.",
        _REMOVE,
    ),
    Advice(
        (
            "its firmware was upgraded (…); when its license was assigned is not known",
            "its firmware was upgraded (…); whether its license was assigned before that is not known",
        ),
        "The service rejects the removal if the upgrade was completed after the license was assigned. One of the two times is"
        " missing or unreadable, or both are on the same day.",
        _REMOVE,
    ),
    Advice(
        ("it is not known how an upgrade of its firmware ended (…)",),
        "The upgrade may have failed. Its status is undocumented, or it is missing from the upgrade history, which may cover only"
        " six months.",
        _REMOVE,
    ),
    Advice(
        ("its upgrade history could not be read: …",),
        "Run the forecast again. HTTP 403 or 404 means that the account may not read upgrade histories. The device had an upgrade,"
        " which may have failed.",
        _REMOVE,
    ),
    Advice(
        ("… (is account, or THINGSPACE_ACCOUNT, the right one?)",),
        "The account is unknown or inactive. Give its name as ThingSpace shows it, with leading zeros.",
    ),
    Advice(
        ("the access token is wrong or has expired", "the session token is wrong or has expired"),
        "An access token lasts an hour, a session 20 minutes without use. Obtain new ones; or set client_id and client_secret,"
        " or username and password, so that the run renews them.",
    ),
    Advice(
        ("HTTP …: …",),
        "If the message does not say enough: 403 and 404 mean that the account may not use this call, or that the account name is"
        " wrong; 429 means that requests were throttled; after 5xx, try again later.",
    ),
)
# What to do about an outcome whose reason is none of these.
BY_OUTCOME = {
    UNKNOWN: "Run the same task again. It reads the state first.",
    SKIPPED: "Fix what the message of the run reports, and run the same task again.",
}


def advice(action: str, outcome: str, reason: str) -> str:
    """Return what to do about a device of such a run with this outcome and reason; empty if no guide says."""
    # The service words it in several ways.
    folded = _folded(NOT_FOUND[0] if is_unknown_device(outcome, reason) else reason)
    for expression, text in _expressions(action):
        if expression.match(folded):
            return text
    return BY_OUTCOME.get(outcome, "")


def is_unknown_device(outcome: str, reason: str) -> bool:
    """Return whether a device failed because the account does not have it, so that it costs nothing."""
    return outcome == FAILED and (_folded(reason) in NOT_FOUND or is_not_found(reason))


def _folded(text: str) -> str:
    return pattern_of(text).casefold()


@functools.lru_cache(maxsize=None)
def _expressions(action: str) -> list[tuple[re.Pattern[str], str]]:
    """Return what recognizes each reason of such a run, by its beginning."""
    return [
        (re.compile(".*".join(re.escape(part) for part in _folded(reason).split(VARIES))), row.text)
        for row in BY_REASON
        if row.action in (None, action)
        for reason in row.reasons
    ]
