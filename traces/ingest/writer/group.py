"""Group commit: requests of one process share a transaction, and each is answered after it.

Projects take turns, so that whoever sends much delays only itself.

A request waits at most 5 ms, and only while others are on their way; for requests of one trace
that is four times the throughput, for those of 512 spans it changes nothing.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

import psycopg

from traces.ingest.rows import AT, Written
from traces.ingest.writer.fair_queue import Empty, FairQueue, Full
from traces.ingest.writer.store import Store

log = logging.getLogger(__name__)

MOST_SPANS = 512
MOST_WAIT_SECONDS = 0.005
MOST_QUEUED = 2000  # requests; beyond it the process is busy
_PROJECT = AT["project_id"]


# Faults of a value rather than of the database: the span at fault is found and refused. Class 54 is
# a limit of PostgreSQL's, such as an entry too long for its index.
_OF_A_VALUE = (psycopg.DataError, psycopg.IntegrityError)
_PROGRAM_LIMIT = "54"


def _is_away(error: Exception) -> bool:
    """True where the same spans may be stored later: the database is away, full, read-only …"""
    if not isinstance(error, psycopg.Error) or isinstance(error, _OF_A_VALUE):
        return False
    return not (error.sqlstate or "").startswith(_PROGRAM_LIMIT)


class Busy(Exception):
    """Nothing was stored; the same request will do a moment later."""


@dataclass(slots=True)
class Outcome:
    """What became of one request: all stored but `refused`, by position, with the reason."""

    refused: list[tuple[int, str]] = field(default_factory=list)


@dataclass(slots=True)
class _Waiting:
    spans: list[Written]
    answer: Future[Outcome]


class GroupWriter:
    """Takes requests from any thread and writes them on `connections` threads of its own.

    `arriving` tells how many requests are being read or decoded: while there are any, a group
    waits for them a little.
    """

    def __init__(
        self,
        connect: Callable[[], psycopg.Connection[Any]],
        *,
        connections: int = 2,
        arriving: Callable[[], int] = lambda: 0,
    ) -> None:
        self._queue: FairQueue[_Waiting] = FairQueue(MOST_QUEUED)
        self._arriving = arriving
        self._threads = [
            threading.Thread(
                target=self._run, args=(Store(connect),), name=f"span-writer-{number}", daemon=True
            )
            for number in range(connections)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, spans: list[Written]) -> Future[Outcome]:
        """A future that is done once `spans` are committed; it may be cancelled while it waits.

        All spans are of one project. Raises: Busy.
        """
        waiting = _Waiting(spans, Future())
        try:
            self._queue.put(spans[0].row[_PROJECT] if spans else 0, waiting)
        except Full:
            raise Busy("too many requests are waiting") from None
        return waiting.answer

    def close(self) -> None:
        """Write what is queued, then end."""
        for _ in self._threads:
            self._queue.end()
        for thread in self._threads:
            thread.join(timeout=10)

    def _run(self, store: Store) -> None:
        usual = 1  # requests of the last group: as many are likely to come again
        while True:
            first = self._queue.get()
            if first is None:
                store.close()
                return
            group = [first]
            ended = self._gather(group, usual)
            usual = len(group)
            # Whoever gave up waiting sends again: written now, its spans would only come twice.
            group = [each for each in group if each.answer.set_running_or_notify_cancel()]
            try:
                self._write(store, group)
            except BaseException as error:
                # The thread must live on: without it nothing is ever stored again.
                log.exception("a writer failed")
                for waiting in group:
                    if not waiting.answer.done():
                        waiting.answer.set_exception(error)
            if ended:
                store.close()
                return

    def _gather(self, group: list[_Waiting], usual: int) -> bool:
        """Add what else is there to `group`; True when the writer is to end after it.

        It waits for more while some are on their way, or until `usual` are together: senders who
        were answered together send again together.
        """
        count = len(group[0].spans)
        deadline = time.monotonic() + MOST_WAIT_SECONDS
        while count < MOST_SPANS:
            left = deadline - time.monotonic()
            try:
                if left > 0 and (len(group) < usual or self._arriving() > 0):
                    waiting = self._queue.get(timeout=left)
                else:
                    waiting = self._queue.get(timeout=0)
            except Empty:
                return False
            if waiting is None:
                return True
            group.append(waiting)
            count += len(waiting.spans)
        return False

    def _write(self, store: Store, group: list[_Waiting]) -> None:
        try:
            store.write([span for waiting in group for span in waiting.spans])
        except Exception as error:
            if _is_away(error):
                log.warning("spans not stored", extra={"reason": str(error).strip()})
                for waiting in group:
                    waiting.answer.set_exception(Busy("the database does not answer"))
                return
            # One poisoned request must not fail the others: each alone.
            log.warning("spans are tried one by one", extra={"reason": str(error).strip()[:500]})
            for waiting in group:
                self._write_alone(store, waiting)
            return
        for waiting in group:
            waiting.answer.set_result(Outcome())

    def _write_alone(self, store: Store, waiting: _Waiting) -> None:
        outcome = Outcome()
        try:
            self._halve(store, waiting.spans, 0, outcome)
        except Exception as error:
            is_away = _is_away(error)
            waiting.answer.set_exception(Busy("the database does not answer") if is_away else error)
        else:
            waiting.answer.set_result(outcome)

    def _halve(self, store: Store, spans: list[Written], offset: int, outcome: Outcome) -> None:
        """Store all but the spans that cannot be stored, found by halving."""
        try:
            store.write(spans)
        except Exception as error:
            if _is_away(error):
                raise
            if len(spans) == 1:
                log.exception("a span cannot be stored", extra={"span": spans[0].key})
                outcome.refused.append((offset, f"the database refused it: {type(error).__name__}"))
                return
            middle = len(spans) // 2
            self._halve(store, spans[:middle], offset, outcome)
            self._halve(store, spans[middle:], offset + middle, outcome)
