# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# nox installs what this file needs:
# /// script
# dependencies = ["nox>=2025.02.09", "antsibull-nox>=1.10"]
# ///

"""All checks of the collection. antsibull-nox.toml configures those that look at files only."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import antsibull_nox
import antsibull_nox.sessions
import nox

# ansible-core, the Python to run it with where the session is not a default one, and the pip
# that its ansible-test puts into the environments it makes
CORES = {
    "2.18": ("3.11", "24.2"),
    "2.19": ("3.11", "24.2"),
    "2.20": ("3.12", "25.2"),
    "2.21": ("3.13", "25.2"),
}
# The default sessions run with the Python that runs nox: 2.19 takes 3.11 to 3.13
DEFAULT_CORE = "2.19" if sys.version_info < (3, 14) else "2.21"
TOOLS = Path("~/.ansible/test/cache").expanduser()


def show_real_pythons() -> None:
    """Let tools find the Pythons of pyenv: its shims exist for all versions and fail for most."""
    pyenv = Path("~/.pyenv").expanduser()
    path = [p for p in os.environ["PATH"].split(os.pathsep) if p != str(pyenv / "shims")]
    path += [str(p) for p in sorted(pyenv.glob("versions/*/bin"))]
    os.environ["PATH"] = os.pathsep.join(path)


def provide_get_pip(session: nox.Session, version: str) -> None:
    """Provide ansible-test with pip from the package index, since its own source of pip is a host
    that not every network reaches. A copy that is there already is kept."""
    script = TOOLS / f"get_pip_{version.replace('.', '_')}.py"
    if script.exists():
        return
    pip = TOOLS / f"pip-{version}"
    session.install("--quiet", "--upgrade", "--target", str(pip), f"pip=={version}")
    if not pip.is_dir():  # nox was told to install nothing
        return
    script.write_text(
        "import sys\n"
        f"sys.path.insert(0, {str(pip)!r})\n"
        "from pip._internal.cli.main import main\n"
        "args = [arg for arg in sys.argv[1:] if arg not in ('--no-setuptools', '--no-wheel')]\n"
        "sys.exit(main(['install', '--ignore-installed', *args]))\n"
    )


def ansible_test(session: nox.Session, kind: str, core: str) -> None:
    """Run one kind of ansible-test in a copy of the checkout, in environments of its own."""
    options = ["--venv"]
    if kind != "sanity":  # which looks at the code with every Python there is
        options += ["--python", session.python or f"{sys.version_info[0]}.{sys.version_info[1]}"]
    session.install(f"ansible-core~={core}.0")
    provide_get_pip(session, CORES[core][1])
    tree = antsibull_nox.sessions.prepare_collections(session, install_in_site_packages=False, install_out_of_tree=True)
    if tree:
        with session.chdir(tree.current_path):
            # Targets come first: after --venv they would be taken for its value
            session.run("ansible-test", kind, *session.posargs, *options)


def build(session: nox.Session) -> Path:
    """Build what users install."""
    target = Path(session.create_tmp()).resolve()
    for older in target.glob("*.tar.gz"):
        older.unlink()
    session.run(
        *("ansible-galaxy", "collection", "build", "--force", "--output-path", str(target)),
        silent=True,
    )
    (tarball,) = target.glob("verizon-fota-*.tar.gz")
    return tarball


show_real_pythons()
antsibull_nox.load_antsibull_nox_toml()


@nox.session(name="build-import-check")
def build_import_check(session: nox.Session) -> None:
    """Build the collection and import it as Galaxy would."""
    session.install("ansible-core", "galaxy-importer")
    tarball = build(session)
    with session.chdir(tarball.parent):
        log = session.run("python", "-m", "galaxy_importer.main", tarball.name, silent=True) or ""
    # It succeeds even where one of its own checks crashed
    if any(line.startswith("ERROR") for line in log.splitlines()):
        session.error(log)


def add_ansible_test(kind: str, core: str, title: str) -> None:
    default = core == DEFAULT_CORE
    name = kind if default else f"{kind}-{core}"
    python = None if default else CORES[core][0]

    @nox.session(name=name, python=python, default=default)
    def run(session: nox.Session) -> None:
        ansible_test(session, kind, core)

    run.__doc__ = f"{title}, ansible-core {core}."


for core in sorted(CORES, key=lambda core: core != DEFAULT_CORE):
    add_ansible_test("sanity", core, "Ansible's rules for collections")
    add_ansible_test("units", core, "Unit tests")
    add_ansible_test("integration", core, "Integration tests, against the simulator")


@nox.session
def report(session: nox.Session) -> None:
    """Look at reports in a real browser. Skipped, and said to be, where there is none."""
    if not shutil.which("chromedriver") or not any(map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))):
        session.skip("chromium and chromedriver are missing: report.html was NOT looked at in a browser")
    session.install(f"ansible-core~={DEFAULT_CORE}.0", "-r", "tests/browser/requirements.txt")
    # The tests import the checkout as a collection
    tree = antsibull_nox.sessions.prepare_collections(session, install_in_site_packages=False, install_out_of_tree=True)
    if tree:
        session.run(
            *("python", "-m", "pytest", "-p", "no:cacheprovider", "-s", "--import-mode", "importlib"),
            *(session.posargs or [str(tree.current_path / "tests/browser")]),
            env={"PYTHONPATH": str(tree.current_path.parents[2])},
        )


def install_as_users_do(session: nox.Session) -> None:
    """Install what the simulator needs, and the collection as it is built from this checkout."""
    session.install("ansible-core>=2.18", "-r", "tests/integration/requirements.txt")
    place = Path(session.create_tmp()).resolve()
    # Nothing of it goes to the user's home
    session.env["ANSIBLE_HOME"] = str(place / "ansible")
    session.env["ANSIBLE_COLLECTIONS_PATH"] = str(place / "collections")
    # --force: the installed version may have the same number and yet be older
    session.run(
        *("ansible-galaxy", "collection", "install", str(build(session)), "--force", "--offline"),
        *("--collections-path", str(place / "collections")),
        silent=True,
    )


@nox.session(default=False)
def demo(session: nox.Session) -> None:
    """Watch the collection, as users install it, at work on the simulator."""
    install_as_users_do(session)
    session.run("python", "-u", "tests/demo/run.py", *session.posargs)


@nox.session(default=False)
def benchmark(session: nox.Session) -> None:
    """Measure time and memory of whole runs against the simulator."""
    install_as_users_do(session)
    # Verizon's SDK brings a package named tests, which would hide ours
    sdk = Path(session.create_tmp()).resolve() / "sdk"
    session.install("--upgrade", "--target", str(sdk), "-r", "tests/benchmark/requirements.txt")
    session.run(
        *("python", "-u", "tests/benchmark/run.py", *session.posargs),
        env={"FOTA_BENCHMARK_SDK": str(sdk)},
    )


@nox.session(default=False)
def torture(session: nox.Session) -> None:
    """Thousands of random faults, and runs that are killed: is every word about every device true?"""
    install_as_users_do(session)
    session.install("-r", "tests/unit/requirements.txt", "pytest")
    # The unit tests import the checkout as a collection
    tree = antsibull_nox.sessions.prepare_collections(session, install_in_site_packages=False, install_out_of_tree=True)
    if tree:
        session.run(
            *("python", "-m", "pytest", "-p", "no:cacheprovider", "-s", "--import-mode", "importlib"),
            str(tree.current_path / "tests/unit/plugins/modules/test_truth.py"),
            env={"PYTHONPATH": str(tree.current_path.parents[2]), "FOTA_EXAMPLES": "5000"},
        )
    session.run("python", "-u", "tests/torture/kill.py", *session.posargs)


if __name__ == "__main__":
    nox.main()
