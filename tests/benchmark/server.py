# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A simulated ThingSpace in a separate process, so that it does not count in the measurements."""

from __future__ import annotations

import http.client
import json
import os
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

from tests.simulator.fleets import ACCOUNT

ROOT = Path(__file__).resolve().parents[2]


class Server:
    """Runs during a ``with`` block. ``arguments`` are those of ``python -m tests.simulator``."""

    def __init__(self, *arguments: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        self._command = [sys.executable, "-m", "tests.simulator", "--port", str(self._port), *arguments]

    def __enter__(self) -> Server:
        self._process = subprocess.Popen(self._command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        if not (self._process.stdout and self._process.stdout.readline()):
            sys.exit("the simulator did not start")
        return self

    def __exit__(self, *_unused: object) -> None:
        self._process.terminate()
        self._process.wait()

    def reset(self) -> dict[str, str]:
        """Restore all licenses; return the environment for clients of the simulator."""
        self._ask("POST", "/_simulator/reset")
        tokens = self._ask("POST", "/_simulator/tokens")
        self._environment = {
            "THINGSPACE_ACCOUNT": ACCOUNT,
            "THINGSPACE_API_URL": f"http://127.0.0.1:{self._port}/api",
            "THINGSPACE_ACCESS_TOKEN": tokens["access_token"],
            "THINGSPACE_SESSION_TOKEN": tokens["session_token"],
        }
        return self._environment

    def licensed(self) -> int:
        """Return how many devices hold a license now."""
        response = self._ask("GET", f"/api/fota/v3/subscriptions/{ACCOUNT}")
        return int(response["licenseUsedCount"])

    def cpu(self) -> float | None:
        """Return the processor seconds that it used; None if the system does not report them."""
        try:
            fields = Path(f"/proc/{self._process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        except OSError:
            return None
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def round_trip(self, imeis: list[str]) -> tuple[float, float | None]:
        """Return the seconds of one read of these devices when idle, and the processor seconds of the simulator."""
        body = json.dumps({"deviceList": imeis})
        connection = http.client.HTTPConnection("127.0.0.1", self._port)
        connection.connect()
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        before, seconds = self.cpu(), []
        for _number in range(20):
            start = time.monotonic()
            connection.request("POST", f"/api/fota/v3/devices/{ACCOUNT}", body, self._headers())
            connection.getresponse().read()
            seconds.append(time.monotonic() - start)
        connection.close()
        after = self.cpu()
        cpu = None if before is None or after is None else (after - before) / len(seconds)
        return statistics.median(seconds), cpu

    def _headers(self) -> dict[str, str]:
        return {
            "Authorization": "Bearer " + self._environment["THINGSPACE_ACCESS_TOKEN"],
            "VZ-M2M-Token": self._environment["THINGSPACE_SESSION_TOKEN"],
            "Content-Type": "application/json",
        }

    def _ask(self, method: str, path: str) -> dict[str, Any]:
        url = f"http://127.0.0.1:{self._port}{path}"
        headers = {} if path.startswith("/_simulator") else self._headers()
        with urllib.request.urlopen(urllib.request.Request(url, method=method, headers=headers)) as response:
            return dict(json.load(response))
