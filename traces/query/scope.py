"""What every query is narrowed to besides its text: one project, a range of time, environments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import ApiKey
from traces.ingest.record import TRACE_FACTS
from traces.models import Outcome, Score, Span, SpanContent


@dataclass(frozen=True, kw_only=True)
class Scope:
    """Where a query looks. Times are UTC and bound the starts of traces; `until` is exclusive.

    `environment`: empty leaves the runs of experiments out, unless the query names an environment
    or a dataset; `*` is all.
    """

    project_id: int
    since: datetime | None = None
    until: datetime | None = None
    environment: str = ""

    def spans(self) -> QuerySet[Span]:
        """The spans of the trace in the outer query, bounded in time so that partitions prune."""
        found = Span.objects.filter(
            project_id=self.project_id,
            trace_id=OuterRef("trace_id"),
            start_time__gte=OuterRef("start_time"),
            start_time__lte=OuterRef("end_time"),
        ).exclude(span_id=TRACE_FACTS)
        return found if self.since is None else found.filter(start_time__gte=self.since)

    def some_content(self) -> Q:
        """There is content of a span of the trace in the outer query."""
        kept = SpanContent.objects.filter(
            project_id=self.project_id,
            trace_id=OuterRef("trace_id"),
            start_time__gte=OuterRef("start_time"),
            start_time__lte=OuterRef("end_time"),
        )
        return Q(Exists(kept if self.since is None else kept.filter(start_time__gte=self.since)))

    def some_span(self, condition: Q) -> Q:
        """A span of the trace meets it."""
        return Q(Exists(self.spans().filter(condition)))

    def sent_by(self, condition: Q) -> Q:
        """The key that sent the span in the outer query meets it."""
        keys = ApiKey.objects.filter(condition, project_id=self.project_id)
        return Q(api_key_id__in=keys.values("pk"))

    def scores(self, **conditions: Any) -> QuerySet[Score]:
        """The scores of the trace, or of the span, in the outer query."""
        return Score.objects.filter(
            project_id=self.project_id, trace_id=OuterRef("trace_id"), **conditions
        )

    def some_score(self, condition: Q) -> Q:
        """A score of the trace meets it."""
        return Q(Exists(self.scores().filter(condition)))

    def outcomes(self, condition: Q) -> Q:
        """The trace, or its session as a whole, has such an outcome."""
        named = Outcome.objects.filter(condition, project_id=self.project_id)
        of_trace = named.filter(trace_id=OuterRef("trace_id"))
        of_session = named.filter(trace_id="", session_id=OuterRef("session_id"))
        return Q(Exists(of_trace)) | Q(Exists(of_session))
