"""Answers reads from memory where it is fresh, and asks the database once for all who wait."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import django.db

from prompts.serving import counts
from prompts.serving.cache import (
    MOST_ANSWERS,
    MOST_BODIES,
    MOST_HEADS,
    Answer,
    Cache,
    Shelf,
    answer_of,
    body_now,
    epochs_now,
    head_now,
)
from prompts.serving.choosing import Choice, NotServed, choose
from prompts.serving.heads import Body, Head

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.25  # between two looks at the epochs: well inside of FRESH_SECONDS
COUNT_SECONDS = 5.0
Ask = Callable[..., Awaitable[Any]]
T = TypeVar("T")


class Unresolved(LookupError):
    """A reference in the version cannot be followed; the text says which."""


class Stale(Exception):
    """The database cannot be asked, and nothing is remembered."""


class Reader:
    """One an event loop. `ask` runs a function on a thread that may use the database."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self.cache = Cache()
        self._waiting: dict[Any, asyncio.Task[Any]] = {}

    async def read(
        self, project_id: int, name: str, *, label: str, number: int | None, key: str
    ) -> tuple[Answer, Choice, bool]:
        """The answer, what was chosen, and whether it could be confirmed (else it may be old).

        Raises: NotServed, Unresolved, Stale.
        """
        shelf, is_confirmed = await self._shelf(project_id)
        head = await self._head(project_id, shelf, name)
        if head is None:
            raise NotServed(f"This project has no prompt {name[:200]!r}.")
        choice = choose(head, label=label, number=number, key=key)
        split = choice.split
        about = (name, choice.number, choice.label, choice.arm, split.share if split else 0)
        at = (*about, choice.keyed)
        answer = shelf.answers.get(at)
        if answer is None:
            body = await self._body(project_id, shelf, head, choice.number)
            if body is None:
                raise NotServed(f"{name} has no version {choice.number} that stands.")
            if body.fault:
                raise Unresolved(f"{name} v{choice.number} cannot be put together: {body.fault}")
            answer = answer_of(head, body, choice)
            if len(shelf.answers) >= MOST_ANSWERS:
                shelf.answers.clear()
            shelf.answers[at] = answer
        counts.READS.count(head.prompt_id, choice.label, choice.number, choice.keyed)
        return answer, choice, is_confirmed

    async def _shelf(self, project_id: int) -> tuple[Shelf, bool]:
        shelf = self.cache.shelf(project_id)
        if shelf is not None and shelf.is_fresh:
            return shelf, True
        try:
            fresh = await self._once(("epoch", project_id), self._confirmed, project_id)
        except (django.db.Error, TimeoutError) as error:
            if shelf is None:
                raise Stale from error
            return shelf, False
        return fresh, True

    async def _confirmed(self, project_id: int) -> Shelf:
        asked_at = time.monotonic()
        epochs = await self._ask(epochs_now, [project_id])
        return self.cache.begin(project_id, asked_at, epochs[project_id])

    async def _head(self, project_id: int, shelf: Shelf, name: str) -> Head | None:
        if name in shelf.heads:
            return shelf.heads[name]
        try:
            head: Head | None = await self._once(
                ("head", project_id, shelf.epoch, name), self._ask, head_now, project_id, name
            )
        except (django.db.Error, TimeoutError) as error:
            raise Stale from error
        if len(shelf.heads) >= MOST_HEADS:
            shelf.heads.clear()
        shelf.heads[name] = head
        return head

    async def _body(self, project_id: int, shelf: Shelf, head: Head, number: int) -> Body | None:
        at = (head.name, number)
        if at in shelf.bodies:
            return shelf.bodies[at]
        try:
            body: Body | None = await self._once(
                ("body", project_id, shelf.epoch, *at),
                self._ask,
                body_now,
                project_id,
                head,
                number,
            )
        except (django.db.Error, TimeoutError) as error:
            raise Stale from error
        if len(shelf.bodies) >= MOST_BODIES:
            shelf.bodies.clear()
        shelf.bodies[at] = body
        return body

    async def _once(self, name: Any, function: Callable[..., Awaitable[T]], *arguments: Any) -> T:
        """The result of `function`, run once for everybody who asks for `name` meanwhile."""
        task = self._waiting.get(name)
        if task is None:
            task = asyncio.ensure_future(function(*arguments))
            self._waiting[name] = task
            task.add_done_callback(lambda _: self._waiting.pop(name, None))
        return await asyncio.shield(task)

    async def watch(self) -> None:
        """Look at the epochs of what is remembered, until cancelled."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            projects = self.cache.known()
            if not projects:
                continue
            asked_at = time.monotonic()
            try:
                self.cache.confirm(asked_at, await self._ask(epochs_now, projects))
            except (django.db.Error, TimeoutError) as error:
                log.warning("prompt epochs not read", extra={"reason": str(error)[:200]})
            except Exception:  # without this loop every read would ask for itself
                log.exception("prompt epochs not read")

    async def keep_counts(self) -> None:
        """Write how often versions were read, until cancelled."""
        while True:
            await asyncio.sleep(COUNT_SECONDS)
            counted = counts.READS.take()
            if not counted:
                continue
            try:
                await self._ask(counts.write, counted)
            except (django.db.Error, TimeoutError) as error:
                counts.READS.give_back(counted)
                log.warning("prompt reads not counted", extra={"reason": str(error)[:200]})
            except Exception:  # without this loop nothing is counted ever again
                log.exception("prompt reads not counted")
