# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules of the layers in the guide "How it works", checked against every import under plugins."""

from __future__ import annotations

import ast
import sys
import typing as t
from pathlib import Path

import pytest

from ansible_collections.verizon.fota.tests.unit.agreement.guides import ROOT, literals, tables

PAGE = "docs/docsite/rst/guide_how_it_works.rst"
OURS = "ansible_collections.verizon.fota.plugins."
# Files that open connections with these know HTTP.
NETWORK = frozenset(("asyncio", "ftplib", "http", "socket", "socketserver", "ssl", "urllib.error", "urllib.request"))


class Layer(t.NamedTuple):
    """Files under plugins, those of module_utils without that folder; what they may use of other layers and of libraries.

    A file may use those that stand after it in its own layer, and the layers and files in ``uses``, which stand below. The layers
    of module_utils are its folders, and the files beside them.
    """

    name: str
    files: tuple[str, ...]
    uses: tuple[str, ...] = ()
    libraries: tuple[str, ...] = ()


LAYERS = (
    Layer(
        "plays",
        (
            "action/license_remove_hosts",
            "action/license_outcome",
            "plugin_utils/_lost_run",
            "plugin_utils/_run_outcome",
            "plugin_utils/_removal_options",
            "plugin_utils/_play_variables",
            "plugin_utils/_devices_of_hosts",
            "lookup/misspelled_options",
            "plugin_utils/_role_variables",
            "lookup/connection_options",
        ),
        ("screen", "options", "results", "_report", "_licenses/outcomes", "_input", "_support"),
        ("ansible", "yaml"),
    ),
    Layer(
        "screen",
        ("action/license_assign", "action/license_remove", "plugin_utils/_progress_lines"),
        ("_licenses/outcomes", "_support"),
        ("ansible",),
    ),
    Layer(
        "inventory",
        ("inventory/licenses",),
        ("options", "_thingspace", "_thingspace/responses", "_http", "_support"),
        ("ansible",),
    ),
    Layer(
        "modules",
        (
            "modules/license_remove",
            "modules/license_assign",
            "modules/license_info",
            "modules/account_info",
            "modules/license_report",
            "modules/session",
            "modules/license_remove_hosts",
            "modules/license_outcome",
        ),
        ("changes", "options", "_report", "_licenses", "_thingspace", "_http", "_input", "_support"),
        ("ansible",),
    ),
    Layer(
        "changes",
        ("_license_change",),
        ("options", "results", "_licenses", "_thingspace", "_support"),
        ("ansible",),
    ),
    Layer(
        "documentation",
        ("doc_fragments/attributes", "doc_fragments/changes", "doc_fragments/devices", "doc_fragments/thingspace"),
        ("_connection_options",),
    ),
    Layer(
        "options",
        ("_connect", "_validation", "_argument_spec", "_secrets", "_connection_options"),
        ("_thingspace", "_http", "_input", "_support"),
        ("ansible",),
    ),
    Layer("results", ("_journal", "_result"), ("_licenses", "_thingspace/responses", "_support")),
    Layer(
        "_report",
        (
            "_report/html",
            "_report/sections",
            "_report/wording",
            "_report/run_message",
            "_report/csv_json",
            "_report/contents",
            "_report/advice",
            "_report/reason_pattern",
            "_report/removed_devices",
            "_report/journal_reader",
            "_report/script",
            "_report/style",
        ),
        ("_licenses/outcomes", "_thingspace/responses", "_support"),
    ),
    Layer(
        "_licenses",
        (
            "_licenses/run",
            "_licenses/access_report",
            "_licenses/feature_support",
            "_licenses/account_access",
            "_licenses/query",
            "_licenses/waiting",
            "_licenses/run_state",
            "_licenses/batch",
            "_licenses/run_request",
            "_licenses/guards",
            "_licenses/device_outcome",
            "_licenses/account_totals",
            "_licenses/decision_table",
            "_licenses/upgrades",
            "_licenses/upgrade_effects",
            "_licenses/states",
            "_licenses/bisection",
            "_licenses/service_calls",
            "_licenses/outcomes",
        ),
        ("_thingspace/responses", "_thingspace/errors", "_support"),
    ),
    Layer(
        "_thingspace",
        (
            "_thingspace/client",
            "_thingspace/license_list",
            "_thingspace/authenticated_client",
            "_thingspace/tokens",
            "_thingspace/errors",
            "_thingspace/trace",
            "_thingspace/trace_redaction",
        ),
        ("_thingspace/responses", "_http", "_support"),
    ),
    Layer(
        "_thingspace/responses",
        (
            "_thingspace/responses/upgrades",
            "_thingspace/responses/subscription",
            "_thingspace/responses/license_page",
            "_thingspace/responses/device_list",
            "_thingspace/responses/license_change",
            "_thingspace/responses/license_totals",
            "_thingspace/responses/fields",
        ),
        ("_support",),
    ),
    Layer(
        "_http",
        (
            "_http/retries",
            "_http/concurrency_limiter",
            "_http/client",
            "_http/connection_pool",
            "_http/proxies",
            "_http/tls",
            "_http/transport_errors",
            "_http/messages",
            "_http/libraries",
        ),
        (),
        ("requests", "urllib3"),
    ),
    Layer(
        "_input",
        (
            "_input/imei_files",
            "_input/imei_columns",
            "_input/csv_delimiters",
            "_input/plain_lines",
            "_input/csv_columns",
            "_input/row_checks",
            "_input/imei_validation",
            "_input/csv_records",
            "_input/text_files",
            "_input/file_contents",
            "_input/account",
        ),
        ("_support",),
    ),
    Layer(
        "_support",
        (
            "_support/concurrency",
            "_support/garbage_collection",
            "_support/interruption",
            "_support/progress",
            "_support/run_id",
            "_support/text",
            "_support/atomic_files",
            "_support/disk_reserve",
        ),
    ),
)
LAYER_OF = {file: layer for layer in LAYERS for file in layer.files}
ORDER = {file: number for number, file in enumerate(LAYER_OF)}
# Only this file of its layer.
ALONE = {"requests": "_http/libraries", "urllib3": "_http/libraries"}


def name_of(path: Path) -> str:
    return path.with_suffix("").as_posix().replace("module_utils/", "", 1)


SOURCES = {
    name_of(path.relative_to(ROOT / "plugins")): path.read_text(encoding="utf-8")
    for path in sorted(ROOT.joinpath("plugins").rglob("*.py"))
    # Ansible wants it in every folder, and empty.
    if path.name != "__init__.py"
}


class Import(t.NamedTuple):
    """The line of an import, and its target: a file of the collection, or the name of a library."""

    line: int
    ours: str | None
    library: str


def imports(source: str) -> t.Iterator[Import]:
    """Return all imports of a source, at any depth."""
    for node in ast.walk(ast.parse(source)):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            module = f"{'.' * node.level}{node.module or ''}"
            # What is imported from a folder of ours is a file.
            folder = ROOT.joinpath("plugins", *module[len(OURS) :].split(".")) if module.startswith(OURS) else None
            names = [f"{module}.{alias.name}" for alias in node.names] if folder and folder.is_dir() else [module]
        elif isinstance(node, ast.Name) and node.id == "__import__":
            names = ["importlib"]
        for name in names:
            if name.startswith(OURS):
                yield Import(node.lineno, name_of(Path(*name[len(OURS) :].split("."))), name)
            else:
                yield Import(node.lineno, None, name)


def faults(sources: t.Mapping[str, str]) -> list[str]:
    """Report every violation of the rules, and how to fix it."""
    found = []
    for file, source in sources.items():
        layer = LAYER_OF.get(file)
        if layer is None:
            found.append(f"{file} belongs to no layer: add it to LAYERS in this test and to the table in {PAGE}")
            continue
        for line, ours, library in imports(source):
            where = f"{file}, line {line}: "
            if ours is None:
                found += [where + fault for fault in library_faults(file, layer, library)]
            elif ours not in LAYER_OF:
                found.append(f"{where}{ours} is in no layer: add it to LAYERS in this test and to the table in {PAGE}")
            elif LAYER_OF[ours] is not layer and not {ours, LAYER_OF[ours].name}.intersection(layer.uses):
                found.append(
                    f"{where}the layer {layer.name} must not know {ours} of the layer {LAYER_OF[ours].name}: hand in what it"
                    f" needs from above, or move the code to a layer that may (see {PAGE})"
                )
            elif ORDER[ours] <= ORDER[file]:
                found.append(f"{where}{ours} stands above {file}: arrows point downwards only (see {PAGE})")
    return found


def library_faults(file: str, layer: Layer, library: str) -> t.Iterator[str]:
    top = library.partition(".")[0]
    if library.startswith("."):
        yield "relative imports hide which layer is meant: write the name in full"
    elif top == "importlib":
        yield "imports by name escape this test: use an import statement"
    elif top == "ansible":
        if top not in layer.libraries:
            yield f"the layer {layer.name} must not know Ansible: return a value or raise a typed error (see {PAGE})"
    elif top in sys.stdlib_module_names:
        if layer.name != "_http" and not NETWORK.isdisjoint((top, library)):
            yield f"only _http knows connections, so {library} belongs there (see {PAGE})"
    elif top not in layer.libraries or ALONE.get(top, file) != file:
        yield f"{library} is neither of the standard library nor the one of its layer (see {PAGE})"


def reached_from(file: str) -> set[str]:
    """Return all files that are imported together with this one."""
    reached: set[str] = set()
    todo = {file}
    while todo:
        reached |= todo
        todo = {one.ours for name in todo for one in imports(SOURCES[name]) if one.ours} - reached
    return reached


def test_no_import_breaks_the_rules() -> None:
    assert not faults(SOURCES), "\n".join(faults(SOURCES))


@pytest.mark.parametrize(
    ("file", "source", "message"),
    [
        (
            "_licenses/states",
            f"from {OURS}module_utils._licenses.device_outcome import Device",
            "arrows point downwards",
        ),
        ("_licenses/states", f"from {OURS}module_utils._licenses import states", "arrows point downwards"),
        ("_licenses/batch", f"from {OURS}module_utils._http.client import Client", "must not know _http/client"),
        ("_licenses/run", f"from {OURS}module_utils._thingspace import tokens", "must not know _thingspace/tokens"),
        (
            "_licenses/run",
            f"def f():\n    import {OURS}module_utils._thingspace.client",
            "line 2: the layer _licenses must not",
        ),
        ("_licenses/run", "from ansible.module_utils.basic import AnsibleModule", "must not know Ansible"),
        ("_licenses/run", "from . import removal", "relative imports"),
        ("_licenses/run", "import importlib", "escape this test"),
        ("_licenses/run", "__import__('requests')", "escape this test"),
        ("_http/retries", "import requests", "requests is neither"),
        ("_thingspace/client", "import urllib.request", "only _http knows connections"),
        ("_thingspace/client", "import yaml", "yaml is neither"),
        ("action/license_remove", f"from {OURS}module_utils._licenses import run", "must not know _licenses/run"),
        ("modules/session", f"from {OURS}module_utils._new import x", "_new is in no layer"),
        ("_new", "", "_new belongs to no layer"),
    ],
)
def test_what_breaks_them_is_found(file: str, source: str, message: str) -> None:
    (fault,) = faults({file: source})
    assert message in fault


def test_the_table_names_no_file_and_no_arrow_that_is_not_there() -> None:
    missing = [file for file in LAYER_OF if file not in SOURCES]
    assert not missing, f"not under plugins any more, take it out of LAYERS and of {PAGE}: {', '.join(missing)}"
    for layer in LAYERS:
        used = {one.ours for file in layer.files for one in imports(SOURCES[file]) if one.ours}
        stale = set(layer.uses) - used - {LAYER_OF[file].name for file in used}
        assert not stale, f"{layer.name} uses nothing of {', '.join(stale)}: take the arrow out of LAYERS and of {PAGE}"


def test_the_guide_shows_the_same_table() -> None:
    shown = [(row[0], literals(row[1]), row[2].rstrip(".")) for row in tables("how_it_works")["The layers"]]
    expected = [
        (f"**{layer.name}**", list(layer.files), ", ".join(layer.uses) if layer.uses else "nothing") for layer in LAYERS
    ]
    assert shown == expected, f"the table in {PAGE} and LAYERS in this test differ: change the one that is wrong"


@pytest.mark.parametrize("file", ["modules/license_report", "action/license_remove", "action/license_outcome"])
def test_what_sends_nothing_needs_no_library_for_http(file: str) -> None:
    assert "_http/libraries" not in reached_from(file), f"{file} has to work where requests is missing"
    assert "_http/libraries" in reached_from("modules/license_remove"), "this test follows imports"


def ends(source: str) -> list[str]:
    """Return the functions in which a module ends the task."""
    return [
        node.name
        for node in ast.walk(ast.parse(source))
        if isinstance(node, (ast.FunctionDef, ast.ClassDef))
        for inner in ast.walk(node)
        if isinstance(inner, ast.Attribute) and inner.attr in ("exit_json", "fail_json", "fail_on_missing_params")
    ]


def test_only_main_ends_a_module() -> None:
    """Otherwise an error would lose the work done before it."""
    for file, source in SOURCES.items():
        allowed = {"main"} if file.startswith("modules/") else set()
        others = set(ends(source)) - allowed
        assert not others, (
            f"{file}: {', '.join(others)} must return a value or raise a typed error, and leave the end to main"
        )
    assert ends("def helper(module):\n    module.fail_json(msg='')") == ["helper"], "this test finds them"
