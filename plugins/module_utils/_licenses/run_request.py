# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a run is requested to do.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import time
import typing as t
from dataclasses import dataclass, field

from ansible_collections.verizon.fota.plugins.module_utils._licenses.guards import Guards, RemovalGuards
from ansible_collections.verizon.fota.plugins.module_utils._licenses.outcomes import REMOVAL, Target


def _never() -> str | None:
    return None


@dataclass(frozen=True)
class Rules:
    """How to change licenses: retries, whether an unknown device is a failure, how to wait before a retry.

    ``interrupted`` returns why the run was interrupted, ``None`` if it was not.
    """

    retries: int = 3
    unknown_devices_fail: bool = True
    sleep_before_retry: t.Callable[[int], None] = field(default=lambda attempt: None)
    interrupted: t.Callable[[], str | None] = _never


@dataclass(frozen=True)
class Wait:
    """How long to wait, in seconds. ``sleep`` returns true when it was interrupted."""

    timeout: float
    sleep: t.Callable[[float], object] = time.sleep
    clock: t.Callable[[], float] = time.monotonic


@dataclass(frozen=True)
class RunRequest:
    """What is requested. ``imeis`` are distinct; ``check_upgrades`` is for check mode, ``wait`` for a real run."""

    imeis: list[str]
    target: Target = REMOVAL
    check_mode: bool = False
    batch_size: int = 1000
    concurrency: int = 1
    guards: Guards = field(default_factory=RemovalGuards)
    check_upgrades: bool = False
    wait: Wait | None = None
    rules: Rules = field(default_factory=Rules)
