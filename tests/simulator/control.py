# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The paths under /_simulator, through which other processes read and change the simulator.

They are neither logged nor delayed, and need no tokens.
"""

from __future__ import annotations

from typing import Callable
from urllib.parse import unquote

from flask import Flask, Response, request

from .errors import ServiceResponse
from .faults import Faults
from .log import RequestLog
from .routes import ok, respond
from .service import Service

PREFIX = "/_simulator/"


def create_control_app(service: Service, log: RequestLog, faults: Faults, request_stop: Callable[[], None]) -> Flask:
    """Return the control application. request_stop: called on shutdown; it must not wait for the end."""
    app = Flask("simulator-control", static_folder=None)
    done = {"done": True}

    @app.get(PREFIX + "ready")
    def ready() -> Response:
        return ok({"ready": True})

    @app.get(PREFIX + "requests")
    def requests() -> Response:
        return ok([logged.as_dict() for logged in log.requests()])

    @app.get(PREFIX + "faults")
    def injected() -> Response:
        return ok([one.as_dict() for one in faults.injected])

    @app.get(PREFIX + "accounts/<acc>")
    def account(acc: str) -> Response:
        name = unquote(acc)
        if name not in service.account_names():
            return respond(ServiceResponse(404, {"error": "no such account"}))
        total, used = service.totals(name)
        return ok(
            {
                "account": name,
                "license_total": total,
                "license_used": used,
                "licensed": sorted(service.licensed(name)),
            }
        )

    @app.post(PREFIX + "expire")
    def expire() -> Response:
        what = (request.get_json(silent=True, force=True) or {}).get("what")
        if what == "sessions":
            service.expire_sessions()
        elif what == "access_tokens":
            service.expire_access_tokens()
        else:
            return respond(ServiceResponse(400, {"error": "what: sessions or access_tokens"}))
        return ok(done)

    @app.post(PREFIX + "tokens")
    def tokens() -> Response:
        access_token, session_token = service.issue_tokens()
        return ok({"access_token": access_token, "session_token": session_token})

    @app.post(PREFIX + "reset")
    def reset() -> Response:
        service.reset()
        faults.reset()
        log.clear()
        return ok(done)

    @app.post(PREFIX + "shutdown")
    def shutdown() -> Response:
        request_stop()
        return ok(done)

    return app
