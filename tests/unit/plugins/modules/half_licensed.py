# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A fleet in which every other device is licensed, and helpers to read results of license_info."""

from __future__ import annotations

import typing as t

from ansible_collections.verizon.fota.tests.simulator import Device, Simulator

# The last ones have leading zeros, which a number would lose.
FLEET = [Device(f"{990000000000000 - number:015}", licensed=number % 2 == 0) for number in range(24)]
FLEET += [Device(f"00499901064{number:04}", licensed=number % 2 == 0) for number in range(6)]
LICENSED = sorted(device.imei for device in FLEET if device.licensed)
UNKNOWN_IMEI = "350000000000006"
# What a result consists of.
KEYS = {"changed", "failed", "msg", "summary", "devices", "account"}


def licensed_by_imei(result: dict[str, t.Any]) -> dict[str, bool | None]:
    return {device["imei"]: device["licensed"] for device in result["devices"]}


def sent(simulator: Simulator, part: str) -> int:
    return sum(part in request.path for request in simulator.requests)
