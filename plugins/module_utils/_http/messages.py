# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An HTTP request and its response, as data.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import email.utils
import html
import json
import re
import time
import typing as t
from dataclasses import dataclass, field, replace
from urllib.parse import quote, quote_plus

_SHORTEST_SECRET = 8
# What is the same in every form, as most tokens are.
_PLAIN = re.compile(r"[A-Za-z0-9_.~-]*")


def written_forms(value: str) -> list[str]:
    """Return how a server may repeat a value: as it is, and as JSON, XML, HTML or a URL writes it."""
    if _PLAIN.fullmatch(value):
        return [value]
    forms = (
        value,
        json.dumps(value)[1:-1],
        json.dumps(value, ensure_ascii=False)[1:-1],
        html.escape(value),
        html.escape(value, quote=False),
        quote(value),
        quote(value, safe=""),
        quote_plus(value),
    )
    return list(dict.fromkeys(forms))


@dataclass(frozen=True)
class Request:
    """What is sent. ``idempotent``: it only reads; ``secrets``: those that it contains, which stay out of its ``repr``.

    ``fresh_connection`` keeps it off connections that were used before, on which it might get lost; ``proven_connection`` does so
    until such a connection has worked once. ``attempt``: which try of it this is, from 1 on.
    """

    method: str
    url: str
    headers: t.Mapping[str, str] = field(repr=False, default_factory=dict)
    body: bytes | None = field(repr=False, default=None)
    idempotent: bool = False
    secrets: tuple[str, ...] = field(repr=False, default=())
    fresh_connection: bool = False
    proven_connection: bool = False
    attempt: int = 1


@dataclass(frozen=True)
class Response:
    """What a server returned. Header names are in lower case."""

    status: int
    headers: t.Mapping[str, str]
    body: bytes

    def redacted(self, secrets: t.Iterable[str]) -> Response:
        """Return the same response with these secrets replaced by asterisks, in case the server echoes them in any form.

        Very short ones are not replaced: they would also match ordinary text.
        """
        body = self.body
        for secret in (secret for secret in secrets if len(secret) >= _SHORTEST_SECRET):
            for form in written_forms(secret):
                body = body.replace(form.encode(), b"********")
        return replace(self, body=body)

    def retry_after(self) -> float | None:
        """Return the seconds that Retry-After asks for (RFC 9110, 10.2.3: a number or a date), or ``None``."""
        value = self.headers.get("retry-after", "").strip()
        if value.isascii() and value.isdigit():
            return float(value[:6])
        try:
            return max(0.0, email.utils.parsedate_to_datetime(value).timestamp() - time.time())
        except (TypeError, ValueError, OverflowError):
            return None
