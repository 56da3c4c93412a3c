"""The configuration files of the embedded PostgreSQL, written anew at each start."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from config.engine.account import Account
from config.engine.home import Home

MIB = 2**20
SHARED_BUFFERS_MIB = 512
LEAST_SHARED_BUFFERS_MIB = 32
OWN_FILE = "own.conf"


def memory_bytes() -> int:
    """Memory this process may use: the machine's, or less where its control group says so."""
    amount = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for file in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        try:
            amount = min(amount, int(Path(file).read_text()))
        except (OSError, ValueError):  # absent, or the word "max"
            continue
    return amount


def shared_buffers_mib(memory: int) -> int:
    """512 MiB, or an eighth of `memory` (bytes) on a machine with less than 4 GiB."""
    return max(LEAST_SHARED_BUFFERS_MIB, min(SHARED_BUFFERS_MIB, memory // 8 // MIB))


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def write_settings(home: Home, account: Account, extra: Mapping[str, str]) -> Path:
    """Write the three files into the home (ours, not the account's) and return the main one.

    What a person wants otherwise goes into `own.conf` beside it, which we never touch.
    """
    folder = home.folder
    socket = str(home.socket).replace('"', '""')
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": f'"{socket}"',
        "unix_socket_permissions": "0700",
        "hba_file": str(folder / "pg_hba.conf"),
        "ident_file": str(folder / "pg_ident.conf"),
        "password_encryption": "scram-sha-256",
        # Two web processes with a pool each, the worker's children, beat, Celery's transport,
        # live pages and a person's psql come to about 60.
        "max_connections": "150",
        "shared_buffers": f"{shared_buffers_mib(memory_bytes())}MB",
        "max_wal_size": "4GB",
        "checkpoint_timeout": "15min",
        "wal_buffers": "16MB",
        "work_mem": "32MB",
        "jit": "off",
        # What makes "accepted means stored" true; off gains little (measured) and loses all.
        "fsync": "on",
        "full_page_writes": "on",
        "synchronous_commit": "on",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "lc_messages": "C",
        "log_min_messages": "warning",
        "log_line_prefix": "%m [%p] ",
        # Statements and details hold what users sent; a log is no place for it.
        "log_min_error_statement": "panic",
        "log_error_verbosity": "terse",
        "cluster_name": "roadworthy",
        **extra,
    }
    lines = ["# Written at each start of Roadworthy; your own settings go into own.conf."]
    lines += [f"{name} = {_quoted(value)}" for name, value in settings.items()]
    if (own := folder / OWN_FILE).exists():
        lines += [f"include = {_quoted(str(own))}"]
    main = folder / "postgresql.conf"
    _write(main, lines)
    # The application logs in with its password. The superuser has none: only the account of
    # the server, and root where it started the server, become it, proven by the kernel.
    _write(
        folder / "pg_hba.conf",
        ["local all postgres peer map=keeper", "local all all scram-sha-256"],
    )
    keepers = {account.name, *(["root"] if account.is_other else [])}
    _write(folder / "pg_ident.conf", [f'keeper "{name}" postgres' for name in sorted(keepers)])
    return main


def _write(file: Path, lines: list[str]) -> None:
    """Replace `file` in one step; readable by the server's account, no secrets inside."""
    aside = file.with_name(f".{file.name}.new")
    aside.write_text("\n".join(lines) + "\n")
    aside.chmod(0o644)
    aside.rename(file)
