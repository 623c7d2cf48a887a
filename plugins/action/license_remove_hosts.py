# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs ``license_remove`` once for all hosts of a play. Only this file depends on Ansible; the decisions are in ``plugin_utils``.

The task does not fail: the role goes on to the report and the logout, and fails in its last task.
"""

from __future__ import annotations

import contextlib
import os
import typing as t

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase

from ansible_collections.verizon.fota.plugins.action.license_remove import ActionModule as LicenseRemoveAction
from ansible_collections.verizon.fota.plugins.action.license_remove import environments
from ansible_collections.verizon.fota.plugins.module_utils import _argument_spec, _validation
from ansible_collections.verizon.fota.plugins.module_utils._input.file_contents import Contents
from ansible_collections.verizon.fota.plugins.module_utils._support import run_id as _run_id
from ansible_collections.verizon.fota.plugins.module_utils._support.atomic_files import make_directory
from ansible_collections.verizon.fota.plugins.plugin_utils import (
    _devices_of_hosts,
    _lost_run,
    _removal_options,
    _role_variables,
    _run_outcome,
)
from ansible_collections.verizon.fota.plugins.plugin_utils._devices_of_hosts import CannotBegin, Devices
from ansible_collections.verizon.fota.plugins.plugin_utils._play_variables import Play, read_play

# The options of this action. All others are those of license_remove, and are passed on as they are.
_OWN = ("validate_only", "validated", "login", "report_dir", "argument_specs", "noted_in", "registered_as", "set_stats")
# Variables that are not in the argument specs: an option of the playbooks, and a result of the role.
_OF_PLAYBOOKS = "decommission_hosts"
_RESULTS = ("decommission_removal",)
# Without a prefix, these may be for anything. If they are missing, nothing is sent, or nothing else is removed.
_COMMON_NAMES = ("account", *_argument_spec.connection())

Values = t.Dict[str, t.Any]


class ActionModule(LicenseRemoveAction):
    BYPASS_HOST_LOOP = True
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: Values | None = None) -> Values:
        result: Values = ActionBase.run(self, tmp, task_vars)
        options = _removal_options.without_empty(self._task.args)
        own = {name: options.pop(name, None) for name in _OWN}
        play = read_play(task_vars or {}, self._play_identity(), own["noted_in"] or "", own["registered_as"] or "")
        if boolean(own["validate_only"] or False):
            return {**result, "changed": False, **self._validate(own, options, play)}
        return {**result, **self._remove(own, options, play)}

    def _validate(self, own: Values, options: Values, play: Play) -> Values:
        """Return ``problem`` (empty if the run can begin) and ``obtain_tokens``."""
        found: Values = {"problem": "", "obtain_tokens": False, "set_stats": False, "account": None}
        prefix = _prefix(own)
        try:
            if prefix:
                self._check_names(own["argument_specs"], play, found)
            devices = play.devices(options, prefix)
            _removal_options.check_paths(self._task.args, prefix)
            with self._environment_of_task():
                to_check = {**options, "set_stats": own["set_stats"]}
                checked = _check_options(_removal_options.with_devices(to_check, devices))
            _make_directory(_removal_options.report_path(own["report_dir"]))
            found.update({**checked, "set_stats": boolean(own["set_stats"] or False)})
        except Exception as error:
            found["problem"] = _named(_described(error), prefix, play)
        return found

    def _check_names(self, path: str, play: Play, found: Values) -> None:
        """Add warnings about unknown variables. Raise ``CannotBegin`` if variables are misspelled options."""
        options = {**_role_variables.read_options(path), _OF_PLAYBOOKS: {}}
        role = _OF_PLAYBOOKS.partition("_")[0]
        names = play.variable_names()
        unknown = _role_variables.find_unknown(names, role, options, _RESULTS)
        absent = [name for name, option in options.items() if _is_absent(name, option, play, names)]
        without_prefix = _role_variables.find_without_prefix(names, role, absent)
        if unknown.others:
            found.setdefault("warnings", []).append(_role_variables.warning(unknown.others, role))
        if without_prefix:
            found.setdefault("warnings", []).append(_role_variables.warning_without_prefix(without_prefix, role))
        if unknown.misspelled:
            raise CannotBegin(_role_variables.rejection(unknown.misspelled))

    def _remove(self, own: Values, options: Values, play: Play) -> Values:
        """Return what is kept of the run, whatever happened."""
        forecast = bool(self._task.check_mode)
        devices = Devices(_devices_of_hosts.form_of(options), {})
        validated = own["validated"] or {}
        account = validated.get("account") or options.get("account")
        requested = validated.get("devices") or 0
        options["journal"] = _removal_options.journal_path(options.get("journal"), own["report_dir"])
        identity = {
            "play": play.identity,
            "forecast": forecast,
            "account": options.get("account"),
            "journal": options["journal"],
        }
        earlier: t.Mapping[str, t.Any] | None = None
        begun = False
        run_id = _run_id.new()
        try:
            _removal_options.check_paths(self._task.args, _prefix(own))
            earlier = play.earlier_run(identity)
            _removal_options.raise_problem(own["validated"], own["login"])
            options.update(_removal_options.tokens(own["login"]))
            devices = play.devices(options)
            requested = len(devices.imeis) or requested
            options = _removal_options.with_devices(options, devices)
            if _devices_of_hosts.needs_forecast(options, devices):
                self._check_limits({**options, "imeis": list(devices.in_play)}, play)
            begun = True
            return_devices = _removal_options.devices_needed(options, devices.form, forecast)
            # The licenses before the run are those before its first batch.
            with self._with_run_id(run_id):
                removal = self._license_remove(
                    {**options, "return_devices": return_devices, "read_account": not earlier}, play
                )
            if "summary" not in removal:
                raise CannotBegin(_removal_options.problem_of_module(removal))
        except (KeyboardInterrupt, SystemExit):
            raise
        # The timeout of a task is not an ``Exception``.
        except BaseException as error:
            problem = _described(error)
            if begun:
                _lost_run.end(run_id, options["journal"])
                removal = _lost_run.result(problem, account, devices, requested, run_id, options["journal"], forecast)
                with contextlib.suppress(Exception):
                    contents = _contents(options) or Contents([])
                    _lost_run.complete(options["journal"], contents.imeis, contents.names, account, run_id, forecast)
            else:
                # Nothing was sent for any of the devices.
                removal = _run_outcome.not_begun(problem, account, requested)
        removal["msg"] = _named(removal["msg"], _prefix(own), play)
        skipped = [device for device in removal["devices"] if device["outcome"] == "skipped"]
        # All of them, perhaps a million, have the same few reasons.
        reasons = {reason: _named(reason, _prefix(own), play) for reason in {device["reason"] for device in skipped}}
        for device in skipped:
            device["reason"] = reasons[device["reason"]]
        run = _run_outcome.run_record(
            removal,
            devices,
            identity,
            earlier,
            before=removal.pop("account_before", None),
            return_devices=_removal_options.devices_returned(options, devices.form, forecast),
            message_prefix="" if begun else _run_outcome.did_not_begin(earlier),
            with_diff=bool(self._task.diff),
        )
        run["problems"] = [_named(line, _prefix(own), play) for line in run["problems"]]
        run["account"] = validated.get("account")
        run["set_stats"] = bool(validated.get("set_stats"))
        run["report_dir"] = _removal_options.report_path(own["report_dir"])
        # Ansible displays both only if they are at the top level of the result.
        shown = {name: removal[name] for name in ("warnings", "diff") if removal.get(name)}
        if run["hosts"]:
            # Each host has its own.
            shown.pop("diff", None)
        return {**run, **shown}

    def _check_limits(self, options: Values, play: Play) -> None:
        """Forecast all hosts of the play. Raise ``CannotBegin`` if a limit does not allow that, or nothing can be read."""
        check_mode, diff = self._task.check_mode, self._task.diff
        self._task.check_mode, self._task.diff = True, False
        try:
            forecast = self._license_remove(_removal_options.forecast_options(options), play)
        finally:
            self._task.check_mode, self._task.diff = check_mode, diff
        problem = _removal_options.problem_of_forecast(forecast)
        if problem:
            raise CannotBegin(problem)

    def _license_remove(self, options: Values, play: Play) -> Values:
        module_args = {option: value for option, value in options.items() if value is not None}
        name = "verizon.fota.license_remove"
        return self.execute_module(dict(play.variables), module_name=name, module_args=module_args)

    @contextlib.contextmanager
    def _with_run_id(self, run_id: str) -> t.Iterator[None]:
        """Let the module run under this ID during the block. If a later Ansible has no such way, it has an ID of its own."""
        with contextlib.ExitStack() as stack:
            with contextlib.suppress(Exception):
                stack.enter_context(self._in_environment({_run_id.VARIABLE: run_id}))
            yield

    def _play_identity(self) -> str:
        """Return an ID of this play. Empty if a later Ansible has none: then each batch is a run of its own."""
        with contextlib.suppress(Exception):
            return str(self._task.get_play()._uuid)
        return ""

    @contextlib.contextmanager
    def _environment_of_task(self) -> t.Iterator[None]:
        """Set the environment variables that modules see, including those of the keyword ``environment``, during the block."""
        before = dict(os.environ)
        # If a later Ansible keeps it elsewhere, what modules find there is not validated before they run.
        with contextlib.suppress(Exception):
            for added in environments(self._task.environment):
                os.environ.update({name: str(value) for name, value in added.items()})
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)


def _prefix(own: Values) -> str:
    """Return the prefix of the options of the role; empty if no role is involved."""
    return f"{_OF_PLAYBOOKS.partition('_')[0]}_" if own["argument_specs"] else ""


def _named(text: str, prefix: str, play: Play) -> str:
    """Return a message with the options named as those of the role."""
    if not prefix:
        return text
    connection = _argument_spec.connection()
    names = play.variables
    other = [name for name in connection if f"tokens_{name}" in names and not names.get(f"{prefix}{name}")]
    return _removal_options.with_prefix(text, _spec(), prefix, other)


def _described(error: BaseException) -> str:
    if isinstance(error, CannotBegin):
        return str(error)
    # Which of several classes it is differs with the version of Ansible.
    if "Timeout" in type(error).__name__:
        return "The timeout of the task was over."
    return f"{type(error).__name__}: {error}"


def _contents(options: t.Mapping[str, t.Any]) -> Contents | None:
    """Return the devices of options that are valid."""
    spec = _argument_spec.devices()
    given = {name: options[name] for name in spec if options.get(name) is not None}
    return _validation.devices(ArgumentSpecValidator(spec).validate(given).validated_parameters)


def _is_absent(name: str, option: Values, play: Play, names: t.Collection[str]) -> bool:
    """Return whether an option has no value but its default, and its name without prefix is unlikely to mean something else."""
    if name.partition("_")[2] in _COMMON_NAMES:
        return False
    return name not in names or ("default" in option and play.variables.get(name) == option["default"])


def _make_directory(path: str) -> None:
    try:
        if path:
            make_directory(path)
    except OSError as error:
        raise CannotBegin(
            f"The directory of the report cannot be created: {path}: {error.strerror}; nothing was sent."
        ) from None


def _spec() -> Values:
    return {
        **{name: {"type": "raw"} for name in (*_removal_options.KINDS, *_removal_options.CHOICES)},
        **_argument_spec.account(),
        **_argument_spec.devices(),
        **_argument_spec.connection(),
        "max_removals": {"type": "int"},
        "max_share": {"type": "float"},
        "wait_timeout": {"type": "int"},
    }


def _check_options(options: t.Mapping[str, t.Any]) -> Values:
    """Read the list or file, and check the options. Return the account, and whether a token is missing. Raise ``CannotBegin``."""
    spec = _spec()
    wrong = _removal_options.type_errors({name: value for name, value in options.items() if value is not None})
    values = {name: options[name] for name in spec if options.get(name) is not None and name not in wrong}
    found = ArgumentSpecValidator(spec).validate(values)
    if found.error_messages:
        raise CannotBegin(f"{'; '.join([*wrong.values(), *found.error_messages])}; nothing was sent.")
    missing = _validation.missing_library()
    params = _validation.without_line_breaks(found.validated_parameters)
    devices, invalid = (None, [missing]) if missing else _validation.validate(params)
    errors = [*wrong.values(), *invalid]
    if errors:
        raise CannotBegin("\n".join(errors))
    missing_token = not all((params[name] or "").strip() for name in ("access_token", "session_token"))
    requested = len(devices.imeis) if devices else 0
    return {"account": params["account"], "obtain_tokens": missing_token, "devices": requested}
