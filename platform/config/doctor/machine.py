"""The doctor's questions to the machine; they need neither Django nor a database."""

from __future__ import annotations

import http.client
import os
import shutil
import socket
import sys
from pathlib import Path

from config.doctor.findings import Finding, fail, ok, warn
from config.engine.account import engine_account
from config.engine.files import installed_engine
from config.engine.home import existing_home
from config.processes.failures import CannotStart

OLDEST_PYTHON = (3, 11)
GIB = 2**30
LITTLE_DISK_BYTES = 5 * GIB  # max_wal_size alone may take 4
NO_DISK_BYTES = GIB // 2


def python_version() -> Finding:
    """Is this Python new enough."""
    seen = ".".join(map(str, sys.version_info[:3]))
    if tuple(sys.version_info) < OLDEST_PYTHON:
        return fail("Python", seen, "Install Python 3.11 or newer.")
    return ok("Python", seen)


def virtual_environment() -> Finding:
    """Do the packages live in an environment of their own."""
    if sys.prefix != sys.base_prefix or Path("/.dockerenv").exists():
        return ok("virtual environment", sys.prefix)
    return warn(
        "virtual environment",
        "none; packages are shared with the system",
        "Use `make up`, which makes one in .venv.",
    )


def engine() -> Finding:
    """Are the programs of the embedded PostgreSQL there, and somebody to run them."""
    name = "embedded PostgreSQL"
    if os.environ.get("DATABASE_URL"):
        return ok(name, "not used, DATABASE_URL is set")
    try:
        account, found = engine_account(), installed_engine()
    except CannotStart as refusal:
        return fail(name, "cannot run", str(refusal))
    return ok(name, f"{found.programs}, run by account {account.name}")


def data_folder(data: Path) -> list[Finding]:
    """May we write the data folder, and is there room on its disk and on the database's."""
    if not data.exists():
        return [ok("data folder", f"{data} is made at the first start")]
    if not data.is_dir() or not os.access(data, os.W_OK | os.X_OK):
        return [
            fail(
                "data folder",
                f"{data} cannot be written",
                "Change its owner or set ROADWORTHY_DATA.",
            )
        ]
    findings = [ok("data folder", str(data))]
    home = existing_home(data)
    for folder in [data, *([home] if home and home.parent != data else [])]:
        free = shutil.disk_usage(folder).free
        seen = f"{free / GIB:.1f} GiB free for {folder}"
        advice = "Free some space, or keep data for a shorter time (RETENTION_DAYS)."
        if free < NO_DISK_BYTES:
            findings.append(fail("disk", seen, advice))
        elif free < LITTLE_DISK_BYTES:
            findings.append(warn("disk", seen, advice))
        else:
            findings.append(ok("disk", seen))
    return findings


def port(number: int) -> Finding:
    """Is the port free, or is it Roadworthy that listens there."""
    name = f"port {number}"
    try:
        socket.create_connection(("127.0.0.1", number), timeout=2).close()
    except OSError:
        return ok(name, "free")
    asking = http.client.HTTPConnection("127.0.0.1", number, timeout=5)
    try:
        asking.request("GET", "/healthz", headers={"Host": "localhost"})
        answer = asking.getresponse()
        is_ours = answer.status == 200 and answer.read(16).strip() == b"ok"
        asking.request("GET", "/readyz", headers={"Host": "localhost"})
        ready = asking.getresponse()
        reason = ready.read(2000).decode(errors="replace").strip()
    except (OSError, http.client.HTTPException):
        return fail(name, "another program listens there", "Choose another with PORT or --port.")
    finally:
        asking.close()
    if not is_ours:
        return fail(name, "another program listens there", "Choose another with PORT or --port.")
    if ready.status != 200:
        return fail(name, f"Roadworthy answers, but is not ready: {reason}", "Do what it says.")
    return ok(name, "Roadworthy answers and is ready")
