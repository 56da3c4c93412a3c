"""What is written of a page: the spans and scores that are not here yet, by intake's own way.

A complete span that is here is left as it is: it came with an earlier run, or its application
sends to both installations and then the copy it sent itself knows more than the one read here.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from psycopg import Connection

from features.mapper import MAPPER
from pricing.pricer import PRICER
from traces.feedback.given import GivenScore, stored_id
from traces.ingest.pipeline import DAY_NS, prepare_records
from traces.ingest.record import TRACE_FACTS, SpanRecord
from traces.ingest.wire.decode import Decoded
from traces.ingest.writer.group import Busy, GroupWriter
from traces.models import Score
from traces.moving.errors import SourceError
from traces.moving.page import Page
from traces.services.scores import MOST_AT_ONCE, record_scores

SPANS_AT_ONCE = 512  # of one transaction
MOST_TRIES = 6
_TRACES = """
select trace_id, start_time, end_time from trace where project_id = %s and trace_id = any(%s)
"""
_SPANS = """
select trace_id, span_id, duration_us is not null from span
where project_id = %s and trace_id = any(%s) and start_time between %s and %s
"""


@dataclass(frozen=True, slots=True)
class Window:
    """The starts that this installation keeps, in Unix nanoseconds."""

    oldest: int
    latest: int
    days: int

    @classmethod
    def now(cls) -> Window:
        """As intake has it at this moment."""
        days = settings.RETENTION_DAYS or settings.OLDEST_SPAN_DAYS
        now = time.time_ns()
        return cls(now - days * DAY_NS, now + DAY_NS, days)

    def holds(self, ns: int | None) -> bool:
        """Whether a span of this start keeps it; one without a start is given its own."""
        return ns is None or self.oldest <= ns <= self.latest

    @property
    def first(self) -> datetime:
        """The oldest moment that is kept."""
        return datetime.fromtimestamp(self.oldest / 1e9, UTC)


@dataclass(frozen=True, slots=True)
class Taker:
    """Writes pages into one project. `again` writes also what is here: the copy read now wins."""

    project_id: int
    writer: GroupWriter
    link: Connection[Any]  # in autocommit, for reading
    again: bool = False

    def take(self, page: Page) -> tuple[Counter[str], Counter[str]]:
        """(what was written and what was known, why other things were not taken).

        Raises: SourceError where the database does not answer.
        """
        counts: Counter[str] = Counter()
        skipped = Counter(page.skipped)
        window = Window.now()
        records = _within(page.records, window, skipped)
        self._spans(records, counts, skipped)
        self._scores(page.scores, window, counts, skipped)
        return counts, skipped

    # --- spans ------------------------------------------------------------------------------
    def _spans(
        self, records: list[SpanRecord], counts: Counter[str], skipped: Counter[str]
    ) -> None:
        trace_ids = sorted({record.trace_id for record in records})
        known_traces, known_spans = self._known(trace_ids)
        wanted: list[SpanRecord] = []
        for record in records:
            is_whole = known_spans.get((record.trace_id, record.span_id))
            is_span = record.span_id != TRACE_FACTS
            if is_span:
                counts["spans" if is_whole is None else "known_spans"] += 1
            if self.again or not is_whole:
                wanted.append(record)
        counts["traces"] += len(trace_ids) - len(known_traces)
        for first in range(0, len(wanted), SPANS_AT_ONCE):
            self._write(wanted[first : first + SPANS_AT_ONCE], counts, skipped)

    def _known(self, trace_ids: Sequence[str]) -> tuple[set[str], dict[tuple[str, str], bool]]:
        """The traces that are here, and their spans: whether each has ended."""
        traces = self.link.execute(_TRACES, [self.project_id, list(trace_ids)]).fetchall()
        if not traces:
            return set(), {}
        low, high = min(row[1] for row in traces), max(row[2] for row in traces)
        names = {row[0] for row in traces}
        spans = self.link.execute(_SPANS, [self.project_id, sorted(names), low, high]).fetchall()
        return names, {(trace, span): bool(whole) for trace, span, whole in spans}

    def _write(
        self, records: list[SpanRecord], counts: Counter[str], skipped: Counter[str]
    ) -> None:
        prepared = prepare_records(
            Decoded(records),
            self.project_id,
            PRICER.table(self.project_id),
            MAPPER.table(self.project_id),
        )
        counts["cut_spans"] += prepared.cut
        pause = 0.5
        for attempt in range(MOST_TRIES):
            try:
                outcome = self.writer.submit(prepared.spans).result()
                break
            except Busy as busy:
                if attempt + 1 == MOST_TRIES:
                    raise SourceError(f"Our own database does not take the spans: {busy}") from busy
                time.sleep(pause)
                pause *= 2
        for _, reason in outcome.refused:
            counts["spans"] -= 1
            skipped[f"spans: {reason}"] += 1

    # --- scores -----------------------------------------------------------------------------
    def _scores(
        self,
        scores: Sequence[GivenScore],
        window: Window,
        counts: Counter[str],
        skipped: Counter[str],
    ) -> None:
        kept = [score for score in scores if score.at is None or score.at >= window.first]
        if old := len(scores) - len(kept):
            skipped[f"scores older than the {window.days} days that are kept"] += old
        known = set(
            Score.objects.filter(
                project_id=self.project_id, id__in=[stored_id(score.id) for score in kept]
            ).values_list("id", flat=True)
        )
        wanted = [score for score in kept if self.again or stored_id(score.id) not in known]
        counts["known_scores"] += len(known)
        for first in range(0, len(wanted), MOST_AT_ONCE):
            chunk = wanted[first : first + MOST_AT_ONCE]
            recorded = record_scores(self.project_id, chunk, keep_good=True)
            fresh = {one for one in recorded.ids if one is not None} - known
            counts["scores"] += len(fresh)
            for index, fault in {fault.index: fault for fault in recorded.faults}.items():
                skipped[f"scores: {chunk[index].name}: {fault.field}: {fault.text}"] += 1


def _within(records: list[SpanRecord], window: Window, skipped: Counter[str]) -> list[SpanRecord]:
    """The spans whose start is kept: intake moves others to a bound, which in bulk is a lie."""
    kept = [record for record in records if window.holds(record.start_ns)]
    outside = sum(1 for one in records if one.span_id != TRACE_FACTS) - sum(
        1 for one in kept if one.span_id != TRACE_FACTS
    )
    if outside:
        skipped[f"spans outside of the {window.days} days that are kept"] += outside
    return kept


def latest_until() -> datetime:
    """The end of a run that names none: now, and a little for clocks that run ahead."""
    return datetime.now(UTC) + timedelta(minutes=1)
