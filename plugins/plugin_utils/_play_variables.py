# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!
"""Which variables of a task tell what about the hosts of its play."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.verizon.fota.plugins.plugin_utils import _play_hosts
from ansible_collections.verizon.fota.plugins.plugin_utils._play_hosts import HOSTS, Devices, Host

Variables = t.Mapping[str, t.Any]


@dataclass(frozen=True)
class Play:
    """The play of a task. ``variables``: as an action gets them. ``identity``: the same for all batches of the play.

    ``noted_in``: the variable by which each host says that it takes part; if empty, all do. ``registered_as``: the variable that
    holds the run of an earlier batch.
    """

    variables: Variables
    identity: str = ""
    noted_in: str = ""
    registered_as: str = ""

    def variable_names(self, form: str) -> set[str]:
        """Return the names of all variables, also of those that other hosts of the batch have if hosts are devices."""
        names = set(self.variables)
        for host in self.variables["ansible_play_batch"] if form == HOSTS else ():
            names.update(self._raw(host))
        return names

    def devices(self, options: Variables, prefix: str = "") -> Devices:
        """Return the devices of the batch. Raise ``CannotBegin`` if they, or the hosts, are not as they have to be."""
        hosts = self.hosts(_play_hosts.form_of(options), prefix)
        _play_hosts.check_forms(options, hosts, prefix)
        _play_hosts.check_agreement(hosts, prefix)
        return _play_hosts.devices_of(options, hosts, prefix)

    def hosts(self, form: str, prefix: str = "") -> list[Host]:
        """Return the hosts of the play, or those of the batch if hosts are not the devices."""
        batch = set(self.variables["ansible_play_batch"])
        alive = set(self.variables["ansible_play_hosts"])
        every = [*self.variables["ansible_play_batch"]]
        if form == HOSTS:
            every += [host for host in self.variables["ansible_play_hosts_all"] if host not in batch]
        return [self._host(name, name in batch, name in alive, prefix) for name in every]

    def _host(self, name: str, in_batch: bool, alive: bool, prefix: str) -> Host:
        raw = self._raw(name)
        noted = raw.get(self.noted_in) if self.noted_in else None
        return Host(
            name,
            imei=self._value(name, raw, "imei"),
            alive=alive,
            in_batch=in_batch,
            done=not in_batch and self._is_of_play(raw.get(self.registered_as)),
            marked=bool(noted) if self.noted_in else True,
            shared={option: self._value(name, raw, f"{prefix}{option}", "") for option in _play_hosts.SHARED},
            noted=noted if noted and in_batch else None,
        )

    def earlier_run(self, identity: Variables) -> Variables | None:
        """Return the run of the latest batch before this one, if it was the same play on the same terms."""
        batch = set(self.variables["ansible_play_batch"])
        found: Variables | None = None
        for name in self.variables["ansible_play_hosts_all"]:
            run = {} if name in batch or not self.registered_as else self._raw(name).get(self.registered_as) or {}
            if run.get("identity") == identity and len(run["run_ids"]) > len(found["run_ids"] if found else ()):
                found = run
        return found

    def _is_of_play(self, run: t.Any) -> bool:
        return bool(run) and (run.get("identity") or {}).get("play") == self.identity

    def _raw(self, host: str) -> Variables:
        # A tenth of the time that the values themselves take, which are templates.
        return t.cast(Variables, self.variables["hostvars"].raw_get(host))

    def _value(self, host: str, raw: Variables, name: str, default: t.Any = None) -> t.Any:
        value = raw.get(name, default)
        if isinstance(value, (str, list, dict)) and "{" in str(value):
            return self.variables["hostvars"][host].get(name, default)
        return value
