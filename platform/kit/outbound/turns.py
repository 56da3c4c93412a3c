"""Many requests on their way at once: each is claimed, sent, recorded; none waits for another."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TypeVar

from asgiref.sync import sync_to_async

log = logging.getLogger(__name__)

Claimed = TypeVar("Claimed")
Result = TypeVar("Result")

LOOK_AGAIN_SECONDS = 0.5  # for what became due while others are on their way


async def take_turn(
    claim: Callable[[int, Sequence[Claimed]], list[Claimed]],
    attempt: Callable[[Claimed], Coroutine[Any, Any, Result]],
    record: Callable[[Claimed, Result], None],
    *,
    until: float,
    most: int,
) -> int:
    """Keep at most `most` on their way until nothing is due or `until` (monotonic seconds) is past.

    `claim(room, running)` takes what is due, `attempt` sends one and never raises, `record` notes
    what came of it. The database is spoken to by the calling thread only. How many were sent.
    """
    running: dict[asyncio.Task[Result], Claimed] = {}
    made = 0
    while True:
        if len(running) < most and time.monotonic() < until:
            claiming = sync_to_async(claim)
            for claimed in await claiming(most - len(running), list(running.values())):
                running[asyncio.create_task(attempt(claimed))] = claimed
        if not running:
            return made
        ended, _ = await asyncio.wait(
            running, timeout=LOOK_AGAIN_SECONDS, return_when=asyncio.FIRST_COMPLETED
        )
        for task in ended:
            await sync_to_async(_record)(record, running.pop(task), task.result())
            made += 1


def _record(record: Callable[[Claimed, Result], None], claimed: Claimed, result: Result) -> None:
    """Note the attempt; one that cannot be noted is due again when its lease ends."""
    try:
        record(claimed, result)
    except Exception:  # the turn is that of all receivers
        log.exception("an attempt could not be recorded", extra={"delivery": repr(claimed)[:200]})
