"""Scores that come with pushed results: as judgements of the experiment, and on the traces."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from django.utils import timezone

from evals.models import Experiment, Judgement, Result
from evals.values.pushed import PushedResult, PushedScore
from traces.feedback.checks import Measured, measure
from traces.feedback.given import GivenScore
from traces.models import DataType, Score, ScoreDefinition
from traces.query.compiling import HIDDEN_ENVIRONMENT
from traces.values.score_bars import Bar, bar_of

Pair = tuple[Result, PushedResult]


def definitions_of(
    experiment: Experiment, results: Sequence[PushedResult]
) -> dict[str, ScoreDefinition]:
    """What the project says of the names of these scores."""
    names = {score.name for one in results for score in one.scores if "\0" not in score.name}
    found = ScoreDefinition.objects.filter(
        project_id=experiment.project_id, name__in=names, is_archived=False
    )
    return {one.name: one for one in found}


def scores_for(experiment: Experiment, pairs: Sequence[Pair]) -> list[GivenScore]:
    """The scores of results, as their traces keep them."""
    return [
        GivenScore(
            name=score.name,
            value=score.value,
            id=score_id(experiment, row.item_key, row.repeat, score.name),
            trace_id=row.trace_id,
            span_id=row.span_id,
            run_id=experiment.external_id,
            source=score.source,
            comment=score.reason,
            metadata={"experiment": experiment.number, "item": row.item_key},
            environment=HIDDEN_ENVIRONMENT,
        )
        for row, pushed in pairs
        for score in pushed.scores
    ]


def judgements_for(
    experiment: Experiment, pairs: Sequence[Pair], definitions: dict[str, ScoreDefinition]
) -> list[Judgement]:
    """The same scores as what the experiment compares; the last of one name counts."""
    return [
        _judgement(experiment, row, score, definitions.get(score.name))
        for row, pushed in pairs
        for score in {score.name: score for score in pushed.scores}.values()
    ]


def score_id(experiment: Experiment, item: str, repeat: int, name: str) -> str:
    """Of the score of that name on a result: the same each time it is pushed."""
    told = "\x1f".join((experiment.external_id, item, str(repeat), name))
    return hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()[:40]


def _judgement(
    experiment: Experiment, row: Result, score: PushedScore, definition: ScoreDefinition | None
) -> Judgement:
    given = GivenScore(name=score.name, value=score.value)
    value = measure(given, definition)
    bar = bar_of(definition) if definition else None
    known = value if isinstance(value, Measured) else Measured(DataType.NUMBER, None, None)
    passed = score.passed if score.passed is not None else _passes(score.name, known, bar)
    return Judgement(
        project_id=experiment.project_id,
        purpose=Judgement.Purpose.EXPERIMENT,
        name=score.name,
        experiment=experiment,
        result=row,
        state=Judgement.State.DONE,
        num=_number(known, passed),
        label=known.label,
        passed=passed,
        reason=score.reason,
        cost_nano=0,
        score_id=score_id(experiment, row.item_key, row.repeat, score.name),
        at=timezone.now(),
    )


def _passes(name: str, value: Measured, bar: Bar | None) -> bool | None:
    said = Score(name=name, data_type=value.data_type, num=value.num, label=value.label)
    verdict = bar.judge(said) if bar is not None else None
    return None if verdict is None else not verdict.fails


def _number(value: Measured, passed: bool | None) -> float | None:
    """What counts: of a category that passes or fails 1 or 0, of another nothing."""
    if value.data_type != DataType.CATEGORY or passed is None:
        return value.num
    return float(passed)
