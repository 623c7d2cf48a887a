# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where ansible-test gets pip from."""

from __future__ import annotations

import tempfile
from pathlib import Path

import nox

TOOLS = Path("~/.ansible/test/cache").expanduser()


def provide_get_pip(session: nox.Session, version: str) -> None:
    """Provide ansible-test with pip from the package index, since its own source of pip is a host
    that not every network reaches. A copy that is there already is kept."""
    script = TOOLS / f"get_pip_{version.replace('.', '_')}.py"
    if script.exists():
        return
    TOOLS.mkdir(parents=True, exist_ok=True)
    # Sessions may do this at the same time
    pip = Path(tempfile.mkdtemp(prefix=f"pip-{version}-", dir=TOOLS))
    session.install("--quiet", "--target", str(pip), f"pip=={version}")
    if not any(pip.iterdir()):  # nox was told to install nothing
        pip.rmdir()
        return
    unfinished = pip / script.name
    unfinished.write_text(
        "import sys\n"
        f"sys.path.insert(0, {str(pip)!r})\n"
        "from pip._internal.cli.main import main\n"
        "args = [arg for arg in sys.argv[1:] if arg not in ('--no-setuptools', '--no-wheel')]\n"
        "sys.exit(main(['install', '--ignore-installed', *args]))\n"
    )
    unfinished.replace(script)
