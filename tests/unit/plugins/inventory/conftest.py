# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

# The same environment and simulators as for modules.
from ansible_collections.verizon.fota.tests.unit.plugins.modules.conftest import clean_environment, simulate, waits

__all__ = ["clean_environment", "simulate", "waits"]
