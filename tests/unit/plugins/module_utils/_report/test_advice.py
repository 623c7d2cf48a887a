# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Advice is found whatever replaces an ellipsis, and only devices that the account does not have cost nothing."""

from __future__ import annotations

import pytest

from ansible_collections.verizon.fota.plugins.module_utils._report.advice import advice, is_unknown_device


@pytest.mark.parametrize(
    ("outcome", "reason", "beginning"),
    [
        ("failed", "Device Not Found.", "The account does not have this device."),
        ("failed", "the device was not found", "The account does not have this device."),
        (
            "failed",
            "Upgrade pending, the device upgrade is estimated to be scheduled for 7 Nov 26 01:00 UTC",
            "An upgrade is",
        ),
        ("failed", "HTTP 503: busy", "If the message does not say enough"),
        (
            "failed",
            "HTTP 503: busy; still licensed, and not sent again: it was interrupted by SIGTERM",
            "An error stopped",
        ),
        (
            "failed",
            "HTTP 404: x (is account, or THINGSPACE_ACCOUNT, the right one?)",
            "The account is unknown or inactive.",
        ),
        ("failed", "x; read again: it holds a license", "Detected with wait."),
        ("removed", "x; read again: it holds no license", "The response was lost"),
        ("failed", "an upgrade is in progress (In progress: x, campaign y from 2026-11-01)", "The service will reject"),
        (
            "unknown",
            "what became of it is not known, and its state could not be read again: run the task again (HTTP 502)",
            "The response to the removal was lost",
        ),
        ("unknown", "an unrecognized message", "Run the same task again."),
        ("skipped", "", "Fix what the message of the run reports"),
    ],
)
def test_advice_is_found(outcome, reason, beginning):
    assert advice(outcome, reason).startswith(beginning)


@pytest.mark.parametrize("reason", ["", "an unrecognized message", "read again"])
def test_a_failure_with_another_text_has_none(reason):
    assert advice("failed", reason) == ""


@pytest.mark.parametrize(
    ("outcome", "reason", "unknown"),
    [
        ("failed", "Device Not Found.", True),
        ("failed", "the device does not exist in this account", True),
        ("failed", "the account does not have this device", True),
        ("failed", "has no license in this account and is not among its devices", True),
        ("failed", "Device not found in the campaign, its license stays", False),
        ("failed", "the service rejects this IMEI", False),
        ("failed", "", False),
        ("unlicensed", "Device Not Found.", False),
        ("unknown", "Device Not Found.", False),
    ],
)
def test_only_what_the_account_does_not_have_costs_nothing(outcome, reason, unknown):
    assert is_unknown_device(outcome, reason) is unknown
