"""Wealth from bets against "the new arm is no worse than allowed": the test behind a halt.

Let values lie between 0 (best) and 1 (worst), and let the claim be that in every bin the mean of
the new arm is at most `factor` · mean of the old arm + `added`. Nature pays for each value y of the
new arm 1 + b (y − c), and of the old arm 1 − b' (y − a), where a is any guess of the old mean,
c = factor · a + added, and b' = b · factor · n_new / n_old. Guess and bets come from earlier bins
and from the counts of this one. If the claim holds, and the values of a bin do not depend on each
other given all before, the expected payout of a bin is at most

    exp(n_new b (mean_new − c) − n_old b' (mean_old − a))
        = exp(n_new b (mean_new − factor · mean_old − added)) ≤ 1,

whatever a is, however the means move from bin to bin and from value to value, and whatever the
share of the arms. So wealth is a nonnegative supermartingale that begins at 1: the chance that it
*ever* reaches 1 / alpha is at most alpha (Ville). The bets of several sizes share the wealth.

Of each bin only count, sum and sum of squares are known, so the payout is bounded from below:
with y in [0, 1] and m1, m2 the means of y and y², the mean of log(1 + b (y − c)) is least where
y is m2 / m1 with the chance m1² / m2, and else 0. (The quadratic through log's value at 0 that
touches it at m2 / m1 lies below it, since the third derivative is positive, and its mean depends on
m1 and m2 alone.) The same holds for the old arm with 1 − y. For values 0 and 1 it is exact.

Sources: J. Ville, Étude critique de la notion de collectif (1939); I. Waudby-Smith, A. Ramdas,
Estimating means of bounded random variables by betting, JRSS B 86 (2024); R. Turner, A. Ly,
P. Grünwald, Generic E-variables for exact sequential k-sample tests, JSPI 230 (2024).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from math import exp, log, log1p
from typing import Any

from kit.intervals.sums import Sums

# What a bet may lose on one new value that is 0, as a share of its wealth. For values 0 and 1 a
# stake of s is the best where their mean lies about s above what is allowed: from 0.4 points to 40.
# Between two steps at most a fifth of the best bet's growth is lost.
STAKES = (0.004, 0.01, 0.025, 0.0625, 0.15625, 0.390625)
# What a bet may lose on one old value that is 1. Tried at equal shares: with 0.9 a moderate fault
# takes up to half as many requests more until it halts than with 0.5, a total one a third fewer.
MOST_ON_OLD = 0.6
# Old values before the first bet: a guess of their mean from fewer costs more than it wins.
LEARNING = 20
_SLACK = 1e-6  # of sums that rounding has moved


class OutsideBounds(ValueError):
    """Sums that no values between 0 and 1 have."""


@dataclass
class Wealth:
    """The logarithm of what each bet has come to, and what was learned of the old arm."""

    logs: list[float] = field(default_factory=lambda: [0.0] * len(STAKES))
    old_n: int = 0
    old_total: float = 0.0

    def state(self) -> dict[str, Any]:
        """All of it, as JSON."""
        return asdict(self)

    @property
    def log(self) -> float:
        """The logarithm of the whole wealth, which began at 0."""
        top = max(self.logs)
        return top + log(sum(exp(one - top) for one in self.logs) / len(self.logs))

    def bet(
        self, old: Sums, new: Sums, factor: float, added: float, design_effect: float = 1.0
    ) -> bool:
        """Bet on one bin of values between 0 and 1, and learn from it; False where nothing was bet.

        With a `design_effect` of d each value counts as 1 / d of one, which keeps the bound (a root
        of wealth grows no faster) and extends it to groups of d values that depend on each other.

        Raises: OutsideBounds, and nothing is bet or learned.
        """
        many, total, squares = _checked(old)
        few, new_total, new_squares = _checked(new)
        guess = (self.old_total + 0.5) / (self.old_n + 1)
        allowed = factor * guess + added
        is_known = self.old_n >= LEARNING
        self.old_n += many
        self.old_total += total
        if not (many and few and is_known and allowed < 1):
            return False
        # y of the new arm: `above` values at `at`, the others at 0.
        at, above = _extreme(few, new_total, new_squares)
        # 1 − y of the old arm: `below` values at `off`, the others at 0.
        off, below = _extreme(many, many - total, many - 2 * total + squares)
        pull = factor * few / many
        most = MOST_ON_OLD / (pull * (1 - guess))
        for place, stake in enumerate(STAKES):
            bet = min(stake / allowed, most)
            counter = bet * pull
            self.logs[place] += (
                above * log1p(bet * (at - allowed))
                + (few - above) * log1p(-bet * allowed)
                + below * log1p(counter * (guess - 1 + off))
                + (many - below) * log1p(counter * (guess - 1))
            ) / design_effect
        return True


def _checked(sums: Sums) -> tuple[int, float, float]:
    """The sums, moved to the nearest possible ones where rounding made them impossible."""
    n, total, squares = sums
    if not n:
        return 0, 0.0, 0.0
    slack = _SLACK * (n + 1)
    if not (-slack <= total <= n + slack and squares <= total + slack):
        raise OutsideBounds("Values lie between 0 and 1.")
    total = min(max(total, 0.0), n)
    return n, total, min(squares, total)


def _extreme(n: int, total: float, squares: float) -> tuple[float, float]:
    """The place of the values that are not 0 where the logarithm's mean is least; their number."""
    if total <= 0 or squares <= 0:
        return 0.0, 0.0
    return squares / total, min(total * total / squares, n)
