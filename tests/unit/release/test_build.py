# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tarball: the same content results in the same bytes, and Ansible accepts it."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile

import pytest

from ansible_collections.verizon.fota.tests.release.build import repacked

CONTENT = {"README.md": b"Hello", "plugins/modules/session.py": b"import requests\n", "a.txt": b"a"}


def tarball(names, moment):
    """A collection as ansible-galaxy builds it, with its files in this order."""
    files = json.dumps({"files": [{"name": name, "ftype": "file"} for name in names], "format": 1})
    digest = hashlib.sha256(files.encode()).hexdigest()
    manifest = json.dumps({"collection_info": {}, "file_manifest_file": {"chksum_sha256": digest}})
    built = io.BytesIO()
    with tarfile.open(fileobj=built, mode="w:gz") as tar:
        first = {"MANIFEST.json": manifest.encode(), "FILES.json": files.encode()}
        for name, data in [*first.items(), *((name, CONTENT[name]) for name in names)]:
            member = tarfile.TarInfo(name)
            member.size, member.mtime = len(data), moment
            tar.addfile(member, io.BytesIO(data))
        link = tarfile.TarInfo("LICENSES/GPL.txt")
        link.type, link.linkname, link.mtime = tarfile.SYMTYPE, "../README.md", moment
        tar.addfile(link)
    return built.getvalue()


def test_order_and_times_of_the_disk_leave_no_trace():
    one, other = tarball(list(CONTENT), 1), tarball(sorted(CONTENT), 2)
    assert one != other
    assert repacked(one, 1700000000) == repacked(other, 1700000000)


def test_nothing_is_lost_and_the_digest_of_the_list_of_files_fits():
    with tarfile.open(fileobj=io.BytesIO(repacked(tarball(list(CONTENT), 1), 1700000000))) as tar:
        assert tar.getnames()[:2] == ["MANIFEST.json", "FILES.json"], "Ansible reads these first"
        read = {member.name: tar.extractfile(member).read() for member in tar if member.isreg()}
        assert tar.getmember("LICENSES/GPL.txt").linkname == "../README.md"
        assert {member.mtime for member in tar} == {1700000000}
    assert {name: read[name] for name in CONTENT} == CONTENT
    manifest = json.loads(read["MANIFEST.json"])
    assert manifest["file_manifest_file"]["chksum_sha256"] == hashlib.sha256(read["FILES.json"]).hexdigest()
    assert [file["name"] for file in json.loads(read["FILES.json"])["files"]] == sorted(CONTENT)


@pytest.mark.parametrize("moment", [1, 1700000000])
def test_the_time_is_that_of_the_commit(moment):
    assert repacked(tarball(["a.txt"], 5), moment)[4:8] == moment.to_bytes(4, "little")
