"""What the overview says of a project's health: figures beside what they were, and what fails."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.access import Door
from kit.figures import count, duration, money, percent
from kit.htmx import HtmxRequest
from traces.pages import comparing
from traces.pages.spikes import NameFigures, compared, failing
from traces.queries import figures
from traces.queries.health import MOST_SCORES, Health, Sums, health_of
from traces.queries.usage import Scope, trace_figures
from traces.views.compared import Compared
from traces.views.project_changes import axis_of, events_of
from traces.views.project_open import open_for
from traces.views.scoped import PageScope, text_of, traces_href, with_query

HOUR = timedelta(hours=1)
RANGE_MOST = (91, "The overview shows up to 90 days.")
_CHOICES = (
    ("", "The period before"),
    ("7d", "A week earlier"),
    ("30d", "30 days earlier"),
    ("none", "Nothing"),
)


def health_context(door: Door, request: HtmxRequest, page: PageScope) -> dict[str, Any]:
    """Everything on the overview of a project that has traces."""
    asked = Compared(door.project.pk, page, text_of(request.GET, "vs"))
    names_before = trace_figures(asked.before, ["name"]) if asked.before else []
    health = health_of(asked.scope, asked.before, names_before)
    by_name = compared(trace_figures(asked.scope, ["name"]), names_before)
    latest_at = None if health.now.count else figures.newest_trace_at(door.project.pk)
    events = events_of(door, asked, by_name)
    return {
        "asked": asked,
        "health": health,
        "strip": _strip(door, asked, health),
        "axis": axis_of(door, asked, health, events),
        "events": events,
        "failing": [_failing(door, asked, one) for one in failing(by_name)],
        "as_of": timezone.now() - timedelta(seconds=health.waiting_seconds)
        if health.is_stale
        else None,
        "sampled": health.now.traces.sampled if health.now.traces else 0,
        "compare_choices": [
            {
                "text": text,
                "href": with_query(request.GET, vs=value),
                "is_chosen": asked.vs == value,
            }
            for value, text in _CHOICES
        ],
        "latest_at": latest_at,
        "is_counting": latest_at is not None and latest_at >= asked.scope.since,
        **open_for(door, asked),
    }


def _strip(door: Door, asked: Compared, health: Health) -> list[dict[str, Any]]:
    now, was = health.now, health.before
    env, places = asked.scope.environment, health.places
    common = {"env": env, "t": asked.t}
    # Of the hour that runs only what has passed of it.
    hours = max((min(asked.scope.until, timezone.now()) - asked.scope.since) / HOUR, 0.1)
    p50, p95 = _percentile(now, 0.5), _percentile(now, 0.95)
    was_p95 = _percentile(was, 0.95) if was else None
    was_rate = _rate(was, asked.before) if was and asked.before else None
    was_cost = _hourly(was.cost_nano, _hours(asked.before)) if was and asked.before else None
    said = now.said
    unpriced = now.spans.unpriced if now.spans else 0
    judged = now.spans.evaluator_nano if now.spans else 0
    slow = f"{(p95 or 0) // 1000}ms"
    return [
        _tile("Traces", count(now.count), traces_href(door.project, **common),
              f"{now.count / hours:,.1f} an hour", [place.traces for place in places],
              comparing.change(now.count / hours, was_rate), "muted"),
        _tile("Error rate", percent(now.error_share),
              traces_href(door.project, status="error", **common),
              f"{count(now.failed)} failed, {count(now.recovered)} recovered",
              [place.failed / place.traces if place.traces else None for place in places],
              comparing.points(now.error_share, was.error_share if was else None),
              comparing.tone(now.error_share, was.error_share if was else None,
                             worse_is_more=True)),
        _tile("Latency, p95", duration(p95),
              traces_href(door.project, min_duration=slow if p95 else None, **common),
              f"half within {duration(p50)}", [place.p95_us for place in places],
              comparing.change(p95, was_p95),
              comparing.tone(p95, was_p95, worse_is_more=True)),
        _tile("Cost", money(now.cost_nano), traces_href(door.project, **common),
              f"{money(now.cost_each_nano)} a trace"
              + (f", {count(unpriced)} calls unpriced" if unpriced else "")
              + (f", evaluators {money(judged)} beside it" if judged else ""),
              [place.cost_nano for place in places],
              comparing.change(_hourly(now.cost_nano, hours), was_cost),
              comparing.tone(now.cost_each_nano, was.cost_each_nano if was else None,
                             worse_is_more=True)),
        _tile("Thumbs down", percent(said.share_down),
              traces_href(door.project, q="feedback:down", **common) if said.down else "",
              f"{count(said.down)} of {count(said.rated)} rated traces"
              + (f", by the newest {count(MOST_SCORES)} scores" if said.is_cut else "")
              if said.rated else "no feedback of users",
              [place.down / place.rated if place.rated else None for place in places],
              comparing.points(said.share_down, was.said.share_down if was else None),
              comparing.tone(said.share_down, was.said.share_down if was else None,
                             worse_is_more=True)),
    ]  # fmt: skip


def _tile(
    label: str,
    value: str,
    href: str,
    note: str,
    values: list[float | None] | list[int] | list[int | None],
    changed: str,
    tone: str,
) -> dict[str, Any]:
    known = [one for one in values if one is not None]
    return {
        "label": label,
        "value": value,
        "href": href if value != "–" else "",
        "note": note,
        "values": values if len(known) > 1 and any(known) else None,
        "spark": f"{label} over the range",
        "changed": changed,
        "tone": tone if changed != "as before" else "muted",
    }


def _percentile(sums: Sums, share: float) -> int | None:
    return sums.traces.percentile_us(share) if sums.traces else None


def _rate(sums: Sums, scope: Scope) -> float:
    return sums.count / _hours(scope)


def _hours(scope: Scope) -> float:
    return (scope.until - scope.since) / HOUR


def _hourly(amount: int | None, hours: float) -> float | None:
    return None if amount is None else amount / hours


def _failing(door: Door, asked: Compared, one: NameFigures) -> dict[str, Any]:
    common = {"env": asked.scope.environment, "t": asked.t, "name": one.name}
    was = one.share_before
    return {
        "name": one.name,
        "traces": one.now.traces,
        "failed": one.failed,
        "share": one.share,
        "changed": comparing.points(one.share, was)
        or ("" if asked.before is None or was is not None else "new"),
        "tone": comparing.tone(one.share, was, worse_is_more=True) if one.is_failing_more
        or (was is not None and one.share < was) else "muted",
        "p95_us": one.now.percentile_us(0.95),
        "href": traces_href(door.project, **common),
        "errors": traces_href(door.project, status="error", **common),
    }  # fmt: skip
