# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import gc

import hypothesis
import pytest

# No deadline: on a busy machine, slow examples would fail
hypothesis.settings.register_profile("patient", deadline=None)
hypothesis.settings.load_profile("patient")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "slow: takes long for what it finds; the session quick leaves it out.")
    config.addinivalue_line("markers", "no_cover: of pytest-cov; what it runs does not count as covered.")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # Many examples run the same lines, and twice as long if these are counted
    for item in items:
        if item.get_closest_marker("hypothesis"):
            item.add_marker("no_cover")


def pytest_collection_finish() -> None:
    # Thousands of tests stay as they are; the garbage collector need not look at them again and again
    gc.freeze()
