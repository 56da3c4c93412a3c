"""How well a ranking holds what was judged relevant, as trec_eval reckons it.

A ranking is document ids, the best first; only the first place of a repeated id counts. Judgements
map ids to grades: relevant from 1 on, 0 and below not; what was not judged is not relevant. Where
nothing is relevant every measure is 0.

Source: C. Buckley, trec_eval 9 (https://github.com/usnistgov/trec_eval); names as ir-measures has
them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import log2

Grades = Mapping[str, float]
Gain = Callable[[float], float]


def unique(ranked: Sequence[str]) -> list[str]:
    """The ranking without repetitions: each id at its first place."""
    return list(dict.fromkeys(ranked))


def relevant(grades: Grades) -> int:
    """How many documents were judged relevant."""
    return sum(grade >= 1 for grade in grades.values())


def hits(ranked: Sequence[str], grades: Grades, k: int | None = None) -> int:
    """How many of the first k are relevant; of all without k."""
    return sum(grades.get(one, 0) >= 1 for one in unique(ranked)[:k])


def precision(ranked: Sequence[str], grades: Grades, k: int) -> float:
    """P@k: relevant ones among the first k, divided by k even when fewer were returned."""
    return hits(ranked, grades, k) / k


def recall(ranked: Sequence[str], grades: Grades, k: int | None = None) -> float:
    """R@k: relevant ones among the first k, divided by all relevant ones."""
    there = relevant(grades)
    return hits(ranked, grades, k) / there if there else 0.0


def success(ranked: Sequence[str], grades: Grades, k: int) -> float:
    """Success@k: 1 where any of the first k is relevant."""
    return float(hits(ranked, grades, k) > 0)


def average_precision(ranked: Sequence[str], grades: Grades, k: int | None = None) -> float:
    """AP: the mean of the precisions at the places of relevant ones, over all relevant ones."""
    there = relevant(grades)
    if not there:
        return 0.0
    found, total = 0, 0.0
    for place, one in enumerate(unique(ranked)[:k], start=1):
        if grades.get(one, 0) >= 1:
            found += 1
            total += found / place
    return total / there


def reciprocal_rank(ranked: Sequence[str], grades: Grades, k: int | None = None) -> float:
    """RR: 1 / the place of the first relevant one, 0 without any among the first k."""
    for place, one in enumerate(unique(ranked)[:k], start=1):
        if grades.get(one, 0) >= 1:
            return 1 / place
    return 0.0


def plain(grade: float) -> float:
    """trec_eval's gain: the grade itself."""
    return max(grade, 0.0)


def exponential(grade: float) -> float:
    """2^grade − 1, the gain of Burges et al. (2005): it differs from trec_eval's above grade 1."""
    return float(2.0 ** max(grade, 0.0)) - 1


def ndcg(
    ranked: Sequence[str], grades: Grades, k: int | None = None, *, gain: Gain = plain
) -> float:
    """nDCG: gains discounted by log2(place + 1), divided by those of the best possible ranking.

    Source: K. Järvelin, J. Kekäläinen, ACM TOIS 20 (2002); the ideal is of all judged documents.
    """
    ideal = sorted((gain(grade) for grade in grades.values()), reverse=True)[:k]
    best = _discounted(ideal)
    if not best:
        return 0.0
    return _discounted([gain(grades.get(one, 0)) for one in unique(ranked)[:k]]) / best


def _discounted(gains: Sequence[float]) -> float:
    return sum(gain / log2(place + 1) for place, gain in enumerate(gains, start=1))


def judged(ranked: Sequence[str], grades: Grades, k: int | None = None) -> float | None:
    """judged@k: the share of the first k that anybody judged; None where nothing was returned.

    A low share makes the other measures too low: what was not judged counts as not relevant.
    """
    first = unique(ranked)[:k]
    return sum(one in grades for one in first) / len(first) if first else None
