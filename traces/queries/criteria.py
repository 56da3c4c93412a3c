"""What a list of traces is narrowed down to, as one value and as a queryset."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from django.db.models import F, Q, QuerySet

from traces.models import Trace
from traces.queries.score_conditions import ScoreCondition, ended, scored
from traces.query import EVERYTHING, Plan, Query, Scope, compile
from traces.query.compiling import ANY_ENVIRONMENT, HIDDEN_ENVIRONMENT
from traces.query.on_trace import PRICED
from traces.query.on_trace import STATUSES as BY_STATUS

__all__ = ["ANY_ENVIRONMENT", "HIDDEN_ENVIRONMENT", "STATUSES", "Criteria", "matching", "plan_of"]

STATUSES = tuple(BY_STATUS)

# Answered by an index in the order of the list, however rare the value is.
_INDEXED = frozenset({"since", "until", "user_id", "session_id", "feature", "query"})


@dataclass(frozen=True, kw_only=True)
class Criteria:
    """Narrows a list; what is empty or None does not. Times are UTC, `until` is exclusive.

    Bounds on cost, tokens and duration hold for known values only: unknown is not zero.
    """

    since: datetime | None = None
    until: datetime | None = None
    environment: str = ""  # empty: all but HIDDEN_ENVIRONMENT; ANY_ENVIRONMENT: all
    status: str = ""
    q: str = ""  # a part of the name, any case, or a whole trace id
    name: str = ""
    model: str = ""
    prompt: str = ""  # name/version
    tag: str = ""
    user_id: str = ""
    session_id: str = ""
    feature: str = ""
    release: str = ""
    min_duration_us: int | None = None
    max_duration_us: int | None = None
    min_cost_nano: int | None = None
    max_cost_nano: int | None = None
    min_tokens: int | None = None
    max_tokens: int | None = None
    scores: tuple[ScoreCondition, ...] = ()
    outcome: str = ""  # of the trace or its session; ANY: one of whatever name
    query: Query = EVERYTHING  # and what the query says

    def without(self, *names: str) -> Criteria:
        """The same with some criteria dropped."""
        defaults: dict[str, Any] = {field.name: field.default for field in fields(self)}
        return replace(self, **{name: defaults[name] for name in names})

    @property
    def narrowing(self) -> list[str]:
        """Names of the criteria in force, the range of time left out."""
        return [
            field.name
            for field in fields(self)
            if field.name not in ("since", "until") and getattr(self, field.name) != field.default
        ]

    @property
    def may_match_little(self) -> bool:
        """True when LIMIT could turn into a walk through the whole range."""
        if not compile(self.query, Scope(project_id=0)).is_cheap:
            return True
        return any(
            name not in _INDEXED
            and not (name == "status" and self.status in ("error", "recovered"))
            and not (name == "environment" and self.environment == ANY_ENVIRONMENT)
            for name in self.narrowing
        )


def plan_of(project_id: int, criteria: Criteria) -> Plan:
    """The plan of the query of `criteria`, in their range of time and environments."""
    scope = Scope(
        project_id=project_id,
        since=criteria.since,
        until=criteria.until,
        environment=criteria.environment,
    )
    return compile(criteria.query, scope)


def matching(project_id: int, criteria: Criteria) -> QuerySet[Trace]:
    """The traces of a project that meet `criteria`, in no order.

    Where the query asks for content, those that may meet them: `traces.queries.search` verifies.
    """
    traces = plan_of(project_id, criteria).rows
    for column in ("name", "user_id", "session_id", "feature", "release"):
        if value := getattr(criteria, column):
            traces = traces.filter(**{column: value})
    if criteria.q:
        traces = traces.filter(Q(name__icontains=criteria.q) | Q(trace_id=criteria.q))
    if facets := _facets(criteria):
        traces = traces.filter(facets__contains=facets)
    for condition in criteria.scores:
        traces = traces.filter(scored(project_id, condition))
    if criteria.outcome:
        traces = traces.filter(ended(project_id, criteria.outcome))
    return _bounded(_with_status(traces, criteria.status), criteria)


def _facets(criteria: Criteria) -> list[str]:
    given = (("m", criteria.model), ("t", criteria.tag), ("p", criteria.prompt))
    return [f"{letter}:{value}" for letter, value in given if value]


def _with_status(traces: QuerySet[Trace], status: str) -> QuerySet[Trace]:
    return traces.filter(BY_STATUS[status]) if status else traces


def _bounded(traces: QuerySet[Trace], criteria: Criteria) -> QuerySet[Trace]:
    if criteria.min_duration_us is not None:
        traces = traces.filter(duration_us__gte=criteria.min_duration_us)
    if criteria.max_duration_us is not None:
        traces = traces.filter(duration_us__lte=criteria.max_duration_us)
    if criteria.min_cost_nano is not None:
        traces = traces.filter(cost_nano__gte=criteria.min_cost_nano)
    if criteria.max_cost_nano is not None:
        traces = traces.filter(cost_nano__lte=criteria.max_cost_nano)
    if criteria.min_cost_nano is not None or criteria.max_cost_nano is not None:
        traces = traces.filter(PRICED)
    if criteria.min_tokens is not None or criteria.max_tokens is not None:
        traces = traces.alias(tokens=F("tokens_in") + F("tokens_out")).filter(metered_count__gt=0)
        if criteria.min_tokens is not None:
            traces = traces.filter(tokens__gte=criteria.min_tokens)
        if criteria.max_tokens is not None:
            traces = traces.filter(tokens__lte=criteria.max_tokens)
    return traces
