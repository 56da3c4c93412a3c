"""The worker's loop: takes up experiments that are due, several at once, and ends their turns."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

import django.db
import uvloop
from django.utils import timezone

from evals.running import claiming, writing
from evals.running.budget import OverCap
from evals.running.job import Job
from evals.running.target import Hopeless, Later
from evals.running.turn import Turn
from gateway import client
from kit.crypto import Unreadable
from kit.errors import DomainError

log = logging.getLogger(__name__)
Given = TypeVar("Given")

MOST_AT_ONCE = 4  # experiments of one worker
LOOK_SECONDS = 1.0  # for what is cancelled, and what is due
FAIR_SECONDS = 30.0  # a turn may last so long while another project waits
DRAIN_SECONDS = 2.0  # for calls in flight, when the worker is asked to end
LONGEST_LATER = timedelta(hours=24)

ending = threading.Event()  # set when this process is asked to end


@dataclass
class Running:
    """One turn, and since when it lasts."""

    turn: Turn
    task: asyncio.Task[None]
    since: float

    @property
    def job(self) -> Job:
        """Whose turn it is."""
        return self.turn.job


def run_due() -> None:
    """Run what is due until nothing is; for synchronous code, on a thread without a loop."""
    with ThreadPoolExecutor(1, thread_name_prefix="experiments") as database:
        try:
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as loop:
                loop.run(Runner(database).run())
        finally:
            database.submit(django.db.connections.close_all).result()


class Runner:
    """Runs experiments in one event loop. Locks and statements are those of one connection."""

    def __init__(self, database: ThreadPoolExecutor) -> None:
        self._database = database
        self._running: dict[int, Running] = {}

    async def run(self) -> None:
        """Return when nothing is due any more, or this process is asked to end."""
        try:
            while not ending.is_set():
                await self._take_more()
                if not self._running:
                    return
                tasks = [one.task for one in self._running.values()]
                await asyncio.wait(tasks, timeout=LOOK_SECONDS, return_when=asyncio.FIRST_COMPLETED)
                await self._look()
        finally:
            await self._stop_all()

    async def _take_more(self) -> None:
        """Fill the places that are free with what is due, fair between projects."""
        if len(self._running) >= MOST_AT_ONCE:
            return
        for pk in await self._in_database(claiming.due_experiments):
            if len(self._running) >= MOST_AT_ONCE:
                return
            if pk in self._running:
                continue
            try:
                job = await self._in_database(claiming.take, pk)
            except (DomainError, Unreadable) as refusal:
                await self._in_database(writing.refuse, pk, str(refusal))
                continue
            if job is not None:
                turn = Turn(job, await client.current(), self._database)
                task = asyncio.create_task(self._turn(turn))
                self._running[pk] = Running(turn, task, time.monotonic())

    async def _turn(self, turn: Turn) -> None:
        """One turn with its end; never raises but where the database is away."""
        job = turn.job
        try:
            await turn.run()
        except asyncio.CancelledError:
            await self._in_database(writing.put_off, job, timezone.now())
            raise
        except OverCap as over:
            await self._in_database(writing.end_at_cap, job, str(over))
        except Hopeless as hopeless:
            await self._in_database(writing.end_hopeless, job, str(hopeless))
        except Later as later:
            until = timezone.now() + min(timedelta(seconds=later.seconds), LONGEST_LATER)
            await self._in_database(writing.put_off, job, until, str(later))
        except (django.db.OperationalError, django.db.InterfaceError):
            raise  # with the connection the locks are gone: everything ends here
        except Exception as broken:
            log.exception("a turn of an experiment broke", extra={"experiment": job.experiment.pk})
            why = f"Something failed on our side: {type(broken).__name__}: {broken}"
            await self._in_database(writing.fail_turn, job.experiment.pk, why)
        else:
            await self._in_database(writing.end_turn, job)

    async def _look(self) -> None:
        """Give back what is over, stop what was cancelled, let others have their turn."""
        for pk, one in list(self._running.items()):
            if one.task.done():
                del self._running[pk]
                one.task.result()
                await self._in_database(writing.release, one.job)
        if not self._running:
            return
        for pk in await self._in_database(claiming.closed_among, list(self._running)):
            self._running[pk].task.cancel()
            await asyncio.wait([self._running[pk].task])
            await self._in_database(writing.settle_closed, self._running[pk].job)
            await self._in_database(writing.release, self._running.pop(pk).job)
        await self._be_fair()

    async def _be_fair(self) -> None:
        """Where all places are taken and a project without one waits, the longest turn ends."""
        if len(self._running) < MOST_AT_ONCE:
            return
        old = [one for one in self._running.values() if time.monotonic() - one.since > FAIR_SECONDS]
        if not old:
            return
        waiting = await self._in_database(claiming.waiting_projects, list(self._running))
        have = {one.job.experiment.project_id for one in self._running.values()}
        if waiting - have:
            min(old, key=lambda one: one.since).turn.stop()

    async def _stop_all(self) -> None:
        """Let calls in flight end for a moment, write what is over, give everything back."""
        running = list(self._running.values())
        if not running:
            return
        for one in running:
            one.turn.stop()
        tasks = [one.task for one in running]
        await asyncio.wait(tasks, timeout=DRAIN_SECONDS)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        for one in running:
            await self._in_database(writing.release, one.job)

    async def _in_database(self, act: Callable[..., Given], *given: Any) -> Given:
        return await asyncio.get_running_loop().run_in_executor(self._database, act, *given)
