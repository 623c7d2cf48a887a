# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import hypothesis

# A busy machine is no failure: without this, an example that takes a fifth of a second is one
hypothesis.settings.register_profile("patient", deadline=None)
hypothesis.settings.load_profile("patient")
