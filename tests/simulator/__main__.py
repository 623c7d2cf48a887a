# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The command line of the simulator: ``python -m tests.simulator``, from the root of the collection."""

from __future__ import annotations

import argparse
import gc
import signal
import sys
from contextlib import ExitStack, suppress
from typing import Any, Sequence

from . import replay
from .accounts import Account, Device
from .dialect import Dialect
from .fault_kinds import Fault, parse_fault
from .faults import Faults
from .fleets import ACCOUNT, devices_in_every_state, fleet, read_devices
from .simulator import Simulator


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.simulator",
        description="A ThingSpace that runs on loopback. Without --devices and --fleet, the "
        "account has the devices of the document's example and one in each other state.",
    )
    add = parser.add_argument
    add("--port", type=int, default=8642, help="0 for any free port (default: %(default)s)")
    add("--account", default=ACCOUNT, help="name of the account (default: %(default)s)")
    add("--devices", metavar="FILE.csv", help="columns: imei, licensed, upgraded, …")
    add("--fleet", type=int, metavar="N", help="N generated devices in every state")
    add("--seed", type=int, default=0, help="for --fleet (default: %(default)s)")
    add("--license-total", type=int, help="licenses bought (default: 9000, or as many as are in use)")
    add("--latency", type=float, default=0.0, metavar="SECONDS")
    add("--max-batch", type=int, default=1000, metavar="N", help="maximum number of devices in a request")
    add("--page-size", type=int, default=1000, metavar="N", help="rows in a page of a list")
    add("--request-log", metavar="FILE", help="appends a JSON line for each request")
    add(
        "--dialect",
        nargs="+",
        action="append",
        default=[],
        metavar="NAME or KEY=VALUE",
        help="names: {}; keys: {}".format(", ".join(Dialect.NAMED), ", ".join(Dialect.CHOICES)),
    )
    add(
        "--fault",
        action="append",
        default=[],
        metavar="kind=KIND,KEY=VALUE,…",
        help="may be repeated; kinds: " + ", ".join(Fault.KINDS),
    )
    add("--replay", metavar="TRACE", help="respond as in the trace that option trace of a module recorded")
    add("--replay-run", metavar="RUN", help="only this run of the trace: the value of run in its lines")
    add("--fault-seed", type=int, default=0, metavar="N", help="for --fault (default: %(default)s)")
    arguments = parser.parse_args(argv)
    choices: dict[str, str] = {}
    for pair in (pair for pairs in arguments.dialect for pair in pairs):
        key, equals, value = pair.partition("=")
        if pair in Dialect.NAMED:
            choices.update(Dialect.NAMED[pair])
        elif not equals or key not in Dialect.CHOICES:
            names, keys = ", ".join(Dialect.NAMED), ", ".join(Dialect.CHOICES)
            parser.error(f"--dialect {pair}: names are {names}; keys are {keys}")
        else:
            choices[key] = value
    try:
        arguments.dialect = Dialect(**choices)
        arguments.faults = Faults([parse_fault(text) for text in arguments.fault], arguments.fault_seed)
        arguments.device_list = _devices(arguments)
        if arguments.license_total is None:
            in_use = sum(device.licensed for device in arguments.device_list)
            arguments.license_total = max(Account.license_total, in_use)
        arguments.middleware = arguments.faults.middleware
        if arguments.replay:
            ignored = [
                name
                for name in ("account", "devices", "fleet", "fault")
                if getattr(arguments, name) != parser.get_default(name)
            ]
            if ignored:
                parser.error(
                    f"--replay responds as the trace did, so it cannot be combined with --{', --'.join(ignored)}"
                )
            arguments.account = replay.ACCOUNT
            with open(arguments.replay, encoding="utf-8-sig") as file:
                arguments.middleware = replay.Replay.read(file, arguments.replay_run).middleware
    except (OSError, ValueError) as error:
        parser.error(str(error))
    return arguments


def _devices(arguments: argparse.Namespace) -> list[Device]:
    devices: list[Device] = []
    if arguments.devices:
        with open(arguments.devices, encoding="utf-8-sig", newline="") as file:
            devices += read_devices(file)
    if arguments.fleet is not None:
        devices += fleet(arguments.fleet, arguments.seed)
    if not arguments.devices and arguments.fleet is None:
        devices = devices_in_every_state()
    return devices


def _interrupt(_number: int, _frame: Any) -> None:
    raise KeyboardInterrupt


def main(argv: Sequence[str] | None = None) -> int:
    arguments = _arguments(argv)
    # SIGINT too, because a shell that starts this in the background ignores it.
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGINT, _interrupt)
    with ExitStack() as stack:
        request_log = None
        if arguments.request_log:
            request_log = stack.enter_context(open(arguments.request_log, "a", encoding="utf-8"))
        simulator = stack.enter_context(
            Simulator(
                [Account(arguments.account, arguments.license_total, arguments.device_list)],
                dialect=arguments.dialect,
                latency=arguments.latency,
                max_batch=arguments.max_batch,
                page_size=arguments.page_size,
                port=arguments.port,
                request_log=request_log,
                middleware=arguments.middleware,
            )
        )
        # The rows of one response would otherwise trigger a garbage collection, which visits every device.
        gc.set_threshold(100_000)
        print(f"{simulator.url} account {arguments.account}", flush=True)
        with suppress(KeyboardInterrupt):
            simulator.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
