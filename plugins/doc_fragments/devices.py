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
      - The name of the account, with its leading zeros. Write it in quotes; a number is rejected. A trailing line break
        is removed.
      - If not set, the environment variable E(THINGSPACE_ACCOUNT) is used.
    type: raw
    required: true
  imeis_file:
    description:
      - The path of a file that contains the IMEIs, on the host where the task runs. A relative path is relative to the directory of
        the playbook.
      - The file is text in UTF-8, or in UTF-16 with a byte order mark. It has one IMEI per line, or it is CSV. The separator is a
        comma, semicolon, tab or vertical bar, or the character that a first line such as C(sep=;) sets. Quoted fields may contain
        line breaks.
      - From CSV, the column O(imeis_column) is read. The same formats as in O(imeis) are accepted, and also C(="990003425730535").
      - Blank lines and lines that begin with C(#) are skipped. In a file without columns, a comment may follow an IMEI.
      - Nothing is sent if the file is ambiguous, for example if it has two columns C(imei), or if a row is invalid. A row is
        invalid if it has an invalid IMEI, if it has a different number of fields than the first row (empty fields at the end are
        ignored), or if a quoted field spans lines and contains an IMEI, as after a stray quotation mark. The message lists the
        lines.
      - RV(msg) reports how many entries were read, and how many lines were comments.
      - Use a file for large fleets. For a million IMEIs, Ansible needs a minute and a half and 3 GB to pass a list to the module.
        Reading a file takes two seconds.
      - Mutually exclusive with O(imeis).
    type: path
  imeis_column:
    description:
      - The name of the column of O(imeis_file) that contains the IMEIs. Case is ignored.
      - Defaults to C(imei). If there is no such column, the only column that contains IMEIs is used, with or without a header. All
        fields of this column must be IMEIs, and no other column may contain one. RV(msg) reports which column was used.
    type: str
    version_added: 1.1.0
  imeis_name_column:
    description:
      - The name of the column of O(imeis_file) that contains names of the devices. Case is ignored. The names are returned as
        RV(devices[].name). If an IMEI has several names, the first one is used. Names are truncated to 200 characters.
      - Defaults to C(name), if there is exactly one such column.
      - The names of a million devices need 100 MB of memory.
    type: str
    version_added: 1.1.0
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
