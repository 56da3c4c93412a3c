"""The embedded PostgreSQL starts, keeps data, refuses others and survives hard kills."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from config.embedded import EmbeddedPostgres
from config.processes.failures import CannotStart
from tests.config.processes import end_all, processes_of, wait_for

pytestmark = pytest.mark.timing


@pytest.fixture
def folder() -> Iterator[Path]:
    """A short path that any account may enter; pytest's own folders are closed to others."""
    made = Path(tempfile.mkdtemp(prefix="rw-"))
    made.chmod(0o755)
    yield made
    end_all(made)
    shutil.rmtree(made, ignore_errors=True)


def _rows(url: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute("select count(*) from kept").fetchone()
    assert row is not None
    return int(row[0])


def test_data_survives_a_stop_and_nothing_else_does(folder: Path) -> None:
    with EmbeddedPostgres(folder / "data") as url, psycopg.connect(url) as connection:
        connection.execute("create table kept as select 1")
    assert processes_of(folder) == []
    with EmbeddedPostgres(folder / "data") as url:
        assert _rows(url) == 1


def test_a_hard_killed_server_recovers_committed_rows(folder: Path) -> None:
    server = EmbeddedPostgres(folder / "data")
    url = server.start()
    with psycopg.connect(url) as connection:
        connection.execute("create table kept as select 1")
    assert server.process is not None
    server.process.kill()
    server.process.wait()
    server.start()
    assert _rows(url) == 1
    server.stop()
    assert processes_of(folder) == []


def test_a_stale_pid_file_with_a_number_in_use_is_no_obstacle(folder: Path) -> None:
    server = EmbeddedPostgres(folder / "data")
    server.start()
    server.stop()
    stranger = subprocess.Popen(["sleep", "60"])
    (server.data / "postgres/cluster/postmaster.pid").write_text(f"{stranger.pid}\n")
    try:
        server.start()
        server.stop()
    finally:
        stranger.kill()
        stranger.wait()


def test_a_second_start_names_the_holder_in_one_line(folder: Path) -> None:
    with EmbeddedPostgres(folder / "data"), pytest.raises(CannotStart) as refusal:
        EmbeddedPostgres(folder / "data").start()
    assert str(refusal.value) == f"{folder / 'data'} is already in use by process {os.getpid()}."


def test_the_server_ends_when_its_supervisor_is_killed(folder: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path; from config.embedded import EmbeddedPostgres;"
        "EmbeddedPostgres(Path(sys.argv[1])).start(); print('up', flush=True); time.sleep(60)"
    )
    words = [sys.executable, "-c", program, str(folder / "data")]
    surroundings = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(words, stdout=subprocess.PIPE, env=surroundings) as supervisor:
        assert supervisor.stdout is not None
        assert supervisor.stdout.readline() == b"up\n"
        supervisor.send_signal(signal.SIGKILL)
    assert wait_for(lambda: not processes_of(folder))
    with EmbeddedPostgres(folder / "data"):
        pass


def test_other_users_get_neither_the_socket_nor_a_login(folder: Path) -> None:
    server = EmbeddedPostgres(folder / "data")
    url = server.start()
    try:
        assert stat.S_IMODE(server.home.socket.stat().st_mode) == 0o700
        assert stat.S_IMODE((server.home.folder / "password").stat().st_mode) == 0o600
        assert stat.S_IMODE((server.data / "database_url").stat().st_mode) == 0o600
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(url.replace(url.split("@")[0], "postgresql://roadworthy:wrong"))
        with psycopg.connect(url) as connection:
            row = connection.execute(
                "select current_setting('listen_addresses'), current_setting('data_checksums'),"
                " current_setting('fsync'), rolsuper from pg_roles where rolname = current_user"
            ).fetchone()
        assert row == ("", "on", "on", False)
    finally:
        server.stop()


def test_a_long_path_gets_its_socket_elsewhere_and_leaves_no_folder(folder: Path) -> None:
    server = EmbeddedPostgres(folder / ("long" * 25) / "data")
    with psycopg.connect(server.start()) as connection:
        connection.execute("select 1")
    socket_folder = server.home.socket
    server.stop()
    assert not str(socket_folder).startswith(str(folder))
    assert not socket_folder.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as somebody else")
class TestAsRoot:
    """PostgreSQL refuses root, and the account it gets instead may not enter everywhere."""

    def test_a_closed_folder_keeps_its_permissions_and_the_data_goes_elsewhere(
        self, folder: Path
    ) -> None:
        closed = folder / "closed"
        closed.mkdir(mode=0o700)
        elsewhere = folder / "elsewhere"
        server = EmbeddedPostgres(closed / "data", elsewhere=elsewhere)
        server.start()
        server.stop()
        assert stat.S_IMODE(closed.stat().st_mode) == 0o700
        assert len(list(elsewhere.iterdir())) == 1

    def test_a_new_data_folder_is_a_new_database(self, folder: Path) -> None:
        closed = folder / "closed"
        closed.mkdir(mode=0o700)
        for _ in range(2):
            server = EmbeddedPostgres(closed / "data", elsewhere=folder / "elsewhere")
            with server as url, psycopg.connect(url) as connection:
                connection.execute("create table kept as select 1")
            shutil.rmtree(closed / "data")
        assert len(list((folder / "elsewhere").iterdir())) == 2

    def test_a_copied_data_folder_does_not_share_the_database(self, folder: Path) -> None:
        closed = folder / "closed"
        closed.mkdir(mode=0o700)
        with EmbeddedPostgres(closed / "data", elsewhere=folder / "elsewhere"):
            pass
        shutil.copytree(closed / "data", closed / "copy")
        with pytest.raises(CannotStart, match="belongs to"):
            EmbeddedPostgres(closed / "copy", elsewhere=folder / "elsewhere").prepare()
