"""One call in as many tries as it takes: only failures that may pass, and no byte came yet."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import TypeVar

from gateway.client.answer import Delta
from gateway.client.errors import CallFailed, MayPass
from gateway.client.patience import Clock

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Failure:
    """A try that failed and was followed by another: why, and how long was waited."""

    error: MayPass
    pause_seconds: float


@dataclass(slots=True)
class Trail:
    """The tries of a call that failed before the last one."""

    failures: list[Failure]

    @property
    def tries(self) -> int:
        """How often the provider was asked, the last time included."""
        return len(self.failures) + 1


async def _pause(error: CallFailed, clock: Clock, trail: Trail) -> None:
    """Wait until the next try. Raises: `error` where there is to be none."""
    if not isinstance(error, MayPass):
        raise error
    pause = clock.patience.pause_after(trail.tries, error)
    if pause is None or pause >= clock.left:
        raise error
    trail.failures.append(Failure(error, pause))
    await asyncio.sleep(pause)


async def in_tries(
    once: Callable[[], AsyncGenerator[Delta, None]], clock: Clock, trail: Trail
) -> AsyncGenerator[Delta, None]:
    """The pieces of the first try that begins to answer. Raises: CallFailed.

    Once a piece has been given, a failure is final: nobody can take back what was read.
    """
    while True:
        has_begun = False
        try:
            async with aclosing(once()) as deltas:
                async for delta in deltas:
                    has_begun = True
                    yield delta
            return
        except CallFailed as error:
            if has_begun:
                raise
            failed = error
        await _pause(failed, clock, trail)


async def tried(once: Callable[[], Awaitable[Result]], clock: Clock, trail: Trail) -> Result:
    """The result of the first try that succeeds. Raises: CallFailed."""
    while True:
        try:
            return await once()
        except CallFailed as error:
            failed = error
        await _pause(failed, clock, trail)
