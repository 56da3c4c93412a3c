"""Guards of a gradual rollout: is the new version worse than a margin allows, at any look?

The decision is a test by betting (`wealth.py`, ADR 0014): however often and whenever one looks, the
chance that any guard halts a rollout whose guards all hold is at most `alpha`. The range beside it
is for reading (`effects.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import log
from typing import Any, Literal, NamedTuple

from kit.intervals.counts import Measure, too_early
from kit.intervals.effects import Effect
from kit.intervals.sums import Interval, Sums
from kit.intervals.wealth import OutsideBounds, Wealth
from kit.intervals.wording import difference_in_words

Worse = Literal["higher", "lower"]
State = Literal["fine", "watch", "halt"]


class Bin(NamedTuple):
    """What one stretch of time (a minute) holds of each arm. The share does not change within it.

    Bins without the new arm, such as those before a rollout, teach what the old version does.
    """

    old: Sums
    new: Sums


@dataclass(frozen=True)
class Guard:
    """One metric, and how much worse than the old version the new one may be.

    - `rate`: values 0 and 1, `margin` in shares of 1 (0.01 is one point);
    - `mean`: values from `floor` to `ceiling`, `margin` in their unit;
    - `ratio`: values from 0 to `ceiling`, higher is worse, `margin` 0.2 allows a mean 1.2 times the
      old one. Values above `ceiling` must be cut to it in both arms before they are summed; about
      ten times the old mean is a good one, and it is fixed when the rollout begins.

    `design_effect` is the number of dependent values that tell as much as one (`clustering.py`).

    Raises: ValueError where this cannot be a guard.
    """

    name: str
    measure: Measure
    margin: float
    worse: Worse = "higher"
    floor: float = 0.0
    ceiling: float = 1.0
    design_effect: float = 1.0

    def __post_init__(self) -> None:
        if not self.margin >= 0:
            raise ValueError(f"{self.name}: a margin is not negative.")
        if not self.floor < self.ceiling:
            raise ValueError(f"{self.name}: the floor is below the ceiling.")
        if not self.design_effect >= 1:
            raise ValueError(f"{self.name}: a design effect is at least 1.")
        if self.measure == "rate" and (self.floor, self.ceiling) != (0, 1):
            raise ValueError(f"{self.name}: the values of a rate are 0 and 1.")
        if self.measure == "ratio" and (self.floor != 0 or self.worse == "lower"):
            raise ValueError(f"{self.name}: a ratio is of values from 0, and higher is worse.")


@dataclass(frozen=True)
class Verdict:
    """What a guard says of all bins so far; of those up to the one that halted, once one did.

    `effect` is the new less the old, for a ratio the new over the old less 1; `low` to `high` holds
    it at every look, for all guards together with 1 − `alpha`. None where it cannot be said.
    Fine: not beyond the margin. Watch: too early, or beyond it and perhaps by chance, or values had
    to be left out. Halt: beyond it, which may be clear before it ceases to be early.
    `evidence` is 0 to 1, the share of what halts; `halted_at` is the place of the halting bin.
    """

    state: State
    effect: float | None
    low: float | None
    high: float | None
    n_old: int
    n_new: int
    why: str
    is_early: bool
    evidence: float
    halted_at: int | None


@dataclass
class Watch:
    """A guard at work: takes bins in order of time, says its verdict at any moment.

    Where late data may have changed bins that were taken, begin anew with all of them: that costs
    7 µs a bin.
    """

    guard: Guard
    alpha: float
    wealth: Wealth = field(default_factory=Wealth)
    effect: Effect = field(default_factory=Effect)
    bins: int = 0
    left_out: int = 0  # bins with values outside of the floor and the ceiling
    halted_at: int | None = None

    @classmethod
    def resumed(cls, guard: Guard, alpha: float, state: Mapping[str, Any]) -> Watch:
        """The one that gave this `state()`."""
        wealth, effect = Wealth(**state["wealth"]), Effect(**state["effect"])
        return cls(
            guard, alpha, wealth, effect, state["bins"], state["left_out"], state["halted_at"]
        )

    def state(self) -> dict[str, Any]:
        """What was learned, as JSON, to go on from."""
        return {
            "wealth": self.wealth.state(),
            "effect": self.effect.state(),
            "bins": self.bins,
            "left_out": self.left_out,
            "halted_at": self.halted_at,
        }

    def take(self, bins: Iterable[Bin]) -> Watch:
        """Look at these too, as far as the one that halts.

        A bin with values outside of the floor and the ceiling proves nothing and is left out; the
        verdict says so. One value that should not be must not silence all guards.
        """
        guard, needed = self.guard, -log(self.alpha)
        flip = guard.worse == "lower"
        offset = guard.ceiling if flip else guard.floor
        scale = (-1 if flip else 1) / (guard.ceiling - guard.floor)
        factor = 1 + guard.margin if guard.measure == "ratio" else 1.0
        added = 0.0 if guard.measure == "ratio" else guard.margin * abs(scale)
        for old, new in bins:
            if self.halted_at is not None:
                break
            self.bins += 1
            try:
                has_bet = self.wealth.bet(
                    _scaled(old, offset, scale), _scaled(new, offset, scale), factor, added,
                    guard.design_effect,
                )  # fmt: skip
            except OutsideBounds:
                self.left_out += 1
                continue
            self.effect.add(old, new)
            if has_bet and self.wealth.log >= needed:
                self.halted_at = self.bins - 1
        return self

    def verdict(self) -> Verdict:
        """What all bins so far say."""
        guard, effect = self.guard, self.effect
        early = too_early(guard.measure, effect.old.n, effect.new.n)
        found = effect.interval(
            guard.measure, level=1 - self.alpha, design_effect=guard.design_effect
        )
        evidence = min(max(self.wealth.log / -log(self.alpha), 0.0), 1.0)
        state: State = "halt" if self.halted_at is not None else "watch"
        if state == "watch" and not (early or self.left_out or self._is_beyond(found)):
            state = "fine"
        return Verdict(
            state=state,
            effect=found.value if found else None,
            low=found.low if found else None,
            high=found.high if found else None,
            n_old=effect.old.n,
            n_new=effect.new.n,
            why=self._why(early, found, evidence),
            is_early=bool(early),
            evidence=1.0 if state == "halt" else evidence,
            halted_at=self.halted_at,
        )

    def _is_beyond(self, found: Interval | None) -> bool:
        if found is None:
            return True
        return (found.value if self.guard.worse == "higher" else -found.value) > self.guard.margin

    def _why(self, early: str, found: Interval | None, evidence: float) -> str:
        guard, is_halted = self.guard, self.halted_at is not None
        if early and not is_halted:
            words = early
        elif found is None:
            words = "There is no ratio to an old mean of zero."
        else:
            words = difference_in_words(guard.measure, found.value, guard.margin)
            if self._is_beyond(found) and not is_halted:
                words += f" This may be chance: {evidence:.0%} of the evidence that halts."
        if self.left_out:
            words += " Values outside of the metric's bounds were left out."
        return words


def judge(guard: Guard, bins: Iterable[Bin], *, alpha: float = 0.05) -> Verdict:
    """What one guard says of these bins, in order of time; `alpha` is its own."""
    return Watch(guard, alpha).take(bins).verdict()


def judge_all(
    bins_of: Mapping[Guard, Iterable[Bin]], *, alpha: float = 0.05
) -> dict[Guard, Verdict]:
    """What every guard of a rollout says: each has an equal part of `alpha` (Bonferroni)."""
    part = alpha / max(len(bins_of), 1)
    return {guard: judge(guard, bins, alpha=part) for guard, bins in bins_of.items()}


def _scaled(sums: Sums, offset: float, scale: float) -> Sums:
    """Sums of (value − offset) · scale: from 0 (best) to 1 (worst)."""
    n, total, squares = sums
    return Sums(
        n,
        (total - n * offset) * scale,
        (squares - 2 * offset * total + n * offset * offset) * scale * scale,
    )
