"""The embedded PostgreSQL: a cluster in the data folder and the server child that we supervise."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO
from urllib.parse import quote

from config import storage
from config.engine.account import Account, engine_account
from config.engine.cluster import ROLE, make_cluster, password, plain_environment
from config.engine.files import Engine, engine_for
from config.engine.home import ELSEWHERE, SOCKET_NAME, Home, engine_home
from config.engine.settings import write_settings
from config.processes.failures import CannotStart
from config.processes.folder_lock import FolderLock
from config.processes.lifeline import command_line, is_alive, tied_to_us

START_SECONDS = 120  # recovery after a hard kill replays at most max_wal_size
ORPHAN_SECONDS = 30
# What a server says, and ends, while the children of a hard-killed one hold its shared memory.
ORPHANS_WORDS = "pre-existing shared memory block"
LOG_BYTES = 10 * 2**20


@dataclass(frozen=True)
class _Prepared:
    """What `prepare` found and took."""

    lock: FolderLock
    account: Account
    engine: Engine
    home: Home


class EmbeddedPostgres:
    """One PostgreSQL server on the data folder `data`, reached through a unix socket only.

    `prepare`, `start`, `stop` in this order, each may be repeated. The server is our child: it
    shuts down in good order when we stop it and also when this process is killed (Linux: the
    kernel then sends it SIGINT, its fast shutdown). Start it from the main thread.
    """

    def __init__(
        self,
        data: Path,
        *,
        settings: Mapping[str, str] | None = None,
        elsewhere: Path = ELSEWHERE,
    ) -> None:
        self.data = data.absolute()
        self.process: subprocess.Popen[bytes] | None = None
        self._extra = dict(settings or {})
        self._elsewhere = elsewhere
        self._prepared: _Prepared | None = None

    @property
    def dsn(self) -> str:
        """The address for Django, psycopg and Celery; known after `prepare`."""
        host = quote(str(self.home.socket), safe="/")
        return f"postgresql://{ROLE}:{password(self.home)}@/{ROLE}?host={host}"

    @property
    def home(self) -> Home:
        """The folders of the database. Raises: CannotStart before `prepare`."""
        return self._parts.home

    @property
    def place(self) -> str:
        """Where the database is and who runs it, for one line on the terminal."""
        account = self._parts.account
        as_whom = f", run by account {account.name}" if account.is_other else ""
        return f"{self.home.folder}{as_whom}"

    @property
    def _parts(self) -> _Prepared:
        if self._prepared is None:
            raise CannotStart(f"The database in {self.data} is not prepared.")
        return self._prepared

    def prepare(self) -> None:
        """Take the data folder, find engine and account, and make the cluster on first use.

        Raises: CannotStart.
        """
        if self._prepared is not None:
            return
        make_data_folder(self.data)
        lock = FolderLock(self.data / "postgres.lock", self.data)
        lock.take()
        try:
            account = engine_account()
            home = engine_home(self.data, account, self._elsewhere)
            engine = engine_for(account, home.folder)
            if not home.cluster.exists():
                make_cluster(account, engine, home)
        except BaseException:
            lock.release()
            raise
        self._prepared = _Prepared(lock, account, engine, home)

    def start(self) -> str:
        """Start the server, wait until it accepts connections and return its address.

        Raises: CannotStart, with the server's last words when it gave up.
        """
        self.launch()
        deadline = time.monotonic() + START_SECONDS
        while not self.is_ready():
            self.check()
            if time.monotonic() > deadline:
                raise CannotStart(f"PostgreSQL is not ready after {START_SECONDS} s.")
            time.sleep(0.01)
        return self.dsn

    def launch(self) -> None:
        """Start the server without waiting for it. Raises: CannotStart."""
        self.prepare()
        if self.process is not None and self.process.poll() is None:
            return
        parts = self._parts
        self._clear_remains()
        main = write_settings(parts.home, parts.account, self._extra)
        with self._open_log() as log:
            self.process = subprocess.Popen(
                [parts.engine.postgres, "-D", parts.home.cluster, "-c", f"config_file={main}"],
                cwd=parts.home.folder,
                env=plain_environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                process_group=0,  # Ctrl-C reaches the supervisor alone, which stops us in turn
                preexec_fn=tied_to_us(signal.SIGINT),
                **parts.account.popen_options(),
            )
        storage.keep_address(self.data, self.dsn)

    def check(self) -> None:
        """Have it running: again, where it only met what a hard-killed one left behind.

        Raises: CannotStart with the server's last words, when it is not running.
        """
        if self.process is None or self.process.poll() is not None:
            words = " ".join(_lines(self.log)[-2:]) or "it said nothing"
            if self.process is not None and ORPHANS_WORDS in words:
                time.sleep(0.1)  # its children are still ending; START_SECONDS bound the waiting
                self.launch()
                return
            raise CannotStart(f"PostgreSQL did not start: {words} (more in {self.log})")

    def is_ready(self) -> bool:
        """True once the running server accepts connections, as it says in its pid file."""
        # The way of pg_ctl: line 1 is the process, line 8 its state. It needs no connection.
        lines = _lines(self._pid_path)
        return (
            self.process is not None
            and len(lines) > 7
            and lines[0] == str(self.process.pid)
            and lines[7].strip() == "ready"
        )

    def stop(self) -> None:
        """End the server: fast (open transactions roll back), then at once, then killed."""
        server, self.process = self.process, None
        if server is not None:
            for with_signal, seconds in ((signal.SIGINT, 15), (signal.SIGQUIT, 5)):
                if server.poll() is not None:
                    break
                server.send_signal(with_signal)
                try:
                    server.wait(seconds)
                except subprocess.TimeoutExpired:
                    continue
            if server.poll() is None:
                server.kill()
            server.wait()
        if self._prepared is not None:
            if self.home.socket.parent != self.home.folder:
                shutil.rmtree(self.home.socket, ignore_errors=True)
            self._prepared.lock.release()
            self._prepared = None

    def __enter__(self) -> str:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _clear_remains(self) -> None:
        """Let an orphaned server of this cluster end; remove what a killed one left.

        PostgreSQL copes with its own stale files, except that it only asks whether the number
        in them is in use: after a reboot another program may have it. We look closer.
        """
        deadline = time.monotonic() + ORPHAN_SECONDS
        while (server := self._running_server()) is not None:
            if time.monotonic() > deadline:
                raise CannotStart(f"{self.home.cluster} is already in use by process {server}.")
            time.sleep(0.05)
        for left in (self._pid_path, self.home.socket / f"{SOCKET_NAME}.lock"):
            if (number := _first_number(left)) is not None and is_alive(number):
                left.unlink(missing_ok=True)

    def _running_server(self) -> int | None:
        """The process that serves this cluster now, None when the pid file is stale."""
        server = _first_number(self._pid_path)
        if server is None or not is_alive(server):
            return None
        words = command_line(server)
        return None if words and str(self.home.cluster) not in words else server

    @property
    def _pid_path(self) -> Path:
        return self.home.cluster / "postmaster.pid"

    @property
    def log(self) -> Path:
        """What the server says: warnings and worse."""
        return self.home.folder / "postgres.log"

    def _open_log(self) -> BinaryIO:
        if self.log.exists() and self.log.stat().st_size > LOG_BYTES:
            self.log.replace(self.log.with_suffix(".log.1"))
        return open(os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab")


def make_data_folder(data: Path) -> None:
    """Make `data` on first use: ours alone, or for root passable, so that an account can pass.

    Raises: CannotStart, when it cannot be made or written.
    """
    try:
        if not data.exists():
            data.mkdir(parents=True)
            data.chmod(0o711 if os.geteuid() == 0 else 0o700)
    except OSError as error:
        raise CannotStart(f"{data} cannot be made: {error.strerror}.") from None
    if not os.access(data, os.W_OK | os.X_OK) or not data.is_dir():
        raise CannotStart(f"{data} is not a folder that we may write.")


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text(errors="replace").splitlines()
    except OSError:
        return []


def _first_number(file: Path) -> int | None:
    lines = _lines(file)
    return int(lines[0]) if lines and lines[0].strip().isdigit() else None
