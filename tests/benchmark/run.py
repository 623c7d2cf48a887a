# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Benchmark of removals: wall clock, processor time and memory of complete runs against a simulated ThingSpace.

Prints, from one run on this machine, the figures of this collection beside those of what people do without it, beside a play
with a module that does nothing, and beside the floor below which no client can be (requests / concurrency x latency, for each phase).
Every run is checked: a contender that leaves a license behind has no figure.
"""

from __future__ import annotations

import argparse
import math
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.benchmark import bounds, role  # noqa: E402
from tests.benchmark.contenders import (  # noqa: E402
    BATCH,
    CONTENDERS,
    FILE,
    SCRIPT,
    START,
    WAIT,
    Case,
    Contender,
    Fleet,
    environment,
    missing,
)
from tests.benchmark.measure import Failed, Figures, Result, measured  # noqa: E402
from tests.benchmark.server import Server  # noqa: E402

# Seconds: longer runs are measured once.
LONG = 15.0
# Seconds to load a thousand devices into a simulator, and to reset them; for estimates.
LOAD, RESET = 0.012, 0.002


def main() -> int:
    names = [one.name for one in CONTENDERS]
    parser = argparse.ArgumentParser(description="Measure license_remove, and what people do without it.")
    add = parser.add_argument
    add("--devices", type=int, nargs="+", default=[1000, 100_000, 1_000_000], help="default: 1000 100000 1000000")
    add("--latency", type=float, nargs="+", default=[0.05, 0.2], help="seconds a request takes (default: 0.05 0.2)")
    add("--concurrency", type=int, nargs="+", default=[4], help="requests in flight (default: 4)")
    add("--runs", type=int, default=3, help="runs of what takes less than 15 s (default: %(default)s)")
    add(
        "--only",
        nargs="+",
        choices=["one", "role", "floor", *names],
        help="parts to run: the one device, the role, the floor, contenders",
    )
    chosen = parser.parse_args()
    only = set(chosen.only or ["one", "role", "floor", *names])
    # Of every play, what Ansible itself takes is subtracted.
    only |= {START.name, WAIT.name} if any(one.play and one.name in only for one in CONTENDERS) else set()
    contenders = [one for one in CONTENDERS if one.name in only]
    cases = [Case(*parts) for parts in product(sorted(chosen.devices), chosen.latency, chosen.concurrency)]
    cases.sort(key=lambda case: (case.concurrency, case.latency))
    failures: list[str] = []
    with tempfile.TemporaryDirectory() as name:
        bench = Bench(Path(name), chosen.runs, contenders, "floor" in only)
        if "one" in only:
            bench.one_device()
        if "role" in only:
            role.report(Path(name), chosen.runs)
        if contenders or "floor" in only:
            print(
                f"Measured in {len(cases)} parts, about {math.ceil(bench.plan(cases) / 60)} minutes in all", flush=True
            )
            for case in cases:
                failures += bench.fleet(case)
            print("\n".join(bounds.report(bench.results)))
    for failure in failures:
        print(f"FAILED: {failure}", file=sys.stderr)
    return 1 if failures else 0


class Bench:
    """The runs and their results so far."""

    def __init__(self, folder: Path, runs: int, contenders: list[Contender], with_floor: bool) -> None:
        self.results: dict[tuple[str, Case], Result] = {}
        self._folder = folder
        self._runs = runs
        self._contenders = contenders
        self._with_floor = with_floor
        # Extrapolated results are reused for the same latency.
        self._parts: dict[tuple[str, Case], Result] = {}

    def one_device(self) -> None:
        """Compare a play that removes one license with a play whose module does nothing. The first runs do not count."""
        case = Case(1, 0.0, 1)
        with Server("--devices", str(self._account(1))) as server:
            contenders = [START, replace(FILE, label="a play that removes one license")]
            runs = [[self._run(server, one, case, 1) for one in contenders] for _run in range(self._runs + 3)][1:]
        print("One device, no latency")
        start, ours = (Result.of([figures[position] for figures in runs]) for position in (0, 1))
        print(HEADINGS)
        for contender, result in zip(contenders, (start, ours)):
            print(_line(contender, case, result, start, None, None))
        print(f"  difference: {ours.wall - start.wall:.2f} s, CPU {ours.cpu - start.cpu:.2f} s\n", flush=True)

    def plan(self, cases: list[Case]) -> float:
        """Return roughly how many seconds the remaining runs will take."""
        seconds, known = 0.0, set(self._parts)
        for case in cases:
            runs = 1
            for contender, at in self._to_run(case):
                if (contender.name, at) not in known:
                    known.add((contender.name, at))
                    runs += self._times(contender, at)
                    seconds += self._times(contender, at) * contender.estimate(at)
            seconds += case.devices / BATCH * (LOAD + RESET * runs)
        return seconds

    def fleet(self, case: Case) -> list[str]:
        """Measure and print the contenders with this fleet. Returns what failed."""
        todo = [(one, at) for one, at in self._to_run(case) if (one.name, at) not in self._parts]
        print(f"\n{_title(case)}: about {math.ceil(self.plan([case]))} s", flush=True)
        figures: dict[str, list[Figures]] = {}
        failed: dict[str, str] = {}
        with Server("--devices", str(self._account(case.devices)), "--latency", str(case.latency)) as server:
            server.reset()
            bare = server.round_trip(list(_imeis(min(case.devices, BATCH))))
            # Alternating, so that a change of the machine's speed affects all.
            for run in range(max((self._times(one, at) for one, at in todo), default=0)):
                for contender, at in todo:
                    if contender.name not in failed and run < self._times(contender, at):
                        try:
                            found = self._run(server, contender, at, case.devices)
                        except Failed as error:
                            failed[contender.name] = f"{contender.name}, {_title(case)}: {error}"
                        else:
                            figures.setdefault(contender.name, []).append(found)
        for contender, at in todo:
            if contender.name in figures and contender.name not in failed:
                self._parts[contender.name, at] = Result.of(figures[contender.name])
        self._print(case, failed, bare)
        return list(failed.values())

    def _to_run(self, case: Case) -> Iterator[tuple[Contender, Case]]:
        """Return which contenders run, and with how many devices of the fleet."""
        for contender in self._contenders:
            at = replace(case, devices=contender.measured_at(case.devices))
            if not missing(contender) and (at == case or contender.why_not is None):
                yield contender, at

    def _times(self, contender: Contender, at: Case) -> int:
        return self._runs if contender.estimate(at) <= LONG else 1

    def _run(self, server: Server, contender: Contender, at: Case, devices: int) -> Figures:
        """Run it once with so many devices. Raises Failed, also if the licenses are wrong afterwards."""
        fleet = self._fleet(at.devices)
        fleet.journal.unlink(missing_ok=True)
        variables = {**server.reset(), **environment(contender)}
        figures = measured(contender.command(fleet, at.concurrency), variables, self._folder / "output.txt")
        left, right = server.licensed(), devices - at.devices * contender.removes
        if left != right:
            raise Failed(f"{left} licenses are left instead of {right}")
        return figures

    def _print(self, case: Case, failed: dict[str, str], bare: tuple[float, float | None]) -> None:
        start = self._parts.get((START.name, case))
        rows: list[tuple[Contender, Result | str]] = []
        for contender in self._contenders:
            at = replace(case, devices=contender.measured_at(case.devices))
            part = self._parts.get((contender.name, at))
            if part is None:
                why = "failed" if contender.name in failed else missing(contender) or contender.why_not
                rows.append((contender, why or "not measured"))
                continue
            extrapolated = (
                part if at == case else part.extrapolated(at.devices, case.devices, start if contender.play else None)
            )
            self.results[contender.name, case] = extrapolated
            rows.append((contender, extrapolated))
        ours = self.results.get((FILE.name, case))
        script = bounds.own_cpu(self.results, SCRIPT, case)
        print(HEADINGS)
        for contender, result in rows:
            cpu = bounds.own_cpu(self.results, contender, case)
            print(_line(contender, case, result, start, ours, cpu / script if cpu is not None and script else None))
        if self._with_floor:
            for label, phases in (("floor, reading and removing", 2), ("floor, one of the two", 1)):
                waves = math.ceil(math.ceil(case.devices / BATCH) / case.concurrency)
                print(f"  {label:42}{phases * waves * case.latency:9.2f}")
        seconds, cpu = bare
        cpu_part = "" if cpu is None else f", {cpu * 1000:.1f} ms of them the simulator's processor"
        print(
            f"  A read of {min(case.devices, BATCH)} devices takes {seconds * 1000:.1f} ms when the simulator is idle{cpu_part}.",
            flush=True,
        )

    def _account(self, devices: int) -> Path:
        path = self._folder / f"account-{devices}.csv"
        if not path.exists():
            with open(path, "w", encoding="utf-8") as file:
                file.write("imei,licensed\n")
                file.writelines(f"{imei},true\n" for imei in _imeis(devices))
        return path

    def _fleet(self, devices: int) -> Fleet:
        text, yaml = self._folder / f"fleet-{devices}.txt", self._folder / f"fleet-{devices}.yml"
        if not text.exists():
            with open(text, "w", encoding="utf-8") as file:
                file.writelines(f"{imei}\n" for imei in _imeis(devices))
            with open(yaml, "w", encoding="utf-8") as file:
                file.write("---\nimeis:\n")
                file.writelines(f'  - "{imei}"\n' for imei in _imeis(devices))
        return Fleet(text, yaml, self._folder / "journal.jsonl")


HEADINGS = (
    f"  {'':42}{'wall s':>9}{'from to':>18}{'runs':>6}{'CPU s':>9}{'MB':>6}{'its floor':>11}{'x floor':>9}{'/ file':>8}"
    # Processor time without Ansible's own, as a multiple of that of the script that also reads first.
    f"{'CPU / script':>14}"
)


def _line(
    contender: Contender,
    case: Case,
    result: Result | str,
    start: Result | None,
    ours: Result | None,
    cpu_ratio: float | None,
) -> str:
    if isinstance(result, str):
        return f"  {contender.label:42}  {result}"
    floor = contender.floor(case)
    net = result.wall - (start.wall if start and contender.play else 0.0)
    span = f"{result.fastest:.2f} {result.slowest:.2f}"
    memory = "-" if result.memory is None else f"{result.memory:.0f}"
    over = f"{net / floor:.2f}" if floor else "-"
    ratio = f"{result.wall / ours.wall:.2f}" if ours else "-"
    cpu = f"{cpu_ratio:.2f}" if cpu_ratio is not None and (contender.reads or contender.removes) else "-"
    line = (
        f"  {contender.label:42}{result.wall:9.2f}{span:>18}{result.runs:6}{result.cpu:9.2f}{memory:>6}"
        f"{floor:11.2f}{over:>9}{ratio:>8}{cpu:>14}"
    )
    return line if result.measured_at is None else f"{line}  extrapolated from {result.measured_at:,}"


def _title(case: Case) -> str:
    return f"{case.devices:,} devices, {case.latency * 1000:g} ms a request, concurrency {case.concurrency}"


def _imeis(devices: int) -> Iterator[str]:
    return (f"35{number:013}" for number in range(devices))


if __name__ == "__main__":
    sys.exit(main())
