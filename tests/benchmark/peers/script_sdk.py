# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Remove the licenses of the IMEIs in a file, with Verizon's SDK (PyPI: sdksio-verizon-apis-sdk)."""

from __future__ import annotations

# mypy: disable-error-code="import-not-found"
import argparse
import os
import sys
from concurrent.futures import ThreadPoolExecutor

from verizon.configuration import Configuration, Environment, Server
from verizon.http.auth.thingspace_oauth import ThingspaceOauthCredentials
from verizon.http.auth.vz_m2m_token import VZM2mTokenCredentials
from verizon.models.device_imei import DeviceIMEI
from verizon.models.oauth_token import OauthToken
from verizon.models.v3_license_imei import V3LicenseIMEI
from verizon.verizon_client import VerizonClient

ACCOUNT = os.environ["THINGSPACE_ACCOUNT"]

parser = argparse.ArgumentParser()
parser.add_argument("file")
parser.add_argument("--threads", type=int, default=1)
parser.add_argument(
    "--read", action="store_true", help="read first which devices have a license, and remove just those"
)
options = parser.parse_args()

with open(options.file, encoding="utf-8") as file:
    imeis = file.read().split()

# The SDK has no setting for the address of the service.
servers = Configuration.environments[Environment.PRODUCTION]
servers[Server.SOFTWARE_MANAGEMENT_V3] = os.environ["THINGSPACE_API_URL"] + "/fota/v3"
client = VerizonClient(
    thingspace_oauth_credentials=ThingspaceOauthCredentials(
        "unused", "unused", OauthToken(os.environ["THINGSPACE_ACCESS_TOKEN"], "Bearer")
    ),
    vz_m2m_token_credentials=VZM2mTokenCredentials(os.environ["THINGSPACE_SESSION_TOKEN"]),
)
# Created on first use, which is not safe for several threads.
devices, licenses = client.account_devices, client.software_management_licenses_v3


def batches(imeis: list[str]) -> list[list[str]]:
    return [imeis[start : start + 1000] for start in range(0, len(imeis), 1000)]


def licensed(batch: list[str]) -> list[str]:
    rows = devices.list_account_devices_information(ACCOUNT, DeviceIMEI(batch)).body.device_list
    return [row.device_id for row in rows if row.license_assigned]


def remove(batch: list[str]) -> tuple[int, list[str]]:
    rows = licenses.remove_licenses_from_devices(ACCOUNT, V3LicenseIMEI(batch)).body.device_list
    failed = [f"{row.device_id}: {row.result_reason}" for row in rows if row.status != "Success"]
    return len(rows) - len(failed), failed


with ThreadPoolExecutor(options.threads) as pool:
    if options.read:
        imeis = [imei for batch in pool.map(licensed, batches(imeis)) for imei in batch]
    removed = 0
    for done, failed in pool.map(remove, batches(imeis)):
        removed += done
        for line in failed:
            print(line, file=sys.stderr)
print(removed, "removed")
