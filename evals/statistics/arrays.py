"""What the other modules take: finite numbers, in one dimension."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Values = Sequence[float] | Floats | Ints

Z95 = 1.959963984540054  # the normal law's 0.975 quantile: half an interval of 95 %


class BadValues(ValueError):
    """Values that no figure can be reckoned from; the text says why."""


def floats(values: Values) -> Floats:
    """The values as an array of floats of one dimension.

    Raises: BadValues for anything but finite numbers.
    """
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise BadValues("Every value must be a number.") from error
    if array.ndim != 1:
        raise BadValues("Values must be a list of numbers.")
    if not np.isfinite(array).all():
        raise BadValues("Every value must be a finite number.")
    return array


def differences(old: Values, new: Values) -> Floats:
    """New less old, item by item.

    Raises: BadValues, also where the two are not equally long.
    """
    before, after = floats(old), floats(new)
    if before.size != after.size:
        raise BadValues(
            f"Pairs need two lists of equal length, not {before.size} and {after.size}."
        )
    return after - before


def codes(labels: Sequence[Hashable] | NDArray[Any]) -> tuple[Ints, int]:
    """Each label's number from 0, in order of first appearance, and how many labels there are."""
    known: dict[Hashable, int] = {}
    numbers = [known.setdefault(label, len(known)) for label in labels]
    return np.asarray(numbers, dtype=np.int64), len(known)


def mean(values: Floats) -> float | None:
    """None of nothing."""
    return float(values.mean()) if values.size else None


def deviation(values: Floats) -> float | None:
    """The standard deviation (n − 1); None of fewer than two. Equal values have exactly 0."""
    if values.size < 2:
        return None
    if (values == values[0]).all():
        return 0.0
    return float(values.std(ddof=1))
