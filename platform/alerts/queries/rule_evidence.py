"""What an incident of a rule stands on: the course of its figure, examples, and where they are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.urls import reverse

from alerts.models import AlertRule
from alerts.queries.rule_figures import joined, looks_of
from alerts.queries.rule_sources import source_of
from alerts.rules.deciding import Look
from alerts.rules.windows import MINUTE
from kit.figures import instant
from traces.queries.patience import TimeUp, limited
from traces.query import Scope, compile, parse
from traces.values.measures import Window

POINTS, EXAMPLES = 48, 5
SECONDS = 2.0
_ORDERS = {"-latency": "-duration_us", "-cost": "-cost_nano"}
_PLAIN = re.compile(r"[\w.-]+")


def query_of(rule: AlertRule) -> str:
    """What is wrong in the scope, in the query language; the scope where that says nothing."""
    metric = rule.measured
    wrong = metric.evidence or rule.match
    if metric.needs in ("bar", "pair") and _PLAIN.fullmatch(rule.score):
        is_missed = metric.needs == "bar"
        wrong = f"score.{rule.score}{_sign(rule.score_is_most, missed=is_missed)}{rule.score_bar:g}"
        if metric.needs == "pair" and _PLAIN.fullmatch(rule.other):
            wrong += (
                f" score.{rule.other}{_sign(rule.other_is_most, missed=True)}{rule.other_bar:g}"
            )
    return joined(rule.scope, wrong) if wrong else rule.scope


def href_of(rule: AlertRule, window: Window) -> str:
    """The list of what is wrong in a window."""
    asked = {"q": query_of(rule), "t": f"{instant(window[0])}..{instant(window[1])}"}
    if rule.measured.sort:
        asked["sort"] = rule.measured.sort
    slug = rule.project.slug
    return f"{reverse('traces:trace_list', args=[slug])}?{urlencode(asked)}"


def window_of(rule: AlertRule, end: datetime) -> Window:
    """The newest window that ends then."""
    return rule.frame.windows_at(end)[0][0]


def course_of(rule: AlertRule, end: datetime) -> list[Look]:
    """What it saw up to `end`, some looks a window; [] where that takes too long."""
    step = max(rule.frame.every, rule.window_minutes // 6 * MINUTE)
    ends = [end - back * step for back in range(POINTS - 1, -1, -1)]
    try:
        return looks_of([(rule, ends)], seconds=SECONDS)[0]
    except TimeUp:
        return []


def examples_of(rule: AlertRule, window: Window) -> Sequence[str]:
    """Ids of traces that show it, the worst or the newest first."""
    if source_of(rule) is not None:
        return []
    scope = Scope(project_id=rule.project_id, since=window[0], until=window[1])
    rows = compile(parse(query_of(rule)), scope).rows
    order = _ORDERS.get(rule.measured.sort, "-start_time")
    try:
        with limited(SECONDS):
            return list(rows.order_by(order).values_list("trace_id", flat=True)[:EXAMPLES])
    except TimeUp:
        return []


def calls_by_provider(
    project_id: int, since: datetime, until: datetime
) -> list[tuple[str, str, int, int]]:
    """Provider, feature, calls of models, and those that failed; [] where that takes too long."""
    sql = """
        select coalesce(provider, ''), coalesce(feature, ''), count(*),
          count(*) filter (where level = 3)
        from span where project_id = %s and start_time >= %s and start_time < %s and kind = 1
          and counts group by 1, 2
    """
    try:
        with limited(SECONDS) as cursor:
            cursor.execute(sql, [project_id, since, until + timedelta(minutes=2)])
            return [tuple(row) for row in cursor.fetchall()]
    except TimeUp:
        return []


def _sign(is_most: bool, *, missed: bool) -> str:
    if missed:
        return ">" if is_most else "<"
    return "<=" if is_most else ">="
