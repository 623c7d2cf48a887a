# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.verizon.fota.plugins.module_utils._licenses.bisection import BatchLimit, call_bisecting
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.errors import (
    ErrorInfo,
    ErrorKind,
    ThingSpaceError,
)


def rejecting(rejected_devices, known=True, limit=1000, kind=ErrorKind.INVALID_DEVICE_LIST):
    """Return a call that rejects lists with one of these devices or longer than that, and the lists that it received."""
    calls = []

    def call(part):
        calls.append(part)
        if len(part) > limit or not rejected_devices.isdisjoint(part):
            raise ThingSpaceError(ErrorInfo(kind, "rejected", known))
        return len(part)

    return call, calls


@given(size=st.integers(1, 200), rejected_devices=st.sets(st.integers(0, 199), max_size=5), limit=st.integers(1, 200))
def test_every_device_has_one_result_in_order_and_rejected_ones_are_isolated(size, rejected_devices, limit):
    call, _calls = rejecting({str(number) for number in rejected_devices}, limit=limit)
    requested = [str(number) for number in range(size)]

    found = list(call_bisecting(call, requested, BatchLimit()))

    assert [imei for part, _respond in found for imei in part] == requested
    rejected = [part for part, response in found if isinstance(response, ThingSpaceError)]
    assert rejected == [[imei] for imei in requested if int(imei) in rejected_devices]


def test_a_rejected_device_costs_a_logarithm_of_calls():
    call, calls = rejecting({"700"})

    list(call_bisecting(call, [str(number) for number in range(1000)], BatchLimit()))

    assert len(calls) <= 2 * math.ceil(math.log2(1000)) + 1


@pytest.mark.parametrize("kind", [kind for kind in ErrorKind if kind is not ErrorKind.INVALID_DEVICE_LIST])
def test_what_halving_cannot_help_is_not_halved(kind):
    call, calls = rejecting({"1"}, kind=kind)

    [(part, response)] = call_bisecting(call, ["1", "2", "3"], BatchLimit())

    assert (part, response.info.kind, len(calls)) == (["1", "2", "3"], kind, 1)


def test_an_unrecognized_rejection_of_each_device_is_one_for_all():
    requested = [str(number) for number in range(1000)]
    call, calls = rejecting(set(requested), known=False)

    kinds = []
    for _part, response in call_bisecting(call, requested, BatchLimit()):
        kinds.append(response.info.kind)
        if kinds[-1] is ErrorKind.REJECTED:
            break

    assert kinds == [ErrorKind.INVALID_DEVICE_LIST] * 4 + [ErrorKind.REJECTED]
    assert len(calls) < 20


def test_if_some_devices_are_accepted_a_rejection_is_never_one_for_all():
    requested = [str(number) for number in range(16)]
    call, _calls = rejecting(set(requested[1:]), known=False)

    assert all(
        response == 1 if part == ["0"] else response.info.kind is ErrorKind.INVALID_DEVICE_LIST
        for part, response in call_bisecting(call, requested, BatchLimit())
    )


def rejected_once(size):
    """Return a call that rejects only the first list of this size, with an unrecognized error, and the lengths of lists."""
    lengths = []

    def call(part):
        lengths.append(len(part))
        if lengths.count(size) == 1 and len(part) == size:
            raise ThingSpaceError(ErrorInfo(ErrorKind.INVALID_DEVICE_LIST, "HTTP 400: a proxy", recognized=False))
        return len(part)

    return call, lengths


@pytest.mark.parametrize("size", [2, 1000])
def test_one_stray_rejection_does_not_shorten_later_lists(size):
    call, lengths = rejected_once(size)
    limit = BatchLimit()
    pluralize = [str(number) for number in range(1000)]
    if size == 2:
        list(call_bisecting(call, pluralize, limit))

    list(call_bisecting(call, pluralize[:size], limit))
    list(call_bisecting(call, pluralize, limit))

    assert limit.devices is None and lengths[-1] == 1000


def test_a_size_that_was_rejected_twice_and_never_accepted_is_not_tried_again():
    call, calls = rejecting(set(), limit=600)
    limit = BatchLimit()
    pluralize = [str(number) for number in range(1000)]

    for _batch in range(4):
        list(call_bisecting(call, pluralize, limit))

    assert [len(part) for part in calls] == [1000, 500, 500] * 2 + [500, 500] * 2


def test_a_rejected_device_does_not_shorten_later_lists():
    call, _calls = rejecting({"bad"})
    limit = BatchLimit()

    for _batch in range(3):
        list(call_bisecting(call, ["a", "bad", "b"], limit))

    assert limit.devices is None


def test_two_stray_rejections_of_a_size_accepted_later_are_no_limit():
    lengths = []

    def call(part):
        lengths.append(len(part))
        if len(lengths) <= 2:
            raise ThingSpaceError(ErrorInfo(ErrorKind.INVALID_DEVICE_LIST, "HTTP 400: a proxy", recognized=False))
        return len(part)

    limit = BatchLimit()
    list(call_bisecting(call, [str(number) for number in range(8)], limit))
    assert (lengths, limit.devices) == ([8, 4, 2, 2, 4], None)
