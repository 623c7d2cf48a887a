# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Outcomes that are added in groups, and one by one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.verizon.fota.plugins.module_utils import _result
from ansible_collections.verizon.fota.plugins.module_utils._licenses.device_outcome import (
    Device,
    Group,
    skipped,
    unknown,
    with_outcome,
)
from ansible_collections.verizon.fota.plugins.module_utils._licenses.outcomes import REMOVAL
from ansible_collections.verizon.fota.plugins.module_utils._licenses.run_state import RunState
from ansible_collections.verizon.fota.tests.unit.plugins.module_utils.fake_account import imeis

OUTCOMES = st.sampled_from(
    [
        Device("", "removed", touched=True),
        Device("", "removed", touched=True, uncertain=True),
        Device("", "unlicensed"),
        with_outcome("", "failed", "why"),
        unknown(""),
        skipped(""),
    ]
)


@st.composite
def added(draw):
    """Return groups of devices, of which some may be large."""
    found, left = [], iter(imeis(100))
    for device in draw(st.lists(OUTCOMES, max_size=5)):
        names = [next(left) for _number in range(draw(st.integers(1, 9)))]
        found.append(Group(device._replace(imei=names[0]), names))
    return found


@given(groups=added(), returned=st.sampled_from(sorted(_result.RETURNED)), written=st.booleans(), follow=st.booleans())
def test_devices_are_added_in_groups_as_each_by_itself(groups, returned, written, follow):
    lines, lines_of_each = [], []
    in_groups, one_by_one = (
        RunState(REMOVAL, _result.devices_to_keep(returned), to.extend if written else None, follow)
        for to in (lines, lines_of_each)
    )

    in_groups.add_groups(groups)
    one_by_one.add([device for group in groups for device in group.devices()])

    assert in_groups.counts == one_by_one.counts
    assert list(in_groups.kept.items()) == list(one_by_one.kept.items())
    assert (in_groups.changed, in_groups.uncertain) == (one_by_one.changed, one_by_one.uncertain)
    assert lines == lines_of_each


def test_devices_of_which_nothing_is_kept_are_only_counted(monkeypatch):
    state = RunState(REMOVAL, _result.devices_to_keep("problems"), follow=False)
    monkeypatch.setattr(Group, "devices", None)

    assert state.add_groups([Group(Device("1", "unlicensed"), ["1", "2"])]) is None
    assert state.counts == {"unlicensed": 2}
