# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report contains the advice of the guides, word for word, for every reason of a device that did not succeed."""

from __future__ import annotations

import re

import pytest

from ansible_collections.verizon.fota.plugins.module_utils._licenses.outcomes import ASSIGNMENT, PROBLEMS, REMOVAL
from ansible_collections.verizon.fota.plugins.module_utils._licenses.states import State
from ansible_collections.verizon.fota.plugins.module_utils._report import advice
from ansible_collections.verizon.fota.tests.simulator import Dialect
from ansible_collections.verizon.fota.tests.unit.agreement.guides import FOLDER, literals, tables

ABOUT_AN_ASSIGNMENT = " about an assignment"


def rows_of(assigns: bool) -> list[list[str]]:
    """Return the rows about reasons that are true of an assignment only, or all others."""
    found = tables("results").items()
    return [
        row
        for heading, rows in found
        for row in rows
        if len(row) == 3 and heading.endswith(ABOUT_AN_ASSIGNMENT) is assigns
    ]


RESULTS = rows_of(assigns=False)
ASSIGNMENTS = rows_of(assigns=True)
ROWS = [*RESULTS, *(row for rows in tables("troubleshooting").values() for row in rows)]
NO_ADVICE_NEEDED = ("Success", "No license attached to device")
SAME_AS = re.compile(r"The same as ``(.+?)``\.")


def plain(cell: str) -> str:
    """Return the text of a cell without markup; of an option only its name."""
    return re.sub(r":ans\w+:`[^`#]*#(?:module|role):([^`]+)`", r"\1", cell).replace("``", "")


def text_of(cell: str) -> str:
    """Return what a cell says; if that is "The same as …", what the other row says."""
    same = SAME_AS.fullmatch(cell)
    return plain(next(row[-1] for row in ROWS if same.group(1) in literals(row[0])) if same else cell)


@pytest.mark.parametrize("row", advice.BY_REASON, ids=lambda row: f"{row.action or 'both'}: {row.reasons[0]}")
def test_it_is_that_of_the_guide(row: advice.Advice) -> None:
    rows = ASSIGNMENTS if row.action == ASSIGNMENT.action else ROWS
    found = {text_of(cells[-1]) for cells in rows for reason in row.reasons if reason in literals(cells[0])}
    missing = set(row.reasons) - {reason for cells in rows for reason in literals(cells[0])}
    assert not missing, f"no guide has a row for this reason any more: {missing}"
    # If a cell continues with codes, only its beginning is general advice.
    wrong = [text for text in found if text.partition(" Codes:")[0] != row.text]
    assert not wrong, f"{FOLDER} and _report/advice.py differ. Bring them together; the guide says:\n" + "\n".join(
        wrong
    )


@pytest.mark.parametrize(
    ("row", "action"),
    [*((row, REMOVAL.action) for row in RESULTS), *((row, ASSIGNMENT.action) for row in ASSIGNMENTS)],
    ids=lambda value: value if isinstance(value, str) else value[0],
)
def test_no_reason_of_a_device_is_without(row: list[str], action: str) -> None:
    known = {reason for one in advice.BY_REASON for reason in one.reasons if one.action in (None, action)}
    missing = [reason for reason in literals(row[0]) if reason not in (*known, *NO_ADVICE_NEEDED)]
    assert not missing, f"add to BY_REASON in _report/advice.py: {missing}"


def test_that_of_an_outcome_is_in_the_guide_too() -> None:
    documented = {literals(row[0])[0]: plain(row[-1]) for row in tables("results")["The outcomes"]}
    assert {outcome: documented[outcome] for outcome in advice.BY_OUTCOME} == advice.BY_OUTCOME
    assert set(advice.BY_OUTCOME) < set(PROBLEMS)


def test_the_service_is_understood_in_every_form() -> None:
    choices = Dialect.CHOICES
    for reason in choices["unknown_device_reason"]:
        assert advice.is_unknown_device("failed", reason) and advice.advice("remove", "failed", reason)
    for reason in choices["ever_upgraded_reason"]:
        assert not advice.is_unknown_device("failed", reason) and advice.advice("remove", "failed", reason)


def test_the_messages_about_unknown_devices_are_those_of_the_states() -> None:
    assert (State.NOT_FOUND.value, State.ABSENT.value) == advice.NOT_FOUND
