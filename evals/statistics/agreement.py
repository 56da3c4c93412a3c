"""How far two raters agree beyond chance: Cohen's kappa, plain and weighted, and Fleiss's."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from evals.statistics.arrays import BadValues, Floats
from evals.statistics.resampling import DRAWS, SEED, drawn, percentile
from kit.intervals import Interval

Label = Hashable
Weights = Literal["none", "linear", "quadratic"]


def agreement(first: Sequence[Label], second: Sequence[Label]) -> float | None:
    """The share of items that both labelled alike; None of nothing.

    Raises: BadValues where the two are not equally long.
    """
    _equally_long(first, second)
    if not first:
        return None
    return sum(a == b for a, b in zip(first, second, strict=True)) / len(first)


def categories_of(*raters: Sequence[Label]) -> list[Label]:
    """Every label that was given, in order: numbers by size, others by their text."""
    labels = {label for rater in raters for label in rater if label is not None}
    if all(isinstance(label, int | float) for label in labels):
        return sorted(labels, key=lambda label: float(label))  # type: ignore[arg-type]
    return sorted(labels, key=str)


def confusion(
    first: Sequence[Label], second: Sequence[Label], categories: Sequence[Label] | None = None
) -> NDArray[np.int64]:
    """How often the first rater said the row's label where the second said the column's.

    Rows and columns stand in the order of `categories`, by default all labels that were given.

    Raises: BadValues.
    """
    _equally_long(first, second)
    places = {label: at for at, label in enumerate(categories or categories_of(first, second))}
    table = np.zeros((len(places), len(places)), dtype=np.int64)
    for a, b in zip(first, second, strict=True):
        if a not in places or b not in places:
            raise BadValues("A label is none of the categories.")
        table[places[a], places[b]] += 1
    return table


def kappa(
    first: Sequence[Label], second: Sequence[Label], *, weights: Weights = "none",
    categories: Sequence[Label] | None = None,
) -> float | None:  # fmt: skip
    """Cohen's kappa; None where chance alone explains everything, as when all labels are one.

    With `weights` a disagreement counts by its distance: that of the numbers, where labels are
    numbers, else that of their places in `categories`.

    Source: J. Cohen, Educational and Psychological Measurement 20 (1960); weighted: Psychological
    Bulletin 70 (1968).

    Raises: BadValues.
    """
    labels = list(categories or categories_of(first, second))
    table = confusion(first, second, labels)
    return _kappa_of(table[None, :, :].astype(np.float64), distances(labels, weights))[0]


def distances(categories: Sequence[Label], weights: Weights) -> Floats:
    """How much each disagreement counts: a square matrix with zeros on its diagonal."""
    numeric = all(isinstance(label, int | float) for label in categories)
    places: list[float] = (
        [float(label) for label in categories]  # type: ignore[arg-type]
        if numeric
        else [float(at) for at in range(len(categories))]
    )
    apart = np.abs(np.subtract.outer(places, places))
    if weights == "none":
        return (apart > 0).astype(np.float64)
    return apart if weights == "linear" else apart**2


def _kappa_of(tables: Floats, weights: Floats) -> list[float | None]:
    """Of each table (draws, rows, columns)."""
    rows, columns = tables.sum(axis=2), tables.sum(axis=1)
    totals = rows.sum(axis=1)
    seen = (tables * weights).sum(axis=(1, 2)) * totals
    by_chance = np.einsum("di,ij,dj->d", rows, weights, columns)
    return [float(1 - s / c) if c > 0 else None for s, c in zip(seen, by_chance, strict=True)]


def kappa_interval(
    first: Sequence[Label], second: Sequence[Label], *, weights: Weights = "none",
    categories: Sequence[Label] | None = None, draws: int = DRAWS // 5, seed: int = SEED,
) -> Interval | None:  # fmt: skip
    """Kappa with its bootstrap interval of 95 % over items; None where kappa is undefined.

    Draws in which it is undefined (one label alone) are left out.

    Source: percentile bootstrap, see `resampling`.

    Raises: BadValues.
    """
    labels = list(categories or categories_of(first, second))
    value = kappa(first, second, weights=weights, categories=labels)
    if value is None:
        return None
    places = {label: at for at, label in enumerate(labels)}
    count = len(labels)
    cells = np.array(
        [places[a] * count + places[b] for a, b in zip(first, second, strict=True)], dtype=np.int64
    )
    spread = distances(labels, weights)
    found: list[float] = []
    for rows in drawn(cells.size, draws, seed):
        offsets = np.arange(len(rows))[:, None] * count**2
        tables = np.bincount((cells[rows] + offsets).ravel(), minlength=len(rows) * count**2)
        shaped = tables.reshape(len(rows), count, count).astype(np.float64)
        found += [one for one in _kappa_of(shaped, spread) if one is not None]
    return percentile(value, np.array(found), 0.95) if found else None


def interval_over_items(
    items: Sequence[object], figure: Callable[[Sequence[int]], float | None], *,
    draws: int = 1_000, seed: int = SEED,
) -> Interval | None:  # fmt: skip
    """Any figure of agreement with its bootstrap interval: `figure` takes the places of items.

    Source: percentile bootstrap, see `resampling`.
    """
    value = figure(range(len(items)))
    if value is None:
        return None
    found: list[float] = []
    for rows in drawn(len(items), draws, seed):
        found += [one for row in rows if (one := figure(row.tolist())) is not None]
    return percentile(value, np.array(found), 0.95) if found else None


def fleiss(raters: Sequence[Sequence[Label]]) -> float | None:
    """Fleiss's kappa of two or more raters who all labelled every item; None where undefined.

    `raters` holds each rater's labels in the order of the items.

    Source: J. L. Fleiss, Psychological Bulletin 76 (1971).

    Raises: BadValues.
    """
    if len(raters) < 2:
        return None
    for rater in raters[1:]:
        _equally_long(raters[0], rater)
    labels = categories_of(*raters)
    if not raters[0] or not labels:
        return None
    counts = np.array(
        [
            [sum(label == one for label in item) for one in labels]
            for item in zip(*raters, strict=True)
        ],
        dtype=np.float64,
    )
    m = len(raters)
    if (counts.sum(axis=1) != m).any():
        raise BadValues("Fleiss's kappa needs a label of every rater for every item.")
    by_item = ((counts**2).sum(axis=1) - m) / (m * (m - 1))
    by_chance = float(((counts.sum(axis=0) / counts.sum()) ** 2).sum())
    if by_chance >= 1:
        return None
    return float((by_item.mean() - by_chance) / (1 - by_chance))


def _equally_long(first: Sequence[Label], second: Sequence[Label]) -> None:
    if len(first) != len(second):
        raise BadValues(f"Raters need equally many labels, not {len(first)} and {len(second)}.")
