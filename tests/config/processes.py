"""What the tests of the processes share: which ones belong to a folder, free ports, waiting."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path


def processes_of(data: Path) -> list[int]:
    """Every living process that was started for `data`, found by its words or its environment."""
    mark = os.fsencode(data)
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            state = (entry / "stat").read_text().rpartition(")")[2].split()[0]
            words = (entry / "cmdline").read_bytes()
            surroundings = (entry / "environ").read_bytes()
        except OSError:
            continue
        if state not in "ZX" and (mark in words or b"ROADWORTHY_DATA=" + mark in surroundings):
            found.append(int(entry.name))
    return found


def wait_for(condition: Callable[[], bool], seconds: float = 60.0) -> bool:
    """True as soon as `condition` holds, False after `seconds`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return condition()


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as asking:
        asking.bind(("127.0.0.1", 0))
        return int(asking.getsockname()[1])


def end_all(data: Path) -> None:
    """Kill what a failed test left of `data`, the database last and in good order."""
    for number in processes_of(data):
        os.kill(number, signal.SIGINT)
    if not wait_for(lambda: not processes_of(data), 5):
        for number in processes_of(data):
            os.kill(number, signal.SIGKILL)
