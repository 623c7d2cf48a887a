# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What prevents a release, and what is next."""

from __future__ import annotations

import dataclasses
import subprocess

import pytest

from ansible_collections.verizon.fota.tests.release.check import State, next_steps, read, unready, untold

# Ready for release: the changelog is written, the tag does not exist yet
READY = State(
    version="1.2.0",
    released=("1.1.0", "1.2.0"),
    fragments=(),
    changelog="v1.2.0\n======\n",
    changed=(),
    added=(("plugins/modules/session.py", "1.1.0"), ("plugins/modules/license_info.py", "1.2.0")),
    unclean=(),
    head="abc",
    tagged=None,
)
# Before its changelog is written
REHEARSAL = dataclasses.replace(
    READY,
    released=("1.1.0",),
    fragments=("wait.yml",),
    changelog="v1.1.0\n",
    changed=("plugins/modules/session.py",),
)


@pytest.mark.parametrize("state", [READY, REHEARSAL, dataclasses.replace(READY, tagged="abc")])
def test_what_is_ready_passes(state):
    assert unready(state) == [] and untold(state) == []


@pytest.mark.parametrize(
    ("state", "differences", "fault"),
    [
        (READY, {"version": "1.2"}, "no semantic version"),
        (READY, {"released": ("1.10.0", "1.2.0")}, "1.2.0 is older"),
        (READY, {"version": "1.2.0-rc.1"}, "1.2.0-rc.1 is older"),
        (READY, {"unclean": (" M README.md",)}, "commit first: README.md"),
        (READY, {"tagged": "def"}, "tag 1.2.0 stands at another commit"),
        (READY, {"fragments": ("wait.yml",)}, "yet there are fragments (wait.yml)"),
        (READY, {"changelog": "v1.2.0-rc.1\n"}, "CHANGELOG.rst lacks 1.2.0"),
        (REHEARSAL, {"fragments": ()}, "Nothing says what 1.2.0 brings"),
    ],
)
def test_what_stands_in_the_way_is_named(state, differences, fault):
    faults = unready(dataclasses.replace(state, **differences))
    assert any(fault in line for line in faults), faults


def test_a_change_without_a_fragment_is_reported():
    (fault,) = untold(dataclasses.replace(REHEARSAL, fragments=()))
    assert "since 1.1.0 was written down (plugins/modules/session.py, …)" in fault
    assert untold(dataclasses.replace(REHEARSAL, fragments=(), changed=())) == []


def test_a_change_after_an_untagged_release_is_reported():
    (fault,) = untold(dataclasses.replace(READY, changed=("plugins/modules/session.py",)))
    assert "since 1.2.0 was written down" in fault


def test_a_version_that_will_never_exist_is_reported():
    (fault,) = untold(dataclasses.replace(READY, added=(("roles/tokens/meta/argument_specs.yml", "0.1.0"),)))
    assert fault.startswith("roles/tokens/meta/argument_specs.yml: version_added is 0.1.0")


def test_what_is_next():
    assert "nox -e changelog -- release" in next_steps(REHEARSAL)
    assert "git tag" in next_steps(READY) and "publish verizon-fota-1.2.0.tar.gz" in next_steps(READY)
    assert "git tag" not in next_steps(dataclasses.replace(READY, tagged="abc"))


@pytest.fixture
def checkout(tmp_path):
    def git(*arguments):
        subprocess.run(
            ["git", "-c", "user.name=A", "-c", "user.email=a@example.com", *arguments], cwd=tmp_path, check=True
        )

    for name, text in {
        "galaxy.yml": "version: 0.2.0\n",
        "CHANGELOG.rst": "v0.1.0\n",
        "changelogs/changelog.yaml": "releases: {0.1.0: {}}\n",
        "changelogs/fragments/one.yml": "trivial: [x]\n",
        "plugins/modules/session.py": "version_added: 0.1.0\n",
        "README.md": "",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    git("init", "--quiet")
    git("add", "--all")
    git("commit", "--quiet", "--message", "One")
    return tmp_path, git


def test_a_checkout_is_read(checkout):
    root, git = checkout
    before = read(root)
    assert (before.tagged, before.unclean, before.changed) == (None, (), ())
    assert before.added == (("plugins/modules/session.py", "0.1.0"),)

    (root / "README.md").write_text("Hello")
    (root / "plugins/modules/more.py").write_text("")
    state = read(root)
    assert (state.version, state.released, state.fragments) == ("0.2.0", ("0.1.0",), ("one.yml",))
    assert state.changed == ("plugins/modules/more.py",)
    assert [line[3:] for line in state.unclean] == ["README.md", "plugins/modules/more.py"]
    git("tag", "0.2.0")
    assert read(root).tagged == read(root).head

    (root / "changelogs/changelog.yaml").write_text("releases: {}\n")
    assert read(root).changed == ("plugins/modules/session.py", "plugins/modules/more.py"), "all of it is new"
