"""What a pairwise judge compares an answer with: the baseline run's answer to the same item."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from evals.models import Judgement, Result
from evals.running.job import Counterpart

GONE = "No counterpart: the run that it was to be compared with is deleted."
ABSENT = "No counterpart: run {number} has no answer to this item."
ASKED_OTHERWISE = "No counterpart: run {number} asked this item something else."
HELD_OUT = "No counterpart: the item was held out in run {number}."


def counterparts_of(judgements: Sequence[Judgement]) -> dict[int, Counterpart]:
    """By primary key of the judgement, of those whose experiment has a baseline; one query.

    Repeat r is compared with repeat r of the baseline; where that has fewer answers to the item,
    with them in turn. An answer to another input, or to an item that is closed there and open
    here, is no counterpart.
    """
    rows = [row for row in judgements if row.experiment and row.experiment.baseline_label]
    runs = {row.experiment.baseline_id for row in rows if row.experiment}
    keys = {row.result.item_key for row in rows if row.result}
    answers: dict[tuple[int, str], list[Result]] = defaultdict(list)
    if keys and runs != {None}:
        found = Result.objects.filter(
            experiment__in=runs, item_key__in=keys, state=Result.State.DONE
        ).select_related("revision", "experiment")
        for answer in found.order_by("repeat"):
            answers[answer.experiment_id, answer.item_key].append(answer)
    return {row.pk: _counterpart(row, answers) for row in rows}


def _counterpart(judgement: Judgement, answers: dict[tuple[int, str], list[Result]]) -> Counterpart:
    experiment, result = judgement.experiment, judgement.result
    if experiment is None or result is None or experiment.baseline_id is None:
        return Counterpart(lacks=GONE)
    number = experiment.baseline_label.partition(" ")[0].removeprefix("#")
    same = answers.get((experiment.baseline_id, result.item_key), [])
    if not same:
        return Counterpart(lacks=ABSENT.format(number=number))
    exact = [one for one in same if one.repeat == result.repeat]
    answer = exact[0] if exact else same[(result.repeat - 1) % len(same)]
    if answer.output is None:
        return Counterpart(lacks=ABSENT.format(number=number))
    if _asked(answer) != _asked(result):
        return Counterpart(lacks=ASKED_OTHERWISE.format(number=number))
    if answer.is_held_out and not result.is_held_out:
        return Counterpart(lacks=HELD_OUT.format(number=number))
    return Counterpart(answer.pk, answer.output)


def _asked(result: Result) -> Any:
    return result.input if result.revision is None else result.revision.input
