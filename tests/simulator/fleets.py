# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Devices for an account: the document's example, one in each state, a generated fleet, or from CSV."""

from __future__ import annotations

import csv
import random
from dataclasses import fields
from datetime import datetime
from typing import Any, Iterable

from .accounts import Account, Device

ACCOUNT = "0642233522-00001"

# The three devices of the document's example: two with a license, the last without.
DOCUMENT_IMEIS = ("990003425730535", "990000473475989", "900000000000999")

# Of 100 generated devices, how many are in each state
_STATES: tuple[tuple[int, dict[str, Any]], ...] = (
    (70, {"licensed": True}),
    (15, {}),
    (6, {"licensed": True, "upgraded": True}),
    (4, {"licensed": True, "upgrade_scheduled": True}),
    (3, {"licensed": True, "upgrade_running": True}),
    (1, {"licensed": True, "internal_error": True}),
    (1, {"fota_eligible": False}),
)


def devices_in_every_state() -> list[Device]:
    """Return the devices of the document's example, and one device in each other state."""
    first, second, third = DOCUMENT_IMEIS
    return [
        Device(first, licensed=True),
        Device(second, licensed=True),
        Device(third),
        Device("990000000000011", licensed=True, upgraded=True),
        Device("990000000000029", licensed=True, upgrade_running=True),
        Device("990000000000037", licensed=True, upgrade_scheduled=True),
        Device("990000000000045", licensed=True, internal_error=True),
        Device("990000000000052", fota_eligible=False),
        Device("990000000000060", upgraded=True),
        # An IMEI with leading zeros, which would be lost in a number
        Device("004999010640000", licensed=True),
    ]


def default_account() -> Account:
    return Account(ACCOUNT, devices=devices_in_every_state())


def fleet(count: int, seed: int = 0) -> list[Device]:
    """Return ``count`` devices with distinct IMEIs in all states; the same for the same arguments."""
    generator = random.Random(seed)
    weights = [weight for weight, _state in _STATES]
    states = generator.choices([state for _weight, state in _STATES], weights, k=count)
    # Distinct from the IMEIs of devices_in_every_state, so that both fit into one account.
    numbers = generator.sample(range(350000000000000, 360000000000000), count)
    return [Device(f"{number:015d}", **state) for number, state in zip(numbers, states)]


def read_devices(lines: Iterable[str]) -> list[Device]:
    """Return the devices from CSV with a column ``imei`` and any other fields of ``Device``.

    Raises ValueError for unknown columns and for flags and times that are not valid.
    """
    kinds = {field.name: field.default for field in fields(Device)}
    reader = csv.DictReader(lines)
    unknown = sorted(set(reader.fieldnames or ()) - set(kinds))
    if unknown or "imei" not in (reader.fieldnames or ()):
        raise ValueError(
            "columns: imei is required, unknown: {}; allowed: {}".format(", ".join(unknown) or "none", ", ".join(kinds))
        )
    devices = []
    for row in reader:
        values: dict[str, Any] = {}
        for name, text in row.items():
            if text and text.strip():
                values[name] = _parsed(name, text.strip(), kinds[name])
        devices.append(Device(**values))
    return devices


def _parsed(name: str, text: str, default: Any) -> Any:
    if isinstance(default, bool):
        flags = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
        if text.lower() not in flags:
            raise ValueError(f"{name}: {text!r} is neither true nor false")
        return flags[text.lower()]
    if isinstance(default, datetime):
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
        return moment if moment.tzinfo else moment.replace(tzinfo=default.tzinfo)
    return text
