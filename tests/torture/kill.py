# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The kill test: removals of a fleet that are killed at random moments, in all ways in which a run is killed.

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

from tests.torture.consistency import Account, JournalEntries, Reader  # noqa: E402
from tests.torture.processes import KINDS, Run, Server, end_all  # noqa: E402

BATCH = 100
CONCURRENCY = 4
LATENCY = 0.01
IN_FLIGHT = BATCH * CONCURRENCY
# Below this share of removable licenses they are restored, so that a kill hits a run at work.
TOO_FEW = 0.4
# An interrupted module only finishes the requests in flight; an orphan that received no signal does all of its work.
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
    """Repeated kills over one fleet, and their figures."""

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
        self._account.restore(frozenset(licensed))
        self._reader = Reader(folder / "journal-0.jsonl")
        self.violations: list[str] = []
        self._kills: Counter[str] = Counter()
        self._lost: list[int] = []
        self._moments: list[float] = []
        self._judged = self._late = self._restore = self._torn = 0

    def kill(self, kills: int) -> None:
        """Kill so many runs at work."""
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
        """Let a last run remove the remaining licenses."""
        with self._run(under_timeout=False) as run:
            if not run.wait(LATE):
                self._violation("the last run", ["it did not end"])
            entries = self._look("the last run", 0, in_order=True)
            result = run.result()
        self._agree("the last run", entries, result)
        if result is None:
            self._violation("the last run", ["it returned no result"])
        self._violation("the last run", self._account.judge_end())

    def show(self, seconds: float) -> None:
        for name, count in self._kills.items():
            print(f"  {count:3} x {name}")
        shares = sorted(self._moments)
        print(
            f"{sum(self._kills.values())} kills after {shares[0]:.0%} to {shares[-1]:.0%} of the requests of a run"
            f" (licenses put back {self._restore} times, {self._late} kills came too late and are not counted)\n"
            f"{self._judged} devices checked; freed and not in the journal, because the response was in flight when the"
            f" module was killed: {sum(self._lost)}, at most {max(self._lost)} at one kill (limit {IN_FLIGHT})\n"
            f"{self._torn} unfinished lines left to the next run\n"
            f"violations: {len(self.violations)} ({seconds:.0f} s)"
        )

    def _spread(self, count: int) -> list[float]:
        """Return moments over the length of a run, as shares of it, one in each part, in any order."""
        parts = [(number + self._chance.random()) / count for number in range(count)]
        self._chance.shuffle(parts)
        return parts

    def _killed_one(self, name: str, moment: float) -> bool:
        """Start a run, kill it, and check what it left. Return whether the kill hit a module at work."""
        kill, may_lose = KINDS[name]
        requests = math.ceil(len(self._account.everyone) / BATCH) + math.ceil(len(self._account.before) / BATCH)
        responded = self.server.counter()
        pause = self._chance.random() * 2 * LATENCY
        with self._run(under_timeout=name.startswith("timeout")) as run:
            hit = run.find_module()
            if hit:
                while responded() < moment * requests and run.module_lives():
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
            ended = responded()
            result = run.result()
        entries = self._look(at, IN_FLIGHT if may_lose else 0, in_order=not may_lose)
        time.sleep(2 * LATENCY)
        if responded() != ended and not may_lose:
            self._violation(at, ["requests arrived after the module had ended"])
        if hit and result is not None:
            self._agree(at, entries, result)
        # Only what was not sent shows that the signal came before the work was done.
        if name == "SIGTERM of the module" and entries.with_outcome("skipped"):
            message = "nothing" if result is None else result["msg"]
            if "interrupted by SIGTERM" not in message:
                self._violation(at, [f"the result does not say that it was interrupted: {message}"])
        if hit:
            self._moments.append(moment)
        if may_lose and not entries.unfinished and self._reader.truncate_last_line(self._chance.random()):
            self._torn += 1
        return hit

    def _run(self, under_timeout: bool) -> Run:
        result = self._folder / "result.json"
        playbook = self._folder / "removal.yml"
        playbook.write_text(json.dumps(_playbook(self._folder, self._reader.path, result)), encoding="utf-8")
        return Run(playbook, result, self.server.environment(), under_timeout)

    def _look(self, at: str, lost: int, in_order: bool) -> JournalEntries:
        entries = self._reader.new()
        faults, unjournaled = self._account.judge(entries, self.server.licensed(), lost, in_order)
        self._violation(at, faults)
        self._judged += len(entries.outcomes)
        self._lost.append(unjournaled)
        self._torn += entries.unfinished
        return entries

    def _agree(self, at: str, entries: JournalEntries, result: dict[str, Any] | None) -> None:
        if result is not None:
            self._violation(at, self._account.judge_result(entries, result))

    def _put_licenses_back(self) -> None:
        self.server.reset()
        self._restore += 1
        self._reader.path.unlink(missing_ok=True)
        self._reader = Reader(self._folder / f"journal-{self._restore}.jsonl")
        self._account.restore(self.server.licensed())

    def _violation(self, at: str, faults: list[str]) -> None:
        for fault in faults[:5]:
            print(f"violation at {at}: {fault}", flush=True)
        if len(faults) > 5:
            print(f"… and {len(faults) - 5} more of them", flush=True)
        self.violations += faults


def _playbook(folder: Path, journal: Path, result: Path) -> list[dict[str, Any]]:
    """Return a play as JSON, which is YAML. Its task fails because of devices that keep their licenses; the play continues
    and saves the result."""
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
