# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this document fragment is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

from __future__ import annotations


class ModuleDocFragment:
    # What license_remove and license_assign have in common: waiting, what is returned, the journal
    DOCUMENTATION = r"""
options:
  wait_timeout:
    description:
      - How long to wait with O(wait=true), in seconds, from 0 to 86400. The devices are read at least once.
    type: int
    default: 300
  return_devices:
    description:
      - Which devices to return as RV(devices).
      - With V(all), all devices are returned. Ansible needs about a minute and 2 GB for a million devices.
      - With V(problems), the devices whose outcome is V(failed), V(unknown) or V(skipped) are returned.
      - With V(none), no devices are returned.
      - RV(summary) and RV(msg) always cover all devices.
    type: str
    choices:
      - all
      - problems
      - none
    default: all
  read_account:
    description:
      - Whether to also read how many licenses are in use before the run, for RV(account_before), and to warn if the account is
        billed by event. If this cannot be read, the task does not fail.
      - Takes one or two requests.
    type: bool
    default: false
    version_added: 1.1.0
  journal:
    description:
      - The path of a file, on the host where the task runs, to which one JSON line is appended for each device. A relative path
        is relative to the directory of the playbook. The lines of a batch are written to disk before the run continues, so that a
        run that is killed leaves a record.
      - A line contains the keys of RV(devices[]), including the name, and C(time) (UTC), C(account), C(check_mode) and RV(run_id).
      - Several runs may write to the same file, also at the same time. The next run removes an incomplete line of a killed run.
      - With O(wait=true), a device whose outcome changes while waiting has two lines. The last line applies.
      - The journal is also written in check mode, with C(check_mode) set to V(true).
      - The devices are in the order in which their batches ended.
      - A new file has the mode that the umask allows. It contains IMEIs, but no secrets.
      - If the journal cannot be written, the run stops before the first request that changes a license, or before the next one.
        If its disk becomes full, the requests in progress are still written, in space that was reserved for them where the system
        can do that.
    type: path
notes:
  - A run that takes more than five seconds shows its progress, every five seconds in the first minute, every fifteen seconds
    until the tenth minute, and every thirty seconds after that. Progress is shown if C(ansible-playbook) runs the task on the
    control node (C(connection=local), or delegated to C(localhost)) and prints text for people, with the callback
    P(ansible.builtin.default#callback) or a similar one.
  - No progress is shown with C(async) or C(no_log), with a callback whose output is stored (as in AWX) or may be read by programs,
    or if E(ANSIBLE_DISPLAY_OK_HOSTS) is V(false). The result is always the same.
"""
