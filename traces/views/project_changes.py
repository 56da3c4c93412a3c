"""What changed in a project: on one axis with its errors and cost, and as a list with evidence."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse

from accounts.access import Door
from kit.figures import count, duration, instant, money, percent
from pricing.models import PriceJob
from pricing.queries import list_jobs
from traces.pages.bars import bars, place_of
from traces.pages.spikes import NameFigures
from traces.queries import changes
from traces.queries.health import Health, Place
from traces.views.compared import Compared
from traces.views.scoped import traces_href

HOUR = timedelta(hours=1)
MOST_EVENTS = 14
CHART_PX = 56
_KINDS = {"release": "New release", "prompt": "New prompt version", "model": "New model",
          "provider": "New provider"}  # fmt: skip
_JOB_WORDS = {"price.set": "set", "price.ended": "ended", "price.removed": "removed"}


def axis_of(
    door: Door, asked: Compared, health: Health, events: list[dict[str, Any]]
) -> dict[str, Any]:
    """Traces with errors and cost on one axis, with the places of what changed."""
    places = health.places
    names = [_when(place) for place in places]
    hrefs = [
        traces_href(
            door.project,
            env=asked.scope.environment,
            t=f"{instant(place.at)}..{instant(place.until)}",
        )
        for place in places
    ]
    errors = [place.failed for place in places]
    costs = [place.cost_nano for place in places]
    for event in events:
        if event["at"] is not None:
            event["x"] = _place(event["at"], places)
    lanes = [
        {"word": "Failed traces", "tone": "err", "most": count(max(errors, default=0)),
         "bars": bars(errors, _titles(names, errors, count), height=CHART_PX)},
        {"word": "Cost", "tone": "bar", "most": money(max(costs, default=0)),
         "bars": bars(costs, _titles(names, costs, money), height=CHART_PX)},
    ]  # fmt: skip
    return {
        "lanes": lanes,
        "rows": [
            {"name": name, "href": href, "place": place}
            for name, href, place in zip(names, hrefs, places, strict=True)
            if place.traces or place.cost_nano
        ],
        "marks": [event for event in events if event.get("x")],
        "first": asked.scope.since,
        "last": asked.scope.until,
    }


def _place(at: datetime, places: list[Place]) -> str:
    """Where an instant stands among places that are drawn equally wide."""
    for number, place in enumerate(places):
        if at < place.until:
            passed = max((at - place.at) / (place.until - place.at), 0.0)
            return place_of(number + passed, len(places))
    return place_of(1, 1)


def _when(place: Place) -> str:
    at = place.at
    is_day = place.until - place.at > HOUR
    return f"{at.day} {at:%b}" if is_day else f"{at.day} {at:%b} {at:%H:%M}"


def _titles(names: list[str], values: list[int], written: Any) -> list[str]:
    return [f"{name}: {written(value)}" for name, value in zip(names, values, strict=True)]


def events_of(door: Door, asked: Compared, by_name: list[NameFigures]) -> list[dict[str, Any]]:
    """What changed, the newest first; what became worse stands before it, without a time."""
    env = asked.scope.environment
    worse = []
    for one in by_name:
        common = {"env": env, "t": asked.t, "name": one.name}
        if one.is_failing_more:
            worse.append(
                _event(
                    "More errors",
                    one.name or "no name",
                    None,
                    "bad",
                    f"{percent(one.share_before)} to {percent(one.share)} of traces",
                    traces_href(door.project, status="error", **common),
                )
            )
        if one.is_slower and one.before is not None:
            p95, was = one.now.percentile_us(0.95), one.before.percentile_us(0.95)
            worse.append(_event("Slower", one.name or "no name", None, "warn",
                                f"p95 {duration(was)} to {duration(p95)}",
                                traces_href(door.project, min_duration=f"{(p95 or 0) // 1000}ms",
                                            **common)))  # fmt: skip
    dated = [_new(door, asked, one) for one in changes.first_seen(asked.scope)]
    dated += [
        _priced(door, job)
        for job in list_jobs(door.project)
        if asked.scope.since <= job.created_at < asked.scope.until
    ]
    dated.sort(key=lambda event: event["at"], reverse=True)
    events = [*worse, *dated][:MOST_EVENTS]
    for number, event in enumerate(events, 1):
        event["number"] = number
    return events


def _new(door: Door, asked: Compared, one: changes.FirstSeen) -> dict[str, Any]:
    narrowed: dict[str, str] = {"env": asked.scope.environment, "t": asked.t}
    if one.kind == "prompt":
        narrowed["prompt"] = f"{one.name}/{one.version}"
    elif one.kind in ("model", "release"):
        narrowed[one.kind] = one.name
    href = "" if one.kind == "provider" else traces_href(door.project, **narrowed)
    counted = f"{count(one.count)} {'traces' if one.kind == 'release' else 'spans'} since"
    named = " ".join(filter(None, (one.name, one.version)))
    return _event(_KINDS[one.kind], named, one.at, "accent", counted, href)


def _priced(door: Door, job: PriceJob) -> dict[str, Any]:
    difference = int(job.after_nano - job.before_nano)
    words = f"{count(job.changed)} calls changed"
    if job.changed:
        words += f", {'+' if difference >= 0 else ''}{money(difference)}"
    named = f"{job.pattern}{f' of {job.provider}' if job.provider else ''}"
    href = reverse("pricing:prices", args=[door.project.slug])
    done = _JOB_WORDS.get(job.reason, "changed")
    return _event(f"Price {done}", named, job.created_at, "accent", words, href)


def _event(
    word: str, name: str, at: datetime | None, tone: str, facts: str, href: str
) -> dict[str, Any]:
    return {"word": word, "name": name, "at": at, "tone": tone, "facts": facts, "href": href}
