"""What would decide an inconclusive gate: so many items, or so many repeats of each."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from evals.statistics.repeats import Components
from kit.intervals import Interval

MOST_REPEATS = 20  # beyond, more items are the better use of the money
_Z = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Needs:
    """Items in all, or repeats of each of the present items; None where that cannot decide.

    Both hold if the effect is what it seems now; it may be another.
    """

    items: int | None
    repeats: int | None


def gap_of(found: Interval, margin: float) -> float | None:
    """How far the estimate is from where it would decide, the nearer side; None where on it."""
    gaps = [gap for gap in (found.value + margin, -found.value) if gap > 0]
    # Towards a pass the lower bound must rise above −margin, towards a fail the upper fall below 0.
    return max(gaps) if gaps else None


def needed(
    found: Interval, gap: float | None, n: int, parts: Components | None, repeats: int
) -> Needs:
    """What brings half of the interval under the gap.

    Source: the interval's half width falls with √n; repeats lower only the variance within items
    (E. Miller, Adding Error Bars to Evals, 2024, section 3).
    """
    if gap is None or gap <= 0:
        return Needs(None, None)
    half = (found.high - found.low) / 2
    items = max(ceil(n * (half / gap) ** 2), n + 1)
    return Needs(items, _repeats(gap, half, n, parts, repeats))


def _repeats(gap: float, half: float, n: int, parts: Components | None, repeats: int) -> int | None:
    """Repeats of each version that do it with the same items; None where none up to the most do."""
    if parts is None or parts.within_old is None or parts.within_new is None or parts.total <= 0:
        return None
    within = parts.within_old + parts.within_new
    # Clusters and small samples widen the interval; they do so with any number of repeats.
    widened = (half / _Z) ** 2 * n / parts.total
    allowed = (gap / _Z) ** 2 * n / max(widened, 1e-12)
    if allowed <= parts.between or within <= 0:
        return None
    wanted = ceil(within / (allowed - parts.between))
    return wanted if repeats < wanted <= MOST_REPEATS else None
