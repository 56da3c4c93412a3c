"""What pairwise judges said of runs: answers won, tied and lost, item by item."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from django.db import connection

from evals.evaluating.judging.pairwise import CATEGORIES, VALUES
from evals.models import Experiment
from evals.statistics.winning import WinRate, win_rate

_SAID = """
    select j.experiment_id, j.name, r.item_key, max(r.cluster),
        coalesce(array_agg(j.label order by r.repeat) filter (where j.label is not null), '{}'),
        count(*) filter (where j.label is null and j.details ->> 'lacks' = 'counterpart')
    from evals_experimentevaluator u
    join evals_evaluatorversion v on v.id = u.version_id
    join evals_evaluator e on e.id = v.evaluator_id and e.kind = 'pairwise'
    join evals_judgement j on j.experiment_id = u.experiment_id and j.name = e.name
        and j.version_id = v.id and j.purpose = 'experiment' and j.state = 'done'
    join evals_result r on r.id = j.result_id and r.state = 'done'
    where u.experiment_id = any(%s)
    group by 1, 2, 3 order by 1, 2, 3
"""
_NUMBERS = dict(zip(CATEGORIES, VALUES, strict=True))


@dataclass(frozen=True)
class Pairs:
    """One pairwise judge in one run: the verdicts on each item, 1 won, .5 tied, 0 lost.

    `clusters` has one for each item, its own where it stands for itself. `lacking` answers had no
    counterpart in the baseline, and are in no figure.
    """

    verdicts: Mapping[str, list[float]] = field(default_factory=dict)
    clusters: Mapping[str, str] = field(default_factory=dict)
    lacking: int = 0

    @cached_property
    def rate(self) -> WinRate:
        """Over all items."""
        return self.rate_over(self.verdicts)

    @property
    def means(self) -> dict[str, float]:
        """By item, over its repeats."""
        return {key: sum(said) / len(said) for key, said in self.verdicts.items()}

    def rate_over(self, keys: Iterable[str]) -> WinRate:
        """Over those of these items that have a verdict."""
        kept = sorted(key for key in keys if key in self.verdicts)
        names = [self.clusters[key] for key in kept]
        shared = names if len(set(names)) < len(names) else None
        return win_rate([self.verdicts[key] for key in kept], shared)


Said = dict[int, dict[str, Pairs]]


def pairs_of(experiments: Sequence[Experiment]) -> Said:
    """By experiment's key and score's name, in one query; other evaluators stand in none."""
    found: dict[tuple[int, str], tuple[dict[str, list[float]], dict[str, str], list[int]]]
    found = defaultdict(lambda: ({}, {}, []))
    with connection.cursor() as cursor:
        cursor.execute(_SAID, [[one.pk for one in experiments]])
        for experiment, name, key, cluster, labels, missing in cursor.fetchall():
            verdicts, clusters, lacking = found[experiment, name]
            lacking.append(missing)
            if said := [_NUMBERS[one] for one in labels if one in _NUMBERS]:
                verdicts[key], clusters[key] = said, cluster or f"\0{key}"
    told: Said = {one.pk: {} for one in experiments}
    for (experiment, name), (verdicts, clusters, lacking) in found.items():
        told[experiment][name] = Pairs(verdicts, clusters, sum(lacking))
    return told
