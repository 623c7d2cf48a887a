# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import gc

import pytest

from ansible_collections.verizon.fota.plugins.module_utils._support.garbage_collection import less_garbage_collection


@pytest.fixture(autouse=True)
def unfrozen():
    yield
    gc.unfreeze()


def test_the_entries_of_a_response_cause_no_garbage_collection():
    gc.collect()
    with less_garbage_collection():
        searches = [generation["collections"] for generation in gc.get_stats()]
        entries = [{"deviceId": str(number)} for number in range(20_000)]
        assert [generation["collections"] for generation in gc.get_stats()] == searches
    assert len(entries) == 20_000


def test_what_exists_before_is_not_searched():
    """Not even at the end of the process, where that would take longer than reading a batch."""
    with less_garbage_collection():
        assert id(globals()) not in {id(one) for one in gc.get_objects()}


def test_the_usual_garbage_collection_is_restored_after_an_error():
    before = gc.get_threshold()

    with pytest.raises(ZeroDivisionError), less_garbage_collection():
        assert gc.get_threshold() != before
        raise ZeroDivisionError

    assert gc.get_threshold() == before
