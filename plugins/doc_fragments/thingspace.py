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
      - The ThingSpace access token (OAuth). It lives for one hour.
      - The role P(verizon.fota.tokens#role) obtains it. When it is missing, it is obtained with O(client_id) and O(client_secret).
      - If not given, the environment variable E(THINGSPACE_ACCESS_TOKEN) is used.
    type: raw
  session_token:
    description:
      - The session token of a Connectivity Management user (C(VZ-M2M-Token)). It ends after 20 minutes without use.
      - The role P(verizon.fota.tokens#role) obtains it. When it is missing, it is obtained with O(username) and O(password).
      - If not given, the environment variable E(THINGSPACE_SESSION_TOKEN) is used.
    type: raw
  client_id:
    description:
      - The key of the ThingSpace application. Together with O(client_secret) it obtains an access token
        when O(access_token) is missing, and a new one when it expires during the run.
      - If not given, the environment variable E(THINGSPACE_CLIENT_ID) is used.
    type: raw
  client_secret:
    description:
      - The secret of the ThingSpace application.
      - If not given, the environment variable E(THINGSPACE_CLIENT_SECRET) is used.
    type: raw
  username:
    description:
      - The user of Connectivity Management. Together with O(password) it starts a session when O(session_token) is missing,
        and a new one when it expires during the run.
      - Five refused logins in a row lock the user, and only Verizon's support unlocks it.
        A refused login is therefore never sent a second time.
      - If not given, the environment variable E(THINGSPACE_USERNAME) is used.
    type: raw
  password:
    description:
      - The password of the user. Write it in quotes; a number is rejected, since YAML may have changed it.
      - If not given, the environment variable E(THINGSPACE_PASSWORD) is used.
    type: raw
  api_url:
    description:
      - Where the ThingSpace API is. Plain C(http) is accepted for loopback addresses only.
      - A proxy on the way is taken from the usual environment variables, such as E(HTTPS_PROXY) and E(NO_PROXY).
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
      - A file with the certificates of the authorities to trust, in PEM format, or a directory of such files
        that C(openssl rehash) has prepared. A relative path starts in the directory of the playbook, also one in a variable.
      - If not given, the environment variable E(REQUESTS_CA_BUNDLE) or E(CURL_CA_BUNDLE) is used, and otherwise the authorities
        that the Python library C(requests) comes with.
    type: path
  timeout:
    description:
      - How long to wait for the answer to one request, in seconds, from 0.1 to 600. Connecting takes at most 10 of them.
      - A request that brings no usable answer is given up after its O(retries), or after twice this time, all its tries
        together; where the service asks to wait, after four times. When nobody else got an answer in that time either,
        the service counts as dead and the run ends.
    type: float
    default: 30
  retries:
    description:
      - How often a request is tried again that could not be delivered or brought no usable answer, from 0 to 10.
      - A request that the service throttles is tried again, after the wait that the service asks for, until four times
        O(timeout) are over. Fewer requests are in flight meanwhile.
    type: int
    default: 3
notes:
  - One line break at the end of a token, a credential or O(api_url) is removed, since files and environment variables often have
    one. Any other control character is rejected before anything is sent.
  - Runs on the host of the task, and best on Ansible's own, with C(hosts=localhost) or C(delegate_to=localhost). The environment
    variables are those of that host; the keyword C(environment) of a task or play sets them.
"""
