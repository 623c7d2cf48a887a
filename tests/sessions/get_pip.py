# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where ansible-test gets pip from."""

from __future__ import annotations

from pathlib import Path

import nox

TOOLS = Path("~/.ansible/test/cache").expanduser()


def provide_get_pip(session: nox.Session, version: str) -> None:
    """Provide ansible-test with pip from the package index, since its own source of pip is a host
    that not every network reaches. A copy that is there already is kept."""
    script = TOOLS / f"get_pip_{version.replace('.', '_')}.py"
    if script.exists():
        return
    pip = TOOLS / f"pip-{version}"
    session.install("--quiet", "--upgrade", "--target", str(pip), f"pip=={version}")
    if not pip.is_dir():  # nox was told to install nothing
        return
    script.write_text(
        "import sys\n"
        f"sys.path.insert(0, {str(pip)!r})\n"
        "from pip._internal.cli.main import main\n"
        "args = [arg for arg in sys.argv[1:] if arg not in ('--no-setuptools', '--no-wheel')]\n"
        "sys.exit(main(['install', '--ignore-installed', *args]))\n"
    )
