# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which certificates are trusted, and the errors of others."""

from __future__ import annotations

import os

import pytest

from ansible_collections.verizon.fota.plugins.module_utils._http import tls
from ansible_collections.verizon.fota.plugins.module_utils._http.client import Client, Connection
from ansible_collections.verizon.fota.plugins.module_utils._http.tls import InvalidCABundle
from ansible_collections.verizon.fota.tests.unit.plugins.module_utils._http.exchanges import (
    exchange,
    failing_exchange,
    tls_server_context,
)
from ansible_collections.verizon.fota.tests.unit.plugins.module_utils.fake_server import responding, sending, server


def test_a_certificate_of_the_supplied_authority_is_trusted(authority, ca_path):
    with server(responding(), tls=tls_server_context(authority)) as served:
        assert exchange(served.url, ca_path=ca_path).status == 200


def test_an_untrusted_certificate_is_rejected_before_anything_is_sent(authority):
    with server(responding(), tls=tls_server_context(authority)) as served:
        error = failing_exchange(served.url)

    assert (error.sent, error.permanent, served.requests) == (False, True, [])
    assert "the certificate is not trusted" in str(error)


def test_a_certificate_of_another_host_is_rejected_before_anything_is_sent(authority, ca_path):
    with server(responding(), tls=tls_server_context(authority, "elsewhere.example")) as served:
        error = failing_exchange(served.url, ca_path=ca_path)

    assert (error.sent, error.permanent, served.requests) == (False, True, [])


def test_certificates_are_not_verified_without_validate_certs(authority, recwarn):
    with server(responding(), tls=tls_server_context(authority, "elsewhere.example")) as served:
        assert exchange(served.url, validate_certs=False).status == 200
    assert not list(recwarn)


def test_nothing_is_sent_to_a_server_without_tls():
    with server(sending(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as served:
        error = failing_exchange(served.url.replace("http://127.0.0.1", "https://localhost"))

    assert served.requests == ["a TLS hello"]
    assert error.permanent


def test_what_was_sent_may_have_been_acted_on_where_the_response_is_not_tls(authority, ca_path):
    """The library then reports the same error as for a server without TLS, although the request was sent."""

    def in_clear(stream):
        os.write(stream.fileno(), b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")

    with server(in_clear, tls=tls_server_context(authority)) as served:
        error = failing_exchange(served.url, ca_path=ca_path)

    assert len(served.requests) == 1
    assert error.sent


@pytest.mark.parametrize(
    ("content", "why"), [(None, "does not exist"), ("no certificate", "contains no certificates in PEM format: ")]
)
def test_authorities_that_cannot_be_used_are_named_before_anything_is_sent(tmp_path, content, why):
    if content:
        (tmp_path / "ca.pem").write_text(content)

    with pytest.raises(InvalidCABundle) as caught:
        Client(Connection("https://localhost", ca_path=str(tmp_path / "ca.pem")))

    assert str(caught.value).startswith(f"{tmp_path / 'ca.pem'} {why}")


@pytest.mark.parametrize("variable", [None, "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_a_relative_path_of_authorities_is_named_in_full(tmp_path, monkeypatch, variable):
    monkeypatch.chdir(tmp_path)
    if variable:
        monkeypatch.setenv(variable, "no/ca.pem")

    with pytest.raises(InvalidCABundle, match=f"^{tmp_path}/no/ca.pem does not exist$"):
        Client(Connection("https://localhost", ca_path=None if variable else "no/ca.pem"))


@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_the_authorities_of_the_environment_are_trusted(monkeypatch, authority, ca_path, name):
    monkeypatch.setenv(name, ca_path)
    with server(responding(), tls=tls_server_context(authority)) as served:
        assert exchange(served.url).status == 200


@pytest.mark.parametrize(
    ("host", "is_address"),
    [("127.0.0.1", True), ("::1", True), ("localhost", False), ("thingspace.verizon.com", False)],
)
@pytest.mark.parametrize(("version", "old"), [("1.25.8", True), ("1.26.20", True), ("2.2.1", False), ("11.0", False)])
def test_only_an_old_urllib3_holds_an_address_against_the_certificate_itself(
    monkeypatch, version, old, host, is_address
):
    monkeypatch.setattr(tls.urllib3, "__version__", version)
    url = f"https://{f'[{host}]' if ':' in host else host}:8443/api"
    assert tls.create_context(url, verify=True).check_hostname is not (old and is_address)
    assert tls.create_context(url, verify=False).check_hostname is False
