"""Plugin: a PostgreSQL for the tests, the embedded one, where DATABASE_URL names no other.

It is started once, before Django reads its settings; each worker makes its own database on it.
"""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

# Nothing of a test run outlives it, so nothing has to reach the disk.
SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
}


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:
    """Have a database before anything imports the settings."""
    sys.path[:0] = [str(ROOT), str(ROOT / "platform")]
    os.environ.setdefault("SECRET_KEY", "only for the tests, never for an installation")
    if os.environ.get("DATABASE_URL"):
        return
    from config.embedded import EmbeddedPostgres

    folder = Path(tempfile.mkdtemp(prefix="roadworthy-tests-"))
    os.environ["ROADWORTHY_DATA"] = str(folder)
    server = EmbeddedPostgres(folder, settings=SETTINGS)
    os.environ["DATABASE_URL"] = server.start()

    def end() -> None:
        place = server.home.folder
        server.stop()
        shutil.rmtree(place, ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)

    atexit.register(end)
