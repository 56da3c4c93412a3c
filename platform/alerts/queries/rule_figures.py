"""The figures of rules: what each saw in its windows, of many rules in few statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from fractions import Fraction

from alerts.models import AlertRule
from alerts.queries.rule_sources import source_of
from alerts.rules.deciding import Figure, Look
from alerts.rules.windows import looked
from traces.queries.windows import SECONDS, window_sums
from traces.query import Query, parse
from traces.values.measures import Ask, Bar, Measure, Sums, Window

Windows = list[list[Window]]


Asked = Sequence[tuple[AlertRule, Sequence[datetime]]]


def looks_of(asked: Asked, *, seconds: float = SECONDS) -> list[list[Look]]:
    """What each rule sees in the windows that end at these moments; the rules are of one project.

    Rules need not be saved. Each statement may take so many seconds. Raises:
    traces.queries.patience.TimeUp; ValueError where a scope cannot be read, or asks for content.
    """
    found: list[list[Look]] = [[] for _ in asked]
    framed: dict[int, list[Windows]] = {}
    for place, (rule, ends) in enumerate(asked):
        source = source_of(rule)
        if source is not None:
            found[place] = source.looks(rule, ends)
        else:
            framed[place] = [rule.frame.windows_at(end) for end in ends]
    answers = _answers(asked, framed, seconds) if framed else {}
    for place, looks in framed.items():
        rule, ends = asked[place]
        figures = _Figures(rule, answers)
        found[place] = [looked(at, one, figures) for at, one in zip(ends, looks, strict=True)]
    return found


def _answers(
    asked: Asked, framed: Mapping[int, list[Windows]], seconds: float
) -> dict[tuple[Query, Measure], Mapping[Window, Sums]]:
    """Sums by what is asked of which traces: rules that ask the same ask once."""
    wanted: dict[tuple[Query, Measure], dict[Window, None]] = defaultdict(dict)
    for place, looks in framed.items():
        rule = asked[place][0]
        windows = dict.fromkeys(w for look in looks for one in look for w in one)
        for query in _queries(rule):
            wanted[query, measure_of(rule)].update(windows)
    asks = [Ask(query, measure, tuple(windows)) for (query, measure), windows in wanted.items()]
    project_id = asked[next(iter(framed))][0].project_id
    sums = window_sums(project_id, asks, seconds=seconds)
    return {
        (ask.query, ask.measure): dict(zip(ask.windows, one, strict=True))
        for ask, one in zip(asks, sums, strict=True)
    }


class _Figures(dict[Window, Figure]):
    """The figure of each window, reckoned when it is asked for."""

    def __init__(
        self, rule: AlertRule, answers: Mapping[tuple[Query, Measure], Mapping[Window, Sums]]
    ) -> None:
        super().__init__()
        self._rule = rule
        self._sums = [answers[query, measure_of(rule)] for query in _queries(rule)]

    def __missing__(self, window: Window) -> Figure:
        metric = self._rule.measured
        sums = [one[window] for one in self._sums]
        figure = metric.figure(sums[0])
        if metric.needs == "query":
            share = Fraction(sums[1].count, sums[0].count) if sums[0].count else None
            figure = replace(figure, value=share)
        self[window] = figure
        return figure


def _queries(rule: AlertRule) -> list[Query]:
    scope = parse(rule.scope)
    if rule.measured.needs != "query":
        return [scope]
    return [scope, parse(joined(rule.scope, rule.match))]


def joined(*texts: str) -> str:
    """The query of what meets all of them."""
    some = [text.strip() for text in texts if text.strip()]
    return some[0] if len(some) == 1 else " ".join(f"({text})" for text in some)


def measure_of(rule: AlertRule) -> Measure:
    """What is summed for the rule."""
    measure = rule.measured.measure
    if rule.measured.needs in ("score", "bar", "pair"):
        one = Bar(rule.score, rule.score_bar or 0.0, rule.score_is_most)
        measure = replace(measure, one=one)
    if rule.measured.needs == "pair":
        measure = replace(measure, other=Bar(rule.other, rule.other_bar or 0.0, rule.other_is_most))
    return measure
