"""Win rates have intervals that agree with SciPy and statsmodels, and hold what they say."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import optimize
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.proportion import proportion_confint
from statsmodels.stats.weightstats import DescrStatsW

from evals.statistics.arrays import Z95, BadValues
from evals.statistics.winning import score_interval, win_rate

TABLES = [(12, 2, 50), (14, 7, 24), (0, 0, 44), (3, 1, 5), (9, 9, 18), (40, 12, 60), (0, 6, 9)]


def statistic(won: int, lost: int, n: int, difference: float) -> float:
    """Tango's score statistic, its restricted likelihood maximised by SciPy."""

    def unlikely(losing: float) -> float:
        shares = np.array([losing + difference, losing, 1 - 2 * losing - difference])
        return -float((np.array([won, lost, n - won - lost]) * np.log(shares.clip(1e-15))).sum())

    least, most = max(0.0, -difference), (1 - difference) / 2
    options = {"xatol": 1e-12}
    losing = optimize.minimize_scalar(unlikely, bounds=(least, most), method="bounded",
                                      options=options).x  # fmt: skip
    spread = n * (2 * losing + difference - difference**2)
    return float((won - lost - n * difference) / np.sqrt(max(spread, 1e-15)))


@pytest.mark.parametrize(("won", "lost", "n"), TABLES)
def test_the_bounds_are_what_a_score_test_just_does_not_reject(won: int, lost: int, n: int) -> None:
    found = score_interval(won, lost, n)
    assert statistic(won, lost, n, found.low) == pytest.approx(Z95, rel=1e-4)
    assert statistic(won, lost, n, found.high) == pytest.approx(-Z95, rel=1e-4)
    if won + lost:
        p = mcnemar([[0, won], [lost, 0]], exact=False, correction=False).pvalue
        assert found.excludes(0.0) == (p < 0.05)


@pytest.mark.parametrize(("won", "n"), [(10, 10), (7, 24), (1, 1), (0, 3), (55, 90)])
def test_without_ties_it_is_wilsons_interval(won: int, n: int) -> None:
    found = win_rate([[1.0]] * won + [[0.0]] * (n - won))
    wanted = proportion_confint(won, n, method="wilson")
    assert (found.low, found.high) == pytest.approx(wanted, abs=1e-9)
    assert (found.wins, found.ties, found.losses) == (won, 0, n - won)
    assert found.rate == pytest.approx(won / n)


def test_many_items_with_repeats_have_the_normal_interval_of_their_means() -> None:
    chance = np.random.default_rng(1)
    items = chance.choice([0.0, 0.5, 1.0], (80, 3), p=[0.2, 0.3, 0.5]).tolist()
    found = win_rate(items)
    means = [sum(one) / 3 for one in items]
    assert (found.low, found.high) == pytest.approx(DescrStatsW(means).zconfint_mean(), abs=1e-12)
    assert (found.method, found.items) == ("normal", 80)
    assert found.wins + found.ties + found.losses == 240


def test_clusters_widen_it_even_where_all_are_won() -> None:
    items = [[1.0], [1.0], [0.0], [0.0]] * 12
    names = [str(place // 2) for place in range(48)]
    alone, together = win_rate(items), win_rate(items, names)
    assert together.method == "clustered"
    assert (together.high or 0) - (together.low or 0) > (alone.high or 0) - (alone.low or 0)
    won = win_rate([[1.0]] * 20, [str(place // 4) for place in range(20)])
    assert (won.low, won.high) == pytest.approx(proportion_confint(5, 5, method="wilson"))


def test_it_covers_the_true_rate_nineteen_times_of_twenty() -> None:
    chance = np.random.default_rng(7)
    shares = np.array([0.35, 0.45, 0.2])
    for n in (20, 60):
        draws = chance.multinomial(n, shares, 1500)
        found = [score_interval(int(won), int(lost), n) for won, _, lost in draws]
        inside = np.mean([one.low <= 0.15 <= one.high for one in found])
        assert 0.93 <= inside <= 0.97


def test_what_is_no_verdict_is_refused_and_nothing_has_no_rate() -> None:
    assert win_rate([]).rate is None
    for bad in ([[]], [[0.4]], [[1.0], [2.0]]):
        with pytest.raises(BadValues):
            win_rate(bad)
    with pytest.raises(BadValues):
        win_rate([[1.0]], [])
    with pytest.raises(BadValues):
        score_interval(3, 3, 5)
