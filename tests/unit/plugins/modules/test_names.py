# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names of devices from a file: in the result, in the journal, and in the report."""

from __future__ import annotations

import csv
import json
import typing as t
from pathlib import Path

import pytest

from ansible_collections.verizon.fota.plugins.modules import license_info, license_remove, license_report
from ansible_collections.verizon.fota.tests.simulator import Device
from ansible_collections.verizon.fota.tests.unit.plugins.modules import run_module
from ansible_collections.verizon.fota.tests.unit.plugins.modules.conftest import ACCOUNT

A, B, C = "350000000000006", "350000000000014", "350000000000022"
FILE = f"# retired\nImei,name\n{A},Pump 5\n{B},\n{C},Süd & Co\n{C},x\n"


@pytest.fixture(name="file")
def _file(tmp_path: Path) -> str:
    path = tmp_path / "retired.csv"
    path.write_text(FILE, encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("check", [False, True], ids=["real", "check"])
def test_names_of_a_file_reach_the_report(
    simulate: t.Any, run_against: t.Any, tmp_path: Path, file: str, check: bool
) -> None:
    simulator = simulate([Device(A, licensed=True), Device(B), Device(C, licensed=True)])
    journal = tmp_path / "journal"
    result = run_against(simulator, license_remove, check, account=ACCOUNT, imeis_file=file, journal=str(journal))
    assert [row.get("name") for row in result["devices"]] == ["Pump 5", None, "Süd & Co"]
    assert result["msg"].endswith(" 4 entries read, 1 duplicate among them. 1 line was a comment.")
    lines = [json.loads(line) for line in journal.read_text(encoding="utf-8").splitlines()]
    assert {line["imei"]: line.get("name") for line in lines} == {A: "Pump 5", B: None, C: "Süd & Co"}
    args = {
        "directory": str(tmp_path / "out"),
        "journal": str(journal),
        "forecast": check,
        "names": {A: "of the option"},
    }
    report = run_module.run(license_report, args)
    with open(report["csv"], encoding="utf-8-sig", newline="") as opened:
        assert {row["imei"]: row["name"] for row in csv.DictReader(opened)} == {
            A: "of the option",
            B: "",
            C: "Süd & Co",
        }
    content = json.loads(Path(report["json"]).read_text(encoding="utf-8"))
    assert {device["imei"]: device.get("name") for device in content["devices"]} == {
        A: "of the option",
        B: None,
        C: "Süd & Co",
    }
    assert "of the option" in Path(report["html"]).read_text(encoding="utf-8")


def test_columns_can_be_chosen(simulate: t.Any, run_against: t.Any, tmp_path: Path) -> None:
    path = tmp_path / "meters.csv"
    path.write_text(f"imei;Serial;label;name\n1;{A};Pump 5;x\n2;{B};Pump 6;y\n", encoding="utf-8")
    simulator = simulate([Device(A, licensed=True), Device(B)])
    columns = {"imeis_file": str(path), "imeis_column": "SERIAL", "imeis_name_column": "Label"}
    for module in (license_info, license_remove):
        result = run_against(simulator, module, account=ACCOUNT, **columns)
        assert [(row["imei"], row["name"]) for row in result["devices"]] == [(A, "Pump 5"), (B, "Pump 6")]
    wrong = run_against(simulator, license_remove, account=ACCOUNT, **{**columns, "imeis_column": "nr"})
    assert f"{path} has no column nr; its columns are: 'imei', 'Serial', 'label', 'name'" in wrong["msg"]


def test_a_name_is_shown_although_a_password_is_a_part_of_it(simulate: t.Any, tmp_path: Path, file: str) -> None:
    """Check that the journal has the original spelling, so that programs can match it."""
    simulator = simulate([Device(A, licensed=True), Device(B), Device(C)])
    access, session = simulator.issue_tokens()
    args = {"api_url": simulator.url, "access_token": access, "session_token": session, "password": "Pump"}
    journal = tmp_path / "journal"
    run_module.run(license_remove, {**args, "account": ACCOUNT, "imeis_file": file, "journal": str(journal)})
    assert '"name": "Pump 5"' in journal.read_text(encoding="utf-8")


def test_what_a_report_writes_can_be_the_file_of_the_next_run(
    simulate: t.Any, run_against: t.Any, tmp_path: Path, file: str
) -> None:
    simulator = simulate([Device(A, licensed=True), Device(B), Device(C, licensed=True)])
    journal = str(tmp_path / "journal")
    run_against(simulator, license_remove, account=ACCOUNT, imeis_file=file, journal=journal)
    report = run_module.run(license_report, {"directory": str(tmp_path / "out"), "journal": journal})
    for column in (None, "imei_text"):
        result = run_against(simulator, license_info, account=ACCOUNT, imeis_file=report["csv"], imeis_column=column)
        assert {row["imei"]: row.get("name") for row in result["devices"]} == {A: "Pump 5", B: None, C: "Süd & Co"}


def test_a_journal_that_cannot_be_written_is_reported(
    simulate: t.Any, run_against: t.Any, tmp_path: Path, file: str
) -> None:
    result = run_against(
        simulate(), license_remove, account=ACCOUNT, imeis_file=file, journal=str(tmp_path / "no" / "j")
    )
    assert "No such file or directory; nothing was sent. 4 entries read" in result["msg"]


def test_a_list_reports_no_counts_of_entries(simulate: t.Any, run_against: t.Any) -> None:
    simulator = simulate([Device(A, licensed=True)])
    assert run_against(simulator, license_remove, account=ACCOUNT, imeis=[A])["msg"] == "1 license removed."
