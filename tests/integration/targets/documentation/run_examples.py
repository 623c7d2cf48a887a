# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run what users copy against the simulator: the examples of modules and roles, and those of READMEs and guides.

Each play is run for real, and the examples of a module or role also in check mode; tasks are put into a play that has tokens.
The commands of a document are run in its order, in one directory and against one simulator, and must print what it shows.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import os
import re
import subprocess
import sys
import tempfile
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Callable

import yaml

from ansible_collections.verizon.fota.tests.integration.targets.documentation.documents import Document, documents
from ansible_collections.verizon.fota.tests.simulator import Account, Credentials, Device, Simulator
from ansible_collections.verizon.fota.tests.simulator.fleets import ACCOUNT, devices_in_every_state

ROOT = Path(sys.argv[1])
# Files and variables that the documentation mentions and does not show.
REMOVED = {"time": "2026-11-23T02:00:00Z", "account": ACCOUNT, "check_mode": False, "run_id": "f8ac5135e2fc"}
JOURNAL = (
    json.dumps({**REMOVED, "imei": "900000000000999", "outcome": "removed", "changed": True, "failed": False}) + "\n"
)
INVENTORY = {"retired": {"hosts": {"meter1": {"imei": "990003425730535"}, "meter2": {"imei": "900000000000999"}}}}
FILES = {
    "retired-meters.csv": "990000000000037\n900000000000999\n",
    "meters.csv": "Serial;Site\n990000000000037;Elm Street\n900000000000999;Oak Street\n",
    "inventory.yml": json.dumps(INVENTORY),
}
FILES_OF_PLAYS = {
    **FILES,
    "report/journal.jsonl": JOURNAL,
    "retired.jsonl": JOURNAL,
    "retired.csv": "imei,note\n990000000000037,meter\n990000000000011,upgraded meter\n",
}
FILES_OF_COMMANDS = {
    **FILES,
    "retired.csv": "imei,note\n990000000000037,meter\n990000473475989,meter\n",
    "north.csv": "990003425730535\n",
    "south.csv": "990000473475989\n",
}
# Its commands begin where another document's end.
JOURNALS = {"roles/restore/README.md": {"report/journal.jsonl": JOURNAL}}
VARIABLES = {
    "client_id": ["client_id", "vault_thingspace_key"],
    "client_secret": ["client_secret", "vault_thingspace_secret"],
    "username": ["username", "vault_thingspace_username"],
    "password": ["password", "vault_thingspace_password"],
}
# Next to a playbook, this file sets variables of all hosts.
VARIABLES_OF_ALL = "group_vars/all.json"
# The placeholders of credentials in the files that guides show.
PLACEHOLDERS = {"client_id": "<key>", "client_secret": "<secret>", "username": "<user>", "password": "<password>"}


class Wrong(Exception):
    """An example does not do what it should; the message says what it did."""


def main() -> int:
    found = list(documents(ROOT))
    own = examples()
    plays = {**own, **{name: play for document in found for name, play in document.plays.items()}}
    # The longest first.
    jobs: dict[str, Callable[[], None]] = {
        f"commands of {doc.name}": functools.partial(run_commands, doc) for doc in found if doc.commands
    }
    jobs.update(
        {
            f"{name}{' in check mode' * check_mode}": functools.partial(run_play, block, check_mode)
            for name, block in plays.items()
            for check_mode in ([True, False] if name in own else [False])
        }
    )
    with ThreadPoolExecutor(os.cpu_count()) as executor:
        outcomes = list(executor.map(outcome, jobs, jobs.values()))
    commands = sum(len(document.commands) for document in found)
    print(f"{len(plays)} blocks, {len(own)} also in check mode, and {commands} commands: {outcomes.count(False)} wrong")
    # There are at least so many; fewer means that the search is broken.
    return 0 if all(outcomes) and len(plays) >= 14 and commands >= 20 else 1


def outcome(name: str, job: Callable[[], None]) -> bool:
    try:
        job()
    except Wrong as error:
        print(f"--- {name}: WRONG\n{error}", flush=True)
    except Exception:
        print(f"--- {name}: WRONG\n{traceback.format_exc()}", flush=True)
    else:
        print(f"--- {name}: as it should be", flush=True)
        return True
    return False


def examples() -> dict[str, list[dict[str, Any]]]:
    """Return the examples that modules and roles have in their documentation."""
    modules = documented("module", [file.stem for file in (ROOT / "plugins" / "modules").glob("*.py")])
    roles = documented("role", [file.name for file in (ROOT / "roles").iterdir()])
    found = {name: doc["examples"] for name, doc in modules.items()}
    for name, role in roles.items():
        found.update({f"{name}, {entry}": doc["examples"] for entry, doc in role["entry_points"].items()})
    return {f"examples of {name}": yaml.safe_load(text) for name, text in found.items()}


def documented(kind: str, names: list[str]) -> dict[str, Any]:
    command = ["ansible-doc", "--json", "--type", kind, *(f"verizon.fota.{name}" for name in sorted(names))]
    return dict(json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout))


def as_play(block: list[dict[str, Any]], tokens: tuple[str, str]) -> list[dict[str, Any]]:
    if block[0].keys() & {"hosts", "import_playbook", "ansible.builtin.import_playbook"}:
        return block
    # As from the role tokens, which takes a second.
    variables = dict(zip(("tokens_access_token", "tokens_session_token"), tokens))
    return [{"hosts": "localhost", "gather_facts": False, "vars": variables, "tasks": block}]


def run_play(block: list[dict[str, Any]], check_mode: bool) -> None:
    account = Account(ACCOUNT, license_total=9000, devices=devices_in_every_state())
    with Simulator([account]) as simulator, tempfile.TemporaryDirectory() as folder:
        files = {**FILES_OF_PLAYS, "play.yml": json.dumps(as_play(block, simulator.issue_tokens()))}
        before = simulator.licensed(ACCOUNT)
        write({**files, VARIABLES_OF_ALL: variables(simulator.credentials)}, Path(folder))
        options = ["--diff", *(["--check"] if check_mode else [])]
        code, printed = run(["ansible-playbook", "play.yml", "-i", "inventory.yml", *options], simulator, Path(folder))
        if code != 0:
            raise Wrong(f"it ended with {code}:\n{printed}")
        if re.search("ignored=[1-9]", printed):
            raise Wrong(f"it passed over a failure:\n{printed}")
        if check_mode and simulator.licensed(ACCOUNT) != before:
            raise Wrong(f"it wrote in check mode:\n{printed}")


def run_commands(document: Document) -> None:
    # A guide that shows its devices shows the output for those of the simulator's command line. Others mention
    # shares, for which the account needs more devices.
    more = [] if document.files else [Device(f"35{number:013}", licensed=True) for number in range(100)]
    account = Account(ACCOUNT, license_total=9000, devices=[*devices_in_every_state(), *more])
    with Simulator([account]) as simulator, tempfile.TemporaryDirectory() as folder:
        # In a README, where no block can have a name, "retire.yml" is its first playbook.
        first = json.dumps(next(iter(document.plays.values()), []))
        known = {"retire.yml": first, VARIABLES_OF_ALL: variables(simulator.credentials)}
        shown = filled_in(document.files, simulator.credentials)
        write({**FILES_OF_COMMANDS, **known, **shown, **JOURNALS.get(document.name, {})}, Path(folder))
        for command in document.commands:
            code, printed = run(command.arguments, simulator, Path(folder))
            output = f"{' '.join(command.arguments)} ended with {code}:\n{printed}"
            if (code != 0) != command.fails:
                raise Wrong(f"{document.name} says that it {'fails' if command.fails else 'succeeds'}: {output}")
            missing = command.missing(printed)
            if missing is not None:
                raise Wrong(f"{document.name} shows {missing!r}, which was not printed: {output}")


def variables(credentials: Credentials) -> str:
    given = dataclasses.asdict(credentials)
    return json.dumps({name: given[kind] for kind, names in VARIABLES.items() for name in names})


def filled_in(files: dict[str, str], credentials: Credentials) -> dict[str, str]:
    filled = dict(files)
    for kind, placeholder in PLACEHOLDERS.items():
        filled = {name: text.replace(placeholder, getattr(credentials, kind)) for name, text in filled.items()}
    return filled


def write(files: dict[str, str], folder: Path) -> None:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, encoding="utf-8")


def run(arguments: list[str], simulator: Simulator, folder: Path) -> tuple[int, str]:
    environment = {
        **os.environ,
        "THINGSPACE_ACCOUNT": ACCOUNT,
        "THINGSPACE_API_URL": simulator.url,
        **{f"THINGSPACE_{kind.upper()}": value for kind, value in dataclasses.asdict(simulator.credentials).items()},
    }
    streams: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    done = subprocess.run(arguments, cwd=folder, env=environment, text=True, check=False, **streams)
    return done.returncode, done.stdout


if __name__ == "__main__":
    sys.exit(main())
