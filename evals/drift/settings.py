"""What a detector decides by. Defaults are those that simulation chose (docs/drift.md)."""

from __future__ import annotations

from dataclasses import dataclass

MANY_SERIES = 20  # from more on a project's false alarms add up, and each alarm waits for more


@dataclass(frozen=True, slots=True)
class Settings:
    """Of one series. Distances are in standard deviations of a run's mean, times in runs or days.

    The `baseline` is of runs of at least `baseline_days` days.

    `allowance` (k), `limit` (h) and `warning` (w) are those of the CUSUM; `reruns` is how many a
    day may have, `few_reruns` where runs vary more than their items explain (by more than `shared`
    times). `lag` runs pass before one joins the reference, which holds at most `most` runs.
    """

    baseline: int = 7
    baseline_days: int = 3
    allowance: float = 1.0
    limit: float = 4.0
    warning: float = 1.0
    reruns: int = 3
    few_reruns: int = 1
    shared: float = 1.5
    clip: float = 4.0
    prior: float = 20.0  # runs that the variance of items counts as, beside that between runs
    lag: int = 5
    joins_below: float = 2.5
    low_below: float = -1.64
    most: int = 60
    least_present: float = 0.8
    rebase: int = 10  # runs that become the reference when an alarm is dismissed
    check_every: int = 7  # days between comparisons with the pin
    check_patience: int = 3  # days longer, while reruns ask whether it is a sudden drop
    check_runs: int = 14  # of the newest runs
    check_alpha: float = 0.01

    @property
    def kept(self) -> int:
        """How many of the newest runs a state holds."""
        return max(self.rebase, self.check_runs, self.baseline)


def settings_for(series: int) -> Settings:
    """The settings for each of so many series of a project: a higher limit beyond twenty."""
    return Settings() if series <= MANY_SERIES else Settings(limit=5.0)
