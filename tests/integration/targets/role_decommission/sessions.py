# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Log-in and log-out, whatever happens between; secrets; a removal that breaks."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

from ansible_collections.verizon.fota.tests.integration.targets.role_decommission.ansible_playbook import (
    ACCOUNT,
    FAILED,
    METERS,
    REMAINING,
    REMOVED,
    calls,
    meters,
    play,
    require,
    rows,
    simulator,
    write_play,
)
from ansible_collections.verizon.fota.tests.simulator import Fault, Faults

DECOMMISSION = "verizon.fota.decommission"
LIST = {"decommission_imeis": list(METERS.values()), "decommission_retries": 0, "decommission_report_dir": "report"}


def test_a_session_that_is_given_is_used_and_not_ended(folder: Path) -> None:
    for how in ("variables", "environment", "facts"):
        with simulator() as service:
            access, session = service.issue_tokens()
            given: dict[str, Any] = {"decommission_imeis": list(REMOVED.values())}
            environment, playbook = {}, DECOMMISSION
            if how == "variables":
                given |= {"decommission_access_token": access, "decommission_session_token": session}
            elif how == "environment":
                environment = {"THINGSPACE_ACCESS_TOKEN": access, "THINGSPACE_SESSION_TOKEN": session}
            else:
                tokens = {"ansible.builtin.import_role": {"name": "verizon.fota.tokens"}}
                role = {"ansible.builtin.import_role": {"name": "verizon.fota.decommission"}}
                playbook = write_play(folder, tokens, role, hosts="localhost")
            played = play(service, folder, playbook, given=given, environment=environment)
            require(played.code == 0 and service.licensed(ACCOUNT) == REMAINING, f"it works with {how}", played)
            require(calls(service, "/login") == (how == "facts"), f"{how}: no log-in but the user's", played)
            require(calls(service, "/logout") == 0, f"{how}: no log-out", played)


def test_a_session_of_the_play_stays_its_own_to_end(folder: Path) -> None:
    with simulator() as service:
        tokens = {"name": "verizon.fota.tokens"}
        own = write_play(
            folder,
            {"ansible.builtin.import_role": tokens},
            {"ansible.builtin.import_role": {"name": "verizon.fota.decommission"}},
            {"ansible.builtin.assert": {"that": "tokens_session_started"}},
            {
                "ansible.builtin.include_role": {**tokens, "tasks_from": "logout"},
                "when": "tokens_session_started",
            },
        )
        played = play(service, folder, own, inventory=meters(list(REMOVED)))
        require(played.code == 0 and service.licensed(ACCOUNT) == REMAINING, "it works", played)
        require(calls(service, "/login") == calls(service, "/logout") == 1, "one session, ended by the play", played)


def test_a_forecast_ends_the_session_that_it_began_and_none_that_it_was_given(folder: Path) -> None:
    tokens = {"name": "verizon.fota.tokens"}
    log_in = {"ansible.builtin.import_role": tokens}
    log_out = {"ansible.builtin.import_role": {**tokens, "tasks_from": "logout"}}
    for options, keywords in ((["--check"], {}), ([], {"check_mode": True}), ([], {"check_mode": "{{ 1 | bool }}"})):
        with simulator() as service:
            played = play(service, folder, write_play(folder, log_in, log_out, hosts="localhost", **keywords), *options)
            require(played.code == 0, "it works", played)
            require(calls(service, "/login") == calls(service, "/logout") == 1, "its own session ended", played)
            access, session = service.issue_tokens()
            given = {"tokens_access_token": access, "tokens_session_token": session}
            own = write_play(folder, log_out, hosts="localhost", **keywords)
            played = play(service, folder, own, *options, given=given)
            require(played.code == 0 and calls(service, "/logout") == 1, "the other one goes on", played)
    twice = write_play(folder, log_in, log_in, log_out, serial=2)
    with simulator() as service:
        played = play(service, folder, twice, "--check", inventory=meters(list(METERS)[:2]))
        require(calls(service, "/login") == calls(service, "/logout") == 1, "also of the role that ran twice", played)
    with simulator() as service:
        # The first batch leaves its session to the second one, which ends it.
        second = {**log_out, "when": "'meter3' in ansible_play_batch"}
        played = play(
            service, folder, write_play(folder, log_in, second, serial=2), "--check", inventory=meters(list(METERS)[:4])
        )
        require(calls(service, "/login") == calls(service, "/logout") == 1, "of an earlier batch", played)
    with simulator() as service:
        played = play(service, folder, "verizon.fota.audit", given={"decommission_imeis": list(REMOVED.values())})
        require(calls(service, "/login") == calls(service, "/logout") == 1, "an audit ends its session", played)


def test_a_session_that_cannot_be_ended_is_told_and_turns_nothing_red(folder: Path) -> None:
    says = "The session could not be ended ("
    given = {"decommission_imeis": list(REMOVED.values()), "decommission_retries": 0}
    for playbook in ("verizon.fota.audit", DECOMMISSION):
        with simulator(Faults([Fault("status", on="log_out")])) as service:
            played = play(service, folder, playbook, given=given)
            require(calls(service, "/logout") == 1 and played.code == 0, "the play is green", played)
            require(f"{says}the log-out was refused" in played.output, "it says that it goes on, and why", played)
            require("); it ends by itself after 20 minutes without use." in played.output, "and for how long", played)
            require(played.recap["localhost"]["changed"] == 1 and not played.hosts("ignored"), "one change", played)
        with simulator() as service:
            played = play(service, folder, playbook, given=given)
            require(says not in played.output and played.code == 0, "otherwise it is not told", played)


def test_a_missing_half_of_the_tokens_is_obtained(folder: Path) -> None:
    with simulator() as service:
        given = {"decommission_imeis": list(REMOVED.values()), "decommission_access_token": service.issue_tokens()[0]}
        played = play(service, folder, DECOMMISSION, given=given)
        require(played.code == 0 and calls(service, "/token") == 0, "the access token was kept", played)
        require(calls(service, "/login") == calls(service, "/logout") == 1, "one session", played)


def test_a_refused_log_in_is_sent_once_and_explained(folder: Path) -> None:
    with simulator() as service:
        for inventory in (None, meters()):
            given = {"decommission_password": "wrong-password"} | ({} if inventory else LIST)
            before = calls(service, "/login")
            played = play(service, folder, DECOMMISSION, inventory=inventory, given=given)
            require(played.code == 2 and "the log-in was refused" in played.output, "it says why", played)
            require(calls(service, "/login") == before + 1 and calls(service, "/logout") == 0, "sent once", played)
            require("wrong-password" not in played.output, "the password does not show", played)


def test_a_password_that_is_part_of_an_imei_takes_no_outcome_away(folder: Path) -> None:
    # Of a password that is a part of the word "failed", each host fails all the same.
    with simulator(password="fail") as service:
        played = play(service, folder, DECOMMISSION, inventory=meters())
        require(played.hosts("failed") == set(FAILED) and played.hosts("changed") == set(REMOVED), "each", played)
    with simulator(password=REMOVED["meter1"][4:10]) as service:
        played = play(service, folder, DECOMMISSION, inventory=meters(list(REMOVED)))
        require(played.hosts("changed") == set(REMOVED) and played.code == 0, "each host has its outcome", played)
        require(service.licensed(ACCOUNT) == REMAINING, "the licenses are gone", played)
        given = {"decommission_imeis": list(REMOVED.values()), "decommission_report_dir": "report"}
        played = play(service, folder, DECOMMISSION, given=given)
        require({row["outcome"] for row in rows(folder / "report").values()} == {"unlicensed"}, "a report too", played)


def test_a_removal_that_breaks_in_the_middle_is_reported_and_logged_out(folder: Path) -> None:
    # The first batch of one device is served; then the service refuses the account.
    for inventory in (None, meters()):
        faults = Faults([Fault("status", on="remove", skip=1, status=403)])
        with simulator(faults) as service:
            given = {**LIST, "decommission_batch_size": 1, "decommission_concurrency": 1}
            if inventory:
                del given["decommission_imeis"]
            played = play(service, folder, DECOMMISSION, inventory=inventory, given=given)
            require(played.code == 2 and faults.injected, "it failed", played)
            require("The run ended early" in played.output, "it says why", played)
            found = rows(folder / "report")
            outcomes = sorted(row["outcome"] for row in found.values())
            require(set(found) == set(METERS.values()), "the report has every device", played)
            require("removed" in outcomes and ("skipped" in outcomes or "unknown" in outcomes), str(outcomes), played)
            removed = {imei for imei, row in found.items() if row["outcome"] == "removed"}
            require(not removed & service.licensed(ACCOUNT), "what is said to be removed is", played)
            require(calls(service, "/logout") == 1, "it logged out", played)
            if inventory:
                told = {host for host, imei in METERS.items() if found[imei]["outcome"] == "removed"}
                require(played.hosts("changed") == told, "the recap says the same as the report", played)


def test_a_service_that_is_down_is_reported(folder: Path) -> None:
    with simulator(Faults([Fault("status", on="devices"), Fault("status", on="licenses")])) as service:
        played = play(service, folder, DECOMMISSION, inventory=meters(), given={"decommission_retries": 0})
        require(played.code == 2 and not service.writes, "nothing was written", played)
        require(played.hosts("failed") >= {"stranger"} and calls(service, "/logout") == 1, "it logged out", played)


def test_a_journal_that_cannot_be_written_ends_the_run_in_red(folder: Path) -> None:
    for inventory in (None, meters()):
        with simulator() as service:
            given = {"decommission_journal": "missing/journal.jsonl"} | ({} if inventory else LIST)
            played = play(service, folder, DECOMMISSION, inventory=inventory, given=given)
            require(played.code == 2 and "cannot be written" in played.output, "it says why", played)
            require(not service.writes and calls(service, "/logout") == 1, "nothing was sent, it logged out", played)


def test_a_run_that_did_not_begin_takes_the_report_of_an_earlier_one_away(folder: Path) -> None:
    report = {"decommission_report_dir": "report", "decommission_retries": 0}
    down = Fault("status", on="token", status=503)
    in_batches = write_play(folder, serial=2)
    for faults, playbook, given, says in (
        ((), DECOMMISSION, {"decommission_password": "wrong-password"}, "the log-in was refused"),
        ((down,), DECOMMISSION, {}, "HTTP 503"),
        ((), DECOMMISSION, {"decommission_account": 642233522}, "decommission_account is the number 642233522"),
        ((), in_batches, {"decommission_max_removals": 2}, "3 licenses would be removed, more than max_removals (2)"),
    ):
        for options in ((), ("--check",)):
            with simulator() as service:
                imeis = {"decommission_imeis": list(REMOVED.values())}
                played = play(service, folder, DECOMMISSION, *options, given={**report, **imeis})
                require(len(rows(folder / "report")) == 2, "there is a report", played)
            with simulator(Faults(faults)) as service:
                played = play(service, folder, playbook, *options, inventory=meters(), given={**report, **given})
                require(played.code == 2 and not service.writes, "it failed", played)
                require(says in played.output.partition("Write the report")[0], "it says why in red", played)
                require(not played.hosts("rescued") and not played.hosts("changed"), "nothing is hidden", played)
                found = json.loads((folder / "report" / "report.json").read_text(encoding="utf-8"))
                require(found["message"].startswith("This run did not begin: "), f"the report: {found}", played)
                require(says in found["message"] and found["devices"] == [], f"it says why: {found}", played)
                require(found["kind"] == ("forecast" if options else "result"), f"its kind: {found}", played)
                require("This run did not begin: " in (folder / "report" / "report.html").read_text(), "as a page")
                for file in (folder / "report").iterdir():
                    require("wrong-password" not in file.read_text(encoding="utf-8"), "the password does not show")


def test_a_batch_that_did_not_begin_is_told_beside_the_earlier_ones(folder: Path) -> None:
    with simulator(Faults([Fault("status", on="log_in", skip=1, times=1)])) as service:
        given = {"decommission_report_dir": "report", "decommission_retries": 0}
        hosts = meters(("meter1", "meter2", "meter3"))
        played = play(service, folder, write_play(folder, serial=1), inventory=hosts, given=given)
        require(played.code == 2 and set(played.recap) == {"meter1", "meter2"}, "the second batch failed", played)
        found = json.loads((folder / "report" / "report.json").read_text(encoding="utf-8"))
        require([device["outcome"] for device in found["devices"]] == ["removed"], "the first one is told", played)
        require("1 license removed. The next batch of hosts did not begin: " in found["message"], f"{found}", played)


def test_a_report_of_a_run_that_did_not_begin_hides_no_failure(folder: Path) -> None:
    (folder / "report" / "report.html").mkdir(parents=True)
    role = {"ansible.builtin.import_role": {"name": "verizon.fota.decommission"}}
    told = {"ansible.builtin.debug": {"msg": "because {{ ansible_failed_result.msg }}"}}
    given = {**LIST, "decommission_password": "wrong-password"}
    for directory in ("report", "fresh"):
        with simulator() as service:
            playbook = write_play(folder, {"block": [role], "rescue": [told]}, hosts="localhost")
            played = play(service, folder, playbook, given={**given, "decommission_report_dir": directory})
            require(
                "because no session token was issued" in played.output
                or "because the log-in was refused" in played.output,
                "the failure is that of the log-in",
                played,
            )
            could_not = "The report of this run could not be written: " in played.output
            require(could_not == (directory == "report"), "what became of the report is told", played)
    require((folder / "fresh" / "report.html").is_file(), "a new directory has one")


def test_a_directory_that_is_there_keeps_its_mode(folder: Path) -> None:
    (folder / "report").mkdir()
    (folder / "report").chmod(0o555)
    with simulator() as service:
        given = {"decommission_imeis": list(REMOVED.values()), "decommission_report_dir": "report"}
        for playbook in ("verizon.fota.audit", DECOMMISSION):
            played = play(service, folder, playbook, given=given)
            require((folder / "report").stat().st_mode & 0o7777 == 0o555, "its mode is the same", played)
            # It takes nothing to keep the administrator from writing.
            written = (folder / "report" / "report.html").exists()
            require(written or "cannot be written" in played.output, "it wrote, or says that it cannot", played)
            require(written or (played.code == 2 and not service.writes), "and sent nothing", played)
    (folder / "report").chmod(0o755)


def test_a_report_that_cannot_be_written_does_not_keep_from_logging_out(folder: Path) -> None:
    (folder / "report").mkdir()
    (folder / "report" / "report.html").mkdir()
    with simulator() as service:
        played = play(service, folder, DECOMMISSION, given={**LIST, "decommission_imeis": list(REMOVED.values())})
        require(played.code == 2 and service.licensed(ACCOUNT) == REMAINING, "the removal was done", played)
        require(calls(service, "/logout") == 1, "it logged out", played)


def test_an_account_billed_by_event_is_warned_of(folder: Path) -> None:
    with simulator(purchase_type="TS-HFOTA-EVNT") as service:
        played = play(service, folder, DECOMMISSION, given={"decommission_imeis": list(REMOVED.values())})
        require("billed by event" in played.output, "there is a warning", played)


def test_secrets_show_nowhere(folder: Path) -> None:
    with simulator() as service:
        credentials = dataclasses.asdict(service.credentials)
        given = {f"decommission_{name}": value for name, value in credentials.items()}
        (folder / "given.json").write_text(json.dumps(given))
        for options in ((), ("--check",)):
            more = {"decommission_report_dir": "report", "decommission_max_removals": 4}
            environment = {"ANSIBLE_LOG_PATH": str(folder / "log")}
            arguments = ("-vvvv", "--diff", "--extra-vars", "@given.json", *options)
            playbook = write_play(folder, serial=3)
            played = play(
                service, folder, playbook, *arguments,
                inventory=meters(), given=more, environment=environment, log_in=False,
            )  # fmt: skip
            require(calls(service, "/logout") == calls(service, "/login") > 0, "it ran", played)
            del credentials["username"]  # is no secret
            issued = {
                request.headers.get(name, "")
                for request in service.requests
                for name in ("Authorization", "VZ-M2M-Token")
            }
            secrets = [*credentials.values(), *(value.split()[-1] for value in issued if value)]
            credentials["username"] = service.credentials.username
            require(len(secrets) >= 6, "there are secrets to look for")
            left = [file for file in folder.rglob("*") if file.is_file() and file.name != "given.json"]
            texts = {"output": played.output, **{str(file): file.read_text(errors="replace") for file in left}}
            found = [place for place, text in texts.items() for secret in secrets if secret in text]
            require(not found, f"no secret is in {found}")
