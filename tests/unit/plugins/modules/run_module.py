# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How to run a module as Ansible does, in this process: arguments in, its printed JSON out."""

from __future__ import annotations

import contextlib
import gc
import io
import json
import sys
import types
import typing as t
import unittest.mock

import pytest
from ansible.module_utils.ansible_release import __version__ as ansible_version

try:
    from ansible.module_utils.testing import patch_module_args
except ImportError:  # ansible-core 2.18
    from ansible.module_utils import basic

    @contextlib.contextmanager
    def patch_module_args(args: dict[str, t.Any] | None = None) -> t.Iterator[None]:
        basic._ANSIBLE_ARGS = json.dumps({"ANSIBLE_MODULE_ARGS": args}).encode()
        try:
            yield
        finally:
            basic._ANSIBLE_ARGS = None


# Since then, an option selects whether Ansible shows the arguments of modules
INVOCATION = {"_ansible_inject_invocation": True} if ansible_version >= "2.21" else {}


def as_in_a_process_of_its_own() -> contextlib.AbstractContextManager[t.Any]:
    """Let warnings go to the result, although a test of a plugin may have made this process one of the controller."""
    internal = sys.modules.get("ansible.module_utils._internal")
    if not hasattr(internal, "is_controller"):
        return contextlib.nullcontext()
    return unittest.mock.patch.object(internal, "is_controller", False)


def run(module: types.ModuleType, args: dict[str, t.Any], check: bool = False, diff: bool = False) -> dict[str, t.Any]:
    """Run a module; return its result, with the full text as ``printed``, to search it for secrets.

    Since 2.22, modules print secrets for Ansible to mask; ``new_secrets`` has them, since they are not in what is shown or kept.
    """
    printed = io.StringIO()
    flags = {"_ansible_check_mode": check, "_ansible_diff": diff, **INVOCATION}
    with contextlib.ExitStack() as stack:
        stack.enter_context(patch_module_args({**args, **flags}))
        stack.enter_context(contextlib.redirect_stdout(printed))
        stack.enter_context(contextlib.redirect_stderr(printed))
        stack.enter_context(as_in_a_process_of_its_own())
        # This process goes on, and would keep the garbage of every module.
        stack.enter_context(unittest.mock.patch.object(gc, "freeze"))
        with pytest.raises(SystemExit) as end:
            module.main()
    result = json.loads(printed.getvalue())
    assert bool(end.value.code) == bool(result.get("failed")), "exit code and result disagree"
    new_secrets = result.pop("_ansible_new_secrets", None)
    more = {} if new_secrets is None else {"new_secrets": new_secrets}
    return {**result, **more, "printed": json.dumps(result)}
