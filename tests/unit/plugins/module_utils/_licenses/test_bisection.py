# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.verizon.fota.plugins.module_utils._licenses.bisection import Limit, in_parts
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.errors import Fault, Kind, Refused


def refusing(culprits, known=True, limit=1000, kind=Kind.DIVIDE):
    """A call that refuses lists with one of these devices in it, or longer than that; and the lists it was given."""
    calls = []

    def call(part):
        calls.append(part)
        if len(part) > limit or not culprits.isdisjoint(part):
            raise Refused(Fault(kind, "refused", known))
        return len(part)

    return call, calls


@given(size=st.integers(1, 200), culprits=st.sets(st.integers(0, 199), max_size=5), limit=st.integers(1, 200))
def test_every_device_is_answered_once_in_order_and_the_culprits_stand_alone(size, culprits, limit):
    call, _calls = refusing({str(number) for number in culprits}, limit=limit)
    wanted = [str(number) for number in range(size)]

    found = list(in_parts(call, wanted, Limit()))

    assert [imei for part, _answer in found for imei in part] == wanted
    alone = [part for part, answer in found if isinstance(answer, Refused)]
    assert alone == [[imei] for imei in wanted if int(imei) in culprits]


def test_a_culprit_costs_a_logarithm_of_calls():
    call, calls = refusing({"700"})

    list(in_parts(call, [str(number) for number in range(1000)], Limit()))

    assert len(calls) <= 2 * math.ceil(math.log2(1000)) + 1


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.DIVIDE])
def test_what_halving_cannot_help_is_not_halved(kind):
    call, calls = refusing({"1"}, kind=kind)

    [(part, answer)] = in_parts(call, ["1", "2", "3"], Limit())

    assert (part, answer.fault.kind, len(calls)) == (["1", "2", "3"], kind, 1)


def test_a_refusal_that_nobody_knows_of_one_device_after_the_other_is_one_for_all():
    wanted = [str(number) for number in range(1000)]
    call, calls = refusing(set(wanted), known=False)

    kinds = []
    for _part, answer in in_parts(call, wanted, Limit()):
        kinds.append(answer.fault.kind)
        if kinds[-1] is Kind.FOR_ALL:
            break

    assert kinds == [Kind.DIVIDE] * 4 + [Kind.FOR_ALL]
    assert len(calls) < 20


def test_where_some_devices_are_accepted_a_refusal_is_never_one_for_all():
    wanted = [str(number) for number in range(16)]
    call, _calls = refusing(set(wanted[1:]), known=False)

    assert all(
        answer == 1 if part == ["0"] else answer.fault.kind is Kind.DIVIDE
        for part, answer in in_parts(call, wanted, Limit())
    )


def refused_once(size):
    """A call that refuses the first list of this size, for a reason that nobody knows, and no other; and their lengths."""
    lengths = []

    def call(part):
        lengths.append(len(part))
        if lengths.count(size) == 1 and len(part) == size:
            raise Refused(Fault(Kind.DIVIDE, "HTTP 400: a proxy", known=False))
        return len(part)

    return call, lengths


@pytest.mark.parametrize("size", [2, 1000])
def test_one_stray_refusal_makes_later_calls_no_shorter(size):
    call, lengths = refused_once(size)
    limit = Limit()
    many = [str(number) for number in range(1000)]
    if size == 2:
        list(in_parts(call, many, limit))

    list(in_parts(call, many[:size], limit))
    list(in_parts(call, many, limit))

    assert limit.devices is None and lengths[-1] == 1000


def test_a_size_that_was_refused_twice_and_never_served_is_not_tried_again():
    call, calls = refusing(set(), limit=600)
    limit = Limit()
    many = [str(number) for number in range(1000)]

    for _batch in range(4):
        list(in_parts(call, many, limit))

    assert [len(part) for part in calls] == [1000, 500, 500] * 2 + [500, 500] * 2


def test_a_culprit_is_no_reason_to_send_shorter_lists():
    call, _calls = refusing({"bad"})
    limit = Limit()

    for _batch in range(3):
        list(in_parts(call, ["a", "bad", "b"], limit))

    assert limit.devices is None


def test_two_stray_refusals_of_what_is_served_later_are_no_limit():
    lengths = []

    def call(part):
        lengths.append(len(part))
        if len(lengths) <= 2:
            raise Refused(Fault(Kind.DIVIDE, "HTTP 400: a proxy", known=False))
        return len(part)

    limit = Limit()
    list(in_parts(call, [str(number) for number in range(8)], limit))
    assert (lengths, limit.devices) == ([8, 4, 2, 2, 4], None)
