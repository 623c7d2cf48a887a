# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The kill test: removals of a fleet that are killed at random moments, in all ways that a run is killed.

After each kill the journal is held against what the service did; after all of them a last run completes the job, and
service, journal and result have to agree. Needs Linux, ansible-playbook and the collection where Ansible finds it.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.torture.ledger import Account, Reader, Told  # noqa: E402
from tests.torture.processes import KINDS, Run, Server, end_all  # noqa: E402

BATCH = 100
CONCURRENCY = 4
LATENCY = 0.01
IN_FLIGHT = BATCH * CONCURRENCY
# Below this share of the licenses that can be freed they are put back, so that a kill has something to hit.
TOO_FEW = 0.4
# An interrupted module ends the requests under way, nothing more; an orphan that nobody told to end does all of its work.
SOON, LATE = 15, 120


def main() -> int:
    parser = argparse.ArgumentParser(description="Kill license_remove again and again, and look at what it leaves.")
    parser.add_argument("--kills", type=int, default=30, help="how often (default: %(default)s)")
    parser.add_argument("--devices", type=int, default=50_000, help="size of the fleet (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of moments and devices (default: %(default)s)")
    chosen = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        try:
            torture = Torture(Path(name), chosen.devices, random.Random(chosen.seed))
            with torture.server:
                torture.kill(chosen.kills)
                torture.complete()
        finally:
            end_all()
    torture.show(time.monotonic() - began)
    return 1 if torture.violations else 0


class Torture:
    """One fleet, killed over and over; keeps the figures."""

    def __init__(self, folder: Path, devices: int, chance: random.Random) -> None:
        self._folder, self._chance = folder, chance
        imeis = [f"35{number:013}" for number in range(devices)]
        draws = {imei: chance.random() for imei in imeis}
        licensed = [imei for imei in imeis if draws[imei] >= 0.2]
        upgraded = {imei for imei in imeis if draws[imei] >= 0.99}
        (folder / "fleet.txt").write_text("\n".join(imeis) + "\n", encoding="utf-8")
        rows = [f"{imei},{draws[imei] >= 0.2},{imei in upgraded}" for imei in imeis]
        (folder / "account.csv").write_text("\n".join(["imei,licensed,upgraded", *rows]) + "\n", encoding="utf-8")
        self.server = Server(folder, folder / "account.csv", LATENCY)
        self._account = Account(frozenset(imeis), frozenset(licensed) - upgraded)
        self._account.put_back(frozenset(licensed))
        self._reader = Reader(folder / "journal-0.jsonl")
        self.violations: list[str] = []
        self._kills: Counter[str] = Counter()
        self._lost: list[int] = []
        self._moments: list[float] = []
        self._judged = self._late = self._put_back = self._torn = 0

    def kill(self, kills: int) -> None:
        """Kill so many runs that are at work."""
        names = list(KINDS)
        moments = {name: self._spread(math.ceil(kills / len(names))) for name in names}
        while sum(self._kills.values()) < kills:
            name = names[sum(self._kills.values()) % len(names)]
            if self._late > kills:
                sys.exit("most runs end before they can be killed: the fleet is too small")
            if len(self._account.before & self._account.freeable) < TOO_FEW * len(self._account.freeable):
                self._put_licenses_back()
            if self._killed_one(name, moments[name][self._kills[name]]):
                self._kills[name] += 1
            else:
                self._late += 1
                self._put_licenses_back()

    def complete(self) -> None:
        """Let a last run do what is left."""
        with self._run(under_timeout=False) as run:
            if not run.wait(LATE):
                self._violation("the last run", ["it did not end"])
            told = self._look("the last run", 0, in_order=True)
            result = run.result()
        self._agree("the last run", told, result)
        if result is None:
            self._violation("the last run", ["it said nothing"])
        self._violation("the last run", self._account.judge_end())

    def show(self, seconds: float) -> None:
        for name, count in self._kills.items():
            print(f"  {count:3} x {name}")
        shares = sorted(self._moments)
        print(
            f"{sum(self._kills.values())} kills after {shares[0]:.0%} to {shares[-1]:.0%} of the requests of a run"
            f" (licenses put back {self._put_back} times, {self._late} kills came too late and are not counted)\n"
            f"{self._judged} devices judged; freed and not in the journal, because the answer was under way when the"
            f" module was killed: {sum(self._lost)}, at most {max(self._lost)} at one kill (limit {IN_FLIGHT})\n"
            f"{self._torn} unfinished lines left to the next run\n"
            f"violations: {len(self.violations)} ({seconds:.0f} s)"
        )

    def _spread(self, count: int) -> list[float]:
        """Moments over the whole length of a run, as shares of it, one in each part, in any order."""
        parts = [(number + self._chance.random()) / count for number in range(count)]
        self._chance.shuffle(parts)
        return parts

    def _killed_one(self, name: str, moment: float) -> bool:
        """Begin a run, kill it, look at what it left. Returns whether the kill hit a module at work."""
        kill, may_lose = KINDS[name]
        requests = math.ceil(len(self._account.everyone) / BATCH) + math.ceil(len(self._account.before) / BATCH)
        answered = self.server.counter()
        pause = self._chance.random() * 2 * LATENCY
        with self._run(under_timeout=name.startswith("timeout")) as run:
            hit = run.find_module()
            if hit:
                while answered() < moment * requests and run.module_lives():
                    time.sleep(0.002)
                time.sleep(pause)
                hit = run.module_lives()
                try:
                    kill(run)
                except ProcessLookupError:
                    hit = False
            at = f"kill {sum(self._kills.values()) + 1} ({name}, after {moment:.0%})"
            if not run.wait(LATE if name == "SIGKILL of ansible-playbook" or not hit else SOON):
                self._violation(at, ["the module did not end"])
            ended = answered()
            result = run.result()
        told = self._look(at, IN_FLIGHT if may_lose else 0, in_order=not may_lose)
        time.sleep(2 * LATENCY)
        if answered() != ended and not may_lose:
            self._violation(at, ["requests arrived after the module was gone"])
        if hit and result is not None:
            self._agree(at, told, result)
        # Only what was not sent shows that the signal came before the work was done.
        if name == "SIGTERM of the module" and told.those("skipped"):
            said = "nothing" if result is None else result["msg"]
            if "interrupted by SIGTERM" not in said:
                self._violation(at, [f"the result does not say that it was interrupted: {said}"])
        if hit:
            self._moments.append(moment)
        if may_lose and not told.unfinished and self._reader.tear(self._chance.random()):
            self._torn += 1
        return hit

    def _run(self, under_timeout: bool) -> Run:
        result = self._folder / "result.json"
        playbook = self._folder / "removal.yml"
        playbook.write_text(json.dumps(_playbook(self._folder, self._reader.path, result)), encoding="utf-8")
        return Run(playbook, result, self.server.environment(), under_timeout)

    def _look(self, at: str, lost: int, in_order: bool) -> Told:
        told = self._reader.new()
        faults, untold = self._account.judge(told, self.server.licensed(), lost, in_order)
        self._violation(at, faults)
        self._judged += len(told.outcomes)
        self._lost.append(untold)
        self._torn += told.unfinished
        return told

    def _agree(self, at: str, told: Told, result: dict[str, Any] | None) -> None:
        if result is not None:
            self._violation(at, self._account.judge_result(told, result))

    def _put_licenses_back(self) -> None:
        self.server.reset()
        self._put_back += 1
        self._reader.path.unlink(missing_ok=True)
        self._reader = Reader(self._folder / f"journal-{self._put_back}.jsonl")
        self._account.put_back(self.server.licensed())

    def _violation(self, at: str, faults: list[str]) -> None:
        for fault in faults[:5]:
            print(f"violation at {at}: {fault}", flush=True)
        if len(faults) > 5:
            print(f"… and {len(faults) - 5} more of them", flush=True)
        self.violations += faults


def _playbook(folder: Path, journal: Path, result: Path) -> list[dict[str, Any]]:
    """JSON is YAML. The task fails because of devices that keep their licenses; the play goes on and keeps what it said."""
    removal = {
        "imeis_file": str(folder / "fleet.txt"),
        "journal": str(journal),
        "batch_size": BATCH,
        "concurrency": CONCURRENCY,
        "return_devices": "none",
    }
    tasks = [
        {"verizon.fota.license_remove": removal, "register": "removal", "failed_when": False},
        {"ansible.builtin.copy": {"content": "{{ removal | to_json }}", "dest": str(result), "mode": "0600"}},
    ]
    return [{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]


if __name__ == "__main__":
    sys.exit(main())
