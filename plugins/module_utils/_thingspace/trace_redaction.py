# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What of an exchange may be published: secrets are redacted, accounts, devices and people have stable pseudonyms.

The pseudonyms keep the form of what they replace, so that a trace can be replayed. They depend on a key that is not published:
with it, somebody could try all IMEIs.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import functools
import hashlib
import itertools
import json
import re
import typing as t
from dataclasses import dataclass
from urllib.parse import quote, unquote

from ansible_collections.verizon.fota.plugins.module_utils._http.messages import Request, Response, written_forms

# The pseudonym of the account that the run is about.
ACCOUNT = "0000000000-00001"
REDACTED = "********"

_IMEI_DIGITS = 15
# Fewer digits are counts, sizes, or parts of a time.
_FEWEST_DIGITS = 8
# The first two digits of an IMEI name an authority, not a device. With the third, they keep all leading zeros that an IMEI may
# have, which a JSON number loses.
_KEPT_DIGITS = 3
_ROUNDS = 6
# Most devices are in a request and in its response.
_CACHED = 8192
# Larger ones have lost digits.
_LARGEST_FLOAT = 1e17
_LONGEST_TEXT = 20_000
# What is read beyond that: a secret that is cut in its middle would not be recognized.
_MARGIN = 4_096
# A pattern that never matches.
_NOTHING = "(?!)"

# Patterns look no further, so that no text takes longer than in proportion to its length.
_LONGEST_MAILBOX = 64
_LONGEST_WORD = 100
_MOST_PERMUTED_DIGITS = 60

_SEPARATORS = " \u00a0\u202f\u2009\u2010\u2011\u2012\u2013./_-"
_OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_PATTERNS = rf"""
    (?P<time>(?<![0-9])[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}[T ][0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}(?:[.,][0-9]{{1,9}})?(?![0-9]))
    |(?P<origin>(?:https?|socks[45]h?a?)://[^/\s"'<>?]+)
    |(?P<ipv4>(?<![\w.])(?:{_OCTET}\.){{3}}{_OCTET}(?!\w|\.[0-9]))
    |(?P<ipv6>(?<![0-9A-Za-z:])(?:[0-9A-Fa-f]{{0,4}}(?::[0-9A-Fa-f]{{1,4}})*::(?:[0-9A-Fa-f]{{1,4}}:)*[0-9A-Fa-f]{{0,4}}|(?:[0-9A-Fa-f]{{1,4}}:){{4,7}}[0-9A-Fa-f]{{1,4}})(?![0-9A-Za-z:]))
    |(?P<email>[^\s@"'<>:=,;&?/]{{1,{_LONGEST_MAILBOX}}}@[A-Za-z0-9.-]+)
    |(?P<uuid>(?<![0-9A-Za-z])[0-9A-Fa-f]{{8}}-(?:[0-9A-Fa-f]{{4}}-){{3}}[0-9A-Fa-f]{{12}}(?![0-9A-Za-z]))
    |(?P<other_account>(?<![0-9])[0-9]{{10}}-[0-9]{{5}}(?![0-9]))
    |(?P<opaque>(?=[A-Za-z=]{{0,{_LONGEST_WORD}}}[0-9])(?=[0-9=]{{0,{_LONGEST_WORD}}}[A-Za-z])[A-Za-z0-9=]{{24,}})
    |(?P<digits>[0-9](?:[{_SEPARATORS}]{{0,3}}[0-9]){{{_FEWEST_DIGITS - 1},}})
"""
_DATE = re.compile(r"(?:19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}(?:[ ][0-9]{2})?")
_SECRET_KEY = re.compile(r"token|secret|passw|authori[sz]ation|credential|cookie|apikey")
_HARMLESS_KEYS = ("tokentype", "expiresin")
# What names people, places and things of a customer. A name of firmware is that of its maker.
_PERSONAL_KEY = re.compile(
    r".*(?<!software)(?<!firmware)(?<!account)(?<!model)(?<!make)name|.*e?mail|.*user(id)?|.*owner|.*by|.*contact|.*customer"
    r"|.*address|street|city|zip(code)?|postal(code)?|latitude|longitude|.*phone(number)?|mdn|msisdn|iccid|imsi|eid|serial(number)?"
)
# The same, in a text that is not JSON.
_SECRET_FIELD = re.compile(
    r"""((?:token|secret|passw|authori[sz]ation|credential|cookie|apikey)[\w-]{0,100}["']?\s*[:=]\s*"?)"""
    r"""((?:Bearer |Basic )?[^\s"'<>&,;}]+)""",
    re.IGNORECASE,
)
_PERSONAL_FIELD = re.compile(
    r'("(?:campaignName|deviceName|userName|firstName|lastName|name|email|mdn)"\s*:\s*")([^"]*)'
)
# The fields of the responses to calls for tokens that contain no secrets.
_TOKEN_CALL_TEXTS = (
    "error",
    "error_description",
    "errorCode",
    "errorMessage",
    "cause",
    "code",
    "message",
    "description",
    "scope",
    "token_type",
)
_SERVICE = "thingspace.verizon.com"
# Addresses for documentation (RFC 5737, RFC 3849)
_ADDRESSES = {"ipv4": "192.0.2.1", "ipv6": "2001:db8::1"}
_HEADERS = (
    "content-type",
    "content-encoding",
    "date",
    "location",
    "retry-after",
    "server",
    "via",
    "www-authenticate",
)
_FOTA_PATH = "/fota/"


@dataclass(frozen=True)
class Known:
    """What must not be published of this run: the account, secrets (user names included), the address of the API."""

    account: str | None = None
    secrets: frozenset[str] = frozenset()
    api_url: str = ""


class Redactor:
    """Redacts texts, JSON values, paths and whole exchanges. The same value always has the same pseudonym."""

    def __init__(self, key: bytes, known: Known) -> None:
        self._key = key
        self._known = known
        secrets = {form for secret in known.secrets if secret.strip() for form in written_forms(secret)}
        self._secrets = re.compile(_any_of(secrets) if secrets else _NOTHING)
        self._pattern = _pattern(known, self._secrets)
        self._margin = max([_MARGIN, *map(len, secrets)])
        self._digits = functools.lru_cache(_CACHED)(self._permuted)

    def path(self, url: str) -> str:
        """Return what follows the address of the API, with pseudonyms in it."""
        path = (
            url[len(self._known.api_url) :] if url.startswith(self._known.api_url) else re.sub(r"^\w+://[^/]*", "", url)
        )
        pieces = re.split(r"([/?&=])", path)
        return "".join(piece if piece in "/?&=" else quote(self.text(unquote(piece)), safe="") for piece in pieces)

    def headers(self, response: Response) -> dict[str, str]:
        """Return the headers that may explain a response."""
        found = {name: self.text(response.headers[name]) for name in _HEADERS if name in response.headers}
        # The names of proxies, and of what they protect.
        if "via" in found:
            found["via"] = self._name(response.headers["via"])
        if "www-authenticate" in found:
            found["www-authenticate"] = found["www-authenticate"].partition(" ")[0]
        return found

    def request_content(self, request: Request) -> dict[str, t.Any] | None:
        """Return the content of a request, ``None`` for calls for tokens, which contain secrets."""
        if request.body is None or _FOTA_PATH not in self.path(request.url):
            return None
        return self._content(request.body)

    def response_content(self, request: Request, response: Response) -> dict[str, t.Any]:
        """Return the content of a response: ``json`` or ``text``."""
        if _FOTA_PATH in self.path(request.url):
            return self._content(response.body)
        # A response to a call for tokens may contain a secret in any form.
        content = self._content(response.body)
        if "json" in content:
            return {"json": _without_texts(content["json"])}
        return {"text": REDACTED} if content["text"] and response.status < 300 else content

    def _content(self, body: bytes) -> dict[str, t.Any]:
        try:
            return {"json": self.json(json.loads(body.decode("utf-8-sig")))}
        except (ValueError, RecursionError):
            most = _LONGEST_TEXT + self._margin
            whole = body[: 4 * most + 4].decode("utf-8", "replace")
            text = whole[:most]
            text = _SECRET_FIELD.sub(lambda match: f"{match[1]}{REDACTED}", text)
            text = _PERSONAL_FIELD.sub(lambda match: f"{match[1]}{self._name(match[2])}", text)
            text = self.text(text)
            return {"text": (text[: -self._margin] if len(whole) > most else text)[:_LONGEST_TEXT]}

    def json(self, value: t.Any, is_secret: bool = False, is_personal: bool = False) -> t.Any:
        """Return a JSON value with pseudonyms. What is in a field of a secret or of personal data is so, too."""
        if isinstance(value, dict):
            found = {}
            for name, content in value.items():
                key = re.sub(r"[^a-z]", "", name.lower())
                secret = is_secret or (key not in _HARMLESS_KEYS and _SECRET_KEY.search(key) is not None)
                personal = is_personal or _PERSONAL_KEY.fullmatch(key) is not None
                found[self.text(name)] = self.json(content, secret, personal)
            return found
        if isinstance(value, list):
            return [self.json(content, is_secret, is_personal) for content in value]
        if value is None or isinstance(value, bool) or value == "":
            return value
        if is_secret:
            return REDACTED
        if isinstance(value, str):
            return self._name(value) if is_personal and not self._pattern.fullmatch(value) else self.text(value)
        return self._number(value, is_personal)

    def text(self, text: str) -> str:
        """Return a text with pseudonyms."""
        # First, since what precedes one may be part of another match.
        return self._pattern.sub(self._replacement, self._secrets.sub(REDACTED, text))

    def _replacement(self, match: re.Match[str]) -> str:
        kind, value = str(match.lastgroup), match[0]
        if kind == "time":
            return value
        if kind == "secret":
            return REDACTED
        if kind == "account":
            return ACCOUNT
        if kind == "server":
            return "api.example"
        if kind in _ADDRESSES:
            return _ADDRESSES[kind]
        if kind == "origin":
            scheme, _colon, host = value.partition("://")
            return value if host == _SERVICE else f"{scheme}://{self._name(host)}.example"
        if kind == "email":
            return f"{self._name(value)}@mail.example"
        if kind == "other_account":
            return f"0000000000-{2 + self._hash('account', value) % 99998:05}"
        if kind in ("uuid", "opaque"):
            return self._opaque(value)
        return self._digit_groups(value)

    def _digit_groups(self, value: str) -> str:
        """Return groups of digits, with separators between them, as one number or as several."""
        digits = re.sub("[^0-9]", "", value)
        if len(digits) > _IMEI_DIGITS + 1:
            # Several numbers: long ones stand alone, and others may be parts of one.
            parts = re.split(f"([0-9]{{{_IMEI_DIGITS - 3},}})", value)
            if len(parts) > 1 and parts != ["", value, ""]:
                return "".join(map(self._digit_groups, parts))
        if len(digits) < _IMEI_DIGITS - 1:
            long = re.search(f"[0-9]{{{_FEWEST_DIGITS}}}", value) is not None
            # A version, such as 01.012.01.012
            if _DATE.fullmatch(value) or (not long and re.search("[./_]", value)):
                return value
        if len(digits) < _FEWEST_DIGITS:
            return value
        # More are no number of a device.
        replaced = itertools.cycle(self._digits(digits[:_MOST_PERMUTED_DIGITS]))
        return re.sub("[0-9]", lambda _digit: next(replaced), value)

    def _number(self, value: int | float, is_personal: bool) -> int | float:
        if isinstance(value, float) and (not value.is_integer() or abs(value) > _LARGEST_FLOAT):
            return 0.5 if is_personal else float(f"{value:.3g}")
        digits = str(abs(int(value)))
        return value if len(digits) < _FEWEST_DIGITS else type(value)(int(self._digits(digits)))

    def _permuted(self, digits: str) -> str:
        """Return as many digits, by a permutation. An IMEI that lost leading zeros has the pseudonym of the whole one."""
        lost = max(0, _IMEI_DIGITS - len(digits)) if len(digits) >= _IMEI_DIGITS - 3 else 0
        whole = "0" * lost + digits
        kept, rest = whole[:_KEPT_DIGITS], whole[_KEPT_DIGITS:]
        half = len(rest) // 2
        left, right = rest[:half], rest[half:]
        for number in range(_ROUNDS):
            mixed = (int(left) + self._hash(f"{number}", len(rest), right)) % 10 ** len(left)
            left, right = right, f"{mixed:0{len(left)}}"
        return (kept + left + right)[lost:]

    def _name(self, value: str) -> str:
        return f"name-{self._hash('name', value) % 16**8:08x}"

    def _opaque(self, value: str) -> str:
        """Return a text with other letters and digits in the same places."""
        seed = number = self._hash("opaque", value)
        found: list[str] = []
        for character in value:
            number, digit = divmod(number, 16) if number else (self._hash("more", seed, len(found)), 0)
            found.append(f"{digit:x}" if character.isalnum() else character)
        return "".join(found)

    def _hash(self, *values: object) -> int:
        content = self._key + "\0".join(map(str, values)).encode("utf-8", "surrogatepass")
        return int.from_bytes(hashlib.sha256(content).digest(), "big")


def _pattern(known: Known, secrets: re.Pattern[str]) -> re.Pattern[str]:
    """Return the pattern of all that is replaced: what is known of the run first, longer before shorter."""
    parts = [rf"(?P<secret>{secrets.pattern})"]
    if known.account:
        parts.append(rf"(?P<account>{_any_of(written_forms(known.account))})")
    server = re.sub(r"^\w+://|/.*", "", known.api_url)
    if server and server != _SERVICE:
        parts.append(rf"(?P<server>{_any_of({server, server.rpartition(':')[0] or server})})")
    return re.compile("|".join([*parts, _PATTERNS.strip()]).replace("\n    ", ""))


def _any_of(texts: t.Iterable[str]) -> str:
    """Return a pattern of these texts. What is short counts only as a whole word: it would also match parts of others."""
    patterns = []
    for text in sorted(texts, key=lambda text: (-len(text), text)):
        pattern = re.escape(text)
        patterns.append(pattern if len(text) > 3 else rf"(?<!\w){pattern}(?!\w)")
    return "|".join(patterns)


def _without_texts(value: t.Any, key: str = "") -> t.Any:
    """Return a JSON value without any text that is not the message of an error."""
    if isinstance(value, dict):
        return {name: _without_texts(content, name) for name, content in value.items()}
    if isinstance(value, list):
        return [_without_texts(content, key) for content in value]
    return REDACTED if isinstance(value, str) and value and key not in _TOKEN_CALL_TEXTS else value
