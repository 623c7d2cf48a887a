# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every schedule of up to three faults, for one and two devices in every state: is every outcome true?

The default is a part of it that takes seconds; FOTA_SCHEDULES=all is what ``nox -e torture`` runs.
"""

from __future__ import annotations

import itertools
import json
import os
import typing as t
from collections import Counter

import pytest

from ansible_collections.verizon.fota.plugins.module_utils._http.concurrency_limiter import ConcurrencyLimiter
from ansible_collections.verizon.fota.plugins.module_utils._http.retries import RetryingClient, RetryPolicy
from ansible_collections.verizon.fota.plugins.module_utils._licenses.guards import AssignmentGuards, RemovalGuards
from ansible_collections.verizon.fota.plugins.module_utils._licenses.outcomes import ASSIGNMENT, REMOVAL, Target
from ansible_collections.verizon.fota.plugins.module_utils._licenses.run import execute
from ansible_collections.verizon.fota.plugins.module_utils._licenses.run_request import Rules, RunRequest
from ansible_collections.verizon.fota.plugins.module_utils._licenses.run_state import RunState
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.client import ThingSpace
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.tokens import Credentials, TokenPair, Tokens
from ansible_collections.verizon.fota.tests.unit.plugins.module_utils import memory_service
from ansible_collections.verizon.fota.tests.unit.plugins.module_utils.fake_account import imeis
from ansible_collections.verizon.fota.tests.unit.plugins.module_utils.memory_service import (
    ACCOUNT,
    DISTINCT_FAULTS,
    FAULTS,
    LICENSED,
    LOCKED,
    OTHER_LICENSED,
    OTHER_UNLICENSED,
    OTHERS,
    UNKNOWN,
    UNLICENSED,
    URL,
    Fault,
    MemoryService,
)

pytestmark = [pytest.mark.slow, pytest.mark.no_cover]

ALL = os.environ.get("FOTA_SCHEDULES") == "all"
CREDENTIALS = {True: Credentials("key", "secret", "user", "password"), False: Credentials()}
STATES = (LICENSED, UNLICENSED, UNKNOWN, LOCKED, OTHER_LICENSED, OTHER_UNLICENSED)
ENDPOINTS = ((True, True), (True, False), (False, True), (False, False))
Schedule = t.Tuple[t.Optional[Fault], ...]


class Setting(t.NamedTuple):
    """One account, and how a run is configured."""

    states: tuple[str, ...]
    can_read: bool = True
    can_list: bool = True
    credentials: bool = True
    retries: int = 1
    ignore_unknown: bool = False
    target: Target = REMOVAL
    total: int = 9


def run(setting: Setting, schedule: Schedule) -> tuple[MemoryService, RunState, str | None]:
    devices = dict(zip(imeis(len(setting.states)), setting.states))
    service = MemoryService(devices, schedule, setting.can_read, setting.can_list, setting.total)
    retry_policy = RetryPolicy(
        retries=setting.retries, sleep=lambda seconds: False, clock=lambda: 0.0, jitter=lambda: 0.0
    )
    http = RetryingClient(t.cast(t.Any, service), retry_policy, ConcurrencyLimiter(1))
    tokens = Tokens(http, URL, CREDENTIALS[setting.credentials], TokenPair("access", "session"))
    record = RunState(setting.target, list)
    rules = Rules(setting.retries, not setting.ignore_unknown)
    guards = AssignmentGuards() if setting.target.licensed else RemovalGuards()
    request = RunRequest(list(devices), setting.target, guards=guards, rules=rules)
    stop = execute(ThingSpace(http, URL, ACCOUNT, tokens), request, record)
    return service, record, stop


def schedules(
    setting: Setting, most: int, faults_of: t.Mapping[str, tuple[Fault, ...]]
) -> t.Iterator[tuple[Schedule, MemoryService, RunState, str | None]]:
    """Run every schedule of at most so many faults once: each prefix, and then each fault at each later request."""
    todo: list[tuple[Schedule, int]] = [((), 0)]
    while todo:
        schedule, faults = todo.pop()
        service, record, stop = run(setting, schedule)
        yield schedule, service, record, stop
        if faults < most and not any(fault and fault.for_ever for fault in schedule):
            for number in range(len(schedule), len(service.requests)):
                as_normal = (None,) * (number - len(schedule))
                for fault in faults_of[service.requests[number]]:
                    todo.append(((*schedule, *as_normal, fault), faults + 1))


def violations(
    setting: Setting, service: MemoryService, record: RunState, stop: str | None
) -> t.Iterator[tuple[str, str]]:
    """Return the invariants that the outcomes break, each with the device."""
    target = setting.target
    for imei, state in service.devices.items():
        device = record.kept.get(imei)
        if device is None:
            yield "no outcome", imei
            continue
        outcome = device.outcome
        declared_before = (state in memory_service.HOLDERS) == target.licensed
        declared_after = (imei in service.holders) == target.licensed
        if outcome == target.changed and not declared_after:
            yield "changed, and not as declared", imei
        if outcome == target.changed and declared_before and not device.uncertain:
            yield "changed, and was as declared before", imei
        if outcome == target.changed and device.uncertain and imei in service.read_before:
            yield "not known whether it was as declared before, and was read before", imei
        if outcome == target.already and not declared_before and not undecidable(setting, service, imei):
            yield "already as declared, and was not", imei
        reported = outcome in (target.changed, "unknown")
        if imei in service.changed and not reported and not undecidable(setting, service, imei):
            yield "changed, and reported as unchanged", imei
        if outcome == "failed" and state in (UNLICENSED, LICENSED) and declared_before and imei in service.read_before:
            yield "failed, and was read as declared before", imei
        if outcome == "skipped" and imei in service.reached:
            yield "skipped, and was sent", imei
        if outcome == "unknown" and (imei in service.read_after or imei not in service.reached):
            yield "unknown, and was read, or never sent", imei
        may_be_unlicensed = setting.ignore_unknown or not setting.can_read or service.read_forbidden
        if outcome == target.already and state == UNKNOWN and (target.licensed or not may_be_unlicensed):
            yield "already as declared, and unknown to the account", imei
    if stop is None and record.counts["skipped"]:
        yield "skipped, and nothing ended the run", ""


def undecidable(setting: Setting, service: MemoryService, imei: str) -> bool:
    """Whether the truth does not show: see the guide "How it works".

    A 4xx is believed where nothing can be read at all. A device of another protocol that was not read before the removal
    looks like one that the account does not have.
    """
    if imei in service.plausible:
        return True
    return not setting.target.licensed and service.devices[imei] in OTHERS and imei not in service.read_before


def assignments() -> t.Iterator[tuple[Setting, int]]:
    """Accounts and configurations for an assignment, with and without enough free licenses."""
    base = Setting((), credentials=False, target=ASSIGNMENT)
    accounts = [(state,) for state in STATES]
    pairs = list(itertools.product((LICENSED, UNLICENSED, UNKNOWN), repeat=2))
    for (can_read, can_list), retries, total in itertools.product(ENDPOINTS, (0, 1), (9, 1)):
        setting = base._replace(can_read=can_read, can_list=can_list, retries=retries, total=total)
        for states in accounts + pairs:
            yield setting._replace(states=states), 2 if ALL else 2 - len(states)
    for state in STATES:
        yield base._replace(states=(state,)), 3 if ALL else 2
    yield base._replace(states=(UNLICENSED, UNLICENSED)), 3 if ALL else 2


def removals() -> t.Iterator[tuple[Setting, int]]:
    """Accounts and configurations for a removal, each with the most faults that its schedules have.

    Schedules of three faults are made of distinct ones, shorter ones of all.
    """
    accounts = [(state,) for state in STATES]
    pairs = list(itertools.product((LICENSED, UNLICENSED, UNKNOWN, LOCKED), repeat=2))
    for (can_read, can_list), credentials, retries, ignore in itertools.product(
        ENDPOINTS, (True, False), (0, 1), (False, True)
    ):
        for states in accounts + pairs:
            if ignore and not set(states) & {UNKNOWN, *OTHERS}:
                continue
            setting = Setting(states, can_read, can_list, credentials, retries, ignore)
            if ALL:
                yield setting, 2
                yield from [(setting, 3)] if len(states) == 1 else []
            else:
                yield setting, 2 - len(states)
    for (can_read, can_list), retries in itertools.product(ENDPOINTS, (0, 1)):
        yield Setting((LICENSED, LICENSED), can_read, can_list, False, retries), 3 if ALL else 1
    if not ALL:
        for state in STATES:
            yield Setting((state,), credentials=False), 2
        yield Setting((LICENSED, LICENSED), credentials=False), 2
        yield Setting((UNKNOWN,), ignore_unknown=True), 2


@pytest.mark.parametrize("settings", [removals, assignments], ids=["remove", "assign"])
def test_every_outcome_is_true_in_every_schedule(
    settings: t.Callable[[], t.Iterator[tuple[Setting, int]]], capsys: pytest.CaptureFixture[str]
) -> None:
    figures: Counter[str] = Counter({"schedules": 0, "faults": 0, "devices judged": 0, "violations": 0})
    examples: dict[str, t.Any] = {}
    for setting, most in settings():
        for schedule, service, record, stop in schedules(setting, most, DISTINCT_FAULTS if most > 2 else FAULTS):
            figures.update({"schedules": 1, "devices judged": len(service.devices)})
            figures["faults"] += sum(fault is not None for fault in schedule)
            for invariant, imei in violations(setting, service, record, stop):
                figures["violations"] += 1
                figures[invariant] += 1
                outcome = record.kept[imei].outcome if imei else ""
                examples.setdefault(invariant, (setting, schedule, service.requests, imei, outcome))
    with capsys.disabled():
        print(f"\n{json.dumps(figures)}")
    assert not examples, "\n".join(f"{name}: {example}" for name, example in examples.items())
