# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The variables of the hosts of a play that the role reads."""

from __future__ import annotations

import pytest

from ansible_collections.verizon.fota.plugins.plugin_utils._devices_of_hosts import CannotBegin
from ansible_collections.verizon.fota.plugins.plugin_utils._play_variables import read_play

IMEIS = {"a": "990003425730535", "b": "990000473475989", "c": "900000000000999"}
RUN, NOTED = "__run", "__noted"


class HostVars(dict):
    """Like those of Ansible: templates are evaluated, and raw_get returns them unevaluated. Counts the evaluations."""

    def __init__(self, raw, templated=None):
        super().__init__(templated or {})
        self.raw, self.evaluated = raw, []

    def raw_get(self, host):
        return self.raw[host]

    def __getitem__(self, host):
        self.evaluated.append(host)
        return super().__getitem__(host)


def play(batch=("a", "b", "c"), every=tuple(IMEIS), alive=tuple(IMEIS), templated=None, noted_in="", **more):
    raw = {host: {"imei": imei, **more.get(host, {})} for host, imei in IMEIS.items()}
    variables = {
        "ansible_play_batch": list(batch),
        "ansible_play_hosts": list(alive),
        "ansible_play_hosts_all": list(every),
        "hostvars": HostVars(raw, templated),
        "decommission_account": "x",
    }
    return read_play(variables, "this play", noted_in, RUN)


def run_of(play_identity="this play", runs=1, **identity):
    return {"identity": {"play": play_identity, **identity}, "run_ids": ["x"] * runs}


def test_hosts_are_those_of_the_batch_first_and_then_all_others_of_the_play():
    hosts = play(batch=("b",), alive=("b", "c")).hosts()
    assert [(host.name, host.imei, host.in_batch, host.alive) for host in hosts] == [
        ("b", IMEIS["b"], True, True),
        ("a", IMEIS["a"], False, False),
        ("c", IMEIS["c"], False, True),
    ]


def test_templates_are_evaluated_and_nothing_else_is():
    found = play(a={"imei": "{{ modem }}"}, templated={"a": {"imei": "860000000000001"}})
    assert found.devices({}).by_host == {**IMEIS, "a": "860000000000001"}
    assert found.variables["hostvars"].evaluated == ["a"]


@pytest.mark.parametrize("evaluated", ["é", "{{ modem }}s"])
def test_whatever_a_template_becomes_is_its_value(evaluated):
    found = play(b={"decommission_account": "{{ modem }}"}, templated={"b": {"decommission_account": evaluated}})
    host = next(host for host in found.hosts("decommission_") if host.name == "b")
    assert host.shared["account"] == evaluated


class Encrypted:
    """A vaulted variable, which is no text."""

    def __str__(self):
        return IMEIS["b"]


@pytest.mark.parametrize("read", [IMEIS["b"], Encrypted()])
def test_a_vaulted_variable_is_read(read):
    found = play(b={"imei": Encrypted()}, templated={"b": {"imei": read}})
    assert found.devices({}).by_host == IMEIS


class Undefined(dict):
    """The variables of a host as Ansible provides them. Reading an undefined one raises an error."""

    def get(self, name, default=None):
        raise KeyError("'serial_no' is undefined.")


@pytest.mark.parametrize(
    ("variables", "reason"),
    [(Undefined(), "\"'serial_no' is undefined.\""), ({"imei": "{{ serial_no }}"}, "{{ serial_no }} is undefined")],
)
def test_hosts_whose_imei_is_undefined_are_named(variables, reason):
    found = play(b={"imei": "{{ serial_no }}"}, templated={"b": variables})
    with pytest.raises(CannotBegin) as raised:
        found.devices({})
    assert "1 of 3 hosts" in str(raised.value) and str(raised.value).endswith(f"b: imei cannot be read: {reason}")


def test_an_option_that_is_undefined_for_a_host_is_named():
    found = play(b={"decommission_account": "{{ name }}"}, templated={"b": Undefined()})
    with pytest.raises(CannotBegin, match="decommission_account of b cannot be read: .*; nothing was sent."):
        found.devices({}, "decommission_")


def test_a_list_and_a_pattern_of_hosts_are_two_forms():
    found = play(a={"imei": ""}, b={"imei": ""}, c={"imei": ""})
    found.variables["decommission_hosts"] = "retired"
    with pytest.raises(CannotBegin, match="by decommission_imeis_file and by decommission_hosts; nothing was sent"):
        found.devices({"imeis_file": "a.csv"}, "decommission_")
    found.variables["decommission_hosts"] = ""
    found.devices({"imeis_file": "a.csv"}, "decommission_")


def test_hosts_are_held_against_each_other_by_the_options_of_the_role():
    found = play(b={"decommission_account": "y"})
    found.devices({})
    with pytest.raises(CannotBegin, match="decommission_account is '' for a, and 'y' for b"):
        found.devices({}, "decommission_")


def test_every_host_takes_part_unless_they_say_so_themselves():
    assert list(play().devices({}).by_host) == ["a", "b", "c"]
    assert list(play(noted_in=NOTED, b={NOTED: {"account": ""}}, c={NOTED: {}}).devices({}).by_host) == ["b"]


def test_hosts_of_other_batches_need_not_agree_with_what_this_one_noted():
    noted = {"noted_in": NOTED, "a": {NOTED: {"account": "x"}}, "b": {NOTED: {"account": "y"}}}
    assert list(play(batch=("a",), **noted).devices({}, "decommission_").by_host) == ["a"]


def test_what_hosts_noted_has_to_agree():
    with pytest.raises(CannotBegin, match="decommission_account is 'x' for a, and 'y' for b"):
        noted = {"noted_in": NOTED, "a": {NOTED: {"account": "x"}}, "b": {NOTED: {"account": "y"}}}
        play(**noted).devices({}, "decommission_")


def test_hosts_of_earlier_batches_of_this_play_are_done():
    hosts = play(batch=("c",), a={RUN: run_of()}, b={RUN: run_of("another play")}).hosts()
    assert {host.name: host.done for host in hosts} == {"a": True, "b": False, "c": False}
    skipped = play(batch=("c",), a={RUN: {"skipped": True, "changed": False}}).hosts()
    assert not any(host.done for host in skipped)


def test_the_latest_batch_of_this_play_on_the_same_terms_is_remembered():
    found = play(
        batch=("c",),
        a={RUN: run_of(runs=2, forecast=False)},
        b={RUN: run_of(runs=1, forecast=False)},
        c={RUN: run_of(runs=3, forecast=False)},
    )
    assert found.earlier_run({"play": "this play", "forecast": False})["run_ids"] == ["x", "x"]
    assert found.earlier_run({"play": "this play", "forecast": True}) is None
    assert found.earlier_run({"play": "another play", "forecast": False}) is None
    assert play().earlier_run({"play": "this play"}) is None


def test_names_of_variables_are_those_of_the_task_and_of_each_host_of_the_play():
    found = play(batch=("a", "b"), b={"decommission_max_removal": 1}, c={"decommission_other": 1})
    assert {"decommission_account", "decommission_max_removal", "decommission_other"} <= found.variable_names()
