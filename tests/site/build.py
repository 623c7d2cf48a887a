# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Build the documentation site into a folder, without the network. A warning is an error.

The collection is found as Ansible finds it (ANSIBLE_COLLECTIONS_PATH).
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import zlib
from pathlib import Path

# The targets of links from this collection to Ansible's own documentation
ANSIBLE_DOCS = "https://docs.ansible.com/projects/ansible/latest/"
ANSIBLE_LABELS = {
    "action_plugins": "plugins/action.html",
    "ansible_collections.ansible.builtin.default_callback": "collections/ansible/builtin/default_callback.html",
    "ansible_configuration_settings": "reference_appendices/config.html",
    "common_return_values": "reference_appendices/common_return_values.html",
}
TITLES = (
    *("--project", "verizon.fota", "--copyright", "The verizon.fota contributors"),
    *("--title", "FOTA licenses in ThingSpace: verizon.fota", "--html-short-title", "verizon.fota"),
)


def main(folder: str) -> None:
    """Build into this folder, which is emptied first. The pages are in build/html."""
    site = Path(folder).resolve()
    shutil.rmtree(site, ignore_errors=True)
    (site / "rst").mkdir(parents=True)
    for place in (site, site / "rst"):
        place.chmod(0o755)  # antsibull-docs takes no folder that others may write to
    common = ("--use-current", "--squash-hierarchy", "--fail-on-error", "verizon.fota")
    run(site, "antsibull-docs", "sphinx-init", "--dest-dir", str(site), "--lenient", *TITLES, *common)
    write_labels(site)
    config = ("--config-file", "antsibull-docs.cfg")
    run(site, "antsibull-docs", *config, "collection", "--cleanup", "everything", "--dest-dir", "rst", *common)
    run(site, "sphinx-build", "-M", "html", "rst", "build", "-c", ".", "-q", "-W", "--keep-going")
    print(f"Open {site / 'build/html/index.html'}")


def write_labels(site: Path) -> None:
    """Write the labels of Ansible's documentation into a file, because Sphinx would look them up in the network."""
    labels = "".join(f"{label} std:label -1 {page} {label}\n" for label, page in ANSIBLE_LABELS.items())
    inventory = "# Sphinx inventory version 2\n# Project: Ansible\n# Version: latest\n# compressed with zlib:\n"
    (site / "ansible.inv").write_bytes(inventory.encode() + zlib.compress(labels.encode()))
    with (site / "conf.py").open("a", encoding="utf-8") as conf:
        conf.write(f"\nintersphinx_mapping = {{'ansible': ({ANSIBLE_DOCS!r}, '../ansible.inv')}}\n")


def run(site: Path, *command: str) -> None:
    """Run a tool; show its output if it fails."""
    done = subprocess.run(
        command,
        cwd=site,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        sys.exit(f"{done.stdout}\n{' '.join(command)} ended with {done.returncode}")


if __name__ == "__main__":
    main(sys.argv[1])
