# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reports the outcome of one host, or of a run. The decisions are in ``plugin_utils``."""

from __future__ import annotations

import typing as t

from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase

from ansible_collections.verizon.fota.plugins.plugin_utils import _run_outcome


class ActionModule(ActionBase):
    TRANSFERS_FILES = False
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        variables, args = task_vars or {}, self._task.args
        # Not as a template: for each of a thousand hosts, Ansible would copy the results of all of them.
        run = variables.get(args["run"])
        if "report" in args:
            found = _run_outcome.run_result(
                run,
                args["report"],
                args.get("log_out") or {},
                session_started=boolean(args.get("session_started") or False),
                validated="problem" in (args.get("validated") or {}),
            )
        else:
            found = _run_outcome.host_result(run, variables["inventory_hostname"])
        # Shown as by ``debug``, and not only with ``-v``.
        shown = {} if found.get("skipped") else {"_ansible_verbose_always": True}
        return {**result, **shown, **found}
