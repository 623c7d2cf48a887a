# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import hypothesis

# No deadline: on a busy machine, slow examples would fail
hypothesis.settings.register_profile("patient", deadline=None)
hypothesis.settings.load_profile("patient")
