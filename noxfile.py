# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# nox installs what this file needs. `nox -e pins -- update` raises these releases, too.
# /// script
# dependencies = ["nox==2026.10.20", "antsibull-nox==1.10.0", "uv==0.13.9"]
# ///

"""All that can be run here: nox -e NAME, or nox for those with a star; with -j 2, two at a time.

Arguments behind -- go to the tool: nox -e units -- tests/unit/plugins/modules/, nox -e integration -- license_remove.
antsibull-nox.toml configures the sessions that look at files only.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path

import antsibull_nox
import antsibull_nox.sessions
import nox

# The parts of this file that are no sessions
sys.path.insert(0, str(Path(__file__).resolve().parent))
from tests.sessions import pins  # noqa: E402
from tests.sessions.durations import print_durations_at_the_end  # noqa: E402
from tests.sessions.get_pip import provide_get_pip  # noqa: E402
from tests.sessions.pythons import hide_pythons, present, show_real_pythons  # noqa: E402


def span(first: int, last: int) -> list[str]:
    """Name the Pythons 3.first to 3.last."""
    return [f"3.{minor}" for minor in range(first, last + 1)]


# ansible-core, the Pythons it runs with and those it manages, and the pip that its ansible-test puts
# into the environments it makes
CORES = {
    "2.18": (span(11, 13), span(8, 13), "24.2"),
    "2.19": (span(11, 13), span(8, 13), "24.2"),
    "2.20": (span(12, 14), span(9, 14), "25.2"),
    "2.21": (span(12, 14), span(9, 14), "25.2"),
    "2.22": (span(13, 14), span(9, 14), "25.2"),
}
# Those that are not released yet, and what is tested of them: installed by name, and never by default
CANDIDATES = {"2.22": "rc1"}
OWN_PYTHON = f"{sys.version_info[0]}.{sys.version_info[1]}"
# The default sessions run with the Python that runs nox, and the newest ansible-core that it can have
DEFAULT_CORE = max(
    (core for core, (pythons, *_more) in CORES.items() if OWN_PYTHON in pythons and core not in CANDIDATES),
    default=max(CORES),
)


def ansible_core(core: str) -> str:
    """Return the requirement of the newest release of this version, of its candidates if there is no release yet."""
    return f"ansible-core~={core}.0{CANDIDATES.get(core, '')}"


def copy_of_checkout(session: nox.Session) -> Path | None:
    """Copy the checkout to a place where it is a collection. Gives the copy; None when nox was told to install nothing."""
    tree = antsibull_nox.sessions.prepare_collections(session, install_in_site_packages=False, install_out_of_tree=True)
    return tree.current_path if tree else None


def run_in_copy(session: nox.Session, tree: Path, *command: str, **environment: str) -> None:
    """Run a command in a copy of the checkout, which is what Ansible and imports find."""
    root = str(tree.parents[2])
    with session.chdir(tree):
        session.run(*command, env={"ANSIBLE_COLLECTIONS_PATH": root, "PYTHONPATH": root, **environment})


# What unit tests need beside ansible-core
UNIT_TESTS = ("pytest", "pytest-xdist", "-r", "tests/unit/requirements.txt")
PYTEST = ("python", "-m", "pytest", "-p", "no:cacheprovider", "--import-mode", "importlib")


def ansible_test(session: nox.Session, kind: str, core: str, *ways: list[str]) -> Path | None:
    """Run one kind of ansible-test in these ways, in a copy of the checkout, and in environments of its own.

    Gives the copy.
    """
    session.install(ansible_core(core))
    provide_get_pip(session, CORES[core][2])
    tree = copy_of_checkout(session)
    if not tree:
        return None
    pins.constrain_ansible_test(tree)
    with session.chdir(tree):
        for way in ways:
            # Targets come first: after --venv they would be taken for its value
            session.run("ansible-test", kind, *session.posargs, *way)
    return tree


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


# uv makes environments in seconds where pip takes minutes
nox.options.default_venv_backend = "uv|virtualenv"
# Where this is set, each start of Ansible would compile all of it again
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
# With -j 2, two sessions at a time
nox.options.allow_parallel = True
show_real_pythons()


antsibull_nox.load_antsibull_nox_toml()

# What `nox -l` says of the sessions that antsibull-nox.toml configures
TITLES = {
    "lint": "Code and configuration: the next five sessions.",
    "formatters": "Code is formatted. Rewrites it; with CI=true it only says so.",
    "codeqa": "Code has no likely bugs: ruff.",
    "yamllint": "YAML is tidy, in files and in the documentation.",
    "typing": "Types: mypy, strict for plugins.",
    "antsibull-nox-config": "antsibull-nox.toml is valid.",
    "docs-check": "Documentation: every reference leads somewhere, every block of code has a type.",
    "license-check": "Every file says its license, plugins GPLv3.",
    "extra-checks": "No stray files, the action group is complete, no tabs, no blanks at line ends.",
    "ansible-lint": "Roles and playbooks keep the production profile of ansible-lint.",
    "matrix-generator": "For hosted CI: print all sessions as JSON.",
}
for name, title in TITLES.items():
    nox.registry.get()[name].__doc__ = title
# It may rewrite what other sessions read
nox.registry.get()["formatters"].allow_parallel = False


def install_as_users_do(session: nox.Session, tarball: Path | None = None) -> None:
    """Install what the simulator needs, and the collection from this tarball, or as it is built from this checkout."""
    session.install("ansible-core>=2.18", "-r", "tests/integration/controller.requirements.txt")
    place = Path(session.create_tmp()).resolve()
    # Nothing of it goes to the user's home
    session.env["ANSIBLE_HOME"] = str(place / "ansible")
    session.env["ANSIBLE_COLLECTIONS_PATH"] = str(place / "collections")
    # --force: the installed version may have the same number and yet be older
    session.run(
        *("ansible-galaxy", "collection", "install", str(tarball or build(session)), "--force", "--offline"),
        *("--collections-path", str(place / "collections")),
        silent=True,
    )


@nox.session
def demo(session: nox.Session) -> None:
    """Watch the collection, as users install it, at work on the simulator."""
    install_as_users_do(session)
    session.run("python", "-u", "tests/demo/run.py", *session.posargs)


def is_reachable(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=20):
            return True
    except OSError:
        return False


def sanity_tests_without_requirements(session: nox.Session) -> list[str]:
    """Name the sanity tests that need something which is on no package index, from a host that cannot be reached."""
    found = []
    packages = Path(session.virtualenv.location).glob("lib/python*/site-packages")
    for file in (file for place in packages for file in place.glob("ansible_test/_data/requirements/sanity.*.txt")):
        urls = re.findall(r"^\w+ @ ([^\s#]+)", file.read_text(), flags=re.MULTILINE)
        if not all(map(is_reachable, urls)):
            found.append(file.name.split(".")[1])
    return sorted(set(found))


def run_sanity(session: nox.Session, core: str) -> None:
    exceptions = sorted(map(str, Path("tests/sanity").glob("ignore-*.txt")))
    if exceptions:
        session.error(f"This collection keeps the rules without exceptions, fix the code instead: {exceptions}")
    session.install(ansible_core(core))
    skipped = sanity_tests_without_requirements(session)
    ansible_test(session, "sanity", core, ["--venv", *(f"--skip-test={test}" for test in skipped)])
    if skipped:
        say = session.error if "GITHUB_ACTIONS" in os.environ else session.warn
        say(f"NOT run, because their requirements could not be downloaded: {', '.join(skipped)}")


def run_units(session: nox.Session, core: str) -> None:
    # Without --python, with all there are
    ansible_test(session, "units", core, ["--venv"])


def run_integration(session: nox.Session, core: str) -> None:
    controllers, targets = map(present, CORES[core][:2])
    pairs = {(controllers[0], targets[0]): None, (controllers[-1], targets[-1]): None}
    ways = [
        ["--controller", f"origin:python=venv/{ours}", "--target", f"controller:python=venv/{theirs}"]
        for ours, theirs in pairs
    ]
    ansible_test(session, "integration", core, *ways)


# The longest first: two at a time end together


@nox.session
def integration(session: nox.Session) -> None:
    """Integration tests: whole playbooks, and the examples of the documentation, against the simulator."""
    ansible_test(session, "integration", DEFAULT_CORE, ["--venv", "--python", OWN_PYTHON])


@nox.session
def units(session: nox.Session) -> None:
    """Unit tests, and how much of plugins/ they cover."""
    # Without ansible-test, which forks for each test; the sessions units-CORE have it
    session.install(ansible_core(DEFAULT_CORE), *UNIT_TESTS, "pytest-cov")
    tree = copy_of_checkout(session)
    if tree:
        # A few tests alone cover little
        coverage = (
            () if session.posargs else ("--cov=plugins", "--cov-config=tests/coverage.ini", "--cov-report=term-missing")
        )
        run_in_copy(session, tree, *PYTEST, "-q", "-n", "auto", *coverage, *(session.posargs or ["tests/unit"]))


@nox.session
def sanity(session: nox.Session) -> None:
    """Ansible's own rules for collections, without exceptions; with the oldest and the newest Python."""
    found = present(CORES[DEFAULT_CORE][1])
    hide_pythons(session, set(found) - {OWN_PYTHON, *found[:1], *found[-1:]})
    run_sanity(session, DEFAULT_CORE)


@nox.session
def changelog(session: nox.Session) -> None:
    """Changelog: fragments are well-formed, and there is one for what has changed. -- release writes CHANGELOG.rst."""
    session.install("antsibull-changelog", *(["ansible-core"] if session.posargs else []))
    if session.posargs:
        session.run("antsibull-changelog", *session.posargs)
        return
    session.run("antsibull-changelog", "lint")
    session.run("antsibull-changelog", "lint-changelog-yaml", "changelogs/changelog.yaml")
    session.run("python", "tests/release/check.py", "fragments")


@nox.session(default=False)
def quick(session: nox.Session) -> None:
    """In a minute: linters, types, and the unit tests that are quick and not about the simulator."""
    for name in ("formatters", "codeqa", "yamllint", "typing"):
        session.notify(name)
    session.install(ansible_core(DEFAULT_CORE), *UNIT_TESTS)
    tree = copy_of_checkout(session)
    if tree:
        left_out = ("-m", "not hypothesis and not slow", "--ignore=tests/unit/simulator")
        run_in_copy(session, tree, *PYTEST, "-q", "-n", "auto", *left_out, *(session.posargs or ["tests/unit"]))


@nox.session(name="pins")
def check_pins(session: nox.Session) -> None:
    """Every tool is pinned: tests/constraints.txt fits the requirements. -- update raises the pins to the newest releases."""
    session.install("uv")
    (pins.update if session.posargs == ["update"] else pins.check)(session)


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


@nox.session
def docs(session: nox.Session) -> None:
    """Documentation site: builds site/build/html; a warning fails it. Needs no network."""
    session.install(
        *(ansible_core(DEFAULT_CORE), "antsibull-docs", "ansible-pygments", "sphinx-ansible-theme"),
    )
    tree = copy_of_checkout(session)
    if tree:
        run_in_copy(session, tree, "python", "tests/site/build.py", str(Path("site").resolve()))


@nox.session(name="oldest-python")
def oldest_python(session: nox.Session) -> None:
    """What runs where modules run needs nothing that the oldest Python there lacks: modules, their tests, the simulator."""
    session.install("vermin")
    oldest = CORES[min(CORES)][1][0]
    tests = (f"tests/unit/{name}" for name in ("conftest.py", "examples.py", "plugins/modules", "plugins/module_utils"))
    code = ("plugins/modules", "plugins/module_utils", "tests/simulator", *tests)
    session.run("vermin", "--quiet", "--no-tips", "--violations", f"--target={oldest}-", *code)


@nox.session(name="oldest-requests", python=(present(["3.11"]) or [OWN_PYTHON])[0])
def oldest_requests(session: nox.Session) -> None:
    """Certificates, proxies, broken and dropped connections with the oldest requests that modules may meet."""
    # Python 3.11 is the last one that loads requests 2.22, and runs ansible-core up to 2.19
    core, oldest = "2.19", ("requests==2.22.0", "urllib3==1.25.8")
    if session.python != "3.11":
        core, oldest = DEFAULT_CORE, ("requests==2.25.1", "urllib3==1.26.20")
        session.warn("Without Python 3.11, requests 2.22 was NOT tested, only 2.25.1")
    session.install(ansible_core(core), *UNIT_TESTS)
    session.install(*oldest, env=pins.without_constraints())
    tree = copy_of_checkout(session)
    if tree:
        units = (
            "_http/test_client.py",
            "_http/test_connection_pool.py",
            "_http/test_libraries.py",
            "_http/test_messages.py",
            "_http/test_proxies.py",
            "_http/test_retries.py",
            "_http/test_tls.py",
            "_http/test_transport_errors.py",
        )
        runs = (
            "test_connections.py",
            "test_dropped_connections.py",
            "test_service_trouble.py",
            "test_sizes.py",
            "test_secrets.py",
        )
        names = [*(f"module_utils/{name}" for name in units), *(f"modules/{name}" for name in runs)]
        run_in_copy(session, tree, *PYTEST, "-q", "-n", "auto", *(f"tests/unit/plugins/{name}" for name in names))


@nox.session
def browser(session: nox.Session) -> None:
    """Look at reports in a real browser. Skipped, and said to be, where there is none."""
    if not shutil.which("chromedriver") or not any(
        map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))
    ):
        say = session.error if "GITHUB_ACTIONS" in os.environ else session.skip
        say("chromium and chromedriver are missing: report.html was NOT looked at in a browser")
    session.install(ansible_core(DEFAULT_CORE), "-r", "tests/browser/requirements.txt")
    tree = copy_of_checkout(session)
    if tree:
        run_in_copy(session, tree, *PYTEST, "-s", *(session.posargs or ["tests/browser"]))


NEWEST_CORE = max((core for core, (pythons, *_more) in CORES.items() if present(pythons)), default=DEFAULT_CORE)


@nox.session(python=(present(CORES[NEWEST_CORE][0]) or [OWN_PYTHON])[0])
def deprecations(session: nox.Session) -> None:
    """The newest ansible-core that this machine can have warns of no deprecation, whatever is run."""
    session.install(ansible_core(NEWEST_CORE), "-r", "tests/integration/controller.requirements.txt")
    tree = copy_of_checkout(session)
    if tree:
        run_in_copy(session, tree, "python", "-u", "tests/deprecations/run.py")
    if max(CORES) != NEWEST_CORE:
        session.warn(f"Tested with ansible-core {NEWEST_CORE}: this machine has no Python for {max(CORES)}")


def add_core(kind: str, core: str, title: str, body: Callable[[nox.Session, str], None]) -> None:
    """Add a session for one kind of test with this ansible-core and the Pythons it is for."""
    controllers, targets = CORES[core][:2]

    @nox.session(name=f"{kind}-{core}", python=(present(controllers) or controllers)[0], default=False, tags=["cores"])
    def run(session: nox.Session) -> None:
        body(session, core)
        missing = [python for python in targets if python not in present(targets)]
        if missing:
            # Hosted CI has all of them, or is wrong
            say = session.error if "GITHUB_ACTIONS" in os.environ else session.warn
            say(f"Not tested, because this machine lacks them: Python {', '.join(missing)}")

    run.__doc__ = title


for core in CORES:
    add_core("sanity", core, f"ansible-core {core}: Ansible's rules.", run_sanity)
    add_core("units", core, f"ansible-core {core}: unit tests, with each of its Pythons.", run_units)
    add_core(
        "integration",
        core,
        f"ansible-core {core}: integration tests, oldest and newest Python, where it runs and where modules run.",
        run_integration,
    )


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
def sdk(session: nox.Session) -> None:
    """Verizon's Python SDK accepts every answer of the simulator."""
    session.install(ansible_core(DEFAULT_CORE), "-r", "tests/sdk/requirements.txt")
    tree = copy_of_checkout(session)
    if tree:
        run_in_copy(session, tree, *PYTEST, *(session.posargs or ["-q", "tests/sdk"]))


@nox.session(default=False, tags=["hosted"])
def molecule(session: nox.Session) -> None:
    """Molecule: the scenario that users copy to test playbooks of their own, against the simulator."""
    session.install(ansible_core(DEFAULT_CORE), "molecule", "-r", "tests/integration/controller.requirements.txt")
    tree = copy_of_checkout(session)
    if tree:
        home = Path(session.create_tmp()).resolve() / "ansible"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = str(free.getsockname()[1])
        # Nothing of it goes to the user's home
        places = {"ANSIBLE_HOME": str(home), "ANSIBLE_REMOTE_TMP": str(home / "tmp")}
        command = ("molecule", *(session.posargs or ["test"]))
        run_in_copy(session, tree, *command, FOTA_SIMULATOR_PORT=port, **places)


@nox.session(default=False)
def torture(session: nox.Session) -> None:
    """All short schedules of faults, thousands of random ones, and runs that are killed: is every outcome true?"""
    install_as_users_do(session)
    session.install("-r", "tests/unit/requirements.txt", "pytest")
    tree = copy_of_checkout(session)
    if tree:
        names = ("test_random_faults", "test_random_license_info")
        files = (f"tests/unit/plugins/modules/{name}.py" for name in names)
        run_in_copy(session, tree, *PYTEST, "-s", *files, FOTA_EXAMPLES="5000")
        schedules = "tests/unit/plugins/module_utils/test_exhaustive_schedules.py"
        run_in_copy(session, tree, *PYTEST, "-s", schedules, FOTA_SCHEDULES="all")
    session.run("python", "-u", "tests/torture/kill.py", *session.posargs)


@nox.session(default=False)
def mutants(session: nox.Session) -> None:
    """Change the code in one place at a time: does a test notice? See tests/mutants. -- licenses, http, input or role: only there."""
    session.install(ansible_core(DEFAULT_CORE), "cosmic-ray", "pytest", "-r", "tests/unit/requirements.txt")
    # It changes the copy
    tree = copy_of_checkout(session)
    if tree:
        run_in_copy(session, tree, "python", "-u", "tests/mutants/run.py", *session.posargs)


@nox.session(default=False)
def release(session: nox.Session) -> None:
    """Is it ready? Version, changelog, tag, tree; the same tarball twice; the demo with it installed. Says what is next."""
    session.install("antsibull-changelog")
    check = ("python", "tests/release/check.py", "release")
    session.run(*check, silent=True)  # first, because it is quick
    dist = Path(session.create_tmp()).resolve() / "dist"
    shutil.rmtree(dist, ignore_errors=True)
    dist.mkdir()
    session.install("ansible-core>=2.18")
    session.run("python", "tests/release/build.py", str(dist))
    (tarball,) = dist.iterdir()
    install_as_users_do(session, tarball)
    session.run("ansible-galaxy", "collection", "verify", "verizon.fota", "--offline")
    session.run("python", "-u", "tests/demo/run.py")
    shutil.copy(tarball, ".")
    session.run(*check)


pins.constrain_installs()
print_durations_at_the_end()

if __name__ == "__main__":
    nox.main()
