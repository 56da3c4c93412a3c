"""Makes cases for decisions: scores by item, without a database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from evals.deciding.inputs import Case, Measure, Metric, Scores


def scores(
    values: Sequence[float | Sequence[float]],
    *,
    clusters: Sequence[str] | None = None,
    slices: Sequence[str] | None = None,
    undefined: int = 0,
    first: int = 0,
) -> Scores:
    """Of items i000, i001, …; a sequence for an item holds its repeats."""
    keys = tuple(f"i{number:03d}" for number in range(first, first + len(values)))
    rows = tuple(
        tuple(float(v) for v in value) if isinstance(value, Sequence) else (float(value),)
        for value in values
    )
    return Scores(
        keys, rows, tuple(clusters or keys), tuple(slices or ("",) * len(keys)), undefined
    )


def case(
    old: Sequence[float | Sequence[float]] | None,
    new: Sequence[float | Sequence[float]],
    *,
    clusters: Sequence[str] | None = None,
    slices: Sequence[str] | None = None,
    measures: Sequence[Measure] = (),
    others: Sequence[Metric] = (),
    asked_slices: Sequence[str] = (),
    smallest_sample: int = 0,
    repeats: int = 1,
    **metric: Any,
) -> Case:
    """A case whose primary metric is `quality`, with passes where values are 0 and 1."""
    after = scores(new, clusters=clusters, slices=slices)
    before = None if old is None else scores(old, clusters=clusters, slices=slices)
    primary = Metric(
        name="quality", new=after, old=before, new_passes=after, old_passes=before, **metric
    )
    return Case(
        primary=primary,
        others=tuple(others),
        measures=tuple(measures),
        planned=after.keys,
        new_items=after.keys,
        old_items=None if before is None else before.keys,
        slices=tuple(asked_slices),
        smallest_sample=smallest_sample,
        repeats=repeats,
    )
