# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs license_remove once for all hosts of a play. This file knows Ansible; what it decides is in plugin_utils.

The task does not fail: the role goes on to the report and the logout, and fails in its last task.
"""

from __future__ import annotations

import contextlib
import os
import typing as t

import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase

from ansible_collections.verizon.fota.plugins.action.license_remove import ActionModule as LicenseRemoveAction
from ansible_collections.verizon.fota.plugins.module_utils import _options
from ansible_collections.verizon.fota.plugins.plugin_utils import (
    _play_hosts,
    _removal_options,
    _role_variables,
    _run_outcome,
)
from ansible_collections.verizon.fota.plugins.plugin_utils._play_hosts import CannotBegin, Devices
from ansible_collections.verizon.fota.plugins.plugin_utils._play_variables import Play, read_play

# The options of this action. All others are those of license_remove, and are passed on as they are.
_OWN = ("validate_only", "validated", "login", "report_dir", "argument_specs", "noted_in", "registered_as")
# Variables of the role and the playbooks that are not options of the role.
_NOT_OPTIONS = ("decommission_hosts", "decommission_removal")

Values = t.Dict[str, t.Any]


class ActionModule(LicenseRemoveAction):
    BYPASS_HOST_LOOP = True
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: Values | None = None) -> Values:
        result: Values = ActionBase.run(self, tmp, task_vars)
        options = dict(self._task.args)
        own = {name: options.pop(name, None) for name in _OWN}
        play = read_play(task_vars or {}, self._play_identity(), own["noted_in"] or "", own["registered_as"] or "")
        if boolean(own["validate_only"] or False):
            return {**result, "changed": False, **self._validate(own, options, play)}
        return {**result, **self._remove(own, options, play)}

    def _validate(self, own: Values, options: Values, play: Play) -> Values:
        """Return ``problem`` (empty if the run can begin) and ``obtain_tokens``."""
        found: Values = {"problem": "", "obtain_tokens": False}
        try:
            prefix = self._check_names(own["argument_specs"], play, found) if own["argument_specs"] else ""
            devices = play.devices(options, prefix)
            _check_numbers(play.variables)
            with self._environment_of_task():
                found["obtain_tokens"] = _check_options(_removal_options.with_devices(options, devices))
            _make_directory(_removal_options.report_path(own["report_dir"]))
        except Exception as error:
            found["problem"] = _described(error)
        return found

    def _check_names(self, path: str, play: Play, found: Values) -> str:
        """Return what the options of the role begin with. Raise ``CannotBegin`` if variables are misspelled options."""
        with open(path, encoding="utf-8") as file:
            known = list(yaml.safe_load(file)["argument_specs"]["main"]["options"])
        role = known[0].partition("_")[0]
        unknown = _role_variables.find_unknown(play.variable_names(), role, known, _NOT_OPTIONS)
        if unknown.others:
            found["warnings"] = [_role_variables.warning(unknown.others, role)]
        if unknown.misspelled:
            raise CannotBegin(_role_variables.rejection(unknown.misspelled))
        return f"{role}_"

    def _remove(self, own: Values, options: Values, play: Play) -> Values:
        """Return what is remembered of the run, whatever happened."""
        forecast = bool(self._task.check_mode)
        devices = Devices(_play_hosts.form_of(options), {})
        options["journal"] = _removal_options.journal_path(options.get("journal"), own["report_dir"])
        identity = {
            "play": play.identity,
            "forecast": forecast,
            "account": options.get("account"),
            "journal": options["journal"],
        }
        earlier: t.Mapping[str, t.Any] | None = None
        said_before = None
        try:
            earlier = play.earlier_run(identity)
            _removal_options.raise_problem(own["validated"], own["login"])
            options.update(_removal_options.tokens(own["login"]))
            devices = play.devices(options)
            options = _removal_options.with_devices(options, devices)
            if _play_hosts.needs_forecast(options, devices):
                self._check_limits({**options, "imeis": list(devices.in_play)}, play)
            said_before = _run_outcome.NO_RESULT
            asked = _removal_options.devices_asked(options, devices.form, forecast)
            # The licenses before the run are those before its first batch.
            removal = self._license_remove({**options, "return_devices": asked, "read_account": not earlier}, play)
            if "summary" not in removal:
                raise CannotBegin(_removal_options.problem_of_module(removal))
            said_before = ""
        except (KeyboardInterrupt, SystemExit):
            raise
        # The timeout of a task is not an Exception.
        except BaseException as error:
            removal = _run_outcome.not_begun(_described(error), options.get("account"))
        run = _run_outcome.run_of(
            removal,
            devices,
            identity,
            earlier,
            before=removal.pop("account_before", None),
            return_devices=_removal_options.devices_returned(options, devices.form, forecast),
            said_before=_run_outcome.did_not_begin(earlier) if said_before is None else said_before,
        )
        run["report_dir"] = _removal_options.report_path(own["report_dir"])
        # Ansible shows both, of the task itself.
        shown = {name: removal[name] for name in ("warnings", "diff") if removal.get(name)}
        return {**run, **shown}

    def _check_limits(self, options: Values, play: Play) -> None:
        """Forecast all hosts of the play. Raise ``CannotBegin`` if a limit does not allow that, or nothing can be read."""
        check_mode, diff = self._task.check_mode, self._task.diff
        self._task.check_mode, self._task.diff = True, False
        try:
            forecast = self._license_remove(_removal_options.of_forecast(options), play)
        finally:
            self._task.check_mode, self._task.diff = check_mode, diff
        problem = _removal_options.problem_of_forecast(forecast)
        if problem:
            raise CannotBegin(problem)

    def _license_remove(self, options: Values, play: Play) -> Values:
        given = {option: value for option, value in options.items() if value is not None}
        name = "verizon.fota.license_remove"
        return self._execute_module(module_name=name, module_args=given, task_vars=play.variables)

    def _play_identity(self) -> str:
        with contextlib.suppress(Exception):
            return str(self._task.get_play()._uuid)
        return ""

    @contextlib.contextmanager
    def _environment_of_task(self) -> t.Iterator[None]:
        """Have options looked up as modules do it: in the environment, and in the keyword ``environment``."""
        added: dict[str, str] = {}
        self._compute_environment_string(added)
        before = dict(os.environ)
        os.environ.update({name: str(value) for name, value in added.items()})
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)


def _described(error: BaseException) -> str:
    if isinstance(error, CannotBegin):
        return str(error)
    # Which of several classes it is differs with the version of Ansible.
    if "Timeout" in type(error).__name__:
        return "The timeout of the task was over."
    return f"{type(error).__name__}: {error}"


def _make_directory(path: str) -> None:
    try:
        if path:
            os.makedirs(path, exist_ok=True)
    except OSError as error:
        raise CannotBegin(
            f"The directory of the report cannot be created: {path}: {error.strerror}; nothing was sent."
        ) from None


def _check_numbers(variables: t.Mapping[str, t.Any]) -> None:
    """Raise ``CannotBegin`` if a credential is a number. Older versions of Ansible make text of it on the way to a module."""
    for prefix in ("decommission_", "tokens_"):
        for name in _options.TOKENS_AND_CREDENTIALS:
            value = variables.get(f"{prefix}{name}")
            if isinstance(value, (int, float)) and not isinstance(value, bool):
                raise CannotBegin(_options.number_fault(f"{prefix}{name}"))


def _check_options(options: t.Mapping[str, t.Any]) -> bool:
    """Read the list or file, and check the options. Return whether a token is missing. Raise ``CannotBegin``."""
    spec = {
        **_options.account_spec(),
        **_options.imeis_spec(),
        **_options.connection_spec(),
        "max_removals": {"type": "int"},
        "max_share": {"type": "float"},
        "wait_timeout": {"type": "int"},
    }
    given = {name: options[name] for name in spec if options.get(name) is not None}
    found = ArgumentSpecValidator(spec).validate(given)
    if found.error_messages:
        raise CannotBegin(f"{'; '.join(found.error_messages)}; nothing was sent.")
    missing = _options.missing_library()
    params = _options.stripped(found.validated_parameters)
    faults = [missing] if missing else _options.validate(params)[1]
    if faults:
        raise CannotBegin("\n".join(faults))
    return not all((params[name] or "").strip() for name in ("access_token", "session_token"))
