# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Build the collection from the last commit, twice, and compare: the same commit results in the same bytes.

``ansible-galaxy collection build`` takes files in the order of the disk, and notes their times and the present one.
Here they are sorted, and every time is that of the commit. (The compression is zlib's: another zlib may pack the same
content into other bytes.)
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
import typing as t
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def main(target: str) -> int:
    """Build into this folder; print the path and the digest."""
    commit = git("rev-parse", "HEAD").decode().strip()
    moment = int(git("show", "--no-patch", "--format=%ct", commit))
    archive = git("archive", "--format=tar", commit)
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        # The second time, the files are in another order on disk, with other times and modes
        first = build(archive, Path(one, "a"), moment, umask=0o022)
        second = build(archive, Path(other, "another-name"), moment, umask=0o077, backwards=True)
    if first != second:
        print("Two builds of the same commit differ.", file=sys.stderr)
        return 1
    with tarfile.open(fileobj=io.BytesIO(first)) as tar:
        info = json.load(t.cast(t.IO[bytes], tar.extractfile("MANIFEST.json")))["collection_info"]
    path = Path(target, f"{info['namespace']}-{info['name']}-{info['version']}.tar.gz")
    path.write_bytes(first)
    print(f"Built twice, the same bytes: {path}\nsha256 {hashlib.sha256(first).hexdigest()}")
    return 0


def git(*arguments: str) -> bytes:
    return subprocess.run(["git", *arguments], cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout


def build(archive: bytes, folder: Path, moment: int, umask: int, backwards: bool = False) -> bytes:
    """Unpack the committed files and build them, without anything else in the checkout."""
    before = os.umask(umask)
    try:
        unpack(archive, folder, backwards)
        subprocess.run(
            ["ansible-galaxy", "collection", "build", "--output-path", str(folder.parent)],
            cwd=folder,
            stdout=subprocess.DEVNULL,
            check=True,
        )
    finally:
        os.umask(before)
    (tarball,) = folder.parent.glob("*.tar.gz")
    return repacked(tarball.read_bytes(), moment)


def unpack(archive: bytes, folder: Path, backwards: bool) -> None:
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        for member in sorted(tar.getmembers(), key=lambda member: member.name, reverse=backwards):
            path = folder / member.name
            path.parent.mkdir(parents=True, exist_ok=True)
            if member.issym():
                path.symlink_to(member.linkname)
            elif member.isreg():
                path.write_bytes(content(tar, member))
                if member.mode & 0o100:
                    path.chmod(0o755)


def repacked(tarball: bytes, moment: int) -> bytes:
    """Return the same collection with its files sorted, and this as the time of everything."""
    with tarfile.open(fileobj=io.BytesIO(tarball)) as tar:
        members = {member.name: (member, content(tar, member)) for member in tar.getmembers()}
    files = json.loads(members["FILES.json"][1])
    files["files"].sort(key=lambda file: file["name"])
    list_of_files = dumped(files)
    manifest = json.loads(members["MANIFEST.json"][1])
    manifest["file_manifest_file"]["chksum_sha256"] = hashlib.sha256(list_of_files).hexdigest()
    rewritten = {"MANIFEST.json": dumped(manifest), "FILES.json": list_of_files}

    plain, packed = io.BytesIO(), io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name in [*rewritten, *sorted(members.keys() - rewritten.keys())]:
            member, data = members[name]
            data = rewritten.get(name, data)
            member.size, member.mtime, member.pax_headers = len(data), moment, {}
            tar.addfile(member, io.BytesIO(data))
    with gzip.GzipFile(filename="", fileobj=packed, mode="wb", mtime=moment) as stream:
        stream.write(plain.getvalue())
    return packed.getvalue()


def content(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = tar.extractfile(member) if member.isreg() else None  # it would follow a link
    return file.read() if file else b""


def dumped(data: object) -> bytes:
    """Write as ansible-galaxy does."""
    return json.dumps(data, indent=True).encode()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
