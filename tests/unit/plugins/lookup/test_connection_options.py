# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Connection options from the variables of roles."""

from __future__ import annotations

import os
import typing as t
from pathlib import Path

import ansible.template
import pytest
from ansible.parsing.dataloader import DataLoader

from ansible_collections.verizon.fota.plugins.lookup.connection_options import LookupModule
from ansible_collections.verizon.fota.plugins.module_utils._connection_options import CONNECTION_OPTIONS

# Unknown to ansible-core 2.18, which trusts every template.
trusted = getattr(ansible.template, "trust_as_template", str)


@pytest.fixture(autouse=True)
def without_variables_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for option in CONNECTION_OPTIONS:
        for name in option.requests_variables:
            monkeypatch.delenv(name, raising=False)


def found(*prefixes: str, **variables: t.Any) -> dict[str, t.Any]:
    templar = ansible.template.Templar(DataLoader(), variables)
    (options,) = LookupModule(loader=DataLoader(), templar=templar).run(list(prefixes), variables)
    return options


@pytest.mark.parametrize("option", [option.name for option in CONNECTION_OPTIONS])
def test_every_option_is_taken_from_the_first_prefix_that_sets_it(option: str) -> None:
    variables = {f"decommission_{option}": "/one", f"tokens_{option}": "/two"}
    assert found("decommission", "tokens", **variables) == {option: "/one"}
    assert found("tokens", "decommission", **variables) == {option: "/two"}
    assert found("decommission", "tokens", **{**variables, f"decommission_{option}": ""}) == {option: "/two"}


@pytest.mark.parametrize("empty", ["", " ", None])
def test_an_empty_variable_is_an_unset_one(empty: object) -> None:
    assert found("tokens", tokens_password=empty, tokens_ca_path=empty) == {}


@pytest.mark.parametrize("value", [False, 0, 42798, 0.5])
def test_false_and_numbers_stay_what_they_are(value: object) -> None:
    options = found("decommission", "tokens", decommission_retries=value, tokens_retries=3)
    assert options["retries"] == value and type(options["retries"]) is type(value)


def test_templates_are_evaluated() -> None:
    assert found("tokens", tokens_password=trusted("{{ vault }}"), vault="x") == {"password": "x"}
    assert found("tokens", tokens_password=trusted("{{ vault }}"), vault="") == {}


def test_other_variables_are_ignored() -> None:
    assert (
        found("tokens", tokens_session_started=True, tokens_account="x", password="x", decommission_password="x") == {}
    )


def test_a_relative_path_starts_where_ansible_was_started(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    here = os.path.realpath(tmp_path)
    monkeypatch.setenv("CURL_CA_BUNDLE", "curl.pem")
    assert found("tokens") == {"ca_path": f"{here}/curl.pem"}
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "requests.pem")
    assert found("tokens") == {"ca_path": f"{here}/requests.pem"}
    assert found("tokens", tokens_ca_path="ca.pem") == {"ca_path": f"{here}/ca.pem"}
    assert found("tokens", tokens_ca_path="~/ca.pem") == {"ca_path": os.path.realpath(os.path.expanduser("~/ca.pem"))}


def test_a_relative_path_of_a_trace_starts_there_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("THINGSPACE_TRACE", "trace.jsonl")
    assert found("decommission")["trace"] == str(tmp_path / "trace.jsonl")
    assert found("decommission", decommission_trace="other.jsonl")["trace"] == str(tmp_path / "other.jsonl")
