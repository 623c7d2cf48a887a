# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which devices the hosts of a play represent, and why a play cannot be one removal.

Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.verizon.fota.plugins.module_utils._input import imei_validation
from ansible_collections.verizon.fota.plugins.module_utils._support.text import is_blank, shortened

LIST, FILE, HOSTS = "imeis", "imeis_file", "hosts"
# One play has one value of each of these: they decide which devices are targeted, where requests go, and how much is removed.
SHARED = ("account", "api_url", "imeis", "imeis_file", "max_removals", "max_share", "unknown_devices")

_MAX_LISTED = 5
_MAX_HOSTS = 1000
_SHOWN = 40


class CannotBegin(Exception):
    """The play cannot be run. The text says why, and what to do."""


@dataclass(frozen=True)
class Unreadable:
    """The value of a variable that Ansible cannot evaluate. ``reason``: why."""

    reason: str


@dataclass(frozen=True)
class Host:
    """A host of the play, as far as the removal is concerned.

    ``done``: it belongs to an earlier batch of this play. ``alive``: it has not failed. ``marked``: it has recorded that it takes
    part. ``shared``: its values of the shared options; ``noted``: those that it recorded at the beginning of the role.
    """

    name: str
    imei: object = None
    alive: bool = True
    in_batch: bool = True
    done: bool = False
    marked: bool = True
    shared: t.Mapping[str, object] | None = None
    noted: t.Mapping[str, object] | None = None

    @property
    def in_run(self) -> bool:
        return self.in_batch and self.marked

    @property
    def must_have_imei(self) -> bool:
        """Return whether the removal includes this host now, or in a later batch."""
        return self.in_run or (self.alive and not self.in_batch and not self.done)

    @property
    def counts_for_limits(self) -> bool:
        return self.marked if self.in_batch or self.done else True


@dataclass(frozen=True)
class Devices:
    """The devices of a run. ``by_host``: IMEIs of the hosts of this batch; ``in_play``: all IMEIs of the play, for the limits."""

    form: str
    by_host: t.Mapping[str, str]
    in_play: tuple[str, ...] = ()

    @property
    def imeis(self) -> list[str]:
        return list(dict.fromkeys(self.by_host.values()))


def form_of(options: t.Mapping[str, object]) -> str:
    """Return the form in which devices are given: a list, a file, or hosts if there is neither."""
    return next((form for form in (LIST, FILE) if form in options), HOSTS)


def check_forms(
    options: t.Mapping[str, object], hosts: t.Sequence[Host], prefix: str = "", pattern: object = None
) -> None:
    """Raise ``CannotBegin`` unless the devices are given once, and not by an empty variable.

    ``pattern``: the hosts that a playbook of the collection is limited to, if any.
    """
    empty = [form for form in (LIST, FILE) if form in options and (is_blank(options[form]) or options[form] == [])]
    if empty:
        raise CannotBegin(f"{prefix}{empty[0]} is empty: give it a value, or leave it out; nothing was sent.")
    sources = [f"{prefix}{form}" for form in (LIST, FILE) if form in options]
    with_imei = [host.name for host in hosts if host.in_batch and host.imei not in (None, "")] if sources else []
    if with_imei:
        sources.append(f"the host variable imei of {shortened(with_imei, _MAX_LISTED)}")
    if sources and pattern:
        sources.append(f"{prefix}hosts")
    if len(sources) > 1:
        raise CannotBegin(
            f"The devices are given more than once, by {' and by '.join(sources)}; nothing was sent. Give them in one form."
        )
    if not isinstance(options.get(FILE, ""), str):
        raise CannotBegin(f"{prefix}{FILE} is not a path: give the path of one file, as text; nothing was sent.")


def check_agreement(hosts: t.Sequence[Host], prefix: str = "") -> None:
    """Raise ``CannotBegin`` if hosts have different values of a shared option, or one that cannot be read."""
    differences = []
    relevant = [host for host in hosts if host.in_run or (host.alive and not host.in_batch and not host.done)]
    for host in relevant:
        for name, value in (host.shared or {}).items():
            if isinstance(value, Unreadable):
                raise CannotBegin(f"{prefix}{name} of {host.name} cannot be read: {value.reason}; nothing was sent.")
    for name in SHARED:
        for source in ("noted", "shared"):
            values = [(host.name, getattr(host, source)) for host in relevant if getattr(host, source) is not None]
            if _differ([found.get(name, "") for _host, found in values]):
                differences.append(
                    _difference(f"{prefix}{name}", [(host, found.get(name, "")) for host, found in values])
                )
                break
    if differences:
        raise CannotBegin(
            f"The hosts of the play differ: {'; '.join(differences)}; nothing was sent. One play has one account, and one value of"
            " each of these variables for all hosts. Make it a play for each."
        )


def _differ(values: t.Sequence[object]) -> bool:
    # Mostly the same object for all hosts: a long list is not turned into text a thousand times.
    return any(value is not values[0] and str(value) != str(values[0]) for value in values[1:])


def _difference(name: str, values: t.Sequence[tuple[str, object]]) -> str:
    first_with: dict[str, str] = {}
    for host, value in values:
        first_with.setdefault(str(value), host)
    listed = [f"'{value[:_SHOWN]}' for {host}" for value, host in list(first_with.items())[:_MAX_LISTED]]
    return f"{name} is {', and '.join(listed)}"


def devices_of(options: t.Mapping[str, object], hosts: t.Sequence[Host], prefix: str = "") -> Devices:
    """Return the devices of this batch and of the whole play. Raise ``CannotBegin`` if a host has no valid IMEI."""
    form = form_of(options)
    if form != HOSTS:
        return Devices(form, {})
    imeis: dict[str, str] = {}
    bad: dict[str, str] = {}
    for host in hosts:
        imei, error = read_imei(host.imei)
        if imei is not None:
            imeis[host.name] = imei
        elif host.must_have_imei:
            bad[host.name] = error
    if bad:
        raise CannotBegin(_bad_hosts(bad, hosts, prefix))
    return Devices(
        form,
        {host.name: imeis[host.name] for host in hosts if host.in_run},
        tuple(dict.fromkeys(imeis[host.name] for host in hosts if host.counts_for_limits and host.name in imeis)),
    )


def read_imei(value: object) -> tuple[str | None, str]:
    """Return the IMEI in a host variable, or ``None`` and what is wrong with it."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return None, "imei is missing"
    if isinstance(value, Unreadable):
        return None, f"imei cannot be read: {value.reason}"
    try:
        (imei,) = imei_validation.from_list([value])
    except imei_validation.InvalidIMEIs as error:
        return None, str(error).splitlines()[-1].partition(": ")[2]
    return imei, ""


def _bad_hosts(bad: t.Mapping[str, str], hosts: t.Sequence[Host], prefix: str) -> str:
    relevant = [host for host in hosts if host.must_have_imei]
    if len(bad) == len(relevant) and set(bad.values()) == {"imei is missing"}:
        lines = [
            f"No device is given; nothing was sent. Give {prefix}imeis, {prefix}imeis_file, or an inventory whose hosts have the"
            " variable imei."
        ]
        if len(bad) == 1:
            return lines[0]
    else:
        lines = [
            f"{len(bad):,} of {len(relevant):,} hosts have no IMEI in the variable imei; nothing was sent. It is text of 15 digits, in"
            " quotes, because YAML drops the leading zeros of numbers:"
        ]
    lines += [f"{host}: {error}" for host, error in list(bad.items())[:_MAX_HOSTS]]
    if len(bad) > _MAX_HOSTS:
        lines.append(f"and {len(bad) - _MAX_HOSTS:,} more")
    return "\n".join(lines)


def needs_forecast(options: t.Mapping[str, object], devices: Devices) -> bool:
    """Return whether limits have to be checked for more devices than those of this batch."""
    limited = any(options.get(limit) is not None for limit in ("max_removals", "max_share"))
    return limited and bool(set(devices.in_play) - set(devices.by_host.values()))
