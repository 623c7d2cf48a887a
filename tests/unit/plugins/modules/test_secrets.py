# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets stay out of results, journals and logs, even where the service repeats them."""

from __future__ import annotations

import base64
import dataclasses
import json
import re
import sys
import syslog
import types
import typing as t

import pytest
from ansible.module_utils import basic

from ansible_collections.verizon.fota.plugins.module_utils import _connection_options
from ansible_collections.verizon.fota.plugins.module_utils._secrets import redact_result
from ansible_collections.verizon.fota.plugins.modules import (
    account_info,
    license_assign,
    license_info,
    license_remove,
    session,
)
from ansible_collections.verizon.fota.tests.simulator import Credentials, Device, Dialect
from ansible_collections.verizon.fota.tests.unit.plugins.modules import run_module
from ansible_collections.verizon.fota.tests.unit.plugins.modules.conftest import ACCOUNT
from ansible_collections.verizon.fota.tests.unit.plugins.modules.one_device import (
    IMEI,
    args_for,
    remove,
)

# Nothing else has the beginnings of these.
SECRETS = Credentials(client_id="Kx7qLw2m9", client_secret="Zr4tVb8n1", username="operator", password="Hq6jYd3c5")
CONTROLS = "\x1b[31m\x00\x07\b\r\n\u2028\u202e\x7f\x9b"


@pytest.fixture(autouse=True)
def without_the_help_of_ansible(monkeypatch: pytest.MonkeyPatch) -> None:
    """Since 2.22, it leaves results as they are."""
    monkeypatch.setattr(basic, "remove_values", lambda value, _no_log_strings: value)


def echoing(on: str, form: str) -> t.Callable[..., t.Any]:
    """Return middleware whose calls with ``on`` in their path echo all that they received, in a response of some form."""

    def middleware(app: t.Any) -> t.Any:
        def layer(environ: dict[str, t.Any], start_response: t.Any) -> t.Any:
            if on not in environ["PATH_INFO"]:
                return app(environ, start_response)
            received = [environ.get(name, "") for name in ("HTTP_VZ_M2M_TOKEN", "HTTP_AUTHORIZATION")]
            received.append(environ["wsgi.input"].read().decode())
            if received[1].startswith("Basic "):
                received.append(base64.b64decode(received[1][6:]).decode())
            padding = {"error at the cut": 270, "text at the cut": 30}.get(form, 0)
            text = f"{CONTROLS}{'x' * padding} {' '.join(received)} {'y' * 5000}"
            status = "200 OK"
            content: dict[str, t.Any] = {"deviceList": [{"deviceId": IMEI, "status": text}]}
            if form == "row":
                times = dict.fromkeys(("updatedTime", "recentAttemptTime", "nextAttemptTime"), text)
                row = {"deviceId": IMEI, "status": "Failure", "requestStatus": "Failure", "Reason": text, **times}
                content = {"deviceList": [row]}
            elif form.startswith("error"):
                status, content = "409 Conflict", {"errorCode": "OTHER", "errorMessage": text}
            body = (text if form.startswith("text") else json.dumps(content)).encode()
            start_response(status, [("Content-Length", str(len(body)))])
            return [body]

        return layer

    return middleware


def secrets_of(simulator: t.Any) -> set[str]:
    """Return the configured secrets and those obtained in the run, as in headers."""
    heads = [request.headers.get(name, "") for request in simulator.requests for name in ("Authorization", TOKEN)]
    return {head.split()[-1] for head in heads if head} | {SECRETS.client_id, SECRETS.client_secret, SECRETS.password}


TOKEN = "Vz-M2M-Token"
FORMS = {
    "oauth2/token": ("error", "error at the cut"),
    "session/login": ("error", "error at the cut"),
    "/devices/": ("error", "error at the cut", "text", "text at the cut", "row"),
    "/remove": ("error", "error at the cut", "text", "text at the cut", "row", "status"),
}
ECHOES = [(on, form) for on, forms in FORMS.items() for form in forms]


@pytest.mark.parametrize(("on", "form"), ECHOES)
def test_what_the_service_says_is_repeated_short_printable_and_without_secrets(
    simulate: t.Any, tmp_path: t.Any, on: str, form: str
) -> None:
    # If the license list is unavailable, a forecast quotes the service's reason for the device.
    check, dialect = (on, form) == ("/devices/", "row"), Dialect(list_endpoint="403")
    licensed = [Device(IMEI, licensed=True)]
    simulator = simulate(licensed, credentials=SECRETS, dialect=dialect, middleware=echoing(on, form))
    args = {"api_url": simulator.url, "account": ACCOUNT, **dataclasses.asdict(SECRETS)}
    file = tmp_path / "journal"
    result = run_module.run(license_remove, {**args, "imeis": [IMEI], "retries": 0, "journal": str(file)}, check)
    (line,) = map(json.loads, file.read_text(encoding="utf-8").splitlines())
    received = [{"msg": result["msg"]}, line, *result["devices"], {"msg": run_module.run(session, args)["msg"]}]
    for text in [value for fields in received for value in fields.values() if isinstance(value, str)]:
        assert not [secret for secret in secrets_of(simulator) if secret[:6] in text], text
        assert text.isprintable(), repr(text)
        assert len(text) < 1000


@pytest.mark.parametrize("module", [license_remove, session])
def test_the_system_log_gets_no_secret(simulate: t.Any, monkeypatch: pytest.MonkeyPatch, module: t.Any) -> None:
    logged: list[str] = []
    for holder in (basic, sys.modules.get("ansible.module_utils._internal._logging", basic)):
        monkeypatch.setattr(holder, "has_journal", False, raising=False)
    monkeypatch.setattr(syslog, "syslog", lambda _level, text: logged.append(text))
    simulator = simulate([Device(IMEI, licensed=True)], credentials=SECRETS)
    args = {**args_for(simulator), **dataclasses.asdict(SECRETS)}
    if module is session:
        del args["imeis"]
    run_module.run(module, args)
    # The spelling of a secret option depends on the version of Ansible.
    assert re.search(r"client_secret=(NOT_LOGGING_PARAMETER|\$REDACTED\$)", "".join(logged))
    received = {*secrets_of(simulator), args["access_token"], args["session_token"]}
    assert not [secret for secret in received if secret in "".join(logged)]


def test_a_secret_that_is_an_outcome_leaves_the_journal_readable(simulate: t.Any, tmp_path: t.Any) -> None:
    file = tmp_path / "journal"
    remove(simulate([Device(IMEI, licensed=True)]), password="removed", journal=str(file))
    received = json.loads(file.read_text(encoding="utf-8"))
    assert (received["imei"], received["outcome"], received["reason"]) == (IMEI, "removed", "Success")


def test_a_secret_of_blanks_leaves_the_journal_readable(simulate: t.Any, tmp_path: t.Any) -> None:
    file = tmp_path / "journal"
    upgraded = simulate([Device(IMEI, licensed=True, upgraded=True)])
    remove(upgraded, client_secret=" ", journal=str(file))
    assert json.loads(file.read_text(encoding="utf-8"))["reason"].startswith("License removal not allowed")


@pytest.mark.parametrize("name", ["access_token", "session_token"])
def test_a_token_with_blanks_is_redacted_in_a_rejected_logout(simulate: t.Any, name: str) -> None:
    simulator = simulate(middleware=echoing("session/logout", "error"))
    args = {**args_for(simulator), "state": "absent"}
    del args["imeis"]
    result = run_module.run(session, {**args, name: f"{args[name]}\n"})
    assert "HTTP 409" in result["msg"] and args[name] not in result["msg"]


@pytest.mark.parametrize("supplied", [True, False], ids=["given", "obtained"])
def test_the_tokens_of_a_session_are_only_in_its_result(simulate: t.Any, supplied: bool) -> None:
    simulator = simulate(credentials=SECRETS)
    args = {**args_for(simulator), **dataclasses.asdict(SECRETS)}
    del args["imeis"]
    if not supplied:
        del args["access_token"], args["session_token"]
    result = run_module.run(session, args)
    for name in ("access_token", "session_token"):
        assert len(result[name]) > 8
        assert result["printed"].count(result[name]) == 1


ECHO = {"msg": 'Rejected: Hq6jYd3c5 ü"', "devices": [{"imei": IMEI, "outcome": "failed", "reason": "of Hq6jYd3c5"}]}


@pytest.mark.parametrize(
    ("secrets", "obtained"),
    [({"password": "Hq6jYd3c5"}, ()), ({"password": "Hq6jYd3c5\n"}, ()), ({}, ["Hq6jYd3c5"]), ({}, ['Hq6jYd3c5 ü"'])],
)
def test_a_result_is_redacted_without_the_help_of_ansible(secrets: dict[str, str], obtained: t.Sequence[str]) -> None:
    params = {**dict.fromkeys(_connection_options.SECRETS), "account": ACCOUNT, **secrets}
    module = types.SimpleNamespace(params=params)  # it has no no_log_values
    result = redact_result(t.cast(t.Any, module), ECHO, [*obtained, "failed", IMEI])
    assert (obtained or ["Hq6jYd3c5"])[0] not in json.dumps(result, ensure_ascii=False)
    assert result["msg"].startswith("Rejected: ********")
    assert [(device["imei"], device["outcome"]) for device in result["devices"]] == [(IMEI, "failed")]
    assert result["invocation"]["module_args"]["account"] == ACCOUNT


class TestWhatAnsibleIsTold:
    """Since 2.22, a module returns the secrets that Ansible masks in its output."""

    def run(self, simulate: t.Any, module: t.Any) -> dict[str, t.Any]:
        simulator = simulate([Device(IMEI, licensed=True)], credentials=SECRETS)
        args = {"api_url": simulator.url, **dataclasses.asdict(SECRETS), "account": ACCOUNT}
        return run_module.run(module, {**args, "imeis": [IMEI]} if module is license_remove else args)

    @pytest.fixture(autouse=True)
    def since(self) -> None:
        pytest.importorskip("ansible.module_utils.secrets")

    def test_the_tokens_that_a_session_returns(self, simulate: t.Any) -> None:
        result = self.run(simulate, session)
        assert {result["access_token"], result["session_token"]} <= set(result["new_secrets"])

    @pytest.mark.parametrize("module", [license_remove, session])
    def test_an_async_task_returns_no_new_secrets(
        self, simulate: t.Any, monkeypatch: pytest.MonkeyPatch, module: t.Any
    ) -> None:
        monkeypatch.setenv("ANSIBLE_ASYNC_DIR", "~/.ansible_async")
        result = self.run(simulate, module)
        assert "new_secrets" not in result and SECRETS.password not in result["printed"]


@pytest.mark.parametrize("module", [account_info, license_assign, license_info, license_remove, session])
@pytest.mark.parametrize("bad", [{"account": ACCOUNT}, {"account": ACCOUNT, "timeout": 0}], ids=["tried", "rejected"])
def test_no_module_returns_its_secret_options(module: t.Any, bad: dict[str, t.Any]) -> None:
    args = {**dataclasses.asdict(SECRETS), **bad, "api_url": "http://127.0.0.1:9/api", "retries": 0}
    result = run_module.run(module, args if module in (account_info, session) else {**args, "imeis": [IMEI]})
    assert result["failed"]
    assert not [
        secret for secret in (SECRETS.client_id, SECRETS.client_secret, SECRETS.password) if secret in result["printed"]
    ]
