# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The progress lines of a running module: their text, and when to show them.

Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import json
import math
from collections import deque
from dataclasses import dataclass

from ansible_collections.verizon.fota.plugins.module_utils._licenses.outcomes import REMOVAL, Target

_VERBS = {
    "read": "reading",
    "upgrades": "reading upgrades",
    "remove": "removing",
    "assign": "assigning",
    "wait": "waiting",
}
# The period, in seconds, from which rate and remaining time are calculated. Batches that end together count as one step.
_RECENT = 30.0


@dataclass(frozen=True)
class DisplayIntervals:
    """Seconds before the first line, and between lines in the first minute, in the first ten minutes, and later.

    ``silence``: seconds without progress after which a line is shown anyway.
    """

    first: float = 5.0
    minute: float = 5.0
    ten_minutes: float = 15.0
    later: float = 30.0
    silence: float = 60.0

    def interval(self, elapsed: float) -> float:
        return self.minute if elapsed < 60 else self.ten_minutes if elapsed < 600 else self.later


@dataclass(frozen=True)
class Step:
    """A line of the module: how many devices of a phase are done, and of how many."""

    phase: str
    done: int
    total: int
    changed: int
    failed: int


class ProgressPrinter:
    """Turn the progress that the module reports into lines. Times are seconds of a monotonic clock."""

    def __init__(
        self,
        now: float,
        host: str | None = None,
        forecast: bool = False,
        intervals: DisplayIntervals | None = None,
        target: Target = REMOVAL,
    ) -> None:
        self._name = f"[license_{target.action}] " + (f"{host}: " if host else "")
        self._changing = target.action
        self._changed = target.texts.would_change if forecast else target.texts.changed
        self._declared = f"{'with' if target.licensed else 'without'} a license"
        self._intervals = intervals or DisplayIntervals()
        self._began = self._last_line = now
        self._due = now + self._intervals.first
        self._rest = b""
        self._step: Step | None = None
        self._shown: Step | None = None
        self._past: deque[tuple[float, int]] = deque()

    def feed(self, data: bytes, now: float) -> None:
        """Read what the module has written since the last call. The last line may be incomplete."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        for step in filter(None, map(parse_step, lines)):
            if self._step is None or step.phase != self._step.phase:
                self._past.clear()
            elif step.done < self._step.done:  # several threads report, so a line may be late
                continue
            self._step = step
        self._remember(now)

    def next_line(self, now: float) -> str | None:
        """Return the line that is due now, if any."""
        quiet = now - self._last_line >= self._intervals.silence
        if now < self._due or (self._step == self._shown and not quiet):
            return None
        self._last_line, self._shown = now, self._step
        self._due = now + self._intervals.interval(now - self._began)
        return self._name + self._line(now)

    def _remember(self, now: float) -> None:
        if self._step is None or (self._past and self._past[-1][1] >= self._step.done):
            return
        self._past.append((now, self._step.done))
        while len(self._past) > 2 and self._past[1][0] <= now - _RECENT:
            self._past.popleft()

    def _line(self, now: float) -> str:
        step = self._step
        if step is None:
            return f"waiting for the first response, {format_duration(now - self._began)} so far"
        part = f" ({100 * step.done // step.total} %)" if step.total else ""
        done = f"{step.done:,} of {step.total:,}"
        parts = [f"{done} {self._declared}{part}" if step.phase == "wait" else f"{done}{part}"]
        if step.phase in (self._changing, "wait"):
            parts += [f"{step.changed:,} {self._changed}", f"{step.failed:,} failed"]
        unchanged = now - self._past[-1][0]
        if unchanged >= self._intervals.silence:
            parts.append(f"nothing new for {format_duration(unchanged)}")
        elif step.phase != "wait":
            parts += self._speed(step)
        return f"{_VERBS.get(step.phase, step.phase)}: {', '.join(parts)}"

    def _speed(self, step: Step) -> list[str]:
        (then, done_then), (last, done_last) = self._past[0], self._past[-1]
        if last <= then:
            return []
        rate = (done_last - done_then) / (last - then)
        return [
            f"{rate:,.0f}/s" if rate >= 10 else f"{rate:.1f}/s",
            f"{format_duration((step.total - step.done) / rate)} left",
        ]


def parse_step(line: bytes) -> Step | None:
    """Return a line of the module, or ``None`` if it is incomplete, as on a full disk."""
    try:
        step = Step(**json.loads(line))
    except (ValueError, TypeError):
        return None
    counts = (step.done, step.total, step.changed, step.failed)
    valid_counts = all(isinstance(count, int) and not isinstance(count, bool) for count in counts)
    return step if isinstance(step.phase, str) and valid_counts else None


def format_duration(seconds: float) -> str:
    """Return a duration in at most two units."""
    rounded = math.ceil(seconds)
    if rounded <= 90:
        return f"{rounded} s"
    minutes = math.ceil(rounded / 60)
    if minutes <= 90:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min"
