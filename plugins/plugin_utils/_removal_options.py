# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""With which options the module license_remove is called for a play, and what keeps it from being called.

Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import os
import typing as t

from ansible_collections.verizon.fota.plugins.plugin_utils._play_hosts import FILE, HOSTS, CannotBegin, Devices

Values = t.Mapping[str, t.Any]

NOT_FROM_THE_BEGINNING = (
    "The role did not run from its first task, as with --start-at-task; nothing was sent. Start at an earlier task, or leave the"
    " role out."
)


def report_path(directory: str | None) -> str:
    """Return the full path of a directory, from where Ansible was started. Empty if there is none."""
    return _full(directory) if directory else ""


def journal_path(journal: str | None, report_dir: str | None) -> str | None:
    """Return the full path of the journal: the one that is wanted, or the one beside the report."""
    if journal:
        return _full(journal)
    # A run that is killed leaves its record where the report would be.
    return os.path.join(report_path(report_dir), "journal.jsonl") if report_dir else None


def _full(path: str) -> str:
    # Modules take relative paths from where the playbook is, which may be in a collection.
    return os.path.realpath(os.path.expanduser(path))


def with_devices(options: Values, devices: Devices) -> dict[str, t.Any]:
    """Return the options with the devices in them."""
    if devices.form == HOSTS:
        return {**options, "imeis": devices.imeis}
    if devices.form == FILE:
        return {**options, "imeis_file": _full(options["imeis_file"])}
    return dict(options)


def tokens(login: Values | None) -> dict[str, t.Any]:
    """Return the tokens of a login, if there was one."""
    if not login or not login.get("session_token"):
        return {}
    return {name: login[name] for name in ("access_token", "session_token")}


def raise_problem(validated: Values | None, login: Values | None) -> None:
    """Raise ``CannotBegin`` if the options are not valid, were not validated, or the login failed."""
    if validated is not None and "problem" not in validated:
        raise CannotBegin(NOT_FROM_THE_BEGINNING)
    if validated and validated["problem"]:
        raise CannotBegin(validated["problem"])
    if login and not login.get("skipped") and not login.get("session_token"):
        raise CannotBegin(str(login.get("msg") or "The login failed without a message."))


def devices_returned(options: Values, form: str, forecast: bool) -> str:
    """Return which devices stay in the result. Of hosts, all do."""
    return "all" if form == HOSTS else options.get("return_devices") or ("all" if forecast else "problems")


def devices_asked(options: Values, form: str, forecast: bool) -> str:
    """Return which devices the module has to return: the reasons of those that failed are counted."""
    returned = devices_returned(options, form, forecast)
    return "problems" if returned == "none" else returned


def of_forecast(options: Values) -> dict[str, t.Any]:
    """Return the options of the forecast that checks the limits for all hosts of the play."""
    return {**options, "return_devices": "none", "journal": None, "check_upgrades": False}


def problem_of_forecast(forecast: Values) -> str:
    """Return what does not allow any batch. Devices that fail are for their batch to report."""
    summary = forecast.get("summary") or {}
    stopped = forecast.get("failed") and (not summary.get("requested") or summary["skipped"])
    return problem_of_module(forecast) if stopped else ""


def problem_of_module(result: Values) -> str:
    """Return what a module that failed says: its message and, if it crashed, the last line of its output."""
    msg = str(result.get("msg") or "The module gave no result")
    output = str(result.get("module_stderr") or result.get("module_stdout") or "").strip()
    return f"{msg.rstrip('.')}: {output.splitlines()[-1]}" if output else msg
