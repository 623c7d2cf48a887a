# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The error bodies of the service, as its pages show them. One family for each layer:
the API itself, the gateway before it (WSO2), the session service (UWS), and OAuth.
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
# Errors of the gateway that concern every request: tokens, a resource that is not there, and throttling
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
class Answer:
    """An answer before it is HTTP: `body` is text as it is, or anything that JSON can say."""

    status: int
    body: Any
    content_type: str = "application/json"


class Refused(Exception):
    """The service does not do what it was asked; `answer` says why."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(f"refused with HTTP {answer.status}")
        self.answer = answer


def invalid_parameter(message: str, status: int = 400) -> Answer:
    """A refusal of FOTA ("Error Messages" of Software Management Services)."""
    return Answer(status, {"errorCode": "INVALID_PARAMETER", "errorMessage": message})


def connectivity(code: str, message: str, status: int = 400) -> Answer:
    """A refusal of Connectivity Management: the code carries the name of the service, which
    clients must ignore ("Synchronous Error Messages")."""
    return Answer(status, {"errorCode": "UnifiedWebService." + code, "errorMessage": message})


def session_refused(dialect: Dialect) -> Answer:
    """A session token that is wrong or no longer valid."""
    form, status = dialect.session_expired.split("-")
    if form == "connectivity":
        return connectivity("REQUEST_FAILED.SessionToken.Expired", "The session has expired.", int(status))
    if form == "invalid":
        return connectivity("INPUT_INVALID.SessionToken.Invalid", "The session token is not valid.", int(status))
    # Both UWS bodies: "Error Messages" of the Cloud Connector, the second out of a 500.
    cause = "Requested service is unauthorized for given token"
    received = "Failure response received for UWS V1 REST accounts: "
    if status == "401":
        return Answer(
            401,
            {"error": "unauthorized", "error_description": received + "[400]", "cause": cause},
        )
    return Answer(
        500,
        {
            "error": "internal_server_error",
            "error_description": f"Request failed with Error: unauthorized: {received}[401], {cause}",
            "cause": "Requested service failed due to internal error",
        },
    )


def session_missing() -> Answer:
    """No session token at all."""
    return connectivity("REQUEST_FAILED.SessionToken.Format", "The session token is missing or malformed.")


def log_in_refused(dialect: Dialect) -> Answer:
    """The same words for a wrong password and for a locked user: the pages to hand name no code
    for either, so that this one follows the form of the published codes."""
    return connectivity(
        "INPUT_INVALID.Password.Invalid",
        "The user name or password is not valid.",
        int(dialect.log_in_refused),
    )


def client_missing(dialect: Dialect) -> Answer:
    """No Basic header at the token endpoint ("Missing Basic Token", Synchronous Error Messages)."""
    return fault(
        dialect,
        401,
        "900902",
        "Missing Credentials",
        "Required OAuth credentials not provided. Make sure your API invocation call has a "
        'header: "Authorization: Basic ACCESS_TOKEN"',
    )


def oauth(error: str, description: str, status: int) -> Answer:
    """A refusal of the token endpoint (RFC 6749, 5.2, in WSO2's words)."""
    return Answer(status, {"error": error, "error_description": description})


def fault(dialect: Dialect, status: int, code: str, message: str, description: str) -> Answer:
    """A refusal of the gateway: as JSON on Verizon's pages, as XML by default in WSO2."""
    if dialect.fault_form == "xml":
        return _xml_fault(status, code, message, description)
    number: int | str = int(code) if dialect.fault_code == "number" else code
    return Answer(status, {"fault": {"code": number, "message": message, "description": description}})


def bearer_missing(dialect: Dialect) -> Answer:
    return fault(
        dialect,
        401,
        "900902",
        "Missing Credentials",
        "Required OAuth credentials not provided. Make sure your API invocation call has a "
        'header: "Authorization: Bearer ACCESS_TOKEN"',
    )


def bearer_refused(dialect: Dialect) -> Answer:
    """A bearer that is wrong or no longer valid."""
    if dialect.bearer_expired == "900903":
        return fault(dialect, 401, "900903", "Access Token Expired", "Renew the access token and try again")
    return fault(
        dialect,
        401,
        "900901",
        "Invalid Credentials",
        "Access failure for API. Make sure you have given the correct access token",
    )


def no_such_resource(dialect: Dialect) -> Answer:
    return fault(
        dialect,
        404,
        "900906",
        "No matching resource found in the API for the given request",
        "Check the API documentation and add a proper REST resource path to the invocation URL",
    )


def forbidden() -> Answer:
    """The gateway's 403, which it says in XML."""
    return _xml_fault(
        403,
        "900908",
        "Resource forbidden ",
        "Access failure for API. User is NOT authorized to access the Resource",
    )


def _xml_fault(status: int, code: str, message: str, description: str) -> Answer:
    """Return a fault as WSO2's sequences write it: throttling has a namespace of its own."""
    prefix, namespace = ("amt", "/throttling") if code in THROTTLED else ("am", "")
    parts = {"code": code, "type": "Status report", "message": message, "description": description}
    content = "".join(f"<{prefix}:{name}>{html.escape(text)}</{prefix}:{name}>" for name, text in parts.items())
    opening = f'<{prefix}:fault xmlns:{prefix}="http://wso2.org/apimanager{namespace}">'
    return Answer(status, f"{opening}{content}</{prefix}:fault>", "application/xml")
