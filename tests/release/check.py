# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check version, changelog, tag and tree: always (``fragments``), and before a release (``release``)."""

from __future__ import annotations

import re
import subprocess
import sys
import typing as t
from dataclasses import dataclass
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
# What users run: changes here need a changelog fragment
TOLD = ("plugins", "roles", "playbooks", "meta/runtime.yml")


@dataclass(frozen=True)
class State:
    """The state of the checkout: version, changelog, tags."""

    version: str
    released: tuple[str, ...]  # the versions in changelogs/changelog.yaml
    fragments: tuple[str, ...]
    changelog: str  # CHANGELOG.rst
    changed: tuple[str, ...]  # files under TOLD, since the last release was written down
    added: tuple[tuple[str, str], ...]  # files, each with a version in which it says that something was added
    unclean: tuple[str, ...]  # files that git does not have as they are
    head: str
    tagged: str | None  # the commit that has the version as its tag


def git(*arguments: str, root: Path = ROOT) -> str | None:
    """Run git; return its output, or None if it fails."""
    command = ["git", *arguments]
    done = subprocess.run(command, cwd=root, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    return done.stdout.rstrip() if done.returncode == 0 else None


def read(root: Path = ROOT) -> State:
    """Read the state of a checkout."""
    version = yaml.safe_load((root / "galaxy.yml").read_text(encoding="utf-8"))["version"]
    changelog = yaml.safe_load((root / "changelogs/changelog.yaml").read_text(encoding="utf-8"))
    # Only a release changes it. Before the first one, all is new.
    written_down = git("log", "-1", "--format=%H", "--", "changelogs/changelog.yaml", root=root)
    nothing = git("hash-object", "-t", "tree", "--stdin", root=root)
    since = (written_down if changelog["releases"] else nothing) or ""
    changed = git("diff", "--name-only", since, "--", *TOLD, root=root) or ""
    new = git("ls-files", "--others", "--exclude-standard", "--", *TOLD, root=root) or ""
    return State(
        version=str(version),
        released=tuple(changelog["releases"]),
        fragments=tuple(sorted(file.name for file in (root / "changelogs/fragments").glob("*.yml"))),
        changelog=(root / "CHANGELOG.rst").read_text(encoding="utf-8"),
        changed=tuple(f"{changed}\n{new}".split()),
        added=tuple(
            (str(file.relative_to(root)), version)
            for pattern in ("plugins/*/*.py", "roles/*/meta/argument_specs.yml")
            for file in sorted(root.glob(pattern))
            # A field with a type, in Python, is not documentation.
            for version in re.findall(
                r"^ *version_added: *(?!str\b)(\S+)", file.read_text(encoding="utf-8"), flags=re.MULTILINE
            )
        ),
        unclean=tuple((git("status", "--porcelain", root=root) or "").splitlines()),
        head=git("rev-parse", "HEAD", root=root) or "",
        tagged=git("rev-parse", "--verify", f"refs/tags/{version}^{{commit}}", root=root),
    )


def untold(state: State) -> list[str]:
    """Return the problems of the fragments: missing ones, and mentions of versions that do not exist."""
    known = {*state.released, state.version}
    faults = [
        f"{file}: version_added is {version}, which is neither released nor the version of galaxy.yml ({state.version})."
        for file, version in state.added
        if version.strip("\"'") not in known
    ]
    if not state.changed or state.fragments:
        return faults
    since = f"since {state.released[-1]} was written down" if state.released else "and nothing is released yet"
    return [
        *faults,
        f"{len(state.changed)} files that users run have changed {since} ({state.changed[0]}, …), and no file in"
        " changelogs/fragments says what that means to them. Write one; what they will not notice goes under `trivial`.",
    ]


def unready(state: State) -> list[str]:
    """Return what prevents a release."""
    faults = []
    version = state.version
    if not re.fullmatch(r"\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?", version):
        faults.append(f"galaxy.yml: {version!r} is no semantic version.")
    elif any(ordered(other) > ordered(version) for other in state.released):
        faults.append(f"galaxy.yml: {version} is older than what is released already ({', '.join(state.released)}).")
    if state.unclean:
        faults.append(f"The tree is not clean, commit first: {', '.join(line[3:] for line in state.unclean[:5])}.")
    if state.tagged not in (None, state.head):
        faults.append(f"The tag {version} stands at another commit. Raise `version` in galaxy.yml.")
    if version in state.released:
        if state.fragments:
            faults.append(
                f"{version} is in changelogs/changelog.yaml, and yet there are fragments"
                f" ({', '.join(state.fragments)}). Raise `version` in galaxy.yml."
            )
        if f"v{version}\n" not in state.changelog:
            faults.append(f"CHANGELOG.rst lacks {version}: nox -e changelog -- generate")
    elif not state.fragments:
        faults.append(f"Nothing says what {version} brings: changelogs/fragments is empty.")
    return faults


def ordered(version: str) -> tuple[t.Any, ...]:
    """Return the sort key of a version; a pre-release is smaller than its release."""
    number, *pre = version.split("-", 1)
    return (*map(int, number.split(".")), not pre, *pre)


def next_steps(state: State) -> str:
    """Return the remaining manual steps."""
    version, tarball = state.version, f"verizon-fota-{state.version}.tar.gz"
    if version not in state.released:
        return (
            f"This was a rehearsal: CHANGELOG.rst has no {version} yet. To release it:\n"
            "  nox -e changelog -- release\n"
            f"  git add --all changelogs CHANGELOG.rst && git commit --message 'Release {version}'\n"
            "  nox -e release"
        )
    tag = (
        ""
        if state.tagged
        else f"  git push origin HEAD   and wait until all checks of this commit are green\n"
        f"  git tag --annotate {version} --message {version} && git push origin {version}\n"
    )
    return f"Ready. What is left:\n{tag}  ansible-galaxy collection publish {tarball}"


def main(what: str) -> int:
    """Check; print what is wrong, or what is next."""
    state = read()
    faults = untold(state) if what == "fragments" else unready(state)
    if faults:
        print("\n".join(faults), file=sys.stderr)
        return 1
    print("Every change has its fragment." if what == "fragments" else next_steps(state))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
