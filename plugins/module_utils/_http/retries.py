# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When a request is sent again, how long to wait before, and when to give up.

Which other responses are worth a retry is decided by ``_thingspace/errors``, from what the service says in them.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import random
import time
import typing as t
from dataclasses import dataclass, replace

from ansible_collections.verizon.fota.plugins.module_utils._http.concurrency_limiter import ConcurrencyLimiter
from ansible_collections.verizon.fota.plugins.module_utils._http.messages import Request, Response
from ansible_collections.verizon.fota.plugins.module_utils._http.transport_errors import TransportError

T = t.TypeVar("T")

# By these statuses, a server asks to wait and to send the request again: it has not acted on it.
THROTTLED_STATUSES = (429,)
_FIRST_WAIT = 1.0
_LARGEST_EXPONENT = 10


@dataclass(frozen=True)
class RetryPolicy:
    """How many times and how long a request is tried. All times are in seconds.

    After the first try, there are up to ``retries`` more, for up to ``max_silence`` seconds in all. A server that throttles is
    alive: its requests are sent again, however often, for up to ``max_throttled``. ``sleep`` returns true if it was interrupted.
    """

    retries: int = 3
    max_silence: float = 60.0
    max_throttled: float = 120.0
    longest_wait: float = 60.0
    sleep: t.Callable[[float], object] = time.sleep
    clock: t.Callable[[], float] = time.monotonic
    jitter: t.Callable[[], float] = random.random

    def wait(self, attempt: int, retry_after: float | None) -> float:
        """Return the seconds before try ``attempt`` + 1: what the server asks for, or doubling, with jitter.

        Jitter never shortens what the server asks for, only the ceiling does.
        """
        if retry_after is not None:
            return min(retry_after + self.jitter(), self.longest_wait)
        exponent = min(attempt, _LARGEST_EXPONENT)
        return min(_FIRST_WAIT * 2.0**exponent, self.longest_wait) * (0.5 + self.jitter() / 2)

    def sleep_before_retry(self, attempt: int) -> None:
        """Wait before try ``attempt`` + 1."""
        self.sleep(self.wait(attempt, None))


class RetryableResponse(Exception):
    """A response after which the request is sent again, after ``retry_after`` seconds if the server asks for that.

    ``error`` is raised if no try is left. ``throttled``: the server asked to wait, and did nothing.
    """

    def __init__(self, error: Exception, retry_after: float | None, throttled: bool = False) -> None:
        super().__init__(str(error))
        self.error = error
        self.retry_after = retry_after
        self.throttled = throttled


class RetriesExhausted(Exception):
    """No try brought a valid response: the last error, the number of tries, and the seconds that they took.

    ``service_down``: in all that time, no other request got a response either.
    """

    def __init__(self, error: Exception, tries: int, seconds: float, service_down: bool) -> None:
        super().__init__(f"{error} (given up after {tries} {'try' if tries == 1 else 'tries'} in {seconds:.0f} s)")
        self.error = error
        self.service_down = service_down


class Exchanges(t.Protocol):
    """What sends a request once, such as a ``Client``."""

    def exchange(self, request: Request, at_most: float | None = None) -> Response:
        """Send a request once, and return its response. Raises ``TransportError``."""


class RetryingClient:
    """Sends requests, and sends them again if that may help. Shared by threads."""

    def __init__(self, client: Exchanges, retry_policy: RetryPolicy, limiter: ConcurrencyLimiter) -> None:
        self._client = client
        self._policy = retry_policy
        self._limiter = limiter
        self._last_response = float("-inf")

    def send(self, request: Request, read: t.Callable[[Response], T]) -> T:
        """Send a request and return what ``read`` makes of its response; again while ``read`` raises ``RetryableResponse``.

        What may have reached the server is sent again only if the request is idempotent or ``read`` says so; at once, and
        without counting, if it was lost on a connection that had been used before.
        Raises what ``read`` raises; ``RetriesExhausted``; ``TransportError`` for what may have been acted on and must not be
        repeated, and for what no further try can help.
        """
        policy = self._policy
        began = silent_since = policy.clock()
        tries = failures = 0
        lost_on_reused = False
        # Counted beside the clock, which need not advance while tests wait.
        waited = waited_in_silence = 0.0
        while True:
            tries += 1
            spent = max(policy.clock() - silent_since, waited_in_silence)
            # A request that may be acted on gets its full time: otherwise the service might act on it after the last try.
            at_most = max(1.0, policy.max_silence - spent) if request.idempotent else None
            attempt = request if tries == 1 else replace(request, attempt=tries)
            try:
                return self._send_once(attempt, read, at_most)
            except RetryableResponse as response:
                error, retry_after, throttled = response.error, response.retry_after, response.throttled
            except TransportError as failure:
                if failure.permanent or (failure.sent and not request.idempotent):
                    raise
                if failure.reused and not lost_on_reused:
                    # The server may never have seen it. The next try has a fresh connection.
                    lost_on_reused = True
                    continue
                error, retry_after, throttled = failure, None, False
            wait = policy.wait(tries - 1, retry_after)
            waited += wait
            if throttled:
                silent_since, waited_in_silence = policy.clock() + wait, 0.0
                exhausted = max(policy.clock() - began + wait, waited) > policy.max_throttled
            else:
                failures += 1
                waited_in_silence += wait
                silent = max(policy.clock() - silent_since + wait, waited_in_silence)
                exhausted = failures > policy.retries or silent > policy.max_silence
            if exhausted or policy.sleep(wait):
                seconds = max(policy.clock() - began, waited - wait)
                raise RetriesExhausted(error, tries, seconds, service_down=self._last_response <= began) from None

    def _send_once(self, request: Request, read: t.Callable[[Response], T], at_most: float | None) -> T:
        with self._limiter.slot() as slot:
            response = self._client.exchange(request, at_most)
        try:
            value = read(response)
        except RetryableResponse as retryable:
            if retryable.throttled:
                self._limiter.on_throttled(slot)
            raise
        except Exception:
            # An error is a response, too.
            self._last_response = self._policy.clock()
            raise
        self._last_response = self._policy.clock()
        self._limiter.on_success()
        return value
