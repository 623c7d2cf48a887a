# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Load the inventory of licensed devices as users do: by its file, from the cache, and for a decommissioning.

Options, errors and sessions are tested in tests/unit/plugins/inventory/test_licenses.py.
"""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Callable

import yaml

from ansible_collections.verizon.fota.tests.simulator import Account, Simulator
from ansible_collections.verizon.fota.tests.simulator.fleets import ACCOUNT, devices_in_every_state

PLUGIN = "verizon.fota.licenses"
FILE = "fleet.thingspace.yml"
# Lookups would search in the directory that it sets.
OF_ANSIBLE_TEST = ("ANSIBLE_FORCE_COLOR", "ANSIBLE_PLAYBOOK_DIR")
FAILS_IF_UNPARSED = {"ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "true"}


@dataclasses.dataclass(frozen=True)
class Tried:
    """A folder, and an account with devices in every state."""

    folder: Path
    service: Simulator

    def write(self, name: str = FILE, **options: Any) -> None:
        (self.folder / name).write_text(yaml.safe_dump({"plugin": PLUGIN, **options}), encoding="utf-8")

    def run(self, *command: str, **variables: str) -> subprocess.CompletedProcess[str]:
        given = {"account": ACCOUNT, "api_url": self.service.url, **dataclasses.asdict(self.service.credentials)}
        environment = {
            **{name: value for name, value in os.environ.items() if name not in OF_ANSIBLE_TEST},
            "ANSIBLE_NOCOLOR": "1",
            "HOME": str(self.folder),
            **{f"THINGSPACE_{name.upper()}": value for name, value in given.items()},
            **variables,
        }
        streams: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.run(command, cwd=self.folder, env=environment, text=True, check=False, **streams)

    def listed(self, *options: str, file: str = FILE) -> dict[str, Any]:
        """Return the inventory as ansible-inventory lists it."""
        done = self.run("ansible-inventory", "-i", file, "--list", *options, **FAILS_IF_UNPARSED)
        require(done.returncode == 0, "the inventory was loaded", done)
        return dict(json.loads(done.stdout))

    def logins(self) -> int:
        return sum(request.path.endswith("/login") for request in self.service.requests)


def require(holds: object, claim: str, done: subprocess.CompletedProcess[str] | None = None) -> None:
    """Check a condition; if it does not hold, show the output."""
    if not holds:
        raise AssertionError(f"it is not true that {claim}\n{f'{done.stdout}{done.stderr}'[-6000:] if done else ''}")


def text(value: Any) -> Any:
    """Return a variable of a host. Since 2.19, texts that are not templates are marked."""
    return value["__ansible_unsafe"] if isinstance(value, dict) else value


def test_hosts_variables_and_groups(tried: Tried) -> None:
    tried.write(keyed_groups=[{"prefix": "assigned", "key": "fota_assigned_time[:4]"}], hostname="meter-{{ imei }}")
    found = tried.listed()
    hosts = {name: {key: text(value) for key, value in own.items()} for name, own in found["_meta"]["hostvars"].items()}
    time = "2021-06-10T15:13:30.941Z"
    wanted = {f"meter-{imei}": {"imei": imei, "fota_assigned_time": time} for imei in tried.service.licensed(ACCOUNT)}
    require(hosts == wanted, f"each licensed device is a host: {hosts}")
    require(set(found["assigned_2021"]["hosts"]) == set(wanted), f"all are in a group: {found}")


def test_a_cached_inventory_needs_no_request(tried: Tried) -> None:
    tried.write(cache=True, cache_plugin="ansible.builtin.jsonfile", cache_connection=str(tried.folder / "cache"))
    first = tried.listed()
    count = len(tried.service.requests)
    require(tried.listed() == first and len(tried.service.requests) == count, "the second one is from the cache")
    # Only ansible-playbook has this option before 2.19.
    (tried.folder / "nothing.yml").write_text("[{hosts: localhost, gather_facts: false}]", encoding="utf-8")
    done = tried.run("ansible-playbook", "nothing.yml", "-i", FILE, "--flush-cache")
    require(tried.logins() == 2 and tried.listed() == first, "it can be read again", done)
    written = "".join(file.read_text(encoding="utf-8") for file in (tried.folder / "cache").iterdir())
    secrets = {value for name, value in dataclasses.asdict(tried.service.credentials).items() if name != "username"}
    require("990003425730535" in written, "the cache was written")
    require(not any(secret in written for secret in secrets), "it contains no credentials")


def test_a_decommissioning_of_its_hosts(tried: Tried) -> None:
    tried.write(groups={"retired": "imei in ['990003425730535', '990000473475989']"})
    command = ("ansible-playbook", "verizon.fota.decommission", "-i", FILE, "-e", "decommission_hosts=retired")
    done = tried.run(*command, "--check")
    require(done.returncode == 0 and "2 licenses would be removed." in done.stdout, "it is a forecast", done)
    require(not tried.service.writes, "nothing was removed", done)
    done = tried.run(*command)
    require("2 licenses removed." in done.stdout, "the licenses of these hosts were removed", done)
    require(len(tried.service.licensed(ACCOUNT)) == 5, "and no others", done)
    require(tried.logins() == 4, "the inventory and the role have a session each", done)


def test_an_inventory_that_cannot_be_read_fails(tried: Tried) -> None:
    tried.write()
    password = "Wm5xUg8r2"
    done = tried.run("ansible-inventory", "-i", FILE, "--list", THINGSPACE_PASSWORD=password, **FAILS_IF_UNPARSED)
    said = " ".join(done.stderr.split())
    require("the license list could not be read: login rejected; not retried" in said, "it says why", done)
    require(done.returncode != 0 and password not in said and "Traceback" not in said, "without secrets", done)
    done = tried.run("ansible-playbook", "verizon.fota.audit", "-i", FILE, THINGSPACE_PASSWORD=password)
    require(done.returncode == 2 and "No device is given; nothing was sent." in done.stdout, "a play fails", done)
    require(tried.logins() == 2, "each command logs in once", done)


def test_the_examples_of_its_documentation(tried: Tried) -> None:
    done = tried.run("ansible-doc", "--json", "--type", "inventory", PLUGIN)
    require(done.returncode == 0, "there is documentation", done)
    credentials = dataclasses.asdict(tried.service.credentials)
    (tried.folder / "credentials.yml").write_text(yaml.safe_dump(credentials), encoding="utf-8")
    (tried.folder / "meters.csv").write_text("990003425730535,meter in Elm Street\n", encoding="utf-8")
    examples = list(yaml.safe_load_all(json.loads(done.stdout)[PLUGIN]["examples"]))
    require(len(examples) == 3, f"there are three: {examples}")
    names = []
    for number, example in enumerate(examples):
        tried.write(f"{number}.thingspace.yml", **example)
        found = tried.listed(file=f"{number}.thingspace.yml")
        names.append(set(found["_meta"]["hostvars"]))
        require(number != 1 or {"assigned_before_2022", "assigned_2021"} <= set(found), f"it has groups: {found}")
    licensed = set(tried.service.licensed(ACCOUNT))
    named = licensed - {"990003425730535"} | {"meter in Elm Street"}
    require(names == [licensed, licensed, named], f"all have hosts: {names}")


def main() -> int:
    tests: list[Callable[[Tried], None]] = [test for name, test in globals().items() if name.startswith("test_")]
    for test in tests:
        account = Account(ACCOUNT, license_total=9000, devices=devices_in_every_state())
        with Simulator([account]) as service, tempfile.TemporaryDirectory() as folder:
            test(Tried(Path(folder), service))
        print(f"ok {test.__name__}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
