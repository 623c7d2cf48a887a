# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whom the modules trust, what they send to whom, and what they repeat of what they were told."""

from __future__ import annotations

import base64
import dataclasses
import datetime
import json
import os
import ssl
import subprocess
import sys
import time
import typing as t
import warnings
import zlib
from urllib.parse import quote, unquote

import pytest
import trustme
from ansible.module_utils import basic

from ansible_collections.verizon.fota.plugins.modules import license_remove, session
from ansible_collections.verizon.fota.tests.simulator import Credentials, Device, Dialect, Fault, Faults
from ansible_collections.verizon.fota.tests.unit.plugins.modules import running
from ansible_collections.verizon.fota.tests.unit.plugins.modules.conftest import ACCOUNT

IMEI = "990003425730535"
HOST = "127.0.0.1"
# Nothing else has the beginnings of these.
SECRETS = Credentials(client_id="Kx7qLw2m9", client_secret="Zr4tVb8n1", username="operator", password="Hq6jYd3c5")
CONTROLS = "\x1b[31m\x00\x07\b\r\n\u2028\u202e\x7f\x9b"
PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


@pytest.fixture(autouse=True)
def no_surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: t.Any) -> None:
    for name in (*PROXIES, *BUNDLES, "NETRC"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def ca_path(authority: trustme.CA, tmp_path: t.Any) -> str:
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    return str(tmp_path / "authority.pem")


def tls(authority: trustme.CA, host: str = HOST, **options: t.Any) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(host, **options).configure_cert(context)
    return context


def only_tls_1_1(context: ssl.SSLContext) -> ssl.SSLContext:
    """Make it a server of long ago. Skips the test where the TLS library cannot be one."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.set_ciphers("DEFAULT@SECLEVEL=0")
            context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    except (ssl.SSLError, ValueError, AttributeError) as error:
        pytest.skip(f"this TLS library serves no TLS 1.1: {error}")
    return context


def args_for(simulator: t.Any, **more: t.Any) -> dict[str, t.Any]:
    access, session_token = simulator.issue_tokens()
    tokens = {"access_token": access, "session_token": session_token}
    return {"api_url": simulator.url, "account": ACCOUNT, "imeis": [IMEI], **tokens, **more}


def remove(simulator: t.Any, **more: t.Any) -> dict[str, t.Any]:
    return running.run(license_remove, args_for(simulator, **more))


def assert_removed(result: dict[str, t.Any]) -> None:
    assert [device["outcome"] for device in result["devices"]] == ["removed"], result["msg"]


def assert_refused(result: dict[str, t.Any], waits: list[float], why: str) -> None:
    """Nothing was done, nothing was tried again, and the message says why in words for people."""
    assert (result["failed"], result["changed"]) == (True, False)
    assert [device["outcome"] for device in result["devices"]] == ["skipped"]
    assert why in result["msg"]
    assert not any(sign in result["printed"] for sign in ("Traceback", "object at 0x", "HTTPSConnectionPool"))
    assert waits == [] and "given up after" not in result["msg"]


# TLS


@pytest.mark.parametrize("where", ["ca_path", "a folder of authorities", *BUNDLES])
def test_a_private_authority_is_trusted_once_it_is_named(
    simulate: t.Any, authority: trustme.CA, ca_path: str, monkeypatch: pytest.MonkeyPatch, tmp_path: t.Any, where: str
) -> None:
    simulator = simulate([Device(IMEI, licensed=True)], ssl_context=tls(authority))
    named = {"ca_path": ca_path} if where == "ca_path" else {}
    if where in BUNDLES:
        monkeypatch.setenv(where, ca_path)
    elif not named:
        folder = tmp_path / "authorities"
        folder.mkdir()
        found = subprocess.run(
            ["openssl", "x509", "-noout", "-hash", "-in", ca_path], stdout=subprocess.PIPE, check=True
        )
        (folder / f"{found.stdout.decode().strip()}.0").write_bytes(authority.cert_pem.bytes())
        named = {"ca_path": str(folder)}
    assert_removed(remove(simulator, **named))


def test_ca_path_comes_before_the_environment(
    simulate: t.Any, authority: trustme.CA, ca_path: str, monkeypatch: pytest.MonkeyPatch, tmp_path: t.Any
) -> None:
    trustme.CA().cert_pem.write_to_path(str(tmp_path / "another.pem"))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "another.pem"))
    simulator = simulate([Device(IMEI, licensed=True)], ssl_context=tls(authority))
    assert_removed(remove(simulator, ca_path=ca_path))


LONG_AGO = datetime.datetime(2020, 1, 1)
SERVERS: dict[str, tuple[t.Callable[[trustme.CA], ssl.SSLContext], str]] = {
    "another authority": (lambda authority: tls(trustme.CA()), "the certificate is not trusted"),
    "another host": (lambda authority: tls(authority, "elsewhere.example"), f"not valid for '{HOST}'"),
    "expired": (lambda authority: tls(authority, not_after=LONG_AGO), "certificate has expired"),
    "TLS 1.1": (lambda authority: only_tls_1_1(tls(authority)), f"TLS with {HOST}:"),
}


@pytest.mark.parametrize("kind", SERVERS)
@pytest.mark.parametrize("module", ["license_remove", "session"])
def test_a_server_that_cannot_be_trusted_gets_nothing(
    simulate: t.Any, authority: trustme.CA, ca_path: str, waits: list[float], kind: str, module: str
) -> None:
    make_context, why = SERVERS[kind]
    simulator = simulate([Device(IMEI, licensed=True)], ssl_context=make_context(authority))
    if module == "license_remove":
        assert_refused(remove(simulator, ca_path=ca_path), waits, why)
    else:
        credentials = dataclasses.asdict(simulator.credentials)
        result = running.run(session, {"api_url": simulator.url, "ca_path": ca_path, **credentials})
        assert result["failed"] and why in result["msg"] and waits == []
    assert simulator.requests == []


@pytest.mark.parametrize("kind", ["another authority", "another host", "expired"])
def test_validate_certs_false_accepts_any_certificate(
    simulate: t.Any, authority: trustme.CA, monkeypatch: pytest.MonkeyPatch, ca_path: str, kind: str
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", ca_path)
    simulator = simulate([Device(IMEI, licensed=True)], ssl_context=SERVERS[kind][0](authority))
    assert_removed(remove(simulator, validate_certs=False))


# Redirects, netrc


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("on", ["devices", "remove", "token", "log_in", "log_out"])
def test_a_redirect_is_not_followed_and_carries_no_secret_away(simulate: t.Any, on: str, status: int) -> None:
    other = simulate([Device(IMEI, licensed=True)])
    faults = Faults([Fault("redirect", on=on, status=status, location=f"{other.url}/caught")])
    simulator = simulate([Device(IMEI, licensed=True)], around=faults.around)
    missing = {"access_token": None, "session_token": None, **dataclasses.asdict(simulator.credentials)}
    if on == "log_out":
        args = args_for(simulator, state="absent")
        del args["imeis"]
        result = running.run(session, args)
    else:
        result = remove(simulator, **(missing if on in ("token", "log_in") else {}))
    assert result["failed"] and not result.get("changed")
    assert f"HTTP {status}" in result["msg"] and "redirects are not followed: is api_url right?" in result["msg"]
    assert other.requests == []
    assert simulator.licensed(ACCOUNT) == {IMEI}
    assert len([injected for injected in faults.injected if injected.fault.on == on]) == 1, "tried again"


@pytest.mark.parametrize("where", [".netrc", "_netrc", "NETRC"])
def test_netrc_is_never_read(simulate: t.Any, monkeypatch: pytest.MonkeyPatch, tmp_path: t.Any, where: str) -> None:
    file = tmp_path / where
    file.write_text(f"machine {HOST} login eve password evil\ndefault login eve password evil\n")
    file.chmod(0o600)
    if where == "NETRC":
        monkeypatch.setenv("NETRC", str(file))
    simulator = simulate([Device(IMEI, licensed=True)])
    tokens = {"access_token": None, "session_token": None}
    assert_removed(remove(simulator, **tokens, **dataclasses.asdict(simulator.credentials)))
    first, *others = [request.headers["Authorization"].split()[0] for request in simulator.requests]
    assert first == "Basic" and set(others) == {"Bearer"}
    assert base64.b64encode(b"eve:evil").decode() not in str([request.headers for request in simulator.requests])


# Proxies

PROXY_USER = "me:Ntw83kQp"


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[tuple[str, t.Any]]:
    """A real proxy that wants a password: where it is, and its log."""
    folder = tmp_path_factory.mktemp("proxy")
    port, log = folder / "port", folder / "log"
    places = ["--hostname", HOST, "--port", "0", "--port-file", str(port), "--log-file", str(log)]
    size = ["--num-workers", "1", "--num-acceptors", "1", "--data-dir", str(folder)]
    command = [sys.executable, "-m", "proxy", *places, *size, "--basic-auth", PROXY_USER]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            deadline = time.monotonic() + 20
            while not (port.exists() and port.read_text().strip()) and time.monotonic() < deadline:
                time.sleep(0.05)
            yield f"{HOST}:{port.read_text().split()[0]}", log
        finally:
            process.terminate()


def went_through(log: t.Any, simulator: t.Any) -> bool:
    """Tell whether the log of the proxy comes to know a server; it does so once a connection has ended."""
    place = simulator.origin.partition("//")[2]
    deadline = time.monotonic() + 5
    while place not in log.read_text() and time.monotonic() < deadline:
        time.sleep(0.05)
    return place in log.read_text()


@pytest.mark.parametrize("name", ["https_proxy", "HTTPS_PROXY", "all_proxy"])
def test_a_proxy_of_the_environment_is_used(
    simulate: t.Any, authority: trustme.CA, ca_path: str, monkeypatch: pytest.MonkeyPatch, proxy: t.Any, name: str
) -> None:
    where, log = proxy
    monkeypatch.setenv(name, f"http://{PROXY_USER}@{where}")
    simulator = simulate([Device(IMEI, licensed=True)], ssl_context=tls(authority))
    assert_removed(remove(simulator, ca_path=ca_path))
    assert went_through(log, simulator)
    assert not any("Proxy-Authorization" in request.headers for request in simulator.requests)


@pytest.mark.parametrize("name", ["http_proxy", "HTTP_PROXY", "all_proxy"])
def test_no_proxy_sees_the_tokens_of_plain_http_to_loopback(
    simulate: t.Any, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    # Whoever asked it would fail.
    monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert_removed(remove(simulate([Device(IMEI, licensed=True)])))


def test_the_certificate_is_verified_behind_a_proxy_too(
    simulate: t.Any, authority: trustme.CA, monkeypatch: pytest.MonkeyPatch, proxy: t.Any, waits: list[float]
) -> None:
    monkeypatch.setenv("https_proxy", f"http://{PROXY_USER}@{proxy[0]}")
    simulator = simulate([Device(IMEI, licensed=True)], ssl_context=tls(authority))
    assert_refused(remove(simulator), waits, "the certificate is not trusted")
    assert simulator.requests == []


@pytest.mark.parametrize("exempt", [HOST, "*", "127.0.0.0/8"])
@pytest.mark.parametrize("name", ["no_proxy", "NO_PROXY"])
def test_no_proxy_leads_past_the_proxy(
    simulate: t.Any, authority: trustme.CA, ca_path: str, monkeypatch: pytest.MonkeyPatch, name: str, exempt: str
) -> None:
    # Whoever asked it would fail.
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv(name, exempt)
    simulator = simulate([Device(IMEI, licensed=True)], ssl_context=tls(authority))
    assert_removed(remove(simulator, ca_path=ca_path))


@pytest.mark.parametrize(
    "proxy_url",
    [
        "http://me:{0}@{1}",
        "http://me:{0}@127.0.0.1:1",
        "http://me:{0}@nowhere.invalid:3128",
        "http://me:{0}@127.0.0.1:port",
        "http://me:{0}/@{1}",
        "socks5://me:{0}@{1}",
        "me:{0}@{1}",
        "http://me:{0}@",
        "http://me:{0}@[::1",
    ],
)
def test_the_password_of_a_proxy_never_shows(
    simulate: t.Any, authority: trustme.CA, monkeypatch: pytest.MonkeyPatch, proxy: t.Any, proxy_url: str
) -> None:
    monkeypatch.setenv("https_proxy", proxy_url.format("wr0ngPw55", proxy[0]))
    simulator = simulate([Device(IMEI, licensed=True)], ssl_context=tls(authority))
    result = remove(simulator, retries=0, timeout=5)
    assert result["failed"] and not result["changed"]
    assert "wr0ngPw55" not in result["printed"] and "Traceback" not in result["printed"]
    assert simulator.requests == []


# Sizes

MEASURE = """
import json, resource, sys
from ansible_collections.verizon.fota.plugins.modules import license_remove
from ansible_collections.verizon.fota.tests.unit.plugins.modules import running
from ansible_collections.verizon.fota.plugins.module_utils import _options, _retries
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
_retries._FIRST_WAIT = 0.001
result = running.run(license_remove, json.loads(sys.argv[1]))
grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
print(json.dumps([grown // (1 if sys.platform == "darwin" else 1024), result]))
"""


def bombing(on: str) -> t.Callable[..., t.Any]:
    """Have a call answer with 512 MiB of blanks in half a MiB of gzip."""
    packer = zlib.compressobj(wbits=31)
    body = b"".join(packer.compress(b" " * 2**20) for _mebibyte in range(512)) + packer.flush()
    headers = [("Content-Type", "application/json"), ("Content-Encoding", "gzip"), ("Content-Length", str(len(body)))]

    def around(app: t.Any) -> t.Any:
        def layer(environ: dict[str, t.Any], start_response: t.Any) -> t.Any:
            if not environ["PATH_INFO"].endswith(on):
                return app(environ, start_response)
            start_response("200 OK", headers)
            return [body]

        return layer

    return around


@pytest.mark.parametrize(
    ("on", "kind", "outcome"),
    [("remove", "huge", "failed"), ("remove", "bomb", "failed"), ("devices", "huge", "skipped")],
)
def test_an_answer_without_end_is_refused_in_bounded_memory(simulate: t.Any, on: str, kind: str, outcome: str) -> None:
    around = bombing(on) if kind == "bomb" else Faults([Fault("huge", on=on)]).around
    simulator = simulate([Device(IMEI, licensed=True)], around=around)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", MEASURE, json.dumps(args_for(simulator, retries=1, timeout=60))]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True, timeout=120)
    grown, result = json.loads(done.stdout)
    # urllib3 before 2.6 unpacks a whole chunk at once.
    assert grown < 300, f"{grown} MiB"
    assert result["failed"] and [device["outcome"] for device in result["devices"]] == [outcome], result["msg"]
    assert f"{HOST}:" in result["msg"] and "sent more than 33554432 bytes" in result["msg"]
    assert simulator.licensed(ACCOUNT) == {IMEI}


# What is put into headers and paths


@pytest.mark.parametrize("name", ["access_token", "session_token"])
@pytest.mark.parametrize(
    "bad", ["a\r\nX-Evil: yes", "a\nb", "a\rb", "a b", "a\tb", "a\x00b", "ä", "a\u2028b", "\ud83d\ude00"]
)
def test_a_token_that_would_break_out_of_its_header_is_bad_input(simulate: t.Any, name: str, bad: str) -> None:
    simulator = simulate([Device(IMEI, licensed=True)])
    result = remove(simulator, **{name: f"tok{bad}"})
    assert result["failed"] and f"{name} is no token" in result["msg"] and f"tok{bad}" not in result["msg"]
    assert simulator.requests == []


def test_blanks_around_a_token_stay_out_of_its_header(simulate: t.Any) -> None:
    simulator = simulate([Device(IMEI, licensed=True)])
    args = args_for(simulator)
    assert_removed(running.run(license_remove, {**args, "access_token": f" {args['access_token']}\r\n"}))
    assert {request.headers["Authorization"] for request in simulator.requests} == {f"Bearer {args['access_token']}"}


@pytest.mark.parametrize("module", [license_remove, session])
def test_credentials_of_any_characters_stay_within_header_and_body(simulate: t.Any, module: t.Any) -> None:
    strange = Credentials("k\r\nX-Evil", 's" \u00e9\x00', 'u"\n', '"}\r\n\u2028\\')
    simulator = simulate([Device(IMEI, licensed=True)], credentials=strange)
    args = {"api_url": simulator.url, **dataclasses.asdict(strange)}
    result = running.run(module, {**args, **({} if module is session else {"account": ACCOUNT, "imeis": [IMEI]})})
    assert not result.get("failed"), result["msg"]
    assert not any("X-Evil" in request.headers for request in simulator.requests)


ACCOUNTS = [
    "a/b",
    "../x",
    "a/../b",
    "..%2fx",
    "%2e%2e",
    "%2f",
    "a?b=c",
    "a#b",
    "a;b",
    "a b",
    "a\\b",
    "ä",
    "\u540d",
    "a%",
    "@h:1",
    "//h",
]


@pytest.mark.parametrize("account", ACCOUNTS)
def test_an_account_is_one_segment_of_every_path(simulate: t.Any, account: str) -> None:
    simulator = simulate()
    remove(simulator, account=account)
    (request,) = simulator.requests
    _root, fota, version, devices, segment = request.path.split("/")
    assert (fota, version, devices, unquote(segment)) == ("fota", "v3", "devices", account)
    assert segment == quote(account, safe="")


@pytest.mark.parametrize("account", [".", "..", " ", "a\r\nX-Evil: yes", "a\n", "a\x00", "\u202ea", "a\x1b[31m"])
def test_an_account_that_fits_no_segment_is_bad_input(simulate: t.Any, account: str) -> None:
    simulator = simulate()
    result = remove(simulator, account=account)
    assert result["failed"] and simulator.requests == []
    # From Python 3.12 on, Ansible's own log takes no NUL: it refuses the task first
    own = "account is" in result["msg"]
    assert own or ("\0" in account and "embedded null character" in result["msg"]), result["msg"]
    assert all(line.isprintable() for line in result["msg"].split("\n"))


# What is repeated of what the service says


def echoing(on: str, form: str) -> t.Callable[..., t.Any]:
    """Have the calls whose path holds C(on) say all that they were told, in an answer of some form."""

    def around(app: t.Any) -> t.Any:
        def layer(environ: dict[str, t.Any], start_response: t.Any) -> t.Any:
            if on not in environ["PATH_INFO"]:
                return app(environ, start_response)
            told = [environ.get(name, "") for name in ("HTTP_VZ_M2M_TOKEN", "HTTP_AUTHORIZATION")]
            told.append(environ["wsgi.input"].read().decode())
            if told[1].startswith("Basic "):
                told.append(base64.b64decode(told[1][6:]).decode())
            padding = {"error at the cut": 270, "text at the cut": 30}.get(form, 0)
            text = f"{CONTROLS}{'x' * padding} {' '.join(told)} {'y' * 5000}"
            status = "200 OK"
            content: dict[str, t.Any] = {"deviceList": [{"deviceId": IMEI, "status": text}]}
            if form == "row":
                times = dict.fromkeys(("updatedTime", "recentAttemptTime", "nextAttemptTime"), text)
                row = {"deviceId": IMEI, "status": "Failure", "requestStatus": "Failure", "Reason": text, **times}
                content = {"deviceList": [row]}
            elif form.startswith("error"):
                status, content = "409 Conflict", {"errorCode": "OTHER", "errorMessage": text}
            answer = (text if form.startswith("text") else json.dumps(content)).encode()
            start_response(status, [("Content-Length", str(len(answer)))])
            return [answer]

        return layer

    return around


def secrets_of(simulator: t.Any) -> set[str]:
    """Give what was configured and what came up on the way, as it stood in headers."""
    heads = [request.headers.get(name, "") for request in simulator.requests for name in ("Authorization", TOKEN)]
    return {head.split()[-1] for head in heads if head} | {SECRETS.client_id, SECRETS.client_secret, SECRETS.password}


TOKEN = "Vz-M2M-Token"
FORMS = {
    "oauth2/token": ("error", "error at the cut"),
    "session/login": ("error", "error at the cut"),
    "/devices/": ("error", "error at the cut", "text", "text at the cut", "row"),
    "/remove": ("error", "error at the cut", "text", "text at the cut", "row", "status"),
}
ECHOES = [(on, form) for on, forms in FORMS.items() for form in forms]


@pytest.mark.parametrize(("on", "form"), ECHOES)
def test_what_the_service_says_is_repeated_short_printable_and_without_secrets(
    simulate: t.Any, tmp_path: t.Any, on: str, form: str
) -> None:
    # Where the list of licenses is not to be had, a forecast says what the service said of the device.
    check, dialect = (on, form) == ("/devices/", "row"), Dialect(list_endpoint="403")
    licensed = [Device(IMEI, licensed=True)]
    simulator = simulate(licensed, credentials=SECRETS, dialect=dialect, around=echoing(on, form))
    args = {"api_url": simulator.url, "account": ACCOUNT, **dataclasses.asdict(SECRETS)}
    file = tmp_path / "journal"
    result = running.run(license_remove, {**args, "imeis": [IMEI], "retries": 0, "journal": str(file)}, check)
    (line,) = map(json.loads, file.read_text(encoding="utf-8").splitlines())
    told = [{"msg": result["msg"]}, line, *result["devices"], {"msg": running.run(session, args)["msg"]}]
    for text in [value for words in told for value in words.values() if isinstance(value, str)]:
        assert not [secret for secret in secrets_of(simulator) if secret[:6] in text], text
        assert text.isprintable(), repr(text)
        assert len(text) < 1000


@pytest.mark.parametrize("module", [license_remove, session])
def test_the_system_log_gets_no_secret(simulate: t.Any, monkeypatch: pytest.MonkeyPatch, module: t.Any) -> None:
    logged: list[str] = []
    monkeypatch.setattr(basic, "has_journal", False)
    monkeypatch.setattr(basic.syslog, "syslog", lambda _level, text: logged.append(text))
    simulator = simulate([Device(IMEI, licensed=True)], credentials=SECRETS)
    args = {**args_for(simulator), **dataclasses.asdict(SECRETS)}
    if module is session:
        del args["imeis"]
    running.run(module, args)
    assert "client_secret=NOT_LOGGING_PARAMETER" in "".join(logged)
    told = {*secrets_of(simulator), args["access_token"], args["session_token"]}
    assert not [secret for secret in told if secret in "".join(logged)]


def test_a_secret_of_blanks_leaves_the_journal_readable(simulate: t.Any, tmp_path: t.Any) -> None:
    file = tmp_path / "journal"
    upgraded = simulate([Device(IMEI, licensed=True, upgraded=True)])
    remove(upgraded, client_secret=" ", journal=str(file))
    assert json.loads(file.read_text(encoding="utf-8"))["reason"].startswith("License removal not allowed")


@pytest.mark.parametrize("name", ["access_token", "session_token"])
def test_a_token_given_with_blanks_is_struck_out_of_a_refused_log_out(simulate: t.Any, name: str) -> None:
    simulator = simulate(around=echoing("session/logout", "error"))
    args = {**args_for(simulator), "state": "absent"}
    del args["imeis"]
    result = running.run(session, {**args, name: f"{args[name]}\n"})
    assert "HTTP 409" in result["msg"] and args[name] not in result["msg"]


def test_a_log_out_without_a_token_sends_nothing(simulate: t.Any) -> None:
    simulator = simulate()
    result = running.run(
        session, {"api_url": simulator.url, "state": "absent", "access_token": "", "session_token": "x"}
    )
    assert result["failed"] and simulator.requests == []
