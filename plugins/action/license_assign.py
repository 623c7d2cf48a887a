# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Shows the progress of license_assign while the module runs."""

from __future__ import annotations

from ansible_collections.verizon.fota.plugins.action.license_remove import ActionModule as LicenseRemoveAction
from ansible_collections.verizon.fota.plugins.module_utils._licenses.outcomes import ASSIGNMENT


class ActionModule(LicenseRemoveAction):
    target = ASSIGNMENT
