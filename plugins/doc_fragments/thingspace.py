# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this document fragment is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

from __future__ import annotations


class ModuleDocFragment:
    # The two tokens and the connection
    DOCUMENTATION = r"""
options:
  access_token:
    description:
      - The ThingSpace access token (OAuth). It is valid for one hour.
      - The role P(verizon.fota.tokens#role) obtains it. If it is missing, this module obtains one with O(client_id) and O(client_secret).
      - If not given, the environment variable E(THINGSPACE_ACCESS_TOKEN) is used.
    type: raw
  session_token:
    description:
      - The session token of a Connectivity Management user (C(VZ-M2M-Token)). It expires after 20 minutes without use.
      - The role P(verizon.fota.tokens#role) obtains it. If it is missing, this module obtains one with O(username) and O(password).
      - If not given, the environment variable E(THINGSPACE_SESSION_TOKEN) is used.
    type: raw
  client_id:
    description:
      - The key of the ThingSpace application. Together with O(client_secret), it is used to obtain an access token
        if O(access_token) is missing, and a new one if the token expires during the run.
      - If not given, the environment variable E(THINGSPACE_CLIENT_ID) is used.
    type: raw
  client_secret:
    description:
      - The secret of the ThingSpace application.
      - If not given, the environment variable E(THINGSPACE_CLIENT_SECRET) is used.
    type: raw
  username:
    description:
      - The user of Connectivity Management. Together with O(password), it is used to start a session if O(session_token) is
        missing, and a new one if the session expires during the run.
      - Five consecutive rejected logins lock the user. Only Verizon's support can unlock it.
        A rejected login is therefore never retried.
      - If not given, the environment variable E(THINGSPACE_USERNAME) is used.
    type: raw
  password:
    description:
      - The password of the user. Write it in quotes; a number is rejected, because YAML may have changed it.
      - If not given, the environment variable E(THINGSPACE_PASSWORD) is used.
    type: raw
  api_url:
    description:
      - The address of the ThingSpace API. Plain C(http) is accepted only for loopback addresses.
      - Proxy settings are read from the usual environment variables, such as E(HTTPS_PROXY) and E(NO_PROXY).
      - If not given, the environment variable E(THINGSPACE_API_URL) is used.
    type: str
    default: https://thingspace.verizon.com/api
  validate_certs:
    description:
      - Whether to verify the certificate of the server. Do not set this to V(false) outside of tests.
    type: bool
    default: true
  ca_path:
    description:
      - A file with the certificates of the trusted certificate authorities (CAs), in PEM format, or a directory of such files
        prepared with C(openssl rehash). A relative path, also one from an environment variable, is relative to the directory of the
        playbook.
      - If not given, the environment variable E(REQUESTS_CA_BUNDLE) or E(CURL_CA_BUNDLE) is used. If neither is set, the CAs of the
        Python library C(requests) are used.
    type: path
  timeout:
    description:
      - How long to wait for the response to one request, in seconds, from 0.1 to 600. Connecting takes at most 10 of them.
      - A request without a usable response fails after its O(retries), or when all its attempts together have taken twice
        this time; four times if the service asks to wait. If no other request got a response in that time either, the service
        is considered unavailable and the run stops.
    type: float
    default: 30
  retries:
    description:
      - How many times to retry a request that could not be delivered or returned no usable response, from 0 to 10.
      - A request that the service throttles is retried, after the wait that the service asks for, until four times
        O(timeout) have passed. In the meantime, fewer requests are in flight.
    type: int
    default: 3
notes:
  - One trailing line break is removed from a token, a credential and O(api_url), because files and environment variables often
    have one. Any other control character is rejected before anything is sent.
  - This module runs on the host of the task. Run it on the control node, with C(hosts=localhost) or C(delegate_to=localhost). The
    environment variables are those of the host where it runs. Set them with the keyword C(environment) of a task or play.
"""
