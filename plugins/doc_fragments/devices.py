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
      - The name of the account, with its leading zeros. Write it in quotes; a number is rejected. A line break at its end is
        removed.
      - If not given, the environment variable E(THINGSPACE_ACCOUNT) is used.
    type: raw
    required: true
  imeis_file:
    description:
      - The path of a file with the IMEIs, on the host where the task runs. A relative path starts in the directory of the
        playbook.
      - The file is text in UTF-8, or in UTF-16 with a byte order mark. It has one IMEI per line, or it is CSV, separated by comma,
        semicolon, tab or bar, or by the character that a first line such as C(sep=;) names. Quoted fields may contain line breaks.
      - Of CSV, O(imeis_column) is read. The spellings of O(imeis) are accepted here, too, and so is C(="990003425730535").
      - Blank lines, and lines that begin with C(#), are skipped. In a file without columns, a comment may follow an IMEI.
      - Nothing is sent if the file could be read in two ways, such as with two columns C(imei), or if one row does not fit. That is
        an invalid IMEI, another number of fields than in the first row (empty ones at the end do no harm), or a quoted
        field that spans lines and contains an IMEI, as after a stray quotation mark. The message names the lines.
      - RV(msg) says how many entries were read, and how many lines were comments.
      - For fleets. Ansible takes a minute and a half and 3 GB to pass on a list of a million, this takes two seconds.
      - Mutually exclusive with O(imeis).
    type: path
  imeis_column:
    description:
      - The name of the column of O(imeis_file) that contains the IMEIs, in any case.
      - Without it, C(imei). If there is no such column, the only one that contains IMEIs, with or without a header. All of its
        fields have to be IMEIs, and no other column may contain one; RV(msg) says which it is.
    type: str
    version_added: 1.1.0
  imeis_name_column:
    description:
      - The name of the column of O(imeis_file) that contains names of the devices, in any case. They come back as
        RV(devices[].name). Of several names for one IMEI, the first one counts. More than 200 characters are cut.
      - Without it, C(name), if there is exactly one such column.
      - Names of a million devices take 100 MB of memory.
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
