# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The result of a run: counts, message, devices, diff.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import typing as t
from collections import Counter

from ansible_collections.verizon.fota.plugins.module_utils._licenses.device_outcome import Device
from ansible_collections.verizon.fota.plugins.module_utils._licenses.outcomes import (
    CHANGED,
    FAILURES,
    SKIPPED,
    UNKNOWN,
    Target,
)
from ansible_collections.verizon.fota.plugins.module_utils._licenses.run_request import RunRequest
from ansible_collections.verizon.fota.plugins.module_utils._licenses.run_state import RunState
from ansible_collections.verizon.fota.plugins.module_utils._support.text import pluralize
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.license_change import EntryDetails
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.license_totals import LicenseTotals

MAX_LISTED = 5

# Which devices a task returns, by the value of return_devices.
RETURNED: dict[str, t.Callable[[Device], bool]] = {
    "all": lambda device: True,
    "problems": lambda device: device.failed,
    "none": lambda device: False,
}


def devices_to_keep(
    return_devices: str, every_failure: bool = False
) -> t.Callable[[t.Collection[Device]], t.Collection[Device]]:
    """Return a filter of the devices that a run keeps: those to return, and all failures or the few that the message lists."""
    listed: Counter[str] = Counter()

    def is_listed(device: Device) -> bool:
        listed[device.outcome] += 1
        return device.outcome != SKIPPED and listed[device.outcome] <= MAX_LISTED

    def keep(devices: t.Collection[Device]) -> t.Collection[Device]:
        if return_devices == "all":
            return devices
        failures = [device for device in devices if device.outcome in FAILURES]
        return failures if return_devices == "problems" or every_failure else list(filter(is_listed, failures))

    return keep


def empty(target: Target, account: object, run_id: str, msg: str) -> dict[str, t.Any]:
    """Return the result of a run that could not begin, with the same keys as any other."""
    return {
        "changed": False,
        "failed": True,
        "msg": msg,
        "summary": dict.fromkeys(("requested", *target.names), 0),
        "devices": [],
        "account": _account(account, LicenseTotals()),
        "run_id": run_id,
    }


def result(
    account: str,
    run_id: str,
    request: RunRequest,
    state: RunState,
    stop: str | None,
    return_devices: str,
    with_diff: bool,
    names: t.Mapping[str, str],
) -> dict[str, t.Any]:
    """Return the result of a run, with the keys of RETURN in the module. ``names``: the names of devices, by IMEI."""
    target = request.target
    summary = {"requested": len(request.imeis), **{name: state.counts[name] for name in target.names}}
    kept = [state.kept[imei] for imei in request.imeis if imei in state.kept]
    is_returned = RETURNED[return_devices]
    found: dict[str, t.Any] = {
        "changed": bool(state.changed_back or any(summary.get(name) for name in CHANGED)),
        "failed": bool(stop or any(summary[name] for name in target.problems)),
        "msg": _message(
            request, summary, [device for device in kept if device.failed], state.cancels, stop, len(state.uncertain)
        ),
        "summary": summary,
        "devices": [row(device, names) for device in kept if is_returned(device)],
        "account": _account(account, state.totals.latest()),
        "run_id": run_id,
    }
    if with_diff:
        unchanged = [imei for imei in state.changeable if imei not in state.changed]
        before, after = state.changeable, unchanged
        if target.licensed:
            before, after = [], [imei for imei in state.changeable if imei in state.changed]
        found["diff"] = {
            "before_header": f"licensed devices of {account}",
            "after_header": f"licensed devices of {account}",
            "before": _lines(before),
            "after": _lines(after),
        }
    return found


def _lines(imeis: list[str]) -> str:
    return "".join(f"{imei}\n" for imei in imeis)


def _account(name: object, totals: LicenseTotals) -> dict[str, t.Any]:
    return {"name": name, "license_total": totals.total, "license_used": totals.used}


def row(device: Device, names: t.Mapping[str, str]) -> dict[str, t.Any]:
    """Return the entry of a device in the result and in the journal, with its name if it has one."""
    imei, outcome, entry, _touched, uncertain = device
    found = {"imei": imei, "outcome": outcome, "changed": outcome in CHANGED, "failed": outcome in FAILURES}
    if uncertain and outcome not in FAILURES:
        found["state_before"] = UNKNOWN
    if imei in names:
        found["name"] = names[imei]
    if entry:
        details = zip(EntryDetails._fields, device.details)
        found.update([(name, value) for name, value in details if value is not None])
    return found


def _message(
    request: RunRequest,
    summary: t.Mapping[str, int],
    failures: list[Device],
    cancels: list[str],
    stop: str | None,
    uncertain: int = 0,
) -> str:
    target, check_mode = request.target, request.check_mode
    parts: list[str] = []
    if stop:
        parts.append(f"The run ended early: {stop.rstrip('.')}.")
    # Skipped devices have the same label in check mode.
    problems = [
        f"{summary[name]:,} {target.outcome(name).counted[check_mode and name != SKIPPED]}"
        for name in target.problems
        if summary[name]
    ]
    if problems:
        parts.append(f"Of {pluralize(summary['requested'], 'device')}: {', '.join(problems)}.")
    # The reason of skipped devices is the one for which the run ended early.
    listed = [device for device in failures if device.outcome != SKIPPED]
    # Devices whose state is unknown come first, because they need attention first.
    listed.sort(key=lambda device: device.outcome != UNKNOWN)
    if listed:
        named = "; ".join(
            f"{device.imei}: {(device.details.reason or device.outcome).rstrip('.')}" for device in listed[:MAX_LISTED]
        )
        more = sum(summary[name] for name in target.problems if name != SKIPPED) - len(listed[:MAX_LISTED])
        parts.append(f"{named}{f'; and {more:,} more' if more else ''}.")
    verb = target.texts.would_change if check_mode else target.texts.changed
    parts.append(f"{pluralize(summary[target.changed], 'license')} {verb}.")
    if uncertain:
        parts.append(f"Whether a device held a license before is not known for {uncertain:,} of them.")
    if cancels:
        named = ", ".join(cancels[:MAX_LISTED])
        more = len(cancels) - len(cancels[:MAX_LISTED])
        parts.append(
            f"{pluralize(len(cancels), 'scheduled upgrade')} would be cancelled: {named}{f' and {more:,} more' if more else ''}."
        )
    if summary[target.already]:
        parts.append(f"{pluralize(summary[target.already], 'device')} {target.texts.already}.")
    if check_mode and summary[target.changed] and target.texts.upgrades_not_read and not request.check_upgrades:
        parts.append(target.texts.upgrades_not_read)
    return " ".join(parts)
