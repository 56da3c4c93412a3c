"""What each project may still send, as one process knows it.

Requests are judged from memory. What was used is told to PostgreSQL a few times a second, which
says what is left for all processes together: no request waits for a row, and the rate holds over
any number of processes, since what was taken too much in between is owed and paid back first.
"""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass

import django.db

from kit.asking import Asking
from traces.services.limits import NO_LIMIT, Left, spend

log = logging.getLogger(__name__)

TELL_EVERY_SECONDS = 0.2
LOOK_EVERY_SECONDS = 2.0  # at projects that send nothing, or have no limits
FORGOTTEN_AFTER_SECONDS = 60.0
OVER_RATE = (
    "This project is over its limit of {rate:,.0f} spans a second: nothing was stored. "
    "Send the same again."
)
OVER_DAY = (
    "the project is over its spans of the day: until 00:00 UTC only traces with errors, slow "
    "or scored ones stay"
)


class OverLimit(Exception):
    """Nothing was stored; the project's rate allows it a moment later."""


@dataclass(slots=True)
class _Project:
    """One project in this process. `used` is what PostgreSQL has not been told."""

    left: Left
    tokens: float
    at: float  # when `tokens` was right
    told_at: float
    seen_at: float
    used: float = 0.0
    in_flight: float = 0.0  # what requests take that have not ended
    usual: float = 1.0  # spans a request, lately

    def now_left(self, now: float) -> float:
        if self.left.rate is not None:
            self.tokens = min(self.left.burst, self.tokens + (now - self.at) * self.left.rate)
        self.at = now
        return self.tokens


class Admission:
    """One request that was let in. What it takes is a guess until its spans are known."""

    __slots__ = ("_known", "_taken")

    def __init__(self, known: _Project) -> None:
        self._known = known
        self._taken = known.usual if known.left.rate is not None else 0.0
        known.tokens -= self._taken
        known.in_flight += self._taken

    @property
    def is_over_day(self) -> bool:
        """Whether the quota of the day is used up."""
        return self._known.left.is_over_day

    def takes(self, spans: int) -> None:
        """Let it take exactly this; 0 where nothing was stored."""
        known = self._known
        more = spans - self._taken
        known.tokens -= more
        known.in_flight += more
        self._taken = spans

    def end(self) -> None:
        """Account for it."""
        known = self._known
        known.in_flight -= self._taken
        known.used += self._taken
        if self._taken:
            known.usual += (self._taken - known.usual) / 8


class Allowances:
    """One an event loop."""

    def __init__(self) -> None:
        self._asking = Asking(1, "intake-limits")
        self._projects: dict[int, _Project] = {}

    async def admit(self, project_id: int) -> Admission:
        """Let a request in, before its body is read.

        A request is taken whole where anything is left; what it takes too much is owed. Raises:
        OverLimit; TimeoutError and django.db.Error where the limits cannot be learned.
        """
        known = self._projects.get(project_id)
        if known is None:
            left = (await self._asking.ask(spend, {project_id: 0.0}))[project_id]
            now = time.monotonic()
            fresh = _Project(left, left.tokens, now, now, now)
            known = self._projects.setdefault(project_id, fresh)
        now = known.seen_at = time.monotonic()
        if known.left.rate is not None and known.now_left(now) <= 0:
            raise OverLimit(OVER_RATE.format(rate=known.left.rate))
        return Admission(known)

    async def run(self) -> None:
        """Tell and learn, until cancelled."""
        while True:
            await asyncio.sleep(TELL_EVERY_SECONDS)
            try:
                await self._tell()
            except (django.db.Error, TimeoutError) as error:
                log.warning("limits not told", extra={"reason": str(error)[:200]})
            except Exception:  # without this loop no limit holds ever again
                log.exception("limits not told")

    async def _tell(self) -> None:
        used = self._due(time.monotonic())
        if not used:
            return
        try:
            left = await self._asking.ask(spend, used)
        except BaseException:
            for project_id, spans in used.items():  # told next time
                self._projects[project_id].used += spans
            raise
        now = time.monotonic()
        for project_id, each in left.items():
            known = self._projects[project_id]
            # What was used while asking, and what is in flight, is not in the answer.
            known.left, known.at, known.told_at = each, now, now
            known.tokens = each.tokens - known.used - known.in_flight

    def _due(self, now: float) -> dict[int, float]:
        for project_id, known in list(self._projects.items()):
            is_idle = now - known.seen_at > FORGOTTEN_AFTER_SECONDS
            if is_idle and known.used + known.in_flight < 1:
                del self._projects[project_id]
        due: dict[int, float] = {}
        for project_id, known in self._projects.items():
            is_limited = known.left is not NO_LIMIT
            is_active = is_limited and (known.used or known.tokens <= 0)
            if is_active or now - known.told_at > LOOK_EVERY_SECONDS:
                due[project_id], known.used = (known.used if is_limited else 0.0), 0.0
        return due

    def close(self) -> None:
        """Tell the rest, and give the connection up."""
        used = {
            project_id: known.used
            for project_id, known in self._projects.items()
            if known.used and known.left is not NO_LIMIT
        }
        if used:
            try:
                self._asking.finish(spend, used)
            except (django.db.Error, TimeoutError) as error:
                log.warning("limits not told", extra={"reason": str(error)[:200]})
        self._asking.close()
