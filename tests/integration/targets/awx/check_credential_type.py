# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check the credential type of the guide, and run plays with the environment that AWX creates from it."""

from __future__ import annotations

import dataclasses
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import yaml
from jinja2 import StrictUndefined

from ansible_collections.verizon.fota.plugins.module_utils import _argument_spec
from ansible_collections.verizon.fota.tests.integration.targets.awx import guide
from ansible_collections.verizon.fota.tests.simulator import Account, Device, Simulator
from ansible_collections.verizon.fota.tests.simulator.fleets import ACCOUNT

ROOT = Path(sys.argv[1])
IMEI = "990003425730535"
LOG_IN = {"ansible.builtin.import_role": {"name": "verizon.fota.tokens"}}
REMOVE = {"verizon.fota.license_remove": {"imeis": [IMEI]}}
REMOVE_FROM_ACCOUNT = {"verizon.fota.license_remove": {"imeis": [IMEI], "account": ACCOUNT}}
KEEP_TOKENS = {"verizon.fota.session": {"state": "present"}, "no_log": True}


def main() -> None:
    fields = yaml.safe_load(guide.block(ROOT, "fields:"))["fields"]
    check_names(fields, guide.injectors(ROOT))
    for name, check in {
        "log in and remove": login_and_remove,
        "tokens instead of a login": tokens_instead_of_a_login,
        "no address": no_address,
    }.items():
        print(f"--- {name}", flush=True)
        with Simulator([Account(ACCOUNT, devices=[Device(IMEI, licensed=True)])]) as simulator:
            check(simulator)
    print("The credential type of the guide sets what the collection reads")


def check_names(fields: list[dict[str, Any]], injectors: dict[str, str]) -> None:
    """Compare fields and variables with what the modules read, in both directions."""
    options = {**_argument_spec.account(), **_argument_spec.connection()}
    # A trace is for one job, and no part of a credential.
    options = {name: option for name, option in options.items() if "fallback" in option and name != "trace"}
    read = {name: option["fallback"][1] for name, option in options.items()}
    same([field["id"] for field in fields], options, "fields and options")
    same(injectors, [variable for variables in read.values() for variable in variables], "variables")
    same(
        [field["id"] for field in fields if field.get("secret")],
        [name for name, option in options.items() if option.get("no_log")],
        "secrets",
    )
    for name in options:
        # As in AWX when the type is saved, a name that is no field is rejected.
        values = {field["id"]: f"<{field['id']}>" for field in fields}
        got = {
            variable: guide.render(injectors[variable], values, undefined=StrictUndefined) for variable in read[name]
        }
        same(got.values(), [f"<{name}>"], f"the values of {sorted(got)}")
    files = [*(ROOT / "plugins").rglob("*.py"), *(ROOT / "roles").rglob("*.yml"), *(ROOT / "playbooks").rglob("*.yml")]
    named = {name for file in files for name in re.findall(r"\bTHINGSPACE_[A-Z_]+\b", file.read_text("utf-8"))}
    same(named - {"THINGSPACE_TRACE"}, injectors, "variables that plugins, roles and playbooks name")


def same(found: Any, expected: Any, what: str) -> None:
    if sorted(found) != sorted(expected):
        raise AssertionError(f"{what}: {sorted(found)} instead of {sorted(expected)}")


def login_and_remove(simulator: Simulator) -> None:
    filled = {**dataclasses.asdict(simulator.credentials), "account": ACCOUNT, "api_url": simulator.url}
    play(filled, [LOG_IN, REMOVE])
    same(simulator.licensed(ACCOUNT), [], "devices with a license")


def tokens_instead_of_a_login(simulator: Simulator) -> None:
    access, session = simulator.issue_tokens()
    filled = {"access_token": access, "session_token": session, "api_url": simulator.url}
    play(filled, [LOG_IN, REMOVE_FROM_ACCOUNT])
    same(simulator.licensed(ACCOUNT), [], "devices with a license")
    calls = {request.path for request in simulator.requests if "login" in request.path or "oauth2" in request.path}
    same(calls, [], "calls for tokens")


def no_address(simulator: Simulator) -> None:
    # With both tokens, nothing is sent to the address, which is that of ThingSpace.
    access, session = simulator.issue_tokens()
    play({"access_token": access, "session_token": session}, [KEEP_TOKENS])


def play(filled: dict[str, str], tasks: list[dict[str, Any]]) -> None:
    environment = guide.environment(ROOT, filled)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "play.yml")
        file.write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]), encoding="utf-8")
        subprocess.run(["ansible-playbook", str(file)], env=environment, stdin=subprocess.DEVNULL, check=True)


if __name__ == "__main__":
    main()
