"""Where a detector stands after a run, kept with the run: what a page draws beside its score."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from evals.drift.state import State


@dataclass(frozen=True)
class Standing:
    """All in the score's unit, as the detector has it: less is worse.

    `mean` is the reference's, `low` to `high` the band that 95 % of runs lie in, `detectable` the
    drop that is found within three days in four of five cases: None while it calibrates. `held`
    counts runs in the reference, `gathered` those of `baseline` that it has until then, of `days`
    days out of `baseline_days`.
    """

    mean: float | None = None
    low: float | None = None
    high: float | None = None
    detectable: float | None = None
    held: int = 0
    gathered: int = 0
    baseline: int = 7
    days: int = 0
    baseline_days: int = 3

    @property
    def is_calibrating(self) -> bool:
        """Whether no alarm can come yet."""
        return self.held == 0


def standing_of(state: State) -> dict[str, Any]:
    """What is kept of a detector, as JSON."""
    from evals.drift.rates import detectable_drop
    from evals.drift.reports import level

    band = level(state)
    return asdict(
        Standing(
            mean=band.value if band else None,
            low=band.low if band else None,
            high=band.high if band else None,
            detectable=detectable_drop(state),
            held=state.reference.runs if state.reference else 0,
            gathered=len(state.recent),
            baseline=state.settings.baseline,
            days=len({run.day for run in state.recent}),
            baseline_days=state.settings.baseline_days,
        )
    )


def read_standing(kept: dict[str, Any]) -> Standing:
    """What was kept; of a run that no detector saw one that has not begun."""
    names = {one.name for one in fields(Standing)}
    return Standing(**{name: value for name, value in kept.items() if name in names})
