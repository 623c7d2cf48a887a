# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the project of the guide as a job does: its playbook, an inventory of devices, answers of the survey."""

from __future__ import annotations

import dataclasses
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

from ansible_collections.verizon.fota.tests.integration.targets.awx import guide
from ansible_collections.verizon.fota.tests.simulator import Account, Device, Simulator
from ansible_collections.verizon.fota.tests.simulator.fleets import ACCOUNT

ROOT = Path(sys.argv[1])
IMEIS = ["990003425730535", "990000473475989"]
INVENTORY = {"all": {"hosts": {f"meter-{imei}": {"imei": imei} for imei in IMEIS}}}
ANSWERS = {"decommission_max_removals": 2, "decommission_max_share": 1.0, "decommission_unknown_devices": "fail"}


def main() -> None:
    check_variables()
    with Simulator([Account(ACCOUNT, devices=[Device(imei, licensed=True) for imei in IMEIS])]) as simulator:
        launch(simulator, "--check")
        if simulator.licensed(ACCOUNT) != frozenset(IMEIS):
            raise AssertionError("a job of the type Check wrote")
        launch(simulator)
        if simulator.licensed(ACCOUNT):
            raise AssertionError(f"{sorted(simulator.licensed(ACCOUNT))} still hold a license")
    print("The project of the guide runs")


def check_variables() -> None:
    """Check that the role has all variables that the guide names."""
    text = (ROOT / "docs/docsite/rst/guide_awx.rst").read_text(encoding="utf-8")
    specs = yaml.safe_load((ROOT / "roles/decommission/meta/argument_specs.yml").read_text(encoding="utf-8"))
    # The results of the role are not among them.
    named = set(re.findall(r"\bdecommission_[a-z_]+", text)) - {"decommission_removal"}
    if not named or not named <= set(specs["argument_specs"]["main"]["options"]):
        raise AssertionError(f"the role does not have all of {sorted(named)}")


def launch(simulator: Simulator, *options: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        project, kept = Path(folder, "project"), Path(folder, "kept")
        project.mkdir()
        kept.mkdir()
        (project / "decommission.yml").write_text(guide.block(ROOT, "- name: Remove"), encoding="utf-8")
        (project / "inventory.json").write_text(json.dumps(INVENTORY), encoding="utf-8")
        variables = guide.block(ROOT, "decommission_journal:").replace("/srv/fota", str(kept))
        job = {**yaml.safe_load(variables), **ANSWERS, "awx_job_id": 7}
        (project / "variables.json").write_text(json.dumps(job), encoding="utf-8")
        filled = {**dataclasses.asdict(simulator.credentials), "account": ACCOUNT, "api_url": simulator.url}
        subprocess.run(
            ["ansible-playbook", "decommission.yml", "-i", "inventory.json", "-e", "@variables.json", *options],
            cwd=project,
            env=guide.environment(ROOT, filled),
            stdin=subprocess.DEVNULL,
            check=True,
        )
        lines = (kept / "7.jsonl").read_text(encoding="utf-8").splitlines()
        if sorted(json.loads(line)["imei"] for line in lines) != sorted(IMEIS):
            raise AssertionError(f"the journal holds {lines}")
        if not (kept / "7" / "report.html").is_file():
            raise AssertionError(f"no report among {sorted(kept.rglob('*'))}")


if __name__ == "__main__":
    main()
