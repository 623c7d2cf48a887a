# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What has become of the devices of a run so far, collected from several threads.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import threading
import typing as t
from collections import Counter

from ansible_collections.verizon.fota.plugins.module_utils._licenses.account_totals import LatestTotals
from ansible_collections.verizon.fota.plugins.module_utils._licenses.device_outcome import Device, Group
from ansible_collections.verizon.fota.plugins.module_utils._licenses.outcomes import Target


class RunState:
    """The outcomes of a run toward a target; several threads add to them.

    ``keep`` returns which of some devices are kept in full: a fleet of a million would not fit. ``write`` puts devices where they
    outlast the run, and returns why it could not, from then on always. With ``follow``, the IMEIs of those that are changed, and
    of all that had to be, are kept, too.
    """

    def __init__(
        self,
        target: Target,
        keep: t.Callable[[t.Collection[Device]], t.Collection[Device]],
        write: t.Callable[[t.Collection[Device]], str | None] | None = None,
        follow: bool = True,
    ) -> None:
        self.target = target
        self.counts: Counter[str] = Counter()
        self.kept: dict[str, Device] = {}
        # The IMEIs of the devices that are changed, and of all that had to be.
        self.changed: set[str] = set()
        self.changeable: list[str] = []
        # The IMEIs of the devices whose scheduled upgrade the run cancels.
        self.cancels: list[str] = []
        # The IMEIs of changed devices that may have been as declared before.
        self.uncertain: set[str] = set()
        # How many devices were changed, and were not as declared later.
        self.changed_back = 0
        self.totals = LatestTotals(target)
        self._keep = keep
        self._write = write
        self.follow = follow
        self._lock = threading.Lock()

    def add(self, devices: t.Collection[Device]) -> str | None:
        """Add devices. Return why they could not be written."""
        unwritten = self._write(devices) if self._write else None
        with self._lock:
            self.counts.update([device.outcome for device in devices])
            if self.follow:
                changed = self.target.changed
                self.changed.update([device.imei for device in devices if device.outcome == changed])
            self.uncertain.update([device.imei for device in devices if device.uncertain and not device.failed])
            self.kept.update([(device.imei, device) for device in self._keep(devices)])
        return unwritten

    def add_groups(self, groups: t.Iterable[Group]) -> str | None:
        """Add groups of devices. Like ``add``, but those that need only be counted take no time for each device."""
        devices: list[Device] = []
        for group in groups:
            if self._only_counts(group.device):
                with self._lock:
                    self.counts[group.device.outcome] += len(group.imeis)
            else:
                devices += group.devices()
        return self.add(devices) if devices else None

    def _only_counts(self, device: Device) -> bool:
        """Return whether nothing is kept or written of a device with this outcome."""
        # Of failures, a filter may keep the first few.
        return not (self._write or self.follow or device.uncertain or device.failed or self._keep([device]))

    def revise(self, devices: t.Collection[Device]) -> str | None:
        """Replace the outcomes that these devices had before. Only with ``follow``."""
        with self._lock:
            for device in devices:
                before = self.outcome(device.imei)
                self.counts[before] -= 1
                self.changed_back += before == self.target.changed
                self.changed.discard(device.imei)
                self.uncertain.discard(device.imei)
                self.kept.pop(device.imei, None)
        return self.add(devices)

    def outcome(self, imei: str) -> str:
        """Return the outcome of a device. Only with ``follow``, and if all failures are kept."""
        if imei in self.kept:
            return self.kept[imei].outcome
        return self.target.changed if imei in self.changed else self.target.already
