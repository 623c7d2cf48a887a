# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How long each session of a run took."""

from __future__ import annotations

import atexit
import functools
import sys
import time
from collections.abc import Callable

import nox


def print_durations_at_the_end() -> None:
    """Print at the end of a run how long each session took, its environment included, slowest first."""
    durations: dict[str, float] = {}
    last = time.monotonic()

    def timed(name: str, body: Callable[..., object]) -> Callable[..., object]:
        @functools.wraps(body)
        def run(*args: object, **kwargs: object) -> object:
            nonlocal last
            try:
                return body(*args, **kwargs)
            finally:
                last, began = time.monotonic(), last
                durations[name] = durations.get(name, 0.0) + last - began

        return run

    for name, session in nox.registry.get().items():
        session.func = timed(name, session.func)

    def show() -> None:
        if len(durations) > 1:
            print(f"\nTime taken: {sum(durations.values()):.0f} s", file=sys.stderr)
            for name, seconds in sorted(durations.items(), key=lambda item: -item[1]):
                print(f"{seconds:7.0f} s  {name}", file=sys.stderr)

    atexit.register(show)
