# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module license_report: three files from a journal, and the messages of errors."""

from __future__ import annotations

import csv
import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from ansible_collections.verizon.fota.plugins.module_utils._input import imei_files
from ansible_collections.verizon.fota.plugins.modules import license_remove, license_report
from ansible_collections.verizon.fota.tests.simulator import Device
from ansible_collections.verizon.fota.tests.unit.child_process import environment
from ansible_collections.verizon.fota.tests.unit.plugins.modules import run_module
from ansible_collections.verizon.fota.tests.unit.plugins.modules.conftest import ACCOUNT

SCHEMA = json.loads((Path(__file__).parents[4] / "docs/report.schema.json").read_text(encoding="utf-8"))
FIRST, SECOND, THIRD = "010000000000001", "990000000000002", "990000000000003"
RUN = "0123456789ab"


def line(imei, outcome, **more):
    content = {"time": "2026-11-23T02:00:00Z", "account": ACCOUNT, "check_mode": False, "run_id": RUN}
    return {**content, "imei": imei, "outcome": outcome, **more}


@pytest.fixture
def report(tmp_path):
    """Write a journal and a report of it."""

    def run(*lines, check=False, **args):
        journal = tmp_path / "journal"
        if lines:
            journal.write_text("".join(f"{json.dumps(one)}\n" for one in lines), encoding="utf-8")
        return run_module.run(
            license_report, {"directory": str(tmp_path / "out"), "journal": str(journal), **args}, check=check
        )

    return run


def json_of(result):
    content = json.loads(Path(result["json"]).read_text(encoding="utf-8"))
    jsonschema.Draft7Validator(SCHEMA).validate(content)
    return content


def csv_of(result):
    with open(result["csv"], encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_the_three_files_agree(report, tmp_path):
    result = report(
        line(FIRST, "failed", status="Failure", reason="=1+1 <b>"),
        line(SECOND, "failed"),
        line(THIRD, "skipped", reason="not sent"),
        line(SECOND, "removed", status="Success", reason="Success"),
        account=ACCOUNT,
        run_ids=[RUN],
        run_message="text",
        licenses_before={"license_total": 9, "license_used": 3, "name": ACCOUNT},
        licenses_after={"license_total": 9, "license_used": None},
        names={FIRST: "meter 1", SECOND: 5},
    )
    counts = {"requested": 3, "removed": 1, "unlicensed": 0, "failed": 1, "unknown": 0, "skipped": 1}
    assert result["changed"] is True
    assert result["msg"] == (
        f"The result of 3 devices was written to {tmp_path}/out: report.html, report.csv, report.json."
    )
    assert [result[name] for name in ("html", "csv", "json")] == [
        str(tmp_path / "out" / name) for name in ("report.html", "report.csv", "report.json")
    ]
    assert result["summary"] == counts
    content = json_of(result)
    assert content["summary"] == counts
    assert (content["kind"], content["account"], content["message"]) == ("result", ACCOUNT, "text")
    assert content["runs"] == [
        {"run_id": RUN, "first_time": "2026-11-23T02:00:00Z", "last_time": "2026-11-23T02:00:00Z"}
    ]
    assert content["licenses"] == {
        "before": {"license_total": 9, "license_used": 3},
        "after": {"license_total": 9, "license_used": None},
    }
    expected = [(FIRST, "failed", "meter 1"), (THIRD, "skipped", None), (SECOND, "removed", "5")]
    assert [(one["imei"], one["outcome"], one.get("name")) for one in content["devices"]] == expected
    rows = csv_of(result)
    assert [(row["imei"], row["outcome"], row["name"] or None) for row in rows] == expected
    assert rows[0]["reason"] == "'=1+1 <b>"
    assert content["devices"][0]["reason"] == "=1+1 <b>"
    page = Path(result["html"]).read_text(encoding="utf-8")
    assert "=1+1 &lt;b&gt;" in page
    assert "meter 1" in page


def test_a_run_that_is_not_in_the_journal_replaces_no_report(report, tmp_path):
    report(line(FIRST, "removed"))
    before = (tmp_path / "out" / "report.json").read_text(encoding="utf-8")
    result = report(run_ids=["abc"])
    assert result["failed"] and "has no line of the run abc" in result["msg"]
    assert (tmp_path / "out" / "report.json").read_text(encoding="utf-8") == before


def test_reasons_come_with_advice_and_what_costs_nothing_is_marked(report):
    content = json_of(
        report(line(FIRST, "failed", reason="Device Not Found."), line(SECOND, "failed", reason="Other."))
    )
    other, unknown = content["failures_by_reason"]
    assert (other["unknown_device"], other["advice"]) == (False, None)
    assert unknown["unknown_device"] is True
    assert unknown["advice"].startswith("The account does not have this device. Check the account and the IMEI.")


def test_a_real_run_can_be_reported(simulate, run_against, report, tmp_path):
    journal = tmp_path / "journal"
    with_license, without = Device("990000000000001"), Device("990000000000002", licensed=False)
    simulator = simulate([with_license, without])
    imeis = ["990000000000001", "990000000000002", "990000000000003"]
    for check in (True, False):
        removal = run_against(simulator, license_remove, check, account=ACCOUNT, imeis=imeis, journal=str(journal))
        result = report(account=ACCOUNT, forecast=check, run_message=removal["msg"], licenses_after=removal["account"])
        assert result["summary"] == removal["summary"]
        content = json_of(result)
        assert content["kind"] == ("forecast" if check else "result")
        assert [(one["imei"], one["outcome"]) for one in content["devices"]] == [
            (one["imei"], one["outcome"]) for one in removal["devices"]
        ]


def test_what_failed_can_be_fed_to_the_next_run(report, tmp_path):
    result = report(line(FIRST, "failed"), line(SECOND, "skipped"))
    assert imei_files.read(result["csv"]).imeis == [FIRST, SECOND]


def test_a_run_that_wrote_nothing_is_reported_with_its_message(report):
    result = report(run_ids=[RUN], account=ACCOUNT, run_message="imeis is empty")
    content = json_of(result)
    assert (content["summary"]["requested"], content["message"], content["devices"]) == (0, "imeis is empty", [])
    assert content["runs"] == [{"run_id": RUN, "first_time": None, "last_time": None}]
    assert "No device is on record" in Path(result["html"]).read_text(encoding="utf-8")
    assert csv_of(result) == []
    other = report(line(FIRST, "removed", run_id="b" * 12), run_ids=[RUN], run_message="imeis is empty")
    assert json_of(other)["devices"] == []


def test_the_account_defaults_to_those_in_the_journal(report):
    result = report(line(FIRST, "removed"), line(SECOND, "removed", account="other"))
    content = json_of(result)
    assert (content["account"], content["accounts"]) == (None, [ACCOUNT, "other"])


def test_older_reports_are_replaced_and_the_umask_holds(report, tmp_path):
    before = os.umask(0o077)
    try:
        first = report(line(FIRST, "removed"))
        again = report(line(FIRST, "failed"))
    finally:
        os.umask(before)
    assert (first["changed"], again["changed"]) == (True, True)
    assert json_of(again)["summary"]["failed"] == 1
    assert sorted(os.listdir(tmp_path / "out")) == ["report.csv", "report.html", "report.json"]
    assert stat.S_IMODE(os.stat(again["html"]).st_mode) == 0o600


def test_check_mode_reads_and_writes_nothing(report, tmp_path):
    result = report(line(FIRST, "failed"), check=True)
    assert result["changed"] is True
    assert result["summary"]["failed"] == 1
    assert "The result of 1 device would be written to" in result["msg"]
    assert not (tmp_path / "out").exists()
    assert report({"time": "x"}, check=True)["failed"] is True
    (tmp_path / "file").write_text("")
    assert "is not a directory" in report(line(FIRST, "failed"), check=True, directory=str(tmp_path / "file"))["msg"]


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({}, "cannot be read: No such file or directory"),
        ({"names": {"12": "x"}}, "names: '12' is not an IMEI of 15 digits; write it in quotes"),
        ({"names": {FIRST: ["x"]}}, f"names: the name of {FIRST} is not text"),
        ({"names": {str(number): "x" for number in range(30)}}, "names: and 10 more"),
        ({"names": "x"}, "names"),
        ({"run_ids": [""]}, "run_ids contains an empty entry"),
        ({"directory": " "}, "directory is empty"),
        ({"title": ""}, "title is empty"),
        ({"account": ""}, "account is empty"),
        ({"account": 642233522}, "account is the number 642233522, and YAML drops leading zeros"),
        ({"licenses_before": {"used": 1}}, "licenses_before"),
        ({"licenses_after": {"license_used": "many"}}, "license_used"),
    ],
)
def test_errors_have_messages(report, tmp_path, args, message):
    result = report(**args)
    assert result["failed"] is True
    assert message in result["msg"]
    assert "Traceback" not in result["printed"]
    assert not (tmp_path / "out").exists()


def test_an_invalid_journal_leaves_the_older_report(report, tmp_path):
    report(line(FIRST, "removed"))
    result = report(line(FIRST, "removed"), {"x": 1})
    assert "line 2 of" in result["msg"]
    assert json.loads((tmp_path / "out/report.json").read_text())["summary"]["removed"] == 1


def test_a_directory_in_the_way_is_named(report, tmp_path):
    (tmp_path / "out" / "report.csv").mkdir(parents=True)
    result = report(line(FIRST, "removed"))
    assert f"{tmp_path}/out/report.csv cannot be written" in result["msg"]
    assert os.listdir(tmp_path / "out") == ["report.csv"]


def test_it_needs_no_library(tmp_path):
    code = (
        "import sys; sys.modules['requests'] = None\n"
        "from ansible_collections.verizon.fota.plugins.modules import license_report\n"
        "assert not [name for name in sys.modules if name.endswith(('._http.client', '._connect'))]\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env=environment())


def test_a_large_journal_is_not_held_in_memory(tmp_path):
    """Check the memory: 300 MB for a million devices are about 270 bytes each."""
    journal, count = tmp_path / "journal", 100_000
    with open(journal, "w", encoding="utf-8") as file:
        for number in range(count):
            content = line(f"{number:015d}", "removed", status="Success", reason="Success", updated_time="x" * 100)
            file.write(f"{json.dumps(content)}\n")
    code = (
        "import json, resource, sys\n"
        "from ansible.module_utils import basic\n"
        "from ansible_collections.verizon.fota.plugins.modules import license_report\n"
        "params = dict(account=None, forecast=False, run_ids=[], names={}, title='t', action='remove', run_message=None,\n"
        "    licenses_before=None, licenses_after=None, directory=sys.argv[2], journal=sys.argv[1])\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "with license_report.source(params) as lines:\n"
        "    license_report.write(params, lines)\n"
        "print(json.dumps([before, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss]))\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code, str(journal), str(tmp_path / "out")],
        check=True,
        stdout=subprocess.PIPE,
        env=environment(),
    )
    before, after = json.loads(ended.stdout)
    # The page contains all rows up to this size, but not more.
    assert (after - before) * 1024 < count * 600


def test_a_run_that_assigned_licenses_has_its_own_texts(report):
    assigned = {"run_id": "b" * 12, "action": "assign"}
    result = report(
        line(FIRST, "removed"),
        line(FIRST, "assigned", **assigned),
        line(SECOND, "failed", reason="Device Not Found.", **assigned),
        action="assign",
    )

    names = ("assigned", "licensed", "failed", "unknown", "skipped")
    assert result["summary"] == {"requested": 2, **dict.fromkeys(names, 0), "assigned": 1, "failed": 1}
    content = json_of(result)
    assert (content["action"], content["title"]) == ("assign", "Assignment of FOTA licenses")
    page = Path(result["html"]).read_text(encoding="utf-8")
    assert "1 of 2 devices holds a license." in page and "1 device may still be without a license: 1 failed." in page
    assert "cost nothing" not in page
    (failure,) = content["failures_by_reason"]
    assert failure["advice"] == "The account does not have this device. Check the account and the IMEI."
    assert failure["advice"] in page and "unknown_devices" not in page
