# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the tests of the role and the playbooks against the simulator. Names on the command line select tests."""

from __future__ import annotations

import concurrent.futures
import os
import sys
import tempfile
import traceback
from pathlib import Path
from typing import Callable

from ansible_collections.verizon.fota.tests.integration.targets.role_decommission import (
    forms_of_input,
    hosts_and_limits,
    mistakes,
    sessions,
    sessions_of_tokens,
    slices,
    undo,
)

MODULES = (forms_of_input, mistakes, hosts_and_limits, sessions, sessions_of_tokens, slices, undo)


def main() -> int:
    tests = {
        f"{module.__name__.rpartition('.')[2]}.{name}": test
        for module in MODULES
        for name, test in vars(module).items()
        if name.startswith("test_")
    }
    selected = {
        name: test for name, test in tests.items() if not sys.argv[1:] or any(part in name for part in sys.argv[1:])
    }
    with concurrent.futures.ThreadPoolExecutor(max(2, os.cpu_count() or 2)) as pool:
        problems = dict(zip(selected, pool.map(problem_of, selected.values())))
    for name, problem in problems.items():
        print(f"{'FAILED' if problem else 'ok'} {name}\n{problem}".rstrip())
    print(f"{len(selected)} tests ran, {sum(map(bool, problems.values()))} failed")
    return 1 if any(problems.values()) or not selected else 0


def problem_of(test: Callable[[Path], None]) -> str:
    with tempfile.TemporaryDirectory() as folder:
        try:
            test(Path(folder))
        except Exception:
            return traceback.format_exc()
    return ""


if __name__ == "__main__":
    sys.exit(main())
