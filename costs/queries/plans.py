"""Cost plans: what each comes to, where its budget breaks, and what was spent since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from accounts.models import Project
from costs.economy.breaking import Break, breaks_at, holds
from costs.economy.planning import Day, Span, days_of, months_of, span_of
from costs.economy.reality import Side, deviation
from costs.models import Plan, PlanVersion
from costs.values.plans import Priced, Terms, priced_of, terms_of
from pricing.card import TOKEN_CLASSES
from traces.queries.arms import NOT_TRAFFIC
from traces.queries.criteria import ANY_ENVIRONMENT
from traces.queries.usage import Scope, span_figures, trace_figures

STEADY = 30  # days of the first month that a plan is known by


def plans_of(project: Project) -> QuerySet[Plan]:
    """The plans of a project that are not deleted."""
    return Plan.objects.filter(project=project, deleted_at=None)


def newest_versions(plans: Sequence[Plan]) -> dict[int, PlanVersion]:
    """The newest version of each, without its measured items; one statement."""
    rows = (
        PlanVersion.objects.filter(plan__in=plans)
        .order_by("plan_id", "-number")
        .distinct("plan_id")
        .defer("items", "prices")
    )
    return {one.plan_id: one for one in rows}


def versions_of(plan: Plan) -> list[PlanVersion]:
    """All versions, newest first, without their measured items."""
    return list(plan.versions.select_related("made_by").order_by("-number").defer("items"))


def promised(versions: Sequence[PlanVersion]) -> PlanVersion:
    """The one that stood at the launch it names: the last made by then, else the first."""
    in_order = sorted(versions, key=lambda one: one.number)
    by_then = [
        one for one in in_order if one.made_at.date() <= date.fromisoformat(one.terms["launch"])
    ]
    return (by_then or in_order[:1])[-1]


@dataclass(frozen=True)
class Outlook:
    """What a plan comes to with one model; without a price all but `priced` is empty."""

    priced: Priced
    days: Sequence[Day] = ()
    months: Sequence[Span] = ()
    first: Span | None = None  # the first 30 days
    whole: Span | None = None
    breaks: Break | None = None
    breaks_early: Break | None = None  # at the upper end of the range
    breaks_late: Break | None = None  # at the lower
    holds: int | None = None  # requests a day, evenly


def outlook(terms: Terms, priced: Priced, traffic: Sequence[tuple[date, int]]) -> Outlook:
    """Days, months and the break of a plan with one model."""
    rate, ceiling = priced.rate, terms.ceiling
    if rate is None:
        return Outlook(priced)
    days = days_of(traffic, rate, terms.answered)
    first, whole = span_of(days[:STEADY], rate, terms.answered), span_of(days, rate, terms.answered)
    months = months_of(days, rate, terms.answered)
    if ceiling is None:
        return Outlook(priced, days, months, first, whole)
    bounds = rate.range(round(first.requests * (1 - terms.answered)))
    return Outlook(
        priced,
        days,
        months,
        first,
        whole,
        breaks=breaks_at(days, ceiling),
        breaks_early=breaks_at(days, ceiling, bounds.high if bounds else 1.0),
        breaks_late=breaks_at(days, ceiling, bounds.low if bounds else 1.0),
        holds=holds(ceiling, rate.per_request * (1 - terms.answered)),
    )


def outlooks(version: PlanVersion) -> tuple[Terms, list[Outlook]]:
    """The plan with each of its models; the first is the planned one."""
    terms = terms_of(version.terms)
    traffic = terms.traffic.days(terms.draft.horizon)
    return terms, [outlook(terms, priced_of(one), traffic) for one in version.prices]


def summary_of(terms: Terms, prices: Sequence[Priced]) -> dict[str, Any]:
    """What a list shows of a version: money of the first 30 days, and the break."""
    found = outlook(terms, prices[0], terms.traffic.days(terms.draft.horizon))
    first = found.first
    return {
        "model": str(found.priced.model),
        "why": found.priced.why,
        "nano": first.nano if first else None,
        "low": first.low if first else None,
        "high": first.high if first else None,
        "requests": first.requests if first else None,
        "has_budget": terms.ceiling is not None,
        "breaks": found.breaks.day.isoformat() if found.breaks else None,
    }


@dataclass(frozen=True)
class Reality:
    """What was spent since the launch, in whole days, beside the same days of the plan."""

    by_day: Sequence[tuple[date, int]]  # nano-dollars of each day from the launch on
    planned: Side
    actual: Side
    factors: dict[str, int]
    unpriced: int
    calls: int


def reality(project_id: int, terms: Terms, found: Outlook, today: date) -> Reality | None:
    """None before the first whole day since the launch is over, or without a price."""
    launch = terms.draft.launch
    until = min(today, launch + timedelta(days=terms.draft.horizon))
    if until <= launch or found.priced.rate is None:
        return None
    low, high = (datetime.combine(day, datetime.min.time(), UTC) for day in (launch, until))
    scope = Scope(project_id, low, high, ANY_ENVIRONMENT, equal={"feature": terms.draft.feature})
    by_day = {launch + timedelta(days=one): 0 for one in range((until - launch).days)}
    tokens = [0] * len(TOKEN_CLASSES)
    unpriced = calls = 0
    for one in span_figures(scope, ("environment", "day"), with_latencies=False):
        if one.key[0] in NOT_TRAFFIC:
            continue
        by_day[one.key[1]] += one.cost_nano
        unpriced += one.unpriced
        calls += one.calls
        for place, name in enumerate(TOKEN_CLASSES):
            tokens[place] += one.tokens[name]
    traces = sum(
        one.traces
        for one in trace_figures(scope, ("environment",), with_latencies=False)
        if one.key[0] not in NOT_TRAFFIC
    )
    days = found.days[: len(by_day)]
    requests = sum(one.requests for one in days)
    paid = requests * (1 - terms.answered) / terms.uses
    planned = Side(
        requests, [round(number * paid) for number in terms.tokens], sum(one.nano for one in days)
    )
    actual = Side(traces, tokens, sum(by_day.values()))
    factors = deviation(planned, actual, found.priced.prices)
    return Reality(sorted(by_day.items()), planned, actual, dict(factors), unpriced, calls)
