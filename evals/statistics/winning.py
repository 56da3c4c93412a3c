"""How often one version's answers win against another's, ties as halves, with its interval."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Literal

from evals.statistics.arrays import Z95, BadValues, floats
from evals.statistics.clustering import clustered_mean
from evals.statistics.paired import interval
from kit.intervals import Interval

WIN, TIE, LOSS = 1.0, 0.5, 0.0
FEW_ITEMS, FEW_VARIED = 30, 10  # below, repeats are not trusted to tell how far items differ
_STEPS = 60  # of halving: far finer than a float shows

Method = Literal["score", "normal", "clustered"]


@dataclass(frozen=True, slots=True)
class WinRate:
    """Comparisons that were won, tied and lost over `items` items, and the rate of winning.

    `rate` is the mean over items of (wins + ties / 2) / comparisons: .5 is as good as the other,
    None of nothing. `low` to `high` (95 %) lie within 0 to 1.
    """

    items: int
    wins: int
    ties: int
    losses: int
    rate: float | None
    low: float | None
    high: float | None
    method: Method | None


def win_rate(items: Sequence[Sequence[float]], clusters: Sequence[str] | None = None) -> WinRate:
    """The rate over items, each a list of its repeats' verdicts: 1 won, .5 tied, 0 lost.

    Where every item stands for itself the interval is Tango's score interval of wins less losses,
    which holds for few items and where all were won. With repeats each item counts as its shares;
    from 30 items on, 10 of which differ from the most frequent mean, the normal interval of items'
    means takes its place, which knows that repeats agree less than they might. `clusters` (one a
    item) widen it; where they give it no width, each counts as one item.

    Source: T. Tango, Statistics in Medicine 17 (1998), 891-908; clusters: as `clustered_mean`.

    Raises: BadValues: another verdict, an item without one, not a cluster for each item.
    """
    listed = [list(one) for one in items]
    if not all(listed):
        raise BadValues("Every item needs a verdict.")
    wins, ties, losses = (sum(one.count(value) for one in listed) for value in (WIN, TIE, LOSS))
    if wins + ties + losses != sum(map(len, listed)):
        raise BadValues("A verdict is 1, 0.5 or 0.")
    if not listed:
        return WinRate(0, 0, 0, 0, None, None, None, None)
    found, method = _interval(listed, clusters)
    low, high = max(found.low, 0.0), min(found.high, 1.0)
    return WinRate(len(listed), wins, ties, losses, found.value, low, high, method)


def _interval(items: list[list[float]], clusters: Sequence[str] | None) -> tuple[Interval, Method]:
    means = floats([sum(one) / len(one) for one in items])
    won = sum(one.count(WIN) / len(one) for one in items)
    lost = sum(one.count(LOSS) / len(one) for one in items)
    n = len(items)
    if clusters is not None:
        found = clustered_mean(means, clusters)
        if found.clusters < n:
            if found.low is not None and found.high is not None and found.high > found.low:
                return Interval(float(means.mean()), found.low, found.high), "clustered"
            share = found.clusters / n
            return _by_score(won * share, lost * share, n * share), "score"
    alike = Counter(means.tolist()).most_common(1)[0][1]
    has_repeats = max(map(len, items)) > 1
    if has_repeats and n >= FEW_ITEMS and n - alike >= FEW_VARIED:
        normal = interval(means)
        if normal is not None:
            return normal, "normal"
    return _by_score(won, lost, n), "score"


def _by_score(won: float, lost: float, n: float) -> Interval:
    found = score_interval(won, lost, n)
    return Interval(*((1 + one) / 2 for one in (found.value, found.low, found.high)))


def score_interval(won: float, lost: float, n: float) -> Interval:
    """(won − lost) / n with its 95 % score interval: `n` pairs, the others tied. Units of -1 to 1.

    Its bounds are the differences that a score test of 5 % just does not reject, where the share
    of losses is the likeliest under that difference. Shares of items may be given.

    Source: T. Tango, Statistics in Medicine 17 (1998), 891-908, equations 4 and 5.

    Raises: BadValues: no pair, or more won and lost than there are.
    """
    if not (n > 0 and won >= 0 and lost >= 0 and won + lost <= n * (1 + 1e-9)):
        raise BadValues("Wins and losses are not more than the pairs, of which there is one.")
    centre = (won - lost) / n
    low = -_bound(lost, won, n, -centre)  # what the other's upper bound is, with the sign changed
    return Interval(centre, low, _bound(won, lost, n, centre))


def _bound(won: float, lost: float, n: float, centre: float) -> float:
    """The upper bound, halved down to between what is inside of the interval and what is not."""
    inside, outside = centre, 1.0
    for _ in range(_STEPS):
        middle = (inside + outside) / 2
        off = won - lost - n * middle
        if off * off <= Z95 * Z95 * n * _variance(won, lost, n, middle):
            inside = middle
        else:
            outside = middle
    return inside


def _variance(won: float, lost: float, n: float, difference: float) -> float:
    """Of one pair, under a true difference, with the likeliest share of losses."""
    b = -won - lost + (2 * n - won + lost) * difference
    c = -lost * difference * (1 - difference)
    losing = (sqrt(max(b * b - 8 * n * c, 0.0)) - b) / (4 * n)
    return max(2 * losing + difference * (1 - difference), 0.0)
