# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a first look at an account is reported: the result of the task, and lines for people that fit on a screen.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import typing as t

from ansible_collections.verizon.fota.plugins.module_utils._licenses.account_access import (
    CALLS,
    NAMES,
    Access,
)
from ansible_collections.verizon.fota.plugins.module_utils._licenses.feature_support import Support, feature_support
from ansible_collections.verizon.fota.plugins.module_utils._licenses.query import subscription_result
from ansible_collections.verizon.fota.plugins.module_utils._support.text import pluralize

TOKENS = ("access_token", "session_token")
GIVEN, OBTAINED, RENEWED = "given", "obtained", "renewed"
_SOURCES = {
    GIVEN: "given",
    OBTAINED: "obtained",
    RENEWED: "the given one was rejected, and a new one was obtained",
}
_WORKS = {True: "works", False: "does not work", None: "not verified"}
_YES_NO = {True: "yes", False: "no", None: "not known"}
# With the longest reasons, the lines still fit on a screen.
_LONGEST_LINE = 200


class TokenStatus(t.NamedTuple):
    """Where a token comes from, ``None`` if there is none, and whether it works, ``None`` if that is not known."""

    source: str | None
    works: bool | None


def token_status(given: str | None, current: str | None, lacking: bool, authenticated: bool) -> TokenStatus:
    """Return the status of a token.

    ``lacking``: none that works could be obtained. ``authenticated``: the service has accepted the current tokens.
    """
    is_new = current is not None and current != given
    source = (RENEWED if is_new else GIVEN) if given else OBTAINED if is_new else None
    return TokenStatus(source, False if lacking else (authenticated or is_new or None))


def result(
    account: object, access: Access, tokens: t.Mapping[str, TokenStatus], logout: str | None = None
) -> dict[str, t.Any]:
    """Return the result of the task, keys as documented in RETURN.

    ``tokens``: the status of each, by the name of its option. ``logout``: what became of a session that the task started.
    """
    features = feature_support(access)
    return {
        "changed": False,
        "failed": not access.readable,
        "msg": _message(access, features),
        "readable": access.readable,
        "report": _lines(account, access, tokens, features, logout),
        "account": {"name": account, "license_total": access.totals.total, "license_used": access.totals.used},
        "subscription": access.subscription and subscription_result(access.subscription),
        "tokens": {name: status._asdict() for name, status in tokens.items()},
        "capabilities": {call: access.capabilities[call]._asdict() for call in CALLS},
        "dialect": {
            "license_list_path": access.license_list_path,
            "license_total_key": access.license_total_key,
            "assignment_time": access.assignment_time,
            "license_assigned": access.license_assigned,
            "upgrade_time": access.upgrade_time,
            "campaigns_path": access.campaigns_path,
        },
        "features": {name: support._asdict() for name, support in features.items()},
    }


def empty(account: object, msg: str) -> dict[str, t.Any]:
    """Return the result of a task that could not begin, with the keys of every other result."""
    return {**result(account, Access(), dict.fromkeys(TOKENS, TokenStatus(None, None))), "msg": msg, "report": [msg]}


def _message(access: Access, features: t.Mapping[str, Support]) -> str:
    if not access.readable:
        return f"Nothing of the account can be read: {NAMES[CALLS[0]]} {access.capabilities[CALLS[0]].reason}"
    count = sum(bool(access.available(call)) for call in CALLS)
    levels = ", ".join(f"{name} {found.support}" for name, found in features.items())
    return f"The account may use {count} of the {len(CALLS)} calls that only read. Support: {levels}."


def _lines(
    account: object,
    access: Access,
    tokens: t.Mapping[str, TokenStatus],
    features: t.Mapping[str, Support],
    logout: str | None,
) -> list[str]:
    lines = [f"Account {account}: {_billing(access)}."] if access.readable else []
    for name, (source, works) in tokens.items():
        status = f"{_SOURCES[source]}, {_WORKS[works]}" if source else "none"
        lines.append(f"{name.replace('_', ' ').capitalize()}: {status}.")
    if logout:
        lines.append(logout)
    readable = [NAMES[call] for call in CALLS if access.available(call)]
    if readable:
        lines.append(f"Readable: {', '.join(readable)}.")
    by_reason: dict[str, list[str]] = {}
    for call in CALLS:
        reason = access.capabilities[call].reason
        if reason is not None:
            by_reason.setdefault(reason, []).append(NAMES[call])
    lines += [_line(", ".join(names).capitalize(), reason) for reason, names in by_reason.items()]
    if access.readable:
        lines.append(_dialect(access))
        by_support: dict[Support, list[str]] = {}
        for name, found in features.items():
            by_support.setdefault(found, []).append(name)
        lines += [_line(", ".join(names), f"{found.support} ({found.reason})") for found, names in by_support.items()]
        lines.append("Whether the account may remove licenses shows only when one is removed: start with one device.")
    return lines


def _billing(access: Access) -> str:
    totals, subscription = access.totals, access.subscription
    used = "an unknown number" if totals.used is None else f"{totals.used:,}"
    total = "" if totals.total is None else f" of {pluralize(totals.total, 'license')}"
    purchase_type = subscription.purchase_type if subscription else None
    return f"{used}{total or ' of licenses'} in use, billed as {purchase_type or 'an unknown type'}"


def _dialect(access: Access) -> str:
    facts = {
        "path of the license list": access.license_list_path,
        "total": access.license_total_key,
        "assignmentTime": _YES_NO[access.assignment_time],
        "licenseAssigned": _YES_NO[access.license_assigned],
        "upgradeTime": _YES_NO[access.upgrade_time],
        "path of campaigns": access.campaigns_path,
    }
    return f"Dialect: {', '.join(f'{name} {fact or _YES_NO[None]}' for name, fact in facts.items())}."


def _line(about: str, text: str) -> str:
    """Return a bounded line. The result has the whole text elsewhere."""
    line = f"{about}: {text.rstrip('.')}"
    return f"{line[: _LONGEST_LINE - 2]}…" if len(line) >= _LONGEST_LINE else f"{line}."
