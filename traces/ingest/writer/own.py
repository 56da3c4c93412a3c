"""Spans that the product itself makes: cleaned, redacted, priced and written like any sender's."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, fields
from functools import partial
from typing import Any

import django.db
import psycopg

from features.mapper import MAPPER
from kit import live
from kit.asking import Asking
from kit.connections import own_connection
from pricing.pricer import PRICER
from traces.ingest.pipeline import prepare_records
from traces.ingest.record import SpanRecord
from traces.ingest.rows import Written
from traces.ingest.wire.clean import Cleaner
from traces.ingest.wire.decode import Decoded
from traces.ingest.wire.limits import Limits
from traces.ingest.writer.group import Busy, GroupWriter, Outcome
from traces.live import group_of

log = logging.getLogger(__name__)

STORED_WITHIN_SECONDS = 4.0  # someone waits for it: as long as intake lets a sender wait
AGAIN_AFTER_SECONDS = 0.25
TOLD_EVERY_SECONDS = 0.5  # live pages, each project
AWAY = "the database does not answer"
OUR_FAULT = "something failed on our side; the log says what"

_LIMITS = Limits()
_LONGEST = {"name": _LIMITS.name, "status_message": _LIMITS.status_message}


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of spans: their cost in nano-dollars (None: unpriced, or not known).

    `missing` says why they are not stored; empty where all are committed.
    """

    cost_nano: int | None = None
    missing: str = ""


class OwnSpans:
    """Writes on threads of its own, with one connection a process. Any thread may call it."""

    def __init__(
        self, connect: Callable[[], psycopg.Connection[Any]] = own_connection, *, threads: int = 2
    ) -> None:
        self._asking = Asking(threads, "own-spans")
        self._writer = GroupWriter(connect, connections=1)
        self._news = _News()

    def start(self, project_id: int, records: Sequence[SpanRecord]) -> Future[Stored]:
        """What becomes of `records`, later: whoever cannot wait lets go, and they are written."""
        told: Future[Stored] = Future()
        told.set_running_or_notify_cancel()
        self._asking.start(self._begin, project_id, records, told)
        return told

    async def store(self, project_id: int, records: Sequence[SpanRecord]) -> Stored:
        """What became of `records`, when they are committed or a few seconds have passed.

        The database's faults come back as `missing` and never as an exception: whoever waits has an
        answer in hand. A caller that is cancelled leaves the writing to go on.
        """
        started = asyncio.wrap_future(self.start(project_id, records))
        done, _ = await asyncio.wait((started,), timeout=STORED_WITHIN_SECONDS)
        return started.result() if done else Stored(missing=AWAY)

    def close(self) -> None:
        """Write what is queued, then give threads and connections up."""
        self._asking.close()
        self._writer.close()
        self._news.close()

    def _begin(self, project_id: int, records: Sequence[SpanRecord], told: Future[Stored]) -> None:
        """Make the rows and hand them to the writer: no thread waits for a commit."""
        try:
            try:
                prices, rules = PRICER.table(project_id), MAPPER.table(project_id)
            except (django.db.Error, psycopg.Error) as error:
                told.set_result(_missing(AWAY, error))
                return
            for record in records:
                clean(record)
            prepared = prepare_records(Decoded(list(records)), project_id, prices, rules)
            known = [record.cost_nano for record in records if record.cost_nano is not None]
            cost = sum(known) if known else None
            ends = time.monotonic() + STORED_WITHIN_SECONDS
            self._submit(_Sent(project_id, prepared.spans, cost, ends, told))
        except Exception:
            log.exception("own spans not stored")
            told.set_result(Stored(missing=OUR_FAULT))

    def _submit(self, sent: _Sent) -> None:
        try:
            waiting = self._writer.submit(sent.spans)
        except Busy as busy:
            self._again(sent, busy)
        else:
            waiting.add_done_callback(partial(self._written, sent))

    def _written(self, sent: _Sent, waiting: Future[Outcome]) -> None:
        """On the thread of the writer: say what became of them."""
        error = waiting.exception()
        if isinstance(error, Busy):
            self._again(sent, error)
        elif error is not None:
            log.error("own spans not stored", exc_info=error)
            sent.told.set_result(Stored(missing=OUR_FAULT))
        elif refused := waiting.result().refused:
            sent.told.set_result(_missing(refused[0][1], None, sent.cost_nano))
        else:
            self._news.changed(sent.project_id)
            sent.told.set_result(Stored(sent.cost_nano))

    def _again(self, sent: _Sent, busy: Busy) -> None:
        """Try once more a little later, while there is time."""
        if time.monotonic() + AGAIN_AFTER_SECONDS <= sent.ends:
            with contextlib.suppress(RuntimeError):  # closing: there is no later
                self._asking.start(self._later, sent)
                return
        sent.told.set_result(_missing(str(busy) or AWAY, busy, sent.cost_nano))

    def _later(self, sent: _Sent) -> None:
        time.sleep(AGAIN_AFTER_SECONDS)
        self._submit(sent)


@dataclass(slots=True)
class _Sent:
    """Rows on their way, until when it may be tried, and who wants to know."""

    project_id: int
    spans: list[Written]
    cost_nano: int | None
    ends: float  # time.monotonic
    told: Future[Stored]


def _missing(why: str, error: Exception | None, cost: int | None = None) -> Stored:
    log.warning("own spans not stored", extra={"reason": str(error or why).strip()[:200]})
    return Stored(cost, why)


def clean(record: SpanRecord) -> None:
    """Hold `record` to the limits of intake, in place; what is cut is marked."""
    cleaner = Cleaner(_LIMITS, lenient=True)
    cleaner.cuts = record.cuts
    for spot in fields(record):
        value = getattr(record, spot.name)
        if isinstance(value, str):
            most = _LONGEST.get(spot.name, _LIMITS.text)
            setattr(record, spot.name, cleaner.text(value, spot.name, most))
        elif isinstance(value, list | dict) and spot.name != "cuts":
            setattr(record, spot.name, cleaner.value(value, spot.name))


class _News:
    """Tells open pages which projects have new spans, at most twice a second."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._changed: set[int] = set()
        self._timer: threading.Timer | None = None

    def changed(self, project_id: int) -> None:
        """Have it told soon."""
        with self._lock:
            self._changed.add(project_id)
            if self._timer is None:
                self._timer = threading.Timer(TOLD_EVERY_SECONDS, self._tell)
                self._timer.daemon = True
                self._timer.start()

    def close(self) -> None:
        """Tell nothing more."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()

    def _tell(self) -> None:
        with self._lock:
            changed, self._changed, self._timer = self._changed, set(), None
        try:
            for project_id in changed:
                news = {"type": "project.changed", "changed": ["traces"]}
                live.announce(group_of(project_id), news)
        except (OSError, psycopg.Error, django.db.Error) as error:
            # Told again with the next span, or when the page looks by itself.
            log.warning("live pages not told", extra={"reason": str(error)[:200]})
        finally:
            django.db.connection.close()  # this thread ends here
