"""One experiment run by one worker: calls and judgements side by side, until all are over."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from evals.running import claiming, writing
from evals.running.budget import Budget, OverCap
from evals.running.feeding import Feed, Writer
from evals.running.job import Case, Ended, Job, Judged, Pending
from evals.running.judging import Judges
from evals.running.target import Hopeless, Later, Target
from gateway.client import ModelClient

Given = TypeVar("Given")
MOST_AT_ONCE = 200  # results in one transaction


class Turn:
    """Runs `job` in this event loop; the database is asked on the one thread that has its lock."""

    def __init__(self, job: Job, client: ModelClient, database: ThreadPoolExecutor) -> None:
        experiment = job.experiment
        self.job = job
        self._database = database
        budget = Budget(experiment.cost_cap_nano, experiment.spent_nano)
        self._target = Target(job, job.asks, client, budget) if job.asks else None
        self._judges = Judges(job, budget)
        width = experiment.concurrency
        self._cases: Feed[Case] = Feed(self._claim_cases, width * 2)
        self._due: Feed[Pending] = Feed(self._claim_judgements, width * 2, may_grow=True)
        self._ended: Writer[Ended] = Writer(self._write_ended, MOST_AT_ONCE)
        self._judged: Writer[Judged] = Writer(self._write_judged, MOST_AT_ONCE)
        self._may_call = self._may_judge = True
        self._why: Exception | None = None

    def stop(self) -> None:
        """Begin no further call; those in flight end as they will."""
        self._may_call = self._may_judge = False
        self._due.end()

    async def run(self) -> None:
        """Return when nothing is due, or nothing may begin.

        Raises: OverCap, Later, Hopeless, once all calls in flight are over, and what else breaks a
        turn. What is over by then is written.
        """
        writers = [asyncio.create_task(self._ended.run()), asyncio.create_task(self._judged.run())]
        work = asyncio.create_task(self._work())
        try:
            await asyncio.wait([work, *writers], return_when=asyncio.FIRST_COMPLETED)
            for one in writers:
                if one.done():
                    one.result()  # a writer ends only by breaking
            await work
        finally:
            work.cancel()
            await asyncio.wait([work])
            await self._written(writers)
        if self._why is not None:
            raise self._why

    async def _written(self, writers: list[asyncio.Task[None]]) -> None:
        """What is over stands in the database, unless that is what broke."""
        flushed = asyncio.create_task(self._flushed())
        await asyncio.wait([flushed, *writers], return_when=asyncio.FIRST_COMPLETED)
        for task in (flushed, *writers):
            task.cancel()
        await asyncio.wait([flushed, *writers])

    async def _flushed(self) -> None:
        await self._ended.flushed()
        await self._judged.flushed()

    async def _work(self) -> None:
        width = self.job.experiment.concurrency
        try:
            async with asyncio.TaskGroup() as group:
                if self.job.slow or self._target is None:
                    for _ in range(width):
                        group.create_task(self._judge())
                if self._target is not None:
                    calls = [self._call(self._target) for _ in range(width)]
                    await asyncio.wait([group.create_task(one) for one in calls])
                await self._ended.flushed()
                self._due.end()
        except ExceptionGroup as broken:
            raise broken.exceptions[0] from None

    async def _call(self, target: Target) -> None:
        while (case := await self._cases.next()) is not None and self._may_call:
            try:
                ended = await target.answer(case)
            except (OverCap, Later, Hopeless) as why:
                self._why, self._may_call = self._why or why, False
                return
            await self._ended.put(ended)

    async def _judge(self) -> None:
        while (pending := await self._due.next()) is not None and self._may_judge:
            try:
                judged = await self._judges.judge(pending)
            except OverCap as why:
                self._why = self._why or why
                self.stop()
                return
            await self._judged.put(judged)

    # --- the database ---------------------------------------------------------------------------
    async def _claim_cases(self, most: int) -> list[Case]:
        return await self._in_database(claiming.claim_cases, self.job.experiment.pk, most)

    async def _claim_judgements(self, most: int) -> list[Pending]:
        return await self._in_database(claiming.claim_judgements, self.job.experiment.pk, most)

    async def _write_ended(self, ended: list[Ended]) -> None:
        await self._in_database(writing.patiently, writing.write_ended, self.job, ended)
        self._due.grow()

    async def _write_judged(self, judged: list[Judged]) -> None:
        await self._in_database(writing.patiently, writing.write_judged, self.job, judged)

    async def _in_database(self, act: Callable[..., Given], *given: Any) -> Given:
        return await asyncio.get_running_loop().run_in_executor(self._database, act, *given)
