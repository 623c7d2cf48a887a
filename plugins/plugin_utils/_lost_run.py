# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is known of a run whose module gave no result, because it was killed or the timeout of the task was over.

Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import contextlib
import glob
import json
import os
import signal
import time
import typing as t

from ansible_collections.verizon.fota.plugins.module_utils._journal import Journal, JournalBroken
from ansible_collections.verizon.fota.plugins.module_utils._licenses.outcomes import CHANGED, FAILURES, UNKNOWN
from ansible_collections.verizon.fota.plugins.module_utils._report.journal_reader import (
    BadJournal,
    JournalReader,
    Line,
    LineFilter,
)
from ansible_collections.verizon.fota.plugins.module_utils._support.run_id import VARIABLE
from ansible_collections.verizon.fota.plugins.module_utils._support.text import pluralize
from ansible_collections.verizon.fota.plugins.plugin_utils._devices_of_hosts import Devices
from ansible_collections.verizon.fota.plugins.plugin_utils._run_outcome import NO_RESULT, not_begun

# Seconds: a module that was told to end still writes what it was doing.
_QUIET = 2.0
_LONGEST_WAIT = 30.0
_POLL = 0.2
_REASON = "the run gave no result for it: run it again"
_RUN_AGAIN = "Run it again: it removes the licenses that are left, and reports each device."


def result(
    problem: str, account: object, devices: Devices, requested: int, run_id: str, journal: str | None, forecast: bool
) -> dict[str, t.Any]:
    """Return the result of such a run: what the journal says, and that nothing is known of all other devices.

    ``requested``: the number of devices. ``devices`` has them only if they are hosts.
    """
    recorded, by_imei = _recorded(journal, run_id, forecast, bool(devices.imeis))
    lost = not_begun(f"{NO_RESULT}{problem.rstrip('.')}. ", account)
    summary = {**lost["summary"], **recorded, "requested": max(requested, recorded.get("requested", 0))}
    unrecorded = summary["requested"] - recorded.get("requested", 0)
    summary["unknown"] += unrecorded
    if forecast:
        lost["msg"] += "Nothing was changed."
    else:
        removed = pluralize(summary["removed"], "license")
        if unrecorded:
            lost["msg"] += f"What became of {unrecorded:,} of {summary['requested']:,} devices is not known. "
        if recorded:
            lost["msg"] += f"According to the journal, the run removed {removed}. "
        lost["msg"] += _RUN_AGAIN
    rows = [_row(imei, by_imei.get(imei)) for imei in devices.imeis]
    return {
        **lost,
        "changed": summary["removed"] > 0 and not forecast,
        "summary": summary,
        "devices": rows,
        "run_id": run_id,
    }


def end(run_id: str, journal: str | None) -> None:
    """Let the module end, if it still runs, and wait until it has written its journal.

    After the timeout of the task, nobody wants it to go on.
    """
    mark = f"{VARIABLE}={run_id}".encode()
    for path in glob.glob("/proc/[0-9]*/environ"):
        # It has ended in the meantime, or belongs to somebody else.
        with contextlib.suppress(OSError), open(path, "rb") as file:
            if mark in file.read().split(b"\0"):
                os.kill(int(path.split("/")[2]), signal.SIGTERM)
    _wait_until_quiet(journal)


def _wait_until_quiet(journal: str | None) -> None:
    """Return when nothing has been written to the journal for two seconds, or after half a minute."""
    began = since = time.monotonic()
    size = None
    while time.monotonic() - since < _QUIET and time.monotonic() - began < _LONGEST_WAIT:
        try:
            found = os.path.getsize(journal or "")
        except OSError:
            return
        if found != size:
            size, since = found, time.monotonic()
        time.sleep(_POLL)


def complete(
    journal: str | None,
    imeis: t.Iterable[str],
    names: t.Mapping[str, str],
    account: object,
    run_id: str,
    forecast: bool,
) -> None:
    """Append a line for each device that the run was to change and that has none, so that reports contain all of them.

    Lines that the run still writes come later, and apply.
    """
    if not journal or not account:
        return

    def missing() -> t.Iterator[str]:
        with JournalReader(journal, LineFilter((run_id,), forecast=forecast, expected=False)) as lines:
            recorded = {line["imei"] for line in lines.devices()}
        return (json.dumps(_row(imei, None, names.get(imei))) for imei in imeis if imei not in recorded)

    # What cannot be read or written stays as it is.
    with contextlib.suppress(BadJournal, JournalBroken), Journal(
        journal, {"account": account, "check_mode": forecast, "run_id": run_id}
    ) as opened:
        opened.write_missing(missing)


def _recorded(
    journal: str | None, run_id: str, forecast: bool, with_devices: bool
) -> tuple[dict[str, int], dict[str, Line]]:
    """Return the counts of a run in the journal, and its lines by IMEI. Both are empty if there are none."""
    if not journal:
        return {}, {}
    try:
        with JournalReader(journal, LineFilter((run_id,), forecast=forecast)) as lines:
            found = {line["imei"]: line for line in lines.devices()} if with_devices else {}
            return lines.summary, found
    except BadJournal:
        return {}, {}


def _row(imei: str, line: Line | None, name: str | None = None) -> dict[str, t.Any]:
    outcome = line["outcome"] if line else UNKNOWN
    reason = line.get("reason") if line else _REASON
    return {
        "imei": imei,
        "outcome": outcome,
        "changed": outcome in CHANGED,
        "failed": outcome in FAILURES,
        **({"name": name} if name else {}),
        **({"reason": reason} if reason else {}),
    }
