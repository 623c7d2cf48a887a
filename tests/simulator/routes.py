# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The routes of the service: which path and method reaches which call, where tokens are, how responses become HTTP."""

from __future__ import annotations

import functools
import json
from typing import Any, Callable, cast
from urllib.parse import unquote, urlsplit

from flask import Flask, Response, request
from werkzeug.local import LocalProxy

from . import errors
from .errors import ServiceError, ServiceResponse
from .service import Service

WsgiApp = Callable[..., Any]

_FOTA = "/api/fota/v3"


# Under this name, the environment of a request contains the service that it is for.
SERVICE = "simulator.service"


@functools.lru_cache(maxsize=None)
def service_app() -> Flask:
    """Return the application of all services: to make it takes longer than a request."""
    app = Flask("simulator", static_folder=None)
    # An empty segment is an account without a name: do not redirect.
    app.url_map.merge_slashes = False
    service = cast(Service, LocalProxy(lambda: request.environ[SERVICE]))
    _add_token_routes(app, service)
    _add_license_routes(app, service)
    _add_report_routes(app, service)

    app.register_error_handler(ServiceError, lambda error: respond(error.response))
    for status in (404, 405):
        app.register_error_handler(status, lambda _error: respond(errors.no_such_resource(service.settings.dialect)))
    return app


def with_raw_path(app: WsgiApp) -> WsgiApp:
    """Return the application that routes on the path as sent, so that %2F stays within its segment; views decode."""

    def wrapped(environ: dict[str, Any], start_response: Any) -> Any:
        environ["PATH_INFO"] = raw_path(environ)
        return app(environ, start_response)

    return wrapped


def raw_path(environ: dict[str, Any]) -> str:
    target: str = environ.get("RAW_URI") or environ["PATH_INFO"]
    if not target.startswith("/"):
        return urlsplit(target).path
    return target.split("?", 1)[0]


def logged_path(environ: dict[str, Any]) -> str:
    """Return the path for the log: what follows /api, with the query."""
    path = raw_path(environ)
    if path.startswith("/api/"):
        path = path[len("/api") :]
    query: str = environ.get("QUERY_STRING", "")
    return path + "?" + query if query else path


def respond(response: ServiceResponse) -> Response:
    body = response.body
    if not isinstance(body, str):
        body = json.dumps(body, separators=(",", ":"))
    return Response(body, status=response.status, content_type=response.content_type)


def ok(body: Any) -> Response:
    return respond(ServiceResponse(200, body))


def _bearer() -> str | None:
    scheme, _blank, value = request.headers.get("Authorization", "").partition(" ")
    return value.strip() if scheme.lower() == "bearer" else None


def _session() -> str | None:
    return request.headers.get("VZ-M2M-Token")


def _client() -> tuple[str, str] | None:
    given = request.authorization
    if given is None or given.type != "basic":
        return None
    return given.username or "", given.password or ""


def _add_token_routes(app: Flask, service: Service) -> None:
    @app.post("/api/ts/v1/oauth2/token")
    def access_token() -> Response:
        return ok(service.access_token(_client(), request.form.to_dict()))

    @app.post("/api/ts/v1/oauth2/revoke")
    def revoke() -> Response:
        service.revoke(_client(), request.form.to_dict())
        return respond(ServiceResponse(200, ""))

    @app.post("/api/m2m/v1/session/login")
    def log_in() -> Response:
        return ok(service.log_in(_bearer(), request.get_data()))

    @app.post("/api/m2m/v1/session/logout")
    def log_out() -> Response:
        return ok(service.log_out(_bearer(), _session()))


def _guard(service: Service, endpoint: str) -> None:
    """Check the tokens, then whether the account may use this endpoint ("ok", "403" or "404")."""
    service.authorize(_bearer(), _session())
    if endpoint == "403":
        raise ServiceError(errors.forbidden())
    if endpoint == "404":
        raise ServiceError(errors.no_such_resource(service.settings.dialect))


def _add_license_routes(app: Flask, service: Service) -> None:
    @app.post(_FOTA + "/licenses/<acc>/remove")
    def remove(acc: str) -> Response:
        _guard(service, "ok")
        return ok(service.remove(unquote(acc), request.get_data()))

    @app.post(_FOTA + "/licenses/<acc>/assign")
    def assign(acc: str) -> Response:
        _guard(service, service.settings.dialect.assign_endpoint)
        return ok(service.assign_licenses(unquote(acc), request.get_data()))

    @app.post(_FOTA + "/devices/<acc>")
    def devices(acc: str) -> Response:
        _guard(service, service.settings.dialect.devices_endpoint)
        return ok(service.devices(unquote(acc), request.get_data(), request.args.get("protocol")))

    @app.get(_FOTA + "/devices/<acc>")
    def account_devices(acc: str) -> Response:
        _guard(service, service.settings.dialect.account_devices_endpoint)
        args = request.args
        return ok(service.account_devices(unquote(acc), args.get("lastSeenDeviceId", "0"), args.get("protocol")))

    def licenses(acc: str, last_seen: str, form: str) -> Response:
        dialect = service.settings.dialect
        call_service = dialect.list_endpoint if dialect.list_path == form else "404"
        _guard(service, call_service)
        return ok(service.licenses(unquote(acc), last_seen))

    @app.get(_FOTA + "/licenses/<acc>/index/<last_seen>")
    def licenses_by_index(acc: str, last_seen: str) -> Response:
        return licenses(acc, unquote(last_seen), "index")

    @app.get(_FOTA + "/licenses/<acc>")
    def licenses_by_query(acc: str) -> Response:
        return licenses(acc, request.args.get("lastSeenDeviceId", "0"), "query")


def _add_report_routes(app: Flask, service: Service) -> None:
    @app.get(_FOTA + "/reports/<acc>/devices/<imei>")
    def history(acc: str, imei: str) -> Response:
        _guard(service, "ok")
        return ok(service.history(unquote(acc), unquote(imei)))

    def campaigns(acc: str, form: str) -> Response:
        _guard(service, "ok" if service.settings.dialect.campaigns_path == form else "404")
        args = request.args
        return ok(service.campaigns(unquote(acc), args.get("campaignStatus", ""), args.get("lastSeenCampaignId", "")))

    @app.get(_FOTA + "/reports/<acc>/firmware/campaigns")
    def firmware_campaigns(acc: str) -> Response:
        return campaigns(acc, "firmware")

    @app.get(_FOTA + "/reports/<acc>/campaigns")
    def plain_campaigns(acc: str) -> Response:
        return campaigns(acc, "plain")

    @app.get(_FOTA + "/reports/<acc>/campaigns/<campaign>/devices")
    def campaign_devices(acc: str, campaign: str) -> Response:
        _guard(service, "ok")
        last_seen = request.args.get("lastSeenDeviceId", "0")
        return ok(service.campaign_devices(unquote(acc), unquote(campaign), last_seen))

    @app.get(_FOTA + "/subscriptions/<acc>")
    def subscription(acc: str) -> Response:
        _guard(service, "ok")
        return ok(service.subscription(unquote(acc)))
