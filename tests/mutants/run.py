# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Change the code in one place at a time, and check whether a test notices: see README.md.

Run in a copy of the collection, since it changes it. Names on the command line choose files: licenses, http.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
# Python would use the byte-code of one change for the next
ENVIRONMENT = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}


def explained() -> dict[str, int]:
    """Return how many changes may go unnoticed with each configuration, from the first table of the README."""
    rows = re.findall(
        r"^\| `(\w+)\.toml` \|.*\| (\d+) \|$", (HERE / "README.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    if not rows:
        sys.exit("tests/mutants/README.md does not say how many changes may go unnoticed")
    return {name: int(count) for name, count in rows}


def main(names: list[str]) -> int:
    """Change the files of these configurations. Returns 1 if more went unnoticed than is explained."""
    allowed = explained()
    unnoticed = 0
    with tempfile.TemporaryDirectory() as folder:
        for name in names or allowed:
            report = survivors(name, Path(folder) / "results.sqlite")
            found = report.count("TestOutcome.SURVIVED")
            print(f"{report}\n{name}: {found} changes were not noticed, {allowed[name]} are explained", flush=True)
            unnoticed += max(0, found - allowed[name])
    if unnoticed:
        print("No test noticed some of these: add tests, or explain them in tests/mutants/README.md", file=sys.stderr)
    return 1 if unnoticed else 0


def survivors(name: str, database: Path) -> str:
    """Return the changes that no test noticed."""
    config, results = str(HERE / f"{name}.toml"), str(database)
    cosmic_ray("cosmic-ray", "baseline", config)
    cosmic_ray("cosmic-ray", "init", "--force", config, results)
    cosmic_ray("cr-filter-operators", results, config)
    cosmic_ray("cosmic-ray", "exec", config, results)
    return cosmic_ray("cr-report", "--surviving-only", "--show-diff", results)


def cosmic_ray(*command: str) -> str:
    done = subprocess.run(command, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
