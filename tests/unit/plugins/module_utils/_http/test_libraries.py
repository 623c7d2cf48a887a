# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The import without the library requests."""

from __future__ import annotations

import importlib.util
import sys

from ansible_collections.verizon.fota.plugins.module_utils._http import libraries


def test_a_missing_library_is_noted_and_breaks_no_import(monkeypatch):
    spec = importlib.util.spec_from_file_location("libraries_without_requests", libraries.__file__)
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, module)
    monkeypatch.setitem(sys.modules, "requests", None)

    spec.loader.exec_module(module)

    assert "requests" in module.REQUESTS_IMPORT_ERROR
    assert libraries.REQUESTS_IMPORT_ERROR is None
