"""Where a budget breaks: the day on which a plan goes over it, and with how much traffic."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from costs.economy.planning import Day

_PARTS = 10**6  # of which a bound of the range is told
PERIODS = ("day", "week", "month", "rolling", "all")


@dataclass(frozen=True)
class Ceiling:
    """Nano-dollars in a period; `others` is what else counts against it, a day.

    `rolling` is over `rolling_days` days with the one itself, `all` over the whole plan.
    """

    limit: int
    period: str
    others: int = 0
    rolling_days: int = 1


@dataclass(frozen=True)
class Break:
    """The day that goes over the ceiling, with its requests; `spent` in the period by its end."""

    day: date
    requests: int
    spent: int


def breaks_at(days: Sequence[Day], ceiling: Ceiling, factor: float = 1.0) -> Break | None:
    """The first day that goes over it; None within these days. `factor` is a bound of the range.

    What others spend counts from the beginning of the period that the plan begins in.
    """
    if not days:
        return None
    share = Fraction(round(factor * _PARTS), _PARTS)
    start = _start(days[0].day, ceiling)
    spent = Fraction(ceiling.others * (days[0].day - start).days)
    # Before the launch there were the others alone.
    window = deque([Fraction(ceiling.others)] * ceiling.rolling_days)
    if ceiling.period == "rolling":
        spent = sum(window, Fraction(0))
    for one in days:
        amount = one.nano * share + ceiling.others
        if ceiling.period == "rolling":
            window.append(amount)
            spent += amount - window.popleft()
        else:
            begins = _start(one.day, ceiling)
            if begins != start and ceiling.period != "all":
                start, spent = begins, Fraction(0)
            spent += amount
        if spent > ceiling.limit:
            return Break(one.day, one.requests, round(spent))
    return None


def holds(ceiling: Ceiling, per_request: Fraction) -> int | None:
    """Requests that each day may have, evenly, for the ceiling to hold; None where any may.

    A month is taken as 30.4375 days. Of a ceiling over all of a plan nothing is told.
    """
    days = {"day": Fraction(1), "week": Fraction(7), "month": Fraction(487, 16)}.get(
        ceiling.period, Fraction(ceiling.rolling_days)
    )
    if per_request <= 0 or ceiling.period == "all":
        return None
    left = ceiling.limit / days - ceiling.others
    return max(int(left // per_request), 0)


def _start(day: date, ceiling: Ceiling) -> date:
    if ceiling.period == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if ceiling.period == "month" else day
