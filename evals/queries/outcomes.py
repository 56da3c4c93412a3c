"""What came of experiments, item by item: the arrays that comparisons are reckoned from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.contrib.postgres.aggregates import BoolOr
from django.db.models import Avg, Count, Max, Min, Q, Sum

from evals.models import Experiment, Judgement, Result
from evals.queries.experiments import Figures, figures_of


@dataclass(frozen=True, slots=True)
class Scored:
    """An item under one score: the mean over what was judged, and how many passed of how many."""

    mean: float | None
    passed: int
    barred: int  # judged against a bar

    @property
    def passes(self) -> bool | None:
        """True when more than half of the repeats passed; None where there is no bar."""
        return 2 * self.passed > self.barred if self.barred else None


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
class Outcomes:
    """One run: its items by key, in the order of the run, and its totals."""

    items: Mapping[str, Item]
    totals: Figures


def outcomes_of(experiments: Sequence[Experiment]) -> dict[int, Outcomes]:
    """The outcomes of each experiment by its primary key, in four queries.

    A score counts where its judgement is over and defined; an item without one has no such score.
    """
    items: dict[int, dict[str, Item]] = {one.pk: {} for one in experiments}
    results = Result.objects.filter(experiment__in=experiments).order_by()
    rows = results.values_list("experiment_id", "item_key").annotate(
        first=Min("place"), part=Max("slice"), group=Max("cluster"), hidden=BoolOr("is_held_out"),
        all=Count("pk"), ready=Count("pk", filter=Q(state=Result.State.DONE)),
        broken=Count("pk", filter=Q(state=Result.State.FAILED)), cost=Sum("cost_nano"),
    )  # fmt: skip
    for experiment, key, *facts in sorted(rows, key=lambda row: row[2]):
        items[experiment][key] = Item(key, *facts)
    given = Judgement.objects.filter(
        experiment__in=experiments,
        purpose=Judgement.Purpose.EXPERIMENT,
        state=Judgement.State.DONE,
        result__state=Result.State.DONE,
    ).order_by()
    judged = given.values_list("experiment_id", "result__item_key", "name").annotate(
        mean=Avg("num"),
        passes=Count("pk", filter=Q(passed=True)),
        barred=Count("pk", filter=Q(passed__isnull=False)),
    )
    for experiment, key, name, mean, passed, barred in judged:
        item = items[experiment].get(key)
        if item is not None:
            item.scores[name] = Scored(mean, passed, barred)
    totals = figures_of(experiments)
    return {pk: Outcomes(found, totals[pk]) for pk, found in items.items()}


def cost_each(totals: Figures) -> int | None:
    """Nano-dollars of one answer, on average over those with a price; None without one."""
    priced = totals.done - totals.unpriced
    return None if totals.cost_nano is None or priced < 1 else round(totals.cost_nano / priced)
