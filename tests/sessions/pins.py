# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which release of each tool sessions install: tests/constraints.txt pins all but ansible-core, whose versions are tested side by side."""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Callable, Iterable
from importlib import metadata
from pathlib import Path

import nox

CONSTRAINTS = Path("tests/constraints.txt").resolve()
# What the pins are computed from; requirements of Verizon's SDK are those of tests/benchmark, too
REQUIREMENTS = (
    "tests/tools.txt",
    "tests/browser/requirements.txt",
    "tests/integration/controller.requirements.txt",
    "tests/sdk/requirements.txt",
    "tests/unit/requirements.txt",
)
# Each ansible-core has its own bounds of resolvelib. chardet belongs to the requests of the session oldest-requests.
NOT_PINNED = {"ansible-core", "chardet", "pip", "resolvelib"}
# ansible-test brings releases of its own
PINNED_BY_ANSIBLE_TEST = {"coverage", "cryptography"}
# The pins are computed for the Pythons that run sessions
OLDEST_PYTHON = "3.11"
VARIABLES = ("PIP_CONSTRAINT", "UV_CONSTRAINT")


def pinned() -> dict[str, str]:
    """Return what is pinned: names, and the rest of their lines. Of a package with a pin for each of several Pythons, the last."""
    lines = CONSTRAINTS.read_text(encoding="utf-8").splitlines()
    return {name(line): line for line in lines if line and not line.startswith("#")}


def name(requirement: str) -> str:
    """Return the normalized name of a package."""
    return re.sub(r"[-_.]+", "-", re.split(r"[ =<>;\[]", requirement, maxsplit=1)[0]).lower()


def constrain_installs() -> None:
    """Let pip and uv install what is pinned, in all sessions, and let each session fail that has installed something else."""
    os.environ.update(dict.fromkeys(VARIABLES, str(CONSTRAINTS)))
    for session in nox.registry.get().values():
        session.func = _checking(session.func)


def without_constraints() -> dict[str, str | None]:
    """Return the environment for an install that the pins do not concern."""
    return dict.fromkeys(VARIABLES)


def _checking(body: Callable[..., object]) -> Callable[..., object]:
    @functools.wraps(body)
    def run(session: nox.Session, *args: object, **kwargs: object) -> None:
        body(session, *args, **kwargs)
        if isinstance(session.virtualenv, nox.virtualenv.VirtualEnv):
            unpinned = sorted(installed(Path(session.virtualenv.location)) - pinned().keys() - NOT_PINNED)
            if unpinned:
                session.error(f"Name in tests/tools.txt, and pin by nox -e pins -- update: {', '.join(unpinned)}")

    return run


def installed(environment: Path) -> set[str]:
    folders = map(str, environment.glob("lib/python*/site-packages"))
    return {name(found.metadata["Name"]) for found in metadata.distributions(path=list(folders))}


def constrain_ansible_test(collection: Path) -> None:
    """Let ansible-test install what is pinned into the environments that it makes for the Pythons that run sessions."""
    lines = "\n".join(_for_newer_pythons(CONSTRAINTS.read_text(encoding="utf-8").splitlines()))
    for kind in ("unit", "integration"):
        (collection / "tests" / kind / "constraints.txt").write_text(f"{lines}\n", encoding="utf-8")


def _for_newer_pythons(lines: Iterable[str]) -> Iterable[str]:
    for line in lines:
        requirement, _semicolon, marker = (part.strip() for part in line.partition(";"))
        if requirement and not line.startswith("#") and name(requirement) not in PINNED_BY_ANSIBLE_TEST:
            also = f" and ({marker})" if marker else ""
            yield f"{requirement} ; python_full_version >= '{OLDEST_PYTHON}'{also}"


def check(session: nox.Session) -> None:
    """Compute the pins anew from the requirements, keeping those that fit. Fail if the file is another one."""
    before = CONSTRAINTS.read_text(encoding="utf-8")
    # Beside it: other sessions install by the file itself
    copy = Path(session.create_tmp()).resolve() / CONSTRAINTS.name
    copy.write_text(before, encoding="utf-8")
    _compute(session, copy)
    after = copy.read_text(encoding="utf-8")
    if before != after:
        changed = sorted(set(before.splitlines()) ^ set(after.splitlines()))
        session.error(f"tests/constraints.txt is not what the requirements need: {', '.join(changed)}")


def update(session: nox.Session) -> None:
    """Raise the pins to the newest releases that fit one another, those in the first lines of noxfile.py as well."""
    _compute(session, CONSTRAINTS, "--upgrade")
    noxfile = Path("noxfile.py")
    text = noxfile.read_text(encoding="utf-8")
    (line,) = re.findall("^# dependencies = .*$", text, flags=re.MULTILINE)
    names = Path(session.create_tmp(), "names.txt")
    names.write_text("\n".join(re.findall('"([^"=]+)==', line)), encoding="utf-8")
    command = (
        "uv",
        "pip",
        "compile",
        "--quiet",
        "--python-version",
        OLDEST_PYTHON,
        "--no-annotate",
        "--no-header",
        str(names),
    )
    newest = session.run(*command, env=without_constraints(), silent=True) or ""
    raised = re.sub('"([^"=]+)==[^"]*"', lambda pin: _line_of(newest, pin[1]), line)
    noxfile.write_text(text.replace(line, raised), encoding="utf-8")


def _line_of(compiled: str, package: str) -> str:
    return next(f'"{line}"' for line in compiled.splitlines() if name(line) == package)


def _compute(session: nox.Session, constraints: Path, *options: str) -> None:
    """Replace these pins, but for the lines at the beginning."""
    before = constraints.read_text(encoding="utf-8")
    session.run(
        *("uv", "pip", "compile", "--quiet", "--universal", "--python-version", OLDEST_PYTHON),
        *("--no-annotate", "--no-header"),
        *("--no-emit-package", "ansible-core", "--no-emit-package", "resolvelib"),
        *(*options, "--output-file", str(constraints), *REQUIREMENTS),
        env=without_constraints(),
        silent=True,
    )
    head = "".join(line for line in before.splitlines(keepends=True) if line.startswith("#"))
    constraints.write_text(f"{head}\n{constraints.read_text(encoding='utf-8')}", encoding="utf-8")
