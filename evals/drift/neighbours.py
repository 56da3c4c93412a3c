"""Are two windows of texts about the same? By whose neighbours their nearest ones are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evals.statistics.arrays import Floats

NEIGHBOURS = 5
PERMUTATIONS = 200
SEED = 20_241_120
EXAMPLES = 10
_TIE = 1e-5  # cosines nearer to each other than this are equal
_ROWS = 512  # of the distances at a time: 512 × 1,500 × 4 bytes


class BadVectors(ValueError):
    """Vectors that cannot be compared; the text says why."""


@dataclass(frozen=True, slots=True)
class Compared:
    """A window beside a reference. `distance` is that of the means of both, 0 to 2.

    `share` is how many of all nearest neighbours are of the same side, `expected` what it would be
    by chance, `p` how often a shuffle has as many. `examples` are places in the window: the texts
    with the most neighbours in the window itself, which is what is new.
    """

    p: float
    share: float
    expected: float
    distance: float
    examples: tuple[int, ...]


def compare(
    reference: Any, window: Any, *, neighbours: int = NEIGHBOURS,
    permutations: int = PERMUTATIONS, seed: int = SEED,
) -> Compared:  # fmt: skip
    """The test that two sets of vectors (rows, of one length) are drawn from the same law.

    Neighbours are nearest by cosine. Where more are equally near than there is room for, chance
    picks, so that texts which are repeated word for word make no side look close to itself. 1,000
    and 500 vectors of 384 take some 60 ms.

    Source: M. F. Schilling, Multivariate Two-Sample Tests Based on Nearest Neighbors, JASA 81
    (1986); N. Henze, Annals of Statistics 16 (1988); p as B. Phipson, G. K. Smyth, SAGMB 9 (2010).

    Raises: BadVectors.
    """
    old, new = _units(reference), _units(window)
    if old.shape[1] != new.shape[1]:
        raise BadVectors("Both windows must have vectors of one length.")
    if len(old) + len(new) <= neighbours or not len(old) or not len(new):
        raise BadVectors("There are too few texts to compare.")
    random = np.random.default_rng(seed)
    both = np.concatenate([old, new])
    near = nearest(both, neighbours, random)
    is_new = np.arange(len(both)) >= len(old)
    same = is_new[near] == is_new[:, None]
    total = int(same.sum())
    reached = 0
    for _ in range(permutations):
        shuffled = random.permutation(is_new)
        reached += int((shuffled[near] == shuffled[:, None]).sum()) >= total
    here = same[len(old) :].sum(axis=1)
    order = np.argsort(-here, kind="stable")[:EXAMPLES]
    share_new = len(new) / len(both)
    a, b = len(old), len(new)
    return Compared(
        p=(reached + 1) / (permutations + 1), share=total / same.size,
        expected=(a * (a - 1) + b * (b - 1)) / ((a + b) * (a + b - 1)),
        distance=float(np.linalg.norm(old.mean(axis=0) - new.mean(axis=0))),
        examples=tuple(int(one) for one in order if here[one] > neighbours * share_new),
    )  # fmt: skip


def nearest(units: NDArray[np.float32], count: int, random: np.random.Generator) -> NDArray[Any]:
    """The places of each row's `count` nearest other rows; ties are broken by chance."""
    found = np.empty((len(units), count), dtype=np.int64)
    for start in range(0, len(units), _ROWS):
        near = units[start : start + _ROWS] @ units.T
        rows = np.arange(len(near))
        near[rows, start + rows] = -np.inf
        near += random.random(near.shape, dtype=np.float32) * _TIE
        found[start : start + len(near)] = np.argpartition(near, -count, axis=1)[:, -count:]
    return found


def _units(vectors: Any) -> NDArray[np.float32]:
    """Rows of length 1; a row of zeros stays one. Raises: BadVectors."""
    try:
        rows: Floats = np.asarray(vectors, dtype=np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise BadVectors("Vectors must be lists of numbers of one length.") from error
    if rows.ndim != 2 or not np.isfinite(rows).all():
        raise BadVectors("Vectors must be lists of finite numbers of one length.")
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    units = np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0)
    return np.asarray(units, dtype=np.float32)
