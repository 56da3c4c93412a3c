"""Live scores as series over days: what each score means, what passes, and who gave it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from accounts.models import Project
from evals.evaluating.spec import RAG
from evals.models import Evaluator, EvaluatorVersion
from evals.statistics.weighted import Weighted
from features.queries import target_of
from traces.models import DataType, ScoreDefinition
from traces.queries.score_figures import ScoreScope, ScoreSums, score_days
from traces.values.score_bars import NO, YES, Bar, bars_of

THUMBS = "thumbs down"
_GROUNDED = re.compile("faithful|grounded|hallucinat", re.IGNORECASE)
_REFUSED = re.compile("refus", re.IGNORECASE)
_POLICY = re.compile("policy|safety|safe$|toxic|moderat|violat|jailbreak", re.IGNORECASE)
_IS_BAD = re.compile("hallucinat|refus|toxic|violat|jailbreak", re.IGNORECASE)
# What is told as a rate, and its words.
RATES = {"grounding": "Hallucinated", "refusal": "Refused", "policy": "Against policy"}


@dataclass(frozen=True)
class Meaning:
    """What the scores of one name say. `values` turn words into numbers, `bar` is of the value."""

    evaluator: Evaluator | None = None
    values: dict[str, float] = field(default_factory=dict)
    bar: float | None = None
    is_most: bool = False  # passes at most the bar
    bar_of: Bar | None = None
    is_share: bool = False
    is_target: bool = False  # the bar is that of the feature's target

    def fails(self, value: float | None) -> bool | None:
        """Whether a value misses the bar; None where there is neither."""
        if value is None or self.bar is None:
            return None
        return value > self.bar if self.is_most else value < self.bar


@dataclass(frozen=True, slots=True)
class Day:
    """One day of a series. `evaluator` is the version that gave most of it."""

    day: int  # as `date.toordinal`
    sums: Weighted
    evaluator: str


@dataclass(frozen=True)
class LiveSeries:
    """Scores of one name and source, the oldest day first."""

    name: str
    source: str
    meaning: Meaning
    days: tuple[Day, ...]

    @property
    def n(self) -> int:
        """Traces, over all days."""
        return sum(one.sums.n for one in self.days)

    def between(self, first: int, last: int, evaluator: str | None = None) -> Weighted:
        """The sums of these days, both in; of one version of the evaluator where it is given."""
        total = Weighted()
        for one in self.days:
            if first <= one.day <= last and evaluator in (None, one.evaluator):
                total = total.plus(one.sums)
        return total


@dataclass(frozen=True)
class Rate:
    """How often something happens that should not; of the whole range."""

    kind: str  # of RATES, or THUMBS
    score: str
    sums: Weighted
    is_share: bool


@dataclass(frozen=True)
class Live:
    """All series of a range, and the rates."""

    series: list[LiveSeries]
    rates: list[Rate]
    unread: list[str]  # words without a bar: nobody says which are good


def live_of(project: Project, scope: ScoreScope) -> Live:
    """The live scores of `scope`. Five statements, whatever there is."""
    rows = score_days(scope)
    meanings = meanings_of(project, sorted({row.name for row in rows}), feature=scope.feature)
    grouped: dict[tuple[str, str], list[ScoreSums]] = defaultdict(list)
    for row in rows:
        if not (row.source == "user" and row.thumbs):
            grouped[row.name, row.source].append(row)
    series, unread = [], []
    for (name, source), several in sorted(grouped.items()):
        meaning = meanings.get(name, Meaning())
        days = _days(several, meaning)
        if days:
            is_share = all(row.data_type == DataType.BOOLEAN for row in several)
            is_share = is_share or (meaning.is_share and not meaning.values)
            series.append(LiveSeries(name, source, _as_share(meaning, is_share), days))
        else:
            unread.append(name)
    if thumbs := _thumbs(rows):
        series.append(thumbs)
    return Live(series, _rates(rows, meanings, thumbs), sorted(set(unread)))


def meanings_of(project: Project, names: Iterable[str], *, feature: str = "") -> dict[str, Meaning]:
    """What scores of these names say: by their definition, evaluator, and the feature's target."""
    wanted = list(names)
    if not wanted:
        return {}
    definitions = ScoreDefinition.objects.filter(
        project=project, name__in=wanted, is_archived=False
    )
    bars = bars_of(definitions)
    evaluators = {
        one.name: one
        for one in Evaluator.objects.filter(project=project, name__in=wanted).select_related(
            "current"
        )
    }
    target = target_of(project, feature) if feature else None
    found = {}
    for name in wanted:
        meaning = _meaning(bars.get(name), evaluators.get(name))
        if target is not None and target.metric == name:
            is_most = target.bar_direction == "at_most"
            meaning = Meaning(meaning.evaluator, meaning.values, target.bar, is_most,
                              meaning.bar_of, meaning.is_share, True)  # fmt: skip
        found[name] = meaning
    return found


def _meaning(bar: Bar | None, evaluator: Evaluator | None) -> Meaning:
    version: EvaluatorVersion | None = evaluator.current if evaluator else None
    if version is not None and version.categories and version.values:
        values = dict(zip(version.categories, version.values, strict=False))
        is_most = version.bar_direction == "at_most"
        return Meaning(evaluator, values, version.bar, is_most, bar)
    if bar is None:
        return Meaning(evaluator)
    return Meaning(
        evaluator, bar=bar.number, is_most=bar.is_most, bar_of=bar, is_share=bar.number is None
    )


def _as_share(meaning: Meaning, is_share: bool) -> Meaning:
    return Meaning(meaning.evaluator, meaning.values, meaning.bar, meaning.is_most, meaning.bar_of,
                   is_share, meaning.is_target)  # fmt: skip


def _days(rows: Iterable[ScoreSums], meaning: Meaning) -> tuple[Day, ...]:
    sums: dict[date, Weighted] = {}
    given: dict[date, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in rows:
        value = _value_of(row, meaning)
        if value is not None:
            sums[row.day] = sums.get(row.day, Weighted()).plus(value)
            given[row.day][row.evaluator] += row.n
    return tuple(
        Day(day.toordinal(), one, max(given[day], key=lambda version: given[day][version]))
        for day, one in sorted(sums.items())
    )


def _value_of(row: ScoreSums, meaning: Meaning) -> Weighted | None:
    """The sums of a row's values; None of words that nobody gave a value."""
    kept = Weighted(row.n, row.weight, row.weight_squares, row.total, row.squares)
    if row.data_type != DataType.CATEGORY:
        return kept
    if meaning.values:
        return kept.valued(meaning.values[row.label]) if row.label in meaning.values else None
    if meaning.bar_of is None or not meaning.bar_of.passing:
        return None
    return kept.valued(1.0 if row.label in meaning.bar_of.passing else 0.0)


def _thumbs(rows: Iterable[ScoreSums]) -> LiveSeries | None:
    sums: dict[date, Weighted] = {}
    for row in rows:
        if row.thumbs:
            one = Weighted(row.thumbs, row.thumbs, row.thumbs, row.down, row.down)
            sums[row.day] = sums.get(row.day, Weighted()).plus(one)
    days = tuple(Day(day.toordinal(), one, "") for day, one in sorted(sums.items()))
    return LiveSeries(THUMBS, "user", Meaning(is_share=True, is_most=True), days) if days else None


def kind_of(name: str, evaluator: Evaluator | None) -> str:
    """Of which rate a score is, by its evaluator's kind and template or its name; '' of none."""
    version = evaluator.current if evaluator else None
    check = str(version.config.get("check") or "") if version else ""
    template = evaluator.template if evaluator else ""
    is_rag = evaluator is not None and evaluator.kind == RAG and not check.startswith("context_")
    if is_rag or template == "hallucination" or _GROUNDED.search(name):
        return "grounding"
    if template == "refusal" or check.startswith("refus") or _REFUSED.search(name):
        return "refusal"
    return "policy" if template == "safety" or _POLICY.search(name) else ""


def _rates(
    rows: list[ScoreSums], meanings: dict[str, Meaning], thumbs: LiveSeries | None
) -> list[Rate]:
    """One rate a kind: of the score of that kind that was given most. People's own are left out."""
    by_name: dict[str, list[ScoreSums]] = defaultdict(list)
    for row in rows:
        if row.source in ("judge", "code"):
            by_name[row.name].append(row)
    found = []
    for kind in RATES:
        told = []
        for name, several in by_name.items():
            meaning = meanings.get(name, Meaning())
            if kind_of(name, meaning.evaluator) == kind:
                rate = _bad_share(name, several, meaning)
                if rate is not None and rate[0].mean is not None:
                    told.append(Rate(kind, name, *rate))
        if told:
            found.append(max(told, key=lambda one: (one.sums.n, one.score)))
    if thumbs is not None:
        found.append(Rate(THUMBS, THUMBS, thumbs.between(0, 10**7), True))
    return found


def _bad_share(name: str, rows: list[ScoreSums], meaning: Meaning) -> tuple[Weighted, bool] | None:
    """How often a score says what should not be, and whether that is a share of traces.

    Of words and of yes and no: those that do not pass. Of numbers from 0 to 1: how far the mean is
    from the good end, such as the share of claims that are not supported.
    """
    total = Weighted()
    bar, is_share = meaning.bar_of, True
    for row in rows:
        kept = Weighted(row.n, row.weight, row.weight_squares, row.total, row.squares)
        if row.data_type == DataType.CATEGORY:
            if bar is None or not bar.passing:
                return None
            kept = kept.valued(0.0 if row.label in bar.passing else 1.0)
        else:
            is_bad_high = bool(_IS_BAD.search(name))
            if bar is not None:
                is_bad_high = bar.is_most if bar.number is not None else bar.passing == (NO,)
                if bar.number is None and bar.passing not in ((NO,), (YES,)):
                    return None
            if not is_bad_high:
                flipped = row.weight - row.total
                kept = Weighted(row.n, row.weight, row.weight_squares, flipped,
                                row.weight - 2 * row.total + row.squares)  # fmt: skip
            is_share = is_share and row.data_type == DataType.BOOLEAN
        total = total.plus(kept)
    mean = total.mean
    return (total, is_share) if mean is not None and -1e-9 <= mean <= 1 + 1e-9 else None
