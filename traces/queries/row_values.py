"""What columns of the list show beside the rows of `trace`: one bounded statement each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Min, QuerySet

from traces.models import DataType, Score, ScoreSource, Span, SpanContent
from traces.queries.patience import TimeUp, limited
from traces.queries.summaries import TraceSummary
from traces.query.content import Document, attribute_values

MOST_CONTENTS = 1000
SECONDS = 0.5
_LONGEST = 200


@dataclass(frozen=True)
class Attributes:
    """Values by trace and key. `is_complete`: the time sufficed for all of the page."""

    values: dict[str, dict[str, str]]
    is_complete: bool = True


def first_tokens(project_id: int, rows: Sequence[TraceSummary]) -> dict[str, int]:
    """Microseconds to the first token of the quickest call, by trace."""
    found = _spans(project_id, rows).filter(ttft_us__isnull=False)
    counted = found.order_by().values("trace_id").annotate(least=Min("ttft_us"))
    return dict(counted.values_list("trace_id", "least"))


def thumbs(project_id: int, rows: Sequence[TraceSummary]) -> dict[str, str]:
    """`up` or `down`, what a user said last of each trace."""
    found = Score.objects.filter(
        project_id=project_id,
        trace_id__in=[row.trace_id for row in rows],
        source=ScoreSource.USER,
        data_type__in=[DataType.BOOLEAN, DataType.NUMBER],
        num__isnull=False,
    )
    said = found.order_by("at").values_list("trace_id", "num")
    return {trace_id: "up" if (number or 0) > 0 else "down" for trace_id, number in said}


def attributes(
    project_id: int, rows: Sequence[TraceSummary], keys: Sequence[str], *, seconds: float = SECONDS
) -> Attributes:
    """The attributes of the spans of a page; the first span that says one is shown."""
    found: dict[str, dict[str, str]] = {}
    if not rows or not keys:
        return Attributes(found)
    contents = SpanContent.objects.filter(**_bounds(project_id, rows)).order_by("start_time")
    try:
        with limited(seconds):
            bodies = list(contents.values_list("trace_id", "body")[:MOST_CONTENTS])
    except TimeUp:
        return Attributes(found, is_complete=False)
    for trace_id, body in bodies:
        here = found.setdefault(trace_id, {})
        wanted = [key for key in keys if key not in here]
        document = Document("", bytes(body))
        for key in wanted:
            for value in attribute_values(document, key):
                if isinstance(value, str | int | float):
                    here[key] = str(value)[:_LONGEST]
                    break
    return Attributes(found, is_complete=len(bodies) < MOST_CONTENTS)


def _bounds(project_id: int, rows: Sequence[TraceSummary]) -> dict[str, object]:
    return {
        "project_id": project_id,
        "trace_id__in": [row.trace_id for row in rows],
        "start_time__gte": min(row.start_time for row in rows),
        "start_time__lte": max(row.end_time for row in rows),
    }


def _spans(project_id: int, rows: Sequence[TraceSummary]) -> QuerySet[Span]:
    if not rows:
        return Span.objects.none()
    return Span.objects.filter(**_bounds(project_id, rows))
