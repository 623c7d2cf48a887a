# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Login and logout, whatever happens in between; secrets; a removal that fails."""

from __future__ import annotations

import dataclasses
import json
import time
from pathlib import Path

from ansible_collections.verizon.fota.tests.integration.targets.role_decommission.ansible_playbook import (
    ACCOUNT,
    FAILED,
    METERS,
    REMAINING,
    REMOVED,
    calls,
    ending,
    meters,
    play,
    require,
    rows,
    simulator,
    write_play,
)
from ansible_collections.verizon.fota.tests.simulator import Fault, Faults

DECOMMISSION = "verizon.fota.decommission"
IMPORT = {"ansible.builtin.import_role": {"name": "verizon.fota.decommission"}}
LIST = {"decommission_imeis": list(METERS.values()), "decommission_retries": 0, "decommission_report_dir": "report"}


def test_a_session_of_the_play_stays_its_own_to_end(folder: Path) -> None:
    with simulator() as service:
        tokens = {"name": "verizon.fota.tokens"}
        # Only the role tokens has credentials and address.
        credentials = {f"tokens_{name}": value for name, value in dataclasses.asdict(service.credentials).items()}
        own = write_play(
            folder,
            {"ansible.builtin.import_role": tokens},
            IMPORT,
            {"ansible.builtin.assert": {"that": "tokens_session_started"}},
            {"ansible.builtin.include_role": {**tokens, "tasks_from": "logout"}, "when": "tokens_session_started"},
        )
        given = {**credentials, "tokens_api_url": service.url}
        environment = {"THINGSPACE_API_URL": "http://127.0.0.1:9/api"}
        hosts = meters(list(REMOVED))
        played = play(service, folder, own, inventory=hosts, given=given, environment=environment, login=False)
        require(played.code == 0 and service.licensed(ACCOUNT) == REMAINING, "it works", played)
        require(calls(service, "/login") == calls(service, "/logout") == 1, "one session, ended by the play", played)


def test_a_rejected_login_is_sent_once_and_the_report_says_that_the_run_did_not_begin(folder: Path) -> None:
    (folder / "report").mkdir()
    (folder / "report" / "report.json").write_text("that of an earlier run")
    with simulator() as service:
        given = {"decommission_password": "wrong-password", "decommission_report_dir": "report"}
        played = play(service, folder, DECOMMISSION, inventory=meters(), given=given)
        require(played.code == 2 and "login rejected" in ending(played), "the end says why", played)
        require(calls(service, "/login") == 1 and calls(service, "/logout") == 0, "sent once", played)
        require(not played.hosts("rescued") and not played.hosts("changed"), "nothing is hidden", played)
        found = json.loads((folder / "report" / "report.json").read_text(encoding="utf-8"))
        require(found["message"].startswith("This run did not begin: "), f"the report: {found}", played)
        require("login rejected" in found["message"] and found["devices"] == [], f"why: {found}", played)
        require("wrong-password" not in played.output, "the password does not show", played)
        for file in (folder / "report").iterdir():
            require("wrong-password" not in file.read_text(encoding="utf-8"), "the password does not show", played)


def test_a_batch_that_was_not_started_is_reported_with_the_earlier_ones(folder: Path) -> None:
    with simulator(Faults([Fault("status", on="login", skip=1, times=1)])) as service:
        given = {"decommission_report_dir": "report", "decommission_retries": 0}
        hosts = meters(("meter1", "meter2", "meter3"))
        played = play(service, folder, write_play(folder, serial=1), inventory=hosts, given=given)
        require(played.code == 2 and set(played.recap) == {"meter1", "meter2"}, "the second batch failed", played)
        found = json.loads((folder / "report" / "report.json").read_text(encoding="utf-8"))
        require([device["outcome"] for device in found["devices"]] == ["removed"], "the first one is reported", played)
        require("1 license removed. The next batch of hosts did not begin: " in found["message"], f"{found}", played)


def test_a_removal_that_breaks_in_the_middle_is_reported_and_logged_out(folder: Path) -> None:
    # The first batch of one device succeeds; then the service rejects the account.
    faults = Faults([Fault("status", on="remove", skip=1, status=403)])
    with simulator(faults) as service:
        given = {"decommission_report_dir": "report", "decommission_batch_size": 1, "decommission_concurrency": 1}
        played = play(service, folder, DECOMMISSION, inventory=meters(), given=given)
        require(played.code == 2 and faults.injected, "it failed", played)
        require("The run ended early" in ending(played), "it says why", played)
        found = rows(folder / "report")
        outcomes = sorted(row["outcome"] for row in found.values())
        require(set(found) == set(METERS.values()), "the report has every device", played)
        require("removed" in outcomes and ("skipped" in outcomes or "unknown" in outcomes), str(outcomes), played)
        removed = {imei for imei, row in found.items() if row["outcome"] == "removed"}
        require(not removed & service.licensed(ACCOUNT), "what is reported as removed is removed", played)
        require(calls(service, "/logout") == 1, "it logged out", played)
        output = {host for host, imei in METERS.items() if found[imei]["outcome"] == "removed"}
        require(played.hosts("changed") == output, "the recap agrees with the report", played)


def test_a_timeout_of_the_role_is_reported_and_logged_out(folder: Path) -> None:
    with simulator(Faults([Fault("hang", on="remove")])) as service:
        began = time.monotonic()
        playbook = write_play(folder, {**IMPORT, "timeout": 8}, hosts="localhost")
        played = play(service, folder, playbook, given={**LIST, "decommission_imeis": list(REMOVED.values())})
        require(played.code == 2 and time.monotonic() - began < 120, "it failed", played)
        require(
            "The timeout of the task was over." in ending(played) and calls(service, "/logout") == 1,
            "it says why, and logged out",
            played,
        )
        found = json.loads((folder / "report" / "report.json").read_text(encoding="utf-8"))
        require("What became of 2 of 2 devices is not known." in found["message"], f"the report: {found}", played)
        require((found["summary"]["requested"], found["summary"]["unknown"]) == (2, 2), f"{found}", played)


def test_neither_report_nor_session_take_the_outcome_away(folder: Path) -> None:
    (folder / "report" / "report.html").mkdir(parents=True)
    (folder / "report").chmod(0o755)
    with simulator(Faults([Fault("status", on="logout")]), purchase_type="TS-HFOTA-EVNT") as service:
        output = {"ansible.builtin.debug": {"msg": "because {{ ansible_failed_result.msg }}"}}
        playbook = write_play(folder, {"block": [IMPORT], "rescue": [output]}, hosts="localhost")
        played = play(service, folder, playbook, given={**LIST, "decommission_imeis": list(REMOVED.values())})
        require(service.licensed(ACCOUNT) == REMAINING, "the removal was done", played)
        for says in (
            "because 2 licenses removed.",
            "The report of this run could not be written: ",
            "The session could not be ended (the logout failed",
            "); it ends by itself after 20 minutes without use.",
        ):
            require(says in ending(played), f"a rescue finds: {says}", played)
        require("billed by event" in played.output, "and there is a warning", played)
        require((folder / "report").stat().st_mode & 0o7777 == 0o755, "the directory keeps its mode", played)


def test_what_ansible_needs_for_modules_is_named_if_it_is_missing(folder: Path) -> None:
    with simulator() as service:
        environment = {"ANSIBLE_REMOTE_TMP": "/proc/nope"}
        given = {**LIST, "ansible_remote_tmp": "/proc/nope", "decommission_set_stats": True}
        played = play(service, folder, DECOMMISSION, given=given, environment=environment)
        end = ending(played)
        require(played.code == 2 and not service.requests, "it failed before anything was sent", played)
        require("temporary directory" in end and "did not run from its first task" not in end, "it says why", played)
        require("Set the custom stats" in played.output, "the tasks after it run", played)


def test_a_password_that_is_part_of_an_imei_takes_no_outcome_away(folder: Path) -> None:
    with simulator(password=REMOVED["meter1"][4:10]) as service:
        played = play(service, folder, DECOMMISSION, inventory=meters(), given={"decommission_report_dir": "report"})
        require(played.hosts("changed") == set(REMOVED), "each host has its outcome", played)
        require(played.hosts("failed") == set(FAILED), "those that failed, too", played)
        require(service.licensed(ACCOUNT) == REMAINING and len(rows(folder / "report")) == 5, "and a report", played)


def test_secrets_show_nowhere(folder: Path) -> None:
    with simulator() as service:
        credentials = dataclasses.asdict(service.credentials)
        given = {f"decommission_{name}": value for name, value in credentials.items()}
        (folder / "given.json").write_text(json.dumps(given))
        more = {"decommission_report_dir": "report", "decommission_max_removals": 4}
        environment = {"ANSIBLE_LOG_PATH": str(folder / "log")}
        arguments = ("-vvvv", "--diff", "--extra-vars", "@given.json")
        playbook = write_play(folder, serial=3)
        played = play(
            service, folder, playbook, *arguments,
            inventory=meters(), given=more, environment=environment, login=False,
        )  # fmt: skip
        require(calls(service, "/logout") == calls(service, "/login") > 0, "it ran", played)
        del credentials["username"]  # is no secret
        issued = {
            request.headers.get(name, "") for request in service.requests for name in ("Authorization", "VZ-M2M-Token")
        }
        secrets = [*credentials.values(), *(value.split()[-1] for value in issued if value)]
        credentials["username"] = service.credentials.username
        require(len(secrets) >= 6, "there are secrets to look for")
        left = [file for file in folder.rglob("*") if file.is_file() and file.name != "given.json"]
        texts = {"output": played.output, **{str(file): file.read_text(errors="replace") for file in left}}
        found = [place for place, text in texts.items() for secret in secrets if secret in text]
        require(not found, f"no secret is in {found}")
