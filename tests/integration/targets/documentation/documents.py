# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The plays, tasks, commands and files in READMEs and guides that users copy.

- A YAML list is a playbook or a list of tasks. It is run by itself, unless it has a caption that a command names as its file.
- A YAML mapping is none, so it must be a file that a command names, or stand in ``ELSEWHERE``. Anything else is an error: a
  broken playbook does not pass for something that needs no run.
- Each ``ansible-playbook`` in a console block is a command. What stands below as ``ansible-output`` is what it has to print.
"""

from __future__ import annotations

import re
import shlex
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Iterator

import yaml

# Mappings that are for other tools than Ansible: the document and the first key of the block.
ELSEWHERE = {
    ("guide_awx.rst", "version"),  # check_execution_environment.py in the target awx
    ("guide_awx.rst", "fields"),  # check_credential_type.py, like the next one
    ("guide_awx.rst", "env"),
    ("guide_awx.rst", "decommission_journal"),  # check_job_template.py
    ("guide_releasing.rst", "minor_changes"),  # a fragment of the changelog
}
_IN_MARKDOWN = re.compile(r"^( *)```([a-z-]+)\n(.*?)^\1```$", flags=re.DOTALL | re.MULTILINE)
_IN_RST = re.compile(r"^( *)\.\. code-block:: (\S+)\n((?:\1 +:.*\n)*)\n((?:\1 +.*\n|\n)+)", flags=re.MULTILINE)
_CAPTION = re.compile(r"^ *:caption: (\S+)$", flags=re.MULTILINE)
# 2.18 has no such line, and prints the rest below "fatal:".
_ERROR = re.compile(r"^\[ERROR\]: Task failed: \w+ failed: ")


@dataclass(frozen=True)
class Block:
    language: str
    caption: str | None
    text: str


@dataclass(frozen=True)
class Command:
    """An ``ansible-playbook`` of a document, and the lines that the document shows of its output."""

    arguments: list[str]
    shown: str = ""

    @property
    def fails(self) -> bool:
        """Return whether the document says that it fails."""
        return "[ERROR]" in self.shown or "FAILED!" in self.shown

    def missing(self, printed: str) -> str | None:
        """Return the first line that the document shows and that was not printed. Hosts end in any order, … stands for anything."""
        lines = printed.splitlines()
        for line in self.shown.splitlines():
            expected = _ERROR.sub("", line.strip())
            pattern = ".*".join(re.escape(part) for part in expected.split("…"))
            if not any(re.search(pattern, other) for other in lines):
                return expected
        return None


@dataclass(frozen=True)
class Document:
    """The plays, by a name, the commands and the files of a document."""

    name: str
    plays: dict[str, list[dict[str, Any]]]
    commands: list[Command]
    files: dict[str, str]


def documents(root: Path) -> Iterator[Document]:
    """Return all READMEs and guides. Raises ValueError for what is neither play nor command nor file."""
    for file in [root / "README.md", *sorted(root.glob("roles/*/README.md"))]:
        text = file.read_text(encoding="utf-8")
        blocks = [
            Block(language, None, textwrap.dedent(block)) for _indent, language, block in _IN_MARKDOWN.findall(text)
        ]
        _all_found(file, blocks, len(re.findall("^ *```", text, flags=re.MULTILINE)) / 2)
        yield _document(str(file.relative_to(root)), blocks)
    for file in sorted((root / "docs" / "docsite" / "rst").glob("*.rst")):
        text = file.read_text(encoding="utf-8")
        blocks = [
            Block(language, (_CAPTION.findall(options) or [None])[0], textwrap.dedent(block))
            for _indent, language, options, block in _IN_RST.findall(f"{text}\n")
        ]
        _all_found(file, blocks, text.count("code-block::"))
        yield _document(file.name, blocks)


def _all_found(file: Path, blocks: list[Block], count: float) -> None:
    if len(blocks) != count:
        raise ValueError(
            f"{file.name} has {count:g} code blocks, and only {len(blocks)} stand as this test expects them"
        )


def _document(name: str, blocks: list[Block]) -> Document:
    commands = list(_commands(name, blocks))
    named = " ".join(word for command in commands for word in command.arguments)
    files = {block.caption: block.text for block in blocks if block.caption}
    plays = {}
    for number, block in enumerate((block for block in blocks if block.language.startswith("yaml")), start=1):
        title = f"{name}, YAML block {number}"
        content = yaml.safe_load(block.text)
        if block.caption and block.caption in named:
            continue
        if isinstance(content, list):
            plays[title] = content
        elif not isinstance(content, dict) or (name, next(iter(content))) not in ELSEWHERE:
            raise ValueError(
                f"{title} is neither a playbook, nor tasks, nor a file that a command of the document names"
            )
    return Document(name, plays, commands, files)


def _commands(name: str, blocks: list[Block]) -> Iterator[Command]:
    for block, following in zip(blocks, [*blocks[1:], Block("", None, "")]):
        if block.language not in ("console", "shell"):
            continue
        lines = block.text.replace("\\\n", " ").splitlines()
        found = [line.strip() for line in lines if "ansible-playbook" in line]
        for line in found:
            if not line.startswith("ansible-playbook "):
                raise ValueError(f"{name}: this test runs only commands that begin with ansible-playbook: {line}")
            # Nobody can type a password here; the files in documents are not encrypted.
            arguments = [word for word in shlex.split(line) if word != "--ask-vault-pass"]
            shown = following.text if line == found[-1] and following.language == "ansible-output" else ""
            yield Command(arguments, shown)
