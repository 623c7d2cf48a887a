# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a valid IMEI is, in which spellings people write one, and how lists of them are read.

ThingSpace identifies devices by IMEI: text of 15 decimal digits (Remove FOTA Licenses, "deviceList").
The Luhn digit is not checked: most of the IMEIs that Verizon publishes as samples fail it.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import re
import typing as t
from collections import Counter

from ansible_collections.verizon.fota.plugins.module_utils._support.text import are_digits, pluralize

DIGITS = 15
# How many invalid entries, columns or other things a message lists.
MAX_LISTED = 20

_ASCII_DIGITS = frozenset("0123456789")
_SHOWN = 40
# What an error says where digits were lost in YAML, and where a spreadsheet lost them.
_QUOTE_IT = "write IMEIs in quotes, since YAML drops leading zeros"
LOST_ZEROS = "a spreadsheet drops leading zeros: format its column as text"
# What copying from web pages, chats and joined files leaves around a number: byte order marks, marks of direction.
_INVISIBLE = "\ufeff\u200b\u200e\u200f\u202a\u202c\u202d\u2060"
# Blanks and hyphens, also those that do not break a line.
_SEPARATORS = " \u00a0\u202f\u2009\u2010\u2011\u2012\u2013-"
_SPELLED = re.compile(f"[0-9](?:[{_SEPARATORS}]*[0-9])*")
_GAP = f"[{_SEPARATORS}]+"
_YEAR, _MONTH_OR_DAY = "(?:19|20)[0-9]{2}", "(?:0?[1-9]|[12][0-9]|3[01])"
_DATE = f"(?:{_YEAR}{_GAP}{_MONTH_OR_DAY}{_GAP}{_MONTH_OR_DAY}|{_MONTH_OR_DAY}{_GAP}{_MONTH_OR_DAY}{_GAP}{_YEAR})"
# A digit is between any two repetitions of blanks: next to each other, they would take minutes for a long line.
# Compiled when it is used first, which takes 3 ms: most lists need it for no entry.
_TWO_NUMBERS = "|".join(
    (
        # A short number and one that lost a digit, such as a line number and an IMEI without its check digit. A check
        # digit may stand apart, behind a single hyphen.
        f"[0-9]{{1,2}}{_GAP}[0-9]{{13,}}",
        f"[0-9]{_GAP}[0-9]{{2}}[{_SEPARATORS}]*[0-9]{{6}}[{_SEPARATORS}]*[0-9]{{6}}",
        rf"[0-9]{{13,}}(?![0-9])(?=\S*\s){_GAP}[0-9]{{1,2}}",
        # A date and a number.
        f"{_DATE}{_GAP}[0-9][0-9{_SEPARATORS}]*",
        f"[0-9{_SEPARATORS}]*[0-9]{_GAP}{_DATE}",
        f"{_YEAR}(?:0[1-9]|1[0-2]){_MONTH_OR_DAY}{_GAP}[0-9]{{7}}",
    )
)
_FIFTEEN = re.compile(r"(?<![0-9])[0-9]{15}(?![0-9])")
# Data frames write integers like this if a value of the column is missing.
_DECIMAL = re.compile(r"([0-9]+)[.,]0+")
_SCIENTIFIC = re.compile(r"(?<![0-9])[0-9]+(?:[.,][0-9]*)?E\+?[0-9]+", re.IGNORECASE)


class InvalidIMEIs(ValueError):
    """A list or file of IMEIs that cannot be used. The text names the invalid entries and where they are."""


class EntryError(t.NamedTuple):
    """Why an entry is not an IMEI, as a sentence about it, and as what is counted of such entries."""

    message: str
    kind: str


class InvalidEntries:
    """The invalid entries of a list or file: the first ones are named, the others counted by kind."""

    def __init__(self) -> None:
        self.count = 0
        self._named: list[str] = []
        self._more: Counter[str] = Counter()

    def add(self, where: str, shown: str, error: EntryError) -> None:
        self.count += 1
        if len(self._named) < MAX_LISTED:
            self._named.append(f"{where}: {shown} {error.message}")
        else:
            self._more[error.kind] += 1

    def raise_if_any(self, source: str) -> None:
        """Raise ``InvalidIMEIs`` if there is an invalid entry. ``source`` says where they are."""
        if not self.count:
            return
        entries = "1 invalid entry" if self.count == 1 else f"{self.count} invalid entries"
        lines = [f"{source} has {entries}; nothing was sent:", *self._named]
        if self._more:
            kinds = ", ".join(f"{count} {kind}" for kind, count in self._more.most_common())
            lines.append(f"and {sum(self._more.values())} more: {kinds}")
        raise InvalidIMEIs("\n".join(lines))


def from_list(values: t.Sequence[object] | None) -> list[str]:
    """Return the distinct IMEIs of a list, in the order of their first appearance.

    Raises ``InvalidIMEIs``, which names invalid entries with their index (counted from 0, as Ansible does).
    """
    if not values:
        raise InvalidIMEIs("imeis is empty: name at least one IMEI")
    imeis: dict[str, None] = {}
    invalid = InvalidEntries()
    for index, value in enumerate(values):
        imei = parse_imei(value)
        if imei is None:
            invalid.add(f"imeis[{index}]", shown(value), error_of(value))
        else:
            imeis[imei] = None
    invalid.raise_if_any("imeis")
    return list(imeis)


def is_imei(text: str) -> bool:
    """Return whether a text is an IMEI as the service requires it: 15 digits and nothing else."""
    return len(text) == DIGITS and _ASCII_DIGITS.issuperset(text)


def are_imeis(texts: list[str]) -> bool:
    """Return whether ``is_imei`` is true of each of these texts, of which there is at least one: faster for many of them."""
    return set(map(len, texts)) == {DIGITS} and are_digits("".join(texts))


def parse_imei(value: object) -> str | None:
    """Return the IMEI that a value contains, or ``None``.

    Accepted are text of 15 digits, with blanks or hyphens between them, behind an apostrophe, as ``="…"`` or with ``.0`` at
    its end, and numbers that still have 15 digits.
    """
    if isinstance(value, str):
        text = value.strip()
        return text if is_imei(text) else _folded(unwrapped(text))
    if isinstance(value, int) and not isinstance(value, bool):
        text = str(value)
        return text if is_imei(text) else None
    if isinstance(value, float) and value.is_integer():
        return _folded(f"{value:.1f}")
    return None


def unwrapped(text: str) -> str:
    """Return a text without what spreadsheets put around it so that it stays text: an apostrophe, or ``="…"``."""
    text = text.strip().strip(_INVISIBLE).strip()
    if text.startswith('="') and text.endswith('"') and len(text) > 2:
        return text[2:-1].strip()
    return text[1:].strip() if text.startswith("'") else text


def is_rounded_imei(text: str) -> bool:
    """Return whether a text is what a spreadsheet makes of an IMEI that it takes for a number: ``9.9E+14``."""
    text = unwrapped(text).upper()
    return text.endswith(("E+14", "E14")) and _SCIENTIFIC.fullmatch(text) is not None


def has_number_like_an_imei(text: str) -> bool:
    """Return whether a text contains what an IMEI could be, or what could have become of one: 14 to 16 digits, or rounded."""
    for match in _SPELLED.finditer(text):
        found = match.group()
        digits = len(_digits(found))
        # Where digits stand apart, some of them may belong to another number.
        if digits >= DIGITS - 1 and (digits <= DIGITS + 1 or digits < len(found)):
            return True
    return any(found.upper().endswith(("E+14", "E14")) for found in _SCIENTIFIC.findall(text))


def error_of(value: object, lost: str = _QUOTE_IT) -> EntryError:
    """Return why a value is not an IMEI. ``lost`` says how digits get lost where it comes from, and what to do about it."""
    if isinstance(value, str):
        return _error_of_text(value, lost)
    if isinstance(value, int) and not isinstance(value, bool):
        return _error_of_number(value)
    if isinstance(value, float):
        return _error_of_text(f"{value:.1f}" if value.is_integer() else str(value), _QUOTE_IT)
    if isinstance(value, dict):
        key = f" with the key {shown(next(iter(value)))}" if value else ""
        return EntryError(f"is a mapping{key}; write the IMEI alone, as text of 15 digits", "mappings")
    kind = _kind_of(value)
    return EntryError(f"is {kind}; write each IMEI as text of 15 digits", f"that are {kind}")


def _kind_of(value: object) -> str:
    if isinstance(value, (list, tuple)):
        return "a list inside the list"
    if isinstance(value, bool):
        return "a boolean"
    if value is None:
        return "nothing"
    # Ansible derives classes of its own from those of YAML.
    names = (one.__name__ for one in type(value).__mro__)
    return f"a {next(name for name in names if '_' not in name)}"


def shown(value: object) -> str:
    """Return a value as a message shows it: on one line, and not too long."""
    # Only the part that may be shown: the text may be an entire file.
    if isinstance(value, str):
        value = value[: 2 * _SHOWN]
    text = ascii(value) if isinstance(value, str) and not value.isprintable() else repr(value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def _folded(text: str) -> str | None:
    """Return the IMEI that a text spells with other characters than digits, or ``None``."""
    if not DIGITS <= len(text) <= 4 * DIGITS:
        return None
    decimal = _DECIMAL.fullmatch(text)
    if decimal:
        # A number that was rounded before ends in zeros: 9.9E+14 arrives as 990000000000000.0.
        digits = decimal.group(1)
        return digits if is_imei(digits) and not digits.endswith("0000") else None
    if _SPELLED.fullmatch(text) and not re.fullmatch(_TWO_NUMBERS, text):
        digits = _digits(text)
        return digits if len(digits) == DIGITS else None
    return None


def _digits(text: str) -> str:
    return "".join(character for character in text if character in _ASCII_DIGITS)


_ROUNDED = EntryError(
    "may have been rounded; write the IMEI as text of 15 digits, in quotes", "that may have been rounded"
)


def _error_of_text(value: str, lost: str) -> EntryError:
    text = unwrapped(value)
    if not text:
        return EntryError("is empty; an IMEI has 15 digits", "empty")
    if "\n" in text:
        return EntryError(
            "has several lines; write a list, with a hyphen before each IMEI, not a block of text", "with several lines"
        )
    if re.fullmatch(_TWO_NUMBERS, text):
        return EntryError("is two numbers; an IMEI has 15 digits", "with two numbers")
    if _SPELLED.fullmatch(text):
        return _error_of_digits(_digits(text), lost)
    if text.isdigit():
        return EntryError(
            "has digits of another script; an IMEI has 15 of the digits 0 to 9", "with digits of another script"
        )
    if _SCIENTIFIC.fullmatch(text):
        return EntryError(
            "was rounded by a spreadsheet; format its column as text and export it again", "rounded by a spreadsheet"
        )
    decimal = _DECIMAL.fullmatch(text)
    if decimal:
        return _ROUNDED if is_imei(decimal.group(1)) else _error_of_digits(decimal.group(1), lost)
    imeis = len(_FIFTEEN.findall(text))
    if imeis > 1:
        return EntryError(f"contains {imeis} IMEIs; write each as an entry of its own", "with several IMEIs")
    if imeis:
        return EntryError("contains an IMEI and more; an IMEI has 15 digits and nothing else", "with an IMEI and more")
    return EntryError("is not an IMEI; an IMEI has 15 digits and nothing else", "not IMEIs")


def _error_of_digits(digits: str, lost: str) -> EntryError:
    count = len(digits)
    kind = f"with {pluralize(count, 'digit')}"
    if count == DIGITS + 1:
        return EntryError(
            "has 16 digits, as an IMEISV (an IMEI with a software version) has; an IMEI has 15, the last one a check digit",
            kind,
        )
    if count == DIGITS - 1:
        return EntryError(f"has 14 digits; an IMEI has 15: the check digit or a leading zero is missing ({lost})", kind)
    if count == DIGITS:
        return EntryError(
            "has 15 digits, but too far apart; write the IMEI as text of 15 digits", "with digits too far apart"
        )
    if count < DIGITS:
        return EntryError(f"has {pluralize(count, 'digit')}; an IMEI has 15 ({lost})", kind)
    several = f", and this may be {count // DIGITS} of them" if count % DIGITS == 0 else ""
    return EntryError(f"has {count} digits; an IMEI has 15{several}", kind)


def _error_of_number(number: int) -> EntryError:
    if number < 0:
        return EntryError("is not an IMEI; an IMEI has 15 digits and nothing else", "not IMEIs")
    octal = f"{number:o}"
    if DIGITS - 2 <= len(octal) < DIGITS:
        return EntryError(
            f"has {pluralize(len(str(number)), 'digit')}, and is what YAML makes of {octal.zfill(DIGITS)}: YAML reads 0… as octal;"
            " write the IMEI in quotes",
            "that YAML may have read as octal",
        )
    return _error_of_digits(str(number), _QUOTE_IT)
