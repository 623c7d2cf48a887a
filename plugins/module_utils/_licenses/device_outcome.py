# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One device of a run: its outcome, and the reason for it.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import typing as t

from ansible_collections.verizon.fota.plugins.module_utils._licenses.decision_table import (
    SEND,
    Response,
    as_seen,
    plan,
    reached,
    unchanged,
)
from ansible_collections.verizon.fota.plugins.module_utils._licenses.outcomes import (
    CHANGED,
    FAILED,
    FAILURES,
    SKIPPED,
    UNKNOWN,
    Target,
)
from ansible_collections.verizon.fota.plugins.module_utils._licenses.states import Reading, State
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.license_change import (
    EntryDetails,
    Row,
    entry_details,
    with_reason,
)

if t.TYPE_CHECKING:
    from ansible_collections.verizon.fota.plugins.module_utils._licenses.upgrade_effects import Effect

NOT_SENT = "not sent: an earlier error ended the run"
NOT_MENTIONED = "the response does not mention this device"
NOT_KNOWN_BEFORE = "; whether it held a license before is not known"
_NOT_READ = "what became of it is not known, and its state could not be read again: run the task again"


class Device(t.NamedTuple):
    """What became of one device, and the entry of the response that is about it, if there was one.

    ``touched``: it had to be changed after the run began, or the run may have changed it. ``uncertain``: nothing says that it had to
    be, so it may have been as declared before.
    """

    imei: str
    outcome: str
    entry: t.Mapping[str, t.Any] = {}
    touched: bool = False
    uncertain: bool = False

    @property
    def details(self) -> EntryDetails:
        return entry_details(self.entry)

    @property
    def changed(self) -> bool:
        return self.outcome in CHANGED

    @property
    def failed(self) -> bool:
        return self.outcome in FAILURES


class Group(t.NamedTuple):
    """Devices with the outcome of ``device``, which is one of them."""

    device: Device
    imeis: list[str]

    def devices(self) -> list[Device]:
        """Return each of them."""
        _imei, outcome, entry, touched, uncertain = self.device
        return [Device(imei, outcome, entry, touched, uncertain) for imei in self.imeis]


def settled(target: Target, imei: str, reading: Reading, ignore_unknown: bool) -> Device | None:
    """Return the outcome of a device for which nothing is to be sent, ``None`` if it has to be changed."""
    decision = plan(target, reading.state, ignore_unknown)
    if decision == SEND:
        return None
    return with_outcome(imei, decision, reading.reason) if reading.reason else Device(imei, decision)


def forecast(target: Target, imei: str, reading: Reading, upgrade: Effect | None = None) -> Device:
    """Return the outcome that a request would have for this device, as far as the service reports beforehand.

    ``upgrade``: what its upgrades mean for the removal of its license, if they were looked up.
    """
    if reading.state is not unchanged(target):
        return with_outcome(imei, UNKNOWN, reading.reason or State.UNREAD.value)
    if upgrade is None:
        return with_outcome(imei, target.changed, reading.reason) if reading.reason else Device(imei, target.changed)
    outcome = FAILED if upgrade.rejected else target.changed if upgrade.cancels else UNKNOWN
    return with_outcome(imei, outcome, upgrade.reason)


def skipped(imei: str, reason: str = NOT_SENT) -> Device:
    """Return the outcome of a device that was never sent."""
    return with_outcome(imei, SKIPPED, reason)


def unknown(imei: str) -> Device:
    """Return the outcome of a device that may have been sent, and of which nothing more is known."""
    return Device(imei, UNKNOWN, with_reason(_NOT_READ), touched=True, uncertain=True)


def changed_back(target: Target, imei: str, outcome: str, device: Device | None) -> Device:
    """Return the outcome of a device that was read as not changed after the run had ended otherwise for it."""
    reasons = {
        target.changed: target.texts.changed_back,
        target.already: target.texts.no_longer,
        UNKNOWN: _continued((device and device.details.reason) or _NOT_READ, target.texts.read_unchanged),
    }
    return Device(imei, FAILED, with_reason(reasons[outcome], device.entry if device else None))


def changed_meanwhile(target: Target, device: Device, before: Reading) -> Device:
    """Return the outcome of a device that failed or was unknown, and was read as declared afterwards."""
    had_to_be = as_seen(target, before.state) is unchanged(target)
    reason = _continued(device.details.reason or device.outcome, target.texts.read_changed)
    if not (device.touched or had_to_be):
        return Device(device.imei, target.already, with_reason(reason, device.entry))
    return changed(target, device.imei, device.entry, reason, uncertain=device.uncertain and not had_to_be)


def changed(target: Target, imei: str, entry: t.Mapping[str, t.Any], reason: str | None, uncertain: bool) -> Device:
    """Return a device that is changed, as far as is known. ``reason``: another one than that of the entry, if any."""
    if uncertain:
        reason = f"{reason or entry_details(entry).reason}{NOT_KNOWN_BEFORE}"
    return Device(imei, target.changed, entry if reason is None else with_reason(reason, entry), True, uncertain)


def with_outcome(imei: str, outcome: str, reason: str | None) -> Device:
    """Return a device with an outcome, and a reason of our own."""
    return Device(imei, outcome, with_reason(reason))


class Decision(t.NamedTuple):
    """What is known of a device whose outcome is decided.

    ``message``: the last message of the service about it; ``stop``: why nothing more is sent in this run.
    """

    outcome: str
    response: Response
    row: Row | None
    before: Reading
    message: str
    after: Reading | None = None
    stop: str | None = None


def last_message(row: Row | None, message: str) -> str:
    """Return the last message of the service about a device; ``message``: the one about the whole request."""
    if row is None:
        return message
    details = entry_details(row.entry)
    if details.reason or not details.status:
        return details.reason or "the service returned no status"
    return f"the service returned the status {details.status}"


def _continued(message: str, text: str) -> str:
    """Return a message of the service, and the text that goes on after a semicolon."""
    return f"{_without_full_stop(message)}{text}"


def _without_full_stop(message: str) -> str:
    return message[:-1] if message.endswith(".") and not message.endswith("..") else message


def reason_for(target: Target, decision: Decision) -> str | None:
    """Return the reason for an outcome, ``None`` if the entry of the response says it all."""
    outcome, response, row, before, _message, after, stop = decision
    if after is None and response is Response.NEVER_SENT and outcome == SKIPPED:
        return NOT_SENT
    message = last_message(row, decision.message)
    still_unchanged = after is None or as_seen(target, after.state) is unchanged(target)
    if response is Response.NEVER_SENT and still_unchanged:
        return f"{_continued(message, target.texts.not_sent_again)}{stop}"
    if after is None:
        return message if row is None else None
    if outcome in (target.changed, target.already) and after.state in (reached(target), State.ABSENT):
        return _continued(message, target.texts.read_changed)
    if outcome == UNKNOWN:
        return f"{_NOT_READ} ({'; '.join(filter(None, (_without_full_stop(message), after.reason)))})"
    if after.state in (State.NOT_FOUND, State.INVALID) or (after.state is State.ABSENT and not still_unchanged):
        return after.reason
    if response is Response.NOT_SENT and not still_unchanged:
        if as_seen(target, before.state) is unchanged(target):
            return _continued(message, target.texts.read_before)
        return _continued(message, "; it was not sent, and its state could not be read")
    # A reason that the service returned for a device needs no other.
    return None if row is not None and entry_details(row.entry).reason else message
