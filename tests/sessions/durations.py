# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How long each session of a run took."""

from __future__ import annotations

import atexit
import json
import sys
import tempfile
import time
from pathlib import Path

import nox


def print_durations_at_the_end() -> None:
    """Print at the end of a run of several sessions how long each took, its environment included, slowest first."""
    began = time.monotonic()
    folder = tempfile.TemporaryDirectory(prefix="fota-nox-")
    # nox writes it at the end, also of sessions that ran in processes of their own
    report = Path(folder.name) / "report.json"
    nox.options.report = str(report)

    def show() -> None:
        if report.exists():
            sessions = json.loads(report.read_text(encoding="utf-8"))["sessions"]
            if len(sessions) > 1:
                print(f"\nTime taken: {time.monotonic() - began:.0f} s", file=sys.stderr)
                for session in sorted(sessions, key=lambda session: -session["duration"]):
                    print(f"{session['duration']:7.0f} s  {session['signatures'][0]}", file=sys.stderr)
        folder.cleanup()

    atexit.register(show)
