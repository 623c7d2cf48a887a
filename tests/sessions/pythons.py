# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which Pythons this machine has, and which of them tools find."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
from pathlib import Path

import nox


def show_real_pythons() -> None:
    """Let tools find the Pythons of pyenv: its shims exist for all versions and fail for most."""
    path = os.environ["PATH"].split(os.pathsep)
    shims = [p for p in path if Path(p).name == "shims" and Path(p).parent.joinpath("versions").is_dir()]
    roots = {Path(p).parent for p in shims} | {Path(os.environ.get("PYENV_ROOT") or "~/.pyenv").expanduser()}
    path = [p for p in path if p not in shims]
    path += [str(p) for root in sorted(roots) for p in sorted(root.glob("versions/*/bin"))]
    os.environ["PATH"] = os.pathsep.join(path)


def present(pythons: list[str]) -> list[str]:
    """Give those of these Pythons that this machine has."""
    return list(filter(makes_environments, pythons))


@functools.cache
def makes_environments(python: str) -> bool:
    """Return whether this Python is there and has what environments are made with: distributions may leave it out."""
    path = shutil.which(f"python{python}")
    command = [str(path), "-c", "import ensurepip, ssl, venv"]
    return bool(path) and subprocess.run(command, capture_output=True, check=False).returncode == 0


def hide_pythons(session: nox.Session, versions: set[str]) -> None:
    """Keep the tools of a session from finding these Pythons of pyenv."""
    path = [Path(place) for place in (session.env.get("PATH") or os.environ["PATH"]).split(os.pathsep)]
    hidden = [
        place
        for place in path
        if place.parent.parent.name == "versions" and any((place / f"python{version}").exists() for version in versions)
    ]
    session.env["PATH"] = os.pathsep.join(str(place) for place in path if place not in hidden)
