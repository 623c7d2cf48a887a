# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The processes of the kill test: a simulated ThingSpace, ansible-playbook with its module, and the ways to kill them.

Processes are found through /proc by a mark in their environment, so that orphans are found too.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
import uuid
from pathlib import Path
from typing import Any, Callable

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.simulator.fleets import ACCOUNT  # noqa: E402

_MARK = f"VERIZON_FOTA_TORTURE={uuid.uuid4().hex}"
_POLL = 0.005


def wait_until(met: Callable[[], bool], seconds: float) -> bool:
    """Wait until a condition holds; return whether it does."""
    end = time.monotonic() + seconds
    while not met():
        if time.monotonic() > end:
            return False
        time.sleep(_POLL)
    return True


class Server:
    """A simulator in a separate process."""

    def __init__(self, folder: Path, devices: Path, latency: float) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        self._log = folder / "requests.log"
        self._log.touch()
        self._command = [
            *(sys.executable, "-m", "tests.simulator", "--port", str(self._port), "--devices", str(devices)),
            *("--latency", str(latency), "--request-log", str(self._log)),
        ]

    def __enter__(self) -> Server:
        self._process = subprocess.Popen(self._command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        if not (self._process.stdout and self._process.stdout.readline()):
            self._process.kill()
            sys.exit("the simulator did not start")
        return self

    def __exit__(self, *_unused: object) -> None:
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def reset(self) -> None:
        """Restore all licenses."""
        self._call("reset", "POST")

    def licensed(self) -> frozenset[str]:
        return frozenset(self._call(f"accounts/{ACCOUNT}", "GET")["licensed"])

    def environment(self) -> dict[str, str]:
        """Return the environment in which a play works against the simulator."""
        tokens = self._call("tokens", "POST")
        return {
            "THINGSPACE_ACCOUNT": ACCOUNT,
            "THINGSPACE_API_URL": f"http://127.0.0.1:{self._port}/api",
            "THINGSPACE_ACCESS_TOKEN": tokens["access_token"],
            "THINGSPACE_SESSION_TOKEN": tokens["session_token"],
        }

    def counter(self) -> Callable[[], int]:
        """Return a function that counts the responses from now on."""
        place, count = self._log.stat().st_size, 0

        def requests() -> int:
            nonlocal place, count
            with open(self._log, "rb") as log:
                log.seek(place)
                new = log.read()
            place += len(new)
            count += new.count(b"\n")
            return count

        return requests

    def _call(self, call: str, method: str) -> Any:
        url = f"http://127.0.0.1:{self._port}/_simulator/{call}"
        with urllib.request.urlopen(urllib.request.Request(url, method=method), timeout=60) as response:
            return json.load(response)


class Run:
    """One run of ansible-playbook, in a process group as a shell creates it. It ends with the ``with`` block."""

    def __init__(self, playbook: Path, result: Path, environment: dict[str, str], under_timeout: bool) -> None:
        self._result = result
        result.unlink(missing_ok=True)
        name, _equals, value = _MARK.partition("=")
        wrapper = ["timeout", "-s", "TERM", "3600"] if under_timeout else []
        with open(playbook.with_suffix(".log"), "w", encoding="utf-8") as log:
            self._process = subprocess.Popen(
                [*wrapper, "ansible-playbook", str(playbook)],
                env={**os.environ, **environment, name: value, "ANSIBLE_LOCALHOST_WARNING": "false"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.module: int | None = None

    def __enter__(self) -> Run:
        return self

    def __exit__(self, *_unused: object) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        end_all()

    @property
    def playbook(self) -> int:
        return self._process.pid

    def find_module(self) -> bool:
        """Wait until the process of the module exists; return whether it does."""
        wait_until(lambda: bool(_modules()) or self._process.poll() is not None, 60)
        self.module = next(iter(_modules()), None)
        return self.module is not None

    def module_lives(self) -> bool:
        return self.module in _modules()

    def wait(self, seconds: float) -> bool:
        """Wait until the module, orphan or not, and ansible-playbook have ended; return whether they have."""
        return wait_until(lambda: not _modules() and self._process.poll() is not None, seconds)

    def result(self) -> dict[str, Any] | None:
        """Return the result of the task, None if it returned none."""
        try:
            said = json.loads(self._result.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return said if isinstance(said, dict) and "summary" in said else None


def _kill_module(run: Run, number: int) -> None:
    if run.module is not None:
        os.kill(run.module, number)


# How to kill a run, and whether its module may end with requests in flight.
KINDS: dict[str, tuple[Callable[[Run], None], bool]] = {
    "SIGKILL of the module": (lambda run: _kill_module(run, signal.SIGKILL), True),
    "SIGKILL of ansible-playbook": (lambda run: os.kill(run.playbook, signal.SIGKILL), False),
    "SIGINT to the process group": (lambda run: os.killpg(run.playbook, signal.SIGINT), False),
    "SIGTERM of ansible-playbook": (lambda run: os.kill(run.playbook, signal.SIGTERM), False),
    # What timeout does at the end of the time: the alarm makes it send its signal.
    "timeout -s TERM": (lambda run: os.kill(run.playbook, signal.SIGALRM), False),
    # As service managers stop processes; Ansible forwards its own signal, so that the module gets two.
    "SIGTERM of every process": (lambda run: _signal_all(signal.SIGTERM), False),
    "SIGTERM of the module": (lambda run: _kill_module(run, signal.SIGTERM), False),
}


def _signal_all(number: int) -> None:
    for pid in _marked():
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def end_all() -> None:
    """Kill every process that a run left."""
    _signal_all(signal.SIGKILL)
    wait_until(lambda: not _marked(), 10)


def _marked() -> list[int]:
    return [pid for pid in _pids() if _MARK.encode() in _read(pid, "environ").split(b"\0")]


def _modules() -> list[int]:
    """Return the processes of the module itself, without its shell."""
    found = []
    for pid in _pids():
        arguments = _read(pid, "cmdline").split(b"\0")
        if (
            b"python" in os.path.basename(arguments[0])
            and any(b"AnsiballZ_license_remove" in argument for argument in arguments[1:2])
            and _MARK.encode() in _read(pid, "environ").split(b"\0")
        ):
            found.append(pid)
    return found


def _pids() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def _read(pid: int, name: str) -> bytes:
    """Return nothing if the process has ended or belongs to another user."""
    try:
        return Path(f"/proc/{pid}/{name}").read_bytes()
    except OSError:
        return b""
