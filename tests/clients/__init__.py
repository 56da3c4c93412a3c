"""Real clients in environments of their own: their versions do not live together in one."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.factories import Key

FOLDER = Path(__file__).parent
BUILT = FOLDER.parents[1] / "build" / "clients"
RUN_SECONDS = 120
INSTALL_SECONDS = 300


def python_of(name: str) -> Path:
    """The interpreter that has the packages of `<name>.lock`: installed once, then used again."""
    lock = FOLDER / f"{name}.lock"
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()[:12]
    home = BUILT / f"{name}-{digest}-{sys.version_info[0]}.{sys.version_info[1]}"
    python = home / "bin" / "python"
    BUILT.mkdir(parents=True, exist_ok=True)
    with (BUILT / f"{home.name}.installing").open("w") as one_at_a_time:
        fcntl.flock(one_at_a_time, fcntl.LOCK_EX)
        done = home / "installed"
        if not done.exists():
            _run([sys.executable, "-m", "venv", "--clear", "--without-pip", str(home)])
            _install(python, lock)
            done.touch()
    return python


def _install(python: Path, lock: Path) -> None:
    """Install what a lock names: uv takes a tenth of pip's time, pip knows every setting of an
    index. What is never imported is never compiled."""
    locked = ["--quiet", "--require-hashes", "-r", str(lock)]
    uv = Path(sys.executable).parent / "uv"
    with_uv = [str(uv), "pip", "install", "--python", str(python), *locked]
    if uv.exists() and not subprocess.run(with_uv, capture_output=True, timeout=120).returncode:
        return
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install"]
    _run([*pip, "--disable-pip-version-check", "--no-input", "--no-compile", *locked])


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_SECONDS)
    assert done.returncode == 0, done.stderr[-4000:]


def told_by(name: str, url: str, key: Key, program: str = "", **more: str) -> dict[str, Any]:
    """What `<program>.py` (else `<name>.py`) prints after it talked to the one at `url`.

    `more` are further variables of its environment.
    """
    environment = {
        # Nothing of the tests' own packages and settings.
        **{key: value for key, value in os.environ.items() if key in ("PATH", "HOME", "LANG")},
        "LANGFUSE_HOST": url,
        "LANGFUSE_BASE_URL": url,
        "LANGFUSE_PUBLIC_KEY": key.public,
        "LANGFUSE_SECRET_KEY": key.secret,
        "NO_PROXY": "*",
        **more,
    }
    script = FOLDER / f"{(program or name).replace('-', '_')}.py"
    done = subprocess.run(
        [str(python_of(name)), str(script)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=RUN_SECONDS,
    )
    assert done.returncode == 0, f"{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
    told: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return told
