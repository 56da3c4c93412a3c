"""The effect on one metric: which interval and which test its items allow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from evals.deciding.inputs import Metric, Scores
from evals.statistics import clustering, discordant, paired, permutation, power, resampling
from evals.statistics.arrays import Floats, codes, floats
from kit.intervals import Interval

FEW_ITEMS, FEW_CHANGED = 30, 10  # below, the normal interval is not trusted
SAME = 1e-9  # means over repeats that differ by less are equal

Method = Literal["normal", "clustered", "student", "bootstrap", "wilson"]


@dataclass(frozen=True, slots=True)
class Effect:
    """New less old over the items of both, oriented: positive is better. None is undefined.

    Without an old version `old` and `change` are None and the interval is that of the new alone,
    in its own units. `error` is the standard error that respects clusters.
    """

    n: int
    old: float | None
    new: float | None
    change: float | None
    interval: Interval | None
    method: Method | None
    error: float | None
    p: float | None
    p_method: str
    clusters: int | None
    is_small: bool
    mde: float | None
    warning: str
    improved: tuple[str, ...]
    regressed: tuple[str, ...]

    @property
    def same(self) -> int:
        """Items that neither improved nor regressed."""
        return self.n - len(self.improved) - len(self.regressed)


def effect_of(metric: Metric, keys: tuple[str, ...] | None = None) -> Effect:
    """The paired effect on the items of both versions; of these keys alone where they are given."""
    if metric.old is None:
        return _of_one(metric, keys)
    old, new = metric.old.means(), metric.new.means()
    common = [key for key in metric.new.keys if key in old and key in new]
    if keys is not None:
        wanted = set(keys)
        common = [key for key in common if key in wanted]
    before = floats([old[key] for key in common])
    after = floats([new[key] for key in common])
    change = metric.sign * (after - before)
    change[np.abs(change) < SAME] = 0.0
    names = _clusters(metric.new, common)
    changed = int((change != 0).sum())
    is_small = change.size < FEW_ITEMS or changed < FEW_CHANGED
    found, method, error, warning = interval_of(change, names, is_small=is_small)
    p, p_method = _test(before, after, change, names)
    return Effect(
        n=change.size,
        old=float(before.mean()) if common else None,
        new=float(after.mean()) if common else None,
        change=float(change.mean()) if common else None,
        interval=found, method=method, error=error, p=p, p_method=p_method,
        clusters=None if names is None else len(set(names)), is_small=is_small,
        mde=None if error is None else power.detectable(error, 1), warning=warning,
        improved=tuple(key for key, d in zip(common, change, strict=True) if d > 0),
        regressed=tuple(key for key, d in zip(common, change, strict=True) if d < 0),
    )  # fmt: skip


def _of_one(metric: Metric, keys: tuple[str, ...] | None) -> Effect:
    """Of the new version alone, in the metric's own units."""
    level = level_of(metric.new if keys is None else metric.new.only(keys))
    mde = None if level.error is None else power.detectable(level.error, 1)
    return Effect(
        n=level.n, old=None, new=level.mean, change=None, interval=level.interval,
        method=level.method, error=level.error, p=None, p_method="", clusters=level.clusters,
        is_small=level.is_small, mde=mde, warning=level.warning, improved=(), regressed=(),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Level:
    """The mean of one version with its interval, in the metric's own units."""

    n: int
    mean: float | None
    interval: Interval | None
    method: Method | None
    error: float | None
    clusters: int | None
    is_small: bool
    warning: str


def level_of(scores: Scores) -> Level:
    """The mean over items: Wilson's interval for independent passes and failures."""
    means = scores.means()
    keys = [key for key in scores.keys if key in means]
    values = floats([means[key] for key in keys])
    names = _clusters(scores, keys)
    is_small = values.size < FEW_ITEMS
    found, method, error, warning = interval_of(values, names, is_small=is_small)
    if names is None and (wilson := paired.proportion(values)) is not None:
        found, method = wilson, "wilson"
    return Level(
        values.size, float(values.mean()) if keys else None, found, method, error,
        None if names is None else len(set(names)), is_small, warning,
    )  # fmt: skip


def _clusters(scores: Scores, keys: list[str]) -> list[str] | None:
    """The cluster of each item; None where every item is its own."""
    of = dict(zip(scores.keys, scores.clusters, strict=True))
    names = [of[key] or key for key in keys]
    return names if len(set(names)) < len(names) else None


def interval_of(
    values: Floats, names: list[str] | None, *, is_small: bool
) -> tuple[Interval | None, Method | None, float | None, str]:
    """The interval, how it was got, the standard error, and what is to be said of it."""
    if values.size < 2:
        return None, None, None, "Too few items for an interval."
    centre = float(values.mean())
    if names is None:
        error = paired.standard_error(values)
        if is_small:
            return resampling.bootstrap_mean(values), "bootstrap", error, ""
        return paired.interval(values), "normal", error, ""
    found = clustering.clustered_mean(values, names)
    if found.warning:
        interval = None
        if found.low is not None and found.high is not None:
            interval = Interval(centre, found.low, found.high)
        return interval, "student", found.cr1, found.warning
    if is_small:
        drawn = resampling.bootstrap_mean(values, clusters=names)
        return drawn, "bootstrap", found.miller, ""
    if found.low is None or found.high is None:
        return None, None, None, "Too few items for an interval."
    return Interval(centre, found.low, found.high), "clustered", found.miller, ""


def _test(
    before: Floats, after: Floats, change: Floats, names: list[str] | None
) -> tuple[float | None, str]:
    """The p that nothing changed: McNemar for 0 and 1, else sign flips of items or clusters."""
    if not change.size:
        return None, ""
    if names is not None:
        numbers, count = codes(names)
        change = np.asarray(np.bincount(numbers, change, count), dtype=np.float64)
    elif all(((one == 0) | (one == 1)).all() for one in (before, after)):
        counts = discordant.count(before, after)
        return discordant.mcnemar_exact(counts.improved, counts.regressed), "McNemar, exact"
    flipped = permutation.sign_flip(change)
    if flipped is None:
        return None, ""
    words = "sign flips, exact" if flipped.method == "exact" else f"{flipped.draws:,} sign flips"
    return flipped.p, words if names is None else f"{words}, of clusters"
