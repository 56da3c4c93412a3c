"""Scores as Langfuse's clients ask for them: by many criteria, page by page or by cursor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q, QuerySet

from traces.feedback.given import stored_id
from traces.models import Score, Trace

Key = tuple[datetime, str]
# How a bound is written, and the lookup it stands for.
OPERATORS = {"=": "", ">": "__gt", "<": "__lt", ">=": "__gte", "<=": "__lte"}


@dataclass(kw_only=True)
class Wanted:
    """Narrows a list; what is empty or None does not. `until` is exclusive.

    Any of a list will do. `bounds` are lookups of the number, such as `__gte`, with their values.
    """

    ids: Sequence[str] = ()
    names: Sequence[str] = ()
    sources: Sequence[str] = ()
    data_types: Sequence[str] = ()
    environments: Sequence[str] = ()
    config_ids: Sequence[str] = ()
    authors: Sequence[str] = ()
    trace_ids: Sequence[str] = ()
    span_ids: Sequence[str] = ()
    session_ids: Sequence[str] = ()
    run_ids: Sequence[str] = ()
    labels: Sequence[str] = ()
    numbers: Sequence[float] = ()
    bounds: dict[str, float] = field(default_factory=dict)
    since: datetime | None = None
    until: datetime | None = None
    of_user: str = ""
    of_tags: Sequence[str] = ()


_COLUMNS = {
    "names": "name",
    "sources": "source",
    "data_types": "data_type",
    "config_ids": "config_id",
    "authors": "author",
    "trace_ids": "trace_id",
    "span_ids": "span_id",
    "session_ids": "session_id",
    "run_ids": "run_id",
    "labels": "label",
    "numbers": "num",
}


def matching(project_id: int, wanted: Wanted) -> QuerySet[Score]:
    """The scores that meet `wanted`, newest first."""
    found = Score.objects.filter(project_id=project_id)
    if wanted.ids:
        found = found.filter(id__in=[stored_id(its_id) for its_id in wanted.ids])
    for name, column in _COLUMNS.items():
        if values := getattr(wanted, name):
            found = found.filter(**{f"{column}__in": list(values)})
    if wanted.environments:
        among = Q(environment__in=list(wanted.environments))
        if "default" in wanted.environments:
            among |= Q(environment=None)
        found = found.filter(among)
    for lookup, bound in wanted.bounds.items():
        found = found.filter(**{f"num{lookup}": bound})
    if wanted.since is not None:
        found = found.filter(at__gte=wanted.since)
    if wanted.until is not None:
        found = found.filter(at__lt=wanted.until)
    if wanted.of_user or wanted.of_tags:
        traces = Trace.objects.filter(project_id=project_id)
        if wanted.of_user:
            traces = traces.filter(user_id=wanted.of_user)
        if wanted.of_tags:
            traces = traces.filter(facets__contains=[f"t:{tag}" for tag in wanted.of_tags])
        found = found.filter(trace_id__in=traces.values("trace_id"))
    return found.order_by("-at", "id")


def on_traces(project_id: int, wanted: Wanted) -> QuerySet[Score]:
    """Those of `matching` that hang on a trace or one of its spans."""
    return matching(project_id, wanted).exclude(trace_id="")


def below(found: QuerySet[Score], key: Key) -> QuerySet[Score]:
    """The scores of a list that come after the one of `key`."""
    return found.filter(at__lte=key[0]).filter(Q(at__lt=key[0]) | Q(id__gt=key[1]))


def traces_of(project_id: int, scores: Sequence[Score]) -> dict[str, Trace]:
    """The traces that these scores hang on, by id, where they have arrived."""
    ids = {score.trace_id for score in scores if score.trace_id}
    found = Trace.objects.filter(project_id=project_id, trace_id__in=ids)
    return {trace.trace_id: trace for trace in found}
