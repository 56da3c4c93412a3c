"""The weekly comparison with the frozen pin, so that no slow decay is absorbed by the reference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

from evals.drift.reference import Reference, Sums, place
from evals.drift.runs import Run, Scale
from evals.drift.settings import Settings
from evals.drift.state import Stretch
from kit.intervals.laws import t_tail

_LEAST_RUNS = 5


@dataclass(frozen=True, slots=True)
class Checked:
    """The newest runs less the pin, item by item; `p` is two-sided."""

    change: float
    error: float
    p: float
    has_fallen: bool
    stretch: Stretch


def check(
    pin: Reference, recent: Sequence[Run], scale: Scale, settings: Settings
) -> Checked | None:
    """Whether the newest scheduled runs lie below the pin; None of too few runs or items.

    The paired t test over items. Its error is never taken as less than what the pin's runs vary by,
    because what shifts all items of a run is not seen from their differences.

    Source: Student, Biometrika 6 (1908), as `evals.statistics.paired`; the lower bound is `place`.
    """
    runs = [run for run in recent if not run.is_rerun][-settings.check_runs :]
    if len(runs) < _LEAST_RUNS:
        return None
    sums = Sums.of([run.scores for run in runs])
    found = place(pin, sums.means, scale, settings, runs=len(runs))
    if found is None:
        return None
    change = sums.means - pin.means
    known = change[~np.isnan(change)]
    spread = float(known.std(ddof=1)) if known.size > 1 else 0.0
    error = max(spread / sqrt(known.size), found.error)
    t = float(known.mean()) / error
    p = min(2 * t_tail(abs(t), max(known.size - 1, 1)), 1.0)
    stretch = Stretch(runs[0].day, len(runs), 0, sums)
    return Checked(found.change, error, p, t < 0 and p < settings.check_alpha, stretch)
