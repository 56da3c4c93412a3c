"""What a detector knows after a run. Never changed: each run makes a new one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from evals.drift.reference import Reference, Sums
from evals.drift.runs import Run, Scale
from evals.drift.settings import Settings

Kind = Literal["drop", "decay"]


@dataclass(frozen=True, slots=True, eq=False)
class Stretch:
    """The runs since a CUSUM was last 0: when they began, how many, and what they scored."""

    day: int
    runs: int
    reruns: int
    sums: Sums


@dataclass(frozen=True, slots=True, eq=False)
class Alarm:
    """Raised on `day`: a `drop` that the CUSUM found, or a `decay` since the pin.

    `stretch` goes on with every run until the alarm is closed; `below` is what the reference was.
    `recovered` is the day on which the CUSUM was 0 again, None until then.
    """

    kind: Kind
    day: int
    stretch: Stretch
    below: Reference
    recovered: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Waiting:
    """A run that may join the reference, and where it stood when it came."""

    run: Run
    z: float


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """Of one series over `items` items. `reference` and `pin` are None while it calibrates.

    `low` and `high` are the two CUSUMs, `falling` and `rising` their stretches, None at 0.
    `recent` holds the newest runs that had a verdict, `waiting` those that are yet to join.
    """

    scale: Scale
    settings: Settings
    items: int
    reference: Reference | None = None
    pin: Reference | None = None
    low: float = 0.0
    high: float = 0.0
    falling: Stretch | None = None
    rising: Stretch | None = None
    alarm: Alarm | None = None
    improved: Stretch | None = None
    recent: tuple[Run, ...] = ()
    waiting: tuple[Waiting, ...] = ()
    day: int | None = None
    reruns_today: int = 0
    checked: int | None = None  # the day of the last comparison with the pin
    runs: int = 0
    reruns: int = 0
    without_verdict: int = 0

    @property
    def is_calibrating(self) -> bool:
        """Whether it still gathers its first runs, and raises no alarm."""
        return self.reference is None
