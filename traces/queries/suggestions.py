"""Values that the newest traces of a project have, for suggestions: bounded, never a long look."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from accounts.models import ApiKey
from traces.models import Score, Span, SpanContent, Trace
from traces.queries.patience import TimeUp, limited
from traces.queries.scores import outcome_names, score_names
from traces.query import suggest
from traces.query.content import Document, attribute_values
from traces.query.fields import FIELDS, NUMERIC
from traces.query.suggest import Suggestion, Writing

NEWEST_TRACES = 2000
NEWEST_SPANS = 2000
NEWEST_CONTENTS = 60
MOST_BEGINNING = 500
SECONDS = 0.5
_BY_INDEX = frozenset({"user", "session", "feature"})


def suggestions(project_id: int, writing: Writing) -> list[Suggestion]:
    """What can stand at that place, at most `suggest.MOST`; nothing where looking takes long."""
    try:
        with limited(SECONDS):
            return _suggestions(project_id, writing)
    except TimeUp:
        return []


def _suggestions(project_id: int, writing: Writing) -> list[Suggestion]:
    if not writing.field:
        low = writing.partial.lower()
        scores = score_names(project_id) if low.startswith("score.") else []
        keys = _attribute_keys(project_id) if low.startswith("attr.") else []
        return suggest.fields(writing.partial, scores, keys)
    field = FIELDS[writing.field]
    if field.name == "has":
        return suggest.has_values(writing.partial)
    if field.type in NUMERIC:
        return suggest.examples(field.name)
    found = suggest.values(writing.partial, _values(project_id, writing))
    return found or (suggest.examples(field.name) if field.name == "score" else [])


def _values(project_id: int, writing: Writing) -> Counter[str]:
    field = FIELDS[writing.field]
    traces = Trace.objects.filter(project_id=project_id).order_by("-start_time", "-trace_id")
    if field.letter:
        start = f"{field.letter}:"
        rows = traces.values_list("facets", flat=True)[:NEWEST_TRACES]
        counted = Counter(one[2:] for row in rows for one in row if one.startswith(start))
        for choice in field.choices:
            counted.setdefault(choice, 0)
        return counted
    if field.choices:
        return _choices(field.name)
    if field.name == "prompt":
        rows = traces.values_list("facets", flat=True)[:NEWEST_TRACES]
        return Counter(one[2:].rstrip("/") for row in rows for one in row if one.startswith("p:"))
    if field.trace:
        found = _counted(traces.values_list(field.trace, flat=True)[:NEWEST_TRACES])
        if field.name in _BY_INDEX and writing.partial:
            for value in _beginning(project_id, field.trace, writing.partial):
                found.setdefault(value, 0)
        return found
    if field.name == "key":
        named = ApiKey.objects.filter(project_id=project_id).values_list("name", "public_key")
        return Counter(dict.fromkeys((value for pair in named for value in pair), 0))
    if field.span:
        spans = Span.objects.filter(project_id=project_id).order_by("-start_time")
        return _counted(spans.values_list(field.span, flat=True)[:NEWEST_SPANS])
    return _said(project_id, writing)


def _said(project_id: int, writing: Writing) -> Counter[str]:
    """Of what others said of the traces, and of the content."""
    if writing.field == "outcome":
        return Counter(dict.fromkeys(outcome_names(project_id), 0))
    if writing.field == "score":
        given = Score.objects.filter(project_id=project_id, name=writing.key).order_by("-at")
        return _counted(given.values_list("label", flat=True)[:NEWEST_TRACES])
    if writing.field == "attr" and writing.key:
        values = [
            str(value)
            for document in _documents(project_id)
            for value in attribute_values(document, writing.key)
            if isinstance(value, str | int | float)
        ]
        return Counter(value for value in values if len(value) <= 100)
    return Counter()


def _attribute_keys(project_id: int) -> list[str]:
    counted: Counter[str] = Counter()
    for document in _documents(project_id):
        for place in ("attributes", "metadata", "resource"):
            if isinstance(there := document.stored.get(place), dict):
                counted.update(key for key in there if 0 < len(key) <= 100)
    return [key for key, _ in counted.most_common()]


def _documents(project_id: int) -> list[Document]:
    newest = (
        Span.objects.filter(project_id=project_id)
        .order_by("-start_time", "trace_id", "span_id")
        .values_list("trace_id", "span_id", "start_time")[:NEWEST_CONTENTS]
    )
    keys = list(newest)
    if not keys:
        return []
    starts = [start for _, _, start in keys]
    bodies = SpanContent.objects.filter(
        project_id=project_id,
        trace_id__in={trace_id for trace_id, _, _ in keys},
        span_id__in=[span_id for _, span_id, _ in keys],
        start_time__gte=min(starts),
        start_time__lte=max(starts),
    ).values_list("body", flat=True)[:NEWEST_CONTENTS]
    return [Document("", bytes(body)) for body in bodies]


def _counted(values: Iterable[str | None]) -> Counter[str]:
    return Counter(value for value in values if value)


def _choices(name: str) -> Counter[str]:
    return Counter(dict.fromkeys(FIELDS[name].choices, 0))


def _beginning(project_id: int, column: str, partial: str) -> list[str]:
    """Values that begin so, from the index: also those that are in no recent trace."""
    older = Trace.objects.filter(project_id=project_id, **{f"{column}__startswith": partial})
    return list(older.values_list(column, flat=True)[:MOST_BEGINNING])
