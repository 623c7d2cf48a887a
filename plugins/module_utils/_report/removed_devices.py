# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The devices whose licenses a run removed, read from its journal, so that they can be assigned again.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import typing as t
from collections import defaultdict
from dataclasses import dataclass, field

from ansible_collections.verizon.fota.plugins.module_utils._licenses.outcomes import REMOVED, UNKNOWN
from ansible_collections.verizon.fota.plugins.module_utils._report.journal_reader import (
    BadJournal,
    JournalReader,
    LineFilter,
    Run,
)
from ansible_collections.verizon.fota.plugins.module_utils._support.text import pluralize, shortened

_MAX_LISTED = 10
_INCOMPLETE = (
    "The last line of the journal is incomplete, because a run was killed: devices of the requests in progress may be missing, see"
    " license_info."
)


@dataclass(frozen=True)
class RemovedDevices:
    """The IMEIs whose licenses were removed, in the order of the journal, and the names that the journal has for them.

    ``unknown``: the devices that have the outcome unknown in these runs, so that it is not known who removed their licenses;
    ``uncertain``: those that hold none now, and may have held none before.
    ``incomplete``: the last line of the journal was not written to its end, because the run was killed.
    """

    imeis: list[str]
    run_ids: list[str]
    names: dict[str, str] = field(default_factory=dict)
    unknown: t.Sequence[str] = ()
    uncertain: t.Sequence[str] = ()
    incomplete: bool = False

    @property
    def message(self) -> str:
        """Return a message about what was read."""
        read = f"According to the journal, the {_named_runs(self.run_ids)} removed {pluralize(len(self.imeis), 'license')}."
        parts = [read]
        if self.unknown:
            parts.append(f"Not restored: {_named(self.unknown)} of unknown outcome.")
        if self.uncertain:
            parts.append(f"Not restored: {_named(self.uncertain)} that may have held no license before.")
        if self.incomplete:
            parts.append(_INCOMPLETE)
        return " ".join(parts)


@dataclass(frozen=True)
class _Devices:
    """The devices of a run by what is known of them, as in ``RemovedDevices``."""

    removed: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    uncertain: list[str] = field(default_factory=list)

    @property
    def doubtful(self) -> list[str]:
        return self.unknown + self.uncertain

    @property
    def counts(self) -> str:
        labels = (
            (self.removed, "removed"),
            (self.unknown, "of unknown outcome"),
            (self.uncertain, "that may have held no license before"),
        )
        return ", ".join(f"{len(imeis):,} {label}" for imeis, label in labels if imeis)


def _named_runs(run_ids: t.Sequence[str]) -> str:
    return f"run {run_ids[0]}" if len(run_ids) == 1 else f"runs {', '.join(run_ids)}"


def _named(imeis: t.Sequence[str]) -> str:
    return f"{pluralize(len(imeis), 'device')} ({shortened(imeis, _MAX_LISTED)})"


def read(path: str, account: str, run_ids: t.Sequence[str] = ()) -> RemovedDevices:
    """Return the devices whose licenses these runs removed, or, if ``run_ids`` is empty, the only run that removed any.

    Forecasts do not count. Raises ``BadJournal`` if the journal cannot be read, lacks a run, or has several to choose from:
    also those that may have removed the licenses of other devices.
    """
    wanted = tuple(dict.fromkeys(run_ids))
    by_run: dict[str, _Devices] = defaultdict(_Devices)
    names: dict[str, str] = {}
    # A later run may say otherwise of a device: that does not undo what an earlier one did.
    with JournalReader(path, LineFilter(wanted, account, expected=False, every_run=True, by_run=True)) as lines:
        for line in lines.devices():
            devices = by_run[line.get("run_id", "")]
            if line["outcome"] == UNKNOWN:
                devices.unknown.append(line["imei"])
            elif line["outcome"] == REMOVED and line.get("state_before") == UNKNOWN:
                devices.uncertain.append(line["imei"])
            elif line["outcome"] == REMOVED:
                devices.removed.append(line["imei"])
                if "name" in line:
                    names[line["imei"]] = line["name"]
    runs = [(run, by_run[run.run_id]) for run in lines.runs]
    removing = [(run, devices) for run, devices in runs if devices.removed]
    if not removing:
        nothing = (
            f"the {_named_runs(wanted)} in the journal {path} removed no license of the account {account} for certain"
            if wanted
            else f"the journal {path} has no run of the account {account} that removed a license"
        )
        raise BadJournal(f"{nothing}{_only_possibly(devices for _run, devices in runs)}")
    # Those of one run are distinct: no second copy of a million.
    imeis = (
        removing[0][1].removed
        if len(removing) == 1
        else list(dict.fromkeys(imei for _run, devices in removing for imei in devices.removed))
    )
    if not wanted:
        # Runs that may have removed licenses of other devices are to choose from, too.
        choice = [one for one in runs if one[1].removed or set(one[1].doubtful).difference(imeis)]
        if len(choice) > 1:
            raise BadJournal(_several(path, choice))
    chosen = [devices for _run, devices in (runs if wanted else removing)]
    return RemovedDevices(
        imeis,
        [run.run_id for run, _devices in removing],
        names,
        sorted({imei for devices in chosen for imei in devices.unknown}.difference(imeis)),
        sorted({imei for devices in chosen for imei in devices.uncertain}.difference(imeis)),
        lines.incomplete,
    )


def _only_possibly(runs: t.Iterable[_Devices]) -> str:
    """Return what is to be done if runs have only devices that may have lost a license."""
    imeis = list(dict.fromkeys(imei for devices in runs for imei in devices.doubtful))
    if not imeis:
        return ""
    return f"; {_named(imeis)} may have lost a license: assign licenses with license_assign to those that need one"


def _several(path: str, runs: list[tuple[Run, _Devices]]) -> str:
    listed = "; ".join(
        f"{run.run_id or 'a run without ID'} ({run.first_time}, {devices.counts})"
        for run, devices in runs[-_MAX_LISTED:]
    )
    return (
        f"{len(runs):,} runs in the journal {path} removed licenses or may have, the last ones are: {listed};"
        " set restore_run_id to those that are to be restored"
    )
