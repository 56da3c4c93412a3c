"""Langfuse: traces, observations and scores of the project that the keys belong to.

Two ways to read: v1, which servers before 4 have and which alone gives a trace's own input, output
and metadata; and v2, observations by cursor, which newer servers have. v1 counts its pages and
sorts by time, so it is walked window by window; a window shrinks or grows with what it held.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from traces.feedback.langfuse_scores import BadScore
from traces.ingest.wire.langfuse_batch import decode_batch
from traces.ingest.wire.limits import Limits
from traces.moving.errors import NotThere, SourceError
from traces.moving.langfuse_shapes import (
    Document,
    observation_event,
    observation_event_v2,
    score_of,
    trace_event,
    trace_event_v2,
)
from traces.moving.otlp import iso, moment
from traces.moving.page import END, Cursor, Page
from traces.moving.reader import Reader

ROWS_A_PAGE = 100  # the most that every version gives
ROWS_A_PAGE_V2 = 200
FEW, MANY = 100, 2_000  # rows of a window that is made twice as long, or half
SHORTEST, FIRST, LONGEST = timedelta(minutes=5), timedelta(days=1), timedelta(days=64)
CUT_METADATA = 200  # characters of a value of v2, unless it is asked for by its key
BEGINNING = datetime(2023, 1, 1, tzinfo=UTC)  # Langfuse is younger than all of its traces
FIELDS = "core,basic,time,io,metadata,model,usage,prompt,metrics,trace_context"
_MEDIA = b"@@@langfuseMedia:"
_API = "/api/public"
_LIMITS = Limits()
_SCORES = (
    # Path, and whether it goes by cursor; the newest first.
    ("/v3/scores", True),
    ("/v2/scores", False),
    ("/scores", False),
)


class Langfuse:
    """One project of one Langfuse. `api` names the way to read; None takes what there is."""

    kind, place = "langfuse", ""

    def __init__(self, reader: Reader, *, api: str | None = None, feature: str = "") -> None:
        """`feature` is that of observations that name none."""
        self._reader = reader
        self._feature = feature
        self.host = reader.base
        self._api = api
        self._expanded: set[str] = set()

    def close(self) -> None:
        """Give the connections up."""
        self._reader.close()

    def check(self) -> None:
        """Ask for the keys' project, and for what there is to read. Raises: SourceError."""
        try:
            found = self._reader.get(f"{_API}/projects")
        except NotThere as error:
            raise SourceError(f"{error}; is this the address of a Langfuse?") from None
        projects = found.get("data") if isinstance(found, dict) else None
        if not projects or not isinstance(projects, list):
            raise SourceError(f"{self.host} names no project for these keys")
        self.place = str(projects[0].get("name") or projects[0].get("id") or "")
        if self._api is None:
            self._api = "v1" if self._has("/traces") else "v2"

    def _has(self, path: str) -> bool:
        try:
            self._list(path, {"page": 1, "limit": 1})
        except NotThere:
            return False
        return True

    def pages(
        self, since: datetime | None, until: datetime, cursor: Cursor | None
    ) -> Iterator[Page]:
        """Pages of traces and observations, then of scores. Raises: SourceError."""
        cursor = cursor or {}
        if cursor.get("api", self._api) != self._api:
            cursor = {}  # begun by the other way, whose places mean nothing here
        if cursor.get("step") != "scores":
            walk = self._by_windows if self._api == "v1" else self._by_cursor
            yield from walk(since, until, cursor)
            cursor = {}
        yield from self._scores(since, until, cursor)

    def _list(self, path: str, query: Mapping[str, Any]) -> Document:
        answer = self._reader.get(_API + path, query)
        if not isinstance(answer, dict) or not isinstance(answer.get("data"), list):
            raise SourceError(f"{self.host} does not answer as Langfuse does at {path}")
        return answer

    # --- v1 ---------------------------------------------------------------------------------
    def _by_windows(
        self, since: datetime | None, until: datetime, cursor: Cursor
    ) -> Iterator[Page]:
        low = moment(cursor.get("low")) or self._first(since, until)
        length = timedelta(seconds=cursor.get("length") or FIRST.total_seconds())
        while low < until:
            high = min(until, low + length)
            held = cursor.get("held") or 0
            started = cursor.get("step") or "traces"
            for step, bounds, make in (
                ("traces", ("fromTimestamp", "toTimestamp"), trace_event),
                ("observations", ("fromStartTime", "toStartTime"), self._observed),
            ):
                if step == "traces" and started == "observations":
                    continue
                number = cursor.get("page") or 1 if step == started else 1
                query: Document = {bounds[0]: iso(low), bounds[1]: iso(high), "limit": ROWS_A_PAGE}
                if step == "traces":
                    # Without the groups that cost the server joins, and are read for themselves.
                    query |= {"orderBy": "timestamp.asc", "fields": "core,io"}
                while True:
                    answer = self._list(f"/{step}", query | {"page": number})
                    rows = answer["data"]
                    held += len(rows)
                    number += 1
                    is_last = len(rows) < ROWS_A_PAGE and number > _pages_in(answer)
                    place = {"step": step, "page": number, "low": iso(low), "held": held,
                             "length": length.total_seconds()}  # fmt: skip
                    if not is_last:
                        yield self._page(rows, make, place)
                        continue
                    if step == "traces":
                        place |= {"step": "observations", "page": 1}
                    else:
                        length = _next_length(length, held)
                        place = {"low": iso(high), "length": length.total_seconds()}
                    yield self._page(rows, make, place)
                    break
            cursor, low = {}, high

    def _first(self, since: datetime | None, until: datetime) -> datetime:
        """Where the first window begins: at the first thing there is, not before it."""
        if since is not None:
            return since
        first = self._list("/traces", {"page": 1, "limit": 1, "orderBy": "timestamp.asc"})["data"]
        at = moment(first[0].get("timestamp")) if first else until
        # A trace may be told after its first observation began, and lists cut to the millisecond.
        return BEGINNING if at is None else max(BEGINNING, at - timedelta(days=1))

    def _observed(self, row: Document) -> Document:
        return observation_event(row, self._feature)

    # --- v2 ---------------------------------------------------------------------------------
    def _by_cursor(self, since: datetime | None, until: datetime, cursor: Cursor) -> Iterator[Page]:
        query: Document = {
            "fields": FIELDS,
            "limit": ROWS_A_PAGE_V2,
            "fromStartTime": iso(since or BEGINNING),
            "toStartTime": iso(until),
        }
        at = cursor.get("cursor")
        while True:
            answer = self._whole("/v2/observations", query | ({"cursor": at} if at else {}))
            at = (answer.get("meta") or {}).get("cursor")
            place = {"step": "observations", "cursor": at} if at else {"step": "scores"}
            yield self._page(answer["data"], self._observed_v2, place, facts=trace_event_v2)
            if not at:
                return

    def _whole(self, path: str, query: Document) -> Document:
        """A page with its metadata uncut: long values come only where their keys are named."""
        while True:
            if self._expanded:
                query["expandMetadata"] = ",".join(sorted(self._expanded))
            answer = self._list(path, query)
            lacking = {
                key
                for row in answer["data"]
                for key, value in (row.get("metadata") or {}).items()
                if isinstance(value, str) and len(value) >= CUT_METADATA and "," not in key
            } - self._expanded
            if not lacking:
                return answer
            self._expanded |= lacking

    def _observed_v2(self, row: Document) -> Document:
        return observation_event_v2(row, self._feature)

    # --- both -------------------------------------------------------------------------------
    def _page(
        self,
        rows: list[Document],
        make: Callable[[Document], Document],
        place: Cursor,
        *,
        facts: Callable[[Document], Document | None] | None = None,
    ) -> Page:
        events = [make(row) for row in rows]
        if facts is not None:
            events += [told for row in rows if (told := facts(row)) is not None]
        page = Page({"api": self._api, **place})
        body = orjson.dumps({"batch": events})
        page.take(decode_batch(body, limits=_LIMITS))
        if files := body.count(_MEDIA):
            page.skipped["mentions of files, which stay at Langfuse"] += files
        if rows:
            page.reached = moment(rows[-1].get("startTime") or rows[-1].get("timestamp"))
        return page

    def _scores(self, since: datetime | None, until: datetime, cursor: Cursor) -> Iterator[Page]:
        query: Document = {"limit": ROWS_A_PAGE, "toTimestamp": iso(until)}
        if since is not None:
            query["fromTimestamp"] = iso(since)
        known = cursor.get("scores")
        for path, by_cursor in _SCORES:
            if known not in (None, path):
                continue
            asked = query | ({"fields": "details,subject,annotation"} if by_cursor else {})
            at: Any = cursor.get("at") or (None if by_cursor else 1)
            name = "cursor" if by_cursor else "page"
            try:
                while True:
                    answer = self._list(path, asked | ({name: at} if at else {}))
                    rows = answer["data"]
                    if by_cursor:
                        at = (answer.get("meta") or {}).get("cursor")
                    else:
                        more = len(rows) == ROWS_A_PAGE or at < _pages_in(answer)
                        at = at + 1 if more else None
                    place = {"step": "scores", "scores": path, "at": at}
                    yield self._scored(rows, place if at else END)
                    if not at:
                        return
            except NotThere:
                continue  # a server without this version: the next older one
        raise SourceError(f"{self.host} has no list of scores that is known here")

    def _scored(self, rows: list[Document], place: Cursor) -> Page:
        page = Page(place if place == END else {"api": self._api, **place})
        for row in rows:
            try:
                page.scores.append(score_of(row))
            except BadScore as bad:
                page.skipped[f"scores: {bad}"] += 1
        if rows:
            page.reached = moment(rows[-1].get("timestamp"))
        return page


def _pages_in(answer: Mapping[str, Any]) -> int:
    found = (answer.get("meta") or {}).get("totalPages")
    return found if isinstance(found, int) else 0


def _next_length(length: timedelta, held: int) -> timedelta:
    if held < FEW:
        return min(LONGEST, length * 2)
    return max(SHORTEST, length / 2) if held > MANY else length
