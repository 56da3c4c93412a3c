"""Series for the tests of drift, seeded."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from bench.drift_histories import Series, Shape
from evals.drift import detector
from evals.drift.runs import Run
from evals.drift.settings import Settings
from evals.drift.state import State
from evals.statistics.arrays import Floats

SETTINGS = Settings()


def series(*, falls: int = 10**6, seed: int = 1, **shape: object) -> Series:
    """Fifty items that lose 20 points on the day `falls`."""
    return Series(Shape(**({"shift": 0.2} | shape)), np.random.default_rng(seed), falls)  # type: ignore[arg-type]


def runs(of: Series, days: int, settings: Settings = SETTINGS) -> Iterator[Run]:
    """The baseline and one run a day, without reruns."""
    for day in range(-settings.baseline, days):
        yield Run(day, of.run(day))


def fed(of: Series, days: int, settings: Settings = SETTINGS) -> State:
    """The state after these runs."""
    state = detector.begin(of.shape.items, None, settings)
    for run in runs(of, days, settings):
        state, _ = detector.feed(state, run)
    return state


def row(passes: int, items: int) -> Floats:
    """A run in which the first `passes` of the items pass."""
    return np.concatenate([np.ones(passes), np.zeros(items - passes)])
