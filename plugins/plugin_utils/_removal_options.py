# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options with which license_remove is called for a play, and the problems that prevent the call.

Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import os
import re
import typing as t

from ansible.module_utils.common.validation import check_type_float, check_type_int
from ansible.module_utils.parsing.convert_bool import boolean

from ansible_collections.verizon.fota.plugins.module_utils._connection_options import CONNECTION_OPTIONS
from ansible_collections.verizon.fota.plugins.module_utils._support.text import is_blank
from ansible_collections.verizon.fota.plugins.plugin_utils._devices_of_hosts import (
    FILE,
    HOSTS,
    LIST,
    CannotBegin,
    Devices,
)

Values = t.Mapping[str, t.Any]

NO_DIRECTORY = "The directory of the report cannot be created: "
NOT_FROM_THE_BEGINNING = (
    "The role did not run from its first task, as with --start-at-task; nothing was sent. Start at an earlier task, or leave the"
    " role out."
)


# The types of options that the role accepts unchecked, because Ansible's own messages about them would show all other options.
KINDS: dict[str, str] = {
    **{option.name: option.type for option in CONNECTION_OPTIONS if option.type in ("int", "float", "bool")},
    **dict.fromkeys(("max_removals", "wait_timeout", "concurrency", "batch_size"), "int"),
    "max_share": "float",
    **dict.fromkeys(("check_upgrades", "wait", "set_stats"), "bool"),
}
CHOICES: dict[str, tuple[str, ...]] = {
    "unknown_devices": ("fail", "ignore"),
    "return_devices": ("all", "problems", "none"),
}
_EXPECTED = {"int": "a whole number, such as 100", "float": "a number, such as 0.5", "bool": "true or false"}
_PATHS = ("journal", "report_dir", *(option.name for option in CONNECTION_OPTIONS if option.type == "path"))
_MAX_SHOWN = 40
# The beginning of a message with the reason why a run ended early, and its part about limits.
_ENDED_EARLY = re.compile(r"The run ended early: (.*?)\. Of [\d,]+ device", re.DOTALL)
_LOGIN = re.compile(r"\b(username)( and |, )(password)\b")
_LIMIT = re.compile(r", more than (max_\w+) allows( \([^()]*\))$")


def without_empty(options: Values) -> dict[str, t.Any]:
    """Return the options that have a value. AWX sends empty text for fields that were left empty.

    An empty list or path stays, and is an error: it does not mean the whole inventory.
    """
    return {name: value for name, value in options.items() if name in (LIST, FILE) or not is_blank(value)}


def type_errors(options: Values) -> dict[str, str]:
    """Return an error for each option that is not a number, a boolean or one of its choices, by name."""
    found: dict[str, str] = {}
    for name, value in options.items():
        expected = ""
        if name in CHOICES and value not in CHOICES[name]:
            expected = f"one of {', '.join(CHOICES[name])}"
        elif name in KINDS and not is_blank(value) and not _is_of_kind(value, KINDS[name]):
            expected = _EXPECTED[KINDS[name]]
        if expected:
            shown = f"'{value}'" if isinstance(value, str) else str(value)
            found[name] = f"{name} is {shown[:_MAX_SHOWN]}; it must be {expected}"
    return found


def _is_of_kind(value: object, kind: str) -> bool:
    try:
        if kind == "bool":
            boolean(value)
        elif isinstance(value, bool):
            return False
        elif kind == "int":
            check_type_int(value)
        else:
            check_type_float(value)
    except (TypeError, ValueError):
        return False
    return True


def with_prefix(text: str, options: t.Iterable[str], prefix: str, other: t.Collection[str] = ()) -> str:
    """Return a message of the module with the options named as those of the role.

    ``other``: options whose value comes from the role ``tokens``, and which are named accordingly.
    """
    names = list(options)
    # A name of one word may be an ordinary word. It is an option only at the beginning of a line, and in one pair.
    anywhere = "|".join(name for name in names if "_" in name or name == LIST)
    at_beginning = "|".join(names)
    found = re.compile(
        rf"(?<![\w./'-])(?:{anywhere or '(?!)'})(?![\w/-]|\.\w)|^(?:{at_beginning or '(?!)'})(?= (?:is|contains|must) )",
        re.MULTILINE,
    )

    def named(name: str) -> str:
        return f"{'tokens_' if name in other else prefix}{name}"

    text = _LOGIN.sub(lambda match: f"{named(match[1])}{match[2]}{named(match[3])}", text)
    return found.sub(lambda match: named(match[0]), text)


def check_paths(options: Values, prefix: str = "") -> None:
    """Raise ``CannotBegin`` if a path is not text: without quotes, YAML may read a number or a date."""
    for name in _PATHS:
        if not (options.get(name) is None or isinstance(options[name], str)):
            raise CannotBegin(f"{prefix}{name} is not a path: give it as text, in quotes; nothing was sent.")


def report_path(directory: object) -> str:
    """Return the full path of a directory, relative to where Ansible was started. Empty if there is none, or if it is not text."""
    return _full(directory) if directory and isinstance(directory, str) else ""


def journal_path(journal: object, report_dir: object) -> str | None:
    """Return the full path of the journal: the requested one, or the one next to the report."""
    if journal and isinstance(journal, str):
        return _full(journal)
    # A run that is killed leaves its record where the report would be.
    directory = report_path(report_dir)
    return os.path.join(directory, "journal.jsonl") if directory else None


def _full(path: str) -> str:
    # For modules, relative paths are relative to the playbook, which may be in a collection.
    return os.path.realpath(os.path.expanduser(path))


def with_devices(options: Values, devices: Devices) -> dict[str, t.Any]:
    """Return the options with the devices in them. Raise ``CannotBegin`` if they come from a pipe."""
    if devices.form == HOSTS:
        return {**options, "imeis": devices.imeis}
    if devices.form == FILE:
        # Not where a link points: that of the file descriptor of a pipe is no path.
        path = os.path.abspath(os.path.expanduser(options["imeis_file"]))
        if os.path.exists(path) and not (os.path.isfile(path) or os.path.isdir(path)):
            raise CannotBegin(
                f"{path} is not a regular file; nothing was sent. The role reads the list twice, and a pipe can be read only once:"
                " write the list to a file."
            )
        return {**options, "imeis_file": path}
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
    """Return which devices stay in the result. If hosts are devices, all do."""
    return "all" if form == HOSTS else options.get("return_devices") or ("all" if forecast else "problems")


def devices_needed(options: Values, form: str, forecast: bool) -> str:
    """Return which devices the module has to return: the reasons of those that failed are counted."""
    returned = devices_returned(options, form, forecast)
    return "problems" if returned == "none" else returned


def forecast_options(options: Values) -> dict[str, t.Any]:
    """Return the options of the forecast that checks the limits for all hosts of the play."""
    return {**options, "return_devices": "none", "journal": None, "check_upgrades": False}


def problem_of_forecast(forecast: Values) -> str:
    """Return why no batch may run, empty if one may. Devices that fail are reported by their own batch."""
    summary = forecast.get("summary") or {}
    if not forecast.get("failed") or (summary.get("requested") and not summary["skipped"]):
        return ""
    # Only the reason: the counts are those of a forecast of all hosts of the play.
    found = _ENDED_EARLY.match(str(forecast.get("msg")))
    if found is None:
        return problem_of_module(forecast)
    reason = found[1].partition("; nothing was removed")[0]
    limit = _LIMIT.search(reason)
    if limit is None:
        return f"{reason}; nothing was removed in this batch"
    return (
        f"More licenses than {limit[1]} allows{limit[2]}: {reason[: limit.start()]}; nothing was removed in this batch"
    )


def problem_of_module(result: Values) -> str:
    """Return the error of a failed module: its message and, if it crashed, the last line of its output."""
    msg = str(result.get("msg") or "The module gave no result")
    output = str(result.get("module_stderr") or result.get("module_stdout") or "").strip()
    return f"{msg.rstrip('.')}: {output.splitlines()[-1]}" if output else msg
