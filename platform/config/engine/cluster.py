"""Makes an empty cluster with the application's role and database."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from config import storage
from config.engine.account import Account
from config.engine.files import Engine
from config.engine.home import Home, make_private
from config.processes.failures import CannotStart

ROLE = "roadworthy"  # owns the database of the same name and is no superuser


def password(home: Home) -> str:
    """The application role's password, made on first use."""
    return storage.kept_secret(home.folder / "password")


def plain_environment() -> dict[str, str]:
    """Nothing of ours that would change how the engine behaves or that it need not know."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


def make_cluster(account: Account, engine: Engine, home: Home) -> None:
    """Make the cluster aside and move it into place whole. Raises: CannotStart."""
    aside = home.cluster.with_name("cluster.new")
    shutil.rmtree(aside, ignore_errors=True)
    make_private(aside, account)
    # The built-in C.UTF-8 sorts alike on every machine and needs no locale installed.
    words = "-U postgres -E UTF8 --locale=C --locale-provider=builtin --builtin-locale=C.UTF-8"
    checks = "--data-checksums --auth=reject --no-instructions"
    _run(account, home, [engine.initdb, "-D", aside, *words.split(), *checks.split()])
    _run(
        account,
        home,
        [engine.postgres, "--single", "-D", aside, "postgres"],
        f"CREATE ROLE {ROLE} LOGIN CREATEDB PASSWORD '{password(home)}';\n"
        f"CREATE DATABASE {ROLE} OWNER {ROLE};\n",
    )
    aside.rename(home.cluster)


def _run(account: Account, home: Home, command: Sequence[str | Path], text: str = "") -> None:
    done = subprocess.run(
        command,
        cwd=home.folder,
        env=plain_environment(),
        input=text,
        capture_output=True,
        text=True,
        check=False,
        **account.popen_options(),
    )
    # The single-user server ends with 0 whatever became of its statements.
    if done.returncode or (text and "ERROR:" in done.stderr):
        words = (done.stderr.strip() or done.stdout.strip()).splitlines()
        raise CannotStart(f"The database could not be made: {' '.join(words[-3:])}")
