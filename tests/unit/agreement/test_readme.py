# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""READMEs as Automation Hub and Galaxy show them: outside of the repository, where only complete URLs work."""

from __future__ import annotations

import re

import pytest
import yaml

from ansible_collections.verizon.fota.tests.unit.agreement.guides import ROOT, literals, tables

READMES = [
    "README.md",
    "docs/guides.md",
    *sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("roles/*/README.md")),
]
OURS = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["repository"]
# Those that Automation Hub asks of certified content, and one that the Ansible community package asks for
HEADINGS = (
    "Description",
    "Requirements",
    "Installation",
    "Use Cases",
    "Testing",
    "Support",
    "Communication",
    "Release Notes",
    "Related Information",
    "License",
)


def links(text: str) -> list[str]:
    return re.findall(r"\]\(([^)]+)\)", text)


@pytest.mark.parametrize("readme", READMES)
def test_links_lead_somewhere_from_anywhere(readme: str) -> None:
    found = links((ROOT / readme).read_text(encoding="utf-8"))
    relative = [link for link in found if not link.startswith("https://")]
    assert not relative, f"{readme}: write the whole address of {', '.join(relative)}"
    ours = [link.partition(f"{OURS}/blob/main/")[2] for link in found if "/blob/" in link or "/tree/" in link]
    missing = [place for place in ours if not place or not (ROOT / place).is_file()]
    assert not missing, f"{readme} leads to what is not there: {', '.join(missing)}"


def test_the_readme_has_the_headings_that_reviewers_look_for() -> None:
    found = re.findall(r"^## (.+)$", (ROOT / "README.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert tuple(found) == HEADINGS


def test_the_readme_does_not_install_ansible() -> None:
    """In an execution environment it is already installed, and a second one does harm."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert not re.search(r"pip install[^\n]* ansible", text)


def test_readme_and_guide_describe_the_same_outcomes() -> None:
    rows = re.findall(
        r"^\| `(\w+)` \|.*\| (\w+) \| (\w+) \|$", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert rows == [(*literals(row[0]), row[2], row[3]) for row in tables("results")["The outcomes"]]


def test_the_list_of_guides_is_complete() -> None:
    """Automation Hub shows the Markdown files in docs, but not the guides in its subfolders."""
    found = re.findall(r"/(guide_\w+\.rst)\)", (ROOT / "docs" / "guides.md").read_text(encoding="utf-8"))
    assert sorted(found) == sorted(path.name for path in (ROOT / "docs" / "docsite" / "rst").glob("*.rst"))
