"""What an installation keeps in its data folder besides the database: a secret, an address."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

ADDRESS_FILE = "database_url"


def kept_secret(path: Path) -> str:
    """The secret in `path`, made on first use; readable by its owner alone."""
    try:
        if kept := path.read_text().strip():
            return kept
    except FileNotFoundError:
        pass
    path.parent.mkdir(parents=True, exist_ok=True)
    made = secrets.token_urlsafe(48)
    # Written aside and linked, so that two processes that start together agree on one secret.
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(made)
    try:
        os.link(aside, path)
    except FileExistsError:
        return path.read_text().strip()
    finally:
        aside.unlink()
    return made


def kept_address(data: Path) -> str | None:
    """Address of the embedded database that `roadworthy up` left in `data`, if it ever ran."""
    try:
        return (data / ADDRESS_FILE).read_text().strip() or None
    except OSError:
        return None


def keep_address(data: Path, address: str) -> None:
    """Leave the embedded database's address, which holds a password, for commands run by hand."""
    aside = data / f".{ADDRESS_FILE}.{os.getpid()}"
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(f"{address}\n")
    aside.replace(data / ADDRESS_FILE)
