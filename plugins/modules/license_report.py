#!/usr/bin/python
# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: license_report
short_description: Write a report of removed FOTA licenses for people and for programs
version_added: 1.0.0
author:
  - The verizon.fota contributors (@verizon-fota)
description:
  - Writes three files from the journal of one or more runs of M(verizon.fota.license_remove). C(report.html) is for people,
    C(report.csv) for spreadsheets, C(report.json) for programs.
  - Sends nothing over the network and needs no tokens. It reads the journal and writes the files on the host where the task runs.
  - C(report.html) is a single file that needs no network. It can be sent by mail, opened on a phone, and printed. It contains the
    number of devices for each outcome, the reasons with advice and their IMEIs to copy, and a list to search, sort and filter. The
    list contains up to 100,000 devices, devices with a problem first. The other two files contain all devices.
  - Devices that failed because the account does not have them cost nothing. C(report.html) counts them apart from those that may
    cost money.
  - If a run has several lines for the same device, the last one applies. A later run does not undo an earlier one. A device whose
    license an earlier run removed stays V(removed).
notes:
  - C(report.csv) has a header and one row for each device, separated by commas, in UTF-8 with a byte order mark, without which
    Excel misreads names. Text that a spreadsheet would interpret as a formula is prefixed with an apostrophe.
  - Its column C(imei) contains only the digits, so that O(verizon.fota.license_remove#module:imeis_file) accepts the file, or the
    part of it that failed. A spreadsheet may interpret them as numbers and drop leading zeros. The column C(imei_text) contains
    the same IMEI in the form C(01-234567-890123-4), which a spreadsheet does not change.
  - Its columns are C(imei), C(imei_text), C(name), C(outcome), C(reason), C(status), C(kind), C(account), C(run_id), C(time),
    C(updated_time), C(recent_attempt_time) and C(next_attempt_time).
  - The members of C(report.json) are C(schema_version) (V(1)), C(generated_at) (UTC), C(kind) (V(result) or V(forecast)),
    C(title), C(account) (V(null) if there is not exactly one), C(accounts), C(runs) (each with C(run_id), C(first_time),
    C(last_time)), C(summary) (the same counts as in the result), C(licenses) (C(before) and C(after), each V(null) or with C(license_total) and
    C(license_used)), C(message), C(devices), C(failures_by_reason) and C(remarks_by_reason).
  - Each of the C(devices) has C(imei), C(outcome), C(account), C(time) and, where known, C(name), C(run_id), C(status),
    C(reason), C(updated_time), C(recent_attempt_time) and C(next_attempt_time). There is one device per line, in the order of
    the journal.
  - For grouping, dates and numbers in the reasons are ignored. Each entry of C(failures_by_reason), and of C(remarks_by_reason)
    for devices that did not fail, has C(outcome), C(pattern), C(count), C(unknown_device) (V(true) if the account does not have the
    devices), C(advice) (V(null) if the guides have none) and C(example) (with C(imei) and C(reason)).
  - The collection contains a JSON Schema of C(report.json), C(docs/report.schema.json). Members may be added. C(schema_version)
    changes if a member is changed or removed.
extends_documentation_fragment:
  - verizon.fota.attributes
attributes:
  action:
    support: none
  async:
    support: full
  check_mode:
    support: full
    details:
      - In check mode the journal is read, and no file is written. To get a report of what M(verizon.fota.license_remove)
        forecast in check mode, set C(check_mode=false) on the task.
  diff_mode:
    support: none
  idempotent:
    support: none
    details:
      - The report contains the time at which it was written, so it is rewritten each time.
  platform:
    platforms: posix
    support: full
options:
  directory:
    description:
      - The directory to write to. It is created if it does not exist. A relative path is relative to the directory of the playbook,
        also for O(journal). If a file in it is a symbolic link, the target of the link is written.
      - Existing reports are replaced. Each file is replaced atomically, so that no reader gets an incomplete file. It keeps the mode
        of the previous file. A new file has the mode that the umask allows.
    type: path
    required: true
  journal:
    description:
      - The journal that M(verizon.fota.license_remove) wrote.
      - It must exist, unless O(run_message) explains why there is none.
    type: path
    required: true
  run_ids:
    description:
      - The IDs of the runs to report on, RV(verizon.fota.license_remove#module:run_id). If empty, all runs in the journal are reported.
      - A run that failed before it wrote to the journal is reported as such.
    type: list
    elements: str
    default: []
  account:
    description:
      - The name of the account, with its leading zeros. Write it in quotes; a number is rejected. Lines of other accounts are
        omitted.
      - Defaults to the accounts in the journal.
    type: raw
  forecast:
    description:
      - Whether to report what runs in check mode would do, instead of what runs have done. The report is marked as a forecast throughout.
      - Lines of the other kind are omitted. A run of the other kind in O(run_ids) is an error.
      - The variable C(ansible_check_mode) reflects only C(--check). If a play, block or task sets C(check_mode=true) for
        M(verizon.fota.license_remove), set this option to V(true).
    type: bool
    default: false
  run_message:
    description:
      - The message of the run, RV(verizon.fota.license_remove#module:msg).
      - C(report.json) contains all of it. C(report.html) omits counts and devices that it shows anyway.
    type: str
  licenses_before:
    description:
      - The licenses of the account before the run.
    type: dict
    suboptions:
      license_total:
        description: How many licenses the account has.
        type: int
      license_used:
        description: How many licenses are assigned to devices.
        type: int
      name:
        description: Not used. Accepted so that RV(verizon.fota.license_remove#module:account) can be passed unchanged.
        type: str
  licenses_after:
    description:
      - The licenses of the account after the run. In a forecast, C(report.html) shows the licenses that would be in use instead.
    type: dict
    suboptions:
      license_total:
        description: How many licenses the account has.
        type: int
      license_used:
        description: How many licenses are assigned to devices.
        type: int
      name:
        description: Not used. Accepted so that RV(verizon.fota.license_remove#module:account) can be passed unchanged.
        type: str
  names:
    description:
      - Names of devices, such as those of hosts in the inventory, by IMEI. Write IMEIs in quotes.
      - Other devices have the name from O(verizon.fota.license_remove#module:imeis_file), if the journal contains
        one.
    type: dict
    default: {}
  title:
    description:
      - The title at the top of C(report.html), after C(Result) or C(Forecast).
      - Defaults to C(Removal of FOTA licenses), or to C(Assignment of FOTA licenses) with O(action=assign).
    type: str
  action:
    description:
      - What the runs did with licenses. With V(remove), runs of M(verizon.fota.license_remove) are reported, with V(assign) those
        of M(verizon.fota.license_assign). Lines of the others are omitted, and are an error if O(run_ids) contains their run.
    type: str
    choices:
      - remove
      - assign
    default: remove
    version_added: 1.1.0
seealso:
  - module: verizon.fota.license_remove
  - name: Role verizon.fota.decommission
    description: Removes the licenses of a list, a file or an inventory of devices, from the login to the report.
    link: https://github.com/verizon-fota/ansible-collection-verizon-fota/tree/main/roles/decommission
"""

EXAMPLES = r"""
- name: Remove licenses, and report on it whatever happens
  block:
    - name: Decommissioned meters hold no FOTA license
      verizon.fota.license_remove:
        account: "0642233522-00001"
        imeis_file: retired-meters.csv
        journal: retired.jsonl
        return_devices: none
        access_token: "{{ tokens_access_token }}"
        session_token: "{{ tokens_session_token }}"
      register: removal
  always:
    - name: Write the report
      verizon.fota.license_report:
        directory: report
        journal: retired.jsonl
        run_ids:
          - "{{ removal.run_id }}"
        account: "0642233522-00001"
        run_message: "{{ removal.msg }}"
        licenses_after: "{{ removal.account }}"
        forecast: "{{ ansible_check_mode }}"
      check_mode: false
"""

RETURN = r"""
changed:
  description: Whether the report was written, or would be in check mode. Always V(true) on success.
  returned: always
  type: bool
  sample: true
msg:
  description: What was written, or why nothing was written.
  returned: always
  type: str
  sample: "The result of 3 devices was written to /srv/reports/fota: report.html, report.csv, report.json."
html:
  description: The path of C(report.html).
  returned: always
  type: str
  sample: /srv/reports/fota/report.html
csv:
  description: The path of C(report.csv).
  returned: always
  type: str
  sample: /srv/reports/fota/report.csv
json:
  description: The path of C(report.json).
  returned: always
  type: str
  sample: /srv/reports/fota/report.json
summary:
  description: The number of devices for each outcome, as in RV(verizon.fota.license_remove#module:summary).
  returned: success
  type: dict
  sample:
    requested: 3
    removed: 2
    unlicensed: 1
    failed: 0
    unknown: 0
    skipped: 0
"""

import os
import re
import time
import typing as t

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.verizon.fota.plugins.module_utils._input.account import account_errors
from ansible_collections.verizon.fota.plugins.module_utils._licenses.outcomes import BY_ACTION, REMOVAL
from ansible_collections.verizon.fota.plugins.module_utils._report.contents import Groups, Head, Totals
from ansible_collections.verizon.fota.plugins.module_utils._report.csv_json import CsvReport, JsonReport
from ansible_collections.verizon.fota.plugins.module_utils._report.html import IMEIS_SHOWN, HtmlReport
from ansible_collections.verizon.fota.plugins.module_utils._report.journal_reader import (
    BadJournal,
    EmptyJournal,
    JournalReader,
    LineFilter,
)
from ansible_collections.verizon.fota.plugins.module_utils._support.atomic_files import CannotWrite, atomic_write
from ansible_collections.verizon.fota.plugins.module_utils._support.concurrency import bug_report

FILES = ("report.html", "report.csv", "report.json")
MAX_LISTED = 20

Source = t.Union[JournalReader, EmptyJournal]


def main() -> None:
    totals = {
        "type": "dict",
        "options": {"license_total": {"type": "int"}, "license_used": {"type": "int"}, "name": {"type": "str"}},
    }
    module = AnsibleModule(
        argument_spec={
            "directory": {"type": "path", "required": True},
            "journal": {"type": "path", "required": True},
            "run_ids": {"type": "list", "elements": "str", "default": []},
            "account": {"type": "raw"},
            "forecast": {"type": "bool", "default": False},
            "run_message": {"type": "str"},
            "licenses_before": totals,
            "licenses_after": totals,
            "names": {"type": "dict", "default": {}},
            "title": {"type": "str"},
            "action": {"type": "str", "choices": list(BY_ACTION), "default": REMOVAL.action},
        },
        supports_check_mode=True,
    )
    params = module.params
    for name in ("directory", "journal"):
        if params[name].strip():
            params[name] = os.path.abspath(params[name])
    paths = dict(zip(("html", "csv", "json"), (os.path.join(params["directory"], name) for name in FILES)))
    errors = [*option_errors(params), *name_errors(params["names"])]
    if errors:
        module.fail_json(msg="\n".join(errors), changed=False, **paths)
    try:
        with source(params) as lines:
            if not module.check_mode:
                write(params, lines)
            elif os.path.exists(params["directory"]) and not os.path.isdir(params["directory"]):
                raise CannotWrite(f"{params['directory']} cannot be written: it is not a directory")
    except (BadJournal, CannotWrite) as error:
        module.fail_json(msg=str(error), changed=False, **paths)
    except Exception as error:
        # A traceback would not reach a play that shows the message later.
        module.fail_json(msg=bug_report(error), changed=False, **paths)
    count = lines.summary["requested"]
    msg = (
        f"The {'forecast' if params['forecast'] else 'result'} of {count:,} device{'' if count == 1 else 's'}"
        f" {'would be' if module.check_mode else 'was'} written to {params['directory']}: {', '.join(FILES)}."
    )
    module.exit_json(changed=True, msg=msg, summary=lines.summary, **paths)


def source(params: t.Mapping[str, t.Any]) -> Source:
    """Open the journal. For a run that failed before it wrote one, return an empty one."""
    run_ids = list(dict.fromkeys(params["run_ids"]))
    # A run that failed before its first line has a message, and perhaps a journal of other runs.
    line_filter = LineFilter(
        run_ids,
        params["account"],
        params["forecast"],
        expected=not params["run_message"],
        every_run=not params["run_message"],
        target=BY_ACTION[params["action"]],
    )
    if params["run_message"] and not os.path.lexists(params["journal"]):
        return EmptyJournal(line_filter)
    return JournalReader(params["journal"], line_filter)


def write(params: t.Mapping[str, t.Any], lines: Source) -> None:
    """Write the three files. Raises ``BadJournal`` and ``CannotWrite``."""
    names = {imei: str(name) for imei, name in params["names"].items()}
    target = BY_ACTION[params["action"]]
    head = Head(
        generated_at=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        forecast=params["forecast"],
        accounts=[params["account"]] if params["account"] else lines.accounts,
        runs=lines.runs,
        summary=lines.summary,
        before=totals_of(params["licenses_before"]),
        after=totals_of(params["licenses_after"]),
        message=params["run_message"] or None,
        title=params["title"] if params["title"] is not None else target.texts.title,
        target=target,
    )
    groups = Groups(IMEIS_SHOWN, target)
    page = HtmlReport(head, beside=FILES[1:])
    with atomic_write(params["directory"], FILES) as (html_file, csv_file, json_file):
        table = CsvReport(csv_file, head)
        data = JsonReport(json_file, head)
        for device in lines.devices():
            name = names.get(device["imei"]) or device.get("name", "")
            table.add(device, name)
            data.add(device, name)
            page.add(device, name, groups.add(device))
        data.end(groups)
        page.write(html_file, groups)


def totals_of(option: t.Mapping[str, t.Any] | None) -> Totals:
    """Return the totals in an option, ``None`` where it has none."""
    option = option or {}
    return Totals(option.get("license_total"), option.get("license_used"))


def option_errors(params: t.Mapping[str, t.Any]) -> list[str]:
    """Return an error for each invalid option."""
    found = [
        f"{name} is empty"
        for name in ("directory", "journal", "title")
        if params[name] is not None and not params[name].strip()
    ]
    if params["account"] is not None:
        found += account_errors(params["account"])
    if not all(run_id.strip() for run_id in params["run_ids"]):
        found.append("run_ids contains an empty entry: leave it out to report on all runs")
    return found


def name_errors(names: t.Mapping[t.Any, object]) -> list[str]:
    """Return an error for each invalid entry of ``names``, up to the maximum."""
    found = []
    for imei, name in names.items():
        if not re.match(r"[0-9]{15}\Z", str(imei)):
            found.append(f"names: {str(imei)[:40]!r} is not an IMEI of 15 digits; write it in quotes")
        elif not isinstance(name, (str, int, float)) or isinstance(name, bool):
            found.append(f"names: the name of {imei} is not text")
    more = len(found) - MAX_LISTED
    return found[:MAX_LISTED] + ([f"names: and {more} more"] if more > 0 else [])


if __name__ == "__main__":
    main()
