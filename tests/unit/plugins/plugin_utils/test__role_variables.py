# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which variables count as misspelled options."""

from __future__ import annotations

import pytest
import yaml

from ansible_collections.verizon.fota.plugins.plugin_utils._role_variables import (
    find_unknown,
    find_without_prefix,
    rejection,
    warning,
    warning_without_prefix,
)
from ansible_collections.verizon.fota.tests.unit.agreement.guides import ROOT

SPECS = yaml.safe_load(ROOT.joinpath("roles/decommission/meta/argument_specs.yml").read_text(encoding="utf-8"))
OPTIONS = [*SPECS["argument_specs"]["main"]["options"], "decommission_hosts"]
NOT_OPTIONS = ("decommission_removal",)
CHECK_MODE = "--check or the playbook verizon.fota.audit"
LIMITS = "decommission_max_removals or decommission_max_share"


def found(*names):
    return find_unknown(names, "decommission", OPTIONS, NOT_OPTIONS)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("decommission_max_removal", "decommission_max_removals"),
        ("decommission_max_remvoals", "decommission_max_removals"),
        ("decommission_removals_max", "decommission_max_removals"),
        ("decommission_max-removals", "decommission_max_removals"),
        ("decommission_Max_Removals", "decommission_max_removals"),
        ("decommission_maxremovals", "decommission_max_removals"),
        ("decommission_max_shares", "decommission_max_share"),
        ("decommission_imei", "decommission_imeis"),
        ("decommission_imei_file", "decommission_imeis_file"),
        ("decommission_acount", "decommission_account"),
        ("decommission_unknown_device", "decommission_unknown_devices"),
        ("decommission_reportdir", "decommission_report_dir"),
        ("decommission_wait_time", "decommission_wait_timeout"),
        ("decommission_concurency", "decommission_concurrency"),
        ("decomission_max_removals", "decommission_max_removals"),
        ("decommision_imeis", "decommission_imeis"),
        ("Decommission_max_removals", "decommission_max_removals"),
        ("decommission_host", "decommission_hosts"),
        ("decommision_hosts", "decommission_hosts"),
        ("decomission_host", "decommission_hosts"),
        ("decommission-hosts", "decommission_hosts"),
        ("decommission_group", "decommission_hosts"),
        ("decommission_hosts_pattern", "decommission_hosts"),
        # Shortened, or longer than the option
        ("decommission_max", LIMITS),
        ("decommission_limit", LIMITS),
        ("decommission_max_percent", LIMITS),
        ("decommission_limit_removals", LIMITS),
        ("decommission_removal_limit", LIMITS),
        ("decommission_threshold", LIMITS),
        ("decommission_percent", "decommission_max_share"),
        ("decommission_max_removal_count", "decommission_max_removals"),
        ("decommission_share", "decommission_max_share"),
        ("decommission_report", "decommission_report_dir"),
        ("decommission_report_directory", "decommission_report_dir"),
        ("decommission_report_path", "decommission_report_dir"),
        ("decommission_report_name", "decommission_report_dir"),
        ("decommission_file", "decommission_imeis_file"),
        ("decommission_imei_list", "decommission_imeis or decommission_imeis_file or decommission_imeis_column"),
        ("decommission_imeis_path", "decommission_imeis or decommission_imeis_file or decommission_imeis_column"),
        ("decommission_column", "decommission_imeis_column or decommission_imeis_name_column"),
        ("decommission_url", "decommission_api_url"),
        ("decommission_user", "decommission_username"),
        ("decommission_token", "decommission_access_token or decommission_session_token"),
        ("decommission_unknown", "decommission_unknown_devices"),
        ("decommission_devices", "decommission_imeis or decommission_imeis_file or decommission_unknown_devices"),
        ("decommission_column_imeis", "decommission_imeis_column"),
        ("decommission_retry", "decommission_retries"),
        ("decommission_retrieval", "decommission_retries"),
        ("decommission_retries_of_requests", "decommission_retries"),
        ("decommission_dry_run", CHECK_MODE),
        ("decommission_check", CHECK_MODE),
        ("decommission_check_mode", CHECK_MODE),
        ("decomission_check_mode", CHECK_MODE),
        ("decommission_chek", CHECK_MODE),
        ("decommission_dryrn", CHECK_MODE),
    ],
)
def test_a_misspelled_option_is_found_with_the_one_that_was_meant(name, meant):
    assert found(name).misspelled == {name: meant}
    assert f"{name} is not an option, did you mean {meant}?" in rejection(found(name).misspelled)


@pytest.mark.parametrize("name", [*OPTIONS, *NOT_OPTIONS])
def test_what_there_is_is_not_unknown(name):
    assert found(name).misspelled == {} and found(name).others == ()


@pytest.mark.parametrize(
    "name", ["ansible_connection", "imei", "decommission", "__decommission_run", "retired_max_removal"]
)
def test_variables_of_others_are_not_looked_at(name):
    assert found(name).misspelled == {} and found(name).others == ()


def test_what_is_not_close_to_an_option_causes_one_warning():
    unknown = found("decommission_ticket", "decommission_status", "decommission_max_removals", "decomission_date")
    assert unknown.misspelled == {}
    assert unknown.others == ("decomission_date", "decommission_status", "decommission_ticket")
    # The first four letters of concurrency
    assert found("decommission_concatenated").others == ("decommission_concatenated",)
    assert found("decommission_date_of_sale").others == ("decommission_date_of_sale",)
    # Words of options among others
    assert found("decommission_site_report_owner").others == ("decommission_site_report_owner",)
    assert found("decommission_id").others == ("decommission_id",)
    expected = "Ignored, because the role decommission has no such options: decomission_date, decommission_ticket."
    assert warning(["decomission_date", "decommission_ticket"], "decommission") == expected


def test_an_option_without_its_prefix_causes_a_warning():
    names = {"imeis_file", "max_removals", "timeout", "inventory_hostname", "decommission_imeis"}
    assert find_without_prefix(names, "decommission", ["decommission_imeis_file", "decommission_max_removals"]) == [
        "imeis_file",
        "max_removals",
    ]
    assert find_without_prefix(names, "restore", ["restore_imeis_file"]) == ["imeis_file"]
    assert warning_without_prefix(["hosts"], "decommission") == (
        "Ignored, because options of the role decommission begin with decommission_: hosts."
    )
