"""Budgets and burn rates in words: the sentence of an incident, and what it stands on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from django.urls import reverse

from accounts.models import Project
from alerts.burning import Counted, Rule, burn_rate
from alerts.queries.objectives import Name, Objective, course_of
from alerts.values import Evidence, Fact
from features.models import BarDirection
from features.pages.words import number
from kit.figures import count, percent
from traces.query.values import quoted

_MISSED = {
    Name.AVAILABILITY: "requests failed",
    Name.LATENCY: "requests took too long",
    Name.QUALITY: "scored answers missed the bar",
}


def sentence_of(objective: Objective, rule: Rule, long: Counted) -> str:
    """`Availability of x burns its budget 20 times too fast: 2% of 1,200 requests failed …`."""
    of = objective.feature.name
    rate = burn_rate(long, objective.allowed)
    head = f"{objective.label} of {of} has no budget"
    if rate is not None:
        head = f"{objective.label} of {of} burns its budget {rate_words(rate)} too fast"
    found = f"{percent(long.share)} of {count(long.total)} {_MISSED[Name(objective.name)]}"
    return f"{head}: {found} in {window_words(rule.long)} (asked: {objective.asked})."


def evidence_of(
    project: Project,
    objective: Objective,
    rule: Rule,
    windows: Mapping[timedelta, Counted],
    now: datetime,
) -> Evidence:
    """Each window with what it holds and the traces behind it; the bar is the rule's rate."""
    facts = [Fact("Objective", f"{objective.label} {objective.asked}", page_of(project, objective))]
    for length in sorted(windows):
        href = traces_of(project, objective, now - length, now)
        said = burn_words(objective, windows[length])
        facts.append(Fact(window_words(length).capitalize(), said, href))
    bar = rule.rate if objective.allowed else None
    return Evidence(facts=facts, points=course_of(objective, now), bar=bar)


def burn_words(objective: Objective, counted: Counted) -> str:
    """`2.1 times, 26 of 1,200`."""
    if not counted.total:
        return "nothing was counted"
    rate = burn_rate(counted, objective.allowed)
    of = f"{count(counted.bad)} of {count(counted.total)}"
    return of if rate is None else f"{rate_words(rate)} as fast as it may, {of}"


def rate_words(rate: float) -> str:
    """`20 times`, `1.4 times`."""
    return f"{number(round(rate, 1 if rate < 10 else 0))} times"


def window_words(length: timedelta) -> str:
    """`the last 5 minutes`, `the last hour`, `the last 3 days`."""
    for unit, name in ((timedelta(days=1), "day"), (timedelta(hours=1), "hour")):
        if length >= unit and not length % unit:
            many = length // unit
            return f"the last {name}" if many == 1 else f"the last {many} {name}s"
    return f"the last {length // timedelta(minutes=1)} minutes"


def page_of(project: Project, objective: Objective) -> str:
    """Path of the feature's page, where its objectives stand."""
    return reverse("features:feature", args=[project.slug, objective.feature.name])


def traces_of(
    project: Project, objective: Objective, since: datetime, until: datetime, *, bad: bool = True
) -> str:
    """Path of the list of traces that missed it in that time; of all of them without `bad`."""
    said = [f"feature:{quoted(objective.feature.name)}"]
    target = objective.target
    if bad:
        match objective.name:
            case Name.AVAILABILITY:
                said.append("status:error")
            case Name.LATENCY:
                said.append(f"latency>{target.p95_latency_ms}ms")
            case Name.QUALITY:
                sign = ">" if target.bar_direction == BarDirection.AT_MOST else "<"
                said.append(f"score.{quoted(target.metric)}{sign}{number(target.bar)}")
    span = "..".join(
        one.astimezone(UTC).replace(microsecond=0).isoformat() for one in (since, until)
    )
    query = urlencode({"t": span, "q": " ".join(said)})
    return f"{reverse('traces:trace_list', args=[project.slug])}?{query}"
