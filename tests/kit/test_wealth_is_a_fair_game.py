"""Bets against "no worse than allowed" win nothing on average while that holds."""

from __future__ import annotations

from itertools import product
from math import comb, exp, log

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kit.intervals import Sums
from kit.intervals.wealth import LEARNING, MOST_ON_OLD, STAKES, OutsideBounds, Wealth

FRACTIONS = st.floats(0, 1, allow_subnormal=False)


def learned(mean: float, n: int = 200) -> Wealth:
    return Wealth(old_n=n, old_total=mean * n)


@pytest.mark.parametrize("guess", [0.01, 0.3, 0.9])
@pytest.mark.parametrize(("many", "few"), [(6, 1), (3, 3), (1, 5)])
@pytest.mark.parametrize(("factor", "added"), [(1.0, 0.1), (1.0, 0.0), (1.3, 0.0)])
def test_no_rate_at_the_margin_pays_on_average(
    guess: float, many: int, few: int, factor: float, added: float
) -> None:
    """The mean over all outcomes of a bin, whatever the true rates and the guess of them are."""
    paid = {}
    for hits, new_hits in product(range(many + 1), range(few + 1)):
        wealth = learned(guess)
        wealth.bet(Sums.of_hits(hits, many), Sums.of_hits(new_hits, few), factor, added)
        paid[hits, new_hits] = [exp(one) for one in wealth.logs]
    for old_rate in (0.0, 0.005, 0.02, 0.2, 0.5, 0.69, 1.0):
        new_rate = min(factor * old_rate + added, 1.0)
        for bet in range(len(STAKES)):
            mean = sum(
                chance_of(hits, many, old_rate) * chance_of(new_hits, few, new_rate) * each[bet]
                for (hits, new_hits), each in paid.items()
            )
            assert mean <= 1 + 1e-12


def chance_of(hits: int, n: int, rate: float) -> float:
    return comb(n, hits) * rate**hits * (1 - rate) ** (n - hits)


@settings(max_examples=300, deadline=None)
@given(
    old=st.lists(FRACTIONS, min_size=1, max_size=8),
    new=st.lists(FRACTIONS, min_size=1, max_size=8),
    guess=st.floats(0.01, 0.95),
    added=st.floats(0, 0.4),
)
def test_sums_never_promise_more_than_the_values_pay(
    old: list[float], new: list[float], guess: float, added: float
) -> None:
    wealth = learned(guess)
    centre = (guess * 200 + 0.5) / 201
    allowed = centre + added
    if allowed >= 1:
        return
    wealth.bet(Sums.of(old), Sums.of(new), 1.0, added)
    pull = len(new) / len(old)
    for stake, found in zip(STAKES, wealth.logs, strict=True):
        bet = min(stake / allowed, MOST_ON_OLD / (pull * (1 - centre)))
        pays = [1 + bet * (y - allowed) for y in new]
        pays += [1 - bet * pull * (y - centre) for y in old]
        assert found <= sum(log(one) for one in pays) + 1e-6 * (len(old) + len(new))
        if set(old) | set(new) <= {0.0, 1.0}:
            assert found == pytest.approx(sum(log(one) for one in pays))


def test_nothing_is_bet_before_the_old_arm_is_known_or_without_one_of_both() -> None:
    wealth, bad = Wealth(), Sums.of_hits(5, 5)
    wealth.bet(Sums.of_hits(0, LEARNING - 1), bad, 1.0, 0.01)
    wealth.bet(Sums.of_hits(0, 50), Sums(0, 0, 0), 1.0, 0.01)
    wealth.bet(Sums(0, 0, 0), bad, 1.0, 0.01)
    assert wealth.log == 0
    wealth.bet(Sums.of_hits(0, 50), bad, 1.0, 0.01)
    assert wealth.log > 3
    assert wealth.old_n == LEARNING - 1 + 100


@pytest.mark.parametrize("sums", [Sums(3, 4.0, 4.0), Sums(3, 2.0, 3.0), Sums(3, -1.0, 1.0)])
def test_values_outside_of_the_bounds_are_refused(sums: Sums) -> None:
    with pytest.raises(OutsideBounds):
        Wealth().bet(sums, Sums.of_hits(1, 2), 1.0, 0.0)
