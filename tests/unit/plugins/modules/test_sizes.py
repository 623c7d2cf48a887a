# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Endless responses: they are rejected in bounded memory."""

from __future__ import annotations

import json
import subprocess
import sys
import typing as t
import zlib

import pytest

from ansible_collections.verizon.fota.tests.simulator import Device, Fault, Faults
from ansible_collections.verizon.fota.tests.unit.child_process import environment
from ansible_collections.verizon.fota.tests.unit.plugins.modules.conftest import ACCOUNT
from ansible_collections.verizon.fota.tests.unit.plugins.modules.one_device import (
    HOST,
    IMEI,
    args_for,
)

pytestmark = pytest.mark.slow

MEASURE = """
import json, resource, sys
from ansible_collections.verizon.fota.plugins.modules import license_remove
from ansible_collections.verizon.fota.tests.unit.plugins.modules import run_module
from ansible_collections.verizon.fota.plugins.module_utils._http import retries as _retries
from ansible_collections.verizon.fota.plugins.module_utils import _connect
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
_retries._FIRST_WAIT = 0.001
result = run_module.run(license_remove, json.loads(sys.argv[1]))
grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
print(json.dumps([grown // (1 if sys.platform == "darwin" else 1024), result]))
"""


def bombing(on: str) -> t.Callable[..., t.Any]:
    """Return middleware whose call responds with 512 MiB of blanks in half a MiB of gzip."""
    packer = zlib.compressobj(wbits=31)
    body = b"".join(packer.compress(b" " * 2**20) for _mebibyte in range(512)) + packer.flush()
    headers = [("Content-Type", "application/json"), ("Content-Encoding", "gzip"), ("Content-Length", str(len(body)))]

    def middleware(app: t.Any) -> t.Any:
        def layer(environ: dict[str, t.Any], start_response: t.Any) -> t.Any:
            if not environ["PATH_INFO"].endswith(on):
                return app(environ, start_response)
            start_response("200 OK", headers)
            return [body]

        return layer

    return middleware


@pytest.mark.parametrize(
    ("on", "kind", "outcome"),
    [("remove", "huge", "failed"), ("remove", "bomb", "failed"), ("devices", "huge", "skipped")],
)
def test_an_endless_response_is_rejected_in_bounded_memory(simulate: t.Any, on: str, kind: str, outcome: str) -> None:
    middleware = bombing(on) if kind == "bomb" else Faults([Fault("huge", on=on)]).middleware
    simulator = simulate([Device(IMEI, licensed=True)], middleware=middleware)
    command = [sys.executable, "-c", MEASURE, json.dumps(args_for(simulator, retries=1, timeout=60))]
    done = subprocess.run(command, env=environment(), stdout=subprocess.PIPE, check=True, timeout=120)
    grown, result = json.loads(done.stdout)
    # urllib3 before 2.6 unpacks a whole chunk at once.
    assert grown < 300, f"{grown} MiB"
    assert result["failed"] and [device["outcome"] for device in result["devices"]] == [outcome], result["msg"]
    assert f"{HOST}:" in result["msg"] and "sent more than 33554432 bytes" in result["msg"]
    assert simulator.licensed(ACCOUNT) == {IMEI}
