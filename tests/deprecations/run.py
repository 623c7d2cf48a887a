# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs each playbook, the play of the README and every module against the simulator, and fails if Ansible warns of a deprecation.

ansible-test switches these warnings off, so that its integration tests cannot find any.
"""

from __future__ import annotations

import concurrent.futures
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.simulator import Account, Credentials, Simulator  # noqa: E402
from tests.simulator.fleets import ACCOUNT, DOCUMENT_IMEIS, devices_in_every_state  # noqa: E402

WARNING = "[DEPRECATION WARNING]"
RETIRED = DOCUMENT_IMEIS[0]
# A module that is deprecated itself: shows that a warning would be seen.
CANARY = """
from ansible.module_utils.basic import AnsibleModule
module = AnsibleModule({})
module.deprecate("the canary", version="99.0.0", collection_name="verizon.fota")
module.exit_json()
"""
MODULES: list[dict[str, Any]] = [
    {"verizon.fota.session": {}, "register": "session", "no_log": True},
    {"verizon.fota.account_info": {}},
    {"verizon.fota.license_info": {"imeis": [RETIRED], "subscription": True}},
    {"verizon.fota.license_remove": {"imeis": [RETIRED], "check_upgrades": True, "journal": "journal.jsonl"}},
    {"verizon.fota.license_report": {"journal": "journal.jsonl", "directory": "report"}},
    {"verizon.fota.license_assign": {"imeis": [RETIRED]}},
    {
        "verizon.fota.session": {
            "state": "absent",
            "access_token": "{{ session.access_token }}",
            "session_token": "{{ session.session_token }}",
        },
    },
]
OF_THE_ROLE = {"verizon.fota.license_remove_hosts", "verizon.fota.license_outcome"}
OF_FILE = ("-e", "decommission_imeis_file=retired.csv", "-e", "decommission_report_dir=report")
OF_HOSTS = ("-i", "inventory.json", "-e", "decommission_report_dir=report")
DECOMMISSION = ("verizon.fota.decommission", *OF_FILE)
# By name, what is run one after the other
RUNS: dict[str, list[tuple[str, ...]]] = {
    "playbook check": [("verizon.fota.check",)],
    "playbook audit, a file": [("verizon.fota.audit", *OF_FILE)],
    "playbook audit, hosts": [("verizon.fota.audit", *OF_HOSTS)],
    "playbook decommission, hosts": [("verizon.fota.decommission", *OF_HOSTS)],
    "playbooks decommission and restore, a file": [
        DECOMMISSION,
        ("verizon.fota.restore", "-e", "restore_journal=report/journal.jsonl"),
    ],
    "play of the README": [("readme.yml",)],
    "modules": [("modules.json",)],
}


def main() -> int:
    ours = {f"verizon.fota.{path.stem}" for path in (ROOT / "playbooks").glob("*.yml")}
    missing = ours - {command[0] for commands in RUNS.values() for command in commands}
    # What the role uses is run by the playbooks.
    modules = {f"verizon.fota.{path.stem}" for path in (ROOT / "plugins" / "modules").glob("*.py")} - OF_THE_ROLE
    missing |= modules - {name for task in MODULES for name in task}
    problems = [f"there is no run of {name}" for name in sorted(missing)]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        canary, *all_done = pool.map(run, [[("canary.json",)], *RUNS.values()])
    if not any("the canary" in line for line in warnings(canary)):
        problems.append(f"a deprecation would not be seen:\n{canary[0].stdout}")
    for name, done in zip(RUNS, all_done):
        found = warnings(done)
        problems += [f"{name} ended with {one.returncode}:\n{one.stdout[-3000:]}" for one in done if one.returncode]
        problems += [f"{name}: {line}" for line in dict.fromkeys(found)]
        print(f"{name}: {len(found)} deprecation warnings", flush=True)
    print("\n".join(problems), file=sys.stderr)
    return 1 if problems else 0


def warnings(done: list[subprocess.CompletedProcess[str]]) -> list[str]:
    return [line for one in done for line in one.stdout.splitlines() if WARNING in line]


def run(commands: list[tuple[str, ...]]) -> list[subprocess.CompletedProcess[str]]:
    account = Account(ACCOUNT, license_total=9000, devices=devices_in_every_state())
    with Simulator([account]) as simulator, tempfile.TemporaryDirectory() as folder:
        write(Path(folder), simulator.credentials)
        credentials = {name: getattr(simulator.credentials, name) for name in Credentials.__dataclass_fields__}
        environment = {
            **os.environ,
            **{f"THINGSPACE_{name.upper()}": value for name, value in credentials.items()},
            "THINGSPACE_ACCOUNT": ACCOUNT,
            "THINGSPACE_API_URL": simulator.url,
            "ANSIBLE_DEPRECATION_WARNINGS": "true",
            "ANSIBLE_NOCOLOR": "true",
        }
        return [
            subprocess.run(
                # Ansible shows some warnings only at a high verbosity.
                ["ansible-playbook", "-vvv", "--diff", *command],
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            )
            for command in commands
        ]


def write(folder: Path, credentials: Credentials) -> None:
    """Write what the runs need."""
    (readme,) = re.findall(r"```yaml\n(- name: .*?hosts: .*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    vault = {
        "vault_thingspace_key": credentials.client_id,
        "vault_thingspace_secret": credentials.client_secret,
        "vault_thingspace_username": credentials.username,
        "vault_thingspace_password": credentials.password,
    }
    hosts = {f"meter{number}": {"imei": imei} for number, imei in enumerate(DOCUMENT_IMEIS[:2], start=1)}
    play = {"hosts": "localhost", "gather_facts": False}
    files = {
        "readme.yml": readme,
        "modules.json": json.dumps([{**play, "tasks": MODULES}]),
        "canary.json": json.dumps([{**play, "tasks": [{"canary": {}}]}]),
        "inventory.json": json.dumps({"all": {"hosts": hosts}}),
        "retired.csv": f"imei\n{RETIRED}\n",
        "group_vars/all.json": json.dumps(vault),
        "library/canary.py": CANARY,
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
