# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The devices of the hosts of a play, and what is rejected before anything is sent."""

from __future__ import annotations

import pytest

from ansible_collections.verizon.fota.plugins.plugin_utils._devices_of_hosts import (
    SHARED,
    CannotBegin,
    Devices,
    Host,
    check_agreement,
    check_forms,
    devices_of,
    form_of,
    needs_forecast,
    read_imei,
)

METERS = {"meter1": "990003425730535", "meter2": "990000473475989", "meter3": "900000000000999"}
PREFIX = "decommission_"


def hosts(*more, **differences):
    return [*(Host(name, imei, **differences) for name, imei in METERS.items()), *more]


def problem_of(function, *args):
    with pytest.raises(CannotBegin) as raised:
        function(*args)
    return str(raised.value)


@pytest.mark.parametrize(
    ("options", "form"),
    [
        ({}, "hosts"),
        ({"imeis": []}, "imeis"),
        ({"imeis_file": ""}, "imeis_file"),
        ({"imeis_file": "x", "imeis": []}, "imeis"),
    ],
)
def test_the_form_is_that_of_the_option_that_is_set(options, form):
    assert form_of(options) == form


@pytest.mark.parametrize(("empty", "other"), [("imeis", "imeis_file"), ("imeis_file", "imeis")])
def test_an_empty_form_beside_another_is_named(empty, other):
    message = problem_of(check_forms, {empty: "", other: "x"}, [], PREFIX)
    assert message == f"decommission_{empty} is empty: give it a value, or leave it out; nothing was sent."


def test_two_forms_are_rejected():
    message = problem_of(check_forms, {"imeis": ["1"], "imeis_file": "x"}, [], PREFIX)
    assert "more than once, by decommission_imeis and by decommission_imeis_file; nothing was sent" in message


@pytest.mark.parametrize("options", [{"imeis": ["1"]}, {"imeis_file": "retired.csv"}])
def test_a_list_and_hosts_with_imeis_are_rejected(options):
    message = problem_of(check_forms, options, hosts(*(Host(f"other{n}", "1") for n in range(4))), PREFIX)
    assert "by the host variable imei of meter1, meter2, meter3, other0, other1, …; nothing was sent." in message


@pytest.mark.parametrize(("count", "more"), [(4, ""), (5, ""), (6, ", …")])
def test_five_hosts_with_imeis_are_named(count, more):
    message = problem_of(check_forms, {"imeis": ["1"]}, [Host(f"h{n}", "1") for n in range(count)], PREFIX)
    assert f"imei of {', '.join(f'h{n}' for n in range(min(count, 5)))}{more}; nothing was sent." in message


def test_hosts_of_other_batches_may_have_imeis_beside_a_list():
    check_forms({"imeis": ["1"]}, [Host("meter1"), Host("meter2", "1", in_batch=False)])
    check_forms({"imeis": ["1"]}, [Host("meter1", imei="")])


@pytest.mark.parametrize("form", ["imeis", "imeis_file"])
@pytest.mark.parametrize("value", ["", None, []])
def test_a_variable_that_a_script_left_empty_does_not_choose_all_hosts(form, value):
    assert f"decommission_{form} is empty" in problem_of(check_forms, {form: value}, [], PREFIX)


@pytest.mark.parametrize("value", [["a", "b"], 123, {"path": "retired.csv"}, True])
def test_a_file_that_is_not_a_path_is_rejected(value):
    message = problem_of(check_forms, {"imeis_file": value}, [], PREFIX)
    assert message == "decommission_imeis_file is not a path: give the path of one file, as text; nothing was sent."


@pytest.mark.parametrize("value", ["990003425730535", " 990003425730535\n", 990003425730535])
def test_an_imei_is_text_of_15_digits(value):
    assert read_imei(value) == ("990003425730535", "")


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        (None, "imei is missing"),
        ("", "imei is missing"),
        (" ", "imei is missing"),
        (4999010640000, "4999010640000 has 13 digits; an IMEI has 15 (write IMEIs in quotes"),
        ("12345", "'12345' has 5 digits"),
        ("99000342573053x", "'99000342573053x' is not an IMEI"),
        ("9900034257305351", "'9900034257305351' has 16 digits"),
        (True, "True is a boolean"),
        (["990003425730535"], "is a list inside the list"),
        ("٩٩٠٠٠٣٤٢٥٧٣٠٥٣٥", "digits of another script"),
    ],
)
def test_what_is_not_an_imei_is_named_with_what_is_wrong(value, fault):
    imei, error = read_imei(value)
    assert imei is None and fault in error


def test_all_hosts_without_an_imei_are_named():
    message = problem_of(devices_of, {}, hosts(Host("without"), Host("short", "12345")), PREFIX)
    first, *lines = message.splitlines()
    assert first.startswith("2 of 5 hosts have no IMEI in the variable imei; nothing was sent.")
    assert lines[0] == "without: imei is missing" and lines[1].startswith("short: '12345' has 5 digits")


@pytest.mark.parametrize(
    ("count", "last"), [(1000, "h999: imei is missing"), (1001, "and 1 more"), (2500, "and 1,500 more")]
)
def test_a_thousand_hosts_without_an_imei_are_named_and_the_rest_counted(count, last):
    message = problem_of(devices_of, {}, hosts(*(Host(f"h{number}") for number in range(count))), PREFIX)
    assert message.splitlines()[-1] == last and message.count(": imei is missing") == 1000


def test_a_wrong_imei_is_named_although_all_other_hosts_have_none():
    message = problem_of(devices_of, {}, [Host("without"), Host("short", "12345")], PREFIX)
    assert message.startswith("2 of 2 hosts have no IMEI in the variable imei; nothing was sent.")


def test_without_any_device_the_three_forms_are_named():
    message = problem_of(devices_of, {}, [Host("localhost")], PREFIX)
    assert message.startswith(
        "No device is given; nothing was sent. Give decommission_imeis, decommission_imeis_file, or"
    )
    assert message.count("nothing was sent") == 1 and "\n" not in message
    message = problem_of(devices_of, {}, [Host("a"), Host("b")], PREFIX)
    assert message.count("nothing was sent") == 1 and message.splitlines()[1:] == [
        "a: imei is missing",
        "b: imei is missing",
    ]


def test_devices_are_those_of_the_hosts_in_their_order_and_each_once():
    devices = devices_of({}, hosts(Host("twin", " 990003425730535 ")))
    assert devices.by_host == {**METERS, "twin": METERS["meter1"]}
    assert devices.imeis == list(METERS.values())


def test_a_list_or_file_has_no_hosts():
    assert devices_of({"imeis": ["1"]}, hosts()) == Devices("imeis", {})


def test_hosts_that_do_not_take_part_need_no_imei_and_do_not_count():
    devices = devices_of({}, hosts(Host("without", marked=False), Host("other", "860000000000001", marked=False)))
    assert devices.by_host == METERS and devices.in_play == tuple(METERS.values())


def test_hosts_of_later_batches_need_an_imei_and_count_for_the_limits():
    assert "zoo: imei is missing" in problem_of(devices_of, {}, hosts(Host("zoo", in_batch=False)))
    devices = devices_of({}, hosts(Host("later", "860000000000001", in_batch=False)))
    assert devices.by_host == METERS and devices.in_play == (*METERS.values(), "860000000000001")


def test_hosts_that_failed_need_no_imei_and_count_if_they_have_one():
    service_down = (
        Host("dead", alive=False, in_batch=False),
        Host("gone", "860000000000001", alive=False, in_batch=False),
    )
    assert devices_of({}, hosts(*service_down)).in_play == (*METERS.values(), "860000000000001")


def test_hosts_of_earlier_batches_count_as_far_as_they_took_part():
    earlier = (
        Host("done", "860000000000001", in_batch=False, done=True),
        Host("left", "860000000000002", in_batch=False, done=True, marked=False),
        Host("none", in_batch=False, done=True),
    )
    assert devices_of({}, hosts(*earlier)).in_play == (*METERS.values(), "860000000000001")


@pytest.mark.parametrize("limit", ["max_removals", "max_share"])
def test_limits_need_a_forecast_if_the_play_has_other_hosts_than_the_batch(limit):
    batch, play = {"meter1": "1"}, ("1", "2")
    assert needs_forecast({limit: 0}, Devices("hosts", batch, play))
    assert not needs_forecast({limit: None}, Devices("hosts", batch, play))
    assert not needs_forecast({}, Devices("hosts", batch, play))
    assert not needs_forecast({limit: 0}, Devices("hosts", batch, ("1",)))
    assert not needs_forecast({limit: 0}, Devices("imeis", {}))


@pytest.mark.parametrize("name", SHARED)
@pytest.mark.parametrize("source", ["shared", "noted"])
def test_hosts_have_to_agree_in_what_holds_for_all(name, source):
    same = [Host("a", **{source: {name: "x"}}), Host("b", **{source: {name: "x"}})]
    check_agreement(same)
    message = problem_of(check_agreement, [*same, Host("c", **{source: {name: 5}}), Host("d", **{source: {}})], PREFIX)
    assert (
        f"The hosts of the play differ: decommission_{name} is 'x' for a, and '5' for c, and '' for d; nothing"
        in message
    )


def test_a_difference_is_named_once():
    both = [Host(name, shared={"account": name}, noted={"account": name}) for name in "ab"]
    assert problem_of(check_agreement, both).count("account is") == 1


def test_equal_values_agree():
    check_agreement([Host(name, shared={"imeis": ["1"]}) for name in "abc"])


def test_hosts_of_later_batches_have_to_agree_too_and_those_that_are_done_or_failed_need_not():
    first = Host("a", shared={"account": "x"})
    later = Host("b", in_batch=False, shared={"account": "y"})
    assert "for b" in problem_of(check_agreement, [first, later])
    check_agreement([first, Host("b", in_batch=False, done=True, shared={"account": "y"})])
    check_agreement([first, Host("b", in_batch=False, alive=False, shared={"account": "y"})])
    check_agreement([first, Host("b", marked=False, shared={"account": "y"})])


def test_variables_of_the_role_are_not_compared_with_the_inventory():
    check_agreement([Host("a", noted={"account": "x"}, shared={}), Host("b", in_batch=False, shared={})])


def test_long_values_are_cut_and_many_are_not_all_named():
    pluralize = [Host(f"h{number}", shared={"imeis": [f"{number}" * 50]}) for number in range(8)]
    message = problem_of(check_agreement, pluralize)
    assert "for h4;" in message and "h5" not in message and "0" * 41 not in message
