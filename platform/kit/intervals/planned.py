"""A held A/B test: its size is planned, its shares stay, and it says one thing at its end.

Before the planned numbers are reached it says "not yet", whatever the figures are: a test that may
end at any look is what guards are for.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil, log1p, sqrt
from typing import Literal

from kit.intervals.counts import Measure
from kit.intervals.guards import Bin, Worse
from kit.intervals.laws import power_of_z
from kit.intervals.means import mean_difference, mean_ratio
from kit.intervals.proportions import rate_difference
from kit.intervals.sums import NOTHING, Interval, Sums
from kit.intervals.wording import difference_in_words

_MOST = 10**9  # values in the new arm; a plan for more is refused


@dataclass(frozen=True)
class Plan:
    """How many values each arm needs, to find `effect` with a chance of `power` (two-sided test).

    `effect` is new less old, for a ratio new over old less 1. `base` is the old rate, or the
    deviation of a mean, or the deviation of a ratio's values divided by their mean.
    """

    measure: Measure
    base: float
    effect: float
    n_old: int
    n_new: int
    alpha: float
    power: float
    design_effect: float = 1.0


@dataclass(frozen=True)
class Outcome:
    """What an A/B test says. `effect`, `low`, `high` are None, and `power` too, before its end.

    `power` is the chance that the planned effect is found with the numbers that were reached.
    """

    state: Literal["not yet", "better", "worse", "no difference shown"]
    effect: float | None
    low: float | None
    high: float | None
    n_old: int
    n_new: int
    power: float | None
    why: str


def power_of(
    measure: Measure, *, base: float, effect: float, n_old: float, n_new: float, alpha: float = 0.05
) -> float:
    """The chance to find `effect` with these numbers: of a z test, two-sided. See `Plan`.

    For rates the variance is pooled under "no difference", and each arm's own under `effect`.
    Source: J. Fleiss, Statistical Methods for Rates and Proportions (1981).
    """
    if measure == "rate":
        both = (base * n_old + (base + effect) * n_new) / (n_old + n_new)
        null = sqrt(both * (1 - both) * (1 / n_old + 1 / n_new))
        own = sqrt(base * (1 - base) / n_old + (base + effect) * (1 - base - effect) / n_new)
        return power_of_z(effect / null, alpha, own / null)
    size = log1p(effect) if measure == "ratio" else effect
    return power_of_z(size / (base * sqrt(1 / n_old + 1 / n_new)), alpha)


def plan(
    measure: Measure,
    *,
    base: float,
    effect: float,
    share_new: float = 0.5,
    power: float = 0.8,
    alpha: float = 0.05,
    design_effect: float = 1.0,
) -> Plan:
    """The smallest numbers that find `effect` with at least `power`, at these shares.

    `design_effect` values of one user tell as much as one (`clustering.py`).

    Raises: ValueError with words for people where there is no such plan.
    """
    if not 0 < share_new < 1:
        raise ValueError("Both arms need a share of the traffic.")
    if effect == 0:
        raise ValueError("An effect of nothing cannot be found.")
    if measure == "rate" and not (0 <= base <= 1 and 0 <= base + effect <= 1):
        raise ValueError("Rates lie between 0 and 1, with the effect too.")
    if measure != "rate" and not base > 0:
        raise ValueError("The deviation must be positive.")
    if measure == "ratio" and not effect > -1:
        raise ValueError("A mean cannot fall by 100% or more.")

    def planned(n_new: int) -> Plan:
        n_old = ceil(n_new * (1 - share_new) / share_new - 1e-9)
        found = power_of(
            measure, base=base, effect=effect, n_old=n_old / design_effect,
            n_new=n_new / design_effect, alpha=alpha,
        )  # fmt: skip
        return Plan(measure, base, effect, n_old, n_new, alpha, found, design_effect)

    low, high = 2, 4
    while planned(high).power < power:
        low, high = high, high * 2
        if high > _MOST:
            raise ValueError(f"More than {_MOST:,} requests would be needed.")
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if planned(middle).power >= power else (middle + 1, high)
    return planned(low)


def decide(plan: Plan, bins: Iterable[Bin], *, worse: Worse = "higher") -> Outcome:
    """What the test says, from bins in order of time.

    Only bins up to the one in which both arms reach their planned number count, so the answer at
    the end is the same whenever it is asked for.
    """
    old, new = NOTHING, NOTHING
    for one in bins:
        old, new = old.plus(one.old), new.plus(one.new)
        if old.n >= plan.n_old and new.n >= plan.n_new:
            return _at_the_end(plan, old, new, worse)
    missing = f"{old.n:,} of {plan.n_old:,} on the old, {new.n:,} of {plan.n_new:,} on the new."
    return Outcome("not yet", None, None, None, old.n, new.n, None, f"Not yet: {missing}")


def _at_the_end(plan: Plan, old: Sums, new: Sums, worse: Worse) -> Outcome:
    power = power_of(
        plan.measure, base=plan.base, effect=plan.effect, n_old=old.n / plan.design_effect,
        n_new=new.n / plan.design_effect, alpha=plan.alpha,
    )  # fmt: skip
    found = difference(
        plan.measure, old, new, level=1 - plan.alpha, design_effect=plan.design_effect
    )
    if found is None:
        why = "The old or the new mean is not positive, so there is no ratio."
        return Outcome("no difference shown", None, None, None, old.n, new.n, power, why)
    words = difference_in_words(plan.measure, found.value)
    state: Literal["better", "worse", "no difference shown"] = "no difference shown"
    if found.excludes(0):
        state = "worse" if (found.value > 0) == (worse == "higher") else "better"
    else:
        words += f" A difference as planned would have been found with a chance of {power:.0%}."
    return Outcome(state, found.value, found.low, found.high, old.n, new.n, power, words)


def difference(
    measure: Measure, old: Sums, new: Sums, *, level: float = 0.95, design_effect: float = 1.0
) -> Interval | None:
    """New less old, for a ratio new over old less 1, with the interval that suits the measure.

    For one look at arms whose share did not change meanwhile.
    """
    if measure == "rate":
        counts = (count / design_effect for count in (old.total, old.n, new.total, new.n))
        return rate_difference(*counts, level=level)
    old, new = (arm.with_variance_times(design_effect) for arm in (old, new))
    if measure == "mean":
        return mean_difference(old, new, level=level)
    found = mean_ratio(old, new, level=level)
    return Interval(found.value - 1, found.low - 1, found.high - 1) if found else None
