"""Error budgets, burn rates, and which of the rules of several windows hold: pure, without tables.

The rules are those of Google's SRE workbook, "Alerting on SLOs", 5 and 6 (read 2026-11-30): 2 % of
thirty days' budget gone in an hour, 5 % in six, 10 % in three days; each also in a window of a
twelfth of that, so that what is over falls silent.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta

PERIOD = timedelta(days=30)  # of the budget
# Near what a total failure comes to. A rule whose rate no traffic could reach is held to this
# much of what lies between the budget and all, so that large budgets have an alarm as well.
REACHABLE = 0.75


@dataclass(frozen=True)
class Counted:
    """Requests (or scored answers) of a window, and how many of them missed the objective."""

    total: int
    bad: int

    @property
    def share(self) -> float | None:
        """Of 0 to 1; None of nothing."""
        return self.bad / self.total if self.total else None


@dataclass(frozen=True)
class Rule:
    """Holds when the budget burns at `rate` or faster in the long and in the short window.

    `least_bad`: how many bad ones the long window must hold; three requests at night are no proof.
    """

    name: str
    long: timedelta
    short: timedelta
    rate: float
    is_page: bool
    least_bad: int


FAST = Rule("fast", timedelta(hours=1), timedelta(minutes=5), 14.4, True, 10)
SLOW = Rule("slow", timedelta(hours=6), timedelta(minutes=30), 6.0, True, 10)
LONG = Rule("long", timedelta(days=3), timedelta(hours=6), 1.0, False, 5)
RULES = (FAST, SLOW, LONG)
WINDOWS = tuple(sorted({length for rule in RULES for length in (rule.long, rule.short)}))


@dataclass(frozen=True)
class Verdict:
    """What a look comes to: rules that hold now, and those of which a window is still over."""

    holding: tuple[Rule, ...]
    going_on: tuple[Rule, ...]

    @property
    def page(self) -> Rule | None:
        """The rule that wakes somebody, the fastest of them."""
        return next((rule for rule in self.holding if rule.is_page), None)

    @property
    def ticket(self) -> Rule | None:
        """The rule that waits for the morning."""
        return next((rule for rule in self.holding if not rule.is_page), None)

    def is_over(self, *, is_page: bool) -> bool:
        """True where no window of the rules of this kind is over its rate any more."""
        return not any(rule.is_page == is_page for rule in self.going_on)


@dataclass(frozen=True)
class Budget:
    """What may miss in the period, and what of that is gone.

    `used` is a share of the budget, above 1 once it is overdrawn; None where nothing was counted,
    or where nothing may miss and something did.
    """

    allowed: float  # of all, 0 to 1
    counted: Counted

    @property
    def used(self) -> float | None:
        """The share of the budget that is gone."""
        share = self.counted.share
        if share is None or (share and not self.allowed):
            return None
        return share / self.allowed if self.allowed else 0.0

    @property
    def left(self) -> float | None:
        """The share that is left, below 0 once overdrawn; None as for `used`."""
        return None if self.used is None else 1 - self.used

    @property
    def is_spent(self) -> bool:
        """True once more missed than may."""
        share = self.counted.share
        return share is not None and share > self.allowed


def burn_rate(counted: Counted, allowed: float) -> float | None:
    """How many times faster than evenly over the period the budget goes; 1 is just even.

    None where nothing was counted, or where nothing may miss (no rate can be told then).
    """
    share = counted.share
    return None if share is None or not allowed else share / allowed


def threshold(rule: Rule, allowed: float) -> float:
    """The bad share at which a window is over: of 0 to 1, never more than can be reached."""
    return min(rule.rate * allowed, allowed + REACHABLE * (1 - allowed))


def decide(
    windows: Mapping[timedelta, Counted], allowed: float, rules: Collection[Rule] = RULES
) -> Verdict:
    """Which rules hold. `windows` has a count for each length; `allowed` is 1 minus the objective.

    A budget of nothing cannot burn fast or slowly: what misses then is a ticket and wakes nobody.
    """
    holding, going_on = [], []
    for rule in rules:
        if rule.is_page and not allowed:
            continue
        long, short = windows[rule.long], windows[rule.short]
        at = threshold(rule, allowed)
        over = [_is_over(one, at) for one in (long, short)]
        if any(over):
            going_on.append(rule)
        if all(over) and long.bad >= rule.least_bad:
            holding.append(rule)
    return Verdict(tuple(holding), tuple(going_on))


def _is_over(counted: Counted, at: float) -> bool:
    share = counted.share
    return share is not None and counted.bad > 0 and share >= at * (1 - 1e-9)  # just at it counts
