# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.verizon.fota.plugins.module_utils._support import run_id


def test_an_id_that_is_given_is_that_of_the_run():
    given = run_id.new()
    assert run_id.given_or_new({run_id.VARIABLE: given}) == given


@pytest.mark.parametrize("environment", [{}, {run_id.VARIABLE: ""}, {run_id.VARIABLE: "0123456789abc"}])
def test_without_one_each_run_has_another(environment):
    first, second = run_id.given_or_new(environment), run_id.given_or_new(environment)
    assert first != second and len(first) == len(second) == 12
