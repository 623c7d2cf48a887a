# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Time and memory of processes."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

# Bundles of certificates that this machine may name: the service is plain HTTP, and nobody else would load them.
_NOT_PASSED_ON = ("CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE")


@dataclass(frozen=True)
class Figures:
    """One run: seconds of wall clock and of processor (all processes), MB of the largest process."""

    wall: float
    cpu: float
    memory: float


class Failed(Exception):
    """A run did not do its work, so that its figures are worthless."""


def measured(command: Sequence[str], environment: Mapping[str, str], output: Path) -> Figures:
    """Run a command to its end. Raises Failed.

    A new process begins with the memory of the one that starts it, as its maximum shows: this one has to stay small.
    """
    inherited = {name: value for name, value in os.environ.items() if name not in _NOT_PASSED_ON}
    with open(output, "w", encoding="utf-8") as stream:
        start = time.monotonic()
        process = subprocess.Popen(
            command, env={**inherited, **environment}, stdout=stream, stderr=stream, stdin=subprocess.DEVNULL
        )
        _pid, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - start
        # wait4 has already reaped the process; Popen must not wait for it again.
        process.returncode = os.waitstatus_to_exitcode(status)
    if status != 0:
        raise Failed(f"it ended with {process.returncode}:\n{output.read_text(encoding='utf-8')[-2000:]}")
    return Figures(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


@dataclass(frozen=True)
class Result:
    """The figures of a contender: medians of the runs, the largest memory.

    ``measured_at``: how many devices were measured, if the figures are extrapolated; otherwise None.
    """

    wall: float
    cpu: float
    memory: float | None
    fastest: float
    slowest: float
    runs: int
    measured_at: int | None = None

    @staticmethod
    def of(figures: Sequence[Figures]) -> Result:
        walls = [one.wall for one in figures]
        return Result(
            statistics.median(walls),
            statistics.median(one.cpu for one in figures),
            max(one.memory for one in figures),
            min(walls),
            max(walls),
            len(figures),
        )

    def extrapolated(self, measured_at: int, devices: int, start: Result | None) -> Result:
        """Return the extrapolated figures for so many devices: in proportion, except the start of Ansible. Without memory."""
        factor = devices / measured_at
        wall, cpu = (start.wall, start.cpu) if start else (0.0, 0.0)

        def grown(seconds: float) -> float:
            return wall + (seconds - wall) * factor

        return Result(
            grown(self.wall),
            cpu + (self.cpu - cpu) * factor,
            None,
            grown(self.fastest),
            grown(self.slowest),
            self.runs,
            measured_at,
        )
