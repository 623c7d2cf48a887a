# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which variables of a play look like misspelled options of a role.

Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import difflib
import typing as t
from dataclasses import dataclass

# How similar names are, from 0 to 1: max_removal and max_removals are at 0.96, decomission and decommission at 0.96.
_SIMILAR = 0.8
_SAME_ROLE = 0.85


@dataclass(frozen=True)
class Unknown:
    """Variables that are no options: the misspelled ones with the option that was probably meant, and all others."""

    misspelled: dict[str, str]
    others: tuple[str, ...]


def find_unknown(names: t.Iterable[str], role: str, options: t.Iterable[str], others: t.Iterable[str] = ()) -> Unknown:
    """Sort out the variables that begin with the name of a role, or almost so, and are neither options nor ``others``."""
    known = sorted(option.partition("_")[2] for option in options)
    accepted = {f"{role}_{name}" for name in known} | set(others)
    misspelled: dict[str, str] = {}
    unknown: list[str] = []
    for name in sorted(set(names)):
        prefix, underscore, rest = name.partition("_")
        if not underscore or name in accepted or not _is_role(prefix, role):
            continue
        meant = _closest(rest, known)
        if meant is not None:
            misspelled[name] = f"{role}_{meant}"
        elif prefix == role:
            unknown.append(name)
    return Unknown(misspelled, tuple(unknown))


def _is_role(prefix: str, role: str) -> bool:
    return prefix == role or difflib.SequenceMatcher(None, prefix.lower(), role).ratio() >= _SAME_ROLE


def _closest(name: str, known: t.Sequence[str]) -> str | None:
    """Return the option that a name is close to: by its letters, or by the same words in another order."""
    plain = name.lower().replace("-", "_")
    if plain in known:
        return plain
    words = sorted(plain.split("_"))
    for option in known:
        if words == sorted(option.split("_")):
            return option
    found = difflib.get_close_matches(plain, known, n=1, cutoff=_SIMILAR)
    return found[0] if found else None


def rejection(misspelled: t.Mapping[str, str]) -> str:
    """Return the message that rejects misspelled variables."""
    named = "; ".join(f"{name} is not an option, did you mean {meant}?" for name, meant in misspelled.items())
    return f"{named} Nothing was sent. Correct the name, or give a variable of your own another prefix."


def warning(others: t.Sequence[str], role: str) -> str:
    """Return the warning about variables that are no options and not close to any."""
    return f"Ignored, because the role {role} has no such options: {', '.join(others)}."
