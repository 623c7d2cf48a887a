# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every choice of a dialect changes some response."""

from __future__ import annotations

import json
import re
from dataclasses import fields

import pytest

from ansible_collections.verizon.fota.tests.simulator import Account, Device, Dialect
from ansible_collections.verizon.fota.tests.simulator.fleets import (
    ACCOUNT,
    DOCUMENT_IMEIS,
    devices_in_every_state,
)

UNKNOWN = "1" * 15
OTHER = Device("990000000000078", licensed=True, protocol="HTTP", upgrade="UpgradeFailed")

# What differs from run to run: tokens and times (only their form is compared).
_VARYING = (
    (re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "GUID"),
    (re.compile(r"[0-9a-f]{32}"), "TOKEN"),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"), "ISO"),
    (re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} \+0000 UTC"), "GO"),
    (re.compile(r"\d\d \w{3} \d\d \d\d:\d\d UTC"), "SOON"),
    (re.compile(r"(?<=expires_in\":)(\"?)\d+"), r"\1LIFE"),
    (re.compile(r"\d{4}-\d\d-\d\d"), "DAY"),
)


def transcript(client):
    """Return the responses to a fixed sequence of calls."""
    imeis = [device.imei for device in devices_in_every_state()] + [OTHER.imei, UNKNOWN]
    responses = [
        client.access_token(),
        client.log_in(password="wrong"),
        client.devices(imeis),
        client.get(f"/licenses/{ACCOUNT}/index/0"),
        client.get(f"/licenses/{ACCOUNT}?lastSeenDeviceId=0"),
        client.get(f"/devices/{ACCOUNT}"),
        client.devices([UNKNOWN]),
        client.get(f"/reports/{ACCOUNT}/devices/990000000000011"),
        client.get(f"/reports/{ACCOUNT}/firmware/campaigns"),
        client.get(f"/reports/{ACCOUNT}/campaigns?campaignStatus=CampaignEnded"),
        client.get(f"/reports/{ACCOUNT}/firmware/campaigns?campaignStatus=CampaignQueued"),
        client.remove(imeis),
        # The account has fewer licenses than devices.
        client.assign(imeis),
    ]
    client.simulator.expire_sessions()
    responses.append(client.remove(imeis))
    client.simulator.expire_access_tokens()
    responses.append(client.remove(imeis))
    texts = []
    for response in responses:
        text = response.text
        for pattern, replacement in _VARYING:
            text = pattern.sub(replacement, text)
        texts.append(f"{response.status_code} {text}")
    return texts


@pytest.mark.parametrize("name", [n for n, values in Dialect.CHOICES.items() if len(values) > 1])
def test_every_value_changes_a_response(client_of, name):
    values = Dialect.CHOICES[name]

    devices = [*devices_in_every_state(), OTHER]
    account = Account(ACCOUNT, sum(device.licensed for device in devices), devices)
    transcripts = {
        value: json.dumps(transcript(client_of([account], dialect=Dialect(**{name: value})))) for value in values
    }

    assert len(set(transcripts.values())) == len(values)


def test_the_transcript_is_the_same_for_the_same_dialect(client_of):
    assert transcript(client_of()) == transcript(client_of())


def test_choices_name_every_field_and_the_default_first():
    assert set(Dialect.CHOICES) == {field.name for field in fields(Dialect)}
    for name, values in Dialect.CHOICES.items():
        assert getattr(Dialect(), name) == values[0]
        assert len(set(values)) == len(values)


@pytest.mark.parametrize("name", Dialect.CHOICES)
def test_other_values_are_rejected(name):
    with pytest.raises(ValueError, match=name):
        Dialect(**{name: "invalid"})


@pytest.mark.parametrize("reason", Dialect.CHOICES["no_license"])
def test_wording_of_no_license(client_of, reason):
    client = client_of(dialect=Dialect(no_license=reason))

    (row,) = client.remove([DOCUMENT_IMEIS[2]]).json()["deviceList"]

    assert row["resultReason"] == reason


def test_status_values_of_the_first_version(client_of):
    client = client_of(dialect=Dialect(status_values="v1", reason_key="Reason"))

    done, failed = client.remove([DOCUMENT_IMEIS[0], DOCUMENT_IMEIS[2]]).json()["deviceList"]

    assert (done["status"], done["Reason"]) == ("LicenseRemoveSuccess", "Success")
    assert failed["status"] == "LicenseRemoveFailed"
    assert "resultReason" not in done


def test_a_status_for_a_pending_upgrade(client_of):
    client = client_of(
        [Account(ACCOUNT, devices=[Device(UNKNOWN, licensed=True, upgrade_running=True)])],
        dialect=Dialect(upgrade_pending_status="UpgradePending"),
    )

    (row,) = client.remove([UNKNOWN]).json()["deviceList"]

    assert row["status"] == "UpgradePending"
    assert client.simulator.licensed(ACCOUNT) == {UNKNOWN}


def test_ids_as_numbers_lose_their_leading_zeros(client_of):
    client = client_of(dialect=Dialect(id_type="number"))
    imei = "004999010640000"

    rows = (
        client.devices([imei]).json()["deviceList"]
        + client.get(f"/licenses/{ACCOUNT}/index/0").json()["deviceList"][:1]
        + client.remove([imei]).json()["deviceList"]
    )

    assert [row["deviceId"] for row in rows] == [4999010640000] * 3
    assert imei not in client.simulator.licensed(ACCOUNT)


@pytest.mark.parametrize(
    ("times", "shown"),
    [
        ("iso", "2021-06-10T15:13:30.941Z"),
        ("go", "2021-06-10 15:13:30.941 +0000 UTC"),
        ("none", None),
    ],
)
def test_forms_of_time(client_of, times, shown):
    client = client_of(dialect=Dialect(times=times))

    row = client.get(f"/licenses/{ACCOUNT}/index/0").json()["deviceList"][0]
    (removed,) = client.remove([DOCUMENT_IMEIS[0]]).json()["deviceList"]

    assert row.get("assignmentTime") == shown
    assert ("assignmentTime" in row) is (shown is not None)
    assert ("updatedTime" in removed) is (shown is not None)
    assert (" +0000 UTC" in removed.get("nextAttemptTime", "")) is (times == "go")


@pytest.mark.parametrize("name", Dialect.NAMED)
def test_a_named_dialect_consists_of_choices(name):
    dialect = Dialect.named(name, rows="reordered")

    assert {key: getattr(dialect, key) for key in Dialect.NAMED[name]} == Dialect.NAMED[name]
    assert dialect.rows == "reordered"


def test_an_unknown_dialect_name():
    with pytest.raises(ValueError, match="sdk"):
        Dialect.named("esperanto")
