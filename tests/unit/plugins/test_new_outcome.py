# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an outcome more takes: it is added to ``_licenses/outcomes.py``, and everything that reports outcomes has it."""

from __future__ import annotations

import json
import subprocess
import sys

from ansible_collections.verizon.fota.tests.unit.child_process import environment

# In a process of its own, since the other files read the outcomes when they are imported.
PROGRAM = """
import dataclasses, io, json, sys

from ansible_collections.verizon.fota.plugins.module_utils._licenses.run_request import RunRequest
from ansible_collections.verizon.fota.plugins.module_utils._licenses import outcomes

postponed = outcomes.Outcome(
    "postponed", changed=False, failed=True, label=("Postponed", "Would wait"), note=("n", "n"), counted=("postponed", "p")
)
removal = dataclasses.replace(outcomes.REMOVAL, outcomes=(*outcomes.REMOVAL.outcomes, postponed))
outcomes.REMOVAL, outcomes.TARGETS = removal, (removal, outcomes.ASSIGNMENT)
outcomes.BY_ACTION = {target.action: target for target in outcomes.TARGETS}
outcomes.PROBLEMS = (*outcomes.PROBLEMS, "postponed")
outcomes.FAILURES = frozenset(outcomes.PROBLEMS)

from ansible_collections.verizon.fota.plugins.module_utils import _journal, _result
from ansible_collections.verizon.fota.plugins.module_utils._licenses.device_outcome import Device
from ansible_collections.verizon.fota.plugins.module_utils._licenses.run_state import RunState
from ansible_collections.verizon.fota.plugins.module_utils._report.contents import Groups, Head
from ansible_collections.verizon.fota.plugins.module_utils._report.html import HtmlReport
from ansible_collections.verizon.fota.plugins.module_utils._report.journal_reader import JournalReader, LineFilter
from ansible_collections.verizon.fota.plugins.plugin_utils import _run_outcome

path, device = sys.argv[1], Device("990003425730535", "postponed", {"resultReason": "come back tomorrow"})
state = RunState(removal, list)
state.add([device])
result = _result.result("a", "r", RunRequest([device.imei], removal), state, None, "all", False, {})
always = {"account": "a", "check_mode": False, "run_id": "r"}
with _journal.journal(path, always, lambda: str, {}) as write:
    assert write([device]) is None
groups, page = Groups(5), io.StringIO()
with JournalReader(path, LineFilter()) as lines:
    head = Head("2026-11-23T02:00:00Z", False, ["a"], lines.runs, lines.summary, target=removal)
    report = HtmlReport(head)
    for line in lines.devices():
        report.add(line, "", groups.add(line))
report.write(page, groups)
print(json.dumps({"result": result, "summary": lines.summary, "page": page.getvalue(), "counts": _run_outcome.COUNTS}))
"""


def test_an_outcome_more_is_added_in_one_file(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path / "journal")],
        env=environment(),
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )

    found = json.loads(done.stdout)
    assert found["result"]["summary"]["postponed"] == found["summary"]["postponed"] == 1
    assert found["result"]["failed"] is True and found["result"]["changed"] is False
    assert (
        found["result"]["msg"] == "Of 1 device: 1 postponed. 990003425730535: come back tomorrow. 0 licenses removed."
    )
    assert "Postponed" in found["page"] and "come back tomorrow" in found["page"]
    assert "postponed" in found["counts"]
