"""Scores and outcomes of one trace, in the groups in which its page shows them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from traces.models import Outcome, Score
from traces.pages.score_chips import value_text

MOST_CHIPS = 6
MOST_OF_OTHERS = 50
_LONGEST = 24


@dataclass(frozen=True)
class ScoreGroup:
    """Scores that hang on the same: `word` says on what. `are_others` need a link to their span."""

    word: str
    scores: list[tuple[Score, str]]
    are_others: bool = False


@dataclass(frozen=True)
class StripChip:
    """One fact of the summary strip, with what its title says."""

    name: str
    value: str
    title: str


def grouped(scores: Sequence[Score], span_id: str) -> list[ScoreGroup]:
    """The groups that are not empty: this span, the trace, its session, other spans."""
    own = [score for score in scores if score.span_id == span_id]
    trace = [score for score in scores if score.trace_id and not score.span_id]
    session = [score for score in scores if not score.trace_id]
    others = [score for score in scores if score.span_id and score.span_id != span_id]
    found = [
        ScoreGroup("This span", _valued(own)),
        ScoreGroup("The whole trace", _valued(trace)),
        ScoreGroup("Its session", _valued(session)),
        ScoreGroup("Other spans", _valued(others[:MOST_OF_OTHERS]), are_others=True),
    ]
    return [group for group in found if group.scores]


def strip_scores(scores: Sequence[Score]) -> tuple[list[StripChip], int]:
    """The newest score of each name, of the whole trace before one of a span; and how many more."""
    newest: dict[str, Score] = {}
    for score in sorted(scores, key=lambda one: (one.span_id is not None, not one.trace_id)):
        newest.setdefault(score.name, score)
    named = [newest[name] for name in sorted(newest)]
    chips = [StripChip(one.name, _short(value_text(one)), _told(one)) for one in named[:MOST_CHIPS]]
    return chips, len(named) - len(chips)


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


def _valued(scores: Sequence[Score]) -> list[tuple[Score, str]]:
    return [(score, value_text(score)) for score in scores]


def _told(score: Score) -> str:
    return f"{score.source}{f', {score.author}' if score.author else ''}"


def _short(text: str, most: int = _LONGEST) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
