# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is kept of a run of the role, and what is reported at its end: for each host, to the operator, in the report.

Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import re
import time
import typing as t

from ansible_collections.verizon.fota.plugins.module_utils._licenses.outcomes import PROBLEMS, REMOVAL, TARGETS
from ansible_collections.verizon.fota.plugins.module_utils._report.contents import Groups
from ansible_collections.verizon.fota.plugins.module_utils._report.run_message import without_examples
from ansible_collections.verizon.fota.plugins.plugin_utils._devices_of_hosts import HOSTS, Devices
from ansible_collections.verizon.fota.plugins.plugin_utils._removal_options import (
    NO_DIRECTORY,
    NOT_FROM_THE_BEGINNING,
    problem_of_module,
)

# The registered result of the task: plain data that Ansible keeps with the hosts.
Run = t.Dict[str, t.Any]

COUNTS = ("requested", *REMOVAL.names)
# Which devices stay in the result, by the value of return_devices.
RETURNED: dict[str, t.Callable[[t.Mapping[str, t.Any]], bool]] = {
    "all": lambda device: True,
    "problems": lambda device: bool(device["failed"]),
    "none": lambda device: False,
}
_LIMIT = "not sent: more than "
_MAX_REASONS = 10
_MAX_LISTED = 10
_NO_COUNTS = dict.fromkeys(COUNTS, 0)


def not_begun(problem: str, account: object = None, requested: int = 0) -> dict[str, t.Any]:
    """Return the result of a removal that did not begin, with the keys of any other. ``requested``: for how many devices nothing was sent."""
    return {
        "changed": False,
        "failed": True,
        "msg": problem,
        "summary": {**_NO_COUNTS, "requested": requested, "skipped": requested},
        "devices": [],
        "account": {"name": account, "license_total": None, "license_used": None},
        "run_id": "",
    }


LEFT_OUT = (
    "Device skipped: nothing was sent for it, because the role was skipped for the first host of the play, which does the work"
    " for all, or because Ansible left the host out after an error. Choose hosts with a group or --limit instead of a condition"
    " on the role, and use the role once in a play"
)
NOT_RUN = (
    "The licenses were not removed: Ansible did not run the task. What it printed for the tasks before says why. Fix that, and run"
    " the play again."
)
NO_RESULT = "This run gave no result: "
# What Ansible says of options that it cannot pass to a module, or that the module does not take.
_WRONG_OPTIONS = re.compile(
    r"^argument '\w+' is of type |^(missing required arguments|Unsupported parameters)|Finalization of task args|undefined variable"
)


def did_not_begin(earlier: t.Mapping[str, t.Any] | None) -> str:
    """Return the beginning of the message of a run, or of a later batch of it, that did not begin."""
    return f"{'The next batch of hosts' if earlier else 'This run'} did not begin: "


def run_record(
    removal: t.Mapping[str, t.Any],
    devices: Devices,
    identity: t.Mapping[str, t.Any],
    earlier: t.Mapping[str, t.Any] | None = None,
    *,
    before: t.Mapping[str, t.Any] | None = None,
    return_devices: str = "all",
    message_prefix: str = "",
    with_diff: bool = False,
) -> Run:
    """Return what is kept of a removal, together with the ``earlier`` batches of the same play.

    ``identity`` distinguishes the runs of one play from those of others. ``before``: the account as it was before this batch.
    ``return_devices``: which devices stay in the result. ``message_prefix``: what precedes the message in the report. ``with_diff``:
    whether each host that is changed has a diff.
    """
    forecast = bool(identity["forecast"])
    past = earlier or {}
    by_host = host_results(removal, devices, forecast, with_diff)
    first = past.get("licenses_before") or dict(before or {})
    names = dict(past.get("names") or {})
    for host, imei in devices.by_host.items():
        names[imei] = f"{names[imei]}, {host}" if imei in names else host
    return {
        "identity": dict(identity),
        "journal": identity.get("journal") or "",
        "form": devices.form,
        "forecast": forecast,
        "removal": {**removal, "devices": [one for one in removal["devices"] if RETURNED[return_devices](one)]},
        "problems": problems_by_reason(removal["devices"]),
        "would_be_removed": would_change(removal["devices"]) if forecast and devices.form != HOSTS else [],
        "hosts": by_host,
        "changed": bool(removal["changed"] and not by_host),
        "run_ids": [*past.get("run_ids", ()), removal["run_id"] or f"not-begun-{_now()}"],
        "messages": _messages(past.get("messages", ()), message_prefix, removal["msg"]),
        "licenses_before": first,
        "licenses_after": None if forecast else _after(removal, past.get("licenses_after") or first),
        "names": names,
        "summary": _added(past.get("summary"), removal["summary"]) if devices.form == HOSTS else removal["summary"],
    }


def _messages(past: t.Sequence[str], message_prefix: str, msg: str) -> list[str]:
    """Return the messages for the report. If this batch did not begin for the same reason as the last one, there is no new message."""
    if message_prefix and past and past[-1].endswith(f": {msg}"):
        return list(past)
    return [*past, f"{message_prefix}{msg}"]


def _now() -> str:
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())


def _after(removal: t.Mapping[str, t.Any], last: t.Mapping[str, t.Any] | None) -> dict[str, t.Any] | None:
    """Return the licenses of the account after the run, as the service last reported them."""
    account = removal["account"]
    if account.get("license_used") is not None:
        return dict(account)
    untouched = not removal["changed"] and not removal["summary"]["skipped"] and not removal["summary"]["unknown"]
    return dict(last) if last and untouched else None


def _added(past: t.Mapping[str, int] | None, summary: t.Mapping[str, int]) -> dict[str, int]:
    return {name: summary[name] + (past or {}).get(name, 0) for name in COUNTS}


def host_results(
    removal: t.Mapping[str, t.Any], devices: Devices, forecast: bool, with_diff: bool = False
) -> dict[str, dict[str, t.Any]]:
    """Return the result of each host: its message, whether it is changed and failed, and the diff if one is requested."""
    # Not by the IMEIs of the result: if a password happens to be part of one, Ansible has redacted it there.
    by_imei = dict(zip(devices.imeis, removal["devices"]))
    return {
        host: {
            "msg": f"{imei} {_with_reason(by_imei[imei], removal['msg'], forecast)}",
            "changed": bool(by_imei[imei]["changed"]),
            "failed": bool(by_imei[imei]["failed"]),
            **(_diff(imei) if with_diff and by_imei[imei]["outcome"] == "removed" else {}),
        }
        for host, imei in devices.by_host.items()
        if imei in by_imei
    }


def _diff(imei: str) -> dict[str, t.Any]:
    """Return the diff of a device whose license is removed: licensed devices before, and after."""
    header = "licensed devices"
    return {"diff": {"before_header": header, "after_header": header, "before": f"{imei}\n", "after": ""}}


def _with_reason(device: t.Mapping[str, t.Any], msg: str, forecast: bool) -> str:
    outcome = device["outcome"]
    reason = device.get("reason", "")
    # A skipped device has the reason for which the run ended early. That of a limit is in its own.
    reason = (msg if outcome == "skipped" and not reason.startswith(_LIMIT) else reason).rstrip(".")
    label = "would be removed" if forecast and outcome == "removed" else outcome
    return f"{label}: {reason}" if reason else label


def problems_by_reason(devices: t.Iterable[t.Mapping[str, t.Any]]) -> list[str]:
    """Return a line for each reason, with its number of devices, the worst outcome and the most devices first."""
    groups = Groups(0)
    for device in devices:
        if device["outcome"] in PROBLEMS:
            groups.add(t.cast(t.Any, device))
    found = groups.of_problems()
    lines = [
        f"{group.count:,} × {group.heading.rstrip('.')}{'' if group.outcome == 'failed' else f' ({group.outcome})'}"
        for group in found
    ]
    more = len(lines) - _MAX_REASONS
    return lines[:_MAX_REASONS] + ([f"and {more} more reason{'s' * (more > 1)}, see the report"] if more > 0 else [])


def host_result(run: t.Mapping[str, t.Any] | None, host: str) -> dict[str, t.Any]:
    """Return the result of the task of one host: the outcome of its device, or that it was left out."""
    if run is None or (not run.get("skipped") and not run.get("hosts")):
        # The last task has the message.
        return {"changed": False, "skipped": True}
    return dict(run.get("hosts", {}).get(host) or {"changed": False, "failed": True, "msg": LEFT_OUT})


def module_record(result: t.Mapping[str, t.Any]) -> Run:
    """Return what is kept of a run of ``license_remove`` or ``license_assign`` that a task ran directly.

    Whether it failed is derived from the counts and the message, because ``failed_when`` may have cleared ``failed``.
    """
    summary = result["summary"]
    ended_early = result["msg"].startswith("The run ended early: ")
    failed = not summary["requested"] or ended_early or any(summary.get(name) for name in PROBLEMS)
    return {
        "removal": {**result, "failed": failed},
        "problems": problems_by_reason(result["devices"]),
        "would_be_removed": would_change(result["devices"]) if result.get("check_mode") else [],
    }


def run_result(
    run: t.Mapping[str, t.Any] | None,
    report: t.Mapping[str, t.Any],
    logout: t.Mapping[str, t.Any],
    *,
    session_started: bool = False,
    validated: bool = False,
) -> dict[str, t.Any]:
    """Return the result of the last task: counts, reasons, and the path of the report.

    ``report``, ``logout``: results of these tasks. ``session_started``: there is a session to end. ``validated``: the first task ran.
    """
    if run is None:
        lines = [NOT_RUN if validated else NOT_FROM_THE_BEGINNING, *_still_open(logout, session_started)]
        return {"changed": False, "failed": True, "msg": "\n".join(lines)}
    if "summary" in run and "removal" not in run:
        run = module_record(run)
    removal = run.get("removal") or not_begun(_without_result(problem_of_module(run).rstrip(".")))
    problems = run.get("problems", ())
    report_failed = not report.get("skipped") and "summary" not in report
    # The examples are needed if neither a report nor the hosts show which devices failed.
    elsewhere = bool(run.get("hosts") or (report.get("html") and not report_failed))
    msg = without_examples(removal["msg"]) if problems and elsewhere else removal["msg"]
    lines = [msg, *problems, *run.get("would_be_removed", ()), *_still_open(logout, session_started)]
    if report_failed and not removal["msg"].startswith(NO_DIRECTORY):
        lines.append(f"The report of this run could not be written: {problem_of_module(report)}")
    elif report.get("html") and not report_failed:
        lines.append(f"Report: {report['html']}")
    # The hosts have already failed individually.
    failed = bool(report_failed or (removal["failed"] and not run.get("hosts")))
    return {"changed": False, "failed": failed, "msg": "\n".join(lines) if failed else lines}


def _without_result(problem: str) -> str:
    if _WRONG_OPTIONS.search(problem):
        return f"{problem}; nothing was sent."
    return f"{NO_RESULT}{problem}. What it did, if anything, is in the journal. Run it again."


def _still_open(logout: t.Mapping[str, t.Any], session_started: bool) -> list[str]:
    """Return a line if a session that should have been ended is still open."""
    if logout.get("skipped") or is_ended(logout) or not (logout or session_started):
        return []
    reason = problem_of_module(logout) if logout else "Ansible did not run the logout"
    return [f"The session could not be ended ({reason}); it ends by itself after 20 minutes without use."]


def would_change(devices: t.Sequence[t.Mapping[str, t.Any]]) -> list[str]:
    """Return a line that names the devices whose license would be removed, or which would get one."""
    lines = []
    for target in TARGETS:
        imeis = [device["imei"] for device in devices if device["outcome"] == target.changed]
        more = len(imeis) - _MAX_LISTED
        if imeis:
            listed = f"{', '.join(imeis[:_MAX_LISTED])}{f' and {more:,} more' if more > 0 else ''}"
            lines.append(f"Would be {target.changed}: {listed}")
    return lines


def is_ended(logout: t.Mapping[str, t.Any]) -> bool:
    """Return whether a logout ended the session, according to its result."""
    # ``failed_when`` may have cleared ``failed``, so a success is recognized by its message.
    return str(logout.get("msg", "")).startswith("The session ")
