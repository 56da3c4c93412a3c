"""What pulls a judge away from people: length, its own mood; and where a bar would stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any

import numpy as np

from evals.calibrating.answers import Answer, Classes, Said, agreed, position
from evals.statistics.agreement import Weights, kappa
from evals.values.scales import Scale

MOST_COMPARED = 1_500  # answers that are compared with each other, for length
MOST_THRESHOLDS = 41
LEAST_OF_A_SLICE = 10
LEAST_PAIRS = 30


def weights_of(scale: Scale) -> Weights:
    """Quadratic where one value can be further off than another."""
    return "quadratic" if scale.is_ordered else "none"


@dataclass(frozen=True, slots=True)
class Threshold:
    """What a bar would do: how many that fail it fail for people too, and the reverse."""

    at: float
    precision: float | None
    recall: float | None
    flagged: int


def flips(answers: Sequence[Answer], scale: Scale, classes: Classes) -> dict[str, int]:
    """Pairs of verdicts on one answer, and how many of them differ (by the bar, else class)."""
    pairs = flipped = 0
    for one in answers:
        said = [one.judge, *one.again] if one.judge is not None else list(one.again)
        for first, second in combinations([say for say in said if say.is_defined], 2):
            pairs += 1
            flipped += _outcome(first, scale, classes) != _outcome(second, scale, classes)
    return {"pairs": pairs, "flipped": flipped}


def longer_wins(answers: Sequence[Answer], scale: Scale, classes: Classes) -> dict[str, Any] | None:
    """How much more often the longer of two answers that people hold equal scores higher.

    The share of such pairs where the longer one wins less that where the shorter one does; 0 is no
    preference. None where there are too few pairs to say.
    """
    rows = []
    for one in answers[:MOST_COMPARED]:
        if one.judge is None or one.length is None:
            continue
        at = _goodness(one.judge, scale, classes)
        people = position(agreed(one.people, scale), scale, classes)
        if at is not None and people is not None:
            rows.append((people, at, float(one.length)))
    if len(rows) < 2:
        return None
    people_of, judge_of, length = (np.array(column) for column in zip(*rows, strict=True))
    first, second = np.triu_indices(len(rows), k=1)
    counted = (people_of[first] == people_of[second]) & (length[first] != length[second])
    pairs = int(counted.sum())
    if pairs < LEAST_PAIRS:
        return None
    sign = np.sign(length[first] - length[second]) * np.sign(judge_of[first] - judge_of[second])
    return {"value": float(sign[counted].sum() / pairs), "pairs": pairs}


def slices(answers: Sequence[Answer], scale: Scale, classes: Classes) -> list[dict[str, Any]]:
    """Kappa of each slice, the most labels first; None where it has too few to say."""
    by_name: dict[str, list[tuple[float, float]]] = {}
    for one in answers:
        if one.judge is None or not one.slice:
            continue
        people = position(agreed(one.people, scale), scale, classes)
        judge = position(one.judge, scale, classes)
        if people is not None and judge is not None:
            by_name.setdefault(one.slice, []).append((people, judge))
    found = []
    for name, pairs in by_name.items():
        people_of, judge_of = zip(*pairs, strict=True)
        is_enough = len(pairs) >= LEAST_OF_A_SLICE
        its = kappa(people_of, judge_of, weights=weights_of(scale)) if is_enough else None
        found.append({"name": name, "labels": len(pairs), "kappa": its})
    return sorted(found, key=lambda one: (-int(one["labels"]), str(one["name"])))


def thresholds(answers: Sequence[Answer], scale: Scale) -> list[dict[str, Any]]:
    """Precision and recall in catching answers that people fail, by where the judge's bar stands.

    Empty where the judge's numbers leave no choice: fewer than three of them, or no bar.
    """
    pairs = []
    for one in answers:
        said = agreed(one.people, scale)
        passes = scale.passes(said.num, said.label)
        number = None if one.judge is None else scale.number(one.judge.num, one.judge.label)
        if passes is not None and number is not None:
            pairs.append((number, not passes))
    values = sorted({number for number, _ in pairs})
    if scale.bar is None or len(values) < 3:
        return []
    numbers = np.array([number for number, _ in pairs])
    fails = np.array([failed for _, failed in pairs], dtype=bool)
    found = []
    for at in _stops(scale, values):
        caught = numbers > at + 1e-9 if scale.is_most else numbers < at - 1e-9
        right, flagged = int((caught & fails).sum()), int(caught.sum())
        precision = right / flagged if flagged else None
        recall = right / int(fails.sum()) if fails.any() else None
        found.append(asdict(Threshold(round(at, 6), precision, recall, flagged)))
    return found


def _stops(scale: Scale, values: list[float]) -> list[float]:
    """Where a bar may stand: whole steps of a short scale, else an even row with the bar in it."""
    low, high = values[0], values[-1]
    if scale.steps or scale.categories:
        return list(values)
    step = _nice((high - low) / (MOST_THRESHOLDS - 1))
    first = np.floor(low / step) * step
    row = [float(first + place * step) for place in range(MOST_THRESHOLDS + 2)]
    top = high + step if scale.maximum is None else min(high + step, scale.maximum)
    return [at for at in row if low - step <= at <= top + 1e-9]


def _nice(step: float) -> float:
    """A step that people count by: 1, 2 or 5 times a power of ten, not below `step`."""
    power = 10.0 ** np.floor(np.log10(step)) if step > 0 else 0.01
    return float(next(power * by for by in (1, 2, 5, 10) if power * by >= step - 1e-12))


def _outcome(said: Said, scale: Scale, classes: Classes) -> Any:
    passes = scale.passes(said.num, said.label)
    return classes.of(said) if passes is None else passes


def _goodness(said: Said, scale: Scale, classes: Classes) -> float | None:
    """Higher is better."""
    number = scale.number(said.num, said.label)
    if number is not None:
        return -number if scale.is_most else number
    place = classes.of(said)
    return None if place is None else -float(place)
