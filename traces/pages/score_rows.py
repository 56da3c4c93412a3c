"""Scores and outcomes of one trace, in the groups in which its page shows them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from traces.models import Outcome, Score, ScoreDefinition
from traces.values.score_bars import Bar, Verdict, verdict_on
from traces.values.score_values import number_text, value_text

MOST_CHIPS = 6
MOST_OF_OTHERS = 50
MOST_MISSED = 3
MOST_EARLIER = 20  # of one name
_LONGEST = 24


@dataclass(frozen=True)
class Valued:
    """A score with its value in words. `share`: where it lies in its definition's range, 0 to 1.

    `earlier` are those of the same name that were given before, the newest first.
    """

    score: Score
    value: str
    share: float | None = None
    range_words: str = ""
    verdict: Verdict | None = None
    bar_share: float | None = None  # where its bar lies in the same range
    earlier: tuple[tuple[Score, str], ...] = ()


@dataclass(frozen=True)
class ScoreGroup:
    """Scores that hang on the same: `word` says on what. `are_others` need a link to their span."""

    word: str
    scores: list[Valued]
    are_others: bool = False


Ranges = Mapping[str, tuple[float, float]]


@dataclass(frozen=True)
class Measures:
    """What scores are held against: ranges and bars by name."""

    ranges: Ranges
    bars: Mapping[str, Bar]


NOTHING = Measures({}, {})


@dataclass(frozen=True)
class StripChip:
    """One fact of the summary strip, with what its title says and what its bar says of it."""

    name: str
    value: str
    title: str
    verdict: Verdict | None = None


@dataclass(frozen=True)
class SpanVerdict:
    """The score that a row of the tree shows of its span."""

    name: str
    value: str
    verdict: Verdict


def ranges(definitions: Iterable[ScoreDefinition]) -> dict[str, tuple[float, float]]:
    """The least and the greatest value by name, of definitions that state both."""
    return {
        one.name: (one.minimum, one.maximum)
        for one in definitions
        if one.minimum is not None and one.maximum is not None and one.minimum < one.maximum
    }


def measures(definitions: Iterable[ScoreDefinition], bars: Mapping[str, Bar]) -> Measures:
    """What the scores of these definitions are held against."""
    return Measures(ranges(definitions), bars)


def grouped(scores: Sequence[Score], span_id: str, known: Measures = NOTHING) -> list[ScoreGroup]:
    """The groups that are not empty: this span, the trace, its session, other spans."""
    own = [score for score in scores if score.span_id == span_id]
    trace = [score for score in scores if score.trace_id and not score.span_id]
    session = [score for score in scores if not score.trace_id]
    others = [score for score in scores if score.span_id and score.span_id != span_id]
    found = [
        ScoreGroup("This span", _valued(own, known)),
        ScoreGroup("The whole trace", _valued(trace, known)),
        ScoreGroup("Its session", _valued(session, known)),
        ScoreGroup("Other spans", _each(others[:MOST_OF_OTHERS], known), are_others=True),
    ]
    return [group for group in found if group.scores]


def strip_scores(scores: Sequence[Score], bars: Mapping[str, Bar]) -> tuple[list[StripChip], int]:
    """The newest score of each name, of the whole trace before one of a span; and how many more.

    What misses its bar comes first.
    """
    newest: dict[str, Score] = {}
    for score in sorted(scores, key=lambda one: (one.span_id is not None, not one.trace_id)):
        newest.setdefault(score.name, score)
    chips = []
    for name in sorted(newest):
        one, verdict = newest[name], verdict_on(newest[name], bars)
        title = f"{_told(one)}; {verdict.words}" if verdict else _told(one)
        chips.append(StripChip(name, _short(value_text(one)), title, verdict))
    chips.sort(key=lambda chip: not (chip.verdict and chip.verdict.fails))
    return chips[:MOST_CHIPS], max(len(chips) - MOST_CHIPS, 0)


def span_verdicts(scores: Sequence[Score], bars: Mapping[str, Bar]) -> dict[str, SpanVerdict]:
    """By span, the score on it that misses its bar, else one that passes; the newest of a name."""
    newest: dict[tuple[str, str], Score] = {}
    for score in sorted(scores, key=lambda one: (one.at, one.id), reverse=True):
        if score.span_id:
            newest.setdefault((score.span_id, score.name), score)
    found: dict[str, SpanVerdict] = {}
    for span_id, name in sorted(newest):
        score = newest[span_id, name]
        verdict = verdict_on(score, bars)
        if verdict and (span_id not in found or verdict.fails > found[span_id].verdict.fails):
            found[span_id] = SpanVerdict(name, _short(value_text(score)), verdict)
    return found


def missed(scores: Sequence[Score], span_id: str, bars: Mapping[str, Bar]) -> list[Valued]:
    """The scores on a span that miss their bars, the newest of each name."""
    own = [score for score in scores if score.span_id == span_id]
    found = _valued(own, Measures({}, bars))
    return [one for one in found if one.verdict and one.verdict.fails][:MOST_MISSED]


def strip_outcomes(outcomes: Sequence[Outcome]) -> list[StripChip]:
    """The newest outcomes, with their value."""
    return [
        StripChip(
            outcome.name,
            " ".join(filter(None, (amount_text(outcome), outcome.unit or ""))),
            _short(outcome.comment or "", 300),
        )
        for outcome in outcomes[:MOST_CHIPS]
    ]


def amount_text(outcome: Outcome) -> str:
    """The value without the zeros that the column adds; nothing where there is none."""
    if outcome.value is None:
        return ""
    text = f"{outcome.value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _valued(scores: Sequence[Score], known: Measures) -> list[Valued]:
    """The newest of each name, with those before it."""
    by_name: dict[str, list[Score]] = {}
    for score in sorted(scores, key=lambda one: (one.at, one.id), reverse=True):
        by_name.setdefault(score.name, []).append(score)
    return [
        _one(newest, known, tuple((score, value_text(score)) for score in earlier[:MOST_EARLIER]))
        for newest, *earlier in by_name.values()
    ]


def _each(scores: Sequence[Score], known: Measures) -> list[Valued]:
    return [_one(score, known, ()) for score in scores]


def _one(score: Score, known: Measures, earlier: tuple[tuple[Score, str], ...]) -> Valued:
    share, words, bar_share = None, "", None
    verdict = verdict_on(score, known.bars)
    if score.num is not None and score.name in known.ranges:
        low, high = known.ranges[score.name]
        share = min(1.0, max(0.0, (score.num - low) / (high - low)))
        words = f"{number_text(low)} to {number_text(high)}"
        bar = known.bars.get(score.name)
        if bar is not None and bar.number is not None:
            bar_share = min(1.0, max(0.0, (bar.number - low) / (high - low)))
    return Valued(score, value_text(score), share, words, verdict, bar_share, earlier)


def _told(score: Score) -> str:
    return f"{score.source}{f', {score.author}' if score.author else ''}"


def _short(text: str, most: int = _LONGEST) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
