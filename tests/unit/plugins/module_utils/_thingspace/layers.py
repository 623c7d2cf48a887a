# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Layers around the simulated service that change its responses."""

from __future__ import annotations

import json
import typing as t


def around_json(path: str, change: t.Callable[[dict[str, t.Any]], object]) -> t.Any:
    """A layer that changes the JSON of responses to paths with this text."""

    def middleware(app: t.Any) -> t.Any:
        def wrapped(environ: t.Any, start_response: t.Any) -> t.Any:
            if path not in environ["PATH_INFO"]:
                return app(environ, start_response)
            began: list[t.Any] = []
            content = json.loads(b"".join(app(environ, lambda *args: began.append(args))))
            change(content)
            body = json.dumps(content).encode()
            start_response(began[0][0], [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
            return [body]

        return wrapped

    return middleware
