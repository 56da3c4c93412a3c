"""One quantity in logarithms: what its own past lets expect of each bucket, and how far it is off.

Expected is the median of the same hour of the week (for days: the same weekday) of the last six
weeks; residuals are judged by their median and MAD of the last 28 days. Buckets that alerted stand
in neither, so that an anomaly does not become what is expected, until a level is the new normal.
Source: seasonal median and MAD, chosen against twelve others in docs/anomalies.md.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from costs.detection.series import Floats
from costs.detection.settings import LEAST_DEVIATION, WEEKS, Grain

MAD = 1.4826  # of a normal distribution, to its standard deviation
LEAST_RESIDUALS = 8


class Track:
    """Reads `values` (logarithms, NaN unknown) causally: `look` at a stretch, then `forget` parts.

    `expected`, `middle`, `deviation`, `residual` and `z` have one figure a bucket, NaN before they
    are known. `idle` are buckets in which nothing ran: where that was expected, as in a night
    without traffic, it tells nothing of how much others differ.
    """

    def __init__(
        self, values: Floats, grain: Grain, idle: npt.NDArray[np.bool_] | None = None
    ) -> None:
        size = values.size
        self._idle = np.zeros(size, bool) if idle is None else idle
        self.values = values
        self.grain = grain
        self.expected, self.residual, self.z = (np.full(size, np.nan) for _ in range(3))
        self.middle, self.deviation = np.full(size, np.nan), np.full(size, np.nan)
        self._used = values.copy()  # what later buckets are compared with
        self._kept = np.zeros(size, bool)  # residuals that judge later ones

    def look(self, low: int, high: int) -> None:
        """Reckon the buckets from `low` up to without `high`, which lie within one season."""
        grain = self.grain
        places = np.arange(low, high)
        weeks = places[None, :] - grain.season * np.arange(1, WEEKS + 1)[:, None]
        past = np.where(weeks >= 0, self._used[np.maximum(weeks, 0)], np.nan)
        expected = _median_of_columns(past, 1)
        since = max(0, low - grain.reference)
        judged = self.residual[since:low][self._kept[since:low]]
        middle, deviation = np.nan, np.nan
        if judged.size >= LEAST_RESIDUALS:
            middle = median_of(judged)
            spread = median_of(np.abs(judged - middle)) * MAD
            # Of few residuals the MAD is too small as often as too large.
            deviation = max(spread * (1 + 2 / judged.size), LEAST_DEVIATION)
        self.expected[low:high] = expected
        self.middle[low:high], self.deviation[low:high] = middle, deviation
        self.residual[low:high] = self.values[low:high] - expected
        self.z[low:high] = (self.residual[low:high] - middle) / deviation
        as_ever = self._idle[low:high] & (self.residual[low:high] == 0)
        self._kept[low:high] = ~np.isnan(self.residual[low:high]) & ~as_ever

    def forget(self, places: npt.NDArray[np.intp]) -> None:
        """Let these buckets, which alerted, stand for what was expected of them."""
        self._kept[places] = False
        filled = self.expected[places] + np.nan_to_num(self.middle[places])
        self._used[places] = np.where(np.isnan(self.values[places]), np.nan, filled)

    def accept(self, since: int, until: int, window: int) -> float:
        """The level from `since` on is normal: lift what lies before to it; how far, in logs."""
        recent = slice(max(since, until - window), until)
        off = self.residual[recent] - np.nan_to_num(self.middle[recent])
        known = off[~np.isnan(off)]
        lift = float(np.median(known)) if known.size else 0.0
        self._used[:since][~self._idle[:since]] += lift
        self._used[since:until] = self.values[since:until]
        return lift

    def usual(self, low: int, high: int) -> Floats:
        """What was expected of these buckets with their usual offset, in logs."""
        return np.asarray(self.expected[low:high] + self.middle[low:high])


def median_of(values: Floats) -> float:
    """The median of values without NaN, of which there is one at least; quicker than numpy's."""
    ordered = np.sort(values)
    return float(ordered[(ordered.size - 1) // 2] + ordered[ordered.size // 2]) / 2


def _median_of_columns(past: Floats, least: int) -> Floats:
    """The median of each column without NaN; NaN where fewer than `least` are known."""
    ordered = np.sort(past, axis=0)  # NaN last
    known = np.count_nonzero(~np.isnan(past), axis=0)
    columns = np.arange(past.shape[1])
    lower = ordered[np.maximum((known - 1) // 2, 0), columns]
    upper = ordered[np.minimum(known // 2, past.shape[0] - 1), columns]
    return np.where(known >= least, (lower + upper) / 2, np.nan)
