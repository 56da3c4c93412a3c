"""All figures of one calibration, from the answers that people labelled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import numpy as np

from evals.calibrating import leanings
from evals.calibrating.answers import Answer, Classes, Said, agreed, classes_of, position
from evals.statistics.agreement import kappa, kappa_interval
from evals.statistics.krippendorff import alpha
from evals.values.scales import Scale

LEAST_SHOWN = 30  # labels below which kappa says nothing
LEAST_LABELS = 100  # below which a judge may not gate
LEAST_RARER = 30  # of the rarer class
MOST_DISAGREEMENTS = 300
LEAST_PAIRS = 10  # of people on one answer, for their agreement with each other


@dataclass(frozen=True, slots=True)
class Reckoned:
    """What a calibration says. `labels` are answers with a label and a verdict of the version."""

    labels: int
    waiting: int  # labelled, and not judged by this version
    rarer: int
    kappa: float | None = None
    low: float | None = None
    high: float | None = None
    human_kappa: float | None = None
    agreement: float | None = None
    figures: dict[str, Any] = field(default_factory=dict)


def reckon(answers: Sequence[Answer], scale: Scale) -> Reckoned:
    """Every figure of the version with this scale; answers the newest label first.

    Undefined verdicts of the judge are counted apart, and are in no other figure.
    """
    judged = [one for one in answers if one.judge is not None and one.judge.is_defined]
    undefined = sum(one.judge is not None and not one.judge.is_defined for one in answers)
    seen = [agreed(one.people, scale) for one in judged] + [
        one.judge for one in judged if one.judge is not None
    ]
    classes = classes_of(scale, seen)
    pairs = [(one, *_pair(one, scale, classes)) for one in judged]
    told = [(one, people, judge) for one, people, judge in pairs if people is not None]
    rows = [(one, people, judge) for one, people, judge in told if judge is not None]
    waiting = len(answers) - len(judged) - undefined
    if not rows:
        return Reckoned(0, waiting, 0, figures={"undefined": undefined})
    people, judge = [one[1] for one in rows], [one[2] for one in rows]
    weights = leanings.weights_of(scale)
    found = kappa_interval(people, judge, weights=weights)
    table = _confusion([one for one, _, _ in rows], scale, classes)
    same = [_is_same(one, scale, classes) for one, _, _ in rows]
    counted = [one for one, _, _ in rows]
    passes = _passes(counted, scale)
    figures: dict[str, Any] = {
        "agree": sum(same),
        "undefined": undefined,
        "classes": list(classes.words),
        "confusion": table,
        "bias": _bias(people, judge, counted, scale, passes),
        "passes": passes,
        "flips": leanings.flips(counted, scale, classes),
        "length": leanings.longer_wins(counted, scale, classes),
        "slices": leanings.slices(counted, scale, classes),
        "thresholds": leanings.thresholds(counted, scale),
        "disagreements": _disagreements(rows, scale, classes),
        "alpha": krippendorff(counted, scale, classes),
        "people_each": max(len(one.people) for one in counted),
        "is_ordered": scale.is_ordered,
    }
    return Reckoned(
        labels=len(rows),
        waiting=waiting,
        rarer=_rarer(passes, table),
        kappa=None if found is None else found.value,
        low=None if found is None else found.low,
        high=None if found is None else found.high,
        human_kappa=human_kappa(answers, scale, classes),
        agreement=sum(same) / len(rows),
        figures=figures,
    )


def human_kappa(answers: Sequence[Answer], scale: Scale, classes: Classes) -> float | None:
    """Kappa of people with each other, over every pair of people on an answer: the ceiling.

    Each pair counts in both orders, since nobody is first. None below 10 pairs.
    """
    pairs = []
    for one in answers:
        said = [position(say, scale, classes) for say in one.people]
        for first, second in combinations([at for at in said if at is not None], 2):
            pairs += [(first, second), (second, first)]
    if len(pairs) < 2 * LEAST_PAIRS:
        return None
    firsts, seconds = [one[0] for one in pairs], [one[1] for one in pairs]
    return kappa(firsts, seconds, weights=leanings.weights_of(scale))


def krippendorff(answers: Sequence[Answer], scale: Scale, classes: Classes) -> float | None:
    """Alpha of all people and the judge together; it takes answers that only some labelled."""
    names = sorted({say.who for one in answers for say in one.people})
    raters: list[list[float | None]] = [[] for _ in range(len(names) + 1)]
    for one in answers:
        raters[0].append(None if one.judge is None else position(one.judge, scale, classes))
        said = {say.who: position(say, scale, classes) for say in one.people}
        for place, name in enumerate(names, 1):
            raters[place].append(said.get(name))
    return alpha(raters, "ordinal" if scale.is_ordered else "nominal")


def _pair(one: Answer, scale: Scale, classes: Classes) -> tuple[float | None, float | None]:
    assert one.judge is not None  # noqa: S101  (only judged ones come here)
    return (
        position(agreed(one.people, scale), scale, classes),
        position(one.judge, scale, classes),
    )


def _confusion(answers: Sequence[Answer], scale: Scale, classes: Classes) -> list[list[int]]:
    """Rows are what people said, columns what the judge said."""
    size = len(classes.words)
    table = [[0] * size for _ in range(size)]
    for one in answers:
        row, column = classes.of(agreed(one.people, scale)), classes.of(one.judge or Said())
        if row is not None and column is not None:
            table[row][column] += 1
    return table


def _is_same(one: Answer, scale: Scale, classes: Classes) -> bool:
    people, judge = agreed(one.people, scale), one.judge or Said()
    return classes.of(people) == classes.of(judge)


def _passes(answers: Sequence[Answer], scale: Scale) -> list[list[int]] | None:
    """[[both pass, only people's passes], [only the judge's passes, both fail]]; None: no bar."""
    table = [[0, 0], [0, 0]]
    for one in answers:
        said = agreed(one.people, scale)
        people = scale.passes(said.num, said.label)
        judge = scale.passes(one.judge.num, one.judge.label) if one.judge else None
        if people is not None and judge is not None:
            table[0 if people else 1][0 if judge else 1] += 1
    return table if sum(map(sum, table)) else None


def _bias(
    people: Sequence[float],
    judge: Sequence[float],
    answers: Sequence[Answer],
    scale: Scale,
    passes: list[list[int]] | None,
) -> dict[str, Any] | None:
    """How much better the judge says answers are than people do, as a share; above 0 is lenient."""
    if passes is not None:
        total = sum(map(sum, passes))
        return {"value": (passes[1][0] - passes[0][1]) / total, "of": "pass"}
    if scale.width is None or not scale.is_ordered:
        return None
    off = float(np.mean(judge) - np.mean(people))
    if scale.categories:  # positions are classes, the best first
        off = -off / (len(scale.categories) - 1)
        return {"value": off, "of": "scale"}
    return {"value": (-off if scale.is_most else off) / scale.width, "of": "scale"}


def _rarer(passes: list[list[int]] | None, table: list[list[int]]) -> int:
    """How many answers people put into the rarer class: pass or fail, else the smallest class."""
    if passes is not None:
        return min(sum(passes[0]), sum(passes[1]))
    return min((sum(row) for row in table), default=0)


def _disagreements(
    rows: Sequence[tuple[Answer, float, float]], scale: Scale, classes: Classes
) -> list[dict[str, Any]]:
    """Keys of the answers on which they differ, the worst first; `side` is what the judge was."""
    found = []
    for one, people, judge in rows:
        if _is_same(one, scale, classes):
            continue
        off = judge - people
        # Of a class the best is first; of a number it depends on the bar's direction.
        is_better = off > 0 if scale.data_type == "number" and not scale.is_most else off < 0
        found.append({"key": one.key, "off": abs(off), "side": "lenient" if is_better else "harsh"})
    found.sort(key=lambda one: (-float(str(one["off"])), str(one["key"])))
    return found[:MOST_DISAGREEMENTS]
