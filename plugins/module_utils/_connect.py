# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What validated options are turned into: the HTTP client, the retry policy, credentials and tokens.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import typing as t
from contextlib import ExitStack, contextmanager

# First, since it imports requests: since Python 3.11, an import that is nested more deeply can take twice as long.
from ansible_collections.verizon.fota.plugins.module_utils._http.client import Client  # isort: skip
from ansible_collections.verizon.fota.plugins.module_utils import _validation
from ansible_collections.verizon.fota.plugins.module_utils._connection_options import TOKENS
from ansible_collections.verizon.fota.plugins.module_utils._http.concurrency_limiter import ConcurrencyLimiter
from ansible_collections.verizon.fota.plugins.module_utils._http.retries import Exchanges, RetryingClient, RetryPolicy
from ansible_collections.verizon.fota.plugins.module_utils._secrets import Task, secrets
from ansible_collections.verizon.fota.plugins.module_utils._support.interruption import Interruption
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.client import ThingSpace
from ansible_collections.verizon.fota.plugins.module_utils._thingspace.tokens import (
    Credentials,
    TokenPair,
    Tokens,
    logout,
)


@contextmanager
def retrying_client(module: Task, interruption: Interruption) -> t.Iterator[RetryingClient]:
    """Return the HTTP client that validated options describe. Its connections are closed at the end of the block."""
    policy, limiter = retry_policy(module, interruption), ConcurrencyLimiter(module.params.get("concurrency", 1))
    with ExitStack() as stack:
        client = stack.enter_context(Client(_validation.connection(module.params)))
        yield RetryingClient(stack.enter_context(_traced(module, client)), policy, limiter)


@contextmanager
def _traced(module: Task, client: Client) -> t.Iterator[Exchanges]:
    """Return a client that records its exchanges if the options ask for a trace. Warn if it cannot be written."""
    if not module.params["trace"]:
        yield client
        return
    # Only here: few tasks have a trace, and the imports take as long as two requests.
    from ansible_collections.verizon.fota.plugins.module_utils._thingspace.trace import CannotTrace, TracingClient
    from ansible_collections.verizon.fota.plugins.module_utils._thingspace.trace_redaction import Known

    account, username = (str(module.params.get(name) or "") for name in ("account", "username"))
    known = frozenset((*secrets(module), *credentials(module).secrets(), *filter(None, [username])))
    try:
        tracing = TracingClient(client, module.params["trace"], Known(account or None, known, api_url(module)))
    except CannotTrace as error:
        module.warn(str(error))
        yield client
        return
    try:
        with tracing:
            yield tracing
    finally:
        if tracing.error:
            module.warn(tracing.error)


def retry_policy(module: Task, interruption: Interruption) -> RetryPolicy:
    """Return how long a request is retried: for twice the timeout, and for four times if the service asks to wait."""
    timeout = module.params["timeout"]
    return RetryPolicy(
        retries=module.params["retries"],
        max_silence=2 * timeout,
        max_throttled=4 * timeout,
        longest_wait=2 * timeout,
        sleep=interruption.sleep,
    )


def api_url(module: Task) -> str:
    return str(module.params["api_url"]).rstrip("/")


def credentials(module: Task) -> Credentials:
    params = module.params
    return Credentials(
        params["client_id"] or None,
        params["client_secret"] or None,
        params["username"] or None,
        params["password"] or None,
    )


def existing_tokens(module: Task) -> TokenPair:
    """Return the tokens in the options. An empty one counts as missing."""
    access, session = ((module.params[name] or "").strip() or None for name in TOKENS)
    return TokenPair(access, session)


def tokens(module: Task, http: RetryingClient) -> Tokens:
    return Tokens(http, api_url(module), credentials(module), existing_tokens(module))


def thingspace(module: Task, http: RetryingClient, tokens: Tokens, interruption: Interruption) -> ThingSpace:
    """Return the FOTA service for the account of the options."""
    return ThingSpace(http, api_url(module), module.params["account"], tokens, interruption.reason)


def end_started_session(module: Task, http: RetryingClient, tokens: Tokens) -> bool:
    """End the session unless it was given. Return whether there was one to end. Raises ``ThingSpaceError``."""
    pair = tokens.pair
    if pair.session is None or pair.session == existing_tokens(module).session:
        return False
    logout(http, api_url(module), pair)
    return True
