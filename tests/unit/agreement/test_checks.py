# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""noxfile.py, hosted CI, simulator, demo and guides agree."""

from __future__ import annotations

import fnmatch
import re
from dataclasses import asdict

import yaml

from ansible_collections.verizon.fota.tests.simulator.fleets import ACCOUNT, DOCUMENT_IMEIS
from ansible_collections.verizon.fota.tests.simulator.tokens import Credentials
from ansible_collections.verizon.fota.tests.unit.agreement.guides import FOLDER, ROOT, first_cells, literals, tables


def read(*path: str) -> str:
    return ROOT.joinpath(*path).read_text(encoding="utf-8")


def test_the_versions_of_ansible_and_python_are_those_that_are_tested() -> None:
    cores = re.findall(r'"(2\.\d\d)": \(span\((\d+), (\d+)\), span\((\d+), (\d+)\)', read("noxfile.py"))
    tested = {core: [f"3.{a} to 3.{b}", f"3.{c} to 3.{d}"] for core, a, b, c, d in cores}
    documented = {version: row[1:] for row in tables("compatibility")["Versions"] for version in literals(row[0])}
    assert documented == tested, f"noxfile.py tests other versions than {FOLDER}/guide_compatibility.rst says"
    first, last = min(tested), max(tested)
    readme = read("README.md")
    assert f"ansible-core {first} or newer" in readme and f"ansible-core {first} to {last}," in readme, "fix README.md"


def test_hosted_ci_has_every_documented_python() -> None:
    spans = re.findall(r"span\((\d+), (\d+)\)", read("noxfile.py"))
    expected = {f"3.{minor}" for first, last in spans for minor in range(int(first), int(last) + 1)}
    workflow = yaml.safe_load(read(".github/workflows/checks.yml"))
    steps = workflow["jobs"]["session"]["steps"]
    (pythons,) = [step["with"]["python-version"] for step in steps if "python-version" in step.get("with", {})]
    assert set(pythons.split()) == expected, "bring .github/workflows/checks.yml and CORES in noxfile.py together"


def test_ruff_and_mypy_look_into_every_folder() -> None:
    linted = set(re.findall(r'^    "(tests/\w+)",$', read("antsibull-nox.toml"), flags=re.MULTILINE)) | {"tests/unit"}
    with_code = {"/".join(path.relative_to(ROOT).parts[:2]) for path in ROOT.glob("tests/*/**/*.py")}
    missing = with_code - linted - {"tests/output"}
    assert not missing, f"add to extra_code_files in antsibull-nox.toml: {', '.join(sorted(missing))}"


def test_each_requirement_of_the_sessions_is_pinned() -> None:
    """The session pins checks the same with the package index; this needs none."""
    pinned = {
        name for name, _release in re.findall(r"^([\w-]+)==([\w.]+)", read("tests/constraints.txt"), re.MULTILINE)
    }
    files = [path for path in ROOT.glob("tests/*/*requirements.txt") if "output" not in path.parts]
    lines = [line for path in [ROOT / "tests/tools.txt", *files] for line in path.read_text("utf-8").splitlines()]
    expected = {re.sub(r"[._]", "-", re.split(r"[\[ ]", line)[0]).lower() for line in lines if line and line[0] != "#"}
    assert not expected - pinned, "run nox -e pins -- update"
    (own,) = re.findall(r"^# dependencies = \[(.+)\]$", read("noxfile.py"), flags=re.MULTILINE)
    assert all("==" in requirement for requirement in own.split(",")), "pin what noxfile.py itself needs"


def test_of_the_tests_the_tarball_has_their_configuration_only() -> None:
    """Sanity tests of older ansible-core versions need it, and who certifies a collection runs them on the tarball."""
    ignored = yaml.safe_load(read("galaxy.yml"))["build_ignore"]
    names = {f"tests/{path.name}" for path in ROOT.glob("tests/*") if path.name != "__pycache__"}
    left = {name for name in names if not any(fnmatch.fnmatch(name, pattern) for pattern in ignored)}
    assert left == {"tests/config.yml"}


def test_contributors_are_sent_to_places_that_exist() -> None:
    page = read("CONTRIBUTING.md")
    folders = {text for _heading, text in first_cells("contributing")}
    named = {*folders, *re.findall(r"\]\(([^)]+)\)", page), *re.findall(r"`((?:plugins|tests|docs)/[\w/.]+)`", page)}
    missing = sorted(place for place in named if not (ROOT / place).exists())
    assert not missing, f"moved or gone, fix CONTRIBUTING.md or {FOLDER}/guide_contributing.rst: {', '.join(missing)}"
    # Files of tests are in a folder of their own.
    kinds = {f"tests/{path.name}" for path in ROOT.glob("tests/*/") if path.name not in ("output", "__pycache__")}
    missing = sorted(kind for kind in kinds if not any(f"{place}/".startswith(f"{kind}/") for place in folders))
    assert not missing, f"say in {FOLDER}/guide_contributing.rst what is in {', '.join(missing)}"


def test_the_first_guide_states_what_the_simulator_contains() -> None:
    page = read(FOLDER, "guide_get_started.rst")
    known = {**asdict(Credentials()), "account": ACCOUNT}
    (known["port"],) = re.findall(r'"--port", type=int, default=(\d+)', read("tests/simulator/__main__.py"))
    api_url = f"http://127.0.0.1:{known.pop('port')}/api"
    lines = [f"export THINGSPACE_{name.upper()}={value}\n" for name, value in {**known, "api_url": api_url}.items()]
    missing = [line for line in lines if line not in page]
    assert not missing, f"{FOLDER}/guide_get_started.rst lacks:\n{''.join(missing)}"


def test_the_molecule_scenario_knows_what_the_simulator_contains() -> None:
    scenario = yaml.safe_load(read("extensions", "molecule", "default", "molecule.yml"))
    known = {**asdict(Credentials()), "account": ACCOUNT}
    environment = scenario["ansible"]["env"]
    assert {name: environment[f"THINGSPACE_{name.upper()}"] for name in known} == known


def test_the_first_guide_states_how_many_devices_the_demo_has() -> None:
    (trackers,) = re.findall(r"^TRACKERS = (\d+)$", read("tests/demo/run.py"), flags=re.MULTILINE)
    retired = int(trackers) + len(DOCUMENT_IMEIS)
    assert f" {retired:,} retired devices" in read(FOLDER, "guide_get_started.rst")


def test_both_pages_for_contributors_have_the_same_commands() -> None:
    def commands(text: str) -> set[str]:
        return set(re.findall(r"\.venv/bin/nox[^#`\n]*?(?=  |`|\n)", text))

    guide = read(FOLDER, "guide_contributing.rst").partition("Where to find what")[0]
    assert commands(guide) == commands(read("CONTRIBUTING.md")), "CONTRIBUTING.md and its guide name different commands"
