"""One owner at a time for a folder, known by its process number."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from config.processes.failures import CannotStart


class FolderLock:
    """A lock that the kernel releases when its holder ends, however it ends."""

    def __init__(self, file: Path, folder: Path) -> None:
        self._file = file
        self._folder = folder
        self._descriptor: int | None = None

    def take(self) -> None:
        """Hold the lock until `release`. Raises: CannotStart, naming the process that holds it."""
        descriptor = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.read(descriptor, 32).decode(errors="replace").strip()
            os.close(descriptor)
            by = f"process {holder}" if holder else "another process"
            raise CannotStart(f"{self._folder} is already in use by {by}.") from None
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()}\n".encode())
        self._descriptor = descriptor

    def release(self) -> None:
        """Give the lock back; the file stays, since removing it would let two holders in."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
