"""`roadworthy up`: database, migrations, web, worker and beat in one terminal."""

from __future__ import annotations

import argparse
import hashlib
import importlib.metadata
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from config.embedded import EmbeddedPostgres, make_data_folder
from config.processes import welcome
from config.processes.children import (
    Children,
    Process,
    StopAsked,
    open_listening_socket,
    say,
    spawn,
)
from config.processes.failures import CannotStart
from config.processes.folder_lock import FolderLock
from config.processes.ready import wait_until_ready

END_SECONDS = 6.0
READY_SECONDS = 60.0
RECOVERY_SECONDS = 5.0  # a start in good order takes 0.05
# Threads, because one process is smaller and stops in 2.5 s where a pool of processes over
# PostgreSQL takes 5 (measured); what needs more cores runs workers of its own (docs/operations.md).
WORKER_THREADS = 4
STATIC_FROM = ("django", "django-htmx", "drf-spectacular-sidecar")  # what brings static files
BASE = Path(__file__).resolve().parents[3]
PREPARED_FILE = "prepared"
DEMO_FILE = "demo"  # holds "wanted" until the demo is loaded whole, then "loaded"


@dataclass(frozen=True)
class Options:
    """What the command line and the environment ask for."""

    host: str
    port: int
    data: Path
    web: int
    demo: bool


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `up`; each has an environment variable as its default."""
    setting = os.environ.get
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=int(setting("PORT") or 8000))
    parser.add_argument(
        "--data", type=Path, default=Path(setting("ROADWORTHY_DATA") or ".roadworthy")
    )
    parser.add_argument("--web", type=int, default=int(setting("WEB_PROCESSES") or 2), metavar="N")
    parser.add_argument("--no-demo", action="store_true", help="do not load the project `demo`")


def options_from(chosen: argparse.Namespace) -> Options:
    """The parsed arguments, with the data folder made absolute."""
    refused = {"0", "false", "no", "off"}
    wanted = os.environ.get("ROADWORTHY_DEMO", "1").strip().lower() not in refused
    return Options(
        host=chosen.host,
        port=chosen.port,
        data=Path(os.path.abspath(chosen.data)),
        web=max(1, chosen.web),
        demo=wanted and not chosen.no_demo,
    )


def main(arguments: Sequence[str]) -> int:
    """Run until Ctrl-C or SIGTERM; the exit code. A refusal is one plain line and 1."""
    parser = argparse.ArgumentParser(prog="roadworthy up", description=__doc__)
    try:
        add_arguments(parser)
    except ValueError:
        sys.stderr.write("PORT and WEB_PROCESSES must be whole numbers.\n")
        return 1
    try:
        return run(options_from(parser.parse_args(arguments)))
    except KeyboardInterrupt:  # before the supervisor listens to signals nothing runs yet
        return 130


def run(options: Options) -> int:
    """Supervise an installation until it is asked to stop; the exit code."""
    try:
        make_data_folder(options.data)
        lock = FolderLock(options.data / "up.lock", options.data)
        lock.take()
        with open_listening_socket(options.host, options.port) as listening:
            Supervisor(options, listening).run()
    except CannotStart as refusal:
        sys.stderr.write(f"{refusal}\n")
        return 1
    return 0


class Supervisor:
    """One installation: its children in the order in which they need each other."""

    def __init__(self, options: Options, listening: socket.socket) -> None:
        self._options = options
        self._listening = listening
        self._environment = {
            **os.environ,
            "PORT": str(options.port),
            "ROADWORTHY_DATA": str(options.data),
            "ROADWORTHY_DEMO": "1" if options.demo else "0",
            # Web processes keep their figures side by side, so that /metrics adds them up.
            "PROMETHEUS_MULTIPROC_DIR": str(_empty_folder(options.data / "figures")),
        }
        self._environment.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")
        self._children = Children()
        self._passing: list[Process] = []  # processes that end by themselves
        self._database: EmbeddedPostgres | None = None

    def run(self) -> None:
        """Start everything, watch it, and end it when asked. Raises: CannotStart."""
        try:
            self._start_database()
            provisioned = self._prepare_and_serve()
            reason = wait_until_ready(
                self._children, self._options.host, self._options.port, READY_SECONDS
            )
            if reason is not None:
                say(f"/readyz does not answer 200 yet: {reason}", "error")
            self._start_background()
            place = self._database.place if self._database else None
            sys.stdout.write(
                welcome.text(self._options.host, self._options.port, provisioned, place)
            )
            sys.stdout.flush()
            self._load_demo()
            while True:
                self._children.wait(3600.0)
        except StopAsked:
            pass
        finally:
            self._children.end(self._passing, END_SECONDS)
            if self._database is not None:
                self._database.stop()

    def _start_database(self) -> None:
        if self._environment.get("DATABASE_URL"):
            return
        database = EmbeddedPostgres(self._options.data)
        self._database = database
        database.launch()
        patient_until = time.monotonic() + RECOVERY_SECONDS
        while not database.is_ready():
            database.check()
            self._children.wait(0.01)
            if time.monotonic() > patient_until:
                say("PostgreSQL recovers what a hard stop left; this may take minutes", "info")
                patient_until = float("inf")
        self._environment["DATABASE_URL"] = database.dsn

        def again() -> Process | None:
            database.launch()
            return database.process

        self._children.keep("PostgreSQL", again, ends_last=True)

    def _prepare_and_serve(self) -> welcome.Provisioned:
        """Migrate and provision in a process of its own, and start the first web process.

        A web process needs a second to load. When this very code has prepared this very
        database before, nothing can be left to migrate and both are done at once.
        """
        mark = self._options.data / PREPARED_FILE
        is_known = mark.exists() and mark.read_text() == self._fingerprint()
        if is_known:
            self._start_web(1)
        words = ["prepare", "--json", *([] if is_known else ["--static"])]
        preparing = spawn(_our_command(*words), self._environment, output=subprocess.PIPE)
        self._passing.append(preparing)
        code = self._children.finish(preparing)
        said = preparing.stdout.read() if preparing.stdout else b""
        if code != 0:
            raise CannotStart("The database could not be prepared; the lines above say why.")
        provisioned = welcome.Provisioned.from_json(json.loads(said.splitlines()[-1]))
        mark.write_text(self._fingerprint())
        if provisioned.created and self._options.demo:
            (self._options.data / DEMO_FILE).write_text("wanted")
        if not is_known:
            self._start_web(1)
        return provisioned

    def _start_background(self) -> None:
        """The other web processes, worker and beat: what the first answer does not wait for."""
        for number in range(2, self._options.web + 1):
            self._start_web(number)
        quiet = {
            **self._environment,
            "PYTHONWARNINGS": "ignore:You're running the worker with",
            # Not to wait for a long task: after three seconds it goes back to its queue.
            "REMAP_SIGTERM": "SIGQUIT",
        }
        celery = [sys.executable, "-P", "-m", "celery", "-q", "-A", "config.celery:app"]
        # Under full load the worker gives way to intake, and catches up afterwards.
        gentle = ["nice", "-n", "10"] if shutil.which("nice") else []
        worker = [
            *gentle,
            *celery,
            "worker",
            "--pool",
            "threads",
            "--concurrency",
            str(WORKER_THREADS),
        ]
        worker += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
        worker += ["--loglevel", "INFO"]
        beat = [*celery, "beat", "--schedule", str(self._options.data / "celerybeat-schedule")]
        beat += ["--loglevel", "WARNING"]
        self._children.keep("worker", lambda: spawn(worker, quiet))
        self._children.keep("beat", lambda: spawn(beat, self._environment))

    def _start_web(self, number: int) -> None:
        descriptor = self._listening.fileno()
        command = [sys.executable, "-P", "-m", "config.processes.web", "--fd", str(descriptor)]
        self._children.keep(
            f"web {number}",
            lambda: spawn(command, self._environment, descriptors=[descriptor]),
        )

    def _load_demo(self) -> None:
        """Load the demo in the background; what a stop interrupts goes on at the next start."""
        state = self._options.data / DEMO_FILE
        if not self._options.demo or not state.exists() or state.read_text() != "wanted":
            return
        loading = spawn(_our_command("seed_demo"), self._environment)
        self._passing.append(loading)
        code = self._children.finish(loading)
        if code == 0:
            state.write_text("loaded")
        else:
            say(f"the demo was not loaded (exit code {code}); the next start tries again")

    def _fingerprint(self) -> str:
        """Changes with the database, our migrations, our static files and what is installed."""
        parts = [self._environment["DATABASE_URL"]]
        parts += [f"{name}={value}" for name, value in os.environ.items() if "_INIT_" in name]
        parts += [f"{name} {importlib.metadata.version(name)}" for name in STATIC_FROM]
        for room in ("*", "platform/*"):
            parts += (str(file.relative_to(BASE)) for file in BASE.glob(f"{room}/migrations/*.py"))
        for file in (BASE / "static").rglob("*"):
            found = file.stat()
            parts += [f"{file} {found.st_mtime_ns} {found.st_size}"]
        collected = BASE / (os.environ.get("ROADWORTHY_STATIC") or self._options.data / "static")
        parts += [f"{collected} {(collected / 'staticfiles.json').exists()}"]
        return hashlib.sha256("\n".join(sorted(parts)).encode()).hexdigest()


def _our_command(*words: str) -> list[str]:
    return [sys.executable, "-P", "-m", "config.cli", *words]


def _empty_folder(place: Path) -> Path:
    """`place` as a folder without files: counters begin anew with the installation's start."""
    place.mkdir(exist_ok=True)
    for file in place.iterdir():
        file.unlink()
    return place
