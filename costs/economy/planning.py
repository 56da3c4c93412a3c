"""Money of a feature before its launch: tokens of a request by its price by traffic. Exact.

Amounts are whole nano-dollars; only ranges, which are estimates, pass through floats.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import sqrt

from costs.economy.ratio import Range, Spread, range_of, spread_of

# As the columns of spans: uncached, cached, written, audio in; text, reasoning, audio out.
Tokens = tuple[int, int, int, int, int, int, int]
UNCACHED, CACHED = 0, 1
NORMAL_95 = 1.959964


@dataclass(frozen=True)
class Item:
    """The calls of one item of an experiment, over as many `uses` as it was repeated."""

    uses: int
    calls: Sequence[Tokens]


def cached_anew(tokens: Tokens, share: Fraction | None) -> Tokens:
    """The same tokens with `share` of what is read plain or from the cache read from the cache.

    What is written to the cache stays. None leaves all as it was measured.
    """
    if share is None:
        return tokens
    plain = tokens[UNCACHED] + tokens[CACHED]
    cached = round(plain * share)
    return (plain - cached, cached, *tokens[2:])


@dataclass(frozen=True)
class Rate:
    """What one request costs with one model: `nano` over `uses`, and how it varies."""

    nano: int
    uses: int
    spread: Spread | None  # between items; None where too few, or typed in
    tolerance: Fraction = Fraction(0)  # of typed figures: so much less or more
    middle: int = 0  # nano-dollars of the request in the middle, and of the dearest tenth
    dear: int = 0

    @property
    def per_request(self) -> Fraction:
        """Nano-dollars, exactly."""
        return Fraction(self.nano, self.uses)

    def range(self, requests: int) -> Range | None:
        """The 95 % range of what so many requests cost, as factors; None where nothing varies it.

        Two things vary it: that the mean is of few items, and that few requests are drawn.
        """
        if self.tolerance:
            return Range(float(1 - self.tolerance), float(1 + self.tolerance))
        mean = range_of(self.spread)
        if self.spread is None or mean is None:
            return None
        drawn = NORMAL_95 * self.spread.deviation / sqrt(max(requests, 1))
        low = 1 - sqrt((1 - mean.low) ** 2 + drawn**2)
        high = 1 + sqrt((mean.high - 1) ** 2 + drawn**2)
        return Range(max(low, 0.0), high)


def rate_of(
    items: Sequence[Item],
    nano: Callable[[Tokens], int | None],
    *,
    cached: Fraction | None = None,
    tolerance: Fraction = Fraction(0),
) -> Rate | None:
    """The rate of a model whose price is `nano`; None where one call has no price, or no item is.

    An item counts as often as it was used, and items are independent of each other.
    """
    costs: list[int] = []
    for item in items:
        cost = 0
        for tokens in item.calls:
            amount = nano(cached_anew(tokens, cached))
            if amount is None:
                return None
            cost += amount
        costs.append(cost)
    uses = sum(item.uses for item in items)
    if not uses:
        return None
    each = sorted(cost // item.uses for cost, item in zip(costs, items, strict=True) if item.uses)
    return Rate(
        nano=sum(costs),
        uses=uses,
        spread=spread_of(costs, [item.uses for item in items]),
        tolerance=tolerance,
        middle=each[len(each) // 2],
        dear=each[min(len(each) * 9 // 10, len(each) - 1)],
    )


def tokens_of(items: Sequence[Item], cached: Fraction | None) -> tuple[Tokens, int]:
    """All tokens of the items by class, and over how many requests."""
    sums = [0] * 7
    for item in items:
        for call in item.calls:
            for place, tokens in enumerate(cached_anew(call, cached)):
                sums[place] += tokens
    a, b, c, d, e, f, g = sums
    return (a, b, c, d, e, f, g), sum(item.uses for item in items)


@dataclass(frozen=True)
class Day:
    """One day of a plan."""

    day: date
    requests: int
    nano: int


@dataclass(frozen=True)
class Span:
    """A month of a plan, or all of it: nano-dollars with the range; None where nothing varies."""

    start: date
    days: int
    requests: int
    nano: int
    low: int | None
    high: int | None


def days_of(traffic: Sequence[tuple[date, int]], rate: Rate, answered: Fraction) -> list[Day]:
    """Each day's money; `answered` of the requests come from a response cache."""
    paid = rate.per_request * (1 - answered)
    return [Day(day, number, round(paid * number)) for day, number in traffic]


def span_of(days: Sequence[Day], rate: Rate, answered: Fraction = Fraction(0)) -> Span:
    """The sum of some days, at least one."""
    requests, nano = sum(one.requests for one in days), sum(one.nano for one in days)
    bounds = rate.range(round(requests * (1 - answered)))
    low, high = bounds.around(nano) if bounds else (None, None)
    return Span(days[0].day, len(days), requests, nano, low, high)


def months_of(days: Sequence[Day], rate: Rate, answered: Fraction = Fraction(0)) -> list[Span]:
    """By calendar month; the first and the last may be parts of one."""
    months: dict[tuple[int, int], list[Day]] = {}
    for one in days:
        months.setdefault((one.day.year, one.day.month), []).append(one)
    return [span_of(several, rate, answered) for several in months.values()]
