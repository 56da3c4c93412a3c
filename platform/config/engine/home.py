"""Where the embedded database lives: inside the data folder, or where its account may enter."""

from __future__ import annotations

import hashlib
import os
import secrets
import stat
from dataclasses import dataclass
from pathlib import Path

from config.engine.account import Account
from config.processes.failures import CannotStart

ELSEWHERE = Path("/var/lib/roadworthy")
POINTER = "postgres.home"
OWNER = "belongs_to"
SOCKET_NAME = ".s.PGSQL.5432"
# Source: unix(7), sun_path holds 108 bytes with the closing zero; checked by bind.
LONGEST_SOCKET_PATH = 107


@dataclass(frozen=True)
class Home:
    """The folders of one embedded database; `cluster` and `socket` belong to its account."""

    folder: Path
    cluster: Path
    socket: Path


def engine_home(data: Path, account: Account, elsewhere: Path = ELSEWHERE) -> Home:
    """The home that belongs to `data`, made on first use.

    No permission of a folder that was there before is changed. Raises: CannotStart.
    """
    pointer = data / POINTER
    near = data / "postgres"
    if pointer.exists():
        folder = _followed(pointer, data)
    elif near.exists():
        folder = near
        if not account.may_enter(folder):
            raise CannotStart(
                f"Account {account.name} may no longer enter {folder}:"
                " give back the permissions of the folders above it."
            )
    else:
        _make(near, account)
        if account.may_enter(near):
            folder = near
        else:
            near.rmdir()
            folder = _made_elsewhere(data, pointer, account, elsewhere)
    return Home(folder, folder / "cluster", _socket_folder(folder, account))


def existing_home(data: Path) -> Path | None:
    """The folder of the database that belongs to `data`, None before the first start."""
    pointer = data / POINTER
    folder = Path(pointer.read_text().strip()) if pointer.exists() else data / "postgres"
    return folder if folder.exists() else None


def make_private(folder: Path, account: Account) -> None:
    """A folder that `account` alone may read and enter (and root, as always)."""
    folder.mkdir(mode=0o700)
    folder.chmod(0o700)
    account.give(folder)


def _make(folder: Path, account: Account) -> None:
    """Ours to write; another account passes through it to its own folders inside."""
    folder.mkdir()
    folder.chmod(0o711 if account.is_other else 0o700)


def _followed(pointer: Path, data: Path) -> Path:
    folder = Path(pointer.read_text().strip())
    if not folder.is_dir():
        raise CannotStart(
            f"The database of {data} was in {folder}, which is gone: restore it, or remove"
            f" {pointer} to begin with an empty one."
        )
    owner = folder / OWNER
    named = Path(owner.read_text().strip()) if owner.exists() else data
    if named == data:
        return folder
    if (named / POINTER).exists():
        raise CannotStart(
            f"The database in {folder} belongs to {named}: remove {pointer} to begin with an"
            f" empty one for {data}."
        )
    owner.write_text(f"{data}\n")  # the data folder was moved
    return folder


def _made_elsewhere(data: Path, pointer: Path, account: Account, elsewhere: Path) -> Path:
    try:
        if not elsewhere.exists():
            _make(elsewhere, account)
        folder = elsewhere / secrets.token_hex(6)
        _make(folder, account)
    except OSError as error:
        raise CannotStart(
            f"Account {account.name} may not enter {data}, and {elsewhere} cannot be made"
            f" ({error.strerror}): set ROADWORTHY_DATA to a folder it may enter."
        ) from None
    if not account.may_enter(folder):
        folder.rmdir()
        raise CannotStart(
            f"Account {account.name} may enter neither {data} nor {elsewhere}:"
            " set ROADWORTHY_DATA to a folder it may enter."
        )
    (folder / OWNER).write_text(f"{data}\n")
    aside = pointer.with_suffix(".new")
    aside.write_text(f"{folder}\n")
    aside.rename(pointer)
    return folder


def _socket_folder(home: Path, account: Account) -> Path:
    """A folder whose socket path fits the kernel's limit and libpq's syntax."""
    inside = home / "socket"
    fits = len(os.fsencode(inside / SOCKET_NAME)) <= LONGEST_SOCKET_PATH
    if fits and "," not in str(inside):  # libpq reads a comma as a list of hosts
        folder = inside
    else:
        digest = hashlib.sha256(os.fsencode(home)).hexdigest()[:12]
        folder = _short_base(account) / f"roadworthy-{account.uid}-{digest}"
    if not folder.exists():
        make_private(folder, account)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != account.uid or found.st_mode & 0o077:
        raise CannotStart(f"{folder} should be a private folder of {account.name}: remove it.")
    return folder


def _short_base(account: Account) -> Path:
    if account.is_other:
        return Path("/run") if Path("/run").is_dir() else Path("/tmp")  # noqa: S108
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    if runtime and len(runtime) < 40 and os.access(runtime, os.W_OK):
        return Path(runtime)
    return Path("/tmp")  # noqa: S108  (the folder in it is checked to be ours and private)
