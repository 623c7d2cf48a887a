# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A simulator of ThingSpace on loopback: see README.md."""

from __future__ import annotations

from .accounts import Account, Device
from .dialect import Dialect
from .fault_kinds import Fault
from .faults import Faults, InjectedFault
from .log import LoggedRequest
from .simulator import Simulator
from .tokens import Credentials

__all__ = [
    "Account",
    "Credentials",
    "Device",
    "Dialect",
    "Fault",
    "Faults",
    "InjectedFault",
    "LoggedRequest",
    "Simulator",
]
