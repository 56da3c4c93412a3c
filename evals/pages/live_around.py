"""Traces of a score on both sides of a day: how the means differ, and the worst of each week."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from accounts.models import Project
from evals.pages.live import by_of, ends_text, points_text, value_text
from evals.pages.wording import between, change, score, title_of
from evals.queries.live import THUMBS, LiveSeries, live_of
from evals.queries.live_traces import Example, worst_of
from evals.statistics.weighted import Weighted, difference
from traces.queries.score_figures import ScoreScope


@dataclass(frozen=True)
class Choice:
    """A score that can be looked at."""

    key: str
    title: str
    series: LiveSeries


@dataclass(frozen=True)
class Shown:
    """An example with its score as text."""

    example: Example
    value: str


@dataclass(frozen=True)
class Side:
    """One week: `heading`, what the score was, and its worst traces."""

    heading: str
    value: str
    ends: str
    traces: str
    shown: list[Shown]


@dataclass(frozen=True)
class Around:
    """Both weeks; `said` tells the difference, `fair` is '' where one judge saw both."""

    before: Side
    after: Side
    said: str
    tone: str
    fair: str

    @property
    def sides(self) -> tuple[Side, Side]:
        """Both, in the order of time."""
        return self.before, self.after


def choices_of(project: Project, scope: ScoreScope) -> list[Choice]:
    """The scores of the two weeks, those given most first."""
    series = sorted(live_of(project, scope).series, key=lambda one: (-one.n, one.name))
    return [
        Choice(f"{one.source}:{one.name}", f"{title_of(one.name)}, {by_of(one)}", one)
        for one in series
    ]


def around_of(scope: ScoreScope, choice: Choice, day: date) -> Around:
    """The week before `day` and the one that begins with it. Four statements."""
    series, at = choice.series, day.toordinal()
    old, new = series.between(at - 7, at - 1), series.between(at, at + 6)
    is_share = series.meaning.is_share
    moved = difference(old, new, is_share=is_share)
    if moved is None:
        said, tone = "Too few scores on one side to compare.", ""
    else:
        size = points_text(moved.value) if is_share else change(moved.value)
        ends = (
            f"{points_text(moved.low).removesuffix(' points')} to {points_text(moved.high)}"
            if is_share else between(moved.low, moved.high)
        )  # fmt: skip
        known = "" if moved.excludes(0) else ", which chance does as well"
        said = f"{size} after (95% interval {ends}){known}."
        worse = moved.low > 0 if series.meaning.is_most else moved.high < 0
        tone = "bad" if worse else "ok" if moved.excludes(0) else ""
    versions = [
        {one.evaluator for one in series.days if (one.day < at) is is_before}
        for is_before in (True, False)
    ]
    fair = (
        ""
        if versions[0] == versions[1] or not all(versions)
        else ("Another version of the judge scored one side, so the two do not compare.")
    )
    day_before, last = day - timedelta(days=1), day + timedelta(days=6)
    return Around(
        _side("Before", replace(scope, last=day_before), series, old, is_share),
        _side("Since", replace(scope, first=day, last=last), series, new, is_share),
        said, tone, fair,
    )  # fmt: skip


def _side(
    heading: str, scope: ScoreScope, series: LiveSeries, sums: Weighted, is_share: bool
) -> Side:
    is_thumbs = series.name == THUMBS
    meaning = series.meaning
    passing = meaning.bar_of.passing if meaning.bar_of and not meaning.values else ()
    values = meaning.values or dict.fromkeys(passing, 1.0)
    examples = worst_of(
        scope, [series.name], series.source, lowest_first=is_thumbs or not meaning.is_most,
        values=values, thumbs=is_thumbs,
    )  # fmt: skip
    return Side(
        f"{heading}, {scope.first.day} {scope.first:%b} to {scope.last.day} {scope.last:%b}",
        value_text(sums.mean, series),
        ends_text(sums.interval(is_share=is_share), series),
        f"{sums.n:,}",
        [Shown(one, _shown(one, is_thumbs)) for one in examples],
    )


def _shown(example: Example, is_thumbs: bool) -> str:
    if is_thumbs:
        return "down" if (example.value or 0) <= 0 else "up"
    return example.label or score(example.value)
