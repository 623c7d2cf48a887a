# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The inventory of licensed devices: hosts, names, groups, options, sessions, the cache, and errors without secrets."""

from __future__ import annotations

import dataclasses
import json
import typing as t
from datetime import datetime, timezone
from pathlib import Path

import pytest
import yaml
from ansible import constants
from ansible.errors import AnsibleError, AnsibleParserError
from ansible.inventory.data import InventoryData
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.doc_fragments import constructed, inventory_cache

from ansible_collections.verizon.fota.plugins.doc_fragments import thingspace
from ansible_collections.verizon.fota.plugins.inventory import licenses
from ansible_collections.verizon.fota.plugins.module_utils._connection_options import CONNECTION_OPTIONS
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.client import ThingSpace
from ansible_collections.verizon.fota.tests.simulator import Credentials, Device, Dialect, Fault, Faults, Simulator
from ansible_collections.verizon.fota.tests.simulator.fleets import ACCOUNT

NAME = licenses.InventoryModule.NAME
FRAGMENTS = (constructed.ModuleDocFragment.DOCUMENTATION, inventory_cache.ModuleDocFragment.DOCUMENTATION)
OLD, NEW, ZEROS = "990003425730535", "990000473475989", "004999010640000"
FLEET = [
    Device(OLD, licensed=True),
    Device(NEW, licensed=True, assigned_time=datetime(2024, 2, 3, tzinfo=timezone.utc)),
    Device(ZEROS, licensed=True),
    Device("900000000000999"),
]
# Nothing else has the beginnings of these.
SECRETS = Credentials(client_id="Kx7qLw2m9", client_secret="Zr4tVb8n1", username="operator", password="Hq6jYd3c5")

Load = t.Callable[..., InventoryData]


@pytest.fixture(autouse=True)
def known_to_ansible() -> None:
    """Tell Ansible the options, which it reads from the documentation of a plugin when it loads it by its name."""
    options = {}
    for text in (*FRAGMENTS, thingspace.ModuleDocFragment.PLUGIN, licenses.DOCUMENTATION):
        options.update(yaml.safe_load(text)["options"])
    constants.config.initialize_plugin_configuration_definitions("inventory", NAME, options)


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Load an inventory file with these options, as one command of Ansible does."""

    def run(options: t.Mapping[str, t.Any], refresh: bool = False, extra: t.Mapping[str, t.Any] | None = None) -> t.Any:
        file = tmp_path / "fleet.thingspace.yml"
        file.write_text(yaml.safe_dump({"plugin": NAME, "account": ACCOUNT, **options}), encoding="utf-8")
        plugin = licenses.InventoryModule()
        plugin._load_name = plugin.ansible_name = NAME
        plugin._redirected_names = [NAME]
        assert plugin.verify_file(str(file))
        inventory = InventoryData()
        inventory.warnings = []
        plugin.display = t.cast(t.Any, Display(inventory.warnings))
        plugin.parse(inventory, DataLoader(), str(file), cache=not refresh)
        if options.get("cache"):
            plugin.update_cache_if_changed()
        return inventory

    return run


@dataclasses.dataclass
class Display:
    warnings: list[str]

    def warning(self, text: str) -> None:
        self.warnings.append(text)


def given(simulator: Simulator, **options: t.Any) -> dict[str, t.Any]:
    access, session = simulator.issue_tokens()
    return {"api_url": simulator.url, "access_token": access, "session_token": session, **options}


def by_credentials(simulator: Simulator, **options: t.Any) -> dict[str, t.Any]:
    return {"api_url": simulator.url, **dataclasses.asdict(simulator.credentials), **options}


def variables(inventory: InventoryData) -> dict[str, dict[str, t.Any]]:
    """Return the variables of each host, without those that Ansible sets."""
    magic = ("inventory_", "group_names")
    return {
        name: {key: value for key, value in host.vars.items() if not key.startswith(magic)}
        for name, host in inventory.hosts.items()
    }


def paths(simulator: Simulator) -> list[str]:
    return [request.path.rpartition("/")[2] for request in simulator.requests]


# Hosts


def test_each_licensed_device_is_a_host(simulate: t.Any, load: Load) -> None:
    simulator = simulate(FLEET, page_size=2)
    inventory = load(given(simulator))
    assert variables(inventory) == {
        ZEROS: {"imei": ZEROS, "fota_assigned_time": "2021-06-10T15:13:30.941Z"},
        NEW: {"imei": NEW, "fota_assigned_time": "2024-02-03T00:00:00.000Z"},
        OLD: {"imei": OLD, "fota_assigned_time": "2021-06-10T15:13:30.941Z"},
    }
    assert not simulator.writes and inventory.warnings == []


def test_a_missing_time_is_an_undefined_variable(simulate: t.Any, load: Load) -> None:
    inventory = load(given(simulate(FLEET, dialect=Dialect(assignment_time="null")), strict=False, groups=OLD_ONES))
    assert variables(inventory)[OLD] == {"imei": OLD} and "old" not in inventory.groups


def test_an_account_without_licenses_has_no_hosts(simulate: t.Any, load: Load) -> None:
    assert not load(given(simulate(FLEET[-1:]))).hosts


@pytest.mark.parametrize("name", ["fleet.yml", "thingspace.json", "fleet.thingspace.yml.bak"])
def test_other_files_are_left_to_other_plugins(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("")
    assert not licenses.InventoryModule().verify_file(str(tmp_path / name))


def responding(content: t.Mapping[str, t.Any]) -> t.Callable[[t.Any], t.Any]:
    """Return middleware that gives this as the license list."""

    def middleware(app: t.Any) -> t.Any:
        def layer(environ: dict[str, t.Any], start_response: t.Any) -> t.Any:
            if "/licenses/" not in environ["PATH_INFO"]:
                return app(environ, start_response)
            body = json.dumps(content).encode()
            start_response("200 OK", [("Content-Length", str(len(body)))])
            return [body]

        return layer

    return middleware


def test_no_text_of_the_service_becomes_a_template(simulate: t.Any, load: Load) -> None:
    entries = [
        {"deviceId": "{{ 7 * 191 }}", "assignmentTime": "2021"},
        {"deviceId": OLD, "assignmentTime": "{{ 7 * 191 }}"},
        {"deviceId": NEW, "assignmentTime": "{% if 1 %}2021"},
    ]
    content = {"hasMoreData": False, "totalLicense": 9, "assignedLicenses": 2, "deviceList": entries}
    inventory = load(given(simulate(middleware=responding(content))))
    assert variables(inventory) == {OLD: {"imei": OLD}, NEW: {"imei": NEW}}
    assert inventory.warnings == ["left out, because the license list has no IMEI for them: 1 device"]


# Names and groups

OLD_ONES = {"old": "fota_assigned_time < '2022'"}


def test_hostname_is_a_template_with_the_variables_of_the_host(simulate: t.Any, load: Load) -> None:
    simulator = simulate(FLEET)
    inventory = load(given(simulator, hostname="meter-{{ imei[-4:] }}"))
    assert set(inventory.hosts) == {"meter-0535", "meter-5989", "meter-0000"}
    assert inventory.hosts["meter-0535"].vars["imei"] == OLD
    # Quoted digits stay text.
    assert set(load(given(simulator, hostname="{{ imei }}")).hosts) == {OLD, NEW, ZEROS}


@pytest.mark.parametrize(
    ("hostname", "message"),
    [
        ("meter", f"hostname gives several devices the name 'meter', such as {NEW}"),
        ("{{ '' }}", f"hostname cannot be evaluated for {ZEROS}: it is empty"),
        ("{{ nothing }}", f"hostname cannot be evaluated for {ZEROS}: 'nothing' is undefined"),
    ],
)
def test_a_device_without_a_name_of_its_own_is_an_error(
    simulate: t.Any, load: Load, hostname: str, message: str
) -> None:
    with pytest.raises(AnsibleParserError) as error:
        load(given(simulate(FLEET), hostname=hostname))
    assert message in str(error.value)


def test_variables_and_groups_are_constructed(simulate: t.Any, load: Load) -> None:
    keyed = [{"prefix": "assigned", "key": "year"}]
    options = {"compose": {"year": "fota_assigned_time[:4]"}, "groups": OLD_ONES, "keyed_groups": keyed}
    groups = load(given(simulate(FLEET), **options)).groups
    found = {name: {host.name for host in groups[name].hosts} for name in ("old", "assigned_2021", "assigned_2024")}
    assert found == {"old": {OLD, ZEROS}, "assigned_2021": {OLD, ZEROS}, "assigned_2024": {NEW}}


def test_with_strict_an_expression_that_fails_is_an_error(simulate: t.Any, load: Load) -> None:
    simulator = simulate(FLEET)
    assert load(given(simulator, compose={"x": "nothing"})).hosts
    for option in ({"compose": {"x": "nothing"}}, {"groups": {"x": "nothing"}}, {"keyed_groups": [{"key": "nothing"}]}):
        with pytest.raises(AnsibleError, match="nothing"):
            load(given(simulator, strict=True, **option))


# Options


def test_the_documentation_states_where_each_option_comes_from() -> None:
    shown = yaml.safe_load(thingspace.ModuleDocFragment.PLUGIN)["options"]
    found = {name: [entry["name"] for entry in option.get("env", [])] for name, option in shown.items()}
    assert found == {option.name: [option.variable] if option.variable else [] for option in CONNECTION_OPTIONS}


def test_options_come_from_the_environment(simulate: t.Any, load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    # A password in the environment is no template.
    credentials = Credentials(password="{{ 7 }}{% x")
    simulator = simulate(FLEET, credentials=credentials)
    monkeypatch.setenv("THINGSPACE_ACCOUNT", f"{ACCOUNT}\n")
    monkeypatch.setenv("THINGSPACE_API_URL", simulator.url)
    monkeypatch.setenv("THINGSPACE_SESSION_TOKEN", " ")
    for name, value in dataclasses.asdict(credentials).items():
        monkeypatch.setenv(f"THINGSPACE_{name.upper()}", value)
    assert len(load({"account": None}).hosts) == 3


def test_options_are_templates(
    simulate: t.Any, load: Load, monkeypatch: pytest.MonkeyPatch, extra_variables: t.Any
) -> None:
    simulator = simulate(FLEET)
    monkeypatch.setenv("MY_PASSWORD", simulator.credentials.password)
    extra_variables(account_of_fleet=ACCOUNT, verify="yes")
    options = {
        "account": "{{ account_of_fleet }}",
        "password": "{{ lookup('env', 'MY_PASSWORD') }}",
        "validate_certs": "{{ verify }}",
    }
    assert len(load({**by_credentials(simulator), **options}).hosts) == 3


@pytest.fixture
def extra_variables(monkeypatch: pytest.MonkeyPatch) -> t.Callable[..., None]:
    def give(**values: str) -> None:
        monkeypatch.setattr("ansible.plugins.inventory.load_extra_vars", lambda _loader: values)

    return give


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"account": 642233522}, "account is the number 642233522"),
        ({"account": " "}, "account is empty or missing"),
        ({"password": 42798}, "password is a number, and YAML drops leading zeros"),
        ({"retries": 11, "timeout": 0}, "timeout is 0.0; it must be between 0.1 and 600\nretries is 11"),
        ({"api_url": "http://thingspace.verizon.com/api"}, "api_url uses plain http"),
        # Ansible takes any other text for false, and the certificate would not be verified.
        ({"validate_certs": "treu"}, "treu"),
        ({"account": "{{ nothing }}"}, "the template in account cannot be evaluated: 'nothing' is undefined"),
        ({"password": "{{ nothing }}"}, "the template in password cannot be evaluated: 'nothing' is undefined"),
        ({"acount": "x"}, "acount is not an option of the plugin, did you mean account?"),
        ({"zzz": "x"}, "zzz is not an option of the plugin; its options are access_token, account, "),
    ],
)
def test_wrong_options_are_rejected_before_anything_is_sent(
    simulate: t.Any, load: Load, options: dict[str, t.Any], message: str
) -> None:
    simulator = simulate(FLEET)
    with pytest.raises(AnsibleParserError) as error:
        load({**by_credentials(simulator), **options})
    assert message in str(error.value) and not simulator.requests


@pytest.mark.parametrize("password", ["Sum{{mer2024}}!", "Sum{{mer2024!", "{% mer2024 %}"])
def test_no_part_of_a_password_with_braces_is_shown(simulate: t.Any, load: Load, password: str) -> None:
    with pytest.raises(AnsibleParserError) as error:
        load({**by_credentials(simulate(FLEET)), "password": password})
    assert "mer2024" not in str(error.value) and "write !unsafe before the value" in str(error.value)


# Sessions


def test_a_session_that_was_given_continues(simulate: t.Any, load: Load) -> None:
    simulator = simulate(FLEET)
    load(given(simulator))
    assert paths(simulator) == ["0"]


def test_a_session_that_was_started_is_ended(simulate: t.Any, load: Load) -> None:
    simulator = simulate(FLEET)
    load(by_credentials(simulator))
    assert paths(simulator) == ["token", "login", "0", "logout"]


def test_a_session_is_ended_after_an_error_and_after_a_renewal(simulate: t.Any, load: Load) -> None:
    simulator = simulate(FLEET, dialect=Dialect(list_endpoint="403"))
    with pytest.raises(AnsibleParserError):
        load(by_credentials(simulator))
    assert paths(simulator)[-1] == "logout"
    simulator = simulate(FLEET)
    options = given(simulator)
    simulator.expire_sessions()
    load({**by_credentials(simulator), **options})
    assert paths(simulator) == ["0", "login", "0", "logout"]


def test_a_failed_logout_is_a_warning(simulate: t.Any, load: Load) -> None:
    faults = Faults([Fault("status", on="logout", status=400, times=9)])
    inventory = load(by_credentials(simulate(FLEET, middleware=faults.middleware)))
    assert len(inventory.hosts) == 3
    (warning,) = inventory.warnings
    assert warning.startswith("the session continues for 20 minutes: the logout failed: HTTP 400")


def test_a_rejected_login_is_sent_once(simulate: t.Any, load: Load) -> None:
    simulator = simulate(FLEET)
    with pytest.raises(AnsibleParserError, match="the license list could not be read: login rejected; not retried"):
        load(by_credentials(simulator, password="wrong password"))
    assert paths(simulator) == ["token", "login"] and simulator.failed_logins(simulator.credentials.username) == 1


# The cache


def cached(simulator: Simulator, folder: Path, **options: t.Any) -> dict[str, t.Any]:
    cache = {"cache": True, "cache_plugin": "jsonfile", "cache_connection": str(folder)}
    return by_credentials(simulator, **cache, **options)


def test_the_list_comes_from_the_cache_without_requests(simulate: t.Any, load: Load, tmp_path: Path) -> None:
    simulator = simulate(FLEET)
    options = cached(simulator, tmp_path / "cache")
    first = variables(load(options))
    before = len(simulator.requests)
    # Not even credentials are needed, nor lookups for them.
    again = {**options, "password": "{{ lookup('file', 'is_not_read') }}", "client_secret": None}
    assert variables(load(again)) == first and len(simulator.requests) == before
    simulator.assign(ACCOUNT, ["900000000000999"])
    assert len(load(options).hosts) == 3
    assert len(load(options, refresh=True).hosts) == 4
    assert len(load(options).hosts) == 4
    assert paths(simulator).count("login") == 2


def test_the_cache_of_one_account_is_not_used_for_another(simulate: t.Any, load: Load, tmp_path: Path) -> None:
    simulator = simulate(FLEET)
    options = cached(simulator, tmp_path / "cache")
    load(options)
    for other in ({"account": "0642233522-00002"}, {"api_url": simulator.url.replace("127.0.0.1", "localhost")}):
        before = len(simulator.requests)
        try:
            load({**options, **other})
        except AnsibleParserError as error:
            assert "account" in str(error)
        assert len(simulator.requests) > before


def test_nothing_is_cached_after_an_error(simulate: t.Any, load: Load, tmp_path: Path) -> None:
    faults = Faults([Fault("status", on="licenses", status=403, times=2)])
    simulator = simulate(FLEET, middleware=faults.middleware)
    options = cached(simulator, tmp_path / "cache")
    with pytest.raises(AnsibleParserError):
        load(options)
    assert len(load(options).hosts) == 3


# Errors and secrets


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (Fault("status", on="licenses", status=403, times=9), "the license list could not be read: HTTP 403"),
        (Fault("html", on="licenses", times=99), "the license list could not be read: "),
        (Fault("reset", on="licenses", times=99), "the license list could not be read: "),
    ],
)
def test_a_list_that_cannot_be_read_is_an_error_with_its_reason(
    simulate: t.Any, load: Load, fault: Fault, message: str
) -> None:
    with pytest.raises(AnsibleParserError) as error:
        load(given(simulate(FLEET, middleware=Faults([fault]).middleware), retries=1))
    assert str(error.value).startswith(message) and len(str(error.value)) > len(message)


def test_a_part_of_the_list_is_not_an_inventory(simulate: t.Any, load: Load) -> None:
    entries = [{"deviceId": OLD, "assignmentTime": "2021"}]
    content = {"hasMoreData": False, "totalLicense": 9, "assignedLicenses": 2, "deviceList": entries}
    with pytest.raises(AnsibleParserError, match="the license list names 1 IMEIs, but 2 licenses are assigned"):
        load(given(simulate(middleware=responding(content))))


@pytest.mark.parametrize("on", ["token", "login", "licenses"])
def test_no_secret_is_in_a_message_or_in_the_cache(simulate: t.Any, load: Load, tmp_path: Path, on: str) -> None:
    simulator = simulate(FLEET, credentials=SECRETS, middleware=Faults([Fault("echo", on=on, times=1)]).middleware)
    options = cached(simulator, tmp_path / "cache", retries=0)
    with pytest.raises(AnsibleParserError) as error:
        load(options)
    assert "********" in str(error.value)
    assert error.value.__cause__ is None and error.value.__context__ is None
    load(options)
    written = "".join(file.read_text() for file in (tmp_path / "cache").iterdir())
    headers = [
        request.headers.get(name, "") for request in simulator.requests for name in ("Authorization", "Vz-M2M-Token")
    ]
    tokens = {header.split()[-1] for header in headers if header}
    assert OLD in written and tokens
    for secret in (*tokens, SECRETS.client_id, SECRETS.client_secret, SECRETS.password):
        assert secret not in str(error.value) + written


@pytest.mark.parametrize("value", ["Hq6jYd3c5{{", "{{ Hq6jYd3c5 } }}", "{% Hq6jYd3c5 %}"])
def test_a_password_that_looks_like_a_template_is_not_quoted(simulate: t.Any, load: Load, value: str) -> None:
    with pytest.raises(AnsibleParserError) as error:
        load(by_credentials(simulate(FLEET), password=value))
    assert "if it is not a template, write !unsafe before the value" in str(error.value)
    assert "Hq6jYd3c5" not in str(error.value)


def test_an_unforeseen_error_has_no_secrets(simulate: t.Any, load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    simulator = simulate(FLEET, credentials=SECRETS)

    def fail(*_args: object) -> t.NoReturn:
        raise RuntimeError(f"with {SECRETS.password}")

    monkeypatch.setattr(ThingSpace, "assigned", fail)
    with pytest.raises(AnsibleParserError, match="an error in verizon.fota itself, please report it") as error:
        load(by_credentials(simulator))
    assert "with ********" in str(error.value)
