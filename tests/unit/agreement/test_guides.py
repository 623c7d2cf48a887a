# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guides quote messages of the code: each quoted one exists, and each that exists is quoted."""

from __future__ import annotations

import ast
import inspect
import re
import typing as t
from itertools import repeat

import pytest
import yaml
from ansible.module_utils import basic, json_utils
from ansible.modules import file
from ansible.plugins import action
from ansible.plugins.callback import default as default_callback
from ansible.plugins.strategy import free

from ansible_collections.verizon.fota.plugins.action import license_remove
from ansible_collections.verizon.fota.plugins.module_utils._licenses import outcomes
from ansible_collections.verizon.fota.plugins.module_utils._licenses.batch import change
from ansible_collections.verizon.fota.plugins.module_utils._licenses.device_outcome import Device
from ansible_collections.verizon.fota.plugins.module_utils._licenses.run_request import Rules
from ansible_collections.verizon.fota.plugins.module_utils._licenses.states import Reader, Reading, State
from ansible_collections.verizon.fota.tests.integration.targets.documentation.documents import documents
from ansible_collections.verizon.fota.tests.simulator import Dialect
from ansible_collections.verizon.fota.tests.unit.agreement.guides import FOLDER, ROOT, first_cells, literals, tables
from ansible_collections.verizon.fota.tests.unit.plugins.module_utils.fake_account import FakeAccount, responding

# In f-strings and in quotes, what differs from case to case.
GAP = "…"
CODE = ROOT / "plugins"
SERVICE_SAYS = "What the service says"

# Files whose messages people read, and which guides may quote them. Documentation and reports are about other things.
EXPLAINED_BY = {
    "results": (
        "_licenses/batch",
        "_licenses/device_outcome",
        "_licenses/states",
        "_licenses/upgrades",
        "_licenses/upgrade_effects",
    ),
    "troubleshooting": (
        "_input/account",
        "_thingspace/responses/fields",
        "_thingspace/responses/license_change",
        "_thingspace/responses/device_list",
        "_thingspace/responses/subscription",
        "_thingspace/responses/upgrades",
        "_thingspace/errors",
        "_http/client",
        "_http/proxies",
        "_http/tls",
        "_http/transport_errors",
        "_input/imei_validation",
        "_input/imei_files",
        "_input/imei_columns",
        "_input/csv_columns",
        "_input/csv_delimiters",
        "_input/csv_records",
        "_input/plain_lines",
        "_input/row_checks",
        "_input/file_contents",
        "_input/text_files",
        "_support/concurrency",
        "_support/interruption",
        "_licenses/query",
        "_licenses/account_access",
        "_licenses/feature_support",
        "_licenses/access_report",
        "_licenses/guards",
        "_licenses/run",
        "_licenses/waiting",
        "_report/removed_devices",
        "_journal",
        "_validation",
        "_support/atomic_files",
        "_http/retries",
        "_thingspace/authenticated_client",
        "_thingspace/client",
        "_thingspace/license_list",
        "_thingspace/tokens",
        "_thingspace/trace",
        "_devices_of_hosts",
        "_removal_options",
        "_role_variables",
        "_run_outcome",
        "license_remove_hosts",
        "licenses",
    ),
}
# Texts of these files that are no complete messages: parts of messages, and names in the code.
PARTS_OF_MESSAGES = (
    "_report/removed_devices: of unknown outcome",
    "_report/removed_devices: that may have held no license before",
    "_licenses/guards: , though for … of the devices that is not certain",
    "_http/transport_errors: it was closed without a response",
    "_http/transport_errors: the response was cut short",
    "_http/transport_errors: a line of the response is too long",
    "_http/transport_errors: the response is not valid HTTP",
    "_http/transport_errors: the response is not compressed as its header says",
    "_thingspace/responses/subscription: ts hfota evnt",
    "_thingspace/responses/license_change: its license was removed, or assigned, as requested",
    "_thingspace/responses/license_change: it had no license to remove, or had one already",
    "_thingspace/responses/license_change: the account does not have this device",
    "_thingspace/responses/license_change: nothing was changed",
    "_thingspace/responses/license_change: a failure for an unrecognized reason",
    "_thingspace/responses/license_change: nothing that says whether the license is still there",
    "_thingspace/errors: Requested service is unauthorized for given token",
    "_thingspace/errors: too many requests for now",
    "_thingspace/errors: rejected for one device in the list, or for its length",
    "_thingspace/errors: the account may not use this call, or it does not exist",
    "_thingspace/errors: rejected whatever the devices",
    "_thingspace/errors: no valid response: whether the service acted is not known",
    "_thingspace/errors: nothing could be sent",
    "_thingspace/errors: there are no valid tokens, and none can be obtained",
    "_thingspace/errors: the run was interrupted",
    "_thingspace/errors: the device after which a page should begin does not exist",
    "_thingspace/errors: invalid device id format",
    "_thingspace/errors: device list is empty",
    "_thingspace/errors: input binding error",
    "_thingspace/errors: invalid account name format",
    "_thingspace/errors: lastseendeviceid not valid",
    "_licenses/guards: nothing was removed",
    "_input/imei_validation: a list inside the list",
    "_input/imei_validation: , and this may be … of them",
    "_input/imei_validation:  with the key …",
    "_input/imei_validation: rounded by a spreadsheet",
    "_input/imei_validation: that YAML may have read as octal",
    "_input/imei_validation: that may have been rounded",
    "_input/imei_validation: with an IMEI and more",
    "_input/imei_validation: with digits too far apart",
    "_input/imei_validation: with digits of another script",
    "_input/imei_validation: with several IMEIs",
    "_input/imei_validation: with several lines",
    "_input/imei_validation: with two numbers",
    "_input/imei_columns: with another number of fields",
    "_input/row_checks: comments with the fields of a row",
    "_input/row_checks: with shifted fields",
    "_licenses/query: The account uses … of its ….",
    "_licenses/query: the list of licensed devices",
    "_licenses/query: the subscription of the account",
    "_licenses/query: the totals of the account",
    "_licenses/access_report: the given one was rejected, and a new one was obtained",
    "_licenses/access_report: does not work",
    "_licenses/access_report: The account may use … of the … calls that only read. Support: ….",
    "_licenses/access_report: …… in use, billed as …",
    "_licenses/access_report: an unknown number",
    "_licenses/access_report: path of the license list",
    "_licenses/access_report: path of campaigns",
    "_licenses/access_report: Whether the account may remove licenses shows only when one is removed: start with one device.",
    "_licenses/account_access: list of all devices",
    "_licenses/account_access: devices by list",
    "_licenses/account_access: no such resource",
    "_licenses/account_access: devices of a campaign",
    "_support/atomic_files: it is a directory",
    "_support/atomic_files: it is not a regular file",
    "_licenses/states: holds a license",
    "_licenses/states: holds no license",
    "_licenses/states: the account may read neither its devices nor its list of licensed devices",
    "_thingspace/tokens: Obtain a new one (role verizon.fota.tokens), or set client_id and client_secret so that it is renewed.",
    "_thingspace/tokens: Obtain a new one (role verizon.fota.tokens), or set username and password so that it is renewed.",
    "_role_variables: --check or the playbook verizon.fota.audit",
    "_removal_options: a whole number, such as 100",
    "_removal_options: a number, such as 0.5",
    "_removal_options: true or false",
    "_removal_options: ; nothing was removed",
    "_removal_options: …; nothing was removed in this batch",
    "_run_outcome: Ansible did not run the logout",
    "_licenses/waiting: it was interrupted",
    "_devices_of_hosts: the host variable imei of …",
    "_run_outcome: would be removed",
    "_run_outcome: The run ended early: ",
    "_run_outcome: and … more reason…, see the report",
    "license_remove_hosts: …; nothing was sent.",
    "_removal_options: The module gave no result",
    "_run_outcome: …; nothing was sent.",
    "_run_outcome: not sent: more than ",
    "licenses: it is empty",
)


_DOCUMENTATION = re.compile(r'^(DOCUMENTATION|EXAMPLES) = r""".*?^"""$', flags=re.DOTALL | re.MULTILINE)


def source_of(file: str) -> str:
    """Return the source of a file in one of the folders whose messages people read, without its documentation."""
    paths = [CODE / folder / f"{file}.py" for folder in ("module_utils", "plugin_utils", "action", "inventory")]
    (path,) = [path for path in paths if path.exists()]
    return _DOCUMENTATION.sub("", path.read_text(encoding="utf-8"))


def texts(source: str) -> t.Iterator[str]:
    """Return the texts in a source, without docstrings; of an f-string, the fixed parts."""
    tree = ast.parse(source)
    passed = {
        id(part)
        for node in ast.walk(tree)
        for part in (ast.walk(node) if isinstance(node, ast.JoinedStr) else [])
        if part is not node
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr):
            passed.add(id(node.value))
        elif id(node) in passed:
            continue
        elif isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else GAP for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def task_texts(value: t.Any) -> t.Iterator[str]:
    """Return the texts in the tasks of roles and playbooks."""
    if isinstance(value, str):
        yield " ".join(value.split())
    elif isinstance(value, (dict, list)):
        for part in value.values() if isinstance(value, dict) else value:
            yield from task_texts(part)


def all_texts() -> list[str]:
    # The advice of the report quotes messages as the guides do.
    paths = [path for path in sorted(CODE.rglob("*.py")) if path.name != "advice.py"]
    code = [text for path in paths for text in texts(path.read_text(encoding="utf-8"))]
    tasks = [
        text
        for path in sorted([*ROOT.glob("roles/*/tasks/*.yml"), *ROOT.glob("playbooks/*.yml")])
        for text in task_texts(yaml.safe_load(path.read_text(encoding="utf-8")))
    ]
    parts = (action, basic, json_utils, default_callback, free, file)
    of_ansible = [text for part in parts for text in texts(inspect.getsource(part))]
    return [*code, *tasks, basic.missing_required_lib("requests"), *of_ansible]


def quotes(quote: str, text: str) -> bool:
    """Return whether a quote matches this text: all fixed parts, in this order."""
    fixed = [re.escape(part.strip()) for part in quote.split(GAP) if part.strip()]
    return re.search(".*".join(fixed), text, flags=re.DOTALL) is not None


def is_message(text: str) -> bool:
    """Return whether a text is a message, and not a name, a format or a regular expression."""
    words = [word for word in text.split() if re.search(r"[A-Za-z]{2}", word)]
    return len(words) >= 3 and not re.search(r"\\|\)\?", text)


@pytest.mark.parametrize("guide", EXPLAINED_BY)
def test_the_guides_quote_existing_messages(guide: str) -> None:
    messages = all_texts()
    by_service = {quote for heading, quote in first_cells(guide) if heading.startswith(SERVICE_SAYS)}
    quoted = [quote for _heading, quote in first_cells(guide) if quote not in by_service]
    assert len(quoted) > 20, f"this test does not find the tables of guide_{guide}.rst"
    stale = [quote for quote in quoted if not any(quotes(quote, text) for text in messages)]
    assert not stale, f"nothing says this any more, change it in {FOLDER}/guide_{guide}.rst:\n" + "\n".join(stale)


@pytest.mark.parametrize(("guide", "file"), [(guide, file) for guide, files in EXPLAINED_BY.items() for file in files])
def test_every_message_is_explained(guide: str, file: str) -> None:
    quoted = [quote for name in EXPLAINED_BY for _heading, quote in first_cells(name)]
    messages = texts(source_of(file))
    new = [
        text
        for text in dict.fromkeys(filter(is_message, messages))
        if f"{file}: {text}" not in PARTS_OF_MESSAGES
        and not any(quotes(quote, text) for quote in quoted if len(quote) > 12)
    ]
    assert not new, (
        f"{file}.py says what no guide explains: add a row to {FOLDER}/guide_{guide}.rst (or a line to PARTS_OF_MESSAGES in this"
        " test, if it never stands alone):\n" + "\n".join(new)
    )


def test_the_exceptions_of_the_guides_still_exist() -> None:
    obsolete = []
    for entry in PARTS_OF_MESSAGES:
        file, _colon, text = entry.partition(": ")
        if text not in texts(source_of(file)):
            obsolete.append(entry)
    assert not obsolete, "take out of PARTS_OF_MESSAGES in this test:\n" + "\n".join(obsolete)


def test_quotes_are_compared_in_order_and_completely() -> None:
    (text,) = texts('def f(host):\n    """Nothing."""\n    return f"cannot reach {host} in {host!r} s"')
    assert text == "cannot reach … in … s"
    assert quotes("cannot reach … in … s", text) and quotes("cannot reach", text)
    assert not quotes("in … cannot reach", text) and not quotes("cannot get to", text)


def tasks_in(value: t.Any) -> t.Iterator[dict[str, t.Any]]:
    """Return all mappings in plays or tasks, at any depth."""
    if isinstance(value, dict):
        yield value
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from tasks_in(part)


def test_no_example_takes_a_run_that_never_began_for_a_success() -> None:
    """With invalid options, all counts are 0: a play that accepts some failures must not accept that."""
    shown: list[tuple[str, t.Any]] = []
    for path in ROOT.glob("plugins/modules/*.py"):
        found = texts(path.read_text(encoding="utf-8"))
        shown += [(path.stem, yaml.safe_load(text)) for text in found if "\n- name:" in text]
    for document in documents(ROOT):
        files = [yaml.safe_load(text) for name, text in document.files.items() if name.endswith(".yml")]
        shown += [(document.name, part) for part in (*document.plays.values(), *files)]
    conditions = [
        (name, task["name"], str(task["failed_when"]))
        for name, part in shown
        for task in tasks_in(part)
        if "summary" in str(task.get("failed_when"))
    ]
    found_in = {name for name, *_rest in conditions}
    assert {"license_remove", "guide_results.rst"} <= found_in, "this test does not find them"
    wrong = [f"{name}: {task}" for name, task, condition in conditions if "summary.requested" not in condition]
    assert not wrong, "begin failed_when with 'removal.summary.requested | default(0) == 0 or':\n" + "\n".join(wrong)


def test_the_outcomes_are_those_of_the_code() -> None:
    rows = tables("results")["The outcomes"]
    documented = [(*literals(row[0]), row[2], row[3]) for row in rows]
    devices = [Device("990003425730535", outcome) for outcome in outcomes.REMOVAL.names]
    words = {True: "yes", False: "no"}
    assert documented == [(device.outcome, words[device.changed], words[device.failed]) for device in devices]


@pytest.mark.parametrize(
    ("reason", "outcome"),
    [
        (reason, outcome)
        for row in tables("results")[SERVICE_SAYS]
        for reason in literals(row[0])
        for outcome in literals(row[1])
    ],
)
def test_reasons_of_the_service_lead_to_the_outcome_that_the_guide_says(reason: str, outcome: str) -> None:
    imei = "990003425730535"
    entry = {"deviceId": imei, "status": "Success" if reason == "Success" else "Failure", "resultReason": reason}
    account = FakeAccount([imei], on_remove=repeat(responding(entry)))
    before = {imei: Reading(State.UNREAD)}
    (device,) = change(outcomes.REMOVAL, account.remove, Reader(account), [imei], before, Rules()).devices
    assert device.outcome == outcome and device.details.reason == reason


def test_every_reason_of_the_simulator_is_explained() -> None:
    explained = [reason for row in tables("results")[SERVICE_SAYS] for reason in literals(row[0])]
    dialect = Dialect.CHOICES
    firsts = [dialect["no_license"][0], *dialect["unknown_device_reason"], *dialect["ever_upgraded_reason"]]
    assert set(firsts) <= set(explained), f"add a row to {FOLDER}/guide_results.rst, under {SERVICE_SAYS}"


def test_callbacks_that_show_progress_are_named() -> None:
    page = (ROOT / FOLDER / "guide_troubleshooting.rst").read_text(encoding="utf-8")
    documented = set(literals(page.partition("with other callbacks than")[2].partition("and the like")[0]))
    known = {name for name in license_remove._FOR_PEOPLE if not name.startswith("ansible.")}
    assert documented <= known, f"{FOLDER}/guide_troubleshooting.rst names callbacks that show no progress"


def test_every_dialect_of_the_simulator_is_documented() -> None:
    documented = {field for row in tables("compatibility")["Dialects"] for field in literals(row[2])}
    assert documented == set(Dialect.CHOICES), (
        f"bring the table in {FOLDER}/guide_compatibility.rst and Dialect together"
    )


def test_all_that_is_public_is_promised() -> None:
    page = (ROOT / FOLDER / "guide_versions.rst").read_text(encoding="utf-8")
    promised = page.partition("What is public\n")[2].partition("What is not public\n")[0]
    modules = [path.stem for path in ROOT.glob("plugins/modules/*.py")]
    inventories = [path.stem for path in ROOT.glob("plugins/inventory/*.py")]
    roles = [path.name for path in ROOT.glob("roles/*/")]
    playbooks = [f"verizon.fota.{path.stem}" for path in ROOT.glob("playbooks/*.yml")]
    missing = [
        name
        for name in (*modules, *inventories, *roles, *playbooks, *outcomes.REMOVAL.names, *outcomes.ASSIGNMENT.names)
        if f"``{name}``" not in promised
    ]
    assert not missing, f"say in {FOLDER}/guide_versions.rst that this is public: {', '.join(missing)}"
