"""The unprivileged account that runs PostgreSQL when the supervisor is root."""

from __future__ import annotations

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.processes.failures import CannotStart

# PostgreSQL refuses to run as root. An account of our own is best, since nobody else's
# processes can then read the data; the others exist on nearly every machine.
CANDIDATES = ("roadworthy", "postgres", "nobody")


@dataclass(frozen=True)
class Account:
    """Who runs the engine: its name, its numbers, and whether it is somebody else than we."""

    name: str
    uid: int
    gid: int
    is_other: bool

    def popen_options(self) -> dict[str, Any]:
        """Arguments for `subprocess` that start a program as this account."""
        if not self.is_other:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def give(self, folder: Path) -> None:
        """Hand `folder`, which we made, over to this account."""
        if self.is_other:
            os.chown(folder, self.uid, self.gid)

    def may_enter(self, folder: Path) -> bool:
        """True when this account reaches `folder` through all of its parents; asks the kernel."""
        return self._succeeds(["/bin/sh", "-c", 'cd -- "$1"', "sh", str(folder)])

    def may_run(self, program: Path) -> bool:
        """True when this account can load `program` and the libraries it needs."""
        return self._succeeds([str(program), "--version"])

    def _succeeds(self, command: list[str]) -> bool:
        try:
            done = subprocess.run(
                command,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                check=False,
                **self.popen_options(),
            )
        except OSError:
            return False
        return done.returncode == 0


def engine_account() -> Account:
    """Ourselves, or for root the first of `CANDIDATES` that exists.

    Raises: CannotStart, when there is none.
    """
    uid = os.geteuid()
    if uid != 0:
        try:
            name = pwd.getpwuid(uid).pw_name
        except KeyError:
            raise CannotStart(
                f"User number {uid} has no name on this machine, which PostgreSQL asks for:"
                " add it to /etc/passwd or set DATABASE_URL."
            ) from None
        return Account(name, uid, os.getegid(), is_other=False)
    for name in CANDIDATES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            return Account(name, entry.pw_uid, entry.pw_gid, is_other=True)
    raise CannotStart(
        "PostgreSQL does not run as root and this machine has no account for it: run"
        " `useradd --system roadworthy`, or start as another user, or set DATABASE_URL."
    )
