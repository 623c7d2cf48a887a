# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What license_remove and license_assign share: from validated options, through the run, to the result of the task.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import os
import typing as t
from contextlib import ExitStack, contextmanager

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.verizon.fota.plugins.module_utils import (
    _argument_spec,
    _connect,
    _result,
    _secrets,
    _validation,
)
from ansible_collections.verizon.fota.plugins.module_utils._licenses import run
from ansible_collections.verizon.fota.plugins.module_utils._licenses.device_outcome import Device
from ansible_collections.verizon.fota.plugins.module_utils._licenses.guards import Guards
from ansible_collections.verizon.fota.plugins.module_utils._licenses.outcomes import Target
from ansible_collections.verizon.fota.plugins.module_utils._licenses.run_request import Rules, RunRequest, Wait
from ansible_collections.verizon.fota.plugins.module_utils._licenses.run_state import RunState
from ansible_collections.verizon.fota.plugins.module_utils._support.concurrency import bug_report
from ansible_collections.verizon.fota.plugins.module_utils._support.garbage_collection import less_garbage_collection
from ansible_collections.verizon.fota.plugins.module_utils._support.interruption import Interruption, on_signals
from ansible_collections.verizon.fota.plugins.module_utils._support.progress import VARIABLE, reporter
from ansible_collections.verizon.fota.plugins.module_utils._support.run_id import given_or_new
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.client import ThingSpace


class CannotBegin(Exception):
    """The run cannot begin, for the reason in the text. Nothing was sent."""


class Devices(t.Protocol):
    """The devices of a task: distinct IMEIs, names by IMEI, and what to report of the file that they were read from."""

    @property
    def imeis(self) -> list[str]:
        """Return the distinct IMEIs, in order."""

    @property
    def names(self) -> t.Mapping[str, str]:
        """Return the names of devices, by IMEI."""

    @property
    def message(self) -> str:
        """Return what the message of a run says of the file."""


def argument_spec() -> dict[str, t.Any]:
    """Return the options that both modules have."""
    return {
        **_argument_spec.account(),
        **_argument_spec.devices(),
        "wait": {"type": "bool", "default": False},
        "wait_timeout": {"type": "int", "default": 300},
        "return_devices": {"type": "str", "choices": ["all", "problems", "none"], "default": "all"},
        "read_account": {"type": "bool", "default": False},
        "journal": {"type": "path"},
        **_argument_spec.connection(),
    }


@contextmanager
def result(
    module: AnsibleModule,
    target: Target,
    guards: Guards,
    read_other: t.Callable[[t.Mapping[str, t.Any]], tuple[Devices | None, list[str]]] | None = None,
) -> t.Iterator[dict[str, t.Any]]:
    """Run, or forecast, what the options request. Return the result of the task, whatever happened.

    The block has to print it: until its end, a signal cannot lose what was done. ``read_other`` returns the devices that neither
    ``imeis`` nor ``imeis_file`` gives, and all errors in them.
    """
    module.params.update(_validation.without_line_breaks(module.params))
    params = module.params
    run_id = given_or_new(os.environ)
    devices: Devices | None
    devices, errors = _validation.validate(params, needs_imeis=read_other is None)
    from_file = params["imeis_file"] is not None
    if read_other is not None and not errors:
        devices, errors = read_other(params)
        from_file = True
    missing = _validation.missing_library()
    if devices is None or errors or missing:
        empty = _result.empty(target, params["account"], run_id, missing or "\n".join(errors))
        yield _secrets.redact_result(module, {**empty, "check_mode": module.check_mode})
        return
    obtained: set[str] = set()
    with on_signals() as interruption:
        try:
            found, obtained = _run(module, target, guards, devices, run_id, interruption)
        except CannotBegin as error:
            found = _result.empty(target, params["account"], run_id, f"{error}; nothing was sent")
        except Exception as error:
            # A play that shows the message later would not show a traceback.
            found = _result.empty(target, params["account"], run_id, bug_report(error))
        if from_file:
            found["msg"] = f"{found['msg'].rstrip('.')}. {devices.message}"
        yield _secrets.redact_result(module, {**found, "check_mode": module.check_mode}, obtained)


def _run(
    module: AnsibleModule, target: Target, guards: Guards, devices: Devices, run_id: str, interruption: Interruption
) -> tuple[dict[str, t.Any], set[str]]:
    """Return the result of the run, and the secrets that were obtained. Raises ``CannotBegin`` before anything is sent."""
    params = module.params
    account = params["account"]
    with less_garbage_collection(), _connect.retrying_client(module, interruption) as http:
        tokens = _connect.tokens(module, http)

        def redactor() -> t.Callable[[str], str]:
            return _secrets.redactor(_secrets.secrets(module) | tokens.secrets())

        request = _request(module, target, guards, devices.imeis, interruption)
        common = {"account": account, "check_mode": module.check_mode, "run_id": run_id}
        if target.licensed:
            # Journals of removals do not say it.
            common["action"] = target.action
        in_progress = min(len(request.imeis), request.batch_size * request.concurrency)
        with _opened_journal(params["journal"], common, redactor, devices.names, in_progress) as write:
            keep = _result.devices_to_keep(params["return_devices"], every_failure=request.wait is not None)
            state = RunState(target, keep, write, follow=module._diff or request.wait is not None)
            thingspace = _connect.thingspace(module, http, tokens, interruption)
            before = _account_before(module, target, thingspace, interruption) if params["read_account"] else {}
            progress = reporter(os.environ.get(VARIABLE), state.counts, target.action, target.changed)
            stop = run.execute(thingspace, request, state, progress)
    found = _result.result(account, run_id, request, state, stop, params["return_devices"], module._diff, devices.names)
    return {**found, **before}, tokens.secrets()


@contextmanager
def _opened_journal(
    path: str | None,
    common: t.Mapping[str, t.Any],
    redactor: t.Callable[[], t.Callable[[str], str]],
    names: t.Mapping[str, str],
    in_progress: int,
) -> t.Iterator[t.Callable[[t.Collection[Device]], str | None] | None]:
    """Return what writes devices to the journal, ``None`` if there is none. Raises ``CannotBegin``. See ``_journal.journal``."""
    if path is None:
        yield None
        return
    # Imported only here, as in ``run.execute``.
    from ansible_collections.verizon.fota.plugins.module_utils._journal import JournalBroken, journal

    with ExitStack() as opened:
        try:
            write = opened.enter_context(journal(path, common, redactor, names, in_progress))
        except JournalBroken as error:
            raise CannotBegin(error) from None
        yield write


def _account_before(
    module: AnsibleModule, target: Target, thingspace: ThingSpace, interruption: Interruption
) -> dict[str, t.Any]:
    """Return the licenses of the account before the run, as far as they can be read, and warn if there are none to remove."""
    # Imported only here, as in ``run.execute``.
    from ansible_collections.verizon.fota.plugins.module_utils._licenses import query

    license_query = query.LicenseQuery(None, rows=False, subscription=True, interrupted=interruption.reason)
    found = query.query(thingspace, license_query)
    if found.subscription and found.subscription.event_based:
        module.warn(query.billed_by_event(target.action))
    totals = query.result(module.params["account"], license_query, found)["account"]
    return {"account_before": totals}


def _request(
    module: AnsibleModule, target: Target, guards: Guards, imeis: list[str], interruption: Interruption
) -> RunRequest:
    """Return the run that the options request."""
    params = module.params
    retry_policy = _connect.retry_policy(module, interruption)
    return RunRequest(
        imeis,
        target,
        module.check_mode,
        params["batch_size"],
        params["concurrency"],
        guards,
        params.get("check_upgrades", False),
        Wait(params["wait_timeout"], retry_policy.sleep) if params["wait"] else None,
        Rules(
            params["retries"],
            params.get("unknown_devices", "fail") == "fail",
            retry_policy.sleep_before_retry,
            interruption.reason,
        ),
    )
