"""What a series scored while it was good: sums by item, and the level of each run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from evals.drift.runs import Scale
from evals.drift.settings import Settings
from evals.statistics.arrays import Floats


@dataclass(frozen=True, eq=False)
class Sums:
    """Of each item: how many scores, their sum, the sum of their squares."""

    counts: Floats
    totals: Floats
    squares: Floats

    @classmethod
    def of(cls, runs: Sequence[Floats] | Floats) -> Sums:
        """Of runs over the same items, where NaN is missing."""
        scores = np.atleast_2d(np.asarray(runs, dtype=np.float64))
        there = ~np.isnan(scores)
        known = np.where(there, scores, 0.0)
        return cls(there.sum(axis=0).astype(np.float64), known.sum(axis=0), (known**2).sum(axis=0))

    @classmethod
    def nothing(cls, items: int) -> Sums:
        """Of no run at all."""
        return cls(np.zeros(items), np.zeros(items), np.zeros(items))

    def plus(self, scores: Floats) -> Sums:
        """With one run more."""
        there = ~np.isnan(scores)
        known = np.where(there, scores, 0.0)
        return Sums(self.counts + there, self.totals + known, self.squares + known**2)

    @cached_property
    def means(self) -> Floats:
        """Of each item; NaN where it has no score."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(self.totals / self.counts)

    @cached_property
    def variances(self) -> Floats:
        """Of each item, unbiased; NaN of fewer than two scores."""
        with np.errstate(invalid="ignore", divide="ignore"):
            around = np.maximum(self.squares - self.totals * self.means, 0.0)
            return np.asarray(around / np.where(self.counts > 1, self.counts - 1, np.nan))


@dataclass(frozen=True, eq=False)
class Reference(Sums):
    """Sums of the reference's runs, and the mean of each run, the first first."""

    levels: tuple[float, ...] = ()

    @classmethod
    def of_runs(cls, runs: Sequence[Floats]) -> Reference:
        """Of at least one run; a run that misses items has the level of those that it has."""
        found = Sums.of(runs)
        centre = np.nanmean(found.means) if found.counts.any() else 0.0
        levels = tuple(float(centre + _mean(run - found.means)) for run in runs)
        return cls(found.counts, found.totals, found.squares, levels)

    def joined(self, scores: Floats) -> Reference:
        """With one run more."""
        sums = self.plus(scores)
        level = float(np.nanmean(self.means) + _mean(scores - self.means))
        return Reference(sums.counts, sums.totals, sums.squares, (*self.levels, level))

    @property
    def runs(self) -> int:
        """How many it holds."""
        return len(self.levels)

    @cached_property
    def known(self) -> NDArray[np.bool_]:
        """The items that can be compared: those with two scores and more."""
        return np.asarray(self.counts > 1)

    @cached_property
    def is_whole(self) -> bool:
        """Whether no run missed an item."""
        return bool((self.counts == len(self.levels)).all()) and len(self.levels) > 1

    @cached_property
    def between(self) -> float:
        """The variance of the runs' levels, unbiased; 0 of fewer than two."""
        return float(np.var(self.levels, ddof=1)) if len(self.levels) > 1 else 0.0

    @cached_property
    def summed(self) -> float:
        """The sum of the variances of all known items."""
        return float(self.variances[self.known].sum())

    @cached_property
    def mean(self) -> float:
        """Of the means of all known items."""
        return float(self.means[self.known].mean())


@dataclass(frozen=True, slots=True)
class Place:
    """Where a run stands beside the reference: `z` is in predictive standard deviations.

    `change` is its mean less the reference's over the items that both have; `sigma` the standard
    deviation of a run's mean over them, `error` that of `change`.
    """

    z: float
    change: float
    sigma: float
    error: float
    items: int


def place(
    reference: Reference, scores: Floats, scale: Scale, settings: Settings, *, runs: int = 1
) -> Place | None:
    """The place of a run, or of the mean of `runs` of them; None where too few items are there.

    A run's variance is what its items vary by, Σ s² / n². Where the levels of the reference's runs
    vary more than that (a judge or a provider in a mood), theirs counts with it, as
    (20 v + (B − 1) b) / (20 + B − 1), never less than v. The reference is itself an estimate from B
    runs, so what is predicted varies by σ² (1 + 1 / B).

    Source: the predictive distribution of a normal mean, A. Gelman et al., Bayesian Data Analysis
    (2013), 3.2; items paired as E. Miller, arXiv:2411.00640 (2024); pooled variance as G. K. Smyth,
    SAGMB 3 (2004).
    """
    there = ~np.isnan(scores)
    if reference.is_whole and there.all():
        items, change = scores.size, float(scores.mean()) - reference.mean
        summed, many = reference.summed, float(reference.runs)
    else:
        common = there & reference.known
        items = int(common.sum())
        if items < settings.least_present * scores.size or not items:
            return None
        change = float((scores[common] - reference.means[common]).mean())
        summed = float(reference.variances[common].sum())
        many = float(items / (1 / reference.counts[common]).sum())  # the harmonic mean
    sigma = sqrt(variance(summed, items, reference, scale, settings))
    error = sigma * sqrt(1 / runs + 1 / many)
    return Place(change / error, change, sigma, error, items)


def variance(
    summed: float, items: int, reference: Reference, scale: Scale, settings: Settings
) -> float:
    """Of one run's mean, from the summed variances of its items and the reference's levels."""
    within = max(summed, scale.floor) / items**2
    freedom = max(reference.runs - 1, 0)
    pooled = (settings.prior * within + freedom * reference.between) / (settings.prior + freedom)
    return max(within, pooled)


def is_shared(reference: Reference, scale: Scale, settings: Settings) -> bool:
    """Whether runs vary by more than their items: then reruns of a day share what disturbed it."""
    items = int(reference.known.sum())
    if not items:
        return False
    within = max(reference.summed, scale.floor) / items**2
    return reference.between > settings.shared * within


def _mean(values: Floats) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else 0.0
