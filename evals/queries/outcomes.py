"""What came of experiments, item by item: the arrays that comparisons are reckoned from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db import connection

from evals.models import Experiment

# By hand, since both give a row for each item of each run: half of what the ORM takes for them.
_ITEMS = """
    select experiment_id, item_key, min(place), max(slice), max(cluster), bool_or(is_held_out),
        count(*), count(*) filter (where state = 'done'),
        count(*) filter (where state = 'failed'), sum(cost_nano)::bigint
    from evals_result where experiment_id = any(%s) group by 1, 2 order by 3, 2
"""
_SCORES = """
    select j.experiment_id, r.item_key, j.name, avg(j.num),
        count(*) filter (where j.passed), count(j.passed)
    from evals_judgement j join evals_result r on r.id = j.result_id
    where j.experiment_id = any(%s) and j.purpose = 'experiment' and j.state = 'done'
        and r.state = 'done'
    group by 1, 2, 3
"""
_TOTALS = """
    select experiment_id, count(*) filter (where state = 'done'),
        count(*) filter (where state = 'failed'),
        percentile_cont(array[0.5, 0.95]) within group (order by duration_us)
            filter (where state = 'done'),
        sum(cost_nano) filter (where state = 'done')::bigint,
        count(*) filter (where state = 'done' and cost_nano is null),
        count(*) filter (where state = 'done' and is_refusal)
    from evals_result where experiment_id = any(%s) group by 1
"""


@dataclass(frozen=True, slots=True)
class Scored:
    """An item under one score: the mean over what was judged, and how many passed of how many."""

    mean: float | None
    passed: int
    barred: int  # judged against a bar

    @property
    def passes(self) -> bool | None:
        """True when at least half of the repeats passed; None where there is no bar."""
        return 2 * self.passed >= self.barred if self.barred else None


@dataclass(slots=True)
class Item:
    """An item in one run; `scores` by name."""

    key: str
    place: int
    slice: str
    cluster: str
    is_held_out: bool
    repeats: int
    done: int
    failed: int
    cost_nano: int | None
    scores: dict[str, Scored] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Totals:
    """Of one run's answers: quantiles in microseconds, cost in nano-dollars; None is unknown."""

    done: int = 0
    failed: int = 0
    p50_us: float | None = None
    p95_us: float | None = None
    cost_nano: int | None = None
    unpriced: int = 0
    refusals: int = 0


@dataclass(frozen=True, slots=True)
class Outcomes:
    """One run: its items by key, in the order of the run, and its totals."""

    items: Mapping[str, Item]
    totals: Totals


def outcomes_of(experiments: Sequence[Experiment]) -> dict[int, Outcomes]:
    """The outcomes of each experiment by its primary key, in three queries.

    A score counts where its judgement is over and defined; an item without one has no such score.
    """
    pks = [one.pk for one in experiments]
    items: dict[int, dict[str, Item]] = {pk: {} for pk in pks}
    totals = dict.fromkeys(pks, Totals())
    with connection.cursor() as cursor:
        cursor.execute(_ITEMS, [pks])
        for experiment, key, *facts in cursor.fetchall():
            items[experiment][key] = Item(key, *facts)
        cursor.execute(_SCORES, [pks])
        for experiment, key, name, mean, passed, barred in cursor.fetchall():
            items[experiment][key].scores[name] = Scored(mean, passed, barred)
        cursor.execute(_TOTALS, [pks])
        for experiment, done, failed, times, *rest in cursor.fetchall():
            p50, p95 = times or (None, None)
            totals[experiment] = Totals(done, failed, p50, p95, *rest)
    return {pk: Outcomes(items[pk], totals[pk]) for pk in pks}


def cost_each(totals: Totals) -> int | None:
    """Nano-dollars of one answer, on average over those with a price; None without one."""
    priced = totals.done - totals.unpriced
    return None if totals.cost_nano is None or priced < 1 else round(totals.cost_nano / priced)
