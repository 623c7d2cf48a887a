# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The error responses of the service, as its pages show them.

One family for each layer: the API itself, the gateway before it (WSO2), the session service (UWS), and OAuth.
"""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import Any

from .dialect import Dialect

# The gateway's codes for too many requests ("Error Handling" of WSO2 API Manager)
THROTTLED = {
    "900800": "Message throttled out",
    "900801": "Hard limit exceeded",
    "900802": "Resource level throttle out",
    "900803": "Application level throttle out",
    "900804": "Subscription level throttle out",
    "900805": "Message blocked",
    "900806": "Custom policy throttled out",
    "900807": "Message throttled out",
}
# Errors of the gateway: tokens, a resource that does not exist, and throttling
GATEWAY = {
    **THROTTLED,
    "900901": "Invalid Credentials",
    "900902": "Missing Credentials",
    "900903": "Access Token Expired",
    "900906": "No matching resource found in the API for the given request",
    "900908": "Resource forbidden",
}
# Errors about the account ("Synchronous Error Messages", account errors)
ACCOUNT = {
    "REQUEST_FAILED.AccountNotFound": "The account does not exist.",
    "REQUEST_FAILED.AccountName": "The user is not associated with the account.",
    "REQUEST_FAILED.NoAccounts": "The user has no accounts.",
    "REQUEST_FAILED.MultipleAccounts": "The user must specify the account.",
    "INPUT_INVALID.Account.NotDefined": "The account name is required.",
}


@dataclass(frozen=True)
class ServiceResponse:
    """A response before it is written as HTTP. body: text that is sent unchanged, or anything that JSON can represent."""

    status: int
    body: Any
    content_type: str = "application/json"


class ServiceError(Exception):
    """The service rejects a request with this response."""

    def __init__(self, response: ServiceResponse) -> None:
        super().__init__(f"rejected with HTTP {response.status}")
        self.response = response


def invalid_parameter(message: str, status: int = 400) -> ServiceResponse:
    """Return an error of FOTA ("Error Messages" of Software Management Services)."""
    return ServiceResponse(status, {"errorCode": "INVALID_PARAMETER", "errorMessage": message})


def connectivity(code: str, message: str, status: int = 400) -> ServiceResponse:
    """Return an error of Connectivity Management ("Synchronous Error Messages").

    Its code starts with the name of the service, which clients must ignore.
    """
    return ServiceResponse(status, {"errorCode": "UnifiedWebService." + code, "errorMessage": message})


def invalid_session(dialect: Dialect) -> ServiceResponse:
    """Return the error for a session token that is wrong or no longer valid."""
    form, status = dialect.session_expired.split("-")
    if form == "connectivity":
        return connectivity("REQUEST_FAILED.SessionToken.Expired", "The session has expired.", int(status))
    if form == "invalid":
        return connectivity("INPUT_INVALID.SessionToken.Invalid", "The session token is not valid.", int(status))
    # Both UWS bodies: "Error Messages" of the Cloud Connector, the second out of a 500.
    cause = "Requested service is unauthorized for given token"
    received = "Failure response received for UWS V1 REST accounts: "
    if status == "401":
        return ServiceResponse(
            401,
            {"error": "unauthorized", "error_description": received + "[400]", "cause": cause},
        )
    return ServiceResponse(
        500,
        {
            "error": "internal_server_error",
            "error_description": f"Request failed with Error: unauthorized: {received}[401], {cause}",
            "cause": "Requested service failed due to internal error",
        },
    )


def missing_session() -> ServiceResponse:
    """Return the error for a request without a session token."""
    return connectivity("REQUEST_FAILED.SessionToken.Format", "The session token is missing or malformed.")


def rejected_login(dialect: Dialect) -> ServiceResponse:
    """Return the error for a wrong password and for a locked user.

    The pages publish no code for either; this one follows the form of those they publish.
    """
    return connectivity(
        "INPUT_INVALID.Password.Invalid",
        "The user name or password is not valid.",
        int(dialect.login_rejected),
    )


def missing_client(dialect: Dialect) -> ServiceResponse:
    """Return the error for a missing Basic header at the token endpoint ("Missing Basic Token", same page)."""
    return gateway_error(
        dialect,
        401,
        "900902",
        "Missing Credentials",
        "Required OAuth credentials not provided. Make sure your API invocation call has a "
        'header: "Authorization: Basic ACCESS_TOKEN"',
    )


def oauth(error: str, description: str, status: int) -> ServiceResponse:
    """Return an error of the token endpoint (RFC 6749, 5.2, with WSO2's texts)."""
    return ServiceResponse(status, {"error": error, "error_description": description})


def gateway_error(dialect: Dialect, status: int, code: str, message: str, description: str) -> ServiceResponse:
    """Return an error of the gateway: as JSON on Verizon's pages, as XML by default in WSO2."""
    if dialect.fault_form == "xml":
        return _xml_error(status, code, message, description)
    number: int | str = int(code) if dialect.fault_code == "number" else code
    return ServiceResponse(status, {"fault": {"code": number, "message": message, "description": description}})


def missing_bearer(dialect: Dialect) -> ServiceResponse:
    return gateway_error(
        dialect,
        401,
        "900902",
        "Missing Credentials",
        "Required OAuth credentials not provided. Make sure your API invocation call has a "
        'header: "Authorization: Bearer ACCESS_TOKEN"',
    )


def invalid_bearer(dialect: Dialect) -> ServiceResponse:
    """Return the error for an access token that is wrong or no longer valid."""
    if dialect.bearer_expired == "900903":
        return gateway_error(dialect, 401, "900903", "Access Token Expired", "Renew the access token and try again")
    return gateway_error(
        dialect,
        401,
        "900901",
        "Invalid Credentials",
        "Access failure for API. Make sure you have given the correct access token",
    )


def no_such_resource(dialect: Dialect) -> ServiceResponse:
    return gateway_error(
        dialect,
        404,
        "900906",
        "No matching resource found in the API for the given request",
        "Check the API documentation and add a proper REST resource path to the invocation URL",
    )


def forbidden() -> ServiceResponse:
    """Return the gateway's 403, which is XML in every dialect."""
    return _xml_error(
        403,
        "900908",
        "Resource forbidden ",
        "Access failure for API. User is NOT authorized to access the Resource",
    )


def _xml_error(status: int, code: str, message: str, description: str) -> ServiceResponse:
    """Return an error as WSO2's sequences write it: throttling has a namespace of its own."""
    prefix, namespace = ("amt", "/throttling") if code in THROTTLED else ("am", "")
    parts = {"code": code, "type": "Status report", "message": message, "description": description}
    content = "".join(f"<{prefix}:{name}>{html.escape(text)}</{prefix}:{name}>" for name, text in parts.items())
    opening = f'<{prefix}:fault xmlns:{prefix}="http://wso2.org/apimanager{namespace}">'
    return ServiceResponse(status, f"{opening}{content}</{prefix}:fault>", "application/xml")
