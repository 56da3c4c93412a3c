"""How fast a run asks: so many calls a minute, and not while the provider wants peace. Pure."""

from __future__ import annotations

import asyncio
import time


class Pace:
    """Lets callers through one by one; `per_minute` None lets all through at once."""

    def __init__(self, per_minute: int | None = None) -> None:
        self._step = 60.0 / per_minute if per_minute else 0.0
        self._next = 0.0
        self._quiet_until = 0.0

    async def turn(self) -> None:
        """Return when the next call may be made."""
        while (wait := self._quiet_until - time.monotonic()) > 0:
            await asyncio.sleep(wait)
        if self._step:
            now = time.monotonic()
            at = max(now, self._next)
            self._next = at + self._step
            if at > now:
                await asyncio.sleep(at - now)
                while (wait := self._quiet_until - time.monotonic()) > 0:
                    await asyncio.sleep(wait)

    def quiet(self, seconds: float) -> None:
        """Let nobody through for so long."""
        self._quiet_until = max(self._quiet_until, time.monotonic() + seconds)
