# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When a request is retried, and how long the wait before is."""

from __future__ import annotations

import email.utils
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.verizon.fota.plugins.module_utils._http.client import Client, Connection
from ansible_collections.verizon.fota.plugins.module_utils._http.concurrency_limiter import ConcurrencyLimiter
from ansible_collections.verizon.fota.plugins.module_utils._http.messages import Request, Response
from ansible_collections.verizon.fota.plugins.module_utils._http.retries import (
    RetriesExhausted,
    RetryableResponse,
    RetryingClient,
    RetryPolicy,
)
from ansible_collections.verizon.fota.plugins.module_utils._http.transport_errors import TransportError
from ansible_collections.verizon.fota.tests.unit.plugins.module_utils.fake_server import (
    another_request,
    closed_port,
    resetting,
    responding,
    server,
)


class Rejected(Exception):
    """What ``read`` raises of a response."""


def read(response):
    if response.status == 429:
        raise RetryableResponse(Rejected(response.body.decode()), response.retry_after(), throttled=True)
    if response.status == 503:
        raise RetryableResponse(Rejected(response.body.decode()), response.retry_after())
    if response.status == 400:
        raise Rejected("at once")
    return response.body


def send(url, idempotent=False, limiter=None, **retry_policy):
    """Send to a server; return the result or the error, and the waits."""
    waits = []
    chosen = RetryPolicy(**{"sleep": waits.append, "jitter": lambda: 1.0, **retry_policy})
    with Client(Connection(url, timeout=5)) as client:
        try:
            http = RetryingClient(client, chosen, limiter or ConcurrencyLimiter(1))
            return http.send(Request("POST", url, idempotent=idempotent), read), waits
        except (Rejected, TransportError, RetriesExhausted) as error:
            return error, waits


def unavailable(body=b"unavailable", status="503 Service Unavailable", **headers):
    return responding(body, status, **headers)


def throttled(**headers):
    return unavailable(b"throttled", "429 Too Many Requests", **headers)


def after(seconds):
    return Response(503, {"retry-after": seconds}, b"").retry_after()


# Waits


def test_waits_double_up_to_the_ceiling():
    retry_policy = RetryPolicy(longest_wait=5, jitter=lambda: 1.0)

    assert [retry_policy.wait(attempt, None) for attempt in range(5)] == [1, 2, 4, 5, 5]


def test_jitter_shortens_a_wait_by_half_at_most():
    assert RetryPolicy(jitter=lambda: 0.0).wait(2, None) == 2


@pytest.mark.parametrize(("retry_after", "wait"), [(0, 1), (7, 8), (29.5, 30), (1e9, 30)])
def test_what_the_server_requests_is_kept_with_jitter_on_top_up_to_the_ceiling(retry_after, wait):
    assert RetryPolicy(longest_wait=30, jitter=lambda: 1.0).wait(0, retry_after) == wait


@given(st.integers(0, 10), st.none() | st.floats(0, 1e9), st.floats(0, 1, exclude_max=True))
def test_no_wait_is_negative_or_beyond_the_ceiling(attempt, retry_after, jitter):
    assert 0 <= RetryPolicy(jitter=lambda: jitter).wait(attempt, retry_after) <= 60


def test_the_sleep_before_a_retry_lasts_as_long_as_the_wait():
    waits = []
    RetryPolicy(sleep=waits.append, jitter=lambda: 1.0).sleep_before_retry(2)

    assert waits == [4]


# Retry-After


@pytest.mark.parametrize(("retry_after", "seconds"), [("0", 0), ("120", 120), (" 7 ", 7), ("9" * 50, 999999)])
def test_retry_after_in_seconds(retry_after, seconds):
    assert after(retry_after) == seconds


@pytest.mark.parametrize(("ahead", "seconds"), [(100, 100), (-100, 0)])
def test_retry_after_as_a_date(ahead, seconds):
    assert after(email.utils.formatdate(time.time() + ahead, usegmt=True)) == pytest.approx(seconds, abs=2)


@pytest.mark.parametrize("retry_after", ["", "soon", "-5", "1.5", "²", "Wed, 99 Foo 2026 99:99:99 GMT"])
def test_a_retry_after_that_is_not_valid(retry_after):
    assert after(retry_after) is None


def test_no_retry_after():
    assert Response(503, {}, b"").retry_after() is None


@given(st.text())
def test_any_retry_after_is_a_wait_or_none(retry_after):
    seconds = after(retry_after)

    assert seconds is None or seconds >= 0


# Retries


def test_a_response_that_requests_another_try_gets_one():
    with server(unavailable(), unavailable(Retry_After="7"), responding(b"good")) as served:
        assert send(served.url) == (b"good", [1, 8])


def test_when_no_try_is_left_the_last_error_is_raised():
    with server(unavailable(b"1"), unavailable(b"2"), unavailable(b"3")) as served:
        end, waits = send(served.url, retries=2)

    assert (repr(end.error), waits) == ("Rejected('3')", [1, 2])
    assert str(end) == "3 (given up after 3 tries in 3 s)"


def test_an_error_of_the_reader_ends_the_tries():
    with server(responding(b"", "400 Bad"), responding(b"good")) as served:
        error, waits = send(served.url)

    assert (repr(error), waits, len(served.requests)) == ("Rejected('at once')", [], 1)


def test_what_only_reads_is_sent_again_when_the_connection_breaks():
    with server(resetting, resetting, responding(b"good")) as served:
        assert send(served.url, idempotent=True) == (b"good", [1, 2])


def test_what_writes_is_not_sent_again_when_the_connection_breaks():
    with server(resetting, responding(b"good")) as served:
        error, waits = send(served.url)

    assert (error.sent, waits, len(served.requests)) == (True, [], 1)


@pytest.mark.parametrize("idempotent", [True, False])
def test_what_never_left_is_sent_again(idempotent):
    end, waits = send(f"http://{closed_port()}/", idempotent)

    assert (end.error.sent, waits) == (False, [1, 2, 4])


def test_what_is_permanent_is_not_sent_again():
    error, waits = send("http://", idempotent=True)

    assert (error.permanent, waits) == (True, [])


def test_no_retries_is_one_try():
    with server(unavailable(), responding(b"good")) as served:
        assert send(served.url, retries=0)[1] == []
    assert len(served.requests) == 1


# Lost on a connection that was used before


def kept_and_lost(connection):
    """Respond to one request, and close the connection at the next."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood")
    another_request(connection)
    resetting(connection)


def send_twice(url, idempotent):
    """Send two requests with one client and without retries; return the result or the error of the second, and the waits."""
    waits = []
    with Client(Connection(url, timeout=5)) as client:
        http = RetryingClient(client, RetryPolicy(retries=0, sleep=waits.append), ConcurrencyLimiter(1))
        http.send(Request("GET", url), read)
        try:
            return http.send(Request("POST", url, idempotent=idempotent), read), waits
        except (Rejected, TransportError, RetriesExhausted) as error:
            return error, waits


def test_what_only_reads_is_sent_again_at_once_and_not_counted():
    with server(kept_and_lost, responding(b"again")) as served:
        assert send_twice(served.url, True) == (b"again", [])


def test_what_is_lost_again_on_a_fresh_connection_is_counted():
    with server(kept_and_lost, resetting, responding(b"again")) as served:
        end, _waits = send_twice(served.url, True)

    assert isinstance(end, RetriesExhausted) and "given up after 2 tries" in str(end)


def test_what_writes_is_not_sent_again():
    with server(kept_and_lost, responding(b"again")) as served:
        error, _waits = send_twice(served.url, False)

    assert (error.sent, error.reused, len(served.requests)) == (True, True, 1)


def test_a_client_that_reuses_connections_all_the_same_is_not_tried_forever():
    class Reusing:
        tries = 0

        def exchange(self, _request, _at_most=None):
            self.tries += 1
            error = TransportError("lost", sent=True)
            error.reused = True
            raise error

    client, waits = Reusing(), []
    with pytest.raises(RetriesExhausted):
        http = RetryingClient(client, RetryPolicy(retries=1, sleep=waits.append), ConcurrencyLimiter(1))
        http.send(Request("GET", "http://localhost", idempotent=True), read)

    assert (client.tries, len(waits)) == (3, 1)


# Throttling


def test_a_throttled_request_is_sent_again_however_often_as_the_server_says():
    with server(*[throttled(Retry_After="4")] * 9, responding(b"good")) as served:
        assert send(served.url, retries=0) == (b"good", [5] * 9)


def test_a_throttled_request_ends_in_time():
    with server(*[throttled(Retry_After="19")] * 9) as served:
        end, waits = send(served.url, max_throttled=100)

    assert (waits, len(served.requests)) == ([20] * 5, 6)
    assert str(end) == "throttled (given up after 6 tries in 100 s)"


def test_throttling_without_a_time_waits_longer_and_longer():
    with server(*[throttled()] * 5, responding(b"good")) as served:
        assert send(served.url)[1] == [1, 2, 4, 8, 16]


def test_a_server_that_requests_more_time_than_there_is_is_not_waited_for():
    with server(throttled(Retry_After="3600")) as served:
        assert send(served.url, max_throttled=30)[1] == []


def test_throttling_lowers_the_limit_of_concurrency():
    limiter = ConcurrencyLimiter(8)
    with server(throttled(), responding(b"good")) as served:
        send(served.url, limiter=limiter)

    assert limiter.limit == 4


# Limits


def test_max_silence_ends_retries_however_many_are_left():
    with server(*[unavailable()] * 20) as served:
        end, waits = send(served.url, retries=50, max_silence=10)

    assert waits == [1, 2, 4]
    assert isinstance(end, RetriesExhausted)


def test_an_interruption_ends_the_tries():
    with server(unavailable(), responding(b"good")) as served:
        end, _waits = send(served.url, sleep=lambda seconds: True)

    assert isinstance(end, RetriesExhausted) and len(served.requests) == 1


def test_a_server_is_down_if_no_request_got_a_response_meanwhile():
    with server(responding(b"good"), *[unavailable()] * 4) as served, Client(
        Connection(served.url, timeout=5)
    ) as client:
        http = RetryingClient(client, RetryPolicy(sleep=lambda seconds: None), ConcurrencyLimiter(1))
        http.send(Request("GET", served.url), read)
        with pytest.raises(RetriesExhausted) as caught:
            http.send(Request("GET", served.url), read)

    assert caught.value.service_down


def test_a_server_is_not_down_if_another_request_got_a_response():
    with server(*[unavailable()] * 2, responding(b"good"), *[unavailable()] * 2) as served, Client(
        Connection(served.url, timeout=5)
    ) as client:

        def send_another(_seconds):
            if len(served.requests) == 2:
                http.send(Request("GET", served.url), read)

        http = RetryingClient(client, RetryPolicy(sleep=send_another), ConcurrencyLimiter(1))
        with pytest.raises(RetriesExhausted) as caught:
            http.send(Request("GET", served.url), read)

    assert not caught.value.service_down


def time_limits(**request):
    """Send what is throttled twice; return the time that each try got."""
    given = []

    class Watched:
        def exchange(self, request, at_most=None):
            given.append(at_most)
            return Response(429 if len(given) < 3 else 200, {"retry-after": "31"}, b"good")

    http = RetryingClient(Watched(), RetryPolicy(sleep=lambda seconds: None), ConcurrencyLimiter(1))
    assert http.send(Request(url="http://localhost", **request), read) == b"good"
    return given


def test_what_writes_gets_its_full_time_even_after_long_waits():
    assert time_limits(method="POST") == [None] * 3


def test_time_waited_for_retry_after_does_not_count_as_silence():
    assert min(time_limits(method="GET", idempotent=True)) > 59
