"""One installation in a process of its own, as a person starts it with `roadworthy up`."""

from __future__ import annotations

import http.client
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType

from tests.config.processes import end_all, free_port, processes_of, wait_for

ROOT = Path(__file__).resolve().parents[2]
OWN = ("DATABASE_URL", "BROKER_URL", "CHANNEL_LAYER_URL", "DJANGO_SETTINGS_MODULE", "SECRET_KEY")


class Installation:
    """A data folder in a place any account may enter, and what runs on it."""

    def __init__(self, **settings: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="rw-"))
        self.folder.chmod(0o755)
        self.data = self.folder / "data"
        self.port = free_port()
        kept = {name: value for name, value in os.environ.items() if name not in OWN}
        kept = {name: value for name, value in kept.items() if not name.startswith("ROADWORTHY_")}
        self._environment = {
            **kept,
            "PORT": str(self.port),
            "ROADWORTHY_DATA": str(self.data),
            "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "platform")]),
            **settings,
        }
        self.process: subprocess.Popen[bytes] | None = None
        self.started = 0.0

    def start(self) -> None:
        """`roadworthy up`; its output goes to a file."""
        self.started = time.monotonic()
        with (self.folder / "output").open("ab") as output:
            self.process = subprocess.Popen(
                self.command(), env=self._environment, stdout=output, stderr=output, cwd=ROOT
            )

    def command(self, *words: str) -> list[str]:
        """The words of `roadworthy up` here, with `words` added."""
        where = ["--data", str(self.data), "--port", str(self.port)]
        return [*self.ours("up"), "--no-demo", *where, *words]

    def ours(self, *words: str) -> list[str]:
        """A command of `roadworthy`."""
        return [sys.executable, "-P", "-m", "config.cli", *words]

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command that ends by itself, with this installation's environment."""
        return subprocess.run(
            list(words), env=self._environment, capture_output=True, text=True, timeout=60, cwd=ROOT
        )

    def start_and_wait(self) -> float:
        """Seconds from the command until `/readyz` answers 200 and everything runs."""
        self.start()
        assert wait_for(lambda: self.get("/readyz") == 200), self.output
        seconds = time.monotonic() - self.started
        assert wait_for(lambda: len(self.children("config.celery")) >= 2), self.output
        return seconds

    def get(self, path: str) -> int | None:
        """The status of an answer, None where nobody answers."""
        asking = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            asking.request("GET", path)
            return asking.getresponse().status
        except OSError:
            return None
        finally:
            asking.close()

    def children(self, word: str) -> list[int]:
        """The processes of this installation whose command line holds `word`."""
        return [
            number
            for number in processes_of(self.data)
            if word.encode() in Path(f"/proc/{number}/cmdline").read_bytes()
        ]

    def stop(self, with_signal: int = signal.SIGTERM) -> float:
        """Seconds until the supervisor has ended after the signal."""
        assert self.process is not None
        begun = time.monotonic()
        self.process.send_signal(with_signal)
        self.process.wait(30)
        return time.monotonic() - begun

    @property
    def output(self) -> str:
        """Everything printed so far."""
        return (self.folder / "output").read_text()

    def __enter__(self) -> Installation:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        end_all(self.folder)
        shutil.rmtree(self.folder, ignore_errors=True)
