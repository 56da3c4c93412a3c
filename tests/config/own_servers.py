"""Debian's PostgreSQL and Redis on loopback ports, for an installation that brings its own."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from config.engine.account import engine_account
from tests.config.processes import free_port, wait_for

PASSWORD = "of the test's own server"


def debian_postgres() -> Path:
    """The folder of the newest installed server's programs; skips the test where there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    if not found:
        pytest.skip("no PostgreSQL server is installed (apt-get install postgresql)")
    return found[-1].parent


@contextlib.contextmanager
def postgres() -> Iterator[str]:
    """The DATABASE_URL of a PostgreSQL that lives as long as the block."""
    programs, account, port = debian_postgres(), engine_account(), free_port()
    folder = Path(tempfile.mkdtemp(prefix="rw-own-"))
    try:
        account.give(folder)
        as_account = {**account.popen_options(), "cwd": folder}
        secret = folder / "password"
        secret.write_text(PASSWORD)
        account.give(secret)
        cluster = folder / "cluster"
        asked = ["-U", "roadworthy", "-E", "UTF8", "--no-locale", "-N", "--auth=scram-sha-256"]
        subprocess.run(
            [programs / "initdb", "-D", cluster, *asked, f"--pwfile={secret}"],
            check=True,
            capture_output=True,
            **as_account,
        )
        words = [programs / "postgres", "-D", cluster, "-p", str(port)]
        words += ["-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={folder}"]
        server = subprocess.Popen(words, stderr=subprocess.DEVNULL, **as_account)
        url = f"postgresql://roadworthy:{PASSWORD.replace(' ', '%20')}@127.0.0.1:{port}/postgres"
        try:
            assert wait_for(lambda: _answers(url))
            yield url
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(20)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def redis() -> Iterator[str]:
    """The address of a Redis that lives as long as the block and keeps nothing."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("no Redis is installed (apt-get install redis-server)")
    port = free_port()
    words = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", os.sep]
    server = subprocess.Popen(words, stdout=subprocess.DEVNULL)
    try:
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.terminate()
        server.wait(20)


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError:
        return False
    return True
