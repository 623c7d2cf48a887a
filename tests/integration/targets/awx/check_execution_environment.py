# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Build the execution environment of the guide as far as possible without containers.

Ansible Builder makes the context. Then two steps of its container file are done outside of a container: the collection
is installed, and what it needs is looked up.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import yaml
from packaging.requirements import Requirement

from ansible_collections.verizon.fota.tests.integration.targets.awx import guide

ROOT = Path(sys.argv[1])
# The steps of the container file, without those that are specific to containers.
INSTALL = ("ansible-galaxy collection install", "-r requirements.yml")
LOOK_UP = ("/output/scripts/introspect.py introspect", "--write-bindep=", "--write-pip=")


def main() -> None:
    text = guide.block(ROOT, "images:")
    check_versions(yaml.safe_load(text))
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "execution-environment.yml").write_text(text, encoding="utf-8")
        run("ansible-galaxy", "collection", "build", str(ROOT), "--output-path", folder)
        (tarball,) = place.glob("verizon-fota-*.tar.gz")
        tarball.rename(place / "verizon-fota.tar.gz")
        run("ansible-builder", "create", "--output-filename", "Containerfile", cwd=place)
        steps = (place / "context" / "Containerfile").read_text(encoding="utf-8").splitlines()
        for step in (INSTALL, LOOK_UP):
            if not any(all(part in line for part in step) for line in steps):
                raise AssertionError(f"the container file has no step {step}: {steps}")
        build = place / "context" / "_build"
        install(build, place / "collections")
        python, system = look_up(build, place / "collections")
    if (python, system) != (["requests >= 2.22  # from collection verizon.fota"], []):
        raise AssertionError(f"the collection needs {python} and {system}")
    print("The execution environment of the guide has the collection and what it needs")


def check_versions(definition: dict[str, Any]) -> None:
    """Check that the environment gets an ansible-core that the collection supports."""
    supported = Requirement(
        "ansible-core" + yaml.safe_load((ROOT / "meta/runtime.yml").read_text())["requires_ansible"]
    )
    chosen = Requirement(definition["dependencies"]["ansible_core"]["package_pip"])
    versions = [f"2.{minor}.{patch}" for minor in range(14, 40) for patch in (0, 99)]
    allowed = [version for version in versions if version in chosen.specifier]
    if not allowed or not all(version in supported.specifier for version in allowed):
        raise AssertionError(f"{chosen} allows {allowed}, the collection wants {supported}")


def install(build: Path, collections: Path) -> None:
    # The container contains nothing that is installed elsewhere on this machine.
    only_here = {
        "ANSIBLE_HOME": str(collections),
        "ANSIBLE_COLLECTIONS_PATH": str(collections),
        "ANSIBLE_COLLECTIONS_SCAN_SYS_PATH": "false",
    }
    command = (*INSTALL[0].split(), *INSTALL[1].split(), "--collections-path", str(collections))
    run(*command, cwd=build, env={**os.environ, **only_here})


def look_up(build: Path, collections: Path) -> tuple[list[str], list[str]]:
    """Return the libraries and the system packages that the collections require in the environment."""
    files = (build / "python.txt", build / "bindep.txt")
    run(
        *(sys.executable, str(build / "scripts" / "introspect.py"), "introspect", str(collections)),
        *(f"--write-pip={files[0]}", f"--write-bindep={files[1]}"),
    )
    # A file without lines is not written.
    python, system = (file.read_text(encoding="utf-8").splitlines() if file.exists() else [] for file in files)
    return python, system


def run(*command: str, cwd: Path | None = None, env: dict[str, str] | None = None) -> None:
    subprocess.run(command, cwd=cwd, env=env, stdin=subprocess.DEVNULL, check=True)


if __name__ == "__main__":
    main()
