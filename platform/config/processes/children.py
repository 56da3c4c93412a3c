"""Processes that one terminal watches: started, started again when they die, ended together."""

from __future__ import annotations

import errno
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import orjson

from config.processes.failures import CannotStart
from config.processes.lifeline import tied_to_us

LIVED_WELL_SECONDS = 10.0
LONGEST_PAUSE_SECONDS = 30.0
Process = subprocess.Popen[bytes]


class StopAsked(Exception):
    """A person pressed Ctrl-C, or somebody sent SIGTERM or SIGHUP."""


def say(message: str, level: str = "warning") -> None:
    """Put one line about the processes into the log, in the shape of `kit.logs`."""
    at = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime())
    line = {"at": at, "level": level, "logger": "config.up", "message": message}
    sys.stderr.write(orjson.dumps(line).decode() + "\n")
    sys.stderr.flush()


def spawn(
    command: list[str],
    environment: Mapping[str, str],
    *,
    descriptors: Iterable[int] = (),
    output: int | None = None,
) -> Process:
    """A child of its own group (Ctrl-C reaches us alone) that is killed when we are."""
    return subprocess.Popen(
        command,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=output,
        pass_fds=tuple(descriptors),
        process_group=0,
        preexec_fn=tied_to_us(),
    )


@dataclass
class Child:
    """One process to keep running; `launch` starts it and may refuse with CannotStart."""

    name: str
    launch: Callable[[], Process | None]
    ends_last: bool = False
    process: Process | None = None
    started: float = 0.0
    quick_deaths: int = 0
    due: float | None = None


class Children:
    """The processes kept running, and the one place where the supervisor waits.

    Made in the main thread, before the first child. All waiting goes through `wait`, which
    reaps, restarts and raises StopAsked; so no lock and no thread is needed.
    """

    def __init__(self) -> None:
        self._children: list[Child] = []
        self._asked = False
        self._waker, self._wake = socket.socketpair()
        for end in (self._waker, self._wake):
            end.setblocking(False)
        signal.set_wakeup_fd(self._wake.fileno(), warn_on_full_buffer=False)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._ask)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # only to wake us

    def keep(
        self, name: str, launch: Callable[[], Process | None], *, ends_last: bool = False
    ) -> None:
        """Start a process and start it again whenever it ends.

        One that `ends_last` is only forgotten by `end`: its owner stops it after the others.
        """
        child = Child(name, launch, ends_last=ends_last)
        self._children.append(child)
        self._start(child)

    def wait(self, seconds: float, sockets: Iterable[socket.socket] = ()) -> list[socket.socket]:
        """Up to `seconds` until a signal, a child's end or something to read; the readable ones.

        Raises: StopAsked.
        """
        self._check()
        dues = [child.due for child in self._children if child.due is not None]
        pause = min([seconds, *(due - time.monotonic() for due in dues)])
        waiting = list(sockets)
        ready, _, _ = select.select([self._waker, *waiting], [], [], max(0.0, pause))
        if self._waker in ready:
            self._waker.recv(4096)
        self._check()
        return [one for one in waiting if one in ready]

    def finish(self, process: Process) -> int:
        """Wait for a process that is not kept, watching the others. Raises: StopAsked."""
        while (code := process.poll()) is None:
            self.wait(1.0)
        return code

    def end(self, others: Iterable[Process], seconds: float) -> None:
        """Ask all to end, together with `others`; kill what is left after `seconds`.

        A second Ctrl-C shortens the wait.
        """
        self._asked = False
        kept = [child.process for child in self._children if not child.ends_last]
        self._children.clear()
        running = [one for one in [*kept, *others] if one is not None and one.poll() is None]
        for process in running:
            process.terminate()
        deadline = time.monotonic() + seconds
        while running and time.monotonic() < deadline and not self._asked:
            if select.select([self._waker], [], [], 0.05)[0]:
                self._waker.recv(4096)
            running = [one for one in running if one.poll() is None]
        for process in running:
            process.kill()
            process.wait()

    def _ask(self, *_: object) -> None:
        self._asked = True

    def _check(self) -> None:
        if self._asked:
            raise StopAsked
        now = time.monotonic()
        for child in self._children:
            if child.process is not None and (code := child.process.poll()) is not None:
                self._note_end(child, code, now)
            if child.due is not None and child.due <= now:
                self._start(child)

    def _note_end(self, child: Child, code: int, now: float) -> None:
        child.process = None
        # The first restart comes at once; only what dies again and again has to wait.
        child.quick_deaths = 0 if now - child.started > LIVED_WELL_SECONDS else child.quick_deaths
        pause = min(LONGEST_PAUSE_SECONDS, 0.5 * 2**child.quick_deaths) if child.quick_deaths else 0
        child.quick_deaths += 1
        child.due = now + pause
        when = f"in {pause:.0f} s" if pause else "at once"
        say(f"{child.name} ended unexpectedly ({how_it_ended(code)}); it starts again {when}")

    def _start(self, child: Child) -> None:
        child.started, child.due = time.monotonic(), None
        try:
            child.process = child.launch()
        except CannotStart as refusal:
            say(f"{child.name} did not start: {refusal}", "error")
            child.quick_deaths += 1
            child.due = child.started + min(LONGEST_PAUSE_SECONDS, 2.0**child.quick_deaths)


def how_it_ended(code: int) -> str:
    """`exit code 1`, or the name of the signal."""
    if code >= 0:
        return f"exit code {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"


def open_listening_socket(host: str, port: int) -> socket.socket:
    """A listening TCP socket that all web processes share. Raises: CannotStart.

    It stays open here, so that a connection made while a web process is being replaced waits in
    the queue instead of being refused.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(2048)
    except (OSError, OverflowError) as error:
        listening.close()
        if isinstance(error, PermissionError):
            reason = f"Port {port} needs privileges this user does not have"
        elif isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
            reason = f"Port {port} on {host} is taken"
        else:
            reason = f"{host}:{port} cannot be listened on ({error})"
        raise CannotStart(f"{reason}: choose another with --port or PORT.") from None
    return listening
