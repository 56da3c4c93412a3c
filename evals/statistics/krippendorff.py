"""Krippendorff's alpha: agreement of any number of raters, of whom some left out items."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Literal

import numpy as np

from evals.statistics.agreement import categories_of
from evals.statistics.arrays import BadValues, Floats

Level = Literal["nominal", "ordinal", "interval"]


def alpha(raters: Sequence[Sequence[Hashable | None]], level: Level = "nominal") -> float | None:
    """Alpha at a level of measurement; None where undefined: no item with two labels, or one label.

    `raters` holds each rater's labels in the order of the items; None is missing. For `interval`
    labels are numbers; for `ordinal` their order is that of numbers, else of texts.

    Source: K. Krippendorff, Computing Krippendorff's Alpha-Reliability (2011).

    Raises: BadValues.
    """
    if len({len(rater) for rater in raters}) > 1:
        raise BadValues("Every rater needs a place for every item.")
    labels = categories_of(*raters)
    if len(labels) < 2:
        return None
    places = {label: at for at, label in enumerate(labels)}
    items = [
        [places[label] for label in item if label is not None] for item in zip(*raters, strict=True)
    ]
    pairs = coincidences(items, len(labels))
    return alpha_of(pairs, _numbers(labels) if level == "interval" else None, level)


def coincidences(items: Sequence[Sequence[int]], categories: int) -> Floats:
    """Weighed pairs of labels inside of items; items with fewer than two labels count nothing."""
    table = np.zeros((categories, categories))
    for item in items:
        if len(item) < 2:
            continue
        counts = np.bincount(np.asarray(item), minlength=categories).astype(np.float64)
        table += (np.outer(counts, counts) - np.diag(counts)) / (len(item) - 1)
    return table


def alpha_of(pairs: Floats, numbers: Floats | None, level: Level) -> float | None:
    """Alpha of a table of coincidences; `numbers` are the values of labels at level `interval`."""
    totals = pairs.sum(axis=0)
    n = float(totals.sum())
    apart = _apart(totals, numbers, level)
    by_chance = float((np.outer(totals, totals) * apart).sum())
    if n <= 1 or by_chance <= 0:
        return None
    return 1 - (n - 1) * float((pairs * apart).sum()) / by_chance


def _apart(totals: Floats, numbers: Floats | None, level: Level) -> Floats:
    count = totals.size
    if level == "nominal":
        return np.ones((count, count)) - np.eye(count)
    if level == "ordinal":
        # Half of both labels and all between them: the distance of their mean ranks.
        middle = np.cumsum(totals) - totals / 2
        return np.asarray(np.subtract.outer(middle, middle) ** 2)
    if numbers is None:
        raise BadValues("At the level interval labels are numbers.")
    return np.asarray(np.subtract.outer(numbers, numbers) ** 2)


def _numbers(labels: Sequence[Hashable]) -> Floats:
    if not all(isinstance(label, int | float) for label in labels):
        raise BadValues("At the level interval labels are numbers.")
    return np.array(labels, dtype=np.float64)
