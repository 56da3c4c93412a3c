"""The scores of whole experiments as arrays, and the verdicts of their repeats."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection

from evals.models import Experiment, Judgement

_MEANS = """
select experiment_id, name, array_agg(mean order by item_key collate "C"),
    array_agg(cluster order by item_key collate "C")
from (
    select j.experiment_id, j.name, r.item_key, avg(j.num) as mean, max(r.cluster) as cluster
    from evals_judgement j join evals_result r on r.id = j.result_id
    where j.experiment_id = any(%s) and j.purpose = 'experiment' and j.state = 'done'
      and r.state = 'done'
    group by j.experiment_id, j.name, r.item_key
    having avg(j.num) is not null
) items
group by experiment_id, name
"""

Scores = dict[int, dict[str, tuple[list[float], list[str]]]]


def means_of(experiments: Sequence[Experiment]) -> Scores:
    """By experiment's key and score's name: the means of its items, and their clusters."""
    found: Scores = {one.pk: {} for one in experiments}
    if not experiments:
        return found
    with connection.cursor() as cursor:
        cursor.execute(_MEANS, [[one.pk for one in experiments]])
        for experiment, name, means, clusters in cursor.fetchall():
            found[experiment][name] = (means, clusters)
    return found


def places_of(experiments: Sequence[Experiment]) -> dict[int, list[str]]:
    """By experiment's key: names of its evaluators, what decides first."""
    found: dict[int, list[str]] = {one.pk: [] for one in experiments}
    with connection.cursor() as cursor:
        cursor.execute(
            "select u.experiment_id, e.name from evals_experimentevaluator u"
            " join evals_evaluatorversion v on v.id = u.version_id"
            " join evals_evaluator e on e.id = v.evaluator_id"
            " where u.experiment_id = any(%s) order by u.place, u.id",
            [[one.pk for one in experiments]],
        )
        for experiment, name in cursor.fetchall():
            found[experiment].append(name)
    return found


def repeats_of(experiment: Experiment, name: str) -> dict[str, list[float]]:
    """By item's key: of each repeat 1 where it passed and 0 where not, else its number."""
    given = Judgement.objects.filter(
        experiment=experiment, name=name, state=Judgement.State.DONE, num__isnull=False, repeat=1
    )
    rows = given.order_by("result__place").values_list("result__item_key", "passed", "num")
    found: dict[str, list[float]] = {}
    for key, passed, num in rows:
        if key is not None and num is not None:
            found.setdefault(key, []).append(num if passed is None else float(passed))
    return found
