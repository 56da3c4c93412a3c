"""Plans add up: by worked examples, and whatever the traffic, the prices and the budget are."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costs.economy.breaking import Ceiling, breaks_at, holds
from costs.economy.planning import (
    Day,
    Item,
    Rate,
    cached_anew,
    days_of,
    months_of,
    rate_of,
    span_of,
    tokens_of,
)
from costs.economy.reality import Side, deviation
from costs.economy.traffic import MOST_A_DAY, Traffic

DAY = timedelta(days=1)
MONDAY = date(2027, 2, 1)
DOLLAR = 10**9


def price(tokens: tuple[int, ...]) -> int:
    """$2 a million in, $0.20 from the cache, $8 out."""
    return 2000 * (tokens[0] + tokens[2] + tokens[3]) + 200 * tokens[1] + 8000 * sum(tokens[4:])


def test_a_months_money_by_hand() -> None:
    """1,000 in and 250 out at $2 and $8 a million is $0.004; 500 a day in February is $56."""
    rate = rate_of([Item(1, [(1000, 0, 0, 0, 250, 0, 0)])], price)
    assert rate is not None
    assert rate.per_request == 4_000_000
    days = days_of(Traffic(MONDAY, Decimal(500)).days(28), rate, Fraction(0))
    (month,) = months_of(days, rate)
    assert (month.nano, month.requests, month.low) == (56 * DOLLAR, 14_000, None)
    # Half of the input from the prefix cache: 500 x 2 + 500 x 0.2 + 250 x 8 = 3,100 a request.
    cheaper = rate_of([Item(1, [(1000, 0, 0, 0, 250, 0, 0)])], price, cached=Fraction(1, 2))
    assert cheaper is not None
    assert cheaper.per_request == 3_100_000
    # A quarter of the requests from a response cache: three quarters are paid.
    assert span_of(
        days_of(Traffic(MONDAY, Decimal(500)).days(28), rate, Fraction(1, 4)), rate
    ).nano == (42 * DOLLAR)


def test_traffic_grows_as_it_is_said() -> None:
    def on(day: int, **said: object) -> int:
        return Traffic(MONDAY, Decimal(100), **said).on(MONDAY + day * DAY)  # type: ignore[arg-type]

    assert [on(day, growth="linear", amount=Decimal(70)) for day in (0, 1, 7)] == [100, 110, 170]
    assert [on(day, growth="percent", amount=Decimal(10)) for day in (0, 7, 14)] == [100, 110, 121]
    assert [on(day, growth="doubling", amount=Decimal(5)) for day in (0, 5, 15)] == [100, 200, 800]
    assert on(700, growth="doubling", amount=Decimal(1)) == MOST_A_DAY
    assert on(21, growth="percent", amount=Decimal(-100)) == 0
    assert on(70, growth="linear", amount=Decimal(-100)) == 0
    weekend_off = (140, 140, 140, 140, 140, 0, 0)
    assert [on(day, week=weekend_off) for day in (0, 4, 5)] == [140, 140, 0]
    steps = [(MONDAY + 30 * DAY, Decimal(500)), (MONDAY + 10 * DAY, Decimal(200))]
    assert [on(day, steps=steps) for day in (9, 10, 29, 30, 99)] == [100, 200, 200, 500, 500]
    assert Traffic(MONDAY, Decimal(5)).on(MONDAY - DAY) == 0
    assert Traffic(MONDAY, Decimal(5), per_user=Decimal("2.5")).users_of(1000) == 400


def test_the_day_on_which_a_budget_breaks_by_hand() -> None:
    days = [Day(MONDAY + one * DAY, 10, DOLLAR) for one in range(60)]
    assert breaks_at(days, Ceiling(28 * DOLLAR, "month")) is not None, "March has 31 days"
    broken = breaks_at(days, Ceiling(28 * DOLLAR, "month"))
    assert broken is not None
    assert (broken.day, broken.requests, broken.spent) == (date(2027, 3, 29), 10, 29 * DOLLAR)
    assert breaks_at(days, Ceiling(31 * DOLLAR, "month")) is None
    early = breaks_at(days, Ceiling(31 * DOLLAR, "month"), 1.5)
    assert early is not None
    assert early.day == date(2027, 2, 21)
    assert breaks_at(days, Ceiling(DOLLAR, "day")) is None
    with_others = breaks_at(days, Ceiling(DOLLAR, "day", others=1))
    assert with_others is not None
    assert with_others.day == MONDAY
    whole = breaks_at(days, Ceiling(40 * DOLLAR, "all"))
    assert whole is not None
    assert whole.day == MONDAY + 40 * DAY
    rolling = breaks_at(days, Ceiling(2 * DOLLAR, "rolling", rolling_days=3))
    assert rolling is not None
    assert rolling.day == MONDAY + 2 * DAY
    # A week of $7 with $0.50 of others a day holds 5 requests of $0.10 a day.
    assert holds(Ceiling(7 * DOLLAR, "week", DOLLAR // 2), Fraction(DOLLAR, 10)) == 5
    # What others spent of a running month before the launch counts: 14 x $1, then $2 a day.
    middle = [Day(date(2027, 2, 15) + one * DAY, 1, DOLLAR) for one in range(14)]
    late = breaks_at(middle, Ceiling(20 * DOLLAR, "month", others=DOLLAR))
    assert late is not None
    assert late.day == date(2027, 2, 18)


COUNT = st.integers(0, 10**7)
CALL = st.tuples(COUNT, COUNT, COUNT, COUNT, COUNT, COUNT, COUNT)
ITEMS = st.lists(st.builds(Item, st.integers(1, 5), st.lists(CALL, max_size=3)), max_size=30)
SHARE = st.fractions(0, 1)


@settings(max_examples=30, deadline=None)
@given(ITEMS, SHARE, SHARE, st.integers(0, 10**6), st.integers(1, 400))
def test_months_add_up_and_ranges_hold_the_middle(
    items: list[Item], cached: Fraction, answered: Fraction, per_day: int, count: int
) -> None:
    rate = rate_of(items, price, cached=cached)
    if rate is None:
        assert not sum(item.uses for item in items)
        return
    days = days_of(Traffic(MONDAY, Decimal(per_day)).days(count), rate, answered)
    months, whole = months_of(days, rate, answered), span_of(days, rate, answered)
    assert sum(month.nano for month in months) == whole.nano
    assert sum(month.days for month in months) == count
    for one in (*months, whole):
        if one.low is not None and one.high is not None:
            assert 0 <= one.low <= one.nano <= one.high
    exact = rate.per_request * (1 - answered) * per_day * count
    assert abs(exact - whole.nano) <= count, "each day is rounded once"


@settings(max_examples=30, deadline=None)
@given(CALL, SHARE, SHARE)
def test_a_cache_moves_tokens_and_never_makes_dearer(
    call: tuple[int, int, int, int, int, int, int], some: Fraction, more: Fraction
) -> None:
    low, high = sorted((some, more))
    assert sum(cached_anew(call, low)) == sum(call)
    assert price(cached_anew(call, high)) <= price(cached_anew(call, low))
    assert tokens_of([Item(2, [call])], None) == (call, 2)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.integers(0, 10**12), min_size=1, max_size=90),
    st.integers(1, 10**13), st.sampled_from(["day", "week", "month", "rolling", "all"]),
    st.integers(0, 10**9),
)  # fmt: skip
def test_a_greater_budget_breaks_no_sooner(
    spends: list[int], limit: int, period: str, others: int
) -> None:
    days = [Day(MONDAY + place * DAY, place, nano) for place, nano in enumerate(spends)]
    tight, wide = (breaks_at(days, Ceiling(one, period, others, 7)) for one in (limit, limit * 2))
    if wide is not None:
        assert tight is not None
        assert tight.day <= wide.day
    dearer = breaks_at(days, Ceiling(limit, period, others, 7), 1.5)
    if tight is not None:
        assert tight.spent > limit
        assert dearer is not None
        assert dearer.day <= tight.day


SIDE = st.builds(
    Side, st.integers(1, 10**6), st.lists(st.integers(1, 10**7), min_size=7, max_size=7),
    st.integers(1, 10**13),
)  # fmt: skip
PRICES = (2000.0, 200.0, 2500.0, 9000.0, 8000.0, 8000.0, 9000.0)


@settings(max_examples=30, deadline=None)
@given(SIDE, SIDE)
def test_what_is_off_adds_up(planned: Side, actual: Side) -> None:
    found = deviation(planned, actual, PRICES)
    assert sum(found.values()) == actual.nano - planned.nano


@pytest.mark.parametrize(
    ("actual", "factor"),
    [
        (Side(200, (1600, 400, 0, 0, 400, 0, 0), 2 * 4_880_000), "volume"),
        (Side(100, (1600, 400, 0, 0, 400, 0, 0), 2 * 4_880_000), "tokens"),
        (Side(100, (1000, 0, 0, 0, 200, 0, 0), 3_600_000 + 0), "cache"),
        (Side(100, (800, 200, 0, 0, 200, 0, 0), 4_000_000), "price"),
    ],
)
def test_one_thing_that_is_off_is_named(actual: Side, factor: str) -> None:
    tokens = (800, 200, 0, 0, 200, 0, 0)
    planned = Side(100, tokens, 800 * 2000 + 200 * 200 + 200 * 8000)
    scaled = Side(actual.requests, actual.tokens, actual.nano)
    if factor in ("volume", "tokens"):
        scaled = Side(actual.requests, actual.tokens, 2 * planned.nano)
    found = deviation(planned, scaled, PRICES)
    assert max(found, key=lambda name: abs(found[name])) == factor
    assert abs(found[factor] - (scaled.nano - planned.nano)) <= 2


def test_nothing_to_compare_is_said() -> None:
    nothing = Side(0, (0,) * 7, 0)
    assert deviation(nothing, nothing, PRICES) == {}
    assert rate_of([], price) is None
    assert rate_of([Item(1, [(1, 0, 0, 0, 1, 0, 0)])], lambda _: None) is None
    assert Rate(100, 1, None).range(5) is None
    bounds = Rate(100, 1, None, Fraction(1, 5)).range(5)
    assert bounds is not None
    assert bounds.around(1000) == (800, 1200)
