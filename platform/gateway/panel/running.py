"""Running the columns: all at once, each on its own, so that one that fails stops no other."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from gateway import client
from gateway.client import Answer, Called, CallFailed
from gateway.client.answer import Delta
from gateway.panel.columns import Column, Ready

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a column: the answer, or as much of one as came, and the call where it ended.

    `problem` is the failure in words; `trace_id` finds the span, `not_recorded` says why there is
    none.
    """

    answer: Answer | None = None
    called: Called[Answer] | None = None
    problem: str = ""
    trace_id: str = ""
    not_recorded: str = ""


News = tuple[int, Delta | Outcome]


async def run(calls: Sequence[tuple[Column, Ready]]) -> AsyncGenerator[News, None]:
    """What comes of every column as it comes: (place, a piece) and at last (place, its outcome).

    Close it to stop: whoever is still being asked is hung up on.
    """
    news: asyncio.Queue[News | None] = asyncio.Queue()
    tasks = [asyncio.create_task(_ask(column.place, call, news)) for column, call in calls]
    ending = asyncio.create_task(_end(tasks, news))
    try:
        while (told := await news.get()) is not None:
            yield told
    finally:
        for task in (*tasks, ending):
            task.cancel()
        await asyncio.gather(*tasks, ending, return_exceptions=True)


async def _end(tasks: Sequence[asyncio.Task[None]], news: asyncio.Queue[News | None]) -> None:
    if tasks:
        await asyncio.wait(tasks)
    news.put_nowait(None)


async def _ask(place: int, call: Ready, news: asyncio.Queue[News | None]) -> None:
    try:
        outcome = await _outcome(place, call, news)
    except Exception:
        log.exception("a column of the test panel failed")
        outcome = Outcome(problem="Something failed on our side; the log says what.")
    news.put_nowait((place, outcome))


async def _outcome(place: int, call: Ready, news: asyncio.Queue[News | None]) -> Outcome:
    models = await client.current()
    async with models.stream(call.connection, call.request, call.about) as said:
        try:
            async for delta in said:
                news.put_nowait((place, delta))
        except CallFailed as failed:
            return Outcome(
                said.answer, said.called, str(failed), failed.trace_id, failed.not_recorded
            )
        called = said.called
        return Outcome(called.given, called, "", called.trace_id, called.not_recorded)


async def gathered(calls: Sequence[tuple[Column, Ready]]) -> dict[int, Outcome]:
    """The outcome of every column by its place, once all are over."""
    outcomes: dict[int, Outcome] = {}
    async with aclosing(run(calls)) as news:
        async for place, told in news:
            if isinstance(told, Outcome):
                outcomes[place] = told
    return outcomes
