"""How long a caller waits, and how often a call is tried."""

from __future__ import annotations

import asyncio
import random
import time
from dataclasses import dataclass

from gateway.client.errors import MayPass, TimedOut


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds, and tries.

    `first_byte` also bounds the silence between any two bytes of an answer; `total` holds for all
    tries and pauses together. A pause doubles with each try, up to `most_pause`; a provider that
    says when to come again is obeyed, up to `most_asked`: beyond it the caller is told at once.
    Defaults are guesses: reasoning models think for a minute before the first word.
    """

    connect: float = 5.0
    first_byte: float = 120.0
    total: float = 600.0
    tries: int = 3
    first_pause: float = 0.5
    most_pause: float = 8.0
    most_asked: float = 30.0

    def pause_after(self, tried: int, error: MayPass) -> float | None:
        """Seconds to wait after the `tried`th try failed; None where there is to be no other."""
        if tried >= self.tries:
            return None
        grown = min(self.most_pause, self.first_pause * 2.0 ** (tried - 1))
        pause = grown * random.uniform(0.5, 1.0)  # noqa: S311  (spreads callers out)
        if error.retry_after is None:
            return pause
        if error.retry_after > self.most_asked:
            return None
        return error.retry_after + pause * 0.1


IMPATIENT = Patience(connect=5.0, first_byte=15.0, total=20.0, tries=1)


class Clock:
    """The time of one call, all its tries and pauses included; it runs from the start."""

    def __init__(self, patience: Patience) -> None:
        self.patience = patience
        self._ends = time.monotonic() + patience.total

    @property
    def left(self) -> float:
        """Seconds until the whole call must be over; 0 afterwards."""
        return max(0.0, self._ends - time.monotonic())

    def silence(self) -> asyncio.Timeout:
        """A context in which the next bytes must come; raises TimeoutError."""
        return asyncio.timeout(min(self.patience.first_byte, self.left))

    def hurry(self, seconds: float) -> None:
        """Allow only so much more."""
        self._ends = min(self._ends, time.monotonic() + seconds)

    def too_late(self, name: str) -> TimedOut:
        """What to raise after a TimeoutError; `name` is who was waited for."""
        if self.left <= 0:
            return TimedOut(f"{name} took longer than {self.patience.total:g} s.")
        return TimedOut(f"{name} said nothing for {self.patience.first_byte:g} s.")
