"""How much the new arm differs from the old one, with a range that holds at every look.

Arms are compared within each bin, and the bins weighed as Mantel and Haenszel do: neither a share
that is raised nor a bad hour of both arms moves the estimate. The range is an asymptotic confidence
sequence: wider than a 95 % interval at one look, and in exchange it may be looked at all the time.

Sources: N. Mantel, W. Haenszel, JNCI 22 (1959); S. Greenland, J. Robins, Biometrics 41 (1985);
I. Waudby-Smith, D. Arbour, R. Sinha, E. Kennedy, A. Ramdas, Time-uniform central limit theory and
asymptotic confidence sequences, Annals of Statistics 52 (2024).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from math import exp, log, sqrt
from typing import Any

from kit.intervals.counts import Measure
from kit.intervals.sums import NOTHING, Interval, Sums

# Where the range is narrowest against one for a single look: at about nine times this number of new
# values while the old arm is large. A guess that suits the first stage of a rollout.
_TUNED = 60.0


@dataclass
class Effect:
    """Sums over bins that hold both arms. A bin weighs w = n_old · n_new / (n_old + n_new)."""

    old: Sums = NOTHING
    new: Sums = NOTHING
    weight: float = 0.0  # Σ w
    weighted_old: float = 0.0  # Σ w · mean of the bin
    weighted_new: float = 0.0
    spread_old: float = 0.0  # Σ w² / n
    spread_new: float = 0.0

    def __post_init__(self) -> None:
        self.old, self.new = Sums(*self.old), Sums(*self.new)

    def state(self) -> dict[str, Any]:
        """All of it, as JSON."""
        return asdict(self)

    def add(self, old: Sums, new: Sums) -> None:
        """One more bin; one that lacks an arm compares nothing."""
        if not old.n or not new.n:
            return
        weight = old.n * new.n / (old.n + new.n)
        self.old, self.new = self.old.plus(old), self.new.plus(new)
        self.weight += weight
        self.weighted_old += weight * old.total / old.n
        self.weighted_new += weight * new.total / new.n
        self.spread_old += weight * weight / old.n
        self.spread_new += weight * weight / new.n

    def interval(
        self, measure: Measure, *, level: float = 0.95, design_effect: float = 1.0
    ) -> Interval | None:
        """New less old, for a ratio new over old less 1, over all bins.

        None where it cannot be said: of fewer than two values in an arm, or of a mean of zero.
        """
        if self.old.n < 2 or self.new.n < 2:
            return None
        old = _variance(self.old, self.new, measure) * self.spread_old * design_effect
        new = _variance(self.new, self.old, measure) * self.spread_new * design_effect
        looked = self._width(1 - level, design_effect)
        if measure != "ratio":
            difference = (self.weighted_new - self.weighted_old) / self.weight
            half = looked * sqrt(old + new) / self.weight
            return Interval(difference, difference - half, difference + half)
        if self.weighted_old <= 0 or self.weighted_new <= 0:
            return None
        ratio = log(self.weighted_new / self.weighted_old)
        half = looked * sqrt(old / self.weighted_old**2 + new / self.weighted_new**2)
        return Interval(exp(ratio) - 1, exp(ratio - half) - 1, exp(ratio + half) - 1)

    def _width(self, alpha: float, design_effect: float) -> float:
        """Of the range, in standard errors: that of Robbins' normal mixture."""
        grown = self.weight / design_effect / _TUNED
        return sqrt((1 + 1 / grown) * log((1 + grown) / alpha**2))


def _variance(arm: Sums, other: Sums, measure: Measure) -> float:
    """Of one value of an arm. Of a rate not less than that of both arms together.

    Where hits are rare, an arm often holds none of those it should, and its own variance would make
    the range too narrow. With one hit and one miss more, as A. Agresti and B. Caffo add them,
    American Statistician 54 (2000).
    """
    if measure == "rate":
        hits = ((sums.total + 1) / (sums.n + 2) for sums in (arm, arm.plus(other)))
        return max(hit * (1 - hit) for hit in hits)
    return arm.variance or 0.0
