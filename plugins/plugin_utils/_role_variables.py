# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which variables of a play look like misspelled options of a role.

Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import difflib
import os
import typing as t
from dataclasses import dataclass

import yaml

# How similar names are, from 0 to 1: max_removal and max_removals are at 0.96, decomission and decommission at 0.96.
_SIMILAR = 0.8
_SAME_ROLE = 0.85
# The share of the shorter of two words that both must begin with, if neither is the beginning of the other: retry, retries.
_SAME_BEGINNING = 0.75
_MAX_CANDIDATES = 3

# The names that other tools use for these options.
_FORECAST = ("check", "check_mode", "checkmode", "dry_run", "dryrun", "noop", "simulate", "audit", "forecast")
_USE_CHECK_MODE = {"decommission": "--check or the playbook verizon.fota.audit"}
# Such a limit must not be ignored, whatever it begins with.
_LIMITS = ("limit", "limits", "threshold")
_SYNONYMS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys((*_LIMITS, "maximum"), ("max_removals", "max_share", "max_assignments")),
    **dict.fromkeys(("percent", "percentage", "ratio"), ("max_share",)),
    **dict.fromkeys(("devices", "device"), ("imeis", "imeis_file", "unknown_devices")),
    **dict.fromkeys(("list", "csv"), ("imeis", "imeis_file")),
    **dict.fromkeys(("group", "groups", "inventory", "pattern", "target", "targets"), ("hosts",)),
}
# Variables that begin with these words are about devices or limits: a run that ignores one removes more than intended.
_FIRST_WORDS = ("max", "maximum", "limit", "imei", "imeis", "host", "hosts")
# Words of options that identify no option by themselves.
_AMBIGUOUS_WORDS = ("id", "name", "set", "stats", "size", "return", "access", "api", "ca", "client", "path")


@dataclass(frozen=True)
class Unknown:
    """Variables that are no options: the misspelled ones with the options that were probably intended, and all others."""

    misspelled: dict[str, str]
    others: tuple[str, ...]


def read_options(path: str) -> dict[str, dict[str, t.Any]]:
    """Return the options in the argument specs of a role, by name."""
    with open(path, encoding="utf-8") as file:
        specs = yaml.safe_load(file)
    options: dict[str, dict[str, t.Any]] = specs["argument_specs"]["main"]["options"]
    return options


def find_unknown(
    names: t.Iterable[str],
    role: str,
    options: t.Iterable[str],
    others: t.Iterable[str] = (),
    elsewhere: t.Mapping[str, str] | None = None,
) -> Unknown:
    """Return the variables that begin with the name of a role, or nearly so, and are neither options nor ``others``.

    ``elsewhere``: names without prefix of what is no option of this role, but of another one, with the variable to set instead, or
    empty.
    """
    accepted = {*options, *others}
    variables = {**(elsewhere or {}), **{option.partition("_")[2]: option for option in options}}
    misspelled: dict[str, str] = {}
    unknown: list[str] = []
    for name in sorted(set(names)):
        prefix, underscore, rest = name.replace("-", "_").partition("_")
        if not underscore or name in accepted or not _is_role(prefix, role):
            continue
        intended = _intended(rest.lower(), variables, role)
        if intended is None:
            unknown.append(name)
        else:
            misspelled[name] = intended
    return Unknown(misspelled, tuple(unknown))


def find_without_prefix(names: t.Collection[str], role: str, options: t.Iterable[str]) -> list[str]:
    """Return the variables that have the name of an option, but not its prefix. ``options``: those that are not set."""
    return sorted(name for name in (option[len(role) + 1 :] for option in options) if name in names)


def _is_role(prefix: str, role: str) -> bool:
    return prefix == role or difflib.SequenceMatcher(None, prefix.lower(), role).ratio() >= _SAME_ROLE


def _intended(name: str, variables: t.Mapping[str, str], role: str) -> str | None:
    """Return the variables that were probably intended with a name without prefix, as text; ``None`` if that is unclear.

    The text is empty if the name is that of an option which this role does not have.
    """
    known = sorted(variables)
    closest = _closest(name, known)
    if name in _FORECAST or (not closest and difflib.get_close_matches(name, _FORECAST, cutoff=_SIMILAR)):
        return _USE_CHECK_MODE.get(role, "--check")
    found = [closest] if closest else _synonyms(name, known) or _candidates(name.split("_"), known)
    return " or ".join(filter(None, (variables[option] for option in found))) if found else None


def _closest(name: str, known: t.Sequence[str]) -> str | None:
    """Return the option that a name is close to: by its spelling, or with the same words in another order."""
    if name in known:
        return name
    words = sorted(name.split("_"))
    for option in known:
        if words == sorted(option.split("_")):
            return option
    found = difflib.get_close_matches(name, known, n=1, cutoff=_SIMILAR)
    return found[0] if found else None


def _synonyms(name: str, known: t.Sequence[str]) -> list[str]:
    return [option for option in _SYNONYMS.get(name, ()) if option in known]


def _candidates(words: t.Sequence[str], known: t.Sequence[str]) -> list[str]:
    """Return the options that may be intended with words of which all, or the first ones, are words of options."""
    if words[-1] in _LIMITS:
        return _synonyms(words[-1], known)
    if not (_all_are_known(words, known) or words[0] in _FIRST_WORDS or any(_begins(words, name) for name in known)):
        return []
    synonyms = _synonyms(words[0], known)
    if synonyms:
        return synonyms
    ranked: dict[tuple[int, bool], list[str]] = {}
    for name in known:
        option_words = name.split("_")
        common = sum(any(_alike(word, other) for other in option_words) for word in words)
        if common:
            ranked.setdefault((common, _alike(words[0], option_words[0])), []).append(name)
    best = ranked[max(ranked)] if ranked else []
    return sorted(best, key=lambda name: (name.count("_"), name != "imeis_file"))[:_MAX_CANDIDATES]


def _all_are_known(words: t.Sequence[str], known: t.Sequence[str]) -> bool:
    option_words = {word for name in known for word in name.split("_")}
    if len(words) == 1:
        option_words -= set(_AMBIGUOUS_WORDS)
    return all(any(_alike(word, other) for other in option_words) for word in words)


def _begins(words: t.Sequence[str], option: str) -> bool:
    option_words = option.split("_")
    return len(words) > len(option_words) and all(map(_alike, words, option_words))


def _alike(word: str, other: str) -> bool:
    """Return whether two words are the same, one short for the other, or one a misspelled form of the other."""
    short, long = sorted((word, other), key=len)
    if len(short) < 3:
        return word == other
    common = len(os.path.commonprefix((word, other)))
    if common == len(short) or (common >= 4 and common >= _SAME_BEGINNING * len(short)):
        return True
    return difflib.SequenceMatcher(None, word, other).ratio() >= _SIMILAR


def rejection(misspelled: t.Mapping[str, str]) -> str:
    """Return the message that rejects misspelled variables."""
    named = " ".join(
        f"{name} is not an option, did you mean {intended}?" if intended else f"{name} is not an option."
        for name, intended in misspelled.items()
    )
    return f"{named} Nothing was sent. Correct the name, or give a variable of your own another prefix."


def warning(others: t.Sequence[str], role: str) -> str:
    """Return the warning about variables that are no options and not close to any."""
    return f"Ignored, because the role {role} has no such options: {', '.join(others)}."


def warning_without_prefix(names: t.Sequence[str], role: str) -> str:
    """Return the warning about variables that would be options if they had the prefix of the role."""
    return f"Ignored, because options of the role {role} begin with {role}_: {', '.join(names)}."
