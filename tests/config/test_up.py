"""`roadworthy up` starts, heals, refuses in one line and leaves no process behind."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.config.installation import Installation
from tests.config.processes import processes_of, wait_for

pytestmark = pytest.mark.timing


@pytest.fixture(scope="module")
def installation() -> Iterator[Installation]:
    """Started once; each test leaves it as it likes and starts it again if it must."""
    with Installation() as made:
        made.start_and_wait()
        yield made


@pytest.fixture
def running(installation: Installation) -> Installation:
    if installation.process is None or installation.process.poll() is not None:
        installation.start_and_wait()
    return installation


def _kill(numbers: list[int]) -> None:
    assert numbers
    for number in numbers:
        os.kill(number, signal.SIGKILL)


def test_the_printed_request_works_when_pasted(running: Installation) -> None:
    # A shell runs it just as a person would paste it.
    found = re.search(r"^curl .*?]}'$", running.output, re.MULTILINE | re.DOTALL)
    assert found is not None
    asked = f"{found[0]} --silent --show-error --write-out '\\n%{{http_code}}'"
    pasted = subprocess.run(["/bin/sh", "-c", asked], capture_output=True, text=True, timeout=30)
    assert pasted.stdout.splitlines()[-1:] == ["200"], (asked, pasted.stdout, pasted.stderr)


def test_its_static_files_are_its_own(running: Installation) -> None:
    # Another installation of the same checkout that starts would take away what this one serves.
    manifest = json.loads((running.data / "static/staticfiles.json").read_text())
    assert running.get(f"/static/{manifest['paths']['css/base.css']}") == 200


def test_a_second_start_on_the_same_folder_is_one_plain_line(running: Installation) -> None:
    assert running.process is not None
    refused = running.run(*running.command())
    holder = running.process.pid
    assert refused.stderr == f"{running.data} is already in use by process {holder}.\n"
    assert (refused.returncode, refused.stdout) == (1, "")


def test_a_taken_port_is_one_plain_line() -> None:
    with socket.socket() as taker, Installation() as other:
        taker.bind(("127.0.0.1", 0))
        taker.listen()
        other.port = taker.getsockname()[1]
        refused = other.run(*other.command())
    assert refused.returncode == 1
    assert refused.stderr.splitlines() == [
        f"Port {other.port} on 127.0.0.1 is taken: choose another with --port or PORT."
    ]


def test_killed_web_processes_come_back_and_no_connection_is_refused(
    running: Installation,
) -> None:
    _kill(running.children("config.processes.web"))
    assert [running.get("/healthz") for _ in range(5)] == [200] * 5
    assert wait_for(lambda: len(running.children("config.processes.web")) == 2)


def test_a_killed_database_comes_back(running: Installation) -> None:
    _kill(running.children("postgres\0-D"))
    assert wait_for(lambda: running.get("/readyz") == 200), running.output


def test_a_killed_worker_comes_back(running: Installation) -> None:
    (old,) = running.children("\0worker\0")
    _kill([old])
    assert wait_for(lambda: running.children("\0worker\0") not in ([], [old])), running.output


@pytest.mark.parametrize("with_signal", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_ends_every_process(running: Installation, with_signal: int) -> None:
    assert running.process is not None
    seconds = running.stop(with_signal)
    assert running.process.returncode == 0
    assert processes_of(running.data) == []
    assert seconds < 30


def test_a_killed_supervisor_leaves_no_process(running: Installation) -> None:
    running.stop(signal.SIGKILL)
    assert wait_for(lambda: not processes_of(running.data)), processes_of(running.data)


def test_the_second_start_is_quick_and_keeps_the_keys(running: Installation) -> None:
    running.stop()
    before = running.output
    seconds = running.start_and_wait()
    assert seconds < 30  # the aim is 5 s on two free cores; measured there: 0.8
    said = running.output[len(before) :]
    public = re.search(r"pk-rw-\w+", before)
    assert public is not None
    assert public[0] in said
    assert "sk-rw-" not in said


def test_the_secret_key_is_kept_private(running: Installation) -> None:
    kept = Path(running.data, "secret_key")
    assert kept.stat().st_mode & 0o077 == 0
    assert len(kept.read_text()) >= 32
