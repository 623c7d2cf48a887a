# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the name of an account may be.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations


def account_errors(
    account: object, no_account: str = "account is empty: set it to the name of the account"
) -> list[str]:
    """Return what is wrong with the name of an account; empty if it can be used. ``no_account`` is the message for an empty one."""
    if isinstance(account, (int, float)) and not isinstance(account, bool):
        return [
            f"account is the number {account}, and YAML drops leading zeros, which are part of the name:"
            ' write it in quotes, as in account: "0642233522-00001"'
        ]
    if not isinstance(account, str):
        return ['account is not text: write it in quotes, as in account: "0642233522-00001"']
    if not account.strip():
        return [no_account]
    if account != account.strip() or not account.isprintable() or account in (".", ".."):
        return [f"account is not a name that an account can have: {account[:40]!r}"]
    return []
