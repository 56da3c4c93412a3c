"""Whoever asks while others are being decided is decided with the next group, together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TypeVar

import django.db

from costs.services.reserving import Answer, Ask, reserve_all
from costs.services.settling import End, settle_all
from kit.asking import Asking

MOST_AT_ONCE = 200
MOST_WAITING = 5_000

One = TypeVar("One")


class Full(Exception):
    """More wait than can be served soon."""


class Group:
    """One an event loop. Nobody waits for a group to fill: under little load it is of one."""

    def __init__(self) -> None:
        self._asking = Asking(2, "budgets")
        self._waiting: list[tuple[Ask | End, asyncio.Future[Answer]]] = []
        self._task: asyncio.Task[None] | None = None

    async def decide(self, one: Ask | End) -> Answer:
        """The answer. Raises: Full, TimeoutError, django.db.Error."""
        if len(self._waiting) >= MOST_WAITING:
            raise Full
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Answer] = loop.create_future()
        self._waiting.append((one, answer))
        if self._task is None or self._task.done():
            self._task = loop.create_task(self._run(), name="budgets")
        return await answer

    def close(self) -> None:
        """Finish what runs."""
        self._asking.close()

    async def _run(self) -> None:
        while self._waiting:
            # All whose bodies are here by now are read before a group is made.
            await asyncio.sleep(0)
            group, self._waiting = self._waiting[:MOST_AT_ONCE], self._waiting[MOST_AT_ONCE:]
            try:
                answers = await self._asking.ask(decide_all, [one for one, _ in group])
            except Exception as error:
                for _, future in group:
                    if not future.done():
                        future.set_exception(error)
                continue
            for (_, future), answer in zip(group, answers, strict=True):
                if future.done():
                    continue
                if isinstance(answer, django.db.Error):
                    future.set_exception(answer)
                else:
                    future.set_result(answer)


def decide_all(group: Sequence[Ask | End]) -> list[Answer | django.db.Error]:
    """All of them: what ends first, as that gives room. Raises: django.db.Error."""
    answers: dict[int, Answer | django.db.Error] = {}
    ends = {place: one for place, one in enumerate(group) if isinstance(one, End)}
    asks = {place: one for place, one in enumerate(group) if isinstance(one, Ask)}
    if ends:
        answers |= zip(ends, _together_or_alone(settle_all, list(ends.values())), strict=True)
    if asks:
        answers |= zip(asks, _together_or_alone(reserve_all, list(asks.values())), strict=True)
    return [answers[place] for place in range(len(group))]


def _together_or_alone(
    decide: Callable[[Sequence[One]], Sequence[Answer]], group: Sequence[One]
) -> list[Answer | django.db.Error]:
    """Where the database refuses what one of them says, it is refused of that one alone."""
    try:
        return list(decide(group))
    except (django.db.DataError, django.db.IntegrityError) as error:
        if len(group) == 1:
            return [error]
    return [answer for one in group for answer in _together_or_alone(decide, [one])]
