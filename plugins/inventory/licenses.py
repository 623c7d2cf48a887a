# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An inventory of the devices that hold a license, from the license list of an account."""

from __future__ import annotations

DOCUMENTATION = r"""
name: licenses
short_description: Inventory of the devices that hold a FOTA license
version_added: 1.1.0
author:
  - The verizon.fota contributors (@verizon-fota)
description:
  - Adds a host for each device of an account that holds a FOTA (firmware over the air) license.
  - Each host has the variable C(imei), and C(fota_assigned_time), the time at which its license was assigned, as returned by
    the service. C(fota_assigned_time) is undefined if the service did not return it.
  - The variable C(decommission_hosts) of the playbooks C(verizon.fota.decommission) and C(verizon.fota.audit) selects among these
    hosts. Without it, they process all of them.
  - No connection variables are set, because nothing connects to the devices.
  - Uses a YAML file whose name ends with C(thingspace.yml) or C(thingspace.yaml).
notes:
  - If the whole license list cannot be read, no host is added. Ansible then displays a warning and continues without these hosts,
    unless the environment variable C(ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED) is C(true).
  - A session that the plugin starts is ended after the list was read. Each command that loads the inventory counts as a login,
    unless the list comes from the cache, or O(session_token) is given.
  - The options of the account and the connection may be templates, except O(timeout) and O(retries). Templates can use lookups
    and extra variables, but no variables of groups and hosts. A relative path is relative to the directory in which Ansible was
    started. The expressions in O(compose), O(groups) and O(keyed_groups) can
    use the variables of the host.
  - The cache contains the IMEIs and times, no tokens and no credentials. It is not used after O(account) or O(api_url) has
    changed.
requirements:
  - requests >= 2.22
extends_documentation_fragment:
  - ansible.builtin.constructed
  - ansible.builtin.inventory_cache
  - verizon.fota.thingspace.plugin
options:
  plugin:
    description: The name of the plugin. It marks the file as a source of this plugin.
    type: str
    required: true
    choices:
      - verizon.fota.licenses
  account:
    description:
      - The name of the account, with its leading zeros. Write it in quotes; a number is rejected. A trailing line break
        is removed. It has to be set here or in the environment.
    type: raw
    env:
      - name: THINGSPACE_ACCOUNT
  hostname:
    description:
      - A template for the name of each host. It can use C(imei), C(fota_assigned_time), lookups and extra variables.
      - The names must differ. Otherwise the inventory is rejected.
      - Defaults to the IMEI.
    type: str
seealso:
  - plugin: verizon.fota.license_info
    plugin_type: module
  - name: Role verizon.fota.decommission
    description: Removes the licenses of hosts.
    link: https://github.com/verizon-fota/ansible-collection-verizon-fota/tree/main/roles/decommission
"""

EXAMPLES = r"""
---
# licenses.thingspace.yml: all licensed devices, with account and credentials from the environment
plugin: verizon.fota.licenses

---
# Groups by the time of the assignment, and a cache, so that only one command per hour reads the list
plugin: verizon.fota.licenses
account: "0642233522-00001"
groups:
  assigned_before_2022: fota_assigned_time < '2022'
keyed_groups:
  # Such as assigned_2021
  - prefix: assigned
    key: fota_assigned_time[:4]
cache: true
cache_plugin: ansible.builtin.jsonfile
cache_connection: ~/.cache/ansible/fota
cache_timeout: 3600

---
# Credentials from a file that is encrypted with Ansible Vault, and names of the hosts from a file
plugin: verizon.fota.licenses
account: "0642233522-00001"
client_id: "{{ (lookup('ansible.builtin.unvault', 'credentials.yml') | from_yaml).client_id }}"
client_secret: "{{ (lookup('ansible.builtin.unvault', 'credentials.yml') | from_yaml).client_secret }}"
username: "{{ (lookup('ansible.builtin.unvault', 'credentials.yml') | from_yaml).username }}"
password: "{{ (lookup('ansible.builtin.unvault', 'credentials.yml') | from_yaml).password }}"
hostname: "{{ lookup('ansible.builtin.csvfile', imei, file='meters.csv', delimiter=',', default=imei) }}"
"""

import difflib
import re
import typing as t
from dataclasses import dataclass

from ansible.errors import AnsibleParserError
from ansible.inventory.data import InventoryData
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.inventory import BaseInventoryPlugin, Cacheable, Constructable
from ansible.utils.vars import combine_vars

from ansible_collections.verizon.fota.plugins.module_utils import _argument_spec, _connect, _secrets, _validation
from ansible_collections.verizon.fota.plugins.module_utils._connection_options import SECRETS
from ansible_collections.verizon.fota.plugins.module_utils._http.retries import RetryingClient
from ansible_collections.verizon.fota.plugins.module_utils._support.concurrency import bug_report
from ansible_collections.verizon.fota.plugins.module_utils._support.interruption import Interruption
from ansible_collections.verizon.fota.plugins.module_utils._support.text import pluralize
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.errors import ThingSpaceError
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.fields import is_imei
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.tokens import Tokens

Devices = t.Mapping[str, t.Optional[str]]

_SUFFIXES = ("thingspace.yml", "thingspace.yaml")
_SPEC = {**_argument_spec.account(), **_argument_spec.connection()}
# In the class, or up to 2.18 in the message.
_SYNTAX_ERROR = re.compile(r"TemplateSyntaxError|\btemplate error while templating string\b")
_ONLY_TEMPLATE = re.compile(r"\{\{[^{}]*\}\}")
# Ansible 2.18 evaluates templates in all variables of hosts: no text of the service may contain one.
_TIME = re.compile(r"[\w :.,+/-]+")


@dataclass(frozen=True)
class _Task:
    """The options of the plugin, where modules pass themselves."""

    params: t.Mapping[str, t.Any]
    warn: t.Callable[[str], None]


class InventoryModule(BaseInventoryPlugin, Constructable, Cacheable):
    NAME = "verizon.fota.licenses"

    def verify_file(self, path: str) -> bool:
        return bool(super().verify_file(path)) and path.endswith(_SUFFIXES)

    def parse(self, inventory: InventoryData, loader: DataLoader, path: str, cache: bool = True) -> None:
        super().parse(inventory, loader, path, cache)
        config = self._read_config_data(path)
        self._check_names(config)
        uses_cache = self.get_option("cache")
        # What credentials cost, such as a request to a vault, is spared if the list comes from the cache.
        source = self._options_from(config, ("account", "api_url"))
        key = self.get_cache_key("\0".join([path, *map(str, source.values())]))
        devices = self._cache.get(key) if uses_cache and cache else None
        if devices is None:
            devices = self._read_licenses(self._options_from(config, _SPEC))
            if uses_cache:
                self._cache[key] = devices
        self._add_hosts(devices, inventory)

    def _check_names(self, config: t.Iterable[str]) -> None:
        """Raise ``AnsibleParserError`` for what is not an option: another account would be read, or groups would be missing."""
        known = sorted({"plugin", *self.get_options()})
        for name in config:
            if name not in known:
                for similar in difflib.get_close_matches(str(name), known, n=1):
                    raise AnsibleParserError(f"{name} is not an option of the plugin, did you mean {similar}?")
                raise AnsibleParserError(f"{name} is not an option of the plugin; its options are {', '.join(known)}")

    def _options_from(self, config: t.Mapping[str, t.Any], names: t.Iterable[str]) -> dict[str, t.Any]:
        """Return these options from the file, else from the environment, as modules do it. Raise ``AnsibleParserError``."""
        given = {name: self._evaluated(name, config[name]) for name in names if config.get(name) is not None}
        found = ArgumentSpecValidator({name: _SPEC[name] for name in names}).validate(given)
        if found.error_messages:
            raise AnsibleParserError("; ".join(found.error_messages))
        return _validation.without_line_breaks(found.validated_parameters)

    def _evaluated(self, name: str, value: t.Any) -> t.Any:
        templar: t.Any = self.templar
        templar.available_variables = self._vars
        try:
            found = templar.template(value)
            # A text that is encrypted by itself, up to 2.18.
            return str(found) if hasattr(found, "__ENCRYPTED__") else found
        except Exception as error:
            reason = str(error)
            is_syntax = _SYNTAX_ERROR.search(f"{type(error).__name__} {reason}")
            if name in SECRETS and (is_syntax or not _ONLY_TEMPLATE.fullmatch(str(value).strip())):
                # The message would quote a part of it, which may be a password with braces.
                reason = "what is in braces is not valid; if it is not a template, write !unsafe before the value"
        raise AnsibleParserError(f"the template in {name} cannot be evaluated: {reason}")

    def _read_licenses(self, params: dict[str, t.Any]) -> Devices:
        """Return the license list. Raise ``AnsibleParserError``."""
        problem = _validation.missing_library() or "\n".join(_validation.service_errors(params))
        if problem:
            raise AnsibleParserError(problem)
        task = _Task(params, self.display.warning)
        secrets = _secrets.secrets(task).union(_connect.credentials(task).secrets())
        try:
            interruption = Interruption()
            with _connect.retrying_client(task, interruption) as http:
                tokens = _connect.tokens(task, http)
                try:
                    return _connect.thingspace(task, http, tokens, interruption).assigned()[0]
                finally:
                    secrets |= tokens.secrets()
                    self._end_session(task, http, tokens)
        except ThingSpaceError as error:
            problem = f"the license list could not be read: {error}"
        except Exception as error:
            problem = bug_report(error)
        raise AnsibleParserError(_secrets.redactor(secrets)(problem))

    def _end_session(self, task: _Task, http: RetryingClient, tokens: Tokens) -> None:
        """End the session if it was not given."""
        try:
            _connect.end_started_session(task, http, tokens)
        except ThingSpaceError as error:
            task.warn(f"the session continues for 20 minutes: {error}")

    def _add_hosts(self, devices: Devices, inventory: t.Any) -> None:
        hostname, strict = self.get_option("hostname"), self.get_option("strict")
        compose, groups, keyed_groups = map(self.get_option, ("compose", "groups", "keyed_groups"))
        names: set[str] = set()
        for imei in filter(is_imei, devices):
            variables = {"imei": imei}
            time = devices[imei]
            if time and _TIME.fullmatch(time):
                variables["fota_assigned_time"] = time
            name = self._name(hostname, variables) if hostname else imei
            if name in names:
                raise AnsibleParserError(f"hostname gives several devices the name {name!r}, such as {imei}")
            names.add(name)
            inventory.add_host(name)
            for variable, value in variables.items():
                inventory.set_variable(name, variable, value)
            if compose:
                self._set_composite_vars(compose, inventory.get_host(name).get_vars(), name, strict)
            self._add_host_to_composed_groups(groups, variables, name, strict)
            self._add_host_to_keyed_groups(keyed_groups, variables, name, strict)
        others = len(devices) - len(names)
        if others:
            self.display.warning(
                f"left out, because the license list has no IMEI for them: {pluralize(others, 'device')}"
            )

    def _name(self, hostname: str, variables: dict[str, str]) -> str:
        templar: t.Any = self.templar
        templar.available_variables = combine_vars(self._vars, variables)
        try:
            name = str(templar.template(hostname)).strip()
            reason = "" if name else "it is empty"
        except Exception as error:
            reason = str(error)
        if reason:
            raise AnsibleParserError(f"hostname cannot be evaluated for {variables['imei']}: {reason}")
        return name
