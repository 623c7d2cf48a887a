# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad input: a clear error that names every entry, with the keys of every other result, and nothing is sent."""

from __future__ import annotations

import subprocess
import sys
import typing as t
from pathlib import Path

import pytest

from ansible_collections.verizon.fota.plugins.modules import license_remove
from ansible_collections.verizon.fota.tests.unit.child_process import environment
from ansible_collections.verizon.fota.tests.unit.plugins.modules import run_module
from ansible_collections.verizon.fota.tests.unit.plugins.modules.conftest import ACCOUNT

IMEI = "990003425730535"


@pytest.fixture
def message_of_bad_input(simulate: t.Any) -> t.Callable[..., str]:
    """Run license_remove on invalid input; check that nothing was sent, and return the message."""

    def run(**args: t.Any) -> str:
        simulator = simulate()
        access, session = simulator.issue_tokens()
        common = {"account": ACCOUNT, "api_url": simulator.url, "access_token": access, "session_token": session}
        if "imeis_file" not in args:
            common["imeis"] = [IMEI]
        result = run_module.run(license_remove, {**common, **args})
        assert result["failed"] and not result.get("changed")
        assert "Traceback" not in result["printed"]
        assert simulator.requests == []
        return str(result["msg"])

    return run


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        ("99000342573053", "has 14 digits; an IMEI has 15"),
        ("9900034257305355", "has 16 digits, as an IMEISV (an IMEI with a software version) has; an IMEI has 15"),
        (718046013230, "is what YAML makes of 012345670123456: YAML reads 0… as octal; write the IMEI in quotes"),
        ("99000342573O535", "is not an IMEI"),
        ("٣" * 15, "digits of another script"),
        ("9.90003E+14", "rounded by a spreadsheet"),
        ([IMEI], "is a list inside the list"),
        ({"imei": IMEI}, "is a mapping with the key 'imei'; write the IMEI alone"),
        (True, "is a boolean"),
        (None, "is nothing"),
        (9.9e14, "may have been rounded"),
        ("", "is empty"),
        (f"{IMEI}\n{IMEI}", "has several lines; write a list, with a hyphen before each IMEI"),
    ],
)
def test_an_entry_that_is_no_imei_is_named_with_its_index(message_of_bad_input: t.Any, entry: t.Any, why: str) -> None:
    msg = message_of_bad_input(imeis=[IMEI, entry])
    assert "imeis[1]: " in msg and why in msg


def test_all_bad_entries_are_named_at_once(message_of_bad_input: t.Any) -> None:
    msg = message_of_bad_input(imeis=["x", IMEI, "y", "z"], account=642233522, batch_size=0)
    assert all(
        place in msg for place in ("imeis[0]: 'x'", "imeis[2]: 'y'", "imeis[3]: 'z'", "account is", "batch_size is 0")
    )
    assert "imeis[1]" not in msg


@pytest.mark.parametrize(
    ("account", "why"),
    [
        (642233522, "account is the number 642233522"),
        ("", "account is empty"),
        ("  ", "account is empty"),
        (["0642233522-00001"], "account is not text"),
        ("0642233522-00001\nX-Evil: yes", "not a name that an account can have"),
        ("..", "not a name that an account can have"),
    ],
)
def test_an_invalid_account_name_is_rejected(message_of_bad_input: t.Any, account: t.Any, why: str) -> None:
    assert why in message_of_bad_input(account=account)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "contains no IMEIs"),
        (b"\n# nothing\n", "contains no IMEIs"),
        (b"imei\n", "contains no IMEIs"),
        (b"\x7fELF\x00\x01", "is a binary file"),
        (b"PK\x03\x04", "is a workbook"),
        ("imei\n".encode("utf-16-le"), "UTF-16 without a byte order mark"),
        (b"site,imei,imei\nx,990003425730535,990000473475989\n", "has 2 columns imei (2 and 3)"),
        (b"990003425730535\n\xe9\n", "is not UTF-8 text: line 2, byte 1"),
        (
            b"device,note\nnone,x\n",
            "has no column imei, and none that contains nothing but IMEIs; its columns are: 'device'",
        ),
        (b"imei,note\n990003425730535,x\n12,y\n\n,z\n", "line 3: '12' has 2 digits"),
        (b"imei,note\n990003425730535,x\n12,y\n\n,z\n", "line 5: '' is empty"),
        (b"990003425730535\n\nabc\n", "line 3: 'abc' is not an IMEI"),
        (b"9" * 70000, "over 65536 characters long"),
    ],
)
def test_a_file_without_imeis_is_rejected(
    message_of_bad_input: t.Any, tmp_path: Path, content: bytes, why: str
) -> None:
    file = tmp_path / "retired.csv"
    file.write_bytes(content)
    msg = message_of_bad_input(imeis_file=str(file))
    assert why in msg and str(file) in msg


def test_an_unreadable_file_is_rejected(message_of_bad_input: t.Any, tmp_path: Path) -> None:
    assert "No such file" in message_of_bad_input(imeis_file=str(tmp_path / "missing.txt"))
    assert "Is a directory" in message_of_bad_input(imeis_file=str(tmp_path))


def test_both_or_neither_of_list_and_file_are_rejected(message_of_bad_input: t.Any) -> None:
    assert "mutually exclusive" in message_of_bad_input(imeis=[IMEI], imeis_file="retired.csv")
    assert "imeis is empty" in message_of_bad_input(imeis=[])
    assert "no devices are given: set imeis to a list of IMEIs, or imeis_file to a path" in message_of_bad_input(
        imeis=None
    )
    neither = run_module.run(license_remove, {"account": ACCOUNT})
    assert "no devices are given" in neither["msg"] and neither["summary"]["requested"] == 0


def test_a_block_of_text_in_place_of_a_list_is_named_as_one(message_of_bad_input: t.Any) -> None:
    assert "imeis[0]: " in message_of_bad_input(imeis=f"{IMEI}\n{IMEI}\n")
    assert "has several lines; write a list" in message_of_bad_input(imeis=f"{IMEI}\n{IMEI}\n")


def test_imei_in_place_of_imeis_is_named_as_the_mistake() -> None:
    result = run_module.run(license_remove, {"imei": IMEI})
    assert (
        "imei. Supported parameters include: " in result["msg"] and "imeis, imeis_column, imeis_file" in result["msg"]
    )


def test_a_missing_account_is_reported_with_its_variable(message_of_bad_input: t.Any) -> None:
    assert "set THINGSPACE_ACCOUNT" in message_of_bad_input(account="")
    assert "set THINGSPACE_ACCOUNT" in run_module.run(license_remove, {"imeis": [IMEI]})["msg"]


def test_a_relative_path_is_named_in_full(
    message_of_bad_input: t.Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert f"{tmp_path}/missing.txt cannot be read" in message_of_bad_input(imeis_file="missing.txt")
    assert f"{tmp_path}/no/journal cannot be written" in message_of_bad_input(journal="no/journal")
    assert f"{tmp_path}/missing.pem does not exist" in message_of_bad_input(ca_path="missing.pem")


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://thingspace.verizon.com/api", "uses plain http"),
        ("http://localhost.example.com/api", "uses plain http"),
        ("http://127.0.0.1.example.com/api", "uses plain http"),
        ("ftp://thingspace.verizon.com", "must look like https://"),
        ("thingspace.verizon.com/api", "must look like https://"),
        ("https://", "must look like https://"),
        ("https://user:hunter2@thingspace.verizon.com/api", "must not contain a user name or password"),
        ("https://[::1/api", "is not a URL"),
        ("https://thingspace.verizon.com:port/api", "is not a URL"),
    ],
)
def test_a_url_that_would_expose_the_tokens_is_rejected(message_of_bad_input: t.Any, url: str, why: str) -> None:
    msg = message_of_bad_input(api_url=url)
    assert why in msg and "hunter2" not in msg


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9/api", "http://127.1.2.3:9/api", "http://localhost:9/api", "http://[::1]:9/api"]
)
def test_plain_http_is_accepted_for_loopback(url: str) -> None:
    args = {
        "account": ACCOUNT,
        "imeis": [IMEI],
        "api_url": url,
        "access_token": "some-access-token",
        "session_token": "some-session-token",
        "retries": 0,
    }
    assert "cannot connect to" in run_module.run(license_remove, args)["msg"]


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("batch_size", 0),
        ("batch_size", 1001),
        ("concurrency", 0),
        ("concurrency", 65),
        ("timeout", 0),
        ("retries", -1),
        ("max_removals", -1),
    ],
)
def test_a_number_out_of_bounds_is_rejected(message_of_bad_input: t.Any, option: str, value: int) -> None:
    assert f"{option} is {value}" in message_of_bad_input(**{option: value}).replace(".0;", ";")


@pytest.mark.parametrize("module", ["license_info", "license_remove", "session"])
def test_a_missing_library_is_named_with_the_way_to_install_it(module: str) -> None:
    """Run in a separate process, where requests really cannot be imported."""
    script = f"""
import sys
sys.modules["requests"] = None
from ansible_collections.verizon.fota.plugins.modules import {module}
from ansible_collections.verizon.fota.tests.unit.plugins.modules.run_module import run
print(run({module}, {{"account": "x", "imeis": ["{IMEI}"]}} if "{module}" != "session" else {{}})["msg"])
"""
    done = subprocess.run([sys.executable, "-c", script], env=environment(), stdout=subprocess.PIPE, check=True)
    assert b"Failed to import the required Python library (requests)" in done.stdout
    assert b"ModuleNotFoundError: " in done.stdout, "what is missing, which may be a library of that library"


@pytest.mark.parametrize("module", ["license_info", "license_remove", "session"])
def test_a_broken_library_is_reported_with_its_error(module: str, tmp_path: Path) -> None:
    """Simulate a pyOpenSSL that is too old for the installed cryptography."""
    (tmp_path / "requests.py").write_text("raise AttributeError(\"module 'lib' has no attribute 'X509_V_FLAG'\")")
    script = f"""
from ansible_collections.verizon.fota.plugins.modules import {module}
from ansible_collections.verizon.fota.tests.unit.plugins.modules.run_module import run
print(run({module}, {{"account": "x", "imeis": ["{IMEI}"]}} if "{module}" != "session" else {{}})["msg"])
"""
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment(str(tmp_path)), stdout=subprocess.PIPE, check=True
    )
    assert b"the Python library requests is installed, but broken, for " in done.stdout
    assert b": AttributeError: module 'lib' has no attribute 'X509_V_FLAG'" in done.stdout
