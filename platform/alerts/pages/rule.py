"""An alert rule in words: what it asks, where it stands, when it would have fired."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from django.urls import reverse

from alerts.models import AlertRule, RuleEvent
from alerts.pages.rule_chart import Chart, chart_of
from alerts.pages.words import Chip
from alerts.queries.rule_evidence import href_of
from alerts.queries.rule_history import Backtest
from alerts.queries.rule_sources import source_named
from alerts.rules.metrics import METRICS
from alerts.rules.units import shown
from alerts.rules.windows import LENGTHS
from kit.figures import duration

MOST_EPISODES = 20
_STATES = {
    "new": ("line", "Has not looked yet", "clock"), "fine": ("ok", "Fine", "check"),
    "firing": ("bad", "Firing", "bell"), "unknown": ("line", "Cannot tell", "info"),
}  # fmt: skip
_BEFORE = {
    "day": "the same time the day before", "week": "the same time a week before",
    "median": "the median of the same time on {days} days before",
}  # fmt: skip


@dataclass(frozen=True)
class Past:
    """The backtest as the page shows it."""

    answer: str
    detail: str
    chart: Chart | None
    episodes: list[tuple[datetime, str, str, str]]  # since, how long, farthest value, its traces
    more: int


def state_of(rule: AlertRule, now: datetime) -> Chip:
    """Where it stands."""
    if not rule.is_enabled:
        return Chip("line", "Switched off", "pause")
    if rule.muted_until is not None and rule.muted_until > now:
        return Chip("warn", "Muted, firing" if rule.state == "firing" else "Muted", "pause")
    return Chip(*_STATES[rule.state])


def asks_of(rule: AlertRule) -> str:
    """`Error rate above 5% over 15 minutes, of 20 requests or more`."""
    metric = METRICS.get(rule.metric)
    if metric is None:
        return "A figure that is no longer known"
    named = metric.label
    if metric.needs == "query":
        named = f"Share with {rule.match}"
    elif metric.needs == "score":
        named = f"Mean of {rule.score}"
    elif metric.needs == "bar":
        named = f"Share that misses the bar of {rule.score}"
    elif metric.needs == "pair":
        named = f"{metric.label} ({rule.score} passes, {rule.other} does not)"
    source = source_named(rule.metric)
    if source is not None:
        names = dict(source.subjects(rule.project))
        said = f"{named} {names.get(rule.subject, '(gone)')}"
        return f"{said}, by more than {shown(rule.amount, metric.unit)}" if rule.amount else said
    over = f"over {LENGTHS.get(rule.window_minutes, f'{rule.window_minutes} minutes')}"
    if rule.condition == "silent":
        fewer = f"fewer than {rule.least:,} {metric.of}" if rule.least > 1 else f"no {metric.of}"
        said = f"{fewer[:1].upper()}{fewer[1:]} {over}"
    elif rule.baseline:
        by = shown(rule.amount, "ratio" if rule.is_percent else metric.unit)
        against = _BEFORE[rule.baseline].format(days=rule.baseline_days)
        said = f"{named} {rule.condition} by more than {by} against {against}, {over}"
    else:
        said = f"{named} {rule.condition} {shown(rule.amount, metric.unit)} {over}"
    if rule.least > 1 and rule.condition != "silent" and not metric.is_count:
        said += f", of {rule.least:,} {metric.of} or more"
    if rule.windows > 1:
        said += f", in {rule.breaches} of the last {rule.windows} windows"
    return said


def value_of(rule: AlertRule) -> str:
    """What it saw last."""
    metric = METRICS.get(rule.metric)
    return shown(rule.last_value, metric.unit) if metric and rule.evaluated_at else "–"


def past_of(rule: AlertRule, found: Backtest) -> Past:
    """`Would have fired 3 times in 14 days`, with the dates and the course."""
    if not found.days:
        answer = "There is too much traffic to look back."
        return Past(answer, "Narrow the scope, or shorten the window.", None, [], 0)
    times = len(found.episodes)
    often = {0: "not once", 1: "once", 2: "twice"}.get(times, f"{times} times")
    answer = f"Would have fired {often} in {found.days} days."
    if not found.known:
        answer = f"In {found.days} days nothing could be told."
    minutes = round(found.step.total_seconds() / 60)
    hours = "hour" if minutes == 60 else f"{minutes // 60} hours"
    every = f"{minutes} minutes" if minutes < 60 else hours
    detail = f"Looked at every {every}"
    unclear = len(found.said) - found.known
    if unclear and found.known:
        detail += f"; in {unclear / len(found.said):.0%} of the looks nobody could tell"
    metric = METRICS[rule.metric]
    rows = []
    for one in reversed(found.episodes[-MOST_EPISODES:]):
        long = "goes on" if one.until is None else duration(one.until - one.since)
        href = ""
        if source_named(rule.metric) is None:
            href = href_of(rule, rule.frame.windows_at(one.since)[0][0])
        rows.append((one.since, long, shown(one.worst, metric.unit), href))
    chart = chart_of(found.said, found.episodes, metric.unit)
    return Past(answer, f"{detail}.", chart, rows, max(times - MOST_EPISODES, 0))


def row_of(rule: AlertRule, now: datetime) -> dict[str, object]:
    """A row of the list."""
    failing = [one for one in rule.channels.all() if one.failing_since and one.is_enabled]
    return {
        "rule": rule,
        "state": state_of(rule, now),
        "asks": asks_of(rule),
        "value": value_of(rule),
        "failing": failing,
    }


def event_row(rule: AlertRule, event: RuleEvent) -> dict[str, object]:
    """A line of what happened."""
    metric = METRICS[rule.metric]
    slug = rule.project.slug
    return {
        "event": event,
        "value": shown(event.value, metric.unit),
        "bar": shown(event.bar, metric.unit),
        "href": reverse("alerts:incident", args=[slug, event.incident_id])
        if event.incident_id
        else "",
    }


def seen_of(rule: AlertRule) -> tuple[str, str]:
    """The value of the newest window with its traces; '' where it has not looked."""
    if rule.evaluated_at is None or source_named(rule.metric) is not None:
        return value_of(rule), ""
    return value_of(rule), href_of(rule, rule.frame.windows_at(rule.evaluated_at)[0][0])


def bar_of(rule: AlertRule) -> str:
    """What the newest value was held against."""
    if rule.last_bar is None:
        return "–"
    return shown(Fraction(rule.last_bar), METRICS[rule.metric].unit)
