# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs what users paste: every example of the modules and every YAML block of the READMEs, against the simulator.

Each block is run in check mode, and then for real. A block of tasks is put into a play that has obtained the tokens.
"""

from __future__ import annotations

import dataclasses
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

from ansible_collections.verizon.fota.tests.simulator import Account, Simulator
from ansible_collections.verizon.fota.tests.simulator.fleets import ACCOUNT, devices_in_every_state

ROOT = Path(sys.argv[1])
# Files and variables that the documentation speaks of.
FILES = {
    "retired.csv": "imei,note\n990000000000037,meter\n990000000000011,upgraded meter\n",
    "retired-meters.csv": "990000000000037\n900000000000999\n",
}
VARIABLES = {
    "client_id": ["client_id", "vault_thingspace_key"],
    "client_secret": ["client_secret", "vault_thingspace_secret"],
    "username": ["username", "vault_thingspace_username"],
    "password": ["password", "vault_thingspace_password"],
}


def main() -> int:
    blocks = {**readme_blocks(), **module_examples()}
    for name, block in blocks.items():
        play = as_play(block)
        for options in (["--check", "--diff"], ["--diff"]):
            run(name, play, options)
    print(f"{len(blocks)} blocks ran, each in check mode and for real")
    # So many there are at least; fewer means that they were not found.
    return 0 if len(blocks) >= 5 else 1


def readme_blocks() -> dict[str, list[dict]]:  # type: ignore[type-arg]
    blocks = {}
    for file in [ROOT / "README.md", *sorted(ROOT.glob("roles/*/README.md"))]:
        found = re.findall(r"^```yaml\n(.*?)^```", file.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
        name = file.relative_to(ROOT)
        blocks.update(
            {f"{name}, YAML block {count}": yaml.safe_load(text) for count, text in enumerate(found, start=1)}
        )
    return blocks


def module_examples() -> dict[str, list[dict]]:  # type: ignore[type-arg]
    modules = sorted(file.stem for file in (ROOT / "plugins" / "modules").glob("*.py"))
    command = ["ansible-doc", "--json", "--type", "module", *(f"verizon.fota.{module}" for module in modules)]
    documented = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
    return {f"examples of {name}": yaml.safe_load(doc["examples"]) for name, doc in documented.items()}


def as_play(block: list[dict]) -> list[dict]:  # type: ignore[type-arg]
    if "hosts" in block[0]:
        return block
    log_in = {"ansible.builtin.import_role": {"name": "verizon.fota.tokens"}}
    return [{"hosts": "localhost", "gather_facts": False, "tasks": [log_in, *block]}]


def run(name: str, play: list[dict], options: list[str]) -> None:  # type: ignore[type-arg]
    print(f"--- {name} {' '.join(options)}", flush=True)
    account = Account(ACCOUNT, license_total=9000, devices=devices_in_every_state())
    with Simulator([account]) as simulator, tempfile.TemporaryDirectory() as folder:
        for file, content in FILES.items():
            Path(folder, file).write_text(content, encoding="utf-8")
        given = dataclasses.asdict(simulator.credentials)
        variables = {name: given[kind] for kind, names in VARIABLES.items() for name in names}
        Path(folder, "variables.json").write_text(json.dumps(variables), encoding="utf-8")
        Path(folder, "play.yml").write_text(json.dumps(play), encoding="utf-8")
        environment = {
            **os.environ,
            "THINGSPACE_ACCOUNT": ACCOUNT,
            "THINGSPACE_API_URL": simulator.url,
            **{f"THINGSPACE_{kind.upper()}": value for kind, value in given.items()},
        }
        command = ["ansible-playbook", "play.yml", "--extra-vars", "@variables.json", *options]
        subprocess.run(command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, check=True)
        before = {device.imei for device in account.devices if device.licensed}
        if "--check" in options and simulator.licensed(ACCOUNT) != before:
            raise AssertionError(f"{name} wrote in check mode")


if __name__ == "__main__":
    sys.exit(main())
