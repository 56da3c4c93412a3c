"""What a detector is worth agrees with published tables and with simulation."""

from __future__ import annotations

import numpy as np
import pytest

from evals.drift import detector, rates
from evals.drift.settings import Settings
from tests.evals.drifting import fed, series


@pytest.mark.parametrize(
    ("drift", "limit", "runs", "tolerance"),
    [
        # D. C. Montgomery, Introduction to Statistical Quality Control, 9.1.2: k = 1/2, h = 5.
        (0.5, 5, 938.2, 1e-3), (-0.5, 5, 10.34, 1e-3),
        # The same, table 9.3, exact: no shift (two-sided, so half of a side's), shifts of 1 and 2.
        (0.5, 4, 2 * 168, 0.01), (0.5, 5, 2 * 465, 0.01),
        (-0.5, 4, 8.38, 0.01), (-0.5, 5, 10.4, 0.01), (-1.5, 4, 3.34, 0.05), (-1.5, 5, 4.01, 0.05),
        (0.0, 4, 5.166**2, 1e-9), (1e-7, 4, 5.166**2, 1e-6),
    ],
)  # fmt: skip
def test_run_lengths_are_those_of_the_tables(
    drift: float, limit: float, runs: float, tolerance: float
) -> None:  # fmt: skip
    assert rates.run_length(drift, limit) == pytest.approx(runs, rel=tolerance)


def test_each_step_of_the_limit_divides_false_alarms_by_seven() -> None:
    ratio = rates.run_length(1, 5) / rates.run_length(1, 4)
    assert ratio == pytest.approx(np.exp(2), rel=0.02)
    old, young = rates.false_alarms(Settings(), held=60), rates.false_alarms(Settings())
    assert 365 / rates.run_length(1, 4) < old - rates.CHECKS < young - rates.CHECKS < 0.2
    higher = rates.false_alarms(Settings(limit=5))
    assert higher - rates.CHECKS < (young - rates.CHECKS) / 3


def test_false_alarms_of_a_project_add_up() -> None:
    states = [detector.begin(50), detector.begin(50), fed(series(), 30)]
    one = rates.false_alarms(Settings())
    found = rates.false_alarms_of(states)
    assert 2 * one < found < 3 * one
    assert rates.false_alarms_of([]) == 0


def test_the_chance_to_find_a_drop_is_that_of_simulation() -> None:
    settings, chance, many = Settings(), np.random.default_rng(4), 8000
    for shift in (1.2, 1.9):
        cusum = np.zeros(many)
        found = np.zeros(many, bool)
        for _ in range(3):
            for rerun in range(4):
                goes = ~found & ((cusum > settings.warning) if rerun else True)
                z = np.clip(chance.normal(-shift, 1, many), -settings.clip, settings.clip)
                cusum = np.where(goes, np.maximum(0, cusum - z - settings.allowance), cusum)
                found |= cusum > settings.limit
        assert rates.found_within(settings, shift) == pytest.approx(found.mean(), abs=0.02)
    least = rates.detectable_shift(settings)
    assert rates.found_within(settings, least) == pytest.approx(0.8, abs=1e-3)


def test_more_items_see_smaller_drops() -> None:
    few, many = fed(series(items=20), 20), fed(series(items=200), 20)
    of_few, of_many = rates.detectable_drop(few), rates.detectable_drop(many)
    assert of_few is not None
    assert of_many is not None
    assert of_many < of_few / 2
    assert rates.detectable_drop(detector.begin(5)) is None
