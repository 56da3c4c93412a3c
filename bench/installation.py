"""A throwaway installation for benches and trials: `roadworthy up` in a folder of its own."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PUBLIC_KEY = "pk-rw-bench"
SECRET_KEY = "sk-rw-bench-0123456789abcdef"  # noqa: S105  (of a throwaway installation)
EMAIL, PASSWORD = "bench@example.com", "correct horse battery"


@dataclass
class Installation:
    """One that runs, and how to reach it."""

    url: str
    data: Path
    process: subprocess.Popen[bytes]
    environment: dict[str, str]

    @property
    def database_url(self) -> str:
        """Address of its database."""
        return (self.data / "database_url").read_text().strip()


def use_settings_of(installation: Installation) -> None:
    """Let this process read the product's settings as that installation does."""
    os.environ["ROADWORTHY_DATA"] = str(installation.data)
    os.environ["DATABASE_URL"] = installation.database_url
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.production"


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_ready(url: str, seconds: float = 180) -> float:
    """Seconds until /readyz answered 200. Raises: TimeoutError."""
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        try:
            with urllib.request.urlopen(f"{url}/readyz", timeout=2) as answer:
                if answer.status == 200:
                    return time.monotonic() - began
        except (OSError, urllib.error.URLError):
            pass
        time.sleep(0.05)
    raise TimeoutError(f"{url} did not become ready in {seconds} s")


@contextmanager
def running(data: Path | None = None, tree: str = "", **extra: str) -> Iterator[Installation]:
    """Start one without the demo, wait until it is ready, stop it at the end.

    `tree` is a checkout of another commit whose code is to run, with the packages of this one.
    """
    folder = data or Path(tempfile.mkdtemp(prefix="roadworthy-bench-"))
    folder.chmod(0o711)  # as root the database runs as another account, which must enter
    port = free_port()
    environment = {
        **os.environ,
        "PORT": str(port),
        "ROADWORTHY_DATA": str(folder),
        "ROADWORTHY_DEMO": "0",
        "ROADWORTHY_INIT_EMAIL": EMAIL,
        "ROADWORTHY_INIT_PASSWORD": PASSWORD,
        "ROADWORTHY_INIT_PROJECT": "bench",
        "ROADWORTHY_INIT_PUBLIC_KEY": PUBLIC_KEY,
        "ROADWORTHY_INIT_SECRET_KEY": SECRET_KEY,
        **extra,
    }
    for name in ("DATABASE_URL", "BROKER_URL", "SECRET_KEY", "DJANGO_SETTINGS_MODULE"):
        if name not in extra:
            environment.pop(name, None)
    if tree:
        environment["PYTHONPATH"] = os.pathsep.join((str(Path(tree) / "platform"), tree))
    with (folder / "up.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "config.cli", "up"],
            env=environment,
            cwd=tree or None,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            url = f"http://127.0.0.1:{port}"
            wait_ready(url)
            yield Installation(url, folder, process, environment)
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                process.wait(30)
    if data is None:
        shutil.rmtree(folder, ignore_errors=True)
