# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""account_info: what an account may read, which tokens work, and whether what it says of features comes true."""

from __future__ import annotations

import dataclasses
import re
import typing as t

import pytest

from ansible_collections.verizon.fota.plugins.module_utils._licenses.account_access import (
    LICENSE_LIST,
    SUBSCRIPTION,
    Access,
    Capability,
)
from ansible_collections.verizon.fota.plugins.module_utils._licenses.feature_support import feature_support
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.responses.license_totals import LicenseTotals
from ansible_collections.verizon.fota.plugins.modules import account_info, license_remove
from ansible_collections.verizon.fota.tests.simulator import Account, Device, Dialect, Fault, Faults, Simulator
from ansible_collections.verizon.fota.tests.unit.plugins.modules import run_module
from ansible_collections.verizon.fota.tests.unit.plugins.modules.conftest import ACCOUNT
from ansible_collections.verizon.fota.tests.unit.plugins.modules.half_licensed import sent

LICENSED, UNLICENSED, UPGRADED, UNKNOWN_IMEI = (f"35000000000000{number}" for number in range(4))
FLEET = [Device(LICENSED, licensed=True), Device(UNLICENSED), Device(UPGRADED, licensed=True, upgraded=True)]
CALLS = ("license_list", "subscription", "all_devices", "devices", "upgrade_history", "campaigns", "campaign_devices")
NO_CAMPAIGN = "not tried: no campaign is scheduled"
KEYS = {
    *("changed", "failed", "msg", "report", "readable", "account", "subscription"),
    *("tokens", "capabilities", "dialect", "features"),
}


def rejecting(path: str, status: str = "403 Forbidden") -> t.Any:
    """Return a layer that rejects requests whose path matches."""

    def middleware(app: t.Any) -> t.Any:
        def wrapped(environ: t.Any, start_response: t.Any) -> t.Any:
            if not re.search(path, environ["PATH_INFO"]):
                return app(environ, start_response)
            start_response(status, [("Content-Type", "text/plain"), ("Content-Length", "0")])
            return [b""]

        return wrapped

    return middleware


@pytest.fixture
def look(run_against: t.Any) -> t.Iterator[t.Callable[..., dict[str, t.Any]]]:
    """Run account_info; check what holds for every run."""
    simulators: list[Simulator] = []

    def run(simulator: Simulator, **args: t.Any) -> dict[str, t.Any]:
        simulators.append(simulator)
        result = run_against(simulator, account_info, **{"account": ACCOUNT, **args})
        assert set(result) - {"printed", "new_secrets", "invocation", "warnings"} == KEYS
        assert result["changed"] is False and result["failed"] is not result["readable"]
        assert len(result["report"]) <= 18 and max(map(len, result["report"])) <= 200
        for access, session in [simulator.issue_tokens(), (args.get("access_token"), args.get("session_token"))]:
            assert not any(token in result["printed"] for token in (access, session) if token)
        return t.cast("dict[str, t.Any]", result)

    yield run
    for simulator in simulators:
        assert simulator.writes == []


def readable(result: dict[str, t.Any]) -> list[str]:
    return [call for call, capability in result["capabilities"].items() if capability["available"]]


def reason(result: dict[str, t.Any], call: str) -> str:
    return str(result["capabilities"][call]["reason"])


def credentials_of(simulator: Simulator) -> dict[str, str]:
    return {**dataclasses.asdict(simulator.credentials), "access_token": "", "session_token": ""}


# What may be read


def test_each_call_that_only_reads_is_made_once(simulate: t.Any, look: t.Any) -> None:
    scheduled = Device("350000000000009", licensed=True, upgrade_scheduled=True)
    simulator = simulate([*FLEET, scheduled], page_size=1)
    result = look(simulator)
    assert list(result["capabilities"]) == list(CALLS) == readable(result)
    assert all(capability["reason"] is None for capability in result["capabilities"].values())
    assert len(simulator.requests) == len(CALLS)
    assert result["account"] == {"name": ACCOUNT, "license_total": 9000, "license_used": 3}
    assert result["subscription"]["purchase_type"] == "TS-HFOTA-MRC"
    assert {feature["support"] for feature in result["features"].values()} == {"full"}
    assert f"Account {ACCOUNT}: 3 of 9,000 licenses in use, billed as TS-HFOTA-MRC." in result["report"]


@pytest.mark.parametrize(
    ("endpoint", "call"),
    [("devices_endpoint", "devices"), ("list_endpoint", "license_list"), ("account_devices_endpoint", "all_devices")],
)
@pytest.mark.parametrize(("status", "category"), [("403", "not permitted"), ("404", "no such resource")])
@pytest.mark.parametrize("list_path", Dialect.CHOICES["list_path"])
def test_a_call_that_the_account_may_not_use_is_named_with_the_message_of_the_service(
    simulate: t.Any, look: t.Any, endpoint: str, call: str, status: str, category: str, list_path: str
) -> None:
    dialect = Dialect(list_path=list_path, **{endpoint: status})
    result = look(simulate(FLEET, dialect=dialect))
    assert readable(result) == [name for name in CALLS[:-1] if name != call]
    assert result["capabilities"][call]["available"] is False
    assert reason(result, call).startswith(f"{category}: HTTP ") and f"HTTP {status}: " in reason(result, call)
    assert reason(result, "campaign_devices") == NO_CAMPAIGN


def test_nothing_may_be_read(simulate: t.Any, look: t.Any) -> None:
    result = look(simulate(FLEET, middleware=rejecting("/fota/")))
    assert result["failed"] and readable(result) == []
    assert result["msg"].startswith("Nothing of the account can be read: license list not permitted: HTTP 403")
    assert result["tokens"]["session_token"] == {"source": "given", "works": True}
    assert {feature["support"] for feature in result["features"].values()} == {"unknown", "none"}


@pytest.mark.parametrize(
    ("choices", "imei"),
    [
        ({"list_endpoint": "403"}, UNLICENSED),
        ({"list_endpoint": "403", "account_devices_endpoint": "403"}, None),
        ({}, LICENSED),
    ],
)
def test_the_device_to_look_up_is_one_of_the_account(
    simulate: t.Any, look: t.Any, choices: dict[str, str], imei: str | None
) -> None:
    simulator = simulate(
        [Device(UNLICENSED), Device("990000000000001"), Device(LICENSED, licensed=True)][: 2 if choices else 3],
        dialect=Dialect(**choices),
    )
    result = look(simulator)
    looked_up = [
        request.path.rpartition("/")[2]
        for request in simulator.requests
        if "/reports/" in request.path and "/devices/" in request.path
    ]
    assert looked_up == ([imei] if imei else [])
    if imei is None:
        for call in ("devices", "upgrade_history"):
            assert result["capabilities"][call] == {
                "available": None,
                "reason": "not tried: no device of the account is known; set imei to one",
            }
        assert result["features"]["forecast"]["support"] == "unknown"
        with_imei = look(simulator, imei=f" {UNLICENSED[:8]}-{UNLICENSED[8:]} ")
        assert {"devices", "upgrade_history"} < set(readable(with_imei))
        assert with_imei["dialect"]["license_assigned"] is True


def test_a_device_that_the_account_does_not_have_says_nothing_of_the_calls(simulate: t.Any, look: t.Any) -> None:
    result = look(simulate(FLEET), imei=UNKNOWN_IMEI)
    assert result["capabilities"]["upgrade_history"]["available"] is None
    assert reason(result, "upgrade_history").startswith("failed: HTTP 400")
    assert result["capabilities"]["devices"]["available"] is True and result["dialect"]["license_assigned"] is None


def test_a_call_that_fails_otherwise_is_not_known_to_be_unavailable(simulate: t.Any, look: t.Any) -> None:
    layer = Faults([Fault("html", on="licenses")])
    result = look(simulate(FLEET, middleware=layer.middleware), retries=0)
    assert result["capabilities"]["license_list"]["available"] is None
    assert reason(result, "license_list").startswith("failed: HTTP 200, but ")
    assert result["features"]["license_remove"]["support"] == "unknown"
    assert "license list failed: HTTP 200" in result["features"]["license_remove"]["reason"]
    # The devices come from the list of all devices, the totals from the subscription.
    assert "devices" in readable(result) and result["account"]["license_used"] == 2


@pytest.mark.parametrize("inactive", [True, False])
def test_an_account_that_is_inactive_or_unknown_fails_with_the_first_call(look: t.Any, inactive: bool) -> None:
    with Simulator([Account(ACCOUNT, devices=FLEET, active=not inactive)]) as simulator:
        result = look(simulator, account=ACCOUNT if inactive else "0000000000-00000")
        assert result["failed"] and "(is account, or THINGSPACE_ACCOUNT, the right one?)" in result["msg"]
        assert reason(result, "campaigns") == "not tried: license list failed for a reason that concerns every call"
        assert len(simulator.requests) == 1
        assert result["tokens"]["access_token"] == {"source": "given", "works": True}


@pytest.mark.parametrize("name", ["account", "imei"])
def test_all_invalid_options_are_reported_and_nothing_is_sent(simulate: t.Any, look: t.Any, name: str) -> None:
    simulator = simulate(FLEET)
    result = look(simulator, **{name: 12, "retries": 11})
    assert name in result["msg"] and "retries is 11" in result["msg"] and simulator.requests == []
    assert result["report"] == [result["msg"]]


# Tokens


def test_a_session_that_the_task_started_is_ended(simulate: t.Any, look: t.Any) -> None:
    simulator = simulate(FLEET)
    result = look(simulator, **credentials_of(simulator))
    assert result["tokens"] == dict.fromkeys(("access_token", "session_token"), {"source": "obtained", "works": True})
    assert [sent(simulator, part) for part in ("oauth2/token", "session/login", "session/logout")] == [1, 1, 1]
    assert "The session was ended." in result["report"]


def test_a_session_that_was_given_is_kept(simulate: t.Any, look: t.Any) -> None:
    simulator = simulate(FLEET)
    result = look(simulator)
    assert result["tokens"] == dict.fromkeys(("access_token", "session_token"), {"source": "given", "works": True})
    assert sent(simulator, "session/") == 0


def test_a_session_that_cannot_be_ended_is_no_failure(simulate: t.Any, look: t.Any) -> None:
    simulator = simulate(FLEET, middleware=rejecting("/session/logout"))
    result = look(simulator, **credentials_of(simulator))
    assert not result["failed"]
    assert any(
        line.startswith("The session could not be ended (the logout failed: HTTP 403") for line in result["report"]
    )


@pytest.mark.parametrize("login_rejected", Dialect.CHOICES["login_rejected"])
def test_a_wrong_password_is_sent_once(simulate: t.Any, look: t.Any, login_rejected: str) -> None:
    simulator = simulate(FLEET, dialect=Dialect(login_rejected=login_rejected))
    result = look(simulator, **{**credentials_of(simulator), "password": "wrong"})
    assert result["failed"] and "license list failed: login rejected; not retried" in result["msg"]
    assert result["tokens"] == {
        "access_token": {"source": "obtained", "works": True},
        "session_token": {"source": None, "works": False},
    }
    assert simulator.failed_logins(simulator.credentials.username) == 1 and sent(simulator, "/fota/") == 0


def test_a_wrong_key_leaves_no_token(simulate: t.Any, look: t.Any) -> None:
    simulator = simulate(FLEET)
    result = look(simulator, **{**credentials_of(simulator), "client_secret": "wrong"})
    assert result["failed"] and "no access token was issued" in result["msg"]
    assert result["tokens"] == {
        "access_token": {"source": None, "works": False},
        "session_token": {"source": None, "works": None},
    }


@pytest.mark.parametrize("kind", ["access", "session"])
@pytest.mark.parametrize("renewable", [True, False])
def test_an_expired_token_is_renewed_if_the_credentials_are_given(
    simulate: t.Any, look: t.Any, kind: str, renewable: bool
) -> None:
    simulator = simulate(FLEET)
    access, session = simulator.issue_tokens()
    if kind == "access":
        simulator.expire_access_tokens()
    else:
        simulator.expire_sessions()
    credentials = dataclasses.asdict(simulator.credentials) if renewable else {}
    result = look(simulator, **credentials, access_token=access, session_token=session)
    expired = result["tokens"][f"{kind}_token"]
    other = result["tokens"]["session_token" if kind == "access" else "access_token"]
    assert result["failed"] is not renewable
    assert expired == {"source": "renewed" if renewable else "given", "works": renewable}
    assert other == {"source": "given", "works": True if renewable else None}
    # Only a session that the task has started is ended.
    assert sent(simulator, "session/logout") == (renewable and kind == "session")


# The dialect


@pytest.mark.parametrize(
    "choices",
    [
        {"list_path": "index", "list_total_key": "totalLicense", "campaigns_path": "firmware"},
        {"list_path": "query", "list_total_key": "totalLicenses", "campaigns_path": "plain"},
    ],
)
@pytest.mark.parametrize("stated", [True, False])
def test_the_dialect_is_that_of_the_service(
    simulate: t.Any, look: t.Any, choices: dict[str, str], stated: bool
) -> None:
    silent = {} if stated else {"license_field": "absent", "upgrade_time": "absent", "assignment_time": "null"}
    result = look(simulate(FLEET, dialect=Dialect(**choices, **silent)))
    assert result["dialect"] == {
        "license_list_path": choices["list_path"],
        "license_total_key": choices["list_total_key"],
        "campaigns_path": choices["campaigns_path"],
        **dict.fromkeys(("assignment_time", "license_assigned", "upgrade_time"), stated),
    }


def test_what_is_not_read_is_null(simulate: t.Any, look: t.Any) -> None:
    result = look(simulate(FLEET, middleware=rejecting("/(licenses|devices|reports)/")))
    assert readable(result) == ["subscription"] and set(result["dialect"].values()) == {None}
    assert result["account"]["license_used"] == 2


# What it means: the forecast of a forecast comes true


def outcomes(run_against: t.Any, simulator: Simulator, imeis: list[str], **args: t.Any) -> dict[str, str]:
    result = run_against(simulator, license_remove, check=True, account=ACCOUNT, imeis=imeis, retries=0, **args)
    return {device["imei"]: device["outcome"] for device in result["devices"]}


@pytest.mark.parametrize("devices", Dialect.CHOICES["devices_endpoint"])
@pytest.mark.parametrize("licenses", Dialect.CHOICES["list_endpoint"])
@pytest.mark.parametrize("license_field", ["bool", "absent"])
def test_forecasts_work_as_far_as_announced(
    simulate: t.Any, look: t.Any, run_against: t.Any, devices: str, licenses: str, license_field: str
) -> None:
    dialect = Dialect(license_field=license_field, devices_endpoint=devices, list_endpoint=licenses)
    simulator = simulate(FLEET, dialect=dialect)
    support = look(simulator, imei=LICENSED)["features"]["forecast"]["support"]
    found = outcomes(run_against, simulator, [LICENSED, UNLICENSED, UNKNOWN_IMEI])
    known = {LICENSED: "removed", UNLICENSED: "unlicensed"}
    if support == "full":
        assert found == {**known, UNKNOWN_IMEI: "failed"}
    elif support == "partial":
        assert found.items() > known.items() and found[UNKNOWN_IMEI] in ("unknown", "unlicensed")
    else:
        assert support == "none" and {"removed", "unlicensed"}.isdisjoint(found.values())


@pytest.mark.parametrize(
    "choices", [{"devices_endpoint": "403"}, {"devices_endpoint": "404"}, {"license_field": "absent"}]
)
def test_upgrades_are_not_forecast_where_no_forecast_is_possible(
    simulate: t.Any, look: t.Any, choices: dict[str, str]
) -> None:
    result = look(simulate(FLEET, dialect=Dialect(list_endpoint="403", **choices)), imei=LICENSED)
    assert [result["features"][name]["support"] for name in ("forecast", "check_upgrades")] == ["none", "none"]


@pytest.mark.parametrize("history", ["", "/reports/[^/]+/devices/"])
@pytest.mark.parametrize("campaigns", ["", "/reports/[^/]+/(firmware/)?campaigns"])
@pytest.mark.parametrize("choices", [{}, {"account_devices_endpoint": "403"}, {"upgrade_time": "absent"}])
@pytest.mark.parametrize("licenses", [{}, {"list_endpoint": "403"}, {"assignment_time": "null"}])
def test_upgrades_are_forecast_as_far_as_announced(
    simulate: t.Any,
    look: t.Any,
    run_against: t.Any,
    history: str,
    campaigns: str,
    choices: dict[str, str],
    licenses: dict[str, str],
) -> None:
    closed = "|".join(filter(None, [history, campaigns]))
    middleware = rejecting(closed) if closed else None
    simulator = simulate(FLEET, dialect=Dialect(**choices, **licenses), middleware=middleware)
    support = look(simulator, imei=LICENSED)["features"]["check_upgrades"]["support"]
    found = outcomes(run_against, simulator, [LICENSED, UPGRADED], check_upgrades=True)
    if support == "full":
        assert found == {LICENSED: "removed", UPGRADED: "failed"}
    elif support == "partial":
        assert found[LICENSED] == "removed" and found[UPGRADED] in ("failed", "unknown")
    else:
        assert support == "none" and set(found.values()) == {"skipped"}


@pytest.mark.parametrize("closed", ["", "/licenses/", "/subscriptions/", "/(licenses|subscriptions)/"])
def test_a_share_can_be_limited_if_announced(simulate: t.Any, look: t.Any, run_against: t.Any, closed: str) -> None:
    simulator = simulate(FLEET, middleware=rejecting(closed) if closed else None)
    support = look(simulator)["features"]["max_share"]["support"]
    found = outcomes(run_against, simulator, [LICENSED], max_share=1)
    assert found == {LICENSED: "removed" if support == "full" else "skipped"}
    assert support == ("none" if "|" in closed else "full")


def test_whether_a_share_can_be_limited_is_not_known_after_an_error_that_may_pass(simulate: t.Any, look: t.Any) -> None:
    failing = rejecting("/subscriptions/", "500 Internal Server Error")
    simulator = simulate(FLEET, dialect=Dialect(list_endpoint="403"), middleware=failing)
    found = look(simulator)["features"]["max_share"]
    assert found["support"] == "unknown" and found["reason"].startswith("subscription failed: ")


@pytest.mark.parametrize("status", ["500 Internal Server Error", "400 Bad Request"])
def test_the_subscription_replaces_no_license_list_that_fails_and_is_not_forbidden(
    simulate: t.Any, look: t.Any, run_against: t.Any, status: str
) -> None:
    simulator = simulate(FLEET, middleware=rejecting("/licenses/", status))
    result = look(simulator)
    assert result["account"]["license_used"] is not None
    found = result["features"]["max_share"]
    assert found["support"] == "unknown" and found["reason"].startswith("license list failed: ")
    assert outcomes(run_against, simulator, [LICENSED], max_share=1) == {LICENSED: "skipped"}


def test_a_share_is_not_known_to_be_limited_if_what_the_license_list_does_not_say_could_not_be_read() -> None:
    access = Access(totals=LicenseTotals(used=3))
    access.capabilities[LICENSE_LIST] = Capability(True)
    access.capabilities[SUBSCRIPTION] = Capability(None, "failed: HTTP 500")
    assert feature_support(access)["max_share"] == ("unknown", "subscription failed: HTTP 500")


@pytest.mark.parametrize(
    ("purchase_type", "support"), [("TS-HFOTA-EVNT", "none"), ("TS-HFOTA-MRC,TS-HFOTA-EVNT", "full")]
)
def test_an_account_that_is_billed_by_event_has_nothing_to_remove(
    look: t.Any, purchase_type: str, support: str
) -> None:
    with Simulator([Account(ACCOUNT, devices=FLEET, purchase_type=purchase_type)]) as simulator:
        result = look(simulator)
    assert result["features"]["license_remove"]["support"] == support
    message = "it has no licenses to remove" in result["features"]["license_remove"]["reason"]
    assert message is (support == "none") and not result["failed"]


def test_check_mode_makes_no_difference(simulate: t.Any, run_against: t.Any) -> None:
    simulator = simulate(FLEET)
    first, second = (
        run_against(simulator, account_info, check=check, diff=check, account=ACCOUNT) for check in (False, True)
    )
    assert {name: first[name] for name in KEYS - {"subscription"}} == {
        name: second[name] for name in KEYS - {"subscription"}
    }


def test_tokens_and_credentials_that_a_service_echoes_are_redacted(simulate: t.Any) -> None:
    simulator = simulate(FLEET, middleware=Faults([Fault("echo", on="*", skip=2)]).middleware)
    credentials = dataclasses.asdict(simulator.credentials)
    result = run_module.run(account_info, {"account": ACCOUNT, "api_url": simulator.url, **credentials})
    assert "Rejected Authorization: Bearer ********" in result["printed"]
    for secret in (*simulator.issue_tokens(), credentials["client_secret"], credentials["password"]):
        assert secret not in result["printed"]
