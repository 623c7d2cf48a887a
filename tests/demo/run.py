# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The demo: remove the licenses of retired devices, first as a forecast, then for real, then again.

Runs the playbooks of the collection against a simulated ThingSpace, and checks what they say against what the simulator really did.
Of what Ansible prints, blank lines and those that only say ok are left out.
"""

from __future__ import annotations

import csv
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))

from tests.simulator import Account, Device, Simulator  # noqa: E402
from tests.simulator.fleets import ACCOUNT, DOCUMENT_IMEIS, fleet  # noqa: E402

TRACKERS = 2500
UNKNOWN_DEVICES = 12
COLORS = re.compile("\x1b\\[[0-9;]*m")


def main() -> int:
    first, second, third = DOCUMENT_IMEIS
    devices = [
        Device(first, licensed=True),
        Device(second, licensed=True),
        Device(third),
        *fleet(TRACKERS - UNKNOWN_DEVICES),
    ]
    unknown_imeis = [f"3610000000000{number:02}" for number in range(UNKNOWN_DEVICES)]
    account = Account(ACCOUNT, license_total=9000, devices=devices)
    with Simulator([account]) as simulator, tempfile.TemporaryDirectory() as folder:
        retired = write_csv(Path(folder, "retired.csv"), [*(device.imei for device in devices), *unknown_imeis])
        before = simulator.licensed(ACCOUNT)
        say(
            "A simulated ThingSpace runs on this machine",
            f"Account {ACCOUNT} has {len(before):,} licensed devices. retired.csv names {TRACKERS + 3:,} retired ones. Some of them have no\n"
            f"license, some will keep theirs because of an upgrade, and {UNKNOWN_DEVICES} are unknown to the account.",
        )

        say("1. Forecast", "ansible-playbook verizon.fota.audit, with unknown devices ignored: nothing is written.")
        output = play(simulator, "audit", retired, 0, decommission_unknown_devices="ignore")
        expect = f"{len(before):,} licenses would be removed"
        check(simulator.licensed(ACCOUNT) == before and not simulator.writes, "no removal was sent")
        check(expect in output, f"the forecast is right: {expect}")

        say(
            "2. For real",
            "ansible-playbook verizon.fota.decommission: licenses go back to the pool. Only now the service says which devices it\n"
            "rejects because of an upgrade, so that the run fails, and says why.",
        )
        report = Path(folder, "report")
        output = play(simulator, "decommission", retired, 2, decommission_report_dir=str(report))
        kept = simulator.licensed(ACCOUNT)
        rejected = {device.imei for device in devices if device.licensed and cannot_be_freed(device)}
        check(kept == rejected, f"{len(before) - len(kept):,} licenses were removed, {len(kept):,} devices keep theirs")
        check(
            counted(output) == len(kept) + UNKNOWN_DEVICES, "each of these devices, and each unknown one, has a reason"
        )

        say("3. Again", "The same, with the devices that the report says hold no license: changed=0.")
        with (report / "report.csv").open(encoding="utf-8-sig", newline="") as file:
            done = [row["imei"] for row in csv.DictReader(file) if row["outcome"] in ("removed", "unlicensed")]
        output = play(simulator, "decommission", write_csv(Path(folder, "done.csv"), done), 0)
        check(simulator.licensed(ACCOUNT) == kept and "changed=0 " in output, "nothing changed")

        logins = sum(request.path == "/m2m/v1/session/login" for request in simulator.requests)
        check(logins == 3, "each of the three runs logged in once")
    return 0


def write_csv(path: Path, imeis: list[str]) -> Path:
    path.write_text(
        "\n".join(["imei,note", *(f"{imei},retired in October" for imei in imeis)]) + "\n", encoding="utf-8"
    )
    return path


def cannot_be_freed(device: Device) -> bool:
    return device.upgraded or device.upgrade_running or device.internal_error


def counted(output: str) -> int:
    """Add up the devices in the lines that count the reasons."""
    return sum(int(count.replace(",", "")) for count in re.findall(r"^([0-9,]+) × ", output, flags=re.MULTILINE))


def play(simulator: Simulator, playbook: str, file: Path, code: int, **options: str) -> str:
    """Run a playbook of the collection; print and return its output. End the demo if its exit code differs."""
    credentials = simulator.credentials
    environment = {
        **os.environ,
        "THINGSPACE_ACCOUNT": ACCOUNT,
        "THINGSPACE_API_URL": simulator.url,
        "THINGSPACE_CLIENT_ID": credentials.client_id,
        "THINGSPACE_CLIENT_SECRET": credentials.client_secret,
        "THINGSPACE_USERNAME": credentials.username,
        "THINGSPACE_PASSWORD": credentials.password,
        "ANSIBLE_DISPLAY_SKIPPED_HOSTS": "false",
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
        "ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml",
        "ANSIBLE_FORCE_COLOR": str(sys.stdout.isatty()),
    }
    variables = {"decommission_imeis_file": str(file), **options}
    command = ["ansible-playbook", f"verizon.fota.{playbook}"]
    command += [part for name, value in variables.items() for part in ("--extra-vars", f"{name}={value}")]
    printed: list[str] = []
    with subprocess.Popen(
        command,
        cwd=HERE,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        for line in process.stdout or ():
            plain = COLORS.sub("", line)
            if plain.strip() not in ("", "ok: [localhost]"):
                print(line, end="", flush=True)
                printed.append(plain)
    check(process.returncode == code, f"the playbook ended with {code}")
    return "".join(printed)


def say(title: str, text: str) -> None:
    print(f"\n=== {title} {'=' * (74 - len(title))}\n{text}\n", flush=True)


def check(holds: bool, claim: str) -> None:
    """Check a claim against the simulator."""
    if not holds:
        sys.exit(f"The demo failed: it is not true that {claim}.")
    print(f"Checked in the simulator: {claim}.", flush=True)


if __name__ == "__main__":
    sys.exit(main())
