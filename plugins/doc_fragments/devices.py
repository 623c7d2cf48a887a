# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this document fragment is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

from __future__ import annotations


class ModuleDocFragment:
    # The account, a file of devices, and how they are sent
    DOCUMENTATION = r"""
options:
  account:
    description:
      - The name of the account, with its leading zeros. Write it in quotes; a number is refused.
      - If not given, the environment variable E(THINGSPACE_ACCOUNT) is used.
    type: raw
    required: true
  imeis_file:
    description:
      - The path of a file with the IMEIs, on the host where the task runs; a UTF-8 text with one IMEI a line, or CSV with a
        column C(imei) (any case; separated by comma, semicolon, tab or bar). A relative path starts in the directory of the
        playbook.
      - Blank lines, and whatever follows a C(#), are skipped.
      - For fleets. Ansible takes a minute and a half and 3 GB to pass on a list of a million, this takes two seconds.
      - Mutually exclusive with O(imeis).
    type: path
  batch_size:
    description:
      - How many devices to send in one request, from 1 to 1000.
    type: int
    default: 1000
  concurrency:
    description:
      - How many requests may be in flight at the same time, from 1 to 64. Raise it for large fleets over slow links.
    type: int
    default: 4
"""
