# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The hosts of a play, read from the variables of a task.

Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.verizon.fota.plugins.plugin_utils import _devices_of_hosts
from ansible_collections.verizon.fota.plugins.plugin_utils._devices_of_hosts import Devices, Host, Unreadable

_PLAIN = (str, list, dict, bool, int, float, type(None))

Variables = t.Mapping[str, t.Any]


def read_play(variables: Variables, identity: str = "", noted_in: str = "", registered_as: str = "") -> Play:
    """Read the variables of the hosts of the batch, and then of all other hosts of the play."""
    hosts = dict.fromkeys([*variables["ansible_play_batch"], *variables["ansible_play_hosts_all"]])
    raw = {host: _as_written(variables["hostvars"], host) for host in hosts}
    return Play(variables, raw, identity, noted_in, registered_as)


def _as_written(hostvars: t.Any, host: str) -> Variables:
    """Return the variables of a host without evaluating templates in them: that takes a tenth of the time."""
    try:
        return t.cast(Variables, hostvars.raw_get(host))
    # ``raw_get`` is not documented. Without it, this takes longer.
    except Exception:
        return t.cast(Variables, hostvars[host])


@dataclass(frozen=True)
class Play:
    """The play of a task.

    ``variables``: as an action gets them. ``raw``: those of each host, as they are written. ``identity``: the same for all batches of
    the play; if empty, no earlier batch is known. ``noted_in``: the variable in which each host records that it takes part; if empty,
    all do. ``registered_as``: the variable that contains the run of an earlier batch.
    """

    variables: Variables
    raw: t.Mapping[str, Variables]
    identity: str = ""
    noted_in: str = ""
    registered_as: str = ""

    def variable_names(self) -> set[str]:
        """Return the names of all variables of the task and of the hosts that were read."""
        return set(self.variables).union(*self.raw.values())

    def devices(self, options: Variables, prefix: str = "") -> Devices:
        """Return the devices of the batch. Raise ``CannotBegin`` if they, or the hosts, are not valid."""
        hosts = self.hosts(prefix)
        _devices_of_hosts.check_forms(options, hosts, prefix, self.variables.get(f"{prefix}hosts") if prefix else None)
        _devices_of_hosts.check_agreement(hosts, prefix)
        return _devices_of_hosts.devices_of(options, hosts, prefix)

    def hosts(self, prefix: str = "") -> list[Host]:
        """Return the hosts that were read."""
        batch = set(self.variables["ansible_play_batch"])
        alive = set(self.variables["ansible_play_hosts"])
        return [self._host(name, name in batch, name in alive, prefix) for name in self.raw]

    def _host(self, name: str, in_batch: bool, alive: bool, prefix: str) -> Host:
        raw = self.raw[name]
        noted = raw.get(self.noted_in) if self.noted_in else None
        return Host(
            name,
            imei=self._value(name, raw, "imei"),
            alive=alive,
            in_batch=in_batch,
            done=not in_batch and self._is_of_play(raw.get(self.registered_as)),
            marked=bool(noted) if self.noted_in else True,
            shared={option: self._value(name, raw, f"{prefix}{option}", "") for option in _devices_of_hosts.SHARED},
            noted=noted if noted and in_batch else None,
        )

    def earlier_run(self, identity: Variables) -> Variables | None:
        """Return the run of the latest batch before this one, if it was the same play with the same identity."""
        batch = set(self.variables["ansible_play_batch"])
        found: Variables | None = None
        for name, raw in self.raw.items():
            run = {} if name in batch else raw.get(self.registered_as) or {}
            known = self.identity and run.get("identity") == identity
            if known and len(run["run_ids"]) > len(found["run_ids"] if found else ()):
                found = run
        return found

    def _is_of_play(self, run: t.Any) -> bool:
        return bool(run and self.identity) and (run.get("identity") or {}).get("play") == self.identity

    def _value(self, host: str, raw: Variables, name: str, default: t.Any = None) -> t.Any:
        try:
            value = raw.get(name, default)
            if not isinstance(value, _PLAIN) or "{" in str(value):
                found = self.variables["hostvars"][host].get(name, default)
                # What is encrypted by itself is no text for some versions of Ansible, before and after it was read.
                found = found if isinstance(found, _PLAIN) else str(found)
                # Some versions of Ansible return a value that fails when it is used, others the unchanged template.
                undefined = isinstance(found, str) and found == value and "{{" in value
                return Unreadable(f"{value} is undefined") if undefined else found
            return value
        # The class of the exception depends on the version of Ansible.
        except Exception as error:
            return Unreadable(" ".join(str(error).split()).rstrip("."))
