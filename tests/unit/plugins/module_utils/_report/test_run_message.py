# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Of the message that a run ends with, the report keeps what is not in its counts and reasons."""

from __future__ import annotations

import itertools

import pytest

from ansible_collections.verizon.fota.plugins.module_utils import _result
from ansible_collections.verizon.fota.plugins.module_utils._licenses.device_outcome import Device
from ansible_collections.verizon.fota.plugins.module_utils._licenses.outcomes import TARGETS
from ansible_collections.verizon.fota.plugins.module_utils._licenses.run_request import RunRequest
from ansible_collections.verizon.fota.plugins.module_utils._report.run_message import without_counts

STOP = "9 licenses would be removed, more than max_removals allows (5); nothing was removed"


def message(target, counts, stop, check_mode):
    """Return the message of a run with so many devices of each outcome."""
    summary = {"requested": sum(counts), **dict(zip(target.names, counts))}
    devices = [
        Device(f"{number:015d}", outcome, {"resultReason": "HTTP 500: no. Not now; later."})
        for number, outcome in enumerate(target.names)
        if target.outcome(outcome).failed and summary[outcome]
    ]
    request = RunRequest([], target, check_mode, check_upgrades=True)
    return _result._message(request, summary, devices, [f"{number:015d}" for number in range(counts[0])], stop)


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.action)
@pytest.mark.parametrize("check_mode", [False, True])
def test_counts_and_examples_are_left_out(target, check_mode):
    for counts in itertools.product((0, 1, 1234), repeat=len(target.names)):
        assert without_counts(message(target, counts, None, check_mode)) == ""
        assert without_counts(message(target, counts, STOP, check_mode)) == f"The run ended early: {STOP}."


def test_several_messages_and_other_sentences_stay():
    first, second = (message(TARGETS[0], (2, 1, count, 0, 1), stop, False) for count, stop in ((0, None), (7, STOP)))
    text = f"{first} retired.csv: 5 entries, 1 comment. {second}\nThe next batch of hosts did not begin: no token"
    assert without_counts(text) == (
        f"retired.csv: 5 entries, 1 comment. The run ended early: {STOP}. The next batch of hosts did not begin: no token"
    )


@pytest.mark.parametrize("text", ["", "imeis is empty", "5 licenses were found.", "words\nand more"])
def test_other_messages_are_unchanged(text):
    assert without_counts(text) == text
