"""How far a judge agrees with people, and whether it may therefore decide."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from evals.calibrating.reckoning import LEAST_LABELS, LEAST_RARER, LEAST_SHOWN
from evals.models import Calibration, EvaluatorVersion

STALE_AFTER = timedelta(days=90)
State = Calibration.State


@dataclass(frozen=True, slots=True)
class Verdict:
    """Where a version stands: `may_gate`, and a sentence that says why (not)."""

    state: str
    may_gate: bool
    headline: str  # "Usable as a gate"
    because: str  # the sentence after it

    @property
    def words(self) -> str:
        """Both, as one text."""
        return f"{self.headline}. {self.because}".strip()

    @property
    def tone(self) -> str:
        """The tone in which it is shown."""
        return {State.USABLE: "ok", State.ADVISORY: "bad"}.get(State(self.state), "warn")


def calibration_of(version: EvaluatorVersion) -> Calibration:
    """The calibration of a version; one without labels, unsaved, where nobody labelled anything."""
    found = Calibration.objects.filter(version=version).first()
    return found or Calibration(version=version)


def may_gate(version: EvaluatorVersion, *, now: datetime | None = None) -> tuple[bool, str]:
    """Whether this version may decide in a gate, and a sentence that says why, or why not.

    Only what a model scores has to be calibrated: at least 100 labels by people, 30 of them of the
    rarer class, kappa at its bar or above, the newest label at most 90 days old.
    """
    if not version.evaluator.is_model:
        return True, f"{version.evaluator.name} is no model: it needs no calibration."
    verdict = verdict_on(calibration_of(version), now=now)
    return verdict.may_gate, verdict.words


def verdict_on(found: Calibration, *, now: datetime | None = None) -> Verdict:
    """What a calibration says, at this moment: a usable one grows stale by itself."""
    state = state_of(found, now=now)
    return Verdict(state, state == State.USABLE, State(state).label, _because(found, state, now))


def state_of(found: Calibration, *, now: datetime | None = None) -> str:
    """The state of a calibration by its figures, and by its age now."""
    rarer = int(found.figures.get("rarer", 0))
    if not found.labels:
        return State.UNCALIBRATED
    if found.labels < LEAST_LABELS or rarer < LEAST_RARER:
        return State.TOO_FEW
    if found.kappa is None or found.kappa < found.bar:
        return State.ADVISORY
    if age_of(found, now=now) > STALE_AFTER:
        return State.STALE
    return State.USABLE


def age_of(found: Calibration, *, now: datetime | None = None) -> timedelta:
    """How long ago the newest label was given; zero where there is none."""
    if found.newest_label_at is None:
        return timedelta()
    return max((now or timezone.now()) - found.newest_label_at, timedelta())


def age_words(found: Calibration, *, now: datetime | None = None) -> str:
    """`8 days old`, `the newest of today`."""
    days = age_of(found, now=now).days
    return "the newest of today" if days == 0 else f"{days} day{'s' if days != 1 else ''} old"


def _because(found: Calibration, state: str, now: datetime | None) -> str:
    rarer = int(found.figures.get("rarer", 0))
    waiting = int(found.figures.get("waiting", 0))
    labels = f"{found.labels:,} label{'s' if found.labels != 1 else ''}"
    if state == State.UNCALIBRATED:
        if waiting:
            return f"{waiting:,} labelled answers wait for this version's verdict."
        return "Nobody has said yet how they would score its answers."
    if state == State.TOO_FEW:
        if found.labels < LEAST_SHOWN:
            return f"{labels} are too few to say; kappa is shown from {LEAST_SHOWN} on."
        if found.labels < LEAST_LABELS:
            return f"{_kappa(found)} with {labels}; a gate needs {LEAST_LABELS}."
        return (
            f"{_kappa(found)} with {labels}, but only {rarer} of the rarer class; "
            f"a gate needs {LEAST_RARER}."
        )
    if state == State.ADVISORY and found.kappa is None:
        return f"Agreement cannot be told from {labels}: everything got the same value."
    said = (
        f"{_kappa(found)} with {labels}, {age_words(found, now=now)}; the bar is {found.bar:.2f}."
    )
    if state == State.STALE:
        return f"{said} After {STALE_AFTER.days} days people must look again."
    return said


def _kappa(found: Calibration) -> str:
    return "κ unknown" if found.kappa is None else f"κ {found.kappa:.2f}"
