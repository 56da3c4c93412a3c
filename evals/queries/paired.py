"""What the items of an experiment came to, item by item, so that two experiments pair."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from django.db.models import F, QuerySet

from evals.models import Experiment, Judgement, Result

Metric = Literal["cost", "latency", "first_token", "output_tokens", "refusal", "error"]


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Items in the order of their keys; all tuples have the same length.

    `means` are over an item's repeats, of which `repeats` have a value and `values` are those in
    their order. An item without a cluster is its own. `undefined` judgements say nothing,
    `missing` results have none: both are in no tuple.
    """

    keys: tuple[str, ...] = ()
    means: tuple[float, ...] = ()
    repeats: tuple[int, ...] = ()
    clusters: tuple[str, ...] = ()
    slices: tuple[str, ...] = ()
    values: tuple[tuple[float, ...], ...] = ()
    undefined: int = 0
    missing: int = 0

    def only(self, keys: Iterable[str]) -> Outcomes:
        """Of these items alone."""
        wanted = set(keys)
        kept = [place for place, key in enumerate(self.keys) if key in wanted]
        return Outcomes(
            tuple(self.keys[place] for place in kept),
            tuple(self.means[place] for place in kept),
            tuple(self.repeats[place] for place in kept),
            tuple(self.clusters[place] for place in kept),
            tuple(self.slices[place] for place in kept),
            tuple(self.values[place] for place in kept),
            self.undefined,
            self.missing,
        )


@dataclass(frozen=True, slots=True)
class Pairs:
    """Two experiments on the items that both have: `candidate` and `baseline` in one order."""

    candidate: Outcomes
    baseline: Outcomes
    only_candidate: tuple[str, ...] = ()
    only_baseline: tuple[str, ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        """The items of both."""
        return self.candidate.keys


def outcomes(
    experiment: Experiment, name: str, *, passes: bool = False, slices: Sequence[str] = ()
) -> Outcomes:
    """The scores of one name by item: numbers, or with `passes` 1 where the bar is reached.

    With `passes` a judgement without a bar says nothing. `slices` () is all.
    """
    rows = Judgement.objects.filter(
        experiment=experiment,
        purpose=Judgement.Purpose.EXPERIMENT,
        name=name,
        result__state=Result.State.DONE,
    )
    if slices:
        rows = rows.filter(result__slice__in=list(slices))
    told = rows.annotate(
        key=F("result__item_key"), cluster=F("result__cluster"), slice_=F("result__slice")
    ).order_by("key", "result__repeat", "repeat")
    read: list[_Row] = []
    undefined = missing = 0
    for key, cluster, slice_, state, num, passed in told.values_list(
        "key", "cluster", "slice_", "state", "num", "passed"
    ):
        value = (None if passed is None else float(passed)) if passes else num
        if state != Judgement.State.DONE:
            missing += 1
        elif value is None:
            undefined += 1
        else:
            read.append((key, cluster, slice_, value))
    unfinished = _results(experiment, slices).exclude(state=Result.State.DONE).count()
    return _gathered(read, undefined, missing + unfinished)


def measurements(experiment: Experiment, metric: Metric, *, slices: Sequence[str] = ()) -> Outcomes:
    """What outputs took, by item: cost in nano-dollars, times in ms, counts, or 1 and 0.

    `error` is 1 where no output came; it alone is also known of results that failed.
    """
    rows = _results(experiment, slices).order_by("item_key", "repeat")
    columns = ("item_key", "cluster", "slice", "state", *_COLUMN.values())
    read: list[_Row] = []
    missing = 0
    for key, cluster, slice_, state, *known in rows.values_list(*dict.fromkeys(columns)):
        value = _measured(metric, state, dict(zip(_COLUMN, known, strict=True)))
        if value is None:
            missing += 1
        else:
            read.append((key, cluster, slice_, value))
    return _gathered(read, 0, missing)


def paired(candidate: Outcomes, baseline: Outcomes) -> Pairs:
    """Both on the items that both have, in one order."""
    ours, theirs = set(candidate.keys), set(baseline.keys)
    return Pairs(
        candidate.only(theirs),
        baseline.only(ours),
        tuple(key for key in candidate.keys if key not in theirs),
        tuple(key for key in baseline.keys if key not in ours),
    )


_Row = tuple[str, str, str, float]  # key, cluster, slice, value
_COLUMN = {
    "cost": "cost_nano",
    "latency": "duration_us",
    "first_token": "first_token_us",
    "output_tokens": "output_tokens",
    "refusal": "is_refusal",
}


def _results(experiment: Experiment, slices: Sequence[str]) -> QuerySet[Result]:
    rows = Result.objects.filter(experiment=experiment)
    return rows.filter(slice__in=list(slices)) if slices else rows


def _measured(metric: Metric, state: str, known: dict[str, float | bool | None]) -> float | None:
    if metric == "error":
        over = (Result.State.DONE, Result.State.FAILED)
        return float(state == Result.State.FAILED) if state in over else None
    value = known[metric]
    if state != Result.State.DONE or value is None:
        return None
    return value / 1000 if metric in ("latency", "first_token") else float(value)


def _gathered(rows: list[_Row], undefined: int, missing: int) -> Outcomes:
    values: dict[str, list[float]] = defaultdict(list)
    about: dict[str, tuple[str, str]] = {}
    for key, cluster, slice_, value in rows:
        values[key].append(value)
        about.setdefault(key, (cluster or key, slice_))
    keys = sorted(values)
    return Outcomes(
        tuple(keys),
        tuple(sum(values[key]) / len(values[key]) for key in keys),
        tuple(len(values[key]) for key in keys),
        tuple(about[key][0] for key in keys),
        tuple(about[key][1] for key in keys),
        tuple(tuple(values[key]) for key in keys),
        undefined,
        missing,
    )
