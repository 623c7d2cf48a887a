# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Remove the licenses of the IMEIs in a file, with requests only: what one writes in an hour.

Nothing is tried again, and what happened to a device is not kept.
"""

from __future__ import annotations

import argparse
import os
import sys
from concurrent.futures import ThreadPoolExecutor

import requests

FOTA = os.environ["THINGSPACE_API_URL"] + "/fota/v3"
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

session = requests.Session()
session.mount("http://", requests.adapters.HTTPAdapter(pool_maxsize=options.threads))
session.mount("https://", requests.adapters.HTTPAdapter(pool_maxsize=options.threads))
session.headers["Authorization"] = "Bearer " + os.environ["THINGSPACE_ACCESS_TOKEN"]
session.headers["VZ-M2M-Token"] = os.environ["THINGSPACE_SESSION_TOKEN"]


def batches(imeis: list[str]) -> list[list[str]]:
    return [imeis[start : start + 1000] for start in range(0, len(imeis), 1000)]


def ask(path: str, batch: list[str]) -> list[dict]:
    response = session.post(FOTA + path, json={"deviceList": batch}, timeout=60)
    response.raise_for_status()
    return response.json()["deviceList"]


def licensed(batch: list[str]) -> list[str]:
    return [row["deviceId"] for row in ask(f"/devices/{ACCOUNT}", batch) if row["licenseAssigned"]]


def remove(batch: list[str]) -> tuple[int, list[str]]:
    rows = ask(f"/licenses/{ACCOUNT}/remove", batch)
    failed = [f"{row['deviceId']}: {row['resultReason']}" for row in rows if row["status"] != "Success"]
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
