# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The library ``requests``, with the ``urllib3`` and ``ssl`` under it, or why they cannot be imported.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

import traceback

try:
    import ssl

    import requests
    import requests.adapters
    import requests.utils
    import urllib3
    import urllib3.connection
    import urllib3.exceptions
except Exception:  # a broken library raises anything, such as AttributeError from a pyOpenSSL that is too old
    REQUESTS_IMPORT_ERROR: str | None = traceback.format_exc()
    # Names that other files import, but use only in functions, which are not called then.
    requests = ssl = urllib3 = None  # type: ignore[assignment]
else:
    REQUESTS_IMPORT_ERROR = None

__all__ = ["REQUESTS_IMPORT_ERROR", "requests", "ssl", "urllib3"]
