"""What pairwise judges said of runs: answers won, tied and lost, item by item."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db import connection

from evals.evaluating.judging.pairwise import CATEGORIES, VALUES
from evals.models import Experiment
from evals.statistics.winning import WinRate, win_rate

_SAID = """
    select j.experiment_id, j.name, r.item_key, max(r.cluster),
        coalesce(array_agg(j.label order by r.repeat) filter (where j.label is not null), '{}'),
        count(*) filter (where j.label is null and j.details ->> 'lacks' = 'counterpart')
    from evals_judgement j
    join evals_result r on r.id = j.result_id
    join evals_evaluatorversion v on v.id = j.version_id
    join evals_evaluator e on e.id = v.evaluator_id
    where j.experiment_id = any(%s) and j.purpose = 'experiment' and j.state = 'done'
        and r.state = 'done' and e.kind = 'pairwise'
    group by 1, 2, 3 order by 1, 2, 3
"""
_NUMBERS = dict(zip(CATEGORIES, VALUES, strict=True))


@dataclass(frozen=True)
class Pairs:
    """One pairwise judge in one run. `means` by item: 1 won, 0 lost; `lacking` answers had no
    counterpart in the baseline, and are in no figure."""

    rate: WinRate
    means: Mapping[str, float] = field(default_factory=dict)
    lacking: int = 0


Said = dict[int, dict[str, Pairs]]


def pairs_of(experiments: Sequence[Experiment]) -> Said:
    """By experiment's key and score's name, in one query; other evaluators stand in none."""
    verdicts: dict[tuple[int, str], dict[str, list[float]]] = defaultdict(dict)
    clusters: dict[tuple[int, str], list[str]] = defaultdict(list)
    lacking: dict[tuple[int, str], int] = defaultdict(int)
    with connection.cursor() as cursor:
        cursor.execute(_SAID, [[one.pk for one in experiments]])
        for experiment, name, key, cluster, labels, missing in cursor.fetchall():
            own = verdicts[experiment, name]
            lacking[experiment, name] += missing
            if said := [_NUMBERS[one] for one in labels if one in _NUMBERS]:
                own[key] = said
                clusters[experiment, name].append(cluster or f"\0{key}")
    found: Said = {one.pk: {} for one in experiments}
    for (experiment, name), own in verdicts.items():
        names = clusters[experiment, name]
        shared = names if len(set(names)) < len(names) else None
        means = {key: sum(said) / len(said) for key, said in own.items()}
        rate = win_rate(list(own.values()), shared)
        found[experiment][name] = Pairs(rate, means, lacking[experiment, name])
    return found
