# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When an exchange is worth another try, how long to wait before it, and when to give up.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import random
import time
import typing as t
from dataclasses import dataclass

from ansible_collections.verizon.fota.plugins.module_utils._http.client import Client
from ansible_collections.verizon.fota.plugins.module_utils._http.concurrency_limiter import Pace
from ansible_collections.verizon.fota.plugins.module_utils._http.messages import Request, Response
from ansible_collections.verizon.fota.plugins.module_utils._http.transport_errors import TransportError

T = t.TypeVar("T")

_FIRST_WAIT = 1.0
_LONGEST_EXPONENT = 10


@dataclass(frozen=True)
class RetryPolicy:
    """How often and how long a request is tried. All times are in seconds.

    ``retries`` tries follow the first one that brings nothing, within ``silence`` altogether. A server that asks to wait
    is alive: it is asked again, however often, within ``throttling``. ``sleep`` gives true when it was interrupted.
    """

    retries: int = 3
    max_silence: float = 60.0
    max_throttled: float = 120.0
    longest_wait: float = 60.0
    sleep: t.Callable[[float], object] = time.sleep
    clock: t.Callable[[], float] = time.monotonic
    jitter: t.Callable[[], float] = random.random

    def wait(self, attempt: int, told: float | None) -> float:
        """Return the seconds before try ``attempt`` + 1: as told by the server, or doubling, with jitter.

        A wait as told is never cut short by jitter, only by the ceiling.
        """
        if told is not None:
            return min(told + self.jitter(), self.longest_wait)
        exponent = min(attempt, _LONGEST_EXPONENT)
        return min(_FIRST_WAIT * 2.0**exponent, self.longest_wait) * (0.5 + self.jitter() / 2)

    def pause(self, attempt: int) -> None:
        """Wait before try ``attempt`` + 1."""
        self.sleep(self.wait(attempt, None))


class RetryableResponse(Exception):
    """The answer is none to keep: ``error`` if no try is left, otherwise again after so many seconds (None: not told).

    ``busy`` says that the server asked to wait, and that nothing was done.
    """

    def __init__(self, error: Exception, after: float | None, throttled: bool = False) -> None:
        super().__init__(str(error))
        self.error = error
        self.after = after
        self.throttled = throttled


class RetriesExhausted(Exception):
    """No try brought an answer: the last error, the number of tries, and the seconds that they took.

    ``dead`` says that in all that time nobody else got an answer either.
    """

    def __init__(self, error: Exception, tries: int, seconds: float, service_down: bool) -> None:
        super().__init__(f"{error} (given up after {tries} {'try' if tries == 1 else 'tries'} in {seconds:.0f} s)")
        self.error = error
        self.service_down = service_down


class RetryingClient:
    """Sends requests as often as it takes, to be shared by threads."""

    def __init__(self, client: Client, retry_policy: RetryPolicy, pace: Pace) -> None:
        self._client = client
        self._policy = retry_policy
        self._pace = pace
        self._last_answer = float("-inf")

    def send(self, request: Request, read: t.Callable[[Response], T]) -> T:
        """Send a request and read its answer, again as long as ``read`` raises RetryableResponse and patience lasts.

        What may have reached the server is sent again only when the request is repeatable or ``read`` says so; at once, and
        without counting, when it was lost on a connection that had been used before.
        Raises what ``read`` raises; RetriesExhausted; TransportError for what may have been acted on and must not be repeated, and
        for what no further try can help.
        """
        retry_policy = self._policy
        began = silent_since = retry_policy.clock()
        tries = failures = 0
        lost_on_reused = False
        # Counted beside the clock, which need not go on while tests wait.
        waited = waited_in_silence = 0.0
        while True:
            tries += 1
            spent = max(retry_policy.clock() - silent_since, waited_in_silence)
            # What may be acted on gets its full time: cut short, it might be acted on after it was given up.
            at_most = max(1.0, retry_policy.max_silence - spent) if request.idempotent else None
            try:
                return self._send_once(request, read, at_most)
            except RetryableResponse as again:
                error, told, throttled = again.error, again.after, again.throttled
            except TransportError as failure:
                if failure.permanent or (failure.sent and not request.idempotent):
                    raise
                if failure.reused and not lost_on_reused:
                    # That says nothing of the server, which may never have seen it. The next try has a fresh connection.
                    lost_on_reused = True
                    continue
                error, told, throttled = failure, None, False
            wait = retry_policy.wait(tries - 1, told)
            waited += wait
            if throttled:
                silent_since, waited_in_silence = retry_policy.clock() + wait, 0.0
                over = max(retry_policy.clock() - began + wait, waited) > retry_policy.max_throttled
            else:
                failures += 1
                waited_in_silence += wait
                silent = max(retry_policy.clock() - silent_since + wait, waited_in_silence)
                over = failures > retry_policy.retries or silent > retry_policy.max_silence
            if over or retry_policy.sleep(wait):
                seconds = max(retry_policy.clock() - began, waited - wait)
                raise RetriesExhausted(error, tries, seconds, service_down=self._last_answer <= began) from None

    def _send_once(self, request: Request, read: t.Callable[[Response], T], at_most: float | None) -> T:
        with self._pace.slot() as slot:
            answer = self._client.exchange(request, at_most)
        try:
            value = read(answer)
        except RetryableResponse as again:
            if again.throttled:
                self._pace.on_throttled(slot)
            raise
        except Exception:
            # A refusal is an answer too.
            self._last_answer = self._policy.clock()
            raise
        self._last_answer = self._policy.clock()
        self._pace.on_success()
        return value
