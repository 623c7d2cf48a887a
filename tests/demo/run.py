# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The demo: retired devices lose their licenses, first as a forecast, then for real, then again.

Runs a playbook against a simulated ThingSpace, and holds what it says against what the simulator really did.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))

from tests.simulator import Account, Device, Simulator  # noqa: E402
from tests.simulator.fleets import ACCOUNT, DOCUMENT_IMEIS, fleet  # noqa: E402

TRACKERS = 2500
STRANGERS = 12


def main() -> int:
    trackers = fleet(TRACKERS - STRANGERS)
    strangers = [f"3610000000000{number:02}" for number in range(STRANGERS)]
    first, second, third = DOCUMENT_IMEIS
    meters = [Device(first, licensed=True), Device(second, licensed=True), Device(third)]
    account = Account(ACCOUNT, license_total=9000, devices=[*meters, *trackers])
    with Simulator([account]) as simulator, tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "trackers.csv")
        rows = [f"{imei},retired in October" for imei in [*(device.imei for device in trackers), *strangers]]
        file.write_text("\n".join(["imei,note", *rows]) + "\n", encoding="utf-8")
        before = simulator.licensed(ACCOUNT)
        say(
            "A simulated ThingSpace runs on this machine",
            f"Account {ACCOUNT} has {len(before)} licensed devices. Retired are three meters, named in the playbook, and\n"
            f"{TRACKERS} trackers in a CSV file. Some of the trackers have no license, some keep theirs because they were\n"
            f"upgraded or are just being upgraded, {STRANGERS} are not known to the account at all.",
        )

        say("1. Forecast", "ansible-playbook decommission.yml --check --diff: nothing is written.")
        play(simulator, file, "--check", "--diff")
        check(simulator.licensed(ACCOUNT) == before and not simulator.writes, "no removal was sent")

        say(
            "2. For real",
            "ansible-playbook decommission.yml --diff: licenses go back to the pool.\n"
            "The service tells only now which devices it refuses because of an upgrade, so these are not in the forecast.",
        )
        play(simulator, file, "--diff")
        kept = simulator.licensed(ACCOUNT)
        refused = {device.imei for device in trackers if device.licensed and cannot_be_freed(device)}
        check(kept == refused, f"{len(before) - len(kept)} licenses are back, {len(kept)} devices keep theirs")

        say("3. Again", "The same command: what is as declared stays as it is, and the recap says changed=0.")
        recap = play(simulator, file, "--diff")
        check(simulator.licensed(ACCOUNT) == kept and "changed=0 " in recap, "nothing changed")

        log_ins = sum(request.path == "/m2m/v1/session/login" for request in simulator.requests)
        check(log_ins == 3, "each of the three runs logged in once")
    say(
        "Done",
        "Shown: a forecast that wrote nothing, a run that freed every license the service lets go and gave the reason for\n"
        "each device that it does not, and a second run that changed nothing.",
    )
    return 0


def cannot_be_freed(device: Device) -> bool:
    return device.upgraded or device.upgrade_running or device.internal_error


def play(simulator: Simulator, file: Path, *options: str) -> str:
    """Run the playbook, show what it prints, and give it back. Ends the demo when the playbook fails."""
    credentials = simulator.credentials
    environment = {
        **os.environ,
        "THINGSPACE_ACCOUNT": ACCOUNT,
        "THINGSPACE_API_URL": simulator.url,
        "THINGSPACE_CLIENT_ID": credentials.client_id,
        "THINGSPACE_CLIENT_SECRET": credentials.client_secret,
        "THINGSPACE_USERNAME": credentials.username,
        "THINGSPACE_PASSWORD": credentials.password,
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
        "ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml",
    }
    command = ["ansible-playbook", "decommission.yml", "--extra-vars", f"trackers_file={file}", *options]
    printed: list[str] = []
    with subprocess.Popen(
        command,
        cwd=HERE,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        for line in process.stdout or ():
            print(line, end="", flush=True)
            printed.append(line)
    check(process.returncode == 0, "the playbook succeeded")
    return "".join(printed)


def say(title: str, text: str) -> None:
    print(f"\n=== {title} {'=' * (74 - len(title))}\n{text}\n", flush=True)


def check(holds: bool, claim: str) -> None:
    """Hold a claim against the simulator."""
    if not holds:
        sys.exit(f"The demo failed: it is not true that {claim}.")
    print(f"Checked in the simulator: {claim}.", flush=True)


if __name__ == "__main__":
    sys.exit(main())
