# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The published variants of responses: a ``Dialect`` is one choice for each contradiction between public sources."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class Dialect:
    """One choice for each contradiction; ``CHOICES`` lists the allowed values, the default first.

    status_values: of a removal; ``plain`` as in the document and in v2, ``v1`` as on the v1 pages.
    upgrade_pending_status: how a running upgrade rejects a removal: the status of a failure, or
        ``UpgradePending`` as in the SDK's example for v3.
    rows: which rows the response to a removal or to devices by list has, compared with the devices in the request.
    unknown_in_list: also for a device that a call leaves out because of its protocol.
    login_rejected: the HTTP status of a rejected login; no page states it.
    campaign_key: the key of the campaign in an upgrade history (page or SDK).
    fault_code: whether the gateway's code is text (Verizon's pages) or a number (WSO2's).
    fault_form: whether the gateway's errors are JSON (Verizon's pages) or XML (WSO2's default).
    list_cursor: ``lastSeenDeviceId`` of the lists of licenses and devices: an IMEI (the pages), or the number of rows
        so far, as in the SDK's example of the license list ("1000").
    empty_lists: how a list without rows is written: in the SDK, deviceList and campaignList are optional or may
        be null. ``absent`` concerns deviceList only.
    without_protocol: what the calls for devices return without the query ``protocol``; no page states it.
    upgrade_time: ``upgradeTime`` in the list of all devices. If a device was never upgraded: 01/01/1900 (v1), Go's zero
        time, or absent (``if upgraded``); or absent for every device (optional in the SDK). ``last attempt``: also
        the time of an upgrade that failed; no page states whether it counts.
    assignment_time: ``assignmentTime`` in the license list: present, or null (optional in the SDK).
    history: whether an upgrade history is limited to six months (v1; the other versions do not mention it).
    campaigns_path: /reports/{acc}/firmware/campaigns (SDK) or /reports/{acc}/campaigns (v3's page).
    has_license: the reason for a device that holds a license already, in the response to an assignment. Its status is a
        success in the SDK's example for v3.
    exhausted_pool: how an assignment ends for which the account has too few free licenses; no page states it: a failure
        for each device that gets none, or a rejection of the whole request.
    campaign_statuses: the statuses of campaigns that the service recognizes. As a filter, any other status is
        rejected or matches no campaign, as ``unknown_campaign_status`` selects. No page states which.
    """

    status_values: str = "plain"
    upgrade_pending_status: str = "failure"
    total_key: str = "licTotalCount"
    reason_key: str = "resultReason"
    id_type: str = "text"
    rows: str = "exact"
    times: str = "iso"
    no_license: str = "No license attached to device"
    unknown_device_reason: str = "Device Not Found."
    ever_upgraded_reason: str = "License removal not allowed for devices that have ever upgraded firmware."
    unknown_in_list: str = "missing"
    license_field: str = "bool"
    list_path: str = "index"
    list_total_key: str = "totalLicense"
    campaign_key: str = "campaignId"
    session_expired: str = "connectivity-400"
    bearer_expired: str = "900901"
    login_rejected: str = "400"
    fault_code: str = "text"
    fault_form: str = "json"
    devices_endpoint: str = "ok"
    list_endpoint: str = "ok"
    expires_in: str = "number"
    list_cursor: str = "imei"
    empty_lists: str = "list"
    without_protocol: str = "all"
    account_devices_endpoint: str = "ok"
    upgrade_time: str = "1900"
    assignment_time: str = "present"
    history: str = "all"
    campaigns_path: str = "firmware"
    campaign_statuses: str = "sdk"
    unknown_campaign_status: str = "rejected"
    has_license: str = "Device license preexisting"
    has_license_status: str = "success"
    exhausted_pool: str = "rows"
    assign_endpoint: str = "ok"

    CHOICES: ClassVar[dict[str, tuple[str, ...]]] = {
        "status_values": ("plain", "v1"),
        "upgrade_pending_status": ("failure", "UpgradePending"),
        "total_key": ("licTotalCount", "licCount"),
        "reason_key": ("resultReason", "Reason"),
        "id_type": ("text", "number"),
        "rows": ("exact", "missing", "doubled", "reordered", "unrequested"),
        "times": ("iso", "go", "none"),
        "no_license": (
            "No license attached to device",
            "No license attached to device.",
            "no license attached to the device",
            "No License Attached",
            "Device has no license attached",
        ),
        "unknown_device_reason": ("Device Not Found.", "Device does not exist."),
        "ever_upgraded_reason": ("License removal not allowed for devices that have ever upgraded firmware.",),
        "unknown_in_list": ("missing", "failure"),
        "license_field": ("bool", "text", "absent"),
        "list_path": ("index", "query"),
        "list_total_key": ("totalLicense", "totalLicenses"),
        "campaign_key": ("campaignId", "id"),
        "session_expired": (
            "connectivity-400",
            "connectivity-401",
            "invalid-400",
            "invalid-401",
            "uws-401",
            "uws-500",
        ),
        "bearer_expired": ("900901", "900903"),
        "login_rejected": ("400", "401"),
        "fault_code": ("text", "number"),
        "fault_form": ("json", "xml"),
        "devices_endpoint": ("ok", "403", "404"),
        "list_endpoint": ("ok", "403", "404"),
        "expires_in": ("number", "text", "absent"),
        "list_cursor": ("imei", "number"),
        "empty_lists": ("list", "null", "absent"),
        "without_protocol": ("all", "LWM2M"),
        "account_devices_endpoint": ("ok", "403", "404"),
        "upgrade_time": ("1900", "0001", "last attempt", "if upgraded", "absent"),
        "assignment_time": ("present", "null"),
        "history": ("all", "six months"),
        "campaigns_path": ("firmware", "plain"),
        "campaign_statuses": ("sdk", "lifecycle"),
        "unknown_campaign_status": ("rejected", "empty"),
        "has_license": (
            "Device license preexisting",
            "Device license pre-existing.",
            "License already assigned to device",
        ),
        "has_license_status": ("success", "failure"),
        "exhausted_pool": ("rows", "rejected"),
        "assign_endpoint": ("ok", "403", "404"),
    }
    # sdk: what Verizon's Python SDK accepts in every call.
    NAMED: ClassVar[dict[str, dict[str, str]]] = {
        "sdk": {
            "list_path": "query",
            "total_key": "licCount",
            "list_total_key": "totalLicenses",
            "times": "iso",
            "id_type": "text",
            "reason_key": "resultReason",
            "license_field": "bool",
            "campaign_key": "campaignId",
            "campaigns_path": "firmware",
            "campaign_statuses": "sdk",
            "expires_in": "number",
        },
    }

    def __post_init__(self) -> None:
        for name, allowed in self.CHOICES.items():
            value = getattr(self, name)
            if value not in allowed:
                raise ValueError("{}: {!r} is none of {}".format(name, value, ", ".join(map(repr, allowed))))

    @classmethod
    def named(cls, name: str, **choices: str) -> Dialect:
        """Return the dialect with this name, with other choices for some fields. Raises ValueError for an unknown name."""
        if name not in cls.NAMED:
            raise ValueError("dialect: {!r} is none of {}".format(name, ", ".join(cls.NAMED)))
        return cls(**{**cls.NAMED[name], **choices})
