"""A web process as the product starts it, on the test database, for tests that speak HTTP to it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from urllib.request import urlopen

import pytest
from django.conf import settings
from django.db import connection

START_SECONDS = 60


@dataclass
class Web:
    """One that runs. `complaints` is what it wrote at level error."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path

    def complaints(self) -> list[str]:
        """Lines of errors and tracebacks."""
        return [
            line
            for line in self.log.read_text().splitlines()
            if '"level":"error"' in line.replace(" ", "").lower() or "Traceback" in line
        ]


def database_url(host: str = "") -> str:
    """Address of this worker's test database, for another process; `host` stands in for its own."""
    known = urlsplit(settings.DATABASE_URL or "postgresql://roadworthy@/roadworthy")
    if host:
        who = known.netloc.rpartition("@")[0]
        known = known._replace(netloc=f"{who}@{host}" if who else host, query="")
    return urlunsplit(known._replace(path=f"/{connection.settings_dict['NAME']}"))


@contextmanager
def web_process(folder: Path, **environment: str) -> Iterator[Web]:
    """Start one with these settings, wait until it answers, end it."""
    log = folder / "web.log"
    with closing(socket.socket()) as listening, log.open("wb") as stderr:
        listening.bind(("127.0.0.1", 0))
        listening.listen(256)
        number = listening.fileno()
        process = subprocess.Popen(
            [sys.executable, "-m", "config.processes.web", "--fd", str(number)],
            env={
                **os.environ,
                "DATABASE_URL": database_url(),
                "DJANGO_SETTINGS_MODULE": settings.SETTINGS_MODULE,
                "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
                "WEB_PROCESSES": "1",
                **environment,
            },
            pass_fds=[number],
            stderr=stderr,
        )
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        try:
            # The socket listens already: this waits until the process answers.
            urlopen(f"{url}/healthz", timeout=START_SECONDS).close()  # noqa: S310
            yield Web(url, process, log)
        except OSError as error:
            pytest.fail(f"the web process did not answer ({error}):\n{log.read_text()[-4000:]}")
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait(START_SECONDS)
