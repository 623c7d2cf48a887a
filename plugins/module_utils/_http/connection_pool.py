# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How connections are kept and reused, and what happened on them during an exchange.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import http.client
import socket
import threading
import time
import typing as t

from ansible_collections.verizon.fota.plugins.module_utils._http.libraries import requests, ssl

_SWITCHING_PROTOCOLS = 101


class ExchangeState(threading.local):
    """The exchange of this thread: when it has to end, whether it needs a fresh connection, what happened on it.

    ``opened``: it opened a connection, or tried to; ``connecting``: the request cannot have been sent yet.
    """

    deadline = float("inf")
    fresh = opened = connecting = False

    def begin(self, deadline: float, fresh: bool) -> None:
        self.deadline, self.fresh = deadline, fresh
        self.opened = self.connecting = False


def create_adapter(context: ssl.SSLContext, state: ExchangeState, maxsize: int) -> requests.adapters.HTTPAdapter:
    """Return what a session of ``requests`` sends with: up to ``maxsize`` kept connections to one server."""

    def with_state(manager: t.Any) -> t.Any:
        pools = manager.pool_classes_by_scheme
        manager.pool_classes_by_scheme = {scheme: _stateful(pool, state) for scheme, pool in pools.items()}
        return manager

    class Adapter(requests.adapters.HTTPAdapter):  # type: ignore[misc, unused-ignore]
        def init_poolmanager(self, *args: t.Any, **kwargs: t.Any) -> None:
            super().init_poolmanager(*args, ssl_context=context, **kwargs)
            with_state(self.poolmanager)

        def proxy_manager_for(self, proxy: str, **kwargs: t.Any) -> t.Any:
            return with_state(super().proxy_manager_for(proxy, ssl_context=context, **kwargs))

    return Adapter(pool_connections=1, pool_maxsize=maxsize, max_retries=0)


def _stateful(pool: t.Any, state: ExchangeState) -> t.Any:
    """Return a class of connection pools like ``pool`` that respects and updates ``state``, and waits for the final response."""
    if getattr(pool, "state", None) is state:
        return pool

    class Response(http.client.HTTPResponse):
        def _read_status(self) -> tuple[str, int, str]:
            """Skip informational responses (RFC 9110, 15.2). By default, http.client takes all but 100 for final."""
            while True:
                version, status, reason = super()._read_status()  # type: ignore[misc]
                if not 100 <= status < 200 or status == _SWITCHING_PROTOCOLS:
                    return version, status, reason
                http.client.parse_headers(self.fp)
                if time.monotonic() > state.deadline:
                    raise socket.timeout("timed out")

    class StatefulConnection(pool.ConnectionCls):  # type: ignore[misc]
        response_class = Response

        def connect(self) -> None:
            state.opened = state.connecting = True
            super().connect()
            state.connecting = False

    class StatefulPool(pool):  # type: ignore[misc]
        ConnectionCls = StatefulConnection

        def _get_conn(self, timeout: float | None = None) -> t.Any:
            connection = super()._get_conn(timeout)
            if connection.sock is None or not (state.fresh or _has_unread(connection.sock)):
                return connection
            connection.close()
            return self._new_conn()

    StatefulPool.state = state
    return StatefulPool


def _has_unread(stream: t.Any) -> bool:
    """Return whether unrequested bytes wait in the TLS layer; urllib3 looks only for those in the socket below."""
    return hasattr(stream, "pending") and stream.pending() > 0
