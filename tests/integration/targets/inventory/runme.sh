#!/usr/bin/env bash
# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

set -eu
# Where the simulator is; the target itself runs in a copy of its folder.
collections="${ANSIBLE_COLLECTIONS_PATH%%:*}"
export PYTHONPATH="$collections:${PYTHONPATH:-}"
exec python run_inventory.py
