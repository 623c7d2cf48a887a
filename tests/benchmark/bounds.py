# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The goals for time and memory, compared with the measurements. Nothing fails here: a machine may be slow or busy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tests.benchmark.contenders import CHECK, CONTENDERS, FILE, JOURNAL, SCRIPT, START, WAIT, Case, Contender
from tests.benchmark.measure import Result

Results = Mapping[tuple[str, Case], Result]

_LARGE = 100_000
_MILLION = 1_000_000
# Times the floor, for each latency, at 100,000 devices from a file.
_FILE_BOUNDS = {0.05: 1.3, 0.2: 1.15}
# Times the processor time of another contender, both without what Ansible itself takes.
_CPU_BOUNDS = ((FILE, SCRIPT, 1.5), (CHECK, SCRIPT, 0.8), (JOURNAL, FILE, 1.25))
_MILLION_MB = 200


def report(results: Results) -> Iterator[str]:
    """Return the lines of the block."""
    cases = sorted({case for _name, case in results}, key=lambda case: (case.concurrency, case.latency, case.devices))
    yield "Targets (floor: requests / concurrency x latency; start: a play with ping, a module that does nothing)"
    yield from _bounded(
        "(a) 100,000 devices from a file: at most 1.15 x floor + start at 200 ms, 1.3 x at 50 ms",
        results,
        FILE,
        [
            (case, _FILE_BOUNDS[case.latency])
            for case in cases
            if case.devices == _LARGE and case.latency in _FILE_BOUNDS
        ],
    )
    yield from _against_peers(results, cases)
    yield from _bounded(
        "(c) 1,000,000 devices from a file: at most 1.3 x floor + start at 200 ms, and 200 MB",
        results,
        FILE,
        [(case, 1.3) for case in cases if case.devices == _MILLION and case.latency == 0.2],
    )
    for case in cases:
        found = results.get((FILE.name, case))
        if found and found.memory is not None and case.devices == _MILLION:
            yield f"    {_words(case)}: {found.memory:.0f} MB, bound {_MILLION_MB} MB: {_verdict(found.memory, _MILLION_MB)}"
    yield from _bounded(
        "(d) check mode, from 100,000 devices on: at most 1.2 x floor + start",
        results,
        CHECK,
        [(case, 1.2) for case in cases if case.devices >= _LARGE],
    )
    yield from _processor_time(results, [case for case in cases if case.devices == _LARGE])


def _bounded(title: str, results: Results, contender: Contender, bounds: list[tuple[Case, float]]) -> Iterator[str]:
    yield f"  {title}"
    exceeded = False
    for case, factor in bounds:
        found, start = results.get((contender.name, case)), results.get((START.name, case))
        if found and start:
            exceeded = True
            floor = contender.floor(case)
            bound = factor * floor + start.wall
            yield (
                f"    {_words(case)}: {found.wall:.2f} s, bound {factor} x {floor:.2f} + {start.wall:.2f} = {bound:.2f} s:"
                f" {_verdict(found.wall, bound)} ({(found.wall - start.wall) / floor:.2f} x floor + start)"
            )
    if not exceeded:
        yield "    not measured"


def _against_peers(results: Results, cases: list[Case]) -> Iterator[str]:
    yield "  (b) faster than every peer at equal concurrency or better; what only removes does half of the work of what also reads"
    exceeded = False
    for case in cases:
        ours = results.get((FILE.name, case))
        walls = {
            one.name: results[one.name, case].wall for one in CONTENDERS if one.peer and (one.name, case) in results
        }
        if not ours or not walls:
            continue
        exceeded = True
        slower = [f"{name} {wall:.2f} s" for name, wall in walls.items() if wall > ours.wall]
        faster = [f"{name} {wall:.2f} s" for name, wall in walls.items() if wall <= ours.wall]
        yield f"    {_words(case)}: {ours.wall:.2f} s: {'missed' if faster else 'met'}"
        for label, names in (("faster than", slower), ("slower than", faster)):
            if names:
                yield f"      {label} {', '.join(names)}"
    if not exceeded:
        yield "    not measured"


def _processor_time(results: Results, cases: list[Case]) -> Iterator[str]:
    yield (
        "  (e) processor time of 100,000 devices without Ansible's own: from a file 1.5 times the script that reads first,"
        " in check mode 0.8 times; with a journal 1.25 times that from a file"
    )
    measured = False
    for case in cases:
        for contender, other, bound in _CPU_BOUNDS:
            found, base = own_cpu(results, contender, case), own_cpu(results, other, case)
            if found and base:
                measured = True
                yield (
                    f"    {_words(case)}: {contender.name} {found:.2f} s, {other.name} {base:.2f} s:"
                    f" {found / base:.2f} times: {_verdict(found / base, bound)}"
                )
    if not measured:
        yield "    not measured"


def own_cpu(results: Results, contender: Contender, case: Case) -> float | None:
    """Return the seconds of processor time of a contender, ``None`` if they are not known.

    Those of a play are without Ansible's start, and without what Ansible takes to wait for a module: a thousand times a second, it
    looks whether the module has ended.
    """
    found = results.get((contender.name, case))
    if not found or not contender.play:
        return found.cpu if found else None
    start, wait = results.get((START.name, case)), results.get((WAIT.name, case))
    if not start or not wait:
        return None
    a_second = (wait.cpu - start.cpu) / (wait.wall - start.wall)
    return found.cpu - start.cpu - a_second * (found.wall - start.wall)


def _words(case: Case) -> str:
    return f"{case.devices:,} at {case.latency * 1000:g} ms, concurrency {case.concurrency}"


def _verdict(figure: float, bound: float) -> str:
    return "met" if figure <= bound else "missed"
