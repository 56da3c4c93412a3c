"""Children that never outlive their parent, and what /proc says about a process."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

# Source: <linux/prctl.h>, the same on every architecture.
_PR_SET_PDEATHSIG = 1
_prctl = ctypes.CDLL(None, use_errno=True).prctl if sys.platform == "linux" else None


def die_with(parent: int, with_signal: int = signal.SIGKILL) -> None:
    """Make the kernel send `with_signal` to this process when its parent `parent` ends.

    The kernel forgets the wish when the process changes its user, so call it after that; it
    survives `exec`. Elsewhere than on Linux nothing happens: there a hard-killed supervisor
    leaves its children, which an ordinary stop never does.
    """
    if _prctl is None:
        return
    _prctl(_PR_SET_PDEATHSIG, int(with_signal), 0, 0, 0)
    if os.getppid() != parent:  # it ended before the wish was heard
        os._exit(1)


def tied_to_us(with_signal: int = signal.SIGKILL) -> Callable[[], None]:
    """A `preexec_fn` for a child that ends when this process does.

    The wish is tied to the thread that forks: start such children from a thread that lives as
    long as the process does, in practice the main one.
    """
    parent = os.getpid()

    def preexec() -> None:
        die_with(parent, with_signal)

    return preexec


def is_alive(process: int) -> bool:
    """True while `process` exists and has not ended (a zombie has)."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    try:
        status = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return not Path("/proc/self").exists()  # without /proc the signal's answer must do
    return status.rpartition(")")[2].split()[0] not in {"Z", "X"}


def command_line(process: int) -> list[str]:
    """The words `process` was started with; empty when it is gone or hidden from us."""
    try:
        raw = Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return []
    return [word.decode(errors="replace") for word in raw.split(b"\0") if word]
