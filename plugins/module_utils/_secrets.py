# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which options are secret, and how the result of a task is kept free of secrets with every version of Ansible.

Up to 2.21, Ansible strikes the values of secret options out of a result. Since 2.22, it leaves the result as it is, sends these
values along in plain text, and masks them where it displays something. Therefore modules redact their results themselves.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import contextlib
import json
import os
import typing as t

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.verizon.fota.plugins.module_utils._connection_options import SECRETS

try:
    from ansible.module_utils.secrets import register_secrets  # type: ignore[import-not-found,unused-ignore]
except ImportError:  # ansible-core 2.21 and older

    def register_secrets(values: t.Iterable[str], /) -> None:
        """Do nothing: there is no display that masks secrets."""


# Keys of a result whose values are from the collection or the user, not from the service.
_OWN = ("imei", "outcome", "name")
# What Ansible shows for such an option.
_HIDDEN = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"


class Task(t.Protocol):
    """What has options: an ``AnsibleModule``, or a plugin."""

    @property
    def params(self) -> t.Mapping[str, t.Any]:
        """Return the validated options."""

    def warn(self, warning: str, /) -> None:
        """Display a warning."""


def secrets(module: Task) -> set[str]:
    """Return the secrets in the options."""
    return {str(module.params[name]).strip() for name in SECRETS if module.params[name]}


def redactor(secrets: t.Iterable[str]) -> t.Callable[[str], str]:
    """Return a function that redacts these secrets in a text, as Ansible does in results."""
    longest_first = sorted((secret for secret in secrets if secret.strip()), key=len, reverse=True)

    def redact(text: str) -> str:
        for secret in longest_first:
            text = text.replace(secret, "********")
        return text

    return redact


def redact_result(
    module: AnsibleModule,
    result: t.Mapping[str, t.Any],
    obtained: t.Iterable[str] = (),
    returned: t.Collection[str] = (),
) -> dict[str, t.Any]:
    """Return the final result of a task, which contains no secrets except under the keys ``returned``.

    ``obtained``: secrets that are not in the options, such as new tokens.
    """
    kept = {name: result[name] for name in returned if result.get(name)}
    # Up to 2.21, Ansible would redact them if they were also options.
    getattr(module, "no_log_values", set()).difference_update(kept.values())
    # Since 2.22, they are masked wherever Ansible displays them.
    register_secrets(kept.values())
    if "ANSIBLE_ASYNC_DIR" in os.environ:
        _keep_from_job_file(module)
    rest = {name: value for name, value in result.items() if name not in kept}
    arguments = {name: _HIDDEN if value and name in SECRETS else value for name, value in module.params.items()}
    return {**_redacted(rest, secrets(module).union(obtained)), **kept, "invocation": {"module_args": arguments}}


def _keep_from_job_file(module: AnsibleModule) -> None:
    """Delete the secrets that Ansible has registered: an async task would write them to a file that others may read."""
    # This is private to Ansible. Without it, the file contains the same as for any module.
    with contextlib.suppress(Exception):
        t.cast(t.Any, module)._new_secrets.flush()


def _redacted(result: dict[str, t.Any], secrets: t.Iterable[str]) -> dict[str, t.Any]:
    # A fleet has a million entries, and hardly ever a secret in them.
    text = json.dumps(result)
    found = [secret for secret in secrets if json.dumps(secret)[1:-1] in text]
    return t.cast("dict[str, t.Any]", _without(result, redactor(found))) if found else result


def _without(value: t.Any, redact: t.Callable[[str], str]) -> t.Any:
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, dict):
        return {name: item if name in _OWN else _without(item, redact) for name, item in value.items()}
    return [_without(item, redact) for item in value] if isinstance(value, list) else value
