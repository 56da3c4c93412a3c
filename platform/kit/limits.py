"""A token bucket: how many of something may pass a second, with some in reserve."""

from __future__ import annotations

import time
from threading import Lock


class TokenBucket:
    """Refills at `rate` a second up to `burst`. Safe across threads of one process."""

    __slots__ = ("_at", "_left", "_lock", "burst", "rate")

    def __init__(self, rate: float, burst: float) -> None:
        self.rate = rate
        self.burst = burst
        self._left = burst
        self._at = time.monotonic()
        self._lock = Lock()

    def take(self, amount: float = 1.0) -> float:
        """0.0 and the tokens are taken, or the seconds until they would be there."""
        with self._lock:
            now = time.monotonic()
            self._left = min(self.burst, self._left + (now - self._at) * self.rate)
            self._at = now
            if self._left >= amount:
                self._left -= amount
                return 0.0
            return (amount - self._left) / self.rate
