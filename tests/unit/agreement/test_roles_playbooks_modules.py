# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What several files of roles, playbooks and modules repeat is the same in each."""

from __future__ import annotations

import inspect
import re
import typing as t

import pytest
import yaml

from ansible_collections.verizon.fota.plugins.doc_fragments import changes, devices, thingspace
from ansible_collections.verizon.fota.plugins.module_utils import _validation
from ansible_collections.verizon.fota.plugins.modules import license_assign, license_remove, session
from ansible_collections.verizon.fota.plugins.plugin_utils import _removal_options, _run_outcome
from ansible_collections.verizon.fota.plugins.plugin_utils._removal_options import CHOICES
from ansible_collections.verizon.fota.tests import role_options
from ansible_collections.verizon.fota.tests.unit.agreement.guides import ROOT

ROLES = ("decommission", "tokens")
# What a role leaves to the module, or decides by itself
OF_THE_ROLE = {
    ("default", "api_url"),  # left out, so that the module looks into the environment
    ("default", "return_devices"),  # depends on the form and the mode
    ("required", "account"),  # may come from the environment
}
# The role decommission leaves these to the role tokens, and that to the module
OF_TOKENS = {("default", "validate_certs"), ("default", "timeout"), ("default", "retries")}


def loaded(*path: str) -> t.Any:
    return yaml.safe_load(ROOT.joinpath(*path).read_text(encoding="utf-8"))


def options_of(role: str) -> dict[str, dict[str, t.Any]]:
    specs = loaded("roles", role, "meta", "argument_specs.yml")["argument_specs"]
    return {name: option for spec in specs.values() for name, option in spec["options"].items()}


def options_of_modules(*modules: t.Any) -> dict[str, dict[str, t.Any]]:
    texts = (
        devices.ModuleDocFragment.DOCUMENTATION,
        thingspace.ModuleDocFragment.DOCUMENTATION,
        changes.ModuleDocFragment.DOCUMENTATION,
        *(module.DOCUMENTATION for module in modules or (license_remove,)),
    )
    return {name: option for text in texts for name, option in yaml.safe_load(text)["options"].items()}


@pytest.mark.parametrize(
    ("name", "lowest", "highest"), [(name, *bounds) for name, bounds in _validation.BOUNDS.items()]
)
def test_the_documentation_states_the_actual_bounds(name: str, lowest: float, highest: float) -> None:
    limits = f"from {lowest} to {highest}" if highest != float("inf") else f"V({lowest}) or more"
    text = " ".join("".join(options_of_modules(license_remove, license_assign)[name]["description"]).split())
    assert re.search(rf"{re.escape(limits)}\b", text), f"say in the description of {name}: {limits}"


@pytest.mark.parametrize("role", ROLES)
def test_a_role_has_the_defaults_that_it_documents(role: str) -> None:
    documented = {name: option["default"] for name, option in options_of(role).items() if "default" in option}
    assert loaded("roles", role, "defaults", "main.yml") == documented


@pytest.mark.parametrize("role", ROLES)
def test_an_option_of_a_role_is_as_that_of_the_module_behind_it(role: str) -> None:
    modules = options_of_modules()
    for name, option in options_of(role).items():
        bare = name.partition("_")[2]
        for trait in ("type", "elements", "choices", "default"):
            left = OF_THE_ROLE | (OF_TOKENS if role == "decommission" else set())
            if (
                role == "decommission"
                and trait in ("type", "choices")
                and bare in _removal_options.KINDS.keys() | CHOICES
            ):
                continue
            if bare in modules and (trait, bare) not in left:
                assert option.get(trait) == modules[bare].get(trait), f"{trait} of {name} and of {bare} of the modules"
    # read_account: the report of the role needs it in any case
    passed_on = {name.partition("_")[2] for name in options_of(role)} | {"read_account"}
    expected = (
        modules.keys()
        if role == "decommission"
        else yaml.safe_load(thingspace.ModuleDocFragment.DOCUMENTATION)["options"]
    )
    assert not set(expected) - passed_on, f"options of the modules that the role {role} does not pass on"


@pytest.mark.parametrize("name", [*_removal_options.KINDS, *CHOICES])
def test_the_role_decommission_checks_by_itself_what_the_modules_say_of_an_option(name: str) -> None:
    option = options_of("decommission")[f"decommission_{name}"]
    module = options_of_modules().get(name, {"type": "bool"})  # set_stats is of the role alone
    assert option["type"] == "raw" and "choices" not in option
    last = option["description"][-1]
    if name in CHOICES:
        assert tuple(module["choices"]) == CHOICES[name] == tuple(re.findall(r"V\((\w+)\)", last))
    else:
        assert module["type"] == _removal_options.KINDS[name] and last == role_options.CHECKED[module["type"]]


def test_nothing_else_of_the_role_decommission_is_checked_by_ansible() -> None:
    types = {option["type"] for option in options_of("decommission").values() if "choices" not in option}
    assert types == {"raw", "str", "path", "list"}


def test_the_two_playbooks_differ_in_check_mode_only() -> None:
    (audit,), (decommission,) = loaded("playbooks", "audit.yml"), loaded("playbooks", "decommission.yml")
    for play in (audit, decommission):
        del play["name"], play["tasks"][-1]["name"]
    assert audit["tasks"][-1].pop("check_mode") is True
    assert audit == decommission


def test_every_option_of_the_role_decommission_is_used_by_its_tasks() -> None:
    tasks = ROOT.joinpath("roles", "decommission", "tasks", "play.yml").read_text(encoding="utf-8")
    connection = yaml.safe_load(thingspace.ModuleDocFragment.DOCUMENTATION)["options"]
    own = [name for name in options_of("decommission") if name.partition("_")[2] not in connection]
    unused = [name for name in own if not re.search(rf"\b{name}\b", tasks)]
    assert not unused, f"pass them on in module_defaults of roles/decommission/tasks/play.yml: {', '.join(unused)}"


def test_the_connection_options_of_the_roles_are_those_of_the_modules() -> None:
    for path in role_options.specs():
        text = path.read_text(encoding="utf-8")
        assert role_options.rewritten(text) == text, f"{path}: run python -m tests.role_options"


def test_the_end_of_the_role_knows_the_messages_of_a_session_that_was_ended() -> None:
    messages = re.findall(r'"(The session .*?)"', inspect.getsource(session.absent))
    assert len(messages) == 3 and all(_run_outcome.is_ended({"msg": message}) for message in messages)


def test_the_role_recognizes_the_message_of_a_logout() -> None:
    """The role reports that a session continues, unless it finds this message."""
    tasks = ROOT.joinpath("roles", "tokens", "tasks", "logout.yml").read_text(encoding="utf-8")
    source = inspect.getsource(session.absent)
    (endings,) = re.findall(r"is match\('The session \((.*)\)'\)", tasks)
    assert endings.split("|") == sorted(set(re.findall(r'"The session (.*?)\."', source)), key=endings.index)


@pytest.mark.parametrize(
    "plugin",
    [
        "modules/account_info",
        "modules/license_assign",
        "modules/license_info",
        "modules/license_remove",
        "modules/session",
        "inventory/licenses",
    ],
)
def test_an_execution_environment_gets_what_plugins_require(plugin: str) -> None:
    lines = ROOT.joinpath("meta", "ee-requirements.txt").read_text(encoding="utf-8").splitlines()
    given = [line for line in lines if line and not line.startswith("#")]
    documentation = ROOT.joinpath("plugins", f"{plugin}.py").read_text(encoding="utf-8")
    required = yaml.safe_load(documentation.partition('r"""')[2].partition('"""')[0])["requirements"]
    assert given == required
