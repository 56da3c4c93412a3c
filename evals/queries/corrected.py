"""The pass rate that people would find, from what a judge says of many and people of some."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from evals.calibrating.reckoning import LEAST_SHOWN
from evals.models import Calibration, EvaluatorVersion, Experiment, Judgement
from evals.statistics.correction import correct
from kit.intervals import Interval, wilson

MOST_COUNTED = 100_000  # answers; beyond it the judge's own share is exact enough
LIVE = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class PassRate:
    """The judge's own pass rate, and beside it the one corrected by people's labels.

    `corrected` is None below 30 labels.
    """

    judged: int
    passed: int
    raw: Interval | None
    corrected: Interval | None
    labels: int

    @property
    def is_off(self) -> bool:
        """True where the judge's own rate lies outside of what people would find."""
        return bool(self.raw and self.corrected and self.corrected.excludes(self.raw.value))


def of_live_traffic(version: EvaluatorVersion, calibration: Calibration) -> PassRate:
    """Of what the version judged in the last seven days of live traffic."""
    since = timezone.now() - LIVE
    rows = Judgement.objects.filter(
        version=version, purpose=Judgement.Purpose.ONLINE, at__gte=since
    )
    return _rate(rows, calibration)


def of_experiment(experiment: Experiment, version: EvaluatorVersion) -> PassRate:
    """Of the outputs of an experiment, as this version judged them."""
    calibration = Calibration.objects.filter(version=version).first()
    rows = Judgement.objects.filter(experiment=experiment, version=version)
    return _rate(rows, calibration or Calibration(version=version))


def corrected_rate(passed: int, judged: int, calibration: Calibration) -> PassRate:
    """The rate of `passed` in `judged` answers, corrected by the calibration's labels (PPI).

    With a weight of 1: labels are of other answers, chosen by score and not at random. A tuned
    weight (PPI++) would draw the rate of these answers towards that of those.
    """
    passes = calibration.figures.get("passes")
    corrected = None
    labels = sum(map(sum, passes)) if passes else 0
    if passes and labels >= LEAST_SHOWN and judged:
        (both, people_only), (judge_only, neither) = passes
        human = np.repeat([1.0, 1.0, 0.0, 0.0], [both, people_only, judge_only, neither])
        said = np.repeat([1.0, 0.0, 1.0, 0.0], [both, people_only, judge_only, neither])
        scale = min(1.0, MOST_COUNTED / judged)
        others = np.repeat([1.0, 0.0], [round(passed * scale), round((judged - passed) * scale)])
        corrected = _within(correct(human.tolist(), said.tolist(), others.tolist()).ppi)
    return PassRate(judged, passed, wilson(passed, judged), corrected, labels)


def _rate(rows: QuerySet[Judgement], calibration: Calibration) -> PassRate:
    counted = rows.filter(state=Judgement.State.DONE).aggregate(
        judged=Count("pk", filter=Q(passed__isnull=False)),
        passing=Count("pk", filter=Q(passed=True)),
    )
    return corrected_rate(counted["passing"], counted["judged"], calibration)


def _within(found: Interval | None) -> Interval | None:
    """A rate lies between 0 and 1."""
    if found is None:
        return None
    low, value, high = (min(max(at, 0.0), 1.0) for at in (found.low, found.value, found.high))
    return Interval(value, low, high)
